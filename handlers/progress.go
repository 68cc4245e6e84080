package handlers

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/ui"
	"hocba/views/words"
)

// Progress of a school, and of an area down to the classes of its schools.
var progressRoutes = []route{
	{get, "/:year/school", workflow.PermSchoolDashboard, (*Portal).showSchoolProgress},
	{get, "/:year/school/export.xlsx", workflow.PermSchoolDashboard, (*Portal).exportSchoolProgress},
	{get, "/:year/area", workflow.PermArea, (*Portal).showAreaProgress},
	{get, "/:year/area/export.xlsx", workflow.PermArea, (*Portal).exportAreaProgress},
	{get, "/:year/area/:unit", workflow.PermArea, (*Portal).showAreaProgress},
	{get, "/:year/area/:unit/export.xlsx", workflow.PermArea, (*Portal).exportAreaProgress},
}

// How many rows a page of progress shows at once.
const (
	progressPage  = 50
	progressRisks = 6
)

// showSchoolProgress shows the funnel of the own school and its classes.
func (p *Portal) showSchoolProgress(r *request) error {
	page, err := p.schoolProgress(r)
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.ProgressPage(page))
}

// exportSchoolProgress gives the table away as .xlsx.
func (p *Portal) exportSchoolProgress(r *request) error {
	page, err := p.schoolProgress(r)
	if err != nil {
		return err
	}
	return r.progressFile(page, r.actor.SchoolID)
}

func (p *Portal) schoolProgress(r *request) (views.Progress, error) {
	year, err := r.year()
	if err != nil {
		return views.Progress{}, err
	}
	unit, err := p.db.Unit(r.ctx(), r.actor.SchoolID)
	if err != nil {
		return views.Progress{}, err
	}
	page, err := p.classesProgress(r, year, unit)
	page.Export = views.SchoolProgressURL(year) + "/export.xlsx"
	return page, err
}

// showAreaProgress shows the schools of the own area or of a unit in it; of a
// school its classes.
func (p *Portal) showAreaProgress(r *request) error {
	page, _, err := p.areaProgress(r)
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.ProgressPage(page))
}

// exportAreaProgress gives the whole table away as .xlsx.
func (p *Portal) exportAreaProgress(r *request) error {
	page, unit, err := p.areaProgress(r)
	if err != nil {
		return err
	}
	return r.progressFile(page, unit.ID)
}

func (p *Portal) areaProgress(r *request) (views.Progress, school.Unit, error) {
	year, err := r.year()
	if err != nil {
		return views.Progress{}, school.Unit{}, err
	}
	id, base := r.actor.UnitID, views.AreaURL(year)
	if r.Param("unit") != "" {
		if id, err = r.id("unit"); err != nil {
			return views.Progress{}, school.Unit{}, err
		}
		base = views.AreaUnitURL(year, id)
	}
	unit, err := p.unitInScope(r, id)
	if err != nil {
		return views.Progress{}, unit, err
	}
	var page views.Progress
	if unit.Kind == school.School {
		page, err = p.classesProgress(r, year, unit)
	} else {
		page, err = p.schoolsProgress(r, year, unit, base)
	}
	page.Export = base + "/export.xlsx"
	return page, unit, err
}

// unitInScope returns a unit of the actor's area; any other does not exist.
func (p *Portal) unitInScope(r *request, id int64) (school.Unit, error) {
	var inside bool
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		var err error
		inside, err = tx.InScope(r.ctx(), id)
		return err
	})
	if err == nil && !inside {
		err = fault.New(fault.NotFound, "page.unknown")
	}
	if err != nil {
		return school.Unit{}, err
	}
	return p.db.Unit(r.ctx(), id)
}

// progressFrame fills what both tables have in common.
func (p *Portal) progressFrame(r *request, year school.Year, unit school.Unit) (views.Progress, error) {
	page := views.Progress{Title: views.ProgressAreaTitle(unit.Kind), AsOf: p.counter.At()}
	var err error
	if page.Frame, err = p.frame(r, year); err != nil {
		return page, err
	}
	if page.Crumbs, err = p.areaCrumbs(r, year, unit); err != nil {
		return page, err
	}
	page.Heading = "Tiến độ học bạ cuối năm"
	return page, nil
}

// areaCrumbs leads from the actor's unit down to the one shown.
func (p *Portal) areaCrumbs(r *request, year school.Year, unit school.Unit) ([]views.Link, error) {
	path, err := p.db.UnitPath(r.ctx(), unit.ID)
	if err != nil {
		return nil, err
	}
	own := slices.IndexFunc(path, func(u school.Unit) bool { return u.ID == r.actor.UnitID })
	var out []views.Link
	for _, u := range path[max(own, 0):] {
		link := views.Link{Label: u.Name, URL: views.AreaUnitURL(year, u.ID)}
		switch u.ID {
		case unit.ID:
			link.URL = ""
		case r.actor.UnitID:
			link.URL = views.AreaURL(year)
		}
		out = append(out, link)
	}
	return out, nil
}

// classesProgress is a school with its classes: the left half from the
// school's own counts, the right from the registry's where the reader is an
// authority.
func (p *Portal) classesProgress(r *request, year school.Year, unit school.Unit) (views.Progress, error) {
	page, err := p.progressFrame(r, year, unit)
	if err != nil {
		return page, err
	}
	page.Of = views.OfClasses
	var classes []db.ClassCounts
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if classes, err = tx.SchoolProgress(r.ctx(), year, unit.ID); err != nil {
			return err
		}
		page.Deadline, err = tx.Deadline(r.ctx(), unit.ID, school.SchoolSubmit, year, school.CurrentTrack(year, r.now))
		return err
	})
	if err != nil {
		return page, err
	}
	var known []db.RegistryClass
	if !r.actor.Role.OfSchool() {
		err = p.db.Registry(r.ctx(), r.actor, func(tx *db.Tx) error {
			known, err = tx.RegistrySchool(r.ctx(), year, unit.Code)
			return err
		})
		if err != nil {
			return page, err
		}
	}
	addClasses(&page, classes, known, !r.actor.Role.OfSchool())
	if len(classes) == 0 && len(known) > 0 {
		page.Foreign = []string{unit.Name}
	}
	finishProgress(&page, r.now)
	return page, nil
}

// addClasses puts the classes of a school on the page. registry tells that the
// right half is the registry's.
func addClasses(page *views.Progress, classes []db.ClassCounts, known []db.RegistryClass, registry bool) {
	right := map[string]db.RegistryClass{}
	for _, k := range known {
		right[k.Code] = k
	}
	for _, c := range classes {
		row := views.ProgressRow{Name: "Lớp " + c.Name, Counts: c.Counts, Left: true, Right: true}
		if c.BookKind == school.Paper {
			row.Paper = views.PaperCounts{Classes: 1, Pupils: c.OnRoll}
			row.Counts = school.Counts{}
		} else if registry {
			k := right[c.Code]
			row.Counts.Accepted, row.Counts.Locked = k.Accepted, k.Locked
		}
		delete(right, c.Code)
		page.Rows = append(page.Rows, row)
		addTotals(page, row)
	}
	for _, k := range known {
		if _, left := right[k.Code]; left {
			page.Rows = append(page.Rows, views.ProgressRow{Name: "Lớp " + k.Name, Right: true,
				Counts: school.Counts{Accepted: k.Accepted, Locked: k.Locked}})
		}
	}
}

func addTotals(page *views.Progress, row views.ProgressRow) {
	page.Paper.Classes += row.Paper.Classes
	page.Paper.Pupils += row.Paper.Pupils
	if row.Left {
		page.Total = page.Total.Add(row.Counts)
	}
}

// finishProgress names what stands in the way of each class and writes the lead.
func finishProgress(page *views.Progress, now time.Time) {
	page.DaysLeft = page.Deadline.DaysLeft(now)
	if page.Of == views.OfClasses {
		for _, row := range page.Rows {
			due, done := row.Counts.Due(page.Deadline.Track)
			// A class has no pace of its own: its teachers finish on one day.
			outlook, _ := school.OutlookOf(page.Deadline, now, due-done, 0)
			addRisk(page, row, outlook, school.Date{})
		}
	}
	slices.SortStableFunc(page.Risks, worseFirst)
	page.RiskSize = len(page.Risks)
	page.Lead = views.ProgressLead(*page)
}

func addRisk(page *views.Progress, row views.ProgressRow, outlook school.Outlook, day school.Date) {
	if outlook == school.InTime || !row.Left {
		return
	}
	step, waiting, ok := row.Counts.Narrowest(school.StepAccepted)
	if !ok {
		return
	}
	page.Risks = append(page.Risks, views.ProgressRisk{Name: row.Name, Place: row.Place, URL: row.URL, Outlook: outlook,
		Day: day, Step: step, Waiting: waiting})
}

var outlookOrder = map[school.Outlook]int{school.Overdue: 0, school.Still: 1, school.Late: 2, school.Tight: 3}

// worseFirst orders risks: those that never end first, then the latest day,
// then the larger number.
func worseFirst(a, b views.ProgressRisk) int {
	return cmp.Or(cmp.Compare(outlookOrder[a.Outlook], outlookOrder[b.Outlook]),
		cmp.Compare(b.Day.String(), a.Day.String()), cmp.Compare(b.Waiting, a.Waiting))
}

// progressFile answers with the table as .xlsx and logs who took it away.
func (r *request) progressFile(page views.Progress, unitID int64) error {
	title := views.ProgressTitle(page.Crumbs[len(page.Crumbs)-1].Label, school.Year(r.Param("year")))
	headings, rows := views.ProgressTable(page)
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Sheet: "Tiến độ", Title: []string{title, page.Lead}, Headings: headings,
		Rows: rows, Footer: views.ExportFooter(r.account.FullName, words.Role(r.actor.Role), r.post.UnitName, r.now)})
	if err != nil {
		return err
	}
	err = r.portal.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.NoteUnitExport(r.ctx(), "progress_exported", unitID) })
	if err != nil {
		return err
	}
	r.viewed("progress_export", unitID)
	r.Response().Header().Set("Content-Disposition", `attachment; filename="tien-do-`+r.Param("year")+`-`+strconv.FormatInt(unitID, 10)+`.xlsx"`)
	return r.Blob(http.StatusOK, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b.Bytes())
}

// pageOf cuts the rows of the asked page out; an export has them all.
func pageOf(r *request, page *views.Progress, base string) {
	n, last := 1, (len(page.Rows)+progressPage-1)/progressPage
	if asked, err := strconv.Atoi(r.QueryParam("page")); err == nil {
		n = min(max(asked, 1), max(last, 1))
	}
	link := func(to int) string { return base + "?sort=" + page.SortKey() + "&page=" + strconv.Itoa(to) }
	page.Pages = ui.Pages{Page: n, Last: last}
	if n > 1 {
		page.Pages.Previous = link(n - 1)
	}
	if n < last {
		page.Pages.Next = link(n + 1)
	}
	from := (n - 1) * progressPage
	page.Rows = page.Rows[from:min(from+progressPage, len(page.Rows))]
}
