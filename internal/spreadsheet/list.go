package spreadsheet

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Keys of the columns of lists of people and of assignments, beside those of
// the list of pupils that they share: number, names, class.
const (
	FieldUsername    = "username"
	FieldTeacherCode = "teacher_code"
	FieldRole        = "role"
	FieldState       = "state"
	FieldSubject     = "subject"
	FieldFrom        = "from"
	FieldTo          = "to"
	FieldDecision    = "decision"
)

var teacherCodes = []string{"Mã GV", "Mã định danh", "Mã định danh Bộ GD&ĐT", "Mã định danh giáo viên", "Mã cán bộ", "Mã CB", "Mã CBGV",
	"Mã CBGVNV", "Mã nhân sự", "Mã GV (Bộ)"}

// AccountLayout is a list of a school's people.
var AccountLayout = NewLayout(nil,
	Field{Key: FieldNumber, Heading: "STT", Synonyms: []string{"TT", "Số thứ tự", "Số TT"}},
	Field{Key: FieldFullName, Heading: "Họ và tên", Synonyms: []string{"Họ tên", "Họ tên giáo viên", "Họ và tên giáo viên", "Tên giáo viên",
		"Giáo viên", "Họ tên cán bộ", "Họ và tên cán bộ", "Họ tên CBGV", "Họ và tên CBGV", "Họ và tên CBGVNV", "Cán bộ", "Họ tên nhân sự"}},
	Field{Key: FieldFamilyName, Heading: "Họ và đệm", Synonyms: []string{"Họ đệm", "Họ và tên đệm", "Họ và chữ đệm", "Họ lót"}},
	Field{Key: FieldGivenName, Heading: "Tên"},
	Field{Key: FieldUsername, Heading: "Tên đăng nhập", Synonyms: []string{"Tài khoản", "Tên tài khoản", "Username", "User name", "User", "Account"}},
	Field{Key: FieldTeacherCode, Heading: "Mã giáo viên", Synonyms: teacherCodes},
	Field{Key: FieldRole, Heading: "Vai trò", Synonyms: []string{"Vai", "Chức vụ", "Chức danh", "Vị trí việc làm", "Nhóm quyền", "Quyền", "Nhiệm vụ"}},
	Field{Key: FieldState, Heading: "Tình trạng", Synonyms: []string{"Trạng thái", "Trạng thái tài khoản"}},
)

// AssignmentLayout is a list of who teaches what in which class.
var AssignmentLayout = NewLayout(nil,
	Field{Key: FieldNumber, Heading: "STT", Synonyms: []string{"TT", "Số thứ tự", "Số TT"}},
	Field{Key: FieldClass, Heading: "Lớp", Required: true, Synonyms: []string{"Lớp học", "Tên lớp", "Lớp dạy", "Lớp phân công", "Dạy lớp"}},
	Field{Key: FieldSubject, Heading: "Môn học", Required: true, Synonyms: []string{"Môn", "Tên môn", "Tên môn học", "Môn dạy", "Dạy môn",
		"Môn học/HĐGD", "Môn học, hoạt động giáo dục", "Môn phân công", "Phân công", "Nhiệm vụ"}},
	Field{Key: FieldTeacherCode, Heading: "Mã giáo viên", Synonyms: teacherCodes},
	Field{Key: FieldFullName, Heading: "Giáo viên", Synonyms: []string{"Họ và tên", "Họ tên", "Họ tên giáo viên", "Họ và tên giáo viên",
		"Tên giáo viên", "GV", "Giáo viên dạy", "Giáo viên giảng dạy", "Giáo viên phụ trách", "Giáo viên bộ môn", "Người dạy"}},
	Field{Key: FieldFrom, Heading: "Từ ngày", Synonyms: []string{"Ngày bắt đầu", "Bắt đầu", "Áp dụng từ", "Ngày áp dụng", "Từ", "Thời gian từ"}},
	Field{Key: FieldTo, Heading: "Đến ngày", Synonyms: []string{"Ngày kết thúc", "Kết thúc", "Đến", "Thời gian đến"}},
	Field{Key: FieldDecision, Heading: "Quyết định", Synonyms: []string{"Số quyết định", "Quyết định dạy thay", "Căn cứ"}},
)

// ListTable is a sheet of a plain list.
type ListTable struct {
	Table
	Rows []ListRow
}

// ListRow is a row as the file has it: the texts on one line, and the days of
// the columns that hold days, by the keys of the fields.
type ListRow struct {
	Row    int
	Texts  map[string]string
	Days   map[string]school.Date
	Issues []Issue
	Raw    []string
}

// Refused reports whether something in the row could not be read at all.
func (r ListRow) Refused() bool { return refused(r.Issues) }

// days are the fields that hold days.
var days = []string{FieldFrom, FieldTo}

// ReadLists reads every visible sheet whose headings are those of the layout
// and name a person by code or name. Faults as Read; Invalid CodeNoHeadings,
// CodeColumnMissing when no sheet has what is required, CodeNoRows when none
// has data. What is wrong in a row is in its Issues.
func ReadLists(r io.Reader, l *Layout) ([]*ListTable, error) {
	book, err := Read(r)
	if err != nil {
		return nil, err
	}
	var tables []*ListTable
	empty := ""
	var lacking error
	for _, s := range book.Sheets {
		header := l.FindHeader(s)
		if header == nil {
			continue
		}
		if missing := header.lacks(l); len(missing) > 0 {
			lacking = missingFault(s, missing)
			continue
		}
		t := &ListTable{Table: Table{Sheet: s.Name, Header: header}}
		if t.fill(s, l.judgeList); len(t.Table.Rows) == 0 {
			empty = s.Name
			continue
		}
		t.sheetIssues()
		for _, row := range t.Table.Rows {
			reader := &rowReader{header: header, row: row}
			t.Rows = append(t.Rows, reader.list(l, t.raw(row)))
		}
		tables = append(tables, t)
	}
	switch {
	case len(tables) > 0:
		return tables, nil
	case empty != "":
		return nil, fault.New(fault.Invalid, CodeNoRows, "sheet", empty)
	case lacking != nil:
		return nil, lacking
	}
	return nil, fault.New(fault.Invalid, CodeNoHeadings, "limit", strconv.Itoa(MaxHeadingRow))
}

// lacks returns the required fields without a column, and the name where
// nothing says who the person is.
func (h *Header) lacks(l *Layout) []Field {
	missing := h.Missing(l)
	for _, key := range []string{FieldFullName, FieldFamilyName, FieldTeacherCode} {
		if _, ok := h.byField[key]; ok {
			return missing
		}
	}
	i := slices.IndexFunc(l.Fields, func(f Field) bool { return f.Key == FieldFullName })
	return append(missing, l.Fields[i])
}

// judgeList takes a numbered row with content for data, without a column of
// numbers one with two cells; the lines of signatures under a list have none.
func (l *Layout) judgeList(h *Header, row Row) evidence {
	filled := 0
	for _, f := range l.Fields {
		if c, ok := h.Column(f.Key); ok && f.Key != FieldNumber && row.Cell(c.Index).Kind != Empty {
			filled++
		}
	}
	column, numbered := h.Column(FieldNumber)
	_, err := strconv.Atoi(row.Cell(column.Index).Text)
	switch {
	case filled == 0:
		return noEvidence
	case numbered && err == nil, !numbered && filled >= 2:
		return fullEvidence
	case filled >= 2:
		return someEvidence
	}
	return noEvidence
}

func (r *rowReader) list(l *Layout, raw []string) ListRow {
	row := ListRow{Row: r.row.Number, Texts: map[string]string{}, Days: map[string]school.Date{}, Raw: raw}
	for _, f := range l.Fields {
		switch {
		case f.Key == FieldNumber:
		case slices.Contains(days, f.Key):
			if d := r.day(f.Key); !d.IsZero() {
				row.Days[f.Key] = d
			}
		default:
			text, _ := r.text(f.Key, maxText)
			if _, there := r.header.Column(f.Key); there && f.Required && text == "" && !refused(r.issues) {
				r.add(Refused, CodeRequired, f.Key)
			}
			row.Texts[f.Key] = strings.TrimLeft(text, "'’`")
		}
	}
	if name := row.Texts[FieldFamilyName]; name != "" && row.Texts[FieldFullName] == "" {
		row.Texts[FieldFullName] = strings.TrimSpace(name + " " + row.Texts[FieldGivenName])
	}
	row.Issues = r.issues
	return row
}

// day reads a day; one that is not sure is refused, for a list can be mended.
func (r *rowReader) day(field string) school.Date {
	c, ok := r.cell(field)
	if !ok || c.Kind == Empty {
		return school.Date{}
	}
	d, code := readDate(c)
	switch code {
	case "":
		return d
	case CodeDateSerial:
		r.add(Refused, code, field, "value", c.Text, "date", d.Vietnamese())
	default:
		r.add(Refused, code, field, "value", excerpt(c.Text))
	}
	return school.Date{}
}

// ClassName brings the name of a class into the spelling in which names are
// compared, "Lớp 4a" → "4A".
func ClassName(s string) string {
	name, _ := readClass(strings.TrimSpace(s))
	return name
}

// SameTerm reports whether two short texts are one term, whatever their case,
// diacritics, blanks and signs.
func SameTerm(a, b string) bool {
	key := headingKey(a)
	return key != "" && key == headingKey(b)
}

// Subject finds the one subject that a whole text names; "" for none or more.
func (v *Vocabulary) Subject(text string) string {
	found := ""
	for _, t := range v.items[headingKey(text)] {
		if t.Kind != SubjectTerm {
			continue
		}
		if found != "" {
			return ""
		}
		found = t.Item
	}
	return found
}
