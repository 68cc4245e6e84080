package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/workflow"
	"hocba/views"
)

// gradebookPupilRoutes are about one pupil of a table.
var gradebookPupilRoutes = []route{
	{get, "/:year/classes/:class/gradebook/:period/rows/:row", workflow.PermReadRecord, (*Portal).showPupil},
	{get, "/:year/classes/:class/gradebook/:period/cells/history", workflow.PermReadRecord, (*Portal).showCellHistory},
}

// panelPart adds what it knows about a pupil of a table to the side panel; nil
// when it has nothing to say. Stems that answer a question of their own about
// the pupil add a line here.
type panelPart func(p *Portal, r *request, q tableRequest, pupil db.GradebookRow) (templ.Component, error)

// panelParts stand at the top of the panel, in this order.
var panelParts = []panelPart{(*Portal).remarkPart, (*Portal).yearsPart}

// showPupil is the panel beside the table: everything so far about one pupil
// in this table, and the past of the cell that was open. Without htmx the
// pupil's form is shown instead.
func (p *Portal) showPupil(r *request) error {
	q, g, at, err := p.pupilOfTable(r)
	if err != nil {
		return err
	}
	if !r.hx() {
		page := views.Gradebook{Year: q.Year, ClassID: q.ClassID, Period: q.Period, Subject: q.subject, All: q.all, Remarks: q.remarks}
		return r.see(page.RowURL(q.row))
	}
	panel, err := p.pupilPanel(r, q, g, at)
	if err != nil {
		return err
	}
	r.viewed("gradebook.pupil", q.row)
	return r.page(http.StatusOK, views.PupilPanel(panel))
}

// pupilPanel reads what the panel of the pupil at a place in the table shows.
func (p *Portal) pupilPanel(r *request, q tableRequest, g db.Gradebook, at int) (views.GradebookPanel, error) {
	pupil := g.Rows[at]
	panel := views.GradebookPanel{Number: at + 1, Name: pupil.FullName, Class: g.Class.Name, Birth: pupil.BirthDate.Vietnamese(), Now: r.now,
		Gradebook: views.Gradebook{Year: q.Year, ClassID: q.ClassID, Period: q.Period, Subject: q.subject, All: q.all, Remarks: q.remarks, Columns: q.columns(g)}}
	for _, part := range panelParts {
		c, err := part(p, r, q, pupil)
		if err != nil {
			return panel, err
		}
		if c != nil {
			panel.Parts = append(panel.Parts, c)
		}
	}
	if workflow.Can(r.actor.Role, workflow.PermForesight) {
		panel.WhyURL = views.ForesightPupilURL(q.Year, q.ClassID, pupil.EnrolmentID)
	}
	var past []db.CellEvent
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		entries, err := tx.PupilEntries(r.ctx(), q.Year, pupil.EnrolmentID, q.items())
		if err != nil {
			return err
		}
		panel.Entries = entries
		past, panel.Cell, err = cellHistory(r, tx, q)
		return err
	})
	panel.Past = pastOf(past)
	return panel, err
}

// showCellHistory is the past of one cell: pupil.item.field.
func (p *Portal) showCellHistory(r *request) error {
	q, g, _, err := p.pupilOfTable(r)
	if err != nil {
		return err
	}
	panel := views.GradebookPanel{Now: r.now, Gradebook: views.Gradebook{Subject: q.subject, All: q.all, Columns: q.columns(g)}}
	var past []db.CellEvent
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		past, panel.Cell, err = cellHistory(r, tx, q)
		return err
	})
	if err != nil {
		return err
	}
	panel.Past = pastOf(past)
	r.viewed("gradebook.pupil", q.row)
	return r.page(http.StatusOK, views.CellHistory(panel))
}

// pupilOfTable reads the table somebody asks about, and where in it the pupil
// stands: named by the row of the address, or by the cell.
func (p *Portal) pupilOfTable(r *request) (q tableRequest, g db.Gradebook, at int, err error) {
	cell, whole := parseCell(r.FormValue("cell"))
	if whole && r.FormValue("show") != views.ShowAll {
		if s, ok := cell.Item.Subject(); ok {
			r.Request().Form.Set("subject", string(s))
		}
	}
	if q, err = r.namedTable(); err != nil {
		return q, g, 0, err
	}
	switch {
	case whole:
		q.row = cell.Enrolment
	default:
		if q.row, err = r.id("row"); err != nil {
			return q, g, 0, err
		}
	}
	if g, err = p.readGradebook(r, &q); err != nil {
		return q, g, 0, err
	}
	if q.subject == "" && r.actor.Role == workflow.Teacher && !g.Homeroom {
		return q, g, 0, fault.New(fault.NotFound, "page.unknown")
	}
	at = slices.IndexFunc(g.Rows, func(row db.GradebookRow) bool { return row.EnrolmentID == q.row })
	if at < 0 {
		return q, g, 0, fault.New(fault.NotFound, "page.unknown")
	}
	return q, g, at, nil
}

// cellHistory reads the past of the cell that the request names, item.field or
// pupil.item.field; without one, of all the pupil's cells in the table.
func cellHistory(r *request, tx *db.Tx, q tableRequest) ([]db.CellEvent, views.GradebookColumn, error) {
	name := r.FormValue("cell")
	if strings.Count(name, ".") == 1 {
		name = "1." + name
	}
	cell, ok := parseCell(name)
	if !ok || !slices.Contains(q.items(), cell.Item) {
		past, err := tx.CellHistory(r.ctx(), q.ClassPeriod, q.row, q.items(), "")
		return past, views.GradebookColumn{}, err
	}
	past, err := tx.CellHistory(r.ctx(), q.ClassPeriod, q.row, []evaluation.Item{cell.Item}, cell.Field)
	return past, views.GradebookColumn{Item: cell.Item, Field: cell.Field}, err
}

func pastOf(events []db.CellEvent) []views.CellPast {
	out := make([]views.CellPast, len(events))
	for i, e := range events {
		out[i] = views.CellPast{Column: views.GradebookColumn{Item: e.Item, Field: e.Field}, Old: e.Old, New: e.New, By: e.By, At: e.At,
			Imported: e.Way == db.WayImport, Undone: e.Way == db.WayUndo, Handed: e.Way == db.WayHandOver, Class: e.Class}
	}
	return out
}
