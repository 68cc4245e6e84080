package db

import (
	"context"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/signing/revocation"
)

// CertificateStatus returns the newest answer about a certificate; an unknown
// verdict without a reason when nobody asked yet.
func (t *Tx) CertificateStatus(ctx context.Context, fingerprint string) (revocation.Verdict, error) {
	list, err := t.statuses(ctx, fingerprint)
	if err != nil || len(list) == 0 {
		return revocation.Verdict{Status: revocation.Unknown}, err
	}
	return list[0], nil
}

func (t *Tx) statuses(ctx context.Context, fingerprint string) ([]revocation.Verdict, error) {
	var rows []struct {
		Status    revocation.Status `db:"status"`
		Why       string            `db:"why"`
		Kind      revocation.Kind   `db:"kind"`
		Source    string            `db:"source"`
		Reason    int               `db:"reason"`
		RevokedAt *time.Time        `db:"revoked_at"`
		From      *time.Time        `db:"this_update"`
		Until     *time.Time        `db:"next_update"`
		Answer    []byte            `db:"answer"`
		Asked     time.Time         `db:"asked_at"`
	}
	err := t.list(ctx, "read what an issuer answered", &rows, `SELECT status, why, kind, source, reason, revoked_at, this_update, next_update, answer, asked_at
		FROM core.certificate_status WHERE fingerprint = $1`, fingerprint)
	var out []revocation.Verdict
	for _, r := range rows {
		out = append(out, revocation.Verdict{Status: r.Status, Why: r.Why, Kind: r.Kind, Source: r.Source, Reason: r.Reason, At: instant(r.RevokedAt),
			From: instant(r.From), Until: instant(r.Until), Answer: r.Answer, Asked: r.Asked})
	}
	return out, err
}

// KeepStatus stores the newest answer about a certificate. An answer is not
// forgotten for the sake of none: while a good one holds, a failure to ask
// again leaves it. A revocation stays whatever comes after it, but for a hold:
// a good answer of before may be played again as long as it holds. A certificate in use that turns out revoked ends with it, on
// hold it is suspended: nobody has to notice.
func (d *DB) KeepStatus(ctx context.Context, fingerprint string, v revocation.Verdict) error {
	answer := v.Answer
	if v.Kind != revocation.OCSP {
		answer = nil
	}
	return d.As(ctx, systemActor, func(tx *Tx) error {
		err := tx.exec(ctx, "keep an issuer's answer", `INSERT INTO core.certificate_status AS s (fingerprint, status, why, kind, source, reason, revoked_at,
			  this_update, next_update, answer, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (fingerprint) DO UPDATE SET (status, why, kind, source, reason, revoked_at, this_update, next_update, answer, asked_at) =
			  (SELECT excluded.status, excluded.why, excluded.kind, excluded.source, excluded.reason, excluded.revoked_at, excluded.this_update,
			    excluded.next_update, excluded.answer, excluded.asked_at)
			WHERE (excluded.status <> 'unknown' OR s.status = 'unknown' OR s.status = 'good' AND s.next_update < excluded.asked_at)
			  AND (s.status <> 'revoked' OR s.reason = 6 OR excluded.status = 'revoked')`, fingerprint, v.Status, v.Why, v.Kind,
			v.Source, v.Reason, orNil(v.At), orNil(v.From), orNil(v.Until), notNil(answer), tx.Now)
		if err != nil || v.Status != revocation.Revoked {
			return err
		}
		return tx.endRevoked(ctx, fingerprint, v)
	})
}

// hold is the reason of a revocation that may be taken back (RFC 5280 §5.3.1).
const hold = 6

func (t *Tx) endRevoked(ctx context.Context, fingerprint string, v revocation.Verdict) error {
	lives, err := t.lives(ctx, `c.fingerprint = $1`, fingerprint)
	for _, l := range lives {
		stage := l.Stage(t.Now)
		kind := certificate.Ended
		if v.Reason == hold {
			kind = certificate.Suspended
		}
		if stage != certificate.StageInUse && (stage != certificate.StageSuspended || kind == certificate.Suspended) {
			continue
		}
		err := t.NoteCertificate(ctx, l.ID, certificate.Event{Kind: kind, Reason: "revoked", Effective: v.At, At: t.Now})
		if err != nil {
			return err
		}
	}
	return err
}

// StatusDue is a certificate whose issuer should be asked.
type StatusDue struct {
	Fingerprint string `db:"fingerprint"`
	Leaf        []byte `db:"leaf"`
	Chain       []byte `db:"chain"`
}

// StatusesDue lists certificates in use or waiting, of everybody, about which
// nobody was asked since an instant, the longest unasked first.
func (d *DB) StatusesDue(ctx context.Context, since time.Time, limit int) (out []StatusDue, err error) {
	now := d.Now()
	err = d.registry.SelectContext(ctx, &out, `SELECT c.fingerprint, c.leaf, c.chain FROM core.certificate c
		LEFT JOIN core.certificate_status s ON s.fingerprint = c.fingerprint
		WHERE c.purpose <> 'receipt' AND c.not_after > $1 AND (s.asked_at IS NULL OR s.asked_at < $2)
		  AND coalesce(core.certificate_stage(c.id, $1), 'registered') NOT IN ('refused', 'withdrawn', 'ended')
		ORDER BY s.asked_at NULLS FIRST, c.id LIMIT $3`, now, since, limit)
	return out, translate(err, "list certificates to ask about")
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
