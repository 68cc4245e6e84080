package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evidence"
	"hocba/internal/fault"
	"hocba/internal/registry"
)

// DueEvidence is an accepted version for which evidence is to be gathered.
type DueEvidence struct {
	VersionID int64      `db:"version_id"`
	School    string     `db:"school_code"`
	XML       []byte     `db:"xml"`
	Receipt   []byte     `db:"receipt"` // nil: none is kept
	Accepted  time.Time  `db:"accepted_at"`
	Known     *time.Time `db:"until"`    // until when it can be proven now; nil: not worked out yet
	Tries     int        `db:"tries"`    // in vain, to complete it
	Material  []byte     `db:"material"` // of the newest evidence; nil: none
	Token     []byte     `db:"token"`
}

// DueEvidence lists at most n versions whose evidence is to be gathered now,
// the longest due first.
func (d *DB) DueEvidence(ctx context.Context, n int) ([]DueEvidence, error) {
	return d.dueEvidence(ctx, `p.next_at <= $1 ORDER BY p.next_at, p.version_id LIMIT $2`, d.Now(), n)
}

// Unproven lists at most n versions of which nobody worked out yet until when
// they can be proven.
func (d *DB) Unproven(ctx context.Context, n int) ([]DueEvidence, error) {
	return d.dueEvidence(ctx, `p.until IS NULL ORDER BY p.version_id LIMIT $1`, n)
}

func (d *DB) dueEvidence(ctx context.Context, which string, args ...any) (out []DueEvidence, err error) {
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.list(ctx, "list versions that need evidence", &out, `SELECT p.version_id, p.school_code, c.xml, v.accepted_at, p.until, p.tries,
			  (SELECT r.xml FROM registry.receipt r WHERE r.sha256 = v.sha256 AND r.result = 'accepted' ORDER BY r.id LIMIT 1) AS receipt,
			  e.material, e.token
			FROM registry.proof p JOIN registry.version v ON v.id = p.version_id JOIN registry.version_content c ON c.version_id = v.id
			LEFT JOIN LATERAL (SELECT material, token FROM registry.evidence e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1) e ON true
			WHERE `+which, args...)
	})
	return out, err
}

// Evidence is one more proof of a version.
type Evidence struct {
	VersionID int64
	School    string
	Link      evidence.Link
	Parts     [][]byte // certificates and answers that the material names
	Authority string   // who stamped
	Until     time.Time
	Complete  bool      // every authority that can be asked has answered
	Next      time.Time // when evidence is to be gathered again
}

// keepAnswers keeps what issuers answered about the signers of versions that
// were just accepted: what they say later may be something else.
func (t *Tx) keepAnswers(ctx context.Context, list []decided, ids map[string]int64) error {
	var versions []int64
	var names pq.ByteaArray
	ders := map[[sha256.Size]byte][]byte{}
	for _, d := range list {
		if !d.ruling.Accepted() {
			continue
		}
		for _, der := range d.arrival.Answers {
			sum := sha256.Sum256(der)
			ders[sum] = der
			versions, names = append(versions, ids[d.ruling.Version().Record]), append(names, sum[:])
		}
	}
	if len(names) == 0 {
		return nil
	}
	var parts [][]byte
	for _, der := range ders {
		parts = append(parts, der)
	}
	if err := t.keepParts(ctx, parts); err != nil {
		return err
	}
	return t.exec(ctx, "keep which answers a version rests on", `INSERT INTO registry.version_answer (version_id, school_code, sha256)
		SELECT n.v, $3, n.s FROM unnest($1::bigint[], $2::bytea[]) AS n(v, s) ON CONFLICT DO NOTHING`, pq.Array(versions), names, list[0].attempt.school)
}

// keepParts keeps certificates and answers, each once.
func (t *Tx) keepParts(ctx context.Context, parts [][]byte) error {
	var sums, ders pq.ByteaArray
	for _, der := range parts {
		sum := sha256.Sum256(der)
		sums, ders = append(sums, sum[:]), append(ders, der)
	}
	return t.exec(ctx, "keep what evidence names", `INSERT INTO registry.evidence_part (sha256, der, at)
		SELECT s, b, $3 FROM unnest($1::bytea[], $2::bytea[]) AS p(s, b) ORDER BY s ON CONFLICT (sha256) DO NOTHING`, sums, ders, t.Now)
}

// VersionAnswers returns what issuers had answered when a version was accepted.
func (d *DB) VersionAnswers(ctx context.Context, versionID int64) (out [][]byte, err error) {
	err = d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.list(ctx, "read which answers a version rests on", &out, `SELECT p.der FROM registry.version_answer a
			JOIN registry.evidence_part p ON p.sha256 = a.sha256 WHERE a.version_id = $1 ORDER BY a.sha256`, versionID)
	})
	return out, err
}

// KeepEvidence keeps a proof with its parts, and says what the version now
// rests on; the same one again changes nothing.
func (d *DB) KeepEvidence(ctx context.Context, e Evidence) error {
	imprint := sha256.Sum256(e.Link.Material)
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		if err := tx.keepParts(ctx, e.Parts); err != nil {
			return err
		}
		return tx.exec(ctx, "keep evidence", `WITH kept AS (
			  INSERT INTO registry.evidence (version_id, school_code, material, imprint, token, provable_until, at)
			  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (imprint) DO NOTHING RETURNING version_id)
			UPDATE registry.proof p SET until = $6, authority = $8, authority_until = $6, renewed_at = $7, renewals = p.renewals + 1,
			  complete = $9, tries = CASE WHEN $9 THEN 0 ELSE p.tries + 1 END, next_at = $10
			FROM kept WHERE p.version_id = kept.version_id`,
			e.VersionID, e.School, e.Link.Material, imprint[:], e.Link.Token, e.Until, tx.Now, e.Authority, e.Complete, e.Next)
	})
}

// NoteProvable notes until when a version's own bytes can be proven.
func (d *DB) NoteProvable(ctx context.Context, versionID int64, until time.Time) error {
	return d.Registry(ctx, registrar, func(tx *Tx) error {
		return tx.exec(ctx, "note until when a version can be proven", `UPDATE registry.proof SET until = $2 WHERE version_id = $1 AND until IS NULL`,
			versionID, until)
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

// KeptEvidence is all that is kept beside one version.
type KeptEvidence struct {
	Links []evidence.Link
	Parts map[string][]byte // certificates and answers, by the SHA-256 (hex) of their bytes
}

// EvidenceOf returns the whole evidence of a version, the oldest link first;
// none is no failure.
func (d *DB) EvidenceOf(ctx context.Context, versionID int64) (KeptEvidence, error) {
	out := KeptEvidence{Parts: map[string][]byte{}}
	err := d.Registry(ctx, registrar, func(tx *Tx) error {
		var links []struct {
			Material []byte `db:"material"`
			Token    []byte `db:"token"`
		}
		err := tx.list(ctx, "read a version's evidence", &links, `SELECT material, token FROM registry.evidence WHERE version_id = $1 ORDER BY id`, versionID)
		if err != nil {
			return err
		}
		var names pq.ByteaArray
		for _, l := range links {
			m, err := evidence.Read(l.Material)
			if err != nil {
				return fault.Wrap(err, fault.Internal, "internal")
			}
			out.Links = append(out.Links, evidence.Link{Material: l.Material, Token: l.Token})
			for _, list := range [][]string{m.Certificates, m.Answers} {
				for _, name := range list {
					sum, err := hex.DecodeString(name)
					if err != nil {
						return err
					}
					names = append(names, sum)
				}
			}
		}
		var parts [][]byte
		err = tx.list(ctx, "read what evidence names", &parts, `SELECT der FROM registry.evidence_part WHERE sha256 = ANY($1) ORDER BY sha256`, names)
		for _, der := range parts {
			out.Parts[evidence.Hash(der)] = der
		}
		return err
	})
	return out, err
}

// proofColumns tell what a version's proof rests on.
const proofColumns = `encode(v.sha256, 'hex') AS sha256, p.until, p.authority, p.authority_until, p.renewed_at, p.renewals, p.complete`

type proofRow struct {
	SHA256         string     `db:"sha256"`
	Until          *time.Time `db:"until"`
	Authority      string     `db:"authority"`
	AuthorityUntil *time.Time `db:"authority_until"`
	RenewedAt      *time.Time `db:"renewed_at"`
	Renewals       int        `db:"renewals"`
	Complete       bool       `db:"complete"`
}

func (r proofRow) proof() registry.Proof {
	return registry.Proof{SHA256: r.SHA256, Until: instant(r.Until), Authority: r.Authority, AuthorityUntil: instant(r.AuthorityUntil),
		RenewedAt: instant(r.RenewedAt), Renewals: r.Renewals, Complete: r.Complete}
}

// Proofs tells until when versions of a school can be proven: registry.Client.
func (g *Registrar) Proofs(ctx context.Context, schoolCode string, sums []string) (out []registry.Proof, err error) {
	if len(sums) > registry.EventsPage {
		return nil, fault.New(fault.Invalid, "registry.too_many")
	}
	var names pq.ByteaArray
	for _, s := range sums {
		sum, err := SumOf(s)
		if err != nil {
			return nil, err
		}
		names = append(names, sum)
	}
	err = g.in(ctx, func(tx *Tx) error {
		var rows []proofRow
		err := tx.list(ctx, "read until when versions can be proven", &rows, `SELECT `+proofColumns+` FROM registry.version v
			JOIN registry.proof p ON p.version_id = v.id WHERE v.sha256 = ANY($1) AND v.school_code = $2 ORDER BY v.id`, names, schoolCode)
		for _, r := range rows {
			out = append(out, r.proof())
		}
		return err
	})
	return out, err
}
