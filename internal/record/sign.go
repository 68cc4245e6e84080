package record

import (
	"strconv"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func number(n int) string { return strconv.Itoa(n) }

// OwnParts returns the subjects that are this teacher's to sign: taught today
// by the teacher and not already covered by a live signature of whoever taught
// them before.
func (r *Record) OwnParts(teacher string) []school.Subject {
	var own []school.Subject
	for _, p := range r.Parts {
		if p.Owner.Code != teacher || !r.written(p) {
			continue
		}
		if s := r.covering(p.Subject); s == nil || s.Signer.Code == teacher {
			own = append(own, p.Subject)
		}
	}
	return own
}

// PrepareSignPart begins the signature of a subject teacher over all own parts
// (row 2). A live signature of the teacher that does not cover a subject taken
// over since is replaced by it. It fails with record.part_incomplete, record.part_invalid,
// record.already_signed, record.nothing_to_sign, record.teachers_do_not_sign,
// or the codes of the table.
func (r *Record) PrepareSignPart(by By, cert Certificate) (*Intent, error) {
	p, err := r.planPart(by)
	if err != nil {
		return nil, err
	}
	return r.prepare(by, workflow.SignPart, p, cert, terms{})
}

func (r *Record) planPart(by By) (plan, error) {
	slot := TeacherSlot(by.TeacherCode)
	for _, s := range r.standing(bundle.SubjectTeacher) {
		if s.Slot == slot && !r.foreign(by) && r.Live(s) && r.coversOwn(s, by.TeacherCode) {
			return plan{}, fault.New(fault.Conflict, "record.already_signed", "slot", string(slot),
				"parts", join(subjectsOf(s.Content)), "at", school.DateOf(s.At).String())
		}
	}
	if err := r.check(by, workflow.SignPart); err != nil {
		return plan{}, err
	}
	if !r.General.TeachersSign {
		return plan{}, fault.New(fault.Conflict, "record.teachers_do_not_sign", "mend", "homeroom")
	}
	own := r.OwnParts(by.TeacherCode)
	if len(own) == 0 {
		return plan{}, fault.New(fault.Conflict, "record.nothing_to_sign")
	}
	var parts [][]byte
	out := plan{slot: slot, number: bundle.TeacherNumber(own)}
	for _, s := range own {
		p, _ := r.part(s)
		if err := r.partComplete(p); err != nil {
			return plan{}, err
		}
		b, err := bundle.WriteSubject(r.subject(p, p.Owner))
		if err != nil {
			return plan{}, err
		}
		parts = append(parts, b)
		out.content = append(out.content, b...)
		out.signer = p.Owner
	}
	out.id = bundle.TeacherSignatureID(out.number)
	out.refs = bundle.TeacherReferences(parts)
	return out, nil
}

// coversOwn reports whether a teacher's signature is over everything that is
// the teacher's today: whoever took a subject over has more to sign than before.
func (r *Record) coversOwn(s Signature, teacher string) bool {
	for _, subject := range r.OwnParts(teacher) {
		if partOf(s.Content, subject) == nil {
			return false
		}
	}
	return true
}

// superseded ends the live signature that a teacher gave before taking further
// subjects over: a teacher has one signature in a record, and the new one is
// over the same parts and the others.
func (r *Record) superseded(c *Change, by By, slot Slot) {
	for _, s := range r.standing(bundle.SubjectTeacher) {
		if s.Slot == slot && r.Live(s) {
			c.void(by, s, Withdrawn)
		}
	}
}

// WithdrawPart takes the teacher's own signature back (row 3). It fails with
// record.not_signed, or record.homeroom_signed while the homeroom teacher's
// signature over the year is live.
func (r *Record) WithdrawPart(by By) (Change, error) {
	if err := r.check(by, workflow.WithdrawPart); err != nil {
		return Change{}, err
	}
	if home := r.liveIn(bundle.Homeroom); home != nil {
		return Change{}, fault.New(fault.Conflict, "record.homeroom_signed", "teacher", home.Signer.Name, "mend", "homeroom")
	}
	return r.withdraw(by, workflow.WithdrawPart, TeacherSlot(by.TeacherCode), "")
}

// withdraw voids whatever stands in a slot.
func (r *Record) withdraw(by By, act workflow.Action, slot Slot, to workflow.Stage) (Change, error) {
	c := r.begin(by, act)
	for _, s := range r.Signatures {
		if s.Slot == slot && !r.voided(s.ID) {
			c.void(by, s, Withdrawn)
		}
	}
	if len(c.voids) == 0 {
		return Change{}, fault.New(fault.Conflict, "record.not_signed", "slot", string(slot))
	}
	return r.finish(c, by, to, "slot", string(slot))
}

// PrepareSignHomeroom begins the homeroom teacher's signature over the year's
// content (row 4). shown is the overall level the page showed, "" when it
// showed none. It fails with record.missing_part_signature (Args part,
// teacher: the first; parts: all), record.return_open, record.part_incomplete,
// record.part_invalid, record.page_incomplete, record.page_invalid,
// record.overall_changed, record.commendation, record.track_…,
// record.summer_missing, record.completion_differs, record.promotion_…,
// record.already_signed, or the codes of the table.
func (r *Record) PrepareSignHomeroom(by By, cert Certificate, shown evaluation.Overall) (*Intent, error) {
	t := terms{Shown: shown}
	p, err := r.planHomeroom(by, t)
	if err != nil {
		return nil, err
	}
	return r.prepare(by, workflow.SignHomeroom, p, cert, t)
}

func (r *Record) planHomeroom(by By, t terms) (plan, error) {
	if s := r.liveIn(bundle.Homeroom); s != nil && s.Signer.Code == by.TeacherCode && !r.foreign(by) {
		return plan{}, fault.New(fault.Conflict, "record.already_signed", "slot", string(HomeroomSlot), "at", school.DateOf(s.At).String())
	}
	if err := r.check(by, workflow.SignHomeroom); err != nil {
		return plan{}, err
	}
	for _, part := range r.OpenParts() {
		if part != bundle.ContentID { // the page's own return is answered by signing it
			return plan{}, fault.New(fault.Conflict, "record.return_open", "part", part, "teacher", r.ownerOf(part).Name, "mend", "owner")
		}
	}
	for _, p := range r.Parts {
		if r.written(p) {
			if err := r.partComplete(p); err != nil {
				return plan{}, err
			}
		}
	}
	if err := r.missingSignatures(); err != nil {
		return plan{}, err
	}
	if err := r.pageComplete(t.Shown); err != nil {
		return plan{}, err
	}
	content, err := r.content(r.Class.Homeroom)
	if err != nil {
		return plan{}, err
	}
	return plan{slot: HomeroomSlot, id: bundle.HomeroomSignatureID, signer: r.Class.Homeroom,
		content: content, refs: bundle.HomeroomReferences(content)}, nil
}

// missingSignatures refuses while a subject teacher's signature is missing.
func (r *Record) missingSignatures() error {
	unsigned := r.unsigned()
	if len(unsigned) == 0 {
		return nil
	}
	var all []school.Subject
	for _, p := range unsigned {
		all = append(all, p.Subject)
	}
	return fault.New(fault.Conflict, "record.missing_part_signature",
		"part", bundle.SubjectID(unsigned[0].Subject), "parts", join(all), "teacher", unsigned[0].Owner.Name, "mend", "subject_teacher")
}

// ownerOf returns who answers for a part today.
func (r *Record) ownerOf(part string) bundle.Teacher {
	if s, ok := PartName(part); ok {
		p, _ := r.part(s)
		return p.Owner
	}
	return r.Class.Homeroom
}

// WithdrawHomeroom takes the homeroom teacher's signature back (row 5). It may
// also be a predecessor's: the duty, not the person, withdraws.
func (r *Record) WithdrawHomeroom(by By) (Change, error) {
	if err := r.check(by, workflow.WithdrawHomeroom); err != nil {
		return Change{}, err
	}
	return r.withdraw(by, workflow.WithdrawHomeroom, HomeroomSlot, "")
}
