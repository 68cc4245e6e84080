package signing_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"testing"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

func TestKeyAlgorithm_TakesTwoKindsOfKey(t *testing.T) {
	strong := new(big.Int).Lsh(big.NewInt(1), 2047)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		key  crypto.PublicKey
		want signing.Algorithm
		code string
	}{
		{"RSA-2048", &rsa.PublicKey{N: strong, E: 65537}, signing.RSASHA256, ""},
		{"RSA-2047", &rsa.PublicKey{N: new(big.Int).Rsh(strong, 1), E: 65537}, "", "key.weak"},
		{"RSA-16384", &rsa.PublicKey{N: new(big.Int).Lsh(strong, 14336), E: 65537}, "", "key.weak"},
		{"RSA with exponent 1", &rsa.PublicKey{N: strong, E: 1}, "", "key.weak"},
		{"P-256", p256.Public(), signing.ECDSASHA256, ""},
		{"P-384", p384.Public(), "", "key.algorithm"},
		{"Ed25519", edwards, "", "key.algorithm"},
		{"nothing", nil, "", "key.algorithm"},
	} {
		got, err := signing.KeyAlgorithm(c.key)
		if got != c.want || fault.CodeOf(err) != c.code {
			t.Errorf("%s: %q %v", c.name, got, err)
		}
	}
}

func TestNormalise_ReturnsFixedLengthForShortNumbers(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	short := false
	for i := 0; i < 4000 && !short; i++ { // one in 128 has a short r or s
		digest := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		der, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := signing.ECDSASHA256.Normalise(key.Public(), digest, der)
		if err != nil || len(raw) != 64 {
			t.Fatalf("%d bytes, %v", len(raw), err)
		}
		again, err := signing.ECDSASHA256.Normalise(key.Public(), digest, raw)
		if err != nil || !bytes.Equal(raw, again) {
			t.Fatal(err)
		}
		short = raw[0] == 0 || raw[32] == 0
	}
	if !short {
		t.Error("no short number was met")
	}
}

func TestVerify_DoesNotMixAlgorithms(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(nil)
	der, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signing.RSASHA256.Normalise(key.Public(), digest, der); !fault.Is(err, "sig.value") {
		t.Error(err)
	}
	if signing.Algorithm("").Verify(key.Public(), digest, der) || signing.ECDSASHA256.Verify(nil, digest, der) {
		t.Error("accepted")
	}
}
