package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// certificateRoutes are the certificates of a school and the seals below an
// authority: declaring, registering, approving, suspending, ending.
var certificateRoutes = []route{
	{get, "/:year/certificates", workflow.PermCertificate, (*Portal).showCertificates},
	{post, "/:year/certificates", workflow.PermDeclareCertificate, (*Portal).createCertificate},
	{get, "/:year/certificates/new", workflow.PermDeclareCertificate, (*Portal).showDeclaration},
	{get, "/:year/certificates/:certificate", workflow.PermCertificate, (*Portal).showCertificate},
	{post, "/:year/certificates/:certificate/status", workflow.PermStopCertificate, (*Portal).askStatus},
	{post, "/:year/certificates/:certificate/withdrawal", workflow.PermDeclareCertificate, certificateAct(certificate.Withdrawn)},
	{post, "/:year/certificates/:certificate/registration", workflow.PermRegisterCertificate, certificateAct(certificate.Registered)},
	{post, "/:year/certificates/:certificate/approval", workflow.PermApproveCertificate, certificateAct(certificate.Approved)},
	{post, "/:year/certificates/:certificate/refusal", workflow.PermStopCertificate, certificateAct(certificate.Refused)},
	{post, "/:year/certificates/:certificate/suspension", workflow.PermStopCertificate, certificateAct(certificate.Suspended)},
	{post, "/:year/certificates/:certificate/resumption", workflow.PermStopCertificate, certificateAct(certificate.Resumed)},
	{post, "/:year/certificates/:certificate/end", workflow.PermStopCertificate, certificateAct(certificate.Ended)},
}

// showCertificates lists a school's certificates, or the seals of the schools
// below.
func (p *Portal) showCertificates(r *request) error {
	if r.actor.SchoolID == 0 {
		return p.showSeals(r)
	}
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Certificates{Year: year, Only: r.QueryParam("only"), Declares: workflow.Can(r.actor.Role, workflow.PermDeclareCertificate), Done: r.QueryParam("done")}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		page.Seals, page.People, page.Without = nil, nil, nil
		rows, err := tx.Certificates(r.ctx(), r.actor.SchoolID)
		if err != nil {
			return err
		}
		lines, err := certificateLines(r, tx, year, rows)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.Purpose == certificate.Seal {
				page.Seals = append(page.Seals, l)
			} else {
				page.People = append(page.People, l)
			}
		}
		without, err := tx.Uncertified(r.ctx(), year)
		for _, a := range without {
			page.Without = append(page.Without, views.CertificateOwner{ID: a.ID, Name: a.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	r.viewed("certificates", r.actor.SchoolID)
	return r.page(http.StatusOK, views.CertificatesPage(page))
}

// certificateLines are rows of lists, each with the dates of the season.
func certificateLines(r *request, tx *db.Tx, year school.Year, rows []db.CertificateRow) ([]views.CertificateLine, error) {
	june, august, err := seasonDates(r, tx, year)
	if err != nil {
		return nil, err
	}
	var out []views.CertificateLine
	for _, row := range rows {
		cert, err := row.Certificate()
		if err != nil {
			return nil, err
		}
		l := views.CertificateLine{ID: row.ID, Purpose: row.Purpose, Holder: row.Holder, Issuer: cert.Issuer(), Until: row.NotAfter, Stage: row.Stage(),
			Trial: cert.Trial(), Revoked: row.Status == "revoked", June: row.NotAfter.Before(june), August: row.NotAfter.Before(august), Over: !r.now.Before(row.NotAfter)}
		if row.Since != nil {
			l.Since = *row.Since
		}
		out = append(out, l)
	}
	return out, nil
}

// seasonDates are the days before which the school year's two tracks are due.
func seasonDates(r *request, tx *db.Tx, year school.Year) (june, august time.Time, err error) {
	first, err := tx.Deadline(r.ctx(), r.actor.UnitID, school.SchoolSubmit, year, school.TrackJune)
	if err != nil {
		return june, august, err
	}
	second, err := tx.Deadline(r.ctx(), r.actor.UnitID, school.SchoolSubmit, year, school.TrackAugust)
	return first.Due, second.Due, err
}

// showSeals lists the seals below: those that wait when nothing is asked for
// and something waits.
func (p *Portal) showSeals(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Seals{Year: year, Stage: certificate.Stage(r.QueryParam("stage")), Query: school.CleanLine(r.QueryParam("q"))}
	page.Page, _ = strconv.Atoi(r.QueryParam("page"))
	page.Page = min(max(page.Page, 0), 10000)
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	var season time.Time
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if page.Counts, err = tx.CountSeals(r.ctx()); err != nil {
			return err
		}
		if page.Decides, err = tx.DecidesCertificates(r.ctx()); err != nil {
			return err
		}
		rows, err := tx.Seals(r.ctx(), db.SealFilter{Stage: page.Stage, Query: page.Query, Page: page.Page})
		if err != nil {
			return err
		}
		if page.More = len(rows) > db.SealsPage; page.More {
			rows = rows[:db.SealsPage]
		}
		if page.Rows, err = certificateLines(r, tx, year, rows); err != nil {
			return err
		}
		_, august, err := seasonDates(r, tx, year)
		if err != nil {
			return err
		}
		page.Season, season = views.Day(august), august
		return err
	})
	if err != nil {
		return err
	}
	list, next, err := p.db.ExpiringBySchool(r.ctx(), r.actor, season, endingAt(r.QueryParam("after")))
	for _, e := range list {
		page.Expiring = append(page.Expiring, views.ExpiringSchool{Name: e.Name, Seals: e.Seals, People: e.People, First: e.First})
	}
	if next.CertificateID != 0 {
		page.After = fmt.Sprintf("%d-%d", next.At.UnixMicro(), next.CertificateID)
	}
	if err != nil {
		return err
	}
	r.viewed("certificates", r.actor.UnitID)
	return r.page(http.StatusOK, views.SealsPage(page))
}

// endingAt reads where a page of those that end begins; anything else is the
// first page.
func endingAt(s string) db.Ending {
	at, id, _ := strings.Cut(s, "-")
	micros, err := strconv.ParseInt(at, 10, 64)
	certificateID, err2 := strconv.ParseInt(id, 10, 64)
	if err != nil || err2 != nil {
		return db.Ending{}
	}
	return db.Ending{At: time.UnixMicro(micros), CertificateID: certificateID}
}

// showCertificate is one certificate with its checks and what may be done.
func (p *Portal) showCertificate(r *request) error {
	return p.certificatePage(r, http.StatusOK, views.CertificatePage{})
}

func (p *Portal) certificatePage(r *request, code int, page views.CertificatePage) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	if page.ID, err = r.id("certificate"); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return fillCertificate(r, tx, &page) })
	if err != nil {
		return err
	}
	if page.Checks, err = p.certificates.Examine(r.ctx(), r.actor, page.ID, false); err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	r.viewed("certificate", page.ID)
	return r.page(code, views.CertificateDetail(page))
}

func fillCertificate(r *request, tx *db.Tx, page *views.CertificatePage) error {
	row, life, err := tx.Certificate(r.ctx(), page.ID)
	if err != nil {
		return err
	}
	cert, err := row.Certificate()
	if err != nil {
		return err
	}
	decides, err := tx.DecidesCertificates(r.ctx())
	if err != nil {
		return err
	}
	status, err := tx.CertificateStatus(r.ctx(), row.Fingerprint)
	if err != nil {
		return err
	}
	page.Purpose, page.Holder, page.Subject, page.Issuer = row.Purpose, row.Holder, cert.Name(), cert.Issuer()
	page.Serial, page.Fingerprint = cert.Serial(), row.Fingerprint
	page.From, page.Until, page.Trial, page.HasKey = row.NotBefore, row.NotAfter, cert.Trial(), row.HasKey
	page.Stage, page.Events, page.Now, page.Asked = life.Stage(r.now), life.Events, r.now, status.Asked
	if row.Purpose == certificate.Seal {
		of := row.UnitID
		if r.actor.SchoolID != 0 {
			of = 0
		}
		page.Book = views.SealBookURL(page.Year, of)
	}
	page.Asks = workflow.Can(r.actor.Role, workflow.PermStopCertificate)
	page.May, page.SamePerson = map[certificate.Kind]bool{}, false
	for _, k := range []certificate.Kind{certificate.Withdrawn, certificate.Registered, certificate.Approved, certificate.Refused,
		certificate.Suspended, certificate.Resumed, certificate.Ended} {
		err := life.Allowed(r.actor, k, decides, r.now)
		page.May[k] = err == nil
		page.SamePerson = page.SamePerson || fault.Is(err, "certificate.same_person") || fault.Is(err, "certificate.same_name")
	}
	return nil
}

// askStatus asks the issuer again.
func (p *Portal) askStatus(r *request) error {
	id, err := r.id("certificate")
	if err != nil {
		return err
	}
	if _, err := p.certificates.Examine(r.ctx(), r.actor, id, true); err != nil {
		return err
	}
	return r.see(views.CertificateURL(school.Year(r.Param("year")), id))
}

// certificateAct is the handler of an act about a certificate.
func certificateAct(k certificate.Kind) func(p *Portal, r *request) error {
	return func(p *Portal, r *request) error {
		id, err := r.id("certificate")
		if err != nil {
			return err
		}
		form := views.CertificatePage{Form: certificate.Act{Kind: k, Reason: r.FormValue("reason"), Note: r.FormValue("note")}, Day: r.FormValue("day"), Clock: r.FormValue("clock")}
		form.Form.Effective, err = moment(form.Day, form.Clock)
		if err == nil {
			err = p.certificates.Act(r.ctx(), r.actor, id, form.Form, r.FormValue("looked") != "")
		}
		f := fault.As(err)
		if f != nil && f.Kind != fault.NotFound && f.Kind != fault.Internal {
			form.Refusal = f
			return p.certificatePage(r, status(err), form)
		}
		if err != nil {
			return err
		}
		return r.see(views.CertificateURL(school.Year(r.Param("year")), id))
	}
}

// moment reads when something takes effect; the zero time when nothing was
// written. It fails with Invalid certificate.effective_unread.
func moment(day, clock string) (time.Time, error) {
	if day = school.CleanLine(day); day == "" {
		return time.Time{}, nil
	}
	if clock = school.CleanLine(clock); clock == "" {
		clock = "00:00"
	}
	for _, layout := range []string{"02/01/2006 15:04", "2/1/2006 15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, day+" "+clock, school.Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "certificate.effective_unread")
}
