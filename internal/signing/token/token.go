// Package token signs with a device at the server — a PKCS#11 token or HSM —
// through a process of its own, cmd/hocba-signer: the device's driver is a
// foreign library in C, which has no place inside the portal. They talk over a
// Unix socket that only the portal's user may open: hashes in, signatures out.
// The PIN goes through once for a batch and is kept on neither side.
//
// The package has both ends of the wire and the portal's part. It knows no
// records and no device.
package token

import (
	"bufio"
	"context"
	"crypto"
	"encoding/json"
	"net"
	"sync"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Request is one line to the signer.
type Request struct {
	Act   string   `json:"act"`             // find, list, open, sign
	Token string   `json:"token,omitempty"` // label of the device, of find, list and open
	PIN   string   `json:"pin,omitempty"`   // of list and open
	Key   string   `json:"key,omitempty"`   // CKA_ID of the key, hex, of open
	Sums  [][]byte `json:"sums,omitempty"`  // SHA-256 each, of sign
}

// The acts.
const (
	ActFind = "find" // is it plugged in?
	ActList = "list"
	ActOpen = "open"
	ActSign = "sign"
)

// Answer is one line back.
type Answer struct {
	Keys       []Key    `json:"keys,omitempty"`
	Signatures [][]byte `json:"signatures,omitempty"` // RSA PKCS #1 v1.5, ECDSA r‖s; an empty one was not made
	Error      string   `json:"error,omitempty"`      // a code of Errors
}

// Key is a key on the device with its certificate.
type Key struct {
	ID          string   `json:"id"` // CKA_ID, hex
	Certificate []byte   `json:"certificate"`
	Chain       [][]byte `json:"chain,omitempty"` // what else is on the device
}

// The errors of a signer.
const (
	WrongPIN  = "pin"
	PINLocked = "pin_locked"
	NoToken   = "token"
	NoKey     = "key"
	Failed    = "failed"
)

// errors are what they mean for the portal.
func meaning(code string) error {
	switch code {
	case WrongPIN:
		return fault.New(fault.Forbidden, "key.pin")
	case PINLocked:
		return fault.New(fault.Locked, "signer.pin_locked")
	case NoToken:
		return fault.New(fault.Locked, "signer.device")
	case NoKey:
		return fault.New(fault.NotFound, "signer.no_key")
	}
	return fault.New(fault.Unavailable, "signer.unavailable")
}

// Signers opens keys in the devices of one signer process; it implements
// signing.Opener.
type Signers struct {
	// Socket is where the signer listens.
	Socket string
}

// timeout bounds one line to the signer and back; a device makes some ten RSA
// signatures a second at worst.
const timeout = 60 * time.Second

// wire is a connection to the signer: a login to the device lives as long.
type wire struct {
	mu   sync.Mutex
	conn net.Conn
	in   *bufio.Reader
}

func (s *Signers) dial(ctx context.Context) (*wire, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", s.Socket)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "signer.unavailable")
	}
	if err := Peer(conn); err != nil {
		conn.Close()
		return nil, fault.Wrap(err, fault.Unavailable, "signer.unavailable")
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 1<<16)}, nil
}

// ask sends one request and reads its answer.
func (w *wire) ask(in Request) (out Answer, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	away := func(err error) error { return fault.Wrap(err, fault.Unavailable, "signer.unavailable") }
	if err := w.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return out, away(err)
	}
	line, err := json.Marshal(in)
	if err != nil {
		return out, away(err)
	}
	defer clear(line)
	if _, err := w.conn.Write(append(line, '\n')); err != nil {
		return out, away(err)
	}
	answer, err := w.in.ReadBytes('\n')
	if err != nil {
		return out, away(err)
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return out, away(err)
	}
	if out.Error != "" {
		return out, meaning(out.Error)
	}
	return out, nil
}

// Reach asks whether the device that the parameter token names is there: no
// PIN, no key. It fails with Unavailable signer.unavailable, Locked
// signer.device.
func (s *Signers) Reach(ctx context.Context, params map[string]string) error {
	w, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer w.conn.Close()
	_, err = w.ask(Request{Act: ActFind, Token: params["token"]})
	return err
}

// Credentials implements signing.Opener: the keys with a certificate on the
// device that the parameter token names.
func (s *Signers) Credentials(ctx context.Context, a signing.Access) ([]signing.Credential, error) {
	if a.PIN == "" {
		return nil, fault.New(fault.Invalid, "key.pin_missing")
	}
	w, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer w.conn.Close()
	got, err := w.ask(Request{Act: ActList, Token: a.Params["token"], PIN: a.PIN})
	if err != nil {
		return nil, err
	}
	var out []signing.Credential
	for _, k := range got.Keys {
		if certificate, err := signing.ParseCertificate(append([][]byte{k.Certificate}, k.Chain...)...); err == nil {
			out = append(out, signing.Credential{Ref: k.ID, Certificate: certificate})
		}
	}
	return out, nil
}

// Open implements signing.Opener.
func (s *Signers) Open(ctx context.Context, a signing.Access, c signing.Credential, _ int) (signing.Session, error) {
	if a.PIN == "" {
		return nil, fault.New(fault.Invalid, "key.pin_missing")
	}
	w, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := w.ask(Request{Act: ActOpen, Token: a.Params["token"], PIN: a.PIN, Key: c.Ref}); err != nil {
		w.conn.Close()
		return nil, err
	}
	return &session{wire: w, public: c.Certificate.Leaf().PublicKey}, nil
}

// session is a key of a device that its holder has opened.
type session struct {
	wire   *wire
	public crypto.PublicKey
}

// limit keeps a batch short enough to show progress with a slow token.
const limit = 16

// Public implements signing.Session.
func (s *session) Public() crypto.PublicKey { return s.public }

// Limit implements signing.Session.
func (s *session) Limit() int { return limit }

// Close implements signing.Session: the signer logs out of the device.
func (s *session) Close() { s.wire.conn.Close() }

// SignAll implements signing.Session.
func (s *session) SignAll(_ context.Context, b signing.Batch) error {
	in := Request{Act: ActSign}
	for _, d := range b.Digests {
		in.Sums = append(in.Sums, d.Sum[:])
	}
	got, err := s.wire.ask(in)
	if err != nil {
		return err
	}
	var out []signing.Answer
	for i, value := range got.Signatures {
		if i < len(b.Digests) && len(value) > 0 {
			out = append(out, signing.Answer{Key: b.Digests[i].Key, Value: value})
		}
	}
	return b.Deliver(out)
}
