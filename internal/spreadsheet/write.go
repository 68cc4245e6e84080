package spreadsheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// MaxExportRows is how many rows one export may have.
const MaxExportRows = 200000

// Export is a table to be written as .xlsx.
type Export struct {
	Sheet string   // name of the sheet, shortened and cleaned as Excel demands
	Title []string // lines above the headings
	// Over are rows of headings above the headings, each span over some columns
	// and rows; a heading under a span that reaches down to it is empty.
	Over     [][]Span
	Headings []string
	Widths   []float64 // in characters; missing or 0: fitted to the first rows
	Rows     [][]any   // string, int, int64, float64, school.Date or nil; or one Group alone
	// Footer is the watermark under the table: who took it away, when, from
	// where. An export without one is refused.
	Footer string
}

// Group is a heading between rows, over all columns.
type Group string

// Span is a heading over Cols columns and Rows rows. Spans of a row follow one
// another from the left, past what spans from the rows above cover.
type Span struct {
	Text       string
	Cols, Rows int
}

// exportStyles are the cell styles of an export.
type exportStyles struct{ title, heading, group, text, number, date, footer int }

// Write writes the table. Texts are text cells in the text format: whatever
// they begin with, no program takes them for formulas, also not after somebody
// edits the cell, and codes keep their zeros. Headings are frozen and printed
// on every page; the footer stands under the table and on every page.
// Fault Invalid CodeExportTooLong beyond MaxExportRows; other errors are the
// program's.
func Write(w io.Writer, e Export) error {
	if len(e.Rows) > MaxExportRows {
		return fault.New(fault.Invalid, CodeExportTooLong, "limit", strconv.Itoa(MaxExportRows))
	}
	if len(e.Headings) == 0 || strings.TrimSpace(e.Footer) == "" {
		return fmt.Errorf("write spreadsheet: no headings or no footer")
	}
	f := excelize.NewFile()
	defer f.Close()
	sheet := sheetName(e.Sheet)
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return fmt.Errorf("name sheet: %w", err)
	}
	styles, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("make styles: %w", err)
	}
	if err := e.setUpPage(f, sheet); err != nil {
		return fmt.Errorf("set up page: %w", err)
	}
	sw, err := f.NewStreamWriter(sheet)
	if err != nil {
		return fmt.Errorf("open sheet: %w", err)
	}
	if err := e.stream(sw, styles); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	if err := sw.Flush(); err != nil {
		return fmt.Errorf("close sheet: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write spreadsheet: %w", err)
	}
	return nil
}

// firstHeading is the row in which the headings begin: under the title and one
// empty row.
func (e Export) firstHeading() int {
	if len(e.Title) == 0 {
		return 1
	}
	return len(e.Title) + 2
}

// headingRow is the last row of headings.
func (e Export) headingRow() int { return e.firstHeading() + len(e.Over) }

func newStyles(f *excelize.File) (s exportStyles, err error) {
	border := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "BFC5CE", Style: 1})
	}
	text, date := "@", "dd/mm/yyyy"
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	for _, def := range []struct {
		into  *int
		style excelize.Style
	}{
		{&s.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 13}, CustomNumFmt: &text}},
		{&s.heading, excelize.Style{
			Font: &excelize.Font{Bold: true}, Border: border, CustomNumFmt: &text,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8ECF2"}},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
		}},
		{&s.group, excelize.Style{Font: &excelize.Font{Bold: true}, Border: border, CustomNumFmt: &text,
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F4F6F9"}}}},
		{&s.text, excelize.Style{Border: border, CustomNumFmt: &text, Alignment: top}},
		{&s.number, excelize.Style{Border: border, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&s.date, excelize.Style{Border: border, CustomNumFmt: &date, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&s.footer, excelize.Style{Font: &excelize.Font{Italic: true, Color: "5B6573"}, CustomNumFmt: &text}},
	} {
		if *def.into, err = f.NewStyle(&def.style); err != nil {
			return s, err
		}
	}
	return s, nil
}

// setUpPage makes the sheet print well: landscape A4, as wide as the paper,
// headings and footer on each page.
func (e Export) setUpPage(f *excelize.File, sheet string) error {
	landscape, a4, wide, high, fit := "landscape", 9, 1, 0, true
	err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Orientation: &landscape, Size: &a4, FitToWidth: &wide, FitToHeight: &high,
	})
	if err != nil {
		return err
	}
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	row := e.headingRow()
	err = f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: sheet,
		RefersTo: fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(sheet, "'", "''"), e.firstHeading(), row),
	})
	if err != nil {
		return err
	}
	// In a page footer & begins a command, and 255 characters are all there is.
	footer := []rune("&L" + strings.ReplaceAll(cleanText(e.Footer), "&", "&&"))
	if len(footer) > 230 {
		footer = append(footer[:229], '…')
	}
	return f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: string(footer) + "&R&P/&N"})
}

func (e Export) stream(sw *excelize.StreamWriter, styles exportStyles) error {
	if err := e.layOut(sw); err != nil {
		return err
	}
	for i, line := range e.Title {
		if err := sw.SetRow(cellName(1, i+1), []any{excelize.Cell{StyleID: styles.title, Value: cleanText(line)}}); err != nil {
			return err
		}
	}
	if err := e.streamOver(sw, styles); err != nil {
		return err
	}
	row := e.headingRow()
	headings := make([]any, len(e.Headings))
	for i, h := range e.Headings {
		headings[i] = excelize.Cell{StyleID: styles.heading, Value: cleanText(h)}
	}
	if err := sw.SetRow(cellName(1, row), headings); err != nil {
		return err
	}
	for _, values := range e.Rows {
		row++
		if group, ok := groupOf(values); ok {
			if err := e.streamGroup(sw, row, group, styles); err != nil {
				return err
			}
			continue
		}
		if len(values) > len(e.Headings) {
			return fmt.Errorf("row %d has %d values under %d headings", row, len(values), len(e.Headings))
		}
		cells := make([]any, len(values))
		for i, v := range values {
			cell, err := styles.cell(v)
			if err != nil {
				return fmt.Errorf("row %d column %d: %w", row, i+1, err)
			}
			cells[i] = cell
		}
		if err := sw.SetRow(cellName(1, row), cells); err != nil {
			return err
		}
	}
	return sw.SetRow(cellName(1, row+2), []any{excelize.Cell{StyleID: styles.footer, Value: cleanText(e.Footer)}})
}

func groupOf(values []any) (Group, bool) {
	if len(values) != 1 {
		return "", false
	}
	g, ok := values[0].(Group)
	return g, ok
}

// streamGroup writes a heading between rows. Every cell under it has the style,
// so that its frame is whole.
func (e Export) streamGroup(sw *excelize.StreamWriter, row int, group Group, styles exportStyles) error {
	cells := make([]any, len(e.Headings))
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: styles.group}
	}
	cells[0] = excelize.Cell{StyleID: styles.group, Value: cleanText(string(group))}
	if err := sw.SetRow(cellName(1, row), cells); err != nil || len(cells) == 1 {
		return err
	}
	return sw.MergeCell(cellName(1, row), cellName(len(cells), row))
}

// streamOver writes the rows of spans. Every cell of a span has the style, so
// that its frame is whole.
func (e Export) streamOver(sw *excelize.StreamWriter, styles exportStyles) error {
	covered := make([]int, len(e.Headings)) // rows below this one that a span covers
	for i, spans := range e.Over {
		row := e.firstHeading() + i
		cells := make([]any, len(e.Headings))
		for c := range cells {
			cells[c] = excelize.Cell{StyleID: styles.heading}
		}
		next := 0
		for c := 0; c < len(covered); c++ {
			if covered[c] > 0 {
				covered[c]--
				continue
			}
			if next == len(spans) {
				continue
			}
			span := spans[next]
			next++
			last := c + max(span.Cols, 1) - 1
			if last >= len(covered) {
				return fmt.Errorf("heading %q reaches past the last column", span.Text)
			}
			cells[c] = excelize.Cell{StyleID: styles.heading, Value: cleanText(span.Text)}
			if last > c || span.Rows > 1 {
				if err := sw.MergeCell(cellName(c+1, row), cellName(last+1, row+max(span.Rows, 1)-1)); err != nil {
					return err
				}
			}
			for ; c < last; c++ {
				covered[c] = max(span.Rows, 1) - 1
			}
			covered[last] = max(span.Rows, 1) - 1
		}
		if err := sw.SetRow(cellName(1, row), cells); err != nil {
			return err
		}
	}
	return nil
}

// layOut sets what the stream wants before the first row: widths and panes.
func (e Export) layOut(sw *excelize.StreamWriter) error {
	for i := range e.Headings {
		if err := sw.SetColWidth(i+1, i+1, e.width(i)); err != nil {
			return err
		}
	}
	row := e.headingRow()
	return sw.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: row, TopLeftCell: cellName(1, row+1), ActivePane: "bottomLeft",
	})
}

// width fits a column to its heading and first rows.
func (e Export) width(i int) float64 {
	if i < len(e.Widths) && e.Widths[i] > 0 {
		return min(e.Widths[i], 255)
	}
	longest := (utf8.RuneCountInString(e.Headings[i]) + 1) / 2
	for _, row := range e.Rows[:min(len(e.Rows), 50)] {
		if i < len(row) {
			switch v := row[i].(type) {
			case string:
				longest = max(longest, utf8.RuneCountInString(v))
			case school.Date:
				longest = max(longest, 10)
			}
		}
	}
	return float64(min(max(longest+2, 6), 50))
}

// cell styles a value; types that would be written by their Go form are errors.
func (s exportStyles) cell(v any) (excelize.Cell, error) {
	switch v := v.(type) {
	case nil:
		return excelize.Cell{StyleID: s.text}, nil
	case string:
		return excelize.Cell{StyleID: s.text, Value: cleanText(v)}, nil
	case int, int64, float64:
		return excelize.Cell{StyleID: s.number, Value: v}, nil
	case school.Date:
		if v.IsZero() {
			return excelize.Cell{StyleID: s.text}, nil
		}
		return excelize.Cell{StyleID: s.date, Value: dateSerial(v)}, nil
	}
	return excelize.Cell{}, fmt.Errorf("cannot write a %T", v)
}

// dateSerial is the inverse of serialDate in the 1900 system, for dates from
// March 1900 on.
func dateSerial(d school.Date) int {
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Sub(epoch).Hours() / 24)
}

// cleanText keeps a text within what a cell can hold; school.Clean drops the
// characters that XML cannot.
func cleanText(s string) string {
	s = school.Clean(s)
	if r := []rune(s); len(r) > MaxCellChars/2 {
		s = string(r[:MaxCellChars/2])
	}
	return s
}

// sheetName makes a name that Excel accepts: 31 UTF-16 units without : \ / ? * [ ].
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`:\/?*[]`, r):
			return '-'
		case r > 0xFFFF:
			return -1
		}
		return r
	}, school.CleanLine(s))
	if r := []rune(s); len(r) > 31 {
		s = string(r[:31])
	}
	if s = strings.Trim(s, "' "); s == "" {
		return "1"
	}
	return s
}

func cellName(col, row int) string { return ColumnLetter(col-1) + strconv.Itoa(row) }
