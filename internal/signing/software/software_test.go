package software

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
	"sync"
	"testing"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

func newSecret(t *testing.T) *Secret {
	t.Helper()
	s, err := NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func generate(t *testing.T, a signing.Algorithm) crypto.Signer {
	t.Helper()
	key, err := Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustSeal(t *testing.T, kind Kind, pin string, secret *Secret, key crypto.Signer) []byte {
	t.Helper()
	blob, err := Seal(kind, []byte(pin), secret, key)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

func TestOpen_GivesBackTheKey(t *testing.T) {
	secret := newSecret(t)
	for _, a := range []signing.Algorithm{signing.ECDSASHA256, signing.RSASHA256} {
		key := generate(t, a)
		pin := []byte("mật-khẩu 6")
		blob, err := Seal(KindPerson, pin, secret, key)
		if err != nil {
			t.Fatal(err)
		}
		if string(pin) != "mật-khẩu 6" {
			t.Error("the caller's PIN was altered")
		}
		opened, err := Open([]byte("mật-khẩu 6"), secret, blob) // decomposed
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte("x"))
		value, err := opened.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Normalise(key.Public(), digest, value); err != nil || opened.Kind() != KindPerson {
			t.Error(a, err)
		}
	}
}

func TestSeal_NeverWritesTheSameTwice(t *testing.T) {
	secret, key := newSecret(t), generate(t, signing.ECDSASHA256)
	one, two := mustSeal(t, KindPerson, "246810", secret, key), mustSeal(t, KindPerson, "246810", secret, key)
	if bytes.Equal(one[len(one)-60:], two[len(two)-60:]) || bytes.Equal(one[14:30], two[14:30]) {
		t.Error("salt, nonce or ciphertext repeats")
	}
}

func TestSeal_DemandsALongEnoughPIN(t *testing.T) {
	secret, key := newSecret(t), generate(t, signing.ECDSASHA256)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		kind Kind
		pin  string
		key  crypto.Signer
		code string
	}{
		{"person, 5", KindPerson, "12345", key, "key.pin_short"},
		{"person, 6", KindPerson, "123456", key, ""},
		{"person, 5 letters of 12 bytes", KindPerson, "ằằằằằ", key, "key.pin_short"},
		{"seal, 7", KindSeal, "1234567", key, "key.pin_short"},
		{"seal, 8", KindSeal, "12345678", key, ""},
		{"too long", KindPerson, strings.Repeat("x", 257), key, "key.pin_malformed"},
		{"not UTF-8", KindPerson, "\xff\xff\xff\xff\xff\xff", key, "key.pin_malformed"},
		{"no kind", 0, "12345678", key, "key.kind"},
		{"P-384", KindPerson, "12345678", p384, "key.algorithm"},
	} {
		_, err := Seal(c.kind, []byte(c.pin), secret, c.key)
		if fault.CodeOf(err) != c.code || c.code == "key.pin_short" && fault.As(err).Args["min"] == "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOpen_RefusesByName(t *testing.T) {
	secret := newSecret(t)
	blob := mustSeal(t, KindSeal, "24681012", secret, generate(t, signing.ECDSASHA256))
	flip := func(at int) []byte {
		b := bytes.Clone(blob)
		b[(at+len(b))%len(b)] ^= 1
		return b
	}
	for _, c := range []struct {
		name   string
		pin    string
		secret *Secret
		blob   []byte
		kind   fault.Kind
		code   string
	}{
		{"good", "24681012", secret, blob, fault.Internal, ""},
		{"wrong PIN", "24681013", secret, blob, fault.Forbidden, "key.pin"},
		{"short PIN", "2468", secret, blob, fault.Forbidden, "key.pin"},
		{"no PIN", "", secret, blob, fault.Forbidden, "key.pin"},
		{"PIN of noise", "\xff", secret, blob, fault.Forbidden, "key.pin"},
		{"another server", "24681012", newSecret(t), blob, fault.Unavailable, "key.secret"},
		{"magic", "24681012", secret, flip(0), fault.Internal, "key.damaged"},
		{"version", "24681012", secret, flip(3), fault.Internal, "key.damaged"},
		{"kind", "24681012", secret, flip(4), fault.Internal, "key.damaged"},
		{"memory", "24681012", secret, flip(9), fault.Internal, "key.damaged"},
		{"salt", "24681012", secret, flip(14), fault.Internal, "key.damaged"},
		{"public key", "24681012", secret, flip(headerSize - 1), fault.Internal, "key.damaged"},
		{"ciphertext", "24681012", secret, flip(-40), fault.Internal, "key.damaged"},
		{"seal of the blob", "24681012", secret, flip(-1), fault.Internal, "key.damaged"},
		{"cut", "24681012", secret, blob[:len(blob)-1], fault.Internal, "key.damaged"},
		{"empty", "24681012", secret, nil, fault.Internal, "key.damaged"},
		{"huge", "24681012", secret, append(bytes.Clone(blob), make([]byte, maxBlob)...), fault.Internal, "key.damaged"},
	} {
		_, err := Open([]byte(c.pin), c.secret, c.blob)
		if fault.CodeOf(err) != c.code || err != nil && fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A blob whose cost was changed by somebody who knows the server secret must
// not make us allocate what it asks for.
func TestOpen_BoundsTheCostABlobAsksFor(t *testing.T) {
	secret := newSecret(t)
	blob := mustSeal(t, KindPerson, "246810", secret, generate(t, signing.ECDSASHA256))
	blob[9] = 0xFF // memory: 4 TiB
	body := blob[:len(blob)-sealSize]
	if _, err := Open([]byte("246810"), secret, append(body, secret.seal(body)...)); !fault.Is(err, "key.damaged") {
		t.Error(err)
	}
}

func TestKey_IsDestroyedByClose(t *testing.T) {
	secret := newSecret(t)
	for _, a := range []signing.Algorithm{signing.ECDSASHA256, signing.RSASHA256} {
		key, err := Open([]byte("246810"), secret, mustSeal(t, KindPerson, "246810", secret, generate(t, a)))
		if err != nil {
			t.Fatal(err)
		}
		private := key.private
		key.Close()
		key.Close()
		switch p := private.(type) {
		case *ecdsa.PrivateKey:
			//lint:ignore SA1019 the test looks whether the number is gone
			if p.D.Sign() != 0 {
				t.Error("D is still there")
			}
		case *rsa.PrivateKey:
			if p.D.Sign() != 0 || p.Primes[0].Sign() != 0 || p.Precomputed.Dp.Sign() != 0 {
				t.Error("the private numbers are still there")
			}
		}
		digest := sha256.Sum256(nil)
		_, err = key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if !fault.Is(err, "key.closed") || fault.KindOf(err) != fault.Locked {
			t.Error(err)
		}
		if key.Public() == nil {
			t.Error("the public key is gone")
		}
	}
}

func TestKey_MayCloseWhileOthersSign(t *testing.T) {
	secret := newSecret(t)
	key, err := Open([]byte("246810"), secret, mustSeal(t, KindPerson, "246810", secret, generate(t, signing.ECDSASHA256)))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				value, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
				if err != nil {
					if !fault.Is(err, "key.closed") {
						t.Error(err)
					}
					return
				}
				if _, err := signing.ECDSASHA256.Normalise(key.Public(), digest, value); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	key.Close()
	wg.Wait()
}

func TestGenerate_RefusesAnUnknownAlgorithm(t *testing.T) {
	if _, err := Generate("dsa"); !fault.Is(err, "key.algorithm") {
		t.Error(err)
	}
}

// FuzzOpen: no blob makes Open do anything but refuse.
func FuzzOpen(f *testing.F) {
	secret, err := NewSecret(bytes.NewReader(make([]byte, secretSize)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(magic))
	f.Add(append([]byte(magic), make([]byte, 300)...))
	f.Fuzz(func(t *testing.T, blob []byte) {
		if _, err := Open([]byte("246810"), secret, blob); fault.As(err) == nil {
			t.Fatalf("%v", err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	secret, err := NewSecret(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	key, err := Generate(signing.ECDSASHA256)
	if err != nil {
		b.Fatal(err)
	}
	blob, err := Seal(KindPerson, []byte("246810"), secret, key)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Open([]byte("246810"), secret, blob); err != nil {
			b.Fatal(err)
		}
	}
}
