package staffsheet

import (
	"slices"
	"strconv"
	"strings"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// Person is somebody of the school.
type Person struct {
	ID       int64
	Name     string
	Username string
	Code     string // of the teacher; "" for none
	Roles    []workflow.Role
	Active   bool // may sign in
}

// People is what a list of accounts is compared with.
type People struct {
	Own []Person
	// Usernames and Codes are those taken anywhere, in capitals the codes.
	Usernames, Codes map[string]bool
}

// Asked is what a list of accounts asks of the books: the usernames and teacher
// codes it names, and the stems of the usernames it will need.
func Asked(tables []*spreadsheet.ListTable) (usernames, codes, stems []string) {
	for _, t := range tables {
		for _, r := range t.Rows {
			usernames = append(usernames, username(r))
			codes = append(codes, teacherCode(r))
			stems = append(stems, UsernameStem(r.Texts[spreadsheet.FieldFullName]))
		}
	}
	return usernames, codes, stems
}

func username(r spreadsheet.ListRow) string {
	return strings.ToLower(strings.ReplaceAll(r.Texts[spreadsheet.FieldUsername], " ", ""))
}

func teacherCode(r spreadsheet.ListRow) string {
	return strings.ToUpper(strings.ReplaceAll(r.Texts[spreadsheet.FieldTeacherCode], " ", ""))
}

// UsernameStem makes a username of a person's name: given name, then the
// initials of the others, "Nguyễn Thị Mai Hương" → "huongntm".
func UsernameStem(fullName string) string {
	rest, given := school.SplitName(school.Fold(fullName))
	keep := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, s)
	}
	name := keep(given)
	for _, word := range strings.Fields(rest) {
		if w := keep(word); w != "" {
			name += w[:1]
		}
	}
	if len(name) > 30 {
		name = name[:30]
	}
	for len(name) < 3 {
		name += "0"
	}
	return name
}

// FreeUsername is the stem, with a number when that is taken.
func FreeUsername(stem string, taken func(string) bool) string {
	free := stem
	for n := 2; taken(free); n++ {
		free = stem + strconv.Itoa(n)
	}
	return free
}

// DraftAccounts compares a list of accounts with the school's people.
func DraftAccounts(tables []*spreadsheet.ListTable, people People) *Plan {
	d := &accountDraft{people: people, asked: map[string]int{}, claimed: map[int64]int{}}
	for _, t := range tables {
		for _, r := range t.Rows { // what the file itself will take is proposed to nobody else
			d.named = append(d.named, username(r))
		}
	}
	return newPlan(Accounts, tables, d.row)
}

type accountDraft struct {
	people  People
	named   []string
	asked   map[string]int // username or code of a new account → row
	claimed map[int64]int  // known person → row
}

func (d *accountDraft) find(match func(Person) bool) *Person {
	if i := slices.IndexFunc(d.people.Own, match); i >= 0 {
		return &d.people.Own[i]
	}
	return nil
}

func (d *accountDraft) row(r spreadsheet.ListRow) Row {
	var row Row
	name, code, user := r.Texts[spreadsheet.FieldFullName], teacherCode(r), username(r)
	roles, wrong := Roles(r.Texts[spreadsheet.FieldRole])
	byCode := d.find(func(p Person) bool { return code != "" && strings.EqualFold(p.Code, code) })
	byUser := d.find(func(p Person) bool { return user != "" && p.Username == user })
	switch {
	case wrong != "":
		row.raise(spreadsheet.Red, CodeRole, "value", wrong)
		return row
	case name == "" && byCode == nil && byUser == nil:
		row.raise(spreadsheet.Red, CodeNoName)
		return row
	case byCode != nil && byUser != nil && byCode != byUser:
		row.raise(spreadsheet.Red, CodeTwoPeople, "first", byCode.Name, "second", byUser.Name)
		return row
	case byCode != nil:
		d.known(&row, byCode, name, code)
		row.Options = []Option{byCode.option(roles, code)}
	case byUser != nil:
		d.known(&row, byUser, name, code)
		row.Options = []Option{byUser.option(roles, code)}
	default:
		d.unknown(&row, r, roles)
	}
	d.state(&row, r)
	d.conclude(&row, r.Row)
	return row
}

// known doubts a person who was found by code or username but is called
// otherwise.
func (d *accountDraft) known(row *Row, p *Person, name, code string) {
	switch {
	case name == "" || p.Name == name || strings.EqualFold(p.Name, name):
	case school.Fold(p.Name) == school.Fold(name):
		row.raise(spreadsheet.Yellow, CodeSpelling, "old", p.Name)
	default:
		row.raise(spreadsheet.Yellow, CodeOtherName, "old", p.Name)
	}
	if code != "" && p.Code != "" && !strings.EqualFold(p.Code, code) {
		row.raise(spreadsheet.Yellow, CodeOtherCode, "old", p.Code, "new", code)
	}
}

// unknown is a row that neither code nor username leads to anybody: somebody of
// the same name, or somebody new.
func (d *accountDraft) unknown(row *Row, r spreadsheet.ListRow, roles []workflow.Role) {
	name, code, user := r.Texts[spreadsheet.FieldFullName], teacherCode(r), username(r)
	var namesakes []Option
	for i := range d.people.Own {
		p := &d.people.Own[i]
		if school.Fold(p.Name) == school.Fold(name) {
			namesakes = append(namesakes, p.option(roles, code))
		}
	}
	fresh := Option{Name: name, Code: code, Username: user}
	if user == "" {
		fresh.Username = FreeUsername(UsernameStem(name), func(s string) bool {
			return d.people.Usernames[s] || d.asked["user:"+s] != 0 || slices.Contains(d.named, s)
		})
	}
	fresh.Changes = append(fresh.Changes, Change{What: NewAccount, New: fresh.Username})
	for _, role := range roles {
		fresh.Changes = append(fresh.Changes, Change{What: NewRole, Role: role, New: string(role)})
	}
	switch {
	case d.people.Usernames[user] && user != "":
		row.raise(spreadsheet.Red, CodeUsernameHeld, "value", user)
	case d.people.Codes[code] && code != "":
		row.raise(spreadsheet.Red, CodeCodeHeld, "value", code)
	case len(namesakes) == 0:
		row.Options = []Option{fresh}
	case code != "": // a code of its own: rather somebody else of that name
		row.raise(spreadsheet.Yellow, CodeSameName, "old", namesakes[0].Name)
		row.Options = append([]Option{fresh}, namesakes...)
	default:
		row.raise(spreadsheet.Yellow, CodeSameName, "old", namesakes[0].Name)
		row.Options = append(namesakes, fresh)
	}
	if len(row.Options) > 0 {
		d.asked["user:"+fresh.Username] = r.Row
	}
}

// option is what a row would change of somebody known: roles are added, never
// ended, and a code is filled in where there is none.
func (p *Person) option(roles []workflow.Role, code string) Option {
	o := Option{Account: p.ID, Name: p.Name, Username: p.Username, Code: p.Code}
	if code != "" && p.Code == "" {
		o.Changes = append(o.Changes, Change{What: NewCode, New: code})
	}
	for _, role := range roles {
		o.Changes = append(o.Changes, Change{What: NewRole, Role: role, New: string(role), Same: slices.Contains(p.Roles, role)})
	}
	return o
}

// state tells that opening and closing an account is no matter of a list.
func (d *accountDraft) state(row *Row, r spreadsheet.ListRow) {
	if len(row.Options) == 0 || row.Options[0].Account == 0 {
		return
	}
	p := d.find(func(p Person) bool { return p.ID == row.Options[0].Account })
	text := r.Texts[spreadsheet.FieldState]
	closed := slices.ContainsFunc(closedWords, func(w string) bool { return spreadsheet.SameTerm(w, text) })
	switch {
	case text != "" && closed == p.Active:
		row.raise(spreadsheet.Yellow, CodeState)
	case !p.Active && text == "":
		row.raise(spreadsheet.Yellow, CodeClosed)
	}
}

var closedWords = []string{"Đã khóa", "Khóa", "Đã đóng", "Đóng", "Ngừng hoạt động", "Không hoạt động", "Nghỉ việc", "Đã nghỉ"}

// conclude gives the row its verdict; of two rows about one person the later is
// refused.
func (d *accountDraft) conclude(row *Row, number int) {
	if row.Verdict == spreadsheet.Red {
		return
	}
	o := &row.Options[0]
	other := 0
	if o.Account != 0 {
		other = d.claimed[o.Account]
		d.claimed[o.Account] = number
	} else {
		if other = d.asked["row:"+o.Username]; other == 0 && o.Code != "" {
			other = d.asked["code:"+o.Code]
		}
		d.asked["row:"+o.Username], d.asked["code:"+o.Code] = number, number
	}
	if other != 0 {
		row.raise(spreadsheet.Red, CodeTwice, "other", strconv.Itoa(other))
		return
	}
	row.settle()
}

// settle gives a row without doubts the reason for which it is green.
func (r *Row) settle() {
	if len(r.Reasons) > 0 {
		if r.Verdict == "" {
			r.Verdict = spreadsheet.Green
		}
		return
	}
	writes := 0
	for _, c := range r.Options[0].Changes {
		if c.Writes() {
			writes++
		}
	}
	switch {
	case writes == 0:
		r.raise(spreadsheet.Green, spreadsheet.CodeMatchIdentical)
	case r.Options[0].Account == 0:
		r.raise(spreadsheet.Green, CodeNew)
	default:
		r.raise(spreadsheet.Green, CodeChanges, "count", strconv.Itoa(writes))
	}
}

// roleWords are how lists call the roles that a school's administrator gives.
var roleWords = []struct {
	role  workflow.Role
	words []string
}{
	{workflow.Teacher, []string{"Giáo viên", "GV", "Giáo viên chủ nhiệm", "GVCN", "Giáo viên bộ môn", "GVBM", "Tổ trưởng", "Tổ phó", "Giáo viên văn hóa"}},
	{workflow.Principal, []string{"Hiệu trưởng", "HT"}},
	{workflow.Deputy, []string{"Phó hiệu trưởng", "PHT", "Hiệu phó", "P. Hiệu trưởng"}},
	{workflow.SchoolAdmin, []string{"Quản trị của trường", "Quản trị", "Quản trị viên", "Quản trị hệ thống", "Quản trị trường", "Admin"}},
}

// Roles reads the roles of a cell, "Phó hiệu trưởng, Giáo viên"; an empty one
// says teacher. wrong is what names no role.
func Roles(text string) (roles []workflow.Role, wrong string) {
	if strings.TrimSpace(text) == "" {
		return []workflow.Role{workflow.Teacher}, ""
	}
	for _, part := range Parts(text) {
		i := slices.IndexFunc(roleWords, func(w struct {
			role  workflow.Role
			words []string
		}) bool {
			return slices.ContainsFunc(w.words, func(s string) bool { return spreadsheet.SameTerm(s, part) })
		})
		if i < 0 {
			return nil, part
		}
		if !slices.Contains(roles, roleWords[i].role) {
			roles = append(roles, roleWords[i].role)
		}
	}
	return roles, ""
}

// Parts splits a cell that lists several things.
func Parts(text string) []string {
	var parts []string
	for _, p := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\n+|", r) }) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}
