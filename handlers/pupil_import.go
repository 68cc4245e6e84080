package handlers

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// Lists of pupils from Excel: upload, preview, writing.
var pupilImportRoutes = []route{
	{get, "/:year/pupils/import", workflow.PermSchoolAdmin, (*Portal).showPupilUpload},
	{post, "/:year/pupils/import", workflow.PermSchoolAdmin, (*Portal).createPupilImport},
	{get, "/:year/pupils/import/template.xlsx", workflow.PermSchoolAdmin, (*Portal).showPupilTemplate},
	{get, "/:year/pupils/import/:batch", workflow.PermSchoolAdmin, (*Portal).showPupilImport},
	{post, "/:year/pupils/import/:batch", workflow.PermSchoolAdmin, (*Portal).writePupilImport},
	{del, "/:year/pupils/import/:batch", workflow.PermSchoolAdmin, (*Portal).destroyPupilImport},
	{get, "/:year/pupils/import/:batch/refused.xlsx", workflow.PermSchoolAdmin, (*Portal).showRefusedPupils},
}

func (p *Portal) showPupilUpload(r *request) error { return p.answerPupilUpload(r, nil) }

// answerPupilUpload shows the form; a fault of the file or the day stands at
// its field, other errors are passed on.
func (p *Portal) answerPupilUpload(r *request, cause error) error {
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
	page := views.PupilUpload{Frame: frame, Year: year, From: r.FormValue("from"), Error: fault.As(cause)}
	if page.From == "" {
		page.From = db.ImportStart(year, school.DateOf(r.now)).Vietnamese()
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, err := tx.PupilImports(r.ctx(), year)
		page.Past = nil
		for _, b := range list {
			one := views.PastImport{ID: b.ID, FileName: b.FileName, Written: views.Clock(b.WrittenAt), Cells: b.Rows}
			if b.UndoneAt != nil {
				one.Undone = views.Clock(*b.UndoneAt)
			}
			page.Past = append(page.Past, one)
		}
		return err
	})
	if err != nil {
		return err
	}
	code := http.StatusOK
	if cause != nil {
		code = status(cause)
	}
	return r.page(code, views.PupilUploadPage(page))
}

// createPupilImport reads an uploaded list, compares it and keeps it for its
// preview. Nothing is written into the books.
func (p *Portal) createPupilImport(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	upload, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return p.answerPupilUpload(r, fault.New(fault.Invalid, "upload.missing"))
	}
	if tooLarge(err) {
		return err
	}
	if err != nil { // the upload broke off, or is no form at all
		return p.answerPupilUpload(r, fault.Wrap(err, fault.Invalid, "request.unreadable"))
	}
	file, err := upload.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	batch := db.ImportBatch{Year: year, FileName: fileName(upload.Filename)}
	today := school.DateOf(r.now)
	batch.From, _ = school.ReadDate(r.FormValue("from"))
	if r.FormValue("from") == "" {
		batch.From = db.ImportStart(year, today)
	}
	if err := db.CheckImportStart(year, batch.From, today); err != nil {
		return p.answerPupilUpload(r, err)
	}
	id, err := p.keepPupilImport(r, file, batch)
	if err != nil {
		return p.answerPupilUpload(r, err)
	}
	return r.see(views.ImportURL(year, id))
}

// keepPupilImport reads the file, compares it with the books and stores the plan.
func (p *Portal) keepPupilImport(r *request, file io.ReadSeeker, batch db.ImportBatch) (id int64, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		books, err := tx.ImportBooks(r.ctx(), batch.Year)
		if err != nil {
			return err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		sheet, err := spreadsheet.ReadPupils(file, spreadsheet.PupilOptions{Year: batch.Year, MultiGradeClasses: books.MultiGrade()})
		if err != nil {
			return err
		}
		batch.Plan = spreadsheet.PlanPupils(sheet, books)
		id, err = tx.KeepImport(r.ctx(), batch)
		return err
	})
	return id, err
}

// fileName is the name of an uploaded file as it may be shown.
func fileName(name string) string {
	name = school.CleanLine(path.Base(strings.ReplaceAll(name, `\`, "/")))
	if letters := []rune(name); len(letters) > 100 {
		name = string(letters[:99]) + "…"
	}
	return name
}

// ownImport reads an uploaded list of the person.
func (p *Portal) ownImport(r *request) (b db.ImportBatch, err error) {
	year, err := r.year()
	if err != nil {
		return b, err
	}
	id, err := r.id("batch")
	if err != nil {
		return b, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		b, err = tx.Import(r.ctx(), year, id)
		return err
	})
	return b, err
}

func (p *Portal) showPupilImport(r *request) error {
	b, err := p.ownImport(r)
	if err != nil {
		return err
	}
	frame, err := p.frame(r, b.Year)
	if err != nil {
		return err
	}
	r.viewed("pupil_import", b.ID)
	page := views.PupilImport{Frame: frame, Year: b.Year, ID: b.ID, FileName: b.FileName, Plan: b.Plan, Report: b.Report,
		All: r.QueryParam("all") == "1"}
	if b.Report != nil {
		page.Written = views.Clock(b.WrittenAt)
	}
	if b.Undoable() {
		page.UndoUntil = views.Clock(b.ExpiresAt)
	}
	if b.Undo != nil {
		page.Undo, page.Undone = b.Undo, views.Clock(b.UndoneAt)
	}
	return r.page(http.StatusOK, views.PupilImportPage(page))
}

// writePupilImport writes a previewed list with the choices of the form, or
// forgets it. A second click finds the list written and shows the result.
func (p *Portal) writePupilImport(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("batch")
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	if form.Get("drop") != "" {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.DropImport(r.ctx(), id) })
		if err != nil {
			return err
		}
		return r.see(views.PupilImportURL(year))
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		_, err := tx.WriteImport(r.ctx(), year, id, rowChoices(form))
		return err
	})
	if err != nil {
		return err
	}
	return r.see(views.ImportURL(year, id))
}

// destroyPupilImport takes a written list back. A second click finds it taken
// back and shows the result.
func (p *Portal) destroyPupilImport(r *request) error {
	b, err := p.ownImport(r)
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		_, err := tx.UndoPupils(r.ctx(), b.Year, b.ID)
		return err
	})
	if err != nil {
		return err
	}
	return r.see(views.ImportURL(b.Year, b.ID))
}

// rowChoices reads what was chosen, by row number.
func rowChoices(form url.Values) map[int]spreadsheet.Choice {
	choices := map[int]spreadsheet.Choice{}
	for name, values := range form {
		row, ok := strings.CutPrefix(name, "choice-")
		if n, err := strconv.Atoi(row); ok && err == nil {
			choices[n] = spreadsheet.Choice(values[0])
		}
	}
	return choices
}

// showPupilTemplate answers with an empty list: the sector's headings over rows
// in the text format, so that codes keep their zeros.
func (p *Portal) showPupilTemplate(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	e := spreadsheet.Export{Sheet: words.ImportSheet.Template,
		Title: []string{r.post.UnitName, words.ImportSheet.TemplateTitle + " " + year.Vietnamese()}}
	e.Headings = spreadsheet.PupilTemplate()
	for range 500 {
		e.Rows = append(e.Rows, make([]any, len(e.Headings)))
	}
	return r.sheet("mau-danh-sach-hoc-sinh.xlsx", e)
}

// showRefusedPupils answers with the rows that were not written, or would not
// be, with their reasons: to be mended and uploaded again.
func (p *Portal) showRefusedPupils(r *request) error {
	b, err := p.ownImport(r)
	if err != nil {
		return err
	}
	if err := p.restTaken(r, "pupil_import", b.ID); err != nil {
		return err
	}
	e := spreadsheet.Export{Sheet: words.ImportSheet.Refused, Title: []string{words.ImportSheet.Title + " " + b.FileName},
		Headings: append(slices.Clone(b.Plan.Headings), words.ImportSheet.Reason)}
	results := map[int]*spreadsheet.RowResult{}
	if b.Report != nil {
		for i := range b.Report.Rows {
			results[b.Report.Rows[i].Row] = &b.Report.Rows[i]
		}
	}
	for i := range b.Plan.Rows {
		row := &b.Plan.Rows[i]
		result := results[row.ID()]
		if result == nil && row.Verdict == spreadsheet.Green || result != nil && result.Act != spreadsheet.Refuse && result.Act != spreadsheet.Skipped {
			continue
		}
		cells := make([]any, 0, len(e.Headings))
		for _, text := range row.Raw {
			cells = append(cells, text)
		}
		e.Rows = append(e.Rows, append(cells, views.ImportReasons(row, result)))
	}
	return r.sheet("dong-chua-ghi.xlsx", e)
}
