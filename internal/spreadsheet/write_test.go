package spreadsheet

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hocba/internal/school"
)

func sampleExport() Export {
	return Export{
		Sheet: "Lớp 4A: [dòng] vướng / từ chối, tên dài quá", Title: []string{"Danh sách", "Lớp 4A"},
		Headings: []string{"Mã", "Họ và tên", "Ngày sinh", "Điểm", "Tỉ lệ"},
		Rows: [][]any{
			{"0123456789", `=HYPERLINK("http://x","bấm")`, school.Date{Year: 2017, Month: 11, Day: 4}, 9, 0.5},
			{"0123456780", "+84\x00 905\x0b", school.Date{}, nil, int64(3)},
			{"-1", "@SUM(A1)", nil},
		},
		Footer: "Kết xuất bởi Nguyễn Thị Mai & Hương lúc 10:32 05/06/2026",
	}
}

func TestWrite_TextNeverBecomesAFormula(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sampleExport()); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	zr, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range zr.File {
		rc, _ := f.Open()
		content, _ := io.ReadAll(rc)
		if strings.HasPrefix(f.Name, "xl/worksheets/") && bytes.Contains(content, []byte("<f>")) {
			t.Errorf("%s holds a formula", f.Name)
		}
	}
	s := readOne(t, raw)
	rows := map[int]Row{}
	for _, r := range s.Rows {
		rows[r.Number] = r
	}
	if got := rows[5]; got.Cell(0) != (Cell{Kind: Text, Text: "0123456789"}) || got.Cell(1).Text != `=HYPERLINK("http://x","bấm")` ||
		got.Cell(2).Kind != Day || got.Cell(2).Text != "04/11/2017" || got.Cell(3).Text != "9" || got.Cell(4).Text != "0.5" {
		t.Errorf("row 5 %+v", got)
	}
	if got := rows[6]; got.Cell(1).Text != "+84 905" || got.Cell(2).Kind != Empty || got.Cell(4).Kind != Number {
		t.Errorf("row 6 %+v", got)
	}
	if rows[1].Cell(0).Text != "Danh sách" || rows[4].Cell(1).Text != "Họ và tên" || !strings.Contains(rows[9].Cell(0).Text, "Mai & Hương") {
		t.Errorf("rows %+v", s.Rows)
	}
}

func TestWrite_LooksAsPromised(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sampleExport()); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetName(0)
	if len([]rune(sheet)) > 31 || strings.ContainsAny(sheet, `:\/?*[]`) {
		t.Errorf("sheet name %q", sheet)
	}
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 4 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	for _, at := range []string{"A5", "B5", "B7"} { // the text format keeps an edited cell a text
		id, _ := f.GetCellStyle(sheet, at)
		style, err := f.GetStyle(id)
		if err != nil || style.CustomNumFmt == nil && style.NumFmt != 49 || style.CustomNumFmt != nil && *style.CustomNumFmt != "@" {
			t.Errorf("style of %s: %+v, %v", at, style, err)
		}
	}
	hf, err := f.GetHeaderFooter(sheet)
	if err != nil || !strings.Contains(hf.OddFooter, "Mai && Hương") {
		t.Errorf("footer %+v, %v", hf, err)
	}
}

func TestWrite_Refuses(t *testing.T) {
	e := sampleExport()
	e.Footer = " "
	if err := Write(io.Discard, e); err == nil {
		t.Error("an export without watermark was written")
	}
	e = sampleExport()
	e.Rows = append(e.Rows, []any{struct{}{}})
	if err := Write(io.Discard, e); err == nil {
		t.Error("an unknown type was written")
	}
	e.Rows = [][]any{{1, 2, 3, 4, 5, 6}}
	if err := Write(io.Discard, e); err == nil {
		t.Error("a row wider than the headings was written")
	}
	e.Rows = make([][]any, MaxExportRows+1)
	wantCode(t, Write(io.Discard, e), CodeExportTooLong)
}

func TestWrite_ReadsBackAsAList(t *testing.T) {
	s := readPupils(t, sample(t, "danh-sach-co-loi.xlsx"), PupilOptions{})
	e := Export{Sheet: "Dòng vướng", Footer: "x"}
	for _, c := range s.Header.Columns {
		e.Headings = append(e.Headings, c.Heading)
	}
	for _, row := range s.Rows {
		if row.Refused() {
			values := make([]any, len(row.Raw))
			for i, v := range row.Raw {
				values[i] = v
			}
			e.Rows = append(e.Rows, values)
		}
	}
	var b bytes.Buffer
	if err := Write(&b, e); err != nil {
		t.Fatal(err)
	}
	again := readPupils(t, b.Bytes(), PupilOptions{Year: s.Year})
	if len(again.Rows) != 24 {
		t.Errorf("%d rows came back, want 24", len(again.Rows))
	}
	for _, row := range again.Rows {
		if !row.Refused() && row.Code != "4915753307" { // its double is not in this file
			t.Errorf("row %d is no longer refused", row.Row)
		}
	}
}

func TestDateSerial_IsTheInverse(t *testing.T) {
	d := school.Date{Year: 1900, Month: 3, Day: 1}
	for range 80000 {
		if got := serialDate(float64(dateSerial(d)), false); got != d {
			t.Fatalf("%s comes back as %s", d, got)
		}
		d = d.AddDays(1)
	}
}

func BenchmarkWrite1000(b *testing.B) {
	e := sampleExport()
	row := e.Rows[0]
	for len(e.Rows) < 1000 {
		e.Rows = append(e.Rows, row)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, e); err != nil {
			b.Fatal(err)
		}
	}
}
