package views

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// ProfilePage is one pupil's file: the form for who keeps it, its history.
type ProfilePage struct {
	Frame
	Year           school.Year
	ClassID        int64
	Class          string
	At, Of         int // place on the roll, from 1
	Row            ProfileRow
	RecordID       int64
	File           profile.File // as it is stored
	Keeps          bool
	Today          school.Date
	Now            time.Time
	Previous, Next *Link
	History        []ProfileChange // the newest first
	Outdated       []OutdatedVersion
	Recalls        bool // the person may recall and replace

	Done  ProfileDone
	Typed map[string]string // by the control's name, of a form that was refused
	Wrong map[string]string // by the control's name
	Title string            // of the summary; "" nothing was refused
}

// ProfileDone is what a form just did.
type ProfileDone struct {
	Name             string // of the pupil; "" nothing
	Proposed, Voided int
}

// OutdatedVersion is an issued version that says something that was changed since.
type OutdatedVersion struct {
	Year     school.Year
	RecordID int64
	Stage    workflow.Stage // of the record
	IssuedAt time.Time
	Fields   []profile.Field
}

func (p ProfilePage) url() string { return ProfileURL(p.Year, p.ClassID, p.Row.PupilID) }

func (p ProfilePage) frame() Frame {
	f := p.Frame
	f.Heading, f.Title = p.Row.Name, p.Row.Name+" · "+ProfileName
	if p.Title != "" {
		f.Title = "Lỗi: " + f.Title
	}
	f.Lead = joined("Sinh ngày "+p.Row.Birth.Vietnamese(), "mã "+p.Row.Code)
	f.Crumbs = []Link{{Label: "Lớp " + p.Class}, {Label: ProfileName, URL: ProfilesURL(p.Year, p.ClassID)}, {Label: p.Row.Name}}
	f.Actions = ui.Actions(ui.Action{Label: "In phiếu cho gia đình", URL: ProfileSheetURL(p.Year, p.ClassID, p.Row.PupilID), Icon: ui.IconPaper},
		ui.Action{Label: "Các năm học", URL: PupilYearsURL(p.Year, p.Row.PupilID), Icon: ui.IconBook})
	return f
}

func (p ProfilePage) place() string { return strconv.Itoa(p.At) + " / " + strconv.Itoa(p.Of) }

// ProfileText writes a stored value as people read it.
func ProfileText(f profile.Field, value string) string {
	switch f {
	case profile.BirthDate:
		if day, err := school.ParseDate(value); err == nil {
			return day.Vietnamese()
		}
	case profile.Sex:
		return words.Sex(school.Sex(value))
	}
	return value
}

// input writes a stored value as the form holds it.
func input(f profile.Field, value string) string {
	if f == profile.Sex {
		return value
	}
	return ProfileText(f, value)
}

// old is the value a control stands on; after a stale save the other's, so
// that saving again is a decision.
func (p ProfilePage) old(f profile.Field) string {
	if typed, ok := p.Typed["old."+string(f)]; ok {
		return typed
	}
	return p.File[f]
}

func (p ProfilePage) shown(name, stored string) string {
	if typed, ok := p.Typed[name]; ok {
		return typed
	}
	return stored
}

// waiting returns the change of a field that nobody has decided; nil for none.
func (p ProfilePage) waiting(f profile.Field) *ProfileChange {
	for i, c := range p.History {
		if c.Field == f && c.Waits() {
			return &p.History[i]
		}
	}
	return nil
}

// field is a line of the form.
func (p ProfilePage) field(f profile.Field) ui.Field {
	name := string(f)
	out := ui.Field{ID: ID("profile", name), Name: name, Label: words.ProfileField(f), Value: p.shown(name, input(f, p.File[f])),
		Error: p.Wrong[name], Autocomplete: "off"}
	for _, g := range p.Row.Gaps {
		if g.Field == f && out.Error == "" {
			out.Hint = "Cần xem: " + words.ProfileGap(g.Code, g.Args) + "."
		}
	}
	switch f {
	case profile.PersonalNo:
		out.InputMode, out.Width = "numeric", "medium"
	case profile.Phone:
		out.Type, out.Width = "tel", "medium"
	case profile.FatherBirth, profile.MotherBirth, profile.GuardianBirth:
		out.InputMode, out.Width = "numeric", "short"
	case profile.RegisterNo:
		out.Width = "short"
	case profile.Ethnicity:
		out.Options = p.ethnicities(out.Value)
	case profile.Sex:
		out.Options = []ui.Option{{Value: "nam", Label: "Nam"}, {Value: "nu", Label: "Nữ"}}
	case profile.Residence:
		out.Hint = first(out.Hint, "Số nhà hoặc tổ, phường/xã, tỉnh/thành phố; không ghi huyện, quận.")
	case profile.Birthplace:
		out.Hint = first(out.Hint, "Như giấy khai sinh, theo tên đơn vị hiện nay.")
	}
	return out
}

func (p ProfilePage) ethnicities(value string) []ui.Option {
	out := []ui.Option{{Label: "Chưa có", Selected: value == ""}}
	known := value == ""
	for _, name := range spreadsheet.Ethnicities() {
		out = append(out, ui.Option{Value: name, Label: name})
		known = known || name == value
	}
	if !known {
		out = append(out, ui.Option{Value: value, Label: value})
	}
	return out
}

// sections of the form under the identity.
var (
	profileIdentity = []profile.Field{profile.FullName, profile.Sex, profile.BirthDate, profile.PersonalNo}
	profileHome     = []profile.Field{profile.Ethnicity, profile.Nationality, profile.Birthplace, profile.Hometown, profile.Residence, profile.Village,
		profile.Phone, profile.RegisterNo}
	profileParents = [][]profile.Field{{profile.FatherName, profile.FatherBirth, profile.FatherJob},
		{profile.MotherName, profile.MotherBirth, profile.MotherJob}, {profile.GuardianName, profile.GuardianBirth, profile.GuardianJob}}
)

// isPlace reports whether the field is an address, which needs the whole line.
func isPlace(f profile.Field) bool {
	return f == profile.Birthplace || f == profile.Hometown || f == profile.Residence
}

func (p ProfilePage) kind() ui.Field {
	f := ui.Field{ID: "profile-kind", Name: profile.ControlKind, Label: "Vì sao sửa", Error: p.Wrong[profile.ControlKind], Value: p.Typed[profile.ControlKind],
		Hint:    "Chỉ điền phần đang trống thì để nguyên lựa chọn đầu.",
		Options: []ui.Option{{Label: "Chỉ ghi bổ sung phần còn trống"}}}
	more := map[profile.Kind]string{profile.Correction: "Trước nay ghi sai so với giấy tờ", profile.CivilStatus: "Đổi tên, cải chính, nhận cha mẹ, giám hộ…",
		profile.Moved: "Chỉ nơi ở, tổ/thôn, điện thoại", profile.Renamed: "Xã, tỉnh đổi tên từ 01/07/2025; vẫn là nơi ấy"}
	for _, k := range profile.Kinds {
		f.Options = append(f.Options, ui.Option{Value: string(k), Label: words.ProfileKind(k), More: more[k]})
	}
	f.Options[0].Selected = f.Value == ""
	return f
}

func (p ProfilePage) from() ui.Field {
	return ui.Field{ID: "profile-from", Name: profile.ControlFrom, Label: "Đúng từ ngày", Value: p.shown(profile.ControlFrom, p.Today.Vietnamese()),
		Error: p.Wrong[profile.ControlFrom]}
}

func (p ProfilePage) paper() ui.Field {
	f := ui.Field{ID: "profile-paper", Name: profile.ControlPaper, Label: "Giấy tờ đã xem", Error: p.Wrong[profile.ControlPaper], Value: p.Typed[profile.ControlPaper],
		Options: []ui.Option{{Label: "Chọn"}}}
	for _, one := range profile.Papers {
		f.Options = append(f.Options, ui.Option{Value: string(one), Label: words.ProfilePaper(one)})
	}
	return f
}

func (p ProfilePage) note() ui.Field {
	return ui.Field{ID: "profile-note", Name: profile.ControlNote, Label: "Số, ngày của giấy tờ", Value: p.Typed[profile.ControlNote], Error: p.Wrong[profile.ControlNote],
		Autocomplete: "off", MaxLength: 200}
}

func (p ProfilePage) check() ui.Field {
	_, typed := p.Typed["checked"]
	return ui.Field{ID: "profile-checked", Name: "checked", Label: "Đã đối chiếu hồ sơ của em với giấy tờ trong năm học này",
		Checked: !p.Row.CheckedAt.IsZero() || typed, Hint: p.Row.checkedBy()}
}

func (p ProfilePage) problems() []ui.Problem {
	var fields []ui.Field
	for _, f := range profile.Fields {
		fields = append(fields, p.field(f))
	}
	fields = append(fields, p.kind(), p.from(), p.paper(), p.note())
	for i, f := range fields {
		fields[i].Error = joinedWith(": ", f.Label, f.Error)
	}
	return ui.Problems(fields...)
}

func (p ProfilePage) saves() []ui.Action {
	next := ui.Action{Label: "Lưu và sang em tiếp theo", Kind: ui.Primary, Name: "then", Value: "next"}
	if p.Next == nil {
		next.Label = "Lưu và về danh sách lớp"
	}
	return []ui.Action{next, {Label: "Lưu"}}
}

func (p ProfilePage) doneNotice() (ui.Notice, bool) {
	if p.Done.Name == "" {
		return ui.Notice{}, false
	}
	n := ui.Notice{Tone: ui.OK, Title: "Đã lưu hồ sơ của " + p.Done.Name}
	var texts []string
	if p.Done.Proposed > 0 {
		texts = append(texts, fmt.Sprintf("%d mục chờ hiệu trưởng hoặc quản trị xác nhận; trước đó giá trị cũ vẫn đứng.", p.Done.Proposed))
	}
	if p.Done.Voided > 0 {
		texts = append(texts, "Học bạ năm nay ghi thông tin vừa sửa: chữ ký của giáo viên chủ nhiệm và của hiệu trưởng trên đó hết hiệu lực, cần ký lại. Chữ ký của giáo viên bộ môn giữ nguyên.")
	}
	n.Text = strings.Join(texts, " ")
	return n, true
}

// outdated says which issued years say something that was changed since.
func (v OutdatedVersion) text() string {
	var names []string
	for _, f := range v.Fields {
		names = append(names, strings.ToLower(words.ProfileField(f)))
	}
	return "Học bạ năm học " + YearLabel(v.Year) + " (phát hành " + Day(v.IssuedAt) + ") còn ghi thông tin cũ: " + strings.Join(names, ", ") + "."
}

func (p ProfilePage) outdatedNotice() ui.Notice {
	return ui.Notice{Tone: ui.Wait, Icon: ui.IconHistory, Title: "Cần bản học bạ mới",
		Text: "Bản đã phát hành giữ nguyên. Hiệu trưởng rút hoặc thay thế bản, giáo viên chủ nhiệm ký lại rồi phát hành bản mới."}
}

func (p ProfilePage) outdatedLines() []ui.Line {
	var out []ui.Line
	for _, v := range p.Outdated {
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Past, Word: "Bản cũ"}, Text: v.text(), Link: p.wayOut(v)})
	}
	return out
}

// wayOut leads the principal to where a new version begins, others to the record.
func (p ProfilePage) wayOut(v OutdatedVersion) *ui.Link {
	switch {
	case p.Recalls && v.Stage == workflow.Accepted:
		return &ui.Link{Label: "Rút, thay thế", URL: RecallURL(v.Year, v.RecordID)}
	case p.Recalls && v.Stage == workflow.Locked:
		return &ui.Link{Label: "Đề nghị thu hồi", URL: RevocationURL(v.Year, v.RecordID)}
	}
	return &ui.Link{Label: "Xem học bạ", URL: RecordURL(v.Year, v.RecordID)}
}

// facts are the file where it cannot be changed.
func (p ProfilePage) facts() []ui.Fact {
	var out []ui.Fact
	for _, f := range profile.Fields {
		if v := p.File[f]; v != "" || f.InRecord() {
			out = append(out, ui.Fact{Name: words.ProfileField(f), Value: first(ProfileText(f, v), "chưa có"), Soft: v == ""})
		}
	}
	return out
}

func (p ProfilePage) sheetField() ui.Field {
	return ui.Field{ID: "sheet-on", Name: "on", Label: "Ngày gia đình ký phiếu", Value: p.shown("on", p.Today.Vietnamese()), Error: p.Wrong["on"]}
}

func (p ProfilePage) sheetUndo() ui.Action {
	return ui.Action{Label: "Bỏ ghi nhận", URL: p.url() + "/sheet", Method: http.MethodPost, Small: true, Fields: []ui.Hidden{{Name: "undo", Value: "1"}},
		Hint: "phiếu gia đình đã ký"}
}
