package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/views"
)

func (s *site) history(p school.Period, row int, cell string) string {
	return views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", p, "cells", "history") + fmt.Sprintf("?cell=%d.%s", s.Roll[row].EnrolmentID, cell)
}

func TestShowPupil_TellsEverythingSoFar(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.EndFirst)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	b.put(s.cells(school.EndFirst), s.cell(3, school.Toan, "level"), "", "H", s.cell(3, school.Toan, "mark"), "", "7",
		s.cell(3, school.Toan, "remark"), "", "Tính còn chậm.")
	b.put(s.cells(school.YearEnd), s.cell(3, school.Toan, "mark"), "", "8")
	s.db.Clock.Advance(3 * time.Hour)
	b.put(s.cells(school.YearEnd), s.cell(3, school.Toan, "mark"), "8", "9", s.cell(3, school.Toan, "level"), "", "T")

	panel := b.get(s.rowForm(school.YearEnd, 3)+"?subject=TOAN&cell=TOAN.mark", "HX-Request", "true").wantStatus(http.StatusOK).
		wantText("Nguyễn Khánh Chi", "Số 4 · 4A · 14/03/2016", "Toán qua các kì", "H · 7", "T · 9", "Tính còn chậm.",
			"Lịch sử ô Toán · điểm KTĐK", "8 → 9 Nguyễn Thị Mai Hương · 11:00 hôm nay", "trống → 8 Nguyễn Thị Mai Hương · 08:00 hôm nay")
	if strings.Contains(panel.text(), "trống → T") || strings.Contains(panel.body, "<html") {
		t.Error("the panel tells of another cell, or is a page")
	}
	b.get(s.rowForm(school.YearEnd, 3)+"?subject=TOAN", "HX-Request", "true").wantText("Đã sửa trong kì này", "mức: trống → T")

	// The homeroom teacher's part, all fifteen of it.
	traits := fmt.Sprintf("%d.YEU_NUOC.level", s.Roll[3].EnrolmentID)
	b.put(s.cells(school.YearEnd), traits, "", "Đ")
	b.get(s.rowForm(school.YearEnd, 3), "HX-Request", "true").wantStatus(http.StatusOK).
		wantText("Phẩm chất và năng lực qua các kì", "Yêu nước", "Thể chất", "yêu nước: trống → Đ")

	// Without htmx the form of the row is the page of the pupil.
	if got := b.get(s.rowForm(school.YearEnd, 3) + "?subject=TOAN"); got.status != http.StatusSeeOther ||
		got.header.Get("Location") != s.grid(school.YearEnd, school.Toan)+fmt.Sprintf("&row=%d", s.Roll[3].EnrolmentID) {
		t.Errorf("without htmx: %d to %q", got.status, got.header.Get("Location"))
	}
	b.get(s.grid(school.YearEnd, school.Toan)+fmt.Sprintf("&row=%d", s.Roll[3].EnrolmentID)).wantText("Đến nay", "T · 9", "điểm KTĐK: 8 → 9")
}

func TestCellHistory_IsForThoseWhoMaySeeTheTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	s.as(minh).put(s.cells(school.YearEnd), s.cell(0, school.AmNhac, "level"), "", "T")
	music, traits := s.history(school.YearEnd, 0, "AM_NHAC.level"), s.history(school.YearEnd, 0, "YEU_NUOC.level")
	for _, c := range []struct {
		who, path string
		status    int
	}{
		{minh, music, 200}, {principal, music, 200}, {huong, music, 404}, {otherTeacher, music, 404}, {authority, music, 404},
		{huong, traits, 200}, {minh, traits, 404}, {huong, s.history(school.YearEnd, 0, "KHAC.level"), 404},
		{minh, strings.Replace(music, fmt.Sprint(s.Roll[0].EnrolmentID), "999999", 1), 404},
		{minh, s.rowForm(school.YearEnd, 0) + "?subject=TOAN", 404}, {minh, s.rowForm(school.YearEnd, 0), 404},
	} {
		if got := s.as(c.who).get(c.path); got.status != c.status && (c.status != 200 || got.status != http.StatusSeeOther) {
			t.Errorf("%s at %s: %d, want %d", c.who, c.path, got.status, c.status)
		}
	}
	s.db.Exec(`UPDATE school.entry_history SET way = 'import'`)
	s.as(minh).get(music).wantText("Đoàn Nhật Minh · nhập từ tệp · 08:00 hôm nay")
	s.as(minh).get(music).wantText("Lịch sử ô Nghệ thuật (Âm nhạc) · mức", "trống → T", "Đoàn Nhật Minh")
	s.as(huong).get(traits).wantText("Chưa ai ghi.")
}
