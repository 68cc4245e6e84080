package revocation_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/revocation"
)

// authority is a demonstration authority with its responder on the loopback.
type authority struct {
	ca        *demo.CA
	responder *demo.Responder
	server    *httptest.Server
	now       time.Time
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{now: time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC)}
	var err error
	if a.ca, err = demo.New(nil, a.now.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	a.responder = demo.NewResponder(a.ca, a.clock)
	a.server = httptest.NewServer(a.responder)
	t.Cleanup(a.server.Close)
	return a
}

func (a *authority) clock() time.Time { return a.now }
func (a *authority) host() string     { return strings.TrimPrefix(a.server.URL, "http://") }

// issue makes a seal's certificate that names these paths of the responder.
func (a *authority) issue(t *testing.T, ocspPath, crlPath string) *signing.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r := demo.Request{Kind: demo.Seal, Name: "Trường Tiểu học Hoa Phượng", TaxCode: "0400000001",
		NotBefore: a.now.AddDate(0, -1, 0), NotAfter: a.now.AddDate(1, 0, 0), PublicKey: key.Public()}
	if ocspPath != "" {
		r.OCSP = []string{a.server.URL + ocspPath}
	}
	if crlPath != "" {
		r.CRL = []string{a.server.URL + crlPath}
	}
	cert, err := a.ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (a *authority) checker(change ...func(*revocation.Options)) *revocation.Checker {
	o := revocation.Options{Inside: []string{a.host()}, Now: a.clock, Timeout: 2 * time.Second}
	for _, c := range change {
		c(&o)
	}
	return revocation.New(o)
}

func (a *authority) check(c *revocation.Checker, cert *signing.Certificate) revocation.Verdict {
	return c.Check(context.Background(), cert.Leaf(), a.ca.Issuing())
}

func TestCheck_TellsGoodAndRevokedByBothWays(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		kind      revocation.Kind
		ocsp, crl string
	}{{revocation.OCSP, "/ocsp", ""}, {revocation.CRL, "", "/crl"}} {
		a := newAuthority(t)
		cert := a.issue(t, way.ocsp, way.crl)
		v := a.check(a.checker(), cert)
		if v.Status != revocation.Good || v.Kind != way.kind || len(v.Answer) == 0 || v.Why != "" || !v.Asked.Equal(a.now) {
			t.Fatalf("%s: %+v", way.kind, v)
		}
		at := a.now.Add(-48 * time.Hour)
		a.responder.Withdraw(demo.Withdrawal{Serial: cert.Leaf().SerialNumber, At: at, Reason: 1})
		v = a.check(a.checker(), cert)
		if v.Status != revocation.Revoked || !v.At.Equal(at) || v.ReasonName() != "key_compromise" || !v.RevokedBy(at) || v.RevokedBy(at.Add(-time.Second)) {
			t.Fatalf("%s: %+v", way.kind, v)
		}
		// The evidence judges the certificate again without the network, years later.
		read := revocation.ReadOCSP
		if way.kind == revocation.CRL {
			read = revocation.ReadCRL
		}
		if again := read(v.Answer, cert.Leaf(), a.ca.Issuing(), a.now.AddDate(5, 0, 0)); again.Status != revocation.Revoked {
			t.Errorf("%s evidence: %+v", way.kind, again)
		}
	}
}

func TestCheck_IsUnknownWithTheReason(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	both := a.issue(t, "/ocsp", "/crl")
	mode := func(m demo.Mode) {
		if err := a.responder.Behave(m); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(name, why string, v revocation.Verdict) {
		t.Helper()
		if v.Status != revocation.Unknown || v.Why != why {
			t.Errorf("%s: %s %s, want unknown %s", name, v.Status, v.Why, why)
		}
	}
	expect("no source", revocation.NoSource, a.check(a.checker(), a.issue(t, "", "")))
	expect("offline", revocation.Unreachable, a.check(a.checker(func(o *revocation.Options) { o.Offline = true }), both))
	expect("wrong path", revocation.Unreachable, a.check(a.checker(), a.issue(t, "/nothing", "/nothing")))
	expect("not permitted", revocation.Forbidden, a.check(a.checker(func(o *revocation.Options) { o.Inside, o.Hosts = nil, []string{".gov.vn"} }), both))
	expect("inside the house", revocation.Forbidden, a.check(a.checker(func(o *revocation.Options) { o.Inside = nil }), both))
	mode(demo.Later)
	expect("later", revocation.Unreachable, a.check(a.checker(), both))
	mode(demo.Expired)
	expect("expired", revocation.Stale, a.check(a.checker(), both))
	mode(demo.Malformed)
	expect("malformed", revocation.BadAnswer, a.check(a.checker(), both))
	mode(demo.Stranger)
	expect("stranger", revocation.NotKnown, a.check(a.checker(), a.issue(t, "/ocsp", "")))
	if v := a.check(a.checker(), both); v.Status != revocation.Good || v.Kind != revocation.CRL {
		t.Errorf("the list was not asked after OCSP had no answer: %+v", v)
	}
}

func TestCheck_FollowsNoRedirectIntoTheHouse(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	var reached atomic.Bool
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer inner.Close()
	outer := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusFound))
	defer outer.Close()
	cert := a.issue(t, "", "")
	leaf := *cert.Leaf()
	leaf.CRLDistributionPoints = []string{outer.URL, "file:///etc/passwd", "ldap://127.0.0.1/x", "http://[::1]:1/x"}
	c := a.checker(func(o *revocation.Options) { o.Inside = []string{strings.TrimPrefix(outer.URL, "http://")} })
	if v := c.Check(context.Background(), &leaf, a.ca.Issuing()); v.Status != revocation.Unknown || v.Why != revocation.Forbidden {
		t.Errorf("%+v", v)
	}
	if reached.Load() {
		t.Error("a redirect was followed to an address that is not permitted")
	}
}

func TestCheck_RemembersUntilTheAnswerEnds(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	var mu sync.Mutex
	now := a.now
	c := a.checker(func(o *revocation.Options) {
		o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
		o.Keep = 2 * time.Hour
	})
	cert := a.issue(t, "/ocsp", "")
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() { a.check(c, cert) })
	}
	wait.Wait()
	if n := a.responder.Asked(); n != 1 {
		t.Fatalf("asked %d times for twenty at once", n)
	}
	a.responder.Withdraw(demo.Withdrawal{Serial: cert.Leaf().SerialNumber, At: a.now})
	later := func(d time.Duration) { mu.Lock(); now = a.now.Add(d); mu.Unlock() }
	later(time.Hour)
	if v := a.check(c, cert); v.Status != revocation.Good || a.responder.Asked() != 1 {
		t.Errorf("after an hour: %s, asked %d times", v.Status, a.responder.Asked())
	}
	later(2 * time.Hour)
	if v := a.check(c, cert); v.Status != revocation.Revoked {
		t.Errorf("after two hours: %s", v.Status)
	}
	// Nobody answers: not asked again for a minute, then yes.
	down := a.issue(t, "/down", "")
	before := a.responder.Asked()
	a.check(c, down)
	a.check(c, down)
	later(2*time.Hour + 2*time.Minute)
	a.check(c, down)
	if n := a.responder.Asked() - before; n != 2 {
		t.Errorf("a responder that does not answer was asked %d times, want 2", n)
	}
}

// own is an authority made by hand, to answer in ways the demonstration's does not.
type own struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCertificate(t *testing.T, name string, parent *own, change func(*x509.Certificate)) *own {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true}
	change(c)
	self := &own{c, key}
	if parent == nil {
		parent = self
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, parent.cert, key.Public(), parent.key)
	if err == nil {
		self.cert, err = x509.ParseCertificate(raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	return self
}

func TestReadOCSP_TakesNoAnswerFromWhoMayNotGiveIt(t *testing.T) {
	t.Parallel()
	authority := func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign }
	ca, stranger := newCertificate(t, "CA", nil, authority), newCertificate(t, "Other", nil, authority)
	holder := newCertificate(t, "Trường", ca, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature })
	delegate := newCertificate(t, "Responder", ca, func(c *x509.Certificate) {
		c.SerialNumber, c.ExtKeyUsage = big.NewInt(5), []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	})
	outdated := newCertificate(t, "Responder", ca, func(c *x509.Certificate) {
		c.ExtKeyUsage, c.NotAfter = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, time.Now().Add(-time.Minute)
	})
	twin := newCertificate(t, "Twin", ca, authority)
	for _, test := range []struct {
		name     string
		by       *own
		issuer   *x509.Certificate // named in the answer
		embedded bool
		want     revocation.Status
	}{
		{"the issuer", ca, ca.cert, false, revocation.Good},
		{"its responder", delegate, ca.cert, true, revocation.Good},
		{"its responder, expired", outdated, ca.cert, true, revocation.Unknown},
		{"another holder of a certificate", holder, ca.cert, true, revocation.Unknown},
		{"another authority", stranger, ca.cert, false, revocation.Unknown},
		{"about another authority's certificate", ca, twin.cert, false, revocation.Unknown},
	} {
		template := ocsp.Response{Status: ocsp.Good, SerialNumber: holder.cert.SerialNumber, ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}
		if test.embedded {
			template.Certificate = test.by.cert
		}
		der, err := ocsp.CreateResponse(test.issuer, test.by.cert, template, test.by.key)
		if err != nil {
			t.Fatal(err)
		}
		if v := revocation.ReadOCSP(der, holder.cert, ca.cert, time.Now()); v.Status != test.want {
			t.Errorf("%s: %s %s, want %s", test.name, v.Status, v.Why, test.want)
		}
	}
}

// A responder says itself when it answered: with a key whose certificate has
// ended since, anybody who found it could answer of before.
func TestReadOCSP_NeedsAResponderThatStillHolds(t *testing.T) {
	t.Parallel()
	ca := newCertificate(t, "CA", nil, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
	holder := newCertificate(t, "Trường", ca, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature })
	delegate := newCertificate(t, "Responder", ca, func(c *x509.Certificate) {
		c.ExtKeyUsage, c.NotAfter = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, time.Now().Add(10*time.Minute)
	})
	der, err := ocsp.CreateResponse(ca.cert, delegate.cert, ocsp.Response{Status: ocsp.Good, SerialNumber: holder.cert.SerialNumber, Certificate: delegate.cert,
		ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}, delegate.key)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]revocation.Status{0: revocation.Good, 30 * time.Minute: revocation.Unknown} {
		if v := revocation.ReadOCSP(der, holder.cert, ca.cert, time.Now().Add(after)); v.Status != want {
			t.Errorf("after %s: %s, want %s", after, v.Status, want)
		}
	}
}

func TestReadCRL_RefusesListsThatAreNotWhole(t *testing.T) {
	t.Parallel()
	ca := newCertificate(t, "CA", nil, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign })
	holder := newCertificate(t, "Trường", ca, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature })
	read := func(change func(*x509.RevocationList)) revocation.Verdict {
		l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}
		change(l)
		der, err := x509.CreateRevocationList(rand.Reader, l, ca.cert, ca.key)
		if err != nil {
			t.Fatal(err)
		}
		return revocation.ReadCRL(der, holder.cert, ca.cert, time.Now())
	}
	extension := func(id []int, der string) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: id, Critical: true, Value: []byte(der)}}
		}
	}
	for name, test := range map[string]struct {
		change func(*x509.RevocationList)
		want   revocation.Status
	}{
		"whole":            {func(*x509.RevocationList) {}, revocation.Good},
		"signers only":     {extension([]int{2, 5, 29, 28}, "\x30\x03\x81\x01\xff"), revocation.Good},
		"authorities only": {extension([]int{2, 5, 29, 28}, "\x30\x03\x82\x01\xff"), revocation.Unknown},
		"indirect":         {extension([]int{2, 5, 29, 28}, "\x30\x03\x84\x01\xff"), revocation.Unknown},
		"delta":            {extension([]int{2, 5, 29, 27}, "\x02\x01\x01"), revocation.Unknown},
		"something new":    {extension([]int{1, 2, 3}, "\x05\x00"), revocation.Unknown},
		"on hold": {func(l *x509.RevocationList) {
			l.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: holder.cert.SerialNumber, RevocationTime: time.Now(), ReasonCode: 6}}
		}, revocation.Revoked},
	} {
		if v := read(test.change); v.Status != test.want {
			t.Errorf("%s: %s, want %s", name, v.Status, test.want)
		}
	}
}

// TestResponder_AgreesWithOpenSSL holds both sides of the protocol against
// another implementation: its questions to our responder, its reading of the
// answers and of the list.
func TestResponder_AgreesWithOpenSSL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("openssl is missing")
		}
		t.Skip("openssl is not installed")
	}
	a := newAuthority(t)
	a.now = time.Now()
	cert := a.issue(t, "/ocsp", "/crl")
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	leaf, issuing, root := file("leaf.pem", signing.EncodePEM(cert.Leaf())), file("ca.pem", signing.EncodePEM(a.ca.Issuing())), file("root.pem", a.ca.RootPEM())
	ask := func() string {
		out, err := exec.Command("openssl", "ocsp", "-issuer", issuing, "-cert", leaf, "-url", a.server.URL+"/ocsp", "-CAfile", root, "-verify_other", issuing, "-no_nonce").CombinedOutput()
		if err != nil {
			t.Fatalf("openssl ocsp: %v: %s", err, out)
		}
		return string(out)
	}
	if out := ask(); !strings.Contains(out, "Response verify OK") || !strings.Contains(out, "leaf.pem: good") {
		t.Errorf("openssl ocsp: %s", out)
	}
	a.responder.Withdraw(demo.Withdrawal{Serial: cert.Leaf().SerialNumber, At: a.now.Add(-time.Hour), Reason: 1})
	if out := ask(); !strings.Contains(out, "leaf.pem: revoked") || !strings.Contains(out, "keyCompromise") {
		t.Errorf("openssl ocsp: %s", out)
	}
	v := a.check(a.checker(), a.issue(t, "", "/crl"))
	out, err := exec.Command("openssl", "crl", "-inform", "DER", "-in", file("list.crl", v.Answer), "-CAfile", issuing, "-noout", "-text").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "verify OK") || !strings.Contains(string(out), "Key Compromise") {
		t.Errorf("openssl crl: %v: %s", err, out)
	}
	if _, err := url.Parse(v.Source); err != nil || v.Source != a.server.URL+"/crl" {
		t.Errorf("source %q", v.Source)
	}
}
