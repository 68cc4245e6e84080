package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Paper returns the stored paper of a version in a form; found is false before
// it was rendered, and outside the actor's scope.
func (d *DB) Paper(ctx context.Context, actor workflow.Actor, version [sha256.Size]byte, form string) (pdf []byte, found bool, err error) {
	err = d.Registry(ctx, actor, func(tx *Tx) error {
		err := tx.GetContext(ctx, &pdf, `SELECT pdf FROM registry.paper WHERE sha256 = $1 AND form_version = $2`, version[:], form)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		found = err == nil
		return translate(err, "read a paper")
	})
	return pdf, found && err == nil, err
}

// KeepPaper stores a paper and returns the one that stands: of several that
// were rendered at the same time the first is kept, for ever.
func (d *DB) KeepPaper(ctx context.Context, version [sha256.Size]byte, form string, pdf []byte) ([]byte, error) {
	system := workflow.Actor{Kind: workflow.System}
	err := d.Registry(ctx, system, func(tx *Tx) error {
		return tx.exec(ctx, "keep a paper", `INSERT INTO registry.paper (sha256, form_version, pdf, rendered_at)
			VALUES ($1, $2, $3, $4) ON CONFLICT (sha256, form_version) DO NOTHING`, version[:], form, pdf, tx.Now)
	})
	if err != nil {
		return nil, err
	}
	stands, _, err := d.Paper(ctx, system, version, form)
	return stands, err
}

// ClassPapers counts the pupils on a class's roll today of whom the registry
// holds a version that counts, so that there is a paper.
func (t *Tx) ClassPapers(ctx context.Context, classID int64) (int, error) {
	var n int
	err := t.GetContext(ctx, &n, `SELECT count(DISTINCT r.id) FROM school.record r JOIN school.enrolment e ON e.id = r.enrolment_id
		JOIN school.version v ON v.record_id = r.id
		WHERE r.class_id = $1 AND (e.to_date IS NULL OR e.to_date >= $2)
		  AND (SELECT k.kind FROM school.version_event k WHERE k.version_id = v.id ORDER BY k.id DESC LIMIT 1)
		    IN ('accepted', 'replacing', 'locked')`, classID, school.DateOf(t.Now))
	return n, translate(err, "count a class's papers")
}

// VersionBytes returns the exact bytes of an issued version of a record, in
// the actor's school; NotFound, record.unknown, when there is none.
func (t *Tx) VersionBytes(ctx context.Context, recordID int64, number int) ([]byte, error) {
	var xml []byte
	err := t.get(ctx, "record.unknown", &xml, `SELECT c.xml FROM school.version v JOIN school.version_content c ON c.version_id = v.id
		WHERE v.record_id = $1 AND v.phien_ban = $2`, recordID, number)
	return xml, err
}
