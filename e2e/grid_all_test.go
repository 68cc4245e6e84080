package e2e

import (
	"fmt"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"hocba/internal/school"
)

// Places of columns in the table of all subjects of grade 4 at the year's end.
const (
	mathLevel, mathMark, ethics, exercise, music, activity = 2, 3, 14, 15, 16, 18
)

// TestGrid_AllSubjectsBesideEachOther is written by the homeroom teacher, read
// by the principal, and shows what the music teacher writes meanwhile.
func TestGrid_AllSubjectsBesideEachOther(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	all := fmt.Sprintf("/2025-2026/classes/%d/gradebook/cn?show=all", s.cast.Class.ID)
	b, reader, other := s.as(huong), s.as(principal), s.as(minh)
	b.visit(all)
	reader.visit(all)
	other.visit(s.grid(school.AmNhac))

	b.point(0, mathLevel)
	b.wantEditor("Toán · mức · Nguyễn Hoài An")
	b.types("th")
	b.wantEditor("Toán · mức · Lê Quỳnh Anh")
	b.keys(input.Tab)
	b.types("9")
	b.keys(input.Enter)
	b.wantEditor("Toán · điểm KTĐK · Nguyễn Khánh Chi")
	s.wantStored(school.Toan, 1, levels, "H")
	s.wantStored(school.Toan, 2, marks, "9")
	b.chord(input.KeyZ, input.ControlLeft)
	b.waitLine("Đã hoàn tác 1 ô")
	s.wantStored(school.Toan, 2, marks, "")
	reader.wantShows(1, mathLevel, "H")

	// Another teacher's subject is read, and stepped over.
	other.point(0, levels)
	other.types("t")
	b.wantShows(0, music, "T")
	reader.wantShows(0, music, "T")
	b.point(0, exercise)
	b.keys(input.Tab)
	b.wantEditor("Hoạt động trải nghiệm · mức · Nguyễn Hoài An")
	b.point(0, ethics)
	b.paste("T\tH\tC\tC\tT\n", "")
	b.waitText("Đã dán: 3 ô nhận, 2 ô từ chối")
	b.waitText("Nghệ thuật (Âm nhạc) · mức · Nguyễn Hoài An (“C”)")
	b.axe()
	s.wantStored(school.DaoDuc, 0, levels, "T")
	s.wantStored(school.HoatDongTraiNghiem, 0, levels, "T")
	if got := s.stored(school.AmNhac)[0][levels]; got != "T" {
		t.Errorf("a paste over another teacher's subject left %q", got)
	}
	b.press("Đóng")
	b.keys(input.F8)
	b.waitText("Tất cả các môn qua các kì")
	b.axe()

	// Who reads finds pupils and opens their panel, and has no editor.
	reader.js(`() => { document.querySelector("main a").focus(); return "" }`)
	reader.types("/")
	reader.types("zo")
	reader.keys(input.Enter)
	reader.keys(input.F8)
	reader.waitText("Số 8 · 4A")
	reader.axe()
	if reader.js(`() => String(!!document.querySelector("#grid input, #grid textarea"))`) != "false" {
		t.Error("the principal has an editor")
	}
	for _, width := range []int{820, 360} {
		b.size(width, 768)
		b.visit(all)
		b.axe()
		b.visit(all + fmt.Sprintf("&row=%d", s.cast.Roll[0].EnrolmentID))
		b.waitText("Để đọc")
		b.axe()
	}
}
