package views

import (
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// TimeStampsName is the page's name in the navigation and on itself.
const TimeStampsName = "Dấu thời gian"

// TimeStampsURL is where the Sở says who stamps signatures.
func TimeStampsURL(y school.Year) string { return In(y, "time-stamps") }

// TimeStamping is the setting as a form holds it.
type TimeStamping struct {
	URL, Policy string
	GoOn        bool
}

// TrialStamp is what an authority answered to a trial.
type TrialStamp struct {
	Authority string
	At        time.Time
}

// TimeStamps is the page of the Sở about time-stamps.
type TimeStamps struct {
	Frame
	Year       school.Year
	On         bool         // signatures are stamped
	Form       TimeStamping // as it stands, or as it was typed when it was refused
	Refusal    *fault.Error // why that was not taken
	Kept, Due  int          // signatures; above Most it is only known that there are more
	Most       int
	Oldest     time.Time    // of those that wait; zero: none does
	DueFault   string       // code of the last failure
	Clock      *fault.Error // the server's clock was set back
	Tried      bool         // a trial was asked for
	Trial      TrialStamp
	TrialFault *fault.Error
}

func (s TimeStamps) frame() Frame {
	f := s.Frame
	f.Heading = TimeStampsName
	f.Lead = "Mỗi chữ ký mang thêm giờ do một nơi độc lập xác nhận, nên giờ ký không lùi lại được và còn chứng minh được khi chứng thư đã hết hạn."
	f.Crumbs = []Link{{Label: f.Unit, URL: YearURL(s.Year)}, {Label: TimeStampsName}}
	return f
}

// notices are what the Sở must know first.
func (s TimeStamps) notices() []ui.Notice {
	var out []ui.Notice
	if s.Clock != nil {
		out = append(out, ui.Notice{Tone: ui.Stop, Title: "Đồng hồ máy chủ bị lùi", Text: words.Message(s.Clock.Code, s.Clock.Args), Alert: true})
	}
	switch {
	case s.TrialFault != nil:
		out = append(out, ui.Notice{Tone: ui.Stop, Title: "Hỏi thử không được", Text: words.Message(s.TrialFault.Code, s.TrialFault.Args), Alert: true})
	case s.Tried:
		out = append(out, ui.Notice{Tone: ui.OK, Title: "Nơi cấp trả lời đúng", Text: s.Trial.Authority + ", lúc " + Clock(s.Trial.At) + "."})
	}
	if s.Refusal != nil {
		out = append(out, ui.Notice{Tone: ui.Stop, Title: "Chưa lưu", Text: words.Message(s.Refusal.Code, s.Refusal.Args), Alert: true})
	}
	return out
}

func (s TimeStamps) status() ui.Status {
	switch {
	case !s.On:
		return ui.Status{Tone: ui.Neutral, Word: "Chưa dùng"}
	case s.Due > 0 && s.DueFault != "":
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Nơi cấp không trả lời"}
	}
	return ui.Status{Tone: ui.OK, Word: "Đang dùng"}
}

func (s TimeStamps) facts() []ui.Fact {
	facts := []ui.Fact{{Name: "Chữ ký đã có dấu", Value: s.number(s.Kept)}, {Name: "Đang chờ", Value: s.number(s.Due)}}
	if !s.Oldest.IsZero() {
		facts = append(facts, ui.Fact{Name: "Chờ lâu nhất, ký lúc", Value: Clock(s.Oldest)})
	}
	if s.DueFault != "" {
		facts = append(facts, ui.Fact{Name: "Lần hỏi gần nhất", Value: words.Message(s.DueFault, nil), Soft: true})
	}
	return facts
}

func (s TimeStamps) number(n int) string {
	if n > s.Most {
		return "hơn " + ui.Number(s.Most)
	}
	return ui.Number(n)
}

func (s TimeStamps) fields() []ui.Field {
	return []ui.Field{
		{Name: "url", Label: "Địa chỉ nơi cấp", Value: s.Form.URL, Type: "url", MaxLength: 300, Hint: "RFC 3161 qua HTTP; để trống là không dùng"},
		{Name: "policy", Label: "Mã chính sách", Value: s.Form.Policy, Width: "medium", Mono: true, MaxLength: 100, Hint: "Theo hợp đồng với nơi cấp; để trống là chính sách nào cũng nhận"},
	}
}

func (s TimeStamps) outage() ui.Field {
	return ui.Field{Name: "outage", Label: "Khi nơi cấp không trả lời", Options: []ui.Option{
		{Value: "wait", Label: "Chờ, chưa phát hành", More: "Học bạ chưa có dấu thời gian nằm lại ở bước phát hành; làm tiếp khi nơi cấp trả lời.", Selected: !s.Form.GoOn},
		{Value: "go_on", Label: "Vẫn phát hành, không có dấu", More: "Giờ nhận của kho học bạ và bằng chứng lưu kèm thay cho dấu thời gian.", Selected: s.Form.GoOn},
	}}
}
