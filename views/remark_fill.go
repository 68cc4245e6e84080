package views

import (
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// RemarkFill proposes a remark about one item for every pupil of a class.
type RemarkFill struct {
	Frame
	Year    school.Year
	ClassID int64
	Class   string
	Period  school.Period
	Periods []school.Period
	Item    evaluation.Item
	Items   []evaluation.Item // that the reader writes in the class
	Mix     int
	Again   bool // remarks that stand get a proposal, too
	Rows    []RemarkFillRow
	State   *fault.Error // why nothing can be written now
	Saved   string       // how many were written just before; "" for none
}

// RemarkFillRow is a pupil with what stands, and what is proposed.
type RemarkFillRow struct {
	Enrolment int64
	Name      string
	Grade     int // shown when the class has several; else 0
	Level     evaluation.Level
	Mark      string
	Old       string // what stands in the cell
	Text      string // what the box shows
	Before    string // the remark of the period before
	Ticked    bool
	Done      bool // just written
	Locked    *fault.Error
	Refused   *GradebookRefuse
	Found     []string
}

func (f RemarkFill) url(p school.Period, it evaluation.Item) string {
	return RemarkFillURL(f.Year, f.ClassID, p, it)
}

func (f RemarkFill) frame() Frame {
	frame := f.Frame
	frame.Heading = "Điền nhận xét · lớp " + f.Class
	frame.Title = "Điền nhận xét " + f.Item.Name()
	frame.Lead = "Mỗi em một câu hợp với mức, điểm và kì trước; em ngồi cạnh nhau trong danh sách không trùng câu. Chưa lưu gì cho đến khi thầy/cô bấm lưu."
	frame.Crumbs = []Link{{Label: "Lớp " + f.Class}, {Label: f.Item.Name(), URL: f.tableURL()}, {Label: "Điền nhận xét"}}
	if f.refused() > 0 {
		frame.Title = "Lỗi: " + frame.Title
	}
	return frame
}

// tableURL is the gradebook's table of the item.
func (f RemarkFill) tableURL() string {
	if s, ok := f.Item.Subject(); ok {
		return GradebookURL(f.Year, f.ClassID, f.Period, s)
	}
	return TraitsURL(f.Year, f.ClassID, f.Period) + "?show=remarks"
}

func (f RemarkFill) tabs() []ui.Tab {
	var out []ui.Tab
	for _, p := range f.Periods {
		out = append(out, ui.Tab{Label: words.Period(p), Short: words.PeriodShort(p), URL: f.url(p, f.Item), Current: p == f.Period})
	}
	return out
}

// items lead to the other items that the reader writes.
func (f RemarkFill) items() []Link {
	var out []Link
	for _, it := range f.Items {
		label := it.Name()
		if s, ok := it.Subject(); ok {
			label = s.Short()
		}
		out = append(out, Link{Label: label, URL: f.url(f.Period, it), Current: it == f.Item})
	}
	return out
}

// otherURL is another proposal; againURL one for those who have a remark, too.
func (f RemarkFill) otherURL() string {
	url := f.url(f.Period, f.Item) + "&mix=" + strconv.Itoa(f.Mix+1)
	if f.Again {
		url += "&again=1"
	}
	return url
}

func (f RemarkFill) againURL() string {
	url := f.url(f.Period, f.Item) + "&mix=" + strconv.Itoa(f.Mix)
	if !f.Again {
		url += "&again=1"
	}
	return url
}

func (f RemarkFill) againLabel() string {
	if f.Again {
		return "Giữ câu đã ghi"
	}
	return "Đề xuất cả em đã có câu"
}

func (f RemarkFill) writable() bool { return f.State == nil && len(f.Rows) > 0 }

func (f RemarkFill) count(is func(RemarkFillRow) bool) int {
	n := 0
	for _, r := range f.Rows {
		if is(r) {
			n++
		}
	}
	return n
}

func (f RemarkFill) refused() int {
	return f.count(func(r RemarkFillRow) bool { return r.Refused != nil })
}

// summary says how many have a proposal and how many cannot have one yet.
func (f RemarkFill) summary() string {
	ticked := f.count(func(r RemarkFillRow) bool { return r.Ticked })
	kept := f.count(func(r RemarkFillRow) bool { return !r.Ticked && r.Old != "" })
	none := f.count(func(r RemarkFillRow) bool { return r.Level == "" && r.Old == "" })
	out := strconv.Itoa(ticked) + " em có câu đề xuất"
	if kept > 0 {
		out += ", " + strconv.Itoa(kept) + " em giữ câu đã ghi"
	}
	if none > 0 {
		out += ", " + strconv.Itoa(none) + " em chưa có mức"
	}
	return out + "."
}

func (f RemarkFill) done() *ui.Notice {
	switch {
	case f.refused() > 0:
		n := f.count(func(r RemarkFillRow) bool { return r.Done })
		return &ui.Notice{Tone: ui.Wait, Alert: true, Title: strconv.Itoa(f.refused()) + " nhận xét chưa lưu được",
			Text: "Lý do đứng dưới từng em. Các nhận xét khác đã lưu: " + strconv.Itoa(n) + "."}
	case f.Saved != "":
		if _, err := strconv.Atoi(f.Saved); err == nil {
			return &ui.Notice{Tone: ui.OK, Title: "Đã lưu " + f.Saved + " nhận xét", Action: &ui.Action{Label: "Về bảng của lớp", URL: f.tableURL()}}
		}
	}
	return nil
}

func (f RemarkFill) closed() ui.Notice {
	return ui.Notice{Tone: ui.Wait, Icon: ui.IconLock, Title: "Chỉ xem", Text: words.Message(f.State.Code, f.State.Args)}
}

func (r RemarkFillRow) name(kind string) string {
	return kind + "." + strconv.FormatInt(r.Enrolment, 10)
}

// standing is what stands beside the name: level, mark, grade.
func (r RemarkFillRow) standing(it evaluation.Item) string {
	grade, mark := "", ""
	if r.Grade > 0 {
		grade = "lớp " + strconv.Itoa(r.Grade)
	}
	if r.Mark != "" {
		mark = "điểm " + r.Mark
	}
	if r.Level == "" {
		return joined(grade, "chưa có mức", mark)
	}
	return joined(grade, levelWords(it, r.Level), mark)
}

func (r RemarkFillRow) problem() string {
	if r.Refused == nil {
		return ""
	}
	text := r.Refused.Message
	if r.Refused.Code == "cell.stale" {
		text += " Lưu lần nữa để giữ câu dưới đây."
	}
	return text
}

func (r RemarkFillRow) errorID() string { return ID("remark-error", r.Enrolment) }

// describedBy names the problem and what was found for the box.
func (r RemarkFillRow) describedBy() string {
	var ids []string
	if r.Refused != nil {
		ids = append(ids, r.errorID())
	}
	if len(r.Found) > 0 {
		ids = append(ids, r.foundID())
	}
	return strings.Join(ids, " ")
}

func (r RemarkFillRow) foundID() string { return ID("remark-found", r.Enrolment) }
