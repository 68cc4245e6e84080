package views

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/gradesheet"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views/ui"
	"hocba/views/words"
)

// ImportsURL is where results are uploaded and own imports are listed.
func ImportsURL(y school.Year) string { return In(y, "import") }

// ResultImportURL is the preview of an uploaded file, later its result.
func ResultImportURL(y school.Year, id int64) string { return In(y, "import", id) }

// ImportRestURL is the list of the rows that are not written.
func ImportRestURL(y school.Year, id int64) string { return In(y, "import", id, "refused.xlsx") }

// GradebookImport is the preview of results, and after writing what became of
// them.
type GradebookImport struct {
	Frame
	Year     school.Year
	ID       int64
	FileName string
	Plan     gradesheet.Plan
	Report   *gradesheet.Report
	Undo     *gradesheet.Undo
	Written  string // "10:32 19/06/2026"
	Undone   string
	All      bool // shows every green row
}

func (g GradebookImport) frame() Frame {
	f := g.Frame
	f.Heading = "Xem trước: " + g.goesTo()
	f.Lead = "Đối chiếu từng dòng trong tệp với lớp. Chỉ dòng được chọn mới ghi."
	f.Scripts = []string{"js/pupil_import.js"}
	last := "Xem trước"
	if g.Report != nil {
		f.Heading, f.Scripts, last = "Kết quả nhập: "+g.goesTo(), nil, "Kết quả"
		f.Lead = "Ghi lúc " + g.Written + ". Tệp này đã ghi xong, không ghi lại lần nữa."
	}
	if g.Undo != nil {
		f.Lead = "Ghi lúc " + g.Written + ", hoàn lại lúc " + g.Undone + "."
	}
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(g.Year)}, {Label: "Nhập từ Excel", URL: ImportsURL(g.Year)}, {Label: last}}
	return f
}

func (g GradebookImport) about() string {
	var parts []string
	for _, s := range g.Plan.Sheets {
		part := "trang “" + s.Name + "” · tiêu đề ở dòng " + strconv.Itoa(s.HeaderRow) + " · " + ui.Number(s.Rows) + " dòng"
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// facts tell which column was taken for what.
func (g GradebookImport) facts(s gradesheet.Sheet) []ui.Fact {
	var facts []ui.Fact
	for _, c := range s.Columns {
		meaning := "không đọc"
		switch {
		case c.Field == spreadsheet.FieldRemarkCode:
			meaning = "mã nhận xét; dùng khi cột nội dung trống"
		case c.Item != "":
			meaning = cellName(c.Item, evaluation.Field(c.Field))
			if c.Period != "" {
				meaning += ", " + lowerFirst(words.Period(c.Period))
			}
		case c.Field != "":
			meaning = words.ResultField(c.Field)
		}
		facts = append(facts, ui.Fact{Name: c.Heading, Value: meaning, Soft: true})
	}
	return facts
}

// cellName names a cell for people: "Toán · mức".
func cellName(it evaluation.Item, f evaluation.Field) string {
	name := it.Name()
	if s, ok := it.Subject(); ok {
		name = s.Short()
	}
	if it.Kind() == evaluation.TraitItem {
		return name
	}
	return name + " · " + words.ResultField(string(f))
}

func (g GradebookImport) tallies() []ui.Tally {
	if r := g.Report; r != nil {
		return []ui.Tally{
			{Count: r.Written + r.Kept, Status: ui.Status{Tone: ui.OK, Word: "Đã ghi"}, More: ui.Number(r.CellsWritten) + " ô mới, " +
				ui.Number(r.Kept) + " dòng giữ nguyên"},
			{Count: r.Skipped, Status: ui.Status{Tone: ui.Wait, Word: "Bỏ qua"}, More: "thầy/cô không chọn ghi"},
			{Count: r.Refused, Status: ui.Status{Tone: ui.Stop, Word: "Không ghi hết"}, More: ui.Number(r.CellsLeft) + " ô bị từ chối, có lý do ở từng dòng"},
		}
	}
	return []ui.Tally{
		{Count: g.Plan.Count(spreadsheet.Green), Status: ui.Status{Tone: ui.OK, Word: "Ghi được"}, More: "khớp tên, mã và thang điểm"},
		{Count: g.Plan.Count(spreadsheet.Yellow), Status: ui.Status{Tone: ui.Wait, Word: "Cần thầy/cô chọn"}, More: "chưa chọn thì không ghi"},
		{Count: g.Plan.Count(spreadsheet.Red), Status: ui.Status{Tone: ui.Stop, Word: "Từ chối"}, More: "có lý do ở từng ô"},
	}
}

func (g GradebookImport) notes() []ui.Line {
	var lines []ui.Line
	for _, s := range g.Plan.Sheets {
		for _, i := range s.Issues {
			tone := ui.Wait
			if i.Severity == spreadsheet.Note {
				tone = ui.Neutral
			}
			lines = append(lines, ui.Line{Status: ui.Status{Tone: tone, Word: "Lưu ý"}, Text: sheetSentence(i.Code, i.Args)})
		}
	}
	return lines
}

// sheetSentence says a code of gradesheet or spreadsheet; its arguments are
// codes of items and periods.
func sheetSentence(code string, args map[string]string) string {
	named := maps.Clone(args)
	for name, value := range named {
		switch {
		case name == "item":
			named[name] = evaluation.Item(value).Name()
		case code == gradesheet.CodeOtherPeriod || code == gradesheet.CodeRowPeriod:
			named[name] = lowerFirst(words.Period(value))
		case code == gradesheet.CodeOtherSubject:
			named[name] = evaluation.Item(value).Name()
		}
	}
	return words.Message(code, named)
}

// gradeRow is a row of the table.
type gradeRow struct {
	*gradesheet.Row
	index  int
	result *gradesheet.RowResult
	table  *gradeColumns
}

func (r gradeRow) status() ui.Status {
	if r.result != nil {
		return actStatus(r.result.Act)
	}
	return verdictStatus(r.Verdict)
}

func (r gradeRow) name() string { return first(r.Pupil.FullName, "(chưa có tên)") }

// option is the pupil the row goes to; nil for nobody.
func (r gradeRow) option() *gradesheet.Option {
	if len(r.Options) == 0 {
		return nil
	}
	if r.result != nil {
		return &r.Options[r.result.Option]
	}
	return &r.Options[0]
}

func (r gradeRow) known() string {
	o := r.option()
	switch {
	case o == nil && r.table.class != "":
		return "không có trong " + r.table.class
	case o == nil:
		return "không có"
	case r.table.class != "":
		return o.Name
	}
	return o.Name + ", " + o.ClassName
}

func (r gradeRow) choice() ui.Field {
	f := ui.Field{ID: ID("option", r.index), Name: "option-" + strconv.Itoa(r.index), Label: "Học sinh của dòng " + strconv.Itoa(r.Row.Row)}
	for i, o := range r.Options {
		f.Options = append(f.Options, ui.Option{Value: strconv.Itoa(i), Label: o.Name + ", " + o.ClassName + ", mã " + o.Code})
	}
	return f
}

// cells are those worth showing: what changes, and what is refused.
func (r gradeRow) cells() []gradesheet.Cell {
	o := r.option()
	if o == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(o.Cells), func(c gradesheet.Cell) bool { return c.Code == "" && !c.Changes() })
}

// reasons are the sentences of a row: what became of its cells, what they say,
// what the comparison says.
func (r gradeRow) reasons() []string {
	var texts []string
	if r.result != nil {
		for _, left := range r.result.Cells {
			c := r.option().Cells[left.Cell]
			args := maps.Clone(left.Args)
			if args == nil {
				args = map[string]string{}
			}
			if args["by"] = left.By; !left.At.IsZero() {
				args["at"] = Clock(left.At)
			}
			texts = append(texts, cellSentence(c, left.Code, args))
		}
		if len(texts) > 0 || r.result.Act != spreadsheet.Refuse {
			return texts
		}
	}
	for _, i := range r.Issues {
		texts = append(texts, words.Message(i.Code, i.Args))
	}
	if o := r.option(); o != nil {
		for _, c := range o.Cells {
			if c.Code != "" {
				texts = append(texts, cellSentence(c, c.Code, c.Args))
			}
		}
	}
	for _, m := range r.Reasons {
		texts = append(texts, sheetSentence(m.Code, m.Args))
	}
	return texts
}

// cellSentence says why a cell is left; a code that names the cell itself does
// not need it said twice.
func cellSentence(c gradesheet.Cell, code string, args map[string]string) string {
	text := sheetSentence(code, args)
	if strings.HasPrefix(code, "spreadsheet.") {
		return text
	}
	return "Ô " + c.Address + ": " + text
}

// rows lists the rows of a verdict; of green ones the first few unless all are
// asked for.
func (g GradebookImport) rows(v spreadsheet.Verdict) []gradeRow {
	var rows []gradeRow
	columns := g.columns()
	for i := range g.Plan.Rows {
		if g.Plan.Rows[i].Verdict != v {
			continue
		}
		if v == spreadsheet.Green && !g.All && len(rows) == firstGreen {
			break
		}
		rows = append(rows, gradeRow{Row: &g.Plan.Rows[i], index: i, table: columns})
	}
	return rows
}

func (g GradebookImport) rest() int {
	if g.All {
		return 0
	}
	return max(0, g.Plan.Count(spreadsheet.Green)-firstGreen)
}

// results lists the rows with an act after writing.
func (g GradebookImport) results(acts ...spreadsheet.Act) []gradeRow {
	var rows []gradeRow
	columns := g.columns()
	for i := range g.Report.Rows {
		if slices.Contains(acts, g.Report.Rows[i].Act) {
			rows = append(rows, gradeRow{&g.Plan.Rows[i], i, &g.Report.Rows[i], columns})
		}
	}
	return rows
}

// Lacks reports whether a row is not, or would not be, written whole.
func (g GradebookImport) Lacks(i int) bool {
	if g.Report != nil {
		return g.Report.Rows[i].Act == spreadsheet.Refuse || g.Report.Rows[i].Act == spreadsheet.Skipped
	}
	return g.Plan.Rows[i].Verdict != spreadsheet.Green
}

// Reasons are the sentences of a row for the table people take away.
func (g GradebookImport) Reasons(i int) string {
	r := gradeRow{Row: &g.Plan.Rows[i], index: i}
	if g.Report != nil && len(g.Report.Rows[i].Cells) > 0 {
		r.result = &g.Report.Rows[i]
	}
	return strings.Join(r.reasons(), " ")
}

// Headings are the columns of a sheet as the file has them.
func (g GradebookImport) Headings(sheet int) []string {
	var texts []string
	for _, c := range g.Plan.Sheets[sheet].Columns {
		texts = append(texts, c.Heading)
	}
	return texts
}

func (g GradebookImport) lacking() int {
	n := 0
	for i := range g.Plan.Rows {
		if g.Lacks(i) {
			n++
		}
	}
	return n
}

func (g GradebookImport) writeButton() ui.Action {
	return chosenButton(g.Plan.Count(spreadsheet.Green), g.Plan.Count(spreadsheet.Yellow), g.rest())
}

// chosenButton writes the rows that are ticked, with the green ones not shown.
func chosenButton(green, yellow, hidden int) ui.Action {
	a := ui.Action{Label: "Ghi " + ui.Number(green) + " dòng đã chọn", Kind: ui.Primary, ID: "write",
		Attrs: map[string]any{"data-count": strconv.Itoa(hidden), "data-label": "Ghi {n} dòng đã chọn"}}
	if green+yellow == 0 {
		a.Disabled, a.Reason = true, "Không có dòng nào ghi được."
	}
	return a
}

func (g GradebookImport) restLink() ui.Action {
	return ui.Action{Label: "Tải " + ui.Number(g.lacking()) + " dòng vướng (.xlsx)", URL: ImportRestURL(g.Year, g.ID), Icon: ui.IconDownload}
}

// undoAction takes a written import back, while there is something to take.
func (g GradebookImport) undoAction() *ui.Action {
	if g.Report == nil || g.Undo != nil || g.Report.CellsWritten == 0 {
		return nil
	}
	return &ui.Action{Label: "Hoàn lại " + ui.Number(g.Report.CellsWritten) + " ô đã nhập", URL: ResultImportURL(g.Year, g.ID),
		Method: http.MethodDelete, Kind: ui.Grave, Icon: ui.IconBack}
}

// left are the cells that an undo did not take back.
func (g GradebookImport) left() []ui.Line {
	var lines []ui.Line
	for _, c := range g.Undo.Left {
		lines = append(lines, ui.Line{Status: ui.Status{Tone: ui.Wait, Word: "Giữ nguyên"}, Strong: c.Name + ", " + c.ClassName + ":",
			Text: cellName(c.Item, c.Field) + ", " + lowerFirst(words.Period(c.Period)) + ". " + sheetSentence(c.Code, c.Args)})
	}
	return lines
}

// Imports is the page on which results are uploaded, with the own imports.
type Imports struct {
	Frame
	Year    school.Year
	Class   string
	Period  school.Period
	Subject school.Subject
	Classes []ImportClass
	Past    []PastImport
	Error   *fault.Error
}

// ImportClass is a class into which a person may import.
type ImportClass struct {
	Name     string
	Subjects []school.Subject
	Homeroom bool
}

// PastImport is an import that was written.
type PastImport struct {
	ID       int64
	FileName string
	Written  string
	Undone   string
	Cells    int
}

func (u Imports) frame() Frame {
	f := u.Frame
	f.Heading = "Nhập từ Excel"
	f.Lead = "Chọn tệp .xlsx có kết quả môn học, phẩm chất, năng lực hoặc bảng cả lớp. Xem trước từng ô rồi mới ghi."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(u.Year)}, {Label: "Nhập từ Excel"}}
	f.Scripts = []string{"js/pupil_import.js"}
	if u.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (u Imports) fileField() ui.Field {
	f := PupilUpload{Error: u.Error}.fileField()
	f.Label = "Tệp kết quả"
	return f
}

func (u Imports) classField() ui.Field {
	f := ui.Field{Name: "class", Label: "Lớp", Value: u.Class, Width: "medium", Options: []ui.Option{{Label: "Theo tệp"}}}
	for _, c := range u.Classes {
		f.Options = append(f.Options, ui.Option{Value: c.Name, Label: c.Name})
	}
	return f
}

func (u Imports) periodField() ui.Field {
	f := ui.Field{Name: "period", Label: "Thời điểm đánh giá", Value: string(u.Period), Width: "medium", Options: []ui.Option{{Label: "Theo tệp"}}}
	for _, p := range []school.Period{school.MidFirst, school.EndFirst, school.MidSecond, school.YearEnd, school.Summer} {
		f.Options = append(f.Options, ui.Option{Value: string(p), Label: words.Period(p)})
	}
	return f
}

func (u Imports) subjectField() ui.Field {
	f := ui.Field{Name: "subject", Label: "Môn", Value: string(u.Subject), Width: "medium", Hint: "Chỉ cần khi tệp không ghi môn.",
		Options: []ui.Option{{Label: "Theo tệp"}}}
	for _, s := range school.Subjects {
		if slices.ContainsFunc(u.Classes, func(c ImportClass) bool { return slices.Contains(c.Subjects, s) }) {
			f.Options = append(f.Options, ui.Option{Value: string(s), Label: s.Name()})
		}
	}
	return f
}

// columns are what people ask about.
func (u Imports) columns() []ui.Fact {
	return []ui.Fact{
		{Name: "Nhận ra học sinh", Value: "Mã học sinh, Số định danh cá nhân, hoặc Họ và tên với Ngày sinh. Chỉ có tên thì thầy/cô xác nhận.", Soft: true},
		{Name: "Kết quả môn học", Value: "Mức đạt được, Điểm KTĐK, Nội dung nhận xét; một kì hoặc giữa kì và cuối kì cạnh nhau", Soft: true},
		{Name: "Phẩm chất, năng lực", Value: "Một cột mỗi phẩm chất, năng lực; Nhận xét NL Chung, NL Đặc thù, Phẩm chất", Soft: true},
		{Name: "Bảng cả lớp", Value: "Tải từ vnEdu, SMAS: nhiều môn, nhiều trang. Chỉ đọc cột thuộc phần của thầy/cô.", Soft: true},
		{Name: "Ô trống", Value: "Không xóa điều đã ghi", Soft: true},
		{Name: "Ô đã có giá trị khác", Value: "Dòng ấy chờ thầy/cô chọn rồi mới ghi đè", Soft: true},
	}
}
