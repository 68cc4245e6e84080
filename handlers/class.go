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
	"hocba/views/ui"
)

// Classes: list, new class, assignments, form of the record book.
var classRoutes = []route{
	{get, "/:year/classes", workflow.PermSchoolDashboard, (*Portal).showClasses},
	{post, "/:year/classes", workflow.PermSchoolAdmin, (*Portal).createClass},
	{get, "/:year/classes/new", workflow.PermSchoolAdmin, (*Portal).showNewClass},
	{get, "/:year/classes/:class/edit", workflow.PermSchoolDashboard, (*Portal).showClass},
	{post, "/:year/classes/:class/homeroom", workflow.PermSchoolAdmin, (*Portal).createHomeroom},
	{post, "/:year/classes/:class/assignments", workflow.PermSchoolAdmin, (*Portal).createAssignments},
	{del, "/:year/classes/:class/substitutes", workflow.PermSchoolAdmin, (*Portal).destroySubstitute},
	{post, "/:year/classes/:class/book", workflow.PermSchoolAdmin, (*Portal).changeBook},
	{post, "/:year/classes/:class/kind", workflow.PermSchoolAdmin, (*Portal).changeKind},
}

func classRow(c db.Class) views.ClassRow {
	row := views.ClassRow{ID: c.ID, Name: c.Name, Homeroom: c.HomeroomName, Pupils: c.Pupils, Campus: c.Campus, Book: c.BookKind,
		PaperReason: c.PaperReason, PaperDecision: c.PaperDecision, PaperUntil: c.PaperUntil, Language: c.Language, Kind: c.Kind}
	for _, g := range c.Grades {
		row.Grades = append(row.Grades, int(g))
	}
	return row
}

func (r *request) administers() bool { return workflow.Can(r.actor.Role, workflow.PermSchoolAdmin) }

func (p *Portal) showClasses(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Classes{Year: year, CanEdit: r.administers()}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		classes, err := tx.Classes(r.ctx(), year)
		page.Rows = nil
		for _, c := range classes {
			page.Rows = append(page.Rows, classRow(c))
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.ClassesPage(page))
}

func (p *Portal) showNewClass(r *request) error { return p.answerNewClass(r, views.NewClass{}) }

func (p *Portal) answerNewClass(r *request, page views.NewClass) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page.Year = year
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		campuses, err := tx.Campuses(r.ctx())
		page.Campuses = nil
		for _, c := range campuses {
			page.Campuses = append(page.Campuses, ui.Option{Value: strconv.FormatInt(c.ID, 10), Label: c.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	code := http.StatusOK
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.NewClassPage(page))
}

func (p *Portal) createClass(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	page := views.NewClass{Name: form.Get("name"), Grades: form["grade"], Campus: form.Get("campus"), Language: form.Get("language"),
		Kind: school.ClassKind(form.Get("kind"))}
	class := db.Class{Year: year, Name: page.Name, Language: page.Language, Kind: page.Kind}
	for _, g := range page.Grades {
		n, _ := strconv.ParseInt(g, 10, 64)
		class.Grades = append(class.Grades, n)
	}
	if page.Campus != "" {
		id, err := r.formID("campus")
		if err != nil {
			return err
		}
		class.CampusID = &id
	}
	var id int64
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		var err error
		id, err = tx.AddClass(r.ctx(), class)
		return err
	})
	if page.Error = formFault(err); page.Error != nil {
		return p.answerNewClass(r, page)
	}
	if err != nil {
		return err
	}
	return r.see(views.ClassURL(year, id) + "?done=class")
}

// formFault returns the fault that belongs on the form it came from; nil for
// none and for failures that are a page of their own.
func formFault(err error) *fault.Error {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		return fault.As(err)
	}
	return nil
}

func (p *Portal) showClass(r *request) error { return p.answerClass(r, views.ClassForm{}) }

// answerClass shows a class's page; a form that was refused keeps what was typed.
func (p *Portal) answerClass(r *request, form views.ClassForm) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("class")
	if err != nil {
		return err
	}
	page := views.ClassPage{Year: year, Period: currentPeriod(year, r.now), CanEdit: r.administers(), Today: school.DateOf(r.now).Vietnamese(), Done: r.QueryParam("done"), Form: form}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return fillClassPage(r, tx, id, &page) })
	if err != nil {
		return err
	}
	r.viewed("class", id)
	code := http.StatusOK
	if form.Error != nil {
		code = status(form.Error)
	}
	return r.page(code, views.ClassDetailPage(page))
}

func fillClassPage(r *request, tx *db.Tx, id int64, page *views.ClassPage) error {
	class, err := tx.Class(r.ctx(), page.Year, id)
	if err != nil {
		return err
	}
	history, err := tx.ClassHistory(r.ctx(), id)
	if err != nil {
		return err
	}
	teachers, err := tx.Teachers(r.ctx())
	if err != nil {
		return err
	}
	roll, err := tx.Roll(r.ctx(), id)
	if err != nil {
		return err
	}
	if page.Papers, err = tx.ClassPapers(r.ctx(), id); err != nil {
		return err
	}
	page.Class, page.Teachers, page.Roll, page.Subjects = classRow(class), nil, nil, nil
	for _, t := range teachers {
		page.Teachers = append(page.Teachers, ui.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.FullName + " · " + t.TeacherCode})
	}
	for _, e := range roll {
		page.Roll = append(page.Roll, views.ClassPupil{Name: e.FullName, Code: e.Code, Birth: e.BirthDate, Sex: e.Sex, Grade: e.Grade, Status: e.Status})
	}
	today := school.DateOf(r.now)
	page.Homeroom = dutyLine("", history, today)
	rules := class.Rules()
	for _, s := range school.Subjects {
		for _, g := range class.Grades {
			if use := rules.Subject(int(g), s); use != evaluation.None {
				line := dutyLine(s, history, today)
				line.Optional = use != evaluation.Required
				page.Subjects = append(page.Subjects, line)
				break
			}
		}
	}
	return nil
}

// dutyLine gathers who had a subject, or the homeroom; of several valid today
// the newest counts.
func dutyLine(s school.Subject, history []db.Assignment, today school.Date) views.DutyLine {
	line := views.DutyLine{Subject: s}
	for _, h := range history {
		if h.Subject != s {
			continue
		}
		stretch := views.Stretch{ID: h.ID, Teacher: h.TeacherName, Code: h.TeacherCode, From: h.From, To: h.To, Decision: h.Decision}
		stretch.Ends = h.Decision != "" && !h.To.Before(today)
		line.History = append(line.History, stretch)
		if line.Today == nil && !today.Before(h.From) && (h.To.IsZero() || !h.To.Before(today)) {
			line.Today = &stretch
		}
	}
	return line
}

func (p *Portal) createHomeroom(r *request) error {
	return p.takeOver(r, "homeroom", func(views.ClassForm) ([]school.Subject, error) { return nil, nil })
}

func (p *Portal) createAssignments(r *request) error {
	return p.takeOver(r, "assignment", func(f views.ClassForm) ([]school.Subject, error) {
		var subjects []school.Subject
		for _, code := range f.Subjects {
			if s, ok := school.ParseSubject(code); ok {
				subjects = append(subjects, s)
			}
		}
		if len(subjects) == 0 {
			return nil, fault.New(fault.Invalid, "class.subjects")
		}
		return subjects, nil
	})
}

// takeOver reads one of the two assignment forms and applies it.
func (p *Portal) takeOver(r *request, name string, read func(views.ClassForm) ([]school.Subject, error)) error {
	values, err := r.FormParams()
	if err != nil {
		return err
	}
	form := views.ClassForm{Form: name, Account: values.Get("account"), From: values.Get("from"), To: values.Get("to"),
		Decision: values.Get("decision"), Subjects: values["subject"]}
	return p.changeClass(r, form, func(tx *db.Tx, class db.Class) error {
		subjects, err := read(form)
		if err != nil {
			return err
		}
		duty := db.Duty{Class: class, Subjects: subjects}
		duty.AccountID, _ = strconv.ParseInt(form.Account, 10, 64)
		duty.From, _ = school.ReadDate(form.From)
		if form.To == "" && form.Decision == "" {
			return tx.TakeOver(r.ctx(), duty)
		}
		duty.To, _ = school.ReadDate(form.To)
		duty.Decision = form.Decision
		return tx.Substitute(r.ctx(), duty)
	})
}

// destroySubstitute ends a substitution before its last day.
func (p *Portal) destroySubstitute(r *request) error {
	id, err := r.formID("id")
	if err != nil {
		return err
	}
	return p.changeClass(r, views.ClassForm{Form: "substitute"}, func(tx *db.Tx, class db.Class) error {
		return tx.EndSubstitute(r.ctx(), class, school.Subject(r.FormValue("subject")), id)
	})
}

func (p *Portal) changeBook(r *request) error {
	form := views.ClassForm{Form: "book", Kind: r.FormValue("kind"), Reason: r.FormValue("reason"), Decision: r.FormValue("decision"),
		Until: r.FormValue("until")}
	return p.changeClass(r, form, func(tx *db.Tx, class db.Class) error {
		class.BookKind, class.PaperReason, class.PaperDecision = school.BookKind(form.Kind), form.Reason, form.Decision
		class.PaperUntil, _ = school.ReadDate(form.Until)
		return tx.ChangeBook(r.ctx(), class)
	})
}

func (p *Portal) changeKind(r *request) error {
	form := views.ClassForm{Form: "kind", Kind: r.FormValue("kind")}
	return p.changeClass(r, form, func(tx *db.Tx, class db.Class) error {
		return tx.ChangeKind(r.ctx(), class, school.ClassKind(form.Kind))
	})
}

// changeClass runs a change of a class and answers with its page.
func (p *Portal) changeClass(r *request, form views.ClassForm, change func(*db.Tx, db.Class) error) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("class")
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		class, err := tx.Class(r.ctx(), year, id)
		if err != nil {
			return err
		}
		return change(tx, class)
	})
	if form.Error = formFault(err); form.Error != nil {
		return p.answerClass(r, form)
	}
	if err != nil {
		return err
	}
	return r.see(views.ClassURL(year, id) + "?done=" + form.Form)
}
