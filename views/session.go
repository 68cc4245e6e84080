package views

import (
	"strconv"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/password"
	"hocba/views/ui"
	"hocba/views/words"
)

// SignIn is the sign-in page. The name stays after a refusal, the password
// never does.
type SignIn struct {
	Public
	Username string
	Next     string // where one wanted to go; "" the first page
	Error    *fault.Error
	Support  string // "0236 000 0000 (7:00–17:00)"; empty: the school's administrator alone
	Forgot   bool   // opens what to do about a forgotten password
}

// Public frames of the sign-in page carry the product's full name.
func (s SignIn) frame() Public {
	p := s.Public
	p.Product = first(p.Product, "Học bạ số tiểu học")
	p.Heading = "Đăng nhập"
	p.Lead = "Dành cho thầy, cô và cán bộ quản lý."
	if s.Error != nil {
		p.Title = "Lỗi: Đăng nhập"
		p.Above = ui.ErrorSummary("Chưa đăng nhập được", words.Message(s.Error.Code, s.Error.Args), nil)
	}
	p.Foot = signInFoot(s.Support)
	return p
}

func (s SignIn) usernameField() ui.Field {
	return ui.Field{Name: "username", Label: "Tên đăng nhập", Hint: "Do quản trị của trường cấp, ví dụ: huong.hoaphuong",
		Value: s.Username, Autocomplete: "username", Required: true, MaxLength: 100,
		Attrs: map[string]any{"autocapitalize": "none", "spellcheck": "false"}}
}

func (s SignIn) passwordField() ui.Field {
	f := ui.Field{Name: "password", Label: "Mật khẩu", Autocomplete: "current-password", Required: true, MaxLength: 200}
	if s.Error != nil && s.Error.Code == "session.refused" {
		f.Error, f.Autofocus = "Nhập lại mật khẩu", true
	}
	return f
}

// KeptForm is a form that came after its session had ended.
type KeptForm struct {
	Public
	Action string
	Fields []KeptField
	Secret bool // a password or PIN was not kept
}

// KeptField is one field of it.
type KeptField struct{ Name, Value string }

func (k KeptForm) frame() Public {
	p := k.Public
	p.Product = first(p.Product, "Học bạ số tiểu học")
	p.Heading = "Phiên làm việc đã hết"
	p.Lead = "Nội dung vừa gửi chưa lưu nhưng còn nguyên trên trang này. Đừng đóng trang."
	return p
}

// typed lists what a person wrote in words, so that it can be seen and copied.
func (k KeptForm) typed() []string {
	var out []string
	for _, f := range k.Fields {
		if strings.ContainsAny(strings.TrimSpace(f.Value), " \n") {
			out = append(out, f.Value)
		}
	}
	return out
}

// Post is a role at a unit that a person holds.
type Post struct {
	ID      int64
	Role    string // code of workflow.Role
	Unit    string
	Place   string
	Current bool
}

func (p Post) role() string { return words.Role(p.Role) }

func (p Post) take() ui.Action {
	return ui.Action{Label: "Dùng vai này", URL: RoleURL, Method: "POST", Hint: joined(p.role(), p.Unit),
		Fields: []ui.Hidden{{Name: "post", Value: itoa(p.ID)}}}
}

// Roles is the page on which a person changes the role worn.
type Roles struct {
	Frame
	Posts []Post
}

func (r Roles) frame() Frame {
	f := r.Frame
	f.Heading = "Đổi vai"
	f.Lead = "Mỗi lúc dùng một vai. Đổi vai không làm mất việc đang dở."
	if len(r.Posts) == 0 {
		f.Lead = ""
	}
	return f
}

// Password is the page on which a person changes the own password.
type Password struct {
	Frame
	Temporary bool // somebody else set it: nothing else opens before it is changed
	Changed   bool
	Error     *fault.Error
}

func (p Password) frame() Frame {
	f := p.Frame
	f.Heading = "Đổi mật khẩu"
	f.Lead = "Mật khẩu chỉ mình thầy/cô biết; quản trị không xem được."
	if p.Temporary {
		f.Heading = "Đặt mật khẩu riêng"
		f.Lead = "Thầy/cô đang dùng mật khẩu tạm do quản trị trao. Đặt mật khẩu riêng rồi vào làm việc."
	}
	if p.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

// passwordFields names the field each refusal belongs to.
var passwordFields = map[string]string{
	"password.old_wrong": "old", "password.short": "new", "password.long": "new", "password.name": "new",
	"password.common": "new", "password.same": "new", "password.differ": "again",
}

func (p Password) fields() []ui.Field {
	fields := []ui.Field{
		{Name: "old", Label: "Mật khẩu đang dùng", Autocomplete: "current-password"},
		{Name: "new", Label: "Mật khẩu mới", Autocomplete: "new-password",
			Hint: "Ít nhất " + strconv.Itoa(password.MinLength) + " kí tự. Một câu ngắn dễ nhớ tốt hơn một từ khó."},
		{Name: "again", Label: "Mật khẩu mới, nhập lần nữa", Autocomplete: "new-password"},
	}
	if p.Temporary {
		fields[0].Label = "Mật khẩu tạm"
	}
	for i := range fields {
		fields[i].Required, fields[i].MaxLength = true, password.MaxLength
		if p.Error != nil && passwordFields[p.Error.Code] == fields[i].Name {
			fields[i].Error = words.Message(p.Error.Code, p.Error.Args)
		}
	}
	return fields
}

func (p Password) summary() string {
	if len(ui.Problems(p.fields()...)) == 0 {
		return words.Message(p.Error.Code, p.Error.Args)
	}
	if p.Temporary {
		return "Mật khẩu tạm vẫn dùng được."
	}
	return "Mật khẩu cũ vẫn dùng được."
}
