package views

import (
	"cmp"
	"slices"
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// Stretch is a time in which somebody had a duty in a class.
type Stretch struct {
	ID       int64
	Teacher  string
	Code     string
	From, To school.Date
	Decision string // of a substitution; "": the teacher's own
	Ends     bool   // a substitution that is not over yet
}

func (s Stretch) text() string {
	end := "đến nay"
	if !s.To.IsZero() {
		end = "đến " + s.To.Vietnamese()
	}
	if s.Decision != "" {
		end += ", dạy thay theo " + s.Decision
	}
	return s.Teacher + ", từ " + s.From.Vietnamese() + " " + end
}

// until says in the line of today that somebody stands in for a time.
func (s Stretch) until() string {
	if s.Decision == "" {
		return ""
	}
	return "dạy thay đến " + s.To.Vietnamese() + " theo " + s.Decision
}

// DutyLine is a subject of a class, or its homeroom, with who had it; the
// newest first.
type DutyLine struct {
	Subject  school.Subject
	Optional bool // not every pupil of the grade takes it
	History  []Stretch
	Today    *Stretch
}

// missing says that nobody has the duty: a gap, unless the subject is optional.
func (d DutyLine) missing() ui.Status {
	if d.Optional {
		return ui.Status{Tone: ui.Neutral, Word: "tự chọn, chưa giao"}
	}
	return ui.Status{Tone: ui.Wait, Word: "chưa phân công"}
}

func (d DutyLine) former() []Stretch {
	return slices.DeleteFunc(slices.Clone(d.History), func(s Stretch) bool { return d.Today != nil && s == *d.Today })
}

// ClassPupil is a pupil on the roll of a class.
type ClassPupil struct {
	Name, Code string
	Birth      school.Date
	Sex        school.Sex
	Grade      int
	Status     string
}

// ClassForm is what was typed into one of the forms of the class's page.
type ClassForm struct {
	Form     string // "homeroom", "assignment", "book", "kind"
	Account  string
	From     string
	To       string // last day of a substitution; "": for good
	Subjects []string
	Kind     string
	Reason   string
	Decision string
	Until    string
	Error    *fault.Error
}

// ClassPage is the administration of one class.
type ClassPage struct {
	Frame
	Year     school.Year
	Period   school.Period // whose tables open first
	Class    ClassRow
	Homeroom DutyLine
	Subjects []DutyLine
	Teachers []ui.Option
	Roll     []ClassPupil
	Papers   int // pupils of whom there is a paper
	Today    string
	CanEdit  bool
	Done     string // what was just done; empty: nothing
	Form     ClassForm
}

func (c ClassPage) frame() Frame {
	f := c.Frame
	f.Heading = "Lớp " + c.Class.Name
	f.Lead = joined(c.Class.grades(), ui.Number(c.Class.Pupils)+" học sinh", c.Class.Campus)
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(c.Year)}, {Label: "Lớp học", URL: ClassesURL(c.Year)},
		{Label: "Lớp " + c.Class.Name}}
	acts := []ui.Action{{Label: AllSubjectsName, URL: AllSubjectsURL(c.Year, c.Class.ID, c.Period), Icon: ui.IconGrid},
		{Label: SpecialName, URL: SpecialURL(c.Year, c.Class.ID), Icon: ui.IconPerson}}
	if a := classPapers(c.Year, c.Class.ID, c.Papers); a != nil {
		acts = append(acts, *a)
	}
	f.Actions = ui.Actions(acts...)
	if c.Form.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

var classDone = map[string]string{
	"class": "Đã thêm lớp", "homeroom": "Đã giao chủ nhiệm", "assignment": "Đã phân công", "substitute": "Đã kết thúc dạy thay", "book": "Đã đổi dạng học bạ",
	"kind": "Đã đổi loại lớp",
}

func (c ClassPage) done() string { return classDone[c.Done] }

// form returns what was typed into the named form, or its first values.
func (c ClassPage) form(name string) ClassForm {
	if c.Form.Form == name {
		return c.Form
	}
	return ClassForm{From: c.Today, Kind: string(c.Class.Book), Reason: c.Class.PaperReason, Decision: c.Class.PaperDecision,
		Until: c.Class.PaperUntil.Vietnamese()}
}

func (c ClassPage) teacherField(form string) ui.Field {
	f := c.form(form)
	return failing(ui.Field{ID: form + "-account", Name: "account", Label: "Thầy/cô", Value: f.Account,
		Options: append([]ui.Option{{Value: "", Label: "Chọn thầy/cô"}}, c.Teachers...)}, f.Error, "class.teacher", "class.teacher_code")
}

func (c ClassPage) fromField(form string) ui.Field {
	f := c.form(form)
	return failing(ui.Field{ID: form + "-from", Name: "from", Label: "Từ ngày", Value: f.From}, f.Error, "class.from",
		"class.from_before", "class.same_day")
}

// substituteFields are the last day and the decision of who stands in.
func (c ClassPage) substituteFields(form string) (to, decision ui.Field) {
	f := c.form(form)
	if c.Form.Form != form {
		f = ClassForm{}
	}
	to = failing(ui.Field{ID: form + "-to", Name: "to", Label: "Đến ngày", Value: f.To, Hint: "Chỉ khi dạy thay; giao hẳn thì để trống"}, f.Error,
		"class.to", "class.substitute_self", "class.substitute_twice")
	decision = failing(ui.Field{ID: form + "-decision", Name: "decision", Label: "Quyết định dạy thay", Value: f.Decision, MaxLength: 100,
		Hint: "Số, ngày; chỉ khi dạy thay"}, f.Error, "class.decision")
	return to, decision
}

// endSubstitute is the button that ends a substitution today.
func (c ClassPage) endSubstitute(s school.Subject, at Stretch) ui.Action {
	return ui.Action{Label: "Kết thúc dạy thay", Hint: at.Teacher, URL: In(c.Year, "classes", c.Class.ID, "substitutes"), Method: "DELETE", Small: true,
		Fields: []ui.Hidden{{Name: "id", Value: strconv.FormatInt(at.ID, 10)}, {Name: "subject", Value: string(s)}}}
}

func (c ClassPage) subjectsField() ui.Field {
	f := c.form("assignment")
	field := ui.Field{ID: "subjects", Name: "subject", Label: "Môn", Hint: "Chọn một hay nhiều môn giao cho cùng một thầy/cô."}
	for _, d := range c.Subjects {
		o := ui.Option{Value: string(d.Subject), Label: d.Subject.Name(), More: "chưa có ai dạy"}
		if d.Today != nil {
			o.More = d.Today.Teacher
		}
		for _, s := range f.Subjects {
			o.Selected = o.Selected || s == o.Value
		}
		field.Options = append(field.Options, o)
	}
	return failing(field, f.Error, "class.subjects")
}

func (c ClassPage) bookFields() (kind, reason, decision, until ui.Field) {
	f := c.form("book")
	kind = ui.Field{ID: "kind", Name: "kind", Label: "Dạng học bạ", Value: f.Kind, Options: []ui.Option{
		{Value: string(school.Digital), Label: words.BookKind(school.Digital)},
		{Value: string(school.Paper), Label: words.BookKind(school.Paper), More: "khi trường chưa đủ điều kiện, theo văn bản cho phép"}}}
	reason = failing(ui.Field{Name: "reason", Label: "Lý do dùng học bạ giấy", Value: f.Reason, MaxLength: 300}, f.Error, "class.paper_reason")
	decision = failing(ui.Field{Name: "decision", Label: "Văn bản cho phép", Hint: "Số, ngày, nơi ban hành", Value: f.Decision, MaxLength: 100},
		f.Error, "class.paper_decision")
	until = failing(ui.Field{Name: "until", Label: "Dự kiến chuyển sang học bạ số", Value: f.Until}, f.Error, "class.paper_until")
	return kind, reason, decision, until
}

func (c ClassPage) kindField() ui.Field {
	field := kindField(c.Class.Kind)
	field.ID = "class-kind"
	if f := c.Form; f.Form == "kind" {
		field.Value = f.Kind
		field = failing(field, f.Error, "class.kind", "class.kind_signed", "class.kind_marks")
	}
	return field
}

// kindField asks by which rules the pupils of a class are evaluated.
func kindField(kind school.ClassKind) ui.Field {
	return ui.Field{ID: "kind", Name: "kind", Label: "Loại lớp", Value: string(cmp.Or(kind, school.RegularClass)), Options: []ui.Option{
		{Value: string(school.RegularClass), Label: upper(words.ClassKind(school.RegularClass))},
		{Value: string(school.DisabilityClass), Label: upper(words.ClassKind(school.DisabilityClass)),
			More: "chỉ Toán và Tiếng Việt được đánh giá định kì, có điểm kiểm tra (TT 27/2020, Điều 8); các môn khác nhận xét, đánh giá thường xuyên"}}}
}

func (c ClassPage) problems() []ui.Problem {
	form := c.Form.Form
	kind, reason, decision, until := c.bookFields()
	to, by := c.substituteFields(form)
	return problems(c.Form.Error, c.teacherField(form), c.fromField(form), to, by, c.subjectsField(), kind, reason, decision, until, c.kindField())
}
