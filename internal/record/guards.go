package record

import (
	"strconv"
	"strings"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// partGaps lists what a part still needs before its teacher may sign.
func (r *Record) partGaps(p Part) []string {
	if r.Pupil.NotAssessed {
		return nil
	}
	var gaps []string
	use := r.rules.Subject(r.Class.Grade, p.Subject)
	if p.Taken {
		use = evaluation.Required
	}
	for _, g := range r.rules.UseGaps(r.Class.Grade, school.YearEnd, evaluation.Item(p.Subject), p.Entry, use) {
		gaps = append(gaps, string(g.Item)+"."+string(g.Field))
	}
	return gaps
}

// partComplete refuses a part with missing or wrong values: record.part_incomplete
// or record.part_invalid. Args: part, cells, teacher, mend.
func (r *Record) partComplete(p Part) error {
	args := []string{"part", bundle.SubjectID(p.Subject), "teacher", p.Owner.Name, "mend", "subject_teacher"}
	if gaps := r.partGaps(p); len(gaps) > 0 {
		return fault.New(fault.Invalid, "record.part_incomplete", append(args, "cells", strings.Join(gaps, " "))...)
	}
	y := evaluation.YearEnd{Grade: r.Class.Grade, NotAssessed: r.Pupil.NotAssessed,
		Subjects: map[school.Subject]evaluation.Entry{p.Subject: p.Entry}}
	if errs := r.rules.Consolidate(y).Errors; len(errs) > 0 {
		return fault.New(fault.Invalid, "record.part_invalid", append(args, "cells", strings.Join(errs, " "))...)
	}
	return nil
}

// Gap is something that keeps a record from being signed by its homeroom
// teacher: a missing value or signature, with who can mend it.
type Gap struct {
	Part    string // element Id
	Cells   []string
	Missing bool // values are missing; else the signature is
	Teacher bundle.Teacher
}

// Gaps lists what keeps the homeroom teacher from signing, by part in the
// order of the booklet, the page last: the "what is missing, by teacher" of
// the class review.
func (r *Record) Gaps() []Gap {
	var out []Gap
	for _, p := range r.Parts {
		if !r.written(p) {
			continue
		}
		gap := Gap{Part: bundle.SubjectID(p.Subject), Teacher: p.Owner}
		switch cells := r.partGaps(p); {
		case len(cells) > 0:
			gap.Cells, gap.Missing = cells, true
		case r.General.TeachersSign && r.covering(p.Subject) == nil:
		default:
			continue
		}
		out = append(out, gap)
	}
	if cells := r.pageGaps(); len(cells) > 0 {
		out = append(out, Gap{Part: bundle.ContentID, Cells: cells, Missing: true, Teacher: r.Class.Homeroom})
	}
	return out
}

// pageGaps lists what the homeroom teacher's own part still needs.
func (r *Record) pageGaps() []string {
	var cells []string
	if r.Page.Absences == nil {
		cells = append(cells, "absences")
	}
	if r.Pupil.NotAssessed {
		return cells
	}
	for _, group := range evaluation.RemarkGroups {
		for _, t := range group.Members() {
			for _, g := range r.rules.ItemGaps(r.Class.Grade, school.YearEnd, t, evaluation.Entry{Level: r.Page.Traits[t]}) {
				cells = append(cells, string(g.Item)+"."+string(g.Field))
			}
		}
		if r.Page.Remarks[group] == "" && r.rules.GroupRemarkRequired(school.YearEnd) {
			cells = append(cells, string(group)+"."+string(evaluation.FieldRemark))
		}
	}
	return cells
}

// pageComplete refuses an incomplete or contradictory page. shown is the
// overall level the homeroom teacher saw; "" when the page did not say.
func (r *Record) pageComplete(shown evaluation.Overall) error {
	args := []string{"part", bundle.ContentID, "teacher", r.Class.Homeroom.Name, "mend", "homeroom"}
	refuse := func(code string, more ...string) error {
		return fault.New(fault.Invalid, code, append(append([]string(nil), args...), more...)...)
	}
	if cells := r.pageGaps(); len(cells) > 0 {
		return refuse("record.page_incomplete", "cells", strings.Join(cells, " "))
	}
	out := r.Outcome()
	switch {
	case len(out.Errors) > 0:
		return refuse("record.page_invalid", "cells", strings.Join(out.Errors, " "))
	case len(out.Missing) > 0:
		return refuse("record.page_incomplete", "cells", strings.Join(out.Missing, " "))
	case shown != "" && shown != out.Overall:
		return refuse("record.overall_changed", "shown", string(shown), "computed", string(out.Overall))
	}
	return r.contradiction(refuse)
}

// Contradiction tells what on the page does not go with the computed year: a
// commendation, the track, completion or promotion. It is nil as long as the
// year cannot be computed: what is missing comes first. Codes and Args are
// those of PrepareSignHomeroom.
func (r *Record) Contradiction() error {
	if !r.Outcome().Complete() {
		return nil
	}
	return r.contradiction(func(code string, more ...string) error {
		return fault.New(fault.Invalid, code, append([]string{"part", bundle.ContentID, "teacher", r.Class.Homeroom.Name}, more...)...)
	})
}

func (r *Record) contradiction(refuse func(code string, more ...string) error) error {
	overall := r.Outcome().Overall
	for _, k := range r.Page.Commended {
		if !r.rules.MayAward(evaluation.Commendation(k.Award), overall) {
			return refuse("record.commendation", "award", string(k.Award), "overall", string(overall))
		}
	}
	if r.DecideFirst && r.Undecided > 0 {
		return refuse("record.commendation_undecided", "count", strconv.Itoa(r.Undecided), "mend", "principal")
	}
	return r.trackFits(overall, refuse)
}

// trackFits checks completion, promotion and track against each other (Điều
// 11; seed Điều 4.3): track 1 is for pupils confirmed complete, track 2 for a
// decision after the re-assessment in summer.
func (r *Record) trackFits(overall evaluation.Overall, refuse func(code string, more ...string) error) error {
	completed, promoted := r.decided()
	switch {
	case r.Page.Track != school.TrackJune && r.Page.Track != school.TrackAugust:
		return refuse("record.track_missing")
	case r.Page.Track == school.TrackJune && !completed:
		return refuse("record.track_needs_completion", "overall", string(overall))
	case r.Page.Track == school.TrackJune && r.Page.Reassessment != nil:
		return refuse("record.track_is_august")
	case r.Page.Track == school.TrackAugust && r.Page.Reassessment == nil:
		return refuse("record.summer_missing")
	case evaluation.Completes(overall) && !completed, overall == evaluation.CHT && completed:
		return refuse("record.completion_differs", "overall", string(overall))
	case completed && !promoted:
		return refuse("record.promotion_differs")
	case !completed && r.Page.Promoted == nil:
		return refuse("record.promotion_undecided")
	}
	return nil
}
