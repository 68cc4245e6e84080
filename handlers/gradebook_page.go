package handlers

import (
	"slices"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// gradebookPage lays the table out: columns by the rule set, cells by each
// pupil's own grade.
func (p *Portal) gradebookPage(r *request, q tableRequest, g db.Gradebook) (views.Gradebook, error) {
	frame, err := p.frame(r, q.Year)
	if err != nil {
		return views.Gradebook{}, err
	}
	page := views.Gradebook{Frame: frame, Year: q.Year, ClassID: q.ClassID, Class: g.Class.Name, Period: q.Period,
		Subject: q.subject, All: q.all, Remarks: q.remarks, RemarkMax: q.rules.RemarkMax(), Columns: q.columns(g)}
	page.MarkMin, page.MarkMax = q.rules.MarkRange()
	page.Periods = gradebookPeriods(r, q, g)
	page.Others = otherTables(r, q, g)
	page.Since, page.Closes = r.now, g.Windows[q.Period].Closes
	writes := r.actor.Role == workflow.Teacher
	if writes {
		page.Writer = r.account.ID
	}
	page.State = tableState(r, g.Windows[q.Period], writes)
	for _, row := range g.Rows {
		page.Rows = append(page.Rows, q.gradebookRow(g, row, page.Columns))
	}
	for _, row := range g.Left {
		left := views.GradebookLeft{Name: row.FullName, Until: row.Until}
		for _, c := range page.Columns {
			left.Values = append(left.Values, row.Entries[c.Item].Value(c.Field))
		}
		page.Left = append(page.Left, left)
	}
	return page, nil
}

// columns are the values of one pupil that the table or the form shows: in the
// form of the homeroom teacher's part the remarks follow their group.
func (q tableRequest) columns(g db.Gradebook) []views.GradebookColumn {
	if q.subject != "" {
		it := evaluation.Item(q.subject)
		mark := slices.ContainsFunc(g.Rows, func(r db.GradebookRow) bool { return q.rules.MarkAllowed(r.Grade, q.subject, q.Period) })
		return []views.GradebookColumn{{Item: it, Field: evaluation.FieldLevel, Required: true},
			{Item: it, Field: evaluation.FieldMark, Required: mark}, {Item: it, Field: evaluation.FieldRemark}}
	}
	if q.all {
		return q.allColumns(g)
	}
	var out []views.GradebookColumn
	for _, group := range evaluation.RemarkGroups {
		for _, t := range group.Members() {
			use := q.widestUse(g, t)
			if !q.remarks && use != evaluation.None {
				out = append(out, views.GradebookColumn{Item: t, Field: evaluation.FieldLevel, Required: use == evaluation.Required})
			}
		}
		if q.remarks || q.row != 0 {
			out = append(out, views.GradebookColumn{Item: group, Field: evaluation.FieldRemark, Required: q.rules.GroupRemarkRequired(q.Period)})
		}
	}
	return out
}

// allColumns are level, and mark where somebody has a test in the period, of
// every subject that a pupil of the class takes or has a value in.
func (q tableRequest) allColumns(g db.Gradebook) []views.GradebookColumn {
	var out []views.GradebookColumn
	for _, s := range classSubjects(q, g) {
		it := evaluation.Item(s)
		taken, mark := false, false
		for _, r := range g.Rows {
			taken = taken || r.Studies(q.rules, it) != evaluation.None || !r.Entries[it].IsZero()
			mark = mark || q.rules.MarkAllowed(r.Grade, s, q.Period)
		}
		if !taken {
			continue
		}
		level := views.GradebookColumn{Item: it, Field: evaluation.FieldLevel, Required: true,
			Theirs: g.Homeroom && !slices.Contains(g.Subjects, s)}
		out = append(out, level)
		if mark {
			level.Field = evaluation.FieldMark
			out = append(out, level)
		}
	}
	return out
}

// widestUse is the strongest use of a trait among the class's grades.
func (q tableRequest) widestUse(g db.Gradebook, t evaluation.Item) evaluation.Use {
	use := evaluation.None
	for _, grade := range g.Class.Grades {
		use = max(use, q.rules.Trait(int(grade), t))
	}
	return use
}

// gradebookRow lays one pupil out.
func (q tableRequest) gradebookRow(g db.Gradebook, r db.GradebookRow, columns []views.GradebookColumn) views.GradebookRow {
	row := views.GradebookRow{Enrolment: r.EnrolmentID, PupilID: r.PupilID, Name: r.FullName, Inclusive: r.Inclusive, Plan: r.Plan, NotAssessed: r.NotAssessed,
		NeedRemarks: q.rules.GroupRemarkRequired(q.Period)}
	if g.Class.MultiGrade() {
		row.Grade = r.Grade
	}
	own, closed := 0, 0
	for _, c := range columns {
		cell := q.cell(r, c)
		why := r.Closed[c.Item]
		cell.Closed = why != nil
		row.Cells = append(row.Cells, cell)
		if c.Theirs {
			continue
		}
		own++
		if why != nil {
			closed++
			row.Locked = why
		}
	}
	if closed < own { // told at the cells
		row.Locked = nil
	}
	for _, group := range evaluation.RemarkGroups {
		if r.Entries[group].Remark != "" {
			row.GroupRemarks++
		}
	}
	return row
}

func (q tableRequest) cell(r db.GradebookRow, c views.GradebookColumn) views.GradebookCell {
	e := r.Entries[c.Item]
	cell := views.GradebookCell{Value: e.Value(c.Field)}
	use := r.Studies(q.rules, c.Item)
	subject, _ := c.Item.Subject()
	cell.None = use == evaluation.None || c.Field == evaluation.FieldMark && !q.rules.MarkAllowed(r.Grade, subject, q.Period)
	if cell.None && cell.Value != "" {
		cell.None = false // written before the pupil's programme changed: never hidden
	}
	if r.Planned != nil && !r.Planned[c.Item] && cell.Value == "" {
		cell.None = true // the plan of this pupil does not ask for it
	}
	cell.Optional = (use == evaluation.Optional || use == evaluation.Continuous) && c.Item.Kind() != evaluation.RemarkItem
	cell.Exempt = e.Exempt && c.Field == evaluation.FieldLevel
	if e.Exempt && c.Field == evaluation.FieldMark {
		cell.None = true
	}
	return cell
}

// gradebookPeriods are the tabs; the summer's only where it is used.
func gradebookPeriods(r *request, q tableRequest, g db.Gradebook) []views.GradebookPeriod {
	var out []views.GradebookPeriod
	for _, p := range append(slices.Clone(school.Periods), school.Summer) {
		w, set := g.Windows[p]
		if p == school.Summer && !set && q.Period != p {
			continue
		}
		out = append(out, views.GradebookPeriod{Period: p, Open: set && w.Open(r.now)})
	}
	return out
}

// otherTables leads to the class's other tables that the person may open.
func otherTables(r *request, q tableRequest, g db.Gradebook) []views.Link {
	var out []views.Link
	for _, s := range visibleSubjects(r, q, g) {
		out = append(out, views.Link{Label: s.Name(), URL: views.GradebookURL(q.Year, q.ClassID, q.Period, s), Current: s == q.subject})
	}
	if r.actor.Role != workflow.Teacher || g.Homeroom {
		out = append(out, views.Link{Label: views.AllSubjectsName, URL: views.AllSubjectsURL(q.Year, q.ClassID, q.Period), Current: q.all},
			views.Link{Label: views.TraitsName, URL: views.TraitsURL(q.Year, q.ClassID, q.Period), Current: q.subject == "" && !q.all})
	}
	if len(out) > 0 {
		file := views.TraitsFileURL(q.Year, q.ClassID, q.Period)
		if q.subject != "" {
			file = views.GradebookFileURL(q.Year, q.ClassID, q.Period, q.subject)
		}
		if !q.all { // the class table below is the file of all subjects
			out = append(out, views.Link{Label: views.ExportName, URL: file})
		}
		if workflow.Can(r.actor.Role, workflow.PermImport) {
			out = append(out, views.Link{Label: views.ImportName, URL: views.ImportsURL(q.Year)})
		}
		if workflow.Can(r.actor.Role, workflow.PermForesight) {
			out = append(out, views.Link{Label: views.ForesightName, URL: views.ForesightURL(q.Year, q.ClassID)})
		}
		if q.subject != "" {
			out = append(out, views.Link{Label: q.subject.Name() + ", cả năm", URL: views.SubjectYearURL(q.Year, q.ClassID, q.subject)})
		}
		out = append(out, views.Link{Label: views.SummaryName, URL: views.SummaryURL(q.Year, q.ClassID, q.Period)},
			views.Link{Label: views.RemarkChecksName, URL: views.RemarkChecksURL(q.Year, q.ClassID, q.Period)})
	}
	return out
}

// tableState says why nothing can be written now; nil when it can.
func tableState(r *request, w db.EntryWindow, writes bool) *fault.Error {
	switch {
	case !writes:
		return fault.New(fault.Locked, "gradebook.read_only")
	case w.Opens.IsZero():
		return fault.New(fault.Locked, "gradebook.not_open")
	case r.now.Before(w.Opens):
		return fault.New(fault.Locked, "gradebook.opens", "at", views.Clock(w.Opens))
	case !w.Open(r.now):
		return fault.New(fault.Locked, "gradebook.closed", "at", views.Clock(w.Closes))
	}
	return nil
}
