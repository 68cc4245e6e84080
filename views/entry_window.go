package views

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/paper"
	"hocba/views/ui"
	"hocba/views/words"
)

// EntryWindowsURL is where the times of entry are set.
func EntryWindowsURL(y school.Year) string { return In(y, "entry-windows") }

// WindowRow is one time of entry of a period.
type WindowRow struct {
	Opens, Closes string // "08:00 15/05/2026"
	Grade         int    // of the one grade level it is for, else 0
	Class         string // name of the one class it is for, else ""
	Reason        string
	By, At        string
}

func (w WindowRow) times() string { return w.Opens + " – " + w.Closes }

func (w WindowRow) scope() string { return scopeWords(w.Grade, w.Class) }

// scopeWords says whose values a time of entry is for.
func scopeWords(grade int, class string) string {
	switch {
	case class != "":
		return "Lớp " + class
	case grade != 0:
		return "Khối " + strconv.Itoa(grade)
	}
	return "Toàn trường"
}

// WindowPeriod is a period with its settings, the newest first: that one counts.
type WindowPeriod struct {
	Period  school.Period
	State   WindowState
	History []WindowRow
}

// WindowState says whether values of a period can be written now.
type WindowState string

// The states.
const (
	WindowNever  WindowState = "never"  // nobody has set a time
	WindowAhead  WindowState = "ahead"  // opens later
	WindowOpen   WindowState = "open"   // is open
	WindowClosed WindowState = "closed" // is over
)

func (p WindowPeriod) status() ui.Status {
	switch p.State {
	case WindowOpen:
		return ui.Status{Tone: ui.OK, Word: "Đang mở"}
	case WindowAhead:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Sắp mở"}
	case WindowClosed:
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconLock, Word: "Đã khóa"}
	}
	return ui.Status{Tone: ui.Neutral, Icon: ui.IconLock, Word: "Chưa mở"}
}

// EntryOrder is an order of the principal and what became of it.
type EntryOrder struct {
	ID             int64
	Year           school.Year
	Period         school.Period
	Grade          int
	Class          string
	Opens, Closes  time.Time
	Number, Reason string
	By             string
	At             time.Time
	State          string // "", carried_out, withdrawn
	EndBy          string
	EndAt          time.Time
}

func (o EntryOrder) scope() string { return scopeWords(o.Grade, o.Class) }

func (o EntryOrder) times() string { return Clock(o.Opens) + " – " + Clock(o.Closes) }

func (o EntryOrder) url(parts ...any) string {
	return In(o.Year, append([]any{"entry-orders", o.ID}, parts...)...)
}

func (o EntryOrder) status(now time.Time) ui.Status {
	switch {
	case o.State == "carried_out":
		return ui.Status{Tone: ui.OK, Word: "Đã mở"}
	case o.State == "withdrawn":
		return ui.Status{Tone: ui.Past, Icon: ui.IconBack, Word: "Đã rút lệnh"}
	case !o.Closes.After(now):
		return ui.Status{Tone: ui.Past, Icon: ui.IconClock, Word: "Quá hạn, chưa mở"}
	}
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ quản trị mở"}
}

// waits reports whether somebody may still act on the order.
func (o EntryOrder) waits(now time.Time) bool { return o.State == "" && o.Closes.After(now) }

// ended says who ended the order and when.
func (o EntryOrder) ended() string {
	if o.State == "" {
		return ""
	}
	return joined(o.EndBy, Clock(o.EndAt))
}

func (o EntryOrder) execution() ui.Action {
	return ui.Action{Label: "Mở nhập", URL: o.url("execution"), Method: http.MethodPost, Kind: ui.Primary, Small: true, Hint: o.name()}
}

func (o EntryOrder) withdrawal() ui.Action {
	return ui.Action{Label: "Rút lệnh", URL: o.url(), Method: http.MethodDelete, Small: true, Hint: o.name()}
}

func (o EntryOrder) name() string {
	return strings.ToLower(words.PeriodShort(o.Period)) + ", " + strings.ToLower(o.scope())
}

// Printed is the order as the form prints it.
func (o EntryOrder) Printed(u school.Unit, demo bool) paper.EntryOrder {
	p := paper.EntryOrder{School: u.Name, Number: o.Number, Period: words.Period(o.Period), Year: YearLabel(o.Year), Scope: o.scope(),
		Opens: Clock(o.Opens), Closes: Clock(o.Closes), Reason: o.Reason, Head: o.By, Demo: demo}
	day := school.DateOf(o.At)
	p.Place = fmt.Sprintf("ngày %02d tháng %02d năm %d", day.Day, day.Month, day.Year)
	if u.Commune != "" {
		p.Place = u.Commune + ", " + p.Place
	}
	if o.State == "carried_out" {
		p.Done = "Quản trị của trường " + o.EndBy + " đã mở nhập lúc " + Clock(o.EndAt) + "."
	}
	return p
}

// EntryWindows is the page of the times of entry.
type EntryWindows struct {
	Frame
	Year       school.Year
	Now        time.Time
	Periods    []WindowPeriod
	Rows       []EntryOrder // the newest first
	Classes    []HomeClass  // that an order may name
	Orders     bool         // the person may order
	CarriesOut bool         // the person may carry orders out
	Done       string       // ordered, opened, withdrawn
	// What was typed.
	Period, Scope, Opens, Closes, Number, Reason string
	Error                                        *fault.Error
}

func (e EntryWindows) frame() Frame {
	f := e.Frame
	f.Heading = "Mở, khóa nhập"
	f.Lead = "Giáo viên ghi được kết quả của một thời điểm từ lúc mở đến lúc khóa, theo giờ Việt Nam. Hiệu trưởng ra lệnh, quản trị của trường mở."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(e.Year)}, {Label: "Mở, khóa nhập"}}
	if e.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

// done tells what was just done.
func (e EntryWindows) done() (notice ui.Notice, ok bool) {
	notice.Tone = ui.OK
	switch e.Done {
	case "ordered":
		notice.Title, notice.Text = "Đã ra lệnh mở nhập", "Quản trị của trường thấy lệnh ở trang đầu và mở nhập theo lệnh."
	case "opened":
		notice.Title, notice.Text = "Đã mở nhập theo lệnh", "Có hiệu lực ngay; những lần trước vẫn xem lại được."
	case "withdrawn":
		notice.Title, notice.Text = "Đã rút lệnh", "Không có gì được mở theo lệnh ấy."
	}
	return notice, notice.Title != ""
}

// failure titles what could not be done.
func (e EntryWindows) failure() string {
	if e.Error != nil && strings.HasPrefix(e.Error.Code, "order.") {
		return "Lệnh này không thực hiện được nữa"
	}
	return "Chưa ra lệnh được"
}

type windowFields struct{ period, scope, opens, closes, number, reason ui.Field }

func (e EntryWindows) fields() (f windowFields) {
	f.period = ui.Field{Name: "period", Label: "Thời điểm đánh giá", Value: e.Period}
	for _, p := range e.Periods {
		f.period.Options = append(f.period.Options, ui.Option{Value: string(p.Period), Label: words.Period(p.Period)})
	}
	f.scope = ui.Field{Name: "scope", Label: "Mở cho", Value: e.Scope, Options: []ui.Option{{Value: "", Label: "Toàn trường"}}}
	for grade := 1; grade <= 5; grade++ {
		f.scope.Options = append(f.scope.Options, ui.Option{Value: "khoi-" + strconv.Itoa(grade), Label: scopeWords(grade, "")})
	}
	for _, c := range e.Classes {
		f.scope.Options = append(f.scope.Options, ui.Option{Value: "lop-" + strconv.FormatInt(c.ID, 10), Label: scopeWords(0, c.Name)})
	}
	instant := func(name, label, value string) ui.Field {
		return ui.Field{Name: name, Label: label, Value: value, Hint: "Giờ:phút ngày/tháng/năm, như 08:00 15/05/2026", Width: "medium",
			Autocomplete: "off", MaxLength: 20}
	}
	f.period = failing(f.period, e.Error, "window.period")
	f.scope = failing(f.scope, e.Error, "window.scope", "class.unknown")
	f.opens = instant("opens", "Mở từ", e.Opens)
	f.closes = failing(instant("closes", "Khóa lúc", e.Closes), e.Error, "window.order", "window.past")
	if e.Error != nil && e.Error.Code == "window.instant" {
		if e.Error.Args["field"] == "opens" {
			f.opens = failing(f.opens, e.Error, "window.instant")
		} else {
			f.closes = failing(f.closes, e.Error, "window.instant")
		}
	}
	f.number = failing(ui.Field{Name: "number", Label: "Số văn bản (nếu có)", Hint: "Như 12/TB-THHP", Value: e.Number, Width: "medium", MaxLength: 50},
		e.Error, "window.number")
	f.reason = failing(ui.Field{Name: "reason", Label: "Lý do", Hint: "Cần ghi khi mở lại, như “Lớp 4A sửa nhận xét môn Toán”", Value: e.Reason,
		MaxLength: 300}, e.Error, "window.reason", "window.reason_long")
	return f
}

func (e EntryWindows) problems() []ui.Problem {
	f := e.fields()
	return problems(e.Error, f.period, f.scope, f.opens, f.closes, f.number, f.reason)
}
