package views

import (
	"slices"
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views/words"
)

// SummaryPlace is where and when a class table was made, for its heading.
type SummaryPlace struct {
	School, Commune string
	Class           string
	Grades          int // of the class; above 1 the table says which grade it is of
	Year            school.Year
	Homeroom        string
}

// fileOrder is the order of the parts in the class tables that schools have on
// disk: competencies before qualities, other than on the form.
var fileOrder = []evaluation.SummaryPart{evaluation.SummarySubjects, evaluation.SummaryGeneral, evaluation.SummarySpecific,
	evaluation.SummaryQualities, evaluation.SummaryOverall, evaluation.SummaryAward, evaluation.SummaryPromotion, evaluation.SummaryNote}

// groupNames are the headings over the parts in those files.
var groupNames = map[evaluation.SummaryPart]string{
	evaluation.SummarySubjects: "Môn học và hoạt động giáo dục", evaluation.SummaryGeneral: coreCompetencies,
	evaluation.SummarySpecific: coreCompetencies, evaluation.SummaryQualities: "Phẩm chất chủ yếu",
	evaluation.SummaryOverall: "Đánh giá KQGD", evaluation.SummaryAward: "Khen thưởng",
}

// File is the class table as a sheet in the layout that schools know: five
// lines of heading, then part, subject and metric, pupils from the ninth row
// on; number, code, name, birth date and sex in columns A to F. What nobody of
// the grade takes has no column.
func (t SummaryTable) File(at SummaryPlace) spreadsheet.Export {
	t = t.Only(t.used).ordered()
	e := spreadsheet.Export{Sheet: at.Class + " " + words.PeriodShort(t.Period),
		Title: []string{at.School, SummaryName + " – " + words.Period(t.Period), at.line(t), "Giáo viên chủ nhiệm: " + at.Homeroom},
		Over:  [][]spreadsheet.Span{nil, nil}, Headings: []string{"", "", "", "", "", ""},
		Widths: []float64{5, 14, 26, 2, 12, 5}}
	for _, own := range []struct {
		text string
		cols int
	}{{"STT", 1}, {"Mã học sinh", 1}, {"Họ và tên", 2}, {"Ngày sinh", 1}, {"Nữ", 1}} {
		e.Over[0] = append(e.Over[0], spreadsheet.Span{Text: own.text, Cols: own.cols, Rows: 3})
	}
	for i, c := range t.Columns {
		e.Over[0], e.Over[1] = fileHeads(e.Over[0], e.Over[1], t, i)
		heading, width := "", 8.0
		switch c.Part {
		case evaluation.SummarySubjects:
			heading = metric(c.Field)
		case evaluation.SummaryGeneral, evaluation.SummarySpecific, evaluation.SummaryQualities:
			heading = metric(evaluation.FieldLevel)
		case evaluation.SummaryNote:
			width = 30
		case evaluation.SummaryAward:
			width = 14
		}
		e.Headings, e.Widths = append(e.Headings, heading), append(e.Widths, width)
	}
	for _, l := range t.Lines {
		e.Rows = append(e.Rows, l.row(t.Columns))
	}
	return e
}

// fileHeads adds what stands over column i to the rows of parts and of names.
func fileHeads(parts, names []spreadsheet.Span, t SummaryTable, i int) (over, under []spreadsheet.Span) {
	c := t.Columns[i]
	group := groupNames[c.Part]
	switch {
	case group == "":
		return append(parts, spreadsheet.Span{Text: partNames[c.Part], Cols: 1, Rows: 3}), names
	case i > 0 && groupNames[t.Columns[i-1].Part] == group:
		parts[len(parts)-1].Cols++
	default:
		parts = append(parts, spreadsheet.Span{Text: group, Cols: 1, Rows: 1})
	}
	switch {
	case c.Item != "" && i > 0 && t.Columns[i-1].Item == c.Item:
		names[len(names)-1].Cols++
	case c.Item != "":
		names = append(names, spreadsheet.Span{Text: t.Label(c), Cols: 1, Rows: 1})
	default:
		names = append(names, spreadsheet.Span{Text: t.Label(c), Cols: 1, Rows: 2})
	}
	return parts, names
}

// line says which class, grade and year the table is of.
func (p SummaryPlace) line(t SummaryTable) string {
	text := "Lớp " + p.Class
	if p.Grades > 1 {
		text += " (học sinh lớp " + strconv.Itoa(t.Grade) + ")"
	}
	if kind := t.special(); kind != "" {
		text += ", " + kind
	}
	return text + " – Năm học " + YearLabel(p.Year) + " – Mẫu " + strconv.Itoa(t.Form)
}

// row is a pupil's line as the file has it: marks as numbers.
func (l SummaryLine) row(columns []evaluation.SummaryColumn) []any {
	var number, sex any
	if l.Number > 0 {
		number = l.Number
	}
	if l.Sex == school.Female {
		sex = Tick
	}
	row := []any{number, l.Code, l.Name, nil, l.Birth, sex}
	for i, c := range l.Cells {
		switch mark, err := strconv.Atoi(c.Text); {
		case c.Text == "":
			row = append(row, nil)
		case columns[i].Field == evaluation.FieldMark && err == nil:
			row = append(row, mark)
		default:
			row = append(row, c.Text)
		}
	}
	return row
}

// used reports whether a column concerns anybody: false for a subject that no
// pupil of the grade takes.
func (t SummaryTable) used(c evaluation.SummaryColumn) bool {
	s, ok := c.Item.Subject()
	if !ok || len(t.Lines) == 0 {
		return true
	}
	return slices.ContainsFunc(t.Lines, func(l SummaryLine) bool {
		return !slices.Contains(l.Declined, s) || !l.Values[c.Item].IsZero()
	})
}

// ordered puts the columns into the order of files.
func (t SummaryTable) ordered() SummaryTable {
	out := t
	out.Columns, out.Lines = nil, slices.Clone(t.Lines)
	for i := range out.Lines {
		out.Lines[i].Cells = nil
	}
	for _, part := range fileOrder {
		for i, c := range t.Columns {
			if c.Part != part {
				continue
			}
			out.Columns = append(out.Columns, c)
			for n := range out.Lines {
				out.Lines[n].Cells = append(out.Lines[n].Cells, t.Lines[n].Cells[i])
			}
		}
	}
	return out
}
