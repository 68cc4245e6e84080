package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/signing"
	"hocba/internal/workflow"
	"hocba/views"
)

// jobRoutes are the progress of long acts. A job belongs to the person who
// asked, in the role worn then; for anybody else it is not there.
var jobRoutes = []route{
	{get, "/jobs/:job", workflow.PermSignedIn, (*Portal).showJob},
	{del, "/jobs/:job", workflow.PermSignedIn, (*Portal).destroyJob},
	{post, "/jobs/:job/pause", workflow.PermSignedIn, (*Portal).createJobPause},
	{del, "/jobs/:job/pause", workflow.PermSignedIn, (*Portal).destroyJobPause},
}

// showJob shows how far a job is; htmx gets the part that changes.
func (p *Portal) showJob(r *request) error {
	page, err := p.jobPage(r)
	if err != nil {
		return err
	}
	if r.hx() {
		return r.page(http.StatusOK, views.JobBody(page))
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	r.viewed("job", page.ID)
	if page.AgentPort != "" {
		allowAgent(r, page.AgentPort)
	}
	return r.page(http.StatusOK, views.JobPage(page))
}

// createJobPause stops a job after its current item.
func (p *Portal) createJobPause(r *request) error {
	id, err := r.id("job")
	if err != nil {
		return err
	}
	if err := p.jobs.Halt(r.ctx(), r.actor, id); err != nil {
		return err
	}
	return r.see(views.JobURL(id))
}

// destroyJobPause lets a stopped or waiting job go on.
func (p *Portal) destroyJobPause(r *request) error {
	id, err := r.id("job")
	if err != nil {
		return err
	}
	err = p.jobs.Continue(r.ctx(), r.actor, id, r.FormValue("pin"))
	if !aboutKey(err) {
		if err != nil {
			return err
		}
		return r.see(views.JobURL(id))
	}
	page, pageErr := p.jobPage(r)
	if pageErr != nil {
		return pageErr
	}
	if page.Frame, pageErr = p.frame(r, page.Year); pageErr != nil {
		return pageErr
	}
	f := fault.As(err)
	page.PINError, page.PINArgs = f.Code, f.Args
	return r.page(status(err), views.JobPage(page))
}

// destroyJob gives up what is left of a stopped job.
func (p *Portal) destroyJob(r *request) error {
	id, err := r.id("job")
	if err != nil {
		return err
	}
	if err := p.jobs.End(r.ctx(), r.actor, id); err != nil {
		return err
	}
	return r.see(views.JobURL(id))
}

// aboutKey reports whether a refusal belongs beside the PIN field.
func aboutKey(err error) bool {
	switch fault.CodeOf(err) {
	case "signer.none", "signer.unavailable", "signer.factors", "signer.login", "signer.device", "signer.no_key", "signer.pin_locked", "signer.config",
		"signing.way_unknown", "certificate.changed", "key.pin", "key.pin_missing", "key.pin_short", "key.pin_malformed", "key.no_store", "key.secret", "key.damaged",
		"throttle.wait", "certificate.none", "certificate.seal_not_approved":
		return true
	}
	return false
}

func (p *Portal) jobPage(r *request) (views.Job, error) {
	id, err := r.id("job")
	if err != nil {
		return views.Job{}, err
	}
	var job db.Job
	var items []db.JobItem
	var place db.JobPlace
	var page views.Job
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		if job, err = tx.Job(r.ctx(), id); err != nil {
			return err
		}
		if place, err = tx.JobPlace(r.ctx(), id); err != nil {
			return err
		}
		if items, err = tx.JobItems(r.ctx(), id); err != nil {
			return err
		}
		if d, ok := jobs.StatementOrderOf(job); ok && place.ClassID == 0 {
			class, err := tx.Class(r.ctx(), d.At.Year, d.At.ClassID)
			if err != nil {
				return err
			}
			place = db.JobPlace{Year: d.At.Year, ClassID: class.ID, ClassName: class.Name}
		}
		page = p.jobView(r, job, place)
		if err := jobSigner(r, tx, job, &page); err != nil {
			return err
		}
		if job.Kind == jobs.Submit {
			return showsStatement(r, tx, job, &page)
		}
		return nil
	})
	if err != nil {
		return views.Job{}, err
	}
	page.Rows = jobRows(job, items)
	if classes := classesOf(items); classes > 1 {
		page.Classes, page.ClassName = classes, ""
	}
	return page, nil
}

func (p *Portal) jobView(r *request, job db.Job, place db.JobPlace) views.Job {
	page := views.Job{ID: job.ID, Kind: job.Kind, Year: place.Year, ClassID: place.ClassID, ClassName: place.ClassName,
		State: string(job.State), StopAsked: job.StopAsked, Note: job.Note, Begun: job.CreatedAt, Ended: job.FinishedAt, Now: r.now,
		NeedsKey: p.jobs.NeedsKey(job.Kind), Whole: p.jobs.Whole(job.Kind), Show: r.QueryParam("show")}
	page.Page, _ = strconv.Atoi(r.QueryParam("page"))
	if until, ok := p.jobs.KeyUntil(job.ID); ok {
		page.KeyUntil = &until
	}
	return page
}

// classesOf counts the classes that a job's records are of.
func classesOf(items []db.JobItem) int {
	names := map[string]bool{}
	for _, it := range items {
		names[it.Class] = true
	}
	return len(names)
}

// jobRows marks the first item that waits as the one at work while the job runs.
func jobRows(job db.Job, items []db.JobItem) []views.JobRow {
	rows := make([]views.JobRow, 0, len(items))
	working := job.State == db.JobRunning
	for _, it := range items {
		row := views.JobRow{Number: it.Seq, Key: it.Key, Name: it.Pupil, Class: it.Class, State: string(it.State), Code: it.Code, Args: it.Args, At: it.At}
		if it.State == db.ItemWaiting {
			row.Working, working = working, false
		}
		rows = append(rows, row)
	}
	return rows
}

// jobSigner says what the job signs with, when that is not the trial key store.
func jobSigner(r *request, tx *db.Tx, job db.Job, page *views.Job) error {
	id := jobs.WayOf(job)
	if id == 0 {
		return nil
	}
	way, err := tx.SigningWay(r.ctx(), id)
	if fault.Is(err, "signing.way_unknown") {
		return nil // taken out of use: going on says so
	}
	if err != nil {
		return err
	}
	w := signWay(jobs.Signer{Way: way})
	page.Way = &w
	if way.Kind == signing.Agent {
		page.AgentPort = way.Params["port"]
	}
	return nil
}
