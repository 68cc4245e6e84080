package db

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Expiring counts of one school the certificates in use that end before an instant.
type Expiring struct {
	UnitID int64     `db:"unit_id"`
	Code   string    `db:"code"`
	Name   string    `db:"name"`
	Seals  int       `db:"seals"`
	People int       `db:"people"`
	First  time.Time `db:"first"` // when the first of them ends
}

// Ending is a place in the order in which certificates end; the zero Ending is
// before all.
type Ending struct {
	At            time.Time
	CertificateID int64
}

// before reports whether e stands before another place.
func (e Ending) before(o Ending) bool {
	return e.At.Before(o.At) || e.At.Equal(o.At) && e.CertificateID < o.CertificateID
}

// ExpiringPage is how many schools of a province are listed at once, and
// mostWalked how many certificates are looked at to find them: the cost is the
// same in a province of any size. An area of few schools is listed whole.
const (
	ExpiringPage = 50
	mostWalked   = 1000
	fewSchools   = 100
)

// inUse are certificates that may be signed with at $1.
const inUse = `(CASE c.purpose WHEN 'person' THEN ` + standingNow + ` IN ('', 'registered', 'approved') ELSE ` + standingNow + ` = 'approved' END)`

// outlasts are certificates n as c is, in use at $1, that end at $3 or later.
const outlasts = `SELECT 1 FROM core.certificate n JOIN core.certificate_standing m ON m.certificate_id = n.id
	WHERE n.purpose = c.purpose AND n.not_after >= $3 AND (CASE n.purpose
	  WHEN 'person' THEN core.standing(m.certificate_id, m.last, m.since, m.turns_at, $1) IN ('', 'registered', 'approved')
	  ELSE core.standing(m.certificate_id, m.last, m.since, m.turns_at, $1) = 'approved' END)`

// endsUnrenewed are the certificates c, standing at g, that are in use at $1
// and end before $3 while their holder has no other that lasts longer.
const endsUnrenewed = `c.purpose IN ('seal', 'person') AND c.not_after >= $1 AND c.not_after < $3 AND ` + inUse + `
	AND NOT EXISTS (` + outlasts + ` AND n.unit_id = c.unit_id) AND NOT EXISTS (` + outlasts + ` AND n.account_id = c.account_id)`

// serves are the schools u of a certificate's holder at day $4: asked of each
// certificate, for there are few, and many people.
const serves = `LEFT JOIN LATERAL (SELECT h.unit_id FROM core.account_role h WHERE h.account_id = c.account_id
	  AND h.valid_from <= $4 AND coalesce(h.valid_to, 'infinity') >= $4 OFFSET 0) r ON true
	JOIN core.unit u ON u.id = coalesce(c.unit_id, r.unit_id) AND u.kind = 'truong'`

// soonestSQL walks along the ends, not through the schools.
var soonestSQL = `WITH c AS MATERIALIZED (SELECT c.id, c.purpose, c.not_after, c.unit_id, c.account_id FROM core.certificate c
	  JOIN core.certificate_standing g ON g.certificate_id = c.id
	  WHERE ` + endsUnrenewed + ` AND c.not_after >= $5 AND (c.not_after, c.id) > ($5, $6) ORDER BY c.not_after, c.id LIMIT ` + strconv.Itoa(mostWalked) + `)
	SELECT c.id, c.not_after, u.id AS unit_id FROM c ` + serves + `
	WHERE EXISTS (SELECT 1 FROM core.unit_scope o WHERE o.descendant_id = u.id AND o.ancestor_id = $2)
	ORDER BY c.not_after, c.id, u.id`

const expiringSQL = `WITH c AS MATERIALIZED (SELECT c.id, c.purpose, c.not_after, c.unit_id, c.account_id FROM core.certificate c
	  JOIN core.certificate_standing g ON g.certificate_id = c.id
	  WHERE c.id IN (SELECT o.id FROM core.certificate o WHERE o.unit_id = ANY($2)
	    UNION ALL SELECT o.id FROM core.account_role h JOIN core.certificate o ON o.account_id = h.account_id WHERE h.unit_id = ANY($2))
	  AND ` + endsUnrenewed + `)
	SELECT u.id AS unit_id, u.code, u.name, min(c.not_after) AS first, (array_agg(c.id ORDER BY c.not_after, c.id))[1] AS first_id,
	  count(DISTINCT c.id) FILTER (WHERE c.purpose = 'seal') AS seals, count(DISTINCT c.account_id) FILTER (WHERE c.purpose = 'person') AS people
	FROM c ` + serves + ` WHERE u.id = ANY($2)
	GROUP BY u.id, u.code, u.name ORDER BY first, first_id, u.id`

// ExpiringBySchool counts, of schools below the actor's unit, the seals and the
// people's certificates that are in use and end before an instant with nothing
// that lasts longer, the school whose first ends soonest on top: a page of those
// after a place. next is where the page after it begins, zero after the last.
//
// The program counts, for whom no wall is asked at each certificate; the schools
// are taken from the actor's scope in the queries.
func (d *DB) ExpiringBySchool(ctx context.Context, actor workflow.Actor, before time.Time, after Ending) (out []Expiring, next Ending, err error) {
	err = d.As(ctx, systemActor, func(tx *Tx) error {
		out, next, err = tx.expiring(ctx, actor.UnitID, before, after)
		return err
	})
	return out, next, err
}

func (t *Tx) expiring(ctx context.Context, unitID int64, before time.Time, after Ending) (out []Expiring, next Ending, err error) {
	schools, next, err := t.soonest(ctx, unitID, before, after)
	if err != nil || len(schools) == 0 {
		return nil, next, err
	}
	var rows []struct {
		Expiring
		FirstID int64 `db:"first_id"`
	}
	err = t.list(ctx, "count certificates that end", &rows, expiringSQL, t.Now, pq.Array(schools), before, school.DateOf(t.Now))
	for _, r := range rows {
		if first := (Ending{r.First, r.FirstID}); after.before(first) { // else it stood on a page before
			out = append(out, r.Expiring)
		}
	}
	return out, next, err
}

// soonest finds the schools of a page, and where the next one begins.
func (t *Tx) soonest(ctx context.Context, unitID int64, before time.Time, after Ending) (schools []int64, next Ending, err error) {
	err = t.list(ctx, "list the schools of a small area", &schools, `SELECT u.id FROM core.unit_scope o JOIN core.unit u ON u.id = o.descendant_id
		WHERE o.ancestor_id = $1 AND u.kind = 'truong' LIMIT $2`, unitID, fewSchools+1)
	if err != nil || len(schools) <= fewSchools {
		return schools, next, err
	}
	schools = nil
	var rows []struct {
		ID     int64     `db:"id"`
		End    time.Time `db:"not_after"`
		UnitID int64     `db:"unit_id"`
	}
	err = t.list(ctx, "find whose certificates end first", &rows, soonestSQL, t.Now, unitID, before, school.DateOf(t.Now),
		after.At, after.CertificateID)
	for i, r := range rows {
		if slices.Contains(schools, r.UnitID) {
			continue
		}
		if len(schools) == ExpiringPage {
			return schools, Ending{rows[i-1].End, rows[i-1].ID}, err
		}
		schools = append(schools, r.UnitID)
	}
	if n := len(rows); n >= mostWalked {
		next = Ending{rows[n-1].End, rows[n-1].ID}
	}
	return schools, next, err
}
