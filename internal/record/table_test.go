package record

import (
	"crypto/rand"
	"slices"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// acts is every act of this package with arguments that are right as far as
// arguments can be.
func acts(w *world, r *Record) map[workflow.Action]func(By) error {
	reason := "Có lý do"
	prepared := func(_ *Intent, err error) error { return err }
	changed := func(_ Change, err error) error { return err }
	return map[workflow.Action]func(By) error{
		workflow.SaveCell: func(by By) error {
			e := evaluation.Entry{Level: "H", Mark: mark(6)}
			if by.TeacherCode == binh.Code {
				e.Mark = nil
				return changed(r.CellChanged(by, Edit{Item: "AM_NHAC", Entry: e}))
			}
			return changed(r.CellChanged(by, Edit{Item: "TOAN", Entry: e}))
		},
		workflow.SignPart:         func(by By) error { return prepared(r.PrepareSignPart(by, certificate())) },
		workflow.WithdrawPart:     func(by By) error { return changed(r.WithdrawPart(by)) },
		workflow.SignHomeroom:     func(by By) error { return prepared(r.PrepareSignHomeroom(by, certificate(), "")) },
		workflow.WithdrawHomeroom: func(by By) error { return changed(r.WithdrawHomeroom(by)) },
		workflow.Return:           func(by By) error { return changed(r.Return(by, []string{"mon-AM_NHAC"}, reason)) },
		workflow.Confirm:          func(by By) error { return changed(r.Confirm(by, reason)) },
		workflow.Approve:          func(by By) error { return prepared(r.PrepareApproval(by, certificate(), true)) },
		workflow.WithdrawApproval: func(by By) error { return changed(r.WithdrawApproval(by)) },
		workflow.Issue: func(by By) error {
			return prepared(r.PrepareIssue(by, certificate(), "Đà Nẵng", rand.Reader))
		},
		workflow.Reopen:           func(by By) error { return changed(r.Reopen(by, reason)) },
		workflow.Recall:           func(by By) error { return changed(r.Recall(by, reason, "aa")) },
		workflow.Replace:          func(by By) error { return changed(r.Replace(by, reason)) },
		workflow.AskRevocation:    func(by By) error { return changed(r.AskRevocation(by, reason, reason)) },
		workflow.Submit:           func(by By) error { return changed(r.Submit(by)) },
		workflow.RecordAcceptance: func(by By) error { return changed(r.RecordAcceptance(by, 1, false, "aa")) },
		workflow.RecordRefusal:    func(by By) error { return changed(r.RecordRefusal(by, 1, "aa")) },
		workflow.RecordLock:       func(by By) error { return changed(r.RecordLock(by, 1, "aa")) },
		workflow.RecordRevocation: func(by By) error {
			return changed(r.RecordRevocation(by, Revocation{Version: 1, Decision: Granted, Note: reason, Decided: by.At}))
		},
	}
}

// TestActs_NeverGoBeyondTheTable: at every stage, whoever acts, an act succeeds
// only where the table has a row; and each act succeeds somewhere.
func TestActs_NeverGoBeyondTheTable(t *testing.T) {
	succeeded := map[workflow.Action]bool{}
	starts := []*world{}
	for _, stage := range workflow.Stages {
		starts = append(starts, at(t, stage))
	}
	asked := at(t, workflow.Locked)
	asked.apply(asked.record().AskRevocation(asked.principal(), "Sai", "Biên bản"))
	for _, w := range append(starts, asked) {
		stage, r := w.state.Stage, w.record()
		outsider := w.principal()
		outsider.SchoolID = 99
		delegated := w.as(workflow.Deputy, em)
		delegated.Delegated = true
		people := map[string]By{
			"homeroom": w.teacher(an), "music": w.teacher(binh), "stranger": w.teacher(bundle.Teacher{Code: "GV9999"}),
			"principal": w.principal(), "deputy": w.as(workflow.Deputy, em), "delegated": delegated,
			"admin": w.as(workflow.SchoolAdmin, bundle.Teacher{}), "authority": w.as(workflow.Authority, bundle.Teacher{}),
			"tier": w.as(workflow.MiddleAuthority, bundle.Teacher{}), "inspector": w.as(workflow.Inspector, bundle.Teacher{}),
			"ministry": w.as(workflow.Ministry, bundle.Teacher{}), "program": w.program(), "outsider": outsider, "nobody": {At: w.now},
		}
		for name, by := range people {
			for act, do := range acts(w, r) {
				err := do(by)
				inTable := workflow.Check(by.Actor, stage, act, r.Duties(by)...) == nil && name != "outsider"
				if err == nil && !inTable {
					t.Errorf("%s by %s at %s succeeded", act, name, stage)
				}
				if err != nil && fault.KindOf(err) == fault.Internal {
					t.Errorf("%s by %s at %s: %v", act, name, stage, err)
				}
				if err == nil {
					succeeded[act] = true
				}
				if !inTable && err != nil && slices.Contains(r.Allowed(by), act) {
					t.Errorf("%s is offered to %s at %s", act, name, stage)
				}
			}
		}
	}
	for act := range acts(newWorld(t), newWorld(t).record()) {
		if !succeeded[act] {
			t.Errorf("%s succeeded nowhere", act)
		}
	}
}
