package views

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/paper"
	"hocba/views/ui"
	"hocba/views/words"
)

// PupilYearsURL is a pupil over the years.
func PupilYearsURL(y school.Year, pupilID int64) string { return In(y, "pupils", pupilID, "years") }

// SubjectsTitle heads the subjects of this year's periods.
const SubjectsTitle = "Môn học và hoạt động giáo dục"

// PupilYears is a pupil over the years: this year's periods, then every year
// that the school issued, the newest first.
type PupilYears struct {
	Frame
	Year     school.Year
	PupilID  int64
	Name     string
	Birth    school.Date
	Class    string
	Profile  string // address of the file, for who may open it
	Transfer string // address where a transfer file is made, for who may
	Review   string // address of the own page of the class review
	Periods  []school.Period
	Groups   []YearGroup
	Issued   []IssuedYear
	Withheld []string // years whose version was taken back: no version stands
}

// YearGroup is a group of items of this year's periods.
type YearGroup struct {
	Title string
	Rows  []YearItem
}

// YearItem is an item with what stands for it in each period.
type YearItem struct {
	Item   evaluation.Item
	Values map[school.Period]YearValue
}

// YearValue is what stands for an item in a period.
type YearValue struct {
	Level  evaluation.Level
	Mark   *int
	Remark string
	Exempt bool
}

// IssuedYear is a year as the school issued it.
type IssuedYear struct {
	Year     school.Year
	RecordID int64
	Version  int
	Issued   string // day
	Status   ui.Status
	Paper    paper.Year
}

func (p PupilYears) frame() Frame {
	f := p.Frame
	f.Heading, f.Title = p.Name, p.Name+" · Các năm học"
	f.Lead = joined("Sinh ngày "+p.Birth.Vietnamese(), "lớp "+p.Class, "chỉ đọc; mỗi lần xem được ghi lại")
	f.Crumbs = []Link{{Label: "Lớp " + p.Class}, {Label: "Các năm học"}}
	var acts []ui.Action
	if p.Review != "" {
		acts = append(acts, ui.Action{Label: "Phần chủ nhiệm", URL: p.Review})
	}
	if p.Profile != "" {
		acts = append(acts, ui.Action{Label: "Hồ sơ", URL: p.Profile, Icon: ui.IconPerson})
	}
	if p.Transfer != "" {
		acts = append(acts, ui.Action{Label: "Hồ sơ chuyển đi", URL: p.Transfer, Icon: ui.IconSend})
	}
	f.Actions = ui.Actions(acts...)
	return f
}

// name is the item's; a group's remark stands under the group's title.
func (i YearItem) name() string {
	if i.Item.Kind() == evaluation.RemarkItem {
		return "Nhận xét chung"
	}
	return i.Item.Name()
}

// text is level and mark of a value: "T 9", "Miễn".
func (v YearValue) text() string {
	switch {
	case v.Exempt:
		return "Miễn"
	case v.Mark != nil && v.Level != "":
		return string(v.Level) + " " + strconv.Itoa(*v.Mark)
	case v.Mark != nil:
		return strconv.Itoa(*v.Mark)
	}
	return string(v.Level)
}

// remarks are the item's remarks by period, for the second line.
func (i YearItem) remarks(periods []school.Period) []ui.Fact {
	var out []ui.Fact
	for _, p := range periods {
		if r := i.Values[p].Remark; r != "" {
			out = append(out, ui.Fact{Name: words.PeriodShort(p), Value: r, Soft: true})
		}
	}
	return out
}

func (p PupilYears) columns() []ui.Column {
	out := []ui.Column{{Label: "Nội dung"}}
	for _, period := range p.Periods {
		out = append(out, ui.Column{Label: words.PeriodShort(period), Centre: true})
	}
	return out
}

// Title names an issued year in its heading.
func (y IssuedYear) title() string {
	return "Năm học " + YearLabel(y.Year) + " · lớp " + y.Paper.Class
}

func (y IssuedYear) aside() string {
	return joined("bản "+strconv.Itoa(y.Version), "phát hành "+y.Issued)
}
