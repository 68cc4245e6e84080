// Package evidence keeps bytes provable beyond the certificates of who signed
// them: beside them lie the certificates, what their authorities answered while
// they still did (the data of XAdES-B-LT), and a time-stamp over all of it;
// before that time-stamp ends, another one is made over the new state and over
// the evidence before it, its token included. A chain of such links proves that
// the bytes existed at the time of its first token, for as long as its last
// token can be checked.
//
// The package knows no record, no registry and no text for people.
//
// Sources: NĐ 68/2024/NĐ-CP Đ29 (a signature counts by the state of things when
// it was made); ETSI EN 319 102-1, 5.6.2.3 (proofs of existence); RFC 4998
// (renewal of archive time-stamps), whose idea the links follow.
package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/timestamp"
)

const (
	// MaxLinks bounds a chain: a renewal every few years for centuries.
	MaxLinks = 100
	// MaxParts bounds what one link names.
	MaxParts = 400
)

// Material is what one time-stamp is over. It is kept and handed on as the
// exact bytes that were stamped, never written anew.
type Material struct {
	SHA256       string   `json:"sha256"`         // of the bytes proven, hex
	Also         []string `json:"also,omitempty"` // other bytes proven with them: the registry's receipt
	Certificates []string `json:"certificates"`   // SHA-256 of each certificate's DER, each once
	Answers      []string `json:"answers"`        // of OCSP responses and revocation lists
	// Previous and PreviousToken are the SHA-256 of material and token of the
	// link before this one; "" in the first.
	Previous      string `json:"previous,omitempty"`
	PreviousToken string `json:"previous_token,omitempty"`
}

// Link is one step: material and the time-stamp over it, both as they are kept.
type Link struct {
	Material []byte
	Token    []byte // DER
}

// Hash is the name of bytes in a material: their SHA-256 in hex.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Follow makes a material the successor of a link.
func (m *Material) Follow(l Link) { m.Previous, m.PreviousToken = Hash(l.Material), Hash(l.Token) }

// Bytes returns what is to be stamped.
func (m *Material) Bytes() ([]byte, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "evidence.form", "what", "material")
	}
	return raw, nil
}

// Read reads a material. It fails with Invalid evidence.form.
func Read(raw []byte) (*Material, error) {
	var m Material
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "evidence.form", "what", "material")
	}
	names := slices.Concat([]string{m.SHA256}, m.Also, m.Certificates, m.Answers)
	if len(names) > MaxParts {
		return nil, refuse("evidence.form", "what", "parts")
	}
	for _, name := range names {
		if sum, err := hex.DecodeString(name); err != nil || len(sum) != sha256.Size {
			return nil, refuse("evidence.form", "what", "sha256")
		}
	}
	return &m, nil
}

// Proof is what a sound chain proves.
type Proof struct {
	Since     time.Time // the bytes existed then
	Until     time.Time // the end of the newest time-stamp's certificates
	Authority string    // who made the newest time-stamp
	RenewedAt time.Time // its time
	// Proven are the SHA-256 (hex) of everything that existed at Since, or at
	// the time given: the bytes, what is proven with them, certificates, answers.
	Proven    map[string]time.Time
	Materials []*Material
	At        []time.Time // of each material's time-stamp
}

// Check walks a chain from its newest link to its first: each time-stamp holds,
// over its material, by somebody trusted at its time; each link names the one
// before it and was made before that one ended; the newest has not ended now
// (zero: not asked). It fails with Invalid
//
//	evidence.form   a material that cannot be read, or too much of it (Args what)
//	evidence.other  a link is over other bytes (Args sha256)
//	evidence.link   a link does not name the one before it, or a first one is missing
//	evidence.order  a link is older than the one before it
//	evidence.gap    a link was made after the one before it had ended (Args until, renewed)
//
// and the codes of timestamp.Token.Check; with Unavailable evidence.ended (Args
// until) when the newest has ended, evidence.none without links, and
// stamp.no_trust_list.
func Check(sha256 string, links []Link, trust *signing.TrustList, now time.Time) (Proof, error) {
	if len(links) == 0 {
		return Proof{}, fault.New(fault.Unavailable, "evidence.none")
	}
	if len(links) > MaxLinks {
		return Proof{}, refuse("evidence.form", "what", "links")
	}
	p := Proof{Proven: map[string]time.Time{}}
	var next step // the link after the one at hand
	for i := len(links) - 1; i >= 0; i-- {
		s, err := read(links[i], trust)
		if err != nil {
			return Proof{}, err
		}
		switch {
		case s.material.SHA256 != sha256:
			return Proof{}, refuse("evidence.other", "sha256", s.material.SHA256)
		case i == len(links)-1:
			if !now.IsZero() && now.After(s.chain.Until) {
				return Proof{}, fault.New(fault.Unavailable, "evidence.ended", "until", day(s.chain.Until))
			}
			p.Until, p.Authority, p.RenewedAt = s.chain.Until, s.token.Authority(), s.token.Time
		default:
			if err := next.follows(s, links[i]); err != nil {
				return Proof{}, err
			}
		}
		p.Since = s.token.Time
		for _, name := range slices.Concat([]string{sha256}, s.material.Also, s.material.Certificates, s.material.Answers) {
			p.Proven[name] = s.token.Time // the earliest link that names it decides
		}
		p.Materials, p.At = append(p.Materials, s.material), append(p.At, s.token.Time)
		next = s
	}
	if next.material.Previous != "" || next.material.PreviousToken != "" {
		return Proof{}, refuse("evidence.link", "what", "first")
	}
	slices.Reverse(p.Materials)
	slices.Reverse(p.At)
	return p, nil
}

// step is a link that was read and whose time-stamp holds.
type step struct {
	material *Material
	token    *timestamp.Token
	chain    *signing.Chain
}

func read(l Link, trust *signing.TrustList) (step, error) {
	m, err := Read(l.Material)
	if err != nil {
		return step{}, err
	}
	token, err := timestamp.Parse(l.Token)
	if err != nil {
		return step{}, err
	}
	chain, err := token.Check(sha256.Sum256(l.Material), trust)
	return step{m, token, chain}, err
}

// follows holds a link against the one before it.
func (s step) follows(before step, l Link) error {
	switch {
	case s.material.Previous != Hash(l.Material) || s.material.PreviousToken != Hash(l.Token):
		return refuse("evidence.link", "what", "previous")
	case s.token.Time.Before(before.token.Time):
		return refuse("evidence.order")
	case s.token.Time.After(before.chain.Until):
		return refuse("evidence.gap", "until", day(before.chain.Until), "renewed", day(s.token.Time))
	}
	return nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func refuse(code string, args ...string) error { return fault.New(fault.Invalid, code, args...) }
