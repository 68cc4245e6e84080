package handlers

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/views"
)

// showDeclaration is the form in which a certificate is declared.
func (p *Portal) showDeclaration(r *request) error {
	account, _ := strconv.ParseInt(r.QueryParam("account"), 10, 64)
	return p.declarationPage(r, http.StatusOK, views.Declare{Account: account})
}

func (p *Portal) declarationPage(r *request, code int, page views.Declare) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		page.People = nil
		staff, err := tx.Staff(r.ctx(), school.DateOf(r.now))
		for _, s := range staff {
			if s.Active {
				page.People = append(page.People, views.CertificateOwner{ID: s.ID, Name: s.FullName})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.page(code, views.DeclarePage(page))
}

// createCertificate declares a certificate for the school's seal or for one of
// its people.
func (p *Portal) createCertificate(r *request) error {
	form := views.Declare{Typed: school.CleanLine(r.FormValue("typed"))}
	file, err := r.certificateFile()
	if err == nil {
		form.Account, err = strconv.ParseInt(r.FormValue("account"), 10, 64)
		if err != nil || form.Account < 0 {
			err = fault.Wrap(err, fault.Invalid, "certificate.owner")
		}
	}
	if err == nil {
		d := jobs.Declaration{Purpose: certificate.Person, Owner: form.Account, File: file, Typed: form.Typed}
		if form.Account == 0 {
			d.Purpose, d.Owner = certificate.Seal, r.actor.SchoolID
		}
		_, form.Checks, err = p.certificates.Declare(r.ctx(), r.actor, d)
	}
	f := fault.As(err)
	if f != nil && f.Kind != fault.NotFound && f.Kind != fault.Internal {
		form.Error = f
		return p.declarationPage(r, status(err), form)
	}
	if err != nil {
		return err
	}
	return r.see(views.CertificatesURL(school.Year(r.Param("year"))) + "?done=1")
}

// certificateFile reads the uploaded file, no more of it than a certificate has.
func (r *request) certificateFile() ([]byte, error) {
	upload, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, fault.New(fault.Invalid, "certificate.file_missing")
	}
	if tooLarge(err) {
		return nil, err
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "request.unreadable")
	}
	file, err := upload.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, certificate.MaxFile+1))
}
