package views

import (
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// SubjectYearURL is one subject of a class over all periods.
func SubjectYearURL(y school.Year, classID int64, s school.Subject) string {
	return In(y, "classes", classID, "subjects", s)
}

// SubjectYear is one subject of a class over all periods, read only.
type SubjectYear struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Subject school.Subject
	Summary school.Period // whose class table the page leads to
	Periods []SubjectPeriod
	Rows    []SubjectYearRow
}

// SubjectPeriod is a group of columns: level, mark where the subject has a
// test, remark. URL leads to the period's table; "" for who may not open it.
type SubjectPeriod struct {
	Period school.Period
	Open   bool
	Marks  bool
	URL    string
}

func (p SubjectPeriod) columns() int {
	if p.Marks {
		return 3
	}
	return 2
}

// SubjectYearRow is a pupil with a cell a period.
type SubjectYearRow struct {
	SummaryPupil
	Cells []SubjectYearCell
}

// SubjectYearCell is what was written in a period. From names the class in
// which it was written, when the pupil brought it along.
type SubjectYearCell struct {
	evaluation.Entry
	None, NoMark bool // the pupil does not take the subject; has no test
	Wanted       bool // asked for and not complete
	From         string
}

func (c SubjectYearCell) level() string {
	if c.Exempt {
		return exemptWord
	}
	return string(c.Level)
}

func (c SubjectYearCell) mark() string { return c.Value(evaluation.FieldMark) }

// class of the cell of one field.
func (c SubjectYearCell) class(f evaluation.Field) string {
	switch {
	case c.None, f == evaluation.FieldMark && (c.NoMark || c.Exempt):
		return "no"
	case c.Wanted && c.Value(f) == "" && !c.Exempt && f != evaluation.FieldRemark:
		return "want"
	case f == evaluation.FieldRemark:
		return "remark"
	}
	return ""
}

func (s SubjectYear) frame() Frame {
	f := s.Frame
	f.Dense = true
	f.Heading = s.Subject.Name() + " · lớp " + s.Class
	f.Lead = "Cả năm, chỉ đọc. Bấm tên kì để mở bảng của kì ấy."
	f.Crumbs = []Link{{Label: "Lớp " + s.Class}, {Label: SummaryName, URL: SummaryURL(s.Year, s.ClassID, s.Summary)}, {Label: s.Subject.Name()}}
	return f
}

// state says of a period whether it is being written.
func (p SubjectPeriod) state() ui.Status {
	if p.Open {
		return ui.Status{Tone: ui.OK, Word: "đang mở", Icon: ui.IconPen}
	}
	return ui.Status{Tone: ui.Neutral, Word: "khóa", Icon: ui.IconLock}
}

func (p SubjectPeriod) name() string { return words.Period(p.Period) }
