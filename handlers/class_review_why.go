package handlers

import (
	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/views"
)

// why explains a pupil's level from the record's values: what is missing, and
// for every better level what stands in its way, the nearest first.
func (q reviewRequest) why(r *request, row db.ReviewRow) views.Why {
	rec := row.Record
	w := views.Why{NotAssessed: row.NotAssessed}
	if rec == nil || row.NotAssessed {
		return w
	}
	y := yearEndOf(rec)
	out := rec.Outcome()
	conditions := conditionsOf(rec, r.actor.TeacherCode)
	w.Now, w.Missing, w.Wrong = out.Overall, conditions(out.Missing), conditions(out.Errors)
	if len(out.Errors) > 0 {
		return w
	}
	why := q.rules.Outlook(y)
	for _, level := range evaluation.Overalls {
		if len(why[level]) == 0 {
			w.Reachable = level
			break
		}
		target := views.WhyTarget{Level: level, Needs: q.rules.Needs(level), Open: conditions(why[level])}
		target.Subjects, target.Traits, target.Marks = met(y, target.Needs)
		w.Targets = append([]views.WhyTarget{target}, w.Targets...)
	}
	return w
}

// yearEndOf collects what the level rests on.
func yearEndOf(rec *record.Record) evaluation.YearEnd {
	y := evaluation.YearEnd{Grade: rec.Class.Grade, NotAssessed: rec.Pupil.NotAssessed,
		Subjects: map[school.Subject]evaluation.Entry{}, Traits: rec.Page.Traits}
	for _, p := range rec.Parts {
		if !p.Entry.IsZero() {
			y.Subjects[p.Subject] = p.Entry
		}
	}
	return y
}

// conditionsOf returns how references of an outcome are told to a reader: with
// the value, and who can mend it.
func conditionsOf(rec *record.Record, reader string) func(refs []string) []views.Condition {
	gaps := map[string]bool{}
	for _, g := range rec.Gaps() {
		gaps[g.Part] = true
	}
	parts := map[school.Subject]record.Part{}
	for _, p := range rec.Parts {
		parts[p.Subject] = p
	}
	return func(refs []string) []views.Condition {
		var out []views.Condition
		for _, ref := range refs {
			item, field, _ := evaluation.Ref(ref)
			c := views.Condition{Item: item, Field: field}
			owner := rec.Class.Homeroom
			if s, ok := item.Subject(); ok {
				owner = parts[s].Owner
				c.Value = parts[s].Entry.Value(field)
				c.Signed = rec.General.TeachersSign && !gaps[bundle.SubjectID(s)]
			} else {
				c.Value = string(rec.Page.Traits[item])
			}
			c.Owner, c.Own = owner.Name, owner.Code == reader && reader != ""
			out = append(out, c)
		}
		return out
	}
}

// met counts the values that meet what a level needs.
func met(y evaluation.YearEnd, n evaluation.Needs) (subjects, traits, marks views.Share) {
	has := func(levels []evaluation.Level, l evaluation.Level) int {
		for _, m := range levels {
			if m == l {
				return 1
			}
		}
		return 0
	}
	for _, e := range y.Subjects {
		if e.Exempt {
			continue
		}
		if e.Level != "" {
			subjects.Of++
			subjects.Have += has(n.Subjects, e.Level)
		}
		if e.Mark != nil && n.Mark > 0 {
			marks.Of++
			if *e.Mark >= n.Mark {
				marks.Have++
			}
		}
	}
	for _, l := range y.Traits {
		traits.Of++
		traits.Have += has(n.Traits, l)
	}
	return subjects, traits, marks
}
