package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Sending to the Sở: the administrator prepares, the principal sends; what the
// registry answered stays with each statement.
var submissionRoutes = []route{
	{get, "/:year/submission", workflow.PermPrepare, (*Portal).showSubmissions},
	{get, "/:year/submission/:class", workflow.PermPrepare, (*Portal).showSubmission},
	{post, "/:year/submission/:class", workflow.PermSubmit, (*Portal).createSubmission},
	{post, "/:year/submission/:class/preparation", workflow.PermPrepare, (*Portal).createPreparation},
}

// showSubmissions lists the classes with what can be sent, and what was sent.
func (p *Portal) showSubmissions(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Submissions{Year: year, Sends: workflow.Can(r.actor.Role, workflow.PermSubmit)}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		stages, err := tx.ClassStages(r.ctx(), year)
		if err != nil {
			return err
		}
		sent, err := tx.Statements(r.ctx(), year, 0, bundle.Submission)
		if err != nil {
			return err
		}
		page.Classes = submissionClasses(stages)
		page.Sent = sentRows(sent, page.Classes)
		page.Deadline, err = tx.Deadline(r.ctx(), r.actor.SchoolID, school.SchoolSubmit, year, school.CurrentTrack(year, r.now))
		return err
	})
	if err != nil {
		return err
	}
	page.Now = r.now
	return r.page(http.StatusOK, views.SubmissionsPage(page))
}

func submissionClasses(stages []db.ClassStage) []views.SubmissionClass {
	var out []views.SubmissionClass
	for _, s := range stages {
		i := slices.IndexFunc(out, func(c views.SubmissionClass) bool { return c.ID == s.ClassID && c.Track == s.Track })
		if i < 0 {
			out = append(out, views.SubmissionClass{ID: s.ClassID, Name: s.ClassName, Track: s.Track})
			i = len(out) - 1
		}
		out[i].Add(s.Stage, s.Records)
	}
	return out
}

func sentRows(list []db.KeptStatement, classes []views.SubmissionClass) []views.SentStatement {
	names := map[int64]string{}
	for _, c := range classes {
		names[c.ID] = c.Name
	}
	var out []views.SentStatement
	for _, s := range list {
		row := views.SentStatement{ID: s.ID, Kind: s.Kind, Track: s.Track, By: s.Sender, At: s.At, Records: s.Records, Accepted: s.Accepted,
			Refused: s.Refused, Result: s.Result, Open: s.Open()}
		if s.ClassID != nil {
			row.Class = names[*s.ClassID]
		}
		out = append(out, row)
	}
	return out
}

// classTrack reads class and track of the address.
func (r *request) classTrack() (at jobs.ClassTrack, err error) {
	if at.Year, err = r.year(); err != nil {
		return at, err
	}
	if at.ClassID, err = r.id("class"); err != nil {
		return at, err
	}
	at.Track = school.TrackJune
	switch r.FormValue("track") {
	case "", "1":
	case "2":
		at.Track = school.TrackAugust
	default:
		return at, fault.New(fault.NotFound, "page.unknown")
	}
	return at, nil
}

// showSubmission says, pupil by pupil, what of a class can be sent.
func (p *Portal) showSubmission(r *request) error {
	return p.submissionPage(r, http.StatusOK, nil)
}

// submissionPage shows the class; refusal is why an act was not carried out.
func (p *Portal) submissionPage(r *request, status int, refusal *fault.Error) error {
	at, err := r.classTrack()
	if err != nil {
		return err
	}
	page := views.Submission{Year: at.Year, Track: at.Track, Sends: workflow.Can(r.actor.Role, workflow.PermSubmit), Refusal: refusal}
	plan, err := jobs.Submission{DB: p.db}.Preflight(r.ctx(), r.actor, at)
	if err != nil {
		return err
	}
	if page.With, err = p.sealWith(r, at.Year, bundle.Submission); err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, at.Year); err != nil {
		return err
	}
	page.ClassID, page.ClassName = plan.Class.ID, plan.Class.Name
	if plan.Prepared {
		page.PreparedBy, page.PreparedAt = plan.Preparation.By, plan.Preparation.At
	}
	asked, err := chosenVersions(r)
	if err != nil {
		return err
	}
	for _, v := range plan.Ready {
		row := versionRow(v.VersionRow, nil)
		row.Chosen = !plan.Prepared || slices.Contains(plan.Preparation.Versions, v.VersionID)
		if refusal != nil { // what was ticked stays ticked
			row.Chosen = slices.Contains(asked, v.VersionID)
		}
		page.Ready = append(page.Ready, row)
	}
	for _, v := range plan.Blocked {
		page.Blocked = append(page.Blocked, versionRow(v.VersionRow, v.Fault))
	}
	r.viewed("submission_class", at.ClassID)
	return r.page(status, views.SubmissionPage(page))
}

func versionRow(v db.VersionRow, f *fault.Error) views.VersionRow {
	return views.VersionRow{RecordID: v.RecordID, VersionID: v.VersionID, Name: v.Name, Code: v.Pupil, Stage: v.Stage, Version: v.Version,
		IssuedAt: v.IssuedAt, Why: f, Reasons: v.Reasons}
}

// chosenVersions reads the ticked boxes; nil when the form has none of them.
func chosenVersions(r *request) ([]int64, error) {
	form, err := r.FormParams()
	if err != nil {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	out := []int64{}
	for _, text := range form["version"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fault.New(fault.Invalid, "request.invalid")
		}
		out = append(out, id)
	}
	return out, nil
}

// createPreparation notes what the principal is asked to send.
func (p *Portal) createPreparation(r *request) error {
	at, err := r.classTrack()
	if err != nil {
		return err
	}
	versions, err := chosenVersions(r)
	if err != nil {
		return err
	}
	if err := (jobs.Submission{DB: p.db}).Prepare(r.ctx(), r.actor, at, versions); err != nil {
		return p.submissionRefused(r, err)
	}
	return r.see(views.SubmissionURL(at.Year, at.ClassID, at.Track))
}

// submissionRefused shows the class again with the reason, when it is one for people.
func (p *Portal) submissionRefused(r *request, err error) error {
	f := fault.As(err)
	if f == nil || f.Kind == fault.NotFound || f.Kind == fault.Internal {
		return err
	}
	return p.submissionPage(r, status(err), f)
}

// createSubmission seals the manifest and asks for the job that carries it to
// the registry. A second click, or the same form in another tab, finds the job
// and the receipts of the first.
func (p *Portal) createSubmission(r *request) error {
	at, err := r.classTrack()
	if err != nil {
		return err
	}
	versions, err := chosenVersions(r)
	if err != nil {
		return err
	}
	sent, err := p.askStatement(r, jobs.StatementOrder{Kind: bundle.Submission, At: at, Versions: versions})
	switch {
	case err != nil:
		return p.submissionRefused(r, err)
	case sent.Job.ID == 0: // another person's
		return r.see(views.StatementURL(at.Year, sent.StatementID))
	}
	return r.see(views.JobURL(sent.Job.ID))
}

// askStatement asks for a statement under the school's seal, by the way the form
// names. A statement that stands and has no answer yet is a success.
func (p *Portal) askStatement(r *request, d jobs.StatementOrder) (jobs.AskedStatement, error) {
	m, ok := bundle.MeaningOfStatement(d.Kind)
	if shown := r.FormValue("meaning"); ok && shown != "" && shown != m.URN() {
		return jobs.AskedStatement{}, fault.New(fault.Conflict, "signing.meaning_changed")
	}
	out, err := p.jobs.AskStatement(r.ctx(), r.actor, d, jobs.Auth{PIN: r.FormValue("pin"), Way: r.way()})
	if out.StatementID != 0 {
		p.noteUndelivered(r, out.StatementID, err)
		err = nil
	}
	return out, err
}

// askedURL leads to what came of a statement: the job that asks for its
// seal, or the statement.
func askedURL(year school.Year, out jobs.AskedStatement) string {
	if out.StatementID == 0 {
		return views.JobURL(out.Job.ID)
	}
	return views.StatementURL(year, out.StatementID)
}

// noteUndelivered logs that a stored statement has no answer yet; the courier
// goes on with it.
func (p *Portal) noteUndelivered(r *request, id int64, err error) {
	if err != nil {
		p.log.Warn("a statement waits for its answer", "id", requestID(r.ctx()), "statement", id, "error", err)
	}
}
