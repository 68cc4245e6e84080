package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/views/ui"
	"hocba/views/words"
)

// SigningWaysURL is where the administrator sets the school's ways up.
func SigningWaysURL(y school.Year) string { return In(y, "signing-ways") }

// SigningWayURL is one of them.
func SigningWayURL(y school.Year, way int64) string { return In(y, "signing-ways", way) }

// SigningTrialURL asks a way whether it is there.
func SigningTrialURL(y school.Year, way int64) string { return In(y, "signing-ways", way, "trial") }

// SigningWays is the administrator's page of the school's ways.
type SigningWays struct {
	Frame
	Year  school.Year
	Rows  []SigningWayRow
	Form  SigningWayFields
	Ended bool
}

// SigningWayRow is a way with how many keys are bound to it.
type SigningWayRow struct {
	ID    int64
	Kind  signing.Provider
	Label string
	Where string
	Since time.Time
	Bound int
}

// SigningWayForm is what was typed.
type SigningWayForm struct {
	Kind, Label, URL, Client, Secret, Grant, Token, Port string
}

// SigningWayFields is the form of a way, with why it was refused.
type SigningWayFields struct {
	Typed       SigningWayForm
	KeepsSecret bool // one is set up; nothing written leaves it
	Code        string
	Args        map[string]string
}

// SigningWayView is the page of one way.
type SigningWayView struct {
	Frame
	Year  school.Year
	ID    int64
	Kind  signing.Provider
	Label string
	Since time.Time
	Bound int
	Form  SigningWayFields
	Saved bool
	Trial *SigningTrial // what came of trying it; nil: not tried
}

// SigningTrial is what a way answered.
type SigningTrial struct {
	At                       time.Time
	Name, Specs              string
	Methods, Logins, Missing []string
	Async                    bool
	LoginOffered, LoginTried bool
	Failure, LoginFailure    *fault.Error
}

func (p SigningWays) frame() Frame {
	f := p.Frame
	f.Heading = "Cách ký của trường"
	f.Lead = "Mở các cách ký mà giáo viên và hiệu trưởng được chọn. Mỗi người tự gắn chứng thư số của mình; quản trị không ký thay ai."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Cách ký"}}
	return f
}

func (p SigningWayView) frame() Frame {
	f := p.Frame
	f.Heading = p.Label
	f.Lead = providerName(p.Kind) + ", mở từ " + Day(p.Since) + ", " + bound(p.Bound) + "."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Cách ký", URL: SigningWaysURL(p.Year)}, {Label: p.Label}}
	return f
}

func bound(n int) string {
	if n == 0 {
		return "chưa ai gắn chứng thư"
	}
	return fmt.Sprintf("%d chứng thư đã gắn", n)
}

func providerName(k signing.Provider) string {
	switch k {
	case signing.PKCS11:
		return "Thiết bị ở máy chủ (PKCS#11)"
	case signing.Remote:
		return "Dịch vụ ký từ xa"
	case signing.Agent:
		return "USB token ở máy người ký"
	}
	return "Kho khóa thử nghiệm"
}

// wayFaults say, by what a way's parameter is wrong, how to mend it.
var wayFaults = map[string]string{
	"label":  "Ghi tên gọi, không quá 80 kí tự.",
	"url":    "Địa chỉ phải bắt đầu bằng https:// và không chứa tên đăng nhập, dấu ? hay dấu #. Chỉ máy chạy thử mới dùng được http://127.0.0.1.",
	"place":  "Địa chỉ này trỏ vào bên trong máy chủ hoặc mạng nội bộ của nó, không phải dịch vụ ký.",
	"client": "Ghi mã ứng dụng (client id) nhà cung cấp cấp cho trường.",
	"secret": "Máy chủ không có khóa bí mật tên này dành cho đúng địa chỉ trên. Nhờ người vận hành ghi tệp khóa kèm địa chỉ ấy.",
	"grant":  "Chọn cách đăng nhập dịch vụ.",
	"token":  "Ghi nhãn của thiết bị, không quá 32 kí tự.",
	"port":   "Cổng là một số từ 1024 đến 65535.",
	"oauth2": "Dịch vụ trả về địa chỉ đăng nhập (oauth2) không an toàn; hỏi lại nhà cung cấp.",
	"specs":  "Địa chỉ này có trả lời nhưng không theo CSC API bản 2. Kiểm tra lại đường dẫn, thường kết thúc bằng /csc/v2.",
	"kind":   "Chọn loại cách ký.",
}

func wayFault(code string, args map[string]string) string {
	if text, ok := wayFaults[args["what"]]; ok && code == "signer.config" {
		return text
	}
	return words.Message(code, args)
}

// wayFields are the controls of a way's form.
type wayFields struct{ kind, label, url, client, secret, grant, token, port ui.Field }

func (w SigningWayFields) fields() (f wayFields) {
	t := w.Typed
	f.kind = ui.Field{ID: "kind", Name: "kind", Label: "Loại", Value: t.Kind}
	for _, k := range []signing.Provider{signing.Remote, signing.Agent, signing.PKCS11} {
		f.kind.Options = append(f.kind.Options, ui.Option{Value: string(k), Label: providerName(k), Selected: t.Kind == string(k) || t.Kind == "" && k == signing.Remote})
	}
	f.label = ui.Field{ID: "label", Name: "label", Label: "Tên gọi", Value: t.Label, MaxLength: 80, Required: true, Hint: "Ví dụ: SmartCA, Token Ban Cơ yếu"}
	f.url = ui.Field{ID: "url", Name: "url", Label: "Địa chỉ API của dịch vụ", Value: t.URL, MaxLength: 300, Hint: "https://…/csc/v2, theo hợp đồng với nhà cung cấp"}
	f.client = ui.Field{ID: "client", Name: "client", Label: "Mã ứng dụng (client id)", Value: t.Client, MaxLength: 100, Width: "medium"}
	f.secret = ui.Field{ID: "secret", Name: "secret", Label: "Tên khóa bí mật", MaxLength: 40, Width: "medium", Autocomplete: "off",
		Hint: "Người vận hành máy chủ giữ khóa bí mật trong tệp cùng tên, kèm địa chỉ dịch vụ được dùng; không nhập khóa ở đây"}
	if w.KeepsSecret {
		f.secret.Label, f.secret.Hint = "Tên khóa bí mật mới", "Đã có khóa. Bỏ trống để giữ nguyên; tên cũ không hiện lại."
	}
	f.grant = ui.Field{ID: "grant", Name: "grant", Label: "Đăng nhập dịch vụ", Options: []ui.Option{
		{Value: "code", Label: "Từng người đăng nhập", Selected: t.Grant != "client"},
		{Value: "client", Label: "Nhà trường đăng nhập chung", Selected: t.Grant == "client"}}}
	f.token = ui.Field{ID: "token", Name: "token", Label: "Nhãn của thiết bị (token label)", Value: t.Token, MaxLength: 32, Width: "medium"}
	f.port = ui.Field{ID: "port", Name: "port", Label: "Cổng của chương trình ký", Value: t.Port, InputMode: "numeric", MaxLength: 5, Width: "short", Hint: "Mặc định 8987"}
	if w.Code != "" {
		text := wayFault(w.Code, w.Args)
		at := map[string]*ui.Field{"url": &f.url, "place": &f.url, "oauth2": &f.url, "specs": &f.url, "client": &f.client, "secret": &f.secret,
			"grant": &f.grant, "token": &f.token, "port": &f.port, "kind": &f.kind}[w.Args["what"]]
		if at == nil {
			at = &f.label
		}
		at.Error = text
	}
	return f
}

// problems names the field that is wrong, on top of the form.
func (w SigningWayFields) problems() []ui.Problem {
	if w.Code == "" {
		return nil
	}
	f := w.fields()
	for _, field := range []ui.Field{f.kind, f.label, f.url, f.client, f.secret, f.grant, f.token, f.port} {
		if field.Error != "" {
			return []ui.Problem{{FieldID: field.ID, Text: field.Label + ": " + field.Error}}
		}
	}
	return nil
}

// notice says in one sentence what came of a trial.
func (t SigningTrial) notice(kind signing.Provider) ui.Notice {
	at := " Thử lúc " + HourMinute(t.At) + "."
	switch {
	case t.Failure != nil && t.Failure.Code == "signer.unavailable":
		return ui.Notice{Tone: ui.Stop, Title: "Chưa nối được", Alert: true, Text: "Máy chủ gọi mà không có trả lời: sai địa chỉ, thiết bị chưa cắm, hoặc bên kia đang ngừng." + at}
	case t.Failure != nil:
		return ui.Notice{Tone: ui.Stop, Title: "Nối được nhưng chưa dùng được", Alert: true, Text: wayFault(t.Failure.Code, t.Failure.Args) + at}
	case kind == signing.PKCS11:
		return ui.Notice{Tone: ui.OK, Title: "Thiết bị đang cắm ở máy chủ", Text: "PIN và khóa chỉ thử được khi người giữ thiết bị ký." + at}
	case len(t.Missing) > 0 || !t.LoginOffered || t.LoginFailure != nil:
		return ui.Notice{Tone: ui.Wait, Title: "Dịch vụ có trả lời, còn điều phải sửa", Text: "Xem các mục chưa đạt dưới đây." + at}
	}
	return ui.Notice{Tone: ui.OK, Title: "Dịch vụ sẵn sàng", Text: "Chưa gửi yêu cầu ký nào và không ai bị hỏi." + at}
}

// facts are what the service says of itself.
func (t SigningTrial) facts() []ui.Fact {
	async := "Chờ trả lời từng lần"
	if t.Async {
		async = "Trả lời sau (không đồng bộ)"
	}
	return []ui.Fact{{Name: "Tên dịch vụ", Value: orDash(t.Name)}, {Name: "Phiên bản CSC API", Value: t.Specs}, {Name: "Cách trả chữ ký", Value: async},
		{Name: "Kiểu đăng nhập dịch vụ nhận", Value: orDash(strings.Join(t.Logins, ", ")), Soft: true},
		{Name: "Lệnh dịch vụ cho dùng", Value: orDash(strings.Join(t.Methods, ", ")), Soft: true}}
}

// checks are what signing needs of the service.
func (t SigningTrial) checks() []ui.Check {
	check := func(ok bool, name, good, bad string) ui.Check {
		if ok {
			return ui.Check{Status: ui.Status{Tone: ui.OK, Word: "đạt"}, Name: name, Result: good}
		}
		return ui.Check{Status: ui.Status{Tone: ui.Stop, Word: "chưa đạt"}, Name: name, Result: bad}
	}
	out := []ui.Check{check(len(t.Missing) == 0, "Lệnh cần để ký", "Đủ", "Thiếu "+strings.Join(t.Missing, ", ")),
		check(t.LoginOffered, "Kiểu đăng nhập đã chọn", "Dịch vụ nhận", "Dịch vụ không nhận kiểu này; chọn kiểu kia")}
	switch {
	case !t.LoginTried:
		return append(out, ui.Check{Status: ui.Status{Tone: ui.Neutral, Word: "chưa thử"}, Name: "Mã ứng dụng và khóa bí mật",
			Result: "Chỉ biết khi một người đăng nhập ở trang Cách ký của mình"})
	case t.LoginFailure != nil && t.LoginFailure.Code == "signer.login":
		return append(out, check(false, "Mã ứng dụng và khóa bí mật", "", "Dịch vụ không nhận; kiểm tra client id và khóa với nhà cung cấp"))
	case t.LoginFailure != nil:
		return append(out, check(false, "Mã ứng dụng và khóa bí mật", "", wayFault(t.LoginFailure.Code, t.LoginFailure.Args)))
	}
	return append(out, check(true, "Mã ứng dụng và khóa bí mật", "Dịch vụ nhận", ""))
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}
