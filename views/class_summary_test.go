package views

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

var update = flag.Bool("update", false, "write the golden files anew")

// summaryForms are the nine forms with a grade and period that uses each.
var summaryForms = []struct {
	form, grade int
	period      school.Period
}{
	{1, 1, school.MidFirst}, {2, 2, school.EndFirst}, {3, 1, school.YearEnd},
	{4, 3, school.MidSecond}, {5, 3, school.EndFirst}, {6, 3, school.YearEnd},
	{7, 4, school.MidFirst}, {8, 5, school.EndFirst}, {9, 4, school.YearEnd},
}

// summaryPupils are a pupil with everything, one exempt with an optional
// subject, one not assessed, one who has left and one with gaps.
func summaryPupils(rules *evaluation.RuleSet, grade int, p school.Period) []SummaryPupil {
	values := func(level evaluation.Level, mark int) map[evaluation.Item]evaluation.Entry {
		out := map[evaluation.Item]evaluation.Entry{}
		for _, s := range rules.Subjects(grade) {
			if rules.Subject(grade, s) == evaluation.Optional {
				continue
			}
			e := evaluation.Entry{Level: level}
			if rules.MarkAllowed(grade, s, p) {
				e.Mark = &mark
			}
			out[evaluation.Item(s)] = e
		}
		for _, t := range rules.Traits(grade) {
			out[t] = evaluation.Entry{Level: evaluation.T}
		}
		return out
	}
	optional := []school.Subject{school.TiengDanToc}
	if grade < 3 {
		optional = append(optional, school.NgoaiNgu1)
	}
	born := school.Date{Year: 2016, Month: 3, Day: 14}
	exempt := values(evaluation.H, 6)
	exempt[evaluation.Item(school.GiaoDucTheChat)] = evaluation.Entry{Exempt: true}
	exempt[evaluation.Item(school.TiengDanToc)] = evaluation.Entry{Level: evaluation.T}
	gaps := values(evaluation.T, 9)
	delete(gaps, evaluation.Item(school.Toan))
	pupils := []SummaryPupil{
		{Number: 1, Code: "4900000001", Name: "Nguyễn Hoài An", Birth: born, Sex: school.Female, Declined: optional, Values: values(evaluation.T, 10)},
		{Number: 2, Code: "4900000002", Name: "=1+1", Birth: born, Sex: school.Male, Inclusive: true, Values: exempt},
		{Number: 3, Code: "4900000003", Name: "Lê Quỳnh Anh", Birth: born, Sex: school.Female, Excluded: true, Declined: optional},
		{Code: "4900000004", Name: "Nguyễn Khánh Chi", Birth: born, Sex: school.Female, Declined: optional, Left: school.Date{Year: 2026, Month: 3, Day: 2}},
		{Number: 4, Code: "4900000005", Name: "Phan Hữu Đức", Birth: born, Sex: school.Male, Declined: optional, Values: gaps,
			Joined: school.Date{Year: 2026, Month: 1, Day: 5}},
	}
	if p == school.YearEnd {
		pupils[0].Overall, pupils[0].Commended = evaluation.HTXS, []evaluation.Citation{{Kind: evaluation.Outstanding}}
		pupils[1].Overall, pupils[1].Commended = evaluation.HT, []evaluation.Citation{{Kind: evaluation.Special, Reason: "Giải Nhì vẽ tranh"}}
		pupils[2].KeptDown = true
		pupils[4].Commended = []evaluation.Citation{{Kind: evaluation.Letter}}
	}
	return pupils
}

var summaryPlace = SummaryPlace{School: "Trường Tiểu học Hoa Phượng", Commune: "Phường Hải Sơn", Class: "4A", Grades: 1,
	Year: "2025-2026", Homeroom: "Nguyễn Thị Mai Hương"}

// TestSummary_EachFormAsPrintedAndAsFile compares columns and contents of the
// nine forms, on paper and in the sheet as it is read back, with golden files.
func TestSummary_EachFormAsPrintedAndAsFile(t *testing.T) {
	rules := evaluation.ForYear("2025-2026")
	for _, f := range summaryForms {
		t.Run("mẫu "+strconv.Itoa(f.form), func(t *testing.T) {
			form, ok := rules.Summary(f.grade, f.period)
			if !ok || form.Form != f.form {
				t.Fatalf("grade %d %s is form %d", f.grade, f.period, form.Form)
			}
			table := NewSummaryTable(rules, form, summaryPupils(rules, f.grade, f.period))
			table.Language = "Tiếng Anh"
			got := printed(table) + "\n" + filed(t, table)
			name := filepath.Join("testdata", "summary", "mau-"+strconv.Itoa(f.form)+".txt")
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("form %d differs from %s:\n%s", f.form, name, got)
			}
		})
	}
}

// printed is the paper's headings and rows as text.
func printed(table SummaryTable) string {
	var b strings.Builder
	p := table.Paper(summaryPlace)
	fmt.Fprintf(&b, "%s | %s | %s | %s | %s\n", p.Commune, p.School, p.Heading, p.Period, p.Class)
	for _, row := range p.Heads {
		for _, h := range row {
			fmt.Fprintf(&b, "[%s %d×%d]", h.Text, h.Cols, h.Rows)
		}
		b.WriteByte('\n')
	}
	for _, r := range p.Rows {
		fmt.Fprintf(&b, "%s|%s|%s|%s|%s", r.Number, r.Name, r.Birth, r.Sex, strings.Join(r.Cells, "|"))
		if r.Left {
			b.WriteString(" (grey)")
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s | Giáo viên chủ nhiệm: %s\n", p.Place, p.Homeroom)
	return b.String()
}

// filed is the sheet as another program reads it: cells, then merged ranges.
func filed(t *testing.T, table SummaryTable) string {
	t.Helper()
	e := table.File(summaryPlace)
	e.Footer = "Kết xuất bởi người thử"
	var file bytes.Buffer
	if err := spreadsheet.Write(&file, e); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheet := book.GetSheetName(0)
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "sheet %s\n", sheet)
	for i, row := range rows {
		fmt.Fprintf(&b, "%d: %s\n", i+1, strings.Join(row, "|"))
	}
	merged, err := book.GetMergeCells(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range merged {
		fmt.Fprintf(&b, "%s:%s=%s ", m.GetStartAxis(), m.GetEndAxis(), m.GetCellValue())
	}
	return b.String() + "\n"
}

// TestSummaryFile_HasTheColumnsSchoolsKnow: grades 4 and 5 at year end have
// subjects in G to Y, competencies in Z to AI and qualities in AJ to AN.
func TestSummaryFile_HasTheColumnsSchoolsKnow(t *testing.T) {
	rules := evaluation.ForYear("2025-2026")
	form, _ := rules.Summary(4, school.YearEnd)
	pupils := summaryPupils(rules, 4, school.YearEnd)
	delete(pupils[1].Values, evaluation.Item(school.TiengDanToc))
	pupils[1].Declined = []school.Subject{school.TiengDanToc}
	table := NewSummaryTable(rules, form, pupils).Only(NewSummaryTable(rules, form, pupils).used).ordered()
	at := map[evaluation.SummaryPart][2]string{}
	for i, c := range table.Columns {
		letter := spreadsheet.ColumnLetter(i + 6)
		if c.Part == evaluation.SummarySpecific {
			c.Part = evaluation.SummaryGeneral
		}
		span := at[c.Part]
		if span[0] == "" {
			span[0] = letter
		}
		span[1] = letter
		at[c.Part] = span
	}
	for part, want := range map[evaluation.SummaryPart][2]string{evaluation.SummarySubjects: {"G", "Y"}, evaluation.SummaryGeneral: {"Z", "AI"},
		evaluation.SummaryQualities: {"AJ", "AN"}, evaluation.SummaryOverall: {"AO", "AR"}} {
		if at[part] != want {
			t.Errorf("%s stands in %v, want %v", part, at[part], want)
		}
	}
	if got := table.File(summaryPlace); len(got.Title)+1 != 5 || len(got.Over) != 2 {
		t.Errorf("%d lines of heading, %d rows above the metrics", len(got.Title)+1, len(got.Over))
	}
}

func TestSummary_AsksNothingOfWhoLeftOrIsNotAssessed(t *testing.T) {
	rules := evaluation.ForYear("2025-2026")
	form, _ := rules.Summary(4, school.YearEnd)
	table := NewSummaryTable(rules, form, summaryPupils(rules, 4, school.YearEnd))
	for i, want := range []int{0, 0, 0, 0, 2} { // the last one has neither level nor mark of Toán
		n := 0
		for _, c := range table.Lines[i].Cells {
			if c.Wanted {
				n++
			}
		}
		if n != want {
			t.Errorf("%s: %d cells are asked for, want %d", table.Lines[i].Name, n, want)
		}
	}
	if table.Present() != 4 {
		t.Errorf("%d present", table.Present())
	}
}
