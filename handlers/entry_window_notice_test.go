package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/school"
)

// TestClosing_IsToldToWhoHasSomethingLeft three days before the end, with the
// hour on the last day; not to who has written everything, and not earlier.
func TestClosing_IsToldToWhoHasSomethingLeft(t *testing.T) {
	t.Parallel()
	s, _ := filledSite(t)
	s.openPeriod(school.YearEnd)
	music, home := s.grid(school.YearEnd, school.AmNhac), "/2025-2026"
	quiet := func(who string, paths ...string) {
		t.Helper()
		for _, path := range paths {
			if got := s.as(who).get(path).wantStatus(http.StatusOK).text(); strings.Contains(got, "Sắp khóa nhập") || strings.Contains(got, "Khóa nhập hôm nay") {
				t.Errorf("%s is told at %s: %s", who, path, got)
			}
		}
	}
	s.db.Exec(`UPDATE school.entry SET level = '' WHERE item = 'AM_NHAC' AND period = 'cn' AND enrolment_id IN ($1, $2)`, s.Roll[0].EnrolmentID, s.Roll[1].EnrolmentID)
	s.as(minh).get(music).wantText("Sắp khóa nhập", "Kì này khóa lúc 07:59 ngày mai, 21/05. Bảng này còn 2 ô trống.")
	s.as(minh).get(home).wantText("Sắp khóa nhập", "Cuối năm học khóa lúc 07:59 ngày mai, 21/05: thầy/cô còn 2 ô trống ở 1 bảng.")
	s.as(minh).get(music + "&row=" + itoa(s.Roll[0].EnrolmentID)).wantText("Sắp khóa nhập")
	quiet(huong, s.grid(school.YearEnd, school.Toan), s.allSubjects(school.YearEnd), home)
	quiet(principal, music, home)
	s.db.Clock.Advance(20 * time.Hour)
	s.as(minh).get(music).wantText("Khóa nhập hôm nay", "Kì này khóa lúc 07:59 hôm nay.")
	s.as(minh).get(home).wantText("Khóa nhập hôm nay", "khóa lúc 07:59 hôm nay")

	s.db.Exec(`UPDATE school.entry_window SET closes_at = $1`, dbtest.Start.Add(20*time.Hour+72*time.Hour))
	s.as(minh).get(music).wantText("Sắp khóa nhập", "03:59 ngày 24/05", "còn 3")
	s.db.Exec(`UPDATE school.entry_window SET closes_at = $1`, dbtest.Start.Add(20*time.Hour+97*time.Hour))
	quiet(minh, music, home)
}
