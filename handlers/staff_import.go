package handlers

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/staffsheet"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// Accounts and assignments from Excel: upload, preview, writing, passwords to
// hand out, taking back.
var staffImportRoutes = []route{
	{get, "/:year/accounts/import", workflow.PermSchoolAdmin, showStaffUpload(staffsheet.Accounts)},
	{post, "/:year/accounts/import", workflow.PermSchoolAdmin, createStaffImport(staffsheet.Accounts)},
	{get, "/:year/accounts/import/template.xlsx", workflow.PermSchoolAdmin, showStaffTemplate(staffsheet.Accounts)},
	{get, "/:year/assignments/import", workflow.PermSchoolAdmin, showStaffUpload(staffsheet.Assignments)},
	{post, "/:year/assignments/import", workflow.PermSchoolAdmin, createStaffImport(staffsheet.Assignments)},
	{get, "/:year/assignments/import/template.xlsx", workflow.PermSchoolAdmin, showStaffTemplate(staffsheet.Assignments)},
	{get, "/:year/staff/import/:batch", workflow.PermSchoolAdmin, (*Portal).showStaffImport},
	{post, "/:year/staff/import/:batch", workflow.PermSchoolAdmin, (*Portal).writeStaffImport},
	{del, "/:year/staff/import/:batch", workflow.PermSchoolAdmin, (*Portal).destroyStaffImport},
	{post, "/:year/staff/import/:batch/passwords", workflow.PermSchoolAdmin, (*Portal).createFreshPasswords},
	{get, "/:year/staff/import/:batch/refused.xlsx", workflow.PermSchoolAdmin, (*Portal).showStaffImportRest},
}

func showStaffUpload(kind staffsheet.Kind) func(*Portal, *request) error {
	return func(p *Portal, r *request) error { return p.answerStaffUpload(r, kind, nil) }
}

// answerStaffUpload shows the form and the person's own imports; a fault of the
// file or the day stands at its field, other errors are passed on.
func (p *Portal) answerStaffUpload(r *request, kind staffsheet.Kind, cause error) error {
	if cause != nil && fault.KindOf(cause) != fault.Invalid {
		return cause
	}
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.StaffUpload{Year: year, Kind: kind, From: r.FormValue("from"), Error: fault.As(cause)}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	if page.From == "" {
		page.From = db.ImportStart(year, school.DateOf(r.now)).Vietnamese()
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, err := tx.StaffImports(r.ctx(), year, kind)
		page.Past = nil
		for _, b := range list {
			var report staffsheet.Report
			if err := json.Unmarshal(b.Report, &report); err != nil {
				return err
			}
			one := views.PastImport{ID: b.ID, FileName: b.FileName, Written: views.Clock(*b.WrittenAt), Cells: len(report.Made)}
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
	return r.page(code, views.StaffUploadPage(page))
}

// createStaffImport reads an uploaded file, compares it and keeps it for its
// preview. Nothing is written into the books.
func createStaffImport(kind staffsheet.Kind) func(*Portal, *request) error {
	return func(p *Portal, r *request) error {
		year, err := r.year()
		if err != nil {
			return err
		}
		file, name, err := r.upload()
		if err != nil {
			return p.answerStaffUpload(r, kind, err)
		}
		defer file.Close()
		id, err := p.keepStaffImport(r, file, views.StaffImport{Year: year, FileName: name, Plan: staffsheet.Plan{Kind: kind}})
		if err != nil {
			return p.answerStaffUpload(r, kind, err)
		}
		return r.see(views.StaffImportURL(year, id))
	}
}

func (p *Portal) keepStaffImport(r *request, file io.Reader, page views.StaffImport) (id int64, err error) {
	if evaluation.ForYear(page.Year) == nil {
		return 0, fault.New(fault.NotFound, "page.unknown")
	}
	from := db.ImportStart(page.Year, school.DateOf(r.now))
	if text := r.FormValue("from"); text != "" {
		from, _ = school.ReadDate(text)
	}
	if first := (school.Date{Year: page.Year.First(), Month: 7, Day: 1}); from.Before(first) || page.Year.End().Before(from) {
		return 0, fault.New(fault.Invalid, "class.from", "first", first.Vietnamese(), "last", page.Year.End().Vietnamese())
	}
	layout := spreadsheet.AccountLayout
	if page.Plan.Kind == staffsheet.Assignments {
		layout = spreadsheet.AssignmentLayout
	}
	tables, err := spreadsheet.ReadLists(file, layout)
	if err != nil {
		return 0, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		var plan *staffsheet.Plan
		var err error
		if page.Plan.Kind == staffsheet.Assignments {
			plan, err = tx.PlanAssignments(r.ctx(), page.Year, tables, from)
		} else {
			plan, err = tx.PlanAccounts(r.ctx(), page.Year, tables)
		}
		if err != nil {
			return err
		}
		id, err = tx.KeepStaffImport(r.ctx(), plan, page.FileName)
		return err
	})
	return id, err
}

// ownStaffImport reads an uploaded file of the person.
func (p *Portal) ownStaffImport(r *request) (page views.StaffImport, err error) {
	year, err := r.year()
	if err != nil {
		return page, err
	}
	id, err := r.id("batch")
	if err != nil {
		return page, err
	}
	var b db.StaffImport
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		b, err = tx.StaffImport(r.ctx(), year, id)
		return err
	})
	if err != nil {
		return page, err
	}
	page = views.StaffImport{Year: year, ID: id, FileName: b.FileName}
	if err := json.Unmarshal(b.Plan, &page.Plan); err != nil {
		return page, err
	}
	if b.Report != nil {
		page.Written, page.Report = views.Clock(*b.WrittenAt), &staffsheet.Report{}
		if err := json.Unmarshal(b.Report, page.Report); err != nil {
			return page, err
		}
	}
	if b.Undo != nil {
		page.Undone, page.Undo = views.Clock(*b.UndoneAt), &staffsheet.Undo{}
		err = json.Unmarshal(b.Undo, page.Undo)
	}
	return page, err
}

func (p *Portal) showStaffImport(r *request) error {
	page, err := p.ownStaffImport(r)
	if err != nil {
		return err
	}
	return p.answerStaffImport(r, page)
}

func (p *Portal) answerStaffImport(r *request, page views.StaffImport) (err error) {
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	r.viewed("staff_import", page.ID)
	page.All = r.QueryParam("all") == "1"
	return r.page(http.StatusOK, views.StaffImportPage(page))
}

// writeStaffImport writes a previewed file with the choices of the form, or
// forgets it. A second click finds it written.
func (p *Portal) writeStaffImport(r *request) error {
	page, err := p.ownStaffImport(r)
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	to := views.StaffImportURL(page.Year, page.ID)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if form.Get("drop") != "" {
			to = views.StaffUploadURL(page.Year, page.Plan.Kind)
			return tx.DropStaffImport(r.ctx(), page.ID)
		}
		_, err := tx.WriteStaff(r.ctx(), page.Year, page.ID, staffChoices(&page.Plan, form))
		return err
	})
	if err != nil {
		return err
	}
	return r.see(to)
}

// staffChoices reads what was ticked. Green rows that the page did not show are
// written; those it showed, only with their tick.
func staffChoices(plan *staffsheet.Plan, form url.Values) staffsheet.Choices {
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

// destroyStaffImport takes a written import back.
func (p *Portal) destroyStaffImport(r *request) error {
	page, err := p.ownStaffImport(r)
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		_, err := tx.UndoStaff(r.ctx(), page.Year, page.ID)
		return err
	})
	if err != nil {
		return err
	}
	return r.see(views.StaffImportURL(page.Year, page.ID))
}

// createFreshPasswords gives the accounts of a written import temporary
// passwords and shows them. The answer is the list itself, and no redirect: the
// passwords are stored nowhere. Who lost the list makes another; the passwords
// of the first are then over.
func (p *Portal) createFreshPasswords(r *request) error {
	page, err := p.ownStaffImport(r)
	if err != nil {
		return err
	}
	if page.Report == nil {
		return fault.New(fault.Conflict, "import.not_written")
	}
	secrets, hashes, err := temporaries(r, page.Report.Fresh())
	if err != nil {
		return err
	}
	var taken map[int64]bool
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		taken, err = tx.SetFreshPasswords(r.ctx(), page.ID, hashes)
		return err
	})
	if err != nil {
		return err
	}
	page.Secrets = []views.Secret{}
	for i, m := range page.Report.Fresh() {
		if taken[m.Account] {
			page.Secrets = append(page.Secrets, views.Secret{Name: m.Name, Username: m.Username, Password: secrets[i]})
		}
	}
	return p.answerStaffImport(r, page)
}

// temporaries makes a password and its hash for each account.
func temporaries(r *request, fresh []staffsheet.Made) (secrets []string, hashes map[int64]string, err error) {
	secrets = make([]string, len(fresh))
	hashed := make([]string, len(fresh))
	var group errgroup.Group
	group.SetLimit(8) // package password bounds how many really run
	for i := range fresh {
		group.Go(func() (err error) {
			secrets[i], hashed[i], err = temporary(r)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	hashes = map[int64]string{}
	for i, m := range fresh {
		hashes[m.Account] = hashed[i]
	}
	return secrets, hashes, nil
}

// showStaffTemplate answers with an empty list to fill in.
func showStaffTemplate(kind staffsheet.Kind) func(*Portal, *request) error {
	return func(p *Portal, r *request) error {
		year, err := r.year()
		if err != nil {
			return err
		}
		e := views.StaffTemplate(kind, r.post.UnitName, year)
		for range 200 {
			e.Rows = append(e.Rows, make([]any, len(e.Headings)))
		}
		return r.sheet("mau-"+views.StaffFileName(kind)+".xlsx", e)
	}
}

// showStaffImportRest answers with the rows that were not written, or would not
// be, with their reasons: to be mended and uploaded again.
func (p *Portal) showStaffImportRest(r *request) error {
	page, err := p.ownStaffImport(r)
	if err != nil {
		return err
	}
	if err := p.restTaken(r, "staff_import", page.ID); err != nil {
		return err
	}
	e := spreadsheet.Export{Sheet: words.ImportSheet.Refused, Title: []string{words.ImportSheet.Title + " " + page.FileName}}
	for i := range page.Plan.Rows {
		if !page.Lacks(i) {
			continue
		}
		if headings := page.Headings(page.Plan.Rows[i].Sheet); len(headings) > len(e.Headings) {
			e.Headings = headings
		}
		cells := []any{page.Reasons(i)}
		for _, text := range page.Plan.Rows[i].Raw {
			cells = append(cells, text)
		}
		e.Rows = append(e.Rows, cells)
	}
	e.Headings = slices.Insert(e.Headings, 0, words.ImportSheet.Reason)
	return r.sheet("dong-chua-ghi.xlsx", e)
}
