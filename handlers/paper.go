package handlers

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/singleflight"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/paper"
	"hocba/internal/record"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
	form "hocba/views/paper"
)

// paperRoutes are the papers of a record for the staff of its school.
var paperRoutes = []route{
	{get, "/:year/records/:record/preview.pdf", workflow.PermReadRecord, (*Portal).showPreview},
	{get, "/:year/records/:record/paper.pdf", workflow.PermReadRecord, (*Portal).showPaper},
	{get, "/:year/classes/:class/papers.zip", workflow.PermReadRecord, (*Portal).showClassPapers},
}

// pressTime bounds the making of one paper, with its wait for a free tab. It
// goes on when the first who asked for it leaves: others may wait for it.
const pressTime = 90 * time.Second

// press makes papers: each final one once, whoever asks and however many at a
// time. printer may be nil on a machine without Chromium.
type press struct {
	db      *db.DB
	seal    func(context.Context, jobs.SealedPaper) ([]byte, error)
	printer *paper.Printer
	baseURL string
	demo    bool
	flights singleflight.Group
}

// sealedForm is the form version under which a form's sealed papers are kept:
// those of earlier programs bore no seal.
func sealedForm(form string) string { return form + "+seal" }

// final returns the paper of an accepted version: the stored one, or one made
// now from the version's bytes, sealed by the registry and kept for ever. It fails with the codes of
// the printer; strangers wait behind its gate.
func (o *press) final(ctx context.Context, v db.LookedUp, seen examined, public bool) ([]byte, error) {
	model := seen.model()
	if model == nil || !seen.record.Valid {
		return nil, fault.New(fault.Unavailable, "paper.unverified") // what is kept for ever must be true
	}
	stored, found, err := o.db.Paper(ctx, workflow.Actor{Kind: workflow.System}, v.SHA256, sealedForm(model.General.Form))
	if err != nil || found {
		return stored, err
	}
	key := hex.EncodeToString(v.SHA256[:]) + strconv.FormatBool(public)
	done := o.flights.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pressTime)
		defer cancel()
		pdf, err := o.print(ctx, form.FromRecord(model, o.context(seen)), v.Standing.Accepted, public)
		if err != nil {
			return nil, err
		}
		pdf, err = o.seal(ctx, jobs.SealedPaper{PDF: pdf, Record: model, Version: v.SHA256, Reason: views.SealReason(model), At: o.db.Now()})
		if err != nil {
			return nil, err
		}
		return o.db.KeepPaper(ctx, v.SHA256, sealedForm(model.General.Form), pdf)
	})
	select {
	case result := <-done:
		pdf, _ := result.Val.([]byte)
		return pdf, result.Err
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "paper.timeout")
	}
}

// print renders a booklet and prints it. at becomes the file's date.
func (o *press) print(ctx context.Context, b form.Booklet, at time.Time, public bool) ([]byte, error) {
	if o.printer == nil {
		return nil, fault.New(fault.Unavailable, "paper.no_browser")
	}
	var html bytes.Buffer
	if err := form.Document(b).Render(ctx, &html); err != nil {
		return nil, err
	}
	if public {
		return o.printer.PublicPDF(ctx, html.Bytes(), at)
	}
	return o.printer.PDF(ctx, html.Bytes(), at)
}

// sheets prints a finished document for the staff.
func (o *press) sheets(ctx context.Context, html []byte, at time.Time) ([]byte, error) {
	if o.printer == nil {
		return nil, fault.New(fault.Unavailable, "paper.no_browser")
	}
	return o.printer.PDF(ctx, html, at)
}

// year is the year page for the screen.
func (o *press) year(seen examined) form.Year { return form.YearOf(seen.model(), o.context(seen)) }

// context is what the paper needs beside the record: the look-up address and
// who signed, as the verifier read it.
func (o *press) context(seen examined) form.Context {
	c := form.Context{Demo: o.demo, Trial: seen.record.Trial, Guidance: true, Teachers: map[string]form.Signed{}}
	if model := seen.model(); model.Issuance.Code != "" {
		c.LookupURL = o.baseURL + views.LookupURL + "/" + string(model.Issuance.Code)
	}
	if base, err := url.Parse(o.baseURL); err == nil {
		c.Site = base.Host + views.LookupURL
	}
	for _, s := range seen.record.Signers {
		signed := form.Signed{By: s.Holder, At: s.SignedAt}
		switch s.Role {
		case bundle.SubjectTeacher:
			c.Teachers[s.Code] = signed
		case bundle.Homeroom:
			c.Homeroom = signed
		case bundle.Approval:
			c.Approval = signed
		case bundle.Seal:
			c.Seal = signed
		}
	}
	return c
}

// pdf answers with a file; attached ones are saved, others shown.
func (r *request) pdf(body []byte, name string, attach bool) error {
	disposition := "inline"
	if attach {
		disposition = "attachment"
	}
	r.Response().Header().Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition, name))
	return r.Blob(http.StatusOK, "application/pdf", body)
}

// paperName is the file's name: no child and no code in it.
func paperName(m *bundle.Record) string {
	return fmt.Sprintf("hoc-ba-%s-ban-%d.pdf", m.General.Year, m.General.Version)
}

// staffRecord loads the record of the address for who may see its paper: the
// homeroom teacher and the school's leaders. xml is its newest version's.
func (p *Portal) staffRecord(r *request) (rec *record.Record, xml []byte, err error) {
	year, err := r.year()
	if err != nil {
		return nil, nil, err
	}
	id, err := r.id("record")
	if err != nil {
		return nil, nil, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if rec, err = tx.Record(r.ctx(), id, false); err != nil {
			return err
		}
		if rec.General.Year != year || !r.readsPaper(rec) {
			return fault.New(fault.NotFound, "page.unknown")
		}
		if last := rec.Last(); last != nil && (rec.Stage == workflow.Issued || rec.Stage == workflow.Submitted) {
			xml, err = tx.VersionBytes(r.ctx(), id, last.Number)
		}
		return err
	})
	return rec, xml, err
}

// readsPaper reports whether the record's whole paper is this person's to see:
// a subject teacher's duty ends at the own parts.
func (r *request) readsPaper(rec *record.Record) bool {
	return r.actor.Role != workflow.Teacher || rec.Class.Homeroom.Code != "" && rec.Class.Homeroom.Code == r.actor.TeacherCode
}

// printing says which papers of a record the person may open: the final one
// while a version stands in the registry, a preview while that is still to come
// or something newer is being written.
func (r *request) printing(rec *record.Record) views.Printing {
	if !r.readsPaper(rec) {
		return views.Printing{}
	}
	p := views.Printing{Final: standsInRegistry(rec)}
	p.Preview = r.portal.press.printer != nil && (!p.Final || rec.Stage != workflow.Submitted && rec.Stage != workflow.Accepted && rec.Stage != workflow.Locked)
	return p
}

// standsInRegistry reports whether the registry holds a version that counts.
func standsInRegistry(rec *record.Record) bool {
	return slices.ContainsFunc(rec.Versions, func(v record.Version) bool {
		switch v.Standing {
		case record.StandAccepted, record.StandReplacing, record.StandLocked:
			return true
		}
		return false
	})
}

// showPreview prints what the paper will look like: from the issued bytes, or
// from the working values before there are any. It says so on every page and
// carries no code.
func (p *Portal) showPreview(r *request) error {
	rec, xml, err := p.staffRecord(r)
	if err != nil {
		return err
	}
	seen := examined{record: verify.Report{Record: &bundle.Document{Record: rec.Model()}}}
	if xml != nil {
		seen.record = verify.File(xml, verify.Options{})
	}
	if seen.model() == nil {
		return fault.New(fault.Unavailable, "paper.unverified")
	}
	c := p.press.context(seen)
	c.Preview, c.Trial = true, c.Trial || p.trial.is(r.ctx())
	if xml == nil {
		signedSoFar(&c, rec)
	}
	pdf, err := p.press.print(r.ctx(), form.FromRecord(seen.model(), c), r.now, false)
	if err != nil {
		return err
	}
	r.viewed("paper.preview", rec.ID)
	return r.pdf(pdf, "xem-truoc-"+strconv.FormatInt(rec.ID, 10)+".pdf", false)
}

// signedSoFar fills in the signatures that stand while the record is written.
func signedSoFar(c *form.Context, rec *record.Record) {
	for _, s := range rec.LiveSignatures() {
		signed := form.Signed{By: s.Signer.Name, At: s.At}
		switch s.Slot.Role() {
		case bundle.SubjectTeacher:
			c.Teachers[s.Signer.Code] = signed
		case bundle.Homeroom:
			c.Homeroom = signed
		case bundle.Approval:
			c.Approval = signed
		}
	}
}

// showPaper is the final paper of the version that stands in the registry;
// Conflict, paper.not_accepted, before there is one.
func (p *Portal) showPaper(r *request) error {
	rec, _, err := p.staffRecord(r)
	if err != nil {
		return err
	}
	pdf, model, err := p.recordPaper(r, rec)
	if err != nil {
		return err
	}
	r.viewed("paper", rec.ID)
	return r.pdf(pdf, paperName(model), false)
}

// recordPaper returns the final paper of a record, with what it says.
func (p *Portal) recordPaper(r *request, rec *record.Record) ([]byte, *bundle.Record, error) {
	version, found, err := p.db.LiveVersion(r.ctx(), r.actor, rec.General.Record)
	if err != nil {
		return nil, nil, err
	}
	if !found {
		return nil, nil, fault.New(fault.Conflict, "paper.not_accepted")
	}
	seen, err := p.examiner.examine(r.ctx(), r.actor, version)
	if err != nil {
		return nil, nil, err
	}
	pdf, err := p.press.final(r.ctx(), version, seen, false)
	return pdf, seen.model(), err
}
