package evaluation

import (
	"slices"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// SummerPlan is what a pupil who has not completed the grade practises, and in
// what the pupil is assessed again (TT 27/2020 Điều 11.2).
type SummerPlan struct {
	Items    []Item      // assessed again: subjects and traits, in the order of the booklet
	Content  string      // what is practised
	Guide    string      // by whom
	From, To school.Date // both days included
	Family   string      // how the family helps; may be empty
}

// SummerField names a line of a plan or of a decision.
type SummerField string

// The fields of a plan, then those of a decision.
const (
	SummerItems   SummerField = "items"
	SummerContent SummerField = "content"
	SummerGuide   SummerField = "guide"
	SummerFrom    SummerField = "from"
	SummerTo      SummerField = "to"
	SummerFamily  SummerField = "family"

	SummerResult SummerField = "outcome"
	SummerNumber SummerField = "number"
	SummerDate   SummerField = "date"
	SummerNote   SummerField = "note"
)

// What the lines of a printed plan and of the record's page hold.
const (
	longestSummerText  = 600
	longestSummerGuide = 150
	longestNumber      = 50
)

// ReadSummerPlan returns the plan in its stored form and what is wrong with it
// by field: summer.items (nothing to assess again), summer.item (Args item: not
// taught or not assessed in the grade), summer.content, summer.guide,
// summer.dates (missing, the wrong way round or outside the year),
// summer.too_long (Args max).
func (r *RuleSet) ReadSummerPlan(p SummerPlan, grade int, s Standing) (SummerPlan, map[SummerField]*fault.Error) {
	out := map[SummerField]*fault.Error{}
	refuse := func(f SummerField, code string, args ...string) {
		if out[f] == nil {
			out[f] = fault.New(fault.Invalid, code, args...)
		}
	}
	known := r.Items(grade)
	for _, it := range p.Items {
		if it.Kind() == RemarkItem || !slices.Contains(known, it) {
			refuse(SummerItems, "summer.item", "item", string(it))
		}
	}
	p.Items = slices.DeleteFunc(known, func(it Item) bool { return !slices.Contains(p.Items, it) })
	if len(p.Items) == 0 && !s.NotAssessed {
		refuse(SummerItems, "summer.items")
	}
	p.Content, p.Family, p.Guide = school.Clean(p.Content), school.Clean(p.Family), school.CleanLine(p.Guide)
	for f, text := range map[SummerField]string{SummerContent: p.Content, SummerFamily: p.Family} {
		if utf8.RuneCountInString(text) > longestSummerText {
			refuse(f, "summer.too_long", "max", itoa(longestSummerText))
		}
	}
	if utf8.RuneCountInString(p.Guide) > longestSummerGuide {
		refuse(SummerGuide, "summer.too_long", "max", itoa(longestSummerGuide))
	}
	if p.Content == "" {
		refuse(SummerContent, "summer.content")
	}
	if p.Guide == "" {
		refuse(SummerGuide, "summer.guide")
	}
	if !inYear(p.From, s.Year) {
		refuse(SummerFrom, "summer.dates")
	}
	if !inYear(p.To, s.Year) || p.To.Before(p.From) {
		refuse(SummerTo, "summer.dates")
	}
	return p, out
}

func inYear(d school.Date, y school.Year) bool {
	return !d.IsZero() && !d.Before(y.Start()) && !y.End().Before(d)
}

// Obstacles are the items that keep a year from "Hoàn thành": what a plan
// proposes to assess again, in the order of the booklet.
func (r *RuleSet) Obstacles(y YearEnd) []Item {
	for _, rule := range r.overall {
		if rule.Level != HT {
			continue
		}
		var refs []Item
		for _, ref := range r.obstacles(rule, y) {
			it, _, _ := Ref(ref)
			refs = append(refs, it)
		}
		return slices.DeleteFunc(r.Items(y.Grade), func(it Item) bool { return !slices.Contains(refs, it) })
	}
	return nil
}

// SummerGaps lists the planned items that were not assessed again: without the
// level, or without the mark where the rule set has a test.
func (r *RuleSet) SummerGaps(grade int, plan []Item, summer map[Item]Entry) []Item {
	var out []Item
	for _, it := range plan {
		e := summer[it]
		s, subject := it.Subject()
		if !e.Exempt && (e.Level == "" || subject && e.Mark == nil && r.MarkAllowed(grade, s, school.Summer)) {
			out = append(out, it)
		}
	}
	return out
}

// PlannedItems are the items that a plan opens for writing: its own, and the
// remark of a group of which it has a trait.
func PlannedItems(plan []Item) map[Item]bool {
	out := make(map[Item]bool, len(plan))
	for _, it := range plan {
		out[it] = true
	}
	for _, group := range RemarkGroups {
		if slices.ContainsFunc(group.Members(), func(it Item) bool { return out[it] }) {
			out[group] = true
		}
	}
	return out
}

// SummerOutcome is what the principal decides after the summer (Điều 11.2–3).
type SummerOutcome string

// The outcomes.
const (
	SummerCompleted SummerOutcome = "completed" // the grade is completed after all
	SummerMovedUp   SummerOutcome = "moved_up"  // not completed, moves up by the decision
	SummerKeptDown  SummerOutcome = "kept_down" // not completed, stays in the grade
)

// SummerOutcomes lists them in the order of the form.
var SummerOutcomes = []SummerOutcome{SummerCompleted, SummerMovedUp, SummerKeptDown}

// Says returns what the outcome puts on the page: completion and promotion.
func (o SummerOutcome) Says() (completed, promoted bool) {
	return o == SummerCompleted, o != SummerKeptDown
}

// Fits reports whether the outcome goes with the level computed after the
// summer: only who reaches "Hoàn thành" has completed, and who reaches it is
// not kept from it. For a pupil who is not assessed every outcome fits.
func (o SummerOutcome) Fits(overall Overall, notAssessed bool) bool {
	return notAssessed || overall != "" && Completes(overall) == (o == SummerCompleted)
}

// SummerDecision is the principal's decision about one pupil.
type SummerDecision struct {
	Outcome SummerOutcome
	Number  string
	Date    school.Date
	Note    string
}

// SummerFacts are what a decision is judged by.
type SummerFacts struct {
	Standing
	PlanFrom school.Date
	Missing  []Item // planned and not assessed again
}

// ReadSummerDecision returns the decision in its stored form and what is wrong
// with it by field: summer.outcome, summer.number, summer.day (missing, outside
// the year, before the plan's first day or in the future), summer.too_long (Args
// max), summer.incomplete (the level cannot be computed), summer.outcome_level
// (Args overall: the outcome contradicts it), summer.not_reassessed (somebody is
// judged without having been assessed in all that was planned: never completed,
// else only with a note that says why).
func ReadSummerDecision(d SummerDecision, f SummerFacts) (SummerDecision, map[SummerField]*fault.Error) {
	out := map[SummerField]*fault.Error{}
	refuse := func(field SummerField, code string, args ...string) {
		if out[field] == nil {
			out[field] = fault.New(fault.Invalid, code, args...)
		}
	}
	d.Number, d.Note = school.CleanLine(d.Number), school.Clean(d.Note)
	if d.Number == "" {
		refuse(SummerNumber, "summer.number")
	}
	if utf8.RuneCountInString(d.Number) > longestNumber {
		refuse(SummerNumber, "summer.too_long", "max", itoa(longestNumber))
	}
	if !inYear(d.Date, f.Year) || f.Today.Before(d.Date) || d.Date.Before(f.PlanFrom) {
		refuse(SummerDate, "summer.day")
	}
	if utf8.RuneCountInString(d.Note) > longestReviewText {
		refuse(SummerNote, "summer.too_long", "max", itoa(longestReviewText))
	}
	switch {
	case !slices.Contains(SummerOutcomes, d.Outcome):
		refuse(SummerResult, "summer.outcome")
	case f.Overall == "" && !f.NotAssessed:
		refuse(SummerResult, "summer.incomplete")
	case !d.Outcome.Fits(f.Overall, f.NotAssessed):
		refuse(SummerResult, "summer.outcome_level", "overall", string(f.Overall))
	case len(f.Missing) > 0 && d.Outcome == SummerCompleted:
		refuse(SummerResult, "summer.not_reassessed")
	case len(f.Missing) > 0 && d.Note == "":
		refuse(SummerNote, "summer.not_reassessed")
	}
	return d, out
}
