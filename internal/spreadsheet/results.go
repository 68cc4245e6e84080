package spreadsheet

import (
	"io"
	"strconv"
	"strings"

	"hocba/internal/school"
)

// Keys of the fields of a list of subject results that a list of pupils has not.
const (
	FieldLevel      = "level"
	FieldMark       = "mark"
	FieldRemarkCode = "remark_code"
	FieldRemark     = "remark"
	FieldPeriod     = "period"
)

// ResultLayout names the columns of the template of subject results (domain
// notes §9.2).
var ResultLayout = NewLayout(
	nil,
	Field{Key: FieldNumber, Heading: "STT", Synonyms: []string{"TT", "Số TT", "Số thứ tự"}},
	Field{Key: FieldClass, Heading: "Lớp", Synonyms: []string{"Lớp học", "Tên lớp"}},
	Field{Key: FieldCode, Heading: "Mã học sinh", Synonyms: []string{"Mã định danh Bộ GD&ĐT", "Mã định danh", "Mã HS", "Mã định danh học sinh"}},
	Field{Key: FieldFullName, Heading: "Họ và tên", Synonyms: []string{"Họ tên", "Họ và tên học sinh", "Họ tên học sinh", "Tên học sinh"}},
	Field{Key: FieldBirthDate, Heading: "Ngày sinh", Synonyms: []string{"Ngày, tháng, năm sinh"}},
	Field{Key: FieldLevel, Heading: "Mức đạt được", Required: true, Synonyms: []string{"Mức đạt", "Mức", "MĐĐ", "Mức độ đạt được", "Đánh giá"}},
	Field{Key: FieldMark, Heading: "Điểm KTĐK", Synonyms: []string{"Điểm", "KTĐK", "Điểm kiểm tra định kỳ", "Điểm KT", "Điểm kiểm tra"}},
	Field{Key: FieldRemarkCode, Heading: "Mã nhận xét", Synonyms: []string{"Mã NX"}},
	Field{Key: FieldRemark, Heading: "Nội dung nhận xét", Synonyms: []string{"Nhận xét", "NX", "Lời nhận xét"}},
	Field{Key: FieldPeriod, Heading: "Thời điểm đánh giá", Synonyms: []string{"Thời điểm", "Kỳ đánh giá", "Giai đoạn"}},
)

// ResultSheet is a read list of subject results.
type ResultSheet struct {
	Table
	Rows []ResultRow
}

// ResultRow is a pupil's result as the file has it. Level and Mark are texts:
// which of them are allowed is for package evaluation to say.
type ResultRow struct {
	Row        int
	ClassName  string
	Code       string
	FullName   string
	BirthDate  school.Date
	Level      string
	Mark       string // a number with a dot, "8.5"
	RemarkCode string
	Remark     string
	Period     school.Period // "" when the file does not say
	Issues     []Issue
	Raw        []string
}

// Refused reports whether the row cannot be written as it stands.
func (r ResultRow) Refused() bool { return refused(r.Issues) }

// ReadResults reads a list of subject results; sheet as in PupilOptions. Faults
// as Read and ReadPupils; what is wrong in a row is in its Issues. A row without
// level, mark and remark is kept, with a note.
func ReadResults(r io.Reader, sheet string) (*ResultSheet, error) {
	book, err := Read(r)
	if err != nil {
		return nil, err
	}
	table, err := book.table(ResultLayout, sheet, judgePupil)
	if err != nil {
		return nil, err
	}
	results := &ResultSheet{Table: *table}
	seen := map[string]int{}
	for _, row := range table.Rows {
		reader := &rowReader{header: table.Header, row: row}
		result := reader.result()
		if key := result.key(); key != "" {
			if first, twice := seen[key]; twice {
				reader.add(Refused, CodeTwice, FieldCode, "other", strconv.Itoa(first))
			} else {
				seen[key] = row.Number
			}
		}
		result.Row, result.Issues, result.Raw = row.Number, reader.issues, table.raw(row)
		results.Rows = append(results.Rows, result)
	}
	return results, nil
}

// key identifies pupil and period, "" when the row names nobody for sure.
func (r ResultRow) key() string {
	if r.Code != "" {
		return r.Code + "|" + string(r.Period)
	}
	return ""
}

func (r *rowReader) result() ResultRow {
	var row ResultRow
	class, _ := r.text(FieldClass, 20)
	row.ClassName, _ = readClass(class)
	if c, ok := r.cell(FieldCode); ok && c.Kind != Empty {
		if digits, ok := digitsOf(c.Text); ok && len(digits) == 10 {
			row.Code = digits
		} else {
			r.add(Refused, CodePupilCode, FieldCode, "value", excerpt(c.Text))
		}
	}
	row.FullName, _ = r.text(FieldFullName, maxName)
	if row.Code == "" && row.FullName == "" && !refused(r.issues) {
		r.add(Refused, CodeNobody, FieldFullName)
	}
	if c, ok := r.cell(FieldBirthDate); ok && c.Kind != Empty {
		d, code := readDate(c)
		switch code {
		case "":
		case CodeDateSerial:
			r.add(Warning, code, FieldBirthDate, "value", c.Text, "date", d.Vietnamese())
		default:
			r.add(Warning, code, FieldBirthDate, "value", excerpt(c.Text))
		}
		row.BirthDate = d
	}
	row.Level, _ = r.text(FieldLevel, maxText)
	if c, ok := r.cell(FieldMark); ok && c.Kind == Day {
		r.add(Refused, CodeBecameDate, FieldMark, "value", c.Text) // "8.5" typed becomes the 8th of May
	} else if ok {
		row.Mark = c.Text
	}
	row.RemarkCode, _ = r.text(FieldRemarkCode, maxText)
	if c, ok := r.cell(FieldRemark); ok {
		row.Remark = c.Text
	}
	if row.Level == "" && row.Mark == "" && row.Remark == "" && row.RemarkCode == "" && !refused(r.issues) {
		r.add(Note, CodeNothing, FieldLevel)
	}
	period, ok := r.text(FieldPeriod, maxText)
	if ok && period != "" {
		if row.Period, ok = readPeriod(period); !ok {
			r.add(Refused, CodePeriod, FieldPeriod, "value", excerpt(period))
		}
	}
	return row
}

// readPeriod reads the usual names of the four periods: "Giữa kỳ 1", "Cuối học
// kì I", "GKI", "CN".
func readPeriod(s string) (school.Period, bool) {
	if p, ok := school.ParsePeriod(strings.ToLower(s)); ok {
		return p, true
	}
	switch termKey(s) {
	case "giuaky1", "gky1", "gki", "gk1":
		return school.MidFirst, true
	case "cuoiky1", "cky1", "cki", "ck1":
		return school.EndFirst, true
	case "giuaky2", "gky2", "gkii", "gk2":
		return school.MidSecond, true
	case "cuoinam", "cuoinamhoc", "cn", "cuoiky2", "cky2", "ckii", "ck2":
		return school.YearEnd, true
	case "tronghe", "danhgiabosung", "renluyentronghe":
		return school.Summer, true
	}
	return "", false
}
