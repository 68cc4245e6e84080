package signing_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
)

var (
	begin = time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)
	end   = time.Date(2027, 8, 31, 23, 59, 59, 0, time.UTC)
	now   = time.Date(2026, 5, 28, 7, 0, 0, 0, time.UTC)
)

func newCA(tb testing.TB) *demo.CA {
	tb.Helper()
	ca, err := demo.New(nil, begin.AddDate(-1, 0, 0))
	if err != nil {
		tb.Fatal(err)
	}
	return ca
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func teacher(tb testing.TB, ca *demo.CA) *signing.Certificate {
	tb.Helper()
	cert, err := ca.Issue(demo.Request{
		Kind: demo.Person, Name: "Nguyễn Thị Ánh", Organization: "Trường Tiểu học Đông Ngạc",
		PersonalNumber: "001085000123", NotBefore: begin, NotAfter: end, PublicKey: newKey(tb).Public(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return cert
}

func trust(tb testing.TB, anchors ...signing.Anchor) *signing.TrustList {
	tb.Helper()
	list, err := signing.NewTrustList(anchors, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// leaf makes a certificate under a root of its own, both shaped by the test.
func leaf(tb testing.TB, shape func(root, leaf *x509.Certificate)) (*x509.Certificate, *signing.Certificate) {
	tb.Helper()
	rootKey := newKey(tb)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotBefore: begin.AddDate(-1, 0, 0),
		NotAfter: end.AddDate(9, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"}, NotBefore: begin, NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	shape(root, cert)
	public := crypto.PublicKey(newKey(tb).Public())
	if cert.PublicKey != nil {
		public = cert.PublicKey
	}
	parsedRoot := sign(tb, root, root, rootKey.Public(), rootKey)
	c, err := signing.NewCertificate(sign(tb, cert, parsedRoot, public, rootKey))
	if err != nil {
		tb.Fatal(err)
	}
	return parsedRoot, c
}

func sign(tb testing.TB, template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	tb.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return cert
}

func TestTrustList_FindsTheChain(t *testing.T) {
	ca := newCA(t)
	list := trust(t, ca.Anchor())
	cert := teacher(t, ca)
	for range 2 { // the second answer is remembered
		chain, err := list.Verify(cert, now)
		if err != nil {
			t.Fatal(err)
		}
		if len(chain.Path) != 3 || !chain.Trial || !chain.From.Equal(begin) || !chain.Until.Equal(end) {
			t.Errorf("%+v", chain)
		}
	}
}

func TestTrustList_RefusesByName(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	none := func(_, _ *x509.Certificate) {}
	for _, c := range []struct {
		name  string
		shape func(root, leaf *x509.Certificate)
		at    time.Time
		code  string
	}{
		{"good", none, now, ""},
		{"first instant", none, begin, ""},
		{"last instant", none, end, ""},
		{"before its time", none, begin.Add(-time.Second), "cert.not_yet"},
		{"after its time", none, end.Add(time.Second), "cert.expired"},
		{"contentCommitment alone", func(_, l *x509.Certificate) { l.KeyUsage = x509.KeyUsageContentCommitment }, now, ""},
		{"key usage of encryption", func(_, l *x509.Certificate) { l.KeyUsage = x509.KeyUsageKeyEncipherment }, now, "cert.not_signer"},
		{"no key usage", func(_, l *x509.Certificate) { l.KeyUsage = 0 }, now, "cert.not_signer"},
		{"an authority", func(_, l *x509.Certificate) { l.IsCA, l.BasicConstraintsValid = true, true }, now, "cert.not_signer"},
		{"of a web server", func(_, l *x509.Certificate) { l.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, now, "cert.not_signer"},
		{"of a responder", func(_, l *x509.Certificate) { l.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} }, now, "cert.not_signer"},
		{"of a time-stamping authority", func(_, l *x509.Certificate) { l.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping} }, now, "cert.not_signer"},
		{"of a person, for mail and sign-in", func(_, l *x509.Certificate) {
			l.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageEmailProtection}
		}, now, ""},
		{"for signing documents", func(_, l *x509.Certificate) {
			l.ExtKeyUsage, l.UnknownExtKeyUsage = nil, []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 36}}
		}, now, ""},
		{"P-384", func(_, l *x509.Certificate) { l.PublicKey = p384.Public() }, now, "key.algorithm"},
		{"root over", func(r, _ *x509.Certificate) { r.NotAfter = now.Add(-time.Hour) }, now, "cert.untrusted"},
		{"critical extension nobody knows", func(_, l *x509.Certificate) {
			l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
		}, now, "cert.untrusted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, cert := leaf(t, c.shape)
			_, err := trust(t, signing.Anchor{Certificate: root}).Verify(cert, c.at)
			if fault.CodeOf(err) != c.code || err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v, want %q", err, c.code)
			}
		})
	}
}

func TestTrustList_TrustsAnAnchorOnlyInItsTime(t *testing.T) {
	ca := newCA(t)
	cert := teacher(t, ca)
	from, until := now.Add(-24*time.Hour), now.Add(24*time.Hour)
	a := ca.Anchor()
	later := a
	a.From, a.Until = from, until
	later.From, later.Until = until.Add(48*time.Hour), time.Time{}
	list := trust(t, a, later)
	for _, c := range []struct {
		at   time.Time
		good bool
	}{
		{now, true}, {from, true}, {from.Add(-1), false}, {until.Add(-1), true}, {until, false},
		{until.Add(47 * time.Hour), false}, {until.Add(48 * time.Hour), true}, {now, true}, {until, false},
	} {
		_, err := list.Verify(cert, c.at)
		if (err == nil) != c.good || err != nil && !fault.Is(err, "cert.untrusted") {
			t.Errorf("%v: %v", c.at, err)
		}
	}
}

func TestTrustList_RefusesAnotherAuthorityOfTheSameName(t *testing.T) {
	ca, impostor := newCA(t), newCA(t)
	if _, err := trust(t, ca.Anchor()).Verify(teacher(t, impostor), now); !fault.Is(err, "cert.untrusted") {
		t.Error(err)
	}
	if _, err := trust(t).Verify(teacher(t, ca), now); !fault.Is(err, "cert.untrusted") {
		t.Error(err)
	}
}

// What one signer presented must not lend itself to another verdict: without
// its intermediate the same certificate has no chain, asked before or after.
func TestTrustList_VerdictDoesNotDependOnWhatWasAskedBefore(t *testing.T) {
	ca := newCA(t)
	list := trust(t, ca.Anchor())
	full := teacher(t, ca)
	bare, err := signing.NewCertificate(full.Leaf())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cert *signing.Certificate
		good bool
	}{{bare, false}, {full, true}, {bare, false}} {
		if _, err := list.Verify(c.cert, now); (err == nil) != c.good {
			t.Error(err)
		}
	}
	known, err := signing.NewTrustList([]signing.Anchor{ca.Anchor()}, []*x509.Certificate{ca.Issuing()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := known.Verify(bare, now); err != nil {
		t.Error(err)
	}
}

func TestTrustList_MayBeAskedByMany(t *testing.T) {
	ca := newCA(t)
	list := trust(t, ca.Anchor())
	cert := teacher(t, ca)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if _, err := list.Verify(cert, now); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestNewTrustList_TakesAuthoritiesOnly(t *testing.T) {
	cert := teacher(t, newCA(t)).Leaf()
	if _, err := signing.NewTrustList([]signing.Anchor{{Certificate: cert}}, nil); !fault.Is(err, "trust.anchor") {
		t.Error(err)
	}
	if _, err := signing.NewTrustList([]signing.Anchor{{}}, nil); !fault.Is(err, "trust.anchor") {
		t.Error(err)
	}
	if _, err := signing.NewTrustList(nil, []*x509.Certificate{cert}); !fault.Is(err, "trust.intermediate") {
		t.Error(err)
	}
}

func TestCertificate_ReadsTheNumbersOfVietnameseSubjects(t *testing.T) {
	uid, serial, title := asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, asn1.ObjectIdentifier{2, 5, 4, 5}, asn1.ObjectIdentifier{2, 5, 4, 12}
	type name = pkix.AttributeTypeAndValue
	for _, c := range []struct {
		desc          string
		names         []name
		tax, personal string
	}{
		{"seal", []name{{Type: uid, Value: "MST:0101234567"}}, "0101234567", ""},
		{"branch", []name{{Type: uid, Value: "MST:0101234567-001"}}, "0101234567-001", ""},
		{"small letters and a blank", []name{{Type: uid, Value: "mst: 0101234567"}}, "0101234567", ""},
		{"person of an organisation", []name{{Type: uid, Value: "CCCD:001085000123"}, {Type: serial, Value: "MST:0101234567"}}, "0101234567", "001085000123"},
		{"old identity card", []name{{Type: uid, Value: "CMND:012345678"}}, "", ""},
		{"wrong length", []name{{Type: uid, Value: "MST:01012345678"}}, "", ""},
		{"letters", []name{{Type: uid, Value: "MST:010123456x"}}, "", ""},
		{"two numbers", []name{{Type: uid, Value: "MST:0101234567"}, {Type: serial, Value: "MST:0101234568"}}, "", ""},
		{"in another attribute", []name{{Type: title, Value: "MST:0101234567"}}, "", ""},
		{"none", nil, "", ""},
	} {
		_, cert := leaf(t, func(_, l *x509.Certificate) { l.Subject.ExtraNames = c.names })
		if cert.TaxCode() != c.tax || cert.PersonalNumber() != c.personal {
			t.Errorf("%s: %q %q", c.desc, cert.TaxCode(), cert.PersonalNumber())
		}
	}
}

func TestCertificate_TravelsAsDERAndPEM(t *testing.T) {
	cert := teacher(t, newCA(t))
	fromDER, err := signing.ParseCertificate(cert.ChainDER()...)
	if err != nil {
		t.Fatal(err)
	}
	fromPEM, err := signing.ParseCertificatePEM(signing.EncodePEM(append([]*x509.Certificate{cert.Leaf()}, cert.Intermediates()...)...))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*signing.Certificate{fromDER, fromPEM} {
		if c.Fingerprint() != cert.Fingerprint() || len(c.Fingerprint()) != 64 || len(c.Intermediates()) != 1 ||
			c.Name() != "Nguyễn Thị Ánh" || !c.NotBefore().Equal(begin) || !c.NotAfter().Equal(end) || c.Issuer() != demo.IssuingName {
			t.Errorf("%+v", c)
		}
	}
}

func TestParseCertificate_RefusesOtherThings(t *testing.T) {
	good := teacher(t, newCA(t)).ChainDER()
	many := append([][]byte{}, good[0], good[1], good[1], good[1], good[1], good[1])
	for name, c := range map[string]struct {
		chain [][]byte
		code  string
	}{
		"nothing": {nil, "cert.parse"}, "noise": {[][]byte{[]byte("x")}, "cert.parse"},
		"tail": {[][]byte{append(good[0][:len(good[0]):len(good[0])], 0)}, "cert.parse"}, "too many": {many, "cert.intermediates"},
	} {
		if _, err := signing.ParseCertificate(c.chain...); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}))
	for _, text := range []string{"", "x", key, strings.ReplaceAll(key, "PRIVATE KEY", "CERTIFICATE")} {
		if _, err := signing.ParseCertificatePEM([]byte(text)); !fault.Is(err, "cert.parse") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := signing.NewCertificate(nil); !fault.Is(err, "cert.parse") {
		t.Error(err)
	}
}

func BenchmarkTrustList(b *testing.B) {
	ca := newCA(b)
	cert := teacher(b, ca)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			if _, err := trust(b, ca.Anchor()).Verify(cert, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("remembered", func(b *testing.B) {
		list := trust(b, ca.Anchor())
		for b.Loop() {
			if _, err := list.Verify(cert, now); err != nil {
				b.Fatal(err)
			}
		}
	})
}
