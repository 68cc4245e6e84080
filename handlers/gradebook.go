package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// gradebookRoutes are the tables in which teachers write. Reading is open to
// the school's leaders; who may write what is decided cell by cell.
var gradebookRoutes = []route{
	{get, "/:year/classes/:class/gradebook/:period", workflow.PermReadRecord, (*Portal).showGradebook},
	{get, "/:year/classes/:class/traits/:period", workflow.PermReadRecord, (*Portal).showTraits},
	{get, "/:year/classes/:class/gradebook/:period/events", workflow.PermReadRecord, (*Portal).streamCells},
	{put, "/:year/classes/:class/gradebook/:period/cells", workflow.PermGradebook, (*Portal).updateCells},
	{put, "/:year/classes/:class/gradebook/:period/rows/:row", workflow.PermGradebook, (*Portal).updateRow},
}

// tableRequest is which table somebody asks for.
type tableRequest struct {
	db.ClassPeriod
	rules   *evaluation.RuleSet
	subject school.Subject // "": qualities and competencies, or all subjects
	all     bool           // every subject of the class beside each other
	remarks bool
	row     int64 // enrolment shown as a form; 0: the table
}

func (r *request) classPeriod() (at db.ClassPeriod, err error) {
	if at.Year, err = r.year(); err != nil {
		return at, err
	}
	if at.ClassID, err = r.id("class"); err != nil {
		return at, err
	}
	at.Period, err = r.period()
	return at, err
}

// namedTable reads which table a part of one is asked for: the address of a row
// does not tell, its query or form does.
func (r *request) namedTable() (tableRequest, error) {
	return r.table(r.FormValue("subject") == "" && r.FormValue("show") != views.ShowAll)
}

// table reads what the address asks for; traits have no subject.
func (r *request) table(traits bool) (q tableRequest, err error) {
	if q.ClassPeriod, err = r.classPeriod(); err != nil {
		return q, err
	}
	if q.rules = evaluation.ForYear(q.Year); q.rules == nil {
		return q, fault.New(fault.NotFound, "page.unknown")
	}
	q.all = !traits && r.FormValue("show") == views.ShowAll
	if !traits && !q.all {
		q.subject = school.Subject(r.FormValue("subject"))
		if _, ok := school.ParseSubject(string(q.subject)); !ok && q.subject != "" {
			return q, fault.New(fault.NotFound, "page.unknown")
		}
	}
	q.remarks = traits && r.FormValue("show") == "remarks"
	if row := r.FormValue("row"); row != "" {
		if q.row, err = strconv.ParseInt(row, 10, 64); err != nil {
			return q, fault.New(fault.NotFound, "page.unknown")
		}
	}
	return q, nil
}

// items are what must be read for the table.
func (q tableRequest) items() []evaluation.Item {
	if q.subject != "" {
		return []evaluation.Item{evaluation.Item(q.subject)}
	}
	if q.all {
		var items []evaluation.Item
		for _, s := range school.Subjects {
			items = append(items, evaluation.Item(s))
		}
		return items
	}
	return append(evaluation.Traits(), evaluation.RemarkGroups...)
}

// showGradebook is the table of one subject, or of all beside each other, or one
// pupil of it as a form. Without a subject the first one of this person is
// opened.
func (p *Portal) showGradebook(r *request) error {
	q, err := r.table(false)
	if err != nil {
		return err
	}
	g, err := p.readGradebook(r, &q)
	if err != nil {
		return err
	}
	if q.subject == "" && !q.all {
		subjects := visibleSubjects(r, q, g)
		if len(subjects) == 0 {
			return r.see(views.TraitsURL(q.Year, q.ClassID, q.Period))
		}
		return r.see(views.GradebookURL(q.Year, q.ClassID, q.Period, subjects[0]))
	}
	return p.renderTable(r, q, g, http.StatusOK, nil)
}

// showTraits is the homeroom teacher's table of qualities and competencies.
func (p *Portal) showTraits(r *request) error {
	q, err := r.table(true)
	if err != nil {
		return err
	}
	g, err := p.readGradebook(r, &q)
	if err != nil {
		return err
	}
	return p.renderTable(r, q, g, http.StatusOK, nil)
}

// readGradebook loads the table, by the rules of its kind of class; what the
// person has no duty for is not there.
func (p *Portal) readGradebook(r *request, q *tableRequest) (g db.Gradebook, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		g, err = tx.Gradebook(r.ctx(), q.ClassPeriod, q.items())
		return err
	})
	if err != nil {
		return g, err
	}
	q.rules = g.Class.Rules()
	mine := r.actor.Role != workflow.Teacher || g.Homeroom && q.subject == "" || slices.Contains(g.Subjects, q.subject)
	subjectPage := strings.Contains(r.Path(), "/gradebook/")
	if !mine && (q.subject != "" || q.all || !subjectPage) || q.subject != "" && !slices.Contains(classSubjects(*q, g), q.subject) {
		return g, fault.New(fault.NotFound, "page.unknown")
	}
	return g, nil
}

// classSubjects are the subjects of the class's grades, in the booklet's order.
func classSubjects(q tableRequest, g db.Gradebook) []school.Subject {
	var out []school.Subject
	for _, s := range school.Subjects {
		if slices.ContainsFunc(g.Class.Grades, func(grade int64) bool { return q.rules.Subject(int(grade), s) != evaluation.None }) {
			out = append(out, s)
		}
	}
	return out
}

// visibleSubjects are those whose tables this person may open.
func visibleSubjects(r *request, q tableRequest, g db.Gradebook) []school.Subject {
	if r.actor.Role == workflow.Teacher {
		return g.Subjects
	}
	return classSubjects(q, g)
}

func (p *Portal) renderTable(r *request, q tableRequest, g db.Gradebook, code int, form *views.GradebookForm) error {
	page, err := p.gradebookPage(r, q, g)
	if err != nil {
		return err
	}
	r.viewed("gradebook", q.ClassID)
	if q.row == 0 {
		return r.page(code, views.GradebookPage(page))
	}
	at := slices.IndexFunc(page.Rows, func(row views.GradebookRow) bool { return row.Enrolment == q.row })
	if at < 0 {
		return fault.New(fault.NotFound, "page.unknown")
	}
	if form == nil {
		form = &views.GradebookForm{}
		form.Done, form.DoneAt = doneBefore(r, page.Rows), r.now
	}
	form.At = at
	if at > 0 {
		form.Previous = neighbour(page, at-1)
	}
	if at < len(page.Rows)-1 {
		form.Next = neighbour(page, at+1)
	}
	panel, err := p.pupilPanel(r, q, g, at)
	if err != nil {
		return err
	}
	panel.Whole, form.Panel = true, &panel
	page.Form = form
	if err := p.rowPhrases(r, q, &page); err != nil {
		return err
	}
	return r.page(code, views.GradebookFormPage(page))
}

func neighbour(page views.Gradebook, at int) *views.Link {
	row := page.Rows[at]
	return &views.Link{Label: views.ShortName(row.Name), URL: page.RowURL(row.Enrolment)}
}

// doneID is that pupil's enrolment; 0 for nobody.
func doneID(r *request) int64 {
	id, _ := strconv.ParseInt(r.QueryParam("done"), 10, 64)
	return id
}

// doneBefore names the pupil whose form was saved just before this page.
func doneBefore(r *request, rows []views.GradebookRow) string {
	id := doneID(r)
	for _, row := range rows {
		if row.Enrolment == id {
			return row.Name
		}
	}
	return ""
}
