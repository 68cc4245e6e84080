package jobs_test

import (
	"log/slog"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing/timestamp"
	"hocba/internal/verify"
)

// newest returns the verifier's report about a record's newest version.
func newest(t *testing.T, c *jobstest.Chain, recordID int64) verify.Report {
	t.Helper()
	var xml []byte
	err := c.D.As(t.Context(), c.Cast.Principal, func(tx *db.Tx) error {
		var err error
		xml, err = tx.VersionBytes(t.Context(), recordID, 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	trust, err := c.D.TrustList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return verify.File(xml, verify.Options{Trust: trust, Now: c.D.Clock.Now()})
}

func stamped(r verify.Report) int {
	n := 0
	for _, c := range r.Checks {
		if c.Name == verify.TimeStamp && c.Status == verify.OK {
			n++
		}
	}
	return n
}

func stampState(t *testing.T, d *dbtest.Database) db.StampState {
	t.Helper()
	s, err := d.StampState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Signatures are stamped after the act; what is missing is stamped when the
// version is put together, the seal then. The registry accepts the version.
func TestStamp_EverySignatureOfAnIssuedVersion(t *testing.T) {
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	c.Stamping(t, false)
	c.Sign(t)
	if s := stampState(t, d); s.Kept != 0 || s.Due != 3*len(c.Records) {
		t.Fatalf("%+v", s)
	}
	stamper := jobs.NewStamper(d.DB, slog.New(slog.DiscardHandler), time.Hour)
	if more, err := stamper.Round(t.Context()); err != nil || more {
		t.Fatal(more, err)
	}
	if s := stampState(t, d); s.Kept != 3*len(c.Records) || s.Due != 0 {
		t.Fatalf("%+v", s)
	}
	c.Issue(t) // the principals' are still due: stamped with the seal
	for _, id := range c.Records {
		r := newest(t, c, id)
		if !r.Valid || stamped(r) != 5 {
			t.Fatalf("%d stamps, %v", stamped(r), r.Checks)
		}
	}
	c.Submit(t)
	if s := stampState(t, d); s.Due != 0 {
		t.Errorf("%+v", s)
	}
}

// While the authority does not answer, the Sở's setting decides.
func TestStamp_AnOutageWaitsOrGoesOn(t *testing.T) {
	for _, goOn := range []bool{false, true} {
		d := dbtest.New(t)
		c := jobstest.New(t, d, dbtest.NewCast(t, d))
		authority := c.Stamping(t, goOn)
		c.Approve(t)
		authority.Fault = timestamp.Refuses
		stamper := jobs.NewStamper(d.DB, slog.New(slog.DiscardHandler), time.Hour)
		if _, err := stamper.Round(t.Context()); !fault.Is(err, "stamp.refused") {
			t.Fatal(err)
		}
		if s := stampState(t, d); s.Fault != "stamp.refused" || s.Oldest == nil {
			t.Errorf("%+v", s)
		}
		id := c.Records[0]
		err := c.Desk.Issue(t.Context(), c.Cast.Principal, id, jobstest.Place, c.Seal())
		if !goOn {
			if !fault.Is(err, "stamp.refused") {
				t.Fatalf("issued without a time-stamp: %v", err)
			}
			authority.Fault = ""
			err = c.Desk.Issue(t.Context(), c.Cast.Principal, id, jobstest.Place, c.Seal())
		}
		if err != nil {
			t.Fatal(err)
		}
		if r := newest(t, c, id); !r.Valid || (stamped(r) == 0) != goOn {
			t.Errorf("go on %v: %d stamps, %v", goOn, stamped(r), r.Verdict)
		}
	}
}

// A signature that was taken back needs no time-stamp.
func TestStamp_StrikesVoidedSignaturesOff(t *testing.T) {
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	c.Stamping(t, false)
	c.SignParts(t)
	d.Exec(`INSERT INTO school.record_void (signature_id, school_id, record_id, cause, at)
		SELECT id, school_id, record_id, 'withdrawn', signed_at FROM school.record_signature`)
	stamper := jobs.NewStamper(d.DB, slog.New(slog.DiscardHandler), time.Hour)
	if _, err := stamper.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := stampState(t, d); s.Kept != 0 || s.Due != 0 {
		t.Errorf("%+v", s)
	}
}

func TestSetTimeStamping_RefusesWhatCannotBeAsked(t *testing.T) {
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	for want, s := range map[string]db.TimeStamping{"stamp.url": {URL: "tsa.example"}, "stamp.policy": {URL: "http://tsa.example", Policy: "1.x"}} {
		err := d.As(t.Context(), cast.Authority, func(tx *db.Tx) error { return tx.SetTimeStamping(t.Context(), s) })
		if !fault.Is(err, want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	if err := d.As(t.Context(), cast.Principal, func(tx *db.Tx) error {
		_, err := tx.Stamps(t.Context(), []int64{1})
		return err
	}); err != nil {
		t.Error(err)
	}
}

// A server whose clock was set back signs nothing, until it is right again.
func TestClock_SetBackStopsSigning(t *testing.T) {
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	c.Approve(t)
	if err := d.ObserveClock(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	right := d.Clock.Now()
	d.Clock.Set(right.Add(-time.Hour))
	if err := d.ObserveClock(t.Context(), false); !fault.Is(err, "clock.set_back") {
		t.Errorf("not noticed: %v", err)
	}
	issue := func() error {
		return c.Desk.Issue(t.Context(), c.Cast.Principal, c.Records[0], jobstest.Place, c.Seal())
	}
	if err := issue(); !fault.Is(err, "clock.set_back") {
		t.Errorf("issued: %v", err)
	}
	if _, err := c.Registrar().Events(t.Context(), c.Cast.School.Code, 0); err != nil {
		t.Errorf("reading goes on: %v", err)
	}
	d.Clock.Set(right.Add(-time.Minute))
	if err := issue(); err != nil {
		t.Errorf("a minute is no fraud: %v", err)
	}
	// A mark from the audit trail alone serves, too: a database that was never marked.
	d.Exec(`DELETE FROM core.clock_mark`)
	d.Clock.Set(right.Add(-24 * time.Hour))
	if err := d.ObserveClock(t.Context(), false); !fault.Is(err, "clock.set_back") {
		t.Errorf("not noticed from the audit trail: %v", err)
	}
	if err := d.ObserveClock(t.Context(), true); err != nil {
		t.Errorf("a demonstration's date: %v", err)
	}
}
