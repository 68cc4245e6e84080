package bundle_test

import (
	"bytes"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/xades"
)

// FuzzOpen: nothing opens that could not have been written. What was read of a
// document, written again, is the canonical form of what stands there.
func FuzzOpen(f *testing.F) {
	for _, k := range []bundle.StatementKind{bundle.Submission, bundle.Recall, bundle.Closing, bundle.Request} {
		content, err := bundle.WriteStatement(bundletest.Statement(k))
		if err == nil {
			content, err = bundle.AssembleStatement(k, content, unsigned(bundle.SealSignatureID))
		}
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, of := range []bundle.ReceiptOf{bundle.ReceiptOfRecord, bundle.ReceiptOfSubmission} {
		content, err := bundle.WriteReceipt(bundletest.Receipt(of))
		if err == nil {
			content, err = bundle.AssembleReceipt(content, unsigned(bundle.ReceiptSignatureID))
		}
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := bundle.Open(raw)
		if err != nil {
			return
		}
		var written []byte
		switch {
		case d.Statement != nil:
			written, err = bundle.WriteStatement(*d.Statement)
		case d.Receipt != nil:
			written, err = bundle.WriteReceipt(*d.Receipt)
		default:
			return
		}
		if err != nil {
			t.Fatalf("opens and cannot be written: %v\n%q", err, raw)
		}
		canonical, err := xades.Canonical(d.XML.ByID(bundle.StatementID))
		if err != nil {
			t.Fatal(err)
		}
		const element = "<NOI_DUNG_PHIEU"
		written = bytes.Replace(written, []byte(element), []byte(element+` xmlns="`+bundle.Namespace+`"`), 1)
		if !bytes.Equal(written, canonical) {
			t.Fatalf("reads otherwise than it stands:\n%s\n%s", written, canonical)
		}
	})
}
