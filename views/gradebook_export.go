package views

import (
	"net/url"
	"slices"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views/words"
)

// What the links to a table's file and to the import are called.
const (
	ExportName = "Tải bảng này (.xlsx)"
	ImportName = "Nhập từ Excel"
)

// GradebookFileURL is the table of one subject as .xlsx.
func GradebookFileURL(y school.Year, classID int64, p school.Period, s school.Subject) string {
	return In(y, "classes", classID, "gradebook", p, "table.xlsx") + "?subject=" + url.QueryEscape(string(s))
}

// TraitsFileURL is the table of qualities and competencies as .xlsx.
func TraitsFileURL(y school.Year, classID int64, p school.Period) string {
	return In(y, "classes", classID, "traits", p, "table.xlsx")
}

// ExportURL is a table of the whole school as .xlsx: pupils, accounts or
// assignments.
func ExportURL(y school.Year, what string) string { return In(y, "export", what+".xlsx") }

// GradeExport is a table of the gradebook to be taken away. Its headings are
// those that the import reads, so that it comes back without a difference.
type GradeExport struct {
	School  string
	Class   string
	Year    school.Year
	Period  school.Period
	Rules   *evaluation.RuleSet
	Subject school.Subject // "": qualities and competencies
	Rows    []GradeExportRow
}

// GradeExportRow is a pupil with what was written.
type GradeExportRow struct {
	Code, Name string
	Birth      school.Date
	Grade      int
	Entries    map[evaluation.Item]evaluation.Entry
}

// Sheet lays the table out; its foot is the caller's.
func (g GradeExport) Sheet() spreadsheet.Export {
	about := TraitsName
	if g.Subject != "" {
		about = "môn " + g.Subject.Name()
	}
	e := spreadsheet.Export{Sheet: words.PeriodShort(g.Period), Title: []string{g.School,
		strings.ToUpper("Kết quả " + about + " – lớp " + g.Class + " – " + words.Period(g.Period)), "Năm học " + g.Year.Vietnamese()}}
	e.Headings = []string{"STT", "Lớp", "Mã học sinh", "Họ và tên", "Ngày sinh"}
	if g.Subject == "" {
		g.traits(&e)
		return e
	}
	marks := slices.ContainsFunc(g.Rows, func(r GradeExportRow) bool {
		return g.Rules.MarkAllowed(r.Grade, g.Subject, g.Period)
	})
	e.Headings = append(e.Headings, "Mức đạt được")
	if marks {
		e.Headings = append(e.Headings, "Điểm KTĐK")
	}
	e.Headings = append(e.Headings, "Nội dung nhận xét", "Thời điểm đánh giá")
	for i, r := range g.Rows {
		entry := r.Entries[evaluation.Item(g.Subject)]
		row := append(g.who(i, r), exportLevel(entry))
		if marks {
			row = append(row, exportMark(entry))
		}
		e.Rows = append(e.Rows, append(row, entry.Remark, words.Period(g.Period)))
	}
	return e
}

func (g GradeExport) who(i int, r GradeExportRow) []any {
	return []any{i + 1, g.Class, r.Code, r.Name, r.Birth}
}

func exportLevel(e evaluation.Entry) string {
	if e.Exempt {
		return "Miễn"
	}
	return string(e.Level)
}

func exportMark(e evaluation.Entry) any {
	if e.Mark == nil {
		return nil
	}
	return *e.Mark
}

// traits adds a column a trait that a pupil of the class is assessed in, and the
// remarks of the groups.
func (g GradeExport) traits(e *spreadsheet.Export) {
	rules := g.Rules
	over := []spreadsheet.Span{{Cols: len(e.Headings)}}
	var items []evaluation.Item
	for _, group := range evaluation.RemarkGroups {
		before := len(items)
		for _, it := range group.Members() {
			if slices.ContainsFunc(g.Rows, func(r GradeExportRow) bool { return rules.Trait(r.Grade, it) != evaluation.None }) {
				items = append(items, it)
				e.Headings = append(e.Headings, it.Name())
			}
		}
		if n := len(items) - before; n > 0 {
			over = append(over, spreadsheet.Span{Text: group.Name(), Cols: n})
		}
	}
	over = append(over, spreadsheet.Span{Text: "Nhận xét", Cols: len(evaluation.RemarkGroups)}, spreadsheet.Span{})
	for _, group := range evaluation.RemarkGroups {
		e.Headings = append(e.Headings, "Nhận xét "+group.Name())
	}
	e.Headings = append(e.Headings, "Thời điểm đánh giá")
	e.Over = [][]spreadsheet.Span{over}
	for i, r := range g.Rows {
		row := g.who(i, r)
		for _, it := range items {
			row = append(row, string(r.Entries[it].Level))
		}
		for _, group := range evaluation.RemarkGroups {
			row = append(row, r.Entries[group].Remark)
		}
		e.Rows = append(e.Rows, append(row, words.Period(g.Period)))
	}
}

// PupilSheet lays a school's pupils out as lists of pupils are imported.
func PupilSheet(unit string, y school.Year, pupils []spreadsheet.Pupil) spreadsheet.Export {
	e := spreadsheet.Export{Sheet: words.ImportSheet.Template, Title: []string{unit, words.ImportSheet.TemplateTitle + " " + y.Vietnamese()}}
	for _, v := range (spreadsheet.Pupil{}).Values() {
		e.Headings = append(e.Headings, spreadsheet.PupilLayout.Heading(v.Field))
	}
	for _, p := range pupils {
		var row []any
		for _, v := range p.Values() {
			if v.Field == spreadsheet.FieldSex {
				v.Value = words.Sex(v.Value)
			}
			row = append(row, v.Value)
		}
		e.Rows = append(e.Rows, row)
	}
	return e
}

// AccountSheet lays the school's people out; no password is among it.
func AccountSheet(unit string, rows []StaffRow) spreadsheet.Export {
	e := spreadsheet.Export{Sheet: "Tài khoản", Title: []string{unit, "DANH SÁCH TÀI KHOẢN"},
		Headings: []string{"STT", "Họ và tên", "Tên đăng nhập", "Mã giáo viên", "Vai trò", "Tình trạng"}}
	for i, r := range rows {
		var roles []string
		for _, role := range r.Roles {
			roles = append(roles, words.Role(role))
		}
		state := "Đang dùng"
		if r.Closed {
			state = "Đã khóa"
		}
		e.Rows = append(e.Rows, []any{i + 1, r.Name, r.Username, r.TeacherCode, strings.Join(roles, ", "), state})
	}
	return e
}

// AssignmentExport is who teaches a subject, or is homeroom teacher of a class
// when Subject is "".
type AssignmentExport struct {
	Class, Teacher, Code string
	Subject              school.Subject
	From, To             school.Date // To and Decision of a substitution
	Decision             string
}

// AssignmentSheet lays the assignments of a year out.
func AssignmentSheet(unit string, y school.Year, list []AssignmentExport) spreadsheet.Export {
	e := spreadsheet.Export{Sheet: "Phân công", Title: []string{unit, "PHÂN CÔNG GIẢNG DẠY NĂM HỌC " + y.Vietnamese()},
		Headings: []string{"STT", "Lớp", "Môn học", "Mã giáo viên", "Giáo viên", "Từ ngày", "Đến ngày", "Quyết định"}}
	for i, a := range list {
		subject := "Chủ nhiệm"
		if a.Subject != "" {
			subject = a.Subject.Name()
		}
		e.Rows = append(e.Rows, []any{i + 1, a.Class, subject, a.Code, a.Teacher, a.From, a.until(), a.Decision})
	}
	return e
}

// until is the last day of a substitution. An own duty that ends is no wish of a
// list: whoever follows ends it.
func (a AssignmentExport) until() any {
	if a.Decision == "" {
		return nil
	}
	return a.To
}
