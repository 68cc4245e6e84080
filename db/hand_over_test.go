package db_test

import (
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// TestHandOver_BackOnTheSameDayKeepsTheNewer: a pupil goes to another class and
// comes back on one day. What was changed there comes back too, the cell's
// history says what it took the place of, and what nobody touched keeps its
// origin.
func TestHandOver_BackOnTheSameDayKeepsTheNewer(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	p := newcomer("4900000002", "Trần Bảo An", "4B", 4)
	p.BirthDate, p.Sex = school.Date{Year: 2016, Month: 2, Day: 11}, school.Male
	seat := func() (id int64) {
		t.Helper()
		if err := d.Owner().QueryRow(`SELECT id FROM school.enrolment WHERE pupil_id = $1 AND to_date IS NULL`, c.Roll[1].PupilID).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	move := func(class string) int64 {
		t.Helper()
		d.Clock.Advance(time.Minute)
		p.ClassName = class
		report := writeImport(t, d, c, keepImport(t, d, c, listOf(dbtest.Year, p)), dbtest.Year, map[int]spreadsheet.Choice{2: spreadsheet.AsPupil(c.Roll[1].PupilID)})
		if report.Refused != 0 {
			t.Fatalf("to %s: %+v", class, report)
		}
		return seat()
	}
	write := func(enrolment int64, item, level, remark string) {
		d.Clock.Advance(time.Minute)
		d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, remark, account_id, updated_at)
			VALUES ($1, $2, 'ck1', $3, $4, $5, $6, $7, $8)
			ON CONFLICT (school_year, enrolment_id, period, item) DO UPDATE SET level = excluded.level, remark = excluded.remark, origin = NULL,
			  account_id = excluded.account_id, updated_at = excluded.updated_at`,
			string(dbtest.Year), enrolment, item, c.School.ID, level, remark, c.Minh.AccountID, d.Clock.Now())
	}
	// The first day of 4B is the day of the move, so 4B's seat is taken up again.
	there := move("4B")
	write(there, "TOAN", "H", "Em làm tốt.")
	write(there, "DAO_DUC", "T", "")
	d.Exec(`INSERT INTO school.review (school_year, enrolment_id, school_id, absent_excused, account_id, updated_at) VALUES ($1, $2, $3, 1, $4, $5)`,
		string(dbtest.Year), there, c.School.ID, c.Minh.AccountID, d.Clock.Now())
	back := move("4A")
	write(back, "TOAN", "T", "")
	write(back, "AM_NHAC", "C", "")
	d.Exec(`UPDATE school.review SET absent_excused = 3, updated_at = $2 WHERE enrolment_id = $1`, back, d.Clock.Now())
	if again := move("4B"); again != there {
		t.Fatalf("seat %d, want the former %d", again, there)
	}
	for item, want := range map[string]struct {
		level, remark string
		origin        *int64
	}{"TOAN": {"T", "", &back}, "AM_NHAC": {"C", "", &back}, "DAO_DUC": {"T", "", nil}} {
		var level, remark string
		var origin *int64
		err := d.Owner().QueryRow(`SELECT level, remark, origin FROM school.entry WHERE enrolment_id = $1 AND item = $2`, there, item).Scan(&level, &remark, &origin)
		if err != nil || level != want.level || remark != want.remark || (origin == nil) != (want.origin == nil) || origin != nil && *origin != *want.origin {
			t.Errorf("%s: %q %q of %v, want %+v: %v", item, level, remark, origin, want, err)
		}
	}
	var fields, absent int
	err := d.Owner().QueryRow(`SELECT (SELECT count(*) FROM school.entry_history WHERE enrolment_id = $1 AND item = 'TOAN' AND account_id = $2
		  AND (field, old_value, new_value) IN (('level', 'H', 'T'), ('remark', 'Em làm tốt.', ''))),
		(SELECT absent_excused FROM school.review WHERE enrolment_id = $1)`, there, c.Minh.AccountID).Scan(&fields, &absent)
	if err != nil || fields != 2 || absent != 3 {
		t.Errorf("%d lines of history, %d days absent: %v", fields, absent, err)
	}
	var kept string
	if err := d.Owner().QueryRow(`SELECT level FROM school.entry WHERE enrolment_id = $1 AND item = 'TOAN'`, back).Scan(&kept); err != nil || kept != "T" {
		t.Errorf("the class that was left holds %q: %v", kept, err)
	}
	// Once more without a change: nothing is written twice.
	move("4A")
	move("4B")
	if err := d.Owner().QueryRow(`SELECT count(*) FROM school.entry_history WHERE enrolment_id = $1`, there).Scan(&fields); err != nil || fields != 2 {
		t.Errorf("%d lines of history after moves without a change: %v", fields, err)
	}
}
