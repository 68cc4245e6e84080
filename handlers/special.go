package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// specialRoutes are what is declared about pupils of a class who study or are
// evaluated otherwise than the grade.
var specialRoutes = []route{
	{get, "/:year/classes/:class/special", workflow.PermReadRecord, (*Portal).showSpecial},
	{put, "/:year/classes/:class/special", workflow.PermSpecial, (*Portal).updateSpecial},
	{post, "/:year/classes/:class/exemptions", workflow.PermSpecial, (*Portal).createExemption},
	{del, "/:year/classes/:class/exemptions", workflow.PermSpecial, (*Portal).destroyExemption},
}

// classAddress reads year and class of the address.
func (r *request) classAddress() (year school.Year, class int64, err error) {
	if year, err = r.year(); err != nil {
		return year, 0, err
	}
	class, err = r.id("class")
	return year, class, err
}

func (p *Portal) showSpecial(r *request) error {
	return p.answerSpecial(r, views.SpecialForm{Done: r.QueryParam("done")})
}

// answerSpecial shows the page; a form that was refused keeps what was typed.
func (p *Portal) answerSpecial(r *request, form views.SpecialForm) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	var c db.SpecialClass
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err = tx.Specials(r.ctx(), year, id)
		return err
	})
	if err != nil {
		return err
	}
	page := specialPage(r, year, c)
	page.Form = form
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("special", id)
	code := http.StatusOK
	if form.Error != nil {
		code = status(form.Error)
	}
	return r.page(code, views.SpecialPage(page))
}

func specialPage(r *request, year school.Year, c db.SpecialClass) views.Special {
	rules := evaluation.ForYear(year)
	page := views.Special{Year: year, ClassID: c.Class.ID, Class: c.Class.Name, Tongue: c.Class.EthnicTongue,
		Declares: c.Homeroom || r.administers(), Administers: r.administers()}
	for _, row := range c.Rows {
		pupil := views.SpecialPupil{Enrolment: row.EnrolmentID, Name: row.FullName, Declared: views.Declared(row.Special())}
		if c.Class.MultiGrade() {
			pupil.Grade = row.Grade
		}
		pupil.MayTakeForeign = rules != nil && rules.Subject(row.Grade, school.NgoaiNgu1) == evaluation.Optional
		page.Foreign = page.Foreign || pupil.MayTakeForeign
		page.Pupils = append(page.Pupils, pupil)
	}
	for _, e := range c.Exemptions {
		page.Exemptions = append(page.Exemptions, views.Exemption{Declared: e.ID != 0, Pupil: e.PupilID, Name: e.Pupil, Subject: e.Subject,
			Period: e.Period, Reason: e.Reason, Decision: e.Decision, By: e.By, Day: e.Day})
	}
	for _, s := range school.Subjects {
		for _, g := range c.Class.Grades {
			if rules != nil && rules.Subject(int(g), s) != evaluation.None && s != school.HoatDongTraiNghiem {
				page.Subjects = append(page.Subjects, s)
				break
			}
		}
	}
	return page
}

// updateSpecial declares all pupils of the class at once: each sends what the
// page showed and what is ticked now.
func (p *Portal) updateSpecial(r *request) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	values, err := r.FormParams()
	if err != nil {
		return err
	}
	var changes []db.SpecialChange
	for _, text := range values["pupil"] {
		enrolment, err := strconv.ParseInt(text, 10, 64)
		if err != nil || len(changes) == db.MaxCells {
			return fault.New(fault.Invalid, "request.invalid")
		}
		change := db.SpecialChange{Enrolment: enrolment, Old: db.Special(views.ReadDeclared(values["old."+text])),
			New: db.Special(views.ReadDeclared(values["now."+text]))}
		change.New.EthnicTongue = change.New.EthnicTongue || values.Get("all") == views.AllEthnic
		change.New.FirstLanguage = change.New.FirstLanguage || values.Get("all") == views.AllForeign
		changes = append(changes, change)
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if _, err := tx.DeclareSpecial(r.ctx(), year, id, changes); err != nil {
			return err
		}
		return tx.NameTongue(r.ctx(), year, id, values.Get("tongue"))
	})
	return p.specialAnswer(r, year, id, views.SpecialForm{Form: "special", Done: "special"}, err)
}

// specialAnswer leads back to the page, or shows what was refused on it.
func (p *Portal) specialAnswer(r *request, year school.Year, class int64, form views.SpecialForm, err error) error {
	switch f := fault.As(err); {
	case err == nil:
		return r.see(views.SpecialURL(year, class) + "?done=" + form.Done)
	case f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Locked || f.Kind == fault.Forbidden):
		form.Error, form.Done = f, ""
		return p.answerSpecial(r, form)
	}
	return err
}

func (p *Portal) createExemption(r *request) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	form := views.SpecialForm{Form: "exemption", Done: "exempt", Pupil: r.FormValue("pupil"), Subject: r.FormValue("subject"),
		Period: r.FormValue("period"), Reason: r.FormValue("reason"), Decision: r.FormValue("decision")}
	x := db.NewExemption{Subject: school.Subject(form.Subject), From: school.Period(form.Period), Reason: form.Reason, Decision: form.Decision}
	x.Enrolment, _ = strconv.ParseInt(form.Pupil, 10, 64)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.Exempt(r.ctx(), year, id, x) })
	return p.specialAnswer(r, year, id, form, err)
}

func (p *Portal) destroyExemption(r *request) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	pupil, err := r.formID("pupil")
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		return tx.EndExemption(r.ctx(), year, id, pupil, school.Subject(r.FormValue("subject")))
	})
	return p.specialAnswer(r, year, id, views.SpecialForm{Form: "end", Done: "ended"}, err)
}
