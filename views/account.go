package views

import (
	"strings"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// AccountsURL lists the people of the school.
func AccountsURL(y school.Year) string { return In(y, "accounts") }

// NewAccountURL is the form of a new account.
func NewAccountURL(y school.Year) string { return In(y, "accounts", "new") }

// AccountURL is the file of one person.
func AccountURL(y school.Year, id int64) string { return In(y, "accounts", id) }

// StaffRow is a person in the list.
type StaffRow struct {
	ID          int64
	Name        string
	Username    string
	TeacherCode string
	Roles       []string // codes
	KeyUntil    string   // last day of the newest certificate; empty: none
	Closed      bool     // may not sign in
}

func (s StaffRow) roles() string { return roleNames(s.Roles) }

func roleNames(codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = words.Role(c)
	}
	return strings.Join(names, ", ")
}

func (s StaffRow) key() ui.Status {
	if s.KeyUntil == "" {
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconShield, Word: "chưa có"}
	}
	return ui.Status{Tone: ui.OK, Icon: ui.IconShield, Word: "đến " + s.KeyUntil}
}

// Accounts is the list of a school's people.
type Accounts struct {
	Frame
	Year school.Year
	Rows []StaffRow
}

func (a Accounts) frame() Frame {
	f := a.Frame
	f.Heading = "Tài khoản"
	f.Lead = "Người đang có vai ở trường. Mật khẩu tạm chỉ hiện một lần, trao tận tay."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(a.Year)}, {Label: "Tài khoản"}}
	f.Actions = ui.Actions(ui.Action{Label: "Tải danh sách (.xlsx)", URL: ExportURL(a.Year, "accounts"), Icon: ui.IconDownload},
		ui.Action{Label: "Nhập từ Excel", URL: In(a.Year, "accounts", "import"), Icon: ui.IconUpload},
		ui.Action{Label: "Thêm tài khoản", URL: NewAccountURL(a.Year), Kind: ui.Primary})
	return f
}

// NewAccount is the form of a new account.
type NewAccount struct {
	Frame
	Year        school.Year
	FullName    string
	Username    string // empty: proposed from the name
	TeacherCode string
	Role        string
	Roles       []string // codes that may be given
	Error       *fault.Error
}

func (n NewAccount) frame() Frame {
	f := n.Frame
	f.Heading = "Thêm tài khoản"
	f.Lead = "Hệ thống đặt mật khẩu tạm và hiện một lần sau khi thêm."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(n.Year)}, {Label: "Tài khoản", URL: AccountsURL(n.Year)}, {Label: "Thêm tài khoản"}}
	if n.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func roleOptions(codes []string, chosen string) []ui.Option {
	var out []ui.Option
	for _, c := range codes {
		out = append(out, ui.Option{Value: c, Label: words.Role(c), Selected: c == chosen})
	}
	return out
}

func (n NewAccount) fields() []ui.Field {
	return []ui.Field{
		failing(ui.Field{Name: "name", Label: "Họ và tên", Value: n.FullName, MaxLength: 100, Required: true, Autocomplete: "off"}, n.Error, "account.full_name"),
		failing(ui.Field{Name: "username", Label: "Tên đăng nhập", Hint: "Để trống thì hệ thống đặt theo tên, như huongntm", Value: n.Username,
			Width: "medium", MaxLength: 40, Autocomplete: "off", Attrs: map[string]any{"autocapitalize": "none", "spellcheck": "false"}},
			n.Error, "account.username", "account.username_taken"),
		failing(ui.Field{Name: "teacher_code", Label: "Mã giáo viên", Hint: "Mã định danh của Bộ; vai quản trị không cần", Value: n.TeacherCode,
			Width: "medium", MaxLength: 20, Autocomplete: "off"}, n.Error, "account.teacher_code", "account.teacher_code_taken", "account.teacher_code_needed"),
		failing(ui.Field{Name: "role", Label: "Vai", Options: roleOptions(n.Roles, n.Role)}, n.Error, "account.role"),
	}
}

// RoleStretch is a role with its days.
type RoleStretch struct {
	Role     string // code
	From, To school.Date
	Own      bool // the role the administrator is wearing now
}

func (r RoleStretch) days() string {
	if r.To.IsZero() {
		return "từ " + r.From.Vietnamese()
	}
	return r.From.Vietnamese() + " – " + r.To.Vietnamese()
}

// AccountPage is the file of one person.
type AccountPage struct {
	Frame
	Year        school.Year
	ID          int64
	Name        string
	Username    string
	TeacherCode string
	Elsewhere   bool
	Roles       []RoleStretch
	Giveable    []string
	Own         bool   // the administrator's own account
	Closed      bool   // may not sign in
	Temporary   bool   // has not yet changed the password that was handed out
	Secret      string // a temporary password, shown this once
	Fresh       bool   // the account was just made
	Done        string
	Error       *fault.Error
}

func (a AccountPage) frame() Frame {
	f := a.Frame
	f.Heading = a.Name
	f.Lead = joined("Tên đăng nhập: "+a.Username, a.TeacherCode)
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(a.Year)}, {Label: "Tài khoản", URL: AccountsURL(a.Year)}, {Label: a.Name}}
	return f
}

func (a AccountPage) endRole(r RoleStretch) ui.Action {
	if r.Own {
		return ui.Action{Label: "Kết thúc vai", Small: true, Disabled: true, ID: "own-role", Reason: "Vai thầy/cô đang dùng; quản trị khác của trường kết thúc được."}
	}
	return ui.Action{Label: "Kết thúc vai", Method: "DELETE", URL: In(a.Year, "accounts", a.ID, "roles"), Small: true, Kind: ui.Grave,
		Hint: words.Role(r.Role) + ", " + a.Name, Fields: []ui.Hidden{{Name: "role", Value: r.Role}}}
}

func (a AccountPage) reset() ui.Action {
	if why := a.notOurs(); why != "" {
		return ui.Action{Label: "Đặt lại mật khẩu", Disabled: true, ID: "reset", Reason: why}
	}
	return ui.Action{Label: "Đặt lại mật khẩu", Method: "POST", URL: In(a.Year, "accounts", a.ID, "password"), Kind: ui.Grave, Hint: a.Name}
}

// notOurs says why the account is not for this administrator to reset or close.
func (a AccountPage) notOurs() string {
	switch {
	case a.Own:
		return words.Message("account.own", nil)
	case a.Elsewhere:
		return words.Message("account.elsewhere", nil)
	}
	return ""
}

func (a AccountPage) closing() ui.Action {
	url := In(a.Year, "accounts", a.ID, "closing")
	switch {
	case a.Closed:
		return ui.Action{Label: "Mở lại tài khoản", Method: "DELETE", URL: url, Hint: a.Name}
	case a.notOurs() != "":
		return ui.Action{Label: "Đóng tài khoản", Disabled: true, ID: "closing", Reason: a.notOurs()}
	}
	return ui.Action{Label: "Đóng tài khoản", Method: "POST", URL: url, Kind: ui.Grave, Hint: a.Name}
}

var accountDone = map[string]string{"granted": "Đã giao thêm vai", "ended": "Đã kết thúc vai",
	"closed": "Đã đóng tài khoản", "reopened": "Đã mở lại tài khoản"}

func (a AccountPage) done() string { return accountDone[a.Done] }
