package db

import (
	"context"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// SealUse is an act for which the school's seal was set: the issuing of a
// class's records by one person on one day with one certificate, or a statement.
type SealUse struct {
	Act         string    `db:"act"` // "PHAT_HANH", or the kind of a statement
	By          string    `db:"full_name"`
	Role        string    `db:"role"`        // of the person at the school on that day; "" none
	Certificate string    `db:"certificate"` // SHA-256; "" when the bytes of a statement do not say
	KeyKept     *bool     `db:"key_kept"`    // the trial store keeps the key; nil: not known
	ClassName   string    `db:"class_name"`
	Records     int       `db:"records"`
	First       time.Time `db:"first"`
	Last        time.Time `db:"last"`
	StatementID int64     `db:"statement_id"` // 0 for issuing
}

// SealUsesPage is how many acts one page of the seal book holds.
const SealUsesPage = 50

// statementCertificate is the fingerprint of the certificate in a statement's
// signature, "" when its bytes name none: the first is the signer's own.
const statementCertificate = `coalesce(encode(sha256(decode((regexp_match(convert_from(t.xml, 'UTF8'), 'X509Certificate>([A-Za-z0-9+/=]+)<'))[1], 'base64')), 'hex'), '')`

// SealUses lists the acts of the actor's school within a school year for which
// its seal was set, the newest first: at most limit of them after skip.
func (t *Tx) SealUses(ctx context.Context, year school.Year, skip, limit int) ([]SealUse, error) {
	var out []SealUse
	err := t.list(ctx, "read the seal book", &out, `WITH uses AS (
		  SELECT 'PHAT_HANH' AS act, s.account_id, s.certificate, r.class_id, count(*) AS records, min(s.signed_at) AS first, max(s.signed_at) AS last, 0::bigint AS statement_id
		  FROM school.record_signature s JOIN school.record r ON r.id = s.record_id
		  WHERE s.school_id = $1 AND s.slot = 'phathanh' AND r.school_year = $2
		  GROUP BY s.account_id, s.certificate, r.class_id, (s.signed_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
		  UNION ALL
		  SELECT t.kind, t.account_id, `+statementCertificate+`, t.class_id, (SELECT count(*) FROM school.statement_version v WHERE v.statement_id = t.id), t.at, t.at, t.id
		  FROM school.statement t WHERE t.school_id = $1 AND t.school_year = $2)
		SELECT u.act, a.full_name, u.certificate, u.records, u.first, u.last, u.statement_id, coalesce(c.name, '') AS class_name,
		  coalesce((SELECT r.role FROM core.account_role r WHERE r.account_id = u.account_id AND r.unit_id = $1 AND r.role IN ('principal', 'deputy')
		    AND r.valid_from <= (u.last AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AND coalesce(r.valid_to, 'infinity') >= (u.last AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
		    ORDER BY r.role DESC LIMIT 1), '') AS role,
		  (SELECT k.key_blob IS NOT NULL FROM core.certificate k WHERE k.fingerprint = u.certificate AND k.unit_id = $1 LIMIT 1) AS key_kept
		FROM uses u JOIN core.account a ON a.id = u.account_id LEFT JOIN school.class c ON c.id = u.class_id
		ORDER BY u.last DESC, u.statement_id DESC, u.first DESC OFFSET $3 LIMIT $4`, t.Actor.SchoolID, year, skip, limit)
	return out, err
}

// BookOf returns who may read the seal book of a school for the actor: the
// actor, for the own school; the program at work for that one school, when it
// lies below the actor's unit. The book holds no pupil. It fails with NotFound
// certificate.unknown for any other school.
func (d *DB) BookOf(ctx context.Context, actor workflow.Actor, schoolID int64) (workflow.Actor, error) {
	if actor.SchoolID != 0 {
		return actor, nil
	}
	var below bool
	err := d.As(ctx, actor, func(tx *Tx) error {
		err := tx.GetContext(ctx, &below, `SELECT EXISTS (SELECT 1 FROM core.unit_scope s JOIN core.unit u ON u.id = s.descendant_id
			WHERE s.ancestor_id = $1 AND s.descendant_id = $2 AND u.kind = 'truong')`, actor.UnitID, schoolID)
		return translate(err, "see whether a school lies below")
	})
	if err != nil {
		return workflow.Actor{}, err
	}
	if !below {
		return workflow.Actor{}, fault.New(fault.NotFound, "certificate.unknown")
	}
	return workflow.Actor{Kind: workflow.System, SchoolID: schoolID}, nil
}
