package handlers

import (
	"net/http"
	"net/url"
	"testing"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing/timestamp"
)

const stampsPage = "/2025-2026/time-stamps"

func TestTimeStamps_TheDepartmentSetsAndTriesThem(t *testing.T) {
	s := newSite(t)
	sogd := s.as(authority)
	sogd.get(stampsPage).wantStatus(http.StatusOK).wantText("Chưa dùng")
	sogd.post(stampsPage, url.Values{"url": {"tsa.example"}, "outage": {"go_on"}}).wantStatus(http.StatusUnprocessableEntity).wantText("tsa.example")
	tsa := jobstest.New(t, s.db, s.Cast).Stamping(t, false)
	sogd.get(stampsPage).wantText("Đang dùng")
	sogd.post(stampsPage+"/trial", nil).wantStatus(http.StatusOK).wantText("Nơi cấp trả lời đúng")
	tsa.Fault = timestamp.ClockOff
	sogd.post(stampsPage+"/trial", nil).wantStatus(http.StatusOK).wantText("lệch nhau")
	sogd.post(stampsPage, url.Values{"url": {""}}).wantStatus(http.StatusSeeOther)
	sogd.get(stampsPage).wantText("Chưa dùng")
}
