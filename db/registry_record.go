package db

import (
	"context"
	"encoding/json"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
)

// intake is one record of a manifest on its way into the registry.
type intake struct {
	attempt attempt
	paper   *registry.Paper
	arrival *registry.Arrival
}

// taken is the answer to one record, as it stands.
type taken struct {
	receipt []byte
	answer  registry.Answered
}

// takeIn decides about records and keeps each decision with its receipt, all
// in one transaction. What was answered for good before is answered the same.
func (g *Registrar) takeIn(ctx context.Context, office registry.Office, batch []intake) (out []taken, err error) {
	decide := func(tx *Tx) error {
		if err := tx.lockSchool(ctx, batch[0].attempt.school); err != nil {
			return err
		}
		office.Now = tx.Now
		out = make([]taken, len(batch))
		for i, in := range batch {
			if out[i], err = g.takeOne(ctx, tx, office, in); err != nil {
				return err
			}
		}
		return nil
	}
	err = g.in(ctx, decide)
	if fault.Is(err, "db.duplicate") {
		// Another school took the pupil's year, or the code, in the same moment:
		// decide again on what stands now.
		err = g.in(ctx, decide)
	}
	return out, err
}

func (g *Registrar) takeOne(ctx context.Context, tx *Tx, office registry.Office, in intake) (out taken, err error) {
	sum, err := SumOf(in.arrival.SHA256)
	if err != nil {
		return out, err
	}
	old, found, err := tx.oldReceipt(ctx, in, sum)
	if err != nil || found {
		return taken{old.XML, registry.Answered{Arrival: in.arrival, Result: old.Result, Final: old.Final}}, err
	}
	facts, err := tx.recordFacts(ctx, in)
	if err != nil {
		return out, err
	}
	ruling := registry.Decide(in.arrival, facts, tx.Now)
	if out.receipt, err = office.RecordReceipt(g.key, in.paper, in.arrival, ruling); err != nil {
		return out, err
	}
	out.answer = registry.Answered{Arrival: in.arrival, Result: bundle.Refused, Final: registry.Final(ruling.Reasons())}
	if ruling.Accepted() {
		out.answer.Result = bundle.Accepted
		if err := tx.accept(ctx, ruling); err != nil {
			return out, err
		}
	}
	return out, tx.keepReceipt(ctx, in, ruling, keptReceipt{SHA256: sum, XML: out.receipt, Result: out.answer.Result, Final: out.answer.Final})
}

// keptReceipt is a record's receipt as it is stored.
type keptReceipt struct {
	SHA256 []byte        `db:"sha256"`
	XML    []byte        `db:"xml"`
	Result bundle.Result `db:"result"`
	Final  bool          `db:"final"`
}

// oldReceipt finds the receipt that still answers these bytes: an accepted
// one, whenever it was given; one of this attempt; a refusal for good. What
// came unlisted or altered is not answered by a refusal of another manifest.
func (t *Tx) oldReceipt(ctx context.Context, in intake, sum []byte) (r keptReceipt, found bool, err error) {
	var rows []keptReceipt
	err = t.list(ctx, "find a receipt", &rows, `SELECT sha256, xml, result, final FROM registry.receipt
		WHERE school_code = $1 AND sha256 = $2 AND ((result = 'accepted' AND NOT $4) OR attempt_id = $3 OR (final AND NOT $4))
		ORDER BY result = 'accepted' DESC, id DESC LIMIT 1`, in.attempt.school, sum, in.attempt.id, in.arrival.Unlisted())
	if err != nil || len(rows) == 0 {
		return r, false, err
	}
	return rows[0], true, nil
}

// recordFacts reads what the registry holds about the record that arrived.
func (t *Tx) recordFacts(ctx context.Context, in intake) (f registry.Facts, err error) {
	a := in.arrival
	if a.Record == nil {
		return f, nil
	}
	g, c := a.Record.General, a.Record.Content
	var row struct {
		Pupil  string      `db:"pupil"`
		Year   school.Year `db:"year"`
		Other  string      `db:"other"`
		Code   bool        `db:"code"`
		Closed bool        `db:"closed"`
		Opens  *time.Time  `db:"opens_at"`
		Ends   *time.Time  `db:"ends_at"`
		Held   []byte      `db:"held"`
	}
	err = t.get(ctx, "record.unknown", &row, `SELECT coalesce(b.pupil_code, '') AS pupil, coalesce(b.school_year, '') AS year,
		  coalesce((SELECT record_uuid::text FROM registry.binding WHERE pupil_code = $2 AND school_year = $3 AND record_uuid <> $1), '') AS other,
		  EXISTS (SELECT 1 FROM registry.version WHERE look_up_code = $4 AND (record_uuid, phien_ban) <> ($1, $5)) AS code,
		  EXISTS (SELECT 1 FROM registry.closing WHERE school_code = $6 AND school_year = $3 AND class_code = $7 AND track = $8) AS closed,
		  w.opens_at, w.ends_at,
		  (SELECT coalesce(json_agg(json_build_object('Number', v.phien_ban, 'SHA256', encode(v.sha256, 'hex'), 'School', v.school_code,
		      'Live', l.version_id IS NOT NULL, 'Locked', l.locked_at IS NOT NULL,
		      'Revoked', EXISTS (SELECT 1 FROM registry.version_event e WHERE e.version_id = v.id AND e.kind = 'revoked')) ORDER BY v.phien_ban), '[]')
		    FROM registry.version v LEFT JOIN registry.live_version l ON l.version_id = v.id WHERE v.record_uuid = $1) AS held
		FROM (SELECT 1) one
		LEFT JOIN registry.binding b ON b.record_uuid = $1
		LEFT JOIN (SELECT opens_at, ends_at FROM registry.closing_time WHERE school_year = $3 AND track = $8 ORDER BY id DESC LIMIT 1) w ON true`,
		g.Record, c.Pupil.Code, g.Year, string(a.Record.Issuance.Code), g.Version, g.School.Code, c.Class.Code, g.Track)
	if err != nil {
		return f, err
	}
	f = registry.Facts{BoundPupil: row.Pupil, BoundYear: row.Year, OtherRecord: row.Other, CodeTaken: row.Code, Closed: row.Closed,
		Window: registry.Window{Opens: instant(row.Opens), Ends: instant(row.Ends)}}
	return f, translate(json.Unmarshal(row.Held, &f.Held), "read a record's versions")
}

// accept stores an accepted version in one round: the binding at the first,
// the bytes, the event, the live version, the counts; before it ends the
// version that it replaces, after it notes the lock.
func (t *Tx) accept(ctx context.Context, r registry.Ruling) error {
	v := r.Version()
	sum, err := SumOf(v.SHA256)
	if err != nil {
		return err
	}
	var old int64
	if r.Replaced() > 0 {
		if old, err = t.endVersion(ctx, v, r.Replaced()); err != nil {
			return err
		}
	}
	var id int64
	err = t.get(ctx, "record.unknown", &id, `WITH bound AS (
		    INSERT INTO registry.binding (record_uuid, pupil_code, school_year, at) VALUES ($1, $8, $6, $12) ON CONFLICT (record_uuid) DO NOTHING),
		  v AS (INSERT INTO registry.version (record_uuid, phien_ban, school_code, class_code, class_name, school_year, track, pupil_code,
		      birth_date, look_up_code, sha256, accepted_at)
		    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id),
		  bytes AS (INSERT INTO registry.version_content (version_id, xml) SELECT id, $13 FROM v),
		  event AS (INSERT INTO registry.version_event (version_id, school_code, kind, by_whom, at) SELECT id, $3, 'accepted', 'school', $12 FROM v),
		  live AS (INSERT INTO registry.live_version (record_uuid, version_id, school_code, school_year, class_code, track, locked_at)
		    SELECT $1, id, $3, $6, $4, $7, $14 FROM v),
		  counted AS (INSERT INTO registry.class_progress AS p (school_code, school_year, class_code, class_name, accepted, locked)
		    VALUES ($3, $6, $4, $5, 1, CASE WHEN $14::timestamptz IS NULL THEN 0 ELSE 1 END)
		    ON CONFLICT (school_code, school_year, class_code) DO UPDATE SET accepted = p.accepted + 1, locked = p.locked + excluded.locked)
		SELECT id FROM v`, v.Record, v.Number, v.School, v.ClassCode, v.ClassName, v.Year, v.Track, v.Pupil, v.Birth, string(v.Code), sum,
		t.Now, v.Bytes, lockTime(r, t.Now))
	if err != nil {
		return err
	}
	if old != 0 {
		err = t.event(ctx, versionEvent{id: old, school: v.School, kind: registry.EventReplaced, by: registry.BySchool, at: t.Now, successor: id})
	}
	if err == nil && r.Lock() != "" {
		err = t.event(ctx, versionEvent{id: id, school: v.School, kind: registry.EventLocked, by: r.Lock(), at: t.Now})
	}
	return err
}

// lockTime is when a version that is locked at acceptance is; nil for others.
func lockTime(r registry.Ruling, now time.Time) *time.Time {
	if r.Lock() == "" {
		return nil
	}
	return &now
}

// endVersion takes the live version away that the new one stands for, and
// returns its row.
func (t *Tx) endVersion(ctx context.Context, v registry.Version, number int) (int64, error) {
	var old struct {
		ID    int64       `db:"id"`
		Year  school.Year `db:"school_year"`
		Class string      `db:"class_code"`
		Name  string      `db:"class_name"`
	}
	err := t.get(ctx, "record.unknown", &old, `WITH gone AS (DELETE FROM registry.live_version l USING registry.version v
		    WHERE v.id = l.version_id AND v.record_uuid = $1 AND v.phien_ban = $2 AND l.locked_at IS NULL RETURNING v.id)
		SELECT id, school_year, class_code, class_name FROM registry.version WHERE id = (SELECT id FROM gone)`, v.Record, number)
	if err != nil {
		return 0, err
	}
	return old.ID, t.count(ctx, classKey{v.School, old.Year, old.Class, old.Name}, counts{accepted: -1})
}

// versionEvent is a row of registry.version_event. Whoever adds one holds
// lockSchool.
type versionEvent struct {
	id        int64
	school    string
	kind      registry.EventKind
	by        registry.Hand
	at        time.Time
	reason    string
	successor int64
}

func (t *Tx) event(ctx context.Context, e versionEvent) error {
	return t.exec(ctx, "note an event of a version", `INSERT INTO registry.version_event (version_id, school_code, kind, superseded_by, reason, by_whom, at)
		VALUES ($1, $2, $3, nullif($4, 0), $5, $6, $7)`, e.id, e.school, e.kind, e.successor, e.reason, e.by, e.at)
}

// classKey is a class on the registry's side of the wall.
type classKey struct {
	school      string
	year        school.Year
	class, name string
}

type counts struct{ accepted, locked, refused int }

// count moves a class's counts in the transaction of what they count.
func (t *Tx) count(ctx context.Context, k classKey, c counts) error {
	return t.exec(ctx, "count a class", `INSERT INTO registry.class_progress AS p (school_code, school_year, class_code, class_name, accepted, locked, refused)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (school_code, school_year, class_code) DO UPDATE SET
		  accepted = p.accepted + excluded.accepted, locked = p.locked + excluded.locked, refused = p.refused + excluded.refused`,
		k.school, k.year, k.class, k.name, c.accepted, c.locked, c.refused)
}

// keepReceipt stores the receipt of one record and notes, or takes back, that
// its newest answer is a refusal.
func (t *Tx) keepReceipt(ctx context.Context, in intake, r registry.Ruling, k keptReceipt) error {
	a := in.arrival
	reasons, err := json.Marshal(r.Reasons())
	if err != nil {
		return translate(err, "write reasons")
	}
	if len(r.Reasons()) == 0 {
		reasons = []byte("[]")
	}
	listed := ""
	if !a.Unlisted() {
		listed = a.UUID()
	}
	var kept struct {
		ID    int64        `db:"id"`
		Year  *school.Year `db:"school_year"` // of the refusal that this answer follows
		Class *string      `db:"class_code"`
	}
	err = t.get(ctx, "registry.no_answer", &kept, `WITH mended AS (DELETE FROM registry.refused_record
		    WHERE school_code = $2 AND record_uuid = nullif($11, '')::uuid RETURNING school_year, class_code)
		INSERT INTO registry.receipt (attempt_id, school_code, sha256, record_uuid, phien_ban, result, final, reasons, xml, at)
		VALUES ($1, $2, $3, nullif($4, '')::uuid, nullif($5, 0), $6, $7, $8, $9, $10)
		RETURNING id, (SELECT school_year FROM mended), (SELECT class_code FROM mended)`, in.attempt.id, in.attempt.school, k.SHA256,
		a.UUID(), a.Number(), k.Result, k.Final, string(reasons), k.XML, t.Now, listed)
	if err != nil || listed == "" {
		return err
	}
	st := in.paper.Statement
	if kept.Class != nil {
		err = t.count(ctx, classKey{in.attempt.school, *kept.Year, *kept.Class, st.Class.Name}, counts{refused: -1})
	}
	if err != nil || k.Result == bundle.Accepted {
		return err
	}
	err = t.exec(ctx, "note a refusal", `INSERT INTO registry.refused_record (school_code, record_uuid, school_year, class_code, track, receipt_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, in.attempt.school, listed, st.Year, st.Class.Code, st.Track, kept.ID, t.Now)
	if err != nil {
		return err
	}
	return t.count(ctx, classKey{in.attempt.school, st.Year, st.Class.Code, st.Class.Name}, counts{refused: 1})
}
