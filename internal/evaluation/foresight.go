package evaluation

import (
	"slices"

	"hocba/internal/school"
)

// Told is the newest value of an item's field before the year's end, with the
// period in which it was written.
type Told struct {
	Item   Item
	Field  Field
	Value  string
	Period school.Period
}

// Foresight is what a pupil's year would be if everything stayed as it was
// last written, and what stands between the pupil and the next level.
type Foresight struct {
	// Until is the newest period in which a result was written; "" for none.
	Until school.Period
	// Year holds the newest values, as if they were the year-end's.
	Year YearEnd
	// Overall is the level these values give; "" while nothing is written, a
	// value contradicts the rule set, or the pupil is not assessed. What was
	// never written stands in nobody's way, so with Unknown it is the best that
	// is still open.
	Overall Overall
	// Unknown are year-end values that no period has so far, sorted as Gaps are.
	Unknown []Gap
	// Next is the next better level and Open what stands before it; "" and nil
	// when there is no better one.
	Next Overall
	Open []Told
	// Why is Open for every better level, by level.
	Why map[Overall][]Told
	// Errors are values that the grade cannot have (see Outcome).
	Errors []string
}

// Foresee reads a pupil's periods so far and says what they promise for the
// year's end (Điều 9, whose inputs are the year-end's values alone: this is no
// result, and no page may print or rank it). Levels and marks are carried
// forward each from the newest period that has one; a subject that is exempt in
// the newest period with an entry is exempt. takes says how the pupil uses an
// item, where that differs from the grade's use; it may be nil.
func (r *RuleSet) Foresee(grade int, periods map[school.Period]map[Item]Entry, notAssessed bool, takes func(Item) Use) Foresight {
	f := Foresight{}
	told := map[string]Told{}
	newest := map[Item]Entry{}
	for _, p := range append(slices.Clone(school.Periods), school.Summer) {
		for it, e := range periods[p] {
			if !e.HasResult() && !e.Exempt {
				continue // a remark alone promises nothing
			}
			f.Until = p
			newest[it] = newest[it].carried(e)
			for _, field := range []Field{FieldLevel, FieldMark} {
				if v := e.Value(field); v != "" {
					told[reference(it, field)] = Told{Item: it, Field: field, Value: v, Period: p}
				}
			}
		}
	}
	f.Year = YearEndOf(grade, newest)
	f.Year.NotAssessed = notAssessed
	if f.Until == "" || notAssessed {
		return f
	}
	if f.Errors = r.yearErrors(f.Year); len(f.Errors) > 0 {
		return f
	}
	for _, it := range r.Items(grade) {
		use := r.use(grade, it)
		if takes != nil {
			use = takes(it)
		}
		if it.Kind() != RemarkItem {
			f.Unknown = append(f.Unknown, r.UseGaps(grade, school.YearEnd, it, newest[it], use)...)
		}
	}
	r.nextLevel(&f, told)
	return f
}

// nextLevel finds the level the values give and what stands before better ones.
func (r *RuleSet) nextLevel(f *Foresight, told map[string]Told) {
	for _, rule := range r.overall {
		obstacles := r.obstacles(rule, f.Year)
		if len(obstacles) == 0 {
			f.Overall = rule.Level
			return
		}
		f.Next, f.Open = rule.Level, nil
		for _, it := range r.Items(f.Year.Grade) { // in the booklet's order
			for _, field := range []Field{FieldLevel, FieldMark} {
				if ref := reference(it, field); slices.Contains(obstacles, ref) {
					f.Open = append(f.Open, told[ref])
				}
			}
		}
		if f.Why == nil {
			f.Why = map[Overall][]Told{}
		}
		f.Why[rule.Level] = f.Open
	}
}

// carried returns the entry with what a later period has in its place.
func (e Entry) carried(later Entry) Entry {
	switch {
	case later.Exempt:
		return Entry{Exempt: true}
	case later.HasResult():
		e.Exempt = false
	}
	return e.Replaced(later)
}

// reference names a value as an Outcome does.
func reference(it Item, f Field) string {
	if f == FieldMark {
		return string(it) + ".score"
	}
	return string(it) + ".level"
}
