package spreadsheet

import (
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// PupilOptions says into what a list of pupils is read.
type PupilOptions struct {
	Year              school.Year // the school year imported into; "": the one in the title of the list
	Sheet             string      // the sheet to take; "": the first one that fits
	MultiGradeClasses []string    // classes known to hold pupils of several grades
}

// PupilSheet is a read list of pupils.
type PupilSheet struct {
	Table
	Year school.Year // by which ages were judged; "" when nobody says
	Rows []PupilRow
}

// PupilRow is a row of the list: what could be read of it, what is wrong with
// it, and the texts as the file has them, by Table.Header.Columns.
type PupilRow struct {
	Row   int
	Sheet string `json:",omitempty"` // "": the first
	// Number tells the row from all others of the list, whatever their sheets.
	Number int `json:",omitempty"`
	Pupil
	Issues []Issue
	Raw    []string
}

// Refused reports whether the row cannot be written as it stands.
func (r PupilRow) Refused() bool { return refused(r.Issues) }

// Doubtful reports whether a person must decide about the row.
func (r PupilRow) Doubtful() bool {
	return slices.ContainsFunc(r.Issues, func(i Issue) bool { return i.Severity == Warning })
}

// ReadPupils reads a list of pupils, of one sheet or of several with the same
// columns, and checks each row, and the rows among
// each other. A file or sheet that cannot be a list is a fault (see Read);
// everything wrong inside it is an Issue of its row, which names row, column
// and cause. Nothing is left out in silence: rows taken for totals or
// signatures are in Table.Ignored.
func ReadPupils(r io.Reader, options PupilOptions) (*PupilSheet, error) {
	book, err := Read(r)
	if err != nil {
		return nil, err
	}
	table, err := book.table(PupilLayout, options.Sheet, judgePupil)
	if err != nil {
		return nil, err
	}
	if missing := missingPair(table.Header); missing != nil {
		return nil, fault.New(fault.Invalid, CodeColumnMissing, "sheet", table.Sheet, "headings", strings.Join(missing, ", "))
	}
	sheet := &PupilSheet{Table: *table}
	sheet.judgeYear(options.Year)
	reader := pupilReader{sheet: sheet, multiGrade: map[string]bool{}}
	for _, class := range options.MultiGradeClasses {
		name, _ := readClass(class)
		reader.multiGrade[name] = true
	}
	for _, row := range table.Rows {
		sheet.Rows = append(sheet.Rows, reader.read(row))
	}
	if options.Sheet == "" {
		reader.readOthers(book)
	}
	sheet.findDuplicates()
	return sheet, nil
}

// missingPair checks the columns of which one of several must be there.
func missingPair(h *Header) []string {
	has := func(field string) bool { _, ok := h.Column(field); return ok }
	var missing []string
	if !has(FieldFullName) && (!has(FieldFamilyName) || !has(FieldGivenName)) {
		missing = append(missing, "Họ tên")
	}
	if !has(FieldSex) && !has(FieldFemale) {
		missing = append(missing, "Giới tính")
	}
	return missing
}

// judgePupil tells pupils from totals, signatures and group titles. A running
// number, a code, a date or a sex shows a pupil; a name beside anything else
// only between pupils.
func judgePupil(h *Header, row Row) evidence {
	at := func(field string) Cell {
		if c, ok := h.Column(field); ok {
			return row.Cell(c.Index)
		}
		return Cell{}
	}
	name := at(FieldFullName)
	if name.Kind == Empty {
		name = at(FieldGivenName)
	}
	_, isSex := readSex(at(FieldSex).Text)
	isDate := !datePart(at(FieldBirthDate)).IsZero()
	isCode := codeLike(at(FieldCode).Text) || codeLike(at(FieldPersonalNo).Text)
	_, numErr := strconv.Atoi(at(FieldNumber).Text)
	filled := 0
	for _, field := range []string{FieldCode, FieldPersonalNo, FieldFullName, FieldGivenName, FieldBirthDate, FieldSex, FieldClass} {
		if at(field).Kind != Empty {
			filled++
		}
	}
	switch {
	case isCode || isDate || isSex || numErr == nil && filled > 0:
		return fullEvidence
	case filled >= 2 || name.Kind != Empty && filled == 1:
		return someEvidence
	}
	return noEvidence
}

func datePart(c Cell) school.Date {
	d, code := readDate(c)
	if code == CodeDateSerial {
		return school.Date{}
	}
	return d
}

// codeLike reports whether a text holds the digits of a code and little else: a
// line under the list that names its hour and day is none.
func codeLike(s string) bool {
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return digits >= 6 && letters < digits
}

var titleYear = regexp.MustCompile(`\b(20\d\d)\s*[-–—/]\s*(20\d\d)\b`)

// judgeYear settles the school year by which ages are judged: the one imported
// into, else the one in the title. A list of another year is worth a word.
func (s *PupilSheet) judgeYear(wanted school.Year) {
	var stated school.Year
	for _, line := range s.Title {
		if m := titleYear.FindStringSubmatch(line); m != nil {
			if y, ok := school.ParseYear(m[1] + "-" + m[2]); ok {
				stated = y
			}
		}
	}
	s.Year = wanted
	switch {
	case wanted == "" && stated == "":
		s.Issues = append(s.Issues, newIssue(Note, CodeYearUnknown, 0, Column{}))
	case wanted == "":
		s.Year = stated
	case stated != "" && stated != wanted:
		s.Issues = append(s.Issues, newIssue(Warning, CodeOtherYear, 0, Column{},
			"file", stated.Vietnamese(), "year", wanted.Vietnamese()))
	}
}

// findDuplicates looks for codes, personal numbers and persons that stand
// twice. The later row is refused; the earlier one is doubtful, for nobody
// knows which of the two is right. A row repeated word for word is refused
// alone.
func (s *PupilSheet) findDuplicates() {
	codes, numbers, persons := map[string]int{}, map[string]int{}, map[string]int{}
	for i := range s.Rows {
		row := &s.Rows[i]
		if j, ok := firstOf(codes, row.Code, i); ok {
			if s.sameRow(i, j) {
				row.add(Refused, CodeRepeated, Column{}, "other", s.Rows[j].Where())
				continue
			}
			s.twice(i, j, FieldCode, row.Code)
		}
		if j, ok := firstOf(numbers, row.PersonalNo, i); ok {
			s.twice(i, j, FieldPersonalNo, row.PersonalNo)
		}
		if row.FullName == "" || row.BirthDate.IsZero() {
			continue
		}
		key := personKey(row.FullName) + row.BirthDate.String()
		if j, ok := firstOf(persons, key, i); ok && row.Code != s.Rows[j].Code {
			column := s.nameColumn()
			row.add(Warning, CodeSamePerson, column, "value", row.FullName, "other", s.Rows[j].Where())
		}
	}
}

// firstOf returns the row that had the key first.
func firstOf(seen map[string]int, key string, i int) (int, bool) {
	if key == "" {
		return 0, false
	}
	j, ok := seen[key]
	if !ok {
		seen[key] = i
	}
	return j, ok
}

func (s *PupilSheet) twice(i, j int, field, value string) {
	codes := [2]string{CodeCodeTwice, CodeCodeTwiceFirst}
	if field == FieldPersonalNo {
		codes = [2]string{CodeNumberTwice, CodeNumberTwiceFirst}
	}
	column, _ := s.Header.Column(field)
	row, first := &s.Rows[i], &s.Rows[j]
	row.add(Refused, codes[0], column, "value", value, "other", first.Where())
	first.add(Warning, codes[1], column, "value", value, "other", row.Where())
}

// sameRow reports whether two rows say the same but for their running number.
func (s *PupilSheet) sameRow(i, j int) bool {
	for k, column := range s.Header.Columns {
		if column.Field != FieldNumber && s.Rows[i].Raw[k] != s.Rows[j].Raw[k] {
			return false
		}
	}
	return true
}

func (s *PupilSheet) nameColumn() Column {
	if c, ok := s.Header.Column(FieldFullName); ok {
		return c
	}
	c, _ := s.Header.Column(FieldGivenName)
	return c
}

// spellings puts each person into each pattern.
func spellings(persons []string, patterns ...string) []string {
	var all []string
	for _, p := range persons {
		for _, pattern := range patterns {
			all = append(all, strings.ReplaceAll(pattern, "%", p))
		}
	}
	return all
}
