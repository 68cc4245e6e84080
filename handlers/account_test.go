package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/workflow"
)

var secretPattern = regexp.MustCompile(`id="temporary-password">([^<]+)<`)

func (a answer) secret() string {
	a.t.Helper()
	m := secretPattern.FindStringSubmatch(a.body)
	if m == nil {
		a.t.Fatalf("no temporary password: %s", a.text())
	}
	return m[1]
}

func TestAccount_IsCreatedWithAPasswordShownOnce(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	b.get("/2025-2026/accounts").wantStatus(http.StatusOK).wantText("Nguyễn Thị Mai Hương", "Hiệu trưởng")
	b.get("/2025-2026/accounts/new").wantStatus(http.StatusOK)
	form := url.Values{"name": {"Trần Thị Mai Hường"}, "teacher_code": {"gv4800099"}, "role": {"teacher"}}
	got := b.post("/2025-2026/accounts", form).wantStatus(http.StatusOK).wantText("Tên đăng nhập: huongttm · GV4800099", "chỉ hiện lần này")
	in := s.stranger().post("/dang-nhap", url.Values{"username": {"huongttm"}, "password": {got.secret()}})
	in.wantStatus(http.StatusSeeOther)
	list := b.get("/2025-2026/accounts").wantText("huongttm")
	if strings.Contains(list.body, got.secret()) {
		t.Error("the password is shown again")
	}
	form.Set("teacher_code", "GV4800098")
	b.post("/2025-2026/accounts", form).wantText("huongttm2")
	b.post("/2025-2026/accounts", form).wantStatus(http.StatusConflict).wantText("Mã giáo viên này đã thuộc tài khoản khác")
	for want, change := range map[string][2]string{"Ghi đủ họ tên": {"name", " "}, "Tên đăng nhập gồm": {"username", "Có Dấu"},
		"Chọn một vai": {"role", "authority"}, "cần mã giáo viên": {"teacher_code", ""}} {
		bad := url.Values{"name": {"Lê Văn Bảy"}, "teacher_code": {"GV4800097"}, "role": {"teacher"}}
		bad.Set(change[0], change[1])
		b.post("/2025-2026/accounts", bad).wantStatus(http.StatusUnprocessableEntity).wantText(want)
	}
}

func TestAccount_RolesBeginAndEnd(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	minhPath := "/2025-2026/accounts/" + id(s.Minh.AccountID)
	m := s.as(minh)
	m.get("/2025-2026/classes").wantStatus(http.StatusNotFound)
	b.post(minhPath+"/roles", url.Values{"role": {"deputy"}}).wantStatus(http.StatusSeeOther)
	b.get(minhPath).wantStatus(http.StatusOK).wantText("Phó hiệu trưởng", "Giáo viên")
	b.post(minhPath+"/roles", url.Values{"role": {"teacher"}, "_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	m.get("/2025-2026/classes").wantStatus(http.StatusOK) // only the deputy is left to wear
	b.post(minhPath+"/roles", url.Values{"role": {string(workflow.Authority)}}).wantStatus(http.StatusUnprocessableEntity)
	own := "/2025-2026/accounts/" + id(s.Admin.AccountID)
	b.get(own).wantText("quản trị khác của trường kết thúc được")
	b.post(own+"/roles", url.Values{"role": {"school_admin"}, "_method": {"DELETE"}}).wantStatus(http.StatusConflict).
		wantText("Không tự kết thúc vai quản trị")
}

func TestAccount_PasswordIsReset(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	got := b.post("/2025-2026/accounts/"+id(s.Minh.AccountID)+"/password", nil).wantStatus(http.StatusOK).wantText("Đã đặt lại")
	s.stranger().post("/dang-nhap", url.Values{"username": {minh}, "password": {got.secret()}}).wantStatus(http.StatusSeeOther)
	s.db.Exec(`INSERT INTO core.account_role (account_id, unit_id, role, valid_from) VALUES ($1, $2, 'teacher', '2025-07-01')`,
		s.Huong.AccountID, s.OtherSchool.ID)
	b.post("/2025-2026/accounts/"+id(s.Huong.AccountID)+"/password", nil).wantStatus(http.StatusConflict).wantText("còn có vai ở đơn vị khác")
	b.post("/2025-2026/accounts/"+id(s.Huong.AccountID)+"/closing", nil).wantStatus(http.StatusConflict).wantText("còn có vai ở đơn vị khác")
	b.post("/2025-2026/accounts/"+id(s.Admin.AccountID)+"/password", nil).wantStatus(http.StatusConflict).wantText("Đây là tài khoản của thầy/cô")
}

// TestAccount_ATemporaryPasswordOpensItsChangeOnly walks the whole table: until
// the password is changed every page leads to the change, and nothing is done.
func TestAccount_ATemporaryPasswordOpensItsChangeOnly(t *testing.T) {
	s := newSite(t)
	was := s.as(minh)
	secret := s.as(admin).post("/2025-2026/accounts/"+id(s.Minh.AccountID)+"/password", nil).wantStatus(http.StatusOK).secret()
	was.get("/2025-2026").wantStatus(http.StatusSeeOther) // what ran is over
	b := s.stranger()
	b.post("/dang-nhap", url.Values{"username": {minh}, "password": {secret}}).wantStatus(http.StatusSeeOther)
	for _, r := range routes {
		if r.need == workflow.PermNone || r.whileTemporary() {
			continue
		}
		got := b.do(r.method, s.fill(r.path), nil)
		if got.status != http.StatusSeeOther || got.header.Get("Location") != "/session/password" {
			t.Errorf("%s %s: %d to %q, want the change of the password", r.method, r.path, got.status, got.header.Get("Location"))
		}
	}
	if got := b.get("/2025-2026", "HX-Request", "true"); got.header.Get("HX-Redirect") != "/session/password" {
		t.Errorf("htmx is led to %q", got.header.Get("HX-Redirect"))
	}
	b.get("/2025-2026", "Accept", "application/json").wantStatus(http.StatusConflict)
	b.get("/tra-cuu").wantStatus(http.StatusOK)
	page := b.get("/session/password").wantStatus(http.StatusOK).wantText("Đặt mật khẩu riêng", "Mật khẩu tạm")
	if strings.Contains(page.body, "/2025-2026") || !strings.Contains(page.body, "Đăng xuất") {
		t.Error("the page must offer the way out and nothing that does not open")
	}
	b.post("/session/password", url.Values{"old": {secret}, "new": {secret}, "again": {secret}}).wantStatus(http.StatusUnprocessableEntity)
	const fresh = "mot-cau-de-nho"
	got := b.post("/session/password", url.Values{"old": {secret}, "new": {fresh}, "again": {fresh}}).wantStatus(http.StatusSeeOther)
	if got.header.Get("Location") != "/" {
		t.Errorf("the change leads to %q, want the first page", got.header.Get("Location"))
	}
	b.get("/2025-2026").wantStatus(http.StatusOK)
	s.stranger().post("/dang-nhap", url.Values{"username": {minh}, "password": {secret}}).wantStatus(http.StatusUnprocessableEntity)
}

func TestAccount_ANewOneBeginsWithATemporaryPassword(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	form := url.Values{"name": {"Trần Thị Mai Hường"}, "teacher_code": {"gv4800099"}, "role": {"teacher"}}
	secret := b.post("/2025-2026/accounts", form).wantStatus(http.StatusOK).secret()
	in := s.stranger()
	in.post("/dang-nhap", url.Values{"username": {"huongttm"}, "password": {secret}}).wantStatus(http.StatusSeeOther)
	if got := in.get("/2025-2026"); got.header.Get("Location") != "/session/password" {
		t.Errorf("a new account opens pages: %d to %q", got.status, got.header.Get("Location"))
	}
}

func TestAccount_ClosingEndsWhatRuns(t *testing.T) {
	s := newSite(t)
	b, m := s.as(admin), s.as(minh)
	path := "/2025-2026/accounts/" + id(s.Minh.AccountID)
	m.get("/2025-2026").wantStatus(http.StatusOK)
	b.post(path+"/closing", nil).wantStatus(http.StatusSeeOther)
	m.get("/2025-2026").wantStatus(http.StatusSeeOther)
	s.stranger().post("/dang-nhap", url.Values{"username": {minh}, "password": {dbtest.Password}}).wantStatus(http.StatusUnprocessableEntity)
	b.get(path+"?done=closed").wantText("Đã đóng tài khoản", "Tài khoản đang đóng")
	b.get("/2025-2026/accounts").wantText("đã đóng")
	b.post(path+"/closing", url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	m.get("/2025-2026").wantStatus(http.StatusSeeOther) // what was over stays over
	s.as(minh).get("/2025-2026").wantStatus(http.StatusOK)
	b.post("/2025-2026/accounts/"+id(s.Admin.AccountID)+"/closing", nil).wantStatus(http.StatusConflict).wantText("Đây là tài khoản của thầy/cô")
}

func TestAccount_OfAnotherSchoolIsNotThere(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	for _, someone := range []int64{s.OtherTeacher.AccountID, s.Authority.AccountID, 999999} {
		path := "/2025-2026/accounts/" + id(someone)
		b.post(path+"/closing", nil).wantStatus(http.StatusNotFound)
		b.get(path).wantStatus(http.StatusNotFound)
		b.post(path+"/password", nil).wantStatus(http.StatusNotFound)
		b.post(path+"/roles", url.Values{"role": {"teacher"}}).wantStatus(http.StatusNotFound)
	}
	if text := b.get("/2025-2026/accounts").text(); strings.Contains(text, "Bùi Giáo Viên") {
		t.Error("another school's people are listed")
	}
}
