package db

import (
	"context"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/school"
)

// IssuanceRow is a record that was approved and not yet issued.
type IssuanceRow struct {
	RecordID   int64     `db:"record_id"`
	ClassID    int64     `db:"class_id"`
	ClassName  string    `db:"class_name"`
	Name       string    `db:"full_name"`
	ApprovedBy string    `db:"approved_by"`
	ApprovedAt time.Time `db:"approved_at"`
	Next       int       `db:"next"` // PHIEN_BAN it will get
}

// AnyClass asks for every class of the school.
const AnyClass = 0

// Issuable lists the approved records of a class of the actor's school in a
// year, or of AnyClass, by class and in the order of lists.
func (t *Tx) Issuable(ctx context.Context, year school.Year, classID int64) ([]IssuanceRow, error) {
	var out []IssuanceRow
	err := t.list(ctx, "list what can be issued", &out, `SELECT r.id AS record_id, r.class_id, c.name AS class_name, p.full_name,
		  g.signer_name AS approved_by, g.signed_at AS approved_at,
		  (SELECT coalesce(max(v.phien_ban), 0) + 1 FROM school.version v WHERE v.record_id = r.id) AS next
		FROM school.record r JOIN school.class c ON c.id = r.class_id JOIN school.pupil p ON p.id = r.pupil_id
		JOIN LATERAL (SELECT s.signer_name, s.signed_at FROM school.record_signature s WHERE s.record_id = r.id AND s.slot = 'cbql'
		  ORDER BY s.generation DESC LIMIT 1) g ON true
		WHERE r.school_year = $1 AND r.school_id = $2 AND r.stage = 'approved' AND ($3 = 0 OR r.class_id = $3)
		ORDER BY c.grades[1], c.name COLLATE core.vietnamese, c.id, p.given_name, p.rest_name, p.code`, year, t.Actor.SchoolID, classID)
	return out, err
}

// SealState is what the school's leaders are told about the school's seal: the
// newest certificate and how far it has come.
type SealState struct {
	KeptCertificate
	Life certificate.Life
}

// Stage returns how far the seal has come; "" when the unit has none.
func (s SealState) Stage(at time.Time) certificate.Stage {
	if s.ID == 0 {
		return ""
	}
	return s.Life.Stage(at)
}

// Usable reports whether the seal may be set at an instant.
func (s SealState) Usable(at time.Time) bool {
	return s.Stage(at) == certificate.StageInUse && !at.Before(s.NotBefore) && at.Before(s.NotAfter)
}

// SealState returns the state of a unit's newest seal; the zero value when the
// unit has none. What counts now wins over what was declared later.
func (t *Tx) SealState(ctx context.Context, unitID int64) (SealState, error) {
	var rows []KeptCertificate
	err := t.list(ctx, "look at a unit's seal", &rows, `SELECT c.id, c.fingerprint, c.account_id, c.unit_id, c.purpose, c.leaf, c.chain,
		  ''::bytea AS key_blob, c.not_before, c.not_after
		FROM core.certificate c WHERE c.unit_id = $1 AND c.purpose = 'seal'
		ORDER BY (c.not_before <= $2 AND c.not_after > $2 AND core.certificate_in_use(c.id, c.purpose, $2)) DESC, c.id DESC LIMIT 1`, unitID, t.Now)
	if err != nil || len(rows) == 0 {
		return SealState{}, err
	}
	lives, err := t.lives(ctx, `c.id = $1`, rows[0].ID)
	if err != nil || len(lives) == 0 {
		return SealState{}, err
	}
	return SealState{rows[0], lives[0].Life}, nil
}
