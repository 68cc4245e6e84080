package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views"
)

func (p *Portal) showSummerDecisions(r *request) error {
	page := views.SummerDecisions{Done: r.QueryParam("done") == "decided", Date: school.DateOf(r.now).Vietnamese()}
	page.Again, _ = strconv.ParseInt(r.QueryParam("again"), 10, 64)
	return p.answerSummerDecisions(r, page)
}

func (p *Portal) answerSummerDecisions(r *request, page views.SummerDecisions) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page.Year, page.Now = year, r.now
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, err := tx.SummerSchool(r.ctx(), year)
		if err != nil {
			return err
		}
		page.Pupils = nil
		for _, pupil := range list {
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
	r.viewed("summer_decisions", r.actor.SchoolID)
	code := http.StatusOK
	switch {
	case page.Whole != nil:
		code = status(page.Whole)
	case len(page.Refused) > 0:
		code = http.StatusUnprocessableEntity
		for _, refused := range page.Refused {
			if refused.Whole != nil {
				code = http.StatusConflict
			}
		}
	}
	return r.page(code, views.SummerDecisionsPage(page))
}

// createSummerDecisions takes the principal's decisions about the pupils for
// whom an outcome was chosen: all of them or none.
func (p *Portal) createSummerDecisions(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	values, err := r.FormParams()
	if err != nil {
		return fault.New(fault.Invalid, "request.invalid")
	}
	page := views.SummerDecisions{Number: values.Get(string(evaluation.SummerNumber)), Date: values.Get(string(evaluation.SummerDate)),
		Typed: map[string]string{}, Refused: map[int64]views.SummerRefused{}}
	day, _ := school.ReadDate(page.Date)
	var choices []db.SummerChoice
	for name := range values {
		page.Typed[name] = values.Get(name)
		id, chosen := strings.CutPrefix(name, views.SummerOutcomeField)
		enrolment, err := strconv.ParseInt(id, 10, 64)
		if !chosen || err != nil || values.Get(name) == "" {
			continue
		}
		c := db.SummerChoice{Enrolment: enrolment, SummerDecision: evaluation.SummerDecision{Outcome: evaluation.SummerOutcome(values.Get(name)),
			Number: page.Number, Date: day, Note: values.Get(views.SummerNoteField + id)}}
		c.Seen, _ = strconv.ParseInt(values.Get(views.SummerSeenField+id), 10, 64)
		if c.Seen != 0 {
			page.Again = enrolment
		}
		c.Text = views.SummerText(c.SummerDecision)
		choices = append(choices, c)
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		refused, err := tx.DecideSummer(r.ctx(), year, choices)
		for id, why := range refused {
			page.Refused[id] = views.SummerRefused{Whole: why.Whole, Fields: why.Fields}
		}
		return err
	})
	if page.Whole = formFault(err); page.Whole == nil && err != nil {
		return err
	}
	if page.Whole != nil || len(page.Refused) > 0 {
		return p.answerSummerDecisions(r, page)
	}
	return r.see(views.SummerDecisionsURL(year) + "?done=decided")
}
