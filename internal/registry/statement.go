package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
	"hocba/internal/verify"
)

// Office is the registry that judges: whose it is and whom it trusts.
type Office struct {
	Department bundle.Unit // the Sở
	Trust      *signing.TrustList
	Policy     signing.Policy // what it demands of certificates beyond trust
	// Status tells what is known of a certificate with its issuer; nil: nothing,
	// and only the Sender's own list of revoked ones counts.
	Status func(c *signing.Certificate, chain *signing.Chain) revocation.Verdict
	Now    time.Time
}

// Sender is the school that sends, as the authority's files know it.
type Sender struct {
	Code  string
	Known bool // a school of this province today
	Seals []SealApproval
}

// SealApproval is a seal certificate of the school with the time in which the
// authority's approval held.
type SealApproval struct {
	Fingerprint string
	From        time.Time
	Until       time.Time // first instant without approval; zero: no end
}

// Approved reports whether the certificate was an approved seal at an instant.
func (s Sender) Approved(fingerprint string, at time.Time) bool {
	for _, a := range s.Seals {
		if a.Fingerprint == fingerprint && !at.Before(a.From) && (a.Until.IsZero() || at.Before(a.Until)) {
			return true
		}
	}
	return false
}

// options are what the verifier may rely on for a file of this school: beside
// the names, its seal must have been approved when it signed. The certificates
// it meets are noted in seen.
func (o Office) options(s Sender, seen holders) verify.Options {
	return verify.Options{Trust: o.Trust, Now: o.Now, Received: o.Now, RealStamps: o.Policy.Production,
		Holder: func(slot bundle.Slot, c *signing.Certificate, at time.Time) error {
			seen[slot.ID] = c
			if slot.Role == bundle.Seal && !s.Approved(c.Fingerprint(), at) {
				return fault.New(fault.Invalid, "registry.seal_not_approved", "school", s.Code, "date", day(at))
			}
			return nil
		}}
}

// Paper is a statement that arrived, read and judged for itself. Without
// reasons it is what it says and comes from the school it names.
type Paper struct {
	SHA256    string // of the bytes, hex
	Kind      bundle.StatementKind
	School    string            // who sent it
	Statement *bundle.Statement // nil when the bytes cannot be read as one
	Reasons   []bundle.Reason
	pending   bool
}

// Pending reports that nobody can say now whether the seal still counts: the
// statement is neither taken nor refused, and judged again later.
func (p *Paper) Pending() bool { return p.pending }

// Read reads the bytes of a statement of one kind and judges form, seal,
// sender, department and time. What a refused statement is refused for,
// a new statement mends, or the authority.
func (o Office) Read(kind bundle.StatementKind, s Sender, raw []byte) *Paper {
	p := &Paper{SHA256: hash(raw), Kind: kind, School: s.Code}
	seen := holders{}
	report := verify.File(raw, o.options(s, seen))
	p.Reasons = failures(report, bundle.Resubmit)
	said := o.standing(report, seen, bundle.Resubmit)
	p.Reasons, p.pending = append(p.Reasons, said.against...), said.pending
	if report.Record == nil || report.Record.Statement == nil || report.Record.Statement.Kind != kind {
		if len(p.Reasons) == 0 {
			p.Reasons = append(p.Reasons, reason("registry.other_kind", bundle.Resubmit, "kind", string(kind)))
		}
		p.Reasons = number(p.Reasons)
		return p
	}
	p.Statement = report.Record.Statement
	switch st := p.Statement; {
	case !s.Known:
		p.Reasons = append(p.Reasons, reason("registry.school_unknown", bundle.AskAbove, "school", s.Code))
	case st.School.Code != s.Code:
		p.Reasons = append(p.Reasons, reason("registry.other_school", bundle.Resubmit, "school", st.School.Code))
	}
	if p.Statement.Department.Code != o.Department.Code {
		p.Reasons = append(p.Reasons, reason("registry.other_department", bundle.Resubmit, "department", p.Statement.Department.Code))
	}
	p.Reasons = number(p.Reasons)
	return p
}

// Refused reports whether the statement itself is refused.
func (p *Paper) Refused() bool { return len(p.Reasons) > 0 }

// id returns MA_PHIEU, "" when it could not be read.
func (p *Paper) id() string {
	if p.Statement == nil {
		return ""
	}
	return p.Statement.ID
}

func hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
