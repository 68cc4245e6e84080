package spreadsheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestRead_RefusesWhatIsNoXLSX(t *testing.T) {
	ole := "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600)
	good := sample(t, "ket-qua-mon-toan-4A.xlsx")
	for name, c := range map[string]struct {
		raw  []byte
		code string
	}{
		"empty":               {nil, CodeFileEmpty},
		"text":                {[]byte("STT;Họ tên\n1;An"), CodeFileNotXLSX},
		"web page as xls":     {[]byte("<html><table>"), CodeFileNotXLSX},
		"xls":                 {[]byte(ole), CodeFileOldFormat},
		"password":            {[]byte(ole + string(utf16Bytes("EncryptedPackage"))), CodeFileEncrypted},
		"renamed zip":         {makeZip(t, "anh.jpg", "xx", "ghi-chu.txt", "xx"), CodeFileNotXLSX},
		"word":                {makeZip(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<document/>"), CodeFileNotXLSX},
		"binary workbook":     {makeZip(t, "[Content_Types].xml", "<Types/>", "_rels/.rels", `<R><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.bin"/></R>`), CodeFileOldFormat},
		"open document":       {makeZip(t, "mimetype", "application/vnd.oasis", "content.xml", "<x/>"), CodeFileODS},
		"cut off":             {good[:len(good)/2], CodeFileCorrupt},
		"only the magic":      {[]byte("PK\x03\x04"), CodeFileCorrupt},
		"one part twice":      {makeZip(t, "[Content_Types].xml", "<T/>", "xl/workbook.xml", "<workbook/>", `XL\Workbook.xml`, "<workbook/>"), CodeFileCorrupt},
		"50 MB":               {bytes.Repeat([]byte("PK\x03\x04"), 50<<18), CodeFileTooLarge},
		"no sheet":            {makeZip(t, "[Content_Types].xml", "<T/>", "xl/workbook.xml", "<workbook/>"), CodeNoHeadings},
		"unfinished XML":      {rawBook(t, `<worksheet><sheetData><row r="1">`), CodeFileCorrupt},
		"document type":       {rawBook(t, `<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>`), CodeFileCorrupt},
		"entity":              {rawBook(t, `<worksheet><sheetData><row r="1"><c r="A1"><v>&a;</v></c></row></sheetData></worksheet>`), CodeFileCorrupt},
		"deep":                {rawBook(t, strings.Repeat("<a>", 5000)), CodeFileCorrupt},
		"bad address":         {rawBook(t, `<worksheet><row r="1"><c r="1A"><v>1</v></c></row></worksheet>`), CodeFileCorrupt},
		"no such text":        {rawBook(t, `<worksheet><row r="1"><c r="A1" t="s"><v>9</v></c></row></worksheet>`), CodeFileCorrupt},
		"row number too high": {rawBook(t, `<worksheet><row r="99999999"><c><v>1</v></c></row></worksheet>`), CodeFileCorrupt},
		"one row twice":       {rawBook(t, `<worksheet><row r="1"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row></worksheet>`), CodeFileCorrupt},
		"a cell too long":     {rawBook(t, `<worksheet><row r="1"><c t="str"><v>`+strings.Repeat("x", 5*MaxCellChars)+`</v></c></row></worksheet>`), CodeFileCorrupt},
		"too wide":            {rawBook(t, `<worksheet><row r="1"><c r="XFD1"><v>1</v></c></row></worksheet>`), CodeTooManyCols},
		"many attributes":     {rawBook(t, `<worksheet `+strings.Repeat(`a="" `, 1<<18)+`/>`), CodeFileCorrupt},
		"many texts":          {rawBook(t, `<worksheet/>`, "xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si/>", MaxCells+1)+"</sst>"), CodeFileInflates},
		"many styles":         {rawBook(t, `<worksheet/>`, "xl/styles.xml", "<s><cellXfs>"+strings.Repeat("<xf/>", maxStyles+2)+"</cellXfs></s>"), CodeFileCorrupt},
		"many relations":      {makeZip(t, "[Content_Types].xml", "<T/>", "_rels/.rels", "<R>"+manyRelations()+"</R>"), CodeFileCorrupt},
		"sheets":              {manySheets(t), CodeTooManySheets},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadPupils(bytes.NewReader(c.raw), PupilOptions{})
			wantCode(t, err, c.code)
		})
	}
}

func manyRelations() string {
	var b strings.Builder
	for i := range MaxParts + 1 {
		fmt.Fprintf(&b, `<Relationship Id="r%d" Target="x"/>`, i)
	}
	return b.String()
}

func manySheets(t *testing.T) []byte {
	return makeZip(t, "[Content_Types].xml", "<T/>", "xl/workbook.xml",
		`<workbook>`+strings.Repeat(`<sheet name="a" r:id="x"/>`, MaxSheets+1)+`</workbook>`)
}

func TestRead_RefusesPasswordOfExcelize(t *testing.T) {
	f := excelize.NewFile()
	var b bytes.Buffer
	if err := f.Write(&b, excelize.Options{Password: "123456"}); err != nil {
		t.Fatal(err)
	}
	_, err := Read(&b)
	wantCode(t, err, CodeFileEncrypted)
}

func TestRead_RefusesZipEncryption(t *testing.T) {
	raw := makeZip(t, "[Content_Types].xml", "<Types/>")
	at := bytes.Index(raw, []byte("PK\x01\x02"))
	raw[at+8] |= 1
	_, err := Read(bytes.NewReader(raw))
	wantCode(t, err, CodeFileEncrypted)
}

// A bomb whose directory says how large it gets, and one whose directory lies.
func TestRead_RefusesBombs(t *testing.T) {
	for code, declared := range map[string]uint64{CodeFileInflates: MaxInflatedBytes + 1, CodeFileCorrupt: 100} {
		var packed, file bytes.Buffer
		fw, err := flate.NewWriter(&packed, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(fw, "<workbook>")
		io.Copy(fw, io.LimitReader(zeros{}, 1<<20))
		fw.Close()
		zw := zip.NewWriter(&file)
		w, _ := zw.Create("[Content_Types].xml")
		io.WriteString(w, "<Types/>")
		w, err = zw.CreateRaw(&zip.FileHeader{
			Name: "xl/workbook.xml", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(nil),
			CompressedSize64: uint64(packed.Len()), UncompressedSize64: declared,
		})
		if err != nil {
			t.Fatal(err)
		}
		w.Write(packed.Bytes())
		zw.Close()
		_, err = Read(&file)
		wantCode(t, err, code)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestRead_CountsWhatIsReallyInflated(t *testing.T) {
	p := &parts{files: map[string]*zip.File{}, budget: 10}
	b := &boundedPart{ReadCloser: io.NopCloser(zeros{}), parts: p}
	n, err := io.ReadFull(b, make([]byte, 20))
	if n != 10 || err == nil {
		t.Fatalf("read %d bytes, error %v", n, err)
	}
	wantCode(t, readFault(errBudget), CodeFileInflates)
}

func TestRead_RefusesTooManyRows(t *testing.T) {
	var b strings.Builder
	b.WriteString("<worksheet>")
	for range MaxRows + 1 {
		b.WriteString("<row><c><v>1</v></c></row>")
	}
	b.WriteString("</worksheet>")
	_, err := Read(bytes.NewReader(rawBook(t, b.String())))
	wantCode(t, err, CodeTooManyRows)
}

// Styled but empty cells down to the last row are usual, and free.
func TestRead_IgnoresEmptyCellsAnywhere(t *testing.T) {
	s := readOne(t, rawBook(t, `<worksheet><row r="3"><c r="B3"><v>1</v></c><c r="XFD3" s="4"/></row><row r="1048576"><c r="A1048576" s="1"/></row></worksheet>`))
	if len(s.Rows) != 1 || s.Rows[0].Number != 3 || len(s.Rows[0].Cells) != 2 {
		t.Errorf("rows %+v", s.Rows)
	}
}

// 9 KB that make a library which fills rows up take 1.6 GB.
func TestRead_WideSparseRowsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("<worksheet>")
	for i := range MaxRows {
		fmt.Fprintf(&b, `<row r="%d"><c r="IV%d"><v>1</v></c></row>`, i+1, i+1)
	}
	b.WriteString("</worksheet>")
	raw := rawBook(t, b.String())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(bytes.NewReader(raw))
	wantCode(t, err, CodeTooManyRows)
	runtime.ReadMemStats(&after)
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 400 {
		t.Errorf("%d MB for %d KB", mb, len(raw)>>10)
	}
}

func TestRead_NeverPanicsOnDamage(t *testing.T) {
	good := sample(t, "ket-qua-mon-am-nhac-4A.xlsx")
	for i := 0; i < len(good); i += 41 {
		bad := bytes.Clone(good)
		bad[i] ^= 0x41
		ReadGrades(bytes.NewReader(bad), testVocabulary)
	}
	var size [4]byte
	binary.LittleEndian.PutUint32(size[:], 1<<31)
	for i := 0; i+4 < len(good); i += 401 {
		bad := bytes.Clone(good)
		copy(bad[i:], size[:])
		ReadGrades(bytes.NewReader(bad), testVocabulary)
	}
}
