package spreadsheet

import (
	"strings"
	"unicode"

	"hocba/internal/school"
)

// Field is a column that a layout knows. Heading is the official heading of
// the exchange templates (domain notes §9.2), Synonyms the other usual ones;
// they are compared by headingKey, so case, diacritics, blanks, signs and
// remarks in brackets do not matter.
type Field struct {
	Key      string
	Heading  string
	Synonyms []string
	Required bool
}

// Layout is what a kind of table can consist of; NewLayout makes one.
type Layout struct {
	Fields  []Field
	persons map[string]bool
	index   map[string]target
}

// target is a field found by a spelling; rank orders the spellings of a field,
// the official one first.
type target struct {
	field string
	rank  int
}

// NewLayout makes a layout. persons are the words that, standing in a group
// heading above a column, say that the column is about somebody else ("cha",
// "mẹ"), so that its own heading alone must not decide. Of two fields with one
// spelling the earlier keeps it.
func NewLayout(persons []string, fields ...Field) *Layout {
	l := &Layout{Fields: fields, persons: map[string]bool{}, index: map[string]target{}}
	for _, p := range persons {
		l.persons[p] = true
	}
	for _, f := range fields {
		for rank, spelling := range append([]string{f.Heading}, f.Synonyms...) {
			key := headingKey(spelling)
			if _, taken := l.index[key]; !taken && key != "" {
				l.index[key] = target{f.Key, rank}
			}
		}
	}
	return l
}

// Heading returns the official heading of a field, "" for none: the name of the
// field for people.
func (l *Layout) Heading(field string) string {
	for _, f := range l.Fields {
		if f.Key == field {
			return f.Heading
		}
	}
	return ""
}

// Column is a column of a table.
type Column struct {
	Index   int
	Letter  string
	Heading string // as the file has it
	Field   string // key of the field, "" for a column that is not read
	own     string // Heading without that of the group above
	span    int    // columns that the heading covers
}

// Header is where the headings of a table stand.
type Header struct {
	Row     int // the sheet's number of the (first) row of headings
	LastRow int // of the last: group headings take two
	Columns []Column
	Twice   [][2]Column // two columns for one field: the one taken, the other
	byField map[string]int
}

// Column returns the column of a field.
func (h *Header) Column(field string) (Column, bool) {
	i, ok := h.byField[field]
	if !ok {
		return Column{}, false
	}
	return h.Columns[i], true
}

// Missing returns the required fields without a column.
func (h *Header) Missing(l *Layout) []Field {
	var missing []Field
	for _, f := range l.Fields {
		if _, ok := h.byField[f.Key]; f.Required && !ok {
			missing = append(missing, f)
		}
	}
	return missing
}

// repeatedIn reports whether a row shows the headings again, as lists printed
// page by page do.
func (h *Header) repeatedIn(row Row) bool {
	same := 0
	for _, c := range h.Columns {
		if c.own == row.Cell(c.Index).Text {
			same++
		}
	}
	return same >= minHeadings
}

// minHeadings is how many different fields a row must name to be one of headings.
const minHeadings = 3

// FindHeader finds the row of headings among the first MaxHeadingRow rows: the
// one that names most fields, the upper one of two equals, with the row under
// it when the two make a group heading. nil when no row names three fields.
func (l *Layout) FindHeader(s *Sheet) *Header {
	var best *Header
	for i, row := range s.Rows {
		if row.Number > MaxHeadingRow {
			break
		}
		header := l.place(s.single(row))
		header.Row, header.LastRow = row.Number, row.Number
		if i+1 < len(s.Rows) && s.Rows[i+1].Number == row.Number+1 {
			double := l.place(s.double(row, s.Rows[i+1]))
			double.Row, double.LastRow = row.Number, row.Number+1
			if len(double.byField) > len(header.byField) {
				header = double
			}
		}
		if best == nil || len(header.byField) > len(best.byField) {
			best = header
		}
	}
	if best == nil || len(best.byField) < minHeadings {
		return nil
	}
	return best
}

// heading is the text over a column: its own, and that of the group above it.
type heading struct {
	col, span  int
	own, group string
}

// single reads a row as headings. A heading merged over several columns covers
// them all.
func (s *Sheet) single(row Row) []heading {
	var headings []heading
	for col, cell := range row.Cells {
		if cell.Kind == Text {
			headings = append(headings, heading{col: col, span: s.span(row.Number, col), own: cell.Text})
		}
	}
	return headings
}

// double reads two rows as group headings over headings.
func (s *Sheet) double(top, bottom Row) []heading {
	var headings []heading
	group, until := "", -1
	for col := range max(len(top.Cells), len(bottom.Cells)) {
		if t := top.Cell(col); t.Kind == Text {
			group = t.Text
			until = col + s.span(top.Number, col) - 1
		} else if col > until {
			group = ""
		}
		own := ""
		if b := bottom.Cell(col); b.Kind == Text {
			own = b.Text
		}
		switch {
		case own == "" && top.Cell(col).Kind == Text:
			headings = append(headings, heading{col: col, span: s.span(top.Number, col), own: group})
		case own != "":
			headings = append(headings, heading{col: col, span: s.span(bottom.Number, col), own: own, group: group})
		}
	}
	return headings
}

// span returns how many columns the cell is merged over, 1 when it is not.
func (s *Sheet) span(row, col int) int {
	for _, m := range s.merges {
		if m.fromRow == row && m.fromCol == col {
			return min(m.toCol, MaxColumns-1) - m.fromCol + 1
		}
	}
	return 1
}

// place gives each heading its field. Of two columns for one field the more
// official spelling wins, then the left one.
func (l *Layout) place(headings []heading) *Header {
	h := &Header{byField: map[string]int{}}
	ranks := map[string]int{}
	for _, head := range headings {
		text := head.own
		if head.group != "" && head.group != head.own {
			text = head.group + " – " + head.own
		}
		column := Column{
			Index: head.col, Letter: ColumnLetter(head.col), Heading: school.CleanLine(text), own: head.own, span: head.span,
		}
		found, ok := l.lookUp(head)
		if !ok {
			h.Columns = append(h.Columns, column)
			continue
		}
		at, taken := h.byField[found.field]
		if taken && ranks[found.field] <= found.rank {
			h.Twice = append(h.Twice, [2]Column{h.Columns[at], column})
			h.Columns = append(h.Columns, column)
			continue
		}
		column.Field = found.field
		if taken {
			h.Columns[at].Field = ""
			h.Twice = append(h.Twice, [2]Column{column, h.Columns[at]})
		}
		h.byField[found.field] = len(h.Columns)
		ranks[found.field] = found.rank
		h.Columns = append(h.Columns, column)
	}
	return h
}

// lookUp tries the heading with its group in both orders, then alone, unless
// the group names another person.
func (l *Layout) lookUp(head heading) (target, bool) {
	if head.group != "" {
		for _, text := range []string{head.own + " " + head.group, head.group + " " + head.own} {
			if t, ok := l.lookUpText(text); ok {
				return t, true
			}
		}
		for _, word := range strings.Fields(strings.ToLower(head.group)) {
			if l.persons[word] {
				return target{}, false
			}
		}
	}
	return l.lookUpText(head.own)
}

func (l *Layout) lookUpText(text string) (target, bool) {
	if t, ok := l.index[headingKey(text)]; ok {
		return t, true
	}
	t, ok := l.index[headingKey(withoutBrackets(text))]
	return t, ok
}

// maxHeading is the length beyond which a text is no heading but a remark.
const maxHeading = 120

// headingKey folds a heading to its letters and digits: "Ngày, tháng, năm
// sinh" → "ngaythangnamsinh".
func headingKey(s string) string {
	if len(s) > maxHeading {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, school.Fold(s))
}

// withoutBrackets drops remarks in brackets: "Ngày sinh (dd/mm/yyyy)".
func withoutBrackets(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}
