package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/workflow"
	"hocba/views"
)

// statementRoutes are a sealed statement and what was answered to it.
var statementRoutes = []route{
	{get, "/:year/statements/:statement", workflow.PermPrepare, (*Portal).showStatement},
	{get, "/:year/statements/:statement/file.xml", workflow.PermPrepare, (*Portal).showStatementFile},
	{post, "/:year/statements/:statement/delivery", workflow.PermPrepare, (*Portal).createDelivery},
	{get, "/:year/receipts/:receipt", workflow.PermPrepare, (*Portal).showReceipt},
}

// statement loads a statement of the own school and of the address's year.
func (p *Portal) statement(r *request) (st db.KeptStatement, err error) {
	year, err := r.year()
	if err != nil {
		return st, err
	}
	id, err := r.id("statement")
	if err != nil {
		return st, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		st, err = tx.Statement(r.ctx(), id)
		return err
	})
	if err == nil && st.Year != year {
		err = fault.New(fault.NotFound, "statement.unknown")
	}
	return st, err
}

// showStatement shows what became of a statement, record by record.
func (p *Portal) showStatement(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	st, err := p.statement(r)
	if err != nil {
		return err
	}
	page := views.Statement{Year: year, Now: r.now, MayRecall: workflow.Can(r.actor.Role, workflow.PermRecall),
		Sends: workflow.Can(r.actor.Role, workflow.PermSubmit)}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return fillStatement(r, tx, st, &page) })
	if err != nil {
		return err
	}
	if r.hx() {
		return r.page(http.StatusOK, views.StatementBody(page))
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("statement", st.ID)
	return r.page(http.StatusOK, views.StatementPage(page))
}

func fillStatement(r *request, tx *db.Tx, st db.KeptStatement, page *views.Statement) error {
	page.SentStatement = sentRows([]db.KeptStatement{st}, nil)[0]
	if st.ClassID != nil {
		class, err := tx.Class(r.ctx(), st.Year, *st.ClassID)
		if err != nil {
			return err
		}
		page.Class, page.ClassID = class.Name, class.ID
	}
	var err error
	if page.Reasons, err = tx.StatementReasons(r.ctx(), st.ID); err != nil {
		return err
	}
	if page.ReceiptID, err = tx.StatementReceipt(r.ctx(), st.ID); err != nil {
		return err
	}
	versions, err := tx.StatementVersions(r.ctx(), st.ID, false)
	if err != nil {
		return err
	}
	for _, v := range versions {
		row := views.StatementRow{RecordID: v.RecordID, Name: v.Name, Version: v.Version, Result: v.Result, ReceiptID: v.ReceiptID}
		if row.Reasons, err = reasonsOf(v, page.Reasons); err != nil {
			return err
		}
		page.Rows = append(page.Rows, row)
	}
	job, ok, err := tx.StatementJob(r.ctx(), st.ID)
	if ok && st.Open() && job.State != db.JobDone && job.State != db.JobFailed {
		page.Carried = &views.Carrier{Stopped: job.State == db.JobStopped}
		if ownJob(r, job) {
			page.Carried.JobID = job.ID
		}
	}
	return err
}

// ownJob reports whether the job is the acting person's, in the role worn.
func ownJob(r *request, job db.Job) bool {
	return job.AccountID == r.actor.AccountID && job.UnitID == r.actor.UnitID && job.Role == r.actor.Role
}

// reasonsOf are why a version was not taken: those of its own receipt, else
// those of the manifest's that name it, as one that did not arrive.
func reasonsOf(v db.SentVersion, manifest []bundle.Reason) (out []bundle.Reason, err error) {
	if v.Result != "" {
		return v.Why()
	}
	for _, reason := range manifest {
		if reason.Record == v.Record {
			out = append(out, reason)
		}
	}
	return out, nil
}

// showsStatement adds to the page of a job what the registry said of the
// manifest it carries.
func showsStatement(r *request, tx *db.Tx, job db.Job, page *views.Job) error {
	id, err := strconv.ParseInt(job.Params[jobs.ParamStatement], 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "statement.unknown")
	}
	st, err := tx.Statement(r.ctx(), id)
	if err != nil {
		return err
	}
	page.Statement = &views.JobStatement{ID: id, Result: st.Result, Rows: map[int64]views.StatementRow{}}
	if page.Statement.Reasons, err = tx.StatementReasons(r.ctx(), id); err != nil {
		return err
	}
	versions, err := tx.StatementVersions(r.ctx(), id, false)
	if err != nil {
		return err
	}
	for _, v := range versions {
		row := views.StatementRow{RecordID: v.RecordID, Version: v.Version, Result: v.Result, ReceiptID: v.ReceiptID}
		if row.Reasons, err = reasonsOf(v, page.Statement.Reasons); err != nil {
			return err
		}
		page.Statement.Rows[v.RecordID] = row
	}
	return nil
}

// createDelivery sends a statement without an answer again, now. One that a job
// carries is left to it; one whose job was stopped, to those who may send.
func (p *Portal) createDelivery(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	st, err := p.statement(r)
	if err != nil {
		return err
	}
	var job db.Job
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		job, _, err = tx.StatementJob(r.ctx(), st.ID)
		return err
	})
	if err != nil {
		return err
	}
	s, err := p.courier.Submission(r.ctx())
	switch {
	case err != nil || job.State.Open():
	case job.State != db.JobStopped:
		err = s.Resume(r.ctx(), r.actor.SchoolID)
	case !workflow.Can(r.actor.Role, workflow.PermSubmit):
		return fault.New(fault.Forbidden, "submission.stopped")
	default:
		err = s.Deliver(r.ctx(), r.actor, st.ID)
	}
	p.noteUndelivered(r, st.ID, err)
	return r.see(views.StatementURL(year, st.ID))
}

// showStatementFile hands out a statement as it was sealed.
func (p *Portal) showStatementFile(r *request) error {
	st, err := p.statement(r)
	if err != nil {
		return err
	}
	r.viewed("statement_file", st.ID)
	return r.file("phieu-"+strconv.FormatInt(st.ID, 10)+".xml", st.XML)
}

// showReceipt hands out a receipt as the registry signed it.
func (p *Portal) showReceipt(r *request) error {
	id, err := r.id("receipt")
	if err != nil {
		return err
	}
	var raw []byte
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		raw, err = tx.Receipt(r.ctx(), id)
		return err
	})
	if err != nil {
		return err
	}
	r.viewed("receipt", id)
	return r.file("bien-nhan-"+strconv.FormatInt(id, 10)+".xml", raw)
}

// file answers with a signed file to take away.
func (r *request) file(name string, raw []byte) error {
	r.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return r.Blob(http.StatusOK, "application/xml; charset=utf-8", raw)
}
