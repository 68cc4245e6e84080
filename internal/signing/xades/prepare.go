package xades

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Reference is one element a signature covers.
type Reference struct {
	URI    string            // "#" and the element's Id
	Type   string            // Countersigned for an earlier ds:SignatureValue, "" for everything else
	Digest [sha256.Size]byte // SHA-256 of the element's canonical form
}

// Params says what a signature is to cover and who makes it.
type Params struct {
	ID            string // of ds:Signature, an NCName; the other Ids derive from it
	References    []Reference
	Certificate   *x509.Certificate
	Intermediates []*x509.Certificate // put beside the signer's certificate for verifiers; optional
	SigningTime   time.Time           // stored in UTC, to the second
	Role          string              // claimed role, not empty
	Meaning       *Meaning            // what the signer read; nil: nothing is said
}

// Prepared is a signature before it is signed. It marshals to JSON and back
// without losing a byte, so it can wait in a table for a remote service.
type Prepared struct {
	id        string
	algorithm signing.Algorithm
	info      []byte            // content of ds:SignedInfo
	object    []byte            // stored form of xades:SignedProperties
	chain     [][]byte          // DER, the signer's first
	signer    *x509.Certificate // chain[0] read; nil when the state was stored
}

// Prepare builds everything of a signature but its value. It fails with
// Invalid sig.params (argument what: id, references, uri, type, duplicate,
// time, role, meaning, certificate, intermediates), key.algorithm or key.weak.
func Prepare(p Params) (*Prepared, error) {
	p.SigningTime = p.SigningTime.UTC().Truncate(time.Second)
	if err := p.check(); err != nil {
		return nil, err
	}
	algorithm, err := signing.KeyAlgorithm(p.Certificate.PublicKey)
	if err != nil {
		return nil, err
	}
	serial, err := issuerSerial(p.Certificate)
	if err != nil {
		return nil, err
	}
	out := &Prepared{id: p.ID, algorithm: algorithm, chain: [][]byte{p.Certificate.Raw}, signer: p.Certificate}
	for _, c := range p.Intermediates {
		out.chain = append(out.chain, c.Raw)
	}
	out.object = properties(p, serial, false)
	out.info = infoContent(p, algorithm, sha256.Sum256(properties(p, serial, true)))
	return out, nil
}

func (p Params) check() error {
	switch {
	case !IsNCName(p.ID):
		return refuse("sig.params", "id")
	case len(p.References) == 0 || len(p.References) > MaxReferences:
		return refuse("sig.params", "references", "count", strconv.Itoa(len(p.References)))
	case p.Certificate == nil:
		return refuse("sig.params", "certificate")
	case len(p.Intermediates) > MaxIntermediates:
		return refuse("sig.params", "intermediates")
	case p.SigningTime.Year() < 2000 || p.SigningTime.Year() > 9999:
		return refuse("sig.params", "time")
	case !isRole(p.Role):
		return refuse("sig.params", "role")
	case p.Meaning != nil && !p.Meaning.sound():
		return refuse("sig.params", "meaning")
	}
	seen := make(map[string]bool, len(p.References))
	for _, r := range p.References {
		id, ok := strings.CutPrefix(r.URI, "#")
		switch {
		case !ok || !IsNCName(id) || id == p.ID || id == p.ID+valueSuffix || id == p.ID+propsSuffix:
			return refuse("sig.params", "uri", "uri", r.URI)
		case r.Type != "" && r.Type != Countersigned:
			return refuse("sig.params", "type", "uri", r.URI)
		case seen[r.URI]:
			return refuse("sig.params", "duplicate", "uri", r.URI)
		}
		seen[r.URI] = true
	}
	return nil
}

// isRole reports whether s may be claimed as a role: one line of text.
func isRole(s string) bool {
	if s == "" || len(s) > maxRole || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || !isCharacter(r) })
}

// ID returns the Id the signature will have.
func (p *Prepared) ID() string { return p.id }

// Algorithm returns the algorithm of the signer's key.
func (p *Prepared) Algorithm() signing.Algorithm { return p.algorithm }

// SignedInfo returns the canonical bytes to be signed.
func (p *Prepared) SignedInfo() []byte {
	out := make([]byte, 0, len(p.info)+len(declareDS)+40)
	out = append(out, "<ds:SignedInfo"+declareDS+">"...)
	out = append(out, p.info...)
	return append(out, "</ds:SignedInfo>"...)
}

// Digest returns the SHA-256 of SignedInfo: what a token or a remote service
// is given to sign.
func (p *Prepared) Digest() [sha256.Size]byte { return sha256.Sum256(p.SignedInfo()) }

// Complete puts the signature value into the prepared signature and returns
// the exact bytes of ds:Signature. An ECDSA value may be DER or r‖s. Before it
// returns, the result is read and checked as a verifier would, apart from the
// covered elements: it fails with sig.value when the value is not the
// certificate's over this SignedInfo, and with the codes of Verify when the
// stored state was damaged.
func (p *Prepared) Complete(signature []byte) ([]byte, error) {
	leaf, err := p.leaf()
	if err != nil {
		return nil, err
	}
	info := p.SignedInfo()
	value, err := p.algorithm.Normalise(leaf.PublicKey, sha256.Sum256(info), signature)
	if err != nil {
		return nil, err
	}
	raw := p.assemble(value)
	if err := checkAlone(raw, info); err != nil {
		return nil, err
	}
	return raw, nil
}

func (p *Prepared) leaf() (*x509.Certificate, error) {
	if len(p.chain) == 0 {
		return nil, refuse("sig.params", "certificate")
	}
	if p.signer != nil && bytes.Equal(p.signer.Raw, p.chain[0]) {
		return p.signer, nil
	}
	leaf, err := x509.ParseCertificate(p.chain[0])
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "sig.certificate", "what", "parse")
	}
	return leaf, nil
}

func (p *Prepared) assemble(value []byte) []byte {
	out := make([]byte, 0, len(p.info)+len(p.object)+4096)
	out = append(out, `<ds:Signature`+declareDS+` Id="`+p.id+`"><ds:SignedInfo>`...)
	out = append(out, p.info...)
	out = append(out, `</ds:SignedInfo><ds:SignatureValue Id="`+p.id+valueSuffix+`">`+encode(value)+`</ds:SignatureValue>`...)
	out = append(out, `<ds:KeyInfo><ds:X509Data>`...)
	for _, der := range p.chain {
		out = append(out, `<ds:X509Certificate>`+encode(der)+`</ds:X509Certificate>`...)
	}
	out = append(out, `</ds:X509Data></ds:KeyInfo><ds:Object>`...)
	out = append(out, `<xades:QualifyingProperties`+declareXAdES+` Target="#`+p.id+`">`...)
	out = append(out, p.object...)
	return append(out, `</xades:QualifyingProperties></ds:Object></ds:Signature>`...)
}

// Sign prepares, signs with key and completes in one step, for keys that lie
// in this process.
func Sign(p Params, key crypto.Signer) ([]byte, error) {
	prepared, err := Prepare(p)
	if err != nil {
		return nil, err
	}
	digest := prepared.Digest()
	value, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		if fault.As(err) != nil {
			return nil, err
		}
		return nil, fault.Wrap(err, fault.Unavailable, "sig.signer")
	}
	return prepared.Complete(value)
}

// SignatureValueCanonical returns the Id and the canonical bytes of the
// ds:SignatureValue inside the bytes of one ds:Signature: what a later
// signature refers to. It fails as Parse does, and with sig.structure.
func SignatureValueCanonical(signature []byte) (id string, canonical []byte, err error) {
	doc, err := Parse(signature)
	if err != nil {
		return "", nil, err
	}
	if !is(doc.root, DSig, "Signature") {
		return "", nil, refuse("sig.structure", "signature")
	}
	id = doc.root.SelectAttrValue("Id", "") + valueSuffix
	value := doc.ByID(id)
	if !is(value, DSig, "SignatureValue") || value.Parent() != doc.root {
		return "", nil, refuse("sig.structure", "signature_value")
	}
	canonical, err = Canonical(value)
	return id, canonical, err
}

// preparedState is the stored form of Prepared, version 1.
type preparedState struct {
	Version   int               `json:"version"`
	ID        string            `json:"id"`
	Algorithm signing.Algorithm `json:"algorithm"`
	Info      []byte            `json:"signed_info"`
	Object    []byte            `json:"signed_properties"`
	Chain     [][]byte          `json:"certificates"`
}

// MarshalJSON writes the state.
func (p *Prepared) MarshalJSON() ([]byte, error) {
	return json.Marshal(preparedState{1, p.id, p.algorithm, p.info, p.object, p.chain})
}

// UnmarshalJSON reads a state back. It fails with Invalid sig.state when the
// bytes are not a state of a version we know; Complete checks what is in it.
func (p *Prepared) UnmarshalJSON(b []byte) error {
	var s preparedState
	if err := json.Unmarshal(b, &s); err != nil {
		return fault.Wrap(err, fault.Invalid, "sig.state")
	}
	if s.Version != 1 || !IsNCName(s.ID) || len(s.Chain) == 0 {
		return fault.New(fault.Invalid, "sig.state")
	}
	*p = Prepared{id: s.ID, algorithm: s.Algorithm, info: s.Info, object: s.Object, chain: s.Chain}
	return nil
}
