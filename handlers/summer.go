package handlers

import (
	"bytes"
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
	form "hocba/views/paper"
)

// summerRoutes are the summer of pupils who have not completed the grade: the
// homeroom teacher plans, the principal decides.
var summerRoutes = []route{
	{get, "/:year/classes/:class/summer", workflow.PermSummer, (*Portal).showSummer},
	{get, "/:year/classes/:class/summer/plans.pdf", workflow.PermSummer, (*Portal).showSummerPlans},
	{get, "/:year/classes/:class/summer/:enrolment", workflow.PermSummer, (*Portal).showSummerPlan},
	{put, "/:year/classes/:class/summer/:enrolment", workflow.PermClassReview, (*Portal).updateSummerPlan},
	{get, "/:year/summer", workflow.PermDecideSummer, (*Portal).showSummerDecisions},
	{post, "/:year/summer", workflow.PermDecideSummer, (*Portal).createSummerDecisions},
	{get, "/:year/summer/unclosed", workflow.PermSchoolDashboard, (*Portal).showUnclosed},
	{get, "/:year/summer/unclosed/list.xlsx", workflow.PermSchoolDashboard, (*Portal).showUnclosedFile},
}

// summerPupil is a pupil as the pages show it.
func summerPupil(p db.SummerPupil) views.SummerPupil {
	out := views.SummerPupil{Enrolment: p.EnrolmentID, ClassID: p.ClassID, Class: p.ClassName, Name: p.FullName, Code: p.Code, Grade: p.Grade,
		Birth: p.BirthDate, Overall: p.Overall(), NotAssessed: p.NotAssessed, Items: p.Items, Missing: p.Missing, Waits: p.Waits(),
		Open: p.Record != nil && p.Record.Stage.BeforeIssue()}
	if p.Plan != nil {
		plan := views.SummerPlan(*p.Plan)
		out.Plan = &plan
	}
	if p.Decision != nil {
		d := views.SummerDecision(*p.Decision)
		out.Decision = &d
	}
	return out
}

func (p *Portal) showSummer(r *request) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	page := views.SummerClass{Year: year, ClassID: id, Now: r.now}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err := tx.SummerClass(r.ctx(), year, id)
		if err != nil {
			return err
		}
		page.Class, page.Plans, page.Pupils = c.Class.Name, c.Homeroom, nil
		for _, pupil := range c.Pupils {
			page.Pupils = append(page.Pupils, summerPupil(pupil))
		}
		page.Due, err = tx.Deadline(r.ctx(), r.actor.SchoolID, school.SchoolSubmit, year, school.TrackAugust)
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("summer", id)
	return r.page(http.StatusOK, views.SummerClassPage(page))
}

func (p *Portal) showSummerPlan(r *request) error {
	return p.answerSummerPlan(r, views.SummerForm{})
}

// answerSummerPlan shows a pupil's plan; one that was refused keeps what was typed.
func (p *Portal) answerSummerPlan(r *request, typed views.SummerForm) error {
	year, class, err := r.classAddress()
	if err != nil {
		return err
	}
	enrolment, err := r.id("enrolment")
	if err != nil {
		return err
	}
	var c db.SummerClass
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		c, err = tx.SummerPupil(r.ctx(), year, class, enrolment)
		return err
	})
	if err != nil {
		return err
	}
	page := views.SummerPlanOf{Year: year, Pupil: summerPupil(c.Pupils[0]), Homeroom: c.Class.HomeroomName, Today: school.DateOf(r.now),
		Done: r.QueryParam("done") == "plan", Form: typed}
	page.Writes = c.Homeroom && page.Pupil.Open && page.Pupil.Decision == nil && c.Pupils[0].Concerned()
	rules := c.Class.Rules()
	for _, it := range rules.Items(page.Pupil.Grade) {
		if it.Kind() != evaluation.RemarkItem && c.Pupils[0].Studies(rules, it) != evaluation.None {
			page.Items = append(page.Items, it)
		}
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("summer_plan", enrolment)
	code := http.StatusOK
	switch {
	case typed.Whole != nil:
		code = status(typed.Whole)
	case len(typed.Fields) > 0:
		code = http.StatusUnprocessableEntity
	}
	return r.page(code, views.SummerPlanPage(page))
}

// updateSummerPlan writes a pupil's plan over the one that the page showed.
func (p *Portal) updateSummerPlan(r *request) error {
	year, class, err := r.classAddress()
	if err != nil {
		return err
	}
	enrolment, err := r.id("enrolment")
	if err != nil {
		return err
	}
	values, err := r.FormParams()
	if err != nil {
		return fault.New(fault.Invalid, "request.invalid")
	}
	value := func(f evaluation.SummerField) string { return values.Get(string(f)) }
	typed := views.SummerForm{Typed: true, Seen: values.Get("seen"), Items: values[string(evaluation.SummerItems)], Content: value(evaluation.SummerContent),
		Guide: value(evaluation.SummerGuide), From: value(evaluation.SummerFrom), To: value(evaluation.SummerTo), Family: value(evaluation.SummerFamily)}
	ch := db.SummerPlanChange{Enrolment: enrolment, Plan: evaluation.SummerPlan{Content: typed.Content, Guide: typed.Guide, Family: typed.Family}}
	ch.Seen, _ = strconv.ParseInt(typed.Seen, 10, 64)
	ch.Plan.From, _ = school.ReadDate(typed.From)
	ch.Plan.To, _ = school.ReadDate(typed.To)
	for _, it := range typed.Items {
		ch.Plan.Items = append(ch.Plan.Items, evaluation.Item(it))
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		typed.Fields, err = tx.PlanSummer(r.ctx(), year, class, ch)
		return err
	})
	switch f := fault.As(err); {
	case err == nil && len(typed.Fields) == 0:
		return r.see(views.SummerPupilURL(year, class, enrolment) + "?done=plan")
	case f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Locked):
		typed.Whole = f
	case err != nil:
		return err
	}
	return p.answerSummerPlan(r, typed)
}

// showSummerPlans prints the plans of a class for the families, one page a
// pupil, or that of one pupil.
func (p *Portal) showSummerPlans(r *request) error {
	year, class, err := r.classAddress()
	if err != nil {
		return err
	}
	if p.press.printer == nil {
		return fault.New(fault.Unavailable, "paper.no_browser")
	}
	only, _ := strconv.ParseInt(r.QueryParam("pupil"), 10, 64)
	var plans []form.SummerPlan
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err := tx.SummerClass(r.ctx(), year, class)
		if err != nil {
			return err
		}
		path, err := tx.UnitPath(r.ctx(), c.Class.SchoolID)
		if err != nil {
			return err
		}
		plans = nil
		for _, pupil := range c.Pupils {
			if pupil.Plan != nil && (only == 0 || pupil.EnrolmentID == only) {
				plans = append(plans, summerPupil(pupil).Printed(path[len(path)-1], year, c.Class.HomeroomName, school.DateOf(r.now)))
			}
		}
		if len(plans) == 0 {
			return fault.New(fault.NotFound, "page.unknown")
		}
		return tx.NoteExport(r.ctx(), "summer_plans_printed", class, school.Summer)
	})
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := form.SummerPlansDocument(plans, p.demo).Render(r.ctx(), &html); err != nil {
		return err
	}
	pdf, err := p.press.printer.PDF(r.ctx(), html.Bytes(), r.now)
	if err != nil {
		return err
	}
	r.viewed("summer_plans", class)
	return r.pdf(pdf, "ke-hoach-he-"+strconv.FormatInt(class, 10)+".pdf", false)
}
