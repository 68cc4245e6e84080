package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// foresightRoutes answer "why not yet?" from the first period on: for the
// teachers of the class and the principal, never as a ranking.
var foresightRoutes = []route{
	{get, "/:year/classes/:class/foresight", workflow.PermForesight, (*Portal).showForesight},
}

// showForesight is the class in the order of the roll, or with pupil=… one
// pupil: a page of its own, for htmx the fragment alone.
func (p *Portal) showForesight(r *request) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	if evaluation.ForYear(year) == nil {
		return fault.New(fault.NotFound, "page.unknown")
	}
	var c db.ClassSummary
	var owners []db.Assignment
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if c, err = tx.ClassSummary(r.ctx(), year, id, append(slices.Clone(school.Periods), school.Summer)...); err != nil {
			return err
		}
		owners, err = tx.ClassAssignments(r.ctx(), id)
		return err
	})
	if err != nil {
		return err
	}
	rules := c.Class.Rules()
	page := views.Foresight{Year: year, ClassID: id, Class: c.Class.Name}
	for _, row := range c.Rows {
		if !row.Left {
			page.Pupils = append(page.Pupils, foresee(r, rules, c, row, owners))
		}
	}
	if text := r.QueryParam("pupil"); text != "" {
		return p.showPupilForesight(r, page, text)
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("foresight", id)
	return r.page(http.StatusOK, views.ForesightPage(page))
}

func (p *Portal) showPupilForesight(r *request, page views.Foresight, text string) error {
	enrolment, err := strconv.ParseInt(text, 10, 64)
	i := slices.IndexFunc(page.Pupils, func(f views.PupilForesight) bool { return f.Enrolment == enrolment })
	if err != nil || i < 0 {
		return fault.New(fault.NotFound, "page.unknown")
	}
	page.Pupils = page.Pupils[i : i+1]
	page.One = true
	r.viewed("foresight_pupil", enrolment)
	if r.hx() {
		return r.page(http.StatusOK, views.ForesightPart(page.Pupils[0]))
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	return r.page(http.StatusOK, views.ForesightPage(page))
}

// foresee tells one pupil's year as it stands, with who can change what.
func foresee(r *request, rules *evaluation.RuleSet, c db.ClassSummary, row db.SummaryRow, owners []db.Assignment) views.PupilForesight {
	takes := func(it evaluation.Item) evaluation.Use { return row.Studies(rules, it) }
	f := rules.Foresee(row.Grade, row.Entries, row.NotAssessed, takes)
	condition := func(it evaluation.Item, field evaluation.Field) views.Condition {
		cond := views.Condition{Item: it, Field: field, Owner: c.Class.HomeroomName, Own: c.Homeroom}
		if s, ok := it.Subject(); ok {
			cond.Owner, cond.Own = ownerOf(owners, s, r.actor.AccountID)
		}
		return cond
	}
	out := views.PupilForesight{Enrolment: row.EnrolmentID, Name: row.FullName, Until: f.Until, NotAssessed: row.NotAssessed,
		Wrong: len(f.Errors), Overall: f.Overall}
	for _, g := range f.Unknown {
		out.Unknown = append(out.Unknown, condition(g.Item, g.Field))
	}
	for _, level := range slices.Backward(evaluation.Overalls) {
		told := f.Why[level]
		if len(told) == 0 {
			continue
		}
		target := views.WhyTarget{Level: level, Needs: rules.Needs(level)}
		for _, o := range told {
			cond := condition(o.Item, o.Field)
			cond.Value, cond.When = o.Value, views.PeriodName(o.Period)
			target.Open = append(target.Open, cond)
		}
		target.Subjects, target.Traits, target.Marks = met(f.Year, target.Needs)
		out.Targets = append(out.Targets, target)
	}
	return out
}

// ownerOf names who teaches a subject today: the newest assignment counts.
func ownerOf(owners []db.Assignment, s school.Subject, reader int64) (name string, own bool) {
	for _, o := range owners {
		if o.Subject == s {
			return o.TeacherName, o.AccountID == reader
		}
	}
	return "", false
}
