package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// choose picks an option of the select with a name.
func (b *tab) choose(name, value string) {
	b.t.Helper()
	b.js(`(name, value) => { const e = document.querySelector("select[name='" + name + "']"); e.value = value;
		e.dispatchEvent(new Event("change", {bubbles: true})); if (e.value !== value) throw new Error("no option " + value); return "" }`, name, value)
}

// tick ticks the box or the radio of a name and value.
func (b *tab) tick(name, value string) {
	b.t.Helper()
	b.click(`input[name="` + name + `"][value="` + value + `"]`)
}

// axeBoth asks axe about the page as it stands, wide and on a phone.
func (b *tab) axeBoth() {
	b.t.Helper()
	for _, width := range []int{360, 1366} {
		b.size(width, 768)
		b.axe()
	}
}

// TestDesk_WhatATeacherHasBesideTheGrid tells what a homeroom teacher, a
// subject teacher and the principal do with each other about single pupils.
func TestDesk_WhatATeacherHasBesideTheGrid(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	s.openEntry(school.Summer)
	s.chain.Fill(t)
	seven, three := 7, 3
	s.chain.Enter(s.cast.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "T", Mark: &seven, Remark: "Em tính đúng."})
	s.chain.Enter(s.cast.Roll[1].EnrolmentID, "TOAN", evaluation.Entry{Level: "C", Mark: &three, Remark: "Em còn lúng túng."})
	s.db.Exec(`DELETE FROM school.commendation WHERE pupil_id IN ($1, $2)`, s.cast.Roll[0].PupilID, s.cast.Roll[1].PupilID)
	home, head := s.as(huong), s.as(principal)
	class := fmt.Sprintf("/2025-2026/classes/%d", s.cast.Class.ID)
	s.commends(home, head, class)
	s.practisesInSummer(home, head, class)
	s.correctsAName(home, head, class)
	s.talksAboutACell(home, s.as(minh), class)
}

// commends: from the class's proposal over the principal's decision to the
// line of the booklet.
func (s *stage) commends(home, head *tab, class string) {
	s.t.Helper()
	home.visit(class + "/commendations")
	home.axeBoth()
	home.press("Đề nghị Tiêu biểu")
	home.waitText("Tập thể lớp đã công nhận")
	home.press("Ghi")
	home.waitText("Chọn ít nhất một môn em có thành tích nổi bật")
	home.axeBoth()
	home.tick("items", "KHOA_HOC")
	home.tick("agreed", "1")
	home.press("Ghi")
	home.waitText("Đã ghi khen thưởng")
	home.axeBoth()

	head.visit("/2025-2026/commendations")
	head.axeBoth()
	head.fill("number", "45/QĐ-THHP")
	head.fill("day", "20/05/2026")
	head.press("Quyết định khen thưởng")
	head.waitText("Đã quyết định cho 7 em")
	head.axeBoth()
	head.visit(fmt.Sprintf("/2025-2026/records/%d", s.chain.Records[0]))
	head.waitText("nổi bật môn Khoa học (Quyết định số 45/QĐ-THHP ngày 20/05/2026)")
}

// practisesInSummer: a plan, the re-assessment, the principal's decision.
func (s *stage) practisesInSummer(home, head *tab, class string) {
	s.t.Helper()
	home.visit(class + "/summer")
	home.waitText("Chưa có kế hoạch")
	home.axeBoth()
	home.press("Lập kế hoạch")
	home.waitText("Gia đình phối hợp")
	home.axeBoth()
	home.fill("content", "Ôn phép chia")
	home.fill("guide", "Cô Hương")
	home.fill("from", "20/05/2026")
	home.fill("to", "31/07/2026")
	home.press("Lưu kế hoạch")
	home.waitText("Đã lưu kế hoạch")
	home.axeBoth()
	home.visit(class + "/gradebook/he?subject=TOAN")
	home.waitText("Trần Bảo An")
	home.axeBoth()
	home.point(0, levels)
	home.types("h")
	home.point(0, marks)
	home.types("6")
	home.keys(input.Enter)
	s.waitAssessed(s.cast.Roll[1].EnrolmentID)

	an := s.cast.Roll[1].EnrolmentID
	head.visit("/2025-2026/summer")
	head.axeBoth()
	head.fill("number", "27/QĐ-TH")
	head.fill("date", "20/05/2026")
	head.choose(fmt.Sprintf("outcome-%d", an), "completed")
	head.press("Ghi quyết định")
	head.waitText("Đã ghi quyết định")
	head.axeBoth()
	head.visit("/2025-2026/summer/unclosed")
	head.waitText("8 em của trường")
	head.axeBoth()
	home.visit(class + "/summary/he")
	home.waitText("Trần Bảo An")
	home.axeBoth()
}

// waitAssessed waits until level and mark of Toán stand in the summer's period.
func (s *stage) waitAssessed(enrolment int64) {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var done bool
		if s.db.Owner().QueryRow(`SELECT level = 'H' AND mark = 6 FROM school.entry WHERE enrolment_id = $1 AND period = 'he' AND item = 'TOAN'`, enrolment).
			Scan(&done) == nil && done {
			return
		}
	}
	s.t.Fatal("the re-assessment was not saved")
}

// correctsAName: the homeroom teacher proposes, a second person confirms.
func (s *stage) correctsAName(home, head *tab, class string) {
	s.t.Helper()
	file := fmt.Sprintf("%s/profiles/%d", class, s.cast.Roll[2].PupilID)
	home.visit(class + "/profiles")
	home.axeBoth()
	home.visit(file)
	home.fill("full_name", "Lê Quỳnh Ánh")
	home.press("Lưu")
	home.waitText("Chưa lưu")
	home.axeBoth()
	home.tick("kind", "correction")
	home.choose("paper", "birth_certificate")
	home.fill("from", "20/05/2026")
	home.fill("note", "Giấy khai sinh số 45")
	home.press("Lưu và sang em tiếp theo")
	home.waitText("1 mục chờ hiệu trưởng hoặc quản trị xác nhận")
	home.visit(file)
	home.waitText("Lê Quỳnh Anh")
	home.axeBoth()

	head.visit("/2025-2026/profile-changes")
	head.waitText("Lê Quỳnh Ánh")
	head.axeBoth()
	head.press("Xem, từ chối")
	head.waitText("Xác nhận thì hồ sơ đổi ngay")
	head.axeBoth()
	head.click(`button[value="confirm"]`)
	head.waitText("Đã xác nhận 1 thay đổi")
	head.axeBoth()
	home.visit(class + "/profiles")
	home.waitText("Lê Quỳnh Ánh")
}

// talksAboutACell: a note is opened, counted on the home page of whom it is
// for, answered and closed; it stands in no record.
func (s *stage) talksAboutACell(home, music *tab, class string) {
	s.t.Helper()
	home.visit(class + "/notes")
	home.axeBoth()
	home.choose("pupil", fmt.Sprint(s.cast.Roll[3].EnrolmentID))
	home.choose("item", "AM_NHAC")
	home.choose("to", "owner")
	home.fill("body", "Thầy xem lại nhận xét của em.")
	home.press("Gửi trao đổi")
	home.waitText("Đã gửi trao đổi")
	home.axeBoth()
	music.visit("/2025-2026")
	music.waitText("trao đổi")
	music.visit(class + "/notes")
	music.waitText("Thầy xem lại nhận xét của em.")
	music.axeBoth()
	music.fill("body", "Tôi đã sửa lại.")
	music.press("Gửi trả lời")
	music.waitText("Đã ghi")
	home.visit(class + "/notes")
	home.waitText("Tôi đã sửa lại.")
	home.press("Kết thúc")
	home.waitGone("Gửi trả lời")
	home.axeBoth()
	home.visit(fmt.Sprintf("/2025-2026/records/%d", s.chain.Records[3]))
	if strings.Contains(home.words(), "Tôi đã sửa lại") {
		s.t.Error("a note stands in the record")
	}
}
