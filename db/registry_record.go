package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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

// takeIn decides about one record and keeps the decision with its receipt, in
// one transaction. What was answered for good before is answered the same.
func (g *Registrar) takeIn(ctx context.Context, office registry.Office, in intake) (receipt []byte, out registry.Answered, err error) {
	sum, err := SumOf(in.arrival.SHA256)
	if err != nil {
		return nil, out, err
	}
	decide := func(tx *Tx) error {
		if err := tx.lockSchool(ctx, in.attempt.school); err != nil {
			return err
		}
		old, found, err := tx.oldReceipt(ctx, in, sum)
		if err != nil || found {
			receipt, out = old.XML, registry.Answered{Arrival: in.arrival, Result: old.Result, Final: old.Final}
			return err
		}
		facts, err := tx.recordFacts(ctx, in)
		if err != nil {
			return err
		}
		ruling := registry.Decide(in.arrival, facts, tx.Now)
		office.Now = tx.Now
		if receipt, err = office.RecordReceipt(g.key, in.paper, in.arrival, ruling); err != nil {
			return err
		}
		out = registry.Answered{Arrival: in.arrival, Result: bundle.Refused, Final: registry.Final(ruling.Reasons())}
		if ruling.Accepted() {
			out.Result = bundle.Accepted
			if err := tx.accept(ctx, ruling); err != nil {
				return err
			}
		}
		return tx.keepReceipt(ctx, in, ruling, keptReceipt{SHA256: sum, XML: receipt, Result: out.Result, Final: out.Final})
	}
	err = g.in(ctx, decide)
	if fault.Is(err, "db.duplicate") {
		// Another school took the pupil's year, or the code, in the same moment:
		// decide again on what stands now.
		err = g.in(ctx, decide)
	}
	return receipt, out, err
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
	err = t.GetContext(ctx, &r, `SELECT sha256, xml, result, final FROM registry.receipt
		WHERE school_code = $1 AND sha256 = $2 AND ((result = 'accepted' AND NOT $4) OR attempt_id = $3 OR (final AND NOT $4))
		ORDER BY result = 'accepted' DESC, id DESC LIMIT 1`, in.attempt.school, sum, in.attempt.id, in.arrival.Unlisted())
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, translate(err, "find a receipt")
}

// recordFacts reads what the registry holds about the record that arrived.
func (t *Tx) recordFacts(ctx context.Context, in intake) (registry.Facts, error) {
	var f registry.Facts
	a := in.arrival
	if a.Record == nil {
		return f, nil
	}
	g, c := a.Record.General, a.Record.Content
	var held []struct {
		Number  int    `db:"phien_ban"`
		SHA256  string `db:"sha256"`
		School  string `db:"school_code"`
		Live    bool   `db:"live"`
		Locked  bool   `db:"locked"`
		Revoked bool   `db:"revoked"`
	}
	err := t.list(ctx, "list a record's versions", &held, `SELECT v.phien_ban, encode(v.sha256, 'hex') AS sha256, v.school_code,
		  l.version_id IS NOT NULL AS live, l.locked_at IS NOT NULL AS locked,
		  EXISTS (SELECT 1 FROM registry.version_event e WHERE e.version_id = v.id AND e.kind = 'revoked') AS revoked
		FROM registry.version v LEFT JOIN registry.live_version l ON l.version_id = v.id
		WHERE v.record_uuid = $1 ORDER BY v.phien_ban`, g.Record)
	if err != nil {
		return f, err
	}
	for _, h := range held {
		f.Held = append(f.Held, registry.Held(h))
	}
	var row struct {
		Pupil  string      `db:"pupil"`
		Year   school.Year `db:"year"`
		Other  string      `db:"other"`
		Code   bool        `db:"code"`
		Closed bool        `db:"closed"`
	}
	err = t.GetContext(ctx, &row, `SELECT coalesce((SELECT pupil_code FROM registry.binding WHERE record_uuid = $1), '') AS pupil,
		  coalesce((SELECT school_year FROM registry.binding WHERE record_uuid = $1), '') AS year,
		  coalesce((SELECT record_uuid::text FROM registry.binding WHERE pupil_code = $2 AND school_year = $3 AND record_uuid <> $1), '') AS other,
		  EXISTS (SELECT 1 FROM registry.version WHERE look_up_code = $4 AND (record_uuid, phien_ban) <> ($1, $5)) AS code,
		  EXISTS (SELECT 1 FROM registry.closing WHERE school_code = $6 AND school_year = $3 AND class_code = $7 AND track = $8) AS closed`,
		g.Record, c.Pupil.Code, g.Year, string(a.Record.Issuance.Code), g.Version, g.School.Code, c.Class.Code, g.Track)
	if err != nil {
		return f, translate(err, "read what a record is bound to")
	}
	f.BoundPupil, f.BoundYear, f.OtherRecord, f.CodeTaken, f.Closed = row.Pupil, row.Year, row.Other, row.Code, row.Closed
	f.Window, err = t.ClosingTime(ctx, g.Year, g.Track)
	return f, err
}

// accept stores an accepted version: the binding at the first, the bytes, the
// events, the live version, the counts.
func (t *Tx) accept(ctx context.Context, r registry.Ruling) error {
	v := r.Version()
	sum, err := SumOf(v.SHA256)
	if err != nil {
		return err
	}
	err = t.exec(ctx, "bind a record", `INSERT INTO registry.binding (record_uuid, pupil_code, school_year, at)
		VALUES ($1, $2, $3, $4) ON CONFLICT (record_uuid) DO NOTHING`, v.Record, v.Pupil, v.Year, t.Now)
	if err != nil {
		return err
	}
	var id int64
	err = t.GetContext(ctx, &id, `INSERT INTO registry.version (record_uuid, phien_ban, school_code, class_code, class_name, school_year,
		  track, pupil_code, birth_date, look_up_code, sha256, accepted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`, v.Record, v.Number, v.School, v.ClassCode, v.ClassName,
		v.Year, v.Track, v.Pupil, v.Birth, string(v.Code), sum, t.Now)
	if err != nil {
		return translate(err, "file a version")
	}
	err = t.exec(ctx, "keep a version's bytes", `INSERT INTO registry.version_content (version_id, xml) VALUES ($1, $2)`, id, v.Bytes)
	if err == nil {
		err = t.event(ctx, versionEvent{id: id, school: v.School, kind: registry.EventAccepted, by: registry.BySchool, at: t.Now})
	}
	if err == nil && r.Replaced() > 0 {
		err = t.replace(ctx, v, r.Replaced(), id)
	}
	if err != nil {
		return err
	}
	var locked any
	if r.Lock() != "" {
		locked = t.Now
	}
	err = t.exec(ctx, "make a version live", `INSERT INTO registry.live_version (record_uuid, version_id, school_code, school_year, class_code, track, locked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, v.Record, id, v.School, v.Year, v.ClassCode, v.Track, locked)
	if err != nil {
		return err
	}
	change := counts{accepted: 1}
	if r.Lock() != "" {
		change.locked = 1
		err = t.event(ctx, versionEvent{id: id, school: v.School, kind: registry.EventLocked, by: r.Lock(), at: t.Now})
		if err != nil {
			return err
		}
	}
	return t.count(ctx, classKey{v.School, v.Year, v.ClassCode, v.ClassName}, change)
}

// replace ends the version that the new one stands for.
func (t *Tx) replace(ctx context.Context, v registry.Version, number int, by int64) error {
	var old struct {
		ID    int64       `db:"id"`
		Year  school.Year `db:"school_year"`
		Class string      `db:"class_code"`
		Name  string      `db:"class_name"`
	}
	err := t.get(ctx, "record.unknown", &old, `SELECT id, school_year, class_code, class_name FROM registry.version
		WHERE record_uuid = $1 AND phien_ban = $2`, v.Record, number)
	if err == nil {
		err = t.event(ctx, versionEvent{id: old.ID, school: v.School, kind: registry.EventReplaced, by: registry.BySchool, at: t.Now, successor: by})
	}
	if err == nil {
		err = t.exec(ctx, "end a version", `DELETE FROM registry.live_version WHERE version_id = $1 AND locked_at IS NULL`, old.ID)
	}
	if err != nil {
		return err
	}
	return t.count(ctx, classKey{v.School, old.Year, old.Class, old.Name}, counts{accepted: -1})
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
	var id int64
	err = t.GetContext(ctx, &id, `INSERT INTO registry.receipt (attempt_id, school_code, sha256, record_uuid, phien_ban, result, final, reasons, xml, at)
		VALUES ($1, $2, $3, nullif($4, '')::uuid, nullif($5, 0), $6, $7, $8, $9, $10) RETURNING id`, in.attempt.id, in.attempt.school, k.SHA256,
		a.UUID(), a.Number(), k.Result, k.Final, string(reasons), k.XML, t.Now)
	if err != nil {
		return translate(err, "keep a receipt")
	}
	if a.Unlisted() {
		return nil
	}
	st := in.paper.Statement
	class := classKey{in.attempt.school, st.Year, st.Class.Code, st.Class.Name}
	if err := t.mended(ctx, class, a.UUID()); err != nil || k.Result == bundle.Accepted {
		return err
	}
	err = t.exec(ctx, "note a refusal", `INSERT INTO registry.refused_record (school_code, record_uuid, school_year, class_code, track, receipt_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, class.school, a.UUID(), class.year, class.class, st.Track, id, t.Now)
	if err != nil {
		return err
	}
	return t.count(ctx, class, counts{refused: 1})
}

// mended takes back that a record's newest answer is a refusal.
func (t *Tx) mended(ctx context.Context, class classKey, record string) error {
	var was []struct {
		Year  school.Year `db:"school_year"`
		Class string      `db:"class_code"`
	}
	err := t.list(ctx, "mend a refusal", &was, `DELETE FROM registry.refused_record WHERE school_code = $1 AND record_uuid = $2
		RETURNING school_year, class_code`, class.school, record)
	if err != nil || len(was) == 0 {
		return err
	}
	return t.count(ctx, classKey{class.school, was[0].Year, was[0].Class, class.name}, counts{refused: -1})
}
