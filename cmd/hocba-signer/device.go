//go:build cgo

package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/miekg/pkcs11"

	"hocba/internal/signing/token"
)

// device is the driver with the tokens it sees.
type device struct {
	ctx *pkcs11.Ctx

	mu     sync.Mutex
	logins map[uint]int // open logins by slot: PKCS#11 logs a whole process in
}

// Failures that the portal has words for.
var (
	errNoToken = errors.New("no token of this label")
	errNoKey   = errors.New("no signing key of this id with a certificate")
)

func load(module string) (*device, error) {
	ctx := pkcs11.New(module)
	if ctx == nil {
		return nil, fmt.Errorf("%s cannot be loaded", module)
	}
	if err := ctx.Initialize(); err != nil {
		ctx.Destroy()
		return nil, err
	}
	return &device{ctx: ctx, logins: map[uint]int{}}, nil
}

func (d *device) close() {
	_ = d.ctx.Finalize() // the process ends
	d.ctx.Destroy()
}

// code tells the portal what went wrong.
func code(err error) string {
	var e pkcs11.Error
	switch {
	case errors.Is(err, errNoToken):
		return token.NoToken
	case errors.Is(err, errNoKey):
		return token.NoKey
	case !errors.As(err, &e):
		return token.Failed
	}
	switch e {
	case pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE:
		return token.WrongPIN
	case pkcs11.CKR_PIN_LOCKED:
		return token.PINLocked
	case pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_TOKEN_NOT_RECOGNIZED:
		return token.NoToken
	}
	return token.Failed
}

// login is one session with a token, logged in as its user.
type login struct {
	device  *device
	slot    uint
	session pkcs11.SessionHandle
	key     pkcs11.ObjectHandle
	ecdsa   bool
}

// logIn opens a session with the token of a label. Whether the PIN is right is
// asked of the token each time: a process that is logged in already would take
// any.
func (d *device) logIn(label, pin string) (*login, error) {
	slot, err := d.find(label)
	if err != nil {
		return nil, err
	}
	session, err := d.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, err
	}
	l := &login{device: d, slot: slot, session: session}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.logins[slot] > 0 {
		_ = d.ctx.CloseSession(session)
		return nil, errors.New("another batch uses the token")
	}
	if err := d.ctx.Login(session, pkcs11.CKU_USER, pin); err != nil {
		_ = d.ctx.CloseSession(session)
		return nil, err
	}
	d.logins[slot]++
	return l, nil
}

func (l *login) end() {
	if l == nil {
		return
	}
	l.device.mu.Lock()
	defer l.device.mu.Unlock()
	l.device.logins[l.slot]--
	_ = l.device.ctx.Logout(l.session)
	_ = l.device.ctx.CloseSession(l.session)
}

func (d *device) find(label string) (uint, error) {
	slots, err := d.ctx.GetSlotList(true)
	if err != nil {
		return 0, err
	}
	for _, s := range slots {
		if info, err := d.ctx.GetTokenInfo(s); err == nil && info.Label == label && label != "" {
			return s, nil
		}
	}
	return 0, errNoToken
}

// maxObjects bounds what of a token is looked at.
const maxObjects = 64

func (l *login) objects(template ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	c := l.device.ctx
	if err := c.FindObjectsInit(l.session, template); err != nil {
		return nil, err
	}
	found, _, err := c.FindObjects(l.session, maxObjects)
	if end := c.FindObjectsFinal(l.session); err == nil {
		err = end
	}
	return found, err
}

func (l *login) value(o pkcs11.ObjectHandle, kind uint) ([]byte, error) {
	got, err := l.device.ctx.GetAttributeValue(l.session, o, []*pkcs11.Attribute{pkcs11.NewAttribute(kind, nil)})
	if err != nil || len(got) != 1 {
		return nil, err
	}
	return got[0].Value, nil
}

// list returns the keys that have a certificate of the same id.
func (d *device) list(label, pin string) ([]token.Key, error) {
	l, err := d.logIn(label, pin)
	if err != nil {
		return nil, err
	}
	defer l.end()
	certificates, err := l.objects(pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE))
	if err != nil {
		return nil, err
	}
	var own []token.Key
	var others [][]byte
	for _, o := range certificates {
		id, err := l.value(o, pkcs11.CKA_ID)
		if err != nil {
			return nil, err
		}
		der, err := l.value(o, pkcs11.CKA_VALUE)
		if err != nil {
			return nil, err
		}
		if keys, err := l.private(id); err == nil && len(keys) > 0 && len(id) > 0 {
			own = append(own, token.Key{ID: hex.EncodeToString(id), Certificate: der})
		} else {
			others = append(others, der)
		}
	}
	for i := range own {
		own[i].Chain = others
	}
	return own, nil
}

func (l *login) private(id []byte) ([]pkcs11.ObjectHandle, error) {
	return l.objects(pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, id),
		pkcs11.NewAttribute(pkcs11.CKA_SIGN, true))
}

// open logs in and finds a key.
func (d *device) open(label, pin, key string) (*login, error) {
	l, err := d.logIn(label, pin)
	if err != nil {
		return nil, err
	}
	if err := l.choose(key); err != nil {
		l.end()
		return nil, err
	}
	return l, nil
}

func (l *login) choose(key string) error {
	id, err := hex.DecodeString(key)
	if err != nil || len(id) == 0 {
		return errNoKey
	}
	keys, err := l.private(id)
	if err != nil {
		return err
	}
	if len(keys) != 1 {
		return errNoKey
	}
	kind, err := l.value(keys[0], pkcs11.CKA_KEY_TYPE)
	if err != nil {
		return err
	}
	l.key, l.ecdsa = keys[0], bytes.Equal(kind, pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_EC).Value)
	return nil
}

// digestInfo is the DER that PKCS #1 v1.5 puts before a SHA-256.
var digestInfo = []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}

// sign signs hashes one after another; what the device made is returned even
// when it is pulled out half-way.
func (l *login) sign(sums [][]byte) ([][]byte, error) {
	var out [][]byte
	for _, sum := range sums {
		if len(sum) != 32 {
			return nil, errors.New("not a SHA-256")
		}
		mechanism, data := pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil), sum
		if !l.ecdsa {
			mechanism, data = pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS, nil), append(bytes.Clone(digestInfo), sum...)
		}
		err := l.device.ctx.SignInit(l.session, []*pkcs11.Mechanism{mechanism}, l.key)
		var value []byte
		if err == nil {
			value, err = l.device.ctx.Sign(l.session, data)
		}
		if err != nil && len(out) > 0 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}
