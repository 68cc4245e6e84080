// Package agent is what portal and agent say to each other. The agent is a
// program in a person's own machine that has the person's USB token; it listens
// on the loopback address for the page in the browser (the pattern of VGCA's
// tool): a list of hashes in, signatures out. The PIN is typed into the agent
// and never seen by the page.
//
// Any page of any site can reach a loopback address. So an agent answers only
// pages of origins it was told to trust, and signs only what the portal of that
// origin has put its own signature under, for this job, this certificate, these
// hashes, once, within two minutes: a page that got hold of somebody else's
// challenge cannot use it.
//
// The package knows no records and opens no connection.
package agent

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"hocba/internal/fault"
)

// Life is how long a challenge may be used.
const Life = 2 * time.Minute

// MaxDigests is the most hashes of one request.
const MaxDigests = 100

// Digest is one thing to be signed.
type Digest struct {
	ID    string `json:"id"`
	Sum   []byte `json:"sum"` // SHA-256
	Title string `json:"title,omitempty"`
}

// Signature is the answer to one digest.
type Signature struct {
	ID    string `json:"id"`
	Value []byte `json:"value"` // RSA as it is, ECDSA as DER or r‖s
}

// The types of requests.
const (
	TypeSign        = "sign"
	TypeCertificate = "certificate"
)

// Request is what a page asks an agent.
type Request struct {
	Type      string    `json:"type"`
	Challenge Challenge `json:"challenge,omitzero"`
	Digests   []Digest  `json:"digests,omitempty"`
}

// The errors of an agent.
const (
	Refused    = "refused"     // the holder said no
	WrongPIN   = "pin"         // not the token's PIN
	Unplugged  = "unplugged"   // no token
	WrongToken = "wrong_token" // another certificate than asked for
	BadRequest = "challenge"   // not what the portal signed, used before, or too old
)

// Reply is what an agent answers. Signatures beside an Error were made before it.
type Reply struct {
	Signatures []Signature `json:"signatures,omitempty"`
	Chain      [][]byte    `json:"chain,omitempty"` // DER, the holder's own first
	Error      string      `json:"error,omitempty"`
}

// Challenge is a portal's word for a request.
type Challenge struct {
	Origin      string    `json:"origin"` // of the page, as browsers write it
	Job         string    `json:"job"`
	Nonce       string    `json:"nonce"`
	Expires     time.Time `json:"expires"`
	Certificate string    `json:"certificate"` // SHA-256, hex
	Signature   []byte    `json:"signature"`
}

// Sign vouches, with a portal's key, for a list of hashes: c says for which
// page (Origin), which job and which certificate.
func (c Challenge) Sign(key ed25519.PrivateKey, digests []Digest, now time.Time) Challenge {
	c.Nonce, c.Expires = rand.Text(), now.Add(Life).UTC().Truncate(time.Second)
	c.Signature = ed25519.Sign(key, c.text(digests))
	return c
}

// text is what is signed: everything, line by line, and the hashes' hash.
func (c Challenge) text(digests []Digest) []byte {
	h := sha256.New()
	for _, d := range digests {
		h.Write(d.Sum)
	}
	return []byte(strings.Join([]string{"hocba agent 1", c.Origin, c.Job, c.Nonce, c.Expires.UTC().Format(time.RFC3339), c.Certificate,
		hex.EncodeToString(h.Sum(nil))}, "\n"))
}

// Check is the agent's side: key is the portal's, origin the page's as the
// browser says. It fails with Forbidden agent.challenge (Args what: origin,
// time, digests, signature). That a challenge is used once is the caller's part.
func (c Challenge) Check(key ed25519.PublicKey, origin string, digests []Digest, now time.Time) error {
	refuse := func(what string) error { return fault.New(fault.Forbidden, "agent.challenge", "what", what) }
	if c.Origin != origin || strings.ContainsAny(c.Origin+c.Job+c.Nonce+c.Certificate, "\n") {
		return refuse("origin")
	}
	if !now.Before(c.Expires) || c.Expires.After(now.Add(2*Life)) {
		return refuse("time")
	}
	if len(digests) == 0 || len(digests) > MaxDigests {
		return refuse("digests")
	}
	for _, d := range digests {
		if len(d.Sum) != sha256.Size {
			return refuse("digests")
		}
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, c.text(digests), c.Signature) {
		return refuse("signature")
	}
	return nil
}
