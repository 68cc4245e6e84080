package verify_test

import (
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/timestamp"
	"hocba/internal/verify"
)

var allSlots = []string{"ky-gvbm-1", "ky-gvbm-3", "ky-gvbm-11", "ky-gvcn", "ky-cbql", "ky-phathanh"}

func june(day, hour int) time.Time { return time.Date(2026, time.June, day, hour, 0, 0, 0, time.UTC) }

// stampedAll stamps every slot an hour after it was signed.
func stampedAll() bundletest.Plan {
	p := bundletest.Plan{Stamp: map[string]time.Time{}}
	for i, at := range []time.Time{june(1, 2), june(1, 2), june(1, 2), june(2, 2), june(3, 2), june(5, 2)} {
		p.Stamp[allSlots[i]] = at
	}
	return p
}

func planned(t testing.TB, p bundletest.Plan) []byte {
	t.Helper()
	c, _ := stage()
	return must(bundle.Assemble(must(c.Sign(bundletest.Record(), p))(t)))(t)
}

func TestFile_AcceptsTimeStamps(t *testing.T) {
	raw := planned(t, stampedAll())
	report := verify.File(raw, options())
	if !report.Valid {
		t.Fatal(failures(report))
	}
	for _, c := range report.Checks {
		if c.Name == verify.TimeStamp && c.Status != verify.OK {
			t.Errorf("%+v", c)
		}
	}
	for i, s := range report.Signers {
		if s.StampedAt.IsZero() {
			t.Errorf("%s has no stamp: %d", s.Slot, i)
		}
	}
	plain := verify.File(issued(t, nil), options())
	if !report.ProvableUntil.After(plain.ProvableUntil) {
		t.Errorf("stamps prove until %s, certificates alone until %s", report.ProvableUntil, plain.ProvableUntil)
	}
}

// TestFile_TimeStampsDecideOverClaims: what a signer claims does not count
// against what a time-stamp or the registry proves.
func TestFile_TimeStampsDecideOverClaims(t *testing.T) {
	c, _ := stage()
	from := c.CA.Issuing().NotBefore
	ends := june(10, 0)
	short := c.Members[bundletest.School]
	short.Certificate = must(c.CA.Issue(demo.Request{Kind: demo.Seal, Name: short.Certificate.Name(), TaxCode: "4000123456",
		PublicKey: short.Key.Public(), NotBefore: from, NotAfter: ends}))(t)
	stranger := must(bundletest.NewCast())(t).Stamper
	one := func(slot string, at time.Time) bundletest.Plan {
		return bundletest.Plan{Stamp: map[string]time.Time{slot: at}}
	}
	seal := func(p bundletest.Plan) bundletest.Plan {
		p.Signer = map[string]bundletest.Member{"ky-phathanh": short}
		return p
	}
	foreign := one("ky-gvcn", june(2, 2))
	foreign.Stamper = map[string]*timestamp.Authority{"ky-gvcn": stranger}
	o := options()
	late, received := o, o
	late.Now = june(20, 0)
	received.Now, received.Received = june(20, 0), june(6, 0)
	receivedLate := late
	receivedLate.Received = june(12, 0)
	for name, x := range map[string]struct {
		plan    bundletest.Plan
		options verify.Options
		want    string
	}{
		"a seal dated back by two days":                {one("ky-phathanh", june(7, 2)), o, "time_stamp ky-phathanh verify.dated_back"},
		"a person stamped with the seal, days later":   {one("ky-gvbm-1", june(5, 2)), o, ""},
		"signed after its time-stamp":                  {one("ky-gvcn", june(1, 0)), o, "time_stamp ky-gvcn verify.stamped_before_signing"},
		"by an authority that nobody trusts":           {foreign, o, "time_stamp ky-gvcn stamp.untrusted"},
		"a seal that ended since, nothing else known":  {seal(bundletest.Plan{}), late, "chain ky-phathanh verify.time_unproven"},
		"a seal that ended since, stamped in time":     {seal(one("ky-phathanh", june(5, 2))), late, ""},
		"a seal that ended since, received in time":    {seal(bundletest.Plan{}), received, ""},
		"a seal that ended since, received after that": {seal(bundletest.Plan{}), receivedLate, "chain ky-phathanh verify.expired_when_proven"},
		"a person's certificate, proven by the seal's": {one("ky-phathanh", june(5, 2)), late, ""},
	} {
		report := verify.File(planned(t, x.plan), x.options)
		if got := failures(report); got != x.want {
			t.Errorf("%s: got %s, want %s", name, got, x.want)
		}
	}
}

// A token of one signature says nothing about another.
func TestFile_RefusesATimeStampOfAnotherSignature(t *testing.T) {
	raw := planned(t, stampedAll())
	token := func(id string) string {
		_, after, _ := strings.Cut(string(raw), `Id="`+id+`"`)
		_, after, _ = strings.Cut(after, "<xades:EncapsulatedTimeStamp>")
		value, _, _ := strings.Cut(after, "<")
		return value
	}
	forged := edit(t, raw, token("ky-gvcn"), token("ky-cbql"))
	if got := failures(verify.File(forged, options())); got != "time_stamp ky-gvcn stamp.imprint" {
		t.Error(got)
	}
}

// TestFile_ATrialsStampProvesNothingInEarnest: its clock and its key are
// anybody's, and it would date back whatever is wanted.
func TestFile_ATrialsStampProvesNothingInEarnest(t *testing.T) {
	raw := planned(t, stampedAll())
	o := options()
	o.RealStamps = true
	report := verify.File(raw, o)
	if report.Valid || !strings.Contains(failures(report), "time_stamp ky-phathanh stamp.trial") {
		t.Errorf("%s: %s", report.Verdict, failures(report))
	}
	for _, s := range report.Signers {
		if !s.StampedAt.IsZero() {
			t.Errorf("%s counts as stamped", s.Slot)
		}
	}
}
