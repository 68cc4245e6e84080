package verify

import (
	"strings"

	"hocba/internal/bundle"
)

// ShownWords is a text that a paper of the record could show.
func ShownWords(r *bundle.Record) string {
	var out []string
	for _, p := range shownParts(r) {
		out = append(out, p.text())
	}
	return strings.Join(out, "")
}

// ReceiptOf is what the command believes of a receipt.
func ReceiptOf(raw []byte, o Options) *bundle.Receipt { return receiptOf(raw, o) }
