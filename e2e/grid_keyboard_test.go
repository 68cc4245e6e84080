package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"hocba/internal/school"
)

// TestGrid_IsWrittenByKeyboardAlone writes a class of 35 in one subject, level,
// mark and remark, without touching the mouse; then blocks are pasted, filled,
// copied and undone.
func TestGrid_IsWrittenByKeyboardAlone(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	s.seat(35)
	b := s.as(huong)
	b.visit(s.grid(school.Toan))
	s.writesAClass(b)
	b.axe()
	s.knowsEveryKey(b)
	s.pastesFromExcel(b)
	s.choosesBlocks(b)
	s.opensThePanel(b)
}

func (s *stage) writesAClass(b *tab) {
	t := s.t
	t.Helper()
	b.types("/")
	b.types("hoai an")
	b.keys(input.Enter)
	b.wantEditor("Toán · mức · Nguyễn Hoài An")
	for i := range s.cast.Roll {
		b.types([]string{"t", "H", "t"}[i%3])
	}
	b.keys(input.Tab) // from the last level to the last mark, and up
	for i := len(s.cast.Roll) - 1; i >= 0; i-- {
		if i%2 == 0 {
			b.keypad('9')
		} else {
			b.types("10")
		}
		b.chord(input.Enter, input.ShiftLeft)
	}
	b.keys(input.Tab)
	b.wantEditor("Toán · nhận xét · Nguyễn Hoài An")
	remarks := s.remarksByKeyboard(b)
	b.waitLine("Đã lưu")
	b.waitLine("Còn trống 0 ô")
	for i, got := range s.stored(school.Toan) {
		want := [3]string{[]string{"T", "H", "T"}[i%3], []string{"9", "10"}[i%2], remarks[i]}
		if got != want {
			t.Fatalf("row %d: the server has %q, want %q", i, got, want)
		}
	}
}

// remarksByKeyboard writes a remark for every pupil, downwards from the open
// cell: the first three are typed, the others come from the bank by Alt and a
// digit.
func (s *stage) remarksByKeyboard(b *tab) []string {
	s.t.Helper()
	var out []string
	for i := range s.cast.Roll {
		if i < 3 {
			out = append(out, fmt.Sprintf("Tính nhanh và đúng, lần %d.", i))
			b.types(out[i])
		} else {
			b.phrases("")
			b.chord([]input.Key{input.Digit1, input.Digit2, input.Digit3}[i%3], input.AltLeft)
			out = append(out, b.shows(i, comments))
			if len(out[i]) < 10 {
				s.t.Fatalf("row %d got %q from the bank", i, out[i])
			}
		}
		b.keys(input.Enter)
	}
	return out
}

// knowsEveryKey goes through the keys that move, edit and open.
func (s *stage) knowsEveryKey(b *tab) {
	s.t.Helper()
	b.point(1, marks)
	b.keys(input.ArrowDown, input.ArrowLeft)
	b.wantEditor("Toán · mức · Lê Quỳnh Anh")
	b.chord(input.Enter, input.ShiftLeft)
	b.wantEditor("Toán · mức · Trần Bảo An")
	b.keys(input.Tab, input.Tab)
	b.wantEditor("Toán · nhận xét · Trần Bảo An")
	// Inside a text the arrows move the caret.
	b.keys(input.F2)
	b.types("!")
	b.keys(input.ArrowLeft, input.ArrowLeft)
	b.types("?")
	b.wantShows(1, comments, "Tính nhanh và đúng, lần 1?.!")
	b.keys(input.Escape)
	b.wantShows(1, comments, "Tính nhanh và đúng, lần 1.")
	b.chord(input.Tab, input.ShiftLeft)
	b.wantEditor("Toán · điểm KTĐK · Trần Bảo An")

	b.types("?")
	b.waitText("Phím tắt của bảng")
	b.axe()
	b.keys(input.Escape)
	b.wantEditor("Toán · điểm KTĐK · Trần Bảo An")
	b.types("/")
	b.types("cttn")
	b.waitText("Công Tằng Tôn Nữ Uyên Nhi")
	b.axe()
	b.keys(input.Enter)
	b.wantEditor("Toán · điểm KTĐK · Công Tằng Tôn Nữ Uyên Nhi")
	b.types("/")
	b.keys(input.Escape)
	b.wantEditor("Toán · điểm KTĐK · Công Tằng Tôn Nữ Uyên Nhi")

	// A mark that is none is refused at the cell; the old one still stands.
	b.point(3, marks)
	b.types("8,5")
	b.keys(input.Enter)
	b.waitText("Không nhận “8,5”")
	b.axe()
	if got := s.stored(school.Toan)[3][marks]; got != "10" {
		s.t.Errorf("the server has %q after a refusal", got)
	}
	b.press("Về 10")
	b.wantShows(3, marks, "10")

	b.visit(fmt.Sprintf("/2025-2026/classes/%d/traits/cn", s.cast.Class.ID))
	b.point(0, 0)
	b.types("dtc")
	b.waitLine("Đã lưu")
	for row, want := range []string{"Đ", "T", "C"} {
		b.wantShows(row, 0, want)
	}
	b.visit(s.grid(school.Toan))
}

// excel is what Excel leaves in the clipboard for three pupils: a decimal that
// is whole, a cell of two lines with quotes, a wrong level, a wrong mark, too
// long a remark, and a line end behind the last row.
var excel = "H\t8,0\tĐọc đúng.\r\nt\t7\t\"Bạn nói \"\"giỏi\"\".\nCần viết chữ đẹp hơn.\"\r\nK\t8,5\t" + strings.Repeat("dài ", 300) + "\r\n"

// libreOffice is what LibreOffice Calc leaves there for two pupils.
const libreOffice = "T\t9\tĐọc \"to\" và rõ.\nC\t4,0\t\"Hai dòng:\nviết \"\"đẹp\"\".\""

func (s *stage) pastesFromExcel(b *tab) {
	t := s.t
	t.Helper()
	before := s.stored(school.Toan)
	b.point(4, levels)
	b.paste(excel, "")
	b.waitText("Đã dán: 6 ô nhận, 3 ô từ chối")
	b.waitText("Toán · điểm KTĐK · Công Tằng Tôn Nữ Uyên Nhi (“8,5”)")
	b.axe()
	got := s.stored(school.Toan)
	for row, want := range [][3]string{{"H", "8", "Đọc đúng."}, {"T", "7", "Bạn nói \"giỏi\".\nCần viết chữ đẹp hơn."}, before[6]} {
		if got[4+row] != want {
			t.Errorf("row %d: %q, want %q", 4+row, got[4+row], want)
		}
	}
	b.press("Bỏ cả lần này")
	b.waitLine("Đã hoàn tác 8 ô") // the first level stood there before
	if got := s.stored(school.Toan); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("after the paste was taken back: %q", got[4:7])
	}
	b.wantShows(6, marks, before[6][marks])

	// A column of a sheet, pasted into a remark that is open: HTML tells that it is a table.
	b.point(8, comments)
	b.paste("Một.\r\nHai.\r\n", "<table><tr><td>Một.</td></tr><tr><td>Hai.</td></tr></table>")
	b.waitLine("Đã dán: 2 ô nhận")
	s.wantStored(school.Toan, 9, comments, "Hai.")
	b.chord(input.KeyZ, input.ControlLeft)
	b.waitLine("Đã hoàn tác 2 ô")
	s.wantStored(school.Toan, 9, comments, before[9][comments])
	// LibreOffice puts no line end behind the last row, and quotes the cell of two lines alone.
	b.point(4, levels)
	b.paste(libreOffice, "")
	b.waitLine("Đã dán: 6 ô nhận")
	s.wantStored(school.Toan, 5, comments, "Hai dòng:\nviết \"đẹp\".")
	if got := s.stored(school.Toan)[4]; got != [3]string{"T", "9", "Đọc \"to\" và rõ."} {
		t.Errorf("LibreOffice's first row became %q", got)
	}
	b.chord(input.KeyZ, input.ControlLeft)
	b.waitLine("Đã hoàn tác")
	s.wantStored(school.Toan, 5, comments, before[5][comments])
	// What goes over the edge is told.
	b.point(34, marks)
	b.paste("7\tHết.\n8\tThừa.\n", "")
	b.waitText("Đã dán: 2 ô nhận, 2 ô nằm ngoài bảng")
	b.press("Đóng")
}

func (s *stage) choosesBlocks(b *tab) {
	t := s.t
	t.Helper()
	b.point(10, levels)
	for range 2 {
		b.chord(input.ArrowDown, input.ShiftLeft)
	}
	b.chord(input.ArrowRight, input.ShiftLeft)
	b.waitLine("Đang chọn 3 × 2 ô")
	stored := s.stored(school.Toan)
	want := ""
	for _, row := range stored[10:13] {
		want += row[levels] + "\t" + row[marks] + "\n"
	}
	if got := b.copied() + "\n"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	b.chord(input.KeyD, input.ControlLeft)
	b.waitLine("Đã điền xuống: 4 ô nhận")
	for _, row := range s.stored(school.Toan)[10:13] {
		if row[levels] != stored[10][levels] || row[marks] != stored[10][marks] {
			t.Errorf("filled down: %q", row)
		}
	}
	b.chord(input.KeyZ, input.ControlLeft)
	b.waitLine("Đã hoàn tác")
	s.wantStored(school.Toan, 12, marks, stored[12][marks])

	b.drag(14, marks, 17, marks)
	b.waitLine("Đang chọn 4 × 1 ô")
	b.keys(input.Delete)
	b.waitLine("Đã xóa 4 ô")
	s.wantStored(school.Toan, 17, marks, "")
	b.paste("6", "")
	b.waitLine("Đã dán: 4 ô nhận")
	s.wantStored(school.Toan, 17, marks, "6")
	for range 2 {
		b.chord(input.KeyZ, input.ControlLeft)
	}
	s.wantStored(school.Toan, 17, marks, stored[17][marks])
	// Single cells are acts as well.
	b.point(20, levels)
	b.types("c")
	s.wantStored(school.Toan, 20, levels, "C")
	b.chord(input.KeyZ, input.ControlLeft)
	b.waitLine("Đã hoàn tác 1 ô")
	s.wantStored(school.Toan, 20, levels, stored[20][levels])
}

// opensThePanel reads everything so far about a pupil, by key and by button.
func (s *stage) opensThePanel(b *tab) {
	s.t.Helper()
	b.point(3, marks)
	b.types("7")
	b.keys(input.F8)
	b.waitText("Lịch sử ô Toán · điểm KTĐK")
	b.waitText("10 → 7 Nguyễn Thị Mai Hương · 08:00 hôm nay")
	b.waitText("Vì sao chưa xuất sắc?")
	b.axe()
	b.click("#pupil-panel [data-close-panel]")
	b.wantEditor("Toán · điểm KTĐK · Nguyễn Khánh Chi")
	b.click(`#grid button[aria-label="2 · xem Trần Bảo An"]`)
	b.waitText("Đã sửa trong kì này")
	b.waitText("Số 2 · 4A · 11/02/2016")
}
