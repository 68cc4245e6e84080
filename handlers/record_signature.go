package handlers

import (
	"net/http"
	"slices"
	"strings"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// recordSignatureRoutes are what teachers do with their own signatures, and the
// homeroom teacher's return of parts before signing (row 6); the school
// leaders' return belongs to the record's page.
var recordSignatureRoutes = []route{
	{get, "/:year/classes/:class/signatures", workflow.PermSignRecord, (*Portal).showSignatures},
	{post, "/:year/classes/:class/signatures", workflow.PermSignRecord, (*Portal).createSignatures},
	{post, "/:year/classes/:class/withdrawals", workflow.PermSignRecord, (*Portal).createWithdrawals},
	{del, "/:year/records/:record/signature", workflow.PermSignRecord, (*Portal).destroySignature},
	{post, "/:year/records/:record/confirmation", workflow.PermSignRecord, (*Portal).createConfirmation},
	{get, "/:year/records/:record/part-return", workflow.PermSignRecord, (*Portal).showPartReturn},
	{post, "/:year/records/:record/part-return", workflow.PermSignRecord, (*Portal).createPartReturn},
}

// classSigning loads the class of the address for the person to sign in.
func (p *Portal) classSigning(r *request) (c db.ClassSigning, err error) {
	year, err := r.year()
	if err != nil {
		return c, err
	}
	id, err := r.id("class")
	if err != nil {
		return c, err
	}
	return p.signingOf(r, year, id)
}

func (p *Portal) signingOf(r *request, year school.Year, classID int64) (c db.ClassSigning, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		c, err = tx.ClassSigning(r.ctx(), year, classID)
		return err
	})
	return c, err
}

// showSignatures is the dry run: who can be signed, who not and why.
func (p *Portal) showSignatures(r *request) error {
	c, err := p.classSigning(r)
	if err != nil {
		return err
	}
	r.viewed("signing", c.Class.ID)
	return p.signingPage(r, c, http.StatusOK, nil)
}

// signingPage renders the page, after edit has put a refusal where it belongs.
func (p *Portal) signingPage(r *request, c db.ClassSigning, code int, edit func(*views.Signing)) error {
	page, err := p.signingView(r, c)
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, c.Class.Year); err != nil {
		return err
	}
	if edit != nil {
		edit(&page)
	}
	return r.page(code, views.SigningPage(page))
}

// createSignatures begins a batch: every pupil of the dry run with its result.
// A batch of the same kind that is under way is shown instead.
func (p *Portal) createSignatures(r *request) error {
	c, err := p.classSigning(r)
	if err != nil {
		return err
	}
	kind := r.FormValue("kind")
	if kind != jobs.SignParts && kind != jobs.SignHomeroom {
		return fault.New(fault.Invalid, "request.invalid")
	}
	form, err := r.FormParams()
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	if err := readMeaning(r, roleOf(kind)); err != nil {
		return err
	}
	job, err := p.jobs.Ask(r.ctx(), r.actor, jobs.Order{Kind: kind, Subject: jobs.ClassSubject(c.Class.ID), PIN: r.FormValue("pin"), Way: r.way(),
		Items: signingItems(c, kind, seenPupils(form["pupil"]), r.by())})
	if aboutKey(err) {
		f := fault.As(err)
		return p.signingPage(r, c, status(err), func(s *views.Signing) {
			for i := range s.Sections {
				if s.Sections[i].Kind == kind {
					s.Sections[i].PINError, s.Sections[i].PINArgs = f.Code, f.Args
				}
			}
		})
	}
	if err != nil {
		return err
	}
	return r.see(views.JobURL(job.ID))
}

// by is the person for the rules of a record; delegations are looked up where
// they matter.
func (r *request) by() record.By { return record.By{Actor: r.actor, At: r.now} }

// seenPupils reads what the form says the person saw: record, or record and
// overall level.
func seenPupils(values []string) map[string]string {
	seen := map[string]string{}
	for _, v := range values {
		id, overall, _ := strings.Cut(v, ":")
		seen[id] = overall
	}
	return seen
}

// signingItems are the pupils of a batch: those the person saw as ready, and
// those who were not and still are not, so that the result names everybody.
func signingItems(c db.ClassSigning, kind string, seen map[string]string, by record.By) []db.NewItem {
	var items []db.NewItem
	for _, rec := range c.Records {
		key := jobs.RecordKey(rec.ID)
		overall, was := seen[key]
		err := maySign(rec, kind, by)
		if fault.Is(err, "record.nothing_to_sign") || !was && err == nil {
			continue
		}
		item := db.NewItem{Key: key}
		if overall != "" {
			item.Args = map[string]string{jobs.ArgShown: overall}
		}
		items = append(items, item)
	}
	return items
}

func maySign(rec *record.Record, kind string, by record.By) error {
	if kind == jobs.SignHomeroom {
		return rec.MaySignHomeroom(by, rec.Outcome().Overall)
	}
	return rec.MaySignParts(by)
}

// createWithdrawals takes all of the person's signatures in a class back.
func (p *Portal) createWithdrawals(r *request) error {
	c, err := p.classSigning(r)
	if err != nil {
		return err
	}
	kind := r.FormValue("kind")
	if kind != jobs.WithdrawParts && kind != jobs.WithdrawHomeroom {
		return fault.New(fault.Invalid, "request.invalid")
	}
	order := jobs.Order{Kind: kind, Subject: jobs.ClassSubject(c.Class.ID)}
	for _, rec := range c.Records {
		if takes(rec, kind, r.by()) {
			order.Items = append(order.Items, db.NewItem{Key: jobs.RecordKey(rec.ID)})
		}
	}
	job, err := p.jobs.Ask(r.ctx(), r.actor, order)
	if err != nil {
		return err
	}
	return r.see(views.JobURL(job.ID))
}

// takes reports whether the person has a signature on a record to take back.
func takes(rec *record.Record, kind string, by record.By) bool {
	slot, act := record.TeacherSlot(by.TeacherCode), workflow.WithdrawPart
	if kind == jobs.WithdrawHomeroom {
		slot, act = record.HomeroomSlot, workflow.WithdrawHomeroom
	}
	return slices.Contains(rec.Allowed(by), act) &&
		slices.ContainsFunc(rec.LiveSignatures(), func(s record.Signature) bool { return s.Slot == slot })
}

// destroySignature takes the person's own signature on one record back.
func (p *Portal) destroySignature(r *request) error {
	kind := r.FormValue("kind")
	return p.act(r, func(rec *record.Record, by record.By) (record.Change, error) {
		if kind == jobs.WithdrawHomeroom {
			return rec.WithdrawHomeroom(by)
		}
		return rec.WithdrawPart(by)
	})
}

// createConfirmation answers a return: "giữ nguyên", with a note.
func (p *Portal) createConfirmation(r *request) error {
	note := r.FormValue("note")
	err := p.act(r, func(rec *record.Record, by record.By) (record.Change, error) { return rec.Confirm(by, note) })
	if !fault.Is(err, "record.reason_missing") && !fault.Is(err, "record.reason_too_long") {
		return err
	}
	id, _ := r.id("record")
	year, classID, placeErr := p.classOfRecord(r)
	if placeErr != nil {
		return placeErr
	}
	c, loadErr := p.signingOf(r, year, classID)
	if loadErr != nil {
		return loadErr
	}
	return p.signingPage(r, c, status(err), func(s *views.Signing) {
		for i := range s.Returned {
			if s.Returned[i].Record == id {
				s.Returned[i].Note, s.Returned[i].NoteError = note, fault.CodeOf(err)
			}
		}
	})
}

// act does an act without a signature on the record of the address and leads
// back to its class.
func (p *Portal) act(r *request, do func(*record.Record, record.By) (record.Change, error)) error {
	year, classID, err := p.classOfRecord(r)
	if err != nil {
		return err
	}
	id, err := r.id("record")
	if err != nil {
		return err
	}
	if err := (jobs.Desk{DB: p.db}).Act(r.ctx(), r.actor, id, do); err != nil {
		return err
	}
	return r.see(views.SigningURL(year, classID))
}

func (p *Portal) classOfRecord(r *request) (year school.Year, classID int64, err error) {
	if year, err = r.year(); err != nil {
		return "", 0, err
	}
	id, err := r.id("record")
	if err != nil {
		return "", 0, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		classID, err = tx.ClassOfRecord(r.ctx(), year, id)
		return err
	})
	return year, classID, err
}
