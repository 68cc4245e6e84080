package db

import (
	"context"
	"time"

	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ProofKind says which versions a list of proofs holds.
type ProofKind string

// The kinds, by the name they have in addresses.
const (
	ProofEnding     ProofKind = "ending"     // within a year, not ended yet
	ProofEnded      ProofKind = "ended"      // nothing kept here proves them any more
	ProofIncomplete ProofKind = "incomplete" // an authority has not answered about a certificate
)

// ProofKinds lists the kinds.
var ProofKinds = []ProofKind{ProofEnding, ProofEnded, ProofIncomplete}

// ProofsPage is how many lines one page of proofs has.
const ProofsPage = 50

// mostCounted bounds a count: beyond it nobody needs the number.
const mostCounted = 100_000

// where is the condition of a kind; $1 is now, $2 a year later.
func (k ProofKind) where() string {
	switch k {
	case ProofEnded:
		return `p.until <= $1 AND $2::timestamptz IS NOT NULL`
	case ProofIncomplete:
		return `NOT p.complete AND $1::timestamptz < $2::timestamptz`
	}
	return `p.until > $1 AND p.until <= $2`
}

// ProofLine is a version in a list of proofs.
type ProofLine struct {
	Record     string      `db:"record_uuid"`
	Number     int         `db:"phien_ban"`
	Year       school.Year `db:"school_year"`
	Class      string      `db:"class_name"`
	SchoolCode string      `db:"school_code"`
	School     string      `db:"school"`
	Proof      registry.Proof
}

// ProofLines lists versions in the actor's scope of a kind, those that end
// first first: at most ProofsPage after skip, and whether there are more.
func (d *DB) ProofLines(ctx context.Context, actor workflow.Actor, kind ProofKind, skip int) (out []ProofLine, more bool, err error) {
	now := d.Now()
	err = d.Registry(ctx, actor, func(tx *Tx) error {
		var rows []struct {
			ProofLine
			proofRow
		}
		err := tx.list(ctx, "list proofs", &rows, `SELECT v.record_uuid::text AS record_uuid, v.phien_ban, v.school_year, v.class_name, v.school_code,
			  coalesce((SELECT u.name FROM core.unit u WHERE u.code = v.school_code LIMIT 1), v.school_code) AS school, `+proofColumns+`
			FROM registry.proof p JOIN registry.version v ON v.id = p.version_id WHERE `+kind.where()+`
			ORDER BY p.until, p.version_id LIMIT $3 OFFSET $4`, now, now.AddDate(1, 0, 0), ProofsPage+1, skip)
		for _, r := range rows {
			r.ProofLine.Proof = r.proof()
			out = append(out, r.ProofLine)
		}
		return err
	})
	if more = len(out) > ProofsPage; more {
		out = out[:ProofsPage]
	}
	return out, more, err
}

// ProofCounts counts the versions in the actor's scope of each kind, no further
// than a hundred thousand. first is the earliest end among those that have not
// ended; zero: none.
func (d *DB) ProofCounts(ctx context.Context, actor workflow.Actor) (counts map[ProofKind]int, first time.Time, err error) {
	now := d.Now()
	counts = map[ProofKind]int{}
	err = d.Registry(ctx, actor, func(tx *Tx) error {
		for _, k := range ProofKinds {
			var n int
			err := tx.get(ctx, "record.unknown", &n, `SELECT count(*) FROM (SELECT 1 FROM registry.proof p WHERE `+k.where()+` LIMIT $3) few`,
				now, now.AddDate(1, 0, 0), mostCounted)
			if err != nil {
				return err
			}
			counts[k] = n
		}
		var next *time.Time
		err := tx.get(ctx, "record.unknown", &next, `SELECT min(p.until) FROM registry.proof p WHERE p.until > $1`, now)
		first = instant(next)
		return err
	})
	return counts, first, err
}
