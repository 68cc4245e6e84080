package views

import (
	"net/http"
	"strconv"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views/ui"
	"hocba/views/words"
)

// PupilImportURL is where lists of pupils are uploaded.
func PupilImportURL(y school.Year) string { return In(y, "pupils", "import") }

// PupilTemplateURL is the empty list to fill in.
func PupilTemplateURL(y school.Year) string { return In(y, "pupils", "import", "template.xlsx") }

// ImportURL is the preview of an uploaded list, later its result.
func ImportURL(y school.Year, id int64) string { return In(y, "pupils", "import", id) }

// ImportRefusedURL is the list of the rows that are not written.
func ImportRefusedURL(y school.Year, id int64) string {
	return In(y, "pupils", "import", id, "refused.xlsx")
}

// PupilUpload is the page on which a list of pupils is uploaded.
type PupilUpload struct {
	Frame
	Year  school.Year
	From  string       // as typed, or the day proposed
	Past  []PastImport // the person's own, written; Cells counts rows
	Error *fault.Error // of the file or the day; nil on the first visit
}

func (u PupilUpload) frame() Frame {
	f := u.Frame
	f.Heading = "Nhập học sinh từ Excel"
	f.Lead = "Chọn tệp .xlsx có danh sách học sinh năm học " + YearLabel(u.Year) + ". Xem trước từng dòng rồi mới ghi."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(u.Year)}, {Label: "Nhập học sinh"}}
	f.Scripts = []string{"js/pupil_import.js"}
	if u.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (u PupilUpload) fileField() ui.Field {
	f := ui.Field{Name: "file", Label: "Tệp danh sách", Hint: "Tệp .xlsx, không quá 10 MB. Tệp .xls cũ: mở bằng Excel, lưu thành .xlsx.",
		Required: true, Attrs: map[string]any{"accept": ".xlsx", "data-max-bytes": strconv.Itoa(spreadsheet.MaxFileBytes), "data-too-large": "too-large"}}
	if u.Error != nil && u.Error.Code != "import.from" {
		f.Error = words.Message(u.Error.Code, u.Error.Args)
	}
	return f
}

func (u PupilUpload) fromField() ui.Field {
	f := ui.Field{Name: "from", Label: "Ngày vào lớp của học sinh mới", Value: u.From,
		Hint: "Học sinh đã ở trong lớp giữ ngày cũ. Nhập em chuyển đến giữa năm: ghi ngày chuyển đến."}
	if u.Error != nil && u.Error.Code == "import.from" {
		f.Error = words.Message(u.Error.Code, u.Error.Args)
	}
	return f
}

// uploadColumns are the columns people ask about.
func uploadColumns() []ui.Fact {
	return []ui.Fact{
		{Name: "Bắt buộc", Value: "Mã định danh Bộ GD&ĐT, Họ tên (hoặc Họ và đệm, Tên), Ngày sinh, Giới tính, Dân tộc, Lớp học", Soft: true},
		{Name: "Nếu có", Value: "Khối học, Số định danh cá nhân, Trạng thái, SĐT liên hệ, Nơi sinh, Tổ/thôn, Quê quán, Chỗ ở hiện nay, Cha, Mẹ, Người giám hộ", Soft: true},
		{Name: "Nhiều trang", Value: "Các trang có cùng các cột được đọc một lần, như mỗi lớp một trang", Soft: true},
		{Name: "Ngày sinh", Value: "Ngày thật của Excel hoặc chữ: 05/04/2018, 5-4-2018, 2018-04-05", Soft: true},
		{Name: "Ô trống", Value: "Không xóa điều trường đã có", Soft: true},
		{Name: "Công thức", Value: "Không chạy; dán dạng giá trị trước khi tải lên", Soft: true},
		{Name: "Lớp chưa có", Value: "Được tạo khi ghi, theo khối ghi trong tệp; bản xem trước nêu rõ lớp nào", Soft: true},
	}
}

// PupilImport is the preview of a list, and after writing its result.
type PupilImport struct {
	Frame
	Year     school.Year
	ID       int64
	FileName string
	Plan     spreadsheet.PupilPlan
	Report   *spreadsheet.Report
	Undo     *spreadsheet.Undo
	Written  string // "10:32 19/06/2026"
	Undone   string
	All      bool // shows every green row

	UndoUntil string // until when the list can be taken back; "": it cannot
}

// firstGreen is how many green rows stand below the others before "Hiện tất cả".
const firstGreen = 20

func (p PupilImport) frame() Frame {
	f := p.Frame
	f.Heading = "Xem trước: danh sách học sinh"
	f.Lead = "Đối chiếu từng dòng trong tệp với học sinh của trường. Chưa có gì được ghi."
	f.Scripts = []string{"js/pupil_import.js"}
	if p.Report != nil {
		f.Heading, f.Lead, f.Scripts = "Kết quả nhập danh sách", "Ghi lúc "+p.Written+". Tệp này đã ghi xong, không ghi lại lần nữa.", nil
	}
	if p.Undo != nil {
		f.Lead = "Ghi lúc " + p.Written + ", hoàn lại lúc " + p.Undone + "."
	}
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(p.Year)}, {Label: "Nhập học sinh", URL: PupilImportURL(p.Year)},
		{Label: "Xem trước"}}
	if p.Report != nil {
		f.Crumbs[2].Label = "Kết quả"
	}
	return f
}

func (p PupilImport) about() string {
	return "trang “" + p.Plan.Sheet + "” · tiêu đề ở dòng " + strconv.Itoa(p.Plan.HeaderRow) + " · " + ui.Number(len(p.Plan.Rows)) + " dòng"
}

func (p PupilImport) count(v spreadsheet.Verdict) int { return len(p.Plan.Of(v)) }

func (p PupilImport) tallies() []ui.Tally {
	if r := p.Report; r != nil {
		return []ui.Tally{
			{Count: r.Written(), Status: ui.Status{Tone: ui.OK, Word: "Đã ghi"}, More: ui.Number(r.Created) + " em mới, " +
				ui.Number(r.Updated) + " cập nhật, " + ui.Number(r.Kept) + " giữ nguyên"},
			{Count: r.Skipped, Status: ui.Status{Tone: ui.Wait, Word: "Bỏ qua"}, More: "thầy/cô chưa chọn ghi"},
			{Count: r.Refused, Status: ui.Status{Tone: ui.Stop, Word: "Từ chối"}, More: "có lý do ở từng dòng"},
		}
	}
	return []ui.Tally{
		{Count: p.count(spreadsheet.Green), Status: ui.Status{Tone: ui.OK, Word: "Ghi được"}, More: "mới, giống hệt hoặc bổ sung ô trống"},
		{Count: p.count(spreadsheet.Yellow), Status: ui.Status{Tone: ui.Wait, Word: "Cần thầy/cô chọn"}, More: "chưa chọn thì không ghi"},
		{Count: p.count(spreadsheet.Red), Status: ui.Status{Tone: ui.Stop, Word: "Từ chối"}, More: "có lý do ở từng ô"},
	}
}

// sheetNotes are the issues of the whole sheet, and the classes it goes to.
func (p PupilImport) sheetNotes() []ui.Line {
	var lines []ui.Line
	if known := p.classes(false); known != "" && p.Report == nil {
		lines = append(lines, ui.Line{Status: ui.Status{Tone: ui.Neutral, Icon: ui.IconPeople}, Strong: "Ghi vào lớp đã có:", Text: known})
	}
	for _, i := range p.Plan.Issues {
		tone := ui.Wait
		if i.Severity == spreadsheet.Note {
			tone = ui.Neutral
		}
		lines = append(lines, ui.Line{Status: ui.Status{Tone: tone, Word: "Lưu ý"}, Text: words.Message(i.Code, i.Args)})
	}
	return lines
}

func grades(list []int) string {
	texts := make([]string, len(list))
	for i, g := range list {
		texts[i] = strconv.Itoa(g)
	}
	return strings.Join(texts, "+")
}

// classesLine tells which classes the list names: those to be created, and those that exist.
func (p PupilImport) classes(fresh bool) string {
	var texts []string
	for _, c := range p.Plan.Classes {
		if c.New != fresh {
			continue
		}
		text := c.Name + " (" + ui.Number(c.Pupils) + " em)"
		if fresh {
			text = c.Name + " (khối " + grades(c.Grades) + ", " + ui.Number(c.Pupils) + " em)"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " · ")
}

// columns tell which column was taken for what.
func (p PupilImport) columns() []ui.Fact {
	var facts []ui.Fact
	for i, heading := range p.Plan.Headings {
		meaning := "không đọc"
		if i < len(p.Plan.Fields) && p.Plan.Fields[i] != "" {
			meaning = words.PupilField(p.Plan.Fields[i])
		}
		facts = append(facts, ui.Fact{Name: heading, Value: meaning, Soft: true})
	}
	return facts
}

// importRow is a row of the preview's table.
type importRow struct {
	*spreadsheet.PlannedRow
	result *spreadsheet.RowResult
}

func (r importRow) status() ui.Status {
	if r.result != nil {
		return actStatus(r.result.Act)
	}
	return verdictStatus(r.Verdict)
}

func verdictStatus(v spreadsheet.Verdict) ui.Status {
	switch v {
	case spreadsheet.Red:
		return ui.Status{Tone: ui.Stop, Word: "Từ chối"}
	case spreadsheet.Yellow:
		return ui.Status{Tone: ui.Wait, Word: "Cần xem"}
	}
	return ui.Status{Tone: ui.OK, Word: "Ghi được"}
}

func actStatus(a spreadsheet.Act) ui.Status {
	s := ui.Status{Tone: ui.OK, Word: words.ImportAct(a)}
	switch a {
	case spreadsheet.Skipped:
		s.Tone = ui.Wait
	case spreadsheet.Refuse:
		s.Tone = ui.Stop
	case spreadsheet.Keep:
		s.Tone, s.Icon = ui.Neutral, ui.IconCheck
	}
	return s
}

// name is the pupil's name as the file has it, even where it could not be read.
func (r importRow) name() string { return first(r.FullName, "(chưa có tên)") }

func (r importRow) known() string {
	switch {
	case r.Known == nil:
		return "chưa có"
	case r.Known.ClassName == "":
		return r.Known.FullName + ", chưa xếp lớp"
	}
	return r.Known.FullName + ", " + r.Known.ClassName
}

// reasons are the sentences of a row: what its cells say, then what the
// comparison says. A red row does not repeat that it is red.
func (r importRow) reasons() []string {
	var texts []string
	if r.result != nil && r.result.Code != "" {
		texts = append(texts, words.Message(r.result.Code, r.result.Args))
	}
	for _, i := range r.Issues {
		if r.Verdict != spreadsheet.Red || i.Severity == spreadsheet.Refused {
			texts = append(texts, words.Message(i.Code, i.Args))
		}
	}
	for _, m := range r.Reasons {
		if len(texts) > 0 && r.Verdict == spreadsheet.Red {
			break // what is wrong in the cells comes first; the rest is asked when they are mended
		}
		if m.Code != spreadsheet.CodeMatchRefused && m.Code != spreadsheet.CodeMatchDoubtful {
			texts = append(texts, words.Message(m.Code, m.Args))
		}
	}
	return texts
}

// changes are the fields a row would overwrite.
func (r importRow) changes() []spreadsheet.Change {
	var list []spreadsheet.Change
	for _, c := range r.Diff {
		if c.Old != "" && r.Verdict == spreadsheet.Yellow {
			list = append(list, c)
		}
	}
	return list
}

func changeValue(c spreadsheet.Change, value string) string {
	if c.Field == spreadsheet.FieldSex {
		return words.Sex(value)
	}
	return value
}

// choice is the select of a yellow row.
func (r importRow) choice() ui.Field {
	f := ui.Field{ID: ID("choice", r.ID()), Name: "choice-" + strconv.Itoa(r.ID()), Label: "Dòng " + r.Where() + ", " + r.name(),
		Options: []ui.Option{{Value: string(spreadsheet.Skip), Label: "Bỏ qua, không ghi", Selected: true}}}
	candidates := r.Candidates
	if len(candidates) == 0 && r.Known != nil {
		candidates = append(candidates, r.Known)
	}
	for _, k := range candidates {
		label := "Là em " + k.FullName
		if k.ClassName != "" {
			label += ", " + k.ClassName
		}
		if k.Code != "" && k.Code != r.Code {
			label += ", mã " + k.Code
		}
		if len(r.DiffTo(k)) > 0 {
			label += ": cập nhật"
		}
		f.Options = append(f.Options, ui.Option{Value: string(spreadsheet.AsPupil(k.ID)), Label: label})
	}
	if r.IsNewPossible {
		f.Options = append(f.Options, ui.Option{Value: string(spreadsheet.AsNew), Label: "Là em mới"})
	}
	return f
}

// rows lists the rows of a verdict; of green ones the first few unless all are
// asked for.
func (p PupilImport) rows(v spreadsheet.Verdict) []importRow {
	var rows []importRow
	for _, r := range p.Plan.Of(v) {
		if v == spreadsheet.Green && !p.All && len(rows) == firstGreen {
			break
		}
		rows = append(rows, importRow{PlannedRow: r})
	}
	return rows
}

// rest is how many green rows are not shown.
func (p PupilImport) rest() int {
	if p.All {
		return 0
	}
	return max(0, p.count(spreadsheet.Green)-firstGreen)
}

// results lists the rows with an act after writing.
func (p PupilImport) results(acts ...spreadsheet.Act) []importRow {
	byRow := map[int]*spreadsheet.PlannedRow{}
	for i := range p.Plan.Rows {
		byRow[p.Plan.Rows[i].ID()] = &p.Plan.Rows[i]
	}
	var rows []importRow
	for i := range p.Report.Rows {
		result := &p.Report.Rows[i]
		for _, a := range acts {
			if result.Act == a && byRow[result.Row] != nil {
				rows = append(rows, importRow{byRow[result.Row], result})
			}
		}
	}
	return rows
}

func (p PupilImport) writeButton() ui.Action {
	green := p.count(spreadsheet.Green)
	a := ui.Action{Label: "Ghi " + ui.Number(green) + " học sinh", Kind: ui.Primary, ID: "write",
		Attrs: map[string]any{"data-count": strconv.Itoa(green), "data-label": "Ghi {n} học sinh"}}
	if p.count(spreadsheet.Yellow) > 0 {
		a.Label += " và dòng đã chọn"
	} else if green == 0 {
		a.Disabled, a.Reason = true, "Không có dòng nào ghi được."
	}
	return a
}

func (p PupilImport) refusedLink(count int) ui.Action {
	return ui.Action{Label: "Tải " + ui.Number(count) + " dòng vướng (.xlsx)", URL: ImportRefusedURL(p.Year, p.ID), Icon: ui.IconDownload}
}

// undoAction takes a written list back, while there is something to take.
func (p PupilImport) undoAction() *ui.Action {
	if p.Report == nil || p.UndoUntil == "" || p.Report.Created+p.Report.Updated == 0 {
		return nil
	}
	return &ui.Action{Label: "Hoàn lại " + ui.Number(p.Report.Created+p.Report.Updated) + " em đã nhập", URL: ImportURL(p.Year, p.ID),
		Method: http.MethodDelete, Kind: ui.Grave, Icon: ui.IconBack}
}

// undone counts what an undo took back, by kind.
func (p PupilImport) undone() ui.Notice {
	var parts []string
	for _, part := range []struct {
		count int
		what  string
	}{{p.Undo.Pupils, "em mới đã bỏ khỏi sổ"}, {p.Undo.Fields, "ô thông tin trở về như cũ"}, {p.Undo.Proposals, "đề nghị chờ xác nhận đã rút"},
		{p.Undo.Seats, "em trở về chỗ cũ"}, {p.Undo.Classes, "lớp mới đã bỏ"}} {
		if part.count > 0 {
			parts = append(parts, ui.Number(part.count)+" "+part.what)
		}
	}
	if parts == nil {
		return ui.Notice{Tone: ui.Wait, Icon: ui.IconBack, Title: "Không hoàn lại được mục nào", Text: "Mọi điều tệp đã ghi đều giữ nguyên."}
	}
	return ui.Notice{Tone: ui.OK, Icon: ui.IconBack, Title: "Đã hoàn lại " + ui.Number(p.Undo.Back()) + " mục", Text: strings.Join(parts, " · ") + "."}
}

// left are the things that an undo did not take back.
func (p PupilImport) left() []ui.Line {
	var lines []ui.Line
	for _, l := range p.Undo.Left {
		line := ui.Line{Status: ui.Status{Tone: ui.Wait, Word: "Giữ nguyên"}, Strong: l.Name + ":"}
		if l.Code != "" {
			line.Strong = l.Name + ", mã " + l.Code + ":"
		}
		switch l.What {
		case spreadsheet.LeftPupil:
			line.Text = "em mới. "
		case spreadsheet.LeftSeat:
			line.Text = "lớp, trạng thái. "
		case spreadsheet.LeftClass:
			line.Strong = "Lớp " + l.Name + ":"
		default:
			line.Text = lowerFirst(words.ProfileField(profile.Field(l.Field))) + ". "
		}
		line.Text += words.Message(l.Reason, nil)
		lines = append(lines, line)
	}
	return lines
}

// ImportReasons are the sentences of a row that is not written, for the table
// people take away.
func ImportReasons(row *spreadsheet.PlannedRow, result *spreadsheet.RowResult) string {
	return strings.Join(importRow{row, result}.reasons(), " ")
}
