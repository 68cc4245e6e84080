package gradesheet

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hocba/internal/evaluation"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

var classNames = []string{"Nguyễn Hoài An", "Trần Bảo An", "Lê Quỳnh Anh", "Nguyễn Khánh Chi", "Phan Hữu Đức", "Bh'nướch Thị Lan",
	"Công Tằng Tôn Nữ Uyên Nhi", "Zơrâm Nhiên", "Lê Minh Anh", "Lê Minh Khôi", "Vũ Hà My", "Vũ Hải Nam"}

var classBirths = []string{"2016-01-05", "2016-02-11", "2016-03-20", "2016-03-14", "2016-07-30", "2016-09-02", "2016-10-10", "2016-12-24",
	"2016-02-01", "2016-02-03", "2016-02-04", "2016-02-05"}

// classOf is a class of grade 4; enrolments count from 1.
func classOf(t testing.TB, name string, subjects ...school.Subject) Class {
	t.Helper()
	c := Class{ID: 7, Name: name, Subjects: subjects}
	for i, full := range classNames {
		birth, err := school.ParseDate(classBirths[i])
		if err != nil {
			t.Fatal(err)
		}
		c.Pupils = append(c.Pupils, spreadsheet.Known{ID: int64(i + 1), Pupil: spreadsheet.Pupil{Code: fmt.Sprintf("49%08d", i+1), FullName: full,
			BirthDate: birth, ClassName: name, Grade: 4}})
	}
	return c
}

func tablesOf(t testing.TB, raw []byte) []*spreadsheet.GradeTable {
	t.Helper()
	tables, err := spreadsheet.ReadGrades(bytes.NewReader(raw), Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func written(t testing.TB, title string, headings []string, rows ...[]any) []*spreadsheet.GradeTable {
	t.Helper()
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Title: []string{title}, Headings: headings, Rows: rows, Footer: "kiểm thử"})
	if err != nil {
		t.Fatal(err)
	}
	return tablesOf(t, b.Bytes())
}

// judge is a gradebook in which stands what is given by "enrolment item.field",
// and which takes the levels T, H, C and whole marks from 1 to 10.
func judge(p *Plan, stands map[string]string) {
	p.EachCell(func(_ Place, enrolment int64, c *Cell) {
		trial := Trial{Old: stands[fmt.Sprintf("%d %s.%s", enrolment, c.Item, c.Field)], New: c.New}
		mark, err := strconv.Atoi(c.New)
		switch {
		case c.Field == evaluation.FieldLevel && !slices.Contains([]string{"T", "H", "C"}, c.New):
			trial.Code = "cell.level"
		case c.Field == evaluation.FieldMark && (err != nil || mark < 1 || mark > 10):
			trial.Code = "cell.mark"
		}
		c.Take(trial)
	})
	p.Conclude()
}

// told lists the rows with everything said about them: "9 red cell.mark".
func told(p *Plan) []string {
	var all []string
	for _, r := range p.Rows {
		codes := []string{}
		for _, i := range r.Issues {
			codes = append(codes, i.Cell()+" "+i.Code)
		}
		if len(r.Options) > 0 {
			for _, c := range r.Options[0].Cells {
				if c.Code != "" {
					codes = append(codes, c.Address+" "+c.Code)
				}
			}
		}
		for _, m := range r.Reasons {
			codes = append(codes, m.Code)
		}
		all = append(all, fmt.Sprintf("%d %s: %s", r.Row, r.Verdict, strings.Join(codes, ", ")))
	}
	return all
}

func wantTold(t *testing.T, p *Plan, want ...string) {
	t.Helper()
	if got := told(p); !slices.Equal(got, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every fault planted in the sample, by row.
func TestDraft_NamesEveryPlantedFault(t *testing.T) {
	raw, err := os.ReadFile("testdata/ket-qua-co-loi.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	phrases := []remark.Phrase{{Code: "K1", Item: "TOAN", From: 1, To: 5, Text: "{tên} tính nhanh."}}
	plan := Draft("2025-2026", tablesOf(t, raw), Books{[]Class{classOf(t, "4A", school.Toan)}, phrases}, Choice{})
	judge(plan, nil)
	wantTold(t, plan,
		"8 green: gradesheet.new",
		"9 red: G9 cell.mark",
		"10 red: G10 spreadsheet.cell_became_date",
		"11 red: F11 cell.level",
		"12 red: G12 spreadsheet.cell_formula",
		"13 yellow: match.name_differs",
		"14 yellow: gradesheet.level_mark",
		"15 yellow: match.name_only",
		"16 red: gradesheet.twice",
		"17 red: match.nobody",
		"18 red: C18 pupil.code",
		"19 red: J19 result.period",
		"20 yellow: gradesheet.phrase_unknown",
		"21 red: G21 cell.mark",
		"22 green: gradesheet.new")
	if s := plan.Sheets[0]; s.HeaderRow != 6 || s.Rows != 15 || s.Class != "4A" || s.Period != school.YearEnd || s.Item != "TOAN" {
		t.Errorf("sheet %+v", s)
	}
	if c := plan.Rows[0].Options[0].Cells; len(c) != 3 || c[2].New != "An tính nhanh." || c[2].Field != evaluation.FieldRemark || c[2].Phrase != "K1" {
		t.Errorf("the first row's cells are %+v", c)
	}
}

func TestDraft_ReadsTheSampleOfASchool(t *testing.T) {
	raw, err := os.ReadFile("../spreadsheet/testdata/ket-qua-mon-toan-4A.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	plan := Draft("2025-2026", tablesOf(t, raw), Books{Classes: []Class{classOf(t, "4A", school.Toan)}}, Choice{})
	judge(plan, nil)
	if plan.Count(spreadsheet.Red) != 33 || plan.Rows[0].Reasons[0].Code != spreadsheet.CodeMatchNobody {
		t.Errorf("strangers are told as %v", told(plan)[:3])
	}
}

var oneSubject = []string{"STT", "Mã học sinh", "Họ và tên", "Mức đạt được", "Điểm KTĐK"}

func TestDraft_AChoiceAgainstTheFileMakesRowsDoubtful(t *testing.T) {
	row := []any{1, "4900000001", "Nguyễn Hoài An", "T", 9}
	for name, test := range map[string]struct {
		title  string
		choice Choice
		sheet  []string
		want   string
	}{
		"as the file":    {"MÔN TOÁN – LỚP 4A – CUỐI NĂM", Choice{"4A", school.YearEnd, school.Toan}, nil, "green: gradesheet.new"},
		"other period":   {"MÔN TOÁN – LỚP 4A – CUỐI NĂM", Choice{Period: school.EndFirst}, []string{CodeOtherPeriod}, "yellow: gradesheet.other_choice"},
		"other subject":  {"MÔN TOÁN – LỚP 4A – CUỐI NĂM", Choice{Subject: school.TiengViet}, []string{CodeOtherSubject}, "yellow: gradesheet.other_choice"},
		"silent file":    {"KẾT QUẢ", Choice{"4A", school.YearEnd, school.Toan}, nil, "green: gradesheet.new"},
		"nobody says it": {"KẾT QUẢ", Choice{Class: "4A", Subject: school.Toan}, nil, "red: D4 gradesheet.no_period, E4 gradesheet.no_period"},
	} {
		plan := Draft("2025-2026", written(t, test.title, oneSubject, row), Books{Classes: []Class{classOf(t, "4A", school.Toan, school.TiengViet)}}, test.choice)
		judge(plan, nil)
		var codes []string
		for _, i := range plan.Sheets[0].Issues {
			if i.Severity == spreadsheet.Warning {
				codes = append(codes, i.Code)
			}
		}
		if got := strings.TrimPrefix(told(plan)[0], "4 "); got != test.want || !slices.Equal(codes, test.sheet) {
			t.Errorf("%s: row %s, sheet %v; want %s, %v", name, got, codes, test.want, test.sheet)
		}
	}
}

// A table of many items is read as far as it is the person's; of one item that
// is somebody else's the gradebook refuses every cell.
func TestDraft_PassesOverOtherPeoplesColumns(t *testing.T) {
	tables := written(t, "LỚP 4A – CUỐI NĂM", []string{"STT", "Mã học sinh", "Họ và tên", "Toán", "Khoa học", "Yêu nước"},
		[]any{1, "4900000001", "Nguyễn Hoài An", "T", "H", "T"})
	for name, test := range map[string]struct {
		class Class
		want  []evaluation.Item
	}{
		"subject":  {Class{Subjects: []school.Subject{school.Toan}}, []evaluation.Item{"TOAN"}},
		"homeroom": {Class{Homeroom: true}, []evaluation.Item{"YEU_NUOC"}},
		"nothing":  {Class{Subjects: []school.Subject{school.AmNhac}}, nil},
	} {
		class := classOf(t, "4A", test.class.Subjects...)
		class.Homeroom = test.class.Homeroom
		plan := Draft("2025-2026", tables, Books{Classes: []Class{class}}, Choice{})
		judge(plan, nil)
		var items []evaluation.Item
		for _, c := range plan.Rows[0].Options[0].Cells {
			items = append(items, c.Item)
		}
		if !slices.Equal(items, test.want) {
			t.Errorf("%s: cells of %v, want %v", name, items, test.want)
		}
		if len(test.want) == 0 && (plan.Rows[0].Verdict != spreadsheet.Red || plan.Rows[0].Reasons[0].Code != CodeNoneYours) {
			t.Errorf("%s: %v", name, told(plan))
		}
	}
}

// bankOf makes phrases of Toán of code, text, first and last grade.
func bankOf(fields ...any) []remark.Phrase {
	var bank []remark.Phrase
	for i := 0; i+3 < len(fields); i += 4 {
		bank = append(bank, remark.Phrase{Code: fields[i].(string), Item: "TOAN", Text: fields[i+1].(string), From: fields[i+2].(int), To: fields[i+3].(int)})
	}
	return bank
}

func placeOf(grade int) remark.Place {
	return remark.Place{Item: "TOAN", Grade: grade, Period: school.YearEnd}
}
