package spreadsheet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestFindHeader_AnyRowAnySpelling(t *testing.T) {
	sheet := cells{"A1": "UBND XÃ", "A2": "Trường có Họ tên, Ngày sinh, Lớp", "C28": "mã  HỌC sinh (*)", "D28": "HO VA TEN", "E28": "Ngày, tháng,\nnăm sinh\n(dd/mm/yyyy)",
		"F28": "Nam/Nữ", "G28": "Thành phần dân tộc", "H28": "LỚP", "I28": "Ghi chú", "C29": "4976815385", "D29": "Lê An", "E29": "1.2.2020", "F29": "nữ", "G29": "H'Mông", "H29": "lớp 1a"}
	s := readPupils(t, makeBook(t, sheet), PupilOptions{})
	row := s.Rows[0]
	if s.Header.Row != 28 || row.Refused() || row.Ethnicity != "Hmông" || row.ClassName != "1A" || row.Grade != 1 {
		t.Errorf("headings in %d, row %+v", s.Header.Row, row)
	}
	if c, ok := s.Header.Column(FieldBirthDate); !ok || c.Letter != "E" {
		t.Errorf("birth date in %+v", c)
	}
	for i := range s.Header.Columns {
		if c := s.Header.Columns[i]; c.Heading == "Ghi chú" && c.Field != "" {
			t.Errorf("note is read as %s", c.Field)
		}
	}
}

func TestFindHeader_NotBelowRow30(t *testing.T) {
	_, err := ReadPupils(bytes.NewReader(makeBook(t, cells{"A31": "Họ tên", "B31": "Ngày sinh", "C31": "Lớp", "D31": "Mã học sinh"})), PupilOptions{})
	wantCode(t, err, CodeNoHeadings)
}

// Two rows of headings: a group over the columns of each parent.
func TestFindHeader_GroupHeadings(t *testing.T) {
	f := excelize.NewFile()
	for at, v := range (cells{
		"A3": "STT", "B3": "Mã định danh", "C3": "Họ và tên", "D3": "Ngày sinh", "E3": "Giới tính", "F3": "Dân tộc", "G3": "Lớp",
		"H3": "Cha", "K3": "Thông tin mẹ",
		"H4": "Họ và tên", "I4": "Nghề nghiệp", "J4": "Năm sinh", "K4": "Họ và tên", "L4": "Điện thoại",
		"A5": 1, "B5": "4976815385", "C5": "Lê An", "D5": "01/02/2020", "E5": "Nam", "F5": "Kinh", "G5": "1A",
		"H5": "Lê Cha", "I5": "Nông dân", "J5": 1990, "K5": "Lý Mẹ", "L5": "0905123456",
	}) {
		f.SetCellValue("Sheet1", at, v)
	}
	for _, col := range "ABCDEFG" {
		f.MergeCell("Sheet1", string(col)+"3", string(col)+"4")
	}
	f.MergeCell("Sheet1", "H3", "J3")
	f.MergeCell("Sheet1", "K3", "L3")
	var b bytes.Buffer
	f.Write(&b)
	s := readPupils(t, b.Bytes(), PupilOptions{})
	if got := s.Rows[0].Father; got != (Relative{"Lê Cha", "Nông dân", 1990}) || s.Rows[0].FullName != "Lê An" {
		t.Errorf("father %+v of %q", got, s.Rows[0].FullName)
	}
	if s.Rows[0].Phone != "" {
		t.Errorf("the mother's phone was read as the contact's")
	}
	if s.Header.Row != 3 || s.Header.LastRow != 4 || len(s.Rows) != 1 {
		t.Errorf("headings in %d–%d, %d rows", s.Header.Row, s.Header.LastRow, len(s.Rows))
	}
}

// "Họ và tên" merged over two columns is how class registers split a name.
func TestFindHeader_NameOverTwoColumns(t *testing.T) {
	f := excelize.NewFile()
	for at, v := range (cells{
		"A1": "Mã HS", "B1": "Họ và tên", "D1": "Ngày sinh", "E1": "Nữ", "F1": "Dân tộc", "G1": "Lớp",
		"A2": "4976815385", "B2": "Nguyễn Văn", "C2": "An", "D2": "01/02/2020", "F2": "Kinh", "G2": "1A",
		"A3": "4976815386", "B3": "Lê Thị", "C3": "Bình", "D3": "01/03/2020", "E3": "x", "F3": "Kinh", "G3": "1A",
	}) {
		f.SetCellValue("Sheet1", at, v)
	}
	f.MergeCell("Sheet1", "B1", "C1")
	var b bytes.Buffer
	f.Write(&b)
	s := readPupils(t, b.Bytes(), PupilOptions{})
	if s.Rows[0].FullName != "Nguyễn Văn An" || s.Rows[0].Sex != "nam" || s.Rows[1].FullName != "Lê Thị Bình" || s.Rows[1].Sex != "nu" {
		t.Errorf("rows %+v", s.Rows)
	}
}

func TestReadPupils_SplitNameColumns(t *testing.T) {
	s := readPupils(t, makeBook(t, cells{
		"A1": "Mã HS", "B1": "Họ và đệm", "C1": "Tên", "D1": "Ngày sinh", "E1": "Phái", "F1": "Dân tộc", "G1": "Lớp",
		"A2": "4976815385", "B2": "Nguyễn Văn", "C2": "An", "D2": "01/02/2020", "E2": "Nam", "F2": "Kinh", "G2": "1A",
		"A3": "4976815386", "C3": "Nhơn", "D3": "01/02/2020", "E3": "Nam", "F3": "Kinh", "G3": "1A",
		"A4": "4976815387", "B4": "Lê", "D4": "01/02/2020", "E4": "Nam", "F4": "Kinh", "G4": "1A",
	}), PupilOptions{})
	if s.Rows[0].FullName != "Nguyễn Văn An" || s.Rows[1].FullName != "Nhơn" {
		t.Errorf("names %q, %q", s.Rows[0].FullName, s.Rows[1].FullName)
	}
	if got := codesOf(s.Rows); len(got) != 1 || got[0] != "C4 refused "+CodeRequired {
		t.Errorf("issues %v", got)
	}
}

// A workbook with one sheet a class is one list; a sheet with other columns, and
// one without headings, are not part of it.
func TestReadPupils_ReadsEverySheetWithTheSameColumns(t *testing.T) {
	second := pupilCells(3, cells{"B2": "4988888801", "B3": "4988888802", "M2": "048220999901", "M3": "048320999902", "F3": "Klingon", "D4": "05/04/2020"})
	raw := makeBook(t, cells{"A1": "Hướng dẫn nhập"}, pupilCells(2, nil), second, pupilCells(1, cells{"I1": "Ghi chú"}))
	s := readPupils(t, raw, PupilOptions{})
	if s.Sheet != "Trang 2, Trang 3" || len(s.Rows) != 5 || len(s.Other) != 1 || s.Other[0] != "Trang 4" {
		t.Fatalf("sheet %q, %d rows, other %v", s.Sheet, len(s.Rows), s.Other)
	}
	if a, b := s.Rows[1], s.Rows[3]; a.Row != b.Row || a.ID() == b.ID() || a.Where() != "3" || b.Where() != "Trang 3!3" {
		t.Errorf("rows %s and %s, %d and %d", a.Where(), b.Where(), a.ID(), b.ID())
	}
	if got := codesOf(s.Rows); !slices.Contains(got, "Trang 3!F3 refused "+CodeEthnicity) {
		t.Errorf("issues %v", got)
	}
	if issue := s.Rows[3].Issues[0]; issue.Args["cell"] != "Trang 3!F3" || issue.Args["row"] != "Trang 3!3" {
		t.Errorf("the issue stands at %v", issue.Args)
	}
	plan := PlanPupils(s, Books{})
	decisions := plan.Decide(map[int]Choice{})
	if decisions[0].Act != Create || decisions[2].Act != Skipped || decisions[4].Act != Create || decisions[3].Act != Refuse {
		t.Errorf("decisions %+v", decisions)
	}
	if s := readPupils(t, raw, PupilOptions{Sheet: "Trang 3"}); len(s.Rows) != 3 || s.Rows[0].Sheet != "" {
		t.Errorf("sheet 3 alone has %d rows", len(s.Rows))
	}
	_, err := ReadPupils(bytes.NewReader(raw), PupilOptions{Sheet: "Trang 9"})
	wantCode(t, err, CodeNoSuchSheet)
	_, err = ReadPupils(bytes.NewReader(raw), PupilOptions{Sheet: "Sheet1"})
	wantCode(t, err, CodeNoHeadings)
}

func TestReadPupils_NamesMissingColumns(t *testing.T) {
	for set, want := range map[string]string{"B1": "Mã định danh Bộ GD&ĐT", "E1": "Giới tính", "C1": "Họ tên"} {
		raw := makeBook(t, pupilCells(1, cells{set: "Cột khác"}))
		_, err := ReadPupils(bytes.NewReader(raw), PupilOptions{})
		wantCode(t, err, CodeColumnMissing)
		if f := faultArgs(err); f["headings"] != want {
			t.Errorf("missing %q, want %q", f["headings"], want)
		}
	}
	_, err := ReadPupils(bytes.NewReader(makeBook(t, pupilCells(0, nil))), PupilOptions{})
	wantCode(t, err, CodeNoRows)
}

func TestReadPupils_TwoColumnsForOneField(t *testing.T) {
	s := readPupils(t, makeBook(t, pupilCells(1, cells{"N1": "Mã học sinh", "N2": "HS001", "O1": "Họ tên", "O2": "Ai đó"})), PupilOptions{})
	if s.Rows[0].Code != "4900000000" || s.Rows[0].FullName != "Nguyễn Văn An" || len(s.Header.Twice) != 2 {
		t.Errorf("row %+v, twice %v", s.Rows[0].Pupil, s.Header.Twice)
	}
	if s.Issues[0].Code != CodeColumnTwice || s.Issues[0].Args["other"] != "N" {
		t.Errorf("issues %+v", s.Issues)
	}
	// The official heading wins also when it stands to the right.
	s = readPupils(t, makeBook(t, pupilCells(1, cells{"A1": "Mã học sinh", "A2": "HS001"})), PupilOptions{})
	if s.Rows[0].Code != "4900000000" {
		t.Errorf("code %q", s.Rows[0].Code)
	}
}

func TestReadPupils_PassesOverTotalsSignaturesAndRepeatedHeadings(t *testing.T) {
	sheet := pupilCells(6, nil)
	for c := range 13 { // headings printed again in place of the third pupil
		sheet[cellName(c+1, 4)] = sheet[cellName(c+1, 1)]
	}
	for at := range sheet { // an empty row
		if strings.HasSuffix(at, "6") && len(at) == 2 {
			delete(sheet, at)
		}
	}
	sheet["A9"] = "Tổng số: 4 học sinh"
	sheet["C11"], sheet["K11"] = "NGƯỜI LẬP BIỂU", "HIỆU TRƯỞNG"
	sheet["K10"] = "Thăng Bình, ngày 5 tháng 9 năm 2026"
	s := readPupils(t, makeBook(t, sheet), PupilOptions{})
	if len(s.Rows) != 4 || rowRanges(s.Ignored) != "4, 9–11" {
		t.Errorf("%d rows, ignored %v", len(s.Rows), s.Ignored)
	}
	if last := s.Issues[len(s.Issues)-1]; last.Code != CodeRowsIgnored && s.Issues[0].Code != CodeRowsIgnored {
		t.Errorf("issues %+v", s.Issues)
	}
	for _, row := range s.Rows {
		if row.Refused() {
			t.Errorf("row %d refused: %+v", row.Row, row.Issues)
		}
	}
}

func TestLayouts_HaveNoSpellingTwice(t *testing.T) {
	for _, l := range []*Layout{PupilLayout, identityLayout} {
		seen := map[string]string{}
		for _, f := range l.Fields {
			for _, s := range append([]string{f.Heading}, f.Synonyms...) {
				key := headingKey(s)
				if other, taken := seen[key]; taken && other != f.Key {
					t.Errorf("%q is both %s and %s", s, other, f.Key)
				}
				seen[key] = f.Key
			}
		}
	}
}

// Whatever stands around them, the headings are found where they are, and no
// text makes the finder fail.
func FuzzFindHeader(f *testing.F) {
	f.Add("UBND XÃ", "STT\tLớp", 5)
	f.Add("Họ tên\tNgày sinh\tLớp", "1\tNguyễn Văn An\t05/04/2020", 29)
	f.Add("((((", "))))\t[", 1)
	f.Add("\xff\u0302\u0301", strings.Repeat("Ngày sinh ", 40), 12)
	known := []string{"Mã định danh", "Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc", "Lớp", "Khối", "SĐT", "Tên cha", "Tên mẹ", "Nơi sinh", "Chỗ ở"}
	f.Fuzz(func(t *testing.T, above, below string, at int) {
		at = 2 + (at%29+29)%29
		sheet := &Sheet{Rows: []Row{fuzzRow(1, above), fuzzRow(at, strings.Join(known, "\t")), fuzzRow(at+1, below)}}
		if at == 1 {
			return
		}
		header := PupilLayout.FindHeader(sheet)
		if header == nil {
			t.Fatal("headings not found")
		}
		own := PupilLayout.place(sheet.single(sheet.Rows[0]))
		if len(own.byField) < len(known) && header.Row != at && header.LastRow != at {
			t.Fatalf("headings found in row %d, they are in row %d", header.Row, at)
		}
		for _, c := range header.Columns {
			if c.Index < 0 || c.Letter == "" {
				t.Fatalf("column %+v", c)
			}
		}
	})
}

func fuzzRow(number int, line string) Row {
	row := Row{Number: number}
	for i, text := range strings.Split(line, "\t") {
		if i < MaxColumns {
			row.Cells = append(row.Cells, textCell(text))
		}
	}
	return row
}
