package spreadsheet

import (
	"slices"
	"strconv"
	"strings"

	"hocba/internal/school"
)

// Books is what a school's books hold before a list of pupils is imported.
type Books struct {
	Known   []Known
	Classes []KnownClass
}

// KnownClass is a class of the school year imported into.
type KnownClass struct {
	Name   string
	Grades []int // more than one in a multi-grade class
}

// MultiGrade names the classes with several grades, for PupilOptions.
func (b Books) MultiGrade() []string {
	var names []string
	for _, c := range b.Classes {
		if len(c.Grades) > 1 {
			names = append(names, c.Name)
		}
	}
	return names
}

// PupilPlan is what a list of pupils would do to a school's books: the preview
// that a person looks at, and the ground on which the list is written. It can
// be stored as JSON.
type PupilPlan struct {
	Year      school.Year
	Sheet     string
	HeaderRow int
	Headings  []string // of the columns, in the order of each row's Raw
	Fields    []string // what each column was taken for; "" for none
	Issues    []Issue  // of the whole sheet
	Classes   []PlannedClass
	Rows      []PlannedRow
}

// PlannedClass is a class that the list names in rows which can be written.
type PlannedClass struct {
	Name   string
	Grades []int
	Pupils int
	New    bool // does not exist yet: writing creates it
}

// PlannedRow is a row with what it would do.
type PlannedRow struct {
	PupilRow
	Match
}

// PlanPupils compares a list with the school's books. It is pure. The pupils'
// data are compared in the form in which books keep them (Pupil.Kept), and a
// pupil's code never changes: it is no part of any Diff.
func PlanPupils(sheet *PupilSheet, books Books) PupilPlan {
	plan := PupilPlan{Year: sheet.Year, Sheet: sheet.Sheet, HeaderRow: sheet.Header.Row, Issues: sheet.Issues}
	for _, c := range sheet.Header.Columns {
		plan.Headings = append(plan.Headings, c.Heading)
		plan.Fields = append(plan.Fields, c.Field)
	}
	for i := range sheet.Rows {
		sheet.Rows[i].Pupil = sheet.Rows[i].Kept()
	}
	sheet.judgeClasses(books.Classes)
	matches := NewMatcher(books.Known).MatchAll(sheet.Rows)
	for i, m := range matches {
		m.keepCode()
		plan.Rows = append(plan.Rows, PlannedRow{sheet.Rows[i], m})
	}
	plan.planClasses(books.Classes)
	return plan
}

// keepCode takes the code out of what would change.
func (m *Match) keepCode() {
	m.Diff = slices.DeleteFunc(m.Diff, func(c Change) bool { return c.Field == FieldCode })
	overwritten := 0
	for _, c := range m.Diff {
		if c.Old != "" {
			overwritten++
		}
	}
	m.Reasons = slices.DeleteFunc(m.Reasons, func(r Reason) bool { return r.Code == CodeMatchChanges && overwritten == 0 })
	for _, r := range m.Reasons {
		if r.Code == CodeMatchChanges {
			r.Args["count"] = strconv.Itoa(overwritten)
		}
	}
}

// Kept returns the pupil in the form in which books keep it: the place of
// origin is one line, commune before province.
func (p Pupil) Kept() Pupil {
	if p.HometownCommune != "" {
		p.HometownProvince = strings.TrimSuffix(p.HometownCommune+", "+p.HometownProvince, ", ")
		p.HometownCommune = ""
	}
	return p
}

// judgeClasses refuses rows whose grade is not one of their class: of the class
// that exists, or of the class the list would create.
func (s *PupilSheet) judgeClasses(known []KnownClass) {
	existing := map[string][]int{}
	for _, c := range known {
		name, _ := readClass(c.Name)
		existing[name] = c.Grades
	}
	grades := map[string][]int{}
	for _, row := range s.Rows {
		if row.Grade > 0 && !slices.Contains(grades[row.ClassName], row.Grade) {
			grades[row.ClassName] = append(grades[row.ClassName], row.Grade)
		}
	}
	column, _ := s.Header.Column(FieldClass)
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.ClassName == "" || row.Grade == 0 {
			continue
		}
		have, exists := existing[row.ClassName]
		switch {
		case exists && !slices.Contains(have, row.Grade):
			row.add(Refused, CodeOtherClassGrade, column, "value", row.ClassName,
				"grade", strconv.Itoa(row.Grade), "grades", joinInts(have))
		case !exists && len(grades[row.ClassName]) > 3:
			row.add(Refused, CodeManyGrades, column, "value", row.ClassName)
		}
	}
}

func joinInts(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, "+")
}

// planClasses gathers the classes of the rows that can be written.
func (p *PupilPlan) planClasses(known []KnownClass) {
	at := map[string]int{}
	for _, row := range p.Rows {
		if row.Verdict == Red || row.ClassName == "" {
			continue
		}
		i, ok := at[row.ClassName]
		if !ok {
			i = len(p.Classes)
			at[row.ClassName] = i
			p.Classes = append(p.Classes, PlannedClass{Name: row.ClassName, New: true})
		}
		c := &p.Classes[i]
		c.Pupils++
		if !slices.Contains(c.Grades, row.Grade) {
			c.Grades = append(c.Grades, row.Grade)
		}
	}
	for _, k := range known {
		name, _ := readClass(k.Name)
		if i, ok := at[name]; ok {
			p.Classes[i].New, p.Classes[i].Grades = false, k.Grades
		}
	}
	for i := range p.Classes {
		slices.Sort(p.Classes[i].Grades)
	}
	slices.SortStableFunc(p.Classes, func(a, b PlannedClass) int {
		if d := a.Grades[0] - b.Grades[0]; d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// Of lists the rows with a verdict, in the order of the file.
func (p *PupilPlan) Of(v Verdict) []*PlannedRow {
	var rows []*PlannedRow
	for i := range p.Rows {
		if p.Rows[i].Verdict == v {
			rows = append(rows, &p.Rows[i])
		}
	}
	return rows
}
