package record

import (
	"bytes"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func (r *Record) voided(id int64) bool {
	for _, v := range r.Voids {
		if v.SignatureID == id {
			return true
		}
	}
	return false
}

// standing returns the signatures of a role that were not voided, in the order
// in which they were made.
func (r *Record) standing(role bundle.Role) []Signature {
	var out []Signature
	for _, s := range r.Signatures {
		if s.Slot.Role() == role && !r.voided(s.ID) {
			out = append(out, s)
		}
	}
	return out
}

// Live reports whether a signature of the record is live: not voided, and what
// it covers is what the current values write. An approval also needs every
// signature it countersigns to be live.
func (r *Record) Live(s Signature) bool {
	live, known := r.memo.live[s.ID]
	if !known {
		live = !r.voided(s.ID) && r.matches(s)
		r.memo.live[s.ID] = live
	}
	return live
}

// matches reports whether what a signature covers is what the current values
// write.
func (r *Record) matches(s Signature) bool {
	switch s.Slot.Role() {
	case bundle.SubjectTeacher:
		return r.partsMatch(s)
	case bundle.Homeroom:
		now, err := r.content(s.Signer)
		return err == nil && bytes.Equal(now, s.Content)
	case bundle.Approval:
		home := r.liveIn(bundle.Homeroom)
		return home != nil && s.Version == r.nextVersion() && len(r.unsigned()) == 0 &&
			bytes.HasSuffix(s.Content, append(bytes.Clone(home.Content), "</DU_LIEU_HOC_BA>"...))
	}
	last := r.lastVersion()
	return last != nil && s.Version == last.Number
}

func (r *Record) partsMatch(s Signature) bool {
	subjects := subjectsOf(s.Content)
	for _, name := range subjects {
		p, ok := r.part(name)
		if !ok || !r.written(p) || !r.sameValues(p, partOf(s.Content, name)) {
			return false
		}
	}
	return len(subjects) > 0
}

func (r *Record) part(s school.Subject) (Part, bool) {
	for _, p := range r.Parts {
		if p.Subject == s {
			return p, true
		}
	}
	return Part{}, false
}

// LiveSignatures returns the live signatures in the order in which they were made.
func (r *Record) LiveSignatures() []Signature {
	var out []Signature
	for _, s := range r.Signatures {
		if r.Live(s) {
			out = append(out, s)
		}
	}
	return out
}

// liveIn returns the newest live signature of a role; nil when there is none.
func (r *Record) liveIn(role bundle.Role) *Signature {
	all := r.standing(role)
	for i := len(all) - 1; i >= 0; i-- {
		if r.Live(all[i]) {
			return &all[i]
		}
	}
	return nil
}

// covering returns the live signature of a subject teacher over the part; nil
// when there is none.
func (r *Record) covering(s school.Subject) *Signature {
	for _, sig := range r.standing(bundle.SubjectTeacher) {
		if partOf(sig.Content, s) != nil && r.Live(sig) {
			return &sig
		}
	}
	return nil
}

// unsigned returns the parts whose teacher's signature is demanded and missing.
func (r *Record) unsigned() []Part {
	if !r.General.TeachersSign {
		return nil
	}
	var out []Part
	for _, p := range r.Parts {
		if r.written(p) && r.covering(p.Subject) == nil {
			out = append(out, p)
		}
	}
	return out
}

// stageOf returns the stage that follows from the live signatures alone.
func (r *Record) stageOf() workflow.Stage {
	switch {
	case r.liveIn(bundle.Approval) != nil:
		return workflow.Approved
	case r.liveIn(bundle.Homeroom) != nil:
		return workflow.HomeroomSigned
	case r.liveIn(bundle.SubjectTeacher) != nil:
		return workflow.PartSigned
	}
	return workflow.Drafting
}

// OpenParts returns the element Ids that a return names and no one answered.
func (r *Record) OpenParts() []string {
	var out []string
	for _, ret := range r.Returns {
		for _, part := range ret.Parts {
			if !ret.answered(part) {
				out = append(out, part)
			}
		}
	}
	return out
}

func (r *Record) openReturn(part string) *Return {
	for i := len(r.Returns) - 1; i >= 0; i-- {
		for _, p := range r.Returns[i].Parts {
			if p == part && !r.Returns[i].answered(part) {
				return &r.Returns[i]
			}
		}
	}
	return nil
}

func (r Return) answered(part string) bool {
	for _, a := range r.Answers {
		if a.Part == part {
			return true
		}
	}
	return false
}

// PartOf returns the element Id of the part an item belongs to: a subject's
// own, the page for everything else.
func PartOf(it evaluation.Item) string {
	if s, ok := it.Subject(); ok {
		return bundle.SubjectID(s)
	}
	return bundle.ContentID
}

// PartOpen refuses an edit of year-end values of a part that is closed: with
// Locked record.issued once a version was issued, record.part_signed while a
// live signature covers the part and no return opened it. Args: part, signer,
// slot, mend (who can open it: the signer by withdrawing, else whoever returns).
// The other periods are working data and never closed by a signature.
func (r *Record) PartOpen(part string) error {
	if !r.Stage.BeforeIssue() {
		return fault.New(fault.Locked, "record.issued", "part", part, "stage", string(r.Stage), "mend", "principal")
	}
	if r.openReturn(part) != nil {
		return nil
	}
	var over *Signature
	mend := "principal"
	if s, ok := PartName(part); ok {
		if over = r.covering(s); over != nil {
			mend = "signer"
		}
	}
	if home := r.liveIn(bundle.Homeroom); home != nil {
		over, mend = home, "homeroom"
	}
	if r.liveIn(bundle.Approval) != nil {
		mend = "principal"
	}
	if over == nil {
		return nil
	}
	return fault.New(fault.Locked, "record.part_signed", "part", part,
		"signer", over.Signer.Name, "slot", string(over.Slot), "mend", mend)
}
