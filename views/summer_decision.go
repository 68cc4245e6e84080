package views

import (
	"slices"
	"strconv"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// SummerDecisionsURL is where the principal decides after the summer.
func SummerDecisionsURL(y school.Year) string { return In(y, "summer") }

// The controls of a pupil in the form of decisions, by enrolment.
const (
	SummerOutcomeField = "outcome-"
	SummerNoteField    = "note-"
	SummerSeenField    = "seen-"
)

// SummerDecisions is the principal's page: who waits, who was decided upon.
type SummerDecisions struct {
	Frame
	Year   school.Year
	Pupils []SummerPupil
	Again  int64 // a pupil decided upon who is to be decided upon anew
	Done   bool
	Due    school.Deadline
	Now    time.Time

	Number, Date string            // typed
	Typed        map[string]string // by control
	Whole        *fault.Error
	Refused      map[int64]SummerRefused
}

// SummerRefused says why the decision about a pupil was not taken.
type SummerRefused struct {
	Whole  *fault.Error
	Fields map[evaluation.SummerField]*fault.Error
}

func (s SummerDecisions) failed() bool { return s.Whole != nil || len(s.Refused) > 0 }

func (s SummerDecisions) frame() Frame {
	f := s.Frame
	f.Heading = "Xét sau rèn luyện trong hè"
	due, _ := LeftUntil(s.Due, s.Now)
	f.Lead = "Hiệu trưởng quyết định từng em hoàn thành, được lên lớp hay chưa được lên lớp (TT 27, Điều 11). Giáo viên chủ nhiệm ký học bạ sau quyết định; nộp đợt 2: " + lowerFirst(due) + "."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(s.Year)}, {Label: "Xét sau hè"}}
	f.Actions = ui.Actions(ui.Action{Label: UnclosedName, URL: UnclosedURL(s.Year), Icon: ui.IconChart})
	if s.failed() {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

// asked are the pupils in the form, decided those below it.
func (s SummerDecisions) asked() []SummerPupil {
	return s.only(func(p SummerPupil) bool { return p.Waits || p.Enrolment == s.Again && p.Open })
}

func (s SummerDecisions) decided() []SummerPupil {
	return s.only(func(p SummerPupil) bool { return p.Decision != nil && !p.Waits && (p.Enrolment != s.Again || !p.Open) })
}

func (s SummerDecisions) only(keep func(SummerPupil) bool) []SummerPupil {
	return slices.DeleteFunc(slices.Clone(s.Pupils), func(p SummerPupil) bool { return !keep(p) })
}

// askable reports whether somebody can be decided upon now.
func (s SummerDecisions) askable() bool {
	return slices.ContainsFunc(s.asked(), SummerPupil.ready)
}

// ready reports whether the pupil can be decided upon: there is a plan, and
// every result is there.
func (p SummerPupil) ready() bool { return p.Plan != nil && (p.Overall != "" || p.NotAssessed) }

// why says what a pupil still waits for before the decision.
func (p SummerPupil) why() string {
	if p.Plan == nil {
		return "Chưa có kế hoạch: giáo viên chủ nhiệm lập trước."
	}
	return words.Message("summer.incomplete", nil)
}

func (p SummerPupil) summary() string {
	if p.Plan == nil {
		return joined("Lớp "+p.Class, p.level())
	}
	again := "đã đánh giá bổ sung " + itemNames(p.Plan.Items)
	if len(p.Missing) > 0 {
		again = "chưa đánh giá bổ sung " + itemNames(p.Missing)
	}
	return joined("Lớp "+p.Class, "mức hiện có: "+p.level(), again)
}

func (s SummerDecisions) shared() (number, date ui.Field) {
	number = ui.Field{ID: "summer-number", Name: string(evaluation.SummerNumber), Label: "Số quyết định", Hint: "Ví dụ 27/QĐ-TH", Value: s.Number, Autocomplete: "off"}
	date = ui.Field{ID: "summer-date", Name: string(evaluation.SummerDate), Label: "Ngày quyết định", Hint: "Ví dụ 30/07/2026", Value: s.Date, Autocomplete: "off"}
	for _, r := range s.Refused {
		for f, field := range map[evaluation.SummerField]*ui.Field{evaluation.SummerNumber: &number, evaluation.SummerDate: &date} {
			if why := r.Fields[f]; why != nil {
				field.Error = words.Message(why.Code, why.Args)
			}
		}
	}
	return number, date
}

func (s SummerDecisions) outcome(p SummerPupil) ui.Field {
	f := ui.Field{ID: ID("summer-outcome", p.Enrolment), Name: SummerOutcomeField + p.id(), Label: "Kết quả", Value: s.Typed[SummerOutcomeField+p.id()],
		Options: []ui.Option{{Label: "Chưa quyết định lúc này"}}, Error: s.errorOf(p, evaluation.SummerResult)}
	for _, o := range evaluation.SummerOutcomes {
		if !o.Fits(p.Overall, p.NotAssessed) || o == evaluation.SummerCompleted && len(p.Missing) > 0 {
			continue
		}
		f.Options = append(f.Options, ui.Option{Value: string(o), Label: words.SummerOutcome(o)})
	}
	return f
}

func (s SummerDecisions) note(p SummerPupil) ui.Field {
	f := ui.Field{ID: ID("summer-note", p.Enrolment), Name: SummerNoteField + p.id(), Label: "Căn cứ, ghi chú", Value: s.Typed[SummerNoteField+p.id()],
		Hint: "In vào học bạ; có thể để trống", Autocomplete: "off", Error: s.errorOf(p, evaluation.SummerNote)}
	if len(p.Missing) > 0 {
		f.Hint = "Bắt buộc: vì sao em chưa được đánh giá bổ sung đủ"
	}
	return f
}

func (s SummerDecisions) errorOf(p SummerPupil, f evaluation.SummerField) string {
	if why := s.Refused[p.Enrolment].Fields[f]; why != nil {
		args := map[string]string{}
		for k, v := range why.Args {
			args[k] = v
		}
		if o := args["overall"]; o != "" {
			args["overall"] = words.Overall(evaluation.Overall(o))
		}
		return words.Message(why.Code, args)
	}
	return ""
}

func (s SummerDecisions) seen(p SummerPupil) string {
	if typed, ok := s.Typed[SummerSeenField+p.id()]; ok && s.Refused[p.Enrolment].Whole == nil {
		return typed
	}
	if p.Decision == nil {
		return "0"
	}
	return strconv.FormatInt(p.Decision.ID, 10)
}

func (s SummerDecisions) problems() []ui.Problem {
	if s.Whole != nil {
		return []ui.Problem{{Text: summerMessage(s.Whole)}}
	}
	number, date := s.shared()
	fields := []ui.Field{number, date}
	var out []ui.Problem
	for _, p := range s.Pupils {
		r, refused := s.Refused[p.Enrolment]
		if !refused {
			continue
		}
		if r.Whole != nil {
			out = append(out, ui.Problem{Text: p.Name + ": " + summerMessage(r.Whole)})
			continue
		}
		for _, f := range []ui.Field{s.outcome(p), s.note(p)} {
			f.Error = joinedWith(": ", p.Name, f.Error)
			if s.errorOf(p, evaluation.SummerResult)+s.errorOf(p, evaluation.SummerNote) != "" && f.Error != p.Name {
				fields = append(fields, f)
			}
		}
	}
	for id, r := range s.Refused { // who is on no list of the page any more
		if r.Whole != nil && !slices.ContainsFunc(s.Pupils, func(p SummerPupil) bool { return p.Enrolment == id }) {
			out = append(out, ui.Problem{Text: summerMessage(r.Whole)})
		}
	}
	return append(out, ui.Problems(fields...)...)
}

func (s SummerDecisions) again(p SummerPupil) ui.Action {
	return ui.Action{Label: "Quyết định lại", URL: SummerDecisionsURL(s.Year) + "?again=" + p.id(), Small: true, Hint: p.Name}
}

func (p SummerPupil) before() string {
	if p.Decision == nil {
		return ""
	}
	return "Đã quyết định: " + joined(words.SummerOutcome(p.Decision.Outcome), p.Decision.line()) + ". Quyết định mới thay quyết định này; chữ ký trên trang thay đổi hết hiệu lực."
}
