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
	{get, "/:year/statements/:statement", workflow.PermPrepare, (*Portal).showStatement},
	{get, "/:year/statements/:statement/file.xml", workflow.PermPrepare, (*Portal).showStatementFile},
	{post, "/:year/statements/:statement/delivery", workflow.PermPrepare, (*Portal).createDelivery},
	{get, "/:year/receipts/:receipt", workflow.PermPrepare, (*Portal).showReceipt},
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

// createSubmission seals the manifest and sends it. What is sealed is sent even
// when the registry cannot be reached now: the statement's page says so.
func (p *Portal) createSubmission(r *request) error {
	at, err := r.classTrack()
	if err != nil {
		return err
	}
	versions, err := chosenVersions(r)
	if err != nil {
		return err
	}
	s, err := p.courier.Submission(r.ctx())
	if err != nil {
		return p.submissionRefused(r, err)
	}
	var id int64
	err = p.jobs.WithSeal(r.ctx(), r.actor, r.FormValue("pin"), func(seal jobs.Pen) (err error) {
		id, err = s.Send(r.ctx(), r.actor, at, versions, seal)
		return err
	})
	if id == 0 {
		return p.submissionRefused(r, err)
	}
	p.noteUndelivered(r, id, err)
	return r.see(views.StatementURL(at.Year, id))
}

// noteUndelivered logs that a stored statement has no answer yet; the courier
// goes on with it.
func (p *Portal) noteUndelivered(r *request, id int64, err error) {
	if err != nil {
		p.log.Warn("a statement waits for its answer", "id", requestID(r.ctx()), "statement", id, "error", err)
	}
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
	page := views.Statement{Year: year, Now: r.now, MayRecall: workflow.Can(r.actor.Role, workflow.PermRecall)}
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
		if row.Reasons, err = v.Why(); err != nil {
			return err
		}
		page.Rows = append(page.Rows, row)
	}
	return nil
}

// createDelivery sends a statement without an answer again, now.
func (p *Portal) createDelivery(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	st, err := p.statement(r)
	if err != nil {
		return err
	}
	s, err := p.courier.Submission(r.ctx())
	if err == nil {
		err = s.Resume(r.ctx(), r.actor.SchoolID)
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
