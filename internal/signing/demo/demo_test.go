package demo_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
)

var begin = time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC)

func newCA(t *testing.T) *demo.CA {
	t.Helper()
	ca, err := demo.New(nil, begin)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func request(t *testing.T, kind demo.Kind, a signing.Algorithm) demo.Request {
	t.Helper()
	key, err := software.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	r := demo.Request{
		Kind: kind, Name: "Nguyễn Thị Ánh", Organization: "Trường Tiểu học Đông Ngạc", PersonalNumber: "001085000123",
		NotBefore: begin, NotAfter: begin.AddDate(3, 0, 0), PublicKey: key.Public(),
	}
	if kind != demo.Person {
		r.Name, r.PersonalNumber, r.TaxCode = "Trường Tiểu học Đông Ngạc", "", "0101234567"
	}
	return r
}

func issue(t *testing.T, ca *demo.CA, r demo.Request) *signing.Certificate {
	t.Helper()
	cert, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestIssue_NamesTheHolderAndSaysTrial(t *testing.T) {
	ca := newCA(t)
	list, err := signing.NewTrustList([]signing.Anchor{ca.Anchor()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind          demo.Kind
		algorithm     signing.Algorithm
		personal, tax string
	}{
		{demo.Person, signing.ECDSASHA256, "001085000123", ""},
		{demo.Person, signing.RSASHA256, "001085000123", ""},
		{demo.Seal, signing.ECDSASHA256, "", "0101234567"},
		{demo.Receipt, signing.ECDSASHA256, "", "0101234567"},
	} {
		r := request(t, c.kind, c.algorithm)
		cert := issue(t, ca, r)
		if cert.Name() != r.Name || cert.PersonalNumber() != c.personal || cert.TaxCode() != c.tax || !cert.Trial() {
			t.Errorf("%v: %s", c.kind, cert.Leaf().Subject)
		}
		if subject := cert.Leaf().Subject.String(); !strings.Contains(subject, "không có giá trị pháp lý") {
			t.Error(subject)
		}
		chain, err := list.Verify(cert, begin.AddDate(1, 0, 0))
		if err != nil || !chain.Trial || len(chain.Path) != 3 {
			t.Errorf("%v: %v", c.kind, err)
		}
	}
}

func TestIssue_RefusesByName(t *testing.T) {
	ca := newCA(t)
	for what, alter := range map[string]func(*demo.Request){
		"kind":     func(r *demo.Request) { r.Kind = 0 },
		"name":     func(r *demo.Request) { r.Name = "" },
		"number":   func(r *demo.Request) { r.PersonalNumber = "" },
		"validity": func(r *demo.Request) { r.NotAfter = begin.AddDate(40, 0, 0) },
	} {
		r := request(t, demo.Person, signing.ECDSASHA256)
		alter(&r)
		if _, err := ca.Issue(r); !fault.Is(err, "demo.request") || fault.As(err).Args["what"] != what {
			t.Errorf("%s: %v", what, err)
		}
	}
	r := request(t, demo.Seal, signing.ECDSASHA256)
	r.PublicKey = &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
	if _, err := ca.Issue(r); !fault.Is(err, "key.weak") {
		t.Error(err)
	}
}

func TestNew_HasFixedNamesAndFreshKeys(t *testing.T) {
	one, two := newCA(t), newCA(t)
	root := one.Anchor().Certificate
	if root.Subject.CommonName != demo.RootName || one.Issuing().Subject.CommonName != demo.IssuingName ||
		root.Subject.String() != two.Anchor().Certificate.Subject.String() {
		t.Error(root.Subject)
	}
	if bytes.Equal(root.RawSubjectPublicKeyInfo, two.Anchor().Certificate.RawSubjectPublicKeyInfo) {
		t.Error("two authorities share a key")
	}
}

// Keys and serial numbers come from the reader given, so two authorities made
// from the same bytes have the same keys.
func TestNew_TakesItsEntropyFromTheReader(t *testing.T) {
	var roots [2]*x509.Certificate
	for i := range roots {
		ca, err := demo.New(rand.NewChaCha8([32]byte{1}), begin)
		if err != nil {
			t.Fatal(err)
		}
		roots[i] = ca.Anchor().Certificate
	}
	if !bytes.Equal(roots[0].RawSubjectPublicKeyInfo, roots[1].RawSubjectPublicKeyInfo) || roots[0].SerialNumber.Cmp(roots[1].SerialNumber) != 0 {
		t.Error("the reader was not used")
	}
	if _, err := demo.New(bytes.NewReader(make([]byte, 64)), begin); !fault.Is(err, "demo.entropy") {
		t.Error(err)
	}
	if _, err := demo.New(bytes.NewReader(nil), begin); !fault.Is(err, "demo.entropy") {
		t.Error(err)
	}
}

func TestLoad_ContinuesTheAuthority(t *testing.T) {
	ca := newCA(t)
	text, err := ca.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := demo.Load(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := signing.NewTrustList([]signing.Anchor{ca.Anchor()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.Verify(issue(t, again, request(t, demo.Person, signing.ECDSASHA256)), begin.AddDate(1, 0, 0)); err != nil {
		t.Error(err)
	}
	other, err := newCA(t).MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	key := bytes.Index(other, []byte("-----BEGIN PRIVATE KEY"))
	ours := bytes.Index(text, []byte("-----BEGIN PRIVATE KEY"))
	for name, bad := range map[string][]byte{
		"nothing": nil, "no key": text[:ours], "key of another": append(bytes.Clone(text[:ours]), other[key:]...),
		"root of another": append(bytes.Clone(newCA(t).RootPEM()), text[len(ca.RootPEM()):]...),
	} {
		if _, err := demo.Load(bad, nil); !fault.Is(err, "demo.authority") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// openssl shares no code with us and must find the same chain.
func TestIssue_IsAcceptedByOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	ca, dir := newCA(t), t.TempDir()
	cert := issue(t, ca, request(t, demo.Seal, signing.ECDSASHA256))
	args := []string{"verify", "-x509_strict", "-attime", "1780000000"}
	for _, f := range []struct {
		flag, name string
		text       []byte
	}{
		{"-CAfile", "root.pem", ca.RootPEM()}, {"-untrusted", "issuing.pem", signing.EncodePEM(ca.Issuing())}, {"", "seal.pem", signing.EncodePEM(cert.Leaf())},
	} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, f.text, 0o600); err != nil {
			t.Fatal(err)
		}
		if f.flag != "" {
			args = append(args, f.flag)
		}
		args = append(args, path)
	}
	if out, err := exec.Command(openssl, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
