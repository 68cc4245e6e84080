package spreadsheet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/fault"
)

// Table is the part of a sheet that holds data: its headings, the lines above
// them, and the rows under them. Issues are those of the whole sheet.
type Table struct {
	Sheet   string
	Title   []string // the lines above the headings
	Header  *Header
	Rows    []Row
	Ignored []int // numbers of rows that are no data: totals, signatures, repeated headings
	Hidden  int   // rows of data that the file hides by a filter
	Other   []string
	Issues  []Issue
}

// evidence says what a row shows of being data.
type evidence int

const (
	noEvidence   evidence = iota // a total, a signature line, a group title
	someEvidence                 // data when it stands between rows of data
	fullEvidence                 // data wherever it stands
)

// Table finds the table of a layout in the workbook. sheet names the sheet to
// take; "" takes the first one whose headings name every required field, and
// tells which other sheets could have been meant. judge tells rows of data from
// the rest. Faults, all Invalid: CodeNoSuchSheet, CodeNoHeadings,
// CodeColumnMissing, CodeNoRows.
func (w *Workbook) table(l *Layout, sheet string, judge func(*Header, Row) evidence) (*Table, error) {
	type found struct {
		sheet  *Sheet
		header *Header
	}
	var whole, partial []found
	for _, s := range w.Sheets {
		if sheet != "" && s.Name != sheet {
			continue
		}
		header := l.FindHeader(s)
		switch {
		case header == nil && sheet == "":
		case header == nil:
			return nil, fault.New(fault.Invalid, CodeNoHeadings, "limit", strconv.Itoa(MaxHeadingRow))
		case len(header.Missing(l)) == 0:
			whole = append(whole, found{s, header})
		default:
			partial = append(partial, found{s, header})
		}
	}
	if len(whole) == 0 && len(partial) == 0 {
		if sheet != "" {
			return nil, fault.New(fault.Invalid, CodeNoSuchSheet, "sheet", sheet)
		}
		return nil, fault.New(fault.Invalid, CodeNoHeadings, "limit", strconv.Itoa(MaxHeadingRow))
	}
	if len(whole) == 0 {
		best := slices.MaxFunc(partial, func(a, b found) int { return len(a.header.byField) - len(b.header.byField) })
		return nil, missingFault(best.sheet, best.header.Missing(l))
	}
	t := &Table{Sheet: whole[0].sheet.Name, Header: whole[0].header}
	for _, f := range whole[1:] {
		t.Other = append(t.Other, f.sheet.Name)
	}
	t.fill(whole[0].sheet, judge)
	if len(t.Rows) == 0 {
		return nil, fault.New(fault.Invalid, CodeNoRows, "sheet", t.Sheet)
	}
	t.sheetIssues()
	return t, nil
}

func missingFault(s *Sheet, fields []Field) error {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Heading
	}
	return fault.New(fault.Invalid, CodeColumnMissing, "sheet", s.Name, "headings", strings.Join(names, ", "))
}

// fill takes the rows of data. Rows between data count when they show some
// evidence; after the last row with full evidence only rubbish follows.
func (t *Table) fill(s *Sheet, judge func(*Header, Row) evidence) {
	var pending []Row
	for _, row := range s.Rows {
		if row.Number < t.Header.Row {
			t.Title = append(t.Title, lineOf(row))
			continue
		}
		if row.Number <= t.Header.LastRow {
			continue
		}
		if t.Header.repeatedIn(row) {
			t.Ignored = append(t.Ignored, row.Number) // headings printed again on each page
			continue
		}
		switch judge(t.Header, row) {
		case fullEvidence:
			t.Rows = append(t.Rows, pending...)
			t.Rows = append(t.Rows, row)
			pending = nil
		case someEvidence:
			pending = append(pending, row)
		default:
			t.Ignored = append(t.Ignored, row.Number)
		}
	}
	for _, row := range pending {
		t.Ignored = append(t.Ignored, row.Number)
	}
	slices.Sort(t.Ignored)
	for _, row := range t.Rows {
		if row.Hidden {
			t.Hidden++
		}
	}
}

func lineOf(row Row) string {
	var words []string
	for _, c := range row.Cells {
		if c.Text != "" {
			words = append(words, c.Text)
		}
	}
	return strings.Join(words, " ")
}

func (t *Table) sheetIssues() {
	for _, pair := range t.Header.Twice {
		issue := newIssue(Warning, CodeColumnTwice, t.Header.LastRow, pair[0], "other", pair[1].Letter, "other_heading", pair[1].Heading)
		t.Issues = append(t.Issues, issue)
	}
	if len(t.Other) > 0 {
		t.Issues = append(t.Issues, newIssue(Warning, CodeOtherSheets, 0, Column{}, "sheets", strings.Join(t.Other, ", ")))
	}
	if t.Hidden > 0 {
		t.Issues = append(t.Issues, newIssue(Warning, CodeRowsHidden, 0, Column{}, "count", strconv.Itoa(t.Hidden)))
	}
	if len(t.Ignored) > 0 {
		t.Issues = append(t.Issues, newIssue(Note, CodeRowsIgnored, 0, Column{}, "rows", rowRanges(t.Ignored)))
	}
}

// rowRanges writes sorted row numbers as "332–334, 340".
func rowRanges(rows []int) string {
	var parts []string
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, strconv.Itoa(rows[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d–%d", rows[i], rows[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// raw returns the texts of a row by the columns of the header, as a list of
// refused rows gives them back.
func (t *Table) raw(row Row) []string {
	texts := make([]string, len(t.Header.Columns))
	for i, c := range t.Header.Columns {
		texts[i] = row.Cell(c.Index).Text
	}
	return texts
}

// rowReader reads the cells of one row by field and gathers what is wrong.
type rowReader struct {
	header *Header
	row    Row
	issues []Issue
}

func (r *rowReader) add(severity Severity, code, field string, args ...string) {
	column, _ := r.header.Column(field)
	r.issues = append(r.issues, newIssue(severity, code, r.row.Number, column, args...))
}

// cell returns the cell of a field; formulas and errors are refused here and
// come back empty with ok false.
func (r *rowReader) cell(field string) (c Cell, ok bool) {
	column, found := r.header.Column(field)
	if !found {
		return Cell{}, true
	}
	c = r.row.Cell(column.Index)
	switch c.Kind {
	case Formula:
		r.add(Refused, CodeFormula, field)
		return Cell{}, false
	case Failure:
		r.add(Refused, CodeCellError, field, "value", c.Text)
		return Cell{}, false
	}
	return c, true
}

// text returns the text of a field on one line; longer than limit is refused.
func (r *rowReader) text(field string, limit int) (string, bool) {
	c, ok := r.cell(field)
	if !ok {
		return "", false
	}
	text := strings.Join(strings.Fields(c.Text), " ")
	if len([]rune(text)) > limit {
		r.add(Refused, CodeTooLong, field, "limit", strconv.Itoa(limit))
		return "", false
	}
	return text, true
}

// refused reports whether anything found so far refuses the row.
func refused(issues []Issue) bool {
	return slices.ContainsFunc(issues, func(i Issue) bool { return i.Severity == Refused })
}
