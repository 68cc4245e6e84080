package record

import (
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func (w *world) signatureIn(slot Slot) Signature {
	w.t.Helper()
	var out Signature
	for _, s := range w.state.Signatures {
		if s.Slot == slot {
			out = s
		}
	}
	if out.ID == 0 {
		w.t.Fatalf("no signature in %s", slot)
	}
	return out
}

func TestDifferences_NameTheCellAndBothValues(t *testing.T) {
	w := at(t, workflow.Approved)
	w.apply(w.record().WithdrawApproval(w.principal()))
	part := bundle.SubjectID(school.AmNhac)
	w.apply(w.record().Return(w.principal(), []string{part}, "Xem lại mức"))
	w.edit(binh, school.AmNhac, func(e *evaluation.Entry) { e.Level = "H" })

	r := w.record()
	want := Difference{Part: part, Item: "AM_NHAC", Field: "level", Old: "T", New: "H"}
	for slot, cells := range map[Slot]int{TeacherSlot(binh.Code): 1, HomeroomSlot: 2, ApprovalSlot: 2} {
		got := r.Differences(w.signatureIn(slot))
		if len(got) != cells || got[0] != want {
			t.Errorf("%s: %+v", slot, got)
		}
		if cells == 2 && (got[1].Field != FactOverall || got[1].Part != bundle.ContentID) {
			t.Errorf("%s: the overall level that follows: %+v", slot, got[1])
		}
	}
	if s := w.signatureIn(TeacherSlot(cuc.Code)); len(r.Differences(s)) != 0 || !r.Live(s) {
		t.Error("another teacher's signature differs")
	}
	if f := r.Fallen(part); f == nil || f.Slot != TeacherSlot(binh.Code) {
		t.Errorf("the part's fallen signature: %+v", f)
	}
	if f := r.Fallen(bundle.ContentID); f == nil || f.Slot != HomeroomSlot {
		t.Errorf("the page's fallen signature: %+v", f)
	}
	if r.Fallen(bundle.SubjectID(school.GiaoDucTheChat)) != nil {
		t.Error("a part that stands has fallen")
	}

	// Signed again, nothing is fallen; the former signature still tells why it
	// ended, and later values do not enter into it.
	w.signPart(binh)
	w.signHomeroom()
	if r = w.record(); r.Fallen(part) != nil || r.Fallen(bundle.ContentID) != nil {
		t.Error("given again and still fallen")
	}
	first := w.state.Signatures[2]
	if got := r.Differences(first); first.Slot != TeacherSlot(binh.Code) || len(got) != 1 || got[0] != want {
		t.Errorf("the first signature of %s: %+v", first.Slot, got)
	}
}

func TestFallen_IsNotWhatSomebodyTookBack(t *testing.T) {
	w := newWorld(t)
	w.signPart(binh)
	w.apply(w.record().WithdrawPart(w.teacher(binh)))
	if f := w.record().Fallen(bundle.SubjectID(school.AmNhac)); f != nil {
		t.Errorf("%+v", f)
	}
}

func TestDifferences_TellAPupilsCorrectedName(t *testing.T) {
	w := at(t, workflow.Approved)
	f := Facts{Pupil: w.state.Pupil, Class: w.state.Class, History: w.state.History}
	f.Pupil.Name = "Nguyễn Văn Năm"
	w.apply(w.record().FactsChanged(w.as(workflow.SchoolAdmin, bundle.Teacher{Code: "QT0001"}), f))
	w.state.Pupil = f.Pupil
	r := w.record()
	want := Difference{Part: bundle.ContentID, Field: "full_name", Old: "Nguyễn Văn Nam", New: "Nguyễn Văn Năm"}
	for _, slot := range []Slot{HomeroomSlot, ApprovalSlot} {
		if got := r.Differences(w.signatureIn(slot)); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v", slot, got)
		}
	}
}

// A teacher who takes a subject over after signing signs it with the own ones:
// one signature a teacher, and the predecessor's stays in the history.
func TestSignPart_TakesInASubjectTakenOver(t *testing.T) {
	w := newWorld(t)
	w.signPart(cuc)
	for i := range w.state.Parts {
		if w.state.Parts[i].Owner == binh {
			w.state.Parts[i].Owner = cuc
		}
	}
	refused(t, errOf(w.record().PrepareSignPart(w.teacher(binh), certificate())), fault.Forbidden, "record.not_owner")
	w.signPart(cuc)
	w.expect(workflow.PartSigned, string(TeacherSlot(cuc.Code))+"/2")
	if s := w.record().LiveSignatures()[0].Subjects(); len(s) != 3 {
		t.Errorf("the signature covers %v", s)
	}
	refused(t, errOf(w.record().PrepareSignPart(w.teacher(cuc), certificate())), fault.Conflict, "record.already_signed")
}

func errOf[T any](_ T, err error) error { return err }
