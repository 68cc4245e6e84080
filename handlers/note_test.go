package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hocba/internal/school"
)

func (s *site) writeNote(who, to, item, body string) answer {
	return s.as(who).post(fmt.Sprintf("/2025-2026/classes/%d/notes", s.Class.ID), url.Values{"pupil": {fmt.Sprint(s.Roll[3].EnrolmentID)},
		"item": {item}, "period": {"cn"}, "to": {to}, "body": {body}})
}

func TestNote_GoesToWhoAnswersForTheCellAndBack(t *testing.T) {
	s := newSite(t)
	notes := fmt.Sprintf("/2025-2026/classes/%d/notes", s.Class.ID)
	s.writeNote(huong, "owner", string(school.AmNhac), "Em Chi hát <b>hay</b>, thầy xem lại mức nhé.").wantStatus(http.StatusSeeOther)
	s.as(minh).get("/2025-2026").wantText("Trao đổi lớp 4A chờ thầy/cô", "Nguyễn Khánh Chi · Nghệ thuật (Âm nhạc)")
	s.as(minh).get(notes).wantStatus(http.StatusOK).wantText("Chờ tôi trả lời", "hát <b>hay</b>")
	s.as(huong).get("/2025-2026").wantNoText("Trao đổi lớp 4A chờ")

	s.as(minh).post("/2025-2026/notes/1/replies", url.Values{"body": {"Đã nâng lên T."}}).wantStatus(http.StatusSeeOther)
	s.as(huong).get("/2025-2026").wantText("Trao đổi lớp 4A chờ thầy/cô")
	s.as(huong).get(notes).wantText("chờ tôi kết thúc", "Đã nâng lên T.")
	s.as(minh).get("/2025-2026").wantNoText("Trao đổi lớp 4A chờ")
	s.as(huong).post("/2025-2026/notes/1/closure", nil).wantStatus(http.StatusSeeOther)
	s.as(huong).post("/2025-2026/notes/1/closure", nil).wantStatus(http.StatusConflict).wantText("đã kết thúc")
	s.as(minh).post("/2025-2026/notes/1/replies", url.Values{"body": {"Thêm"}}).wantStatus(http.StatusConflict)
	s.as(huong).get("/2025-2026").wantNoText("Trao đổi lớp 4A chờ")
}

func TestNote_IsSeenByItsPartiesOnly(t *testing.T) {
	s := newSite(t)
	notes := fmt.Sprintf("/2025-2026/classes/%d/notes", s.Class.ID)
	s.writeNote(huong, "principal", string(school.Toan), "Xin ý kiến về em Chi.").wantStatus(http.StatusSeeOther)
	s.as(minh).get(notes).wantStatus(http.StatusOK).wantNoText("Xin ý kiến")
	s.as(minh).post("/2025-2026/notes/1/replies", url.Values{"body": {"x"}}).wantStatus(http.StatusNotFound)
	s.as(otherTeacher).get(notes).wantStatus(http.StatusNotFound)
	s.as(principal).get("/2025-2026").wantText("Trao đổi lớp 4A chờ thầy/cô")
	s.as(principal).post("/2025-2026/notes/1/replies", url.Values{"body": {"Đồng ý."}}).wantStatus(http.StatusSeeOther)
	s.as(admin).get(notes).wantStatus(http.StatusNotFound)
}

func TestNote_RefusesWhatNobodyCouldAnswer(t *testing.T) {
	s := newSite(t)
	s.writeNote(huong, "owner", string(school.Toan), "Gửi chính mình").wantStatus(http.StatusUnprocessableEntity).wantText("Chọn người nhận khác", "Gửi chính mình")
	s.writeNote(huong, "owner", string(school.AmNhac), " ").wantStatus(http.StatusUnprocessableEntity).wantText("Ghi nội dung")
	s.writeNote(huong, "owner", string(school.AmNhac), strings.Repeat("ô", 1001)).wantStatus(http.StatusUnprocessableEntity)
	s.writeNote(huong, "owner", "KHONG_CO", "x").wantStatus(http.StatusUnprocessableEntity).wantText("Chọn môn học")
	s.writeNote(principal, "principal", string(school.Toan), "x").wantStatus(http.StatusUnprocessableEntity)
	s.writeNote(otherTeacher, "homeroom", string(school.Toan), "x").wantStatus(http.StatusNotFound)
	s.as(huong).post(fmt.Sprintf("/2025-2026/classes/%d/notes", s.Class.ID), url.Values{"pupil": {"999999"}, "item": {string(school.AmNhac)},
		"period": {"cn"}, "to": {"owner"}, "body": {"x"}}).wantStatus(http.StatusUnprocessableEntity)
}

func TestNote_EndsWithTheSchoolYear(t *testing.T) {
	s := newSite(t)
	s.writeNote(huong, "owner", string(school.AmNhac), "Tạm").wantStatus(http.StatusSeeOther)
	left := func() (n int) {
		if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.note_message`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	s.db.Clock.Set(school.Date{Year: 2026, Month: 8, Day: 31}.Start())
	if err := s.db.Sweep(t.Context()); err != nil || left() != 1 {
		t.Errorf("%d messages on the year's last day: %v, want 1", left(), err)
	}
	s.db.Clock.Set(school.Date{Year: 2026, Month: 9, Day: 1}.Start())
	if err := s.db.Sweep(t.Context()); err != nil || left() != 0 {
		t.Errorf("%d messages in the next year: %v, want none", left(), err)
	}
}
