package software

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"io"
	"math/big"
	"sync"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// rsaBits is the modulus of the RSA keys we make.
const rsaBits = 2048

// Generate makes a new private key for algorithm, from the system's source of
// randomness. It fails with Invalid key.algorithm.
func Generate(algorithm signing.Algorithm) (crypto.Signer, error) {
	switch algorithm {
	case signing.ECDSASHA256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case signing.RSASHA256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	}
	return nil, fault.New(fault.Invalid, "key.algorithm")
}

// Key is an opened private key. It signs until Close.
type Key struct {
	kind   Kind
	public crypto.PublicKey

	mu      sync.RWMutex
	private crypto.Signer // nil once closed
}

// newKey reads a PKCS #8 key and checks that it is the one the blob names.
func newKey(kind Kind, pkcs8 []byte, want [sha256.Size]byte) (*Key, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "key.damaged")
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Internal, "key.damaged")
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil || sha256.Sum256(public) != want {
		return nil, fault.New(fault.Internal, "key.damaged")
	}
	return &Key{kind: kind, public: private.Public(), private: private}, nil
}

// Kind returns what the key signs as.
func (k *Key) Kind() Kind { return k.kind }

// Public returns the public key; it stays readable after Close.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Sign signs digest. It fails with Locked key.closed after Close.
func (k *Key) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.private == nil {
		return nil, fault.New(fault.Locked, "key.closed")
	}
	return k.private.Sign(random, digest, opts)
}

// Close ends the key and overwrites what Go lets us overwrite: the numbers of
// the private key. Copies that the runtime made while signing are beyond reach.
// It waits for a signature in progress and may be called twice.
func (k *Key) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch p := k.private.(type) {
	case *ecdsa.PrivateKey:
		//lint:ignore SA1019 the key is at its end: its value is destroyed, not computed with
		wipe(p.D)
	case *rsa.PrivateKey:
		wipe(p.D)
		for _, prime := range p.Primes {
			wipe(prime)
		}
		wipe(p.Precomputed.Dp)
		wipe(p.Precomputed.Dq)
		wipe(p.Precomputed.Qinv)
	}
	k.private = nil
}

func wipe(n *big.Int) {
	if n != nil {
		clear(n.Bits())
		n.SetInt64(0)
	}
}

// limit keeps batches short: each shows progress, and ends before a stop.
const limit = 16

// Limit returns how many digests SignAll takes at once.
func (k *Key) Limit() int { return limit }

// SignAll signs the digests of a batch; see signing.Session. It fails with
// Locked key.closed after Close.
func (k *Key) SignAll(ctx context.Context, b signing.Batch) error {
	out := make([]signing.Answer, 0, len(b.Digests))
	for _, d := range b.Digests {
		value, err := k.Sign(rand.Reader, d.Sum[:], crypto.SHA256)
		if fault.Is(err, "key.closed") || ctx.Err() != nil {
			return firstOf(b.Deliver(out), err, ctx.Err())
		}
		out = append(out, signing.Answer{Key: d.Key, Value: value, Err: err})
	}
	return b.Deliver(out)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
