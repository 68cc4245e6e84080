package db

import (
	"context"
	"encoding/json"

	"hocba/internal/bundle"
)

// IssuedVersion returns one issued version of a record with the class that
// keeps the record; NotFound, record.unknown.
func (t *Tx) IssuedVersion(ctx context.Context, recordID int64, number int) (v VersionRow, classID int64, err error) {
	var row struct {
		VersionRow
		ClassID int64 `db:"class_id"`
	}
	err = t.get(ctx, "record.unknown", &row, `SELECT r.id AS record_id, r.record_uuid::text AS record_uuid, p.code, p.full_name, r.stage, r.class_id,
		  v.id AS version_id, v.phien_ban, encode(v.sha256, 'hex') AS sha256, v.track, v.issued_at
		FROM school.version v JOIN school.record r ON r.id = v.record_id JOIN school.pupil p ON p.id = r.pupil_id
		WHERE v.record_id = $1 AND v.phien_ban = $2`, recordID, number)
	return row.VersionRow, row.ClassID, err
}

// OpenStatement finds a statement of a kind about a version that was stored and
// not answered; 0 when there is none.
func (t *Tx) OpenStatement(ctx context.Context, kind bundle.StatementKind, versionID int64) (int64, error) {
	var id int64
	err := t.GetContext(ctx, &id, `SELECT coalesce((SELECT s.id FROM school.statement s JOIN school.statement_version v ON v.statement_id = s.id
		WHERE v.version_id = $1 AND s.kind = $2 AND NOT EXISTS (SELECT 1 FROM school.receipt c
		  WHERE c.statement_id = s.id AND c.version_id IS NULL) ORDER BY s.id LIMIT 1), 0)`, versionID, kind)
	return id, translate(err, "find an open statement")
}

// StatementReasons returns why the registry refused a statement itself; none
// while it has not, or has accepted it.
func (t *Tx) StatementReasons(ctx context.Context, id int64) ([]bundle.Reason, error) {
	var rows [][]byte
	err := t.list(ctx, "read why a statement was refused", &rows, `SELECT reasons FROM school.receipt WHERE statement_id = $1 AND version_id IS NULL`, id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var out []bundle.Reason
	return out, translate(json.Unmarshal(rows[0], &out), "read reasons")
}
