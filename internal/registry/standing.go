package registry

import (
	"time"

	"hocba/internal/bundle"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
	"hocba/internal/verify"
)

// holders are the certificates of a file's signatures by slot, gathered while
// the file is verified.
type holders map[string]*signing.Certificate

// standing is what is said outside of a file about its signers' certificates.
type standing struct {
	against []bundle.Reason
	pending bool
	answers [][]byte // of issuers, DER: what the judgement rests on
}

// standing judges the signers' certificates by what lies outside the file: the
// policy of the Sở, and what the issuers say of them today. mend is what mends a
// signature that does not count. pending tells that an issuer's answer is
// demanded and nobody gives one; what is refused for another reason does not
// wait for it.
func (o Office) standing(report verify.Report, seen holders, mend bundle.Action) (out standing) {
	against, pending := []bundle.Reason(nil), false
	var countersigned time.Time // when a later signature that covers this one was stamped
	for i := len(report.Signers) - 1; i >= 0; i-- {
		s := report.Signers[i]
		c := seen[s.Slot]
		if c == nil || s.Status == verify.Failed {
			continue // it has its reasons already
		}
		proven := earliest(countersigned, s.StampedAt)
		if s.Role == bundle.Approval || s.Role == bundle.Seal {
			countersigned = proven
		}
		if proven.IsZero() {
			proven = o.Now // nobody knows that the signature is older than its arrival
		}
		chain, err := o.Trust.Verify(c, s.SignedAt)
		if err != nil {
			continue // the chain's own check tells
		}
		for _, code := range o.Policy.Judge(chain, s.Role.Organisation()) {
			action := mend
			if code == signing.PolicyRefusesProvider || code == signing.PolicyRefusesPolicy || code == signing.PolicyRefusesDevice {
				action = bundle.AskAbove // the Sở's lists may change; the bytes may stay
			}
			against = append(against, reason(code, action, "slot", s.Slot))
		}
		if o.Status == nil {
			continue
		}
		v := o.Status(c, chain)
		if len(v.Answer) > 0 {
			out.answers = append(out.answers, v.Answer)
		}
		switch {
		case v.RevokedBy(proven):
			against = append(against, reason("registry.certificate_revoked", mend, "slot", s.Slot, "date", day(v.At), "holder", c.Name()))
		case v.Status == revocation.Unknown && v.Why == revocation.NoSource && o.Policy.Demands() == signing.DemandAlways:
			against = append(against, reason("registry.certificate_no_source", bundle.AskAbove, "slot", s.Slot, "holder", c.Name()))
		case v.Status == revocation.Unknown && v.Why != revocation.NoSource && o.Policy.Demands() != signing.DemandNothing:
			pending = true
		}
	}
	out.against, out.pending = against, pending && len(against) == 0
	return out
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
