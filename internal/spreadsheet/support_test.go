package spreadsheet

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hocba/internal/fault"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// cells is a sheet for a test: address → value.
type cells map[string]any

// formula makes a cell hold a formula.
type formula string

// makeBook writes an .xlsx with excelize, so that the reader is tested against
// a writer that is not its own.
func makeBook(t testing.TB, sheets ...cells) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	names := []string{"Sheet1", "Trang 2", "Trang 3", "Trang 4"}
	for i, sheet := range sheets {
		if i > 0 {
			if _, err := f.NewSheet(names[i]); err != nil {
				t.Fatal(err)
			}
		}
		for at, v := range sheet {
			var err error
			if text, ok := v.(formula); ok {
				err = f.SetCellFormula(names[i], at, string(text))
			} else {
				err = f.SetCellValue(names[i], at, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// makeZip writes a zip of the given parts, in pairs of name and content.
func makeZip(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := zw.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rawBook is the smallest .xlsx around the XML of one sheet.
func rawBook(t testing.TB, sheetXML string, more ...string) []byte {
	t.Helper()
	return makeZip(t, append([]string{
		"[Content_Types].xml", `<Types/>`,
		"_rels/.rels", `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", `<workbook xmlns:r="u"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/>` +
			`<Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", sheetXML,
	}, more...)...)
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code || fault.KindOf(err) != fault.Invalid {
		t.Fatalf("error %v, want invalid %s", err, code)
	}
}

func readOne(t *testing.T, raw []byte) *Sheet {
	t.Helper()
	book, err := Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(book.Sheets) != 1 {
		t.Fatalf("%d sheets, want 1", len(book.Sheets))
	}
	return book.Sheets[0]
}

// pupilCells is a list of one good pupil per row, from row 2 on; set changes
// single cells.
func pupilCells(rows int, set cells) cells {
	sheet := cells{}
	for i, h := range []string{"STT", "Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính", "Dân tộc", "Trạng thái",
		"SĐT liên hệ", "Tên cha", "Năm sinh cha", "Lớp học", "Khối học", "Số định danh cá nhân"} {
		sheet[ColumnLetter(i)+"1"] = h
	}
	names := []string{"Nguyễn Văn An", "Trần Thị Bình", "Alăng Dũng"}
	for i := range rows {
		row := i + 2
		values := []any{i + 1, fixed("49", i, 8), names[i%3], "05/04/2020", "Nam", "Kinh", "Đang học", "0905123456",
			"Nguyễn Văn Cha", 1988, "1A", 1, fixed("048220", i, 6)}
		if i%3 == 1 {
			values[4], values[12] = "Nữ", fixed("048320", i, 6)
		}
		for c, v := range values {
			sheet[cellName(c+1, row)] = v
		}
	}
	for at, v := range set {
		sheet[at] = v
		if v == nil {
			delete(sheet, at)
		}
	}
	return sheet
}

func fixed(prefix string, n, digits int) string {
	s := ""
	for range digits {
		s = string(rune('0'+n%10)) + s
		n /= 10
	}
	return prefix + s
}

func readPupils(t testing.TB, raw []byte, options PupilOptions) *PupilSheet {
	t.Helper()
	sheet, err := ReadPupils(bytes.NewReader(raw), options)
	if err != nil {
		t.Fatal(err)
	}
	return sheet
}

// codesOf lists "address severity code" of all rows.
func codesOf(rows []PupilRow) []string {
	var all []string
	for _, row := range rows {
		for _, i := range row.Issues {
			at := i.Cell()
			if at == "" {
				at = i.Args["row"]
			}
			all = append(all, at+" "+string(i.Severity)+" "+i.Code)
		}
	}
	return all
}

func faultArgs(err error) map[string]string {
	if f := fault.As(err); f != nil {
		return f.Args
	}
	return nil
}

// makeMerged writes a sheet with merged ranges.
func makeMerged(t testing.TB, sheet cells, ranges ...string) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(makeBook(t, sheet)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, r := range ranges {
		from, to, _ := strings.Cut(r, ":")
		if err := f.MergeCell("Sheet1", from, to); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
