package handlers

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/transfer"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
)

// transferRoutes make a transfer file: the pupil's records for another school.
// Who asks has a reason; neither address nor file name tells of the child.
var transferRoutes = []route{
	{get, "/:year/pupils/:pupil/transfer", workflow.PermTransfer, (*Portal).showTransfer},
	{post, "/:year/pupils/:pupil/transfer", workflow.PermTransfer, (*Portal).createTransfer},
}

func (p *Portal) showTransfer(r *request) error {
	return p.transferPage(r, http.StatusOK, views.Transfer{})
}

// transferPage asks where the records go, or again when that was refused.
func (p *Portal) transferPage(r *request, code int, page views.Transfer) error {
	seat, err := p.transferSeat(r, &page)
	if err != nil {
		return err
	}
	pupil, err := p.db.LivePupil(r.ctx(), seat.Code)
	switch {
	case fault.Is(err, "transfer.nothing"):
		page.Nothing = true
	case err != nil:
		return err
	case pupil.School.Code != r.actor.UnitCode:
		page.Elsewhere = pupil.School.Name
	}
	for _, v := range pupil.Versions {
		page.Versions = append(page.Versions, views.TransferVersion{Year: v.Year, Number: v.Number, Locked: !v.Standing.Locked.IsZero()})
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	r.viewed("transfer", page.PupilID)
	return r.page(code, views.TransferPage(page))
}

// transferSeat finds the pupil of the address in the person's school.
func (p *Portal) transferSeat(r *request, page *views.Transfer) (seat db.PupilSeat, err error) {
	if page.Year, err = r.year(); err != nil {
		return seat, err
	}
	if page.PupilID, err = r.id("pupil"); err != nil {
		return seat, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		seat, err = tx.PupilOfMine(r.ctx(), page.Year, page.PupilID)
		return err
	})
	page.Name, page.Birth, page.Class = seat.FullName, seat.BirthDate, seat.ClassName
	return seat, err
}

// createTransfer answers with the file itself.
func (p *Portal) createTransfer(r *request) error {
	page := views.Transfer{To: r.FormValue("to"), Province: r.FormValue("province"), Reason: r.FormValue("reason")}
	seat, err := p.transferSeat(r, &page)
	if err != nil {
		return err
	}
	p.printLive(r, seat.Code)
	raw, manifest, err := p.courier.TransferFile(r.ctx(), jobs.TransferOrder{School: r.actor.UnitCode, Pupil: seat.Code, To: page.To, Province: page.Province,
		Reason: page.Reason, Sender: r.sender(), Account: r.account.ID})
	if f := fault.As(err); f != nil && f.Kind != fault.Internal {
		page.Refusal = f
		return p.transferPage(r, status(err), page)
	}
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		return tx.NoteTransferFile(r.ctx(), "pupil:"+strconv.FormatInt(page.PupilID, 10), manifest)
	})
	if err != nil {
		return err
	}
	r.viewed("transfer_file", page.PupilID)
	return r.transferFile("ho-so-chuyen-di", raw)
}

// sender is the person as a manifest names who asked.
func (r *request) sender() bundle.Teacher {
	code := r.actor.TeacherCode
	if code == "" {
		code = "tk-" + strconv.FormatInt(r.account.ID, 10)
	}
	return bundle.Teacher{Code: code, Name: r.account.FullName}
}

// printLive has the papers made that a transfer file will hold. One that cannot
// be made now is left out: the signed record is what counts.
func (p *Portal) printLive(r *request, pupil string) {
	system := workflow.Actor{Kind: workflow.System}
	held, err := p.db.LivePupil(r.ctx(), pupil)
	for _, v := range held.Versions {
		var seen examined
		if seen, err = p.examiner.examine(r.ctx(), system, v); err == nil {
			_, err = p.press.final(r.ctx(), v, seen, false)
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		p.log.Warn("make the papers of a transfer file", "id", requestID(r.ctx()), "error", err)
	}
}

// transferFile answers with a ZIP whose name holds the day and a random word:
// two of them on one desk must not be taken for one another.
func (r *request) transferFile(kind string, raw []byte) error {
	word := make([]byte, 3)
	if _, err := rand.Read(word); err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%s-%s.zip", kind, r.now.In(school.Zone).Format(time.DateOnly), hex.EncodeToString(word))
	r.Response().Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	return r.Blob(http.StatusOK, transfer.MediaType, raw)
}

// evidenceFile hands out one version with all that proves it.
func (p *Portal) evidenceFile(r *request, recordID int64, xml []byte) error {
	raw, manifest, err := p.courier.EvidenceFile(r.ctx(), r.actor.UnitCode, verify.SHA256(xml), views.EvidenceReason, r.account.ID)
	if fault.Is(err, "record.unknown") {
		return fault.New(fault.Conflict, "paper.not_accepted")
	}
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		return tx.NoteTransferFile(r.ctx(), "record:"+strconv.FormatInt(recordID, 10), manifest)
	})
	if err != nil {
		return err
	}
	r.viewed("record.evidence", recordID)
	return r.transferFile("ho-so-bang-chung", raw)
}
