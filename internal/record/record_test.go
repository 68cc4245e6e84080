package record

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

const allParts = "gvbm-GV0003/1 gvbm-GV0001/1 gvbm-GV0002/1"

func TestChain_GoesFromDraftToALockedVersionAnybodyCanOpen(t *testing.T) {
	w := newWorld(t)
	w.signParts()
	w.expect(workflow.PartSigned, allParts)
	w.signHomeroom()
	w.expect(workflow.HomeroomSigned, allParts+" gvcn/1")
	w.approve()
	w.expect(workflow.Approved, allParts+" gvcn/1 cbql/1")
	w.issue()
	if w.state.Stage != workflow.Issued || len(w.state.Versions) != 1 {
		t.Fatalf("at %s with %d versions", w.state.Stage, len(w.state.Versions))
	}
	v := w.state.Versions[0]
	doc, err := bundle.Open(v.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	g, c := doc.Record.General, doc.Record.Content
	if g.Version != 1 || g.Track != school.TrackJune || g.Approver.Name != dung.Name || g.Approver.Title != bundle.HeadTeacher ||
		c.Overall != "HTXS" || !c.Completed || !c.Promoted || doc.Record.Issuance.Code != v.Code || len(doc.Unsigned()) != 0 || len(doc.Slots) != 6 {
		t.Errorf("general %+v, overall %q, %d slots", g, c.Overall, len(doc.Slots))
	}
	if len(c.Subjects) != 8 {
		t.Errorf("%d subjects: an optional one that is not studied must be absent", len(c.Subjects))
	}
	w.apply(w.record().Submit(w.principal()))
	w.apply(w.record().RecordAcceptance(w.program(), 1, false, "aa"))
	w.apply(w.record().RecordLock(w.program(), 1, "QD-12"))
	if w.state.Stage != workflow.Locked || w.state.Versions[0].Standing != StandLocked {
		t.Errorf("at %s, version %s", w.state.Stage, w.state.Versions[0].Standing)
	}
}

func TestChain_WithoutSubjectTeachersStartsWithTheHomeroomTeacher(t *testing.T) {
	w := newWorld(t)
	w.state.General.TeachersSign = false
	_, err := w.record().PrepareSignPart(w.teacher(binh), certificate())
	refused(t, err, fault.Conflict, "record.teachers_do_not_sign")
	w.signHomeroom()
	w.expect(workflow.HomeroomSigned, "gvcn/1")
	w.apply(w.record().Return(w.principal(), []string{"mon-AM_NHAC", "mon-TOAN"}, "Xem lại"))
	w.edit(binh, school.AmNhac, func(e *evaluation.Entry) { e.Level = "H" })
	w.expect(workflow.Drafting, "")
	_, err = w.record().PrepareSignHomeroom(w.teacher(an), certificate(), "")
	refused(t, err, fault.Conflict, "record.return_open")
	w.apply(w.record().Confirm(w.teacher(an), "Điểm đúng"))
	w.signHomeroom()
	w.approve()
	w.issue()
	if doc, err := bundle.Open(w.state.Versions[0].Bytes); err != nil || len(doc.Slots) != 3 {
		t.Errorf("%v", err)
	}
}

func TestSignPart_Refusals(t *testing.T) {
	t.Run("incomplete part", func(t *testing.T) {
		w := newWorld(t)
		w.state.Parts[0].Entry = evaluation.Entry{Level: "T"}
		_, err := w.record().PrepareSignPart(w.teacher(an), certificate())
		f := refused(t, err, fault.Invalid, "record.part_incomplete")
		if f.Args["part"] != "mon-TIENG_VIET" || f.Args["cells"] != "TIENG_VIET.mark" || f.Args["teacher"] != an.Name || f.Args["mend"] == "" {
			t.Errorf("args %v", f.Args)
		}
	})
	t.Run("rule error", func(t *testing.T) {
		w := newWorld(t)
		w.state.Parts[0].Entry = evaluation.Entry{Level: "T", Mark: mark(11)}
		_, err := w.record().PrepareSignPart(w.teacher(an), certificate())
		refused(t, err, fault.Invalid, "record.part_invalid")
	})
	t.Run("another teacher's part", func(t *testing.T) {
		w := newWorld(t)
		_, err := w.record().PrepareSignPart(w.teacher(bundle.Teacher{Code: "GV9999", Name: "X"}), certificate())
		refused(t, err, fault.Forbidden, "record.not_owner")
	})
	t.Run("another school's teacher", func(t *testing.T) {
		w := newWorld(t)
		by := w.teacher(an)
		by.SchoolID = 12
		_, err := w.record().PrepareSignPart(by, certificate())
		refused(t, err, fault.NotFound, "record.unknown")
	})
	t.Run("second signature", func(t *testing.T) {
		w := newWorld(t)
		w.signPart(binh)
		_, err := w.record().PrepareSignPart(w.teacher(binh), certificate())
		f := refused(t, err, fault.Conflict, "record.already_signed")
		if f.Args["parts"] != "mon-AM_NHAC,mon-MI_THUAT" {
			t.Errorf("args %v", f.Args)
		}
	})
	t.Run("expired certificate", func(t *testing.T) {
		w := newWorld(t)
		by := w.teacher(an)
		by.At = by.At.AddDate(3, 0, 0)
		_, err := w.record().PrepareSignPart(by, certificate())
		refused(t, err, fault.Invalid, "record.certificate_expired")
	})
}

func TestComplete_RefusesWhatIsNotThePreparedSignature(t *testing.T) {
	prepare := func(t *testing.T) (*world, By, *Intent) {
		w := newWorld(t)
		by := w.teacher(binh)
		in, err := w.record().PrepareSignPart(by, certificate())
		if err != nil {
			t.Fatal(err)
		}
		return w, by, in
	}
	t.Run("other content", func(t *testing.T) {
		w, by, in := prepare(t)
		for i := range w.state.Parts {
			if w.state.Parts[i].Subject == school.AmNhac {
				w.state.Parts[i].Entry.Level = "H"
			}
		}
		_, err := w.record().Complete(by, in, value(t, in))
		refused(t, err, fault.Conflict, "record.intent_stale")
	})
	t.Run("another person", func(t *testing.T) {
		w, _, in := prepare(t)
		_, err := w.record().Complete(w.teacher(cuc), in, value(t, in))
		refused(t, err, fault.Forbidden, "record.intent_owner")
	})
	t.Run("too late", func(t *testing.T) {
		w, by, in := prepare(t)
		by.At = in.ExpiresAt().Add(1)
		_, err := w.record().Complete(by, in, value(t, in))
		refused(t, err, fault.Conflict, "record.intent_expired")
	})
	t.Run("twice", func(t *testing.T) {
		w, by, in := prepare(t)
		w.complete(by, in, nil)
		_, err := w.record().Complete(by, in, value(t, in))
		refused(t, err, fault.Conflict, "record.already_signed")
	})
	t.Run("a wrong value", func(t *testing.T) {
		w, by, in := prepare(t)
		v := value(t, in)
		v[len(v)-1] ^= 1
		_, err := w.record().Complete(by, in, v)
		refused(t, err, fault.Invalid, "sig.value")
	})
	t.Run("another record", func(t *testing.T) {
		w, by, in := prepare(t)
		w.state.General.Record = "01980000-0000-7000-8000-000000000002"
		_, err := w.record().Complete(by, in, value(t, in))
		refused(t, err, fault.Internal, "record.state")
	})
}

func TestWithdrawPart_OpensOwnPartsUntilTheHomeroomTeacherSigned(t *testing.T) {
	w := newWorld(t)
	w.signPart(binh)
	w.signPart(cuc)
	f := refused(t, w.record().PartOpen("mon-AM_NHAC"), fault.Locked, "record.part_signed")
	if f.Args["signer"] != binh.Name || f.Args["mend"] != "signer" {
		t.Errorf("args %v", f.Args)
	}
	w.apply(w.record().WithdrawPart(w.teacher(binh)))
	w.expect(workflow.PartSigned, "gvbm-GV0003/1")
	if err := w.record().PartOpen("mon-AM_NHAC"); err != nil {
		t.Error(err)
	}
	_, err := w.record().WithdrawPart(w.teacher(binh))
	refused(t, err, fault.Conflict, "record.not_signed")
	w.apply(w.record().WithdrawPart(w.teacher(cuc)))
	w.expect(workflow.Drafting, "")
	w.signParts()
	w.expect(workflow.PartSigned, "gvbm-GV0003/2 gvbm-GV0001/1 gvbm-GV0002/2")
	w.signHomeroom()
	_, err = w.record().WithdrawPart(w.teacher(binh))
	refused(t, err, fault.Conflict, "record.stage")
	w.apply(w.record().WithdrawHomeroom(w.teacher(an)))
	w.expect(workflow.PartSigned, "gvbm-GV0003/2 gvbm-GV0001/1 gvbm-GV0002/2")
}

func TestSignHomeroom_Refusals(t *testing.T) {
	no := false
	tests := []struct {
		name string
		edit func(*world)
		code string
		arg  string
	}{
		{"a part's signature is missing", func(w *world) { w.apply(w.record().WithdrawPart(w.teacher(binh))) }, "record.missing_part_signature", "mon-AM_NHAC,mon-MI_THUAT"},
		{"a trait is missing", func(w *world) { w.state.Page.Traits["NHAN_AI"] = "" }, "record.page_incomplete", "NHAN_AI.level"},
		{"a group's remark is missing", func(w *world) { w.state.Page.Remarks["NX_PHAM_CHAT"] = "" }, "record.page_incomplete", "NX_PHAM_CHAT.remark"},
		{"absences are missing", func(w *world) { w.state.Page.Absences = nil }, "record.page_incomplete", "absences"},
		{"a trait's level is of the other scale", func(w *world) { w.state.Page.Traits["NHAN_AI"] = "H" }, "record.page_invalid", "NHAN_AI.level"},
		{"title without its level", func(w *world) { w.state.Page.Commended = []bundle.Commendation{{Award: bundle.Exemplary}} }, "record.commendation", "HTXS"},
		{"no track", func(w *world) { w.state.Page.Track = 0 }, "record.track_missing", ""},
		{"track 1 without completion", func(w *world) { w.state.Page.Completed = &no }, "record.track_needs_completion", ""},
		{"track 2 without re-assessment", func(w *world) { w.state.Page.Track = school.TrackAugust }, "record.summer_missing", ""},
		{"completed but not promoted", func(w *world) { w.state.Page.Promoted = &no }, "record.promotion_differs", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := at(t, workflow.PartSigned)
			tt.edit(w)
			_, err := w.record().PrepareSignHomeroom(w.teacher(an), certificate(), "")
			f := fault.As(err)
			if f == nil || f.Code != tt.code {
				t.Fatalf("got %v, want %s", err, tt.code)
			}
			var all []string
			for _, v := range f.Args {
				all = append(all, v)
			}
			if !strings.Contains(strings.Join(all, "|"), tt.arg) || f.Args["mend"] == "" {
				t.Errorf("args %v lack %q", f.Args, tt.arg)
			}
		})
	}
	w := at(t, workflow.PartSigned)
	_, err := w.record().PrepareSignHomeroom(w.teacher(an), certificate(), evaluation.HTT)
	if f := refused(t, err, fault.Invalid, "record.overall_changed"); f.Args["computed"] != "HTXS" {
		t.Errorf("args %v", f.Args)
	}
	_, err = w.record().PrepareSignHomeroom(w.teacher(binh), certificate(), "")
	refused(t, err, fault.Forbidden, "record.not_homeroom")
}

func TestSignHomeroom_Track2RestsOnTheSummersDecision(t *testing.T) {
	yes, no := true, false
	fail := func(t *testing.T) *world {
		w := newWorld(t)
		for i := range w.state.Parts {
			if w.state.Parts[i].Subject == school.Toan {
				w.state.Parts[i].Entry = evaluation.Entry{Level: "C", Mark: mark(3)}
			}
		}
		w.signParts()
		return w
	}
	w := fail(t)
	_, err := w.record().PrepareSignHomeroom(w.teacher(an), certificate(), "")
	refused(t, err, fault.Invalid, "record.track_needs_completion")
	w.state.Page.Track = school.TrackAugust
	w.state.Page.Reassessment = &bundle.Summer{Before: "CHT", Date: school.Date{Year: 2026, Month: 8, Day: 3}}
	_, err = w.record().PrepareSignHomeroom(w.teacher(an), certificate(), "")
	refused(t, err, fault.Invalid, "record.promotion_undecided")
	w.state.Page.Completed = &yes
	_, err = w.record().PrepareSignHomeroom(w.teacher(an), certificate(), "")
	refused(t, err, fault.Invalid, "record.completion_differs")
	w.state.Page.Completed, w.state.Page.Promoted = &no, &yes // Điều 11.3: the principal decides case by case
	w.signHomeroom()
	w.approve()
	w.issue()
	doc, err := bundle.Open(w.state.Versions[0].Bytes)
	if err != nil || doc.Record.Content.Overall != "CHT" || doc.Record.Content.Completed || !doc.Record.Content.Promoted || doc.Record.General.Track != school.TrackAugust {
		t.Errorf("%v", err)
	}
}

func TestNotAssessedPupil_GoesThroughTheChain(t *testing.T) {
	w := newWorld(t)
	yes := true
	w.state.Pupil.NotAssessed = true
	for i := range w.state.Parts {
		w.state.Parts[i].Entry = evaluation.Entry{}
	}
	w.state.Page.Traits, w.state.Page.Remarks = nil, nil
	w.state.Page.Completed, w.state.Page.Promoted = &yes, &yes
	w.signParts()
	w.signHomeroom()
	w.approve()
	w.issue()
	doc, err := bundle.Open(w.state.Versions[0].Bytes)
	if err != nil || doc.Record.Content.Overall != "" || !doc.Record.Content.Pupil.NotAssessed || !doc.Record.Content.Subjects[0].Exempt {
		t.Errorf("%v", err)
	}
}

func TestHandover_KeepsTheSignatureOfWhoeverTaught(t *testing.T) {
	w := newWorld(t)
	w.signParts()
	for i := range w.state.Parts {
		if w.state.Parts[i].Owner == binh {
			w.state.Parts[i].Owner = cuc // Cúc takes over music and arts
		}
	}
	w.expect(workflow.PartSigned, allParts)
	w.signHomeroom()
	w.apply(w.record().Return(w.principal(), []string{"mon-AM_NHAC"}, "Xem lại mức"))
	_, err := w.record().CellChanged(w.teacher(binh), Edit{Item: "AM_NHAC", Entry: evaluation.Entry{Level: "H"}})
	refused(t, err, fault.Forbidden, "record.not_owner")
	w.edit(cuc, school.AmNhac, func(e *evaluation.Entry) { e.Level = "H" })
	w.expect(workflow.PartSigned, "gvbm-GV0003/1 gvbm-GV0001/1")
	w.signPart(cuc) // one signature per teacher: it replaces the one over the own subjects alone
	w.expect(workflow.PartSigned, "gvbm-GV0001/1 gvbm-GV0003/2")
	w.signHomeroom()
	w.approve()
	w.issue()
}

func TestApprove_Refusals(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	w.state.Flagged = true
	_, err := w.record().PrepareApproval(w.principal(), certificate(), false)
	refused(t, err, fault.Conflict, "record.not_opened")
	deputy := w.as(workflow.Deputy, em)
	_, err = w.record().PrepareApproval(deputy, certificate(), true)
	refused(t, err, fault.Forbidden, "record.no_delegation")
	_, err = w.record().PrepareApproval(w.teacher(an), certificate(), true)
	refused(t, err, fault.Forbidden, "record.role")
	nobody := w.as(workflow.Principal, bundle.Teacher{Name: "X"})
	_, err = w.record().PrepareApproval(nobody, certificate(), true)
	refused(t, err, fault.Invalid, "record.no_staff_code")
	deputy.Delegated = true
	in, err := w.record().PrepareApproval(deputy, certificate(), true)
	w.complete(deputy, in, err)
	w.issue()
	doc, err := bundle.Open(w.state.Versions[0].Bytes)
	if err != nil || doc.Record.General.Approver.Title != bundle.DeputyForHead || doc.Record.General.Approver.Name != em.Name {
		t.Errorf("%v", err)
	}
}

func TestApprove_NeedsEveryTeacherSignature(t *testing.T) {
	w := at(t, workflow.HomeroomSigned)
	w.state.Voids = append(w.state.Voids, Void{SignatureID: w.state.Signatures[0].ID}) // behind the domain's back
	_, err := w.record().PrepareApproval(w.principal(), certificate(), true)
	if f := refused(t, err, fault.Conflict, "record.missing_part_signature"); f.Args["teacher"] != cuc.Name {
		t.Errorf("args %v", f.Args)
	}
}

func TestWithdrawApproval_GoesBackOneStep(t *testing.T) {
	w := at(t, workflow.Approved)
	w.apply(w.record().WithdrawApproval(w.principal()))
	w.expect(workflow.HomeroomSigned, allParts+" gvcn/1")
	w.approve()
	w.expect(workflow.Approved, allParts+" gvcn/1 cbql/2")
}

func TestIssue_NeedsAnApprovedSealAndHappensOnce(t *testing.T) {
	w := at(t, workflow.Approved)
	by := w.principal()
	first, err := w.record().PrepareIssue(by, certificate(), "Đà Nẵng", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for code, approval := range map[string]SealApproval{
		"record.seal_not_approved": {},
		"record.seal_not_yet":      {From: by.At.Add(time.Second)},
		"record.seal_ended":        {From: by.At.AddDate(0, -1, 0), Until: by.At},
	} {
		sealed := by
		sealed.Seal = approval
		_, err := w.record().PrepareIssue(sealed, certificate(), "Đà Nẵng", rand.Reader)
		refused(t, err, fault.Conflict, code)
		// What was prepared while the approval held is not completed without it.
		_, err = w.record().Complete(sealed, first, value(t, first))
		refused(t, err, fault.Conflict, code)
	}
	second, err := w.record().PrepareIssue(by, certificate(), "Đà Nẵng", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.complete(by, first, nil)
	_, err = w.record().Complete(by, second, value(t, second))
	if f := refused(t, err, fault.Conflict, "record.already_issued"); f.Args["version"] != "1" {
		t.Errorf("args %v", f.Args)
	}
	_, err = w.record().PrepareIssue(w.principal(), certificate(), "Đà Nẵng", rand.Reader)
	refused(t, err, fault.Conflict, "record.already_issued")
}

func TestChange_ZeroValueIsRefused(t *testing.T) {
	refused(t, Change{}.Check(), fault.Internal, "record.no_change")
}

func TestNew_RefusesAStateThatIsNone(t *testing.T) {
	for name, edit := range map[string]func(*State){
		"rule set": func(s *State) { s.General.RuleSet = "tt99" },
		"stage":    func(s *State) { s.Stage = "" },
		"grade":    func(s *State) { s.Class.Grade = 6 },
		"identity": func(s *State) { s.General.Record = "" },
	} {
		s := newWorld(t).state
		edit(&s)
		if _, err := New(s); !fault.Is(err, "record.state") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
