package handlers

import (
	"net/http"
	"slices"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// showSubjectYear is one subject of a class over all periods, read only, with
// the way to each period's table for who may open it.
func (p *Portal) showSubjectYear(r *request) error {
	year, id, err := r.classAddress()
	if err != nil {
		return err
	}
	subject, known := school.ParseSubject(r.Param("subject"))
	if !known || evaluation.ForYear(year) == nil {
		return fault.New(fault.NotFound, "page.unknown")
	}
	var c db.ClassSummary
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err = tx.ClassSummary(r.ctx(), year, id, append(slices.Clone(school.Periods), school.Summer)...)
		return err
	})
	if err != nil {
		return err
	}
	rules := c.Class.Rules()
	taught := slices.ContainsFunc(c.Class.Grades, func(g int64) bool { return rules.Subject(int(g), subject) != evaluation.None })
	if !taught || !c.Reads(r.actor.Role, subject) {
		return fault.New(fault.NotFound, "page.unknown")
	}
	page := views.SubjectYear{Year: year, ClassID: id, Class: c.Class.Name, Subject: subject, Summary: currentPeriod(year, r.now)}
	opens := r.actor.Role != workflow.Teacher || slices.Contains(c.Subjects, subject)
	for _, period := range subjectPeriods(c) {
		w, set := c.Windows[period]
		column := views.SubjectPeriod{Period: period, Open: set && w.Open(r.now)}
		if opens {
			column.URL = views.GradebookURL(year, id, period, subject)
		}
		for _, row := range c.Rows {
			column.Marks = column.Marks || rules.MarkAllowed(row.Grade, subject, period)
		}
		page.Periods = append(page.Periods, column)
	}
	for _, row := range c.Rows {
		page.Rows = append(page.Rows, subjectYearRow(rules, c, row, page))
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("subject_year", id)
	return r.page(http.StatusOK, views.SubjectYearPage(page))
}

// subjectPeriods are the four periods, and the summer's where it has values.
func subjectPeriods(c db.ClassSummary) []school.Period {
	periods := slices.Clone(school.Periods)
	if slices.ContainsFunc(c.Rows, func(r db.SummaryRow) bool { return len(r.Entries[school.Summer]) > 0 }) {
		periods = append(periods, school.Summer)
	}
	return periods
}

func subjectYearRow(rules *evaluation.RuleSet, c db.ClassSummary, row db.SummaryRow, page views.SubjectYear) views.SubjectYearRow {
	it := evaluation.Item(page.Subject)
	use := row.Studies(rules, it)
	out := views.SubjectYearRow{SummaryPupil: views.SummaryPupil{Name: row.FullName, Inclusive: row.Inclusive, Plan: row.Plan, Excluded: row.NotAssessed}}
	if row.Left {
		out.Left = row.To
	}
	if c.Begin().Before(row.From) {
		out.Joined, out.CameFrom = row.From, row.CameFrom
	}
	for _, p := range page.Periods {
		e := row.Entries[p.Period][it]
		cell := views.SubjectYearCell{Entry: e, None: use == evaluation.None && e.IsZero(),
			NoMark: !rules.MarkAllowed(row.Grade, page.Subject, p.Period)}
		if row.Handed[p.Period][it] {
			cell.From = row.CameFrom
		}
		if !row.Left && !c.Missed(row, p.Period) {
			cell.Wanted = len(rules.UseGaps(row.Grade, p.Period, it, e, use)) > 0
		}
		out.Cells = append(out.Cells, cell)
	}
	return out
}
