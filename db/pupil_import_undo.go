package db

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// UndoPupils takes a written import of pupils back: what nobody touched since.
// A new pupil goes while nothing was done with the file, the seat and the
// record; a field of a known pupil, a seat and a class while they stand as the
// import left them and nobody signed over them; what waits for a second person
// is withdrawn. It says what it left, and why. A second call returns what the
// first did; an import that was not written is Conflict, import.not_written,
// one of before imports could be taken back Conflict, import.no_undo.
func (t *Tx) UndoPupils(ctx context.Context, year school.Year, id int64) (spreadsheet.Undo, error) {
	b, err := t.importBatch(ctx, year, id, ` FOR UPDATE`)
	switch {
	case err != nil:
		return spreadsheet.Undo{}, err
	case b.Report == nil:
		return spreadsheet.Undo{}, fault.New(fault.Conflict, "import.not_written")
	case b.Undo != nil:
		return *b.Undo, nil
	case b.made == nil:
		return spreadsheet.Undo{}, fault.New(fault.Conflict, "import.no_undo")
	}
	u := &pupilUndo{tx: t, batch: b, writer: &pupilWriter{tx: t, dirty: map[int64]bool{},
		list: PupilList{Year: year, Object: pupilImportObject(id) + ":undo"}}}
	for _, step := range []func(context.Context) error{u.lock, u.read, u.fields, u.seats, u.pupils, u.follow, u.classes} {
		if err := step(ctx); err != nil {
			return spreadsheet.Undo{}, err
		}
	}
	text, err := json.Marshal(u.undo)
	if err != nil {
		return u.undo, translate(err, "store an undo")
	}
	err = t.note(ctx, "pupil_import_undone", pupilImportObject(id), "back", strconv.Itoa(u.undo.Back()), "left", strconv.Itoa(len(u.undo.Left)))
	if err != nil {
		return u.undo, err
	}
	return u.undo, t.exec(ctx, "keep an undo", `UPDATE school.import_batch SET undo = $2, undone_at = $3 WHERE id = $1`, id, string(text), t.Now)
}

type pupilUndo struct {
	tx     *Tx
	batch  ImportBatch
	writer *pupilWriter // writes the former fields back as a list would
	rows   string       // of the import, as JSON
	files  map[int64]*touchedFile
	order  []int64
	moved  []int64 // known pupils whose seats go back
	undo   spreadsheet.Undo
}

// touchedFile is a pupil's file, and what was done since the import.
type touchedFile struct {
	Pupil
	Filed   bool `db:"filed"`   // the file was changed or ticked off
	Signed  bool `db:"signed"`  // the year's record, by anybody
	Covered bool `db:"covered"` // the file's facts, by a live signature
	Entered bool `db:"entered"`
	Used    bool `db:"used"`
	Reseats bool `db:"reseated"`
}

// reason says why a new pupil, or a known one's seat, is left; "" when not.
func (f *touchedFile) reason(created bool) string {
	switch {
	case f.Signed:
		return spreadsheet.CodeLeftSigned
	case f.Entered:
		return spreadsheet.CodeLeftEntered
	case created && (f.Filed || f.Revision != 1):
		return spreadsheet.CodeLeftFile
	case f.Used:
		return spreadsheet.CodeLeftUsed
	case f.Reseats:
		return spreadsheet.CodeLeftSeat
	}
	return ""
}

const madeRecordset = `jsonb_to_recordset($1::jsonb) AS m(what text, id bigint, pupil bigint, before jsonb, after jsonb)`

// lock holds everything the import touched, so that what is untouched now stays
// so: values are written under a lock of their seat, signatures of their record.
func (u *pupilUndo) lock(ctx context.Context) error {
	if err := u.tx.lockImports(ctx); err != nil {
		return err
	}
	text, err := json.Marshal(u.batch.made.Rows)
	if err != nil {
		return translate(err, "read what an import made")
	}
	u.rows, u.files = string(text), map[int64]*touchedFile{}
	if u.batch.made.Rows == nil {
		u.rows = "[]"
	}
	pupils := append(append([]int64{}, u.batch.made.Created...), u.batch.made.Updated...)
	for _, r := range u.batch.made.Rows {
		pupils = append(pupils, r.Pupil)
	}
	for _, query := range []string{`SELECT p.id FROM school.pupil p WHERE p.id = ANY($1) ORDER BY p.id FOR UPDATE`,
		`SELECT e.id FROM school.enrolment e WHERE e.pupil_id = ANY($1) ORDER BY e.id FOR UPDATE`,
		`SELECT r.id FROM school.record r WHERE r.pupil_id = ANY($1) ORDER BY r.id FOR UPDATE`} {
		var locked []int64
		if err := u.tx.list(ctx, "lock the pupils of an import", &locked, query, pq.Array(pupils)); err != nil {
			return err
		}
		if u.order == nil {
			u.order = locked
		}
	}
	return nil
}

// read finds what was done with the pupils since the import.
func (u *pupilUndo) read(ctx context.Context) error {
	var files []*touchedFile
	err := u.tx.list(ctx, "look for what was done since an import", &files, `SELECT `+pupilColumns+`,
		EXISTS (SELECT 1 FROM school.pupil_change c WHERE c.pupil_id = p.id AND c.at >= $4 AND c.note <> $5)
		  OR EXISTS (SELECT 1 FROM school.pupil_check k WHERE k.pupil_id = p.id AND k.at >= $4) AS filed,
		EXISTS (SELECT 1 FROM school.record r JOIN school.record_signature s ON s.record_id = r.id
		  WHERE r.pupil_id = p.id AND r.school_year = $3 AND s.signed_at >= $4) AS signed,
		EXISTS (SELECT 1 FROM school.record r JOIN school.record_signature s ON s.record_id = r.id
		  WHERE r.pupil_id = p.id AND s.slot NOT LIKE 'gvbm-%' AND s.signed_at >= $4
		    AND NOT EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = s.id)) AS covered,
		EXISTS (SELECT 1 FROM school.enrolment e WHERE e.pupil_id = p.id AND e.school_year = $3 AND (
		  EXISTS (SELECT 1 FROM school.entry n WHERE n.school_year = $3 AND n.enrolment_id = e.id AND n.updated_at >= $4)
		  OR EXISTS (SELECT 1 FROM school.entry_history h WHERE h.school_year = $3 AND h.enrolment_id = e.id AND h.at >= $4 AND h.way <> 'hand_over')
		  OR EXISTS (SELECT 1 FROM school.review v WHERE v.school_year = $3 AND v.enrolment_id = e.id AND v.updated_at >= $4)
		  OR EXISTS (SELECT 1 FROM school.review_history h WHERE h.enrolment_id = e.id AND h.at >= $4))) AS entered,
		EXISTS (SELECT 1 FROM school.enrolment e WHERE e.pupil_id = p.id AND e.school_year = $3 AND (
		  EXISTS (SELECT 1 FROM school.note n WHERE n.enrolment_id = e.id AND n.changed_at >= $4)
		  OR EXISTS (SELECT 1 FROM school.summer_plan s WHERE s.enrolment_id = e.id AND s.at >= $4)
		  OR EXISTS (SELECT 1 FROM school.summer_decision s WHERE s.enrolment_id = e.id AND s.at >= $4)))
		  OR EXISTS (SELECT 1 FROM school.commendation c WHERE c.pupil_id = p.id AND c.at >= $4)
		  OR EXISTS (SELECT 1 FROM school.exemption x WHERE x.pupil_id = p.id AND x.at >= $4) AS used,
		p.id IN (SELECT m.pupil FROM `+madeRecordset+` LEFT JOIN school.enrolment e ON m.what = 'seat' AND e.id = m.id
		    LEFT JOIN school.record r ON m.what = 'record' AND r.id = m.id
		  WHERE CASE m.what WHEN 'seat' THEN to_jsonb(e) @> m.after WHEN 'record' THEN jsonb_build_object('class_id', r.class_id,
		    'enrolment_id', r.enrolment_id, 'stage', r.stage, 'track', r.track) @> m.after END IS NOT TRUE AND m.what <> 'class') AS reseated
		FROM school.pupil p WHERE p.id = ANY($2)`, u.rows, pq.Array(u.order), u.batch.Year, u.batch.WrittenAt, pupilImportObject(u.batch.ID))
	for _, f := range files {
		u.files[f.ID] = f
	}
	if err != nil {
		return err
	}
	u.writer.records, err = u.tx.holdRecords(ctx, u.order)
	return err
}

func (u *pupilUndo) leave(id int64, what spreadsheet.Left, field profile.Field, reason string) {
	if f := u.files[id]; f != nil {
		u.undo.Left = append(u.undo.Left, spreadsheet.LeftThing{What: what, Name: f.FullName, Code: f.Code, Field: string(field), Reason: reason})
	}
}

// fields gives the fields of known pupils back, and withdraws what waits.
func (u *pupilUndo) fields(ctx context.Context) error {
	var changes []struct {
		ProfileChange
		Later bool `db:"later"`
	}
	err := u.tx.list(ctx, "list the changes of an import", &changes, `SELECT `+changeColumns+`, EXISTS (SELECT 1 FROM school.pupil_change l
		  WHERE l.pupil_id = c.pupil_id AND l.field = c.field AND l.id > c.id) AS later
		FROM `+changeTables+` WHERE c.pupil_id = ANY($1) AND c.paper = 'list' AND c.note = $2 ORDER BY c.pupil_id, c.id`,
		pq.Array(u.batch.made.Updated), pupilImportObject(u.batch.ID))
	if err != nil {
		return err
	}
	var withdrawn []int64
	lines := map[int64]int{}
	for _, c := range changes {
		f := u.files[c.PupilID]
		switch {
		case f == nil:
		case c.Waiting():
			withdrawn = append(withdrawn, c.ID)
			u.undo.Proposals++
		case c.Second && c.Decision != "confirmed": // refused or withdrawn: nothing was written
		case c.Second:
			u.leave(f.ID, spreadsheet.LeftField, c.Field, spreadsheet.CodeLeftConfirmed)
		case c.Later || f.File()[c.Field] != c.New:
			u.leave(f.ID, spreadsheet.LeftField, c.Field, spreadsheet.CodeLeftChanged)
		case f.Covered && c.Field.InRecord():
			u.leave(f.ID, spreadsheet.LeftField, c.Field, spreadsheet.CodeLeftSigned)
		default:
			i, has := lines[f.ID]
			if !has {
				i = len(u.writer.lines)
				lines[f.ID] = i
				u.writer.lines = append(u.writer.lines, pupilLine{d: spreadsheet.Decision{Act: spreadsheet.Update}, pupil: f.Pupil, pupilID: f.ID, fields: true})
			}
			l := &u.writer.lines[i]
			l.pupil.put(c.Field, c.Old)
			l.changes = append(l.changes, profile.Change{Field: c.Field, Old: c.New, New: c.Old})
			l.facts = l.facts || c.Field.InRecord()
			u.undo.Fields++
		}
	}
	if err := u.writer.update(ctx); err != nil {
		return err
	}
	if err := u.writer.noteChanges(ctx); err != nil {
		return err
	}
	return u.tx.exec(ctx, "withdraw the proposals of an import", `INSERT INTO school.pupil_change_decision (change_id, school_id, decision, account_id, at)
		SELECT unnest($1::bigint[]), $2, 'withdrawn', $3, $4`, pq.Array(withdrawn), u.tx.Actor.SchoolID, u.tx.Actor.AccountID, u.tx.Now)
}

// follow lets the records follow what went back, and marks the classes.
func (u *pupilUndo) follow(ctx context.Context) error {
	for _, id := range u.moved {
		u.writer.lines = append(u.writer.lines, pupilLine{pupilID: id, facts: true})
	}
	if err := u.writer.followRecords(ctx); err != nil {
		return err
	}
	return u.writer.markDirty(ctx)
}
