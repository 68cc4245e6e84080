package views

import (
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// SpecialURL is what was declared about the pupils of a class.
func SpecialURL(y school.Year, classID int64) string { return In(y, "classes", classID, "special") }

// SpecialName names the page.
const SpecialName = "Diện riêng của học sinh"

// The buttons that tick a column for the whole class.
const (
	AllForeign = "foreign"
	AllEthnic  = "ethnic"
)

// Declared is what was declared about a pupil; the fields are those of the
// stored row.
type Declared struct {
	Inclusive     bool
	Plan          bool
	NotAssessed   bool
	EthnicTongue  bool
	FirstLanguage bool
}

// The names of the boxes in the form.
const (
	boxInclusive = "inclusive"
	boxPlan      = "plan"
	boxNone      = "none"
	boxEthnic    = "ethnic"
	boxForeign   = "foreign"
)

// ReadDeclared reads the ticked boxes of a pupil.
func ReadDeclared(boxes []string) Declared {
	var d Declared
	for _, b := range boxes {
		if at := d.box(b); at != nil {
			*at = true
		}
	}
	return d
}

func (d *Declared) box(name string) *bool {
	switch name {
	case boxInclusive:
		return &d.Inclusive
	case boxPlan:
		return &d.Plan
	case boxNone:
		return &d.NotAssessed
	case boxEthnic:
		return &d.EthnicTongue
	case boxForeign:
		return &d.FirstLanguage
	}
	return nil
}

// SpecialPupil is a pupil of the page.
type SpecialPupil struct {
	Enrolment      int64
	Name           string
	Grade          int // of a multi-grade class; else 0
	MayTakeForeign bool
	Declared       Declared
}

func (p SpecialPupil) id() string { return strconv.FormatInt(p.Enrolment, 10) }

func (p SpecialPupil) note() string {
	if p.Grade == 0 {
		return ""
	}
	return "lớp " + strconv.Itoa(p.Grade)
}

// Exemption is a pupil who does not take a subject. Declared: by the school;
// else it only stands in the gradebook.
type Exemption struct {
	Declared         bool
	Pupil            int64
	Name             string
	Subject          school.Subject
	Period           school.Period
	Reason, Decision string
	By               string
	Day              school.Date
}

func (e Exemption) basis() string {
	if !e.Declared {
		return "Chỉ ghi trong bảng, chưa có quyết định"
	}
	return joined(e.Reason, e.Decision)
}

// SpecialForm is what was typed into one of the page's forms.
type SpecialForm struct {
	Form                                     string // "special", "exemption", "end"
	Done                                     string
	Pupil, Subject, Period, Reason, Decision string
	Error                                    *fault.Error
}

// Special is the page of a class.
type Special struct {
	Frame
	Year        school.Year
	ClassID     int64
	Class       string
	Tongue      string
	Declares    bool // the reader may tick
	Administers bool // the reader may also exempt, and say who is not evaluated
	Foreign     bool // a grade of the class may leave Ngoại ngữ 1 out
	Pupils      []SpecialPupil
	Exemptions  []Exemption
	Subjects    []school.Subject
	Form        SpecialForm
}

func (s Special) frame() Frame {
	f := s.Frame
	f.Heading = SpecialName + " · lớp " + s.Class
	f.Lead = "Ai học hòa nhập, ai học môn tự chọn, ai được miễn. Bảng điểm, phần còn thiếu và học bạ theo đúng phần khai ở đây."
	f.Crumbs = []Link{{Label: "Lớp " + s.Class}, {Label: SpecialName}}
	if s.Form.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

var specialDone = map[string]string{"special": "Đã ghi diện riêng của lớp", "exempt": "Đã khai miễn học", "ended": "Đã bỏ miễn học"}

func (s Special) done() string { return specialDone[s.Form.Done] }

// box is a tick box of the table.
type specialBox struct {
	value, label string
	on, shut     bool // shut: read only for this reader
}

// columns are the kinds of declaration the class needs.
func (s Special) columns() []ui.Column {
	out := []ui.Column{{Label: "Họ và tên"}, {Label: "Hòa nhập", Centre: true}, {Label: "Kế hoạch cá nhân", Centre: true},
		{Label: "Không đánh giá", Centre: true}}
	if s.Foreign {
		out = append(out, ui.Column{Label: "Học Ngoại ngữ 1", Centre: true})
	}
	return append(out, ui.Column{Label: "Học tiếng dân tộc", Centre: true})
}

func (s Special) boxes(p SpecialPupil) []specialBox {
	d := p.Declared
	out := []specialBox{{boxInclusive, "Hòa nhập", d.Inclusive, !s.Declares}, {boxPlan, "Kế hoạch cá nhân", d.Plan, !s.Declares},
		{boxNone, "Không đánh giá", d.NotAssessed, !s.Administers}}
	if s.Foreign {
		out = append(out, specialBox{boxForeign, "Học Ngoại ngữ 1", d.FirstLanguage, !s.Declares || !p.MayTakeForeign})
	}
	return append(out, specialBox{boxEthnic, "Học tiếng dân tộc", d.EthnicTongue, !s.Declares})
}

func (s Special) tongueField() ui.Field {
	f := ui.Field{ID: "tongue", Name: "tongue", Label: "Tiếng dân tộc của lớp", Value: s.Tongue, MaxLength: 40, Hint: "Như Cơ-tu, Xơ-đăng; in ở bảng và học bạ"}
	if s.Form.Form == "special" {
		f = failing(f, s.Form.Error, "special.tongue")
	}
	return f
}

func (s Special) exemptionFields() (pupil, subject, period, reason, decision ui.Field) {
	f := s.Form
	if f.Form != "exemption" {
		f = SpecialForm{Period: string(school.MidFirst)}
	}
	pupil = failing(ui.Field{ID: "pupil", Name: "pupil", Label: "Học sinh", Value: f.Pupil, Options: []ui.Option{{Label: "Chọn học sinh"}}},
		f.Error, "exemption.pupil")
	for _, p := range s.Pupils {
		pupil.Options = append(pupil.Options, ui.Option{Value: p.id(), Label: p.Name})
	}
	subject = failing(ui.Field{ID: "subject", Name: "subject", Label: "Môn", Value: f.Subject, Options: []ui.Option{{Label: "Chọn môn"}}},
		f.Error, "exemption.subject", "exemption.exists", "exemption.has_result")
	for _, x := range s.Subjects {
		subject.Options = append(subject.Options, ui.Option{Value: string(x), Label: x.Name()})
	}
	period = failing(ui.Field{ID: "period", Name: "period", Label: "Từ kì", Value: f.Period}, f.Error, "exemption.period")
	for _, p := range school.Periods {
		period.Options = append(period.Options, ui.Option{Value: string(p), Label: words.Period(p)})
	}
	reason = failing(ui.Field{ID: "reason", Name: "reason", Label: "Lý do", Value: f.Reason, MaxLength: 300}, f.Error, "exemption.reason")
	decision = failing(ui.Field{ID: "decision", Name: "decision", Label: "Quyết định", Value: f.Decision, MaxLength: 100,
		Hint: "Số, ngày; hiệu trưởng kí"}, f.Error, "exemption.decision")
	return pupil, subject, period, reason, decision
}

func (s Special) problems() []ui.Problem {
	pupil, subject, period, reason, decision := s.exemptionFields()
	return problems(s.Form.Error, pupil, subject, period, reason, decision, s.tongueField())
}

// end is the button that takes an exemption back.
func (s Special) end(e Exemption) ui.Action {
	return ui.Action{Label: "Bỏ miễn", Hint: e.Name + ", " + e.Subject.Name(), URL: In(s.Year, "classes", s.ClassID, "exemptions"), Method: "DELETE",
		Small: true, Fields: []ui.Hidden{{Name: "pupil", Value: strconv.FormatInt(e.Pupil, 10)}, {Name: "subject", Value: string(e.Subject)}}}
}
