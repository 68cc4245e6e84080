package spreadsheet

import (
	"bytes"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hocba/internal/school"
)

func TestRead_CellsAsPeopleSeeThem(t *testing.T) {
	day := time.Date(2020, 4, 5, 0, 0, 0, 0, time.UTC)
	s := readOne(t, makeBook(t, cells{
		"A1": "  Nguye\u0302\u0303n   Va\u0306n An ", "B1": 4976815385, "C1": 48220907643.0, "D1": 8.5, "E1": day,
		"F1": formula("1+1"), "G1": true, "H1": "=1+1", "I1": "", "J1": "048220907643", "K1": 44015,
	}))
	row := s.Rows[0]
	for i, want := range []Cell{
		{Kind: Text, Text: "Nguyễn Văn An"}, {Kind: Number, Text: "4976815385"}, {Kind: Number, Text: "48220907643"},
		{Kind: Number, Text: "8.5"}, {Kind: Day, Text: "05/04/2020", Date: school.Date{Year: 2020, Month: 4, Day: 5}},
		{Kind: Formula}, {Kind: Number, Text: "1"}, {Kind: Text, Text: "=1+1"}, {}, {Kind: Text, Text: "048220907643"},
		{Kind: Number, Text: "44015", Date: school.Date{Year: 2020, Month: 7, Day: 3}},
	} {
		if got := row.Cell(i); got != want {
			t.Errorf("column %s is %+v, want %+v", ColumnLetter(i), got, want)
		}
	}
}

func TestRead_DropsTheCachedValueOfAFormula(t *testing.T) {
	s := readOne(t, rawBook(t, `<worksheet><row r="1"><c r="A1" t="str"><f>HYPERLINK("http://x")</f><v>Nguyễn Văn An</v></c>`+
		`<c r="B1"><f t="shared" si="0"/><v>7</v></c><c t="e"><v>#N/A</v></c></row></worksheet>`))
	for col, want := range []Cell{{Kind: Formula}, {Kind: Formula}, {Kind: Failure, Text: "#N/A"}} {
		if got := s.Rows[0].Cell(col); got != want {
			t.Errorf("column %d is %+v, want %+v", col, got, want)
		}
	}
}

func TestRead_TextsOfEveryKind(t *testing.T) {
	raw := rawBook(t, `<worksheet><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><r><t>Lê </t></r><r><t>Anh</t></r></is></c>`+
		`<c t="d"><v>2020-04-05T00:00:00</v></c><c><v>4.976815385E9</v></c><c><v>abc</v></c></row></worksheet>`,
		"xl/sharedStrings.xml", `<sst><si><r><t>Trần </t></r><r><t>Tài</t></r><rPh sb="0"><t>nhiễu</t></rPh></si><si><t>a_x000D__x0041__xZZZZ_</t></si></sst>`)
	s := readOne(t, raw)
	for col, want := range []string{"Trần Tài", "a\nA_xZZZZ_", "Lê Anh", "05/04/2020", "4976815385", "abc"} {
		if got := s.Rows[0].Cell(col).Text; got != want {
			t.Errorf("column %d is %q, want %q", col, got, want)
		}
	}
}

func TestRead_DateFormats(t *testing.T) {
	for code, want := range map[string]bool{
		"dd/mm/yyyy": true, "dd/mm/yyyy;@": true, "[$-42A]dd mmmm yyyy": true, "d-mmm": true, "mmm yy": true, "m/d/yy h:mm": true,
		"yyyy-mm-dd hh:mm:ss.000": true, `"ngày" dd "tháng" mm`: true,
		"0": false, "General": false, "@": false, "0.00": false, `#,##0 "đ"`: false, "[Red]0": false, "h:mm:ss": false, "mm:ss": false,
		`0 \d`: false, "000000000000": false, "[h]:mm": false, `"unfinished`: false,
	} {
		if got := dateFormat(code); got != want {
			t.Errorf("dateFormat(%q) = %v", code, got)
		}
	}
	f := excelize.NewFile()
	f.SetCellValue("Sheet1", "A1", 43926)
	custom := "dd.mm.yyyy"
	style, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &custom})
	f.SetCellStyle("Sheet1", "A1", "A1", style)
	var b bytes.Buffer
	f.Write(&b)
	if c := readOne(t, b.Bytes()).Rows[0].Cell(0); c.Kind != Day || c.Text != "05/04/2020" {
		t.Errorf("cell %+v", c)
	}
}

func TestRead_Dates1904(t *testing.T) {
	if d := serialDate(42464, true); d.String() != "2020-04-05" {
		t.Errorf("1904: %s", d)
	}
	if d := serialDate(43926.75, false); d.String() != "2020-04-05" {
		t.Errorf("1900: %s", d)
	}
	for _, f := range []float64{0, 60, -1, 1e9} {
		if d := serialDate(f, false); !d.IsZero() {
			t.Errorf("serial %v is %s", f, d)
		}
	}
}

func TestRead_LeavesHiddenSheetsOut(t *testing.T) {
	f := excelize.NewFile()
	f.NewSheet("ẩn")
	f.SetCellValue("ẩn", "A1", "x")
	f.SetSheetVisible("ẩn", false)
	var b bytes.Buffer
	f.Write(&b)
	if s := readOne(t, b.Bytes()); s.Name != "Sheet1" {
		t.Errorf("sheet %s", s.Name)
	}
}

func TestColumnLetter_AgreesWithParseRef(t *testing.T) {
	for i := range 1 << 14 {
		if col, row, ok := parseRef(ColumnLetter(i) + "7"); col != i || row != 7 || !ok {
			t.Fatalf("%d → %s → %d", i, ColumnLetter(i), col)
		}
	}
	for _, bad := range []string{"", "A", "7", "A0", "AAAA1", "XFE1", "A-1", "A1B", "A99999999"} {
		if _, _, ok := parseRef(bad); ok {
			t.Errorf("%q is an address", bad)
		}
	}
}

func TestRead_OtherEncodings(t *testing.T) {
	s := readOne(t, rawBook(t, `<?xml version="1.0" encoding="windows-1258"?><worksheet><row r="1"><c t="str"><v>Nguy`+"\xEA\xDE"+`n An</v></c></row></worksheet>`))
	if got := s.Rows[0].Cell(0).Text; got != "Nguyễn An" {
		t.Errorf("%q", got)
	}
}
