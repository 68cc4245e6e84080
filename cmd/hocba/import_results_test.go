package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// withTeacher adds a teacher of Toán with a class of one pupil to the school.
func withTeacher(t *testing.T, dir string) school.Year {
	t.Helper()
	ctx := t.Context()
	var year school.Year
	inSchool(t, dir, func(tx *db.Tx) error {
		today := school.DateOf(tx.Now)
		year = school.YearOf(today)
		id, err := tx.CreateAccount(ctx, db.NewAccount{Username: "lan", FullName: "Nguyễn Thị Lan", TeacherCode: "GV4800001", PasswordHash: "x"})
		if err != nil {
			return err
		}
		if err := tx.GrantRole(ctx, id, tx.Actor.SchoolID, workflow.Teacher, today); err != nil {
			return err
		}
		class, err := tx.AddClass(ctx, db.Class{Year: year, Name: "4A", Grades: []int64{4}})
		if err != nil {
			return err
		}
		pupil, err := tx.CreatePupil(ctx, db.Pupil{Code: "4900000001", FullName: "Trần Bảo An", BirthDate: school.Date{Year: 2016, Month: 3, Day: 2},
			Sex: school.Female, Ethnicity: "Kinh"})
		if err != nil {
			return err
		}
		_, err = tx.Enrol(ctx, db.NewEnrolment{PupilID: pupil, ClassID: class, Year: year, Grade: 4, Status: "01", From: today})
		if err != nil {
			return err
		}
		return tx.Assign(ctx, class, school.Toan, id, today)
	})
	return year
}

// inSchool acts as the program itself in the school of withSchool.
func inSchool(t *testing.T, dir string, act func(*db.Tx) error) {
	t.Helper()
	ctx := t.Context()
	at := place{data: &dir, database: new(string)}
	s, err := openStore(ctx, at, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	d, err := s.open(ctx, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	unit, err := d.UnitByCode(ctx, "48001TH01", school.DateOf(d.Now()))
	if err != nil {
		t.Fatal(err)
	}
	actor := workflow.Actor{Kind: workflow.System, UnitID: unit.ID, UnitCode: unit.Code, SchoolID: unit.ID}
	if err := d.As(ctx, actor, act); err != nil {
		t.Fatal(err)
	}
}

func TestImportResults_ReportsForMachines(t *testing.T) {
	t.Parallel()
	dir := withSchool(t)
	year := withTeacher(t, dir)
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Title: []string{"KẾT QUẢ MÔN TOÁN – LỚP 4A – CUỐI NĂM"}, Footer: "kiểm thử",
		Headings: []string{"STT", "Mã học sinh", "Họ và tên", "Mức đạt được"}, Rows: [][]any{{1, "4900000001", "Trần Bảo An", "T"}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "toan.xlsx")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (int, string, string) {
		return try(t, nil, append([]string{"import", "results", "--data", dir, "--school", "48001TH01", "--year", string(year)}, args...)...)
	}
	// No window is open: the row is refused, and nothing is written.
	status, out, said := run("--as", "lan", "--json", "--write", file)
	var report gradeAnswer
	if err := json.Unmarshal([]byte(out), &report); err != nil || status == exitOK {
		t.Fatalf("status %d, %v\n%s\n%s", status, err, out, said)
	}
	if report.Red != 1 || report.Cells != 0 || len(report.Rows) != 1 || !strings.Contains(strings.Join(report.Rows[0].Codes, " "), "cell.window_closed") {
		t.Errorf("report %+v", report)
	}
	if status, out, _ := run("--as", "nobody", file); status == exitOK {
		t.Errorf("somebody who is no teacher of the school: %s", out)
	}
	// While a window is open it is written, and a second time nothing is.
	openYearEnd(t, dir, year)
	status, out, said = run("--as", "lan", "--json", "--write", file)
	report = gradeAnswer{}
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != exitOK {
		t.Fatalf("write: status %d, %v\n%s\n%s", status, err, out, said)
	}
	if !report.Written || report.Green != 1 || report.Cells != 1 || report.Import == 0 || len(report.Rows) != 0 {
		t.Errorf("written %+v", report)
	}
	if status, out, said = run("--as", "lan", "--write", file); status != exitOK || !strings.Contains(out, "Đã ghi 0 ô") {
		t.Errorf("write again: status %d\n%s\n%s", status, out, said)
	}
}

// openYearEnd opens the entry of a year's end for a while around now.
func openYearEnd(t *testing.T, dir string, year school.Year) {
	t.Helper()
	inSchool(t, dir, func(tx *db.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
			VALUES ($1, $2, 'cn', $3, $4, $3)`, tx.Actor.SchoolID, year, tx.Now.Add(-time.Hour), tx.Now.Add(time.Hour))
		return err
	})
}
