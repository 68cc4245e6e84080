package views

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// PeopleURL shows who has still what to write in a period.
func PeopleURL(y school.Year, p school.Period) string {
	return In(y, "people") + "?period=" + string(p)
}

// PersonWork is what a person has still to write in a class.
type PersonWork struct {
	AccountID int64
	Name      string
	ClassID   int64
	Class     string
	Items     []Empty
	Nudged    time.Time
}

func (w PersonWork) name() string { return first(w.Name, "Chưa phân công") }

func (w PersonWork) cells() int {
	n := 0
	for _, i := range w.Items {
		n += i.Cells
	}
	return n
}

func (w PersonWork) what() string {
	var parts []string
	for _, i := range w.Items {
		name := i.Item.Name()
		if s, ok := i.Item.Subject(); ok {
			name = s.Short()
		}
		if i.Item.Kind() == evaluation.RemarkItem {
			name = "Nhận xét " + strings.ToLower(name)
		}
		parts = append(parts, fmt.Sprintf("%s: %s", name, pupils(i.Pupils)))
	}
	return listed(parts, 4, " · ", "mục")
}

// People is the page of who has still what to write.
type People struct {
	Frame
	Year   school.Year
	Period school.Period
	Now    time.Time
	Self   int64 // who reads: nobody nudges oneself
	Rows   []PersonWork
	Done   bool
	Error  *fault.Error
}

func (p People) frame() Frame {
	f := p.Frame
	f.Heading = "Ai còn việc"
	f.Lead = "Ô còn trống của từng thầy/cô theo lớp. Nhắc một lần bấm: lời nhắc hiện ở trang đầu của người ấy."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(p.Year)}, {Label: f.Heading}}
	if p.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (p People) tabs() []ui.Tab {
	var out []ui.Tab
	for _, one := range append(append([]school.Period{}, school.Periods...), school.Summer) {
		out = append(out, ui.Tab{Label: words.Period(one), Short: words.PeriodShort(one), URL: PeopleURL(p.Year, one), Current: one == p.Period})
	}
	return out
}

func (p People) blank() ui.Blank {
	return ui.Blank{Icon: ui.IconTick, Title: "Không ai còn ô trống", Text: words.Period(p.Period) + ": mọi lớp đã ghi đủ."}
}

// nudged says when the reader asked last.
func (p People) nudged(w PersonWork) string {
	if w.Nudged.IsZero() {
		return ""
	}
	return "Đã nhắc " + ago(w.Nudged, p.Now)
}

// nudge asks, unless nobody is to be asked or it was done today.
func (p People) nudge(w PersonWork) (ui.Action, bool) {
	asked := !w.Nudged.IsZero() && school.DateOf(w.Nudged) == school.DateOf(p.Now)
	return ui.Action{Label: "Nhắc", URL: In(p.Year, "nudges"), Method: http.MethodPost, Small: true, Hint: joined(w.name(), "lớp "+w.Class),
		Fields: []ui.Hidden{{Name: "class", Value: itoa(w.ClassID)}, {Name: "account", Value: itoa(w.AccountID)}, {Name: "period", Value: string(p.Period)}},
	}, w.AccountID != 0 && w.AccountID != p.Self && !asked
}

// NudgedTask says on a task who asked for it.
func NudgedTask(t Task, by string, at time.Time, b By) Task {
	t.Notes = append(t.Notes, ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: by + " nhắc " + ago(at, b.Now)})
	return t
}
