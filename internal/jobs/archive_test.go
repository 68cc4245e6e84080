package jobs_test

import (
	"crypto/sha256"
	"log/slog"
	"slices"
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/evidence"
	"hocba/internal/fault"
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
	d.Clock.Advance(until.Sub(d.Clock.Now()) - 399*24*time.Hour)
	authority.Fault = timestamp.Refuses
	if _, err := archivist.Round(t.Context()); err == nil {
		t.Error("an outage is no success")
	}
	authority.Fault = ""
	round()
	round()
	if n := count(); n != 2*len(c.Records) {
		t.Errorf("%d evidences after the renewal", n)
	}
}

// Twenty-five years later the evidence that was renewed in time proves a
// version, and its receipt, from the day it was gathered; a link taken out, a
// changed token and a gap do not pass.
func TestArchivist_CarriesAVersionThroughDecades(t *testing.T) {
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	c.Submit(t)
	archivist := jobs.NewArchivist(d.DB, slog.New(slog.DiscardHandler), time.Hour)
	begin := d.Clock.Now()
	for _, years := range []int{0, 8, 17} {
		d.Clock.Set(begin.AddDate(years, 0, 0))
		c.Stamping(t, false) // a new certificate of the authority each time
		if _, err := archivist.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	d.Clock.Set(begin.AddDate(25, 0, 0))
	trust, err := d.TrustList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var version int64
	var sum string
	if err := d.Owner().QueryRow(`SELECT id, encode(sha256, 'hex') FROM registry.version ORDER BY id LIMIT 1`).Scan(&version, &sum); err != nil {
		t.Fatal(err)
	}
	kept, err := d.EvidenceOf(t.Context(), version)
	if err != nil || len(kept.Links) != 3 {
		t.Fatalf("%d links: %v", len(kept.Links), err)
	}
	proof, err := evidence.Check(sum, kept.Links, trust, d.Clock.Now())
	if err != nil || proof.Since.After(begin.Add(time.Hour)) || proof.Until.Before(d.Clock.Now()) {
		t.Errorf("since %s until %s: %v", proof.Since, proof.Until, err)
	}
	for _, m := range proof.Materials {
		for _, name := range m.Certificates {
			if kept.Parts[name] == nil {
				t.Errorf("certificate %s is named and not kept", name)
			}
		}
		if len(m.Also) != 1 || len(m.Certificates) < 5 {
			t.Errorf("%+v", m)
		}
	}
	changed := slices.Clone(kept.Links)
	changed[0].Token = kept.Links[1].Token
	for want, links := range map[string][]evidence.Link{
		"evidence.link": slices.Concat(kept.Links[:1], kept.Links[2:]), "stamp.imprint": changed, "evidence.ended": kept.Links[:1], "evidence.none": nil,
	} {
		if _, err := evidence.Check(sum, links, trust, d.Clock.Now()); !fault.Is(err, want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	if _, err := evidence.Check(sum[1:]+"0", kept.Links, trust, d.Clock.Now()); !fault.Is(err, "evidence.other") {
		t.Error(err)
	}
	if _, err := evidence.Check(sum, kept.Links[1:], trust, d.Clock.Now()); !fault.Is(err, "evidence.link") {
		t.Error(err)
	}
}
