package registry

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
)

// shelf is a device as the registry sees it: a key behind a PIN that may be
// away.
type shelf struct {
	pin    string
	key    crypto.Signer
	opened int
	breaks int // how many of the next signatures find the device away
}

func (s *shelf) Credentials(context.Context, signing.Access) ([]signing.Credential, error) {
	return nil, nil
}

func (s *shelf) Open(_ context.Context, a signing.Access, _ signing.Credential, _ int) (signing.Session, error) {
	s.opened++
	if a.PIN != s.pin {
		return nil, fault.New(fault.Forbidden, "key.pin")
	}
	return shelfSession{s}, nil
}

type shelfSession struct{ *shelf }

func (s shelfSession) Public() crypto.PublicKey { return s.key.Public() }
func (s shelfSession) Limit() int               { return 16 }
func (s shelfSession) Close()                   {}

func (s shelfSession) SignAll(_ context.Context, b signing.Batch) error {
	if s.breaks > 0 {
		s.breaks--
		return fault.New(fault.Unavailable, "signer.unavailable")
	}
	value, err := s.key.Sign(rand.Reader, b.Digests[0].Sum[:], crypto.SHA256)
	if err != nil {
		return err
	}
	return b.Deliver([]signing.Answer{{Key: b.Digests[0].Key, Value: value}})
}

func onShelf(t *testing.T, algorithm signing.Algorithm) (*shelf, *DeviceKey, *string) {
	t.Helper()
	key, err := software.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ca, err := demo.New(nil, now.AddDate(0, 0, -2))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(demo.Request{Kind: demo.Receipt, Name: "Kho", Organization: "Sở", TaxCode: "0400000048", Device: true,
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(1, 0, 0), PublicKey: key.Public()})
	if err != nil {
		t.Fatal(err)
	}
	s, pin := &shelf{pin: "135792468", key: key}, "135792468"
	k, err := NewDeviceKey(DeviceDoor{Opener: s, PIN: func() (string, error) { return pin, nil }}, Device{Token: "so", Key: "01"}, cert)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return s, k, &pin
}

func TestDeviceKey_SignsAsAnyKeyDoes(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte("biên nhận"))
	for _, algorithm := range []signing.Algorithm{signing.ECDSASHA256, signing.RSASHA256} {
		s, k, _ := onShelf(t, algorithm)
		for range 3 {
			value, err := k.Sign(nil, sum[:], crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			switch public := k.Public().(type) {
			case *ecdsa.PublicKey:
				if !ecdsa.VerifyASN1(public, sum[:], value) {
					t.Error("the value is not a signature in DER")
				}
			case *rsa.PublicKey:
				if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], value); err != nil {
					t.Error(err)
				}
			}
		}
		if s.opened != 1 {
			t.Errorf("signed in %d times", s.opened)
		}
		s.breaks = 1 // away for a moment
		if _, err := k.Sign(nil, sum[:], crypto.SHA256); err != nil || s.opened != 2 {
			t.Errorf("after a moment away: %v, signed in %d times", err, s.opened)
		}
		s.breaks = 2
		if _, err := k.Sign(nil, sum[:], crypto.SHA256); !fault.Is(err, "signer.unavailable") {
			t.Errorf("away: %v", err)
		}
		if _, err := k.Sign(nil, sum[:], crypto.SHA256); err != nil {
			t.Errorf("back: %v", err)
		}
		if s.key, _ = software.Generate(algorithm); s.key == nil {
			t.Fatal("no key")
		}
		if _, err := k.Sign(nil, sum[:], crypto.SHA256); !fault.Is(err, "sig.value") {
			t.Errorf("another key signed: %v", err)
		}
	}
}

// TestDeviceKey_TriesAWrongPINOnce: a round every half minute would lock the
// device of the Sở within two.
func TestDeviceKey_TriesAWrongPINOnce(t *testing.T) {
	t.Parallel()
	s, k, pin := onShelf(t, signing.ECDSASHA256)
	sum := sha256.Sum256(nil)
	*pin = "000000000"
	for range 5 {
		if _, err := k.Sign(nil, sum[:], crypto.SHA256); !fault.Is(err, "key.pin") {
			t.Fatal(err)
		}
	}
	if s.opened != 1 {
		t.Errorf("tried %d times", s.opened)
	}
	*pin = s.pin // the operator mends it
	if _, err := k.Sign(nil, sum[:], crypto.SHA256); err != nil {
		t.Error(err)
	}
}
