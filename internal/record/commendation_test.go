package record

import (
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

func TestCommendationsChanged_EndsTheSignaturesOverThePage(t *testing.T) {
	list := []bundle.Commendation{{Award: bundle.Exceptional, Text: "Cứu bạn (số 12)"}}
	for stage, want := range map[workflow.Stage]struct {
		to    workflow.Stage
		voids int
	}{
		workflow.Drafting: {workflow.Drafting, 0}, workflow.PartSigned: {workflow.PartSigned, 0},
		workflow.HomeroomSigned: {workflow.PartSigned, 1}, workflow.Approved: {workflow.PartSigned, 2},
	} {
		w := at(t, stage)
		c, err := w.record().CommendationsChanged(w.principal(), list)
		if err != nil || c.Stage() != want.to || len(c.Voids()) != want.voids {
			t.Errorf("at %s: to %s with %d voids, %v", stage, c.Stage(), len(c.Voids()), err)
		}
		if c, err := w.record().CommendationsChanged(w.principal(), w.state.Page.Commended); err != nil || !c.Empty() {
			t.Errorf("the same list at %s: %v", stage, err)
		}
	}
	for _, stage := range []workflow.Stage{workflow.Issued, workflow.Accepted, workflow.Locked} {
		w := at(t, stage)
		_, err := w.record().CommendationsChanged(w.principal(), list)
		refused(t, err, fault.Locked, "record.issued")
	}
	w := at(t, workflow.PartSigned)
	for _, by := range []By{w.teacher(an), w.as(workflow.Deputy, em)} {
		_, err := w.record().CommendationsChanged(by, list)
		refused(t, err, fault.Forbidden, "record.role")
	}
	outsider := w.principal()
	outsider.SchoolID = 99
	_, err := w.record().CommendationsChanged(outsider, list)
	refused(t, err, fault.NotFound, "record.unknown")
}
