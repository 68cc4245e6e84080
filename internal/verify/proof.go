package verify

import (
	"crypto/sha256"
	"crypto/x509"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/timestamp"
	"hocba/internal/signing/xades"
)

// sealDelay is how much later than the seal's claimed time its time-stamp may
// be. A seal is stamped at once; what is stamped days later was dated back, or
// its clock was wrong. Persons' signatures may be stamped with the seal.
const sealDelay = 24 * time.Hour

// noTimeStamp is said of a signature without one: XAdES-B-B, as a Sở without a
// time-stamping authority has it. Then the registry's receipt proves the time.
const noTimeStamp = "verify.no_time_stamp"

// signed is one slot's signature while the file is judged. The time a signer
// claims proves nothing: what decides is by when the signature is proven to
// have existed.
type signed struct {
	slot        bundle.Slot
	verified    *xades.Verified // nil when the signature does not hold
	certificate *signing.Certificate
	err         error // of the signature

	token    *timestamp.Token
	stampErr error          // of the time-stamp, nil when it holds or there is none
	stamp    *signing.Chain // of who stamped, when it holds

	proven   time.Time // the earliest instant at which the signature is proven to have existed; zero: none
	byFact   bool      // by a time-stamp or the registry, and not only by today's clock
	provable time.Time // until when time-stamps carry the proof; zero: none does
}

// proofs verifies every signature and its time-stamp, then says from the last
// slot to the first by when each is proven: a time-stamp of the principal's
// signature or of the seal proves those that it countersigns, too.
func (r *run) proofs() []signed {
	list := make([]signed, len(r.document.Slots))
	for i, s := range r.document.Slots {
		list[i].slot = s
		list[i].verified, list[i].certificate, list[i].err = verified(r.document.XML, s)
		if list[i].err == nil && list[i].verified.Stamp != nil {
			list[i].readStamp(r.options)
		}
	}
	now, fact, until := r.options.Now, r.options.Received, time.Time{}
	for i := len(list) - 1; i >= 0; i-- {
		s := &list[i]
		if s.err != nil {
			continue
		}
		s.proven, s.byFact, s.provable = earliest(fact, s.stampTime()), true, later(until, s.stampUntil())
		if s.proven.IsZero() {
			s.proven, s.byFact = now, false
		}
		counter := s.slot.Role == bundle.Approval || s.slot.Role == bundle.Seal
		if counter && coverage(s.verified.Covered, s.slot.Covers) == nil {
			fact, until = earliest(fact, s.stampTime()), s.provable
		}
	}
	return list
}

func (s *signed) readStamp(o Options) {
	if s.token, s.stampErr = timestamp.Parse(s.verified.Stamp); s.stampErr == nil {
		s.checkStamp(s.verified.StampImprint, o)
	}
}

// checkStamp judges a time-stamp that was read. One whose authority's
// certificates have ended proves nothing by itself any more: somebody may have
// its key by now. It counts when the bytes with it are known to have been there
// before.
func (s *signed) checkStamp(imprint [sha256.Size]byte, o Options) {
	chain, err := s.token.Check(imprint, o.Trust)
	if err == nil && o.Now.After(chain.Until) && (o.Received.IsZero() || o.Received.After(chain.Until)) {
		err = undecided("verify.stamp_ended", "until", clock(chain.Until))
	}
	if err == nil && chain.Trial && o.RealStamps {
		err = refuse("stamp.trial", "authority", s.token.Authority())
	}
	if s.stampErr = err; err == nil {
		s.stamp = chain
	}
}

func (s *signed) stampTime() time.Time {
	if s.stamp == nil {
		return time.Time{}
	}
	return s.token.Time
}

func (s *signed) stampUntil() time.Time {
	if s.stamp == nil {
		return time.Time{}
	}
	return s.stamp.Until
}

// earliest returns the earlier of two instants; zero is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// timeStamp judges the time-stamp beside a signature.
func (r *run) timeStamp(s *signed) {
	switch {
	case s.verified.Stamp == nil:
		r.add(Check{Name: TimeStamp, Slot: s.slot.ID, Status: Skipped, Code: noTimeStamp})
	case s.stampErr != nil:
		r.outcome(TimeStamp, s.slot.ID, s.stampErr)
	default:
		r.outcome(TimeStamp, s.slot.ID, s.stampFault())
	}
}

// stampFault holds a good time-stamp against the time the signer claims.
func (s *signed) stampFault() error {
	at, claimed := s.token.Time, s.verified.SigningTime
	switch {
	case claimed.After(at.Add(skew + s.token.Accuracy)):
		return refuse("verify.stamped_before_signing", "signed", clock(claimed), "stamped", clock(at))
	case s.slot.Role.Organisation() && at.Sub(claimed) > sealDelay:
		return refuse("verify.dated_back", "signed", clock(claimed), "stamped", clock(at))
	}
	return nil
}

// provenFault holds the chain found for the claimed time against the time that
// is proven: a certificate that had ended by then proves nothing.
func (s *signed) provenFault(chain *signing.Chain) error {
	if s.proven.IsZero() || !s.proven.After(chain.Until) {
		return nil
	}
	args := []string{"until", clock(chain.Until), "proven", clock(s.proven)}
	if s.byFact {
		return refuse("verify.expired_when_proven", args...)
	}
	return undecided("verify.time_unproven", args...)
}

// holder asks the caller about the signer, at the time claimed and, where one
// is proven, at that: an approval that ended in between does not count.
func (r *run) holder(s *signed) error {
	if r.options.Holder == nil {
		return nil
	}
	err := r.options.Holder(s.slot, s.certificate, s.verified.SigningTime)
	if err == nil && s.byFact && !s.slot.Role.Organisation() {
		return nil // a person's duty may end after the act; only the certificate must have lasted
	}
	if err == nil && s.byFact && s.proven.After(s.verified.SigningTime) {
		err = r.options.Holder(s.slot, s.certificate, s.proven)
	}
	return err
}

// provableUntil is how long the signatures can be proven with what is in the
// file: of each the end of its own chain or of a time-stamp over it, of all the
// earliest. zero: no chain is known.
func provableUntil(list []signed, chains map[string]*signing.Chain) time.Time {
	var out time.Time
	for i := range list {
		until := list[i].provable
		if c := chains[list[i].slot.ID]; c != nil {
			until = later(until, c.Until)
		}
		if until.IsZero() {
			return until
		}
		out = earliest(out, until)
	}
	return out
}

// paths lists the chains of the signatures and of their time-stamps.
func paths(list []signed, chains map[string]*signing.Chain) [][]*x509.Certificate {
	var out [][]*x509.Certificate
	for i := range list {
		if c := chains[list[i].slot.ID]; c != nil {
			out = append(out, c.Path)
		}
		if c := list[i].stamp; c != nil {
			out = append(out, c.Path)
		}
	}
	return out
}

// clock writes an instant for people, in Vietnam's time.
func clock(t time.Time) string { return t.In(school.Zone).Format("15:04:05 02/01/2006") }
