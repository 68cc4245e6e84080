package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// LookedUp is what the registry knows of one accepted version.
type LookedUp struct {
	ID         int64
	RecordUUID uuid.UUID
	Number     int // PHIEN_BAN
	Year       school.Year
	SHA256     [sha256.Size]byte
	Standing   verify.Standing
}

// lookUpColumns tell of version v: what happened to it, what replaced it, and
// which later version of the record stands now.
const lookUpColumns = `SELECT v.id, v.record_uuid, v.phien_ban, v.school_year, v.sha256, v.accepted_at,
	  max(e.at) FILTER (WHERE e.kind = 'locked') AS locked_at, max(e.at) FILTER (WHERE e.kind = 'recalled') AS recalled_at,
	  max(e.at) FILTER (WHERE e.kind = 'replaced') AS replaced_at, max(e.at) FILTER (WHERE e.kind = 'revoked') AS revoked_at,
	  max(s.phien_ban) FILTER (WHERE e.kind = 'replaced') AS replaced_by, max(n.phien_ban) AS current, max(n.accepted_at) AS current_since
	FROM registry.version v
	LEFT JOIN registry.version_event e ON e.version_id = v.id
	LEFT JOIN registry.version s ON s.id = e.superseded_by
	LEFT JOIN registry.live_version l ON l.record_uuid = v.record_uuid
	LEFT JOIN registry.version n ON n.id = l.version_id AND n.phien_ban > v.phien_ban `

type lookUpRow struct {
	ID           int64       `db:"id"`
	RecordUUID   uuid.UUID   `db:"record_uuid"`
	Number       int         `db:"phien_ban"`
	Year         school.Year `db:"school_year"`
	SHA256       []byte      `db:"sha256"`
	AcceptedAt   time.Time   `db:"accepted_at"`
	LockedAt     *time.Time  `db:"locked_at"`
	RecalledAt   *time.Time  `db:"recalled_at"`
	ReplacedAt   *time.Time  `db:"replaced_at"`
	RevokedAt    *time.Time  `db:"revoked_at"`
	ReplacedBy   *int        `db:"replaced_by"`
	Current      *int        `db:"current"`
	CurrentSince *time.Time  `db:"current_since"`
}

func (r lookUpRow) version() LookedUp {
	v := LookedUp{ID: r.ID, RecordUUID: r.RecordUUID, Number: r.Number, Year: r.Year, SHA256: [sha256.Size]byte(r.SHA256)}
	v.Standing = verify.Standing{Accepted: r.AcceptedAt, Locked: instant(r.LockedAt), Recalled: instant(r.RecalledAt),
		Replaced: instant(r.ReplacedAt), Revoked: instant(r.RevokedAt), CurrentSince: instant(r.CurrentSince)}
	if r.ReplacedBy != nil {
		v.Standing.ReplacedBy = *r.ReplacedBy
	}
	if r.Current != nil {
		v.Standing.Current = *r.Current
	}
	return v
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// LookUp returns the accepted version that a look-up code belongs to. found is
// false for a code that was never given, and for one that was issued but never
// accepted: strangers cannot tell them apart.
func (d *DB) LookUp(ctx context.Context, actor workflow.Actor, code bundle.Code) (v LookedUp, found bool, err error) {
	return d.lookUp(ctx, actor, lookUpColumns+`WHERE v.look_up_code = $1 GROUP BY v.id`, string(code))
}

// LiveVersion returns the version of a record (MA_HOC_BA) that stands in the
// registry, within the actor's scope; found is false when none does.
func (d *DB) LiveVersion(ctx context.Context, actor workflow.Actor, record string) (v LookedUp, found bool, err error) {
	return d.lookUp(ctx, actor, lookUpColumns+`WHERE v.id = (SELECT c.version_id FROM registry.live_version c WHERE c.record_uuid = $1)
		GROUP BY v.id`, record)
}

func (d *DB) lookUp(ctx context.Context, actor workflow.Actor, query string, key any) (v LookedUp, found bool, err error) {
	err = d.Registry(ctx, actor, func(tx *Tx) error {
		stmt, err := tx.prepared(ctx, d.registry, query)
		if err != nil {
			return err
		}
		var row lookUpRow
		err = stmt.GetContext(ctx, &row, key)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return translate(err, "look a version up")
		}
		v, found = row.version(), true
		return nil
	})
	return v, found, err
}

// VersionFiles returns the exact bytes of a version and of the receipt with
// which the registry accepted it; receipt is nil where there is none.
func (d *DB) VersionFiles(ctx context.Context, actor workflow.Actor, versionID int64) (record, receipt []byte, err error) {
	var row struct {
		Record  []byte `db:"record"`
		Receipt []byte `db:"receipt"`
	}
	err = d.Registry(ctx, actor, func(tx *Tx) error {
		return tx.get(ctx, "record.unknown", &row, `SELECT c.xml AS record, (SELECT r.xml FROM registry.receipt r
			  WHERE r.sha256 = v.sha256 AND r.result = 'accepted' ORDER BY r.id LIMIT 1) AS receipt
			FROM registry.version v JOIN registry.version_content c ON c.version_id = v.id WHERE v.id = $1`, versionID)
	})
	return row.Record, row.Receipt, err
}

// GiveBack takes one counted attempt of subject back: what turned out right
// was no guess. Earlier wrong ones stay counted, unlike after Forgive.
func (d *DB) GiveBack(ctx context.Context, t Throttle, subject string) error {
	key := sha256.Sum256([]byte(t.Kind + "\x00" + subject))
	_, err := d.portal.ExecContext(ctx, `UPDATE core.throttle SET count = count - 1 WHERE key = $1 AND count > 0`, key[:])
	return translate(err, "give an attempt back")
}
