package db_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// importOf parses one of the sample lists and keeps it as the cast's
// administrator would.
func importOf(t testing.TB, d *dbtest.Database, c *dbtest.Cast, name string, year school.Year) int64 {
	t.Helper()
	raw, err := os.ReadFile("../internal/spreadsheet/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := spreadsheet.ReadPupils(bytes.NewReader(raw), spreadsheet.PupilOptions{Year: year})
	if err != nil {
		t.Fatal(err)
	}
	return keepImport(t, d, c, sheet)
}

func keepImport(t testing.TB, d *dbtest.Database, c *dbtest.Cast, sheet *spreadsheet.PupilSheet) int64 {
	t.Helper()
	var id int64
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		books, err := tx.ImportBooks(t.Context(), sheet.Year)
		if err != nil {
			return err
		}
		id, err = tx.KeepImport(t.Context(), db.ImportBatch{Year: sheet.Year, FileName: "danh-sach.xlsx",
			From: db.ImportStart(sheet.Year, school.DateOf(d.Now())), Plan: spreadsheet.PlanPupils(sheet, books)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func writeImport(t testing.TB, d *dbtest.Database, c *dbtest.Cast, id int64, year school.Year,
	choices map[int]spreadsheet.Choice) spreadsheet.Report {
	t.Helper()
	var report spreadsheet.Report
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) (err error) {
		report, err = tx.WriteImport(t.Context(), year, id, choices)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// listOf is a list of the given pupils as if read from a file.
func listOf(year school.Year, pupils ...spreadsheet.Pupil) *spreadsheet.PupilSheet {
	s := &spreadsheet.PupilSheet{Year: year}
	s.Header = &spreadsheet.Header{}
	for i, p := range pupils {
		s.Rows = append(s.Rows, spreadsheet.PupilRow{Row: i + 2, Pupil: p})
	}
	return s
}

func newcomer(code, name, class string, grade int) spreadsheet.Pupil {
	return spreadsheet.Pupil{Code: code, FullName: name, BirthDate: school.Date{Year: 2016, Month: 3, Day: 2}, Sex: school.Female,
		Ethnicity: "Kinh", ClassName: class, Grade: grade}
}

func TestWriteImport_PutsTheSampleIntoItsClasses(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	d.Clock.Set(time.Date(2026, time.September, 10, 8, 0, 0, 0, school.Zone))
	const year = school.Year("2026-2027")
	id := importOf(t, d, c, "danh-sach-hoc-sinh.xlsx", year)
	report := writeImport(t, d, c, id, year, nil)
	if report.Created != 324 || report.Refused+report.Skipped != 0 || len(report.Classes) != 10 {
		t.Fatalf("report %+v", report)
	}
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		classes, err := tx.Classes(t.Context(), year)
		pupils := 0
		for _, class := range classes {
			pupils += class.Pupils
			if class.Name == "4A" && (class.Pupils != 33 || class.Grade() != 4) {
				t.Errorf("4A: %+v", class)
			}
			ids, err := tx.ClassRecordIDs(t.Context(), class.ID)
			if err != nil || len(ids) != class.Pupils {
				t.Errorf("%s: %d pupils, %d records: %v", class.Name, class.Pupils, len(ids), err)
			}
		}
		if len(classes) != 10 || pupils != 324 {
			t.Errorf("%d classes with %d pupils", len(classes), pupils)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	again := importOf(t, d, c, "danh-sach-hoc-sinh.xlsx", year)
	if report := writeImport(t, d, c, again, year, nil); report.Kept != 324 || report.Written() != 324 {
		t.Errorf("the same list again: %+v", report)
	}
}

func TestWriteImport_TwiceWritesOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	id := keepImport(t, d, c, listOf(dbtest.Year, newcomer("4911111111", "Lê Thị Mới", "4B", 4)))
	var wg sync.WaitGroup
	reports := make([]spreadsheet.Report, 4)
	for i := range reports {
		wg.Go(func() { reports[i] = writeImport(t, d, c, id, dbtest.Year, nil) })
	}
	wg.Wait()
	for _, r := range reports {
		if r.Created != 1 || !slices.Equal(r.Classes, []string{"4B"}) {
			t.Errorf("report %+v", r)
		}
	}
	var pupils int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM school.pupil WHERE code = '4911111111'`).Scan(&pupils); err != nil || pupils != 1 {
		t.Errorf("%d pupils: %v", pupils, err)
	}
}

func TestWriteImport_RefusesWhatChangedSinceThePreview(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	known := newcomer("4900000001", "Nguyễn Hoài An", "4A", 4)
	known.BirthDate, known.Phone = school.Date{Year: 2016, Month: 1, Day: 5}, "0905123456"
	id := keepImport(t, d, c, listOf(dbtest.Year, known, newcomer("4922222222", "Trần Em Mới", "4A", 4)))
	d.Exec(`UPDATE school.pupil SET revision = revision + 1, phone = '0911' WHERE code = '4900000001'
		AND school_id = $1`, c.School.ID)
	d.Exec(`INSERT INTO school.pupil (school_id, code, book_uuid, full_name, given_name, rest_name, folded_name, birth_date, sex,
		created_at, updated_at) SELECT school_id, '4922222222', gen_random_uuid(), full_name, given_name, rest_name, folded_name,
		birth_date, sex, now(), now() FROM school.pupil WHERE code = '4900000002' AND school_id = $1`, c.School.ID)
	report := writeImport(t, d, c, id, dbtest.Year, nil)
	if report.Refused != 2 || report.Rows[0].Code != spreadsheet.CodeImportChanged || report.Rows[1].Code != spreadsheet.CodeImportCodeTaken {
		t.Errorf("report %+v", report)
	}
}

func TestWriteImport_ChangesOnlyWhatDiffersAndMovesOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	p := newcomer("4900000002", "Trần Bảo An", "4B", 4)
	p.BirthDate, p.Sex, p.Residence = school.Date{Year: 2016, Month: 2, Day: 11}, school.Male, "Tổ 4"
	d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
		VALUES ($1, $2, 'ck1', 'TOAN', $3, 'T', $4, $5)`, string(dbtest.Year), c.Roll[1].EnrolmentID, c.School.ID, c.Huong.AccountID, d.Clock.Now())
	d.Exec(`UPDATE school.enrolment SET inclusive = true WHERE id = $1`, c.Roll[1].EnrolmentID)
	for _, class := range []string{"4B", "4A", "4B"} { // there, back, and there again on one day
		p.ClassName = class
		id := keepImport(t, d, c, listOf(dbtest.Year, p))
		if report := writeImport(t, d, c, id, dbtest.Year, map[int]spreadsheet.Choice{2: spreadsheet.AsPupil(c.Roll[1].PupilID)}); report.Updated != 1 {
			t.Fatalf("to %s: %+v", class, report)
		}
	}
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error {
		got, err := tx.Pupil(t.Context(), c.Roll[1].PupilID)
		if err != nil || got.Residence != "Tổ 4" || got.FatherName != "Cha Của Em" || got.Revision != 2 {
			t.Errorf("the file is %+v: %v", got, err)
		}
		a, err := tx.Roll(t.Context(), c.Class.ID)
		if err != nil || len(a) != 7 {
			t.Errorf("4A has %d pupils: %v", len(a), err)
		}
		b, err := tx.ClassByName(t.Context(), dbtest.Year, "4B")
		if err != nil || b.Pupils != 1 {
			t.Errorf("4B %+v: %v", b, err)
		}
		ids, err := tx.ClassRecordIDs(t.Context(), b.ID)
		if err != nil || len(ids) != 1 {
			t.Fatalf("records of 4B: %v %v", ids, err)
		}
		r, err := tx.Record(t.Context(), ids[0], false)
		if err != nil || len(r.History) != 1 || r.History[0].Class != "4B" {
			t.Errorf("history %+v: %v", r.History, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var brought int // with the values of the first class, which say so, and what was declared
	err = d.Owner().QueryRow(`SELECT count(*) FROM school.entry n JOIN school.enrolment e ON e.id = n.enrolment_id
		WHERE e.pupil_id = $1 AND e.to_date IS NULL AND e.inclusive AND n.level = 'T' AND n.origin = $2`, c.Roll[1].PupilID, c.Roll[1].EnrolmentID).Scan(&brought)
	if err != nil || brought != 1 {
		t.Errorf("%d values came along: %v", brought, err)
	}
}

func TestImport_IsItsOwnersOnlyAndExpires(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	id := keepImport(t, d, c, listOf(dbtest.Year, newcomer("4911111111", "Lê Thị Mới", "4B", 4)))
	read := func(a workflow.Actor) error {
		return d.As(t.Context(), a, func(tx *db.Tx) error { _, err := tx.Import(t.Context(), dbtest.Year, id); return err })
	}
	if err := read(c.Admin); err != nil {
		t.Fatal(err)
	}
	stranger := c.OtherPrincipal
	for name, actor := range map[string]workflow.Actor{"principal": c.Principal, "another school": stranger} {
		if err := read(actor); fault.CodeOf(err) != "import.unknown" {
			t.Errorf("%s reads the import: %v", name, err)
		}
	}
	stranger.AccountID = c.Admin.AccountID // even with the owner's number the wall of the school holds
	if err := read(stranger); fault.CodeOf(err) != "import.unknown" {
		t.Errorf("another school reads the import: %v", err)
	}
	d.Clock.Advance(25 * time.Hour)
	if err := read(c.Admin); fault.CodeOf(err) != "import.unknown" {
		t.Errorf("an expired import is read: %v", err)
	}
}

func TestWriteImport_ThousandPupilsInTwoSeconds(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	var pupils []spreadsheet.Pupil
	for i := range 1000 {
		p := newcomer(fmt.Sprintf("49%08d", 50000000+i), fmt.Sprintf("Nguyễn Thị Em %d", i), fmt.Sprintf("%dA", i%5+1), i%5+1)
		p.BirthDate = p.BirthDate.AddDays(i)
		pupils = append(pupils, p)
	}
	begin := time.Now()
	id := keepImport(t, d, c, listOf(dbtest.Year, pupils...))
	kept := time.Since(begin)
	begin = time.Now()
	report := writeImport(t, d, c, id, dbtest.Year, nil)
	took := time.Since(begin)
	t.Logf("1,000 pupils: compared and kept in %v, written in %v", kept, took)
	if report.Created != 1000 || kept > 2*time.Second || took > 2*time.Second {
		t.Errorf("%d written, kept in %v, written in %v", report.Created, kept, took)
	}
}
