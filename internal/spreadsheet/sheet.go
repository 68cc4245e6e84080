package spreadsheet

import (
	"encoding/xml"
	"io"
	"sort"
	"strconv"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Kind says how a cell holds its value.
type Kind int

// The kinds of cell.
const (
	Empty Kind = iota
	Text
	Number
	Day     // a number under a date format
	Failure // #N/A and its like
	Formula // whatever it shows, nobody typed it; the cached value is dropped
)

// Cell is the value of a cell. Text is NFC, cleaned, and always what a person
// sees: a number without exponent, a date as dd/MM/yyyy, a formula "".
type Cell struct {
	Kind Kind
	Text string
	Date school.Date // of a Day, and of a Number that could be one; else zero
}

// Row is a row with content; Cells is indexed from column A and may be shorter
// than the sheet is wide.
type Row struct {
	Number int
	Hidden bool
	Cells  []Cell
}

// Cell returns the cell at a column index, the empty cell beyond the end.
func (r Row) Cell(column int) Cell {
	if column < 0 || column >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[column]
}

// Sheet is a visible sheet: its rows with content in order, and its merged
// ranges.
type Sheet struct {
	Name   string
	Rows   []Row
	merges []merge
}

// merge is a merged range; columns are indexes, rows the sheet's own numbers.
type merge struct{ fromCol, fromRow, toCol, toRow int }

// ColumnLetter returns the letter of a column index: 0 → A, 26 → AA.
func ColumnLetter(index int) string {
	letters := ""
	for index >= 0 {
		letters = string(rune('A'+index%26)) + letters
		index = index/26 - 1
	}
	return letters
}

// sheetReader reads the cells of one sheet part.
type sheetReader struct {
	parts    *parts
	texts    []string
	dates    []bool
	date1904 bool
	cells    *int // cells so far, over all sheets

	sheet   *Sheet
	row     Row
	nextRow int
	cell    rawCell
	nextCol int
}

// rawCell is a cell as the XML has it.
type rawCell struct {
	col     int
	kind    string
	style   int
	formula bool
	value   strings.Builder
	inValue bool
}

func (r *sheetReader) read(name, part string) (*Sheet, error) {
	r.sheet = &Sheet{Name: school.CleanLine(name)}
	content, ok, err := r.parts.open(part)
	if err != nil || !ok {
		return r.sheet, err
	}
	defer content.Close()
	w := newWalker(content)
	for {
		tok, err := w.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			err = r.start(w, t)
		case xml.EndElement:
			err = r.end(t.Name.Local)
		case xml.CharData:
			if r.cell.inValue {
				if r.cell.value.Len()+len(t) > 4*MaxCellChars {
					return nil, errMarkup
				}
				r.cell.value.Write(t)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	// Rows may stand in any order in the file; people see them by number.
	sort.SliceStable(r.sheet.Rows, func(i, j int) bool { return r.sheet.Rows[i].Number < r.sheet.Rows[j].Number })
	for i := 1; i < len(r.sheet.Rows); i++ {
		if r.sheet.Rows[i].Number == r.sheet.Rows[i-1].Number {
			return nil, errMarkup
		}
	}
	return r.sheet, nil
}

func (r *sheetReader) start(w *walker, e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		r.nextRow++
		if n := attr(e, "r"); n != "" {
			number, err := strconv.Atoi(n)
			if err != nil || number < 1 || number > 1<<20 {
				return errMarkup
			}
			r.nextRow = number
		}
		r.row = Row{Number: r.nextRow, Hidden: attrTrue(e, "hidden")}
		r.nextCol = 0
	case "c":
		col := r.nextCol
		if ref := attr(e, "r"); ref != "" {
			var ok bool
			if col, _, ok = parseRef(ref); !ok {
				return errMarkup
			}
		}
		r.nextCol = col + 1
		style, _ := strconv.Atoi(attr(e, "s"))
		r.cell = rawCell{col: col, kind: attr(e, "t"), style: style}
	case "f":
		r.cell.formula = true
		w.pass()
	case "v", "t":
		r.cell.inValue = true
	case "rPh":
		w.pass()
	case "mergeCell":
		r.addMerge(attr(e, "ref"))
	}
	return nil
}

func (r *sheetReader) end(name string) error {
	switch name {
	case "v", "t":
		r.cell.inValue = false
	case "c":
		return r.addCell()
	case "row":
		if len(r.row.Cells) == 0 {
			return nil
		}
		if len(r.sheet.Rows) == MaxRows {
			return fault.New(fault.Invalid, CodeTooManyRows, "sheet", r.sheet.Name, "limit", strconv.Itoa(MaxRows))
		}
		r.sheet.Rows = append(r.sheet.Rows, r.row)
	}
	return nil
}

func (r *sheetReader) addCell() error {
	cell, err := r.value()
	if err != nil || cell.Kind == Empty {
		return err
	}
	if r.cell.col >= MaxColumns {
		return fault.New(fault.Invalid, CodeTooManyCols, "sheet", r.sheet.Name, "limit", strconv.Itoa(MaxColumns))
	}
	// Counted with the empty ones before it: that is what a row costs.
	if *r.cells += max(0, r.cell.col+1-len(r.row.Cells)); *r.cells > MaxCells {
		return fault.New(fault.Invalid, CodeTooManyRows, "sheet", r.sheet.Name, "limit", strconv.Itoa(MaxRows))
	}
	for len(r.row.Cells) <= r.cell.col {
		r.row.Cells = append(r.row.Cells, Cell{})
	}
	r.row.Cells[r.cell.col] = cell
	return nil
}

// value reads the raw cell by its type (ECMA-376 §18.18.11).
func (r *sheetReader) value() (Cell, error) {
	raw := r.cell.value.String()
	if r.cell.formula {
		return Cell{Kind: Formula}, nil
	}
	switch r.cell.kind {
	case "s":
		if raw == "" {
			return Cell{}, nil
		}
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || i < 0 || i >= len(r.texts) {
			return Cell{}, errMarkup
		}
		return textCell(r.texts[i]), nil
	case "str", "inlineStr":
		return textCell(unescape(raw)), nil
	case "e":
		return Cell{Kind: Failure, Text: school.CleanLine(raw)}, nil
	case "b":
		return Cell{Kind: Number, Text: school.CleanLine(raw)}, nil
	case "d":
		if len(raw) >= 10 {
			if d, err := school.ParseDate(raw[:10]); err == nil {
				return Cell{Kind: Day, Text: d.Vietnamese(), Date: d}, nil
			}
		}
		return textCell(raw), nil
	}
	return r.number(strings.TrimSpace(raw)), nil
}

func textCell(s string) Cell {
	s = school.Clean(s)
	if s == "" {
		return Cell{}
	}
	return Cell{Kind: Text, Text: s}
}

func (r *sheetReader) number(raw string) Cell {
	if raw == "" {
		return Cell{}
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return textCell(raw)
	}
	// 'f' never writes an exponent: a code of 10 digits stays one. Shortest
	// form: 8.5, not 8.500000000000001.
	cell := Cell{Kind: Number, Text: strconv.FormatFloat(f, 'f', -1, 64)}
	if len(cell.Text) > 40 {
		cell.Text = raw
	}
	cell.Date = serialDate(f, r.date1904)
	if r.cell.style >= 0 && r.cell.style < len(r.dates) && r.dates[r.cell.style] && !cell.Date.IsZero() {
		return Cell{Kind: Day, Text: cell.Date.Vietnamese(), Date: cell.Date}
	}
	return cell
}

// serialDate returns the day of an Excel serial number, zero when there is
// none. Serials up to 60 fall into the year 1900 that Excel counts wrongly.
func serialDate(f float64, date1904 bool) school.Date {
	if !(f >= 61 && f < 109576) { // until 2199-12-31; also false for NaN
		return school.Date{}
	}
	if date1904 {
		return school.Date{Year: 1904, Month: 1, Day: 1}.AddDays(int(f))
	}
	return school.Date{Year: 1899, Month: 12, Day: 30}.AddDays(int(f))
}

func (r *sheetReader) addMerge(ref string) {
	from, to, ok := strings.Cut(ref, ":")
	if !ok || len(r.sheet.merges) >= MaxRows {
		return
	}
	var m merge
	var ok1, ok2 bool
	m.fromCol, m.fromRow, ok1 = parseRef(from)
	m.toCol, m.toRow, ok2 = parseRef(to)
	// Only headings ask for merges; those of the body are not kept.
	if ok1 && ok2 && m.fromRow <= MaxHeadingRow+1 && m.toCol >= m.fromCol && m.toRow >= m.fromRow {
		r.sheet.merges = append(r.sheet.merges, m)
	}
}

// parseRef reads "F18" into column index and row number.
func parseRef(ref string) (col, row int, ok bool) {
	i := 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int(c-'A') + 1
	}
	row, err := strconv.Atoi(ref[i:])
	if i == 0 || i > 3 || err != nil || row < 1 || row > 1<<20 || col > 1<<14 {
		return 0, 0, false
	}
	return col - 1, row, true
}
