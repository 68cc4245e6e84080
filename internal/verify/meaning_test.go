package verify_test

import (
	"strings"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing/xades"
	"hocba/internal/verify"
)

// meant signs every slot of the sample with the sentence of its role, the
// homeroom teacher's with another one.
func meant(t *testing.T, homeroom *xades.Meaning) []byte {
	t.Helper()
	sentences := map[string]*xades.Meaning{bundle.HomeroomSignatureID: homeroom}
	for _, s := range must(bundle.Open(issued(t, nil)))(t).Slots {
		if s.ID != bundle.HomeroomSignatureID {
			m, _ := bundle.MeaningOf(s.Role)
			sentences[s.ID] = m.Signed()
		}
	}
	return planned(t, bundletest.Plan{Meaning: sentences})
}

func TestFile_TellsWhatEachSignatureMeans(t *testing.T) {
	own, _ := bundle.MeaningOf(bundle.Homeroom)
	report := verify.File(meant(t, own.Signed()), options())
	if !report.Valid {
		t.Fatal(failures(report))
	}
	for _, s := range report.Signers {
		m, _ := bundle.MeaningOf(s.Role)
		if s.Meaning == nil || s.Meaning.Text != m.Text || s.Meaning.ID != m.URN() || s.Meaning.Version != m.Version || s.Meaning.Source != m.Source {
			t.Errorf("%s means %+v", s.Slot, s.Meaning)
		}
		if s.Serial == "" {
			t.Errorf("%s: no serial number", s.Slot)
		}
	}
	for _, c := range report.Checks {
		if c.Name == verify.Meaning && c.Status != verify.OK {
			t.Errorf("%+v", c)
		}
	}
}

func TestFile_NamesAMeaningThatIsNotTheRoles(t *testing.T) {
	own, _ := bundle.MeaningOf(bundle.Homeroom)
	other, _ := bundle.MeaningOf(bundle.Approval)
	for name, x := range map[string]struct {
		said   *xades.Meaning
		status verify.Status
		code   string
	}{
		"nothing":                   {nil, verify.Skipped, "verify.meaning_absent"},
		"an unknown identifier":     {&xades.Meaning{ID: "urn:oid:1.2.3", Text: "Tôi không chịu trách nhiệm."}, verify.Skipped, "verify.meaning_unknown"},
		"other words for a version": {&xades.Meaning{ID: own.URN(), Text: strings.Replace(own.Text, "chịu", "không chịu", 1)}, verify.Failed, "verify.meaning"},
		"the principal's sentence":  {other.Signed(), verify.Failed, "verify.meaning"},
	} {
		report := verify.File(meant(t, x.said), options())
		found := false
		for _, c := range report.Checks {
			if c.Name == verify.Meaning && c.Slot == bundle.HomeroomSignatureID {
				found = true
				if c.Status != x.status || c.Code != x.code {
					t.Errorf("%s: %+v", name, c)
				}
			} else if c.Name == verify.Meaning && c.Status != verify.OK {
				t.Errorf("%s: %+v", name, c)
			}
		}
		if !found || report.Valid == (x.status == verify.Failed) {
			t.Errorf("%s: valid %v", name, report.Valid)
		}
		// A look-up is told that everything was signed unless a check failed.
		for _, f := range verify.Judge(report, verify.Report{}, verify.Standing{}).Findings {
			if f.Name == verify.FindingSigned && (f.Status == verify.OK) == (x.status == verify.Failed) {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

func TestCommand_TellsTheMeaningInEveryForm(t *testing.T) {
	c, _ := stage()
	own, _ := bundle.MeaningOf(bundle.Homeroom)
	dir := t.TempDir()
	roots, file := write(t, dir, "roots.pem", c.CA.RootPEM()), write(t, dir, "meant.xml", meant(t, own.Signed()))
	for _, form := range [][]string{nil, {"--json"}, {"--html"}} {
		_, out, errs := command(t, append(form, "--trust", roots, file)...)
		if !strings.Contains(out, own.Text) || !strings.Contains(out, own.URN()) {
			t.Errorf("%v: %s %s", form, out, errs)
		}
	}
}
