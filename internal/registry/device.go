package registry

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/asn1"
	"io"
	"math/big"
	"sync"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/software"
)

// Device says where a key lives that never leaves a device.
type Device struct {
	Token string `json:"token"` // label of the device
	Key   string `json:"key"`   // CKA_ID, hex
}

// DeviceDoor opens keys in the devices of this server: through whom, and with
// which PIN, which is asked for at every opening.
type DeviceDoor struct {
	Opener signing.Opener
	PIN    func() (string, error)
}

// idle is how long a device stays signed in to after a signature. It is one at a
// time: the operator's commands and another process want their turn.
const idle = 5 * time.Second

// DeviceKey signs receipts with a key in a device. It signs in to the device
// when it must sign, and again when the device was away. A PIN that the device
// refused is not tried a second time: devices lock themselves.
type DeviceKey struct {
	door        DeviceDoor
	device      Device
	certificate *signing.Certificate
	algorithm   signing.Algorithm

	mu      sync.Mutex
	session signing.Session
	last    *time.Timer // leaves after the last signature
	refused string      // the PIN that the device did not take
	why     error
}

// NewDeviceKey makes the key of a certificate in a device. It fails as
// signing.KeyAlgorithm does; the device is not asked yet.
func NewDeviceKey(door DeviceDoor, d Device, certificate *signing.Certificate) (*DeviceKey, error) {
	algorithm, err := signing.KeyAlgorithm(certificate.Leaf().PublicKey)
	return &DeviceKey{door: door, device: d, certificate: certificate, algorithm: algorithm}, err
}

// Certificate returns the certificate.
func (k *DeviceKey) Certificate() *signing.Certificate { return k.certificate }

// Public returns the certificate's key.
func (k *DeviceKey) Public() crypto.PublicKey { return k.certificate.Leaf().PublicKey }

// Sign signs digest, a SHA-256, and returns the value as crypto.Signer
// promises: ECDSA as DER. What the device returns is verified first. It fails
// with the codes of signing.Session and signing.Opener.
func (k *DeviceKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	if len(digest) != sha256.Size {
		return nil, fault.New(fault.Invalid, "key.algorithm")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil {
		k.last.Stop()
	}
	value, err := k.once(digest)
	if fault.KindOf(err) == fault.Unavailable { // unplugged and back, or its process started anew
		k.leave()
		value, err = k.once(digest)
	}
	if err != nil {
		k.leave()
		return nil, err
	}
	k.last = time.AfterFunc(idle, k.Close)
	if value, err = k.algorithm.Normalise(k.Public(), [sha256.Size]byte(digest), value); err != nil {
		return nil, err
	}
	if _, elliptic := k.Public().(*ecdsa.PublicKey); !elliptic {
		return value, nil
	}
	half := len(value) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])})
}

func (k *DeviceKey) once(digest []byte) ([]byte, error) {
	if k.session == nil {
		if err := k.enter(); err != nil {
			return nil, err
		}
	}
	return signing.AsSigner(k.session).Sign(nil, digest, crypto.SHA256)
}

// enter signs in to the device.
func (k *DeviceKey) enter() error {
	pin, err := k.door.PIN()
	if err != nil {
		return err
	}
	if k.why != nil && pin == k.refused {
		return k.why
	}
	k.session, err = k.door.Opener.Open(context.Background(), signing.Access{Params: map[string]string{"token": k.device.Token}, PIN: pin},
		signing.Credential{Ref: k.device.Key, Certificate: k.certificate}, 1)
	k.refused, k.why = "", nil
	if fault.Is(err, "key.pin") || fault.Is(err, "signer.pin_locked") {
		k.refused, k.why = pin, err
	}
	return err
}

func (k *DeviceKey) leave() {
	if k.session != nil {
		k.session.Close()
		k.session = nil
	}
}

// Close signs out of the device, until the next signature.
func (k *DeviceKey) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.leave()
}

// Keys opens the registry's keys: those under the server's secret, and those in
// a device, if the server has one.
type Keys struct {
	Secret *software.Secret
	Device *DeviceDoor
}

// Open opens a key as it is kept: a blob of SealReceiptKey, or where it lives.
// It fails as OpenReceiptKey and NewDeviceKey do, and with Unavailable
// registry.no_device for a key in a device at a server that reaches none.
func (k Keys) Open(certificate *signing.Certificate, blob []byte, d *Device) (Signer, error) {
	switch {
	case d == nil && k.Secret == nil:
		return nil, fault.New(fault.Unavailable, "registry.no_receipt_key")
	case d == nil:
		return OpenReceiptKey(k.Secret, certificate, blob)
	case k.Device == nil:
		return nil, fault.New(fault.Unavailable, "registry.no_device", "token", d.Token)
	}
	return NewDeviceKey(*k.Device, *d, certificate)
}
