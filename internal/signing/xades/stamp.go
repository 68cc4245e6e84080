package xades

import (
	"bytes"
	"crypto/sha256"

	"github.com/beevik/etree"

	"hocba/internal/signing/timestamp"
)

// A time-stamp makes XAdES-B-T of XAdES-B-B (EN 319 132-1, 5.3): one
// SignatureTimeStamp over the canonical ds:SignatureValue, as an unsigned
// property. It may be put in after signing without breaking anything: no
// signature covers it, and those that countersign cover the value alone.
const (
	beforeStamp = `<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>` +
		`<ds:CanonicalizationMethod Algorithm="` + excC14N + `"></ds:CanonicalizationMethod><xades:EncapsulatedTimeStamp>`
	afterStamp = `</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>`
	endOfProps = `</xades:QualifyingProperties></ds:Object></ds:Signature>`
)

// StampImprint returns what a time-stamp of a signature is over: the SHA-256
// of the canonical ds:SignatureValue inside the bytes of one ds:Signature. It
// fails as SignatureValueCanonical does.
func StampImprint(signature []byte) ([sha256.Size]byte, error) {
	_, canonical, err := SignatureValueCanonical(signature)
	return sha256.Sum256(canonical), err
}

// Stamped reports whether the bytes of a ds:Signature hold a time-stamp.
func Stamped(signature []byte) bool { return bytes.Contains(signature, []byte(beforeStamp)) }

// WithStamp puts a time-stamp token into the bytes of a ds:Signature as
// Complete made them, and returns the new bytes. It fails with Invalid
// stamp.imprint when the token is over another signature, with sig.structure
// (what: canonical, stamp) when the bytes are not such or stamped already, and
// as timestamp.Parse does.
func WithStamp(signature, token []byte) ([]byte, error) {
	t, err := timestamp.Parse(token)
	if err != nil {
		return nil, err
	}
	imprint, err := StampImprint(signature)
	if err != nil {
		return nil, err
	}
	head, ok := bytes.CutSuffix(signature, []byte(endOfProps))
	switch {
	case !ok:
		return nil, refuse("sig.structure", "canonical")
	case Stamped(signature):
		return nil, refuse("sig.structure", "stamp")
	case t.Imprint != imprint:
		return nil, refuse("stamp.imprint", "imprint")
	}
	out := append(bytes.Clone(head), beforeStamp+encode(token)+afterStamp+endOfProps...)
	doc, err := Parse(out)
	if err != nil {
		return nil, err
	}
	_, err = readSignature(doc.root)
	return out, err
}

// readUnsigned reads the one unsigned property there may be.
func (s *signature) readUnsigned(el *etree.Element) error {
	outer, ok := children(el, XAdES, "UnsignedSignatureProperties")
	if !ok || !is(el, XAdES, "UnsignedProperties") || !attributes(el) || !attributes(outer[0]) {
		return s.refuse("sig.properties", "unsigned_properties")
	}
	stamp, ok := children(outer[0], XAdES, "SignatureTimeStamp")
	if !ok || !attributes(stamp[0]) {
		return s.refuse("sig.properties", "unsigned_properties")
	}
	list, ok := elements(stamp[0])
	if !ok || len(list) != 2 || !is(list[0], DSig, "CanonicalizationMethod") || !is(list[1], XAdES, "EncapsulatedTimeStamp") || !attributes(list[1]) {
		return s.refuse("sig.properties", "time_stamp")
	}
	if uri, ok := algorithm(list[0]); !ok || uri != excC14N {
		return s.refuse("sig.algorithm", "canonicalization")
	}
	if s.stamp, ok = decode(list[1]); !ok || len(s.stamp) == 0 || len(s.stamp) > timestamp.MaxBytes {
		return s.refuse("sig.properties", "time_stamp")
	}
	return nil
}
