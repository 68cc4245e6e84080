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
