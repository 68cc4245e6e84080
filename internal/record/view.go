package record

import (
	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Model returns the record as its current values write it, for pages that look
// like the paper before there is a version. What is missing is left empty: a
// record that cannot be signed yet can be looked at.
func (r *Record) Model() *bundle.Record {
	m := &bundle.Record{General: r.General, Content: r.contentModel(r.homeroomTeacher())}
	m.General.Version, m.General.Replaces, m.General.Track = r.nextVersion(), r.replaced(), r.Page.Track
	if s := r.liveIn(bundle.Approval); s != nil {
		m.General.Approver = bundle.Approver{Code: s.Signer.Code, Name: s.Signer.Name}
	}
	for _, p := range r.Parts {
		if r.written(p) {
			m.Content.Subjects = append(m.Content.Subjects, r.subject(p, r.writerOf(p)))
		}
	}
	return m
}

// homeroomTeacher returns who signed the page, or whose page it is today.
func (r *Record) homeroomTeacher() bundle.Teacher {
	if s := r.liveIn(bundle.Homeroom); s != nil {
		return s.Signer
	}
	return r.Class.Homeroom
}

// writerOf returns who signed a part, or who owns it today.
func (r *Record) writerOf(p Part) bundle.Teacher {
	if s := r.covering(p.Subject); s != nil {
		return s.Signer
	}
	return p.Owner
}

// PartView is a part of the record as its readers are told of it: whose it is,
// whose live signature covers it, what return waits for an answer.
type PartView struct {
	ID      string         // element Id
	Subject school.Subject // "" is the homeroom teacher's page
	Owner   bundle.Teacher // today's; zero: nobody
	Signed  *Signature     // live; nil: not signed
	Open    *Return        // not answered; nil: none
	Fallen  *Signature     // ended by a change and not given again; nil: none
	// Returnable says that the person may return this part (row 6); the stage is
	// not looked at.
	Returnable bool
}

// PartViews lists the parts in the order of the booklet, the page last.
func (r *Record) PartViews(by By) []PartView {
	var out []PartView
	for _, p := range r.Parts {
		if !r.written(p) {
			continue
		}
		id := bundle.SubjectID(p.Subject)
		out = append(out, PartView{ID: id, Subject: p.Subject, Owner: p.Owner, Signed: r.covering(p.Subject),
			Open: r.openReturn(id), Fallen: r.Fallen(id), Returnable: r.returnable(by, id)})
	}
	return append(out, PartView{ID: bundle.ContentID, Owner: r.Class.Homeroom, Signed: r.liveIn(bundle.Homeroom),
		Open: r.openReturn(bundle.ContentID), Fallen: r.Fallen(bundle.ContentID), Returnable: by.Role != workflow.Teacher})
}

// VoidOf returns what ended a signature; nil while nothing did. A signature
// without void row may still not be Live: its content was overtaken.
func (r *Record) VoidOf(s Signature) *Void {
	for i := range r.Voids {
		if r.Voids[i].SignatureID == s.ID {
			return &r.Voids[i]
		}
	}
	return nil
}

// Subjects lists the subject parts that a subject teacher's signature covers;
// nil for the other slots, which cover whole elements.
func (s Signature) Subjects() []school.Subject {
	if s.Slot.Role() != bundle.SubjectTeacher {
		return nil
	}
	return subjectsOf(s.Content)
}

// Last returns the newest version; nil before the first issue.
func (r *Record) Last() *Version { return r.lastVersion() }
