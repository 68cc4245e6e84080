package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// AskRevocation takes a DE_NGHI_THU_HOI in: the request and its receipt are
// one transaction.
func (g *Registrar) AskRevocation(ctx context.Context, schoolCode string, statement []byte) (registry.Answer, error) {
	return g.statement(ctx, schoolCode, bundle.Request, statement, func(tx *Tx, a attempt, p *registry.Paper) ([]bundle.Reason, error) {
		st := p.Statement
		live, err := tx.liveVersion(ctx, st.About.Record)
		if err != nil {
			return nil, err
		}
		waiting := false
		if live != nil {
			err = tx.GetContext(ctx, &waiting, `SELECT EXISTS (SELECT 1 FROM registry.revocation_request q WHERE q.version_id = $1
				AND NOT EXISTS (SELECT 1 FROM registry.revocation_decision d WHERE d.request_id = q.id))`, live.Key)
			if err != nil {
				return nil, translate(err, "see whether a request waits")
			}
		}
		if reasons := registry.DecideRequest(p, live.held(), waiting); len(reasons) > 0 {
			return reasons, nil
		}
		return nil, tx.exec(ctx, "keep a request for revocation", `INSERT INTO registry.revocation_request (attempt_id, version_id, school_code,
			  school_year, sender_code, sender_name, reason, evidence, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			a.id, live.Key, schoolCode, live.Year, st.Sender.Code, st.Sender.Name, st.Reason, st.Evidence, tx.Now)
	})
}

// DecideRevocation answers a request as a person of the tier that decides.
// Granted, the version is revoked: a row of its own beside those of its
// acceptance and lock. The same answer again, a double click, changes nothing.
// It fails with NotFound revocation.unknown outside the person's scope,
// Forbidden record.role or record.not_deciding_tier, and with the codes of
// registry.Request.Decide. It returns the code of the school that asked.
//  1. see the request within the person's scope, and whether the tier decides
//  2. in the school's turn: check again, write decision, event and counts
func (g *Registrar) DecideRevocation(ctx context.Context, actor workflow.Actor, id int64, d registry.Decision, note string) (schoolCode string, err error) {
	var row RevocationRequest
	err = g.db.Registry(ctx, actor, func(tx *Tx) error {
		if row, err = tx.RevocationRequest(ctx, id); err != nil {
			return err
		}
		return tx.MayDecideRevocation(ctx)
	})
	if err != nil {
		return "", err
	}
	err = g.in(ctx, func(tx *Tx) error {
		if err := tx.lockSchool(ctx, row.School); err != nil {
			return err
		}
		if row, err = tx.RevocationRequest(ctx, id); err != nil {
			return err
		}
		live, err := tx.liveVersion(ctx, row.Record)
		if err != nil {
			return err
		}
		clean, err := row.Decide(d, note, live.held())
		if fault.Is(err, "revocation.decided") && row.Decision == d {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.decideRevocation(ctx, actor, row, live, registry.Request{ID: id, Decision: d, Note: clean})
	})
	return row.School, err
}

func (t *Tx) decideRevocation(ctx context.Context, actor workflow.Actor, row RevocationRequest, live *liveRow, q registry.Request) error {
	err := t.exec(ctx, "decide a request for revocation", `INSERT INTO registry.revocation_decision (request_id, school_code, decision, note,
		  unit_code, account_id, name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, q.ID, row.School, q.Decision, q.Note,
		actor.UnitCode, actor.AccountID, actor.Name, t.Now)
	if err != nil {
		return err
	}
	by := registry.ByDepartment
	if actor.Role == workflow.MiddleAuthority {
		by = registry.ByMiddle
	}
	e := versionEvent{id: live.Key, school: row.School, kind: registry.EventDeclined, by: by, at: t.Now, reason: q.Note}
	if q.Decision == registry.Declined {
		return t.event(ctx, e)
	}
	e.kind = registry.EventRevoked
	if err = t.event(ctx, e); err == nil {
		err = t.exec(ctx, "revoke a version", `DELETE FROM registry.live_version WHERE version_id = $1`, live.Key)
	}
	if err != nil {
		return err
	}
	return t.count(ctx, classKey{row.School, live.Year, live.Class, live.Name}, counts{accepted: -1, locked: -1})
}

// liveRow is a live version with what its counts are kept under.
type liveRow struct {
	registry.Live
	Year  school.Year  `db:"school_year"`
	Track school.Track `db:"track"`
	Name  string       `db:"class_name"`
}

// held is the version as the rules look at it; nil for none.
func (l *liveRow) held() *registry.Live {
	if l == nil {
		return nil
	}
	return &l.Live
}

// liveVersion returns the live version of a record (MA_HOC_BA); nil when there
// is none.
func (t *Tx) liveVersion(ctx context.Context, record string) (*liveRow, error) {
	var row liveRow
	err := t.GetContext(ctx, &row, liveSelect+`WHERE l.record_uuid = $1`, record)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &row, translate(err, "find the live version of a record")
}

// MayDecideRevocation refuses whoever is not of the tier that decides today:
// with record.role, or record.not_deciding_tier.
func (t *Tx) MayDecideRevocation(ctx context.Context) error {
	tier, err := t.DecidingTier(ctx)
	if err != nil {
		return err
	}
	var duties []workflow.Duty
	if t.Actor.Role == workflow.Authority && tier == registry.ByDepartment || t.Actor.Role == workflow.MiddleAuthority && tier == registry.ByMiddle {
		duties = append(duties, workflow.DecidesRevocation)
	}
	err = workflow.Check(t.Actor, workflow.Locked, workflow.DecideRevocation, duties...)
	if fault.Is(err, "record.duty") {
		return fault.New(fault.Forbidden, "record.not_deciding_tier")
	}
	return err
}

// DecidingTier returns who decides on revocations today, by the Sở's setting
// "deciding_tier" ("middle" or "department") and the date.
func (t *Tx) DecidingTier(ctx context.Context) (registry.Hand, error) {
	department, err := t.department(ctx)
	if err != nil {
		return "", err
	}
	setting, err := t.Setting(ctx, department.ID, "deciding_tier")
	return registry.DecidingTier(setting, school.DateOf(t.Now)), err
}

// RevocationRequest is a request as the deciding tier reads it.
type RevocationRequest struct {
	registry.Request
	VersionID int64
	School    string // code
	Year      school.Year
	ClassName string
	Pupil     string    // MA_HOC_SINH
	Locked    time.Time // since when the version is in force
	DecidedBy string
}

const requestSelect = `SELECT q.id, v.record_uuid::text AS record_uuid, v.phien_ban, q.reason, q.evidence, q.sender_name, q.at,
	  coalesce(d.decision, '') AS decision, coalesce(d.note, '') AS note, d.at AS decided_at, coalesce(d.name, '') AS decided_by,
	  v.id AS version_id, q.school_code, q.school_year, v.class_name, v.pupil_code,
	  (SELECT max(e.at) FROM registry.version_event e WHERE e.version_id = v.id AND e.kind = 'locked') AS locked_at
	FROM registry.revocation_request q JOIN registry.version v ON v.id = q.version_id
	LEFT JOIN registry.revocation_decision d ON d.request_id = q.id `

type requestRow struct {
	ID        int64             `db:"id"`
	Record    string            `db:"record_uuid"`
	Version   int               `db:"phien_ban"`
	Reason    string            `db:"reason"`
	Evidence  string            `db:"evidence"`
	Sender    string            `db:"sender_name"`
	At        time.Time         `db:"at"`
	Decision  registry.Decision `db:"decision"`
	Note      string            `db:"note"`
	DecidedAt *time.Time        `db:"decided_at"`
	DecidedBy string            `db:"decided_by"`
	VersionID int64             `db:"version_id"`
	School    string            `db:"school_code"`
	Year      school.Year       `db:"school_year"`
	ClassName string            `db:"class_name"`
	Pupil     string            `db:"pupil_code"`
	Locked    *time.Time        `db:"locked_at"`
}

func (r requestRow) request() RevocationRequest {
	return RevocationRequest{Request: registry.Request{ID: r.ID, Record: r.Record, Version: r.Version, Reason: r.Reason, Evidence: r.Evidence,
		Sender: r.Sender, At: r.At, Decision: r.Decision, Note: r.Note, Decided: instant(r.DecidedAt)}, VersionID: r.VersionID,
		School: r.School, Year: r.Year, ClassName: r.ClassName, Pupil: r.Pupil, Locked: instant(r.Locked), DecidedBy: r.DecidedBy}
}

// RevocationRequests lists the requests within the actor's scope: those that
// wait, of every year, the oldest on top; then the answered ones of a year, the
// newest on top. What is in force is most often of a year that is over, and
// nobody who waits may be out of sight.
func (t *Tx) RevocationRequests(ctx context.Context, year school.Year) ([]RevocationRequest, error) {
	var rows []requestRow
	err := t.list(ctx, "list requests for revocation", &rows, requestSelect+`WHERE q.school_year = $1 OR d.at IS NULL
		ORDER BY d.at IS NOT NULL, d.at DESC, q.id LIMIT 500`, year)
	out := make([]RevocationRequest, len(rows))
	for i, r := range rows {
		out[i] = r.request()
	}
	return out, err
}

// RevocationRequest returns one request within the actor's scope; NotFound,
// revocation.unknown, for any other.
func (t *Tx) RevocationRequest(ctx context.Context, id int64) (RevocationRequest, error) {
	var row requestRow
	err := t.get(ctx, "revocation.unknown", &row, requestSelect+`WHERE q.id = $1`, id)
	return row.request(), err
}

// WaitingRevocations counts the requests within the actor's scope that nobody
// has answered, and tells since when the oldest waits.
func (t *Tx) WaitingRevocations(ctx context.Context) (n int, oldest time.Time, err error) {
	var row struct {
		N      int        `db:"n"`
		Oldest *time.Time `db:"oldest"`
	}
	err = t.get(ctx, "revocation.unknown", &row, `SELECT count(*) AS n, min(q.at) AS oldest FROM registry.revocation_request q
		WHERE NOT EXISTS (SELECT 1 FROM registry.revocation_decision d WHERE d.request_id = q.id)`)
	return row.N, instant(row.Oldest), err
}

// RevocationRow is a request of the actor's school with what became of it.
type RevocationRow struct {
	RecordID  int64          `db:"record_id"`
	Year      school.Year    `db:"school_year"`
	Name      string         `db:"full_name"`
	ClassID   int64          `db:"class_id"`
	ClassName string         `db:"class_name"`
	Stage     workflow.Stage `db:"stage"`
	Version   int            `db:"phien_ban"`
	Last      int            `db:"last"` // PHIEN_BAN of the record's newest version
	Reason    string         `db:"reason"`
	Evidence  string         `db:"evidence"`
	By        string         `db:"asked_by"`
	At        time.Time      `db:"at"`
	Decision  string         `db:"decision"` // as record.Decision
	Note      string         `db:"note"`
	Decided   *time.Time     `db:"decided_at"`
}

// Mending reports whether the version was revoked and no next one is in force yet.
func (r RevocationRow) Mending() bool { return r.Decision == "granted" && r.Stage != workflow.Locked }

// Revocations lists the requests of the actor's school about records of a year,
// the newest first: of every year when year is "", of one record when recordID
// is not 0.
func (t *Tx) Revocations(ctx context.Context, year school.Year, recordID int64) ([]RevocationRow, error) {
	var out []RevocationRow
	err := t.list(ctx, "list the school's requests for revocation", &out, `SELECT r.id AS record_id, r.school_year, p.full_name, r.class_id, c.name AS class_name, r.stage,
		  v.phien_ban, (SELECT max(n.phien_ban) FROM school.version n WHERE n.record_id = r.id) AS last, q.reason, q.evidence,
		  a.full_name AS asked_by, q.at, coalesce(d.decision, '') AS decision, coalesce(d.note, '') AS note, d.at AS decided_at
		FROM school.revocation q JOIN school.version v ON v.id = q.version_id JOIN school.record r ON r.id = v.record_id
		JOIN school.pupil p ON p.id = r.pupil_id JOIN school.class c ON c.id = r.class_id JOIN core.account a ON a.id = q.account_id
		LEFT JOIN school.revocation_decision d ON d.revocation_id = q.id
		WHERE ($1 = '' OR r.school_year = $1) AND ($2 = 0 OR r.id = $2) ORDER BY q.id DESC`, year, recordID)
	return out, err
}
