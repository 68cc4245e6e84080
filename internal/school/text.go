package school

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// Clean brings free text into the one form in which it is stored, compared and
// signed: NFC, LF line ends, no control characters but LF, none that turn the
// direction of writing (they show a name as another), no blanks at the ends,
// runs of blanks folded into one. It is applied once, at input.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = lineEnds.Replace(s)
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case r == '\n':
			blank = false
			b.WriteRune(r)
			continue
		case r == '\t' || unicode.Is(unicode.Zs, r):
			blank = true
			continue
		case r == 0x2028, r == 0x2029: // line and paragraph separator
			blank = false
			b.WriteByte('\n')
			continue
		case unicode.IsControl(r), r == 0xFFFE, r == 0xFFFF, r == 0xFEFF, r == 0x200B, unicode.Is(unicode.Bidi_Control, r):
			continue
		}
		if blank && b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(r)
	}
	// A character that was left out may have kept a letter from its accent, so
	// NFC comes last.
	return norm.NFC.String(strings.TrimSpace(b.String()))
}

// CleanLine is Clean for what must stay on one line: names, places, codes.
func CleanLine(s string) string {
	return strings.Join(strings.Fields(Clean(s)), " ")
}

// Fold returns s without diacritics and in small letters, đ as d: the form in
// which names are searched and matched, never shown.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// SameName reports whether two spellings are of one name, as authorities write
// it: capitals do not count, nor whether the marks are there at all. But where
// both bear marks they must agree: Hương is not Hường. The place of the tone
// (hòa, hoà) is spelling.
func SameName(a, b string) bool {
	if Fold(a) != Fold(b) {
		return false
	}
	return !marked(a) || !marked(b) || marks(a) == marks(b)
}

func marked(s string) bool { return strings.ToLower(strings.Join(strings.Fields(s), " ")) != Fold(s) }

// tones are the combining marks of the five written tones.
const tones = "\u0300\u0301\u0303\u0309\u0323"

// marks writes a name with the tone of each syllable at its end.
func marks(s string) string {
	var out []string
	for _, word := range strings.Fields(norm.NFD.String(strings.ToLower(s))) {
		var letters, tone strings.Builder
		for _, r := range word {
			if strings.ContainsRune(tones, r) {
				tone.WriteRune(r)
			} else {
				letters.WriteRune(r)
			}
		}
		out = append(out, letters.String()+tone.String())
	}
	return strings.Join(out, " ")
}

// SplitName splits a full name into family and middle names, and the given
// name by which lists are sorted: its last word.
func SplitName(full string) (rest, given string) {
	full = CleanLine(full)
	if i := strings.LastIndexByte(full, ' '); i >= 0 {
		return full[:i], full[i+1:]
	}
	return "", full
}
