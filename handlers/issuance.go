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

// issuanceRoutes are where the school's seal is set: on classes, or on chosen
// records of one.
var issuanceRoutes = []route{
	{get, "/:year/issuance", workflow.PermIssue, (*Portal).showIssuance},
	{post, "/:year/issuance", workflow.PermIssue, (*Portal).createSchoolIssuance},
	{get, "/:year/issuance/:class", workflow.PermIssue, (*Portal).showClassIssuance},
	{post, "/:year/issuance/:class", workflow.PermIssue, (*Portal).createClassIssuance},
}

// showIssuance is the dry run of the school: what is approved, what is not yet,
// and whether the seal can be used.
func (p *Portal) showIssuance(r *request) error {
	return p.issuancePage(r, http.StatusOK, views.IssuanceForm{})
}

func (p *Portal) issuancePage(r *request, code int, form views.IssuanceForm) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Issuance{Year: year, Form: form}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if page.Classes, err = approvalQueue(r, tx, year); err != nil {
			return err
		}
		if page.Job, err = openJob(r, tx, jobs.Issue, yearSubject(year)); err != nil {
			return err
		}
		return beforeSealing(r, tx, year, &page.Form)
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("issuance", r.actor.SchoolID)
	return r.page(code, views.IssuanceView(page))
}

// beforeSealing adds who seals, with what, and where.
func beforeSealing(r *request, tx *db.Tx, year school.Year, form *views.IssuanceForm) (err error) {
	if form.Place == "" {
		form.Place = views.PlaceName(r.post.Commune)
	}
	if form.Dry, err = dryRun(r, tx, year); err != nil {
		return err
	}
	if form.With, err = signWith(r, tx, year, bundle.Seal); err != nil {
		return err
	}
	state, err := tx.SealState(r.ctx(), r.actor.UnitID)
	if err != nil || state.ID == 0 {
		return err
	}
	form.Seal, err = sealView(state, r)
	return err
}

// showClassIssuance is the dry run of one class, record by record.
func (p *Portal) showClassIssuance(r *request) error {
	return p.classIssuancePage(r, http.StatusOK, views.IssuanceForm{})
}

func (p *Portal) classIssuancePage(r *request, code int, form views.IssuanceForm) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	classID, err := r.id("class")
	if err != nil {
		return err
	}
	page := views.ClassIssuance{Year: year, ClassID: classID, Form: form, Preview: p.press.printer != nil}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		class, err := tx.Class(r.ctx(), year, classID)
		if err != nil {
			return err
		}
		page.ClassName = class.Name
		if page.Rows, err = issuanceRows(r, tx, year, classID); err != nil {
			return err
		}
		if page.Job, err = openJob(r, tx, jobs.Issue, jobs.ClassSubject(classID)); err != nil {
			return err
		}
		return beforeSealing(r, tx, year, &page.Form)
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("issuance.class", classID)
	return r.page(code, views.ClassIssuanceView(page))
}

// issuanceRows says of each pupil of a class whether the record can be sealed,
// and what stands in the way.
func issuanceRows(r *request, tx *db.Tx, year school.Year, classID int64) ([]views.IssuanceRow, error) {
	by, err := jobs.Desk{}.By(r.ctx(), tx)
	if err != nil {
		return nil, err
	}
	ids, err := tx.ClassRecordIDs(r.ctx(), classID)
	if err != nil {
		return nil, err
	}
	records, err := tx.Records(r.ctx(), ids, false)
	if err != nil {
		return nil, err
	}
	approved, err := tx.Issuable(r.ctx(), year, classID)
	var out []views.IssuanceRow
	for i, rec := range records {
		row := views.IssuanceRow{Number: i + 1, RecordID: rec.ID, Name: rec.Pupil.Name, Stage: rec.Stage}
		row.Code, row.Args, row.Unsigned = standsInTheWay(rec, by, rec.MayIssue(by))
		for _, a := range approved {
			if a.RecordID == rec.ID {
				row.ApprovedBy, row.ApprovedAt, row.Next = a.ApprovedBy, a.ApprovedAt, a.Next
			}
		}
		out = append(out, row)
	}
	return out, err
}

func sealView(s db.SealState, r *request) (views.Seal, error) {
	certificate, err := s.Certificate()
	if err != nil {
		return views.Seal{}, err
	}
	return views.Seal{Holder: certificate.Name(), Issuer: certificate.Issuer(), Until: s.NotAfter, Stage: s.Stage(r.now), Usable: s.Usable(r.now),
		Expired: !r.now.Before(s.NotAfter), NotYetDue: r.now.Before(s.NotBefore)}, nil
}

// longestPlace bounds the place of issue, in characters.
const longestPlace = 100

// createSchoolIssuance asks for the job that seals what is approved in the
// chosen classes.
func (p *Portal) createSchoolIssuance(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	return p.issue(r, yearSubject(year), p.issuancePage, func(tx *db.Tx, form map[string][]string) ([]db.NewItem, error) {
		rows, err := tx.Issuable(r.ctx(), year, db.AnyClass)
		var items []db.NewItem
		for _, row := range rows {
			if slices.Contains(form["class"], strconv.FormatInt(row.ClassID, 10)) {
				items = append(items, db.NewItem{Key: jobs.RecordKey(row.RecordID)})
			}
		}
		return items, err
	})
}

// createClassIssuance asks for the job that seals the chosen records of a
// class. A second click finds the job that runs, or the versions that were made.
func (p *Portal) createClassIssuance(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	classID, err := r.id("class")
	if err != nil {
		return err
	}
	return p.issue(r, jobs.ClassSubject(classID), p.classIssuancePage, func(tx *db.Tx, form map[string][]string) ([]db.NewItem, error) {
		if _, err := tx.Class(r.ctx(), year, classID); err != nil {
			return nil, err
		}
		ids, err := tx.ClassRecordIDs(r.ctx(), classID)
		var items []db.NewItem
		for _, id := range ids {
			if key := jobs.RecordKey(id); slices.Contains(form["record"], key) {
				items = append(items, db.NewItem{Key: key})
			}
		}
		return items, err
	})
}

// issue asks for a job over what choose takes from the form; a refusal that the
// form can mend shows its page again.
func (p *Portal) issue(r *request, subject string, again func(*request, int, views.IssuanceForm) error,
	choose func(*db.Tx, map[string][]string) ([]db.NewItem, error)) error {
	place := school.CleanLine(r.FormValue("place"))
	job, err := p.askToIssue(r, subject, place, choose)
	f := fault.As(err)
	if f != nil && !r.hx() && (pinFault(f) != nil || f.Code == "issuance.place" || f.Code == "issuance.none") {
		return again(r, pinStatus(f), views.IssuanceForm{Place: place, Fault: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.JobURL(job.ID))
}

func (p *Portal) askToIssue(r *request, subject, place string, choose func(*db.Tx, map[string][]string) ([]db.NewItem, error)) (db.Job, error) {
	if err := readMeaning(r, bundle.Seal); err != nil {
		return db.Job{}, err
	}
	if place == "" || len([]rune(place)) > longestPlace {
		return db.Job{}, fault.New(fault.Invalid, "issuance.place")
	}
	form, err := r.FormParams()
	if err != nil {
		return db.Job{}, fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	order := jobs.Order{Kind: jobs.Issue, Subject: subject, PIN: r.FormValue("pin"), Way: r.way(),
		Params: map[string]string{jobs.ParamPlace: place}}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if ok, err := mayApprove(r, tx); err != nil || !ok {
			return firstOf(err, fault.New(fault.Forbidden, "record.no_delegation"))
		}
		order.Items, err = choose(tx, form)
		return err
	})
	if err != nil {
		return db.Job{}, err
	}
	if len(order.Items) == 0 {
		return db.Job{}, fault.New(fault.Invalid, "issuance.none")
	}
	return p.jobs.Ask(r.ctx(), r.actor, order)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
