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
	"hocba/views/words"
)

// commendationRoutes: the homeroom teacher writes the commendations of the own
// class at any time of the year; the school's leaders read them.
var commendationRoutes = []route{
	{get, "/:year/classes/:class/commendations", workflow.PermReadRecord, (*Portal).showClassCommendations},
	{post, "/:year/classes/:class/commendations", workflow.PermClassReview, (*Portal).createCommendation},
	{put, "/:year/classes/:class/commendations/:commendation", workflow.PermClassReview, (*Portal).updateCommendation},
	{del, "/:year/classes/:class/commendations/:commendation", workflow.PermClassReview, (*Portal).destroyCommendation},
}

// showClassCommendations shows the class; ?kind and ?pupil open the form of a
// new commendation, ?edit that of one that stands.
func (p *Portal) showClassCommendations(r *request) error {
	page := views.ClassCommendations{Done: r.QueryParam("done")}
	if n, err := strconv.Atoi(r.QueryParam("awarded")); err == nil {
		page.Done = "awarded-" + strconv.Itoa(n)
	}
	if kind := evaluation.Commendation(r.QueryParam("kind")); slices.Contains(evaluation.Commendations, kind) {
		page.Form = &views.CommendationForm{Kind: kind}
		page.Form.Pupil, _ = strconv.ParseInt(r.QueryParam("pupil"), 10, 64)
	}
	if id, err := strconv.ParseInt(r.QueryParam("edit"), 10, 64); err == nil && id > 0 {
		page.Form = &views.CommendationForm{ID: id}
	}
	return p.answerCommendations(r, page)
}

// answerCommendations shows the page; a form that was refused keeps what was
// typed, an open one is filled with what stands.
func (p *Portal) answerCommendations(r *request, page views.ClassCommendations) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	var c db.CommendationClass
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err = tx.ClassCommendations(r.ctx(), year, id)
		return err
	})
	if err != nil {
		return err
	}
	page.Year, page.ClassID, page.Class, page.Writes, page.First = year, id, c.Class.Name, c.Homeroom, c.DecideFirst
	rules := evaluation.ForYear(year)
	for _, row := range c.Rows {
		pupil := commendationPupil(rules, c.Class, row)
		if pupil.Proposal == evaluation.Outstanding && pupil.Closed == "" && !slices.ContainsFunc(row.List, struckTitle) {
			page.Unawarded++
		}
		page.Pupils = append(page.Pupils, pupil)
	}
	if page.Form != nil && !fillCommendationForm(rules, c, page.Form) {
		page.Form = nil
		if page.Failed == nil {
			page.Failed = fault.New(fault.Invalid, "commendation.pupil")
		}
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("commendations", id)
	code := http.StatusOK
	switch {
	case page.Form != nil && page.Form.Error != nil:
		code = status(page.Form.Error)
	case page.Failed != nil:
		code = status(page.Failed)
	}
	return r.page(code, views.ClassCommendationsPage(page))
}

func struckTitle(c db.Commendation) bool { return c.Struck && c.Kind.YearEnd() }

func commendationPupil(rules *evaluation.RuleSet, class db.Class, row db.CommendationPupil) views.CommendationPupil {
	pupil := views.CommendationPupil{Enrolment: row.EnrolmentID, Name: row.FullName, Overall: row.Overall, NotAssessed: row.NotAssessed}
	if class.MultiGrade() {
		pupil.Grade = row.Grade
	}
	if row.Closed != nil {
		pupil.Closed = words.Message(row.Closed.Code, row.Closed.Args)
	}
	titled := false
	for _, x := range row.List {
		titled = titled || !x.Struck && x.Kind.YearEnd()
		pupil.List = append(pupil.List, commendationRow(rules, x))
	}
	if rules != nil && !titled {
		pupil.Proposal = rules.Propose(row.Overall).Title
	}
	return pupil
}

func commendationRow(rules *evaluation.RuleSet, x db.Commendation) views.Commendation {
	return views.Commendation{Commended: views.Commended{Kind: x.Kind, Line: x.Line}, ID: x.ID, Revision: x.Revision, Enrolment: x.EnrolmentID,
		Pupil: x.Pupil, Birth: x.Birth, Sex: x.Sex, Class: x.Class, Overall: x.Overall, Unfit: rules != nil && !rules.MayAward(x.Kind, x.Overall), By: x.By,
		At: x.At, Decision: x.Decision, DecidedOn: x.DecidedOn, Issued: !x.Stage.BeforeIssue(), Struck: x.Struck, EndReason: x.EndReason, EndBy: x.EndBy}
}

// fillCommendationForm completes an open form from the class; false when its
// pupil or commendation is not there to be written.
func fillCommendationForm(rules *evaluation.RuleSet, c db.CommendationClass, form *views.CommendationForm) bool {
	if !c.Homeroom || rules == nil {
		return false
	}
	for _, row := range c.Rows {
		if form.ID != 0 && form.Pupil == 0 {
			i := slices.IndexFunc(row.List, func(x db.Commendation) bool { return x.ID == form.ID && !x.Struck && x.Decision == "" })
			if i < 0 {
				continue
			}
			x := row.List[i]
			*form = views.CommendationForm{ID: x.ID, Revision: x.Revision, Kind: x.Kind, Pupil: x.EnrolmentID, Items: x.Citation().Items,
				Agreed: x.Agreed, Reason: x.Reason, Giver: x.Giver, Number: x.Number}
			if !x.Day.IsZero() {
				form.Day = x.Day.Vietnamese()
			}
			form.Pupil = row.EnrolmentID
		}
		if row.EnrolmentID == form.Pupil {
			form.Citable = rules.CitableIn(row.Grade)
			return true
		}
	}
	return false
}

func (p *Portal) createCommendation(r *request) error { return p.writeCommendation(r, 0) }

func (p *Portal) updateCommendation(r *request) error {
	id, err := r.id("commendation")
	if err != nil {
		return err
	}
	return p.writeCommendation(r, id)
}

// writeCommendation reads the form of a commendation and writes it.
func (p *Portal) writeCommendation(r *request, id int64) error {
	year, class, err := r.classAddress()
	if err != nil {
		return err
	}
	values, err := r.FormParams()
	if err != nil {
		return err
	}
	form := &views.CommendationForm{ID: id, Kind: evaluation.Commendation(values.Get("kind")), Agreed: values.Get("agreed") == "1",
		Reason: values.Get("reason"), Day: values.Get("day"), Giver: values.Get("giver"), Number: values.Get("number")}
	form.Pupil, _ = strconv.ParseInt(values.Get("pupil"), 10, 64)
	form.Revision, _ = strconv.Atoi(values.Get("revision"))
	for _, it := range values["items"] {
		form.Items = append(form.Items, evaluation.Item(it))
	}
	cited := evaluation.Citation{Kind: form.Kind, Items: form.Items, Agreed: form.Agreed, Reason: form.Reason, Giver: form.Giver, Number: form.Number}
	cited.Day, _ = school.ReadDate(form.Day)
	cited = cited.Tidy()
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		return tx.WriteCommendation(r.ctx(), year, class, db.NewCommendation{ID: id, Revision: form.Revision, Enrolment: form.Pupil, Citation: cited,
			Line: views.CommendationLine(cited, "", school.Date{})})
	})
	if f := shownFault(err); f != nil {
		form.Error = f
		return p.answerCommendations(r, views.ClassCommendations{Form: form, Failed: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.CommendationsURL(year, class) + "?done=written#" + views.ID("pupil", form.Pupil))
}

// shownFault is what a page with forms shows of an error, instead of a page
// of its own; nil for everything else.
func shownFault(err error) *fault.Error {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.Locked, fault.Forbidden:
		return fault.As(err)
	}
	return nil
}

func (p *Portal) destroyCommendation(r *request) error {
	year, class, err := r.classAddress()
	if err != nil {
		return err
	}
	id, err := r.id("commendation")
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.WithdrawCommendation(r.ctx(), year, class, id) })
	if f := shownFault(err); f != nil {
		return p.answerCommendations(r, views.ClassCommendations{Failed: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.CommendationsURL(year, class) + "?done=withdrawn")
}
