package views

import (
	"fmt"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/views/ui"
	"hocba/views/words"
)

// SignWith is what stands before every authorisation: the sentence the
// signature means, and the ways to sign among which the person chooses.
type SignWith struct {
	Year      school.Year
	Purpose   string // code: person, seal
	MeaningID string
	Meaning   string
	Source    string
	Ways      []SignWay // those with a key of the person; the chosen one is marked
}

// SignWay is a way to sign as a person chooses it.
type SignWay struct {
	ID     int64
	Kind   signing.Provider
	Label  string // "" of the trial key store
	Holder string // name in the certificate
	Until  time.Time
	Chosen bool
}

// SignersURL is where a person chooses how to sign and binds keys.
func SignersURL(y school.Year) string { return In(y, "signing") }

// SignerKeysURL binds a key of a way to the person.
func SignerKeysURL(y school.Year) string { return In(y, "signing", "keys") }

// SignerLoginURL leads to the sign-in of a remote service.
func SignerLoginURL(y school.Year, way int64) string { return In(y, "signing", "login", way) }

func (w SignWay) name() string {
	if w.Label != "" {
		return w.Label
	}
	return "Kho khóa thử nghiệm"
}

// happens says what the press of the button will do.
func (w SignWay) happens() string {
	switch w.Kind {
	case signing.PKCS11:
		return "Ký bằng thiết bị ở máy chủ của trường. Nhập PIN của thiết bị; PIN không được lưu."
	case signing.Remote:
		return "Chỉ mã băm được gửi đến dịch vụ ký; thầy/cô xác nhận một lần cho cả đợt, trên điện thoại hoặc theo cách dịch vụ hỏi."
	case signing.Agent:
		return "Ký bằng USB token cắm ở máy này; cần chương trình ký của nhà cung cấp đang chạy. PIN nhập ở chương trình ấy, không nhập ở đây."
	}
	return "Ký ngay trên máy chủ, nhập PIN một lần. Chữ ký thử nghiệm, chỉ dùng để làm quen."
}

// about is happens with whose certificate it is and how long it counts: the
// person sees before signing with what the signature will be made.
func (w SignWay) about() string {
	if w.Holder == "" {
		return w.happens()
	}
	return w.happens() + " Chứng thư: " + w.Holder + ", đến " + Day(w.Until) + "."
}

// pinAsked reports whether the way may ask for a PIN here.
func (w SignWay) pinAsked() bool { return w.Kind != signing.Agent }

func (s SignWith) ways(id string) ui.Field {
	f := ui.Field{ID: ID("way", id), Name: "way", Label: "Ký bằng"}
	for _, w := range s.Ways {
		f.Options = append(f.Options, ui.Option{Value: strconv.FormatInt(w.ID, 10), Label: w.name(), More: w.about(), Selected: w.Chosen})
	}
	return f
}

// only is the one way there is; nil when there is a choice, or none.
func (s SignWith) only() *SignWay {
	if len(s.Ways) == 1 {
		return &s.Ways[0]
	}
	return nil
}

// pin is the field as these ways need it: required where every way asks.
func (s SignWith) pin(f ui.Field) ui.Field {
	for _, w := range s.Ways {
		if w.Kind != signing.Software && w.Kind != signing.PKCS11 {
			f.Required = false
			f.Hint = "Bỏ trống nếu cách ký đã chọn không hỏi PIN ở đây. " + f.Hint
			break
		}
	}
	return f
}

func (s SignWith) asksPIN() bool {
	for _, w := range s.Ways {
		if w.pinAsked() {
			return true
		}
	}
	return len(s.Ways) == 0
}

// Signers is the page on which a person chooses how to sign.
type Signers struct {
	Frame
	Year    school.Year
	Saved   bool
	Bound   string // name in the certificate that was just bound
	Groups  []SignerGroup
	WayID   int64  // whose form was refused
	Purpose string // of it
	Code    string // why
	Args    map[string]string
}

// SignerGroup is one purpose: the own signature, or the school's seal.
type SignerGroup struct {
	Purpose string // code: person, seal
	Ways    []SignerWay
}

// SignerWay is a way as the person stands to it.
type SignerWay struct {
	SignWay
	Has      bool // a key of the person, or the seal's, lies there
	Login    bool // the person signs in at the service first
	LoggedIn bool
	User     bool   // the service wants to know the person's name there
	Port     string // where an agent listens
}

// agentURL is where the page finds an agent in the person's own machine.
func agentURL(port string) string { return "ws://127.0.0.1:" + port + "/" }

func (w SignerWay) agentURL() string { return agentURL(w.Port) }

// agentWords are what the script may have to say; it knows no words of its own.
var agentWords = templ.Attributes{"data-away": "Không thấy chương trình ký trên máy này. Mở chương trình ký, cắm token rồi thử lại.",
	"data-pin":         "PIN của token chưa đúng. Thử lại; token khóa sau vài lần sai.",
	"data-refused":     "Thầy/cô đã từ chối ở chương trình ký. Phần đã ký vẫn giữ.",
	"data-unplugged":   "Chưa cắm token, hoặc token bị rút. Phần đã ký vẫn giữ; cắm lại rồi ký tiếp.",
	"data-wrong_token": "Token đang cắm không phải của chứng thư đã gắn. Cắm đúng token rồi ký tiếp.",
	"data-challenge":   "Chương trình ký không nhận yêu cầu của trang này. Kiểm tra chương trình đã cho phép địa chỉ cổng thông tin.",
	"data-server":      "Máy chủ chưa nhận được. Phần đã ký vẫn giữ; mở lại trang rồi ký tiếp."}

// AgentProgress says how far a job of a kind is.
func AgentProgress(kind string, done, refused, total int) string {
	j := Job{Kind: kind}
	text := fmt.Sprintf("%s %d/%s", j.words().done, done, j.n(total))
	if refused > 0 {
		text += ", " + j.n(refused) + " " + lowerFirst(j.words().refused)
	}
	return text + "."
}

func (p Signers) frame() Frame {
	f := p.Frame
	f.Heading = "Cách ký của tôi"
	for _, g := range p.Groups {
		for _, w := range g.Ways {
			if w.Kind == signing.Agent && !w.Has {
				f.Scripts = []string{"js/token_agent.js"}
			}
		}
	}
	f.Lead = "Chọn cách ký dùng cho lần sau, hoặc gắn chứng thư số của thầy/cô với một cách ký trường đã mở. Không ai ký thay được cho người khác."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Cách ký"}}
	return f
}

func (g SignerGroup) title() string {
	if g.Purpose == "seal" {
		return "Con dấu số của trường"
	}
	return "Chữ ký của tôi"
}

// bind is the button that binds a key to the group's purpose.
func (g SignerGroup) bind() string {
	if g.Purpose == "seal" {
		return "Gắn con dấu"
	}
	return "Gắn chứng thư của tôi"
}

func (w SignerWay) state() ui.Status {
	switch {
	case w.Has && w.Chosen:
		return ui.Status{Tone: ui.OK, Word: "Đang dùng"}
	case w.Has:
		return ui.Status{Tone: ui.Neutral, Word: "Dùng được", Icon: ui.IconCheck}
	case w.Login && !w.LoggedIn:
		return ui.Status{Tone: ui.Wait, Word: "Cần đăng nhập", Icon: ui.IconKey}
	}
	return ui.Status{Tone: ui.Neutral, Word: "Chưa gắn"}
}

func (w SignerWay) certificate() string {
	if !w.Has {
		return "–"
	}
	return w.Holder + ", đến " + Day(w.Until)
}

// acts reports whether there is anything to do with a way.
func (w SignerWay) acts() bool {
	return w.Has && !w.Chosen || !w.Has && w.ID != 0
}

func (p Signers) failure(g SignerGroup, w SignerWay) string {
	if p.Code == "" || p.WayID != w.ID || p.Purpose != g.Purpose {
		return ""
	}
	return words.Message(p.Code, p.Args)
}

func (p Signers) binding(g SignerGroup, w SignerWay) (user, pin ui.Field) {
	id := g.Purpose + "-" + strconv.FormatInt(w.ID, 10)
	user = ui.Field{ID: "user-" + id, Name: "user", Label: "Mã người dùng ở dịch vụ ký", Width: "medium", MaxLength: 100, Autocomplete: "off", Required: true}
	pin = ui.Field{ID: "bind-pin-" + id, Name: "pin", Label: "PIN của thiết bị", Width: "medium", Autocomplete: "off", Required: true}
	if text := p.failure(g, w); text != "" {
		user.Error, pin.Error = text, text
	}
	return user, pin
}
