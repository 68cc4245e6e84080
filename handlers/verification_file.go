package handlers

import (
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/pades"
	"hocba/internal/signing/revocation"
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

// filesAtOnce bounds the files that are checked at a time; filesArriving those
// that are in memory, so that a slow line keeps nobody's place at the check.
var (
	filesAtOnce   = make(chan struct{}, 4)
	filesArriving = make(chan struct{}, 16)
)

// fileArrives is how long an upload may take: 12 MB over a poor line.
const fileArrives = time.Minute

func (p *Portal) showFileCheck(r *request) error {
	return r.page(http.StatusOK, views.FileCheckPage(views.FileCheck{Public: p.publicFrame()}))
}

// createFileCheck checks an uploaded file and keeps nothing of it.
func (p *Portal) createFileCheck(r *request) error {
	page := views.FileCheck{Public: p.publicFrame(), CheckedAt: r.now}
	err := p.db.Attempt(r.ctx(), filesByAddress, clientAddress(r.ctx()))
	if err == nil {
		err = inTurn(r, filesArriving, func() error {
			raw, err := arrived(r)
			if err != nil {
				return err
			}
			return inTurn(r, filesAtOnce, func() error { return p.checkFile(r, raw, &page) })
		})
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

// inTurn does something when there is room for it; it fails with Unavailable
// verify.busy when there is none for long.
func inTurn(r *request, room chan struct{}, do func() error) error {
	wait := time.NewTimer(5 * time.Second)
	defer wait.Stop()
	select {
	case room <- struct{}{}:
		defer func() { <-room }()
		return do()
	case <-wait.C:
		return fault.New(fault.Unavailable, "verify.busy")
	case <-r.ctx().Done():
		return r.ctx().Err()
	}
}

// arrived reads the uploaded file, for as long as an upload may take.
func arrived(r *request) ([]byte, error) {
	line := http.NewResponseController(r.Response())
	if err := line.SetReadDeadline(time.Now().Add(fileArrives)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	upload, err := r.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return nil, fault.New(fault.Invalid, "upload.missing")
	case tooLarge(err):
		return nil, err
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "request.unreadable")
	}
	file, err := upload.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, pades.MaxBytes+1))
}

// system asks for what lies behind the walls between units, as the program.
var system = workflow.Actor{Kind: workflow.System}

func (p *Portal) checkFile(r *request, raw []byte, page *views.FileCheck) error {
	sum := verify.SHA256(raw)
	held, _, found, err := p.db.LookUpBytes(r.ctx(), system, sum)
	if err != nil {
		return err
	}
	options, err := p.fileOptions(r)
	if err != nil {
		return err
	}
	if found {
		options.Received = held.Standing.Accepted
	} else {
		options.Holder = p.sealApproved(r)
	}
	options.Revocations = p.knownRevoked(r, found)
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

// fileOptions is what this Sở's own page relies on.
func (p *Portal) fileOptions(r *request) (o verify.Options, err error) {
	o.Now = p.db.Now()
	if o.Trust, err = p.db.Trusted(r.ctx()); err != nil {
		return o, err
	}
	if o.Department, err = p.db.DepartmentName(r.ctx()); err != nil {
		return o, err
	}
	o.Version = func(sha256 string) []byte {
		_, xml, found, err := p.db.LookUpBytes(r.ctx(), system, sha256)
		if err != nil || !found {
			return nil
		}
		return xml
	}
	return o, nil
}

// sealApproved asks of a file that the registry does not hold whether the seal
// in it was ever a school's here: any organisation of the same name has one.
func (p *Portal) sealApproved(r *request) func(bundle.Slot, *signing.Certificate, time.Time) error {
	return func(slot bundle.Slot, c *signing.Certificate, at time.Time) error {
		if slot.Role != bundle.Seal {
			return nil
		}
		ok, err := p.db.SealApprovedAt(r.ctx(), slot.Holder, c.Fingerprint(), at)
		if err == nil && !ok {
			err = fault.New(fault.Unavailable, "verify.seal_not_approved", "holder", c.Name(), "date", school.DateOf(at).Vietnamese())
		}
		return err
	}
}

// knownRevoked answers with what issuers have said before: strangers' files
// make this program ask nobody. What the registry took in it asked about then.
func (p *Portal) knownRevoked(r *request, judged bool) verify.Revocations {
	return func(path []*x509.Certificate) revocation.Verdict {
		var v revocation.Verdict
		err := p.db.As(r.ctx(), system, func(tx *db.Tx) (err error) {
			v, err = tx.CertificateStatus(r.ctx(), signing.FingerprintOf(path[0]))
			return err
		})
		switch {
		case err != nil:
			p.log.Warn("read an issuer's answer", "id", requestID(r.ctx()), "error", err)
			return revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}
		case v.Status == revocation.Revoked:
			return v
		case judged || !revocation.HasSource(path[0]) || v.Status == revocation.Good && p.db.Now().Before(v.Until):
			return revocation.Verdict{Status: revocation.Good}
		}
		return revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}
	}
}
