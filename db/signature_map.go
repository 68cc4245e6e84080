package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/signing"
)

// SignerCertificate is the certificate a signature was made with, and where its
// key lies.
type SignerCertificate struct {
	KeptCertificate
	Way   signing.Provider `db:"way"`
	Label string           `db:"label"` // of the way; "" of the trial key store
}

// SignerCertificates returns the kept certificates of a record's signatures by
// fingerprint.
func (t *Tx) SignerCertificates(ctx context.Context, fingerprints []string) (map[string]SignerCertificate, error) {
	var rows []SignerCertificate
	err := t.list(ctx, "read signers' certificates", &rows, `SELECT c.id, c.fingerprint, c.account_id, c.unit_id, c.purpose, c.leaf, c.chain,
		  ''::bytea AS key_blob, c.not_before, c.not_after, coalesce(w.kind, $2) AS way, coalesce(w.label, '') AS label
		FROM core.certificate c LEFT JOIN core.certificate_key k ON k.certificate_id = c.id LEFT JOIN core.signing_way w ON w.id = k.way_id
		WHERE c.fingerprint = ANY($1)`, pq.Array(fingerprints), signing.Software)
	out := make(map[string]SignerCertificate, len(rows))
	for _, r := range rows {
		out[r.Fingerprint] = r
	}
	return out, err
}

// WrittenCell is a year-end value of a record. Item is "" for a line of the
// homeroom teacher's review.
type WrittenCell struct {
	RecordID int64  `db:"record_id"`
	Item     string `db:"item"`
	Field    string `db:"field"`
}

// CellWrite is who wrote a value, and when.
type CellWrite struct {
	By string    `db:"full_name"`
	At time.Time `db:"at"`
}

// LastWrites returns who wrote each year-end value of records last. Values that
// were never changed after they were brought in are not there.
func (t *Tx) LastWrites(ctx context.Context, records []int64) (map[WrittenCell]CellWrite, error) {
	if len(records) == 0 {
		return nil, nil
	}
	var rows []struct {
		WrittenCell
		CellWrite
	}
	err := t.list(ctx, "find who wrote last", &rows, `SELECT x.record_id, x.item, x.field, a.full_name, x.at FROM (
		  SELECT DISTINCT ON (r.id, h.item, h.field) r.id AS record_id, h.item, h.field, h.account_id, h.at FROM school.record r
		    JOIN school.entry_history h ON h.school_year = r.school_year AND h.enrolment_id = r.enrolment_id AND h.period IN ('cn', 'he')
		    WHERE r.id = ANY($1) ORDER BY r.id, h.item, h.field, h.id DESC) x JOIN core.account a ON a.id = x.account_id
		UNION ALL
		SELECT x.record_id, '', x.field, a.full_name, x.at FROM (
		  SELECT DISTINCT ON (r.id, h.field) r.id AS record_id, h.field, h.account_id, h.at FROM school.record r
		    JOIN school.review_history h ON h.enrolment_id = r.enrolment_id
		    WHERE r.id = ANY($1) ORDER BY r.id, h.field, h.id DESC) x JOIN core.account a ON a.id = x.account_id`, pq.Array(records))
	out := make(map[WrittenCell]CellWrite, len(rows))
	for _, r := range rows {
		out[r.WrittenCell] = r.CellWrite
	}
	return out, err
}

// SignAgain counts the pupils of a class in whose records a change of what was
// signed ended a signature that is the teacher's to give again.
type SignAgain struct {
	ClassID int64 `db:"class_id"`
	Parts   int   `db:"parts"` // over subjects the teacher gives
	Page    int   `db:"page"`  // over the page of the own class
}

// SignAgain counts, by class of the teacher, what is to be signed again.
func (t *Tx) SignAgain(ctx context.Context, d Duties) (map[int64]SignAgain, error) {
	classes, parts := d.parts()
	var rows []SignAgain
	err := t.list(ctx, "count what is to be signed again", &rows, `SELECT r.class_id, count(DISTINCT r.id) FILTER (WHERE last.part <> $4) AS parts,
		  count(DISTINCT r.id) FILTER (WHERE last.part = $4) AS page
		FROM school.record r CROSS JOIN LATERAL (SELECT DISTINCT ON (p.part) p.part, v.cause FROM school.record_signature s
		  JOIN school.record_signature_part p ON p.signature_id = s.id LEFT JOIN school.record_void v ON v.signature_id = s.id
		  WHERE s.record_id = r.id AND s.slot NOT IN ('cbql', 'phathanh') ORDER BY p.part, s.id DESC) last
		WHERE r.class_id = ANY($1) AND r.stage IN ('drafting', 'part_signed', 'returned') AND last.cause = 'content_changed'
		  AND (r.class_id, last.part) IN (SELECT * FROM unnest($2::bigint[], $3::text[]))
		GROUP BY r.class_id`, pq.Array(d.Classes()), pq.Array(classes), pq.Array(parts), bundle.ContentID)
	out := make(map[int64]SignAgain, len(rows))
	for _, r := range rows {
		out[r.ClassID] = r
	}
	return out, err
}

// PartWriter is somebody else who wrote year-end values of subjects that are
// the acting teacher's today.
type PartWriter struct {
	Name   string `db:"full_name"`
	Pupils int    `db:"pupils"`
}

// PartWriters lists who else wrote what the acting teacher is to sign in a
// class, by how many pupils: a predecessor, or who stood in.
func (t *Tx) PartWriters(ctx context.Context, year school.Year, classID int64, subjects []school.Subject) ([]PartWriter, error) {
	var out []PartWriter
	err := t.list(ctx, "find who wrote the parts", &out, `SELECT a.full_name, count(DISTINCT r.id) AS pupils
		FROM school.record r JOIN school.entry e ON e.school_year = r.school_year AND e.enrolment_id = r.enrolment_id AND e.period IN ('cn', 'he')
		JOIN core.account a ON a.id = e.account_id
		WHERE r.class_id = $1 AND r.school_year = $2 AND e.item = ANY($3) AND e.account_id <> $4
		GROUP BY a.id, a.full_name ORDER BY pupils DESC, a.full_name`, classID, year, pq.Array(subjects), t.Actor.AccountID)
	return out, err
}
