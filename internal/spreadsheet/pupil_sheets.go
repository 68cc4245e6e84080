package spreadsheet

import (
	"slices"
	"strconv"
	"strings"
)

// perSheet is more than a sheet has rows: the numbers of the rows of another
// sheet begin at a multiple of it.
const perSheet = 1 << 21

// ID tells the row from all others of the list.
func (r PupilRow) ID() int { return r.Row + r.Number }

// Where says which row it is to people: "29", in another sheet than the first
// "4B!29".
func (r PupilRow) Where() string {
	if r.Sheet == "" {
		return strconv.Itoa(r.Row)
	}
	return r.Sheet + "!" + strconv.Itoa(r.Row)
}

// add notes an issue of the row; in another sheet than the first its cell is
// named as Excel does, "4B!F18".
func (r *PupilRow) add(severity Severity, code string, column Column, args ...string) {
	r.Issues = append(r.Issues, r.placed(newIssue(severity, code, r.Row, column, args...)))
}

func (r *PupilRow) placed(i Issue) Issue {
	if r.Sheet == "" {
		return i
	}
	if i.Column != "" {
		i.Column = r.Sheet + "!" + i.Column
	}
	i.Args["row"], i.Args["column"], i.Args["cell"] = r.Where(), i.Column, i.Cell()
	return i
}

// readOthers adds the rows of further sheets whose columns are those of the
// first: lists with one sheet a class. Sheets that look otherwise stay those
// that could have been meant.
func (p *pupilReader) readOthers(book *Workbook) {
	first := p.sheet
	names := []string{first.Sheet}
	left := first.Other
	first.Other = nil
	for _, name := range left {
		table, err := book.table(PupilLayout, name, judgePupil)
		if err != nil || !slices.EqualFunc(table.Header.Columns, first.Header.Columns, sameColumn) {
			first.Other = append(first.Other, name)
			continue
		}
		other := &pupilReader{sheet: &PupilSheet{Table: *table, Year: first.Year}, multiGrade: p.multiGrade}
		for _, row := range table.Rows {
			read := other.read(row)
			read.Sheet, read.Number = name, len(names)*perSheet
			for i := range read.Issues {
				read.Issues[i] = read.placed(read.Issues[i])
			}
			first.Rows = append(first.Rows, read)
		}
		for _, issue := range table.Issues {
			if rows, ok := issue.Args["rows"]; ok {
				issue.Args["rows"] = name + "!" + rows
			}
			first.Issues = append(first.Issues, issue)
		}
		names = append(names, name)
	}
	first.Issues = slices.DeleteFunc(first.Issues, func(i Issue) bool { return i.Code == CodeOtherSheets })
	if len(first.Other) > 0 {
		first.Issues = append(first.Issues, newIssue(Warning, CodeOtherSheets, 0, Column{}, "sheets", strings.Join(first.Other, ", ")))
	}
	first.Sheet = strings.Join(names, ", ")
}

func sameColumn(a, b Column) bool {
	return a.Field == b.Field && headingKey(a.Heading) == headingKey(b.Heading)
}
