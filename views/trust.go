package views

import (
	"strings"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/views/ui"
	"hocba/views/words"
)

// TrustName is what the page of the trust list is called.
const TrustName = "Danh sách tin cậy"

// TrustURL is the Sở's trust list with its demands.
func TrustURL(y school.Year) string { return In(y, "trust") }

// TrustKind says in a word what a line of the trust list is.
func TrustKind(intermediate, trial bool) string {
	kind := "gốc"
	if intermediate {
		kind = "trung gian"
	}
	if trial {
		kind += ", thử nghiệm"
	}
	return kind
}

// TrustLine is an authority of the trust list.
type TrustLine struct {
	Key         string // of the row
	Fingerprint string // of the certificate
	Name        string
	Provider    string
	Decision    string
	Kind        string
	From        time.Time
	Until       time.Time
	Ended       bool // at an instant that has come
	Ends        bool // somebody has ended it, now or later
	EndWhy      string
	By          string
	EndBy       string
}

// Trust is the Sở's page of the trust list and of what it demands.
type Trust struct {
	Frame
	Year   school.Year
	Lines  []TrustLine
	Policy signing.Policy
	Form   TrustForm
	Error  *fault.Error
	Failed string // the form that was refused: "add", "end", "policy"
	Done   string

	Registry RegistryKey
	Now      time.Time
}

// TrustForm is what was typed.
type TrustForm struct {
	Provider, Decision, From, Until string
	Trial                           bool
	Policies, DevicePolicies        string
}

func (t Trust) frame() Frame {
	f := t.Frame
	f.Heading = "Danh sách tin cậy, quy định về chứng thư"
	f.Lead = "Tổ chức nào cấp chứng thư được tin, từ ngày nào đến ngày nào; Sở đòi hỏi gì ở chứng thư."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(t.Year)}, {Label: TrustName}}
	return f
}

func (l TrustLine) status() ui.Status {
	switch {
	case l.Ended:
		return ui.Status{Tone: ui.Past, Word: "Thôi tin từ " + Day(l.Until)}
	case l.Ends:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Tin đến trước " + Day(l.Until)}
	}
	return ui.Status{Tone: ui.OK, Word: "Đang tin"}
}

func (l TrustLine) days() string { return Day(l.From) + " – " + Day(l.Until) }

func (l TrustLine) more() string {
	parts := []string{}
	add := func(text, who string) {
		if text != "" && who != "" {
			text += " (" + who + ")"
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	add(l.Decision, l.By)
	add(l.EndWhy, l.EndBy)
	return strings.Join(parts, "; ")
}

func (t Trust) said(form string, codes ...string) string {
	if t.Error == nil || t.Failed != form {
		return ""
	}
	for _, c := range codes {
		if t.Error.Code == c {
			return words.Message(c, t.Error.Args)
		}
	}
	return ""
}

// add are the fields of the form that adds an authority.
func (t Trust) add() []ui.Field {
	return []ui.Field{
		{Name: "file", Label: "Tệp chứng thư của tổ chức cấp", Required: true, Hint: "Gốc hoặc trung gian, .cer, .crt hoặc .pem; nhiều chứng thư trong một tệp cũng được.",
			Error: t.said("add", "certificate.file", "certificate.file_large", "certificate.file_missing", "certificate.private_key", "certificate.not_authority", "trust.known")},
		{Name: "provider", Label: "Tổ chức cấp", Value: t.Form.Provider, Required: true, MaxLength: 200, Hint: "Ví dụ: Cục Chứng thực số và Bảo mật thông tin"},
		{Name: "decision", Label: "Căn cứ", Value: t.Form.Decision, Required: true, MaxLength: 200, Hint: "Số, ngày văn bản", Error: t.said("add", "trust.words")},
		{Name: "from", Label: "Tin từ ngày", Value: t.Form.From, Width: "date", Hint: "Để trống: ngay bây giờ", Error: t.said("add", "trust.period", "certificate.effective_unread")},
		{Name: "until", Label: "Đến trước ngày", Value: t.Form.Until, Width: "date", Hint: "Để trống: tới khi chứng thư hết hạn"},
	}
}

func (t Trust) trialField() ui.Field {
	return ui.Field{Name: "trial", Label: "Chỉ thử nghiệm: chữ ký theo tổ chức này không có giá trị pháp lý", Value: "1", Checked: t.Form.Trial}
}

func (t Trust) endFields(l TrustLine) (from, decision ui.Field) {
	return ui.Field{ID: "end-from-" + l.Key[:12], Name: "from", Label: "Thôi tin từ ngày", Width: "date", Hint: "Để trống: ngay bây giờ"},
		ui.Field{ID: "end-decision-" + l.Key[:12], Name: "decision", Label: "Căn cứ", Required: true, MaxLength: 200, Hint: "Số, ngày văn bản"}
}

func (t Trust) endURL(l TrustLine) string { return In(t.Year, "trust", l.Key, "end") }

func (t Trust) mode() ui.Field {
	return ui.Field{Name: "mode", Label: "Hệ thống đang chạy", Options: []ui.Option{
		{Value: "trial", Label: "Chạy thử", Selected: !t.Policy.Production, More: "Chữ ký thử nghiệm được nhận và mang dấu “chữ ký thử nghiệm”."},
		{Value: "production", Label: "Chính thức", Selected: t.Policy.Production, More: "Kho từ chối chữ ký thử nghiệm và con dấu giữ khóa bằng phần mềm."}}}
}

func (t Trust) revocation() ui.Field {
	d := t.Policy.Demands()
	return ui.Field{Name: "revocation", Label: "Tình trạng thu hồi", Options: []ui.Option{
		{Value: string(signing.DemandNamed), Label: "Phải có trả lời khi chứng thư ghi nơi hỏi", Selected: d == signing.DemandNamed, More: "Chưa có trả lời thì giữ lại, hỏi lại; không ghi nơi hỏi thì nêu rõ “không có nguồn”."},
		{Value: string(signing.DemandAlways), Label: "Luôn phải có trả lời", Selected: d == signing.DemandAlways, More: "Chứng thư không ghi nơi hỏi bị từ chối."},
		{Value: string(signing.DemandNothing), Label: "Không đòi hỏi", Selected: d == signing.DemandNothing, More: "Chỉ từ chối khi biết chắc đã bị thu hồi."}}}
}

// providers are the authorities whose certificates may be allowed alone.
func (t Trust) providers() ui.Field {
	f := ui.Field{Name: "provider", Label: "Chỉ nhận chứng thư của", Hint: "Không chọn: mọi tổ chức đang được tin."}
	chosen := map[string]bool{}
	for _, p := range t.Policy.Providers {
		chosen[p] = true
	}
	for _, l := range t.Lines {
		label := l.Name
		if l.Provider != "" {
			label = l.Provider + " – " + l.Name
		}
		if !l.Ended {
			f.Options = append(f.Options, ui.Option{Value: l.Fingerprint, Label: label, Selected: chosen[l.Fingerprint]})
		}
	}
	return f
}

func (t Trust) policies() (policies, onDevice, devices ui.Field) {
	kept := func(typed string, list []string) string {
		if t.Failed == "policy" {
			return typed
		}
		return strings.Join(list, "\n")
	}
	policies = ui.Field{Name: "policies", Label: "Chính sách chứng thư được nhận", Value: kept(t.Form.Policies, t.Policy.Policies), Hint: "Mã OID, mỗi dòng một mã. Để trống: mọi chính sách.", MaxLength: 2000,
		Error: t.said("policy", "trust.oid")}
	onDevice = ui.Field{Name: "on_device", Label: "Khóa của con dấu phải nằm trên thiết bị", Value: "1", Checked: t.Policy.SealOnDevice}
	devices = ui.Field{Name: "devices", Label: "Chính sách cho biết khóa nằm trên thiết bị", Value: kept(t.Form.DevicePolicies, t.Policy.DevicePolicies), Hint: "Mã OID, mỗi dòng một mã.", MaxLength: 2000,
		Error: t.said("policy", "trust.device")}
	return policies, onDevice, devices
}

// deputies is the switch of KT. HIỆU TRƯỞNG.
func (t Trust) deputies() ui.Field {
	return ui.Field{Name: "deputies", Label: "Phó hiệu trưởng được ký thay (KT. HIỆU TRƯỞNG)", Value: "1", Checked: !t.Policy.HeadOnly,
		Hint: "Chỉ khi hiệu trưởng có quyết định ủy quyền còn thời hạn; kiểm tra lại lúc chữ ký hoàn thành."}
}

var trustDone = map[string]string{"add": "Đã thêm vào danh sách tin cậy.", "end": "Đã ghi ngày thôi tin.", "policy": "Đã ghi quy định."}

func (t Trust) notice() *ui.Notice {
	if text := trustDone[t.Done]; text != "" && t.Error == nil {
		return &ui.Notice{Tone: ui.OK, Title: text}
	}
	if t.Error != nil {
		return &ui.Notice{Tone: ui.Stop, Title: "Chưa ghi được", Text: words.Message(t.Error.Code, t.Error.Args), Alert: true}
	}
	return nil
}
