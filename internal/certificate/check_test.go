package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/revocation"
)

const schoolName = "Trường Tiểu học Hoa Phượng"

// bench is an authority with a seal's certificate and the facts it passes.
type bench struct {
	ca    *demo.CA
	cert  *signing.Certificate
	key   *ecdsa.PrivateKey
	facts certificate.Facts
}

func newBench(t *testing.T, change ...func(*demo.Request)) bench {
	t.Helper()
	ca, err := demo.New(nil, noon.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := demo.Request{Kind: demo.Seal, Name: "TRƯỜNG TIỂU HỌC HOA PHƯỢNG", TaxCode: "0400000001", NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(1, 0, 0), PublicKey: key.Public()}
	for _, c := range change {
		c(&r)
	}
	cert, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	anchor := ca.Anchor()
	anchor.Trial = false
	trust, err := signing.NewTrustList([]signing.Anchor{anchor}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return bench{ca, cert, key, certificate.Facts{Purpose: certificate.Seal, Holder: schoolName, TaxCode: "0400000001", Typed: "0400000001", Trust: trust,
		Status: revocation.Verdict{Status: revocation.Good, Kind: revocation.OCSP, From: noon}, Season: noon.AddDate(0, 3, 0), Now: noon}}
}

func (b bench) find(name string) certificate.Check {
	for _, c := range certificate.Examine(b.cert, b.facts) {
		if c.Name == name {
			return c
		}
	}
	return certificate.Check{}
}

func TestExamine_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		check  string
		want   certificate.Outcome
		code   string
		issue  func(*demo.Request)
		change func(*certificate.Facts)
	}{
		{certificate.CheckName, certificate.Fine, "certificate.name", nil, nil},
		{certificate.CheckName, certificate.Failed, "certificate.name_differs", nil, func(f *certificate.Facts) { f.Holder = "Trường Tiểu học Núi Voi" }},
		{certificate.CheckName, certificate.Failed, "certificate.name_differs", func(r *demo.Request) { r.Name = "TRƯỜNG TIỂU HỌC HOA PHƯƠNG" }, nil},
		{certificate.CheckName, certificate.Fine, "certificate.name", func(r *demo.Request) { r.Name = "TRUONG TIEU HOC HOA PHUONG" }, nil},
		{certificate.CheckNumber, certificate.Fine, "certificate.number", nil, nil},
		{certificate.CheckNumber, certificate.Attention, "certificate.number_unknown", nil, func(f *certificate.Facts) { f.TaxCode = "" }},
		{certificate.CheckNumber, certificate.Failed, "certificate.number_differs", nil, func(f *certificate.Facts) { f.TaxCode = "0400000009" }},
		{certificate.CheckNumber, certificate.Failed, "certificate.number_typed", nil, func(f *certificate.Facts) { f.Typed = "0400000009" }},
		{certificate.CheckPurpose, certificate.Fine, "certificate.purpose_seal", nil, nil},
		{certificate.CheckPurpose, certificate.Failed, "certificate.purpose_not_person", nil, func(f *certificate.Facts) { f.Purpose = certificate.Person }},
		{certificate.CheckPurpose, certificate.Failed, "certificate.purpose_not_seal",
			func(r *demo.Request) { r.Kind, r.PersonalNumber = demo.Person, "048190000001" }, nil},
		{certificate.CheckPeriod, certificate.Fine, "certificate.period", nil, nil},
		{certificate.CheckPeriod, certificate.Failed, "certificate.period_over", nil, func(f *certificate.Facts) { f.Now = noon.AddDate(2, 0, 0) }},
		{certificate.CheckPeriod, certificate.Failed, "certificate.period_not_yet", nil, func(f *certificate.Facts) { f.Now = noon.AddDate(0, -2, 0) }},
		{certificate.CheckPeriod, certificate.Attention, "certificate.period_season", func(r *demo.Request) { r.NotAfter = noon.AddDate(0, 1, 0) }, nil},
		{certificate.CheckChain, certificate.Fine, "certificate.chain", nil, nil},
		{certificate.CheckChain, certificate.Failed, "certificate.untrusted", nil, func(f *certificate.Facts) { f.Trust, _ = signing.NewTrustList(nil, nil) }},
		{certificate.CheckElsewhere, certificate.Failed, "certificate.used_elsewhere", nil, func(f *certificate.Facts) { f.Elsewhere = true }},
		{certificate.CheckKey, certificate.Fine, "certificate.key", nil, nil},
		{certificate.CheckPolicy, certificate.Attention, "certificate.trial", nil, nil},
		{certificate.CheckPolicy, certificate.Failed, signing.PolicyRefusesTrial, nil, func(f *certificate.Facts) { f.Policy.Production = true }},
	} {
		var changes []func(*demo.Request)
		if test.issue != nil {
			changes = append(changes, test.issue)
		}
		b := newBench(t, changes...)
		if test.change != nil {
			test.change(&b.facts)
		}
		if c := b.find(test.check); c.Outcome != test.want || c.Code != test.code {
			t.Errorf("%s: %s %s, want %s %s", test.check, c.Outcome, c.Code, test.want, test.code)
		}
	}
}

func TestRevocationCheck_FollowsTheDemand(t *testing.T) {
	t.Parallel()
	none, down := revocation.Verdict{Status: revocation.Unknown, Why: revocation.NoSource}, revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}
	for _, test := range []struct {
		verdict revocation.Verdict
		demand  signing.Demand
		want    certificate.Outcome
	}{
		{none, signing.DemandNothing, certificate.Attention}, {none, signing.DemandNamed, certificate.Attention}, {none, signing.DemandAlways, certificate.Failed},
		{down, signing.DemandNothing, certificate.Attention}, {down, signing.DemandNamed, certificate.Pending}, {down, signing.DemandAlways, certificate.Pending},
		{revocation.Verdict{}, signing.DemandNamed, certificate.Pending},
		{revocation.Verdict{Status: revocation.Revoked, At: noon}, signing.DemandNothing, certificate.Failed},
		{revocation.Verdict{Status: revocation.Good}, signing.DemandAlways, certificate.Fine},
	} {
		if got := certificate.RevocationCheck(test.verdict, test.demand); got.Outcome != test.want {
			t.Errorf("%s/%s under %s: %s, want %s", test.verdict.Status, test.verdict.Why, test.demand, got.Outcome, test.want)
		}
	}
}

func TestStands_NeverApprovesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	pending := []certificate.Check{{Name: certificate.CheckRevocation, Outcome: certificate.Pending}}
	look := []certificate.Check{{Name: certificate.CheckNumber, Outcome: certificate.Attention}}
	failed := []certificate.Check{{Name: certificate.CheckName, Outcome: certificate.Failed}}
	for _, test := range []struct {
		checks []certificate.Check
		act    certificate.Kind
		looked bool
		want   string
	}{
		{pending, certificate.Registered, false, ""}, {pending, certificate.Approved, true, "certificate.check_pending"},
		{look, certificate.Approved, false, "certificate.look"}, {look, certificate.Approved, true, ""},
		{failed, certificate.Declared, true, "certificate.check_failed"}, {failed, certificate.Approved, true, "certificate.check_failed"},
	} {
		if err := certificate.Stands(test.checks, test.act, test.looked); fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", test.act, err, test.want)
		}
	}
}

func TestRead_TakesCertificatesAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	key, err := x509.MarshalPKCS8PrivateKey(b.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, issuing := signing.EncodePEM(b.cert.Leaf()), signing.EncodePEM(b.ca.Issuing())
	pfx := []byte("\x30\x08\x02\x01\x03\x30\x03\x06\x01\x00")
	other := newBench(t)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"pem":                      {leaf, ""},
		"der":                      {b.cert.Leaf().Raw, ""},
		"with its chain":           {append(append([]byte{}, leaf...), issuing...), ""},
		"the chain first, a root":  {append(append(append([]byte{}, issuing...), b.ca.RootPEM()...), leaf...), ""},
		"a private key":            {append(append([]byte{}, leaf...), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...), "certificate.private_key"},
		"a private key as der":     {key, "certificate.private_key"},
		"a pfx":                    {pfx, "certificate.private_key"},
		"nothing":                  {nil, "certificate.file"},
		"a picture":                {[]byte("\x89PNG\r\n"), "certificate.file"},
		"only authorities":         {issuing, "certificate.file_signers"},
		"two signers":              {append(append([]byte{}, leaf...), signing.EncodePEM(other.cert.Leaf())...), "certificate.file_signers"},
		"too large":                {make([]byte, certificate.MaxFile+1), "certificate.file_large"},
		"der with something after": {append(append([]byte{}, b.cert.Leaf().Raw...), 0), "certificate.file"},
	} {
		got, err := certificate.Read(test.file)
		if fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if err == nil && (got.Fingerprint() != b.cert.Fingerprint() || len(got.Intermediates()) > 1) {
			t.Errorf("%s: %s with %d authorities", name, got.Name(), len(got.Intermediates()))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("\x30\x03\x02\x01\x03"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if c, err := certificate.Read(file); err == nil && c.Leaf().NotAfter.Before(time.Unix(-1<<40, 0)) {
			t.Error("unreadable dates")
		}
	})
}
