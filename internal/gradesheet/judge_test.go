package gradesheet

import (
	"slices"
	"testing"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// oneClass drafts rows of code, name, level and mark for Toán of 4A.
func oneClass(t *testing.T, stands map[string]string, rows ...[]any) *Plan {
	t.Helper()
	var numbered [][]any
	for i, r := range rows {
		numbered = append(numbered, append([]any{i + 1}, r...))
	}
	plan := Draft("2025-2026", written(t, "MÔN TOÁN – LỚP 4A – CUỐI NĂM", oneSubject, numbered...),
		Books{Classes: []Class{classOf(t, "4A", school.Toan)}}, Choice{})
	judge(plan, stands)
	return plan
}

func TestConclude_VerdictFollowsTheCells(t *testing.T) {
	an, bao := []any{"4900000001", "Nguyễn Hoài An"}, []any{"4900000002", "Trần Bảo An"}
	plan := oneClass(t, map[string]string{"1 TOAN.level": "T", "1 TOAN.mark": "9", "2 TOAN.mark": "7"},
		append(slices.Clone(an), "T", 9),                         // stands already
		append(slices.Clone(bao), "T", 9),                        // overwrites a mark
		[]any{"4900000003", "Lê Quỳnh Anh", "T", 6},              // the mark does not bear the level out
		[]any{"4900000004", "Nguyễn Khánh Chi", "H", 4},          // nor here
		[]any{"4900000005", "Phan Hữu Đức", "C", 5},              // nor here
		[]any{"4900000006", "Bh'nướch Thị Lan", "C", 4},          // here it does
		[]any{"4900000007", "Công Tằng Tôn Nữ Uyên Nhi", "", ""}, // nothing
		append(slices.Clone(bao), "H", 6))                        // once more
	wantTold(t, plan,
		"4 green: match.identical",
		"5 yellow: gradesheet.changes",
		"6 yellow: gradesheet.level_mark",
		"7 yellow: gradesheet.level_mark",
		"8 yellow: gradesheet.level_mark",
		"9 green: gradesheet.new",
		"10 green: result.nothing",
		"11 red: gradesheet.twice")
	if got := plan.Rows[7].Reasons[0].Args["other"]; got != "5" {
		t.Errorf("the second row of a pupil names row %s, want 5", got)
	}
}

// An item is written whole or not at all; what is whole beside it remains a
// choice.
func TestConclude_TornItemsAreRefusedAlone(t *testing.T) {
	tables := written(t, "LỚP 4A – CUỐI NĂM", []string{"STT", "Mã học sinh", "Họ và tên", "Toán – Mức đạt được", "Toán – Điểm KTĐK", "Khoa học"},
		[]any{1, "4900000001", "Nguyễn Hoài An", "T", "8,5", "T"}, []any{2, "4900000002", "Trần Bảo An", "T", "8,5", ""})
	plan := Draft("2025-2026", tables, Books{Classes: []Class{classOf(t, "4A", school.Toan, school.KhoaHoc)}}, Choice{})
	judge(plan, nil)
	wantTold(t, plan, "4 yellow: E4 cell.mark, gradesheet.some", "5 red: E5 cell.mark")
}

func TestDecide_WritesWhatWasChosenOnce(t *testing.T) {
	plan := oneClass(t, map[string]string{"2 TOAN.mark": "7"},
		[]any{"4900000001", "Nguyễn Hoài An", "T", 9}, []any{"4900000002", "Trần Bảo An", "T", 9}, []any{"4900000003", "Lê Quỳnh Anh", "X", 9},
		[]any{"4900000004", "Nguyễn Khánh Chi", "H", 7})
	if greens := plan.Greens(); len(greens) != 2 {
		t.Fatalf("green rows %v", greens)
	}
	report, tasks := plan.Decide(Choices{0: 0, 1: 0, 2: 0, 3: 9})
	if len(tasks) != 1 || tasks[0].Place != (Place{7, school.YearEnd}) || len(tasks[0].Cells) != 4 {
		t.Fatalf("tasks %+v", tasks)
	}
	for _, c := range tasks[0].Cells[:3] {
		report.Wrote(c)
	}
	report.Left(tasks[0].Cells[3], CellResult{Code: CodeStale, By: "ai khác"})
	report.Sum()
	var acts []spreadsheet.Act
	for _, r := range report.Rows {
		acts = append(acts, r.Act)
	}
	if want := []spreadsheet.Act{spreadsheet.Update, spreadsheet.Refuse, spreadsheet.Refuse, spreadsheet.Skipped}; !slices.Equal(acts, want) {
		t.Errorf("acts %v, want %v", acts, want)
	}
	if report.CellsWritten != 3 || report.CellsLeft != 1 || report.Written != 1 || report.Refused != 2 || report.Skipped != 1 {
		t.Errorf("report %+v", report)
	}
}

// Two doubtful rows that a person gives to one pupil write each cell once.
func TestDecide_TwoRowsToOnePupil(t *testing.T) {
	plan := oneClass(t, nil, []any{"", "Nguyen Hoai An", "T", 9}, []any{"4900000001", "Nguyễn Hoài An", "H", 7})
	plan.Rows[1].Verdict = spreadsheet.Yellow // as if the file had not been clear either
	report, tasks := plan.Decide(Choices{0: 0, 1: 0})
	if len(tasks) != 1 || len(tasks[0].Cells) != 2 || len(report.Rows[1].Cells) != 2 || report.Rows[1].Cells[0].Code != CodeTwice {
		t.Errorf("tasks %+v, report %+v", tasks, report)
	}
}

func TestVocabulary_FindsItemsAsOtherSoftwareCallsThem(t *testing.T) {
	for name, want := range map[string]school.Subject{"Tiếng Anh": school.NgoaiNgu1, "LS&ĐL": school.LichSuDiaLi, "TN-XH": school.TuNhienXaHoi,
		"Tin học và Công nghệ (Tin học)": school.TinHoc, "Mỹ thuật": school.MiThuat, "gdtc": school.GiaoDucTheChat, "HĐTN": school.HoatDongTraiNghiem,
		"Hóa học": "", "Toán và Tiếng Việt": ""} {
		if got := Vocabulary().Subject(name); got != string(want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, it := range evaluation.RemarkGroups {
		if Vocabulary().Subject(it.Name()) != "" {
			t.Errorf("%s is taken for a subject", it.Name())
		}
	}
}

func TestPhrasebook_FindsTheNearestBankFirst(t *testing.T) {
	for codes, want := range map[string][3]string{
		"T1": {"Một.", "", ""}, "t1;t2": {"Một. Hai.", "", "t2"}, "T1 + T9": {"", "T9", ""}, " ": {"", "", ""},
	} {
		book := newPhrasebook(bankOf("T1", "Một.", 1, 5, "T1", "Của trường.", 1, 5, "T2", "Hai.", 1, 2))
		text, unknown, elsewhere := book.phrases(codes, placeOf(4), "Nguyễn Hoài An", "4A")
		if text != want[0] || unknown != want[1] || elsewhere != want[2] {
			t.Errorf("%q: %q, unknown %q, elsewhere %q; want %q", codes, text, unknown, elsewhere, want)
		}
	}
}
