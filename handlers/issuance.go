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

// issuanceRoutes are where the school's seal is set.
var issuanceRoutes = []route{
	{get, "/:year/issuance", workflow.PermIssue, (*Portal).showIssuance},
	{post, "/:year/issuance", workflow.PermIssue, (*Portal).createIssuance},
}

// showIssuance lists what is approved and says whether the seal can be used.
func (p *Portal) showIssuance(r *request) error {
	return p.issuancePage(r, http.StatusOK, views.Issuance{})
}

func (p *Portal) issuancePage(r *request, code int, page views.Issuance) error {
	var err error
	page.Preview = p.press.printer != nil
	if page.Year, err = r.year(); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		rows, err := tx.Issuable(r.ctx(), page.Year)
		if err != nil {
			return err
		}
		page.Classes = issuanceClasses(rows)
		if page.Allowed, err = mayApprove(r, tx); err != nil {
			return err
		}
		if page.With, err = signWith(r, tx, page.Year, bundle.Seal); err != nil {
			return err
		}
		state, err := tx.SealState(r.ctx(), r.actor.UnitID)
		if err != nil || state.ID == 0 {
			return err
		}
		page.Seal, err = sealView(state, r)
		return err
	})
	if err != nil {
		return err
	}
	if page.Place == "" {
		page.Place = views.PlaceName(r.post.Commune)
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	r.viewed("issuance", r.actor.SchoolID)
	return r.page(code, views.IssuanceView(page))
}

func issuanceClasses(rows []db.IssuanceRow) []views.IssuanceClass {
	var out []views.IssuanceClass
	for _, row := range rows {
		if len(out) == 0 || out[len(out)-1].ID != row.ClassID {
			out = append(out, views.IssuanceClass{ID: row.ClassID, Name: row.ClassName})
		}
		c := &out[len(out)-1]
		c.Rows = append(c.Rows, views.IssuanceRow{RecordID: row.RecordID, Name: row.Name, ApprovedBy: row.ApprovedBy,
			ApprovedAt: row.ApprovedAt, Next: row.Next})
	}
	return out
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

// createIssuance asks for the job that seals the chosen records of a class. A
// second click finds the job that runs, or the versions that were made.
func (p *Portal) createIssuance(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	classID, err := r.formID("class")
	if err != nil {
		return err
	}
	place := school.CleanLine(r.FormValue("place"))
	job, err := p.issue(r, year, classID, place)
	f := fault.As(err)
	if f != nil && !r.hx() && (pinFault(f) != nil || f.Code == "issuance.place" || f.Code == "issuance.none") {
		return p.issuancePage(r, pinStatus(f), views.Issuance{Place: place, ClassID: classID, Fault: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.JobURL(job.ID))
}

func (p *Portal) issue(r *request, year school.Year, classID int64, place string) (db.Job, error) {
	if err := readMeaning(r, bundle.Seal); err != nil {
		return db.Job{}, err
	}
	if place == "" || len([]rune(place)) > longestPlace {
		return db.Job{}, fault.New(fault.Invalid, "issuance.place")
	}
	order := jobs.Order{Kind: jobs.Issue, Subject: classSubject(classID), PIN: r.FormValue("pin"), Way: r.way(),
		Params: map[string]string{jobs.ParamPlace: place}}
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if ok, err := mayApprove(r, tx); err != nil || !ok {
			return firstOf(err, fault.New(fault.Forbidden, "record.no_delegation"))
		}
		if _, err := tx.Class(r.ctx(), year, classID); err != nil {
			return err
		}
		ids, err := tx.ClassRecordIDs(r.ctx(), classID)
		if err != nil {
			return err
		}
		order.Items = chosen(r, ids)
		return nil
	})
	if err != nil {
		return db.Job{}, err
	}
	if len(order.Items) == 0 {
		return db.Job{}, fault.New(fault.Invalid, "issuance.none")
	}
	return p.jobs.Ask(r.ctx(), r.actor, order)
}

// chosen are the records of the class that the form names, in its order.
func chosen(r *request, ids []int64) []db.NewItem {
	form, err := r.FormParams()
	if err != nil {
		return nil
	}
	var out []db.NewItem
	for _, id := range ids {
		if slices.Contains(form["record"], strconv.FormatInt(id, 10)) {
			out = append(out, db.NewItem{Key: jobs.RecordKey(id)})
		}
	}
	return out
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
