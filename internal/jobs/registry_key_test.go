package jobs_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"testing"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// requested asks for a key of the registry and returns the public key of the
// request, as an authority reads it.
func requested(t *testing.T, c *jobstest.Chain, k jobs.RegistryKeys, algorithm signing.Algorithm) crypto.PublicKey {
	t.Helper()
	text, err := k.Request(t.Context(), algorithm)
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(text)
	if block == nil || len(rest) > 0 || block.Type != "CERTIFICATE REQUEST" {
		t.Fatalf("no request: %s", text)
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err == nil {
		err = request.CheckSignature()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := request.Subject.Organization; len(got) != 1 || got[0] != c.Cast.Department.Name {
		t.Errorf("the request is in the name of %v", got)
	}
	return request.PublicKey
}

// TestRegistryKeys_RefuseWhatNobodyWouldBelieve: no certificate comes into use
// under which receipts would be worth nothing.
func TestRegistryKeys_RefuseWhatNobodyWouldBelieve(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Registrar()
	k := jobs.RegistryKeys{DB: c.D.DB, Secret: c.Secret()}
	public := requested(t, c, k, signing.RSASHA256)
	now := c.D.Clock.Now()
	sound := demo.Request{Kind: demo.Receipt, Name: "Kho học bạ số", Organization: c.Cast.Department.Name, TaxCode: "0400000048",
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(2, 0, 0), PublicKey: public}
	stranger, err := demo.New(nil, now.AddDate(0, 0, -2))
	if err != nil {
		t.Fatal(err)
	}
	other, err := software.Generate(signing.ECDSASHA256)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		ca     *demo.CA
		change func(*demo.Request)
		code   string
		check  string
	}{
		"of another office":        {change: func(r *demo.Request) { r.Organization = "Sở Nội vụ" }, code: "certificate.check_failed", check: certificate.CheckName},
		"over":                     {change: func(r *demo.Request) { r.NotAfter = now.Add(-time.Hour) }, code: "certificate.check_failed", check: certificate.CheckPeriod},
		"of an unknown authority":  {ca: stranger, code: "certificate.check_failed", check: certificate.CheckChain},
		"of a person":              {change: func(r *demo.Request) { r.Kind, r.PersonalNumber, r.TaxCode = demo.Person, "048090000001", "" }, code: "certificate.check_failed", check: certificate.CheckPurpose},
		"of a key nobody asked of": {change: func(r *demo.Request) { r.PublicKey = other.Public() }, code: "registry.receipt_no_request"},
	} {
		r := sound
		if test.change != nil {
			test.change(&r)
		}
		ca := test.ca
		if ca == nil {
			ca = jobstest.CA()
		}
		cert, err := ca.Issue(r)
		if err != nil {
			t.Fatal(err)
		}
		_, checks, err := k.Install(t.Context(), signing.EncodePEM(cert.Leaf(), ca.Issuing()))
		if !fault.Is(err, test.code) {
			t.Errorf("%s: %v", name, err)
		}
		for _, found := range checks {
			if found.Name == test.check && found.Outcome != certificate.Failed {
				t.Errorf("%s: check %s is %s", name, found.Name, found.Outcome)
			}
		}
	}
	if list, err := c.D.ReceiptCertificates(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%d certificates, %v", len(list), err)
	}
}

// TestRegistryKeys_AreRenewedWhileTheProgramRuns: a certificate that ended
// signs nothing, what was sent waits, and is answered under the next one
// without a restart.
func TestRegistryKeys_AreRenewedWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Issue(t)
	k := jobs.RegistryKeys{DB: c.D.DB, Secret: c.Secret()}
	install := func(until time.Time) string {
		t.Helper()
		cert, err := jobstest.CA().Issue(demo.Request{Kind: demo.Receipt, Name: "Kho học bạ số", Organization: c.Cast.Department.Name, TaxCode: "0400000048",
			NotBefore: c.D.Clock.Now().Add(-time.Hour), NotAfter: until, PublicKey: requested(t, c, k, signing.ECDSASHA256)})
		if err != nil {
			t.Fatal(err)
		}
		file := signing.EncodePEM(cert.Leaf(), jobstest.CA().Issuing())
		if _, checks, err := k.Install(t.Context(), file); err != nil {
			t.Fatalf("%v %v", err, checks)
		}
		if _, _, err := k.Install(t.Context(), file); !fault.Is(err, "registry.receipt_installed") {
			t.Errorf("installed twice: %v", err)
		}
		return cert.Fingerprint()
	}
	courier := jobs.NewCourier(c.D.DB, slog.New(slog.DiscardHandler), c.Secret())
	if _, err := courier.Submission(t.Context()); !fault.Is(err, "registry.no_receipt_key") {
		t.Fatalf("a registry without a key: %v", err)
	}
	install(c.D.Clock.Now().Add(time.Hour))
	s, err := courier.Submission(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.D.Clock.Advance(2 * time.Hour)
	if _, err := s.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); !fault.Is(err, "registry.receipt_key_over") {
		t.Fatalf("answered under a certificate that is over: %v", err)
	}
	if got := stages(t, c); got[workflow.Submitted] != 8 {
		t.Fatalf("stages %v", got)
	}
	next := install(c.D.Clock.Now().AddDate(2, 0, 0))
	if s, err = courier.Submission(t.Context()); err == nil {
		err = s.Resume(t.Context(), c.Cast.School.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := stages(t, c); got[workflow.Accepted] != 8 {
		t.Errorf("stages %v", got)
	}
	list, err := c.D.ReceiptCertificates(t.Context())
	if err != nil || len(list) != 2 || list[0].Certificate.Fingerprint() != next {
		t.Errorf("%d certificates, %v", len(list), err)
	}
}
