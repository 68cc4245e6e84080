package handlers

import (
	"errors"
	"io"
	"net/http"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing/pades"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
)

// The page on which anybody checks a file: the engine of hocba-verify, beside
// what the registry knows of the file.
var verificationFileRoutes = []route{
	{get, views.VerifyURL, workflow.PermNone, (*Portal).showFileCheck},
	{post, views.VerifyURL, workflow.PermNone, (*Portal).createFileCheck},
}

// filesByAddress bounds what one address may have checked: a file costs some
// milliseconds and some memory.
var filesByAddress = db.Throttle{Kind: "file.address", Limit: 60, Window: 15 * time.Minute}

// filesAtOnce bounds the files in memory at a time.
var filesAtOnce = make(chan struct{}, 4)

func (p *Portal) showFileCheck(r *request) error {
	return r.page(http.StatusOK, views.FileCheckPage(views.FileCheck{Public: p.publicFrame()}))
}

// createFileCheck checks an uploaded file and keeps nothing of it.
func (p *Portal) createFileCheck(r *request) error {
	page := views.FileCheck{Public: p.publicFrame(), CheckedAt: r.now}
	err := p.db.Attempt(r.ctx(), filesByAddress, clientAddress(r.ctx()))
	if err == nil {
		select {
		case filesAtOnce <- struct{}{}:
			defer func() { <-filesAtOnce }()
			err = p.checkFile(r, &page)
		case <-time.After(5 * time.Second):
			err = fault.New(fault.Unavailable, "verify.busy")
		case <-r.ctx().Done():
			return r.ctx().Err()
		}
	}
	if tooLarge(err) || err != nil && fault.As(err) == nil {
		return err
	}
	if f := fault.As(err); f != nil {
		page.Error = f
		return r.page(status(err), views.FileCheckPage(page))
	}
	return r.page(http.StatusOK, views.FileCheckPage(page))
}

func (p *Portal) checkFile(r *request, page *views.FileCheck) error {
	upload, err := r.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return fault.New(fault.Invalid, "upload.missing")
	case tooLarge(err):
		return err
	case err != nil:
		return fault.Wrap(err, fault.Invalid, "request.unreadable")
	}
	file, err := upload.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, pades.MaxBytes+1))
	if err != nil {
		return err
	}
	trust, err := p.db.Trusted(r.ctx())
	if err != nil {
		return err
	}
	system := workflow.Actor{Kind: workflow.System}
	options := verify.Options{Trust: trust, Now: p.db.Now()}
	options.Version = func(sha256 string) []byte {
		_, xml, found, err := p.db.LookUpBytes(r.ctx(), system, sha256)
		if err != nil || !found {
			return nil
		}
		return xml
	}
	sum := verify.SHA256(raw)
	held, _, found, err := p.db.LookUpBytes(r.ctx(), system, sum)
	if err != nil {
		return err
	}
	if found {
		options.Received = held.Standing.Accepted
	}
	report := verify.Any(raw, options)
	if report.Paper != nil {
		held, _, found, err = p.db.LookUpBytes(r.ctx(), system, report.Paper.Version)
	}
	if found && err == nil {
		page.Held = held.Standing.Verdict()
	}
	if err == nil {
		page.MembersHeld, err = p.membersHeld(r, report)
	}
	report = slim(report)
	page.Report = &report
	p.views.Add(r.actor, clientAddress(r.ctx()), "file-check", "file:"+sum)
	return err
}

// membersHeld is what the registry says today of the records of a transfer file.
func (p *Portal) membersHeld(r *request, report verify.Report) (map[string]verify.Verdict, error) {
	out := map[string]verify.Verdict{}
	for _, m := range report.Members {
		if m.Kind != bundle.FileRecord {
			continue
		}
		held, _, found, err := p.db.LookUpBytes(r.ctx(), workflow.Actor{Kind: workflow.System}, m.SHA256)
		if err != nil {
			return nil, err
		}
		if found {
			out[m.SHA256] = held.Standing.Verdict()
		}
	}
	return out, nil
}
