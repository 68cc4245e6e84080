package verify

import (
	"crypto/x509"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/revocation"
	"hocba/internal/signing/xades"
)

// Revocations answers about a path, the signer's certificate first, as
// revocation.Checker does. A verdict without a status says that nobody can be
// asked.
type Revocations func(path []*x509.Certificate) revocation.Verdict

// revocation judges each signature's chain by what its authorities say now. A
// revocation after the moment at which the signature is proven to have existed
// leaves it standing; without a proof any revocation ends it.
func (r *run) revocation(list []signed) {
	if r.options.Revocations == nil {
		r.add(Check{Name: Revocation, Status: Skipped, Code: "verify.revocation_elsewhere"})
		return
	}
	for i := range list {
		s := &list[i]
		chain := r.chains[s.slot.ID]
		if chain == nil {
			r.add(Check{Name: Revocation, Slot: s.slot.ID, Status: Skipped})
			continue
		}
		v := r.options.Revocations(chain.Path)
		if v.Status == "" {
			r.add(Check{Name: Revocation, Slot: s.slot.ID, Status: Skipped, Code: "verify.revocation_elsewhere"})
			continue
		}
		r.outcome(Revocation, s.slot.ID, s.revoked(v))
	}
}

func (s *signed) revoked(v revocation.Verdict) error {
	switch v.Status {
	case revocation.Good:
		return nil
	case revocation.Revoked:
		if s.byFact && !v.RevokedBy(s.proven) {
			return nil
		}
		return refuse("verify.revoked", "since", clock(v.At), "reason", v.ReasonName())
	}
	return undecided("verify.revocation_unknown", "why", v.Why)
}

// sealVerified is a paper's seal as the checks of slots take it.
func sealVerified(s *pades.Sealed) *xades.Verified {
	v := &xades.Verified{SigningTime: s.At}
	if s.Stamp != nil {
		v.Stamp = s.Stamp.Raw
	}
	return v
}

func traitName(item string) string { return evaluation.Item(item).Name() }

// firstOfGroup reports whether a trait stands in the row that also shows the
// group's remark.
func firstOfGroup(item string) bool {
	for _, list := range [][]evaluation.Item{evaluation.Qualities, evaluation.GeneralCompetencies, evaluation.SpecificCompetencies} {
		if string(list[0]) == item {
			return true
		}
	}
	return false
}

// overallName is line 4 of the booklet (TT 27/2020, Điều 9).
func overallName(level string) string {
	return map[evaluation.Overall]string{evaluation.HTXS: "Hoàn thành xuất sắc", evaluation.HTT: "Hoàn thành tốt",
		evaluation.HT: "Hoàn thành", evaluation.CHT: "Chưa hoàn thành"}[evaluation.Overall(level)]
}

// languageOf is what the form's row of a subject names beside it.
func languageOf(s bundle.Subject, c bundle.Class) string {
	switch s.Subject {
	case school.NgoaiNgu1:
		return c.Language
	case school.TiengDanToc:
		return c.Ethnic
	}
	return ""
}
