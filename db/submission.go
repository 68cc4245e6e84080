package db

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// VersionRow is a pupil of a class with the newest issued version of the
// record, as submission and closing look at it. Without one VersionID is 0.
type VersionRow struct {
	RecordID  int64           `db:"record_id"`
	Record    string          `db:"record_uuid"` // MA_HOC_BA
	Pupil     string          `db:"code"`
	Name      string          `db:"full_name"`
	Stage     workflow.Stage  `db:"stage"`
	Planned   school.Track    `db:"planned"` // the track the homeroom teacher chose
	Left      bool            `db:"gone"`    // no longer on the roll of the class
	VersionID int64           `db:"version_id"`
	Version   int             `db:"phien_ban"`
	SHA256    string          `db:"sha256"`
	Track     school.Track    `db:"track"` // of the version
	Standing  record.Standing `db:"standing"`
	IssuedAt  time.Time       `db:"issued_at"`
	// Result and Reasons are those of the version's newest receipt, if any.
	Result    bundle.Result   `db:"result"`
	Reasons   []bundle.Reason `db:"-"`
	ReasonsAs []byte          `db:"reasons"`
}

// ClassVersions lists the pupils of a class whose record is kept there, with
// the newest version of each, in the order of the roll.
func (t *Tx) ClassVersions(ctx context.Context, classID int64) ([]VersionRow, error) {
	var out []VersionRow
	err := t.list(ctx, "list a class's versions", &out, `SELECT r.id AS record_id, r.record_uuid::text AS record_uuid, p.code, p.full_name, r.stage,
		  coalesce(w.track, 1) AS planned, (e.to_date IS NOT NULL AND e.to_date < $2) AS gone,
		  coalesce(v.id, 0) AS version_id, coalesce(v.phien_ban, 0) AS phien_ban, coalesce(encode(v.sha256, 'hex'), '') AS sha256,
		  coalesce(v.track, 0) AS track, coalesce(x.kind, '') AS standing, coalesce(v.issued_at, 'epoch') AS issued_at,
		  coalesce(c.result, '') AS result, coalesce(c.reasons, '[]') AS reasons
		FROM school.record r
		JOIN school.pupil p ON p.id = r.pupil_id
		JOIN school.enrolment e ON e.id = r.enrolment_id
		LEFT JOIN school.review w ON w.school_year = r.school_year AND w.enrolment_id = r.enrolment_id
		LEFT JOIN LATERAL (SELECT v.id, v.phien_ban, v.sha256, v.track, v.issued_at FROM school.version v
		  WHERE v.record_id = r.id ORDER BY v.phien_ban DESC LIMIT 1) v ON true
		LEFT JOIN LATERAL (SELECT x.kind FROM school.version_event x WHERE x.version_id = v.id ORDER BY x.id DESC LIMIT 1) x ON true
		LEFT JOIN LATERAL (SELECT c.result, c.reasons FROM school.receipt c WHERE c.version_id = v.id ORDER BY c.id DESC LIMIT 1) c ON true
		WHERE r.class_id = $1 ORDER BY p.given_name, p.rest_name, p.code`, classID, school.DateOf(t.Now))
	for i := range out {
		if err == nil {
			err = translate(json.Unmarshal(out[i].ReasonsAs, &out[i].Reasons), "read reasons")
		}
	}
	return out, err
}

// KeepPreparation notes which versions of a class and track are to be sent.
// The newest preparation counts.
func (t *Tx) KeepPreparation(ctx context.Context, classID int64, track school.Track, versions []int64) error {
	var id int64
	err := t.GetContext(ctx, &id, `INSERT INTO school.preparation (school_id, class_id, track, account_id, at)
		VALUES ($1, $2, $3, $4, $5) RETURNING id`, t.Actor.SchoolID, classID, track, t.Actor.AccountID, t.Now)
	if err != nil {
		return translate(err, "prepare a submission")
	}
	return t.exec(ctx, "name what is prepared", `INSERT INTO school.preparation_version (preparation_id, version_id, school_id)
		SELECT $1, unnest($2::bigint[]), $3`, id, pq.Array(versions), t.Actor.SchoolID)
}

// Preparation is what an administrator has made ready for the principal.
type Preparation struct {
	ID       int64         `db:"id"`
	By       string        `db:"full_name"`
	At       time.Time     `db:"at"`
	Versions pq.Int64Array `db:"versions"`
}

// Preparation returns the newest preparation of a class and track that no
// statement has followed; ok is false when there is none.
func (t *Tx) Preparation(ctx context.Context, classID int64, track school.Track) (p Preparation, ok bool, err error) {
	var rows []Preparation
	err = t.list(ctx, "read a preparation", &rows, `SELECT q.id, a.full_name, q.at,
		  ARRAY(SELECT v.version_id FROM school.preparation_version v WHERE v.preparation_id = q.id ORDER BY v.version_id) AS versions
		FROM school.preparation q JOIN core.account a ON a.id = q.account_id
		WHERE q.class_id = $1 AND q.track = $2 AND NOT EXISTS (SELECT 1 FROM school.statement s
		  WHERE s.class_id = q.class_id AND s.track = q.track AND s.kind = 'NOP' AND s.at >= q.at)
		ORDER BY q.id DESC LIMIT 1`, classID, track)
	if err != nil || len(rows) == 0 {
		return p, false, err
	}
	return rows[0], true, nil
}

// KeptStatement is a statement under the school's seal as it was stored before
// it was sent. Answered is when the registry's receipt for it came; nil while
// it must still be sent, or sent again.
type KeptStatement struct {
	ID        int64                `db:"id"`
	SchoolID  int64                `db:"school_id"`
	School    string               `db:"school_code"`
	Year      school.Year          `db:"school_year"`
	ClassID   *int64               `db:"class_id"`
	Kind      bundle.StatementKind `db:"kind"`
	Track     school.Track         `db:"track"`
	SHA256    []byte               `db:"sha256"`
	XML       []byte               `db:"xml"`
	AccountID int64                `db:"account_id"`
	Sender    string               `db:"sender"`
	At        time.Time            `db:"at"`
	Records   int                  `db:"records"`
	Accepted  int                  `db:"accepted"`
	Refused   int                  `db:"refused"`
	Result    bundle.Result        `db:"result"` // of the statement, "" while it is open
	Answered  *time.Time           `db:"answered"`
}

// Open reports whether the statement has no answer yet.
func (s KeptStatement) Open() bool { return s.Answered == nil }

// KeepStatement stores a sealed statement before it is sent, with the versions
// it names.
func (t *Tx) KeepStatement(ctx context.Context, s KeptStatement, versions []int64) (int64, error) {
	var id int64
	err := t.GetContext(ctx, &id, `INSERT INTO school.statement (school_id, school_year, class_id, kind, track, sha256, xml, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`, t.Actor.SchoolID, s.Year, s.ClassID, s.Kind, s.Track, s.SHA256, s.XML,
		t.Actor.AccountID, t.Now)
	if err != nil {
		return 0, translate(err, "keep a statement")
	}
	return id, t.exec(ctx, "name what a statement is about", `INSERT INTO school.statement_version (statement_id, version_id, school_id)
		SELECT $1, unnest($2::bigint[]), $3`, id, pq.Array(versions), t.Actor.SchoolID)
}

const statementSelect = `SELECT s.id, s.school_id, u.code AS school_code, s.school_year, s.class_id, s.kind, s.track, s.sha256, s.xml, s.account_id,
	  b.full_name AS sender, s.at, (SELECT count(*) FROM school.statement_version v WHERE v.statement_id = s.id) AS records,
	  (SELECT count(*) FROM school.receipt c WHERE c.statement_id = s.id AND c.version_id IS NOT NULL AND c.result = 'accepted') AS accepted,
	  (SELECT count(*) FROM school.receipt c WHERE c.statement_id = s.id AND c.version_id IS NOT NULL AND c.result = 'refused') AS refused,
	  coalesce(a.result, '') AS result, a.at AS answered
	FROM school.statement s JOIN core.unit u ON u.id = s.school_id JOIN core.account b ON b.id = s.account_id
	LEFT JOIN school.receipt a ON a.statement_id = s.id AND a.version_id IS NULL `

// Statement returns one statement of the actor's school; NotFound,
// statement.unknown, for any other.
func (t *Tx) Statement(ctx context.Context, id int64) (KeptStatement, error) {
	var s KeptStatement
	err := t.get(ctx, "statement.unknown", &s, statementSelect+`WHERE s.id = $1`, id)
	return s, err
}

// OpenStatements lists the statements without an answer that no job carries,
// oldest first: those of the actor's school, of all schools for the program
// itself. One whose job was stopped waits for the person who stopped it.
func (t *Tx) OpenStatements(ctx context.Context) ([]KeptStatement, error) {
	var out []KeptStatement
	err := t.list(ctx, "list open statements", &out, statementSelect+`WHERE a.id IS NULL AND NOT EXISTS (SELECT 1 FROM core.job j
		WHERE j.subject = 'statement:' || s.id AND j.state IN ('queued', 'running', 'waiting', 'stopped')) ORDER BY s.id`)
	return out, err
}

// StatementSubject is the subject of the job that carries a statement.
func StatementSubject(id int64) string { return "statement:" + strconv.FormatInt(id, 10) }

// StatementJob returns the newest job that carries a statement of the actor's
// school, whoever asked for it; ok is false when there is none.
func (t *Tx) StatementJob(ctx context.Context, id int64) (j Job, ok bool, err error) {
	var out []Job
	err = t.list(ctx, "find a statement's job", &out, `SELECT `+jobColumns+` FROM core.job WHERE subject = $1 ORDER BY id DESC LIMIT 1`,
		StatementSubject(id))
	if err != nil || len(out) == 0 {
		return Job{}, false, err
	}
	return out[0], true, nil
}

// StatementNaming returns the newest manifest of a class and track that names
// all of these versions; ok is false when there is none.
func (t *Tx) StatementNaming(ctx context.Context, classID int64, track school.Track, versions []int64) (id int64, ok bool, err error) {
	var out []int64
	err = t.list(ctx, "find the statement of versions", &out, `SELECT s.id FROM school.statement s
		WHERE s.class_id = $1 AND s.track = $2 AND s.kind = 'NOP' AND cardinality($3::bigint[]) > 0 AND NOT EXISTS (
		  SELECT unnest($3::bigint[]) EXCEPT SELECT v.version_id FROM school.statement_version v WHERE v.statement_id = s.id)
		ORDER BY s.id DESC LIMIT 1`, classID, track, pq.Array(versions))
	if err != nil || len(out) == 0 {
		return 0, false, err
	}
	return out[0], true, nil
}

// Statements lists a class's statements of a kind, the newest first; of every
// class of the actor's school when classID is 0.
func (t *Tx) Statements(ctx context.Context, year school.Year, classID int64, kind bundle.StatementKind) ([]KeptStatement, error) {
	var out []KeptStatement
	err := t.list(ctx, "list statements", &out, statementSelect+`WHERE s.school_year = $1 AND ($2 = 0 OR s.class_id = $2) AND s.kind = $3
		ORDER BY s.id DESC`, year, classID, kind)
	return out, err
}

// SentVersion is a version that a statement names, with its exact bytes and
// what the registry answered to it in this statement, if it has.
type SentVersion struct {
	VersionID int64         `db:"version_id"`
	RecordID  int64         `db:"record_id"`
	Record    string        `db:"record_uuid"`
	Pupil     string        `db:"code"`
	Name      string        `db:"full_name"`
	Version   int           `db:"phien_ban"`
	SHA256    string        `db:"sha256"`
	XML       []byte        `db:"xml"`
	Result    bundle.Result `db:"result"`
	ReceiptID int64         `db:"receipt_id"`
	Reasons   []byte        `db:"reasons"` // JSON of []bundle.Reason
}

// Why reads the reasons of a refusal.
func (v SentVersion) Why() ([]bundle.Reason, error) {
	var out []bundle.Reason
	return out, translate(json.Unmarshal(v.Reasons, &out), "read reasons")
}

// StatementVersions lists what a statement names, in the order of the roll.
// Without bytes, XML is nil.
func (t *Tx) StatementVersions(ctx context.Context, id int64, bytes bool) ([]SentVersion, error) {
	return t.statementVersions(ctx, id, 0, bytes)
}

// StatementVersion returns one version that a statement names, with its bytes;
// NotFound, statement.unknown, for any other.
func (t *Tx) StatementVersion(ctx context.Context, id, versionID int64) (SentVersion, error) {
	list, err := t.statementVersions(ctx, id, versionID, true)
	if err == nil && len(list) != 1 {
		err = fault.New(fault.NotFound, "statement.unknown")
	}
	if err != nil {
		return SentVersion{}, err
	}
	return list[0], nil
}

func (t *Tx) statementVersions(ctx context.Context, id, versionID int64, bytes bool) ([]SentVersion, error) {
	xml := `NULL::bytea`
	if bytes {
		xml = `(SELECT x.xml FROM school.version_content x WHERE x.version_id = v.id)`
	}
	var out []SentVersion
	err := t.list(ctx, "list what a statement names", &out, `SELECT v.id AS version_id, r.id AS record_id, r.record_uuid::text AS record_uuid, p.code, p.full_name,
		  v.phien_ban, encode(v.sha256, 'hex') AS sha256, `+xml+` AS xml, coalesce(c.result, '') AS result, coalesce(c.id, 0) AS receipt_id,
		  coalesce(c.reasons, '[]') AS reasons
		FROM school.statement_version s JOIN school.version v ON v.id = s.version_id JOIN school.record r ON r.id = v.record_id
		JOIN school.pupil p ON p.id = r.pupil_id
		LEFT JOIN school.receipt c ON c.statement_id = s.statement_id AND c.version_id = s.version_id
		WHERE s.statement_id = $1 AND ($2 = 0 OR s.version_id = $2) ORDER BY p.given_name, p.rest_name, p.code`, id, versionID)
	return out, err
}

// KeepReceipt stores a receipt of the registry for a statement (versionID 0)
// or for a version that came with it. fresh is false when it was stored before.
func (t *Tx) KeepReceipt(ctx context.Context, statementID, versionID int64, r *bundle.Receipt, xml []byte) (fresh bool, err error) {
	reasons := []byte("[]")
	if len(r.Reasons) > 0 {
		if reasons, err = json.Marshal(r.Reasons); err != nil {
			return false, translate(err, "write reasons")
		}
	}
	res, err := t.ExecContext(ctx, `INSERT INTO school.receipt (school_id, statement_id, version_id, result, reasons, xml, at)
		VALUES ($1, $2, nullif($3, 0), $4, $5, $6, $7) ON CONFLICT DO NOTHING`, t.Actor.SchoolID, statementID, versionID, r.Result,
		string(reasons), xml, t.Now)
	if err != nil {
		return false, translate(err, "keep a receipt of the registry")
	}
	n, err := res.RowsAffected()
	return n == 1, translate(err, "keep a receipt of the registry")
}

// Receipt returns the bytes of a receipt of the actor's school.
func (t *Tx) Receipt(ctx context.Context, id int64) ([]byte, error) {
	var xml []byte
	err := t.get(ctx, "statement.unknown", &xml, `SELECT xml FROM school.receipt WHERE id = $1`, id)
	return xml, err
}

// RegistryCursor returns the number of the last event of the registry that the
// actor's school has applied, held to the end of the transaction.
func (t *Tx) RegistryCursor(ctx context.Context) (int64, error) {
	err := t.exec(ctx, "begin to listen to the registry", `INSERT INTO school.registry_cursor (school_id, last_event, at)
		VALUES ($1, 0, $2) ON CONFLICT DO NOTHING`, t.Actor.SchoolID, t.Now)
	if err != nil {
		return 0, err
	}
	var last int64
	err = t.GetContext(ctx, &last, `SELECT last_event FROM school.registry_cursor WHERE school_id = $1 FOR UPDATE`, t.Actor.SchoolID)
	return last, translate(err, "read up to where the school has listened")
}

// MoveRegistryCursor notes that an event was applied.
func (t *Tx) MoveRegistryCursor(ctx context.Context, to int64) error {
	return t.exec(ctx, "note an event as applied", `UPDATE school.registry_cursor SET last_event = $2, at = $3
		WHERE school_id = $1 AND last_event < $2`, t.Actor.SchoolID, to, t.Now)
}

// RecordByUUID finds a record of the actor's school by MA_HOC_BA; NotFound,
// record.unknown.
func (t *Tx) RecordByUUID(ctx context.Context, recordUUID string) (int64, error) {
	var id int64
	err := t.get(ctx, "record.unknown", &id, `SELECT id FROM school.record WHERE record_uuid = $1`, recordUUID)
	return id, err
}

// Schools lists the schools of the province that have a record, for work that
// goes round all of them.
func (t *Tx) Schools(ctx context.Context) ([]school.Unit, error) {
	var out []school.Unit
	err := t.list(ctx, "list schools", &out, `SELECT `+unitColumns+` FROM core.unit WHERE kind = 'truong' ORDER BY id`)
	return out, err
}

// SumOf reads a SHA-256 in hex for storing.
func SumOf(text string) ([]byte, error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != 32 {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	return sum, nil
}
