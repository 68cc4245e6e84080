package jobs_test

import (
	"crypto/sha256"
	"log/slog"
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing/timestamp"
)

// Every accepted version gets evidence, none twice, and new evidence before the
// old one ends; each time-stamp is over the material beside it.
func TestArchivist_RenewsEvidenceBeforeItEnds(t *testing.T) {
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	c.Submit(t)
	archivist := jobs.NewArchivist(d.DB, slog.New(slog.DiscardHandler), time.Hour)
	round := func() {
		t.Helper()
		if more, err := archivist.Round(t.Context()); err != nil || more {
			t.Fatal(more, err)
		}
	}
	count := func() (n int) {
		t.Helper()
		if err := d.Owner().QueryRow(`SELECT count(*) FROM registry.evidence`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	round()
	if n := count(); n != 0 {
		t.Fatalf("%d without an authority", n)
	}
	authority := c.Stamping(t, false)
	round()
	round()
	if n := count(); n != len(c.Records) {
		t.Fatalf("%d evidences of %d versions", n, len(c.Records))
	}
	var content, imprint, token []byte
	var until time.Time
	var version int64
	err := d.Owner().QueryRow(`SELECT version_id, material, imprint, token, provable_until FROM registry.evidence ORDER BY id LIMIT 1`).
		Scan(&version, &content, &imprint, &token, &until)
	if err != nil {
		t.Fatal(err)
	}
	stamp, err := timestamp.Parse(token)
	if err != nil || stamp.Imprint != sha256.Sum256(content) || [32]byte(imprint) != stamp.Imprint {
		t.Errorf("the time-stamp is not over the material: %v", err)
	}
	if kept, err := d.EvidenceUntil(t.Context(), version); err != nil || !kept.Equal(until) || until.Before(d.Clock.Now().AddDate(5, 0, 0)) {
		t.Errorf("until %s, kept %s: %v", until, kept, err)
	}
	d.Exec(`ALTER TABLE registry.evidence DISABLE TRIGGER ALL`)
	d.Exec(`UPDATE registry.evidence SET provable_until = $1`, d.Clock.Now().AddDate(0, 6, 0))
	authority.Fault = timestamp.Refuses
	if _, err := archivist.Round(t.Context()); err == nil {
		t.Error("an outage is no success")
	}
	authority.Fault = ""
	round()
	if n := count(); n != 2*len(c.Records) {
		t.Errorf("%d evidences after the renewal", n)
	}
}
