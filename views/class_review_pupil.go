package views

import (
	"strconv"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ReviewPupil is one pupil's page of the class review: the homeroom teacher's
// lines as a form, and why the level is not a better one.
type ReviewPupil struct {
	Frame
	Year    school.Year
	ClassID int64
	PupilID int64
	Files   bool // the pupil's file is the person's to keep
	Class   string
	At, Of  int // place on the roll, from 1
	Birth   school.Date
	Row     ReviewRow
	Why     Why

	Previous, Next *Link
	Remarks        map[evaluation.Item]string // as they stand
	RemarkMax      int
	RemarksClosed  *fault.Error // the year-end's values cannot be written now
	Closed         *fault.Error // nothing can be written: who must act first
	Return         string       // why the page was sent back; empty: it was not
	Form           ReviewForm
	Done           string    // name of a pupil saved just before
	DoneAt         time.Time // when
}

// ReviewForm is what came back from a save that was refused.
type ReviewForm struct {
	Typed  map[string]string // by the control's name
	Errors map[string]string // by the control's name
	Title  string            // of the summary; empty: nothing was refused
}

// ReviewRemarkName is the control of a group's remark.
func ReviewRemarkName(group evaluation.Item) string {
	return string(group) + "." + string(evaluation.FieldRemark)
}

// NewReviewForm begins the answer to a save that was refused; whole is why
// nothing at all was taken, and its sentence heads the summary.
func NewReviewForm(whole *fault.Error) ReviewForm {
	f := ReviewForm{Typed: map[string]string{}, Errors: map[string]string{}}
	if whole == nil {
		return f
	}
	switch whole.Kind {
	case fault.Conflict:
		f.Title = "Người khác vừa ghi giá trị khác"
	case fault.Invalid:
		f.Title = "Chưa lưu: có ô cần sửa"
	default:
		f.Title = "Chưa lưu. " + words.Message(whole.Code, whole.Args)
	}
	return f
}

// Refuse puts the reason at a control. A stale one tells what stands there,
// who wrote it and when; saving again keeps what was typed.
func (f ReviewForm) Refuse(name string, why *fault.Error, theirs, by, at string) {
	if why.Code != "cell.stale" {
		f.Errors[name] = words.Message(why.Code, why.Args)
		return
	}
	f.Errors[name] = words.Message(why.Code, map[string]string{"by": by, "theirs": quoted(theirs), "at": at}) +
		" Lưu lần nữa để giữ giá trị dưới đây."
	f.Typed["old."+name] = theirs
}

// Moment is the time of day of an instant, with its day when it was not today.
func Moment(at, now time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case Day(at) != Day(now):
		return Clock(at)
	}
	return HourMinute(at)
}

func (p ReviewPupil) url() string { return ReviewPupilURL(p.Year, p.ClassID, p.Row.Enrolment) }

func (p ReviewPupil) frame() Frame {
	f := p.Frame
	f.Heading = p.Row.Name
	f.Title = p.Row.Name + " · " + ReviewName
	if p.Form.Title != "" {
		f.Title = "Lỗi: " + f.Title
	}
	f.Lead = joined("Sinh ngày "+p.Birth.Vietnamese(), p.Row.notes())
	f.Crumbs = []Link{{Label: "Lớp " + p.Class}, {Label: ReviewName, URL: ReviewURL(p.Year, p.ClassID)}, {Label: "Phần chủ nhiệm"}}
	if p.Row.HasRecord {
		open := []ui.Action{{Label: "Học bạ", URL: RecordURL(p.Year, p.Row.RecordID), Icon: ui.IconBook}}
		if links := p.Row.Printing.links(p.Year, p.Row.RecordID, ""); len(links) > 0 {
			open = append(open, links[0])
		}
		f.Actions = ui.Actions(open...)
	}
	return f
}

func (p ReviewPupil) place() string { return strconv.Itoa(p.At) + " / " + strconv.Itoa(p.Of) }

// shown is what stands in a control: what was typed, else what is stored.
func (p ReviewPupil) shown(f evaluation.ReviewField) string {
	if typed, ok := p.Form.Typed[string(f)]; ok {
		return typed
	}
	return ReviewText(f, p.Row.Review[f])
}

// old is the value a control stands on; after a stale save the other's, so
// that saving again is a decision.
func (p ReviewPupil) old(name string, stored string) string {
	if typed, ok := p.Form.Typed["old."+name]; ok {
		return typed
	}
	return stored
}

func (p ReviewPupil) oldOf(f evaluation.ReviewField) string {
	return p.old(string(f), ReviewText(f, p.Row.Review[f]))
}

func (p ReviewPupil) field(f evaluation.ReviewField, label, hint string) ui.Field {
	return ui.Field{ID: ID("review", f), Name: string(f), Label: label, Hint: hint, Value: p.shown(f), Error: p.Form.Errors[string(f)],
		Autocomplete: "off"}
}

// measures are the four numbers.
func (p ReviewPupil) measures() []ui.Field {
	out := []ui.Field{
		p.field(evaluation.ReviewExcused, "Nghỉ có phép", "Số ngày, ví dụ 0"),
		p.field(evaluation.ReviewUnexcused, "Nghỉ không phép", "Số ngày, ví dụ 0"),
		p.field(evaluation.ReviewHeight, "Chiều cao", "cm, ví dụ 132,5"),
		p.field(evaluation.ReviewWeight, "Cân nặng", "kg, ví dụ 28,5"),
	}
	for i := range out {
		out[i].Width = "short"
		out[i].InputMode = "decimal"
		if i < 2 {
			out[i].InputMode = "numeric"
		}
	}
	return out
}

func (p ReviewPupil) remarkField(group evaluation.Item) ui.Field {
	name := ReviewRemarkName(group)
	f := ui.Field{ID: ID("review", group), Name: name, Label: group.Name(), Value: p.Remarks[group], Error: p.Form.Errors[name],
		Autocomplete: "off", Rows: 3}
	if typed, ok := p.Form.Typed[name]; ok {
		f.Value = typed
	}
	return f
}

// decides reports whether completion and promotion are the homeroom teacher's
// to note: for a pupil who is not assessed, unless the principal decides after
// the summer.
func (p ReviewPupil) decides() bool {
	return p.Row.NotAssessed && p.Row.Review[evaluation.ReviewTrack] != "2"
}

func (p ReviewPupil) completed() ui.Field {
	return p.decision(evaluation.ReviewCompleted, "Hoàn thành chương trình lớp học", "Em thuộc diện không đánh giá: nhà trường quyết định theo kế hoạch giáo dục cá nhân.",
		"Hoàn thành", "Chưa hoàn thành")
}

func (p ReviewPupil) promoted() ui.Field {
	return p.decision(evaluation.ReviewPromoted, "Quyết định lên lớp", "", "Được lên lớp", "Chưa được lên lớp")
}

func (p ReviewPupil) decision(f evaluation.ReviewField, label, hint, yes, no string) ui.Field {
	field := p.field(f, label, hint)
	field.Options = []ui.Option{{Value: "1", Label: yes}, {Value: "0", Label: no}, {Label: "Chưa quyết định", Selected: field.Value == ""}}
	return field
}

func (p ReviewPupil) track() ui.Field {
	f := p.field(evaluation.ReviewTrack, "Đợt", "")
	f.Options = []ui.Option{
		{Value: "1", Label: "Đợt 1, trước ngày 30/6", More: "Hoàn thành chương trình lớp học trong năm học"},
		{Value: "2", Label: "Đợt 2, trước ngày 15/8", More: "Rèn luyện trong hè rồi đánh giá bổ sung"},
	}
	if p.Row.Overall == evaluation.CHT && p.Row.Review[evaluation.ReviewTrack] != "2" {
		f.Hint = "Em chưa hoàn thành: chọn đợt 2."
	}
	return f
}

// summer reports whether the pupil practises in summer: plan and decision are
// on a page of their own.
func (p ReviewPupil) summer() bool {
	return p.Row.Overall == evaluation.CHT || p.Row.Review[evaluation.ReviewTrack] == "2"
}

// summerFacts are what the principal decided after the summer; nobody types
// them here.
func (p ReviewPupil) summerFacts() []ui.Fact {
	v := p.Row.Review
	day := ReviewText(evaluation.ReviewReassessedOn, v[evaluation.ReviewReassessedOn])
	if day == "" {
		return []ui.Fact{{Name: "Quyết định sau hè", Value: "hiệu trưởng chưa quyết định", Soft: true}}
	}
	return []ui.Fact{{Name: "Quyết định sau hè", Value: joined(day, v[evaluation.ReviewReassessNote])}}
}

func (p ReviewPupil) summerLink() ui.Action {
	return ui.Action{Label: "Kế hoạch rèn luyện trong hè", URL: SummerPupilURL(p.Year, p.ClassID, p.Row.Enrolment), Icon: ui.IconPen}
}

// problems lead from the summary to the controls to mend.
func (p ReviewPupil) problems() []ui.Problem {
	fields := p.measures()
	for _, g := range evaluation.RemarkGroups {
		fields = append(fields, p.remarkField(g))
	}
	fields = append(fields, p.completed(), p.promoted(), p.track())
	for i, f := range fields {
		fields[i].Error = joinedWith(": ", f.Label, f.Error)
	}
	return ui.Problems(fields...)
}

// commended are the commendations as the record says them; they are written on
// a page of their own.
func (p ReviewPupil) commended() ui.Fact {
	var out []string
	for _, c := range p.Row.Commended {
		out = append(out, c.text())
	}
	return ui.Fact{Name: "Khen thưởng", Value: first(strings.Join(out, "; "), "Không")}
}

func (p ReviewPupil) commend() ui.Action {
	return ui.Action{Label: "Đề nghị, sửa khen thưởng", Icon: ui.IconStar, Small: true,
		URL: CommendationsURL(p.Year, p.ClassID) + "#" + ID("pupil", p.Row.Enrolment)}
}

func (p ReviewPupil) results() []ui.Fact {
	return []ui.Fact{{Name: "Mức chung", Value: p.Row.overall()}, {Name: "Hoàn thành", Value: p.Row.completionLong(), Soft: true}}
}

func (p ReviewPupil) closedNotice() ui.Notice {
	return ui.Notice{Tone: ui.Wait, Icon: ui.IconLock, Title: "Chỉ đọc", Text: words.Message(p.Closed.Code, p.Closed.Args)}
}

func (p ReviewPupil) returnNotice() ui.Notice {
	return ui.Notice{Tone: ui.Past, Icon: ui.IconBack, Title: "Hiệu trưởng trả lại phần này", Text: "“" + p.Return + "”"}
}

// refusedNotice keeps in sight what was typed when a pupil's page was closed meanwhile.
func (p ReviewPupil) typedFacts() []ui.Fact {
	var out []ui.Fact
	add := func(label, name, stored string) {
		if typed, ok := p.Form.Typed[name]; ok && typed != stored {
			out = append(out, ui.Fact{Name: label, Value: first(typed, "trống"), Soft: true})
		}
	}
	for _, f := range p.measures() {
		add(f.Label, f.Name, ReviewText(evaluation.ReviewField(f.Name), p.Row.Review[evaluation.ReviewField(f.Name)]))
	}
	for _, g := range evaluation.RemarkGroups {
		add(g.Name(), ReviewRemarkName(g), p.Remarks[g])
	}
	return out
}

// facts are the lines of a page that cannot be written.
func (p ReviewPupil) facts() []ui.Fact {
	v := p.Row.Review
	out := []ui.Fact{
		{Name: "Nghỉ có phép", Value: first(v[evaluation.ReviewExcused], "chưa ghi")},
		{Name: "Nghỉ không phép", Value: first(v[evaluation.ReviewUnexcused], "chưa ghi")},
		{Name: "Chiều cao", Value: withUnit(ReviewText(evaluation.ReviewHeight, v[evaluation.ReviewHeight]), "cm")},
		{Name: "Cân nặng", Value: withUnit(ReviewText(evaluation.ReviewWeight, v[evaluation.ReviewWeight]), "kg")},
	}
	for _, g := range evaluation.RemarkGroups {
		out = append(out, ui.Fact{Name: g.Name(), Value: first(p.Remarks[g], "chưa ghi"), Soft: true})
	}
	track, _ := strconv.Atoi(first(v[evaluation.ReviewTrack], "1"))
	out = append(out, p.commended(), ui.Fact{Name: "Đợt", Value: words.Track(track)})
	if day := ReviewText(evaluation.ReviewReassessedOn, v[evaluation.ReviewReassessedOn]); day != "" {
		out = append(out, ui.Fact{Name: "Đánh giá bổ sung", Value: joined(day, v[evaluation.ReviewReassessNote])})
	}
	return append(out, p.results()...)
}

func withUnit(value, unit string) string {
	if value == "" {
		return "chưa ghi"
	}
	return value + "\u00a0" + unit
}

func (p ReviewPupil) saves() []ui.Action {
	save := ui.Action{Label: "Lưu"}
	if p.Next == nil {
		save.Kind = ui.Primary
		return []ui.Action{save}
	}
	return []ui.Action{{Label: "Lưu, sang em tiếp theo", Kind: ui.Primary, Name: "then", Value: "next"}, save}
}

func (p ReviewPupil) doneText() string {
	return words.Message("review.saved", map[string]string{"name": p.Done, "at": HourMinute(p.DoneAt)})
}

// remarkFacts are the remarks where they cannot be written.
func (p ReviewPupil) remarkFacts() []ui.Fact {
	var out []ui.Fact
	for _, g := range evaluation.RemarkGroups {
		out = append(out, ui.Fact{Name: g.Name(), Value: first(p.Remarks[g], "chưa ghi"), Soft: true})
	}
	return out
}

func (p ReviewPupil) remarksClosedText() string {
	return words.Message(p.RemarksClosed.Code, p.RemarksClosed.Args)
}
