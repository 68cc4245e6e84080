package handlers

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"hocba/db"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// recount counts everything that is marked, however busy the portal's own
// counter is with it.
func (s *site) recount() {
	s.t.Helper()
	for range 50 {
		if _, err := s.db.RecountClasses(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		var left int
		if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.class_dirty`).Scan(&left); err != nil {
			s.t.Fatal(err)
		}
		if left == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatal("the marks do not go away")
}

// row returns the words of the table row whose head holds the name.
func (a answer) row(name string) string {
	a.t.Helper()
	r := find(a.parse(), func(n *html.Node) bool {
		if n.Data != "tr" {
			return false
		}
		th := find(n, func(m *html.Node) bool { return m.Data == "th" && attr(m, "scope") == "row" })
		return th != nil && strings.Contains(textOf(th), name)
	})
	if r == nil {
		a.t.Fatalf("no row %q: %s", name, a.text())
	}
	return textOf(r)
}

func TestSchoolProgress_ShowsTheFunnelAndEachClass(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Sign(t)
	s.recount()
	page := s.as(principal).get("/2025-2026/school").wantStatus(http.StatusOK)
	page.wantText("Tiến độ học bạ cuối năm", "0 trong 8 học bạ đã được nhận.", "Chỗ hẹp nhất: 8 em chờ hiệu trưởng duyệt.", "tính đến", "Tải .xlsx")
	if got := page.row("Lớp 4A"); !strings.Contains(got, "8 em chờ hiệu trưởng duyệt Gỡ: Hiệu trưởng") {
		t.Errorf("the class's row: %s", got)
	}
	s.db.Clock.Set(time.Date(2026, time.June, 25, 9, 0, 0, 0, school.Zone))
	s.as(admin).get("/2025-2026/school").wantText("Khó kịp hạn 30/6", "1 lớp khó kịp hạn, còn 4 ngày.", "Còn 4")
	s.as(principal).get("/2026-2027/school").wantStatus(http.StatusOK).wantText("Chưa có lớp nào trong năm học này")
}

func TestSchoolProgress_CountsPaperClassesApart(t *testing.T) {
	s := newSite(t)
	s.db.Exec(`UPDATE school.class SET book_kind = 'paper', paper_reason = 'x', paper_decision = '12/QĐ', paper_until = '2027-06-30' WHERE id = $1`, s.Class.ID)
	s.recount()
	page := s.as(principal).get("/2025-2026/school").wantStatus(http.StatusOK)
	page.wantText("Học bạ giấy: 1 lớp, 8 học sinh", "không tính là trễ")
	if got := page.row("Lớp 4A"); !strings.Contains(got, "Học bạ giấy") {
		t.Errorf("the class's row: %s", got)
	}
}

func TestAreaProgress_DrillsDownFromSchoolsToClasses(t *testing.T) {
	s := newSite(t)
	jobstest.New(t, s.db, s.Cast).Issue(t)
	s.recount()
	s.foreignSchool("48001TH09", "Trường Tiểu học Ánh Dương", 952, 805)
	s.db.Exec(`INSERT INTO registry.class_progress VALUES ($1, '2025-2026', '4A', '4A', 3, 1, 0)`, s.School.Code)
	b := s.as(authority)
	page := b.get("/2025-2026/area").wantStatus(http.StatusOK)
	page.wantText("Theo trường", "3 trong 16 học bạ đã được nhận", "TH Ánh Dương dùng phần mềm khác: chỉ có số từ khi nộp.")
	if got := page.row("Hoa Phượng"); !strings.Contains(got, "Phường Hải Sơn 8 8 100") || !strings.Contains(got, "3 38") {
		t.Errorf("Hoa Phượng: %s", got)
	}
	if got := page.row("Ánh Dương"); !strings.HasSuffix(got, "– – chưa có số – chưa có số – chưa có số – chưa có số 952 805") {
		t.Errorf("Ánh Dương: %s", got)
	}
	unit := fmt.Sprintf("/2025-2026/area/%d", s.School.ID)
	b.get(unit).wantStatus(http.StatusOK).wantText("Lớp 4A", "Trường Tiểu học Hoa Phượng", "Theo lớp")
	b.get(fmt.Sprintf("/2025-2026/area/%d", s.Commune.ID)).wantStatus(http.StatusOK).wantText("Toàn địa bàn")
	// The clerk may not look above the commune, and sees the same schools.
	c := s.as(clerk)
	c.get(fmt.Sprintf("/2025-2026/area/%d", s.Department.ID)).wantStatus(http.StatusNotFound)
	c.get("/2025-2026/area").wantStatus(http.StatusOK).wantText("Hoa Phượng", "Suối Mơ")
	b.get("/2025-2026/area/999999").wantStatus(http.StatusNotFound)
}

// foreignSchool is a school of the commune that sends from other software.
func (s *site) foreignSchool(code, name string, accepted, locked int) {
	s.t.Helper()
	err := s.db.As(s.t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		_, err := tx.CreateUnit(s.t.Context(), school.Unit{Code: code, Name: name, Kind: school.School, Levels: "TH",
			ParentID: &s.Commune.ID, ValidFrom: school.Date{Year: 2025, Month: 7, Day: 1}})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.db.Exec(`INSERT INTO registry.class_progress VALUES ($1, '2025-2026', '5B', '5B', $2, $3, 0)`, code, accepted, locked)
}

func TestAreaProgress_AnotherCommuneSeesNothingOfIt(t *testing.T) {
	s := newSite(t)
	jobstest.New(t, s.db, s.Cast)
	s.recount()
	err := s.db.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		from := school.Date{Year: 2025, Month: 7, Day: 1}
		id, err := tx.CreateUnit(t.Context(), school.Unit{Code: "48002", Name: "Xã Núi Voi", Kind: school.Commune,
			ParentID: &s.Department.ID, ValidFrom: from})
		if err != nil {
			return err
		}
		return tx.GrantRole(t.Context(), s.OtherTeacher.AccountID, id, workflow.MiddleAuthority, from)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.db.Exec(`UPDATE core.account_role SET valid_to = '2026-01-01' WHERE account_id = $1 AND role = 'teacher'`, s.OtherTeacher.AccountID)
	b := s.as(otherTeacher)
	page := b.get("/2025-2026/area").wantStatus(http.StatusOK).wantText("Chưa có trường nào trong phạm vi")
	for _, name := range []string{"Hoa Phượng", "Suối Mơ"} {
		if strings.Contains(page.body, name) {
			t.Errorf("the other commune sees %s", name)
		}
	}
	for _, u := range []school.Unit{s.School, s.Commune, s.Department} {
		b.get(fmt.Sprintf("/2025-2026/area/%d", u.ID)).wantStatus(http.StatusNotFound)
		b.get(fmt.Sprintf("/2025-2026/area/%d/export.xlsx", u.ID)).wantStatus(http.StatusNotFound)
	}
}

func TestProgress_ExportsWhatItShowsAndSaysWhoTookIt(t *testing.T) {
	s := newSite(t)
	jobstest.New(t, s.db, s.Cast).Sign(t)
	s.recount()
	for who, path := range map[string]string{principal: "/2025-2026/school/export.xlsx", authority: "/2025-2026/area/export.xlsx",
		clerk: fmt.Sprintf("/2025-2026/area/%d/export.xlsx", s.School.ID)} {
		got := s.as(who).get(path).wantStatus(http.StatusOK)
		f, err := excelize.OpenReader(bytes.NewReader([]byte(got.body)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		rows, err := f.GetRows(f.GetSheetName(0))
		all := fmt.Sprint(rows)
		if err != nil || !strings.Contains(all, "Nhập đủ") || !strings.Contains(all, "8 em chờ hiệu trưởng duyệt") || !strings.Contains(all, "Xuất từ") {
			t.Errorf("%s: %v %v", path, all, err)
		}
	}
	s.portal.views.Close()
	var logged int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.view_log WHERE what = 'progress_export'`).Scan(&logged); err != nil || logged != 3 {
		t.Errorf("%d exports logged: %v", logged, err)
	}
}
