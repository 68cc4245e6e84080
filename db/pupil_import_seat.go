package db

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
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
