package spreadsheet

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/school"
)

func TestReadPupils_CleanSampleHasNothingToSay(t *testing.T) {
	sheet := readPupils(t, sample(t, "danh-sach-hoc-sinh.xlsx"), PupilOptions{})
	if len(sheet.Rows) != 324 || sheet.Header.Row != 6 || sheet.Year != "2026-2027" || len(sheet.Ignored) != 0 {
		t.Fatalf("%d rows, headings in row %d, year %s, ignored %v", len(sheet.Rows), sheet.Header.Row, sheet.Year, sheet.Ignored)
	}
	if found := codesOf(sheet.Rows); len(found) != 0 || len(sheet.Issues) != 0 {
		t.Errorf("issues in a clean file: %v %v", sheet.Issues, found)
	}
	for _, c := range sheet.Header.Columns {
		if c.Field == "" {
			t.Errorf("column %s %q is not read", c.Letter, c.Heading)
		}
	}
	want := Pupil{
		Code: "4988212829", PersonalNo: "048320378332", FullName: "Arất Văn Ước",
		BirthDate: school.Date{Year: 2020, Month: 4, Day: 20}, Sex: school.Female, Ethnicity: "Cơ-tu", Status: "01",
		Phone: "0937476841", Birthplace: "Trung tâm Y tế huyện Thăng Bình, Quảng Nam", Village: "Tổ 6",
		HometownProvince: "Đà Nẵng", HometownCommune: "Thăng Bình", Residence: "Tổ 4, xã Thăng Bình, thành phố Đà Nẵng",
		Father: Relative{"Đặng Bảo Long", "Nông dân", 1980}, Mother: Relative{"Lý Thanh Huyền", "Buôn bán", 1992},
		ClassName: "1A", Grade: 1,
	}
	if got := sheet.Rows[5]; got.Row != 12 || got.Pupil != want {
		t.Errorf("row 12 is\n%+v, want\n%+v", got.Pupil, want)
	}
	classes := map[string]int{}
	for _, row := range sheet.Rows {
		classes[row.ClassName]++
	}
	if len(classes) != 10 || classes["4A"] != 33 {
		t.Errorf("classes %v", classes)
	}
}

func TestReadPupils_AnotherYearIsSaidOnceAndRefusesNobody(t *testing.T) {
	sheet := readPupils(t, sample(t, "danh-sach-hoc-sinh.xlsx"), PupilOptions{Year: "2025-2026"})
	if found := codesOf(sheet.Rows); len(found) != 0 {
		t.Errorf("issues %v", found)
	}
	if len(sheet.Issues) != 1 || sheet.Issues[0].Code != CodeOtherYear || sheet.Issues[0].Args["file"] != "2026 – 2027" {
		t.Errorf("sheet issues %+v", sheet.Issues)
	}
}

// Every fault planted in the sample, by cell. Column V holds the number 4 in
// every third row from 9 on: what was left of a personal number, nothing that
// could be padded.
func TestReadPupils_NamesEveryPlantedFault(t *testing.T) {
	want := []string{
		"B19 warning pupil.code_twice_first",
		"B29 refused pupil.code_twice",
		"F30 refused pupil.ethnicity_near",
		"C31 refused spreadsheet.cell_required",
		"T32 refused pupil.class_grade",
		"C33 refused pupil.name_characters",
		"C33 warning spreadsheet.cell_formula_text",
		"D42 refused spreadsheet.cell_not_date",
	}
	for row := 9; row <= 69; row += 3 {
		want = append(want, "V"+strconv.Itoa(row)+" refused pupil.personal_no_short")
	}
	for _, row := range []int{12, 19, 26, 40, 47, 54, 61, 68} {
		want = append(want, "C"+strconv.Itoa(row)+" note pupil.name_capitals")
	}
	for row := 9; row <= 69; row += 4 { // zeros of the phone lost
		want = append(want, "H"+strconv.Itoa(row)+" note pupil.phone_padded")
	}
	sheet := readPupils(t, sample(t, "danh-sach-co-loi.xlsx"), PupilOptions{})
	got := codesOf(sheet.Rows)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	refusedRows := 0
	for _, row := range sheet.Rows {
		if row.Refused() {
			refusedRows++
		}
		for _, i := range row.Issues {
			if i.Row == 0 || i.Column == "" || i.Heading == "" || i.Args["cell"] != i.Cell() {
				t.Errorf("issue without place: %+v", i)
			}
		}
	}
	if len(sheet.Rows) != 63 || refusedRows != 24 {
		t.Errorf("%d rows, %d refused; want 63, 24", len(sheet.Rows), refusedRows)
	}
}

// The tolerated spellings of the same file: headings with other words, blanks
// and capitals, five spellings of dates, blanks in names, NFD, an empty row.
func TestReadPupils_ReadsUsualSpellings(t *testing.T) {
	sheet := readPupils(t, sample(t, "danh-sach-co-loi.xlsx"), PupilOptions{})
	if sheet.Header.Row != 8 {
		t.Errorf("headings in row %d, want 8", sheet.Header.Row)
	}
	byRow := map[int]PupilRow{}
	for _, row := range sheet.Rows {
		byRow[row.Row] = row
		if !norm.NFC.IsNormalString(row.FullName) || !norm.NFC.IsNormalString(row.Residence) {
			t.Errorf("row %d is not NFC", row.Row)
		}
	}
	for row, want := range map[int][2]string{
		9:  {"Hoàng Công Vinh", "03/07/2020"}, // a real date
		10: {"Đinh Bảo Hiếu", "01/02/2020"},
		11: {"Trần Quốc Tài", "05/04/2020"}, // 2020-04-05
		12: {"TRƯƠNG THANH HOÀNG", "13/03/2020"},
		25: {"Pơloong Nhơn", "20/08/2020"},
		71: {"Nguyễn Anh Hiếu", "02/07/2019"},
	} {
		if got := byRow[row]; got.FullName != want[0] || got.BirthDate.Vietnamese() != want[1] {
			t.Errorf("row %d is %q %s, want %q %s", row, got.FullName, got.BirthDate.Vietnamese(), want[0], want[1])
		}
	}
	if byRow[13].Phone != "0952694474" {
		t.Errorf("phone %q", byRow[13].Phone)
	}
}

func TestReadGrades_ReadsBothSamples(t *testing.T) {
	for name, want := range map[string][2]string{"ket-qua-mon-toan-4A.xlsx": {"TOAN", "8.5"}, "ket-qua-mon-am-nhac-4A.xlsx": {"AM_NHAC", ""}} {
		tables, err := ReadGrades(bytes.NewReader(sample(t, name)), testVocabulary)
		if err != nil {
			t.Fatal(err)
		}
		table := tables[0]
		if len(tables) != 1 || len(table.Rows) != 33 || table.Header.Row != 3 || table.Class != "4A" || table.Item != want[0] {
			t.Errorf("%s: %d rows under row %d, of %s %s", name, len(table.Rows), table.Header.Row, table.Item, table.Class)
		}
		for _, row := range table.Rows {
			values := valuesOf(row)
			if len(row.Issues) != 0 || row.Period != school.YearEnd || row.Pupil.ClassName != "4A" || len(row.Pupil.Code) != 10 ||
				!strings.Contains("THC", values[FieldLevel]) || values[FieldRemark] == "" || row.Pupil.BirthDate.IsZero() {
				t.Errorf("%s: row %+v", name, row)
			}
		}
		if got := table.Rows[6]; valuesOf(got)[FieldMark] != want[1] || got.Pupil.FullName != "Bùi Khánh Anh" {
			t.Errorf("%s: row 10 is %+v", name, got)
		}
	}
}

// valuesOf returns the texts of a row of one subject, by field.
func valuesOf(row GradeRow) map[string]string {
	texts := map[string]string{}
	for _, v := range row.Values {
		texts[v.Field] = v.Text
	}
	return texts
}
