package fonts

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// vietnameseLetters returns the 134 letters that carry a mark and the plain
// ones, small and capital, built from vowels and tones, not copied from a table
// that could share an omission with the font.
func vietnameseLetters() []rune {
	var all []rune
	add := func(s string) {
		for _, s := range []string{strings.ToLower(s), strings.ToUpper(s)} {
			all = append(all, []rune(norm.NFC.String(s))...)
		}
	}
	for _, vowel := range []string{"a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"} {
		for _, tone := range []string{"", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"} {
			add(vowel + tone)
		}
	}
	for _, c := range "bcdđghklmnpqrstvx" {
		add(string(c))
	}
	return all
}

func TestFaces_HoldEveryVietnameseLetter(t *testing.T) {
	letters := vietnameseLetters()
	if n := len(letters); n != 2*(12*6+17) {
		t.Fatalf("the list has %d letters", n)
	}
	others := []rune("0123456789fjwzFJWZ.,;:!?()[]/%&@#*+-=_'\"\u00a0≤≥←→“”‘’–—…•₫№ĕĭŏŭƀčñ" +
		"\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
	for _, f := range faces {
		raw, err := files.ReadFile(f.file)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) > 24<<10 {
			t.Errorf("%s is %d bytes; every printed page carries it", f.file, len(raw))
		}
		has, err := coverage(raw)
		if err != nil {
			t.Fatalf("%s: %v", f.file, err)
		}
		for _, r := range append(letters, others...) {
			if !has[r] {
				t.Errorf("%s lacks %q (%U)", f.file, r, r)
			}
		}
	}
}

func TestCSS_EmbedsFourFaces(t *testing.T) {
	css := CSS()
	if n := strings.Count(css, "@font-face{font-family:Tinos;"); n != 4 {
		t.Errorf("%d faces", n)
	}
	if strings.Contains(css, "http") {
		t.Error("a face comes from outside")
	}
}

// coverage reads the character map of a WOFF2 file.
func coverage(raw []byte) (map[rune]bool, error) {
	tables, err := unpack(raw)
	if err != nil {
		return nil, err
	}
	glyphs, err := readCmap(tables[tagCmap].data)
	has := make(map[rune]bool, len(glyphs))
	for r, glyph := range glyphs {
		has[r] = glyph != 0
	}
	return has, err
}

// TestAdvances_AreThoseOfTimes compares with the widths of Times New Roman, to
// which Tinos is metric-compatible (in thousandths of the type size).
func TestAdvances_AreThoseOfTimes(t *testing.T) {
	all := Advances()
	for r, want := range map[rune]int{' ': 250, 'a': 444, 'i': 278, 'm': 778, 'M': 889, '.': 250, '0': 500, 'ế': 444, 'ậ': 444, 'Đ': 722, 'ỉ': 278} {
		if got := int(all[r]*1000 + .5); got != want {
			t.Errorf("%q is %d wide, want %d", r, got, want)
		}
	}
	if len(all) < 400 {
		t.Errorf("%d letters have a width", len(all))
	}
}
