package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"hocba/internal/school"
)

// phrases waits until the list under the table begins with some words, and
// returns all of it.
func (b *tab) phrases(first string) []string {
	b.t.Helper()
	var all []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		all = strings.Split(b.js(`() => [...document.querySelectorAll("#grid-phrases:not([hidden]) [data-phrase]")].map((e) => e.dataset.phrase).join("|")`), "|")
		if all[0] != "" && strings.HasPrefix(all[0], first) {
			return all
		}
	}
	b.t.Fatalf("the list begins with %q, want %q", all[0], first)
	return nil
}

// TestRemarks_ComeFromTheBankByKeyboard calls phrases by number, by two letters
// and by code; what the checks find is told at the cell; then a class is filled.
func TestRemarks_ComeFromTheBankByKeyboard(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	b := s.as(huong)
	b.visit(s.grid(school.Toan))
	b.point(0, levels)
	for range s.cast.Roll {
		b.types("t")
	}
	b.waitLine("Đã lưu")
	b.point(0, comments)
	second := b.phrases("")[1]
	b.chord(input.Digit2, input.AltLeft)
	b.wantShows(0, comments, second)
	b.axe()
	b.keys(input.Enter)
	b.wantEditor("Toán · nhận xét · Trần Bảo An")
	s.wantStored(school.Toan, 0, comments, second)

	b.types("vh")
	b.phrases("Vẽ hình chính xác")
	b.chord(input.Digit1, input.AltLeft)
	b.wantShows(1, comments, "Vẽ hình chính xác, vận dụng tốt công thức tính chu vi, diện tích.")
	b.types(" Chăm phát biểu.")
	b.keys(input.Enter)
	s.wantStored(school.Toan, 1, comments, "Vẽ hình chính xác, vận dụng tốt công thức tính chu vi, diện tích. Chăm phát biểu.")
	b.types("t22")
	b.phrases("Phân tích đề nhanh")
	b.chord(input.Digit1, input.AltLeft)
	b.keys(input.Enter)
	s.wantStored(school.Toan, 2, comments, "Phân tích đề nhanh, giải đúng bài toán có nhiều bước tính.")

	b.types("Em Khánh Chi và bạn Nhi học tốt.")
	b.keys(input.Enter)
	b.waitText("1 nhận xét nên xem lại")
	if at := b.js(`() => [...document.querySelectorAll("#grid td.look")].map((td) => td.parentNode.querySelector("a").textContent + td.cellIndex).join()`); at != "Nguyễn Khánh Chi4" {
		t.Errorf("the marked cells are %q", at)
	}
	s.findsWithoutDisturbing(b)
	s.picksBesideTheTable(b)
	s.fillsAClass(b)
}

// findsWithoutDisturbing has the findings come anew in mid-typing: the caret and
// the list that was opened stay where they are.
func (s *stage) findsWithoutDisturbing(b *tab) {
	s.t.Helper()
	b.click("#grid-found summary")
	b.point(5, comments)
	b.types("Em chăm học")
	b.keys(input.ArrowLeft, input.ArrowLeft)
	b.js(`() => { window.lists = 0; document.addEventListener("htmx:afterSwap", (e) => { if (e.target.id === "grid-found") lists++; });
		document.body.dispatchEvent(new Event("cells-saved")); return "" }`)
	for end := time.Now().Add(patience); b.js(`() => String(lists)`) == "0" && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	const state = `() => { const box = document.activeElement, list = document.querySelector("#grid-found details");
		return [lists, box.getAttribute("aria-label"), box.selectionStart, list.open].join("|") }`
	if got := b.js(state); got != "1|Toán · nhận xét · Bh'nướch Thị Lan|9|true" {
		s.t.Errorf("after the findings came anew: %q", got)
	}
	b.types("X")
	b.wantShows(5, comments, "Em chăm hXọc")
	b.keys(input.Escape)
}

// picksBesideTheTable takes a phrase from the panel with the mouse.
func (s *stage) picksBesideTheTable(b *tab) {
	s.t.Helper()
	b.point(4, comments)
	b.keys(input.F8)
	b.waitText("Chưa ai ghi.")
	text := b.js(`() => { const e = document.querySelector("#grid-panel [data-phrase]"); e.click(); return e.dataset.phrase }`)
	b.wantShows(4, comments, text)
	b.keys(input.Enter)
	s.wantStored(school.Toan, 4, comments, text)
}

// fillsAClass has remarks proposed for those without one, and saves them.
func (s *stage) fillsAClass(b *tab) {
	s.t.Helper()
	class := fmt.Sprintf("/2025-2026/classes/%d", s.cast.Class.ID)
	b.visit(class + "/remarks/cn?item=TOAN")
	b.waitText("3 em có câu đề xuất, 5 em giữ câu đã ghi")
	b.axe()
	b.press("Lưu các nhận xét đã chọn")
	b.waitText("Đã lưu 3 nhận xét")
	seen := map[string]bool{}
	for i, got := range s.stored(school.Toan) {
		if got[comments] == "" || seen[got[comments]] {
			s.t.Errorf("row %d has %q", i, got[comments])
		}
		seen[got[comments]] = true
	}
	for _, path := range []string{class + "/remarks/cn?item=NX_PHAM_CHAT", class + "/remark-checks/cn", class + "/signatures", "/2025-2026/phrases",
		"/2025-2026/phrases?source=starter&item=TOAN"} {
		for _, width := range []int{1366, 360} {
			b.size(width, 768)
			b.visit(path)
			b.axe()
		}
	}
}
