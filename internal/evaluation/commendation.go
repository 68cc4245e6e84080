package evaluation

import (
	"slices"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Commendations lists the kinds in the order of the booklet's line: the title
// of the year's end first, what others gave last.
var Commendations = []Commendation{Outstanding, Exemplary, Special, Higher, Letter, OtherTitle}

// YearEnd reports whether the commendation is one of the two titles of the
// year's end, of which a pupil has at most one.
func (c Commendation) YearEnd() bool { return c == Outstanding || c == Exemplary }

// Decided reports whether the principal gives it by a decision (giấy khen). The
// others are given by somebody else, and the school only writes them down.
func (c Commendation) Decided() bool { return c.YearEnd() || c == Special }

// The names under which changes of commendations are kept, beside the fields
// of a review.
const (
	ReviewAward        ReviewField = "award"        // a Commendation
	ReviewCommendation ReviewField = "commendation" // what the record says of it
)

// Citation is a commendation with what it is given for.
type Citation struct {
	Kind   Commendation
	Items  []Item // in what an Exemplary pupil excels or clearly progressed
	Agreed bool   // the class agreed to it
	Reason string // the deed, the achievement
	Day    school.Date
	Giver  string // the higher authority; who wrote the letter
	Number string // of the higher authority's decision
}

// The lengths that section 5 of the booklet holds.
const (
	longestReason = 160
	longestGiver  = 120
	longestHigher = 50 // of a decision's number
	// LongestLine is what a line of a commendation may hold in the signed XML.
	LongestLine = 300
	// roomForDecision is kept for number and day of the principal's decision.
	roomForDecision = 90
)

// Tidy returns the citation with cleaned texts and without what its kind does
// not have; the items stand once each, in the order of the booklet.
func (c Citation) Tidy() Citation {
	out := Citation{Kind: c.Kind, Reason: school.CleanLine(c.Reason)}
	if c.Kind == Exemplary {
		out.Agreed = c.Agreed
		for _, it := range Citable() {
			if slices.Contains(c.Items, it) {
				out.Items = append(out.Items, it)
			}
		}
	}
	if !c.Kind.YearEnd() {
		out.Day = c.Day
	}
	if c.Kind == Higher || c.Kind == Letter {
		out.Giver = school.CleanLine(c.Giver)
	}
	if c.Kind == Higher {
		out.Number = school.CleanLine(c.Number)
	}
	return out
}

// Citable lists everything a pupil may be outstanding in: the subjects, the
// qualities and the competencies.
func Citable() []Item {
	var out []Item
	for _, s := range school.Subjects {
		out = append(out, Item(s))
	}
	return append(out, Traits()...)
}

// CitableIn lists what a pupil of the grade may be outstanding in.
func (r *RuleSet) CitableIn(grade int) []Item {
	return slices.DeleteFunc(Citable(), func(it Item) bool {
		if s, ok := it.Subject(); ok {
			return r.Subject(grade, s) == None
		}
		return r.Trait(grade, it) == None
	})
}

// CheckCitation judges a tidied citation for a pupil of the grade (TT 27/2020
// Điều 13). The codes, all Invalid, are
//
//	commendation.kind         no kind
//	commendation.level        a title that does not go with the level; Args award, overall
//	commendation.items        Tiêu biểu without a subject, quality or competency of the grade
//	commendation.agreed       Tiêu biểu without the class's agreement
//	commendation.reason       without the deed where it must be told, or too long; Args max
//	commendation.day          without a day of the year up to today
//	commendation.giver        a higher commendation without who gave it, or too long
//	commendation.number       the same without the number of the decision
func (r *RuleSet) CheckCitation(c Citation, grade int, s Standing) *fault.Error {
	refuse := func(code string, args ...string) *fault.Error { return fault.New(fault.Invalid, code, args...) }
	if !slices.Contains(Commendations, c.Kind) {
		return refuse("commendation.kind")
	}
	if !r.MayAward(c.Kind, s.Overall) {
		return refuse("commendation.level", "award", string(c.Kind), "overall", string(s.Overall))
	}
	if c.Kind == Exemplary {
		allowed := r.CitableIn(grade)
		other := slices.ContainsFunc(c.Items, func(it Item) bool { return !slices.Contains(allowed, it) })
		switch {
		case len(c.Items) == 0 || other:
			return refuse("commendation.items")
		case !c.Agreed:
			return refuse("commendation.agreed")
		}
	}
	if n := utf8.RuneCountInString(c.Reason); n > longestReason || n == 0 && !c.Kind.YearEnd() {
		return refuse("commendation.reason", "max", itoa(longestReason))
	}
	if n := utf8.RuneCountInString(c.Giver); n > longestGiver || n == 0 && c.Kind == Higher {
		return refuse("commendation.giver", "max", itoa(longestGiver))
	}
	if n := utf8.RuneCountInString(c.Number); n > longestHigher || n == 0 && c.Kind == Higher {
		return refuse("commendation.number", "max", itoa(longestHigher))
	}
	if !c.Kind.YearEnd() && !dayOf(c.Day, s) {
		return refuse("commendation.day")
	}
	return nil
}

// CheckLine refuses words that section 5 of the booklet does not hold:
// commendation.line, Invalid, Args length and max. What the principal is still
// to decide leaves room for number and day.
func (c Citation) CheckLine(line string) *fault.Error {
	most := LongestLine
	if c.Kind.Decided() {
		most -= roomForDecision
	}
	if n := utf8.RuneCountInString(line); n > most {
		return fault.New(fault.Invalid, "commendation.line", "length", itoa(n), "max", itoa(most))
	}
	return nil
}

// CheckDecision judges number and day of the principal's decision: codes
// commendation.decision_number and commendation.decision_day, Invalid.
func CheckDecision(number string, day school.Date, s Standing) *fault.Error {
	if n := utf8.RuneCountInString(number); n == 0 || n > longestHigher {
		return fault.New(fault.Invalid, "commendation.decision_number", "max", itoa(longestHigher))
	}
	if !dayOf(day, s) {
		return fault.New(fault.Invalid, "commendation.decision_day")
	}
	return nil
}

// dayOf reports whether a day lies in the school year and is not still to come.
func dayOf(d school.Date, s Standing) bool {
	return !d.IsZero() && !d.Before(s.Year.Start()) && !s.Year.End().Before(d) && !s.Today.Before(d)
}
