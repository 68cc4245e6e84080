package record

import (
	"reflect"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func TestModel_IsWhatWillBeIssued(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	model := w.record().Model()
	w.approve()
	w.issue()
	last := w.record().Last()
	if last == nil || last.Number != model.General.Version {
		t.Fatalf("version %+v, the model says %d", last, model.General.Version)
	}
	doc, err := bundle.Open(last.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(doc.Record.Content, model.Content) {
		t.Errorf("issued\n%+v\nshown\n%+v", doc.Record.Content, model.Content)
	}
}

func TestModel_ShowsWhatIsNotYetComplete(t *testing.T) {
	w := newWorld(t)
	w.state.Page.Absences, w.state.Class.Homeroom = nil, bundle.Teacher{}
	w.state.Parts[0].Entry.Level, w.state.Parts[0].Owner = "", bundle.Teacher{}
	m := w.record().Model()
	if len(m.Content.Subjects) == 0 || m.Content.Overall != "" || m.General.Version != 1 {
		t.Errorf("%+v", m)
	}
}

func TestPartViews_NameOwnerSignatureAndReturn(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	by := w.principal()
	w.apply(w.record().Return(by, []string{bundle.SubjectID(school.AmNhac)}, "Điểm và nhận xét chưa khớp"))
	views := w.record().PartViews(by)
	page := views[len(views)-1]
	if page.ID != bundle.ContentID || page.Subject != "" || page.Owner != an || page.Signed == nil || page.Open != nil || !page.Returnable {
		t.Errorf("page %+v", page)
	}
	for _, v := range views {
		if v.Subject == "" {
			continue
		}
		if (v.Subject == school.AmNhac) != (v.Open != nil) || v.Signed == nil || v.Signed.Signer != v.Owner || !v.Returnable {
			t.Errorf("part %+v", v)
		}
	}
	if views := w.record().PartViews(w.teacher(an)); views[len(views)-1].Returnable {
		t.Error("the homeroom teacher may return the own page")
	}
}

func TestVoidOf_TellsWhatEndedASignature(t *testing.T) {
	w := at(t, workflow.Approved)
	w.apply(w.record().WithdrawApproval(w.principal()))
	r := w.record()
	for _, s := range r.Signatures {
		void := r.VoidOf(s)
		if (s.Slot == ApprovalSlot) != (void != nil) {
			t.Errorf("%s: %+v", s.Slot, void)
		}
		if (s.Slot.Role() == bundle.SubjectTeacher) != (len(s.Subjects()) > 0) {
			t.Errorf("%s covers %v", s.Slot, s.Subjects())
		}
	}
}
