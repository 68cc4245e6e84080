package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
)

// trustFormat names the one format of trust bundles there is.
const trustFormat = "hocba-trust/1"

// TrustBundle is whom a registry trusts, as a file that an offline verifier
// takes along: roots with the days of trust, in PEM. It is signed by the
// registry, which proves where it comes from to whoever knows the registry's
// certificate; whoever does not compares its fingerprint by another way.
type TrustBundle struct {
	Format     string        `json:"format"`
	Department string        `json:"department"` // name of the Sở
	IssuedAt   time.Time     `json:"issued_at"`
	Anchors    []TrustAnchor `json:"anchors"`
}

// TrustAnchor is one root.
type TrustAnchor struct {
	PEM   string    `json:"pem"`
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`  // first instant of no trust
	Trial bool      `json:"trial,omitempty"` // chains to it have no legal value
}

// signedBundle is the file: the bytes of the bundle, and a detached signature
// (CMS) over them.
type signedBundle struct {
	Bundle    []byte `json:"bundle"`
	Signature []byte `json:"signature"`
}

// NewTrustBundle collects anchors.
func NewTrustBundle(department string, at time.Time, anchors []signing.Anchor) TrustBundle {
	b := TrustBundle{Format: trustFormat, Department: department, IssuedAt: at.UTC().Truncate(time.Second)}
	for _, a := range anchors {
		b.Anchors = append(b.Anchors, TrustAnchor{PEM: string(signing.EncodePEM(a.Certificate)), From: a.From, Until: a.Until, Trial: a.Trial})
	}
	return b
}

// Sign returns the file: sign is given the bytes and returns a detached CMS.
func (b TrustBundle) Sign(sign func(content []byte) ([]byte, error)) ([]byte, error) {
	content, err := json.Marshal(b)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "trust.bundle")
	}
	signature, err := sign(content)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(signedBundle{content, signature}, "", "  ")
}

// ReadTrust reads a trust list: a trust bundle, whose signature must hold, or
// PEM, where self-signed certificates are anchors and others known
// intermediates. It fails with Invalid trust.bundle, cert.parse or trust.anchor.
func ReadTrust(text []byte) (*signing.TrustList, error) {
	list, _, err := readTrust(text)
	return list, err
}

// readTrust also returns the name of the Sở that a bundle is of; "" for PEM.
func readTrust(text []byte) (list *signing.TrustList, department string, err error) {
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		list, err = readRoots(text)
		return list, "", err
	}
	var file signedBundle
	var b TrustBundle
	if json.Unmarshal(text, &file) != nil || json.Unmarshal(file.Bundle, &b) != nil || b.Format != trustFormat {
		return nil, "", fault.New(fault.Invalid, "trust.bundle", "what", "form")
	}
	signed, err := cms.Parse(file.Signature)
	if err == nil {
		err = signed.Verify(file.Bundle)
	}
	if err != nil {
		return nil, "", fault.Wrap(err, fault.Invalid, "trust.bundle", "what", "signature")
	}
	var anchors []signing.Anchor
	for _, a := range b.Anchors {
		list, err := signing.ReadPEM([]byte(a.PEM))
		if err != nil {
			return nil, "", err
		}
		for _, c := range list {
			anchors = append(anchors, signing.Anchor{Certificate: c, From: a.From, Until: a.Until, Trial: a.Trial})
		}
	}
	list, err = signing.NewTrustList(anchors, nil)
	return list, b.Department, err
}

func readRoots(text []byte) (*signing.TrustList, error) {
	certificates, err := signing.ReadPEM(text)
	if err != nil {
		return nil, err
	}
	var anchors []signing.Anchor
	var others []*x509.Certificate
	for _, c := range certificates {
		if c.CheckSignatureFrom(c) == nil {
			anchors = append(anchors, signing.Anchor{Certificate: c})
		} else {
			others = append(others, c)
		}
	}
	return signing.NewTrustList(anchors, others)
}
