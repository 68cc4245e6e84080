package record

import (
	"bytes"
	"maps"
	"slices"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// Edit is the new year-end value of one item: all fields of a subject, the
// level of a trait, or the remark of a group. Values are as ReadCell returned
// them; window and old value were checked where the cell is saved.
type Edit struct {
	Item  evaluation.Item
	Entry evaluation.Entry
}

// Facts are what a record says about the pupil beside the evaluation. They
// come from the school's lists, not from a teacher's cells.
type Facts struct {
	Pupil   bundle.Pupil
	Class   bundle.Class
	History []bundle.Stay
}

// CellChanged decides what follows when year-end cells change (rows 1 and 8):
// it voids exactly the live signatures that cover them, answers the return
// that opened the part, and names the stage. The Change is Empty when nothing
// was signed or no value differs. It fails with record.not_owner (Args part,
// teacher: who owns it), record.part_signed or record.issued.
func (r *Record) CellChanged(by By, edits ...Edit) (Change, error) {
	if err := r.check(by, workflow.SaveCell); err != nil {
		return Change{}, err
	}
	next := r.State
	next.Parts = slices.Clone(r.Parts)
	next.Page.Traits = cloned(r.Page.Traits)
	next.Page.Remarks = cloned(r.Page.Remarks)
	var touched []string
	for _, e := range edits {
		part := PartOf(e.Item)
		if err := r.mayEdit(by, part); err != nil {
			return Change{}, err
		}
		changed, err := apply(&next, e)
		if err != nil {
			return Change{}, err
		}
		if changed && !slices.Contains(touched, part) {
			touched = append(touched, part)
		}
	}
	return r.edited(by, next, touched)
}

// PageChanged is CellChanged for the whole of the homeroom teacher's page:
// absences, height and weight, commendations, completion, track, re-assessment.
func (r *Record) PageChanged(by By, page Page) (Change, error) {
	if err := r.check(by, workflow.SaveCell); err != nil {
		return Change{}, err
	}
	if err := r.mayEdit(by, bundle.ContentID); err != nil {
		return Change{}, err
	}
	next := r.State
	next.Page = page
	var touched []string
	before, errBefore := r.content(r.Class.Homeroom)
	after, errAfter := r.with(next).content(r.Class.Homeroom)
	if errBefore != nil || errAfter != nil || !bytes.Equal(before, after) {
		touched = []string{bundle.ContentID}
	}
	return r.edited(by, next, touched)
}

// SummerDecided puts the principal's decision after the summer on the page (row
// 17): completion, promotion and re-assessment, nothing else. No signature
// closes the page against it; what covers it ends, and the homeroom teacher
// signs again. Issued, the record must be reopened first.
func (r *Record) SummerDecided(by By, page Page) (Change, error) {
	if err := r.check(by, workflow.DecideSummer); err != nil {
		return Change{}, err
	}
	next := r.State
	next.Page.Completed, next.Page.Promoted = page.Completed, page.Promoted
	next.Page.Track, next.Page.Reassessment = page.Track, page.Reassessment
	c, err := r.edited(by, next, nil)
	if err != nil {
		return Change{}, err
	}
	c.act = workflow.DecideSummer
	return r.finish(c, by, c.to, "voided", number(len(c.voids)))
}

// FactsChanged is for changes of the pupil's data, class or history by the
// school's administration or by a job: no part is closed against them, but
// whatever signature covers them ends. After the issue nothing follows until
// the record is reopened.
func (r *Record) FactsChanged(by By, f Facts) (Change, error) {
	if r.foreign(by) {
		return Change{}, fault.New(fault.NotFound, "record.unknown")
	}
	if by.Kind != workflow.System && by.Role != workflow.SchoolAdmin && by.Role != workflow.Teacher {
		return Change{}, fault.New(fault.Forbidden, "record.role", "role", string(by.Role), "act", string(workflow.SaveCell))
	}
	next := r.State
	next.Pupil, next.Class, next.History = f.Pupil, f.Class, f.History
	return r.edited(by, next, nil)
}

// PersonalChanged is for changes of who the pupil is, as the file has it now:
// written by the homeroom teacher or the administrator, or confirmed by the
// principal. The pupil's data stand on the homeroom teacher's page, so the
// homeroom teacher's signature and the principal's end; those of subject
// teachers, which cover the pupil's number alone, stay. Issued versions say
// for ever what they say: nothing follows from Issued on. It fails with
// record.unknown, record.role, and record.state when it is another pupil.
func (r *Record) PersonalChanged(by By, pupil bundle.Pupil, history []bundle.Stay) (Change, error) {
	if r.foreign(by) {
		return Change{}, fault.New(fault.NotFound, "record.unknown")
	}
	switch {
	case by.Kind == workflow.System:
	case by.Role == workflow.SchoolAdmin, by.Role == workflow.Teacher, by.Role == workflow.Principal:
	default:
		return Change{}, fault.New(fault.Forbidden, "record.role", "role", string(by.Role), "act", string(workflow.SaveCell))
	}
	if pupil.Code != r.Pupil.Code {
		return Change{}, fault.New(fault.Internal, "record.state", "what", "pupil")
	}
	next := r.State
	next.Pupil, next.History = pupil, history
	return r.edited(by, next, nil)
}

// CommendationsChanged is for the principal, who puts number and day of a
// decision into the line or takes a commendation off the list. It stands on the
// homeroom teacher's page, so that teacher's signature and the approval end as
// with any change of the page; the Change tells by its Voids. It fails with
// record.unknown, record.role and, from the issue on, record.issued.
func (r *Record) CommendationsChanged(by By, list []bundle.Commendation) (Change, error) {
	switch {
	case r.foreign(by):
		return Change{}, fault.New(fault.NotFound, "record.unknown")
	case by.Role != workflow.Principal:
		return Change{}, fault.New(fault.Forbidden, "record.role", "role", string(by.Role), "act", string(workflow.SaveCell))
	case !r.Stage.BeforeIssue():
		return Change{}, r.PartOpen(bundle.ContentID)
	}
	next := r.State
	next.Page.Commended = list
	return r.edited(by, next, nil)
}

func cloned[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

// mayEdit refuses a part that is closed or another's.
func (r *Record) mayEdit(by By, part string) error {
	if owner := r.ownerOf(part); owner.Code != by.TeacherCode {
		return fault.New(fault.Forbidden, "record.not_owner", "part", part, "teacher", owner.Name)
	}
	return r.PartOpen(part)
}

// apply writes an edit into the state and says whether a value differs.
func apply(s *State, e Edit) (changed bool, err error) {
	switch e.Item.Kind() {
	case evaluation.SubjectItem:
		for i := range s.Parts {
			if p := &s.Parts[i]; evaluation.Item(p.Subject) == e.Item {
				changed = !sameEntry(p.Entry, e.Entry)
				p.Entry = e.Entry
				return changed, nil
			}
		}
	case evaluation.TraitItem:
		changed = s.Page.Traits[e.Item] != e.Entry.Level
		s.Page.Traits[e.Item] = e.Entry.Level
		return changed, nil
	case evaluation.RemarkItem:
		changed = s.Page.Remarks[e.Item] != e.Entry.Remark
		s.Page.Remarks[e.Item] = e.Entry.Remark
		return changed, nil
	}
	return false, fault.New(fault.Invalid, "cell.item", "item", string(e.Item))
}

func sameEntry(a, b evaluation.Entry) bool {
	for _, f := range []evaluation.Field{evaluation.FieldLevel, evaluation.FieldMark, evaluation.FieldRemark, evaluation.FieldExempt} {
		if a.Value(f) != b.Value(f) {
			return false
		}
	}
	return true
}

// edited compares what is live before and after new values: the signatures
// that were live and are no longer are those that covered what changed.
func (r *Record) edited(by By, next State, touched []string) (Change, error) {
	after := r.with(next)
	c := r.begin(by, workflow.SaveCell)
	if !r.Stage.BeforeIssue() {
		return r.finish(c, by, r.Stage)
	}
	for _, s := range r.Signatures {
		if s.Slot.Role() != bundle.Seal && r.Live(s) && !after.Live(s) {
			c.void(by, s, ContentChanged)
		}
	}
	for _, part := range touched {
		if ret := r.openReturn(part); ret != nil {
			c.answers = append(c.answers, Answer{ReturnID: ret.ID, Part: part, Kind: Changed, AccountID: by.AccountID, At: by.At})
			c.act = workflow.ChangeReturned
		}
	}
	to := r.Stage
	if then := after.after(c); len(c.voids) > 0 || to == workflow.Returned && len(then.OpenParts()) == 0 {
		to = then.stageOf()
	}
	return r.finish(c, by, to, "voided", number(len(c.voids)))
}
