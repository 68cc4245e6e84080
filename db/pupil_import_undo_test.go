package db_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/spreadsheet"
)

func undoImport(t testing.TB, d *dbtest.Database, c *dbtest.Cast, id int64) spreadsheet.Undo {
	t.Helper()
	var undo spreadsheet.Undo
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) (err error) {
		undo, err = tx.UndoPupils(t.Context(), dbtest.Year, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return undo
}

func countOf(t testing.TB, d *dbtest.Database, query string, args ...any) (n int) {
	t.Helper()
	if err := d.Owner().QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// booksOf is what the school's books hold of pupils, without the counters that
// every writing raises.
func booksOf(t testing.TB, d *dbtest.Database, c *dbtest.Cast) string {
	t.Helper()
	var text string
	err := d.Owner().QueryRow(`SELECT concat_ws(E'\n',
		(SELECT string_agg((to_jsonb(p) - 'revision' - 'updated_at')::text, E'\n' ORDER BY p.id) FROM school.pupil p WHERE p.school_id = $1),
		(SELECT string_agg(to_jsonb(e)::text, E'\n' ORDER BY e.id) FROM school.enrolment e WHERE e.school_id = $1),
		(SELECT string_agg((to_jsonb(r) - 'revision' - 'changed_at')::text, E'\n' ORDER BY r.id) FROM school.record r WHERE r.school_id = $1),
		(SELECT string_agg(to_jsonb(k)::text, E'\n' ORDER BY k.id) FROM school.class k WHERE k.school_id = $1))`, c.School.ID).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// asRoll chooses for the rows of listOf the pupils of the cast.
func asRoll(c *dbtest.Cast, rows ...int) map[int]spreadsheet.Choice {
	choices := map[int]spreadsheet.Choice{}
	for i, n := range rows {
		choices[i+2] = spreadsheet.AsPupil(c.Roll[n].PupilID)
	}
	return choices
}

func leftReasons(undo spreadsheet.Undo) (reasons []string) {
	for _, l := range undo.Left {
		reasons = append(reasons, string(l.What)+" "+l.Reason)
	}
	slices.Sort(reasons)
	return reasons
}

func wantLeft(t testing.TB, undo spreadsheet.Undo, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := leftReasons(undo); !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
}

func TestUndoPupils_LeavesTheBooksAsTheyWere(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	before := booksOf(t, d, c)
	id := keepImport(t, d, c, listOf(dbtest.Year,
		rollPupil(t, d, c, 0, func(p *spreadsheet.Pupil) {
			p.Residence, p.Phone, p.FullName = "Tổ 9", "0905111222", "Nguyễn Hoài Ân"
		}),
		rollPupil(t, d, c, 1, func(p *spreadsheet.Pupil) { p.ClassName = "4B" }),
		rollPupil(t, d, c, 2, func(p *spreadsheet.Pupil) { p.Status = "02" }),
		newcomer("4911111111", "Lê Thị Mới", "4A", 4), newcomer("4911111112", "Lê Thị Mơ", "4C", 4)))
	if report := writeImport(t, d, c, id, dbtest.Year, asRoll(c, 0, 1, 2)); report.Created != 2 || report.Updated != 3 {
		t.Fatalf("report %+v", report)
	}
	d.Clock.Advance(time.Hour)
	undo := undoImport(t, d, c, id)
	if undo.Pupils != 2 || undo.Fields != 2 || undo.Proposals != 1 || undo.Seats != 2 || undo.Classes != 2 || len(undo.Left) != 0 {
		t.Errorf("undo %+v", undo)
	}
	if after := booksOf(t, d, c); after != before {
		t.Errorf("the books before:\n%s\nafter:\n%s", before, after)
	}
	d.Clock.Advance(time.Hour)
	if again := undoImport(t, d, c, id); again.Back() != undo.Back() {
		t.Errorf("a second undo says %+v", again)
	}
	if n := countOf(t, d, `SELECT count(*) FROM core.audit_event WHERE act = 'pupil_import_undone'`); n != 1 {
		t.Errorf("%d undos in the audit trail", n)
	}
	again := keepImport(t, d, c, listOf(dbtest.Year, newcomer("4911111111", "Lê Thị Mới", "4B", 4)))
	if report := writeImport(t, d, c, again, dbtest.Year, nil); report.Created != 1 {
		t.Errorf("the freed code again: %+v", report)
	}
}

func TestUndoPupils_LeavesWhatWasTouched(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ name, touch, want string }{
		{"an entry", `INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
			SELECT school_year, id, 'ck1', 'TOAN', school_id, 'T', $2, $3 FROM school.enrolment WHERE pupil_id = $1`, spreadsheet.CodeLeftEntered},
		{"history alone", `INSERT INTO school.entry_history (school_year, school_id, enrolment_id, period, item, field, old_value, new_value, account_id, at)
			SELECT school_year, school_id, id, 'ck1', 'TOAN', 'level', 'T', '', $2, $3 FROM school.enrolment WHERE pupil_id = $1`, spreadsheet.CodeLeftEntered},
		{"a review", `INSERT INTO school.review (school_year, enrolment_id, school_id, height_mm, account_id, updated_at)
			SELECT school_year, id, school_id, 1300, $2, $3 FROM school.enrolment WHERE pupil_id = $1`, spreadsheet.CodeLeftEntered},
		{"a changed file", `INSERT INTO school.pupil_change (school_id, pupil_id, field, old_value, new_value, second, kind, from_date, account_id, at)
			SELECT school_id, id, 'phone', '', '0905', false, 'addition', '2026-05-20', $2, $3 FROM school.pupil WHERE id = $1`, spreadsheet.CodeLeftFile},
		{"a ticked file", `INSERT INTO school.pupil_check (school_id, school_year, pupil_id, what, done, on_date, account_id, at)
			SELECT school_id, '2025-2026', id, 'file', true, '2026-05-20', $2, $3 FROM school.pupil WHERE id = $1`, spreadsheet.CodeLeftFile},
		{"a note", `INSERT INTO school.note (school_id, school_year, class_id, enrolment_id, period, item, sent_to, author_id, changed_at)
			SELECT school_id, school_year, class_id, id, 'cn', 'TOAN', 'owner', $2, $3 FROM school.enrolment WHERE pupil_id = $1`, spreadsheet.CodeLeftUsed},
		{"an exemption", `INSERT INTO school.exemption (school_id, school_year, pupil_id, subject, period, reason, decision, account_id, at)
			SELECT school_id, '2025-2026', id, 'GDTC', 'ck1', 'ốm', 'QĐ 1', $2, $3 FROM school.pupil WHERE id = $1`, spreadsheet.CodeLeftUsed},
		{"a commendation", `INSERT INTO school.commendation (school_id, school_year, pupil_id, kind, account_id, at)
			SELECT school_id, '2025-2026', id, 'THU_KHEN', $2, $3 FROM school.pupil WHERE id = $1`, spreadsheet.CodeLeftUsed},
		{"a signature", `INSERT INTO school.record_signature (school_id, record_id, slot, generation, signer_code, signer_name, account_id, certificate,
			content_hash, content, signature, signed_at) SELECT school_id, id, 'gvbm-1', 1, '1', 'A', $2, '', repeat('0', 64), '', '', $3
			FROM school.record WHERE pupil_id = $1`, spreadsheet.CodeLeftSigned},
		{"a state", `UPDATE school.enrolment SET status = '03' WHERE pupil_id = $1 AND $2 <> 0 AND $3::timestamptz IS NOT NULL`, spreadsheet.CodeLeftSeat},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			c := dbtest.NewCast(t, d)
			id := keepImport(t, d, c, listOf(dbtest.Year, newcomer("4911111111", "Lê Thị Mới", "4B", 4), newcomer("4911111112", "Lê Thị Mơ", "4B", 4)))
			writeImport(t, d, c, id, dbtest.Year, nil)
			d.Clock.Advance(time.Hour)
			var pupil int64
			if err := d.Owner().QueryRow(`SELECT id FROM school.pupil WHERE code = '4911111111'`).Scan(&pupil); err != nil {
				t.Fatal(err)
			}
			d.Exec(one.touch, pupil, c.Huong.AccountID, d.Clock.Now())
			undo := undoImport(t, d, c, id)
			wantLeft(t, undo, "pupil "+one.want, "class "+spreadsheet.CodeLeftClass)
			if undo.Pupils != 1 {
				t.Errorf("undo %+v", undo)
			}
		})
	}
}

func TestUndoPupils_LeavesFieldsAndSeatsOfKnownPupils(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	id := keepImport(t, d, c, listOf(dbtest.Year,
		rollPupil(t, d, c, 0, func(p *spreadsheet.Pupil) { p.Residence, p.Phone = "Tổ 9", "0905111222" }),
		rollPupil(t, d, c, 1, func(p *spreadsheet.Pupil) { p.ClassName = "4B" }),
		rollPupil(t, d, c, 2, func(p *spreadsheet.Pupil) { p.FullName = "Lê Quỳnh Ánh" })))
	writeImport(t, d, c, id, dbtest.Year, asRoll(c, 0, 1, 2))
	d.Clock.Advance(time.Hour)
	d.Exec(`UPDATE school.pupil SET phone = '0911', revision = revision + 1 WHERE id = $1`, c.Roll[0].PupilID)
	d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
		SELECT school_year, id, 'ck1', 'TOAN', school_id, 'T', $2, $3 FROM school.enrolment WHERE pupil_id = $1 AND to_date IS NULL`,
		c.Roll[1].PupilID, c.Huong.AccountID, d.Clock.Now())
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		list, _, err := tx.WaitingChanges(t.Context(), 10)
		if err == nil {
			_, err = tx.DecideChange(t.Context(), list[0].ID, true, "")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	undo := undoImport(t, d, c, id)
	wantLeft(t, undo, "field "+spreadsheet.CodeLeftChanged, "field "+spreadsheet.CodeLeftConfirmed, "seat "+spreadsheet.CodeLeftEntered,
		"class "+spreadsheet.CodeLeftClass)
	if undo.Fields != 1 || undo.Seats != 0 {
		t.Errorf("undo %+v", undo)
	}
}

// The values that came along to the new class stay where they are; the pupil
// sits in the former class with its own.
func TestUndoPupils_DeletesNoValueOfAMove(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
		VALUES ($1, $2, 'ck1', 'TOAN', $3, 'T', $4, $5)`, string(dbtest.Year), c.Roll[1].EnrolmentID, c.School.ID, c.Huong.AccountID,
		d.Clock.Now().Add(-time.Hour))
	id := keepImport(t, d, c, listOf(dbtest.Year, rollPupil(t, d, c, 1, func(p *spreadsheet.Pupil) { p.ClassName = "4B" })))
	writeImport(t, d, c, id, dbtest.Year, asRoll(c, 1))
	d.Clock.Advance(time.Hour)
	undo := undoImport(t, d, c, id)
	wantLeft(t, undo, "class "+spreadsheet.CodeLeftClass)
	if n := countOf(t, d, `SELECT count(*) FROM school.entry WHERE item = 'TOAN' AND level = 'T' AND period = 'ck1'`); n != 2 || undo.Seats != 1 {
		t.Errorf("%d values, undo %+v", n, undo)
	}
	if n := countOf(t, d, `SELECT count(*) FROM school.enrolment e JOIN school.record r ON r.enrolment_id = e.id
		WHERE e.id = $1 AND e.to_date IS NULL AND r.class_id = $2`, c.Roll[1].EnrolmentID, c.Class.ID); n != 1 {
		t.Error("the pupil does not sit in the former class")
	}
}

func TestUndoPupils_LeavesAFieldThatWasSigned(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	id := keepImport(t, d, c, listOf(dbtest.Year, rollPupil(t, d, c, 0, func(p *spreadsheet.Pupil) { p.Residence, p.Phone = "Tổ 9", "0905111222" })))
	writeImport(t, d, c, id, dbtest.Year, asRoll(c, 0))
	d.Clock.Advance(time.Minute)
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	undo := undoImport(t, d, c, id)
	wantLeft(t, undo, "field "+spreadsheet.CodeLeftSigned)
	if _, voids := stageOf(t, d, chain.Records[0]); undo.Fields != 1 || voids != 0 {
		t.Errorf("%d voids, undo %+v", voids, undo)
	}
}

func TestUndoPupils_IsTheOwnersAndNeedsAWrittenList(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	id := keepImport(t, d, c, listOf(dbtest.Year, newcomer("4911111111", "Lê Thị Mới", "4B", 4)))
	undo := func(actor int) string {
		a := c.Admin
		if actor != 0 {
			a = c.Principal
		}
		return fault.CodeOf(d.As(t.Context(), a, func(tx *db.Tx) error { _, err := tx.UndoPupils(t.Context(), dbtest.Year, id); return err }))
	}
	if code := undo(0); code != "import.not_written" {
		t.Errorf("an unwritten list: %q", code)
	}
	writeImport(t, d, c, id, dbtest.Year, nil)
	if code := undo(1); code != "import.unknown" {
		t.Errorf("another person: %q", code)
	}
	d.Exec(`UPDATE school.import_batch SET made = NULL WHERE id = $1`, id)
	if code := undo(0); code != "import.no_undo" {
		t.Errorf("a list of before: %q", code)
	}
	d.Clock.Advance(31 * 24 * time.Hour)
	if code := undo(0); code != "import.unknown" {
		t.Errorf("an expired list: %q", code)
	}
}

func TestUndoPupils_ThousandPupilsInTwoSeconds(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	var pupils []spreadsheet.Pupil
	for i := range 1000 {
		p := newcomer(fmt.Sprintf("49%08d", 50000000+i), fmt.Sprintf("Nguyễn Thị Em %d", i), fmt.Sprintf("%dA", i%5+1), i%5+1)
		p.BirthDate = p.BirthDate.AddDays(i)
		pupils = append(pupils, p)
	}
	id := keepImport(t, d, c, listOf(dbtest.Year, pupils...))
	writeImport(t, d, c, id, dbtest.Year, nil)
	d.Clock.Advance(time.Hour)
	begin := time.Now()
	undo := undoImport(t, d, c, id)
	took := time.Since(begin)
	t.Logf("1,000 pupils taken back in %v", took)
	if undo.Pupils != 1000 || undo.Classes != 4 || took > 2*time.Second {
		t.Errorf("%+v in %v", undo, took)
	}
}

// Whatever a statement asks for, the database keeps what somebody worked on.
func TestUndoPupils_TheDatabaseKeepsWhatWasWorkedOn(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Sign(t)
	for what, query := range map[string]string{
		"signed records":    `DELETE FROM school.record WHERE id = $1`,
		"seats with values": `DELETE FROM school.enrolment WHERE id = (SELECT enrolment_id FROM school.record WHERE id = $1)`,
		"classes in use":    `DELETE FROM school.class WHERE id = (SELECT class_id FROM school.record WHERE id = $1)`,
	} {
		err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
			res, err := tx.ExecContext(t.Context(), query, chain.Records[0])
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n != 0 {
				t.Errorf("%s: %d rows went: %v", what, n, err)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
