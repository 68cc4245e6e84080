package verify

import (
	"strings"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// rules compares the content with the rule set it names: what may and must be
// assessed, and the overall level that follows (TT 27/2020 Điều 9, 11, 13).
func (r *run) rules() {
	rec := r.document.Record
	if rec == nil {
		r.add(Check{Name: Rules, Status: Skipped})
		return
	}
	set, ok := evaluation.Find(rec.General.RuleSet)
	if !ok {
		r.outcome(Rules, "", undecided("verify.rule_set_unknown", "rule_set", rec.General.RuleSet))
		return
	}
	err := resultFault(set, rec)
	if err == nil {
		err = decisionFault(set, rec)
	}
	r.outcome(Rules, "", err)
}

// YearEnd returns the content as the evaluation rules take it.
func YearEnd(c *bundle.Content) evaluation.YearEnd {
	y := evaluation.YearEnd{Grade: c.Class.Grade, NotAssessed: c.Pupil.NotAssessed,
		Subjects: make(map[school.Subject]evaluation.Entry), Traits: make(map[evaluation.Item]evaluation.Level)}
	for _, s := range c.Subjects {
		y.Subjects[s.Subject] = evaluation.Entry{Level: evaluation.Level(s.Level), Mark: s.Mark, Remark: s.Remark, Exempt: s.Exempt}
	}
	for _, g := range []bundle.Group{c.Qualities, c.General, c.Specific} {
		for _, t := range g.Traits {
			y.Traits[evaluation.Item(t.Item)] = evaluation.Level(t.Level)
		}
	}
	return y
}

// resultFault recomputes the overall level.
func resultFault(set *evaluation.RuleSet, rec *bundle.Record) error {
	c := &rec.Content
	if !set.Covers(rec.General.Year, c.Class.Grade) {
		return refuse("verify.rule_set_not_in_force", "rule_set", set.ID(), "year", string(rec.General.Year))
	}
	out := set.Consolidate(YearEnd(c))
	switch {
	case len(out.Errors) > 0:
		return refuse("verify.result_not_allowed", "item", itemName(out.Errors[0]), "items", strings.Join(out.Errors, " "))
	case len(out.Missing) > 0:
		return refuse("verify.result_missing", "item", itemName(out.Missing[0]), "items", strings.Join(out.Missing, " "))
	case string(out.Overall) != c.Overall:
		return refuse("verify.overall", "stated", c.Overall, "computed", string(out.Overall))
	}
	return nil
}

// itemName is the official name of the item a reference of an outcome is about.
func itemName(ref string) string {
	item, _, _ := evaluation.Ref(ref)
	return item.Name()
}

// decisionFault checks what was decided upon the result: commendation,
// completion of the grade, the batch.
func decisionFault(set *evaluation.RuleSet, rec *bundle.Record) error {
	c, track := &rec.Content, rec.General.Track
	overall := evaluation.Overall(c.Overall)
	for _, k := range c.Commended {
		if !set.MayAward(evaluation.Commendation(k.Award), overall) {
			return refuse("verify.commendation", "award", string(k.Award), "overall", c.Overall)
		}
	}
	switch {
	case track == school.TrackJune && c.Reassessment != nil, track == school.TrackAugust && c.Reassessment == nil:
		return refuse("verify.track_and_summer")
	case c.Pupil.NotAssessed:
		return nil
	case c.Completed != evaluation.Completes(overall):
		return refuse("verify.completion", "overall", c.Overall)
	case c.Completed && !c.Promoted && c.Class.Grade < evaluation.LastGrade:
		return refuse("verify.promotion")
	case track == school.TrackJune && !c.Completed:
		return refuse("verify.track_incomplete")
	}
	return nil
}
