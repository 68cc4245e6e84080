package main

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// withSchool is a data folder in which the school 48001TH01 exists.
func withSchool(t *testing.T) string {
	t.Helper()
	dir := dataFolder(t)
	at := place{data: &dir, database: new(string)}
	s, err := openStore(t.Context(), at, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	d, err := s.open(t.Context(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		from := school.Date{Year: 2025, Month: 7, Day: 1}
		so, err := tx.CreateUnit(t.Context(), school.Unit{Code: "48", Name: "Sở", Kind: school.Department, ValidFrom: from})
		if err != nil {
			return err
		}
		_, err = tx.CreateUnit(t.Context(), school.Unit{Code: "48001TH01", Name: "Trường Tiểu học Hoa Phượng", Kind: school.School,
			Levels: "TH", ParentID: &so, ValidFrom: from})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImportPupils_PreviewsThenWrites(t *testing.T) {
	t.Parallel()
	dir := withSchool(t)
	const good, bad = "../../internal/spreadsheet/testdata/danh-sach-hoc-sinh.xlsx", "../../internal/spreadsheet/testdata/danh-sach-co-loi.xlsx"
	run := func(args ...string) (int, string, string) {
		return try(t, nil, append([]string{"import", "pupils", "--data", dir, "--school", "48001TH01", "--year", "2026-2027"}, args...)...)
	}
	status, out, said := run(good)
	if status != exitOK || !strings.Contains(out, "Ghi được 324 · cần chọn 0 · từ chối 0") || !strings.Contains(out, "Lớp sẽ tạo: 4A (khối 4), 33 em") ||
		!strings.Contains(out, "Chưa ghi gì") {
		t.Fatalf("preview: status %d\n%s\n%s", status, out, said)
	}
	if status, out, said = run("--write", good); status != exitOK || !strings.Contains(out, "324 em mới") {
		t.Fatalf("write: status %d\n%s\n%s", status, out, said)
	}
	if status, out, said = run("--write", good); status != exitOK || !strings.Contains(out, "324 em giữ nguyên") {
		t.Fatalf("write again: status %d\n%s\n%s", status, out, said)
	}
	status, out, said = run("--json", bad)
	var answer importAnswer
	if err := json.Unmarshal([]byte(out), &answer); err != nil || status != exitFailed || answer.Red == 0 || answer.Written {
		t.Fatalf("faults: status %d, %v\n%s\n%s", status, err, out, said)
	}
	cells := map[string]bool{}
	for _, row := range answer.Rows {
		for _, c := range row.Cells {
			cells[c] = true
		}
	}
	for _, cell := range []string{"B29", "F30", "C31", "T32", "C33", "D42"} {
		if !cells[cell] {
			t.Errorf("the report does not name %s", cell)
		}
	}
	if !strings.Contains(said, "dòng không ghi được") {
		t.Errorf("said %q", said)
	}
}

func TestImportPupils_RefusesWhatItCannotKnow(t *testing.T) {
	t.Parallel()
	dir := withSchool(t)
	const file = "../../internal/spreadsheet/testdata/danh-sach-hoc-sinh.xlsx"
	for want, args := range map[string][]string{
		"Không có đơn vị này":        {"--school", "48001TH99", "--year", "2026-2027", file},
		"không nhận giá trị “2026”":  {"--school", "48001TH01", "--year", "2026", file},
		"Không đọc được tệp":         {"--school", "48001TH01", "--year", "2026-2027", "khong-co.xlsx"},
		"không phải bảng tính .xlsx": {"--school", "48001TH01", "--year", "2026-2027", "main.go"},
		"Ngày vào lớp phải từ":       {"--school", "48001TH01", "--year", "2026-2027", "--from", "5/9/2031", file},
		"Cách dùng: hocba import":    {"--school", "48001TH01", "--year", "2026-2027", file, file},
	} {
		status, _, said := try(t, nil, append([]string{"import", "pupils", "--data", dir}, args...)...)
		if status == exitOK || !strings.Contains(said, want) {
			t.Errorf("%v: status %d, said %q, want %q", args, status, said, want)
		}
	}
}
