package handlers

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views"
)

const (
	accountsPath    = "/2025-2026/accounts/import"
	assignmentsPath = "/2025-2026/assignments/import"
)

func makeTable(t testing.TB, headings []string, rows ...[]any) []byte {
	t.Helper()
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Title: []string{"TRƯỜNG TIỂU HỌC HOA PHƯỢNG", "DANH SÁCH"}, Headings: headings, Rows: rows, Footer: "kiểm thử"})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (s *site) count(query string, args ...any) int {
	s.t.Helper()
	var n int
	if err := s.db.Owner().QueryRow(query, args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

var secretCell = regexp.MustCompile(`class="code import-secret">([^<]+)<`)

func TestStaffImport_AccountsFromPreviewToHandingOut(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	b.get(accountsPath).wantStatus(http.StatusOK).wantText("Nhập tài khoản từ Excel", "Tải mẫu trống")
	raw := makeTable(t, []string{"TT", "Họ và tên giáo viên", "Mã GV", "Chức vụ"},
		[]any{1, "Trần Thị Mai Hường", "GV4800099", "Giáo viên"},
		[]any{2, "Trần Thị Mai Hường", "GV4800098", "PHT, GV"},
		[]any{3, "Đoàn Nhật Minh", "gv4800002", "Giáo viên, Phó hiệu trưởng"},
		[]any{4, "Nguyen Thi Mai Huong", "GV4800001", "Giáo viên"},
		[]any{5, "Lê Văn Không Mã", "", "Giáo viên"},
		[]any{6, "Lê Văn Bảy", "GV4800012", "Giáo viên"},
		[]any{7, "Lê Văn Tám", "GV4800096", "Bảo vệ"})
	path := b.uploaded(accountsPath, "can-bo.xlsx", raw)
	page := b.get(path).wantStatus(http.StatusOK).wantText("Xem trước: tài khoản", "3 dòng không ghi được", "1 dòng cần thầy/cô chọn", "3 dòng ghi được",
		"Vai này kí học bạ nên cần mã giáo viên", "thuộc một tài khoản ở trường khác", "Không có vai “Bảo vệ”", "Tên viết khác: trường có Nguyễn Thị Mai Hương",
		"huongttm", "huongttm2", "Ghi 3 dòng đã chọn", "Chưa có gì được ghi")
	if strings.Contains(page.body, `value="3" checked`) {
		t.Error("a doubtful row is ticked")
	}
	people := s.count(`SELECT count(*) FROM core.account`)
	b.post(path, nil).wantStatus(http.StatusSeeOther)
	b.post(path, nil).wantStatus(http.StatusSeeOther) // a double click
	b.get(path).wantStatus(http.StatusOK).wantText("Kết quả nhập: tài khoản", "3 dòng mới", "Hiện mật khẩu tạm của 2 tài khoản mới", "Hoàn lại 3 mục")
	if n := s.count(`SELECT count(*) FROM core.account`); n != people+2 {
		t.Fatalf("%d accounts were made, want 2", n-people)
	}
	// Until they are shown, no password opens the account.
	s.stranger().post("/dang-nhap", url.Values{"username": {"huongttm"}, "password": {""}}).wantStatus(http.StatusUnprocessableEntity)
	list := b.post(path+"/passwords", nil).wantStatus(http.StatusOK).wantText("chỉ hiện lần này", "huongttm", "huongttm2", "trao tận tay")
	secrets := secretCell.FindAllStringSubmatch(list.body, -1)
	if len(secrets) != 2 || secrets[0][1] == secrets[1][1] {
		t.Fatalf("secrets %v", secrets)
	}
	if strings.Contains(b.get(path).body, secrets[0][1]) {
		t.Error("a password is shown again")
	}
	stored := s.count(`SELECT count(*) FROM school.staff_import WHERE plan::text || coalesce(report::text, '') LIKE '%' || $1 || '%'`, secrets[0][1])
	logged := s.count(`SELECT count(*) FROM core.audit_event WHERE audit_event::text LIKE '%' || $1 || '%'`, secrets[0][1])
	if stored+logged != 0 {
		t.Error("a password is kept in clear")
	}
	in := s.stranger()
	in.post("/dang-nhap", url.Values{"username": {"huongttm"}, "password": {secrets[0][1]}}).wantStatus(http.StatusSeeOther)
	if got := in.get("/2025-2026"); got.header.Get("Location") != "/session/password" {
		t.Errorf("a temporary password opens %q", got.header.Get("Location"))
	}
	const fresh = "mot-cau-de-nho"
	in.post("/session/password", url.Values{"old": {secrets[0][1]}, "new": {fresh}, "again": {fresh}}).wantStatus(http.StatusSeeOther)
	// Who has set an own password gets no other, and stays when the import is taken back.
	again := b.post(path+"/passwords", nil).wantStatus(http.StatusOK)
	if n := len(secretCell.FindAllString(again.body, -1)); n != 1 {
		t.Errorf("%d passwords the second time, want 1", n)
	}
	// Who only looked in is signed out with the account that goes.
	looked := s.stranger()
	looked.post("/dang-nhap", url.Values{"username": {"huongttm2"}, "password": {secretCell.FindStringSubmatch(again.body)[1]}}).wantStatus(http.StatusSeeOther)
	b.do(http.MethodDelete, path, nil).wantStatus(http.StatusSeeOther)
	if got := looked.get("/session/password"); got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), "/dang-nhap") {
		t.Errorf("a session of an account that is gone: %d to %q", got.status, got.header.Get("Location"))
	}
	b.get(path).wantStatus(http.StatusOK).wantText("Đã hoàn lại 2 mục", "1 mục không hoàn lại", "Trần Thị Mai Hường", "Đã dùng hoặc đã đổi")
	if n := s.count(`SELECT count(*) FROM core.account`); n != people+1 {
		t.Errorf("%d accounts are left of the import, want 1", n-people)
	}
	b.get(accountsPath).wantText("can-bo.xlsx", "Đã hoàn lại")
	// Taken back, the file can be brought again.
	b.get(b.uploaded(accountsPath, "can-bo.xlsx", raw)).wantText("2 dòng ghi được", "2 dòng cần thầy/cô chọn")
}

func TestStaffImport_AssignmentsWithSubstitutesAndUndo(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	b.get(assignmentsPath).wantStatus(http.StatusOK).wantText("Nhập phân công từ Excel", "Cho dòng không ghi ngày")
	raw := makeTable(t, []string{"STT", "Lớp", "Môn học", "Giáo viên", "Từ ngày", "Đến ngày", "Quyết định"},
		[]any{1, "Lớp 4a", "Toán, Tiếng Việt", "Nguyễn Thị Mai Hương"},              // stands already
		[]any{2, "4A", "Khoa học", "Đoàn Nhật Minh", "01/03/2026"},                  // replaces
		[]any{3, "4A", "Tin", "Đoàn Nhật Minh", "18/05/2026", "22/05/2026", "QĐ 7"}, // stands in
		[]any{4, "4A", "Tiếng dân tộc", "doan nhat minh"},                           // new, spelled otherwise
		[]any{5, "9Z", "Toán", "Đoàn Nhật Minh"},
		[]any{6, "4A", "Hóa học", "Đoàn Nhật Minh"},
		[]any{7, "4A", "Đạo đức", "Người Không Có"},
		[]any{8, "4A", "GDTC", "Đoàn Nhật Minh", "01/03/2024"},
		[]any{9, "4A", "Chủ nhiệm", "Nguyễn Thị Mai Hương", "06/09/2025"},
		[]any{10, "4A", "TN-XH", "Đoàn Nhật Minh"})
	path := b.uploaded(assignmentsPath, "phan-cong.xlsx", raw)
	b.get(path).wantStatus(http.StatusOK).wantText("Xem trước: phân công giảng dạy", "5 dòng không ghi được", "2 dòng cần thầy/cô chọn", "3 dòng ghi được",
		"Không có môn “Hóa học”", "không có lớp “9Z”", "Không thấy Người Không Có", "Lớp 4A không học môn này", "Thay người đang được giao ở 1 mục?",
		"Đã giao từ 05/09/2025; tệp ghi 06/09/2025", "dạy thay 18/05/2026 – 22/05/2026")
	form := url.Values{"shown": {"0", "1", "2", "3", "8"}, "row": {"0", "1", "2", "3", "8"}}
	b.post(path, form).wantStatus(http.StatusSeeOther)
	b.get(path).wantStatus(http.StatusOK).wantText("3 dòng mới", "2 dòng giữ nguyên", "Hoàn lại 3 mục")
	class := "/2025-2026/classes/" + strconv.FormatInt(s.Class.ID, 10) + "/edit"
	b.get(class).wantText("QĐ 7")
	s.as(minh).get(views.GradebookURL("2025-2026", s.Class.ID, school.YearEnd, school.KhoaHoc)).wantStatus(http.StatusOK)
	b.do(http.MethodDelete, path, nil).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("Đã hoàn lại 3 mục")
	s.as(huong).get(views.GradebookURL("2025-2026", s.Class.ID, school.YearEnd, school.KhoaHoc)).wantStatus(http.StatusOK)
	if n := s.count(`SELECT count(*) FROM school.teaching_assignment WHERE class_id = $1 AND (to_date IS NULL OR to_date >= from_date)`, s.Class.ID); n != 12 {
		t.Errorf("%d assignments stand after the undo, want 12", n)
	}
	// What never began may begin after all.
	path = b.uploaded(assignmentsPath, "phan-cong.xlsx", raw)
	b.post(path, form).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("3 dòng mới")
	s.openWindow(school.YearEnd)
	m := s.as(minh)
	cells := m.upload(resultsPath, "khoa-hoc.xlsx", makeTable(t, []string{"STT", "Mã học sinh", "Họ và tên", "Khoa học"},
		[]any{1, s.Roll[0].Code, s.Roll[0].FullName, "T"}), "period", "cn").header.Get("Location")
	m.post(cells, url.Values{"row": {"0"}}).wantStatus(http.StatusSeeOther)
	m.get(cells).wantText("1 ô mới")
	b.do(http.MethodDelete, path, nil).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("Đã hoàn lại 2 mục", "1 mục không hoàn lại", "Khoa học 4A")

}

// A homeroom in which a remark was written since stays with who wrote it.
func TestStaffImport_UndoLeavesAHomeroomThatWasUsed(t *testing.T) {
	s := newSite(t)
	s.openWindow(school.YearEnd)
	b := s.as(admin)
	path := b.uploaded(assignmentsPath, "cn.xlsx", makeTable(t, []string{"STT", "Lớp", "Môn học", "Giáo viên", "Từ ngày"},
		[]any{1, "4A", "Chủ nhiệm", "Đoàn Nhật Minh", "01/05/2026"}))
	form := url.Values{"row": {"0"}}
	b.post(path, form).wantStatus(http.StatusSeeOther)
	m := s.as(minh)
	traits := m.upload(resultsPath, "pc.xlsx", makeTable(t, []string{"STT", "Mã học sinh", "Họ và tên", "Yêu nước"},
		[]any{1, s.Roll[0].Code, s.Roll[0].FullName, "T"}), "period", "cn").header.Get("Location")
	m.post(traits, form).wantStatus(http.StatusSeeOther)
	m.get(traits).wantText("1 ô mới")
	b.do(http.MethodDelete, path, nil).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("Đã hoàn lại 0 mục", "1 mục không hoàn lại", "Chủ nhiệm 4A")
}

// What leaves the school comes back without a difference.
func TestStaffImport_ExportsComeBackWithNothingToChange(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	b.post("/2025-2026/classes/"+strconv.FormatInt(s.Class.ID, 10)+"/assignments", url.Values{"subject": {"TIN_HOC"}, "account": {id(s.Minh.AccountID)},
		"from": {"18/05/2026"}, "to": {"22/05/2026"}, "decision": {"QĐ 7"}}).wantStatus(http.StatusSeeOther)
	b.post("/2025-2026/classes/"+strconv.FormatInt(s.Class.ID, 10)+"/homeroom", url.Values{"account": {id(s.Minh.AccountID)},
		"from": {"18/05/2026"}, "to": {"22/05/2026"}, "decision": {"QĐ 8"}}).wantStatus(http.StatusSeeOther)
	for what, path := range map[string]string{"accounts": accountsPath, "assignments": assignmentsPath, "pupils": importPath} {
		raw := b.get(views.ExportURL("2025-2026", what)).wantStatus(http.StatusOK).body
		preview := b.uploaded(path, what+".xlsx", []byte(raw))
		text := b.get(preview + "?all=1").wantStatus(http.StatusOK).text()
		if strings.Contains(text, "dòng không ghi được") || strings.Contains(text, "dòng cần thầy/cô chọn") || strings.Contains(text, "→") {
			t.Errorf("%s come back with differences: %s", what, text)
		}
		b.post(preview, nil).wantStatus(http.StatusSeeOther)
		b.get(preview).wantText("giữ nguyên", "0 Bỏ qua")

	}
}

func TestStaffImport_BelongsToItsOwner(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	path := b.uploaded(accountsPath, "a.xlsx", makeTable(t, []string{"STT", "Họ và tên", "Mã giáo viên"}, []any{1, "Lê Văn Bảy", "GV4800097"}))
	s.db.Exec(`INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
		SELECT id, $1, 'school_admin', '2025-07-01' FROM core.account WHERE username = $2`, s.OtherSchool.ID, otherTeacher)
	other := s.as(otherTeacher)
	post := regexp.MustCompile(`name="post" value="(\d+)"`).FindStringSubmatch(other.get("/session/role").body)
	other.post("/session/role", url.Values{"post": {post[1]}}).wantStatus(http.StatusSeeOther)
	other.get(accountsPath).wantStatus(http.StatusOK)
	for _, at := range []string{path, path + "/refused.xlsx"} {
		other.get(at).wantStatus(http.StatusNotFound)
	}
	other.post(path, nil).wantStatus(http.StatusNotFound)
	other.post(path+"/passwords", nil).wantStatus(http.StatusNotFound)
	other.do(http.MethodDelete, path, nil).wantStatus(http.StatusNotFound)
	b.post(path+"/passwords", nil).wantStatus(http.StatusConflict)
	b.do(http.MethodDelete, path, nil).wantStatus(http.StatusConflict)
	b.post(path, url.Values{"drop": {"1"}}).wantStatus(http.StatusSeeOther)
	b.get(path).wantStatus(http.StatusNotFound)
	b.upload(accountsPath, "a.xlsx", []byte("%PDF-1.7")).wantStatus(http.StatusUnprocessableEntity).wantText("không phải bảng tính .xlsx")
	b.upload(assignmentsPath, "a.xlsx", makeTable(t, []string{"STT", "Lớp", "Môn học", "Từ ngày"}, []any{1, "4A", "Toán", "05/09/2025"})).
		wantStatus(http.StatusUnprocessableEntity).wantText("Giáo viên")
	b.upload(assignmentsPath, "a.xlsx", makeTable(t, []string{"STT", "Lớp", "Môn học", "Giáo viên"}, []any{1, "4A", "Toán", "X"}), "from", "01/01/2031").
		wantStatus(http.StatusUnprocessableEntity).wantText("Ghi ngày từ")
}
