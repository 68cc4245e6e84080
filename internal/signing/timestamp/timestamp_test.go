package timestamp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/timestamp"
)

var imprint = sha256.Sum256([]byte("giá trị chữ ký"))

type stage struct {
	ca        *demo.CA
	trust     *signing.TrustList
	authority *timestamp.Authority
	client    *timestamp.Client
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newStage(t testing.TB) *stage {
	t.Helper()
	from := time.Now().Add(-48 * time.Hour)
	ca := must(demo.New(nil, from))(t)
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	s := &stage{ca: ca, trust: must(signing.NewTrustList([]signing.Anchor{ca.Anchor()}, nil))(t)}
	s.authority = &timestamp.Authority{Key: key, Now: time.Now,
		Certificate: must(ca.IssueTimeStamper(key.Public(), from, from.AddDate(2, 0, 0)))(t)}
	server := httptest.NewServer(s.authority)
	t.Cleanup(server.Close)
	s.client = &timestamp.Client{URL: server.URL, Trust: s.trust, Timeout: 2 * time.Second}
	return s
}

func TestStamp_IsCheckedAndKept(t *testing.T) {
	s := newStage(t)
	token := must(s.client.Stamp(context.Background(), imprint))(t)
	again := must(timestamp.Parse(token.Raw))(t)
	chain := must(again.Check(imprint, s.trust))(t)
	if !chain.Trial || time.Until(again.Time).Abs() > 5*time.Second || again.Authority() != demo.TimeStamperName {
		t.Errorf("%+v %+v", again, chain)
	}
	if _, err := again.Check(sha256.Sum256([]byte("khác")), s.trust); !fault.Is(err, "stamp.imprint") {
		t.Error(err)
	}
	if _, err := again.Check(imprint, nil); !fault.Is(err, "stamp.no_trust_list") {
		t.Error(err)
	}
	other := newStage(t)
	if _, err := again.Check(imprint, other.trust); !fault.Is(err, "stamp.untrusted") {
		t.Error(err)
	}
}

func TestStamp_NamesHowAnAuthorityFails(t *testing.T) {
	for bad, want := range map[timestamp.Misbehaviour]string{
		timestamp.Refuses: "stamp.refused", timestamp.WrongImprint: "stamp.answer stamp.imprint", timestamp.WrongNonce: "stamp.answer nonce",
		timestamp.ClockOff: "stamp.clock", timestamp.Garbled: "stamp.answer form",
	} {
		s := newStage(t)
		s.authority.Fault = bad
		_, err := s.client.Stamp(context.Background(), imprint)
		f := fault.As(err)
		if f == nil || f.Kind != fault.Unavailable || strings.TrimSpace(f.Code+" "+f.Args["what"]) != want {
			t.Errorf("%s: %v", bad, err)
		}
	}
	slow := newStage(t)
	slow.authority.Delay, slow.client.Timeout = time.Minute, 50*time.Millisecond
	if _, err := slow.client.Stamp(context.Background(), imprint); !fault.Is(err, "stamp.unreachable") {
		t.Error(err)
	}
	s := newStage(t)
	s.client.Policy = []int{1, 2, 3}
	if _, err := s.client.Stamp(context.Background(), imprint); err != nil {
		t.Errorf("a policy that is granted: %v", err)
	}
	s.client.URL = "http://127.0.0.1:1/"
	if _, err := s.client.Stamp(context.Background(), imprint); !fault.Is(err, "stamp.unreachable") {
		t.Error(err)
	}
	for url, ok := range map[string]bool{"http://tsa.gov.vn": true, "https://a/b?c": true, "ftp://a": false, "tsa": false, "http://u:p@a": false} {
		if err := timestamp.CheckURL(url); (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestStamp_BoundsTheAnswerAndFollowsNobody(t *testing.T) {
	s := newStage(t)
	huge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, timestamp.MaxBytes+100))
	}))
	defer huge.Close()
	redirect := httptest.NewServer(http.RedirectHandler(s.client.URL, http.StatusTemporaryRedirect))
	defer redirect.Close()
	for url, want := range map[string]string{huge.URL: "stamp.answer", redirect.URL: "stamp.unreachable"} {
		s.client.URL = url
		if _, err := s.client.Stamp(context.Background(), imprint); !fault.Is(err, want) {
			t.Errorf("want %s: %v", want, err)
		}
	}
}

// A certificate that may sign anything must not stamp.
func TestCheck_RefusesCertificatesForOtherPurposes(t *testing.T) {
	s := newStage(t)
	c := must(s.ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Kho", TaxCode: "4000999999", PublicKey: s.authority.Key.Public(),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}))(t)
	s.authority.Certificate = c
	_, err := s.client.Stamp(context.Background(), imprint)
	if f := fault.As(err); f == nil || f.Args["what"] != "stamp.purpose" {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	s := newStage(f)
	f.Add(must(s.authority.Stamp(imprint))(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if token, err := timestamp.Parse(raw); err == nil {
			_, _ = token.Check(imprint, s.trust)
		}
	})
}

func openssl(t *testing.T, dir string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed")
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("openssl %s: %v\n%s", args[0], err, out)
	}
}

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Our authority's answer to openssl's question, verified by openssl.
func TestOutside_OpenSSLVerifiesOurTokens(t *testing.T) {
	s, dir := newStage(t), t.TempDir()
	write(t, dir, "data", []byte("giá trị chữ ký"))
	write(t, dir, "root.pem", s.ca.RootPEM())
	write(t, dir, "chain.pem", signing.EncodePEM(s.authority.Certificate.Leaf(), s.ca.Issuing()))
	openssl(t, dir, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq")
	query, err := os.ReadFile(filepath.Join(dir, "q.tsq"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "r.tsr", must(s.authority.Answer(query))(t))
	openssl(t, dir, "ts", "-verify", "-queryfile", "q.tsq", "-in", "r.tsr", "-CAfile", "root.pem", "-untrusted", "chain.pem")
	write(t, dir, "t.der", must(s.authority.Stamp(imprint))(t))
	openssl(t, dir, "ts", "-verify", "-data", "data", "-token_in", "-in", "t.der", "-CAfile", "root.pem", "-untrusted", "chain.pem")
}

const opensslTSA = `
[tsa]
default_tsa = own
[own]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
`

// openssl's answer to our question, accepted by our client.
func TestOutside_WeAcceptOpenSSLsTokens(t *testing.T) {
	s, dir := newStage(t), t.TempDir()
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(s.authority.Key.(crypto.PrivateKey)))(t)})
	for name, b := range map[string][]byte{"key.pem": key, "cert.pem": signing.EncodePEM(s.authority.Certificate.Leaf()),
		"chain.pem": signing.EncodePEM(s.ca.Issuing()), "ts.cnf": []byte(opensslTSA), "serial": []byte("01\n")} {
		write(t, dir, name, b)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		write(t, dir, "q.tsq", body)
		openssl(t, dir, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "q.tsq", "-signer", "cert.pem", "-inkey", "key.pem",
			"-chain", "chain.pem", "-out", "r.tsr")
		answer, _ := os.ReadFile(filepath.Join(dir, "r.tsr"))
		_, _ = w.Write(answer)
	}))
	defer server.Close()
	s.client.URL = server.URL
	token, err := s.client.Stamp(context.Background(), imprint)
	if err != nil {
		t.Fatal(err, fault.As(err).Args)
	}
	if token.Accuracy != 1500*time.Millisecond || token.Policy.String() != "1.2.3.4.1" {
		t.Errorf("%+v", token)
	}
}

// Licensed authorities have larger keys than signers, and digests to match:
// what openssl stamps with each is accepted, and its own verifier takes it.
func TestOutside_WeAcceptLargerKeysAndDigests(t *testing.T) {
	s := newStage(t)
	from := s.authority.Certificate.NotBefore()
	for name, x := range map[string]struct {
		key    func() (crypto.Signer, error)
		digest string
	}{
		"P-384":    {func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) }, "sha384"},
		"P-521":    {func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) }, "sha512"},
		"RSA 3072": {func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 3072) }, "sha384"},
		"RSA 4096": {func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 4096) }, "sha512"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, key := t.TempDir(), must(x.key())(t)
			certificate := must(s.ca.IssueTimeStamper(key.Public(), from, from.AddDate(2, 0, 0)))(t)
			for name, b := range map[string][]byte{"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))(t)}),
				"cert.pem": signing.EncodePEM(certificate.Leaf()), "chain.pem": signing.EncodePEM(s.ca.Issuing()), "root.pem": s.ca.RootPEM(), "serial": []byte("01\n"),
				"ts.cnf": []byte(strings.Replace(opensslTSA, "signer_digest = sha256", "signer_digest = "+x.digest, 1)), "data": []byte("giá trị chữ ký")} {
				write(t, dir, name, b)
			}
			openssl(t, dir, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq")
			openssl(t, dir, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "q.tsq", "-signer", "cert.pem", "-inkey", "key.pem", "-chain", "chain.pem", "-token_out", "-out", "t.der")
			openssl(t, dir, "ts", "-verify", "-data", "data", "-token_in", "-in", "t.der", "-CAfile", "root.pem", "-untrusted", "chain.pem")
			token, err := timestamp.Parse(must(os.ReadFile(filepath.Join(dir, "t.der")))(t))
			if err == nil {
				_, err = token.Check(imprint, s.trust)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A certificate that came with a token and that nobody needs must not be
// another one than was sent: each byte of it counts.
func TestCheck_EveryCertificateOfATokenCounts(t *testing.T) {
	s := newStage(t)
	root := s.ca.Anchor().Certificate
	with := *s.authority
	with.Certificate = must(signing.NewCertificate(s.authority.Certificate.Leaf(), s.ca.Issuing(), root))(t)
	raw := must(with.Stamp(imprint))(t)
	check := func(raw []byte) error {
		token, err := timestamp.Parse(raw)
		if err == nil {
			_, err = token.Check(imprint, s.trust)
		}
		return err
	}
	if err := check(raw); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(raw, root.Raw)
	if at < 0 {
		t.Fatal("the root did not come with the token")
	}
	for i := range root.Raw {
		changed := bytes.Clone(raw)
		changed[at+i] ^= 1
		if check(changed) == nil {
			t.Errorf("byte %d of the certificate can be changed unseen", i)
		}
	}
}
