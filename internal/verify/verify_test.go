package verify_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/verify"
)

// stage holds the cast and its trust list, made once: keys are slow to make.
var stage = sync.OnceValues(func() (*bundletest.Cast, *signing.TrustList) {
	c, err := bundletest.NewCast()
	if err != nil {
		panic(err)
	}
	trust, err := c.Trust()
	if err != nil {
		panic(err)
	}
	return c, trust
})

func options() verify.Options {
	_, trust := stage()
	return verify.Options{Trust: trust, Now: time.Date(2026, time.June, 10, 0, 0, 0, 0, time.UTC)}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err, argsOf(err))
		}
		return v
	}
}

func argsOf(err error) map[string]string {
	if f := fault.As(err); f != nil {
		return f.Args
	}
	return nil
}

func issued(t testing.TB, change func(*bundle.Record)) []byte {
	t.Helper()
	c, _ := stage()
	r := bundletest.Record()
	if change != nil {
		change(&r)
	}
	return must(c.Issue(r))(t)
}

// failures lists the checks that did not end OK or Skipped.
func failures(r verify.Report) string {
	var out []string
	for _, c := range r.Checks {
		if c.Status == verify.Failed || c.Status == verify.Unknown {
			out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %s %s", c.Name, c.Slot, c.Code), " "))
		}
	}
	return strings.Join(out, "\n")
}

func TestFile_AcceptsAGoodRecord(t *testing.T) {
	report := verify.File(issued(t, nil), options())
	if !report.Valid || report.Verdict != verify.OK {
		t.Fatalf("not valid:\n%s\n%+v", failures(report), report.Checks)
	}
	if !report.Trial {
		t.Error("a demonstration must say that it is one")
	}
	if len(report.Signers) != 6 {
		t.Fatalf("%d signers", len(report.Signers))
	}
	for _, s := range report.Signers {
		if s.Status != verify.OK || s.Holder == "" || s.SignedAt.IsZero() {
			t.Errorf("signer %+v", s)
		}
	}
	for _, c := range report.Checks {
		if c.Status == verify.Skipped && c.Name != verify.Revocation && c.Name != verify.TimeStamp && c.Code != "verify.meaning_absent" {
			t.Errorf("%s skipped", c.Name)
		}
	}
}

func TestFile_AcceptsStatementsAndReceipts(t *testing.T) {
	c, _ := stage()
	for _, k := range []bundle.StatementKind{bundle.Submission, bundle.Recall, bundle.Closing, bundle.Request} {
		raw := must(c.SignStatement(bundletest.Statement(k), bundletest.Plan{}))(t)
		if report := verify.File(raw, options()); !report.Valid || report.Record.Statement == nil {
			t.Errorf("%s: %s", k, failures(report))
		}
	}
	for _, of := range []bundle.ReceiptOf{bundle.ReceiptOfRecord, bundle.ReceiptOfSubmission, bundle.ReceiptOfRecall, bundle.ReceiptOfClosing, bundle.ReceiptOfRequest} {
		raw := must(c.SignReceipt(bundletest.Receipt(of), bundletest.Plan{}))(t)
		if report := verify.File(raw, options()); !report.Valid || report.Record.Receipt == nil {
			t.Errorf("%s: %s", of, failures(report))
		}
	}
}

func TestFile_WithoutTrustListIsUndecidedAndNotFailed(t *testing.T) {
	report := verify.File(issued(t, nil), verify.Options{})
	if report.Valid || report.Verdict != verify.Unknown {
		t.Fatalf("verdict %s", report.Verdict)
	}
	for _, l := range strings.Split(failures(report), "\n") {
		if !strings.HasPrefix(l, "chain ") || !strings.HasSuffix(l, " verify.no_trust_list") {
			t.Error(l)
		}
	}
}

func TestFile_AsksWhoKeepsTheCertificates(t *testing.T) {
	raw := issued(t, nil)
	o := options()
	asked := 0
	o.Holder = func(s bundle.Slot, c *signing.Certificate, at time.Time) error {
		asked++
		switch s.Role {
		case bundle.Seal:
			return fault.New(fault.Forbidden, "verify.other_signer")
		case bundle.Approval:
			return fault.New(fault.Unavailable, "unavailable")
		}
		return nil
	}
	report := verify.File(raw, o)
	want := "signer ky-cbql unavailable\nsigner ky-phathanh verify.other_signer"
	if got := failures(report); got != want || asked != 6 || report.Verdict != verify.Failed {
		t.Errorf("asked %d, %s, got\n%s", asked, report.Verdict, got)
	}
}

func TestFile_RecordWithoutTeachersSignatures(t *testing.T) {
	c, _ := stage()
	r := bundletest.Record()
	omit := bundletest.Plan{Omit: map[string]bool{"ky-gvbm-1": true, "ky-gvbm-3": true, "ky-gvbm-11": true}}
	r.General.TeachersSign = false
	raw := must(bundle.Assemble(must(c.Sign(r, omit))(t)))(t)
	if report := verify.File(raw, options()); !report.Valid {
		t.Errorf("GVBM_KY 0: %s", failures(report))
	}
	r.General.TeachersSign = true
	raw = must(bundle.Assemble(must(c.Sign(r, omit))(t)))(t)
	if got := failures(verify.File(raw, options())); got != "slots  verify.part_unsigned" {
		t.Errorf("GVBM_KY 1: %s", got)
	}
}

func TestFile_ComparesContentWithItsRuleSet(t *testing.T) {
	ten, summer := 10, &bundle.Summer{Before: "CHT", Date: bundletest.Record().Issuance.Date}
	for want, change := range map[string]func(*bundle.Record){
		"verify.overall": func(r *bundle.Record) { r.Content.Overall = "HTXS" },
		"verify.result_not_allowed": func(r *bundle.Record) {
			s := &r.Content.Subjects[7] // Đạo đức has no test
			s.Mark = &ten
		},
		"verify.result_missing":        func(r *bundle.Record) { r.Content.Subjects = r.Content.Subjects[1:] },
		"verify.commendation":          func(r *bundle.Record) { r.Content.Commended[0].Award = bundle.Excellent },
		"verify.completion":            func(r *bundle.Record) { r.Content.Completed = false },
		"verify.promotion":             func(r *bundle.Record) { r.Content.Promoted = false },
		"verify.track_and_summer":      func(r *bundle.Record) { r.Content.Reassessment = summer },
		"verify.rule_set_unknown":      func(r *bundle.Record) { r.General.RuleSet = "tt22-2016" },
		"verify.rule_set_not_in_force": func(r *bundle.Record) { changeYear(r, "2019-2020") },
		"verify.track_incomplete": func(r *bundle.Record) {
			r.Content.Qualities.Traits[0].Level = "C"
			r.Content.Overall, r.Content.Completed, r.Content.Promoted, r.Content.Commended = "CHT", false, false, nil
		},
	} {
		report := verify.File(issued(t, change), options())
		status := verify.Failed
		if want == "verify.rule_set_unknown" {
			status = verify.Unknown
		}
		if got := failures(report); got != "rules  "+want || report.Verdict != status {
			t.Errorf("want %s, got %s %s", want, report.Verdict, got)
		}
	}
}

func changeYear(r *bundle.Record, year school.Year) {
	r.General.Year, r.Content.Year = year, year
	for i := range r.Content.Subjects {
		r.Content.Subjects[i].Year = year
	}
}

func TestFile_OrderOfTimes(t *testing.T) {
	c, _ := stage()
	at := func(id string, month time.Month, day int) bundletest.Plan {
		return bundletest.Plan{At: map[string]time.Time{id: time.Date(2026, month, day, 3, 0, 0, 0, time.UTC)}}
	}
	longAgo := bundletest.Plan{At: map[string]time.Time{"ky-gvbm-1": time.Date(2024, time.June, 1, 0, 0, 0, 0, time.UTC)}}
	for name, x := range map[string]struct {
		plan bundletest.Plan
		want string
	}{
		"homeroom before a subject teacher": {at("ky-gvcn", time.May, 31), "times  verify.signed_out_of_order"},
		"principal before the homeroom":     {at("ky-cbql", time.June, 1), "times  verify.signed_out_of_order"},
		"a subject teacher after approval":  {at("ky-gvbm-11", time.June, 4), "times  verify.signed_out_of_order"},
		"seal on another day than issued":   {at("ky-phathanh", time.June, 6), "times  verify.issue_date"},
		"seal in the future":                {at("ky-phathanh", time.July, 1), "times  verify.signed_in_future"},
		"before the certificate was valid":  {longAgo, "chain ky-gvbm-1 cert.not_yet"},
	} {
		raw := must(bundle.Assemble(must(c.Sign(bundletest.Record(), x.plan))(t)))(t)
		if got := failures(verify.File(raw, options())); got != x.want {
			t.Errorf("%s: got %s, want %s", name, got, x.want)
		}
	}
}
