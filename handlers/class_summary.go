package handlers

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
	form "hocba/views/paper"
	"hocba/views/words"
)

// classSummaryRoutes are the class table of Phụ lục 2 and one subject over the
// year. They are read only; who sees which columns follows from the duties.
var classSummaryRoutes = []route{
	{get, "/:year/classes/:class/summary", workflow.PermReadRecord, (*Portal).showNewestSummary},
	{get, "/:year/classes/:class/summary/:period", workflow.PermReadRecord, (*Portal).showSummary},
	{get, "/:year/classes/:class/summary/:period/table.pdf", workflow.PermReadRecord, (*Portal).showSummaryPaper},
	{get, "/:year/classes/:class/summary/:period/table.xlsx", workflow.PermReadRecord, (*Portal).showSummaryFile},
	{get, "/:year/classes/:class/subjects/:subject", workflow.PermReadRecord, (*Portal).showSubjectYear},
}

// How taking a class table away is called in the audit trail.
const (
	summaryPrinted  = "class_summary_printed"
	summaryExported = "class_summary_exported"
)

// showNewestSummary leads to the table of the period that is being written.
func (p *Portal) showNewestSummary(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("class")
	if err != nil {
		return err
	}
	return r.see(views.SummaryURL(year, id, currentPeriod(year, r.now)))
}

// readSummary loads the class table of the address's period. take names an
// export, for which the place is read too; "" is a reading.
func (p *Portal) readSummary(r *request, take string) (at db.ClassPeriod, c db.ClassSummary, place views.SummaryPlace, err error) {
	if at, err = r.classPeriod(); err != nil {
		return at, c, place, err
	}
	periods := []school.Period{at.Period}
	if at.Period == school.Summer {
		periods = append(periods, school.YearEnd)
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if c, err = tx.ClassSummary(r.ctx(), at.Year, at.ClassID, periods...); err != nil || take == "" {
			return err
		}
		if take == summaryPrinted && !c.ReadsAll(r.actor.Role) {
			return fault.New(fault.NotFound, "page.unknown")
		}
		path, err := tx.UnitPath(r.ctx(), c.Class.SchoolID)
		if err != nil {
			return err
		}
		place = views.SummaryPlace{Class: c.Class.Name, Grades: len(c.Class.Grades), Year: at.Year, Homeroom: c.Class.HomeroomName}
		for _, unit := range path {
			if unit.ID == c.Class.SchoolID {
				place.School, place.Commune = unit.Name, unit.Commune
			}
		}
		return nil
	})
	if err == nil && evaluation.ForYear(at.Year) == nil {
		err = fault.New(fault.NotFound, "page.unknown")
	}
	return at, c, place, err
}

// taken notes in the audit trail and in the log of readings that a class table
// leaves the portal.
func (p *Portal) taken(r *request, what string, at db.ClassPeriod) error {
	r.viewed(what, at.ClassID)
	return p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.NoteExport(r.ctx(), what, at.ClassID, at.Period) })
}

// summaryTables lays the class out, one table a grade of its pupils, with the
// columns that the reader may see.
func summaryTables(r *request, at db.ClassPeriod, c db.ClassSummary) []views.SummaryTable {
	rules := c.Class.Rules()
	var out []views.SummaryTable
	number := 0
	for grade := evaluation.FirstGrade; grade <= evaluation.LastGrade; grade++ {
		sheet, ok := rules.Summary(grade, at.Period)
		var pupils []views.SummaryPupil
		for _, row := range c.Rows {
			if ok && row.Grade == grade {
				pupil := summaryPupil(rules, at, c, row)
				if !row.Left {
					number++
					pupil.Number = number
				}
				pupils = append(pupils, pupil)
			}
		}
		if len(pupils) == 0 {
			continue
		}
		t := views.NewSummaryTable(rules, sheet, pupils)
		t.Language, t.Ethnic, t.Kind = c.Class.Language, c.Class.EthnicTongue, c.Class.Kind
		if !c.ReadsAll(r.actor.Role) {
			t = t.Only(func(col evaluation.SummaryColumn) bool {
				s, isSubject := col.Item.Subject()
				return isSubject && slices.Contains(c.Subjects, s)
			})
		}
		out = append(out, t)
	}
	return out
}

// summaryPupil is one pupil as the table shows it; the level of the year is
// computed, never read.
func summaryPupil(rules *evaluation.RuleSet, at db.ClassPeriod, c db.ClassSummary, row db.SummaryRow) views.SummaryPupil {
	pupil := views.SummaryPupil{Code: row.Code, Name: row.FullName, Birth: row.BirthDate, Sex: row.Sex, Inclusive: row.Inclusive, Plan: row.Plan,
		Excluded: row.NotAssessed, Values: row.Values(at.Period)}
	if row.Left {
		pupil.Left = row.To
	}
	if c.Begin().Before(row.From) {
		pupil.Joined, pupil.CameFrom = row.From, row.CameFrom
	}
	pupil.Missed = c.Missed(row, at.Period)
	for _, s := range rules.Subjects(row.Grade) {
		if row.Studies(rules, evaluation.Item(s)) == evaluation.None {
			pupil.Declined = append(pupil.Declined, s)
		}
	}
	if at.Period != school.YearEnd && at.Period != school.Summer {
		return pupil
	}
	pupil.Overall = rules.Consolidate(row.YearEnd(at.Period)).Overall
	pupil.Commended = row.Commended
	pupil.KeptDown = row.Promoted != nil && !*row.Promoted
	return pupil
}

func (p *Portal) showSummary(r *request) error {
	at, c, _, err := p.readSummary(r, "")
	if err != nil {
		return err
	}
	page := views.ClassSummary{Year: at.Year, ClassID: at.ClassID, Class: c.Class.Name, Period: at.Period, All: c.ReadsAll(r.actor.Role),
		Foresees: workflow.Can(r.actor.Role, workflow.PermForesight), Tables: summaryTables(r, at, c), Periods: school.Periods, Subjects: map[evaluation.Item]string{}}
	for _, s := range school.Subjects {
		if c.Reads(r.actor.Role, s) {
			page.Subjects[evaluation.Item(s)] = views.SubjectYearURL(at.Year, at.ClassID, s)
		}
	}
	if at.Period == school.Summer {
		page.Periods = append(slices.Clone(page.Periods), school.Summer)
	}
	if page.Frame, err = p.frame(r, at.Year); err != nil {
		return err
	}
	r.viewed("class_summary", at.ClassID)
	return r.page(http.StatusOK, views.ClassSummaryPage(page))
}

// showSummaryPaper prints the whole class table; who does not see all of it has
// no such paper.
func (p *Portal) showSummaryPaper(r *request) error {
	at, c, place, err := p.readSummary(r, summaryPrinted)
	if err != nil {
		return err
	}
	tables := summaryTables(r, at, c)
	if len(tables) == 0 {
		return fault.New(fault.NotFound, "page.unknown")
	}
	paper := form.ClassTables{Title: views.SummaryName + " – " + c.Class.Name + " – " + string(at.Year), Demo: p.demo,
		Foot: words.ImportLine("footer", "who", r.account.FullName, "unit", r.post.UnitName, "when", views.Clock(r.now))}
	for _, t := range tables {
		paper.Tables = append(paper.Tables, t.Paper(place))
	}
	var html bytes.Buffer
	if err := form.ClassDocument(paper).Render(r.ctx(), &html); err != nil {
		return err
	}
	pdf, err := p.press.sheets(r.ctx(), html.Bytes(), r.now)
	if err != nil {
		return err
	}
	if err := p.taken(r, summaryPrinted, at); err != nil {
		return err
	}
	return r.pdf(pdf, summaryFileName(at, 0)+".pdf", false)
}

// showSummaryFile is the class table as .xlsx, one grade of it.
func (p *Portal) showSummaryFile(r *request) error {
	at, c, place, err := p.readSummary(r, summaryExported)
	if err != nil {
		return err
	}
	grade, _ := strconv.Atoi(r.QueryParam("grade"))
	tables := summaryTables(r, at, c)
	i := slices.IndexFunc(tables, func(t views.SummaryTable) bool { return t.Grade == grade || grade == 0 })
	if i < 0 {
		return fault.New(fault.NotFound, "page.unknown")
	}
	if err := p.taken(r, summaryExported, at); err != nil {
		return err
	}
	return r.sheet(summaryFileName(at, tables[i].Grade)+".xlsx", tables[i].File(place))
}

// summaryFileName has neither a school's nor a child's name in it.
func summaryFileName(at db.ClassPeriod, grade int) string {
	name := "bang-tong-hop-" + string(at.Year) + "-" + string(at.Period) + "-" + strconv.FormatInt(at.ClassID, 10)
	if grade > 0 {
		name += "-khoi-" + strconv.Itoa(grade)
	}
	return name
}
