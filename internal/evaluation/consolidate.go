package evaluation

import (
	"sort"
	"strings"

	"hocba/internal/school"
)

// Overall is the level of a pupil's year (Điều 9), in the usual abbreviations:
// hoàn thành xuất sắc, hoàn thành tốt, hoàn thành, chưa hoàn thành.
type Overall string

// The four levels, best first. "" is: not yet computed.
const (
	HTXS Overall = "HTXS"
	HTT  Overall = "HTT"
	HT   Overall = "HT"
	CHT  Overall = "CHT"
)

// Overalls lists the four levels, best first.
var Overalls = []Overall{HTXS, HTT, HT, CHT}

// YearEnd is what the consolidation rests on: the end-of-year level and mark
// of every subject and the level of every trait, nothing of the other periods.
type YearEnd struct {
	Grade    int
	Subjects map[school.Subject]Entry
	Traits   map[Item]Level
	// NotAssessed marks a disabled pupil who is not assessed (Điều 8; data
	// dictionary cokhuyettatkhongdanhgia): what is written must be right, but
	// nothing is missing and no overall level follows.
	NotAssessed bool
}

// Outcome is the result of a consolidation. Errors, Missing and the lists of
// Why hold sorted references such as "TOAN.score" (see Ref). Overall is ""
// while there are errors or missing items, and for a pupil not assessed.
type Outcome struct {
	Overall Overall
	Errors  []string
	Missing []string
	// Why says for each better level that was not reached what stands in its way.
	Why map[Overall][]string
}

// Complete reports whether nothing keeps the year from being signed.
func (o Outcome) Complete() bool { return len(o.Errors) == 0 && len(o.Missing) == 0 }

// Ref takes a reference of an Outcome apart: "TOAN.score" is the mark of Toán;
// fault names the rule broken ("not_taught", "exempt_has_result",
// "score_not_allowed", "not_assessed", or "level" and "score" for a value
// outside its scale). The field is the one to look at.
func Ref(s string) (item Item, field Field, fault string) {
	code, fault, _ := strings.Cut(s, ".")
	switch fault {
	case "score", "score_not_allowed":
		return Item(code), FieldMark, fault
	case "exempt_has_result":
		return Item(code), FieldExempt, fault
	}
	return Item(code), FieldLevel, fault
}

// Consolidate computes the overall level of a pupil's year by Điều 9. With any
// error nothing else is computed; with anything missing only that is told.
// Exempt subjects and optional ones that were not studied are left out of
// every "all". A grade outside 1 to 5 has only errors.
func (r *RuleSet) Consolidate(y YearEnd) Outcome {
	var out Outcome
	if out.Errors = r.yearErrors(y); len(out.Errors) > 0 {
		return out
	}
	if y.NotAssessed {
		return out
	}
	if out.Missing = r.yearMissing(y); len(out.Missing) > 0 {
		return out
	}
	for _, rule := range r.overall {
		obstacles := r.obstacles(rule, y)
		if len(obstacles) == 0 {
			out.Overall = rule.Level
			break
		}
		if out.Why == nil {
			out.Why = map[Overall][]string{}
		}
		out.Why[rule.Level] = obstacles
	}
	return out
}

// Outlook answers "why not yet?" before everything is written: for each level
// what stands in its way among the values given, of any period. An absent
// level has nothing in its way so far.
func (r *RuleSet) Outlook(y YearEnd) map[Overall][]string {
	why := map[Overall][]string{}
	for _, rule := range r.overall {
		if obstacles := r.obstacles(rule, y); len(obstacles) > 0 {
			why[rule.Level] = obstacles
		}
	}
	return why
}

func (r *RuleSet) yearErrors(y YearEnd) []string {
	var errs []string
	for s, e := range y.Subjects {
		if fault := r.subjectFault(y.Grade, s, e); fault != "" {
			errs = append(errs, string(s)+"."+fault)
			continue
		}
		if e.Exempt {
			continue
		}
		if e.Level != "" && !Item(s).Has(e.Level) {
			errs = append(errs, string(s)+".level")
		}
		switch {
		case e.Mark == nil:
		case !r.MarkAllowed(y.Grade, s, school.YearEnd):
			errs = append(errs, string(s)+".score_not_allowed")
		case *e.Mark < r.markMin || *e.Mark > r.markMax:
			errs = append(errs, string(s)+".score")
		}
	}
	for t, l := range y.Traits {
		switch {
		case r.Trait(y.Grade, t) == None:
			errs = append(errs, string(t)+".not_assessed")
		case l != "" && !t.Has(l):
			errs = append(errs, string(t)+".level")
		}
	}
	sort.Strings(errs)
	return errs
}

// subjectFault names what is wrong with a subject as a whole.
func (r *RuleSet) subjectFault(grade int, s school.Subject, e Entry) string {
	switch {
	case r.Subject(grade, s) == None:
		return "not_taught"
	case e.Exempt && e.HasResult():
		return "exempt_has_result"
	}
	return ""
}

func (r *RuleSet) yearMissing(y YearEnd) []string {
	var missing []string
	for _, s := range r.Subjects(y.Grade) {
		e := y.Subjects[s]
		if e.Exempt || r.Subject(y.Grade, s) != Required && e.IsZero() {
			continue
		}
		if e.Level == "" {
			missing = append(missing, string(s)+".level")
		}
		if e.Mark == nil && r.MarkAllowed(y.Grade, s, school.YearEnd) {
			missing = append(missing, string(s)+".score")
		}
	}
	for _, t := range r.Traits(y.Grade) {
		if y.Traits[t] == "" && r.Trait(y.Grade, t) == Required {
			missing = append(missing, string(t)+".level")
		}
	}
	sort.Strings(missing)
	return missing
}

// obstacles lists what keeps the year from a level. The row without conditions
// has none.
func (r *RuleSet) obstacles(rule overallRule, y YearEnd) []string {
	var in []string
	for s, e := range y.Subjects {
		if e.Exempt {
			continue
		}
		if e.Level != "" && len(rule.Subjects) > 0 && !contains(rule.Subjects, e.Level) {
			in = append(in, string(s)+".level")
		}
		if e.Mark != nil && *e.Mark < rule.Mark {
			in = append(in, string(s)+".score")
		}
	}
	for t, l := range y.Traits {
		if l != "" && len(rule.Traits) > 0 && !contains(rule.Traits, l) {
			in = append(in, string(t)+".level")
		}
	}
	sort.Strings(in)
	return in
}

func contains(all []Level, l Level) bool {
	for _, m := range all {
		if m == l {
			return true
		}
	}
	return false
}

// Replaced returns the year with the values of the summer re-assessment (Điều
// 11) in the place of the year-end's: only what was assessed again changes.
func (y YearEnd) Replaced(summer YearEnd) YearEnd {
	out := YearEnd{
		Grade: y.Grade, NotAssessed: y.NotAssessed,
		Subjects: make(map[school.Subject]Entry, len(y.Subjects)),
		Traits:   make(map[Item]Level, len(y.Traits)),
	}
	for s, e := range y.Subjects {
		out.Subjects[s] = e
	}
	for t, l := range y.Traits {
		out.Traits[t] = l
	}
	for s, e := range summer.Subjects {
		out.Subjects[s] = out.Subjects[s].Replaced(e)
	}
	for t, l := range summer.Traits {
		if l != "" {
			out.Traits[t] = l
		}
	}
	return out
}

// Replaced returns the entry with what the summer's has in the place of the
// year-end's; what was not assessed again stays.
func (e Entry) Replaced(summer Entry) Entry {
	if summer.Level != "" {
		e.Level = summer.Level
	}
	if summer.Mark != nil {
		e.Mark = summer.Mark
	}
	if summer.Remark != "" {
		e.Remark = summer.Remark
	}
	return e
}

// YearEndOf collects the entries of one period into what Consolidate takes.
// Emptied rows and remark groups are left out: they carry no result.
func YearEndOf(grade int, entries map[Item]Entry) YearEnd {
	y := YearEnd{Grade: grade, Subjects: map[school.Subject]Entry{}, Traits: map[Item]Level{}}
	for it, e := range entries {
		s, isSubject := it.Subject()
		switch {
		case e.IsZero():
		case isSubject:
			y.Subjects[s] = e
		case it.Kind() == TraitItem:
			y.Traits[it] = e.Level
		}
	}
	return y
}
