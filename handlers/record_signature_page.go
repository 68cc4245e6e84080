package handlers

import (
	"slices"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// signingView puts the dry run into the page: what came back, then one section
// for each capacity in which the person signs here.
func (p *Portal) signingView(r *request, c db.ClassSigning) (views.Signing, error) {
	page := views.Signing{Year: c.Class.Year, ClassID: c.Class.ID, ClassName: c.Class.Name}
	var kinds []string
	if len(c.Subjects) > 0 && teachersSign(c) {
		kinds = append(kinds, jobs.SignParts)
	}
	if c.Homeroom {
		kinds = append(kinds, jobs.SignHomeroom)
	}
	for _, rec := range c.Records {
		if back := returned(c, rec, r.actor.TeacherCode); len(back.Parts) > 0 {
			page.Returned = append(page.Returned, back)
		}
	}
	for _, kind := range kinds {
		section := views.SigningSection{Kind: kind}
		if kind == jobs.SignParts {
			for _, s := range c.Subjects {
				section.Subjects = append(section.Subjects, s.Short())
			}
		}
		for i, rec := range c.Records {
			if row, ok := signingRow(c, rec, kind, r.by()); ok {
				row.Number = i + 1
				section.Rows = append(section.Rows, row)
			}
		}
		if err := p.beforeSigning(r, c, &page, &section); err != nil {
			return views.Signing{}, err
		}
		page.Sections = append(page.Sections, section)
	}
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if err := writtenByOthers(r, tx, c, &page); err != nil {
			return err
		}
		return signAgain(r, tx, c, &page)
	})
	if err != nil {
		return page, err
	}
	return page, p.foundBeforeSigning(r, c, &page)
}

// teachersSign reports whether subject teachers sign at all (GVBM_KY).
func teachersSign(c db.ClassSigning) bool {
	return len(c.Records) == 0 || c.Records[0].General.TeachersSign
}

// signingRow is one pupil of a section; ok is false when the person has no part
// in that pupil's record.
func signingRow(c db.ClassSigning, rec *record.Record, kind string, by record.By) (row views.SigningRow, ok bool) {
	err := maySign(rec, kind, by)
	if fault.Is(err, "record.nothing_to_sign") {
		return row, false
	}
	row = views.SigningRow{Record: rec.ID, Name: rec.Pupil.Name}
	if f := fault.As(err); f != nil {
		row.Code, row.Args, row.Unsigned = standsInTheWay(rec, by, err)
		row.MendURL = mendURL(c, f, by)
	}
	if kind == jobs.SignHomeroom {
		row.Overall = string(rec.Outcome().Overall)
		row.MayReturn = mayReturn(rec, by)
		row.MayTake = takes(rec, jobs.WithdrawHomeroom, by)
		return row, true
	}
	row.MayTake = takes(rec, jobs.WithdrawParts, by)
	return row, true
}

// unsigned groups the parts without signature by whose they are.
func unsigned(rec *record.Record, by record.By) []views.SigningWait {
	var out []views.SigningWait
	for _, gap := range rec.Gaps() {
		if gap.Part == bundle.ContentID || gap.Missing {
			continue
		}
		i := slices.IndexFunc(out, func(w views.SigningWait) bool { return w.Teacher == gap.Teacher.Name })
		if i < 0 {
			i = len(out)
			out = append(out, views.SigningWait{Teacher: gap.Teacher.Name, Own: gap.Teacher.Code == by.TeacherCode})
		}
		out[i].Parts = append(out[i].Parts, gap.Part)
	}
	return out
}

func mayReturn(rec *record.Record, by record.By) bool {
	for _, act := range rec.Allowed(by) {
		if act == workflow.Return {
			return len(returnable(rec, by)) > 0
		}
	}
	return false
}

// returnable lists the parts that the person may send back: of a homeroom
// teacher, other teachers' parts alone.
func returnable(rec *record.Record, by record.By) []record.PartView {
	var out []record.PartView
	for _, v := range rec.PartViews(by) {
		if v.Returnable && v.Open == nil && v.Owner.Code != by.TeacherCode {
			out = append(out, v)
		}
	}
	return out
}

// mendURL leads to what is missing when the person is who mends it.
func mendURL(c db.ClassSigning, f *fault.Error, by record.By) string {
	part := f.Args["part"]
	switch f.Code {
	case "record.part_incomplete", "record.part_invalid":
		if f.Args["teacher"] != by.Name {
			return ""
		}
		return partURL(c, part)
	case "record.page_incomplete", "record.page_invalid", "record.commendation", "record.commendation_undecided", "record.track_missing", "record.summer_missing",
		"record.track_needs_completion", "record.track_is_august", "record.completion_differs", "record.promotion_differs",
		"record.promotion_undecided":
		return partURL(c, part)
	}
	return ""
}

// partURL is where a part is written.
func partURL(c db.ClassSigning, part string) string {
	if s, ok := record.PartName(part); ok {
		return views.GradebookURL(c.Class.Year, c.Class.ID, school.YearEnd, s)
	}
	if part == bundle.ContentID {
		return views.ReviewURL(c.Class.Year, c.Class.ID)
	}
	return ""
}

// returned collects what of a record came back to a teacher.
func returned(c db.ClassSigning, rec *record.Record, teacher string) views.ReturnedRecord {
	out := views.ReturnedRecord{Record: rec.ID, Name: rec.Pupil.Name}
	for _, ret := range rec.OpenReturns(teacher) {
		for _, part := range ret.Parts {
			out.Parts = append(out.Parts, views.ReturnedPart{ID: part, Reason: ret.Reason, ByRole: string(ret.Role), At: ret.At,
				MendURL: partURL(c, part)})
		}
	}
	return out
}

// beforeSigning adds what the person reads and chooses before signing a
// section, and the batch of it that is not over.
func (p *Portal) beforeSigning(r *request, c db.ClassSigning, page *views.Signing, section *views.SigningSection) error {
	return p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		if page.Dry, err = dryRun(r, tx, c.Class.Year); err != nil {
			return err
		}
		if section.Job, err = openJob(r, tx, section.Kind, jobs.ClassSubject(c.Class.ID)); err != nil {
			return err
		}
		section.With, err = signWith(r, tx, c.Class.Year, roleOf(section.Kind))
		return err
	})
}

// roleOf is the capacity in which a kind of signing is done.
func roleOf(kind string) bundle.Role {
	switch kind {
	case jobs.SignHomeroom:
		return bundle.Homeroom
	case jobs.Approve:
		return bundle.Approval
	case jobs.Issue:
		return bundle.Seal
	}
	return bundle.SubjectTeacher
}
