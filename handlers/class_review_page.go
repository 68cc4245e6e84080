package handlers

import (
	"slices"
	"strings"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Places of the homeroom teacher's own part in the list of what is missing.
const (
	missingTraits   = "traits"
	missingRemarks  = "remarks"
	missingAbsences = "absences"
	missingOwnSigns = "signatures" // of the homeroom teacher's own subjects
)

// classPage lays the class out; the frame is added by the caller.
func (q reviewRequest) classPage(r *request, c db.ClassReview) views.ClassReview {
	page := views.ClassReview{Year: q.year, ClassID: q.classID, Class: c.Class.Name}
	found := map[string]*views.ReviewMissing{}
	for _, row := range c.Rows {
		gaps := gapsOf(row)
		page.Rows = append(page.Rows, q.reviewRow(r, c, row, gaps))
		if row.Record == nil {
			continue
		}
		note(found, row.Record, gaps)
		if signable(row.Record, gaps) {
			page.Ready++
		}
		if row.Unawarded(q.rules) {
			page.Unawarded++
		}
	}
	page.Missing = inOrder(found)
	if only := r.QueryParam("only"); found[only] != nil || only != "" && knownPart(only) {
		page.Only = only
	}
	return page
}

func knownPart(part string) bool {
	_, ok := record.PartName(part)
	return ok || slices.Contains([]string{missingTraits, missingRemarks, missingAbsences, missingOwnSigns}, part)
}

// signable reports whether the homeroom teacher could sign the record now.
func signable(r *record.Record, gaps []record.Gap) bool {
	switch r.Stage {
	case workflow.Drafting, workflow.PartSigned, workflow.Returned:
		return len(gaps) == 0 && len(r.OpenParts()) == 0 && r.Outcome().Complete() && r.Contradiction() == nil
	}
	return false
}

// note counts a pupil once under each part that keeps the record from being
// signed. The homeroom teacher's own subjects that only want a signature are
// one thing to do; the page counts under the three places where it is mended.
func note(found map[string]*views.ReviewMissing, rec *record.Record, gaps []record.Gap) {
	counted := map[string]bool{}
	for _, gap := range gaps {
		for _, part := range partsOf(rec, gap) {
			m := found[part]
			if m == nil {
				subject, _ := record.PartName(part)
				m = &views.ReviewMissing{Part: part, Subject: subject, Teacher: gap.Teacher.Name, Own: own(rec, gap)}
				found[part] = m
			}
			switch {
			case counted[part]:
			case gap.Missing:
				m.Unwritten++
			default:
				m.Unsigned++
			}
			counted[part] = true
		}
	}
}

// own reports whether a gap is the homeroom teacher's, who reads these pages.
func own(rec *record.Record, gap record.Gap) bool {
	return gap.Teacher.Code != "" && gap.Teacher.Code == rec.Class.Homeroom.Code
}

// partsOf names where a gap is mended: a subject's part, or the places of the page.
func partsOf(rec *record.Record, gap record.Gap) []string {
	if gap.Part != bundle.ContentID {
		if !gap.Missing && own(rec, gap) {
			return []string{missingOwnSigns}
		}
		return []string{gap.Part}
	}
	var parts []string
	for _, cell := range gap.Cells {
		part := missingAbsences
		switch item, _, _ := strings.Cut(cell, "."); evaluation.Item(item).Kind() {
		case evaluation.TraitItem:
			part = missingTraits
		case evaluation.RemarkItem:
			part = missingRemarks
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts
}

// inOrder lists what is missing: others' parts first, since they must be asked
// for, then by the booklet.
func inOrder(found map[string]*views.ReviewMissing) []views.ReviewMissing {
	var others, own []views.ReviewMissing
	add := func(part string) {
		switch m := found[part]; {
		case m == nil:
		case m.Own:
			own = append(own, *m)
		default:
			others = append(others, *m)
		}
	}
	for _, s := range school.Subjects {
		add(bundle.SubjectID(s))
	}
	for _, part := range []string{missingTraits, missingRemarks, missingAbsences, missingOwnSigns} {
		add(part)
	}
	slices.SortStableFunc(others, func(a, b views.ReviewMissing) int { return strings.Compare(a.Teacher, b.Teacher) })
	return append(others, own...)
}

// gapsOf is what keeps a pupil's record from being signed: asked once a pupil,
// because every signature is compared for it.
func gapsOf(r db.ReviewRow) []record.Gap {
	if r.Record == nil {
		return nil
	}
	return r.Record.Gaps()
}

// reviewRow lays one pupil out.
func (q reviewRequest) reviewRow(r *request, c db.ClassReview, from db.ReviewRow, gaps []record.Gap) views.ReviewRow {
	row := views.ReviewRow{Enrolment: from.EnrolmentID, Name: from.FullName, Inclusive: from.Inclusive, NotAssessed: from.NotAssessed, Review: from.Review}
	if c.Class.MultiGrade() {
		row.Grade = from.Grade
	}
	rec := from.Record
	if rec == nil {
		return row
	}
	out := rec.Outcome()
	row.RecordID, row.Printing = rec.ID, r.printing(rec)
	for _, k := range rec.Page.Commended {
		row.Commended = append(row.Commended, views.Commended{Kind: evaluation.Commendation(k.Award), Line: k.Text})
	}
	row.HasRecord, row.Stage, row.Overall, row.Wrong = true, rec.Stage, out.Overall, len(out.Errors) > 0
	if f := asFault(rec.Contradiction()); f != nil {
		row.Problem = f
	}
	q.shares(rec, gaps, &row)
	return row
}

// shares counts what is there of what the grade asks for.
func (q reviewRequest) shares(rec *record.Record, gaps []record.Gap, row *views.ReviewRow) {
	for _, p := range rec.Parts {
		if q.rules.Subject(rec.Class.Grade, p.Subject) == evaluation.Required || !p.Entry.IsZero() {
			row.Subjects.Of++
		}
	}
	row.Subjects.Have = row.Subjects.Of
	if rec.General.TeachersSign {
		row.Signed = row.Subjects
	}
	missing := map[evaluation.Item]bool{}
	for _, gap := range gaps {
		row.Missing = append(row.Missing, partsOf(rec, gap)...)
		if gap.Part == bundle.ContentID {
			for _, cell := range gap.Cells {
				item, _, _ := strings.Cut(cell, ".")
				missing[evaluation.Item(item)] = true
			}
			continue
		}
		if gap.Missing {
			row.Subjects.Have--
		}
		if rec.General.TeachersSign {
			row.Signed.Have--
		}
	}
	if rec.Pupil.NotAssessed {
		return
	}
	row.Qualities = q.share(rec, missing, evaluation.Qualities)
	row.Competencies = q.share(rec, missing, append(slices.Clone(evaluation.GeneralCompetencies), evaluation.SpecificCompetencies...))
	row.Remarks.Of = len(evaluation.RemarkGroups)
	for _, g := range evaluation.RemarkGroups {
		if rec.Page.Remarks[g] != "" {
			row.Remarks.Have++
		}
	}
}

// share counts the traits that the grade asks for, and optional ones that were given.
func (q reviewRequest) share(rec *record.Record, missing map[evaluation.Item]bool, traits []evaluation.Item) views.Share {
	var s views.Share
	for _, t := range traits {
		if q.rules.Trait(rec.Class.Grade, t) != evaluation.Required && rec.Page.Traits[t] == "" {
			continue
		}
		s.Of++
		if !missing[t] {
			s.Have++
		}
	}
	return s
}
