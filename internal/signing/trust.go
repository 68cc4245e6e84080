package signing

import (
	"container/list"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	"hocba/internal/fault"
)

// cacheSize bounds the chains a trust list remembers: more signers than a
// large province has active in a season.
const cacheSize = 8192

// Anchor is a root we trust, from one day to another.
type Anchor struct {
	Certificate *x509.Certificate
	From        time.Time // zero: from the certificate's own beginning
	Until       time.Time // first instant of no trust; zero: to the certificate's own end
	Trial       bool      // of a demonstration: chains to it have no legal value
}

// Chain is a path from a signer's certificate to an anchor.
type Chain struct {
	Path  []*x509.Certificate // the signer's first, the anchor last
	Trial bool                // the path has no legal value
	From  time.Time           // the path is valid from here …
	Until time.Time           // … to here, both included
}

// TrustList decides whose certificates count. It is immutable, safe for
// concurrent use, and remembers the chains it has built. It does not know
// revocation: that is checked where revocation data are kept.
type TrustList struct {
	anchors       []Anchor
	roots         *x509.CertPool
	intermediates *x509.CertPool

	mu     sync.Mutex
	chains map[[sha256.Size]byte]*list.Element
	recent *list.List // of *remembered, the most recently used first
}

type remembered struct {
	key   [sha256.Size]byte
	chain *Chain
}

// NewTrustList makes a list from anchors and from intermediates known
// beforehand. It fails with Invalid trust.anchor or trust.intermediate when
// one of them is no authority or its key is weak.
func NewTrustList(anchors []Anchor, intermediates []*x509.Certificate) (*TrustList, error) {
	t := &TrustList{
		anchors: anchors, roots: x509.NewCertPool(), intermediates: x509.NewCertPool(),
		chains: make(map[[sha256.Size]byte]*list.Element), recent: list.New(),
	}
	for _, a := range anchors {
		if !IsAuthority(a.Certificate) {
			return nil, fault.New(fault.Invalid, "trust.anchor")
		}
		t.roots.AddCert(a.Certificate)
	}
	for _, c := range intermediates {
		if !IsAuthority(c) {
			return nil, fault.New(fault.Invalid, "trust.intermediate")
		}
		t.intermediates.AddCert(c)
	}
	return t, nil
}

// IsAuthority reports whether a certificate may stand in a chain above a
// signer's: an authority with a key we take.
func IsAuthority(c *x509.Certificate) bool {
	return c != nil && c.IsCA && c.BasicConstraintsValid &&
		(c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0) && strongAuthorityKey(c.PublicKey)
}

// ServiceKey reports whether a time-stamping authority may have such a key.
func ServiceKey(pub crypto.PublicKey) bool { return strongAuthorityKey(pub) }

// strongAuthorityKey: authorities may use larger curves than signers.
func strongAuthorityKey(pub crypto.PublicKey) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= minRSABits && k.N.BitLen() <= maxRSABits
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize >= 256
	}
	return false
}

// Verify decides whether cert counted at the instant at: a chain to an anchor
// trusted then, every certificate of it valid then, the signer's own fit for
// signing. It fails with Invalid:
//
//	cert.not_signer   an authority's certificate, a key usage with neither
//	                  digitalSignature nor contentCommitment, or one made for
//	                  servers, programs, time-stamps or OCSP alone
//	key.weak, key.algorithm  a key we do not take
//	cert.not_yet, cert.expired  outside its own validity
//	cert.untrusted    no chain to an anchor at that instant
//
// at is the signing time a signature claims; as long as no time-stamp proves
// it, the caller must bound it by a time of its own.
func (t *TrustList) Verify(cert *Certificate, at time.Time) (*Chain, error) {
	if OtherPurpose(cert.leaf) {
		return nil, fault.New(fault.Invalid, "cert.not_signer")
	}
	if err := fitForSigning(cert.leaf); err != nil {
		return nil, err
	}
	return t.VerifyService(cert, at)
}

// VerifyService is Verify for the certificate of a service whose purpose the
// caller has checked, as a time-stamping authority's. Such a service may have
// the larger keys that authorities have.
func (t *TrustList) VerifyService(cert *Certificate, at time.Time) (*Chain, error) {
	if cert.leaf.IsCA || cert.leaf.KeyUsage&signingUsage == 0 {
		return nil, fault.New(fault.Invalid, "cert.not_signer")
	}
	if !strongAuthorityKey(cert.leaf.PublicKey) {
		return nil, fault.New(fault.Invalid, "key.weak")
	}
	if at.Before(cert.leaf.NotBefore) {
		return nil, fault.New(fault.Invalid, "cert.not_yet")
	}
	if at.After(cert.leaf.NotAfter) {
		return nil, fault.New(fault.Invalid, "cert.expired")
	}
	key := chainKey(cert)
	if chain := t.recall(key, at); chain != nil {
		return chain, nil
	}
	chain, err := t.build(cert, at)
	if err != nil {
		return nil, err
	}
	t.remember(key, chain)
	return chain, nil
}

const signingUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment

func fitForSigning(leaf *x509.Certificate) error {
	if leaf.IsCA || leaf.KeyUsage&signingUsage == 0 {
		return fault.New(fault.Invalid, "cert.not_signer")
	}
	_, err := KeyAlgorithm(leaf.PublicKey)
	return err
}

// OtherPurpose reports whether all purposes that a certificate names (RFC 5280
// §4.2.1.12) are of machines: an organisation's web server bears its name and
// tax code, and its key lies where its seal's must not.
func OtherPurpose(c *x509.Certificate) bool {
	for _, u := range c.ExtKeyUsage {
		switch u {
		case x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageOCSPSigning:
		default:
			return false
		}
	}
	return len(c.ExtKeyUsage) > 0 && len(c.UnknownExtKeyUsage) == 0
}

// build looks for a chain, a real one before one of a demonstration.
func (t *TrustList) build(cert *Certificate, at time.Time) (*Chain, error) {
	pool := t.intermediates
	if len(cert.intermediates) > 0 {
		pool = pool.Clone()
		for _, c := range cert.intermediates {
			if IsAuthority(c) {
				pool.AddCert(c)
			}
		}
	}
	paths, err := cert.leaf.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: pool, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "cert.untrusted")
	}
	var best *Chain
	for _, path := range paths {
		if c := t.judge(path, at); c != nil && (best == nil || best.Trial && !c.Trial) {
			best = c
		}
	}
	if best == nil {
		return nil, fault.Wrap(errAnchorTime, fault.Invalid, "cert.untrusted")
	}
	return best, nil
}

var errAnchorTime = errors.New("no anchor of the chain is trusted at that time")

// judge returns the chain along path, or nil when its anchor was not trusted
// at that instant or one of its authorities has a weak key.
func (t *TrustList) judge(path []*x509.Certificate, at time.Time) *Chain {
	c := &Chain{Path: path, Trial: hasPolicy(path[0], PolicyTrial)}
	for i, cert := range path {
		if i > 0 && !strongAuthorityKey(cert.PublicKey) {
			return nil
		}
		c.narrow(cert.NotBefore, cert.NotAfter)
	}
	for _, a := range t.anchors {
		if !a.Certificate.Equal(path[len(path)-1]) {
			continue
		}
		in := *c
		in.Trial = c.Trial || a.Trial
		until := a.Until
		if !until.IsZero() {
			until = until.Add(-time.Nanosecond)
		}
		in.narrow(a.From, until)
		if in.covers(at) {
			return &in
		}
	}
	return nil
}

func (c *Chain) narrow(from, until time.Time) {
	if from.After(c.From) {
		c.From = from
	}
	if !until.IsZero() && (c.Until.IsZero() || until.Before(c.Until)) {
		c.Until = until
	}
}

func (c *Chain) covers(at time.Time) bool { return !at.Before(c.From) && !at.After(c.Until) }

// chainKey names a certificate together with what it was presented with, so
// that a verdict never depends on what others presented before.
func chainKey(cert *Certificate) [sha256.Size]byte {
	if len(cert.intermediates) == 0 {
		return cert.fingerprint
	}
	h := sha256.New()
	h.Write(cert.fingerprint[:])
	for _, c := range cert.intermediates {
		sum := sha256.Sum256(c.Raw)
		h.Write(sum[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func (t *TrustList) recall(key [sha256.Size]byte, at time.Time) *Chain {
	t.mu.Lock()
	defer t.mu.Unlock()
	el, ok := t.chains[key]
	if !ok {
		return nil
	}
	chain := el.Value.(*remembered).chain
	if !chain.covers(at) {
		return nil
	}
	t.recent.MoveToFront(el)
	return chain
}

// remember keeps a chain that was found. Refusals are not kept: they are rare
// and their reason may end when time passes.
func (t *TrustList) remember(key [sha256.Size]byte, chain *Chain) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if el, ok := t.chains[key]; ok {
		el.Value.(*remembered).chain = chain
		t.recent.MoveToFront(el)
		return
	}
	if t.recent.Len() >= cacheSize {
		oldest := t.recent.Back()
		t.recent.Remove(oldest)
		delete(t.chains, oldest.Value.(*remembered).key)
	}
	t.chains[key] = t.recent.PushFront(&remembered{key, chain})
}
