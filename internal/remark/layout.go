package remark

import (
	"strings"
	"unicode/utf8"

	"hocba/internal/evaluation"
	"hocba/internal/paper/fonts"
	"hocba/internal/school"
)

// The cells of the printed year (views/paper/print.css), in millimetres; type
// in points. A test of views/paper prints remarks and compares lines and pages.
const (
	mmPerPoint   = 25.4 / 72
	border       = .6 * mmPerPoint
	paperWidth   = 210 - 20 - 15 - 2*.3 // A4 less its margins and the body's own
	cellPadding  = 2*1.6 + border
	subjectWidth = paperWidth - 54 - 17 - 17 - cellPadding
	groupWidth   = paperWidth - 54 - 32 - cellPadding

	type12    = 12.0
	typeSmall = 10.5 // of remarks over smallFrom characters
	smallFrom = 200

	lineHigh      = 1.3 * type12 * mmPerPoint
	smallLineHigh = 1.25 * typeSmall * mmPerPoint
	rowHigh       = 11.5 // of a subject, at least
	rowPadding    = 2*1 + border

	// rowsHigh is what the fourteen rows may take so that the second page of
	// the year begins where the form has it: what head, headings and six
	// teachers' signatures leave of the first.
	rowsHigh = 187
)

// groupRoom is how many lines the one remark of a group has beside the rows of
// its table before they grow.
var groupRoom = map[evaluation.Item]int{
	evaluation.RemarkQualities: 6, evaluation.RemarkGeneralCompetencies: 3, evaluation.RemarkSpecificCompetencies: 8,
}

// subjectRoom is how many lines every subject has at once; more is taken from
// the other subjects of the page.
const subjectRoom = 2

// Room returns how many printed lines the remark of an item always has.
func Room(it evaluation.Item) int {
	if n, ok := groupRoom[it]; ok {
		return n
	}
	return subjectRoom
}

// Lines returns how many lines a remark takes in its cell of the printed year,
// broken between words as the printer breaks them; 0 for none.
func Lines(it evaluation.Item, text string) int {
	if text == "" {
		return 0
	}
	width := subjectWidth
	if it.Kind() == evaluation.RemarkItem {
		width = groupWidth
	}
	size := type12
	if small(text) {
		size = typeSmall
	}
	ems := width / (size * mmPerPoint)
	n := 0
	for _, paragraph := range strings.Split(text, "\n") {
		n += wrap(paragraph, ems)
	}
	return n
}

func small(text string) bool { return utf8.RuneCountInString(text) > smallFrom }

// PageHolds reports whether the remarks of a pupil's subjects leave the year on
// its two pages.
func PageHolds(remarks map[evaluation.Item]string) bool {
	total := 0.0
	for _, s := range school.Subjects {
		text := remarks[evaluation.Item(s)]
		line := lineHigh
		if small(text) {
			line = smallLineHigh
		}
		high := max(rowHigh, float64(Lines(evaluation.Item(s), text))*line+rowPadding)
		if s == school.TinHoc || s == school.CongNghe { // a name of two lines
			high = max(high, 2*lineHigh+rowPadding)
		}
		total += high
	}
	return total <= rowsHigh
}

// wrap counts the lines of a paragraph in a column of so many times the type
// size. A word wider than the column is broken inside.
func wrap(paragraph string, ems float64) int {
	lines, used := 1, 0.0
	blank := advance(' ')
	for _, word := range strings.Fields(paragraph) {
		w := 0.0
		for _, r := range word {
			w += advance(r)
		}
		switch {
		case used == 0:
		case used+blank+w <= ems:
			used += blank + w
			continue
		default:
			lines++
		}
		for used = w; used > ems; used -= ems {
			lines++
		}
	}
	return lines
}

// widest stands for letters that the face lacks.
const widest = 1.0

func advance(r rune) float64 {
	if w, ok := fonts.Advances()[r]; ok {
		return w
	}
	return widest
}
