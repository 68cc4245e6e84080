//go:build cgo

package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/pkcs11"

	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/token"
)

const (
	label   = "truong-thu"
	userPIN = "246810"
)

// softHSM finds the library of SoftHSM2; without it the test fails where
// everything must run, and is skipped on a laptop.
func softHSM(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
		"/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("softhsm2 is not installed")
	}
	t.Skip("softhsm2 is not installed")
	return ""
}

// personalise makes a token with an RSA and a P-256 key, each with a
// certificate, and returns the library.
func personalise(t *testing.T) string {
	t.Helper()
	module, dir := softHSM(t), t.TempDir()
	config := filepath.Join(dir, "softhsm2.conf")
	if err := os.Mkdir(filepath.Join(dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("directories.tokendir = "+filepath.Join(dir, "tokens")+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", config)
	d, err := load(module)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	slots, err := d.ctx.GetSlotList(false)
	must(err)
	must(d.ctx.InitToken(slots[0], "87654321", label))
	slot, err := d.find(label)
	must(err)
	s, err := d.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	must(err)
	must(d.ctx.Login(s, pkcs11.CKU_SO, "87654321"))
	must(d.ctx.InitPIN(s, userPIN))
	must(d.ctx.Logout(s))
	must(d.ctx.Login(s, pkcs11.CKU_USER, userPIN))
	ca, err := demo.New(nil, time.Now().AddDate(0, -1, 0))
	must(err)
	p256, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
	must(err)
	for i, kind := range []struct {
		mechanism uint
		public    []*pkcs11.Attribute
	}{
		{pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, 2048), pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1})}},
		{pkcs11.CKM_EC_KEY_PAIR_GEN, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, p256)}},
	} {
		id := []byte{byte(i + 1)}
		public, _, err := d.ctx.GenerateKeyPair(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(kind.mechanism, nil)},
			append(kind.public, pkcs11.NewAttribute(pkcs11.CKA_ID, id), pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true)),
			[]*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_ID, id), pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_SIGN, true),
				pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false)})
		must(err)
		certificate, err := ca.Issue(demo.Request{Kind: demo.Person, Name: "Nguyễn Thị Hương", PersonalNumber: "048000000001", Device: true,
			NotBefore: time.Now().AddDate(0, 0, -1), NotAfter: time.Now().AddDate(1, 0, 0), PublicKey: publicKey(t, d, s, public, i == 0)})
		must(err)
		_, err = d.ctx.CreateObject(s, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE), pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509),
			pkcs11.NewAttribute(pkcs11.CKA_ID, id), pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_SUBJECT, certificate.Leaf().RawSubject),
			pkcs11.NewAttribute(pkcs11.CKA_VALUE, certificate.Leaf().Raw)})
		must(err)
	}
	return module
}

func publicKey(t *testing.T, d *device, s pkcs11.SessionHandle, o pkcs11.ObjectHandle, isRSA bool) crypto.PublicKey {
	t.Helper()
	l := &login{device: d, session: s}
	read := func(kind uint) []byte {
		v, err := l.value(o, kind)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if isRSA {
		return &rsa.PublicKey{N: new(big.Int).SetBytes(read(pkcs11.CKA_MODULUS)), E: 65537}
	}
	var point []byte
	if _, err := asn1.Unmarshal(read(pkcs11.CKA_EC_POINT), &point); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// started is a signer process at work, and the portal's side of it.
func started(t *testing.T) *token.Signers {
	t.Helper()
	module := personalise(t)
	socket := filepath.Join(t.TempDir(), "signer.sock")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, module, socket) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the signer ended with %v", err)
		}
	})
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if info, err := os.Stat(socket); err == nil {
			if info.Mode().Perm() != 0o600 {
				t.Fatalf("the socket is %v", info.Mode())
			}
			return &token.Signers{Socket: socket}
		}
		if time.Now().After(deadline) {
			t.Fatal("the signer does not listen")
		}
	}
}

func TestSigner_SignsWithKeysThatNeverLeaveTheToken(t *testing.T) {
	signers := started(t)
	access := signing.Access{Params: map[string]string{"token": label}, PIN: userPIN}
	keys, err := signers.Credentials(t.Context(), access)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	seen := map[signing.Algorithm]bool{}
	for _, key := range keys {
		session, err := signers.Open(t.Context(), access, key, 3)
		if err != nil {
			t.Fatal(err)
		}
		algorithm, err := signing.KeyAlgorithm(session.Public())
		if err != nil {
			t.Fatal(err)
		}
		seen[algorithm] = true
		var in []signing.Digest
		for _, name := range []string{"a", "b", "c"} {
			in = append(in, signing.Digest{Key: name, Sum: sha256.Sum256([]byte(name))})
		}
		var n int
		err = session.SignAll(t.Context(), signing.Batch{Digests: in, Deliver: func(list []signing.Answer) error {
			for i, a := range list {
				n++
				if _, err := algorithm.Normalise(session.Public(), in[i].Sum, a.Value); err != nil || a.Key != in[i].Key {
					t.Errorf("%s %s: %v", algorithm, a.Key, err)
				}
			}
			return nil
		}})
		session.Close()
		if err != nil || n != 3 {
			t.Fatalf("%s: %d answers, %v", algorithm, n, err)
		}
		waitLoggedOut(t, signers, access)
	}
	if !seen[signing.RSASHA256] || !seen[signing.ECDSASHA256] {
		t.Errorf("signed with %v", seen)
	}
}

// TestSigner_SignsReceiptsUnattended: the registry's own key in a device.
func TestSigner_SignsReceiptsUnattended(t *testing.T) {
	signers := started(t)
	access := signing.Access{Params: map[string]string{"token": label}, PIN: userPIN}
	keys, err := signers.Credentials(t.Context(), access)
	if err != nil {
		t.Fatal(err)
	}
	door := registry.DeviceDoor{Opener: signers, PIN: func() (string, error) { return userPIN, nil }}
	for _, c := range keys {
		waitLoggedOut(t, signers, access)
		key, err := registry.NewDeviceKey(door, registry.Device{Token: label, Key: c.Ref}, c.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"biên nhận 1", "biên nhận 2"} {
			sum := sha256.Sum256([]byte(text))
			value, err := key.Sign(nil, sum[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			switch public := key.Public().(type) {
			case *ecdsa.PublicKey:
				if !ecdsa.VerifyASN1(public, sum[:], value) {
					t.Error("no signature of the device")
				}
			case *rsa.PublicKey:
				if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], value); err != nil {
					t.Error(err)
				}
			}
		}
		key.Close()
	}
}

// waitLoggedOut waits until the signer has noticed the end of a batch.
func waitLoggedOut(t *testing.T, s *token.Signers, a signing.Access) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err := s.Credentials(t.Context(), a); err == nil {
			return
		}
	}
	t.Fatal("the token stays logged in")
}

func TestSigner_NamesWhatIsWrong(t *testing.T) {
	signers := started(t)
	good := signing.Access{Params: map[string]string{"token": label}, PIN: userPIN}
	keys, err := signers.Credentials(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		access signing.Access
		ref    string
		code   string
	}{
		"a wrong PIN":   {signing.Access{Params: good.Params, PIN: "000000"}, keys[0].Ref, "key.pin"},
		"no PIN":        {signing.Access{Params: good.Params}, keys[0].Ref, "key.pin_missing"},
		"another token": {signing.Access{Params: map[string]string{"token": "other"}, PIN: userPIN}, keys[0].Ref, "signer.device"},
		"another key":   {good, "ff", "signer.no_key"},
	} {
		if _, err := signers.Open(t.Context(), c.access, signing.Credential{Ref: c.ref, Certificate: keys[0].Certificate}, 1); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if err := signers.Reach(t.Context(), good.Params); err != nil {
		t.Errorf("a device that is plugged in: %v", err)
	}
	if err := signers.Reach(t.Context(), map[string]string{"token": "none"}); !fault.Is(err, "signer.device") {
		t.Errorf("a device that is not there: %v", err)
	}
	away := &token.Signers{Socket: filepath.Join(t.TempDir(), "none.sock")}
	if _, err := away.Credentials(t.Context(), good); !fault.Is(err, "signer.unavailable") {
		t.Errorf("no signer: %v", err)
	}
}

func TestRemoveSocket_LeavesFilesAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := removeSocket(path); err == nil {
		t.Error("a file was taken for a socket")
	}
}
