package verify

import (
	"testing"
	"time"

	"hocba/internal/bundle"
)

// sound is a report in which every check ended OK.
func sound(sha string) Report {
	r := Report{SHA256: sha, Verdict: OK, Valid: true}
	for _, n := range Names {
		if n != Revocation {
			r.Checks = append(r.Checks, Check{Name: n, Status: OK})
		}
	}
	return r
}

func receiptFor(sha string, result bundle.Result) Report {
	r := sound("receipt")
	r.Record = &bundle.Document{Receipt: &bundle.Receipt{Of: bundle.ReceiptOfRecord, SHA256: sha, Result: result}}
	return r
}

// with returns the report with one check changed.
func (r Report) with(name string, s Status) Report {
	r.Checks = append([]Check(nil), r.Checks...)
	for i := range r.Checks {
		if r.Checks[i].Name == name {
			r.Checks[i].Status = s
		}
	}
	r.Verdict, r.Valid = s, s == OK
	return r
}

func TestJudge_GivesTheGravestFact(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, time.June, n, 8, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name string
		s    Standing
		want Verdict
	}{
		{"accepted", Standing{Accepted: day(1)}, VerdictUnlocked},
		{"locked", Standing{Accepted: day(1), Locked: day(2)}, VerdictValid},
		{"replaced", Standing{Accepted: day(1), Replaced: day(2), ReplacedBy: 2, Current: 2}, VerdictReplaced},
		{"recalled, then another accepted", Standing{Accepted: day(1), Recalled: day(2), Current: 2}, VerdictRecalled},
		{"revoked after the lock", Standing{Accepted: day(1), Locked: day(2), Revoked: day(3)}, VerdictRevoked},
		{"nothing known", Standing{}, VerdictUnchecked},
	} {
		a := Judge(sound("s"), receiptFor("s", bundle.Accepted), c.s)
		if a.Verdict != c.want {
			t.Errorf("%s: %s, want %s", c.name, a.Verdict, c.want)
		}
		if len(a.Findings) != 6 {
			t.Errorf("%s: %d findings: %v", c.name, len(a.Findings), a.Findings)
		}
		if first := a.Findings[0]; c.want != VerdictValid && c.want != VerdictUnlocked && first.Name != FindingLatest {
			t.Errorf("%s begins with %s", c.name, first.Name)
		}
	}
}

// TestJudge_CallsNothingGoodThatWasNotChecked breaks each check in turn, and
// the receipt in every way.
func TestJudge_CallsNothingGoodThatWasNotChecked(t *testing.T) {
	now := time.Date(2026, time.June, 2, 8, 0, 0, 0, time.UTC)
	good := Standing{Accepted: now, Locked: now}
	for _, name := range Names {
		if name == Revocation {
			continue // decided outside the file
		}
		for _, status := range []Status{Failed, Unknown, Skipped} {
			a := Judge(sound("s").with(name, status), receiptFor("s", bundle.Accepted), good)
			if a.Verdict != VerdictUnchecked {
				t.Errorf("%s %s: %s", name, status, a.Verdict)
			}
			if a.Findings[0].Status == OK {
				t.Errorf("%s %s does not come first: %v", name, status, a.Findings)
			}
			replaced := Judge(sound("s").with(name, status), receiptFor("s", bundle.Accepted), Standing{Accepted: now, Replaced: now})
			if replaced.Verdict != VerdictReplaced {
				t.Errorf("%s %s hides that the version was replaced: %s", name, status, replaced.Verdict)
			}
		}
	}
	for name, receipt := range map[string]Report{
		"none": {}, "of other bytes": receiptFor("other", bundle.Accepted), "a refusal": receiptFor("s", bundle.Refused),
		"forged": receiptFor("s", bundle.Accepted).with(Signature, Failed), "untrusted": receiptFor("s", bundle.Accepted).with(Chain, Unknown),
		"no receipt at all": sound("receipt"),
	} {
		if a := Judge(sound("s"), receipt, good); a.Verdict != VerdictUnchecked {
			t.Errorf("receipt %s: %s", name, a.Verdict)
		}
	}
	if a := Judge(Report{}, receiptFor("", bundle.Accepted), good); a.Verdict != VerdictUnchecked {
		t.Errorf("an empty report: %s", a.Verdict)
	}
}
