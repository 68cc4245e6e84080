package handlers

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// hostile is a name that a program would run if it came as a formula.
const hostile = `=HYPERLINK("http://x","An")`

var formulaCell = regexp.MustCompile(`<f[ >/]`)

// TestSheets_AreSafeWatermarkedAndLogged walks over every route that answers
// with a spreadsheet, those to come included: nothing in it is a formula, its
// foot says who took it and when, and both logs keep the act. An empty table to
// fill in holds nobody's data and is not logged.
func TestSheets_AreSafeWatermarkedAndLogged(t *testing.T) {
	s := newSite(t)
	s.openWindow(school.YearEnd)
	s.db.Exec(`UPDATE school.pupil SET full_name = $1 WHERE school_id = $2`, hostile, s.School.ID)
	s.db.Exec(`UPDATE core.account SET full_name = $1 WHERE id = $2`, hostile, s.Minh.AccountID)
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, remark, account_id, updated_at)
		VALUES ('2025-2026', $1, 'cn', 'TOAN', $2, 'T', $3, $4, now())`, s.Roll[0].EnrolmentID, s.School.ID, "@SUM(A1)", s.Huong.AccountID)
	rest := map[string]string{ // previews with rows to take away
		"/:year/pupils/import/:batch/refused.xlsx": s.as(admin).uploaded(importPath, "a.xlsx",
			makeList(t, []any{"12", hostile, "01/02/2016", "Nam", "Kinh", "4B", "4", ""})),
		"/:year/import/:batch/refused.xlsx": s.as(huong).uploaded(resultsPath, "a.xlsx", makeTable(t,
			[]string{"STT", "Mã học sinh", "Họ và tên", "Toán"}, []any{1, "4999999999", hostile, "T"})),
		"/:year/staff/import/:batch/refused.xlsx": s.as(admin).uploaded(accountsPath, "a.xlsx", makeTable(t,
			[]string{"STT", "Họ và tên", "Mã giáo viên", "Vai trò"}, []any{1, hostile, "GV4800077", "Bảo vệ"})),
	}
	found, taken := 0, 0
	for _, route := range routes {
		if route.method != http.MethodGet || !strings.HasSuffix(route.path, ".xlsx") {
			continue
		}
		found++
		path := s.fill(route.path)
		if strings.Contains(path, "/gradebook/") {
			path += "?subject=TOAN"
		}
		if at, ok := rest[route.path]; ok {
			path = at + "/refused.xlsx"
		}
		who, role := s.holder(route)
		const audited = `SELECT count(*) FROM core.audit_event WHERE act LIKE '%export%'`
		before := s.count(audited)
		got := s.as(who).get(path).wantStatus(http.StatusOK)
		if got.header.Get("Content-Type") != xlsxType || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s as %s: %v", route.path, role, got.header)
		}
		wantSafeSheet(t, route.path, []byte(got.body), s.nameOf(who))
		want := 1
		if strings.HasSuffix(route.path, "template.xlsx") {
			want = 0
		}
		taken += want
		if n := s.count(audited) - before; n != want {
			t.Errorf("%s leaves %d lines in the audit trail, want %d", route.path, n, want)
		}
	}
	if found < 15 {
		t.Errorf("%d routes answer with a spreadsheet, the test lost some", found)
	}
	s.portal.Close() // writes the log of readings
	if n := s.count(`SELECT count(*) FROM core.view_log WHERE what LIKE '%export%'`); n != taken {
		t.Errorf("%d lines in the log of readings, want %d", n, taken)
	}
}

// holder is somebody who may open a route: of the roles that may, the one who
// has something to take away.
func (s *site) holder(r route) (username string, role workflow.Role) {
	for _, role := range []workflow.Role{workflow.Teacher, workflow.SchoolAdmin, workflow.Principal, workflow.Authority} {
		if workflow.Can(role, r.need) {
			return roleNames[role], role
		}
	}
	s.t.Fatalf("nobody may open %s", r.path)
	return "", ""
}

func (s *site) nameOf(username string) string {
	s.t.Helper()
	var name string
	if err := s.db.Owner().QueryRow(`SELECT full_name FROM core.account WHERE username = $1`, username).Scan(&name); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// wantSafeSheet looks into the parts of a spreadsheet and reads it.
func wantSafeSheet(t *testing.T, what string, raw []byte, who string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, part := range archive.File {
		content, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Name, "xl/worksheets/") && formulaCell.Match(text) || strings.Contains(part.Name, "externalLink") || strings.Contains(part.Name, "vbaProject") {
			t.Errorf("%s: %s holds a formula or a link", what, part.Name)
		}
	}
	book, err := spreadsheet.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	rows := book.Sheets[0].Rows
	foot := ""
	for _, c := range rows[len(rows)-1].Cells {
		foot += c.Text
	}
	if !strings.Contains(foot, who) || !strings.Contains(foot, dbtest.Start.Format("02/01/2006")) {
		t.Errorf("%s: the foot says %q, want %s and the day", what, foot, who)
	}
	for _, row := range rows {
		for i, c := range row.Cells {
			if c.Kind == spreadsheet.Formula || c.Kind == spreadsheet.Failure {
				t.Errorf("%s: cell %s%s is a formula", what, spreadsheet.ColumnLetter(i), strconv.Itoa(row.Number))
			}
		}
	}
}
