package record

import (
	"bytes"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// written reports whether the part stands in the record: everything but a
// subject that is not demanded and that the pupil does not study.
func (r *Record) written(p Part) bool {
	return p.Taken || r.rules.Subject(r.Class.Grade, p.Subject) == evaluation.Required || !p.Entry.IsZero()
}

// subject returns the part's values as the signed XML has them. A pupil who is
// not assessed has no result in it: the row says so, as for an exempt one.
func (r *Record) subject(p Part, teacher bundle.Teacher) bundle.Subject {
	e := p.Entry
	return bundle.Subject{
		Record: r.General.Record, Year: r.General.Year, Pupil: r.Pupil.Code,
		Subject: p.Subject, Teacher: teacher,
		Exempt: e.Exempt || r.Pupil.NotAssessed && !e.HasResult(),
		Level:  string(e.Level), Mark: e.Mark, Remark: e.Remark,
	}
}

// nobody stands in for a teacher where only the values are compared.
var nobody = bundle.Teacher{Code: "0", Name: "0"}

// sameValues reports whether the stored bytes of a part hold the part's current
// values. Who teaches is not compared: a part keeps the name of the teacher
// who wrote it when the class gets another one.
func (r *Record) sameValues(p Part, stored []byte) bool {
	now, known := r.memo.values[p.Subject]
	if !known {
		if b, err := bundle.WriteSubject(r.subject(p, nobody)); err == nil {
			now = withoutTeacher(b)
		}
		r.memo.values[p.Subject] = now
	}
	return now != nil && bytes.Equal(now, withoutTeacher(stored))
}

// withoutTeacher cuts code and name of the teacher out of a part.
func withoutTeacher(part []byte) []byte {
	return cut(cut(part, ` MA_GIAO_VIEN="`, `"`), "<HO_TEN_GIAO_VIEN>", "</HO_TEN_GIAO_VIEN>")
}

// cut leaves out the first stretch between two marks, with the marks.
func cut(b []byte, from, to string) []byte {
	start := bytes.Index(b, []byte(from))
	if start < 0 {
		return b
	}
	end := bytes.Index(b[start+len(from):], []byte(to))
	if end < 0 {
		return b
	}
	return append(bytes.Clone(b[:start]), b[start+len(from)+end+len(to):]...)
}

// partBytes returns the current bytes of a part: those that a signature which
// was not voided covers, as long as they hold the current values, else new
// ones with today's teacher.
func (r *Record) partBytes(p Part) ([]byte, error) {
	for _, role := range []bundle.Role{bundle.SubjectTeacher, bundle.Homeroom} {
		for _, s := range r.standing(role) {
			if stored := partOf(s.Content, p.Subject); stored != nil && r.sameValues(p, stored) {
				return stored, nil
			}
		}
	}
	if p.Owner.Code == "" {
		return nil, fault.New(fault.Conflict, "record.part_without_teacher", "part", bundle.SubjectID(p.Subject), "mend", "school_admin")
	}
	return bundle.WriteSubject(r.subject(p, p.Owner))
}

// allParts returns the bytes of every part in the order of the booklet.
func (r *Record) allParts() ([][]byte, error) {
	var all [][]byte
	for _, p := range r.Parts {
		if !r.written(p) {
			continue
		}
		b, err := r.partBytes(p)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// content returns the bytes of the year's content with this homeroom teacher.
func (r *Record) content(homeroom bundle.Teacher) ([]byte, error) {
	parts, err := r.allParts()
	if err != nil {
		return nil, err
	}
	return bundle.WriteContent(r.contentModel(homeroom), parts)
}

func (r *Record) contentModel(homeroom bundle.Teacher) bundle.Content {
	c := bundle.Content{
		Record: r.General.Record, Year: r.General.Year, Pupil: r.Pupil, Class: r.Class, History: r.History,
		HeightMM: r.Page.HeightMM, WeightG: r.Page.WeightG,
		Qualities: r.group(evaluation.RemarkQualities),
		General:   r.group(evaluation.RemarkGeneralCompetencies),
		Specific:  r.group(evaluation.RemarkSpecificCompetencies),
		Overall:   string(r.Outcome().Overall), Commended: r.Page.Commended, Reassessment: r.Page.Reassessment,
	}
	c.Class.Homeroom = homeroom
	if r.Page.Absences != nil {
		c.Absences = *r.Page.Absences
	}
	c.Completed, c.Promoted = r.decided()
	return c
}

func (r *Record) group(remark evaluation.Item) bundle.Group {
	g := bundle.Group{Remark: r.Page.Remarks[remark]}
	for _, t := range remark.Members() {
		if l := r.Page.Traits[t]; l != "" {
			g.Traits = append(g.Traits, bundle.Trait{Item: string(t), Level: string(l)})
		}
	}
	return g
}

// decided returns completion and promotion: what was decided, else what
// follows from the overall level (Điều 11.1).
func (r *Record) decided() (completed, promoted bool) {
	completes := evaluation.Completes(r.Outcome().Overall)
	completed, promoted = completes, completes
	if r.Page.Completed != nil {
		completed = *r.Page.Completed
	}
	if r.Page.Promoted != nil {
		promoted = *r.Page.Promoted
	}
	return completed, promoted
}

// data returns the bytes of all data for the next version, and its general part.
func (r *Record) data(approver bundle.Approver, content []byte) ([]byte, error) {
	g := r.General
	g.Version, g.Replaces, g.Track, g.Approver = r.nextVersion(), r.replaced(), r.Page.Track, approver
	return bundle.WriteData(g, content)
}

var partStart, partEnd = []byte("<DIEM_TONG_KET "), []byte("</DIEM_TONG_KET>")

// splitParts returns the subject parts inside bytes this package had signed.
// Text is escaped there, so the tags can be looked for.
func splitParts(content []byte) [][]byte {
	var parts [][]byte
	for {
		start := bytes.Index(content, partStart)
		if start < 0 {
			return parts
		}
		end := bytes.Index(content[start:], partEnd)
		if end < 0 {
			return parts
		}
		end += start + len(partEnd)
		parts = append(parts, content[start:end])
		content = content[end:]
	}
}

func partOf(content []byte, s school.Subject) []byte {
	for _, part := range splitParts(content) {
		if bundle.PartID(part) == bundle.SubjectID(s) {
			return part
		}
	}
	return nil
}

func subjectsOf(content []byte) []school.Subject {
	var out []school.Subject
	for _, part := range splitParts(content) {
		if s, ok := PartName(bundle.PartID(part)); ok {
			out = append(out, s)
		}
	}
	return out
}
