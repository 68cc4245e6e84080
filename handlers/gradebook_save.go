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
	"hocba/views"
)

// updateCells saves what the grid's script sends: cell, old, new, repeated. It
// answers JSON; a part that is refused leaves the rest saved.
func (p *Portal) updateCells(r *request) error {
	at, err := r.classPeriod()
	if err != nil {
		return err
	}
	changes, err := r.cellChanges()
	if err != nil {
		return err
	}
	results, err := p.saveCells(r, at, changes)
	if err != nil {
		return err
	}
	answer := views.GradebookAnswer{At: views.HourMinute(r.now), Saved: []views.GradebookSaved{}, Refused: []views.GradebookRefuse{}}
	for _, res := range results {
		name := cellName(res.CellRef)
		if res.Fault == nil {
			answer.Saved = append(answer.Saved, views.GradebookSaved{Cell: name, Value: res.Value})
			continue
		}
		answer.Refused = append(answer.Refused, views.Refusal(name, res.Fault, views.Standing{Value: res.Value, By: res.By, At: res.At}, r.now))
	}
	return r.JSON(savedStatus(results), answer)
}

func (p *Portal) saveCells(r *request, at db.ClassPeriod, changes []db.CellChange) (results []db.CellResult, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		tx.Origin = r.gridTab()
		results, err = tx.SaveCells(r.ctx(), at, changes)
		return err
	})
	return results, err
}

// savedStatus is 200, or the status of the first refusal.
func savedStatus(results []db.CellResult) int {
	for _, res := range results {
		if res.Fault != nil {
			return status(res.Fault)
		}
	}
	return http.StatusOK
}

// cellChanges reads the repeated triples. What was typed under one account is
// never saved by another: the page tells whose it is, and a session that has
// become somebody else's is asked to sign in.
func (r *request) cellChanges() ([]db.CellChange, error) {
	if err := r.Request().ParseForm(); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	form := r.Request().PostForm
	if account := form.Get("account"); account != "" && account != strconv.FormatInt(r.account.ID, 10) {
		return nil, errSignIn
	}
	cells, olds, news := form["cell"], form["old"], form["new"]
	if len(cells) == 0 || len(cells) > db.MaxCells || len(olds) != len(cells) || len(news) != len(cells) {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	changes := make([]db.CellChange, len(cells))
	for i, name := range cells {
		ref, ok := parseCell(name)
		if !ok {
			return nil, fault.New(fault.Invalid, "request.invalid")
		}
		changes[i] = db.CellChange{CellRef: ref, Old: olds[i], New: news[i]}
	}
	return changes, nil
}

// cellName is pupil.item.field, where pupil is the number of the enrolment.
func cellName(c db.CellRef) string {
	return strconv.FormatInt(c.Enrolment, 10) + "." + string(c.Item) + "." + string(c.Field)
}

func parseCell(name string) (c db.CellRef, ok bool) {
	pupil, rest, ok := strings.Cut(name, ".")
	if !ok {
		return c, false
	}
	item, field, ok := strings.Cut(rest, ".")
	if !ok {
		return c, false
	}
	var err error
	if c.Enrolment, err = strconv.ParseInt(pupil, 10, 64); err != nil {
		return c, false
	}
	c.Item = evaluation.Item(item)
	c.Field, ok = evaluation.ParseField(field)
	return c, ok && c.Item.Kind() != evaluation.Unknown
}

// updateRow saves one pupil's form and goes on to the next pupil; what was
// refused comes back at its field with what was typed.
func (p *Portal) updateRow(r *request) error {
	q, err := r.namedTable()
	if err != nil {
		return err
	}
	if q.row, err = r.id("row"); err != nil {
		return err
	}
	g, err := p.readGradebook(r, &q)
	if err != nil {
		return err
	}
	if choice := r.FormValue("phrase"); choice != "" {
		form, err := p.pickedForm(r, q, g, choice)
		if err != nil {
			return err
		}
		return p.renderTable(r, q, g, http.StatusOK, form)
	}
	changes := r.rowChanges(q, g)
	var results []db.CellResult
	if len(changes) > 0 {
		if results, err = p.saveCells(r, q.ClassPeriod, changes); err != nil {
			return err
		}
	}
	if code := savedStatus(results); code != http.StatusOK {
		if g, err = p.readGradebook(r, &q); err != nil {
			return err
		}
		return p.renderTable(r, q, g, code, refusedForm(r, results))
	}
	return r.see(afterRow(q, g))
}

// afterRow is the next pupil's form, or the table behind the last one.
func afterRow(q tableRequest, g db.Gradebook) string {
	page := views.Gradebook{Year: q.Year, ClassID: q.ClassID, Period: q.Period, Subject: q.subject, All: q.all, Remarks: q.remarks}
	at := slices.IndexFunc(g.Rows, func(row db.GradebookRow) bool { return row.EnrolmentID == q.row })
	if at < 0 || at+1 == len(g.Rows) {
		return page.TableURL()
	}
	return page.RowURL(g.Rows[at+1].EnrolmentID) + "&done=" + strconv.FormatInt(q.row, 10)
}

// rowChanges are the fields of the form that differ from what they stood on.
func (r *request) rowChanges(q tableRequest, g db.Gradebook) []db.CellChange {
	var out []db.CellChange
	form := r.Request().PostForm
	for _, c := range q.columns(g) {
		if !form.Has(c.CellID()) && !form.Has("old."+c.CellID()) {
			continue
		}
		change := db.CellChange{CellRef: db.CellRef{Enrolment: q.row, Item: c.Item, Field: c.Field},
			Old: form.Get("old." + c.CellID()), New: form.Get(c.CellID())}
		if school.Clean(change.Old) != school.Clean(change.New) {
			out = append(out, change)
		}
	}
	return out
}

// refusedForm keeps what was typed, and says at each field why it was not taken.
func refusedForm(r *request, results []db.CellResult) *views.GradebookForm {
	form := &views.GradebookForm{Typed: map[string]string{}, Refused: map[string]views.GradebookRefuse{}}
	for _, res := range results {
		if res.Fault == nil {
			continue
		}
		id := views.GradebookColumn{Item: res.Item, Field: res.Field}.CellID()
		form.Typed[id] = r.Request().PostForm.Get(id)
		form.Refused[id] = views.Refusal(id, res.Fault, views.Standing{Value: res.Value, By: res.By, At: res.At}, r.now)
	}
	return form
}
