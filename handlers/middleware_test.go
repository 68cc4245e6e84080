package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// What another site makes a browser send is refused in words, not in those of
// the library.
func TestSameOrigin_RefusesInWords(t *testing.T) {
	s := newSite(t)
	teacher := s.as(huong)
	for _, header := range [][2]string{{"Origin", "http://elsewhere.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}} {
		got := teacher.post("/session/password", url.Values{}, header[0], header[1]).wantStatus(http.StatusForbidden)
		got.wantText("từ một trang khác", "Không có gì được ghi")
		if strings.Contains(got.body, "Sec-Fetch-Site") || got.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%v: %s", header, got.body)
		}
	}
	teacher.post("/session/password", url.Values{}, "Sec-Fetch-Site", "same-origin").wantStatus(http.StatusUnprocessableEntity)
}

func TestHead_AnswersLikeGet(t *testing.T) {
	s := newSite(t)
	b := s.stranger()
	for _, path := range []string{"/dang-nhap", "/tra-cuu", "/readyz"} {
		got := b.do(http.MethodHead, path, nil).wantStatus(http.StatusOK)
		if got.body != "" {
			t.Errorf("%s: HEAD has a body of %d bytes", path, len(got.body))
		}
	}
	b.do(http.MethodHead, "/2025-2026", nil).wantStatus(http.StatusSeeOther)
	b.do(http.MethodHead, "/khong-co", nil).wantStatus(http.StatusNotFound)
}

// A form that breaks off or is too long never reaches a handler with some of
// its fields missing.
func TestForm_ThatCannotBeReadIsRefusedWhole(t *testing.T) {
	s := newSite(t)
	b := s.stranger()
	b.do(http.MethodPost, "/tra-cuu", strings.NewReader("code=D9GND08575PR&x=%zz")).
		wantStatus(http.StatusBadRequest).wantText("không đọc được nội dung vừa gửi")
	b.do(http.MethodPost, "/tra-cuu", strings.NewReader("code="+strings.Repeat("9", maxBody))).
		wantStatus(http.StatusRequestEntityTooLarge).wantText("Tệp quá lớn")
	b.do("PATCH", "/tra-cuu", strings.NewReader("")).wantStatus(http.StatusMethodNotAllowed).wantText("không nhận việc vừa làm")
}

// Bytes that PostgreSQL does not keep are the sender's mistake, not ours.
func TestForm_WithBytesThatAreNoText(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	account := "/2025-2026/accounts/" + strconv.FormatInt(s.Huong.AccountID, 10)
	for _, role := range []string{"a\x00", "\xff\xfe", "-1", "' OR 1=1"} {
		for _, method := range []string{"", "DELETE"} {
			b.post(account+"/roles", url.Values{"role": {role}, "_method": {method}}).
				wantStatus(http.StatusUnprocessableEntity)
		}
	}
}

// Without the store of sessions nobody is let in, and the page says so.
func TestSession_StoreGone(t *testing.T) {
	s := newSite(t)
	b := s.as(huong)
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	b.get("/2025-2026").wantText("Chưa mở được trang này lúc này")
}

// A machine without Chromium is ready for everything but papers.
func TestReadiness_WithoutPrinter(t *testing.T) {
	s := newSite(t)
	if got := s.stranger().get("/readyz").wantStatus(http.StatusOK); !strings.Contains(got.body, "degraded") {
		t.Errorf("%q", got.body)
	}
}
