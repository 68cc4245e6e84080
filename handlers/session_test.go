package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"hocba/db/dbtest"

	"golang.org/x/net/html"
)

func TestSignIn_KeepsTheNameAndTellsNothing(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{huong, "khong-co-ai"} {
		got := s.stranger().post("/dang-nhap", url.Values{"username": {name}, "password": {"sai-mat-khau"}})
		got.wantStatus(http.StatusUnprocessableEntity).wantText("Tên đăng nhập hoặc mật khẩu chưa đúng")
		if !strings.Contains(got.body, `value="`+name+`"`) || strings.Contains(got.body, "sai-mat-khau") {
			t.Errorf("the name must stay and the password go: %s", got.body)
		}
	}
}

func TestSignIn_RenewsTheSession(t *testing.T) {
	s := newSite(t)
	b := s.as(minh)
	u, _ := url.Parse(s.server.URL)
	before := b.http.Jar.Cookies(u)
	b.post("/dang-nhap", url.Values{"username": {huong}, "password": {dbtest.Password}}).wantStatus(http.StatusSeeOther)
	after := b.http.Jar.Cookies(u)
	if len(before) != 1 || len(after) != 1 || before[0].Value == after[0].Value {
		t.Fatalf("the session's token was not renewed: %v, %v", before, after)
	}
	old := s.stranger()
	if got := old.get("/2025-2026", "Cookie", before[0].String()); got.status != http.StatusSeeOther {
		t.Errorf("the token from before the sign-in still opens pages: %d", got.status)
	}
}

func TestSignIn_LeadsToThePageAskedForAndNowhereElse(t *testing.T) {
	s := newSite(t)
	b := s.stranger()
	asked := b.get("/2025-2026/classes/1/notes?done=x").wantStatus(http.StatusSeeOther)
	if want := "/dang-nhap?next=%2F2025-2026%2Fclasses%2F1%2Fnotes%3Fdone%3Dx"; asked.header.Get("Location") != want {
		t.Errorf("sent to %q, want %q", asked.header.Get("Location"), want)
	}
	if asked.header.Get("Set-Cookie") != "" {
		t.Error("a stranger's visit opened a session")
	}
	b.get(asked.header.Get("Location")).wantStatus(http.StatusOK)
	for next, want := range map[string]string{"/2025-2026?a=b": "/2025-2026?a=b", "": "/", "//evil.example/x": "/", "https://evil.example": "/",
		`/\evil.example`: "/", "/\t/evil.example": "/", "javascript:alert(1)": "/", "2025-2026": "/"} {
		got := s.stranger().post("/dang-nhap", url.Values{"username": {huong}, "password": {dbtest.Password}, "next": {next}}).wantStatus(http.StatusSeeOther)
		if got.header.Get("Location") != want {
			t.Errorf("next %q leads to %q, want %q", next, got.header.Get("Location"), want)
		}
	}
}

func TestExpiredSession_KeepsWhatWasTyped(t *testing.T) {
	s := newSite(t)
	b := s.as(huong)
	path := "/2025-2026/classes/" + strconv.FormatInt(s.Class.ID, 10) + "/notes"
	typed := url.Values{"pupil": {strconv.FormatInt(s.Roll[3].EnrolmentID, 10)}, "item": {"AM_NHAC"}, "period": {"cn"}, "to": {"owner"},
		"body": {"Một đoạn <dài> đã gõ"}, "pin": {"246810"}}
	s.db.Exec(`DELETE FROM core.session`)
	lost := b.post(path, typed).wantStatus(http.StatusUnauthorized).wantText("Phiên làm việc đã hết", "Một đoạn <dài> đã gõ", "mã PIN không được giữ")
	if strings.Contains(lost.body, "246810") {
		t.Error("the page holds the PIN")
	}
	form := find(lost.parse(), func(n *html.Node) bool { return n.Data == "form" })
	again := url.Values{}
	for _, n := range findAll(form, func(n *html.Node) bool { return n.Data == "input" }) {
		again.Add(attr(n, "name"), attr(n, "value"))
	}
	if attr(form, "action") != path || again.Get("body") != typed.Get("body") || again.Has("pin") {
		t.Errorf("the form to send again: %s %v", attr(form, "action"), again)
	}
	b.post("/dang-nhap", url.Values{"username": {huong}, "password": {dbtest.Password}}).wantStatus(http.StatusSeeOther)
	b.post(attr(form, "action"), again).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("Một đoạn <dài> đã gõ")
}

func TestSignIn_SlowsGuessingDown(t *testing.T) {
	s := newSite(t)
	b := s.stranger()
	for range signInByName.Limit {
		b.post("/dang-nhap", url.Values{"username": {minh}, "password": {"doan-mo"}}).wantStatus(http.StatusUnprocessableEntity)
	}
	b.post("/dang-nhap", url.Values{"username": {minh}, "password": {dbtest.Password}}).
		wantStatus(http.StatusTooManyRequests).wantText("Đợi 15 phút")
	s.as(huong) // others are not held up
}

func TestSignOut_EndsTheSession(t *testing.T) {
	s := newSite(t)
	b := s.as(huong)
	b.get("/2025-2026").wantStatus(http.StatusOK)
	b.post("/session", url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	b.get("/2025-2026").wantStatus(http.StatusSeeOther)
}

func TestPassword_AsksTheOldOne(t *testing.T) {
	s := newSite(t)
	b := s.as(deputy)
	const fresh = "mot-cau-de-nho"
	b.post("/session/password", url.Values{"old": {"sai"}, "new": {fresh}, "again": {fresh}}).
		wantStatus(http.StatusUnprocessableEntity).wantText("Nhập lại mật khẩu đang dùng")
	b.post("/session/password", url.Values{"old": {dbtest.Password}, "new": {"ngan"}, "again": {"ngan"}}).
		wantStatus(http.StatusUnprocessableEntity).wantText("ít nhất 10 kí tự")
	b.post("/session/password", url.Values{"old": {dbtest.Password}, "new": {fresh}, "again": {fresh + "1"}}).
		wantStatus(http.StatusUnprocessableEntity).wantText("giống nhau ở hai ô")
	b.post("/session/password", url.Values{"old": {dbtest.Password}, "new": {dbtest.Password}, "again": {dbtest.Password}}).
		wantStatus(http.StatusUnprocessableEntity).wantText("phải khác mật khẩu đang dùng")
	b.post("/session/password", url.Values{"old": {dbtest.Password}, "new": {fresh}, "again": {fresh}}).
		wantStatus(http.StatusSeeOther)
	b.get("/session/password?done=changed").wantStatus(http.StatusOK).wantText("Đã đổi mật khẩu")
	s.stranger().post("/dang-nhap", url.Values{"username": {deputy}, "password": {fresh}}).wantStatus(http.StatusSeeOther)
}

func TestHeaders_OnEveryAnswer(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/dang-nhap", "/khong/co", "/healthz"} {
		got := s.stranger().get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Request-Id": "",
		} {
			if have := got.header.Get(name); have == "" || !strings.Contains(have, want) {
				t.Errorf("%s: %s is %q", path, name, have)
			}
		}
	}
}

func TestUnknownPage_IsAPageInVietnamese(t *testing.T) {
	s := newSite(t)
	s.stranger().get("/khong/co").wantStatus(http.StatusNotFound).wantText("Không mở được trang này", "Mã sự cố")
	s.as(huong).get("/2025-2027").wantStatus(http.StatusNotFound)
}

func TestPassword_GuessingTheOldOneIsSlowedDown(t *testing.T) {
	s := newSite(t)
	b := s.as(deputy)
	const fresh = "mot-cau-de-nho"
	for range ownPassword.Limit {
		b.post("/session/password", url.Values{"old": {"doan-mo"}, "new": {fresh}, "again": {fresh}}).wantStatus(http.StatusUnprocessableEntity)
	}
	b.post("/session/password", url.Values{"old": {dbtest.Password}, "new": {fresh}, "again": {fresh}}).
		wantStatus(http.StatusTooManyRequests).wantText("Đợi 15 phút", "Mật khẩu đang dùng")
	s.as(deputy) // the way in is counted on its own
}

func TestPassword_AChangeEndsTheOtherSessions(t *testing.T) {
	s := newSite(t)
	here, there := s.as(deputy), s.as(deputy)
	const fresh = "mot-cau-de-nho"
	here.post("/session/password", url.Values{"old": {dbtest.Password}, "new": {fresh}, "again": {fresh}}).wantStatus(http.StatusSeeOther)
	here.get("/2025-2026").wantStatus(http.StatusOK)
	there.get("/2025-2026").wantStatus(http.StatusSeeOther)
	there.get("/2025-2026", "HX-Request", "true").wantStatus(http.StatusUnauthorized)
	there.post("/dang-nhap", url.Values{"username": {deputy}, "password": {fresh}}).wantStatus(http.StatusSeeOther)
	there.get("/2025-2026").wantStatus(http.StatusOK)
	here.get("/2025-2026").wantStatus(http.StatusOK)
}
