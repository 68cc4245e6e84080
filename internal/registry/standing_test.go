package registry

import (
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/bundle/bundletest"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
)

// codesOf are the codes of reasons, each once.
func codesOf(list []bundle.Reason) map[string]bundle.Action {
	out := map[string]bundle.Action{}
	for _, r := range list {
		out[r.Code] = r.Action
	}
	return out
}

// TestExamine_RefusesTrialSignaturesInProduction: every signature of the sample
// is of the trial authority.
func TestExamine_RefusesTrialSignaturesInProduction(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	raw := d.record(nil)
	p := d.paper(bundle.Submission, nil, raw)
	if a := d.office.Examine(p, d.sender, raw); len(a.reasons) > 0 {
		t.Fatalf("refused while on trial: %v", a.reasons)
	}
	d.office.Policy.Production = true
	a := d.office.Examine(p, d.sender, raw)
	if n := len(a.reasons); n < 4 || codesOf(a.reasons)[signing.PolicyRefusesTrial] != bundle.Reissue {
		t.Errorf("%d reasons, %v", n, a.reasons)
	}
	ruling := Decide(a, Facts{}, d.office.Now)
	if ruling.Accepted() || ruling.Reasons()[0].Number != 1 {
		t.Errorf("the refusal is not numbered: %v", ruling.Reasons())
	}
	read := d.office.Read(bundle.Submission, d.sender, d.statement(bundle.Submission, nil, raw))
	if !read.Refused() || codesOf(read.Reasons)[signing.PolicyRefusesTrial] != bundle.Resubmit {
		t.Errorf("the manifest: %v", read.Reasons)
	}
}

func TestExamine_CountsByWhatIssuersSay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	raw := d.record(nil)
	p := d.paper(bundle.Submission, nil, raw)
	seal := d.cast.Members[bundletest.School].Certificate.Fingerprint()
	good := revocation.Verdict{Status: revocation.Good}
	for _, test := range []struct {
		name    string
		verdict revocation.Verdict
		demand  signing.Demand
		code    string
		pending bool
	}{
		{"good", good, signing.DemandAlways, "", false},
		{"revoked before it signed", revocation.Verdict{Status: revocation.Revoked, At: bundletest.At.AddDate(0, -1, 0)}, signing.DemandNothing, "registry.certificate_revoked", false},
		// The claimed time of signing proves nothing: it may be dated back.
		{"revoked between signing and arrival", revocation.Verdict{Status: revocation.Revoked, At: bundletest.At.Add(30 * time.Minute)}, signing.DemandNothing, "registry.certificate_revoked", false},
		{"revoked later", revocation.Verdict{Status: revocation.Revoked, At: bundletest.At.AddDate(0, 1, 0)}, signing.DemandNothing, "", false},
		{"nobody answers", revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}, signing.DemandNamed, "", true},
		{"nobody answers, nobody minds", revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}, signing.DemandNothing, "", false},
		{"no source", revocation.Verdict{Status: revocation.Unknown, Why: revocation.NoSource}, signing.DemandNamed, "", false},
		{"no source where one must be", revocation.Verdict{Status: revocation.Unknown, Why: revocation.NoSource}, signing.DemandAlways, "registry.certificate_no_source", false},
	} {
		o := d.office
		o.Policy.Revocation = test.demand
		o.Status = func(c *signing.Certificate, _ *signing.Chain) revocation.Verdict {
			if c.Fingerprint() == seal {
				return test.verdict
			}
			return good
		}
		a := o.Examine(p, d.sender, raw)
		_, found := codesOf(a.reasons)[test.code]
		if a.Pending() != test.pending || (test.code != "") != found || test.code == "" && len(a.reasons) > 0 {
			t.Errorf("%s: pending %v, %v", test.name, a.Pending(), a.reasons)
		}
	}
}

func TestPolicy_AsksForProviderPolicyAndDevice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	// A chain whose root is no trial's and whose policy is still software.
	anchor := d.cast.CA.Anchor()
	chain, err := d.office.Trust.Verify(d.cast.Members[bundletest.School].Certificate, bundletest.At)
	if err != nil {
		t.Fatal(err)
	}
	real := *chain
	real.Trial = false
	own := signing.FingerprintOf(anchor.Certificate)
	for _, test := range []struct {
		name   string
		policy signing.Policy
		seal   bool
		want   []string
	}{
		{"on trial", signing.Policy{}, true, nil},
		{"a software seal in production", signing.Policy{Production: true}, true, []string{signing.PolicyRefusesSoftware}},
		{"a person's software key", signing.Policy{Production: true}, false, nil},
		{"the provider", signing.Policy{Providers: []string{own}}, true, nil},
		{"another provider", signing.Policy{Providers: []string{"00"}}, true, []string{signing.PolicyRefusesProvider}},
		{"another policy", signing.Policy{Policies: []string{"1.2.3"}}, false, []string{signing.PolicyRefusesPolicy}},
		{"the policy", signing.Policy{Policies: []string{signing.PolicySoftwareKey.String()}}, false, nil},
		{"no device", signing.Policy{SealOnDevice: true, DevicePolicies: []string{"1.2.3"}}, true, []string{signing.PolicyRefusesDevice}},
		{"a person needs no device", signing.Policy{SealOnDevice: true, DevicePolicies: []string{"1.2.3"}}, false, nil},
	} {
		got := test.policy.Judge(&real, test.seal)
		if len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0] {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
