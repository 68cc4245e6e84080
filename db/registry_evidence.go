package db

import (
	"context"
	"time"
)

// DueEvidence is an accepted version whose evidence is missing or ends soon.
type DueEvidence struct {
	VersionID int64     `db:"version_id"`
	School    string    `db:"school_code"`
	XML       []byte    `db:"xml"`
	Accepted  time.Time `db:"accepted_at"`
	Previous  []byte    `db:"previous"` // imprint of the newest evidence; nil: none
}

// DueEvidence lists at most n versions that no evidence carries beyond the
// instant, the oldest first.
func (d *DB) DueEvidence(ctx context.Context, beyond time.Time, n int) (out []DueEvidence, err error) {
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.list(ctx, "list versions whose evidence ends", &out, `SELECT v.id AS version_id, v.school_code, c.xml, v.accepted_at,
			  (SELECT e.imprint FROM registry.evidence e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1) AS previous
			FROM registry.version v JOIN registry.version_content c ON c.version_id = v.id
			WHERE NOT EXISTS (SELECT 1 FROM registry.evidence e WHERE e.version_id = v.id AND e.provable_until > $1)
			ORDER BY v.id LIMIT $2`, beyond, n)
	})
	return out, err
}

// Evidence is one more proof of a version.
type Evidence struct {
	VersionID int64
	School    string
	Material  []byte // chains and answers, JSON
	Imprint   []byte // what the token is over
	Token     []byte
	Until     time.Time
}

// KeepEvidence keeps a proof; the same one again changes nothing.
func (d *DB) KeepEvidence(ctx context.Context, e Evidence) error {
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.exec(ctx, "keep evidence", `INSERT INTO registry.evidence (version_id, school_code, material, imprint, token, provable_until, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (imprint) DO NOTHING`, e.VersionID, e.School, e.Material, e.Imprint, e.Token, e.Until, tx.Now)
	})
}

// EvidenceUntil is how far the evidence kept carries a version; zero: none is.
func (d *DB) EvidenceUntil(ctx context.Context, versionID int64) (time.Time, error) {
	var until *time.Time
	err := d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.get(ctx, "record.unknown", &until, `SELECT max(provable_until) FROM registry.evidence WHERE version_id = $1`, versionID)
	})
	return instant(until), err
}
