package db_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

const (
	toan  = evaluation.Item(school.Toan)
	music = evaluation.Item(school.AmNhac)
)

// openWindow opens a period of the first school around the test's clock.
func openWindow(d *dbtest.Database, c *dbtest.Cast, p school.Period) {
	d.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $4)`, c.School.ID, string(dbtest.Year), string(p), dbtest.Start.Add(-time.Hour), dbtest.Start.Add(24*time.Hour))
}

func table(c *dbtest.Cast, p school.Period) db.ClassPeriod {
	return db.ClassPeriod{Year: dbtest.Year, ClassID: c.Class.ID, Period: p}
}

func cell(pupil db.RollRow, it evaluation.Item, f evaluation.Field, old, new string) db.CellChange {
	return db.CellChange{CellRef: db.CellRef{Enrolment: pupil.EnrolmentID, Item: it, Field: f}, Old: old, New: new}
}

// save runs SaveCells as actor and returns what became of each cell.
func save(t testing.TB, d *dbtest.Database, actor workflow.Actor, at db.ClassPeriod, changes ...db.CellChange) []db.CellResult {
	t.Helper()
	var out []db.CellResult
	err := d.As(context.Background(), actor, func(tx *db.Tx) error {
		var err error
		out, err = tx.SaveCells(context.Background(), at, changes)
		return err
	})
	if err != nil {
		t.Fatalf("save cells: %v", err)
	}
	return out
}

func wantCode(t testing.TB, r db.CellResult, kind fault.Kind, code string) {
	t.Helper()
	if r.Fault == nil || r.Fault.Code != code || r.Fault.Kind != kind {
		t.Errorf("%s.%s: got %v, want %s %s", r.Item, r.Field, r.Fault, kind, code)
	}
}

func wantSaved(t testing.TB, r db.CellResult, value string) {
	t.Helper()
	if r.Fault != nil || r.Value != value {
		t.Errorf("%s.%s: got %q (%v), want %q saved", r.Item, r.Field, r.Value, r.Fault, value)
	}
}

func TestSaveCells_StoresWhatIsRightAndRefusesTheRestByName(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	an, chi := c.Roll[0], c.Roll[3]
	got := save(t, d, c.Huong, table(c, school.YearEnd),
		cell(an, toan, "level", "", "t"),
		cell(an, toan, "mark", "", "9,0"),
		cell(an, toan, "remark", "", "  To\u0301an   tốt "),
		cell(chi, toan, "mark", "", "8,5"),
		cell(chi, evaluation.YeuNuoc, "level", "", "d"),
		cell(chi, evaluation.YeuNuoc, "mark", "", "9"),
		cell(chi, music, "level", "", "T"),
	)
	wantSaved(t, got[0], "T")
	wantSaved(t, got[1], "9")
	wantSaved(t, got[2], "Tóan tốt")
	wantCode(t, got[3], fault.Invalid, "cell.mark_decimal")
	wantSaved(t, got[4], "Đ")
	wantCode(t, got[5], fault.Invalid, "cell.mark_not_allowed")
	wantCode(t, got[6], fault.Forbidden, "cell.not_yours")

	var entries, history, dirty int
	row := d.Owner().QueryRow(`SELECT (SELECT count(*) FROM school.entry), (SELECT count(*) FROM school.entry_history),
		(SELECT count(DISTINCT class_id) FROM school.class_dirty WHERE class_id = $1)`, c.Class.ID)
	if err := row.Scan(&entries, &history, &dirty); err != nil || entries != 2 || history != 4 || dirty != 1 {
		t.Errorf("%d entries, %d history rows, %d dirty marks: %v", entries, history, dirty, err)
	}
}

func TestSaveCells_RefusesAStaleSaveAndKeepsTheOthersValue(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.EndFirst)
	at, an := table(c, school.EndFirst), c.Roll[0]
	save(t, d, c.Huong, at, cell(an, toan, "mark", "", "9"))
	d.Clock.Advance(time.Minute)
	got := save(t, d, c.Huong, at, cell(an, toan, "mark", "", "8"), cell(an, toan, "level", "", "T"))
	wantCode(t, got[0], fault.Conflict, "cell.stale")
	if got[0].Value != "9" || got[0].By != c.Huong.Name || !got[0].At.Equal(dbtest.Start) {
		t.Errorf("stale: stands %q by %q at %v", got[0].Value, got[0].By, got[0].At)
	}
	wantSaved(t, got[1], "T") // the rest of the save is not lost
	// Spelling is no difference: the old value is cleaned before it is compared.
	save(t, d, c.Huong, at, cell(an, toan, "remark", "", "Tốt lắm"))
	got = save(t, d, c.Huong, at, cell(an, toan, "remark", " To\u0302\u0301t  lắm ", "Khá"))
	wantSaved(t, got[0], "Khá")
}

func TestSaveCells_MayBeSentAgain(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.EndFirst)
	at, an := table(c, school.EndFirst), c.Roll[0]
	// The second edit of a cell was typed before the answer to the first came.
	steps := []db.CellChange{cell(an, toan, "mark", "", "7"), cell(an, toan, "mark", "7", "8")}
	for range 2 {
		got := save(t, d, c.Huong, at, steps...)
		if len(got) != 1 {
			t.Fatalf("%d results for one cell", len(got))
		}
		wantSaved(t, got[0], "8")
	}
	d.Clock.Advance(48 * time.Hour) // the window has closed since
	wantSaved(t, save(t, d, c.Huong, at, cell(an, toan, "mark", "7", "8"))[0], "8")
}

func TestSaveCells_TwoWritersOfOneCellFollowOneAnother(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.EndFirst)
	at := table(c, school.EndFirst)
	const writers = 6
	var wg sync.WaitGroup
	results := make([]db.CellResult, writers)
	for n := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var changes []db.CellChange
			for _, p := range c.Roll { // in this order and back: no deadlock either way
				changes = append(changes, cell(p, toan, "mark", "", fmt.Sprint(n+1)))
			}
			if n%2 == 1 {
				for i, j := 0, len(changes)-1; i < j; i, j = i+1, j-1 {
					changes[i], changes[j] = changes[j], changes[i]
				}
			}
			results[n] = save(t, d, c.Huong, at, changes...)[0]
		}()
	}
	wg.Wait()
	saved := 0
	for _, r := range results {
		if r.Fault == nil {
			saved++
			continue
		}
		wantCode(t, r, fault.Conflict, "cell.stale")
	}
	if saved != 1 {
		t.Errorf("%d of %d writers over the same empty cell were told it is saved", saved, writers)
	}
}

func TestSaveCells_KeepsToTheWindow(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	at, an := table(c, school.EndFirst), c.Roll[0]
	wantCode(t, save(t, d, c.Huong, at, cell(an, toan, "mark", "", "9"))[0], fault.Locked, "cell.window_closed")
	openWindow(d, c, school.EndFirst)
	wantSaved(t, save(t, d, c.Huong, at, cell(an, toan, "mark", "", "9"))[0], "9")
	d.Clock.Set(dbtest.Start.Add(24 * time.Hour)) // the first instant that is too late
	wantCode(t, save(t, d, c.Huong, at, cell(an, toan, "mark", "9", "8"))[0], fault.Locked, "cell.window_closed")
}

// sign lays out a live signature as the signing slices store it.
func sign(t testing.TB, d *dbtest.Database, c *dbtest.Cast, by workflow.Actor, pupil db.RollRow, slot string, stage workflow.Stage, parts ...string) (signature int64) {
	t.Helper()
	d.Exec(`INSERT INTO school.record (school_id, school_year, pupil_id, class_id, enrolment_id, record_uuid, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, gen_random_uuid(), now(), now()) ON CONFLICT DO NOTHING`,
		c.School.ID, string(dbtest.Year), pupil.PupilID, c.Class.ID, pupil.EnrolmentID)
	d.Exec(`UPDATE school.record SET stage = $2 WHERE pupil_id = $1`, pupil.PupilID, string(stage))
	err := d.Owner().QueryRow(`INSERT INTO school.record_signature (school_id, record_id, slot, generation, signer_code, signer_name,
		  account_id, certificate, content_hash, content, signature, signed_at)
		SELECT $1, r.id, $2, 1, $3, $4, $5, '', repeat('0', 64), 'x', 'x', now() FROM school.record r WHERE r.pupil_id = $6 RETURNING id`,
		c.School.ID, slot, by.TeacherCode, by.Name, by.AccountID, pupil.PupilID).Scan(&signature)
	if err != nil {
		t.Fatalf("lay out a signature: %v", err)
	}
	for _, p := range parts {
		d.Exec(`INSERT INTO school.record_signature_part (signature_id, school_id, part) VALUES ($1, $2, $3)`, signature, c.School.ID, p)
	}
	return signature
}

func TestSaveCells_LeavesSignedPartsAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	openWindow(d, c, school.EndFirst)
	at, an := table(c, school.YearEnd), c.Roll[0]
	signature := sign(t, d, c, c.Huong, an, "gvbm-GV4800001", workflow.PartSigned, "mon-TOAN")

	got := save(t, d, c.Huong, at, cell(an, toan, "level", "", "T"), cell(an, evaluation.Item(school.DaoDuc), "level", "", "T"),
		cell(c.Roll[1], toan, "level", "", "H"))
	wantCode(t, got[0], fault.Locked, "record.part_signed")
	if got[0].Fault.Args["signer"] != c.Huong.Name {
		t.Errorf("the refusal names %q", got[0].Fault.Args["signer"])
	}
	wantSaved(t, got[1], "T") // another part of the same pupil
	wantSaved(t, got[2], "H") // another pupil
	// Working data of another period is never closed by a signature.
	wantSaved(t, save(t, d, c.Huong, table(c, school.EndFirst), cell(an, toan, "level", "", "T"))[0], "T")

	d.Exec(`INSERT INTO school.record_void (signature_id, school_id, record_id, cause, account_id, at)
		SELECT id, school_id, record_id, 'withdrawn', account_id, now() FROM school.record_signature WHERE id = $1`, signature)
	wantSaved(t, save(t, d, c.Huong, at, cell(an, toan, "level", "", "T"))[0], "T")

	sign(t, d, c, c.Huong, an, "gvcn", workflow.HomeroomSigned, "thongtinhocba")
	got = save(t, d, c.Huong, at, cell(an, evaluation.NhanAi, "level", "", "T"), cell(an, toan, "level", "T", "H"))
	wantCode(t, got[0], fault.Locked, "record.part_signed")
	wantCode(t, got[1], fault.Locked, "record.part_signed")
	wantCode(t, save(t, d, c.Minh, at, cell(an, music, "level", "", "T"))[0], fault.Locked, "record.part_signed")

	d.Exec(`UPDATE school.record SET stage = 'issued' WHERE pupil_id = $1`, an.PupilID)
	wantCode(t, save(t, d, c.Minh, at, cell(an, music, "level", "", "T"))[0], fault.Locked, "record.issued")
}

func TestSaveCells_ChangesAReturnedPartAndEndsItsSignatures(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	chain.Sign(t)
	c, at, id := chain.Cast, table(chain.Cast, school.YearEnd), chain.Records[0]
	openWindow(d, c, school.YearEnd)
	an := c.Roll[0]
	wantCode(t, save(t, d, c.Minh, at, cell(an, music, "level", "T", "H"))[0], fault.Locked, "record.part_signed")
	err := chain.Desk.Act(t.Context(), c.Principal, id, func(r *record.Record, by record.By) (record.Change, error) {
		return r.Return(by, []string{record.PartOf(music)}, "Xem lại mức của em")
	})
	if err != nil {
		t.Fatalf("return: %v", err)
	}
	// The other parts of the record stay closed, the returned one is open.
	wantCode(t, save(t, d, c.Huong, at, cell(an, toan, "level", "T", "H"))[0], fault.Locked, "record.part_signed")
	wantSaved(t, save(t, d, c.Minh, at, cell(an, music, "level", "T", "H"))[0], "H")
	var stage, voided string
	if err := d.Owner().QueryRow(`SELECT r.stage, (SELECT string_agg(s.slot, ' ' ORDER BY s.slot) FROM school.record_void v
		JOIN school.record_signature s ON s.id = v.signature_id WHERE v.record_id = r.id)
		FROM school.record r WHERE r.id = $1`, id).Scan(&stage, &voided); err != nil {
		t.Fatal(err)
	}
	if stage != "part_signed" || voided != "gvbm-"+c.Minh.TeacherCode+" gvcn" {
		t.Errorf("stage %s, voided %s", stage, voided)
	}
	// Once void, the part is open like any other that nobody signed.
	wantSaved(t, save(t, d, c.Minh, at, cell(an, music, "remark", "Em nắm vững bài "+school.AmNhac.Name()+".", "Hát đúng nhịp."))[0], "Hát đúng nhịp.")
}

func TestSaveCells_RaisesTheRevisionOfARecord(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	an := c.Roll[0]
	sign(t, d, c, c.Minh, an, "gvbm-GV4800002", workflow.PartSigned, "mon-AM_NHAC")
	save(t, d, c.Huong, table(c, school.YearEnd), cell(an, toan, "level", "", "T"))
	var revision int
	if err := d.Owner().QueryRow(`SELECT revision FROM school.record WHERE pupil_id = $1`, an.PupilID).Scan(&revision); err != nil || revision != 2 {
		t.Errorf("revision %d after a year-end cell changed: %v", revision, err)
	}
}

// TestSaveCells_ExemptIsTheSchoolsToDeclare: a teacher neither sets Miễn nor
// takes it away, and writes no result beside it.
func TestSaveCells_ExemptIsTheSchoolsToDeclare(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	at, an := table(c, school.YearEnd), c.Roll[0]
	wantCode(t, save(t, d, c.Minh, at, cell(an, music, "exempt", "", "1"))[0], fault.Forbidden, "cell.exempt_school")
	wantCode(t, save(t, d, c.Minh, at, cell(an, music, "level", "", "Miễn"))[0], fault.Invalid, "cell.exempt_school")
	d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, exempt, account_id, updated_at)
		VALUES ($1, $2, 'cn', $3, $4, true, $5, $6)`, string(dbtest.Year), an.EnrolmentID, string(music), c.School.ID, c.Admin.AccountID, d.Clock.Now())
	wantCode(t, save(t, d, c.Minh, at, cell(an, music, "exempt", "1", ""))[0], fault.Forbidden, "cell.exempt_school")
	wantCode(t, save(t, d, c.Minh, at, cell(an, music, "level", "", "T"))[0], fault.Invalid, "cell.exempt_has_result")
}

func TestSaveCells_KnowsEachPupilsOwnProgramme(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	d.Exec(`UPDATE school.enrolment SET not_assessed = true WHERE id = $1`, c.Roll[0].EnrolmentID)
	d.Exec(`UPDATE school.enrolment SET ethnic_language = true WHERE id = $1`, c.Roll[2].EnrolmentID)
	d.Exec(`UPDATE school.enrolment SET grade = 1 WHERE id = $1`, c.Roll[3].EnrolmentID)
	tongue := evaluation.Item(school.TiengDanToc)
	d.Exec(`INSERT INTO school.teaching_assignment (school_id, class_id, subject, account_id, from_date)
		VALUES ($1, $2, $3, $4, '2025-09-05')`, c.School.ID, c.Class.ID, string(tongue), c.Huong.AccountID)
	got := save(t, d, c.Huong, table(c, school.YearEnd),
		cell(c.Roll[0], toan, "level", "", "T"),
		cell(c.Roll[1], tongue, "level", "", "T"),
		cell(c.Roll[2], tongue, "level", "", "T"),
		cell(c.Roll[3], evaluation.Item(school.KhoaHoc), "level", "", "T"),
		db.CellChange{CellRef: db.CellRef{Enrolment: 1 << 40, Item: toan, Field: "level"}, New: "T"})
	wantCode(t, got[0], fault.Invalid, "cell.pupil_not_assessed")
	wantCode(t, got[1], fault.Invalid, "cell.not_taught")
	wantSaved(t, got[2], "T")
	wantCode(t, got[3], fault.Invalid, "cell.not_taught")
	wantCode(t, got[4], fault.Invalid, "cell.pupil")
}

func TestSaveCells_InSummerOnlyTheSummerTrack(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.Summer)
	d.Exec(`INSERT INTO school.review (school_year, enrolment_id, school_id, track, account_id, updated_at)
		VALUES ($1, $2, $3, 2, $4, now())`, string(dbtest.Year), c.Roll[1].EnrolmentID, c.School.ID, c.Huong.AccountID)
	got := save(t, d, c.Huong, table(c, school.Summer), cell(c.Roll[0], toan, "level", "", "H"), cell(c.Roll[1], toan, "level", "", "H"))
	wantCode(t, got[0], fault.Invalid, "cell.not_summer")
	wantCode(t, got[1], fault.Invalid, "cell.not_planned") // no plan: nothing is asked
	if g := read(t, d, c.Huong, table(c, school.Summer), toan); len(g.Rows) != 0 {
		t.Errorf("without a plan the summer table has %d rows", len(g.Rows))
	}
	d.Exec(`INSERT INTO school.summer_plan (school_id, school_year, enrolment_id, items, content, guide, from_date, to_date, account_id, at)
		VALUES ($1, $2, $3, '{TOAN,NHAN_AI}', 'Ôn phép chia', 'Cô Hương', '2026-06-15', '2026-07-31', $4, now())`,
		c.School.ID, string(dbtest.Year), c.Roll[1].EnrolmentID, c.Huong.AccountID)
	khoa := evaluation.Item(school.KhoaHoc)
	got = save(t, d, c.Huong, table(c, school.Summer), cell(c.Roll[1], toan, "level", "", "H"), cell(c.Roll[1], khoa, "level", "", "H"),
		cell(c.Roll[1], evaluation.RemarkQualities, "remark", "", "Em biết giúp bạn."), cell(c.Roll[1], evaluation.RemarkGeneralCompetencies, "remark", "", "x"))
	wantSaved(t, got[0], "H")
	wantCode(t, got[1], fault.Invalid, "cell.not_planned")
	wantSaved(t, got[2], "Em biết giúp bạn.") // of the group whose trait is planned
	wantCode(t, got[3], fault.Invalid, "cell.not_planned")
	g := read(t, d, c.Huong, table(c, school.Summer), toan)
	if len(g.Rows) != 1 || g.Rows[0].EnrolmentID != c.Roll[1].EnrolmentID {
		t.Errorf("the summer table has %d rows", len(g.Rows))
	}
}

func TestSaveCells_HidesOtherSchoolsAndOtherTeachers(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	at := table(c, school.YearEnd)
	for name, actor := range map[string]workflow.Actor{"another school": c.OtherTeacher, "no duty": c.Principal} {
		err := d.As(t.Context(), actor, func(tx *db.Tx) error {
			_, err := tx.SaveCells(t.Context(), at, []db.CellChange{cell(c.Roll[0], toan, "level", "", "T")})
			return err
		})
		if !fault.Is(err, "class.unknown") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Handed over yesterday: the former teacher no longer writes.
	d.Exec(`UPDATE school.teaching_assignment SET to_date = '2026-05-19' WHERE account_id = $1`, c.Minh.AccountID)
	err := d.As(t.Context(), c.Minh, func(tx *db.Tx) error {
		_, err := tx.SaveCells(t.Context(), at, []db.CellChange{cell(c.Roll[0], music, "level", "", "T")})
		return err
	})
	if !fault.Is(err, "class.unknown") {
		t.Errorf("after the hand-over: %v", err)
	}
}

func read(t testing.TB, d *dbtest.Database, actor workflow.Actor, at db.ClassPeriod, items ...evaluation.Item) db.Gradebook {
	t.Helper()
	var g db.Gradebook
	err := d.As(t.Context(), actor, func(tx *db.Tx) error {
		var err error
		g, err = tx.Gradebook(t.Context(), at, items)
		return err
	})
	if err != nil {
		t.Fatalf("read the gradebook: %v", err)
	}
	return g
}

func TestGradebook_ShowsWhatWasWrittenAndWhatIsClosed(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	at := table(c, school.YearEnd)
	save(t, d, c.Huong, at, cell(c.Roll[1], toan, "mark", "", "7"), cell(c.Roll[1], toan, "remark", "", "Khá"))
	sign(t, d, c, c.Huong, c.Roll[1], "gvbm-GV4800001", workflow.PartSigned, "mon-TOAN")

	g := read(t, d, c.Huong, at, toan)
	if len(g.Rows) != len(c.Roll) || !g.Homeroom || len(g.Subjects) != len(dbtest.HuongSubjects) || g.Subjects[1] != school.Toan {
		t.Fatalf("%d rows, homeroom %v, subjects %v", len(g.Rows), g.Homeroom, g.Subjects)
	}
	if e := g.Rows[1].Entries[toan]; e.Value("mark") != "7" || e.Remark != "Khá" {
		t.Errorf("entry %+v", e)
	}
	if g.Rows[0].Closed[toan] != nil || g.Rows[1].Closed[toan] == nil {
		t.Errorf("closed: %v, %v", g.Rows[0].Closed, g.Rows[1].Closed)
	}
	if w, ok := g.Windows[school.YearEnd]; !ok || !w.Open(dbtest.Start) || w.Open(w.Closes) {
		t.Errorf("window %+v, %v", w, ok)
	}
	if m := read(t, d, c.Minh, at, music); m.Homeroom || len(m.Subjects) != 2 {
		t.Errorf("Minh has homeroom %v, subjects %v", m.Homeroom, m.Subjects)
	}
	if p := read(t, d, c.Principal, at, toan); len(p.Subjects) != 0 || len(p.Rows) != len(c.Roll) {
		t.Errorf("the principal reads %d rows as %v", len(p.Rows), p.Subjects)
	}
	for _, stranger := range []workflow.Actor{c.OtherTeacher, c.OtherPrincipal, c.Authority} {
		err := d.As(t.Context(), stranger, func(tx *db.Tx) error {
			_, err := tx.Gradebook(t.Context(), at, []evaluation.Item{toan})
			return err
		})
		if !fault.Is(err, "class.unknown") {
			t.Errorf("%s of another unit: %v", stranger.Role, err)
		}
	}
}

// BenchmarkSaveCells measures one cell a save, inside the database layer.
func BenchmarkSaveCells(b *testing.B) {
	d := dbtest.New(b)
	c := dbtest.NewCast(b, d)
	for _, p := range []school.Period{school.EndFirst, school.YearEnd} {
		openWindow(d, c, p)
		b.Run(string(p), func(b *testing.B) {
			at := table(c, p)
			last := map[int]string{}
			for n := 0; b.Loop(); n++ {
				i := n % len(c.Roll)
				next := fmt.Sprint(1 + n/len(c.Roll)%10)
				r := save(b, d, c.Huong, at, cell(c.Roll[i], toan, "mark", last[i], next))
				if r[0].Fault != nil {
					b.Fatal(r[0].Fault)
				}
				last[i] = next
			}
		})
	}
}

func BenchmarkGradebook(b *testing.B) {
	d := dbtest.New(b)
	c := dbtest.NewCast(b, d)
	openWindow(d, c, school.YearEnd)
	items := append(evaluation.Traits(), evaluation.RemarkGroups...)
	for b.Loop() {
		read(b, d, c.Huong, table(c, school.YearEnd), items...)
	}
}

func TestSaveCells_OfAPupilWhoLeftIsRefusedAtTheCell(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	gone := c.Roll[0]
	d.Exec(`UPDATE school.enrolment SET to_date = '2026-05-01' WHERE id = $1`, gone.EnrolmentID)
	got := save(t, d, c.Huong, table(c, school.YearEnd), cell(gone, toan, "level", "", "T"))
	wantCode(t, got[0], fault.Invalid, "cell.pupil")
	err := d.As(t.Context(), c.OtherTeacher, func(tx *db.Tx) error {
		_, err := tx.SaveCells(t.Context(), table(c, school.YearEnd), []db.CellChange{cell(gone, toan, "level", "", "T")})
		return err
	})
	if !fault.Is(err, "class.unknown") {
		t.Errorf("a stranger to the class: %v, want class.unknown", err)
	}
}
