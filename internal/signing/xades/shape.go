package xades

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"time"

	"github.com/beevik/etree"

	"hocba/internal/signing"
)

// is reports whether el is the named element.
func is(el *etree.Element, space, local string) bool {
	return el != nil && el.Tag == local && el.NamespaceURI() == space
}

// signature is a ds:Signature whose shape was read and accepted.
type signature struct {
	el, info, value, props *etree.Element

	id            string
	algorithm     signing.Algorithm
	references    []Reference // data references, in order
	referenceIDs  []string    // their Ids, "" where there is none
	propsDigest   [sha256.Size]byte
	signatureData []byte
	leaf          *x509.Certificate
	intermediates []*x509.Certificate
	time          time.Time
	role          string
	stamp         []byte // DER of the time-stamp token, nil when there is none
	meaning       *Meaning
}

// children returns the child elements of el when they are exactly the named
// ones and nothing else stands between them.
func children(el *etree.Element, space string, names ...string) ([]*etree.Element, bool) {
	list, ok := elements(el)
	if !ok || len(list) != len(names) {
		return nil, false
	}
	for i, c := range list {
		if !is(c, space, names[i]) {
			return nil, false
		}
	}
	return list, true
}

// elements returns the children of el when all of them are elements.
func elements(el *etree.Element) ([]*etree.Element, bool) {
	list := make([]*etree.Element, 0, len(el.Child))
	for _, t := range el.Child {
		c, ok := t.(*etree.Element)
		if !ok {
			return nil, false
		}
		list = append(list, c)
	}
	return list, true
}

// content returns the text of el when it has nothing but text.
func content(el *etree.Element) (string, bool) {
	if len(el.Child) != 1 {
		return "", false
	}
	text, ok := el.Child[0].(*etree.CharData)
	if !ok {
		return "", false
	}
	return text.Data, true
}

// attributes reports whether el has no attributes but the named ones.
func attributes(el *etree.Element, names ...string) bool {
	for i := range el.Attr {
		a := &el.Attr[i]
		if !isDeclaration(a) && (a.Space != "" || !slices.Contains(names, a.Key)) {
			return false
		}
	}
	return true
}

// algorithm returns the Algorithm of el, an element that has only that.
func algorithm(el *etree.Element) (string, bool) {
	return el.SelectAttrValue("Algorithm", ""), len(el.Child) == 0 && attributes(el, "Algorithm")
}

// decode reads base64 in its one canonical spelling, without white space.
func decode(el *etree.Element) ([]byte, bool) {
	text, ok := content(el)
	if !ok {
		return nil, false
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(text) != base64.StdEncoding.EncodedLen(len(data)) {
		return nil, false
	}
	return data, true
}

func decodeDigest(el *etree.Element) (sum [sha256.Size]byte, ok bool) {
	data, ok := decode(el)
	if !ok || len(data) != sha256.Size {
		return sum, false
	}
	return [sha256.Size]byte(data), true
}

// readSignature reads a ds:Signature of the one shape we accept.
func readSignature(el *etree.Element) (*signature, error) {
	if !is(el, DSig, "Signature") {
		return nil, refuse("sig.structure", "signature")
	}
	s := &signature{el: el, id: el.SelectAttrValue("Id", "")}
	list, ok := children(el, DSig, "SignedInfo", "SignatureValue", "KeyInfo", "Object")
	if !ok || s.id == "" || !attributes(el, "Id") {
		return nil, s.refuse("sig.structure", "signature")
	}
	s.info, s.value = list[0], list[1]
	if err := s.readKeyInfo(list[2]); err != nil {
		return nil, err
	}
	if err := s.readInfo(); err != nil {
		return nil, err
	}
	if s.signatureData, ok = decode(s.value); !ok || !attributes(s.value, "Id") ||
		s.value.SelectAttrValue("Id", "") != s.id+valueSuffix {
		return nil, s.refuse("sig.structure", "signature_value")
	}
	if err := s.readObject(list[3]); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *signature) refuse(code, what string) error {
	return refuse(code, what, "signature", s.id)
}

func (s *signature) readKeyInfo(el *etree.Element) error {
	data, ok := children(el, DSig, "X509Data")
	if !ok || !attributes(el) || !attributes(data[0]) {
		return s.refuse("sig.structure", "key_info")
	}
	list, ok := elements(data[0])
	if !ok || len(list) == 0 || len(list) > 1+MaxIntermediates {
		return s.refuse("sig.structure", "key_info")
	}
	var seen [][]byte
	for i, c := range list {
		der, ok := decode(c)
		if !ok || !is(c, DSig, "X509Certificate") || !attributes(c) {
			return s.refuse("sig.structure", "key_info")
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return s.refuse("sig.certificate", "parse")
		}
		if slices.ContainsFunc(seen, func(b []byte) bool { return bytes.Equal(b, der) }) {
			return s.refuse("sig.certificate", "duplicate")
		}
		seen = append(seen, der)
		if i == 0 {
			s.leaf = cert
		} else {
			s.intermediates = append(s.intermediates, cert)
		}
	}
	return nil
}

func (s *signature) readInfo() error {
	list, ok := elements(s.info)
	if !ok || !attributes(s.info) || len(list) < 4 ||
		!is(list[0], DSig, "CanonicalizationMethod") || !is(list[1], DSig, "SignatureMethod") {
		return s.refuse("sig.structure", "signed_info")
	}
	if uri, ok := algorithm(list[0]); !ok || uri != excC14N {
		return s.refuse("sig.algorithm", "canonicalization")
	}
	var err error
	if s.algorithm, err = signing.KeyAlgorithm(s.leaf.PublicKey); err != nil {
		return s.refuse("sig.algorithm", "key")
	}
	if uri, ok := algorithm(list[1]); !ok || uri != algorithmURI(s.algorithm) {
		return s.refuse("sig.algorithm", "signature_method")
	}
	refs := list[2:]
	if len(refs)-1 > MaxReferences {
		return s.refuse("sig.reference", "count")
	}
	seen := make(map[string]bool, len(refs))
	for i, el := range refs {
		r, err := s.readReference(el)
		if err != nil {
			return err
		}
		if seen[r.URI] {
			return s.refuse("sig.reference", "duplicate")
		}
		seen[r.URI] = true
		if own := "#" + s.id + propsSuffix; i == len(refs)-1 {
			if r.Type != propsType || r.URI != own || el.SelectAttr("Id") != nil {
				return s.refuse("sig.properties", "reference")
			}
			s.propsDigest = r.Digest
			return nil
		}
		if r.Type != "" && r.Type != Countersigned {
			return s.refuse("sig.reference", "type")
		}
		s.references = append(s.references, r)
		s.referenceIDs = append(s.referenceIDs, el.SelectAttrValue("Id", ""))
	}
	return nil
}

func (s *signature) readReference(el *etree.Element) (Reference, error) {
	var r Reference
	list, ok := children(el, DSig, "Transforms", "DigestMethod", "DigestValue")
	if !ok || !is(el, DSig, "Reference") || !attributes(el, "Id", "Type", "URI") {
		return r, s.refuse("sig.structure", "reference")
	}
	r.URI, r.Type = el.SelectAttrValue("URI", ""), el.SelectAttrValue("Type", "")
	if len(r.URI) < 2 || r.URI[0] != '#' || !IsNCName(r.URI[1:]) {
		return r, s.refuse("sig.reference", "uri")
	}
	transforms, ok := children(list[0], DSig, "Transform")
	if !ok || !attributes(list[0]) {
		return r, s.refuse("sig.algorithm", "transforms")
	}
	if uri, ok := algorithm(transforms[0]); !ok || uri != excC14N {
		return r, s.refuse("sig.algorithm", "transforms")
	}
	if uri, ok := algorithm(list[1]); !ok || uri != digestURI {
		return r, s.refuse("sig.algorithm", "digest_method")
	}
	if r.Digest, ok = decodeDigest(list[2]); !ok || !attributes(list[2]) {
		return r, s.refuse("sig.structure", "digest_value")
	}
	return r, nil
}
