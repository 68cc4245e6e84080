package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/paper"
	"hocba/views/ui"
	"hocba/views/words"
)

// SummerName names the page of a class's summer.
const SummerName = "Rèn luyện trong hè"

// SummerURL is who of a class practises in summer.
func SummerURL(y school.Year, classID int64) string { return In(y, "classes", classID, "summer") }

// SummerPupilURL is the plan of one pupil.
func SummerPupilURL(y school.Year, classID, enrolment int64) string {
	return In(y, "classes", classID, "summer", enrolment)
}

// summerPlansURL prints the plans of a class, or of one pupil.
func summerPlansURL(y school.Year, classID, enrolment int64) string {
	url := SummerURL(y, classID) + "/plans.pdf"
	if enrolment != 0 {
		url += "?pupil=" + strconv.FormatInt(enrolment, 10)
	}
	return url
}

// SummerPlan is a plan as it stands.
type SummerPlan struct {
	ID int64
	evaluation.SummerPlan
	By string
	At time.Time
}

// SummerDecision is what the principal decided last.
type SummerDecision struct {
	ID int64
	evaluation.SummerDecision
	By string
	At time.Time
}

// SummerPupil is a pupil whom the summer is about.
type SummerPupil struct {
	Enrolment, ClassID int64
	Name, Class, Code  string
	Grade              int
	Birth              school.Date
	Overall            evaluation.Overall // with the summer's values in place
	NotAssessed        bool
	Items, Missing     []evaluation.Item
	Plan               *SummerPlan
	Decision           *SummerDecision
	Waits, Open        bool // for the principal; before the issue
}

func (p SummerPupil) id() string { return strconv.FormatInt(p.Enrolment, 10) }

// lastGrade flags a pupil of grade 5: the 15/8 batch is named for grades 1 to 4.
func (p SummerPupil) lastGrade() bool { return p.Grade == evaluation.LastGrade }

func lastGradeBadge() ui.Status {
	return ui.Status{Tone: ui.Wait, Icon: ui.IconWarn, Word: "Lớp 5, nộp đợt 2"}
}

func (p SummerPupil) level() string {
	if p.NotAssessed {
		return "Không đánh giá"
	}
	if p.Overall == "" {
		return "Chưa đủ kết quả"
	}
	return words.Overall(p.Overall)
}

func itemNames(items []evaluation.Item) string {
	names := make([]string, len(items))
	for i, it := range items {
		names[i] = it.Name()
	}
	return strings.Join(names, ", ")
}

func (p SummerPupil) planStatus() ui.Status {
	if p.Plan == nil {
		return ui.Status{Tone: ui.Stop, Word: "Chưa có kế hoạch"}
	}
	return ui.Status{Tone: ui.OK, Word: "Đã có kế hoạch"}
}

func (p SummerPupil) again() ui.Status {
	switch {
	case p.Plan == nil:
		return ui.Status{Tone: ui.Neutral, Word: "Chờ kế hoạch"}
	case len(p.Missing) > 0:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: fmt.Sprintf("Còn %d mục", len(p.Missing))}
	}
	return ui.Status{Tone: ui.OK, Word: "Đã đánh giá đủ"}
}

func (p SummerPupil) decided() ui.Status {
	switch {
	case p.Decision == nil:
		return ui.Status{Tone: ui.Neutral, Word: "Chưa quyết định"}
	case p.Waits:
		return ui.Status{Tone: ui.Stop, Word: "Kết quả đã đổi, cần quyết định lại"}
	case p.Decision.Outcome == evaluation.SummerKeptDown:
		return ui.Status{Tone: ui.Past, Icon: ui.IconTick, Word: words.SummerOutcome(p.Decision.Outcome)}
	}
	return ui.Status{Tone: ui.OK, Word: words.SummerOutcome(p.Decision.Outcome)}
}

func (d SummerDecision) line() string {
	return joined("QĐ "+d.Number, d.Date.Vietnamese(), d.Note)
}

// SummerText is what the record says about the re-assessment.
func SummerText(d evaluation.SummerDecision) string {
	text := words.SummerOutcome(d.Outcome) + ", theo Quyết định số " + school.CleanLine(d.Number) + "."
	if note := school.Clean(d.Note); note != "" {
		text += " " + note
	}
	return text
}

// SummerClass is the page of a class.
type SummerClass struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Plans   bool // the reader is the homeroom teacher
	Pupils  []SummerPupil
	Due     school.Deadline
	Now     time.Time
}

func (s SummerClass) frame() Frame {
	f := s.Frame
	f.Heading = SummerName + " · lớp " + s.Class
	due, _ := LeftUntil(s.Due, s.Now)
	f.Lead = "Em chưa hoàn thành chương trình lớp học rèn luyện theo kế hoạch, được đánh giá bổ sung, rồi hiệu trưởng quyết định. Học bạ nộp đợt 2: " + lowerFirst(due) + "."
	f.Crumbs = []Link{{Label: "Lớp " + s.Class}, {Label: SummerName}}
	if slices.ContainsFunc(s.Pupils, func(p SummerPupil) bool { return p.Plan != nil }) {
		f.Actions = ui.Actions(ui.Action{Label: "In kế hoạch cả lớp", URL: summerPlansURL(s.Year, s.ClassID, 0), Icon: ui.IconPaper},
			ui.Action{Label: "Ghi đánh giá bổ sung", URL: TraitsURL(s.Year, s.ClassID, school.Summer), Icon: ui.IconGrid})
	}
	return f
}

func (s SummerClass) open(p SummerPupil) ui.Action {
	a := ui.Action{Label: "Xem kế hoạch", URL: SummerPupilURL(s.Year, s.ClassID, p.Enrolment), Small: true, Hint: p.Name}
	switch {
	case s.Plans && p.Plan == nil && p.Decision == nil:
		a.Label = "Lập kế hoạch"
	case s.Plans && p.Decision == nil && p.Open:
		a.Label = "Sửa kế hoạch"
	}
	return a
}

// SummerForm is a plan as it was typed, with what is wrong with it.
type SummerForm struct {
	Items                            []string
	Content, Guide, From, To, Family string
	Seen                             string
	Whole                            *fault.Error
	Fields                           map[evaluation.SummerField]*fault.Error
	Typed                            bool
}

// SummerPlanOf is the page of one pupil's plan.
type SummerPlanOf struct {
	Frame
	Year     school.Year
	Pupil    SummerPupil
	Items    []evaluation.Item // of the grade, without remarks
	Homeroom string
	Writes   bool // the reader may write it now
	Today    school.Date
	Done     bool
	Form     SummerForm
}

func (s SummerPlanOf) url() string {
	return SummerPupilURL(s.Year, s.Pupil.ClassID, s.Pupil.Enrolment)
}

func (s SummerPlanOf) frame() Frame {
	f := s.Frame
	f.Heading = "Kế hoạch rèn luyện trong hè"
	f.Lead = joined(s.Pupil.Name, "lớp "+s.Pupil.Class, "mức hiện có: "+s.Pupil.level())
	f.Crumbs = []Link{{Label: "Lớp " + s.Pupil.Class}, {Label: SummerName, URL: SummerURL(s.Year, s.Pupil.ClassID)}, {Label: s.Pupil.Name}}
	f.Title = s.Pupil.Name + " · " + SummerName
	if s.failed() {
		f.Title = "Lỗi: " + f.Title
	}
	if s.Pupil.Plan != nil {
		f.Actions = ui.Actions(ui.Action{Label: "In kế hoạch gửi gia đình", URL: summerPlansURL(s.Year, s.Pupil.ClassID, s.Pupil.Enrolment), Icon: ui.IconPaper})
	}
	return f
}

func (s SummerPlanOf) failed() bool { return s.Form.Whole != nil || len(s.Form.Fields) > 0 }

func (s SummerPlanOf) seen() string {
	if s.Form.Typed {
		return s.Form.Seen
	}
	if s.Pupil.Plan == nil {
		return "0"
	}
	return strconv.FormatInt(s.Pupil.Plan.ID, 10)
}

// typed is what stands in the form: what was typed, else the plan, else a
// proposal that the homeroom teacher completes.
func (s SummerPlanOf) typed() SummerForm {
	if s.Form.Typed {
		return s.Form
	}
	f := SummerForm{Guide: s.Homeroom, From: s.Today.Vietnamese()}
	items := s.Pupil.Items
	if p := s.Pupil.Plan; p != nil {
		items = p.Items
		f.Content, f.Guide, f.Family, f.From, f.To = p.Content, p.Guide, p.Family, p.From.Vietnamese(), p.To.Vietnamese()
	}
	for _, it := range items {
		f.Items = append(f.Items, string(it))
	}
	return f
}

type summerFields struct {
	items                            []ui.Field
	content, guide, from, to, family ui.Field
}

func (s SummerPlanOf) fields() summerFields {
	typed := s.typed()
	field := func(f evaluation.SummerField, label, hint, value string) ui.Field {
		out := ui.Field{ID: ID("summer", f), Name: string(f), Label: label, Hint: hint, Value: value, Autocomplete: "off"}
		if why := s.Form.Fields[f]; why != nil {
			out.Error = words.Message(why.Code, why.Args)
		}
		return out
	}
	out := summerFields{
		content: field(evaluation.SummerContent, "Nội dung rèn luyện", "Em cần nắm được gì, làm được gì; học vào lúc nào", typed.Content),
		guide:   field(evaluation.SummerGuide, "Người hướng dẫn", "", typed.Guide),
		from:    field(evaluation.SummerFrom, "Từ ngày", "Ví dụ 15/06/2026", typed.From),
		to:      field(evaluation.SummerTo, "Đến ngày", "Ví dụ 24/07/2026", typed.To),
		family:  field(evaluation.SummerFamily, "Gia đình phối hợp", "In ở bản gửi gia đình; có thể để trống", typed.Family),
	}
	out.content.Rows, out.family.Rows = 4, 3
	for i, group := range []struct {
		label string
		of    func(evaluation.Item) bool
	}{
		{"Môn học, hoạt động giáo dục được đánh giá bổ sung", func(it evaluation.Item) bool { return it.Kind() == evaluation.SubjectItem }},
		{"Phẩm chất, năng lực được đánh giá bổ sung", func(it evaluation.Item) bool { return it.Kind() == evaluation.TraitItem }},
	} {
		f := field(evaluation.SummerItems, group.label, "", "")
		f.ID = ID("summer-items", i)
		if i > 0 {
			f.Error = ""
		}
		for _, it := range s.Items {
			if !group.of(it) {
				continue
			}
			o := ui.Option{Value: string(it), Label: it.Name(), Selected: slices.Contains(typed.Items, string(it))}
			if slices.Contains(s.Pupil.Items, it) {
				o.More = "Cuối năm chưa đạt"
			}
			f.Options = append(f.Options, o)
		}
		out.items = append(out.items, f)
	}
	return out
}

func (s SummerPlanOf) problems() []ui.Problem {
	if w := s.Form.Whole; w != nil {
		return []ui.Problem{{Text: summerMessage(w)}}
	}
	f := s.fields()
	all := append(slices.Clone(f.items), f.content, f.guide, f.from, f.to, f.family)
	for i := range all {
		all[i].Error = joinedWith(": ", all[i].Label, all[i].Error)
	}
	return ui.Problems(all...)
}

// summerMessage is a refusal in words, an item by its name.
func summerMessage(f *fault.Error) string {
	args := map[string]string{}
	for k, v := range f.Args {
		args[k] = v
	}
	if it := args["item"]; it != "" {
		args["item"] = evaluation.Item(it).Name()
	}
	return words.Message(f.Code, args)
}

func (s SummerPlanOf) facts() []ui.Fact {
	p := s.Pupil.Plan
	out := []ui.Fact{{Name: "Đánh giá bổ sung", Value: itemNames(p.Items)}, {Name: "Nội dung", Value: p.Content, Soft: true},
		{Name: "Người hướng dẫn", Value: p.Guide}, {Name: "Thời gian", Value: "từ " + p.From.Vietnamese() + " đến " + p.To.Vietnamese()},
		{Name: "Gia đình phối hợp", Value: first(p.Family, "–"), Soft: true}, {Name: "Người lập", Value: joined(p.By, Clock(p.At)), Soft: true}}
	if d := s.Pupil.Decision; d != nil {
		out = append(out, ui.Fact{Name: "Hiệu trưởng quyết định", Value: joined(words.SummerOutcome(d.Outcome), d.line())})
	}
	return out
}

// Printed is the plan as the paper for the family has it.
func (p SummerPupil) Printed(u school.Unit, y school.Year, homeroom string, day school.Date) paper.SummerPlan {
	out := paper.SummerPlan{School: u.Name, Year: YearLabel(y), Pupil: p.Name, Birth: p.Birth.Vietnamese(), Class: p.Class, Homeroom: homeroom,
		Place: fmt.Sprintf("ngày %02d tháng %02d năm %d", day.Day, day.Month, day.Year)}
	if u.Commune != "" {
		out.Place = u.Commune + ", " + out.Place
	}
	if plan := p.Plan; plan != nil {
		out.Items, out.Content, out.Guide, out.Family = itemNames(plan.Items), plan.Content, plan.Guide, plan.Family
		out.Time = "từ " + plan.From.Vietnamese() + " đến " + plan.To.Vietnamese()
	}
	return out
}

// SummerPlanTask asks the homeroom teacher for plans of pupils who have not
// completed the grade.
func SummerPlanTask(c ClassRef, names []string, due school.Deadline, now time.Time) Task {
	t := Task{Key: fmt.Sprintf("summer-%d", c.ID), Count: len(names), Noun: "học sinh", Title: "Lập kế hoạch hè cho lớp " + c.Name,
		Detail: listed(names, 4, ", ", "em") + ": chưa hoàn thành chương trình lớp học, chưa có kế hoạch rèn luyện.",
		Action: ui.Action{Label: "Lập kế hoạch", URL: SummerURL(due.Year, c.ID)}}
	t.Due, t.DueTone = LeftUntil(due, now)
	return t
}

// SummerDecisionTask asks the principal to decide about the pupils of track 2.
func SummerDecisionTask(waiting, planless int, due school.Deadline, now time.Time) Task {
	t := Task{Key: "summer-decisions", Count: waiting, Noun: "học sinh", Title: "Chờ quyết định sau rèn luyện trong hè",
		Detail: "Hoàn thành, được lên lớp hay chưa được lên lớp: học bạ của các em nộp đợt 2 theo quyết định này.",
		Action: ui.Action{Label: "Xem danh sách", URL: SummerDecisionsURL(due.Year)}}
	if planless > 0 {
		t.Notes = []ui.Status{{Tone: ui.Stop, Word: pupils(planless) + " chưa có kế hoạch"}}
	}
	t.Due, t.DueTone = LeftUntil(due, now)
	return t
}

func (s SummerPlanOf) save() ui.Action {
	return ui.Action{Label: "Lưu kế hoạch", Kind: ui.Primary}
}
