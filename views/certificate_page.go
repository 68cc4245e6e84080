package views

import (
	"strings"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// CertificatePage is one certificate: what it says, the checks, what may be
// done with it, and what was.
type CertificatePage struct {
	Frame
	Year        school.Year
	ID          int64
	Purpose     certificate.Purpose
	Holder      string // the unit's name, or the person's
	Subject     string // as the certificate says
	Issuer      string
	Serial      string
	Fingerprint string
	From, Until time.Time
	Stage       certificate.Stage
	Trial       bool
	HasKey      bool // the trial store keeps the key
	Checks      []certificate.Check
	Asked       time.Time // when the issuer was asked; zero: never
	Events      []certificate.Event
	May         map[certificate.Kind]bool
	Asks        bool // the reader may ask the issuer again
	SamePerson  bool // what waits is not the reader's, who did an earlier act
	Form        certificate.Act
	Day, Clock  string // of the form's effect, as typed
	Refusal     *fault.Error
	Book        string // address of the seal book; "" for a person's
	Now         time.Time
}

func (c CertificatePage) frame() Frame {
	f := c.Frame
	f.Heading = "Con dấu số của " + c.Holder
	if c.Purpose == certificate.Person {
		f.Heading = "Chứng thư số của " + c.Holder
	}
	f.Lead = leads[c.Stage]
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(c.Year)}, {Label: CertificatesName, URL: CertificatesURL(c.Year)}, {Label: c.Holder}}
	return f
}

// leads say what a stage means for whoever reads.
var leads = map[certificate.Stage]string{
	certificate.StageDeclared:   "Quản trị đã khai báo; chờ hiệu trưởng.",
	certificate.StageRegistered: "Hiệu trưởng đã đăng ký; chờ cấp trên kiểm tra và duyệt.",
	certificate.StageInUse:      "Đang dùng được.",
	certificate.StageSuspended:  "Đang tạm dừng: không ký, không phát hành được, và chữ ký trong thời gian này không được nhận.",
	certificate.StageRefused:    "Không được chấp nhận. Khai báo lại sau khi sửa, hoặc khai báo chứng thư khác.",
	certificate.StageWithdrawn:  "Trường đã rút lại khai báo.",
	certificate.StageEnded:      "Thôi dùng. Chữ ký đã có trước đó vẫn được xét theo thời điểm ký.",
}

func (c CertificatePage) facts() []ui.Fact {
	facts := []ui.Fact{{Name: "Chủ thể", Value: c.Subject}, {Name: "Tổ chức cấp", Value: c.Issuer},
		{Name: "Hiệu lực", Value: "từ " + Day(c.From) + " đến " + Day(c.Until)},
		{Name: "Số sê-ri", Value: c.Serial, Soft: true}, {Name: "Mã SHA-256", Value: c.Fingerprint[:16] + "…", Soft: true}}
	key := "Ngoài hệ thống (thiết bị hoặc dịch vụ ký)"
	if c.HasKey {
		key = "Trên hệ thống, được mã PIN bảo vệ"
	}
	return append(facts, ui.Fact{Name: "Khóa ký", Value: key, Soft: true})
}

// trial is the mark that stands wherever something has no legal value.
func (c CertificatePage) trial() *ui.Notice {
	if !c.Trial {
		return nil
	}
	return &ui.Notice{Tone: ui.Wait, Title: "Chữ ký thử nghiệm", Text: "Chứng thư này không có giá trị pháp lý. Chữ ký làm bằng nó mang dấu này ở mọi trang và mọi kết quả kiểm tra."}
}

func (c CertificatePage) asked() string {
	if c.Asked.IsZero() {
		return "Chưa hỏi tổ chức cấp."
	}
	return "Hỏi tổ chức cấp lúc " + Clock(c.Asked) + "."
}

func (c CertificatePage) notice() *ui.Notice {
	if c.Refusal == nil || c.reason(certificate.Refused).Error+c.note("").Error+c.moment().Error != "" {
		return nil
	}
	return &ui.Notice{Tone: ui.Stop, Title: "Chưa làm được", Text: words.Message(c.Refusal.Code, c.Refusal.Args), Alert: true}
}

// act is the address of an act.
func (c CertificatePage) act(k certificate.Kind) string {
	return In(c.Year, "certificates", c.ID, certificateNouns[k])
}

// certificateNouns are the last parts of the addresses of acts.
var certificateNouns = map[certificate.Kind]string{certificate.Withdrawn: "withdrawal", certificate.Registered: "registration", certificate.Approved: "approval",
	certificate.Refused: "refusal", certificate.Suspended: "suspension", certificate.Resumed: "resumption", certificate.Ended: "end"}

func (c CertificatePage) again() ui.Action {
	return ui.Action{Label: "Hỏi lại tổ chức cấp", URL: In(c.Year, "certificates", c.ID, "status"), Method: "POST", Icon: ui.IconShield}
}

// blocked says why an approval cannot be given yet.
func (c CertificatePage) blocked(k certificate.Kind) string {
	f := fault.As(certificate.Stands(c.Checks, k, true))
	if f == nil {
		return ""
	}
	return words.Message(f.Code, f.Args)
}

func (c CertificatePage) attention() bool {
	for _, k := range c.Checks {
		if k.Outcome == certificate.Attention {
			return true
		}
	}
	return false
}

func (c CertificatePage) looked() ui.Field {
	f := ui.Field{Name: "looked", Label: "Tôi đã đối chiếu các mục cần xem lại với hồ sơ của trường", Value: "1"}
	if c.Refusal != nil && c.Refusal.Code == "certificate.look" {
		f.Error = words.Message(c.Refusal.Code, nil)
	}
	return f
}

func (c CertificatePage) proceed() ui.Action {
	switch {
	case c.May[certificate.Approved]:
		return ui.Action{Label: "Duyệt con dấu", Kind: ui.Primary, Icon: ui.IconTick, ID: "approve"}
	case c.Purpose == certificate.Person:
		return ui.Action{Label: "Xác nhận chứng thư của " + c.Holder, Kind: ui.Primary, Icon: ui.IconTick, ID: "register"}
	}
	return ui.Action{Label: "Đăng ký con dấu", Kind: ui.Primary, Icon: ui.IconTick, ID: "register"}
}

// step is the act that moves the certificate on.
func (c CertificatePage) step() certificate.Kind {
	if c.May[certificate.Approved] {
		return certificate.Approved
	}
	return certificate.Registered
}

func (c CertificatePage) reason(k certificate.Kind) ui.Field {
	f := ui.Field{ID: "reason-" + string(k), Name: "reason", Label: "Lí do", Required: true, Options: []ui.Option{{Value: "", Label: "Chọn lí do"}}}
	list := map[certificate.Kind][]string{certificate.Refused: certificate.RefusalReasons, certificate.Suspended: certificate.SuspensionReasons, certificate.Ended: certificate.EndReasons}[k]
	for _, code := range list {
		f.Options = append(f.Options, ui.Option{Value: code, Label: words.CertificateReason(code), Selected: c.Form.Kind == k && c.Form.Reason == code})
	}
	f.Error = c.said(k, "certificate.reason")
	return f
}

func (c CertificatePage) note(k certificate.Kind) ui.Field {
	f := ui.Field{ID: "note-" + string(k), Name: "note", Label: "Ghi thêm", MaxLength: 1000, Hint: "Mọi người xem được chứng thư này đọc được lời ghi."}
	if c.Form.Kind == k {
		f.Value = c.Form.Note
	}
	f.Error = c.said(k, "certificate.note_missing") + c.said(k, "certificate.note_too_long")
	return f
}

// moment is when a suspension or an end takes effect: as a day and a clock.
func (c CertificatePage) moment() ui.Field {
	k := c.Form.Kind
	f := ui.Field{ID: "day-" + string(k), Name: "day", Label: "Từ ngày", Width: "date", Value: c.Day, Hint: "Để trống: ngay bây giờ. Mất thiết bị từ hôm trước thì ghi lúc mất."}
	f.Error = c.said(k, "certificate.effective") + c.said(k, "certificate.effective_unread")
	return f
}

func (c CertificatePage) momentOf(k certificate.Kind) (day, clock ui.Field) {
	day = c.moment()
	clock = ui.Field{ID: "clock-" + string(k), Name: "clock", Label: "Từ lúc", Width: "short", Value: c.Clock, Hint: "Giờ, ví dụ 08:30", MaxLength: 5}
	day.ID = "day-" + string(k)
	if c.Form.Kind != k {
		day.Value, day.Error, clock.Value = "", "", ""
	}
	return day, clock
}

func (c CertificatePage) said(k certificate.Kind, code string) string {
	if c.Refusal == nil || c.Refusal.Code != code || c.Form.Kind != k && k != "" {
		return ""
	}
	return words.Message(code, c.Refusal.Args)
}

// stop is a way to stop using the certificate.
type stop struct {
	kind   certificate.Kind
	title  string
	text   string
	action ui.Action
}

func (c CertificatePage) stops() []stop {
	var out []stop
	add := func(s stop) {
		if c.May[s.kind] {
			out = append(out, s)
		}
	}
	add(stop{certificate.Refused, "Không chấp nhận", "Trường đọc được lí do và khai báo lại được.", ui.Action{Label: "Không chấp nhận", Kind: ui.Grave, Icon: ui.IconStop}})
	add(stop{certificate.Suspended, "Tạm dừng", "Chữ ký làm trong thời gian tạm dừng không được nhận. Con dấu chỉ cấp trên cho dùng lại.",
		ui.Action{Label: "Tạm dừng chứng thư", Kind: ui.Grave, Icon: ui.IconPause}})
	add(stop{certificate.Ended, "Thôi dùng", "Không dùng lại được. Học bạ đã phát hành bằng con dấu này trước đó vẫn có hiệu lực.",
		ui.Action{Label: "Thôi dùng chứng thư", Kind: ui.Grave, Icon: ui.IconStop}})
	return out
}

func (s stop) timed() bool { return s.kind != certificate.Refused }

// open reports whether the form was sent and refused.
func (c CertificatePage) open(s stop) bool { return c.Refusal != nil && c.Form.Kind == s.kind }

func (c CertificatePage) withdraw() ui.Action {
	return ui.Action{Label: "Rút lại khai báo", URL: c.act(certificate.Withdrawn), Method: "POST", Icon: ui.IconBack}
}

func (c CertificatePage) resume() ui.Action {
	return ui.Action{Label: "Cho dùng lại", URL: c.act(certificate.Resumed), Method: "POST", Icon: ui.IconPlay}
}

// history is the timeline, the newest on top.
func (c CertificatePage) history() []ui.Line {
	var out []ui.Line
	for i := len(c.Events) - 1; i >= 0; i-- {
		e := c.Events[i]
		l := ui.Line{Status: certificateTones[certificate.StageAfter(c.Purpose, e.Kind)], Strong: words.CertificateEvent(e.Kind, c.Purpose)}
		who := e.Name
		if who == "" {
			who = "Hệ thống"
		}
		var parts []string
		if r := words.CertificateReason(e.Reason); r != "" && e.Reason != "other" {
			parts = append(parts, r)
		}
		if e.Note != "" {
			parts = append(parts, e.Note)
		}
		if len(parts) > 0 {
			l.Text = "– " + strings.Join(parts, ". ")
		}
		l.More = who + ", " + Clock(e.At)
		if !e.Effective.Equal(e.At) {
			l.More += "; có hiệu lực từ " + Clock(e.Effective)
		}
		out = append(out, l)
	}
	return out
}
