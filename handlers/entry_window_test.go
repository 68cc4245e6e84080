package handlers

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hocba/internal/school"
)

func TestEntryWindow_NewestCounts(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	b.get("/2025-2026/entry-windows").wantStatus(http.StatusOK).wantText("Cuối năm học Chưa mở", "Chưa ai đặt thời gian")
	set := func(opens, closes, reason string) answer {
		return b.post("/2025-2026/entry-windows", url.Values{"period": {"cn"}, "opens": {opens}, "closes": {closes}, "reason": {reason}})
	}
	set("08:00 15/05/2026", "17:00 25/5/2026", "Nhập cuối năm").wantStatus(http.StatusSeeOther)
	b.get("/2025-2026/entry-windows").wantText("Cuối năm học Đang mở 08:00 15/05/2026 – 17:00 25/05/2026", "Nhập cuối năm", "Võ Quản Trị · 08:00 20/05/2026")
	set("21/05/2026", "25/05/2026 17:00", "Hoãn một ngày").wantStatus(http.StatusSeeOther)
	s.as(principal).get("/2025-2026/entry-windows").wantStatus(http.StatusOK).wantText("Sắp mở 00:00 21/05/2026 – 17:00 25/05/2026", "Các lần trước", "Nhập cuối năm")
	s.db.Clock.Set(time.Date(2026, time.May, 25, 17, 0, 0, 0, school.Zone))
	b.get("/2025-2026/entry-windows").wantText("Cuối năm học Đã khóa")
	set("08:00 26/05/2026", "08:00 26/05/2026", "x").wantStatus(http.StatusUnprocessableEntity).wantText("Thời điểm khóa phải sau")
	set("mai", "08:00 26/05/2026", "x").wantStatus(http.StatusUnprocessableEntity).wantText("Ghi ngày giờ dạng")
	set("08:00 25/05/2026", "08:00 26/05/2026", " ").wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do")
	s.as(otherTeacher).get("/2025-2026/entry-windows").wantStatus(http.StatusNotFound)
}

func TestReadInstant_AsPeopleWriteIt(t *testing.T) {
	want := time.Date(2026, time.May, 15, 8, 5, 0, 0, school.Zone)
	for _, s := range []string{"08:05 15/05/2026", " 8:05  15-5-2026", "15/05/2026 08:05", "2026-05-15 8:05"} {
		if got, ok := readWindowTime(s); !ok || !got.Equal(want) {
			t.Errorf("%q reads %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "8:05", "25:00 15/05/2026", "08:05 31/02/2026", "8 giờ 15/05/2026", "08:05 15/05/26"} {
		if got, ok := readWindowTime(s); ok {
			t.Errorf("%q reads %v", s, got)
		}
	}
}
