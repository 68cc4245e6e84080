package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

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
// No two of the batch may touch the same record, pupil or look-up code.
func (g *Registrar) takeIn(ctx context.Context, office registry.Office, batch []intake) (out []taken, err error) {
	decide := func(tx *Tx) error {
		if err := tx.lockSchool(ctx, batch[0].attempt.school); err != nil {
			return err
		}
		office.Now = tx.Now
		out, err = g.takeTogether(ctx, tx, office, batch)
		return err
	}
	err = g.in(ctx, decide)
	if fault.Is(err, "db.duplicate") {
		// Another school took the pupil's year, or the code, in the same moment:
		// decide again on what stands now.
		err = g.in(ctx, decide)
	}
	return out, err
}

// decided is a record with the ruling on it and the receipt that says so.
type decided struct {
	intake
	ruling  registry.Ruling
	receipt keptReceipt
}

func (g *Registrar) takeTogether(ctx context.Context, tx *Tx, office registry.Office, batch []intake) ([]taken, error) {
	sums := make([][]byte, len(batch))
	for i, in := range batch {
		var err error
		if sums[i], err = SumOf(in.arrival.SHA256); err != nil {
			return nil, err
		}
	}
	old, err := tx.oldReceipts(ctx, batch, sums)
	if err != nil {
		return nil, err
	}
	facts, err := tx.recordFacts(ctx, batch)
	if err != nil {
		return nil, err
	}
	out := make([]taken, len(batch))
	var fresh []decided
	for i, in := range batch {
		if r, found := old[i]; found {
			out[i] = taken{r.XML, registry.Answered{Arrival: in.arrival, Result: r.Result, Final: r.Final}}
			continue
		}
		d := decided{intake: in, ruling: registry.Decide(in.arrival, facts[i], tx.Now)}
		xml, err := office.RecordReceipt(g.key, in.paper, in.arrival, d.ruling)
		if err != nil {
			return nil, err
		}
		d.receipt = keptReceipt{SHA256: sums[i], XML: xml, Result: bundle.Refused, Final: registry.Final(d.ruling.Reasons())}
		if d.ruling.Accepted() {
			d.receipt.Result = bundle.Accepted
		}
		out[i] = taken{xml, registry.Answered{Arrival: in.arrival, Result: d.receipt.Result, Final: d.receipt.Final}}
		fresh = append(fresh, d)
	}
	if err := tx.accept(ctx, fresh); err != nil {
		return nil, err
	}
	return out, tx.keepReceipts(ctx, fresh)
}

// keptReceipt is a record's receipt as it is stored.
type keptReceipt struct {
	SHA256 []byte        `db:"sha256"`
	XML    []byte        `db:"xml"`
	Result bundle.Result `db:"result"`
	Final  bool          `db:"final"`
}

// oldReceipts finds the receipts that still answer these bytes, by place in
// the batch: an accepted one, whenever it was given; one of this attempt; a
// refusal for good. What came unlisted or altered is not answered by a refusal
// of another manifest.
func (t *Tx) oldReceipts(ctx context.Context, batch []intake, sums [][]byte) (map[int]keptReceipt, error) {
	var rows []struct {
		Place int `db:"place"`
		keptReceipt
	}
	unlisted := make([]bool, len(batch))
	for i, in := range batch {
		unlisted[i] = in.arrival.Unlisted()
	}
	err := t.list(ctx, "find receipts", &rows, `SELECT DISTINCT ON (c.place) c.place, r.sha256, r.xml, r.result, r.final
		FROM unnest($2::bytea[], $4::boolean[]) WITH ORDINALITY AS c(sha256, unlisted, place)
		JOIN registry.receipt r ON r.school_code = $1 AND r.sha256 = c.sha256
		  AND ((r.result = 'accepted' AND NOT c.unlisted) OR r.attempt_id = $3 OR (r.final AND NOT c.unlisted))
		ORDER BY c.place, r.result = 'accepted' DESC, r.id DESC`, batch[0].attempt.school, pq.ByteaArray(sums), batch[0].attempt.id, pq.Array(unlisted))
	out := make(map[int]keptReceipt, len(rows))
	for _, r := range rows {
		out[r.Place-1] = r.keptReceipt
	}
	return out, err
}

// recordFacts reads what the registry holds about the records that arrived, by
// place in the batch.
func (t *Tx) recordFacts(ctx context.Context, batch []intake) (map[int]registry.Facts, error) {
	var places, numbers, tracks []int64
	var records, pupils, years, lookUps, schools, classes []string
	for i, in := range batch {
		if in.arrival.Record == nil {
			continue
		}
		g, c := in.arrival.Record.General, in.arrival.Record.Content
		places, numbers, tracks = append(places, int64(i)), append(numbers, int64(g.Version)), append(tracks, int64(g.Track))
		records, pupils, years = append(records, g.Record), append(pupils, c.Pupil.Code), append(years, string(g.Year))
		lookUps, schools, classes = append(lookUps, string(in.arrival.Record.Issuance.Code)), append(schools, g.School.Code), append(classes, c.Class.Code)
	}
	var rows []struct {
		Place  int         `db:"place"`
		Pupil  string      `db:"pupil"`
		Year   school.Year `db:"year"`
		Other  string      `db:"other"`
		Code   bool        `db:"code"`
		Closed bool        `db:"closed"`
		Opens  *time.Time  `db:"opens_at"`
		Ends   *time.Time  `db:"ends_at"`
		Held   []byte      `db:"held"`
	}
	err := t.list(ctx, "read what is held of records", &rows, `SELECT c.place, coalesce(b.pupil_code, '') AS pupil, coalesce(b.school_year, '') AS year,
		  coalesce((SELECT o.record_uuid::text FROM registry.binding o WHERE o.pupil_code = c.pupil AND o.school_year = c.year
		    AND o.record_uuid <> c.record), '') AS other,
		  EXISTS (SELECT 1 FROM registry.version v WHERE v.look_up_code = c.code AND (v.record_uuid, v.phien_ban) <> (c.record, c.number)) AS code,
		  EXISTS (SELECT 1 FROM registry.closing k WHERE k.school_code = c.school AND k.school_year = c.year AND k.class_code = c.class
		    AND k.track = c.track) AS closed,
		  w.opens_at, w.ends_at,
		  (SELECT coalesce(json_agg(json_build_object('Number', v.phien_ban, 'SHA256', encode(v.sha256, 'hex'), 'School', v.school_code,
		      'Live', l.version_id IS NOT NULL, 'Locked', l.locked_at IS NOT NULL,
		      'Revoked', EXISTS (SELECT 1 FROM registry.version_event e WHERE e.version_id = v.id AND e.kind = 'revoked')) ORDER BY v.phien_ban), '[]')
		    FROM registry.version v LEFT JOIN registry.live_version l ON l.version_id = v.id WHERE v.record_uuid = c.record) AS held
		FROM unnest($1::integer[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::smallint[])
		  AS c(place, record, number, pupil, year, code, school, class, track)
		LEFT JOIN registry.binding b ON b.record_uuid = c.record
		LEFT JOIN LATERAL (SELECT n.opens_at, n.ends_at FROM registry.closing_time n
		  WHERE n.school_year = c.year AND n.track = c.track ORDER BY n.id DESC LIMIT 1) w ON true`,
		pq.Array(places), pq.Array(records), pq.Array(numbers), pq.Array(pupils), pq.Array(years), pq.Array(lookUps), pq.Array(schools),
		pq.Array(classes), pq.Array(tracks))
	if err != nil {
		return nil, err
	}
	out := make(map[int]registry.Facts, len(rows))
	for _, row := range rows {
		f := registry.Facts{BoundPupil: row.Pupil, BoundYear: row.Year, OtherRecord: row.Other, CodeTaken: row.Code, Closed: row.Closed,
			Window: registry.Window{Opens: instant(row.Opens), Ends: instant(row.Ends)}}
		if err := json.Unmarshal(row.Held, &f.Held); err != nil {
			return nil, translate(err, "read a record's versions")
		}
		out[row.Place] = f
	}
	return out, nil
}

// packed is several contents in one parameter: an array of them would be
// written and read letter by letter, twice.
type packed struct {
	all  []byte
	from []int64 // counted from 1, as substring does
	size []int64
}

func (p *packed) add(b []byte) {
	p.from, p.size = append(p.from, int64(len(p.all))+1), append(p.size, int64(len(b)))
	p.all = append(p.all, b...)
}

// accept stores the accepted versions in one round: the binding at the first,
// the bytes, the event, the live version, the counts; before it ends the
// versions that they replace, after it notes the locks. All are of the class
// that their manifest names.
func (t *Tx) accept(ctx context.Context, list []decided) error {
	var records, names, pupils, births, lookUps []string
	var numbers []int64
	var sums [][]byte
	var locked []bool
	var until pq.StringArray // until when the bytes alone can be proven
	var xml packed
	replaced := map[string]int64{} // row of the version that ends, by record
	for _, d := range list {
		if !d.ruling.Accepted() {
			continue
		}
		v := d.ruling.Version()
		if d.ruling.Replaced() > 0 {
			old, err := t.endVersion(ctx, v, d.ruling.Replaced())
			if err != nil {
				return err
			}
			replaced[v.Record] = old
		}
		records, names, pupils = append(records, v.Record), append(names, v.ClassName), append(pupils, v.Pupil)
		births, lookUps, numbers = append(births, v.Birth.String()), append(lookUps, string(v.Code)), append(numbers, int64(v.Number))
		sums, locked = append(sums, d.receipt.SHA256), append(locked, d.ruling.Lock() != "")
		until = append(until, d.arrival.ProvableUntil.UTC().Format(time.RFC3339))
		xml.add(v.Bytes)
	}
	if len(records) == 0 {
		return nil
	}
	st := list[0].paper.Statement
	var rows []struct {
		Record string `db:"record_uuid"`
		ID     int64  `db:"id"`
	}
	err := t.list(ctx, "store versions", &rows, `WITH arrived AS (
		    SELECT c.record, c.number, c.name, c.pupil, c.birth, c.code, c.sha256, substring($10::bytea FROM c.at FOR c.size) AS xml, nullif(c.until, '0001-01-01T00:00:00Z') AS until,
		      CASE WHEN c.locked THEN $5::timestamptz END AS locked_at
		    FROM unnest($6::uuid[], $7::integer[], $8::text[], $9::text[], $11::date[], $12::text[], $13::bytea[], $14::integer[], $15::integer[], $16::boolean[], $17::timestamptz[])
		      AS c(record, number, name, pupil, birth, code, sha256, at, size, locked, until)),
		  bound AS (
		    INSERT INTO registry.binding (record_uuid, pupil_code, school_year, at) SELECT record, pupil, $2, $5 FROM arrived
		    ON CONFLICT (record_uuid) DO NOTHING),
		  v AS (INSERT INTO registry.version (record_uuid, phien_ban, school_code, class_code, class_name, school_year, track, pupil_code,
		      birth_date, look_up_code, sha256, accepted_at)
		    SELECT record, number, $1, $3, name, $2, $4, pupil, birth, code, sha256, $5 FROM arrived RETURNING id, record_uuid),
		  bytes AS (INSERT INTO registry.version_content (version_id, xml) SELECT v.id, a.xml FROM v JOIN arrived a ON a.record = v.record_uuid),
		  proof AS (INSERT INTO registry.proof (version_id, school_code, until, next_at) SELECT v.id, $1, a.until, $5
		    FROM v JOIN arrived a ON a.record = v.record_uuid),
		  event AS (INSERT INTO registry.version_event (version_id, school_code, kind, by_whom, at) SELECT id, $1, 'accepted', 'school', $5 FROM v),
		  live AS (INSERT INTO registry.live_version (record_uuid, version_id, school_code, school_year, class_code, track, locked_at)
		    SELECT v.record_uuid, v.id, $1, $2, $3, $4, a.locked_at FROM v JOIN arrived a ON a.record = v.record_uuid),
		  counted AS (INSERT INTO registry.class_progress AS p (school_code, school_year, class_code, class_name, accepted, locked)
		    SELECT $1, $2, $3, max(name), count(*), count(locked_at) FROM arrived
		    ON CONFLICT (school_code, school_year, class_code) DO UPDATE SET accepted = p.accepted + excluded.accepted,
		      locked = p.locked + excluded.locked)
		SELECT record_uuid::text AS record_uuid, id FROM v`, list[0].attempt.school, st.Year, st.Class.Code, st.Track, t.Now,
		pq.Array(records), pq.Array(numbers), pq.Array(names), pq.Array(pupils), xml.all, pq.Array(births), pq.Array(lookUps), pq.ByteaArray(sums),
		pq.Array(xml.from), pq.Array(xml.size), pq.Array(locked), until)
	if err != nil {
		return err
	}
	ids := make(map[string]int64, len(rows))
	for _, r := range rows {
		ids[r.Record] = r.ID
	}
	if err := t.keepAnswers(ctx, list, ids); err != nil {
		return err
	}
	return t.noteSuccession(ctx, list, ids, replaced)
}

// noteSuccession notes which versions the new ones end, and which of these are
// locked in the moment of acceptance.
func (t *Tx) noteSuccession(ctx context.Context, list []decided, ids, replaced map[string]int64) error {
	for _, d := range list {
		if !d.ruling.Accepted() {
			continue
		}
		v := d.ruling.Version()
		id := ids[v.Record]
		if old := replaced[v.Record]; old != 0 {
			err := t.event(ctx, versionEvent{id: old, school: v.School, kind: registry.EventReplaced, by: registry.BySchool, at: t.Now, successor: id})
			if err != nil {
				return err
			}
		}
		if by := d.ruling.Lock(); by != "" {
			if err := t.event(ctx, versionEvent{id: id, school: v.School, kind: registry.EventLocked, by: by, at: t.Now}); err != nil {
				return err
			}
		}
	}
	return nil
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

// keepReceipts stores the receipts of records and notes, or takes back, that
// their newest answer is a refusal.
func (t *Tx) keepReceipts(ctx context.Context, list []decided) error {
	if len(list) == 0 {
		return nil
	}
	var records, results, reasons, listed []string
	var numbers []int64
	var final []bool
	var sums [][]byte
	var xml packed
	for _, d := range list {
		why := []byte("[]")
		if len(d.ruling.Reasons()) > 0 {
			var err error
			if why, err = json.Marshal(d.ruling.Reasons()); err != nil {
				return translate(err, "write reasons")
			}
		}
		records, results, reasons = append(records, d.arrival.UUID()), append(results, string(d.receipt.Result)), append(reasons, string(why))
		numbers, final, sums = append(numbers, int64(d.arrival.Number())), append(final, d.receipt.Final), append(sums, d.receipt.SHA256)
		if !d.arrival.Unlisted() {
			listed = append(listed, d.arrival.UUID())
		}
		xml.add(d.receipt.XML)
	}
	at, st := list[0].attempt, list[0].paper.Statement
	var mended []struct { // refusals that these answers follow
		Year  school.Year `db:"school_year"`
		Class string      `db:"class_code"`
	}
	err := t.list(ctx, "keep receipts", &mended, `WITH mended AS (DELETE FROM registry.refused_record
		    WHERE school_code = $2 AND record_uuid = ANY($11::uuid[]) RETURNING school_year, class_code),
		  kept AS (INSERT INTO registry.receipt (attempt_id, school_code, sha256, record_uuid, phien_ban, result, final, reasons, xml, at)
		    SELECT $1, $2, c.sha256, nullif(c.record, '')::uuid, nullif(c.number, 0), c.result, c.final, c.reasons::jsonb,
		      substring($9::bytea FROM c.at FOR c.size), $10
		    FROM unnest($3::bytea[], $4::text[], $5::integer[], $6::text[], $7::boolean[], $8::text[], $12::integer[], $13::integer[])
		      AS c(sha256, record, number, result, final, reasons, at, size))
		SELECT school_year, class_code FROM mended`, at.id, at.school, pq.ByteaArray(sums), pq.Array(records), pq.Array(numbers), pq.Array(results),
		pq.Array(final), pq.Array(reasons), xml.all, t.Now, pq.Array(listed), pq.Array(xml.from), pq.Array(xml.size))
	if err != nil {
		return err
	}
	for _, m := range mended {
		if err := t.count(ctx, classKey{at.school, m.Year, m.Class, st.Class.Name}, counts{refused: -1}); err != nil {
			return err
		}
	}
	for _, d := range list {
		if err := t.noteRefusal(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// noteRefusal remembers that the newest answer about a listed record is no.
func (t *Tx) noteRefusal(ctx context.Context, d decided) error {
	if d.arrival.Unlisted() || d.receipt.Result == bundle.Accepted {
		return nil
	}
	st := d.paper.Statement
	err := t.exec(ctx, "note a refusal", `INSERT INTO registry.refused_record (school_code, record_uuid, school_year, class_code, track, receipt_id, at)
		SELECT $1, $2, $3, $4, $5, id, $6 FROM registry.receipt WHERE attempt_id = $7 AND sha256 = $8`, d.attempt.school, d.arrival.UUID(), st.Year,
		st.Class.Code, st.Track, t.Now, d.attempt.id, d.receipt.SHA256)
	if err != nil {
		return err
	}
	return t.count(ctx, classKey{d.attempt.school, st.Year, st.Class.Code, st.Class.Name}, counts{refused: 1})
}
