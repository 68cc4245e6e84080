package xades

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
	"golang.org/x/text/unicode/norm"
)

// Meaning is what a signature means to its signer: the sentence the person
// read before signing, under an object identifier that names sentence and
// version. It stands in the signed properties as the one
// CommitmentTypeIndication for all signed data (EN 319 132-1, 5.2.3), so that
// nobody can put another sentence under the signature later.
type Meaning struct {
	ID   string // "urn:oid:" and an object identifier
	Text string // one line, NFC
}

const maxMeaning = 1000

var oidURN = regexp.MustCompile(`^urn:oid:[0-2](\.(0|[1-9][0-9]{0,39})){1,20}$`).MatchString

// sound reports whether m may stand in a signature.
func (m Meaning) sound() bool {
	if !oidURN(m.ID) || m.Text == "" || len(m.Text) > maxMeaning || !utf8.ValidString(m.Text) ||
		strings.TrimSpace(m.Text) != m.Text || !norm.NFC.IsNormalString(m.Text) {
		return false
	}
	return !strings.ContainsFunc(m.Text, func(r rune) bool { return r < 0x20 || !isCharacter(r) })
}

// appendMeaning writes the indication; without a meaning nothing.
func appendMeaning(out []byte, m *Meaning) []byte {
	if m == nil {
		return out
	}
	out = append(out, `<xades:CommitmentTypeIndication><xades:CommitmentTypeId>`...)
	out = append(out, `<xades:Identifier Qualifier="OIDAsURN">`+m.ID+`</xades:Identifier><xades:Description>`...)
	out = appendText(out, m.Text)
	out = append(out, `</xades:Description></xades:CommitmentTypeId>`...)
	return append(out, `<xades:AllSignedDataObjects></xades:AllSignedDataObjects></xades:CommitmentTypeIndication>`...)
}

// readMeaning reads a CommitmentTypeIndication of the one shape we write.
func (s *signature) readMeaning(el *etree.Element) error {
	refused := s.refuse("sig.properties", "meaning")
	list, ok := children(el, XAdES, "CommitmentTypeId", "AllSignedDataObjects")
	if !ok || !attributes(el) || !attributes(list[0]) || !attributes(list[1]) || len(list[1].Child) != 0 {
		return refused
	}
	id, ok := children(list[0], XAdES, "Identifier", "Description")
	if !ok || !attributes(id[0], "Qualifier") || id[0].SelectAttrValue("Qualifier", "") != "OIDAsURN" || !attributes(id[1]) {
		return refused
	}
	m := &Meaning{}
	if m.ID, ok = content(id[0]); !ok {
		return refused
	}
	if m.Text, ok = content(id[1]); !ok || !m.sound() {
		return refused
	}
	s.meaning = m
	return nil
}
