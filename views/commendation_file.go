package views

import (
	"strconv"
	"strings"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views/paper"
	"hocba/views/ui"
)

// CommendationList is a list of commendations to take away: of a class, or of
// the school when Class is "". What was taken off the list is not in it.
type CommendationList struct {
	School, Commune string
	Class, Homeroom string
	Year            school.Year
	Rows            []Commendation
}

const commendationHeading = "Danh sách học sinh được đề nghị khen thưởng"

// decided is the last column: undecided is never printed as decided.
func (c Commendation) decided() string {
	switch {
	case c.Decision != "":
		return decisionWords(c.Decision, c.DecidedOn)
	case c.Kind.Decided():
		return "Chưa quyết định"
	}
	return "–"
}

func (l CommendationList) rows() []Commendation {
	var out []Commendation
	for _, c := range l.Rows {
		if !c.Struck {
			out = append(out, c)
		}
	}
	return out
}

// group is the heading before row i of the school's list, where a class begins:
// its name and how many of its pupils are on the list. The rows come by class.
func (l CommendationList) group(i int) string {
	rows := l.rows()
	if l.Class != "" || i > 0 && rows[i-1].Class == rows[i].Class {
		return ""
	}
	pupils := map[int64]bool{}
	for _, c := range rows[i:] {
		if c.Class == rows[i].Class {
			pupils[c.Enrolment] = true
		}
	}
	return "Lớp " + rows[i].Class + " – " + strconv.Itoa(len(pupils)) + " em"
}

func (l CommendationList) place() string {
	if l.Class == "" {
		return "Toàn trường – Năm học " + YearLabel(l.Year)
	}
	return "Lớp " + l.Class + " – Năm học " + YearLabel(l.Year)
}

// File is the list as a sheet.
func (l CommendationList) File() spreadsheet.Export {
	e := spreadsheet.Export{Sheet: CommendationName, Title: []string{l.School, commendationHeading, l.place()},
		Headings: []string{"STT", "Họ và tên", "Ngày sinh", "Lớp", "Mức hiện có", "Khen thưởng", "Quyết định"},
		Widths:   []float64{5, 26, 12, 8, 20, 60, 36}}
	for i, c := range l.rows() {
		if group := l.group(i); group != "" {
			e.Rows = append(e.Rows, []any{spreadsheet.Group(group)})
		}
		e.Rows = append(e.Rows, []any{i + 1, c.Pupil, c.Birth, c.Class, c.level(), c.text(), c.decided()})
	}
	return e
}

// Paper is the list as a printed form with places for signatures.
func (l CommendationList) Paper() paper.ClassTable {
	out := paper.ClassTable{Commune: l.Commune, School: strings.ToUpper(l.School), Heading: strings.ToUpper(commendationHeading),
		Class: l.place(), Homeroom: l.Homeroom, Place: first(l.Commune, "…………") + ", ngày …… tháng …… năm 20……",
		Widths: []paper.ClassWidth{paper.TitleColumn, paper.NarrowColumn, paper.NoteColumn}}
	for _, name := range []string{"Lớp", "Khen thưởng", "Quyết định"} {
		out.Heads[0] = append(out.Heads[0], paper.ClassHead{Text: name, Cols: 1, Rows: 3})
	}
	for i, c := range l.rows() {
		if group := l.group(i); group != "" {
			out.Rows = append(out.Rows, paper.ClassLine{Group: group})
		}
		line := paper.ClassLine{Number: strconv.Itoa(i + 1), Name: c.Pupil, Birth: c.Birth.Vietnamese(),
			Cells: []string{c.Class, c.text(), c.decided()}}
		if c.Sex == school.Female {
			line.Sex = Tick
		}
		out.Rows = append(out.Rows, line)
	}
	return out
}

// commendationFiles offer the list of a page's address on paper and as a sheet.
func commendationFiles(base, query string) []ui.Action {
	return []ui.Action{{Label: "Bản in", Icon: ui.IconPaper, URL: base + "/list.pdf" + query},
		{Label: "Excel", Icon: ui.IconDownload, URL: base + "/list.xlsx" + query}}
}
