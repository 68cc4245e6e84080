package jobstest

import (
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing/demo"
)

// June is class 4A in the first track.
func (c *Chain) June() jobs.ClassTrack {
	return jobs.ClassTrack{Year: dbtest.Year, ClassID: c.Cast.Class.ID, Track: school.TrackJune}
}

// Registrar is the province's registry with a receipt key of the cast's Sở.
func (c *Chain) Registrar() *db.Registrar {
	c.t.Helper()
	if c.registrar == nil {
		key, err := c.receiptKey()
		if err != nil {
			c.t.Fatalf("make the receipt key: %v", err)
		}
		c.registrar = db.NewRegistrar(c.D.DB, key)
	}
	return c.registrar
}

func (c *Chain) receiptKey() (registry.Signer, error) {
	k, err := c.keys.of(demo.Receipt, "Kho học bạ số", c.Cast.Department.Name)
	if err != nil {
		return nil, err
	}
	blob, err := registry.SealReceiptKey(c.keys.secret, k.pen.Key)
	if err != nil {
		return nil, err
	}
	if err := c.D.KeepReceiptKey(c.t.Context(), k.pen.Certificate, blob); err != nil {
		return nil, err
	}
	return c.D.ReceiptKey(c.t.Context(), registry.Keys{Secret: c.keys.secret})
}

// Submission is the school's side of the registry's desk.
func (c *Chain) Submission() jobs.Submission {
	return jobs.Submission{DB: c.D.DB, Registry: c.Registrar()}
}

// Deadline is the first instant that is too late for the cast's first track:
// the midnight in which 29/6 ends.
var Deadline = school.RegulationDeadline(school.SchoolSubmit, dbtest.Year, school.TrackJune).Due

// OpenClosing opens the Sở's time for chốt of the first track, from now to
// Deadline.
func (c *Chain) OpenClosing(t testing.TB) {
	t.Helper()
	now := c.D.Clock.Now()
	err := c.Registrar().SetClosingTime(t.Context(), c.Cast.Authority, db.ClosingTimeChange{Year: dbtest.Year, Track: school.TrackJune,
		Opens: now.Add(-time.Minute), Ends: Deadline, DecisionNo: "123/QĐ-SGDĐT"})
	if err != nil {
		t.Fatalf("open the time for chốt: %v", err)
	}
}

// Submit has the principal send the class; every record is accepted.
func (c *Chain) Submit(t testing.TB) {
	t.Helper()
	c.Issue(t)
	if !c.reach(submitted) {
		return
	}
	if _, err := c.Submission().Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatalf("submit the class: %v", err)
	}
}

// Close opens the time for chốt and has the principal close the class: every
// record is locked.
func (c *Chain) Close(t testing.TB) {
	t.Helper()
	c.Submit(t)
	if !c.reach(closed) {
		return
	}
	c.OpenClosing(t)
	if _, err := c.Submission().Close(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); err != nil {
		t.Fatalf("close the class: %v", err)
	}
}
