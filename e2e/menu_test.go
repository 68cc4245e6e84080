package e2e

import (
	"testing"

	"github.com/go-rod/rod/lib/input"
)

// TestMenu_IsOneListForBothWidths: beside the page on a wide screen, behind
// "Mục" on a narrow one, with keys and with the finger.
func TestMenu_IsOneListForBothWidths(t *testing.T) {
	s := newStage(t)
	b := s.as(huong)
	want := func(when, want string) {
		t.Helper()
		got := b.js(`() => { const shown = (e) => getComputedStyle(e).display !== "none";
			return (shown(document.querySelector(".menu")) ? "button " : "") + (shown(document.querySelector(".nav")) ? "list" : "") }`)
		if got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	want("on a wide screen", "list")
	b.size(360, 768)
	want("on a phone", "button ")
	b.click(".menu summary")
	want("opened", "button list")
	b.axe()
	b.click(".nav .nav-title")
	want("after a tap beside a line", "button list")
	b.click("main")
	want("after a tap beside the list", "button ")
	b.js(`() => { document.querySelector(".menu summary").focus(); return "" }`)
	b.keys(input.Enter, input.Tab)
	if got := b.js(`() => document.activeElement.closest(".nav") ? "in the list" : document.activeElement.outerHTML`); got != "in the list" {
		t.Errorf("Tab goes from the button to %s", got)
	}
	b.keys(input.Escape)
	want("after Esc", "button ")
	if got := b.js(`() => document.activeElement.tagName`); got != "SUMMARY" {
		t.Errorf("the focus is on %s", got)
	}
}
