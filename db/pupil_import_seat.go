package db

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// seatJSON is a pupil's place in a class as jsonb_to_recordset reads it.
type seatJSON struct {
	PupilID int64  `json:"pupil_id"`
	ClassID int64  `json:"class_id"`
	Grade   int    `json:"grade"`
	Status  string `json:"status"`
	From    string `json:"from_date"`
	Record  string `json:"record_uuid"`
	Old     int64  `json:"old_id"` // the seat that ends or changes; 0: none
}

const seatRecordset = `jsonb_to_recordset($1::jsonb) AS n(pupil_id bigint, class_id bigint, grade smallint, status text,
	from_date date, record_uuid uuid, old_id bigint)`

// seat puts pupils into their classes: new seats with the record of the year,
// moves from another class, and changed grades and states of a seat.
func (w *pupilWriter) seat(ctx context.Context) error {
	var fresh, moved, changed []seatJSON
	for i := range w.lines {
		l := &w.lines[i]
		if l.refused != "" || !l.written() || l.d.Row.ClassName == "" {
			continue
		}
		s, kind, err := w.seatOf(l)
		if err != nil {
			return err
		}
		switch kind {
		case "new":
			fresh = append(fresh, s)
		case "move":
			moved = append(moved, s)
			w.dirty[w.known[l.pupilID].ClassID], l.facts = true, true
		case "change":
			changed = append(changed, s)
		default:
			continue
		}
		w.dirty[s.ClassID] = true
	}
	if err := w.seats(ctx, "change seats", `UPDATE school.enrolment e SET grade = n.grade, status = n.status FROM `+seatRecordset+`
		WHERE e.id = n.old_id AND e.school_id = $2`, changed); err != nil {
		return err
	}
	// A move on the first day of a seat leaves the seat empty: to_date lies before from_date.
	if err := w.seats(ctx, "end seats", `UPDATE school.enrolment e SET to_date = n.from_date - 1 FROM `+seatRecordset+`
		WHERE e.id = n.old_id AND e.school_id = $2`, moved); err != nil {
		return err
	}
	if err := w.beginSeats(ctx, append(fresh, moved...)); err != nil {
		return err
	}
	var pupils []int64
	for _, s := range moved {
		pupils = append(pupils, s.PupilID)
	}
	return w.tx.handOver(ctx, w.list.Year, pupils)
}

// seatOf compares the row with the pupil's seat of the year; kind is "new",
// "move", "change", or "" where nothing differs.
func (w *pupilWriter) seatOf(l *pupilLine) (s seatJSON, kind string, err error) {
	row := l.d.Row.Pupil
	number, err := uuid.NewV7()
	if err != nil {
		return s, "", translate(err, "make a record number")
	}
	s = seatJSON{PupilID: l.pupilID, ClassID: w.classes[row.ClassName], Grade: row.Grade, Status: row.Status,
		From: w.list.From.String(), Record: number.String()}
	k := w.known[l.pupilID]
	if k == nil || k.EnrolmentID == 0 {
		if s.Status == "" {
			s.Status = spreadsheet.StatusStudying
		}
		return s, "new", nil
	}
	if s.Status == "" {
		s.Status = k.Status
	}
	s.Old = k.EnrolmentID
	switch {
	case s.ClassID != k.ClassID:
		from := school.DateOf(w.tx.Now)
		if from.Before(k.SeatFrom) {
			from = k.SeatFrom
		}
		s.From = from.String()
		return s, "move", nil
	case s.Grade != k.Grade || s.Status != k.Status:
		return s, "change", nil
	}
	return s, "", nil
}

func (w *pupilWriter) seats(ctx context.Context, what, query string, rows []seatJSON, more ...any) error {
	if len(rows) == 0 {
		return nil
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return translate(err, what)
	}
	return w.tx.exec(ctx, what, query, append([]any{string(text), w.tx.Actor.SchoolID}, more...)...)
}

// beginSeats is Enrol for many: who comes back to a class on the same day takes
// the seat up again, and a pupil who moves keeps the record of the year.
func (w *pupilWriter) beginSeats(ctx context.Context, rows []seatJSON) error {
	return w.seats(ctx, "seat pupils", `WITH n AS (SELECT * FROM `+seatRecordset+`), seats AS (
		  INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, status, from_date)
		  SELECT $2, $3, n.class_id, n.pupil_id, n.grade, n.status, n.from_date FROM n
		  ON CONFLICT (class_id, pupil_id, from_date) DO UPDATE SET to_date = NULL, grade = excluded.grade, status = excluded.status
		  RETURNING id, class_id, pupil_id)
		INSERT INTO school.record (school_id, school_year, pupil_id, class_id, enrolment_id, record_uuid, created_at, changed_at)
		SELECT $2, $3, seats.pupil_id, seats.class_id, seats.id, n.record_uuid, $4, $4 FROM seats JOIN n USING (pupil_id)
		ON CONFLICT (pupil_id, school_year) DO UPDATE SET class_id = excluded.class_id, enrolment_id = excluded.enrolment_id`,
		rows, w.list.Year, w.tx.Now)
}

// recordFacts are the fields of a file that a record says.
func recordFacts(p Pupil) [13]string {
	return [...]string{p.PersonalNo, p.FullName, p.BirthDate.String(), string(p.Sex), p.Ethnicity, p.Nationality, p.Birthplace,
		p.Hometown, p.Residence, p.FatherName, p.MotherName, p.GuardianName, p.RegisterNo}
}

// factsWriter lets the records of changed pupils follow.
type factsWriter struct {
	rows []recordStage
	held []*record.Record // signed and not issued, as they were before
}

type recordStage struct {
	ID      int64          `db:"id"`
	PupilID int64          `db:"pupil_id"`
	Year    school.Year    `db:"school_year"`
	Stage   workflow.Stage `db:"stage"`
}

func (f factsWriter) stage(pupilID int64, year school.Year) workflow.Stage {
	for _, r := range f.rows {
		if r.PupilID == pupilID && r.Year == year {
			return r.Stage
		}
	}
	return ""
}

// readRecords locks the records of the known pupils that are past drafting and
// loads those that are signed but not issued.
func (w *pupilWriter) readRecords(ctx context.Context) error {
	var ids []int64
	for id := range w.known {
		ids = append(ids, id)
	}
	err := w.tx.list(ctx, "lock the records of an import", &w.facts.rows, `SELECT id, pupil_id, school_year, stage FROM school.record
		WHERE pupil_id = ANY($1) AND stage <> 'drafting' ORDER BY id FOR NO KEY UPDATE`, pq.Array(ids))
	if err != nil {
		return err
	}
	var signed []int64
	for _, r := range w.facts.rows {
		if r.Stage.BeforeIssue() {
			signed = append(signed, r.ID)
		}
	}
	if len(signed) > 0 {
		w.facts.held, err = w.tx.Records(ctx, signed, true)
	}
	return err
}

// followRecords applies the new facts to the records that say them: signatures
// that cover them end. Other records get a new revision, so that a signature
// prepared over the former facts is not completed.
func (w *pupilWriter) followRecords(ctx context.Context) error {
	changed := map[int64]bool{}
	var pupils, ids []int64
	for _, l := range w.lines {
		if l.facts && l.refused == "" && l.pupilID != 0 {
			changed[l.pupilID] = true
			pupils = append(pupils, l.pupilID)
		}
	}
	if len(pupils) == 0 {
		return nil
	}
	for _, r := range w.facts.held {
		ids = append(ids, r.ID)
	}
	after, err := w.tx.Records(ctx, ids, false)
	if err != nil {
		return err
	}
	followed := []int64{}
	for i, r := range w.facts.held {
		if i >= len(after) || !w.concerns(r.ID, changed) {
			continue
		}
		by := record.By{Actor: w.tx.Actor, At: w.tx.Now}
		c, err := r.FactsChanged(by, record.Facts{Pupil: after[i].Pupil, Class: after[i].Class, History: after[i].History})
		if err != nil {
			return err
		}
		if c.Empty() {
			continue
		}
		if err := w.tx.ApplyRecord(ctx, c); err != nil {
			return err
		}
		followed = append(followed, r.ID)
	}
	return w.tx.exec(ctx, "raise the records' revision", `UPDATE school.record SET revision = revision + 1, changed_at = $3
		WHERE pupil_id = ANY($1) AND id <> ALL($2) AND stage IN ('drafting', 'part_signed', 'homeroom_signed', 'returned', 'approved')`,
		pq.Array(pupils), pq.Array(followed), w.tx.Now)
}

func (w *pupilWriter) concerns(recordID int64, pupils map[int64]bool) bool {
	for _, r := range w.facts.rows {
		if r.ID == recordID {
			return pupils[r.PupilID]
		}
	}
	return false
}
