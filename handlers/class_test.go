package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/db"
	"hocba/internal/school"
)

func (s *site) classPath() string { return "/2025-2026/classes/" + strconv.FormatInt(s.Class.ID, 10) }

func id(n int64) string { return strconv.FormatInt(n, 10) }

func TestClasses_ListForAdministratorAndPrincipal(t *testing.T) {
	s := newSite(t)
	s.as(admin).get("/2025-2026/classes").wantStatus(http.StatusOK).
		wantText("4A", "Khối 4", "Nguyễn Thị Mai Hương", "1 lớp · 8 học sinh", "Phân công", "Thêm lớp")
	page := s.as(principal).get("/2025-2026/classes").wantStatus(http.StatusOK).wantText("Xem lớp")
	if strings.Contains(page.text(), "Thêm lớp") {
		t.Error("the principal is offered to add classes")
	}
}

func TestClass_IsCreatedOnce(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	b.get("/2025-2026/classes/new").wantStatus(http.StatusOK)
	form := url.Values{"name": {" 1+2a "}, "grade": {"2", "1"}, "language": {"Tiếng Anh"}}
	got := b.post("/2025-2026/classes", form).wantStatus(http.StatusSeeOther)
	b.get(got.header.Get("Location")).wantStatus(http.StatusOK).wantText("Lớp 1+2A", "Khối 1+2, lớp ghép", "Đã thêm lớp")
	b.post("/2025-2026/classes", form).wantStatus(http.StatusConflict).wantText("Năm học này đã có lớp cùng tên")
	b.post("/2025-2026/classes", url.Values{"name": {"3A"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn một khối")
}

func TestClass_AssignmentsHaveDaysAndHistory(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	path := s.classPath()
	b.get(path+"/edit").wantStatus(http.StatusOK).wantText("Nguyễn Hoài An", "Nghệ thuật (Âm nhạc)", "Đoàn Nhật Minh", "Dạng học bạ")
	form := url.Values{"subject": {"TOAN", "AM_NHAC"}, "account": {id(s.Minh.AccountID)}, "from": {"18/05/2026"}}
	b.post(path+"/assignments", form).wantStatus(http.StatusSeeOther)
	b.get(path + "/edit").wantText("Nguyễn Thị Mai Hương, từ 05/09/2025 đến 17/05/2026")
	b.post(path+"/homeroom", url.Values{"account": {id(s.Minh.AccountID)}, "from": {"20/05/2026"}}).wantStatus(http.StatusSeeOther)
	b.get(path + "/edit").wantText("Đoàn Nhật Minh từ 20/05/2026")
	for want, form := range map[string]url.Values{
		"Chọn ngày từ hôm ấy trở đi":   {"subject": {"TOAN"}, "account": {id(s.Huong.AccountID)}, "from": {"01/05/2026"}},
		"Chọn ít nhất một môn":         {"account": {id(s.Huong.AccountID)}, "from": {"20/05/2026"}},
		"Chọn một thầy/cô đang có vai": {"subject": {"TOAN"}, "account": {id(s.OtherTeacher.AccountID)}, "from": {"20/05/2026"}},
		"Ghi ngày từ 01/07/2025":       {"subject": {"TOAN"}, "account": {id(s.Huong.AccountID)}, "from": {"mai"}},
	} {
		b.post(path+"/assignments", form).wantStatus(http.StatusUnprocessableEntity).wantText("Chưa ghi được", want)
	}
	err := s.db.As(t.Context(), s.Admin, func(tx *db.Tx) error {
		now, err := tx.ClassAssignments(t.Context(), s.Class.ID)
		for _, a := range now {
			if a.Subject == school.Toan && a.AccountID != s.Minh.AccountID {
				t.Errorf("Toán is given by %s", a.TeacherName)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestClass_BookOnPaperNeedsADecision(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	path := s.classPath()
	form := url.Values{"kind": {"paper"}, "reason": {"Chưa có đường truyền"}, "decision": {""}, "until": {"31/05/2027"}}
	b.post(path+"/book", form).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi số và ngày của văn bản")
	form.Set("decision", "12/QĐ-UBND ngày 01/09/2025")
	b.post(path+"/book", form).wantStatus(http.StatusSeeOther)
	b.get("/2025-2026/classes").wantText("Học bạ giấy", "Chưa có đường truyền · 12/QĐ-UBND ngày 01/09/2025 · dự kiến đến 31/05/2027", "1 lớp dùng học bạ giấy")
	s.db.Exec(`UPDATE school.record SET stage = 'part_signed' WHERE class_id = $1`, s.Class.ID)
	b.post(path+"/book", url.Values{"kind": {"digital"}}).wantStatus(http.StatusConflict).wantText("Lớp đã có học bạ được ký")
}

func TestClass_OfAnotherSchoolIsNotThere(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	other := "/2025-2026/classes/" + id(s.OtherClass.ID)
	b.get(other + "/edit").wantStatus(http.StatusNotFound)
	form := url.Values{"subject": {"TOAN"}, "account": {id(s.Minh.AccountID)}, "from": {"20/05/2026"}, "kind": {"digital"}}
	for _, act := range []string{"/assignments", "/homeroom", "/book"} {
		b.post(other+act, form).wantStatus(http.StatusNotFound)
	}
}

// TestClass_SubstituteStandsInForATime through the pages: who may write today,
// until when, by which decision; ended early.
func TestClass_SubstituteStandsInForATime(t *testing.T) {
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b, music := s.as(admin), s.as(minh)
	path := s.classPath()
	music.get(s.grid(school.YearEnd, school.Toan)).wantStatus(http.StatusNotFound)
	form := url.Values{"subject": {"TOAN"}, "account": {id(s.Minh.AccountID)}, "from": {"20/05/2026"}, "to": {"22/05/2026"}}
	b.post(path+"/assignments", form).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi số và ngày của quyết định dạy thay")
	form.Set("decision", "7/QĐ-THHP")
	b.post(path+"/assignments", form).wantStatus(http.StatusSeeOther)
	page := b.get(path+"/edit").wantText("dạy thay đến 22/05/2026 theo 7/QĐ-THHP", "Kết thúc dạy thay", "Nguyễn Thị Mai Hương, từ 05/09/2025 đến nay")
	music.get(s.grid(school.YearEnd, school.Toan)).wantStatus(http.StatusOK)
	s.as(huong).get(s.grid(school.YearEnd, school.Toan)).wantStatus(http.StatusNotFound)
	end := find(page.parse(), func(n *html.Node) bool {
		return n.Data == "form" && strings.HasSuffix(attr(n, "action"), "/substitutes")
	})
	values := url.Values{"_method": {"DELETE"}}
	for _, in := range findAll(end, func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") != "_method" }) {
		values.Set(attr(in, "name"), attr(in, "value"))
	}
	b.post(path+"/substitutes", values).wantStatus(http.StatusSeeOther)
	s.as(huong).get(s.grid(school.YearEnd, school.Toan)).wantStatus(http.StatusOK)
	music.get(s.grid(school.YearEnd, school.Toan)).wantStatus(http.StatusNotFound)
}
