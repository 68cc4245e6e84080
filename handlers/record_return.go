package handlers

import (
	"net/http"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

func changesView(changes []db.ValueChange) []views.RecordChange {
	out := make([]views.RecordChange, len(changes))
	for i, c := range changes {
		out[i] = views.RecordChange{Item: evaluation.Item(c.Item), Field: c.Field, Old: c.Old, New: c.New, By: c.By, At: c.At}
	}
	return out
}

// showReturn asks what is sent back and why: a dialog over the record, or a
// page of its own.
func (p *Portal) showReturn(r *request) error {
	return p.returnPage(r, http.StatusOK, views.RecordReturning{Reason: views.ReturnReasons[0].Value, Dialog: r.hx()})
}

func (p *Portal) returnPage(r *request, code int, page views.RecordReturning) error {
	var err error
	if page.Year, page.ID, err = r.recordID(); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		rec, by, err := readRecord(r, tx, page.Year, page.ID)
		if err != nil {
			return err
		}
		if err := workflow.Check(by.Actor, rec.Stage, workflow.Return, rec.Duties(by)...); err != nil {
			return err
		}
		seat, err := tx.RecordSeat(r.ctx(), page.ID)
		if err != nil {
			return err
		}
		changes, err := tx.ValueChanges(r.ctx(), page.ID)
		page.Changed = map[string]bool{}
		for _, c := range changes {
			page.Changed[record.PartOf(evaluation.Item(c.Item))] = true
		}
		page.Pupil, page.Class, page.ClassID, page.Parts = rec.Pupil.Name, rec.Class.Name, seat.ClassID, rec.PartViews(by)
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	r.viewed("record.return", page.ID)
	return r.page(code, views.RecordReturningView(page))
}

// createReturn sends parts back to their owners. What is missing in the form is
// asked again with what was typed.
func (p *Portal) createReturn(r *request) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	reason, note := r.FormValue("reason"), school.Clean(r.FormValue("note"))
	err = p.actOn(r, year, id, func(rec *record.Record, by record.By) (record.Change, error) {
		return rec.Return(by, form["part"], views.ReturnReason(reason, note))
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid && !r.hx() {
		again := views.RecordReturning{Reason: reason, Note: note, Fault: f, Chosen: map[string]bool{}}
		for _, part := range form["part"] {
			again.Chosen[part] = true
		}
		return p.returnPage(r, http.StatusUnprocessableEntity, again)
	}
	if err != nil {
		return err
	}
	return r.see(views.RecordURL(year, id))
}

// actOn applies an act without a signature to a record of the year.
func (p *Portal) actOn(r *request, year school.Year, id int64, do func(*record.Record, record.By) (record.Change, error)) error {
	return jobs.Desk{DB: p.db}.Act(r.ctx(), r.actor, id, func(rec *record.Record, by record.By) (record.Change, error) {
		if rec.General.Year != year {
			return record.Change{}, fault.New(fault.NotFound, "record.unknown")
		}
		return do(rec, by)
	})
}

// showReopening asks why an issued record is reopened.
func (p *Portal) showReopening(r *request) error {
	return p.reopeningPage(r, http.StatusOK, views.RecordReopening{Dialog: r.hx()})
}

func (p *Portal) reopeningPage(r *request, code int, page views.RecordReopening) error {
	var err error
	if page.Year, page.ID, err = r.recordID(); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		rec, by, err := readRecord(r, tx, page.Year, page.ID)
		if err != nil {
			return err
		}
		if err := workflow.Check(by.Actor, rec.Stage, workflow.Reopen, rec.Duties(by)...); err != nil {
			return err
		}
		if last := rec.Last(); last != nil {
			page.Version = last.Number
		}
		page.Pupil = rec.Pupil.Name
		return nil
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	return r.page(code, views.RecordReopeningView(page))
}

// createReopening takes an issued version back that was not accepted (row 12).
func (p *Portal) createReopening(r *request) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	reason := r.FormValue("reason")
	err = p.actOn(r, year, id, func(rec *record.Record, by record.By) (record.Change, error) {
		return rec.Reopen(by, reason)
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid && !r.hx() {
		return p.reopeningPage(r, http.StatusUnprocessableEntity, views.RecordReopening{Reason: reason, Fault: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.RecordURL(year, id))
}
