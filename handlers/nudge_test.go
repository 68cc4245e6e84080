package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"hocba/db"
	"hocba/internal/school"
)

func TestNudge_AsksWhoHasWorkOnceADay(t *testing.T) {
	s := newSite(t)
	s.carryOut(t, db.EntryOrder{Opens: s.db.Now().AddDate(0, 0, -1), Closes: s.db.Now().AddDate(0, 0, 20)})
	form := url.Values{"class": {strconv.FormatInt(s.Class.ID, 10)}, "account": {strconv.FormatInt(s.Minh.AccountID, 10)}, "period": {"cn"}}
	homeroom := s.as(huong)
	homeroom.get("/2025-2026/people").wantStatus(http.StatusOK).wantText("Ai còn việc", "Đoàn Nhật Minh", "Âm nhạc: 8 em", "Nhắc – Đoàn Nhật Minh")
	s.as(minh).get("/2025-2026").wantNoText("nhắc hôm nay")
	homeroom.post("/2025-2026/nudges", form).wantStatus(http.StatusSeeOther)
	s.as(minh).get("/2025-2026").wantText("Nguyễn Thị Mai Hương nhắc hôm nay")
	homeroom.get("/2025-2026/people").wantText("Đã nhắc hôm nay").wantNoText("Nhắc – Đoàn Nhật Minh")
	homeroom.post("/2025-2026/nudges", form).wantStatus(http.StatusConflict).wantText("Hôm nay đã nhắc")
	s.as(principal).post("/2025-2026/nudges", form).wantStatus(http.StatusSeeOther) // another person may ask too
	s.db.Clock.Set(s.db.Now().AddDate(0, 0, 1))
	homeroom.post("/2025-2026/nudges", form).wantStatus(http.StatusSeeOther)
	s.db.Clock.Set(s.db.Now().AddDate(0, 0, 8))
	s.as(minh).get("/2025-2026").wantText("Âm nhạc").wantNoText("nhắc ngày")
}

func TestNudge_ReachesOnlyWhoOwesSomething(t *testing.T) {
	s := newSite(t)
	class := strconv.FormatInt(s.Class.ID, 10)
	form := func(to int64) url.Values {
		return url.Values{"class": {class}, "account": {strconv.FormatInt(to, 10)}, "period": {string(school.YearEnd)}}
	}
	s.as(huong).post("/2025-2026/nudges", form(s.Huong.AccountID)).wantStatus(http.StatusUnprocessableEntity).wantText("không cần nhắc")
	s.as(huong).post("/2025-2026/nudges", form(s.OtherTeacher.AccountID)).wantStatus(http.StatusNotFound)
	s.as(minh).get("/2025-2026/people").wantStatus(http.StatusNotFound)
	s.as(minh).post("/2025-2026/nudges", form(s.Huong.AccountID)).wantStatus(http.StatusNotFound)
	s.as(otherTeacher).post("/2025-2026/nudges", form(s.Huong.AccountID)).wantStatus(http.StatusNotFound)
	s.as(principal).get("/2025-2026/people?period=ck1").wantStatus(http.StatusOK).wantText("Nguyễn Thị Mai Hương", "Lớp 4A")
}
