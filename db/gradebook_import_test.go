package db_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/gradesheet"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// resultBook writes results of a subject as a school's software would.
func resultBook(t testing.TB, title string, headings []string, rows ...[]any) []byte {
	t.Helper()
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Title: []string{title}, Headings: headings, Rows: rows, Footer: "kiểm thử"})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var subjectHeadings = []string{"STT", "Lớp", "Mã học sinh", "Họ và tên", "Mức đạt được", "Điểm KTĐK", "Nội dung nhận xét"}

// keepGrades previews a file for an actor and keeps it.
func keepGrades(t testing.TB, d *dbtest.Database, actor workflow.Actor, raw []byte) (id int64, plan *gradesheet.Plan) {
	t.Helper()
	ctx := t.Context()
	tables, err := spreadsheet.ReadGrades(bytes.NewReader(raw), gradesheet.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	err = d.As(ctx, actor, func(tx *db.Tx) error {
		books, err := tx.GradeBooks(ctx, dbtest.Year)
		if err != nil {
			return err
		}
		plan = gradesheet.Draft(dbtest.Year, tables, books, gradesheet.Choice{Period: school.YearEnd})
		if err := tx.JudgeImport(ctx, plan); err != nil {
			return err
		}
		id, err = tx.KeepGradebookImport(ctx, db.GradebookImport{Year: dbtest.Year, FileName: "toan.xlsx"}, plan)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, plan
}

func writeGrades(t testing.TB, d *dbtest.Database, actor workflow.Actor, id int64, choices gradesheet.Choices) (report gradesheet.Report) {
	t.Helper()
	err := d.As(t.Context(), actor, func(tx *db.Tx) error {
		var err error
		report, err = tx.WriteGrades(t.Context(), dbtest.Year, id, choices)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func undoGrades(t testing.TB, d *dbtest.Database, actor workflow.Actor, id int64) (undo gradesheet.Undo) {
	t.Helper()
	err := d.As(t.Context(), actor, func(tx *db.Tx) error {
		var err error
		undo, err = tx.UndoGrades(t.Context(), dbtest.Year, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return undo
}

// standing reads a cell's value.
func standing(t testing.TB, d *dbtest.Database, c *dbtest.Cast, enrolment int64, it evaluation.Item, f evaluation.Field) (value string) {
	t.Helper()
	err := d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		g, err := tx.Gradebook(t.Context(), table(c, school.YearEnd), []evaluation.Item{it})
		for _, r := range g.Rows {
			if r.EnrolmentID == enrolment {
				value = r.Entries[it].Value(f)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func rollRows(c *dbtest.Cast, values func(i int) []any) [][]any {
	var rows [][]any
	for i, p := range c.Roll {
		rows = append(rows, append([]any{i + 1, "4A", p.Code, p.FullName}, values(i)...))
	}
	return rows
}

func TestGradebookImport_WritesGreenAndUndoGivesBackWhatNobodyTouched(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	raw := resultBook(t, "KẾT QUẢ MÔN TOÁN", subjectHeadings, rollRows(c, func(int) []any { return []any{"T", 9, "Tốt."} })...)
	id, plan := keepGrades(t, d, c.Huong, raw)
	if plan.Count(spreadsheet.Green) != len(c.Roll) {
		t.Fatalf("plan %+v", plan.Rows)
	}
	report := writeGrades(t, d, c.Huong, id, plan.Greens())
	again := writeGrades(t, d, c.Huong, id, nil)
	if report.Written != len(c.Roll) || report.CellsWritten != 3*len(c.Roll) || again.CellsWritten != report.CellsWritten {
		t.Fatalf("report %+v, again %+v", report, again)
	}
	// One cell gets another value, one the same again after another.
	first, second := c.Roll[0], c.Roll[1]
	save(t, d, c.Huong, table(c, school.YearEnd), cell(first, toan, evaluation.FieldMark, "9", "10"))
	save(t, d, c.Huong, table(c, school.YearEnd), cell(second, toan, evaluation.FieldMark, "9", "8"))
	save(t, d, c.Huong, table(c, school.YearEnd), cell(second, toan, evaluation.FieldMark, "8", "9"))
	undo := undoGrades(t, d, c.Huong, id)
	if undo.Back != 3*len(c.Roll)-2 || len(undo.Left) != 2 || undo.Left[0].Code != gradesheet.CodeTouched {
		t.Errorf("undo %+v", undo)
	}
	for pupil, want := range map[int64]string{first.EnrolmentID: "10", second.EnrolmentID: "9", c.Roll[2].EnrolmentID: ""} {
		if got := standing(t, d, c, pupil, toan, evaluation.FieldMark); got != want {
			t.Errorf("mark %q, want %q", got, want)
		}
	}
	if twice := undoGrades(t, d, c.Huong, id); twice.Back != undo.Back {
		t.Errorf("a second undo says %+v", twice)
	}
	if got := told(t, d, c.Huong, table(c, school.YearEnd), c.Roll[2].EnrolmentID, toan, evaluation.FieldMark); got != "undo 9→ · import →9" {
		t.Errorf("history %q", got)
	}
	if got := told(t, d, c.Huong, table(c, school.YearEnd), first.EnrolmentID, toan, evaluation.FieldMark); got != " 9→10 · import →9" {
		t.Errorf("history %q", got)
	}
}

// told is the history of a cell, newest first: way, from, to, and the class
// where it was another one.
func told(t *testing.T, d *dbtest.Database, who workflow.Actor, at db.ClassPeriod, enrolment int64, it evaluation.Item, f evaluation.Field) string {
	t.Helper()
	var lines []string
	err := d.As(t.Context(), who, func(tx *db.Tx) error {
		past, err := tx.CellHistory(t.Context(), at, enrolment, []evaluation.Item{it}, f)
		for _, e := range past {
			lines = append(lines, string(e.Way)+" "+e.Old+"→"+e.New+e.Class)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, " · ")
}

func TestGradebookImport_NamesConflictsAndLosesNothingElse(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	raw := resultBook(t, "KẾT QUẢ MÔN TOÁN", subjectHeadings, rollRows(c, func(int) []any { return []any{"H", 7, ""} })...)
	id, plan := keepGrades(t, d, c.Huong, raw)
	save(t, d, c.Huong, table(c, school.YearEnd), cell(c.Roll[3], toan, evaluation.FieldMark, "", "6")) // another tab
	report := writeGrades(t, d, c.Huong, id, plan.Greens())
	left := report.Rows[3]
	if report.CellsWritten != 2*len(c.Roll)-1 || report.Refused != 1 || len(left.Cells) != 1 || left.Cells[0].Code != gradesheet.CodeStale || left.Cells[0].By == "" {
		t.Errorf("report %+v", report)
	}
	d.Exec(`UPDATE school.entry_window SET closes_at = $1`, dbtest.Start.Add(-time.Minute))
	if undo := undoGrades(t, d, c.Huong, id); undo.Back != 0 || len(undo.Left) != report.CellsWritten || undo.Left[0].Code != "cell.window_closed" {
		t.Errorf("undo of a closed window %+v", undo)
	}
}

func TestGradebookImport_OnlyTheOwnerOfTheSubject(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	raw := resultBook(t, "KẾT QUẢ MÔN TOÁN", subjectHeadings, rollRows(c, func(int) []any { return []any{"T", 9, ""} })...)
	id, plan := keepGrades(t, d, c.Minh, raw) // teaches Âm nhạc, not Toán
	if plan.Count(spreadsheet.Red) != len(c.Roll) || plan.Rows[0].Options[0].Cells[0].Code != "cell.not_yours" {
		t.Errorf("plan %+v", plan.Rows[0])
	}
	for _, other := range []workflow.Actor{c.Huong, c.OtherTeacher} {
		err := d.As(t.Context(), other, func(tx *db.Tx) error {
			_, err := tx.WriteGrades(t.Context(), dbtest.Year, id, plan.Greens())
			return err
		})
		if !fault.Is(err, "import.unknown") {
			t.Errorf("%s writes another's file: %v", other.Name, err)
		}
	}
	d.Clock.Set(dbtest.Start.Add(25 * time.Hour))
	err := d.As(t.Context(), c.Minh, func(tx *db.Tx) error {
		_, err := tx.GradebookImport(t.Context(), dbtest.Year, id)
		return err
	})
	if !fault.Is(err, "import.unknown") {
		t.Errorf("an expired file is still there: %v", err)
	}
}

func TestGradebookImport_ClassTableTakesOwnColumnsOnly(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	raw := resultBook(t, "BẢNG TỔNG HỢP LỚP 4A", []string{"STT", "Mã học sinh", "Họ và tên", "Toán - Mức đạt được", "Điểm Toán", "Âm nhạc - Mức đạt được", "Yêu nước"},
		[]any{1, c.Roll[0].Code, c.Roll[0].FullName, "T", 9, "T", "Đ"}, []any{2, c.Roll[1].Code, c.Roll[1].FullName, "T", 8.5, "H", "T"})
	_, plan := keepGrades(t, d, c.Minh, raw)
	if len(plan.Rows) != 2 || plan.Rows[0].Verdict != spreadsheet.Green || len(plan.Rows[0].Options[0].Cells) != 1 {
		t.Errorf("for the music teacher %+v", plan.Rows)
	}
	_, plan = keepGrades(t, d, c.Huong, raw)
	if cells := plan.Rows[0].Options[0].Cells; plan.Rows[0].Verdict != spreadsheet.Green || len(cells) != 3 {
		t.Errorf("for the homeroom teacher %+v", plan.Rows[0])
	}
	if r := plan.Rows[1]; r.Verdict != spreadsheet.Yellow || r.Options[0].Cells[1].Code != "cell.mark_decimal" || r.Options[0].Cells[1].Address != "E5" {
		t.Errorf("a row with a faulty cell %+v", r)
	}
}

// Whatever is written after an import and by whatever path, an undo changes no
// cell that somebody wrote since, and gives every other cell back.
func TestUndoGrades_NeverTakesBackAForeignValue(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	marks := []string{"", "5", "7", "9"}
	rapid.Check(t, func(r *rapid.T) {
		n := len(c.Roll)
		before, imported := make([]string, n), make([]any, n)
		for i, p := range c.Roll {
			before[i] = standing(t, d, c, p.EnrolmentID, toan, evaluation.FieldMark)
			imported[i] = rapid.SampledFrom([]any{5, 7, 9}).Draw(r, fmt.Sprintf("imported %d", i))
		}
		raw := resultBook(t, "MÔN TOÁN", []string{"STT", "Mã học sinh", "Họ và tên", "Điểm"}, func() (rows [][]any) {
			for i, p := range c.Roll {
				rows = append(rows, []any{i + 1, p.Code, p.FullName, imported[i]})
			}
			return rows
		}()...)
		id, plan := keepGrades(t, d, c.Huong, raw)
		all := gradesheet.Choices{}
		for i := range plan.Rows {
			all[i] = 0
		}
		writeGrades(t, d, c.Huong, id, all)
		touched := map[int]string{}
		for range rapid.IntRange(0, 6).Draw(r, "later writes") {
			i := rapid.IntRange(0, n-1).Draw(r, "pupil")
			value := rapid.SampledFrom(marks).Draw(r, "value")
			now := standing(t, d, c, c.Roll[i].EnrolmentID, toan, evaluation.FieldMark)
			save(t, d, c.Huong, table(c, school.YearEnd), cell(c.Roll[i], toan, evaluation.FieldMark, now, value))
			if now != value {
				touched[i] = value
			}
		}
		undoGrades(t, d, c.Huong, id)
		for i, p := range c.Roll {
			want := before[i]
			if value, foreign := touched[i]; foreign {
				want = value
			}
			if got := standing(t, d, c, p.EnrolmentID, toan, evaluation.FieldMark); got != want {
				r.Fatalf("pupil %d holds %q, want %q (before %q, imported %v, later %v)", i, got, want, before[i], imported[i], touched)
			}
		}
	})
}
