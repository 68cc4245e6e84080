package views

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hocba/views/ui"
)

// Dashboard is the home page of every role: what waits for this person, then
// the dates, then where the own classes stand.
type Dashboard struct {
	Frame
	Notice    *ui.Notice // above everything: what closes soon; nil: nothing
	Tasks     []Task
	Deadlines []Deadline
	Progress  []ClassProgress
	Ready     []ui.Line // said when nothing waits: what is in order, when the next thing comes
}

// Task is one thing that waits: a number, a noun, a reason, a date, one button.
type Task struct {
	Key     string // stable: "return", "sign-204"
	Count   int
	Noun    string // "học sinh", "phần", "ô trống"
	Title   string
	Detail  string
	Notes   []ui.Status // "Trả lại hôm qua 16:20"; shown before the date
	Due     string      // "Trước ngày 30/6 · còn 10 ngày"; empty: none
	DueTone ui.Tone     // ui.Wait, or ui.Stop when it is today or past
	Hint    string      // a line without urgency: "Đã nhắc lần cuối 17/06"
	Action  ui.Action
	Primary bool // the most urgent one; at most one a page
}

func (t Task) action() ui.Action {
	a := t.Action
	a.Kind = ui.Plain
	if t.Primary {
		a.Kind = ui.Primary
	}
	if a.Hint == "" && !strings.Contains(t.Title, a.Label) {
		a.Hint = t.Title
	}
	return a
}

func (t Task) due() ui.Status {
	tone := t.DueTone
	if tone == "" {
		tone = ui.Wait
	}
	return ui.Status{Tone: tone, Icon: ui.IconClock, Word: t.Due}
}

// Deadline is a row of the calendar as this person is concerned by it.
type Deadline struct {
	Day    string // "22/06"
	Text   string
	Strong string // bold words after the text: "trước ngày 30/6"
	More   string // "của trường, 17:00"
	Past   bool
	At     time.Time // orders the list
}

// ClassProgress says where a class stands on its way.
type ClassProgress struct {
	Title    string // "Lớp 4A đang ở đâu"
	Total    int    // pupils on the roll
	Noun     string // empty: "em"
	Stations []ui.Station
	AsOf     string // "10:32"
	URL      string // more of it; empty: none
}

func (c ClassProgress) aside() string { return ui.Number(c.Total) + " " + first(c.Noun, "em") }

// dates are the deadlines, the nearest first.
func (d Dashboard) dates() []Deadline {
	list := slices.Clone(d.Deadlines)
	slices.SortStableFunc(list, func(a, b Deadline) int { return a.At.Compare(b.At) })
	return list
}

// frame gives the page its heading; the lead counts the tasks in words.
func (d Dashboard) frame() Frame {
	f := d.Frame
	f.Heading = "Việc đang chờ thầy/cô"
	f.Title = "Việc chờ tôi"
	f.Lead = countTasks(len(d.Tasks))
	return f
}

var smallNumbers = []string{"Không", "Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười"}

func countTasks(n int) string {
	switch {
	case n == 0:
		return "Không có việc nào đang chờ."
	case n == 1:
		return "Một việc. Xong việc, việc ấy tự rời khỏi trang."
	case n < len(smallNumbers):
		return smallNumbers[n] + " việc, việc gấp ở trên. Xong việc nào, việc ấy tự rời khỏi trang."
	}
	return strconv.Itoa(n) + " việc, việc gấp ở trên. Xong việc nào, việc ấy tự rời khỏi trang."
}
