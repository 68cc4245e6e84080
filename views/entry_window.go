package views

import (
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// EntryWindowsURL is where the times of entry are set.
func EntryWindowsURL(y school.Year) string { return In(y, "entry-windows") }

// WindowRow is one setting of a period's time of entry.
type WindowRow struct {
	Opens, Closes string // "08:00 15/05/2026"
	Reason        string
	By, At        string
}

func (w WindowRow) times() string { return w.Opens + " – " + w.Closes }

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

// EntryWindows is the page of the times of entry.
type EntryWindows struct {
	Frame
	Year    school.Year
	Periods []WindowPeriod
	CanEdit bool
	Done    bool
	// What was typed.
	Period, Opens, Closes, Reason string
	Error                         *fault.Error
}

func (e EntryWindows) frame() Frame {
	f := e.Frame
	f.Heading = "Mở, khóa nhập"
	f.Lead = "Giáo viên ghi được kết quả của một thời điểm từ lúc mở đến lúc khóa, theo giờ Việt Nam. Thời điểm chưa mở thì chưa ghi được."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(e.Year)}, {Label: "Mở, khóa nhập"}}
	if e.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (e EntryWindows) fields() (period, opens, closes, reason ui.Field) {
	period = ui.Field{Name: "period", Label: "Thời điểm đánh giá", Value: e.Period}
	for _, p := range e.Periods {
		period.Options = append(period.Options, ui.Option{Value: string(p.Period), Label: words.Period(p.Period)})
	}
	instant := func(name, label, value string) ui.Field {
		return ui.Field{Name: name, Label: label, Value: value, Hint: "Giờ:phút ngày/tháng/năm, như 08:00 15/05/2026", Width: "medium",
			Autocomplete: "off", MaxLength: 20}
	}
	period = failing(period, e.Error, "window.period")
	opens = instant("opens", "Mở từ", e.Opens)
	closes = failing(instant("closes", "Khóa lúc", e.Closes), e.Error, "window.order")
	if e.Error != nil && e.Error.Code == "window.instant" {
		if e.Error.Args["field"] == "opens" {
			opens = failing(opens, e.Error, "window.instant")
		} else {
			closes = failing(closes, e.Error, "window.instant")
		}
	}
	reason = failing(ui.Field{Name: "reason", Label: "Lý do", Hint: "Như “Nhập cuối năm”, “Mở lại cho lớp 4A sửa nhận xét”", Value: e.Reason,
		MaxLength: 300}, e.Error, "window.reason")
	return period, opens, closes, reason
}

func (e EntryWindows) problems() []ui.Problem {
	period, opens, closes, reason := e.fields()
	return problems(e.Error, period, opens, closes, reason)
}
