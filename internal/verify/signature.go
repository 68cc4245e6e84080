package verify

import (
	"time"

	"github.com/beevik/etree"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/xades"
)

// perSlot are the checks made of each slot.
var perSlot = []string{Signature, Coverage, Role, Signer, Chain}

// slot verifies one signature and adds its checks.
func (r *run) slot(s bundle.Slot) {
	from := len(r.report.Checks)
	who := Signatory{Slot: s.ID, Role: s.Role, Code: s.Holder, Name: s.HolderName}
	v, certificate, err := verified(r.document.XML, s)
	if r.outcome(Signature, s.ID, err) != OK {
		for _, name := range perSlot[1:] {
			r.add(Check{Name: name, Slot: s.ID, Status: Skipped})
		}
	} else {
		if r.signed == nil {
			r.signed = make(map[string]time.Time)
		}
		r.signed[s.ID] = v.SigningTime
		who.Certificate, who.Holder, who.Issuer = certificate.Fingerprint(), certificate.Name(), certificate.Issuer()
		who.SignedAt, who.Trial = v.SigningTime, certificate.Trial()
		r.outcome(Coverage, s.ID, coverage(v.Covered, s.Covers))
		r.outcome(Role, s.ID, role(v, s.Role))
		r.outcome(Signer, s.ID, r.signer(s, certificate, v.SigningTime))
		trial, err := r.chain(certificate, v.SigningTime)
		r.outcome(Chain, s.ID, err)
		who.Trial = who.Trial || trial
	}
	who.Status = worst(r.report.Checks[from:])
	r.report.Trial = r.report.Trial || who.Trial
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

// role compares what the signer claims to be with the slot, and what the
// signer read with the sentence of that role.
func role(v *xades.Verified, slot bundle.Role) error {
	if v.Role != string(slot) {
		return refuse("verify.role", "role", v.Role, "expected", string(slot))
	}
	return bundle.CheckMeaning(slot, v.Meaning)
}

// signer demands a certificate of the right kind in the holder's name, and
// what the caller knows beyond that. An organisation's certificate is known by
// its tax code ("MST:" in the subject).
func (r *run) signer(s bundle.Slot, c *signing.Certificate, at time.Time) error {
	switch organisation := c.TaxCode() != ""; {
	case s.Role.Organisation() && !organisation:
		return refuse("verify.not_a_seal", "holder", c.Name())
	case !s.Role.Organisation() && organisation:
		return refuse("verify.not_a_person", "holder", c.Name())
	}
	if !named(s, c) {
		return refuse("verify.other_signer", "holder", c.Name(), "expected", s.HolderName)
	}
	if r.options.Holder != nil {
		return r.options.Holder(s, c, at)
	}
	return nil
}

// named compares the certificate's holder with the slot's without regard to
// capitals and diacritics, which authorities write differently. An
// organisation may stand in the common name or in the organisation.
func named(s bundle.Slot, c *signing.Certificate) bool {
	want := school.Fold(s.HolderName)
	if school.Fold(c.Name()) == want {
		return true
	}
	if !s.Role.Organisation() {
		return false
	}
	for _, o := range c.Leaf().Subject.Organization {
		if school.Fold(o) == want {
			return true
		}
	}
	return false
}

// chain decides whether the certificate counted when it signed.
func (r *run) chain(c *signing.Certificate, at time.Time) (trial bool, err error) {
	if r.options.Trust == nil {
		return false, undecided("verify.no_trust_list")
	}
	chain, err := r.options.Trust.Verify(c, at)
	if err != nil {
		return false, err
	}
	return chain.Trial, nil
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
