package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/gradesheet"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// Results from Excel: upload, preview, writing, taking back.
var gradebookImportRoutes = []route{
	{get, "/:year/import", workflow.PermImport, (*Portal).showImports},
	{post, "/:year/import", workflow.PermImport, (*Portal).createImport},
	{get, "/:year/import/:batch", workflow.PermImport, (*Portal).showImport},
	{post, "/:year/import/:batch", workflow.PermImport, (*Portal).writeImport},
	{del, "/:year/import/:batch", workflow.PermImport, (*Portal).destroyImport},
	{get, "/:year/import/:batch/refused.xlsx", workflow.PermImport, (*Portal).showImportRest},
}

func (p *Portal) showImports(r *request) error { return p.answerImports(r, nil) }

// answerImports shows the form and the person's own imports; a fault of the
// file stands at its field, other errors are passed on.
func (p *Portal) answerImports(r *request, cause error) error {
	if cause != nil && fault.KindOf(cause) != fault.Invalid {
		return cause
	}
	year, err := r.year()
	if err != nil {
		return err
	}
	frame, err := p.frame(r, year)
	if err != nil {
		return err
	}
	page := views.Imports{Frame: frame, Year: year, Error: fault.As(cause), Class: r.FormValue("class"),
		Period: school.Period(r.FormValue("period")), Subject: school.Subject(r.FormValue("subject"))}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, err := tx.GradebookImports(r.ctx(), year)
		if err != nil {
			return err
		}
		classes, err := tx.ImportClasses(r.ctx(), year)
		page.Past, page.Classes = pastImports(list), importClasses(classes)
		return err
	})
	if err != nil {
		return err
	}
	code := http.StatusOK
	if cause != nil {
		code = status(cause)
	}
	return r.page(code, views.ImportsPage(page))
}

func pastImports(list []db.GradebookImport) []views.PastImport {
	var past []views.PastImport
	for _, b := range list {
		one := views.PastImport{ID: b.ID, FileName: b.FileName, Written: views.Clock(*b.WrittenAt), Cells: b.Cells}
		if b.UndoneAt != nil {
			one.Undone = views.Clock(*b.UndoneAt)
		}
		past = append(past, one)
	}
	return past
}

func importClasses(classes []gradesheet.Class) []views.ImportClass {
	var out []views.ImportClass
	for _, c := range classes {
		out = append(out, views.ImportClass{Name: c.Name, Subjects: c.Subjects, Homeroom: c.Homeroom})
	}
	return out
}

// upload opens the file of a form. A missing or broken one is Invalid.
func (r *request) upload() (multipart.File, string, error) {
	header, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, "", fault.New(fault.Invalid, "upload.missing")
	}
	if tooLarge(err) {
		return nil, "", err
	}
	if err != nil { // the upload broke off, or is no form at all
		return nil, "", fault.Wrap(err, fault.Invalid, "request.unreadable")
	}
	file, err := header.Open()
	return file, fileName(header.Filename), err
}

// createImport reads an uploaded file, compares it and keeps it for its
// preview. Nothing is written into the books.
func (p *Portal) createImport(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	file, name, err := r.upload()
	if err != nil {
		return p.answerImports(r, err)
	}
	defer file.Close()
	batch := db.GradebookImport{Year: year, FileName: name}
	id, err := p.keepGrades(r, file, batch)
	if err != nil {
		return p.answerImports(r, err)
	}
	return r.see(views.ResultImportURL(year, id))
}

// keepGrades reads tables of results, lets the gradebook judge them and stores
// the plan.
func (p *Portal) keepGrades(r *request, file io.Reader, batch db.GradebookImport) (id int64, err error) {
	choice := gradesheet.Choice{Class: school.CleanLine(r.FormValue("class"))}
	choice.Period, _ = school.ParsePeriod(r.FormValue("period"))
	choice.Subject, _ = school.ParseSubject(r.FormValue("subject"))
	if evaluation.ForYear(batch.Year) == nil {
		return 0, fault.New(fault.NotFound, "page.unknown")
	}
	tables, err := spreadsheet.ReadGrades(file, gradesheet.Vocabulary())
	if err != nil {
		return 0, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		books, err := tx.GradeBooks(r.ctx(), batch.Year)
		if err != nil {
			return err
		}
		plan := gradesheet.Draft(batch.Year, tables, books, choice)
		if err := tx.JudgeImport(r.ctx(), plan); err != nil {
			return err
		}
		id, err = tx.KeepGradebookImport(r.ctx(), batch, plan)
		return err
	})
	return id, err
}

// ownGradebookImport reads an uploaded file of the person.
func (p *Portal) ownGradebookImport(r *request) (b db.GradebookImport, err error) {
	year, err := r.year()
	if err != nil {
		return b, err
	}
	id, err := r.id("batch")
	if err != nil {
		return b, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		b, err = tx.GradebookImport(r.ctx(), year, id)
		return err
	})
	return b, err
}

func (p *Portal) showImport(r *request) error {
	b, err := p.ownGradebookImport(r)
	if err != nil {
		return err
	}
	frame, err := p.frame(r, b.Year)
	if err != nil {
		return err
	}
	r.viewed("gradebook_import", b.ID)
	page, err := gradeImportPage(b)
	if err != nil {
		return err
	}
	page.Frame, page.All = frame, r.QueryParam("all") == "1"
	return r.page(http.StatusOK, views.GradebookImportPage(page))
}

// gradeImportPage reads what is stored of a file.
func gradeImportPage(b db.GradebookImport) (page views.GradebookImport, err error) {
	page = views.GradebookImport{Year: b.Year, ID: b.ID, FileName: b.FileName}
	if err := json.Unmarshal(b.Plan, &page.Plan); err != nil {
		return page, err
	}
	if b.Report != nil {
		page.Written, page.Report = views.Clock(*b.WrittenAt), &gradesheet.Report{}
		if err := json.Unmarshal(b.Report, page.Report); err != nil {
			return page, err
		}
	}
	if b.Undo != nil {
		page.Undone, page.Undo = views.Clock(*b.UndoneAt), &gradesheet.Undo{}
		err = json.Unmarshal(b.Undo, page.Undo)
	}
	return page, err
}

// writeImport writes a previewed file with the choices of the form, or forgets
// it. A second click, in this tab or another, finds it written.
func (p *Portal) writeImport(r *request) error {
	b, err := p.ownGradebookImport(r)
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	if form.Get("drop") != "" {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.DropGradebookImport(r.ctx(), b.ID) })
		if err != nil {
			return err
		}
		return r.see(views.ImportsURL(b.Year))
	}
	var plan gradesheet.Plan
	if err := json.Unmarshal(b.Plan, &plan); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		_, err := tx.WriteGrades(r.ctx(), b.Year, b.ID, gradeChoices(&plan, form))
		return err
	})
	if err != nil {
		return err
	}
	return r.see(views.ResultImportURL(b.Year, b.ID))
}

// gradeChoices reads what was ticked. Green rows that the page did not show are
// written; those it showed, only with their tick.
func gradeChoices(plan *gradesheet.Plan, form url.Values) gradesheet.Choices {
	choices := plan.Greens()
	for _, shown := range form["shown"] {
		if i, err := strconv.Atoi(shown); err == nil {
			delete(choices, i)
		}
	}
	for _, ticked := range form["row"] {
		i, err := strconv.Atoi(ticked)
		if err != nil || i < 0 || i >= len(plan.Rows) {
			continue
		}
		choices[i], _ = strconv.Atoi(form.Get("option-" + ticked))
	}
	return choices
}

// destroyImport takes a written import back.
func (p *Portal) destroyImport(r *request) error {
	b, err := p.ownGradebookImport(r)
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		_, err := tx.UndoGrades(r.ctx(), b.Year, b.ID)
		return err
	})
	if err != nil {
		return err
	}
	return r.see(views.ResultImportURL(b.Year, b.ID))
}

// showImportRest answers with the rows that were not written, or would not be,
// with their reasons: to be mended and uploaded again.
func (p *Portal) showImportRest(r *request) error {
	b, err := p.ownGradebookImport(r)
	if err != nil {
		return err
	}
	page, err := gradeImportPage(b)
	if err != nil {
		return err
	}
	if err := p.restTaken(r, "gradebook_import", b.ID); err != nil {
		return err
	}
	e := spreadsheet.Export{Sheet: words.ImportSheet.Refused, Title: []string{words.ImportSheet.Title + " " + b.FileName}}
	for i := range page.Plan.Rows {
		row := &page.Plan.Rows[i]
		if !page.Lacks(i) {
			continue
		}
		if headings := page.Headings(row.Sheet); len(headings) > len(e.Headings) {
			e.Headings = headings
		}
		cells := []any{page.Reasons(i)}
		for _, text := range row.Raw {
			cells = append(cells, text)
		}
		e.Rows = append(e.Rows, cells)
	}
	e.Headings = slices.Insert(e.Headings, 0, words.ImportSheet.Reason)
	return r.sheet("dong-chua-ghi.xlsx", e)
}
