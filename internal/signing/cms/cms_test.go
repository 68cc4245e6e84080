package cms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
	"hocba/internal/signing/demo"
)

type holder struct {
	ca          *demo.CA
	key         crypto.Signer
	certificate *signing.Certificate
}

func seal(t testing.TB, key crypto.Signer) holder {
	t.Helper()
	from := time.Now().Add(-time.Hour)
	ca, err := demo.New(nil, from)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Kho học bạ số", TaxCode: "4000999999", PublicKey: key.Public(),
		NotBefore: from, NotAfter: from.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return holder{ca, key, c}
}

func p256(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsa2048(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, h holder, content []byte, detached bool) []byte {
	t.Helper()
	der, err := cms.Sign(cms.Params{Type: cms.OIDData, Content: content, Detached: detached, Certificate: h.certificate, Key: h.key})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestSign_IsReadAndVerified(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"P-256": p256(t), "RSA": rsa2048(t)} {
		h, content := seal(t, key), []byte("nội dung")
		for _, detached := range []bool{true, false} {
			s, err := cms.Parse(sign(t, h, content, detached))
			if err != nil {
				t.Fatalf("%s: %v %v", name, err, fault.As(err).Args)
			}
			if (s.Content == nil) != detached || !s.Signer.Equal(h.certificate.Leaf()) || len(s.Certificates) != 1 || s.ByOldIdentifier() {
				t.Errorf("%s: read %+v", name, s)
			}
			if err := s.Verify(content); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := s.Verify([]byte("nội dung khác")); !fault.Is(err, "cms.digest") {
				t.Errorf("%s: other content: %v", name, err)
			}
		}
	}
}

// Whatever byte is changed, nothing is accepted that says something else.
func TestParse_RefusesEveryChangedByte(t *testing.T) {
	h, content := seal(t, p256(t)), []byte("nội dung")
	good := sign(t, h, content, true)
	accepted := 0
	for i := range good {
		forged := bytes.Clone(good)
		forged[i] ^= 1
		s, err := cms.Parse(forged)
		if err != nil || s.Verify(content) != nil {
			continue
		}
		accepted++
		// Version numbers, the list of digests and the certificates beside the
		// signer's say nothing that anybody relies on.
		if !s.Signer.Equal(h.certificate.Leaf()) || !bytes.Equal(s.Signature, mustParse(t, good).Signature) {
			t.Errorf("byte %d", i)
		}
	}
	t.Logf("%d of %d bytes are outside of what is signed", accepted, len(good))
}

func mustParse(t *testing.T, der []byte) *cms.Signed {
	t.Helper()
	s, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParse_RefusesTruncatedAndHuge(t *testing.T) {
	good := sign(t, seal(t, p256(t)), []byte("x"), true)
	for _, raw := range [][]byte{nil, good[:len(good)/2], append(bytes.Clone(good), 0), make([]byte, cms.MaxBytes+1)} {
		if _, err := cms.Parse(raw); !fault.Is(err, "cms.structure") {
			t.Errorf("%d bytes: %v", len(raw), err)
		}
	}
}

// FuzzParse: whatever is done to a signature, one that still verifies is the
// same signer's over the same content.
func FuzzParse(f *testing.F) {
	h, content := seal(f, p256(f)), []byte("nội dung")
	for _, detached := range []bool{true, false} {
		f.Add(sign(f, h, content, detached))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := cms.Parse(raw)
		if err != nil {
			return
		}
		_ = s.NamesAll()
		if s.Verify([]byte("nội dung khác")) == nil {
			t.Errorf("%d bytes sign what nobody signed", len(raw))
		}
	})
}

// Lengths and counts that a signature claims cost no more than its own bytes
// and a table of them.
func TestParse_CostsLittleWhateverLengthsAreClaimed(t *testing.T) {
	wrap := func(tag byte, content []byte) []byte {
		n := len(content)
		return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, content...)
	}
	oid := []byte{0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02}
	empties := bytes.Repeat([]byte{0x30, 0x00}, 30_000)
	head := []byte{0x02, 0x01, 0x01}
	for name, raw := range map[string][]byte{
		"30,000 empty digests": wrap(0x30, append(bytes.Clone(oid), wrap(0xA0, wrap(0x30, append(bytes.Clone(head), wrap(0x31, empties)...)))...)),
		"30,000 empty signers": wrap(0x30, append(bytes.Clone(oid), wrap(0xA0, wrap(0x30, slices.Concat(head, []byte{0x31, 0x00, 0x30, 0x02, 0x06, 0x00}, wrap(0x31, empties))))...)),
		"a length of 2 GB":     {0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 0x06},
		"an endless length":    {0x30, 0x80, 0x06, 0x00},
		"a long integer":       wrap(0x30, append(bytes.Clone(oid), wrap(0xA0, wrap(0x30, wrap(0x02, bytes.Repeat([]byte{0x7F}, 60_000))))...)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := cms.Parse(raw)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; err == nil || used > 32<<20 {
			t.Errorf("%s: %d KB took %d MB, %v", name, len(raw)>>10, used>>20, err)
		}
	}
}

// openssl shares no code with us.
func TestSign_IsAcceptedByOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed")
	}
	for name, key := range map[string]crypto.Signer{"P-256": p256(t), "RSA": rsa2048(t)} {
		h, dir, content := seal(t, key), t.TempDir(), []byte("nội dung")
		for file, b := range map[string][]byte{"root.pem": h.ca.RootPEM(), "c.bin": content, "s.der": sign(t, h, content, true)} {
			if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(openssl, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "s.der", "-content", "c.bin", "-CAfile", "root.pem",
			"-purpose", "any", "-out", "/dev/null")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
