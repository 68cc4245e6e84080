package evaluation

import "hocba/internal/school"

// SummaryPart is a group of columns of the class table.
type SummaryPart string

// The parts of the class table, in the order of the form.
const (
	SummarySubjects  SummaryPart = "subjects"
	SummaryQualities SummaryPart = "qualities"
	SummaryGeneral   SummaryPart = "general"
	SummarySpecific  SummaryPart = "specific"
	SummaryOverall   SummaryPart = "overall"   // four columns to tick, at year end only
	SummaryAward     SummaryPart = "award"     // at year end | at any time
	SummaryPromotion SummaryPart = "promotion" // not promoted
	SummaryNote      SummaryPart = "note"
)

// SummaryColumn is one column of the class table behind the pupil's own:
// an item's level or mark, a level of the year to tick, or a line of the year.
type SummaryColumn struct {
	Part  SummaryPart
	Item  Item    // of subjects, qualities and competencies
	Field Field   // of those: level or mark
	Level Overall // of SummaryOverall
	// AnyTime tells the two columns of SummaryAward apart: khen thưởng đột
	// xuất, or at the year's end.
	AnyTime bool
}

// Summary is one of the nine forms of the bảng tổng hợp kết quả đánh giá giáo
// dục (TT 27/2020, Phụ lục 2): its number and its columns, for one grade.
type Summary struct {
	Form    int // Mẫu 1 to 9
	Grade   int
	Period  school.Period
	Columns []SummaryColumn
}

// Places of a form within the three of a group of grades.
const (
	midTerm = iota
	firstTermEnd
	yearEnd
	formsOfAGrade
)

// Summary returns the class table of a grade and period. What the pupils of the
// grade need not take or be assessed in has a column when it is a subject of
// the form (Ngoại ngữ 1 in grades 1 and 2, Tiếng dân tộc), and none when it is
// a competency beyond the form's four, six or seven. The summer's table is the
// year-end's. ok is false where the rule set knows no such table.
func (r *RuleSet) Summary(grade int, p school.Period) (s Summary, ok bool) {
	forms := r.forms[grade]
	place, known := map[school.Period]int{school.MidFirst: midTerm, school.EndFirst: firstTermEnd, school.MidSecond: midTerm,
		school.YearEnd: yearEnd, school.Summer: yearEnd}[p]
	if !known || len(forms) != formsOfAGrade {
		return Summary{}, false
	}
	s = Summary{Form: forms[place], Grade: grade, Period: p}
	for _, subject := range r.Subjects(grade) {
		it := Item(subject)
		s.Columns = append(s.Columns, SummaryColumn{Part: SummarySubjects, Item: it, Field: FieldLevel})
		if r.MarkAllowed(grade, subject, p) {
			s.Columns = append(s.Columns, SummaryColumn{Part: SummarySubjects, Item: it, Field: FieldMark})
		}
	}
	for _, group := range []struct {
		part  SummaryPart
		items []Item
	}{{SummaryQualities, Qualities}, {SummaryGeneral, GeneralCompetencies}, {SummarySpecific, SpecificCompetencies}} {
		for _, it := range group.items {
			if r.Trait(grade, it) == Required {
				s.Columns = append(s.Columns, SummaryColumn{Part: group.part, Item: it, Field: FieldLevel})
			}
		}
	}
	if place == yearEnd {
		s.Columns = append(s.Columns, yearColumns()...)
	}
	return s, true
}

// yearColumns stand in the year-end's forms only.
func yearColumns() []SummaryColumn {
	var out []SummaryColumn
	for _, o := range Overalls {
		out = append(out, SummaryColumn{Part: SummaryOverall, Level: o})
	}
	return append(out, SummaryColumn{Part: SummaryAward}, SummaryColumn{Part: SummaryAward, AnyTime: true},
		SummaryColumn{Part: SummaryPromotion}, SummaryColumn{Part: SummaryNote})
}
