package verify

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/xades"
)

// perSlot are the checks made of each slot.
var perSlot = []string{Signature, Coverage, Role, Meaning, Signer, Chain, TimeStamp}

// slot judges one signature and adds its checks.
func (r *run) slot(s *signed) {
	from := len(r.report.Checks)
	who := Signatory{Slot: s.slot.ID, Role: s.slot.Role, Code: s.slot.Holder, Name: s.slot.HolderName}
	if v := s.verified; r.outcome(Signature, s.slot.ID, s.err) != OK {
		for _, name := range perSlot[1:] {
			r.add(Check{Name: name, Slot: s.slot.ID, Status: Skipped})
		}
	} else {
		r.signed[s.slot.ID] = v.SigningTime
		who.Certificate, who.Holder, who.Issuer = s.certificate.Fingerprint(), s.certificate.Name(), s.certificate.Issuer()
		who.Serial, who.Meaning = s.certificate.Serial(), commitment(v.Meaning)
		who.SignedAt, who.StampedAt, who.Trial = v.SigningTime, s.stampTime(), s.certificate.Trial()
		r.outcome(Coverage, s.slot.ID, coverage(v.Covered, s.slot.Covers))
		r.outcome(Role, s.slot.ID, role(v, s.slot.Role))
		r.meaning(s.slot, v.Meaning)
		r.outcome(Signer, s.slot.ID, r.signer(s))
		chain, err := r.chain(s)
		r.outcome(Chain, s.slot.ID, err)
		if chain != nil {
			r.chains[s.slot.ID], who.Trial = chain, who.Trial || chain.Trial
		}
		r.timeStamp(s)
	}
	who.Status = worst(r.report.Checks[from:])
	r.report.Trial = r.report.Trial || who.Trial || s.stamp != nil && s.stamp.Trial
	r.report.Signers = append(r.report.Signers, who)
}

// verified checks the signature itself: shape, algorithms, digests, value.
func verified(doc *xades.Document, s bundle.Slot) (*xades.Verified, *signing.Certificate, error) {
	v, err := xades.Verify(doc, s.Signature)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := signing.NewCertificate(v.Leaf, v.Intermediates...)
	if err != nil {
		return nil, nil, err
	}
	return v, certificate, nil
}

// coverage compares the elements a signature covers with those its slot must
// cover, as pointers into the one document that is read: what a signature says
// about an element elsewhere in the file says nothing about ours.
func coverage(covered, required []*etree.Element) error {
	have := make(map[*etree.Element]bool, len(covered))
	for _, el := range covered {
		have[el] = true
	}
	if len(required) == 0 {
		return refuse("verify.covers_nothing")
	}
	for _, el := range required {
		if el == nil {
			return refuse("verify.not_covered", "part", "")
		}
		if !have[el] {
			return refuse("verify.not_covered", "part", el.SelectAttrValue("Id", ""))
		}
		delete(have, el)
	}
	for _, el := range covered {
		if have[el] {
			return refuse("verify.covers_more", "part", el.SelectAttrValue("Id", ""))
		}
	}
	return nil
}

// role compares what the signer claims to be with the slot.
func role(v *xades.Verified, slot bundle.Role) error {
	if v.Role != string(slot) {
		return refuse("verify.role", "role", v.Role, "expected", string(slot))
	}
	return nil
}

// signer demands a certificate of the right kind in the holder's name, and
// what the caller knows beyond that. An organisation's certificate is known by
// its tax code ("MST:" in the subject).
func (r *run) signer(s *signed) error {
	c, slot := s.certificate, s.slot
	switch organisation := c.TaxCode() != ""; {
	case slot.Role.Organisation() && !organisation:
		return refuse("verify.not_a_seal", "holder", c.Name())
	case !slot.Role.Organisation() && organisation:
		return refuse("verify.not_a_person", "holder", c.Name())
	}
	if !named(slot.Role, slot.HolderName, c) {
		return refuse("verify.other_signer", "holder", c.Name(), "expected", slot.HolderName)
	}
	if slot.Role == bundle.Registry {
		if err := r.department(c); err != nil {
			return err
		}
	}
	return r.holder(s)
}

// departmentNames are how the name of every Sở begins, as school.Fold has it.
var departmentNames = []string{"so giao duc va dao tao ", "so gd&dt ", "so gddt "}

// department demands that a receipt or a paper is a Sở's: of any of them, by
// the name that authorities certify for no other organisation, or of the one
// that is known here. Every organisation can write a receipt, in its own name.
func (r *run) department(c *signing.Certificate) error {
	if d := r.options.Department; d != "" && named(bundle.Registry, d, c) {
		return nil
	}
	for _, name := range append([]string{c.Name()}, c.Leaf().Subject.Organization...) {
		if slices.ContainsFunc(departmentNames, func(begins string) bool { return strings.HasPrefix(school.Fold(name), begins) }) {
			return nil
		}
	}
	return undecided("verify.no_department", "holder", c.Name())
}

// named compares the certificate's holder with a name, as school.SameName does:
// authorities write names with other capitals and without diacritics. An
// organisation may stand in the common name or in the organisation.
func named(role bundle.Role, want string, c *signing.Certificate) bool {
	if school.SameName(c.Name(), want) {
		return true
	}
	return role.Organisation() && slices.ContainsFunc(c.Leaf().Subject.Organization, func(o string) bool { return school.SameName(o, want) })
}

// chain decides whether the certificate counted when it signed: at the time
// the signer claims, and still at the time that is proven.
func (r *run) chain(s *signed) (*signing.Chain, error) {
	if r.options.Trust == nil {
		return nil, undecided("verify.no_trust_list")
	}
	chain, err := r.options.Trust.Verify(s.certificate, s.verified.SigningTime)
	if err != nil {
		return nil, err
	}
	return chain, s.provenFault(chain)
}

// worst returns the status of several checks together.
func worst(checks []Check) Status {
	status := OK
	for _, c := range checks {
		switch {
		case c.Status == Failed:
			return Failed
		case c.Status == Unknown:
			status = Unknown
		}
	}
	return status
}
