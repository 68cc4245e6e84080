package handlers

import (
	"net/http"
	"slices"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/workflow"
	"hocba/views"
)

// showPartReturn asks the homeroom teacher which subject teachers' parts go
// back, as a dialog or a page of its own.
func (p *Portal) showPartReturn(r *request) error {
	page, err := p.partReturn(r)
	if err != nil {
		return err
	}
	if r.hx() {
		return r.page(http.StatusOK, views.PartReturnDialog(page))
	}
	return p.partReturnAlone(r, http.StatusOK, page)
}

func (p *Portal) partReturnAlone(r *request, code int, page views.PartReturn) error {
	var err error
	page.Alone = true
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	return r.page(code, views.PartReturnPage(page))
}

// createPartReturn sends parts back to their teachers before the homeroom
// teacher signs (row 6): the fields part (element Ids) and reason.
func (p *Portal) createPartReturn(r *request) error {
	page, err := p.partReturn(r)
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	parts, reason := form["part"], r.FormValue("reason")
	err = jobs.Desk{DB: p.db}.Act(r.ctx(), r.actor, page.Record, func(rec *record.Record, by record.By) (record.Change, error) {
		return rec.Return(by, parts, reason)
	})
	if err == nil {
		return r.see(page.Back)
	}
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	f := fault.As(err)
	page.Reason, page.Error, page.Args = reason, f.Code, f.Args
	for i := range page.Parts {
		page.Parts[i].Chosen = slices.Contains(parts, page.Parts[i].ID)
	}
	return p.partReturnAlone(r, status(err), page)
}

// partReturn loads what of a record may go back. Who is not the homeroom
// teacher of the class has no such page.
func (p *Portal) partReturn(r *request) (views.PartReturn, error) {
	year, classID, err := p.classOfRecord(r)
	if err != nil {
		return views.PartReturn{}, err
	}
	id, err := r.id("record")
	if err != nil {
		return views.PartReturn{}, err
	}
	var rec *record.Record
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		rec, err = tx.Record(r.ctx(), id, false)
		return err
	})
	if err != nil {
		return views.PartReturn{}, err
	}
	by := r.by()
	if !slices.Contains(rec.Duties(by), workflow.Homeroom) {
		return views.PartReturn{}, fault.New(fault.NotFound, "record.unknown")
	}
	page := views.PartReturn{Year: year, Record: id, Name: rec.Pupil.Name, Back: views.SigningURL(year, classID)}
	for _, v := range returnable(rec, by) {
		page.Parts = append(page.Parts, views.ReturnPart{ID: v.ID, Owner: v.Owner.Name, Chosen: r.QueryParam("part") == v.ID})
	}
	return page, nil
}
