package db

import (
	"context"
	"log/slog"
	"sync"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
)

// errPending is told to a school whose submission can be judged when an issuer
// answers. The attempt stays open and is gone on with when the same bytes come
// again, which the school's side sees to.
var errPending = fault.New(fault.Unavailable, "registry.status_pending")

// statusOf returns what one call of a school asks about certificates with. Each
// certificate is asked about once a call.
func (g *Registrar) statusOf(ctx context.Context) func(*signing.Certificate, *signing.Chain) revocation.Verdict {
	var mu sync.Mutex
	asked := map[string]func() revocation.Verdict{}
	return func(c *signing.Certificate, chain *signing.Chain) revocation.Verdict {
		mu.Lock()
		ask := asked[c.Fingerprint()]
		if ask == nil {
			ask = sync.OnceValue(func() revocation.Verdict { return g.status(ctx, c, chain) })
			asked[c.Fingerprint()] = ask
		}
		mu.Unlock()
		return ask()
	}
}

// status is the issuer's answer now, or the last one while it holds. A
// revocation that was ever told is not forgotten; of a hold the newest counts.
func (g *Registrar) status(ctx context.Context, c *signing.Certificate, chain *signing.Chain) revocation.Verdict {
	var last revocation.Verdict
	err := g.in(ctx, func(tx *Tx) (err error) {
		last, err = tx.CertificateStatus(ctx, c.Fingerprint())
		return err
	})
	if err != nil {
		slog.WarnContext(ctx, "read an issuer's answer", "error", err)
	}
	if last.Status == revocation.Revoked && last.Reason != hold {
		return last
	}
	v := revocation.Verdict{Status: revocation.Unknown, Why: revocation.Unreachable}
	if !revocation.HasSource(c.Leaf()) {
		v.Why = revocation.NoSource
	} else if g.Issuer != nil {
		v = g.Issuer.ChainVerdict(ctx, chain.Path)
	}
	switch {
	case v.Status == revocation.Revoked:
		if err := g.db.KeepStatus(ctx, c.Fingerprint(), v); err != nil {
			slog.WarnContext(ctx, "keep an issuer's answer", "error", err)
		}
	case v.Status == revocation.Unknown && (last.Status == revocation.Revoked || last.Status == revocation.Good && g.db.Now().Before(last.Until)):
		return last
	}
	return v
}
