package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// The school's way after the lock: asking that a record in force be revoked.
var revocationRoutes = []route{
	{get, "/:year/revocation", workflow.PermRecall, (*Portal).showRevocations},
	{get, "/:year/revocation/:record", workflow.PermRecall, (*Portal).showRevocation},
	{post, "/:year/revocation/:record", workflow.PermRecall, (*Portal).createRevocation},
}

// showRevocations lists the school's requests, the classes with records in
// force, and of one class the pupils.
func (p *Portal) showRevocations(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Revocations{Year: year}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	page.ClassID, _ = strconv.ParseInt(r.QueryParam("class"), 10, 64)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		stages, err := tx.ClassStages(r.ctx(), year)
		if err != nil {
			return err
		}
		page.Classes = submissionClasses(stages)
		sent, err := tx.Statements(r.ctx(), year, 0, bundle.Request)
		if err != nil {
			return err
		}
		page.Sent = sentRows(sent, page.Classes)
		asked, err := tx.Revocations(r.ctx(), year, 0)
		if err != nil {
			return err
		}
		page.Asked = askedRevocations(asked)
		if page.ClassID == 0 {
			return nil
		}
		return fillRevocations(r, tx, &page)
	})
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.RevocationsPage(page))
}

func fillRevocations(r *request, tx *db.Tx, page *views.Revocations) error {
	class, err := tx.Class(r.ctx(), page.Year, page.ClassID)
	if err != nil {
		return err
	}
	page.ClassName, page.Rows = class.Name, nil
	waits := map[int64]bool{}
	for _, a := range page.Asked {
		waits[a.RecordID] = waits[a.RecordID] || a.Decision == ""
	}
	rows, err := tx.ClassVersions(r.ctx(), class.ID)
	for _, v := range rows {
		if v.Stage == workflow.Locked {
			page.Rows = append(page.Rows, views.RevocationRow{VersionRow: versionRow(v, nil), Waiting: waits[v.RecordID]})
		}
	}
	r.viewed("revocation_class", class.ID)
	return err
}

func askedRevocations(rows []db.RevocationRow) []views.AskedRevocation {
	out := make([]views.AskedRevocation, len(rows))
	for i, q := range rows {
		out[i] = views.AskedRevocation{RecordID: q.RecordID, Year: q.Year, Name: q.Name, ClassName: q.ClassName, Stage: q.Stage, Version: q.Version,
			Last: q.Last, Reason: q.Reason, Evidence: q.Evidence, By: q.By, At: q.At, Decision: record.Decision(q.Decision), Note: q.Note}
		if q.Decided != nil {
			out[i].Decided = *q.Decided
		}
	}
	return out
}

// showRevocation asks what is wrong, and shows what was asked before.
func (p *Portal) showRevocation(r *request) error {
	return p.revocationPage(r, http.StatusOK, views.AskRevocation{})
}

func (p *Portal) revocationPage(r *request, status int, page views.AskRevocation) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	page.Year = year
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		rec, err := tx.Record(r.ctx(), id, false)
		if err != nil {
			return err
		}
		if len(rec.Versions) == 0 || rec.General.Year != year {
			return fault.New(fault.NotFound, "record.unknown")
		}
		page.RecordID, page.Name, page.ClassName, page.Stage = rec.ID, rec.Pupil.Name, rec.Class.Name, rec.Stage
		page.Version, page.Open = rec.Versions[len(rec.Versions)-1].Number, rec.OpenRevocation() != nil
		asked, err := tx.Revocations(r.ctx(), year, id)
		page.Asked = askedRevocations(asked)
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	if page.With, err = p.sealWith(r, year, bundle.Request); err != nil {
		return err
	}
	r.viewed("revocation", id)
	return r.page(status, views.AskRevocationPage(page))
}

// createRevocation seals and sends the request.
func (p *Portal) createRevocation(r *request) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	form := views.AskRevocation{Reason: r.FormValue("reason"), Evidence: r.FormValue("evidence")}
	to, err := p.askRevocation(r, year, id, jobs.Grounds{Reason: form.Reason, Evidence: form.Evidence})
	f := fault.As(err)
	if f != nil && f.Kind != fault.NotFound && f.Kind != fault.Internal {
		form.Refusal = f
		return p.revocationPage(r, status(err), form)
	}
	if err != nil {
		return err
	}
	return r.see(to)
}

// askRevocation returns where the request stands: its own page when the
// registry has taken it, else the statement's, which says why not or waits.
func (p *Portal) askRevocation(r *request, year school.Year, id int64, why jobs.Grounds) (string, error) {
	out, err := p.askStatement(r, jobs.StatementOrder{Kind: bundle.Request, RecordID: id, Grounds: why})
	if err != nil || out.StatementID == 0 {
		return askedURL(year, out), err
	}
	taken := false
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		st, err := tx.Statement(r.ctx(), out.StatementID)
		taken = st.Result == bundle.Accepted
		return err
	})
	if err != nil || !taken {
		return askedURL(year, out), err
	}
	return views.RevocationURL(year, id), nil
}
