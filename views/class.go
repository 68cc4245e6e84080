package views

import (
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ClassesURL lists the classes of a year.
func ClassesURL(y school.Year) string { return In(y, "classes") }

// NewClassURL is the form of a new class.
func NewClassURL(y school.Year) string { return In(y, "classes", "new") }

// ClassURL is the administration of one class.
func ClassURL(y school.Year, id int64) string { return In(y, "classes", id, "edit") }

// ClassRow is a class in the list.
type ClassRow struct {
	ID            int64
	Name          string
	Grades        []int
	Homeroom      string
	Pupils        int
	Campus        string
	Book          school.BookKind
	PaperReason   string
	PaperDecision string
	PaperUntil    school.Date
	Language      string
	Kind          school.ClassKind
}

func (c ClassRow) grades() string {
	text := "Khối " + grades(c.Grades)
	if len(c.Grades) > 1 {
		text += ", lớp ghép"
	}
	if c.Kind == school.DisabilityClass {
		text += ", " + words.ClassKind(c.Kind)
	}
	return text
}

func (c ClassRow) book() ui.Status {
	if c.Book == school.Paper {
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconBook, Word: words.BookKind(c.Book)}
	}
	return ui.Status{Tone: ui.OK, Icon: ui.IconPaper, Word: words.BookKind(c.Book)}
}

func (c ClassRow) paper() string {
	if c.Book != school.Paper {
		return ""
	}
	return joined(c.PaperReason, c.PaperDecision, "dự kiến đến "+c.PaperUntil.Vietnamese())
}

// Classes is the list of a school's classes.
type Classes struct {
	Frame
	Year    school.Year
	Rows    []ClassRow
	CanEdit bool
}

func (c Classes) frame() Frame {
	f := c.Frame
	f.Heading = "Lớp học năm " + YearLabel(c.Year)
	f.Lead = "Giáo viên chủ nhiệm, sĩ số và dạng học bạ của từng lớp."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(c.Year)}, {Label: "Lớp học"}}
	if c.CanEdit {
		f.Lead = "Mở một lớp để phân công giáo viên hoặc đổi dạng học bạ."
		f.Actions = ui.Actions(ui.Action{Label: "Tải học sinh (.xlsx)", URL: ExportURL(c.Year, "pupils"), Icon: ui.IconDownload},
			ui.Action{Label: "Tải phân công (.xlsx)", URL: ExportURL(c.Year, "assignments"), Icon: ui.IconDownload},
			ui.Action{Label: "Nhập học sinh từ Excel", URL: PupilImportURL(c.Year), Icon: ui.IconUpload},
			ui.Action{Label: "Nhập phân công từ Excel", URL: In(c.Year, "assignments", "import"), Icon: ui.IconUpload},
			ui.Action{Label: "Thêm lớp", URL: NewClassURL(c.Year), Kind: ui.Primary})
	}
	return f
}

func (c Classes) foot() string {
	pupils, paper := 0, 0
	for _, r := range c.Rows {
		pupils += r.Pupils
		if r.Book == school.Paper {
			paper++
		}
	}
	text := ui.Number(len(c.Rows)) + " lớp · " + ui.Number(pupils) + " học sinh"
	if paper > 0 {
		text += " · " + ui.Number(paper) + " lớp dùng học bạ giấy"
	}
	return text
}

func (c Classes) open(r ClassRow) ui.Action {
	a := ui.Action{Label: "Xem lớp", URL: ClassURL(c.Year, r.ID), Hint: r.Name}
	if c.CanEdit {
		a.Label = "Phân công"
	}
	return a
}

// NewClass is the form of a new class.
type NewClass struct {
	Frame
	Year     school.Year
	Name     string
	Grades   []string
	Campus   string
	Language string
	Kind     school.ClassKind
	Campuses []ui.Option
	Error    *fault.Error
}

func (n NewClass) frame() Frame {
	f := n.Frame
	f.Heading = "Thêm lớp"
	f.Lead = "Lớp của năm học " + YearLabel(n.Year) + ". Học sinh được xếp vào lớp khi nhập danh sách."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(n.Year)}, {Label: "Lớp học", URL: ClassesURL(n.Year)}, {Label: "Thêm lớp"}}
	if n.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

// failing puts the fault's sentence at the field whose codes it belongs to.
func failing(f ui.Field, e *fault.Error, codes ...string) ui.Field {
	for _, c := range codes {
		if e != nil && e.Code == c {
			f.Error = words.Message(e.Code, e.Args)
		}
	}
	return f
}

func (n NewClass) fields() []ui.Field {
	levels := ui.Field{Name: "grade", Label: "Khối", Hint: "Lớp ghép: chọn mọi khối của lớp."}
	for g := 1; g <= 5; g++ {
		o := ui.Option{Value: strconv.Itoa(g), Label: "Khối " + strconv.Itoa(g)}
		for _, chosen := range n.Grades {
			o.Selected = o.Selected || chosen == o.Value
		}
		levels.Options = append(levels.Options, o)
	}
	return []ui.Field{
		failing(ui.Field{Name: "name", Label: "Tên lớp", Value: n.Name, Width: "short", MaxLength: 20, Required: true, Autocomplete: "off"},
			n.Error, "class.name", "class.name_taken"),
		failing(levels, n.Error, "class.grades"),
		{Name: "language", Label: "Ngoại ngữ 1", Value: first(n.Language, "Tiếng Anh"), Width: "medium", MaxLength: 40},
		failing(kindField(n.Kind), n.Error, "class.kind"),
	}
}

func (n NewClass) campus() ui.Field {
	return ui.Field{Name: "campus", Label: "Điểm trường", Value: n.Campus,
		Options: append([]ui.Option{{Value: "", Label: "Điểm chính"}}, n.Campuses...)}
}

// problems is the summary of a form: the faults that stand at no field too.
func problems(e *fault.Error, fields ...ui.Field) []ui.Problem {
	if e == nil {
		return nil
	}
	if list := ui.Problems(fields...); len(list) > 0 {
		return list
	}
	return []ui.Problem{{Text: words.Message(e.Code, e.Args)}}
}

// summary leads to the class's table of Phụ lục 2.
func (c Classes) summary(r ClassRow) ui.Action {
	return ui.Action{Label: "Bảng tổng hợp", Hint: r.Name, URL: In(c.Year, "classes", r.ID, "summary")}
}

// profiles leads to the files of the class's pupils.
func (c Classes) profiles(r ClassRow) ui.Action {
	return ui.Action{Label: "Hồ sơ", Hint: r.Name, URL: ProfilesURL(c.Year, r.ID)}
}
