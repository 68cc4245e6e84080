package spreadsheet

import (
	"io"
	"regexp"
	"strconv"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Keys of the columns of a table of results that a list of pupils has not.
const (
	FieldLevel      = "level"
	FieldMark       = "mark"
	FieldRemarkCode = "remark_code"
	FieldRemark     = "remark"
	FieldPeriod     = "period"
)

// GradeTable is a sheet of results: of one subject or of many, of qualities and
// competencies, in the layouts of domain notes §4 and §9.2. Class, Period and
// Item are what the lines above the headings, or the sheet's name, say of all
// its rows; "" where they are silent.
type GradeTable struct {
	Table
	Class  string
	Period school.Period
	Item   string
	Rows   []GradeRow

	targets map[string]Target // by the columns' fields
}

// GradeRow is a pupil as the file has it. Pupil holds what says who it is, and
// the class; Period is the row's own, "" when the row does not say.
type GradeRow struct {
	Row    int
	Pupil  Pupil
	Period school.Period
	Values []GradeValue
	Issues []Issue // of who it is and when
	Raw    []string
}

// Refused reports whether nobody can tell whom the row is about.
func (r GradeRow) Refused() bool { return refused(r.Issues) }

// GradeValue is a cell with content: a text, whose place and scale are for the
// rules of evaluation to judge; a number has a dot, "8.5". Issue tells why the
// cell could not be read at all.
type GradeValue struct {
	Target
	Column Column
	Text   string
	Issue  *Issue
}

// ReadGrades reads every visible sheet whose headings, in up to four rows, name
// pupils and results; items are found by the vocabulary. Faults as Read;
// Invalid CodeNoHeadings when no sheet is one, CodeNoRows when none has data.
// What is wrong in a row is in its Issues or in those of its values.
func ReadGrades(r io.Reader, v *Vocabulary) ([]*GradeTable, error) {
	book, err := Read(r)
	if err != nil {
		return nil, err
	}
	var tables []*GradeTable
	empty := ""
	for _, s := range book.Sheets {
		header, targets := v.findHeader(s)
		if header == nil {
			continue
		}
		t := &GradeTable{Table: Table{Sheet: s.Name, Header: header}, targets: targets}
		if t.fill(s, judgePupil); len(t.Table.Rows) == 0 {
			empty = s.Name
			continue
		}
		t.sheetIssues()
		t.readTitle(v)
		for _, row := range t.Table.Rows {
			reader := &rowReader{header: header, row: row}
			t.Rows = append(t.Rows, reader.grades(targets, t.raw(row)))
		}
		tables = append(tables, t)
	}
	switch {
	case len(tables) == 0 && empty != "":
		return nil, fault.New(fault.Invalid, CodeNoRows, "sheet", empty)
	case len(tables) == 0:
		return nil, fault.New(fault.Invalid, CodeNoHeadings, "limit", strconv.Itoa(MaxHeadingRow))
	}
	return tables, nil
}

var (
	titleClass   = regexp.MustCompile(`\blop\s*:?\s*(\d[0-9a-z]*(?:[./]\d+)?)`)
	titleSubject = regexp.MustCompile(`\bmon(?: hoc)?\s*:?\s*(.+)`)
	sheetClass   = regexp.MustCompile(`(?i)(?:^|\s)([1-5][A-Z]\d{0,2}|[1-5]/\d{1,2})(?:\s|$)`)
)

// readTitle looks for class, period and subject above the headings, then in the
// sheet's name.
func (t *GradeTable) readTitle(v *Vocabulary) {
	for _, line := range append(append([]string{}, t.Title...), t.Sheet) {
		folded := school.Fold(line)
		if m := titleClass.FindStringSubmatch(folded); m != nil && t.Class == "" {
			t.Class, _ = readClass(m[1])
		}
		if m := titleSubject.FindStringSubmatch(folded); m != nil && t.Item == "" {
			t.Item = v.leading(m[1])
		}
		if t.Period == "" {
			t.Period = periodIn(line)
		}
	}
	if m := sheetClass.FindStringSubmatch(t.Sheet); m != nil && t.Class == "" {
		t.Class, _ = readClass(m[1])
	}
	if t.Item == "" {
		t.Item = v.leading(t.Sheet)
	}
}

// leading finds the subject with whose name a text begins, the longest of
// several: "Tiếng Việt – Lớp 4A". A word that goes on is no such name.
func (v *Vocabulary) leading(text string) string {
	words := strings.FieldsFunc(school.Fold(text), func(r rune) bool { return strings.ContainsRune(" -–—,.;:()/", r) })
	for n := min(len(words), 8); n > 0; n-- {
		for _, t := range v.items[headingKey(strings.Join(words[:n], " "))] {
			if t.Kind == SubjectTerm {
				return t.Item
			}
		}
	}
	return ""
}

// periodIn finds the name of a period inside a line.
func periodIn(line string) school.Period {
	key := termKey(line)
	for _, name := range []struct {
		key    string
		period school.Period
	}{{"giuaky1", school.MidFirst}, {"cuoiky1", school.EndFirst}, {"giuaky2", school.MidSecond}, {"cuoiky2", school.YearEnd},
		{"cuoinam", school.YearEnd}, {"danhgiabosung", school.Summer}} {
		if strings.Contains(key, name.key) {
			return name.period
		}
	}
	return ""
}

// readPeriod reads the usual names of the periods: "Giữa kỳ 1", "Cuối học kì
// I", "GKI", "CN".
func readPeriod(s string) (school.Period, bool) {
	if p, ok := school.ParsePeriod(strings.ToLower(s)); ok {
		return p, true
	}
	switch termKey(s) {
	case "giuaky1", "gky1", "gki", "gk1":
		return school.MidFirst, true
	case "cuoiky1", "cky1", "cki", "ck1":
		return school.EndFirst, true
	case "giuaky2", "gky2", "gkii", "gk2":
		return school.MidSecond, true
	case "cuoinam", "cuoinamhoc", "cn", "cuoiky2", "cky2", "ckii", "ck2":
		return school.YearEnd, true
	case "tronghe", "danhgiabosung", "renluyentronghe":
		return school.Summer, true
	}
	return "", false
}

func (r *rowReader) grades(targets map[string]Target, raw []string) GradeRow {
	row := GradeRow{Row: r.row.Number, Raw: raw}
	row.Pupil = r.who()
	if period, ok := r.text(FieldPeriod, maxText); ok && period != "" {
		if row.Period, ok = readPeriod(period); !ok {
			r.add(Refused, CodePeriod, FieldPeriod, "value", excerpt(period))
		}
	}
	row.Issues = r.issues
	for _, column := range r.header.Columns {
		target, ok := targets[column.Field]
		if !ok || column.Field == "" {
			continue
		}
		r.issues = nil
		cell, ok := r.cell(column.Field)
		value := GradeValue{Target: target, Column: column, Text: cell.Text}
		switch {
		case !ok:
			value.Issue = &r.issues[0]
		case cell.Kind == Empty:
			continue
		case cell.Kind == Day && target.Field == FieldMark: // "8.5" typed becomes the 8th of May
			r.add(Refused, CodeBecameDate, column.Field, "value", cell.Text)
			value.Issue = &r.issues[0]
		}
		row.Values = append(row.Values, value)
	}
	return row
}

// who reads what says whom the row is about.
func (r *rowReader) who() Pupil {
	var p Pupil
	class, _ := r.text(FieldClass, 20)
	p.ClassName, _ = readClass(class)
	if c, ok := r.cell(FieldCode); ok && c.Kind != Empty {
		if digits, ok := digitsOf(c.Text); ok && len(digits) == 10 {
			p.Code = digits
		} else {
			r.add(Refused, CodePupilCode, FieldCode, "value", excerpt(c.Text))
		}
	}
	if c, ok := r.cell(FieldPersonalNo); ok && c.Kind != Empty {
		if digits, ok := digitsOf(c.Text); ok && len(digits) == 12 {
			p.PersonalNo = digits
		} else {
			r.add(Warning, CodePersonalNo, FieldPersonalNo, "value", excerpt(c.Text))
		}
	}
	p.FullName = r.wholeName()
	if c, ok := r.cell(FieldBirthDate); ok && c.Kind != Empty {
		d, code := readDate(c)
		switch code {
		case "":
		case CodeDateSerial:
			r.add(Warning, code, FieldBirthDate, "value", c.Text, "date", d.Vietnamese())
		default:
			r.add(Warning, code, FieldBirthDate, "value", excerpt(c.Text))
		}
		p.BirthDate = d
	}
	if p.Code == "" && p.PersonalNo == "" && p.FullName == "" && !refused(r.issues) {
		r.add(Refused, CodeNobody, FieldFullName)
	}
	return p
}

// wholeName reads the name from one column, from a heading merged over two, or
// from family and given name.
func (r *rowReader) wholeName() string {
	name, _ := r.text(FieldFullName, maxName)
	column, whole := r.header.Column(FieldFullName)
	if !whole {
		family, _ := r.text(FieldFamilyName, maxName)
		given, _ := r.text(FieldGivenName, maxName)
		return strings.TrimSpace(family + " " + given)
	}
	if next := r.row.Cell(column.Index + 1); column.span == 2 && next.Kind == Text {
		name = strings.TrimSpace(name + " " + strings.Join(strings.Fields(next.Text), " "))
	}
	return name
}

// Target returns what a column of values is about; ok is false for every other
// column.
func (t *GradeTable) Target(c Column) (target Target, ok bool) {
	target, ok = t.targets[c.Field]
	return target, ok && c.Field != ""
}

// Address is where a column's cell of a row stands, "F18".
func Address(c Column, row int) string { return c.Letter + strconv.Itoa(row) }

// SheetWarning is a warning about a whole sheet, in the words of a caller's code.
func SheetWarning(code string, args ...string) Issue {
	return newIssue(Warning, code, 0, Column{}, args...)
}
