package record

import (
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func TestMaySign_SaysWhatPrepareWouldSay(t *testing.T) {
	w := newWorld(t)
	teacher := w.teacher(an)
	if err := w.record().MaySignParts(teacher); err != nil {
		t.Fatalf("complete parts: %v", err)
	}
	if err := w.record().MaySignHomeroom(teacher, ""); !fault.Is(err, "record.missing_part_signature") {
		t.Fatalf("homeroom before the parts: %v", err)
	}
	w.state.Parts[0].Entry.Level = ""
	owner := w.state.Parts[0].Owner
	if err := w.record().MaySignParts(w.teacher(owner)); !fault.Is(err, "record.part_incomplete") {
		t.Fatalf("an incomplete part: %v", err)
	}
}

func TestMaySign_NamesTheOpenReturn(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	part := bundle.SubjectID(school.AmNhac)
	w.apply(w.record().Return(w.principal(), []string{part}, "Xem lại nhận xét"))
	err := w.record().MaySignHomeroom(w.teacher(w.state.Class.Homeroom), "")
	if err == nil {
		t.Fatal("a returned record may be signed")
	}
	owner := w.record().ownerOf(part)
	returns := w.record().OpenReturns(owner.Code)
	if len(returns) != 1 || len(returns[0].Parts) != 1 || returns[0].Parts[0] != part {
		t.Fatalf("the owner is told %+v", returns)
	}
	if others := w.record().OpenReturns("GV-KHAC"); len(others) != 0 {
		t.Fatalf("another teacher is told %+v", others)
	}
}

func TestMayApprove_NamesWhatARecordWaitsFor(t *testing.T) {
	w := newWorld(t)
	principal := w.principal()
	if err := w.record().MayApprove(principal, true); !fault.Is(err, "record.missing_part_signature") {
		t.Errorf("before the parts: %v", err)
	}
	if err := w.record().MayIssue(principal); !fault.Is(err, "record.missing_part_signature") {
		t.Errorf("issue before the parts: %v", err)
	}
	w = at(t, workflow.PartSigned)
	if err := w.record().MayApprove(principal, true); !fault.Is(err, "record.homeroom_unsigned") {
		t.Errorf("before the homeroom teacher: %v", err)
	}
	w = at(t, workflow.HomeroomSigned)
	if err := w.record().MayApprove(w.principal(), false); err != nil {
		t.Errorf("signed by everybody: %v", err)
	}
	if err := w.record().MayIssue(w.principal()); !fault.Is(err, "record.unapproved") {
		t.Errorf("issue before the approval: %v", err)
	}
	w.state.Flagged = true
	if err := w.record().MayApprove(w.principal(), false); !fault.Is(err, "record.not_opened") {
		t.Errorf("flagged, not opened: %v", err)
	}
	if err := w.record().MayApprove(w.principal(), true); err != nil {
		t.Errorf("flagged, opened: %v", err)
	}
	w.state.Flagged = false
	part := bundle.SubjectID(school.AmNhac)
	w.apply(w.record().Return(w.principal(), []string{part}, "Xem lại nhận xét"))
	f := fault.As(w.record().MayApprove(w.principal(), true))
	if f == nil || f.Code != "record.return_open" || f.Args["teacher"] != w.record().ownerOf(part).Name {
		t.Errorf("returned: %v", f)
	}
	w = at(t, workflow.Approved)
	if err := w.record().MayIssue(w.principal()); err != nil {
		t.Errorf("approved: %v", err)
	}
	w = at(t, workflow.Issued)
	if err := w.record().MayIssue(w.principal()); !fault.Is(err, "record.already_issued") {
		t.Errorf("issued: %v", err)
	}
}
