package bench

import (
	"context"
	"slices"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/school"
)

// sentClass is a class whose records are issued, signed by everybody, and on
// their way to the registry.
type sentClass struct {
	*jobstest.Chain
	message registry.Submission
}

// sendClass brings a class of n pupils so far, with remarks of ordinary length,
// and catches what the principal sends before it arrives.
func sendClass(t testing.TB, n int) *sentClass {
	t.Helper()
	d := dbtest.New(t)
	c := &sentClass{Chain: jobstest.New(t, d, seat(t, d, n))}
	c.Fill(t)
	rules := evaluation.ForYear(dbtest.Year)
	for i, pupil := range c.Cast.Roll {
		for j, s := range slices.Concat(dbtest.HuongSubjects, dbtest.MinhSubjects) {
			e := evaluation.Entry{Level: "T", Remark: remarks[(i+j)%len(remarks)]}
			if ten := 10; rules.MarkAllowed(c.Cast.Class.Grade(), s, school.YearEnd) {
				e.Mark = &ten
			}
			c.Enter(pupil.EnrolmentID, evaluation.Item(s), e)
		}
		for j, group := range evaluation.RemarkGroups {
			c.Enter(pupil.EnrolmentID, group, evaluation.Entry{Remark: remarks[(i+j+2)%len(remarks)]})
		}
	}
	c.Issue(t)
	cut := &wire{Client: c.Registrar()}
	s := jobs.Submission{DB: d.DB, Registry: cut}
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); !fault.Is(err, "bench.cut") {
		t.Fatalf("send the class: %v", err)
	}
	if c.message = cut.sent; len(c.message.Records) != n {
		t.Fatalf("%d of %d records were sent", len(c.message.Records), n)
	}
	return c
}

// wire keeps what is sent and delivers nothing.
type wire struct {
	registry.Client
	sent registry.Submission
}

// Submit implements registry.Client.
func (w *wire) Submit(_ context.Context, m registry.Submission) (registry.Answer, error) {
	w.sent = m
	return registry.Answer{}, fault.New(fault.Unavailable, "bench.cut")
}
