package views

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/staffsheet"
	"hocba/views/ui"
	"hocba/views/words"
)

// StaffUploadURL is where lists of accounts, or of assignments, are uploaded.
func StaffUploadURL(y school.Year, kind staffsheet.Kind) string { return In(y, kind, "import") }

// StaffTemplateURL is the empty list to fill in.
func StaffTemplateURL(y school.Year, kind staffsheet.Kind) string {
	return In(y, kind, "import", "template.xlsx")
}

// StaffImportURL is the preview of an uploaded file, later its result.
func StaffImportURL(y school.Year, id int64) string { return In(y, "staff", "import", id) }

// StaffRestURL is the list of the rows that are not written.
func StaffRestURL(y school.Year, id int64) string {
	return In(y, "staff", "import", id, "refused.xlsx")
}

// StaffPasswordsURL makes temporary passwords for the accounts of an import.
func StaffPasswordsURL(y school.Year, id int64) string {
	return In(y, "staff", "import", id, "passwords")
}

// StaffFileName is the name of a kind's table, without ending.
func StaffFileName(kind staffsheet.Kind) string {
	if kind == staffsheet.Assignments {
		return "phan-cong"
	}
	return "tai-khoan"
}

func staffName(kind staffsheet.Kind) string {
	if kind == staffsheet.Assignments {
		return "Phân công giảng dạy"
	}
	return "Tài khoản"
}

// StaffTemplate is the empty table of a kind.
func StaffTemplate(kind staffsheet.Kind, unit string, y school.Year) spreadsheet.Export {
	if kind == staffsheet.Assignments {
		return AssignmentSheet(unit, y, nil)
	}
	return AccountSheet(unit, nil)
}

// StaffUpload is the page on which a list is uploaded, with the own imports.
type StaffUpload struct {
	Frame
	Year  school.Year
	Kind  staffsheet.Kind
	From  string // first day of assignments without one, as typed or proposed
	Past  []PastImport
	Error *fault.Error
}

func staffCrumbs(f Frame, y school.Year, kind staffsheet.Kind, last string) []Link {
	crumbs := []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(y)}}
	if kind == staffsheet.Assignments {
		crumbs = append(crumbs, Link{Label: "Lớp học", URL: ClassesURL(y)})
	} else {
		crumbs = append(crumbs, Link{Label: "Tài khoản", URL: AccountsURL(y)})
	}
	if last == "" {
		return append(crumbs, Link{Label: "Nhập từ Excel"})
	}
	return append(crumbs, Link{Label: "Nhập từ Excel", URL: StaffUploadURL(y, kind)}, Link{Label: last})
}

func (u StaffUpload) frame() Frame {
	f := u.Frame
	f.Heading = "Nhập tài khoản từ Excel"
	f.Lead = "Chọn tệp .xlsx có danh sách cán bộ, giáo viên. Xem trước từng dòng rồi mới ghi."
	if u.Kind == staffsheet.Assignments {
		f.Heading = "Nhập phân công từ Excel"
		f.Lead = "Chọn tệp .xlsx có phân công giảng dạy, chủ nhiệm năm học " + YearLabel(u.Year) + ". Xem trước từng dòng rồi mới ghi."
	}
	f.Crumbs = staffCrumbs(f, u.Year, u.Kind, "")
	f.Scripts = []string{"js/pupil_import.js"}
	if u.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (u StaffUpload) fileField() ui.Field {
	cause := u.Error
	if cause != nil && cause.Code == "class.from" {
		cause = nil
	}
	return PupilUpload{Error: cause}.fileField()
}

func (u StaffUpload) fromField() ui.Field {
	return failing(ui.Field{Name: "from", Label: "Từ ngày", Value: u.From, Hint: "Cho dòng không ghi ngày trong tệp."}, u.Error, "class.from")
}

// columns are what people ask about.
func (u StaffUpload) columns() []ui.Fact {
	if u.Kind == staffsheet.Assignments {
		return []ui.Fact{
			{Name: "Bắt buộc", Value: "Lớp, Môn học, và Mã giáo viên hoặc Giáo viên (họ tên)", Soft: true},
			{Name: "Nhiều lớp, nhiều môn", Value: "Ghi trong một ô, cách nhau dấu phẩy: 4A, 4B · Toán, Tiếng Việt", Soft: true},
			{Name: "Chủ nhiệm", Value: "Ghi Chủ nhiệm ở cột Môn học", Soft: true},
			{Name: "Từ ngày", Value: "Nếu có; người đang được giao giữ phần ấy đến hôm trước", Soft: true},
			{Name: "Dạy thay", Value: "Ghi cả Đến ngày và Quyết định", Soft: true},
			{Name: "Phần không có trong tệp", Value: "Giữ nguyên", Soft: true},
		}
	}
	return []ui.Fact{
		{Name: "Bắt buộc", Value: "Họ và tên; Mã giáo viên, trừ vai quản trị", Soft: true},
		{Name: "Vai trò", Value: "Giáo viên, Hiệu trưởng, Phó hiệu trưởng, Quản trị của trường; nhiều vai cách nhau dấu phẩy, để trống là Giáo viên", Soft: true},
		{Name: "Tên đăng nhập", Value: "Để trống thì hệ thống đặt theo tên, như huongntm", Soft: true},
		{Name: "Mật khẩu tạm", Value: "Hiện một lần để in sau khi ghi; đăng nhập lần đầu phải đổi", Soft: true},
		{Name: "Người đã có", Value: "Được thêm vai còn thiếu; vai đang có không mất", Soft: true},
	}
}

// Secret is a temporary password to be handed out.
type Secret struct{ Name, Username, Password string }

// StaffImport is the preview of a file, and after writing what became of it.
type StaffImport struct {
	Frame
	Year     school.Year
	ID       int64
	FileName string
	Plan     staffsheet.Plan
	Report   *staffsheet.Report
	Undo     *staffsheet.Undo
	Written  string // "10:32 19/06/2026"
	Undone   string
	All      bool     // shows every green row
	Secrets  []Secret // shown this once; nil: none asked for
}

func (s StaffImport) frame() Frame {
	f := s.Frame
	what := lowerFirst(staffName(s.Plan.Kind))
	f.Heading, f.Scripts = "Xem trước: "+what, []string{"js/pupil_import.js"}
	f.Lead = "Đối chiếu từng dòng trong tệp với trường. Chỉ dòng được chọn mới ghi."
	last := "Xem trước"
	if s.Report != nil {
		f.Heading, f.Scripts, last = "Kết quả nhập: "+what, nil, "Kết quả"
		f.Lead = "Ghi lúc " + s.Written + ". Tệp này đã ghi xong, không ghi lại lần nữa."
	}
	if s.Undo != nil {
		f.Lead = "Ghi lúc " + s.Written + ", hoàn lại lúc " + s.Undone + "."
	}
	f.Crumbs = staffCrumbs(f, s.Year, s.Plan.Kind, last)
	return f
}

func (s StaffImport) about() string {
	var parts []string
	for _, t := range s.Plan.Sheets {
		parts = append(parts, "trang “"+t.Name+"” · tiêu đề ở dòng "+strconv.Itoa(t.HeaderRow)+" · "+ui.Number(t.Rows)+" dòng")
	}
	return strings.Join(parts, "; ")
}

func (s StaffImport) facts(t staffsheet.Sheet) []ui.Fact {
	var facts []ui.Fact
	for _, c := range t.Columns {
		meaning := "không đọc"
		if c.Field != "" {
			meaning = words.StaffField(c.Field)
		}
		facts = append(facts, ui.Fact{Name: c.Heading, Value: meaning, Soft: true})
	}
	return facts
}

func (s StaffImport) tallies() []ui.Tally {
	if r := s.Report; r != nil {
		return []ui.Tally{
			{Count: r.Written + r.Kept, Status: ui.Status{Tone: ui.OK, Word: "Đã ghi"}, More: ui.Number(r.Written) + " dòng mới, " +
				ui.Number(r.Kept) + " dòng giữ nguyên"},
			{Count: r.Skipped, Status: ui.Status{Tone: ui.Wait, Word: "Bỏ qua"}, More: "không được chọn"},
			{Count: r.Refused, Status: ui.Status{Tone: ui.Stop, Word: "Không ghi hết"}, More: "có lý do ở từng dòng"},
		}
	}
	return []ui.Tally{
		{Count: s.Plan.Count(spreadsheet.Green), Status: ui.Status{Tone: ui.OK, Word: "Ghi được"}, More: "mới hoặc giống hệt"},
		{Count: s.Plan.Count(spreadsheet.Yellow), Status: ui.Status{Tone: ui.Wait, Word: "Cần thầy/cô chọn"}, More: "chưa chọn thì không ghi"},
		{Count: s.Plan.Count(spreadsheet.Red), Status: ui.Status{Tone: ui.Stop, Word: "Từ chối"}, More: "có lý do ở từng dòng"},
	}
}

func (s StaffImport) notes() []ui.Line {
	var lines []ui.Line
	for _, t := range s.Plan.Sheets {
		for _, i := range t.Issues {
			tone := ui.Wait
			if i.Severity == spreadsheet.Note {
				tone = ui.Neutral
			}
			lines = append(lines, ui.Line{Status: ui.Status{Tone: tone, Word: "Lưu ý"}, Text: words.Message(i.Code, i.Args)})
		}
	}
	return lines
}

// staffRow is a row of the table.
type staffRow struct {
	*staffsheet.Row
	index  int
	result *staffsheet.RowResult
}

func (r staffRow) name() string { return first(first(r.Name, r.Code), "(chưa có tên)") }

func (r staffRow) status() ui.Status {
	if r.result != nil {
		if o := r.option(); o != nil && o.Account == 0 && r.result.Act == spreadsheet.Update {
			return actStatus(spreadsheet.Create)
		}
		return actStatus(r.result.Act)
	}
	return verdictStatus(r.Verdict)
}

// option is the person the row goes to; nil for nobody.
func (r staffRow) option() *staffsheet.Option {
	switch {
	case len(r.Options) == 0:
		return nil
	case r.result != nil:
		return &r.Options[r.result.Option]
	}
	return &r.Options[0]
}

func staffPerson(o staffsheet.Option) string {
	if o.Account == 0 {
		return "Người mới, " + o.Username
	}
	return joined(o.Name, first(o.Code, o.Username))
}

func (r staffRow) known() string {
	if o := r.option(); o != nil {
		return staffPerson(*o)
	}
	return "không có"
}

func (r staffRow) choice() ui.Field {
	f := ui.Field{ID: ID("option", r.index), Name: "option-" + strconv.Itoa(r.index), Label: "Người của dòng " + strconv.Itoa(r.Row.Row)}
	for i, o := range r.Options {
		f.Options = append(f.Options, ui.Option{Value: strconv.Itoa(i), Label: staffPerson(o)})
	}
	return f
}

// changes are those worth showing: what would be written, and what is refused. A
// new account is told with the person.
func (r staffRow) changes() []staffsheet.Change {
	o := r.option()
	if o == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(o.Changes), func(c staffsheet.Change) bool { return c.Same || c.What == staffsheet.NewAccount && c.Code == "" })
}

// changeName names what a change is about: "Toán 4A", "Vai".
func changeName(c staffsheet.Change) string {
	switch c.What {
	case staffsheet.NewAccount:
		return "Tên đăng nhập"
	case staffsheet.NewCode:
		return "Mã giáo viên"
	case staffsheet.NewRole:
		return "Vai"
	}
	return dutyName(c.Subject) + " " + c.ClassName
}

func dutyName(s school.Subject) string {
	if s == "" {
		return "Chủ nhiệm"
	}
	return s.Short()
}

// changeText is what would stand: a name with its days.
func changeText(c staffsheet.Change) string {
	switch c.What {
	case staffsheet.NewRole:
		return words.Role(c.Role)
	case staffsheet.NewDuty:
		if c.Decision != "" {
			return c.New + ", dạy thay " + c.From.Vietnamese() + " – " + c.To.Vietnamese() + ", " + c.Decision
		}
		return c.New + ", từ " + c.From.Vietnamese()
	}
	return c.New
}

// reasons are the sentences of a row: what became of it, what its cells say,
// what the comparison says.
func (r staffRow) reasons() []string {
	var texts []string
	if r.result != nil {
		for _, left := range r.result.Left {
			texts = append(texts, changeName(r.option().Changes[left.Change])+": "+staffSentence(left.Code, left.Args))
		}
		if len(texts) > 0 || r.result.Act != spreadsheet.Refuse {
			return texts
		}
	}
	for _, i := range r.Issues {
		texts = append(texts, words.Message(i.Code, i.Args))
	}
	for _, c := range r.changes() {
		if c.Code != "" {
			texts = append(texts, changeName(c)+": "+staffSentence(c.Code, c.Args))
		}
	}
	for _, m := range r.Reasons {
		texts = append(texts, staffSentence(m.Code, m.Args))
	}
	return texts
}

func staffSentence(code string, args map[string]string) string {
	named := maps.Clone(args)
	if s, ok := named["subject"]; ok {
		named["subject"] = dutyName(school.Subject(s))
	}
	return words.Message(code, named)
}

// rows lists the rows of a verdict; of green ones the first few unless all are
// asked for.
func (s StaffImport) rows(v spreadsheet.Verdict) []staffRow {
	var rows []staffRow
	for i := range s.Plan.Rows {
		if s.Plan.Rows[i].Verdict != v {
			continue
		}
		if v == spreadsheet.Green && !s.All && len(rows) == firstGreen {
			break
		}
		rows = append(rows, staffRow{Row: &s.Plan.Rows[i], index: i})
	}
	return rows
}

func (s StaffImport) rest() int {
	if s.All {
		return 0
	}
	return max(0, s.Plan.Count(spreadsheet.Green)-firstGreen)
}

// results lists the rows with an act after writing.
func (s StaffImport) results(acts ...spreadsheet.Act) []staffRow {
	var rows []staffRow
	for i := range s.Report.Rows {
		if slices.Contains(acts, s.Report.Rows[i].Act) {
			rows = append(rows, staffRow{&s.Plan.Rows[i], i, &s.Report.Rows[i]})
		}
	}
	return rows
}

// Lacks reports whether a row is not, or would not be, written whole.
func (s StaffImport) Lacks(i int) bool {
	if s.Report != nil {
		return s.Report.Rows[i].Act == spreadsheet.Refuse || s.Report.Rows[i].Act == spreadsheet.Skipped
	}
	return s.Plan.Rows[i].Verdict != spreadsheet.Green
}

// Reasons are the sentences of a row for the table people take away.
func (s StaffImport) Reasons(i int) string {
	r := staffRow{Row: &s.Plan.Rows[i], index: i}
	if s.Report != nil && len(s.Report.Rows[i].Left) > 0 {
		r.result = &s.Report.Rows[i]
	}
	return strings.Join(r.reasons(), " ")
}

// Headings are the columns of a sheet as the file has them.
func (s StaffImport) Headings(sheet int) []string {
	var texts []string
	for _, c := range s.Plan.Sheets[sheet].Columns {
		texts = append(texts, c.Heading)
	}
	return texts
}

func (s StaffImport) lacking() int {
	n := 0
	for i := range s.Plan.Rows {
		if s.Lacks(i) {
			n++
		}
	}
	return n
}

func (s StaffImport) writeButton() ui.Action {
	return chosenButton(s.Plan.Count(spreadsheet.Green), s.Plan.Count(spreadsheet.Yellow), s.rest())
}

func (s StaffImport) restLink() ui.Action {
	return ui.Action{Label: "Tải " + ui.Number(s.lacking()) + " dòng vướng (.xlsx)", URL: StaffRestURL(s.Year, s.ID), Icon: ui.IconDownload}
}

// undoAction takes a written import back, while there is something to take.
func (s StaffImport) undoAction() *ui.Action {
	if s.Report == nil || s.Undo != nil || len(s.Report.Made) == 0 {
		return nil
	}
	return &ui.Action{Label: "Hoàn lại " + ui.Number(len(s.Report.Made)) + " mục đã nhập", URL: StaffImportURL(s.Year, s.ID),
		Method: http.MethodDelete, Kind: ui.Grave, Icon: ui.IconBack}
}

// passwordAction shows the temporary passwords of the accounts that were made.
func (s StaffImport) passwordAction() *ui.Action {
	if s.Report == nil || s.Undo != nil || len(s.Report.Fresh()) == 0 {
		return nil
	}
	a := &ui.Action{Label: "Hiện mật khẩu tạm của " + ui.Number(len(s.Report.Fresh())) + " tài khoản mới", URL: StaffPasswordsURL(s.Year, s.ID),
		Method: http.MethodPost, Kind: ui.Primary, Icon: ui.IconKey}
	if s.Secrets != nil {
		a.Label, a.Kind = "Đặt mật khẩu tạm khác", ui.Plain
	}
	return a
}

// left are the things that an undo did not take back.
func (s StaffImport) left() []ui.Line {
	var lines []ui.Line
	for _, m := range s.Undo.Left {
		what := changeName(staffsheet.Change{What: m.What, Subject: m.Subject, ClassName: m.ClassName})
		if m.What == staffsheet.NewRole {
			what += " " + words.Role(m.Role)
		}
		lines = append(lines, ui.Line{Status: ui.Status{Tone: ui.Wait, Word: "Giữ nguyên"}, Strong: m.Name + ":",
			Text: what + ". " + words.Message(m.Reason, nil)})
	}
	return lines
}
