package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hocba/internal/school"
)

// TestClass_ForPupilsWithDisabilities through the pages: the administrator says
// so, and from then on Toán and Tiếng Việt alone have a test.
func TestClass_ForPupilsWithDisabilities(t *testing.T) {
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	boss, home := s.as(admin), s.as(huong)
	path := s.classPath()
	science := s.grid(school.YearEnd, school.KhoaHoc)
	noTest := func(path string) int {
		return strings.Count(home.get(path).wantStatus(http.StatusOK).body, `<td class=no>`)
	}
	if n := noTest(science); n != 0 {
		t.Fatalf("%d cells without a test in a regular class", n)
	}
	boss.post(path+"/kind", url.Values{"kind": {"other"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn loại lớp")
	home.post(path+"/kind", url.Values{"kind": {"disability"}}).wantStatus(http.StatusNotFound)
	boss.post(path+"/kind", url.Values{"kind": {"disability"}}).wantStatus(http.StatusSeeOther)
	boss.get(path+"/edit?done=kind").wantText("Đã đổi loại lớp", "lớp dành cho người khuyết tật")
	if n, math := noTest(science), noTest(s.grid(school.YearEnd, school.Toan)); n != len(s.Roll) || math != 0 {
		t.Errorf("%d pupils without a test in Khoa học, %d in Toán", n, math)
	}
	home.get(path+"/summary/cn").wantText("Mẫu 9 · lớp dành cho người khuyết tật", "Khoa học")
	rows := sheetRows(t, boss.get(path+"/summary/cn/table.xlsx?grade=4").wantStatus(http.StatusOK))
	if line := strings.Join(rows[2], ""); !strings.Contains(line, "Lớp 4A, lớp dành cho người khuyết tật") {
		t.Errorf("the file says %q", line)
	}
	boss.post("/2025-2026/classes", url.Values{"name": {"5K"}, "grade": {"5"}, "kind": {"disability"}}).wantStatus(http.StatusSeeOther)
	boss.get("/2025-2026/classes").wantText("Khối 5, lớp dành cho người khuyết tật")
}
