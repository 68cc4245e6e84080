package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/paper"
)

// recordRoutes show one record, send it back, reopen it, hand its bytes out.
var recordRoutes = []route{
	{get, "/:year/records/:record", workflow.PermReadRecord, (*Portal).showRecord},
	{get, "/:year/records/:record/return", workflow.PermApprove, (*Portal).showReturn},
	{post, "/:year/records/:record/return", workflow.PermApprove, (*Portal).createReturn},
	{get, "/:year/records/:record/reopening", workflow.PermRecall, (*Portal).showReopening},
	{post, "/:year/records/:record/reopening", workflow.PermRecall, (*Portal).createReopening},
	{get, "/:year/records/:record/versions/:version", workflow.PermReadRecord, (*Portal).showVersion},
}

// recordID reads the year and the record of the address.
func (r *request) recordID() (school.Year, int64, error) {
	year, err := r.year()
	if err != nil {
		return "", 0, err
	}
	id, err := r.id("record")
	return year, id, err
}

// readRecord loads a record that the person may read: the school's leaders and
// its administrator any, a teacher those of the own classes. Everything else is
// as if it did not exist.
func readRecord(r *request, tx *db.Tx, year school.Year, id int64) (*record.Record, record.By, error) {
	by, err := jobs.Desk{}.By(r.ctx(), tx)
	if err != nil {
		return nil, by, err
	}
	rec, err := tx.Record(r.ctx(), id, false)
	if err != nil {
		return nil, by, err
	}
	if rec.General.Year != year || r.actor.Role == workflow.Teacher && len(rec.Duties(by)) == 0 {
		return nil, by, fault.New(fault.NotFound, "record.unknown")
	}
	return rec, by, nil
}

// leads reports whether the person is one of the school's leaders.
func (r *request) leads() bool { return workflow.Can(r.actor.Role, workflow.PermApprove) }

// entitled reports whether the person gets look-up codes and signed bytes:
// principal and administrator of the managing school. The bytes carry signers'
// certificates (design.md section 3).
func (r *request) entitled() bool {
	return r.actor.Role == workflow.Principal || r.actor.Role == workflow.SchoolAdmin
}

// showRecord shows one record; for the school's leaders it is the approval
// screen, and having seen it is noted: approving a marked record asks for it.
func (p *Portal) showRecord(r *request) error { return p.recordPage(r, http.StatusOK, nil) }

func (p *Portal) recordPage(r *request, code int, refused *fault.Error) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	page, schoolCode := views.RecordPage{Year: year, ID: id, Fault: refused}, ""
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		rec, by, err := readRecord(r, tx, year, id)
		if err != nil {
			return err
		}
		fillRecord(&page, rec, by)
		schoolCode = rec.General.School.Code
		page.Printing = r.printing(rec)
		if err := fillHistory(r, tx, &page, rec); err != nil {
			return err
		}
		if !r.leads() {
			return nil
		}
		if page.With, err = signWith(r, tx, year, bundle.Approval); err != nil {
			return err
		}
		return fillQueue(r, tx, &page)
	})
	if err != nil {
		return err
	}
	if err := p.fillProofs(r, id, schoolCode, page.Versions); err != nil {
		return err
	}
	if r.leads() {
		page.KeyUntil = p.keyUntil(r)
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("record", id)
	return r.page(code, views.RecordView(page))
}

// fillRecord takes what the record itself says.
func fillRecord(page *views.RecordPage, rec *record.Record, by record.By) {
	model := rec.Model()
	page.Revision, page.Stage, page.Pupil, page.Class = rec.Revision, rec.Stage, rec.Pupil.Name, rec.Class.Name
	page.Paper = paper.YearOf(model, paper.Context{})
	page.Parts, page.Allowed = rec.PartViews(by), rec.Allowed(by)
	page.NoDelegation = by.Role == workflow.Deputy && !by.Delegated
}

// fillHistory adds who signed, what was returned, what was issued, what changed.
func fillHistory(r *request, tx *db.Tx, page *views.RecordPage, rec *record.Record) error {
	seat, err := tx.RecordSeat(r.ctx(), rec.ID)
	if err != nil {
		return err
	}
	page.ClassID, page.PupilID = seat.ClassID, seat.PupilID
	if page.Signatures, err = signatureMap(r.ctx(), tx, rec); err != nil {
		return err
	}
	if page.Returns, err = returnsView(r, tx, rec); err != nil {
		return err
	}
	changes, err := tx.ValueChanges(r.ctx(), rec.ID)
	if err != nil {
		return err
	}
	page.Changes = changesView(changes)
	events, err := tx.VersionEvents(r.ctx(), rec.ID)
	for _, v := range rec.Versions {
		page.Versions = append(page.Versions, versionView(r, page.Year, rec.ID, v, events))
	}
	if err != nil || len(rec.Revocations) == 0 {
		return err
	}
	asked, err := tx.Revocations(r.ctx(), page.Year, rec.ID)
	page.Revocations = askedRevocations(asked)
	return err
}

func versionView(r *request, year school.Year, id int64, v record.Version, events []db.VersionEvent) views.RecordVersion {
	out := views.RecordVersion{Number: v.Number, SHA256: v.SHA256, IssuedAt: v.IssuedAt, Standing: v.Standing}
	if r.entitled() {
		out.Code, out.Download = v.Code.String(), views.VersionURL(year, id, v.Number)
		if v.Standing.Received() {
			out.Evidence = views.VersionEvidenceURL(year, id, v.Number)
		}
	}
	for _, e := range events {
		if e.Version == v.Number {
			out.Events = append(out.Events, views.RecordEvent{Kind: e.Kind, By: e.By, Reason: e.Reason, At: e.At})
		}
	}
	return out
}

// fillQueue adds the class beside the record, and notes that it was opened.
func fillQueue(r *request, tx *db.Tx, page *views.RecordPage) error {
	if err := tx.Opened(r.ctx(), page.ID, page.Revision); err != nil {
		return err
	}
	list, err := approvalList(r, tx, page.Year, page.ClassID, page.ID)
	if err != nil {
		return err
	}
	page.Queue, page.Done = &list, doneName(r, list)
	for _, w := range list.Waiting {
		if w.Current {
			page.Flags = w.Flags
		}
	}
	classes, err := tx.ApprovalQueue(r.ctx(), page.Year)
	for _, c := range classes {
		page.Classes = append(page.Classes, approvalClass(page.Year, c, nil, nil))
	}
	return err
}

func returnsView(r *request, tx *db.Tx, rec *record.Record) ([]views.RecordReturn, error) {
	var ids []int64
	for _, ret := range rec.Returns {
		ids = append(ids, ret.AccountID)
		for _, a := range ret.Answers {
			ids = append(ids, a.AccountID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	names, err := tx.AccountNames(r.ctx(), ids)
	var out []views.RecordReturn
	for i := len(rec.Returns) - 1; i >= 0; i-- {
		ret := rec.Returns[i]
		v := views.RecordReturn{Parts: ret.Parts, Reason: ret.Reason, By: names[ret.AccountID], At: ret.At}
		for _, a := range ret.Answers {
			v.Answers = append(v.Answers, views.RecordAnswer{Part: a.Part, By: names[a.AccountID], Note: a.Note, Kind: a.Kind, At: a.At})
		}
		out = append(out, v)
	}
	return out, err
}

// showVersion hands out the exact signed bytes of a version (.xml), or those
// with all that proves them (.zip).
func (p *Portal) showVersion(r *request) error {
	year, id, err := r.recordID()
	if err != nil {
		return err
	}
	name, ok := strings.CutSuffix(r.Param("version"), ".xml")
	evidence := false
	if !ok {
		name, ok = strings.CutSuffix(r.Param("version"), ".zip")
		evidence = ok
	}
	number, bad := strconv.Atoi(name)
	if !ok || bad != nil || number < 1 || !r.entitled() {
		return fault.New(fault.NotFound, "page.unknown")
	}
	var xml []byte
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if _, _, err := readRecord(r, tx, year, id); err != nil {
			return err
		}
		xml, err = tx.VersionXML(r.ctx(), id, number)
		return err
	})
	if err != nil {
		return err
	}
	if evidence {
		return p.evidenceFile(r, id, xml)
	}
	r.viewed("record.xml", id)
	r.Response().Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="hoc-ba-%d-ban-%d.xml"`, id, number))
	return r.Blob(http.StatusOK, "application/xml; charset=utf-8", xml)
}
