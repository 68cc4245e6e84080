// Package revocation asks whether a certificate still holds: by OCSP (RFC 6960)
// and by revocation lists (RFC 5280 §5), at the addresses that the certificate
// itself names. It answers good, revoked or unknown, never more than the answer
// proves, and hands the answer's bytes out, so that a signature can be judged
// years later without the network.
//
// A certificate is whatever a stranger uploads, so its addresses are hostile
// until the opposite is shown: only http and https, only hosts the
// configuration permits, never an address inside the house, few bytes and
// little time. It knows no database and no people. Source: NĐ 68/2024/NĐ-CP
// Đ29 (the state of the certificate is checked before a signature counts).
package revocation

import (
	"crypto/x509"
	"time"
)

// Status is what is known of a certificate.
type Status string

// The states. Unknown is never good: whoever asks decides what to do without
// an answer.
const (
	Good    Status = "good"
	Revoked Status = "revoked"
	Unknown Status = "unknown"
)

// Kind says how an answer came.
type Kind string

// The kinds of answer.
const (
	OCSP Kind = "ocsp"
	CRL  Kind = "crl"
)

// Why an answer is unknown: codes with a sentence of their own.
const (
	NoSource    = "cert.status_no_source"   // the certificate names nobody who could be asked
	Forbidden   = "cert.status_host"        // nobody we may ask: not permitted, or inside the house
	Unreachable = "cert.status_unreachable" // nobody answers
	BadAnswer   = "cert.status_answer"      // what came is no sound answer about this certificate
	Stale       = "cert.status_stale"       // the answer is too old, or of the future
	NotKnown    = "cert.status_not_known"   // the responder does not know the certificate
)

// Verdict is an answer about one certificate.
type Verdict struct {
	Status  Status
	Why     string    // of Unknown; "" otherwise
	At      time.Time // of Revoked: since when
	Reason  int       // of Revoked: CRLReason of RFC 5280 §5.3.1; 6 is a hold
	Kind    Kind      // "" when nobody answered
	Source  string    // address that answered
	Asked   time.Time // when the answer was fetched, by the clock of the Checker
	From    time.Time // thisUpdate: what the answer says held then
	Until   time.Time // nextUpdate: the answer is used no longer
	Answer  []byte    // DER of the OCSP response or of the list: the evidence
	Subject []byte    // DER of the certificate it is about
}

// RevokedBy reports whether the certificate was revoked at the instant at or
// before it.
func (v Verdict) RevokedBy(at time.Time) bool { return v.Status == Revoked && !v.At.After(at) }

// reasons are the names of CRLReason that labels are kept under.
var reasons = map[int]string{1: "key_compromise", 2: "ca_compromise", 3: "affiliation_changed", 4: "superseded",
	5: "cessation", 6: "hold", 9: "privilege_withdrawn", 10: "aa_compromise"}

// ReasonName names the reason of a revocation; "unspecified" for none.
func (v Verdict) ReasonName() string {
	if name := reasons[v.Reason]; name != "" {
		return name
	}
	return "unspecified"
}

func unknown(why string) Verdict { return Verdict{Status: Unknown, Why: why} }

// Worst returns the verdict that decides about a chain: a revoked one before
// an unknown one before a good one. An empty list is good: an anchor stands for
// itself.
func Worst(list []Verdict) Verdict {
	worst := Verdict{Status: Good}
	for i, v := range list {
		if i == 0 || v.rank() > worst.rank() {
			worst = v
		}
	}
	return worst
}

func (v Verdict) rank() int {
	switch v.Status {
	case Revoked:
		return 2
	case Good:
		return 0
	}
	return 1
}

// HasSource reports whether a certificate names somebody who could be asked
// about it over http or https.
func HasSource(c *x509.Certificate) bool {
	return len(addresses(c.OCSPServer))+len(addresses(c.CRLDistributionPoints)) > 0
}
