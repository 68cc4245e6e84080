package revocation

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"net/http"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
	"golang.org/x/sync/singleflight"
)

// Options set a Checker up. The zero value asks any public host.
type Options struct {
	// Hosts may be asked, by exact name or, with a dot in front, by domain
	// (".gov.vn"). Empty: any host with a public address.
	Hosts []string
	// Inside are host:port pairs that may be asked although their address is of
	// this machine or a private network.
	Inside []string
	// Offline asks nobody: every certificate with a source is Unreachable.
	Offline bool
	// Timeout bounds one question, 5 s by default. A certificate takes at most
	// as many questions as it names addresses, and never more than six.
	Timeout time.Duration
	// Keep is how long an answer is used at most, 1 h by default: a revocation
	// must come through although the authority's answers hold for days.
	Keep time.Duration
	// Now is the clock; time.Now by default.
	Now func() time.Time
}

const (
	maxOCSP = 256 << 10 // bytes of an answer
	maxCRL  = 16 << 20  // bytes of a list
	// maxKept bounds the bytes of answers in memory.
	maxKept = 64 << 20
	// quiet is how long nobody asks again where nobody answered.
	quiet   = time.Minute
	perKind = 3 // addresses tried of each kind
)

// Checker asks about certificates and remembers the answers. It is safe for
// concurrent use; the same question is asked once at a time.
type Checker struct {
	o      Options
	client *http.Client
	flight singleflight.Group

	mu    sync.Mutex
	kept  map[string]*answer
	bytes int
}

// answer is what an address said: a verdict, a list, or nothing.
type answer struct {
	verdict Verdict // of OCSP, and the why of nothing
	list    *list
	until   time.Time
	size    int
}

// New makes a Checker.
func New(o Options) *Checker {
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Keep <= 0 {
		o.Keep = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Checker{o: o, client: newClient(o), kept: map[string]*answer{}}
}

// Check asks about cert, which issuer certified. It tries the OCSP responders
// first, then the lists; the first that says good or revoked decides. Without
// one the verdict is Unknown with the reason of the last that was tried.
func (c *Checker) Check(ctx context.Context, cert, issuer *x509.Certificate) Verdict {
	if cert.CheckSignatureFrom(issuer) != nil {
		return unknown(BadAnswer) // whoever is not the issuer cannot tell
	}
	last := unknown(NoSource)
	for _, url := range addresses(cert.OCSPServer) {
		if last = c.responder(ctx, url, cert, issuer); last.Status != Unknown {
			return last
		}
	}
	for _, url := range addresses(cert.CRLDistributionPoints) {
		if last = c.distribution(ctx, url, cert, issuer); last.Status != Unknown {
			return last
		}
	}
	return last
}

// CheckPath asks about every certificate of a path but its anchor: the signer's
// first, as signing.Chain.Path has it.
func (c *Checker) CheckPath(ctx context.Context, path []*x509.Certificate) []Verdict {
	var out []Verdict
	for i := 0; i+1 < len(path); i++ {
		out = append(out, c.Check(ctx, path[i], path[i+1]))
	}
	return out
}

// ChainVerdict asks about a path and tells what decides: the worst of it, and
// of a sound path what was said of the signer. An authority between that names
// nobody is left to the trust list, where it has an end of its own.
func (c *Checker) ChainVerdict(ctx context.Context, path []*x509.Certificate) Verdict {
	if len(path) < 2 {
		return unknown(NoSource)
	}
	list := c.CheckPath(ctx, path)
	for i := range list[1:] {
		if v := &list[i+1]; v.Status == Unknown && v.Why == NoSource {
			v.Status = Good
		}
	}
	return Worst(list)
}

// responder asks one OCSP responder.
func (c *Checker) responder(ctx context.Context, url string, cert, issuer *x509.Certificate) Verdict {
	sum := sha256.Sum256(append(append([]byte{}, cert.Raw...), issuer.Raw...))
	a := c.remembered("ocsp "+url+" "+string(sum[:]), func() *answer {
		question, err := ocsp.CreateRequest(cert, issuer, nil)
		if err != nil {
			return &answer{verdict: unknown(BadAnswer)}
		}
		raw, why := c.ask(ctx, url, question)
		if why != "" {
			return &answer{verdict: unknown(why)}
		}
		v := ReadOCSP(raw, cert, issuer, c.o.Now())
		v.Source, v.Asked = url, c.o.Now()
		return &answer{verdict: v, until: v.Until, size: len(raw) + len(cert.Raw)}
	})
	return a.verdict.fresh(c.o.Now())
}

// distribution asks one list.
func (c *Checker) distribution(ctx context.Context, url string, cert, issuer *x509.Certificate) Verdict {
	sum := sha256.Sum256(issuer.Raw)
	a := c.remembered("crl "+url+" "+string(sum[:]), func() *answer {
		raw, why := c.fetch(ctx, url)
		if why != "" {
			return &answer{verdict: unknown(why)}
		}
		l, ok := readList(raw, issuer)
		if !ok {
			return &answer{verdict: unknown(BadAnswer)}
		}
		// An entry of the map is some 100 bytes beside the list's own.
		return &answer{list: l, verdict: Verdict{Asked: c.o.Now()}, until: l.until, size: len(raw) + 100*len(l.revoked)}
	})
	if a.list == nil {
		return a.verdict
	}
	v := a.list.about(cert, c.o.Now())
	v.Source, v.Asked = url, a.verdict.Asked
	return v
}

// remembered returns what was answered, or asks. The question of one caller
// serves those who wait for it.
func (c *Checker) remembered(key string, ask func() *answer) *answer {
	if a := c.recall(key); a != nil {
		return a
	}
	v, _, _ := c.flight.Do(key, func() (any, error) {
		if a := c.recall(key); a != nil {
			return a, nil
		}
		a := ask()
		now := c.o.Now()
		switch {
		case a.list == nil && a.verdict.Status == Unknown:
			a.until = now.Add(min(quiet, c.o.Keep))
		case a.until.IsZero() || a.until.After(now.Add(c.o.Keep)):
			a.until = now.Add(c.o.Keep)
		}
		c.remember(key, a)
		return a, nil
	})
	return v.(*answer)
}

func (c *Checker) recall(key string) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.kept[key]
	if !ok || !c.o.Now().Before(a.until) {
		return nil
	}
	return a
}

// remember keeps an answer; when there is no room it forgets what ended, then
// whatever comes first: the next question asks again.
func (c *Checker) remember(key string, a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.size += len(key) + 256
	if a.size > maxKept {
		return
	}
	if old, ok := c.kept[key]; ok {
		c.bytes -= old.size
		delete(c.kept, key)
	}
	now := c.o.Now()
	for pass := 0; pass < 2 && c.bytes+a.size > maxKept; pass++ {
		for k, o := range c.kept {
			if pass == 1 || !now.Before(o.until) {
				c.bytes -= o.size
				delete(c.kept, k)
			}
			if c.bytes+a.size <= maxKept {
				break
			}
		}
	}
	c.kept[key] = a
	c.bytes += a.size
}
