package record

import (
	"slices"
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

const homeroomSigned = allParts + " gvcn/1"

func TestReturn_OpensNamedPartsAndVoidsNothing(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	_, err := w.record().Return(w.principal(), nil, "Xem lại")
	refused(t, err, fault.Invalid, "record.return_no_part")
	_, err = w.record().Return(w.principal(), []string{"mon-AM_NHAC"}, " \n ")
	refused(t, err, fault.Invalid, "record.reason_missing")
	for _, part := range []string{"mon-KHOA_HOC", "mon-TIENG_DAN_TOC", "data", ""} {
		_, err = w.record().Return(w.principal(), []string{part}, "Xem lại")
		refused(t, err, fault.Invalid, "record.return_part")
	}
	w.apply(w.record().Return(w.principal(), []string{"mon-AM_NHAC", "mon-AM_NHAC"}, "Xem lại"))
	w.expect(workflow.Returned, homeroomSigned)
	if err := w.record().PartOpen("mon-AM_NHAC"); err != nil {
		t.Errorf("the returned part is closed: %v", err)
	}
	for _, part := range []string{"mon-MI_THUAT", "mon-TOAN", bundle.ContentID} {
		refused(t, w.record().PartOpen(part), fault.Locked, "record.part_signed")
	}
}

func TestReturn_KeptPutsTheRecordBackWhereItWas(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	w.apply(w.record().Return(w.principal(), []string{"mon-AM_NHAC", bundle.ContentID}, "Xem lại"))
	_, err := w.record().Confirm(w.teacher(cuc), "Giữ nguyên")
	refused(t, err, fault.Conflict, "record.no_open_return")
	_, err = w.record().Confirm(w.teacher(binh), "")
	refused(t, err, fault.Invalid, "record.reason_missing")
	w.apply(w.record().Confirm(w.teacher(binh), "Đúng rồi"))
	w.expect(workflow.Returned, homeroomSigned)
	w.apply(w.record().Confirm(w.teacher(an), "Đúng rồi"))
	w.expect(workflow.HomeroomSigned, homeroomSigned)
	if len(w.state.Voids) != 0 {
		t.Error("something was voided")
	}
}

func TestReturn_ChangeVoidsTheOwnersAndTheHomeroomTeachers(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	w.apply(w.record().Return(w.principal(), []string{"mon-AM_NHAC", "mon-TOAN", bundle.ContentID}, "Xem lại"))
	w.edit(binh, school.AmNhac, func(*evaluation.Entry) {}) // the same values: nothing follows
	w.expect(workflow.Returned, homeroomSigned)
	w.edit(binh, school.AmNhac, func(e *evaluation.Entry) { e.Remark = "Hát hay" })
	w.expect(workflow.PartSigned, "gvbm-GV0003/1 gvbm-GV0001/1")
	if got := w.record().OpenParts(); !slices.Equal(got, []string{"mon-TOAN", bundle.ContentID}) {
		t.Errorf("still open: %v", got)
	}
	w.signPart(binh)
	_, err := w.record().PrepareSignHomeroom(w.teacher(an), certificate(), "")
	if f := refused(t, err, fault.Conflict, "record.return_open"); f.Args["part"] != "mon-TOAN" {
		t.Errorf("args %v", f.Args)
	}
	w.apply(w.record().Confirm(w.teacher(an), "Điểm đúng")) // both Toán and the page are An's
	w.expect(workflow.PartSigned, "gvbm-GV0003/1 gvbm-GV0001/1 gvbm-GV0002/2")
	w.signHomeroom()
	w.expect(workflow.HomeroomSigned, "gvbm-GV0003/1 gvbm-GV0001/1 gvbm-GV0002/2 gvcn/2")
}

func TestReturn_ByTheHomeroomTeacherFromPartSigned(t *testing.T) {
	w := at(t, workflow.PartSigned)
	_, err := w.record().Return(w.teacher(an), []string{bundle.ContentID}, "Xem lại")
	refused(t, err, fault.Invalid, "record.return_part")
	w.apply(w.record().Return(w.teacher(an), []string{"mon-GIAO_DUC_THE_CHAT"}, "Xem lại"))
	w.expect(workflow.Returned, allParts)
	w.apply(w.record().Confirm(w.teacher(cuc), "Đúng"))
	w.expect(workflow.PartSigned, allParts)
	w.apply(w.record().Return(w.teacher(an), []string{"mon-GIAO_DUC_THE_CHAT"}, "Vẫn sai"))
	w.edit(cuc, school.GiaoDucTheChat, func(e *evaluation.Entry) { e.Level = "H" })
	w.expect(workflow.PartSigned, "gvbm-GV0001/1 gvbm-GV0002/1")
	w.signPart(cuc) // answers what is open of the parts it covers
	w.signHomeroom()
	w.expect(workflow.HomeroomSigned, "gvbm-GV0001/1 gvbm-GV0002/1 gvbm-GV0003/2 gvcn/1")
}

func TestCellChanged_IsRefusedOnClosedPartsAndAnothersParts(t *testing.T) {
	w := at(t, workflow.PartSigned)
	_, err := w.record().CellChanged(w.teacher(binh), Edit{Item: "AM_NHAC", Entry: evaluation.Entry{Level: "H"}})
	refused(t, err, fault.Locked, "record.part_signed")
	_, err = w.record().CellChanged(w.teacher(binh), Edit{Item: "TOAN", Entry: evaluation.Entry{Level: "H"}})
	if f := refused(t, err, fault.Forbidden, "record.not_owner"); f.Args["teacher"] != an.Name || f.Args["part"] != "mon-TOAN" {
		t.Errorf("args %v", f.Args)
	}
	_, err = w.record().CellChanged(w.teacher(binh), Edit{Item: "NHAN_AI", Entry: evaluation.Entry{Level: "Đ"}})
	refused(t, err, fault.Forbidden, "record.not_owner")
	c, err := w.record().CellChanged(w.teacher(an), Edit{Item: "NHAN_AI", Entry: evaluation.Entry{Level: "Đ"}})
	if err != nil || !c.Empty() {
		t.Errorf("the page is open and unsigned: %v", err)
	}
	w = at(t, workflow.Issued)
	_, err = w.record().CellChanged(w.teacher(an), Edit{Item: "TOAN", Entry: evaluation.Entry{Level: "H"}})
	refused(t, err, fault.Conflict, "record.stage")
	refused(t, w.record().PartOpen("mon-TOAN"), fault.Locked, "record.issued")
}

func TestPageChanged_AfterAReturnVoidsTheHomeroomTeachersAlone(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	w.apply(w.record().Return(w.principal(), []string{bundle.ContentID}, "Thiếu chiều cao"))
	c, err := w.record().PageChanged(w.teacher(an), w.state.Page)
	if err != nil || !c.Empty() {
		t.Fatalf("the same page: %v", err)
	}
	page := w.state.Page
	page.HeightMM = 1230
	w.apply(w.record().PageChanged(w.teacher(an), page))
	w.state.Page = page
	w.expect(workflow.PartSigned, allParts)
	w.signHomeroom()
	w.expect(workflow.HomeroomSigned, allParts+" gvcn/2")
}

func TestFactsChanged_EndsWhatCoversThem(t *testing.T) {
	w := at(t, workflow.Approved)
	admin := w.as(workflow.SchoolAdmin, bundle.Teacher{Code: "QT0001", Name: "Giang"})
	f := Facts{Pupil: w.state.Pupil, Class: w.state.Class, History: w.state.History}
	c, err := w.record().FactsChanged(admin, f)
	if err != nil || !c.Empty() {
		t.Fatalf("the same facts: %v", err)
	}
	f.Pupil.Name = "Nguyễn Văn Nam Anh"
	_, err = w.record().FactsChanged(w.principal(), f)
	refused(t, err, fault.Forbidden, "record.role")
	w.apply(w.record().FactsChanged(admin, f))
	w.state.Pupil = f.Pupil
	w.expect(workflow.PartSigned, allParts) // their parts do not hold the name

	w = at(t, workflow.Accepted)
	f.Pupil = w.state.Pupil
	f.Pupil.Name = "Khác"
	c, err = w.record().FactsChanged(admin, f)
	if err != nil || !c.Empty() {
		t.Errorf("an issued version stays: %v", err)
	}
}

func TestPersonalChanged_EndsWhatSaysWhoThePupilIs(t *testing.T) {
	admin := bundle.Teacher{Code: "QT0001", Name: "Giang"}
	for stage, want := range map[workflow.Stage]struct {
		to    workflow.Stage
		voids int
	}{
		workflow.Drafting: {workflow.Drafting, 0}, workflow.PartSigned: {workflow.PartSigned, 0},
		workflow.HomeroomSigned: {workflow.PartSigned, 1}, workflow.Approved: {workflow.PartSigned, 2},
		workflow.Issued: {workflow.Issued, 0}, workflow.Accepted: {workflow.Accepted, 0}, workflow.Locked: {workflow.Locked, 0},
	} {
		w := at(t, stage)
		changed := w.state.Pupil
		changed.Name, changed.PersonalNo, changed.Residence = "Nguyễn Văn Nam Anh", "048216000009", "Phường Khác, Đà Nẵng"
		for _, by := range []By{w.teacher(an), w.principal(), w.as(workflow.SchoolAdmin, admin)} {
			c, err := w.record().PersonalChanged(by, changed, w.state.History)
			if err != nil || c.Stage() != want.to || len(c.Voids()) != want.voids {
				t.Errorf("%s at %s: to %s with %d voids, %v", by.Role, stage, c.Stage(), len(c.Voids()), err)
			}
			if c.Empty() != (want.voids == 0) {
				t.Errorf("%s at %s: empty %v", by.Role, stage, c.Empty())
			}
		}
		if c, err := w.record().PersonalChanged(w.teacher(an), w.state.Pupil, w.state.History); err != nil || !c.Empty() {
			t.Errorf("the same pupil at %s: %v", stage, err)
		}
	}
	w := at(t, workflow.Approved)
	changed := w.state.Pupil
	changed.Name = "Nguyễn Văn Nam Anh"
	_, err := w.record().PersonalChanged(w.as(workflow.Authority, bundle.Teacher{}), changed, nil)
	refused(t, err, fault.Forbidden, "record.role")
	_, err = w.record().PersonalChanged(w.as(workflow.Deputy, em), changed, nil)
	refused(t, err, fault.Forbidden, "record.role")
	outsider := w.principal()
	outsider.SchoolID = 99
	_, err = w.record().PersonalChanged(outsider, changed, nil)
	refused(t, err, fault.NotFound, "record.unknown")
	w.apply(w.record().PersonalChanged(w.principal(), changed, w.state.History))
	w.state.Pupil = changed
	w.expect(workflow.PartSigned, allParts) // their parts do not hold the name
	w.signHomeroom()
	w.expect(workflow.HomeroomSigned, allParts+" gvcn/2")
	changed.Code = "4900000099"
	_, err = w.record().PersonalChanged(w.principal(), changed, w.state.History)
	refused(t, err, fault.Internal, "record.state")
}

func TestReopen_KeepsTheTeachersSignatures(t *testing.T) {
	for _, stage := range []workflow.Stage{workflow.Issued, workflow.Refused} {
		w := at(t, stage)
		_, err := w.record().Reopen(w.principal(), "")
		refused(t, err, fault.Invalid, "record.reason_missing")
		w.apply(w.record().Reopen(w.principal(), "Sai tên"))
		w.expect(workflow.HomeroomSigned, homeroomSigned)
		if v := w.state.Versions[0]; v.Standing != StandWithdrawn || len(v.Bytes) == 0 {
			t.Errorf("version %+v", v.Standing)
		}
		w.approve()
		w.issue()
		doc, err := bundle.Open(w.state.Versions[1].Bytes)
		if err != nil || doc.Record.General.Version != 2 || doc.Record.General.Replaces != "" {
			t.Errorf("version 2: %v, replaces %q", err, doc.Record.General.Replaces)
		}
		if w.state.Versions[0].Code == w.state.Versions[1].Code {
			t.Error("two versions share a look-up code")
		}
	}
}

func TestReopen_AfterValuesChangedAsksForTheSignaturesAgain(t *testing.T) {
	w := at(t, workflow.Issued)
	w.state.Pupil.Name = "Nguyễn Nam" // the school's list was corrected meanwhile
	w.apply(w.record().Reopen(w.principal(), "Sai tên"))
	w.expect(workflow.PartSigned, allParts)
}

func TestRecall_NeedsTheRegistrysAnswer(t *testing.T) {
	w := at(t, workflow.Accepted)
	if v, err := w.record().MayRecall(w.principal(), "Sai điểm"); err != nil || v.Number != 1 {
		t.Errorf("%v", err)
	}
	_, err := w.record().Recall(w.principal(), "Sai điểm", " ")
	refused(t, err, fault.Invalid, "record.evidence_missing")
	w.apply(w.record().Recall(w.principal(), "Sai điểm", "f00d"))
	w.expect(workflow.HomeroomSigned, homeroomSigned)
	if w.state.Versions[0].Standing != StandRecalled {
		t.Error("not recalled")
	}
	w.approve()
	w.issue()
	doc, _ := bundle.Open(w.state.Versions[1].Bytes)
	if doc.Record.General.Replaces != w.state.Versions[0].SHA256 {
		t.Error("version 2 does not name what it replaces")
	}
}

func TestReplace_KeepsTheOldVersionInForceUntilTheNextIsAccepted(t *testing.T) {
	w := at(t, workflow.Accepted)
	w.apply(w.record().Replace(w.principal(), "Thiếu nhận xét"))
	w.expect(workflow.HomeroomSigned, homeroomSigned)
	w.approve()
	w.issue()
	w.apply(w.record().Submit(w.principal()))
	if w.state.Versions[0].Standing != StandReplacing {
		t.Errorf("version 1 is %s", w.state.Versions[0].Standing)
	}
	_, err := w.record().RecordAcceptance(w.program(), 1, false, "aa")
	refused(t, err, fault.Conflict, "record.other_version")
	w.apply(w.record().RecordAcceptance(w.program(), 2, false, "aa"))
	if w.state.Versions[0].Standing != StandReplaced || w.state.Versions[1].Standing != StandAccepted {
		t.Errorf("versions are %s, %s", w.state.Versions[0].Standing, w.state.Versions[1].Standing)
	}
}

func TestRecordLock_ReachesARecordThatIsBeingReplaced(t *testing.T) {
	w := at(t, workflow.Accepted)
	w.apply(w.record().Replace(w.principal(), "Thiếu nhận xét"))
	w.approve()
	w.issue()
	_, err := w.record().RecordLock(w.program(), 2, "QD-1")
	refused(t, err, fault.Conflict, "record.other_version")
	w.apply(w.record().RecordLock(w.program(), 1, "QD-1"))
	if w.state.Stage != workflow.Locked || w.state.Versions[0].Standing != StandLocked || w.state.Versions[1].Standing != StandWithdrawn {
		t.Errorf("at %s, versions %s, %s", w.state.Stage, w.state.Versions[0].Standing, w.state.Versions[1].Standing)
	}
}

func TestRevocation_IsAskedDecidedAndFollowedByALockedVersion(t *testing.T) {
	w := at(t, workflow.Locked)
	_, err := w.record().AskRevocation(w.principal(), "Sai điểm", "")
	refused(t, err, fault.Invalid, "record.evidence_missing")
	_, err = w.record().AskRevocation(w.principal(), "Sai điểm", strings.Repeat("x", 1001))
	refused(t, err, fault.Invalid, "record.reason_too_long")
	if v, err := w.record().MayAskRevocation(w.principal(), "Sai điểm", "Biên bản 12"); err != nil || v.Number != 1 {
		t.Fatalf("version %+v: %v", v, err)
	}
	w.apply(w.record().AskRevocation(w.principal(), "Sai điểm", "Biên bản 12"))
	_, err = w.record().AskRevocation(w.principal(), "Sai điểm", "Biên bản 12")
	refused(t, err, fault.Conflict, "record.revocation_open")

	answer := Revocation{Version: 2, Decision: Declined, Note: " Chưa đủ căn cứ ", Decided: w.now}
	_, err = w.record().RecordRevocation(w.program(), answer)
	refused(t, err, fault.Conflict, "record.other_version")
	answer.Version = 1
	_, err = w.record().RecordRevocation(w.principal(), answer)
	refused(t, err, fault.Forbidden, "record.role")
	w.apply(w.record().RecordRevocation(w.program(), answer))
	if q := w.state.Revocations[0]; w.state.Stage != workflow.Locked || w.state.Versions[0].Standing != StandLocked ||
		q.Decision != Declined || q.Note != "Chưa đủ căn cứ" || !q.Decided.Equal(answer.Decided) {
		t.Fatalf("at %s, %+v", w.state.Stage, q)
	}
	_, err = w.record().RecordRevocation(w.program(), answer)
	refused(t, err, fault.Conflict, "record.no_request")
	w.apply(w.record().AskRevocation(w.principal(), "Sai điểm", "Biên bản 13"))
	answer.Decision = Granted
	w.apply(w.record().RecordRevocation(w.program(), answer))
	w.expect(workflow.HomeroomSigned, homeroomSigned)
	if w.state.Versions[0].Standing != StandRevoked {
		t.Error("not revoked")
	}
	w.approve()
	w.issue()
	w.apply(w.record().Submit(w.principal()))
	w.apply(w.record().RecordAcceptance(w.program(), 2, true, "aa"))
	if w.state.Stage != workflow.Locked || w.state.Versions[1].Standing != StandLocked || w.state.Versions[0].Standing != StandRevoked {
		t.Errorf("at %s, versions %s, %s", w.state.Stage, w.state.Versions[0].Standing, w.state.Versions[1].Standing)
	}
}

func TestGaps_NamesWhatIsMissingByTeacher(t *testing.T) {
	w := newWorld(t)
	w.signPart(cuc)
	w.state.Page.Remarks["NX_PHAM_CHAT"] = ""
	for i := range w.state.Parts {
		if w.state.Parts[i].Subject == school.Toan {
			w.state.Parts[i].Entry.Mark = nil
		}
	}
	got := map[string]Gap{}
	for _, g := range w.record().Gaps() {
		got[g.Part] = g
	}
	if g := got["mon-TOAN"]; !g.Missing || !slices.Equal(g.Cells, []string{"TOAN.mark"}) || g.Teacher != an {
		t.Errorf("Toán: %+v", g)
	}
	if g, ok := got["mon-AM_NHAC"]; !ok || g.Missing || g.Teacher != binh {
		t.Errorf("music: %+v", g)
	}
	if g := got[bundle.ContentID]; !slices.Equal(g.Cells, []string{"NX_PHAM_CHAT.remark"}) || g.Teacher != an {
		t.Errorf("page: %+v", g)
	}
	if _, ok := got["mon-GIAO_DUC_THE_CHAT"]; ok {
		t.Error("sports is signed")
	}
}
