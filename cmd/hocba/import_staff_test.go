package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hocba/db"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// kept writes a file into a folder of the test and returns its name.
func kept(t *testing.T, name string, raw []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func listOf(t *testing.T, headings []string, rows ...[]any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := spreadsheet.Write(&b, spreadsheet.Export{Headings: headings, Rows: rows, Footer: "kiểm thử"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestImportStaff_AccountsThenAssignments(t *testing.T) {
	t.Parallel()
	dir := withSchool(t)
	year := withTeacher(t, dir)
	inSchool(t, dir, func(tx *db.Tx) error {
		id, err := tx.CreateAccount(t.Context(), db.NewAccount{Username: "quantri", FullName: "Võ Quản Trị", PasswordHash: "x"})
		if err != nil {
			return err
		}
		return tx.GrantRole(t.Context(), id, tx.Actor.SchoolID, workflow.SchoolAdmin, school.DateOf(tx.Now))
	})
	run := func(what string, args ...string) (staffAnswer, int, string) {
		t.Helper()
		status, out, said := try(t, nil, append([]string{"import", what, "--data", dir, "--school", "48001TH01", "--year", string(year),
			"--as", "quantri", "--json"}, args...)...)
		var answer staffAnswer
		if err := json.Unmarshal([]byte(out), &answer); err != nil && status == exitOK {
			t.Fatalf("%v\n%s\n%s", err, out, said)
		}
		return answer, status, out + said
	}
	accounts := kept(t, "can-bo.xlsx", listOf(t, []string{"STT", "Họ tên", "Mã GV", "Chức vụ"},
		[]any{1, "Đoàn Nhật Minh", "GV4800002", "Giáo viên"}, []any{2, "Nguyễn Thị Lan", "GV4800001", "Giáo viên"}))
	if got, status, out := run("accounts", accounts); status != exitOK || got.Green != 2 || got.Written || got.Made != 0 {
		t.Fatalf("preview: status %d %s", status, out)
	}
	got, status, out := run("accounts", "--write", accounts)
	if status != exitOK || got.Made != 1 || got.Kept != 1 || got.Import == 0 || strings.Join(got.Fresh, " ") != "minhdn" {
		t.Fatalf("write: status %d %s", status, out)
	}
	if strings.Contains(out, "password") {
		t.Errorf("the report speaks of passwords: %s", out)
	}
	duties := kept(t, "phan-cong.xlsx", listOf(t, []string{"STT", "Lớp", "Môn", "Giáo viên"},
		[]any{1, "4A", "Âm nhạc, Mĩ thuật", "Đoàn Nhật Minh"}, []any{2, "4A", "Toán", "Nguyễn Thị Lan"}, []any{3, "4A", "Toán", "Người Khác"}))
	got, status, out = run("assignments", "--write", duties)
	if status != exitFailed || got.Made != 2 || got.Kept != 1 || got.Red != 1 || got.Rows[0].Codes[0] != "staff.nobody" {
		t.Fatalf("assignments: status %d %s", status, out)
	}
	if got, _, out := run("assignments", "--write", duties); got.Made != 0 || got.Kept != 2 {
		t.Errorf("assignments again: %s", out)
	}
	if _, status, out := run("accounts", "--as", "lan", accounts); status == exitOK || !strings.Contains(out, "Không có tài khoản này") {
		t.Errorf("a teacher imports accounts: %s", out)
	}
}

// What strangers may send is refused with a sentence, quickly, and nothing of
// it is written.
func TestImport_RefusesHostileFiles(t *testing.T) {
	t.Parallel()
	dir := withSchool(t)
	year := withTeacher(t, dir)
	book := func(sheet string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, part := range [][2]string{{"[Content_Types].xml", "<Types/>"},
			{"_rels/.rels", `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
			{"xl/workbook.xml", `<workbook xmlns:r="u"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`},
			{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
			{"xl/worksheets/sheet1.xml", sheet}} {
			w, err := z.Create(part[0])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(part[1])); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	headings := []string{"STT", "Mã học sinh", "Họ và tên", "Mức đạt được", "Điểm KTĐK"}
	many := [][]any{}
	for i := range 10000 {
		many = append(many, []any{i + 1, fmt.Sprintf("48%08d", i), "Người Lạ", "T", 9})
	}
	whole := listOf(t, headings, []any{1, "4900000001", "Trần Bảo An", "T", 9})
	cell := func(at, content string) string {
		return `<c r="` + at + `" t="inlineStr"><is><t>` + content + `</t></is></c>`
	}
	formula := `<worksheet><sheetData><row r="1">` + cell("A1", "STT") + cell("B1", "Mã học sinh") + cell("C1", "Họ và tên") + cell("D1", "Toán") +
		`</row><row r="2"><c r="A2"><v>1</v></c>` + cell("B2", "4900000001") + cell("C2", "Trần Bảo An") +
		`<c r="D2"><f>HYPERLINK("http://x","T")</f><v>T</v></c></row></sheetData></worksheet>`
	for name, test := range map[string]struct {
		raw  []byte
		want string
	}{
		"bomb":      {book(`<worksheet><sheetData>` + strings.Repeat(" ", 65<<20) + `</sheetData></worksheet>`), "64 MB"},
		"entity":    {book(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>`), "Tệp hỏng"},
		"type":      {[]byte("%PDF-1.7 không phải bảng tính"), "không phải bảng tính .xlsx"},
		"truncated": {whole[:len(whole)/2], "Tệp hỏng"},
		"empty":     {nil, "Tệp rỗng"},
		"formula":   {book(formula), "công thức"},
		"10,000":    {listOf(t, headings, many...), "10000 dòng không ghi được"},
	} {
		file := kept(t, "tep.xlsx", test.raw)
		for _, what := range []string{"results", "pupils", "accounts", "assignments"} {
			if what != "results" && (name == "formula" || name == "10,000") {
				continue // a table of results, for its teacher
			}
			args := []string{"import", what, "--data", dir, "--school", "48001TH01", "--year", string(year), "--write", file}
			if what != "pupils" {
				args = append(args, "--as", "lan")
			}
			if what == "results" {
				args = append(args, "--period", "cn", "--subject", "TOAN", "--class", "4A")
			}
			status, out, said := try(t, nil, args...)
			if status == exitOK || !strings.Contains(strings.ReplaceAll(out+said, ".000", "000"), test.want) {
				t.Errorf("%s as %s: status %d, said %.300q, want %q", name, what, status, out+said, test.want)
			}
		}
	}
	inSchool(t, dir, func(tx *db.Tx) error {
		var n int
		if err := tx.GetContext(t.Context(), &n, `SELECT count(*) FROM school.entry`); err != nil || n != 0 {
			t.Errorf("%d cells were written: %v", n, err)
		}
		return nil
	})
}
