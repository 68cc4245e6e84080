package xades

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"time"

	"github.com/beevik/etree"

	"hocba/internal/signing"
)

// Verified is what a valid signature says. Nothing in it is trusted before the
// caller has checked the chain of Leaf at SigningTime and compared Covered
// with the elements it reads.
type Verified struct {
	ID             string
	Role           string    // claimed by the signer
	Meaning        *Meaning  // what the signer read; nil: the signature does not say
	SigningTime    time.Time // claimed by the signer, UTC
	Algorithm      signing.Algorithm
	Leaf           *x509.Certificate
	Intermediates  []*x509.Certificate
	References     []Reference
	Covered        []*etree.Element // the elements of References, in their order
	SignatureValue *etree.Element   // what a later signature covers of this one

	// Stamp is the DER of the time-stamp token beside the signature, unchecked;
	// nil when there is none. It must be over StampImprint.
	Stamp        []byte
	StampImprint [sha256.Size]byte
}

// Verify checks one ds:Signature of doc: its shape, its algorithms, its signed
// properties, the digest of every covered element and the signature value. It
// accepts one way of doing each and fails with Invalid:
//
//	sig.structure    not the one shape of ds:Signature
//	sig.algorithm    an algorithm, a transform or a key outside the white list
//	sig.reference    a reference that is not "#Id" of one permitted element
//	sig.properties   the signed properties are missing, moved or malformed
//	sig.certificate  KeyInfo unreadable, or not the certificate that signed
//	sig.digest       a covered element is not what was signed
//	sig.value        the value is not the certificate's over SignedInfo
//
// Arguments: what, the rule broken; signature, its Id; uri where there is one.
func Verify(doc *Document, sig *etree.Element) (*Verified, error) {
	if doc == nil || sig == nil || !doc.holds(sig) {
		return nil, refuse("sig.structure", "foreign")
	}
	s, err := readSignature(sig)
	if err != nil {
		return nil, err
	}
	covered, err := s.resolve(doc)
	if err != nil {
		return nil, err
	}
	if err := s.checkProperties(doc); err != nil {
		return nil, err
	}
	for i, el := range covered {
		sum, err := doc.Digest(el)
		if err != nil {
			return nil, err
		}
		if sum != s.references[i].Digest {
			return nil, refuse("sig.digest", "content", "signature", s.id, "uri", s.references[i].URI)
		}
	}
	if err := s.checkValue(); err != nil {
		return nil, err
	}
	imprint, err := doc.Digest(s.value)
	if err != nil {
		return nil, err
	}
	return &Verified{
		ID: s.id, Role: s.role, Meaning: s.meaning, SigningTime: s.time, Algorithm: s.algorithm,
		Leaf: s.leaf, Intermediates: s.intermediates,
		References: s.references, Covered: covered, SignatureValue: s.value, Stamp: s.stamp, StampImprint: imprint,
	}, nil
}

// resolve finds the elements the data references name. An element may be
// covered when it is no part of a signature and does not hold this one, or when
// it is the value of another; of the second, and only of it, the type says so.
func (s *signature) resolve(doc *Document) ([]*etree.Element, error) {
	covered := make([]*etree.Element, 0, len(s.references))
	for _, r := range s.references {
		el := doc.ByID(r.URI[1:])
		if el == nil {
			return nil, refuse("sig.reference", "unresolved", "signature", s.id, "uri", r.URI)
		}
		isValue := is(el, DSig, "SignatureValue") && is(el.Parent(), DSig, "Signature")
		if !isValue && insideSignature(el) || el.Parent() == s.el || contains(el, s.el) {
			return nil, refuse("sig.reference", "target", "signature", s.id, "uri", r.URI)
		}
		if (r.Type == Countersigned) != isValue {
			return nil, refuse("sig.reference", "type", "signature", s.id, "uri", r.URI)
		}
		covered = append(covered, el)
	}
	return covered, nil
}

func insideSignature(el *etree.Element) bool {
	for ; el != nil; el = el.Parent() {
		if is(el, DSig, "Signature") {
			return true
		}
	}
	return false
}

// contains reports whether inner is outer or stands in it.
func contains(outer, inner *etree.Element) bool {
	for ; inner != nil; inner = inner.Parent() {
		if inner == outer {
			return true
		}
	}
	return false
}

func (s *signature) checkProperties(doc *Document) error {
	sum, err := doc.Digest(s.props)
	if err != nil {
		return err
	}
	if sum != s.propsDigest {
		return refuse("sig.digest", "properties", "signature", s.id, "uri", "#"+s.id+propsSuffix)
	}
	return nil
}

func (s *signature) checkValue() error {
	info, err := Canonical(s.info)
	if err != nil {
		return err
	}
	if !s.algorithm.Verify(s.leaf.PublicKey, sha256.Sum256(info), s.signatureData) {
		return s.refuse("sig.value", "value")
	}
	return nil
}

// checkAlone checks the bytes of one ds:Signature apart from the elements it
// covers and its value: that they are their own canonical form, and that the
// canonical SignedInfo in them is info, over which the value was checked.
func checkAlone(raw, info []byte) error {
	doc, err := Parse(raw)
	if err != nil {
		return err
	}
	s, err := readSignature(doc.root)
	if err != nil {
		return err
	}
	if err := s.checkProperties(doc); err != nil {
		return err
	}
	inside, err := Canonical(s.info)
	if err != nil {
		return err
	}
	whole, err := Canonical(doc.root)
	if err != nil {
		return err
	}
	if !bytes.Equal(inside, info) || !bytes.Equal(whole, raw) {
		return s.refuse("sig.structure", "canonical")
	}
	return nil
}
