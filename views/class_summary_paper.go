package views

import (
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/paper"
	"hocba/views/words"
)

// Paper is the class table as its printed form, with the heading and the places
// for signatures of the circular.
func (t SummaryTable) Paper(at SummaryPlace) paper.ClassTable {
	out := paper.ClassTable{Form: "Mẫu " + strconv.Itoa(t.Form), Commune: at.Commune, School: strings.ToUpper(at.School),
		Heading: strings.ToUpper(SummaryName), Period: words.Period(t.Period), Class: "Lớp " + at.Class,
		Place: first(at.Commune, "…………") + ", ngày …… tháng …… năm 20……", Homeroom: at.Homeroom}
	if at.Grades > 1 {
		out.Class += " (học sinh lớp " + strconv.Itoa(t.Grade) + ")"
	}
	if kind := t.special(); kind != "" {
		out.Class += ", " + kind
	}
	out.Class += " – Năm học " + strings.Replace(string(at.Year), "-", " – ", 1)
	for i, row := range t.Heads() {
		for _, h := range row {
			out.Heads[i] = append(out.Heads[i], paper.ClassHead{Text: h.Text, Cols: h.Cols, Rows: h.Rows, Upright: h.Upright})
		}
	}
	for _, c := range t.Columns {
		switch c.Part {
		case evaluation.SummaryAward:
			out.Widths = append(out.Widths, paper.TitleColumn)
		case evaluation.SummaryNote:
			out.Widths = append(out.Widths, paper.NoteColumn)
		default:
			out.Widths = append(out.Widths, paper.NarrowColumn)
		}
	}
	for _, l := range t.Lines {
		line := paper.ClassLine{Number: l.number(), Name: l.Name, Birth: l.Birth.Vietnamese(), Left: !l.Left.IsZero()}
		if l.Sex == school.Female {
			line.Sex = Tick
		}
		for _, c := range l.Cells {
			line.Cells = append(line.Cells, c.Text)
		}
		out.Rows = append(out.Rows, line)
	}
	return out
}
