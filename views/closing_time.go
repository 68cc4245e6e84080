package views

import (
	"fmt"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ClosingTimeURL is where the Sở opens and ends the time for chốt.
func ClosingTimeURL(y school.Year) string { return In(y, "closing-time") }

// ClosingTime is the page of the Sở: the time of each track, who is not ready,
// what was locked.
type ClosingTime struct {
	Frame
	Year    school.Year
	Now     time.Time
	Tracks  []ClosingTrack
	Changes []ClosingChange
	Acts    []LockAct
	Form    ClosingTimeForm
}

// ClosingTrack is the time of a track with the classes not closed yet.
type ClosingTrack struct {
	Track school.Track
	ClosingWindow
	Deadline school.Deadline
	NotReady []LockedClass
}

// LockedClass is a class that its principal has not closed.
type LockedClass struct {
	School  string
	Class   string
	Locked  int // records accepted and open, or locked by the act
	Refused int
}

// LockAct is an act by which what was left was locked.
type LockAct struct {
	Track   school.Track
	ByDate  bool
	At      time.Time
	Classes []LockedClass
}

// ClosingChange is one setting of the time.
type ClosingChange struct {
	Track        school.Track
	Opens, Ends  time.Time
	DecisionNo   string
	DecisionDate school.Date
	At           time.Time
}

// ClosingTimeForm is what was typed; Refusal says why it was not carried out.
type ClosingTimeForm struct {
	Track, OpensDay, OpensTime, EndsDay, EndsTime, DecisionNo, DecisionDay string
	Lock                                                                   bool // the form of locking now
	Refusal                                                                *fault.Error
}

func (c ClosingTime) frame() Frame {
	f := c.Frame
	f.Heading = "Thời gian chốt"
	f.Lead = "Trong thời gian này trường rút, thay thế và chốt. Hết giờ, học bạ đã nhận tự chốt."
	f.Crumbs = []Link{{Label: f.Unit, URL: YearURL(c.Year)}, {Label: "Thời gian chốt"}}
	return f
}

// refused returns the refusal of one of the two forms of a track.
func (c ClosingTime) refused(t ClosingTrack, lock bool) *fault.Error {
	if c.Form.Track == strconv.Itoa(int(t.Track)) && c.Form.Lock == lock {
		return c.Form.Refusal
	}
	return nil
}

func (t ClosingTrack) title() string { return words.Track(int(t.Track)) }

func (t ClosingTrack) status() ui.Status {
	switch t.State {
	case registry.Open:
		return ui.Status{Tone: ui.OK, Icon: ui.IconClock, Word: "Đang mở"}
	case registry.Over:
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconLock, Word: "Đã hết, đã chốt"}
	}
	if !t.Opens.IsZero() {
		return ui.Status{Tone: ui.Wait, Icon: ui.IconCalendar, Word: "Chưa tới giờ mở"}
	}
	return ui.Status{Tone: ui.Neutral, Icon: ui.IconCalendar, Word: "Chưa mở"}
}

func (t ClosingTrack) value() string { return strconv.Itoa(int(t.Track)) }

// fields are the form of a track: what was typed, else what counts now, else a
// proposal: from now to the end of the day before the deadline.
func (c ClosingTime) fields(t ClosingTrack) []ui.Field {
	form := c.Form
	if form.Track != t.value() || form.Lock {
		opens, ends := t.Opens, t.Ends
		if opens.IsZero() {
			opens, ends = c.Now, t.Deadline.Due
		}
		form = ClosingTimeForm{OpensDay: Day(opens), OpensTime: HourMinute(opens)}
		form.EndsDay, form.EndsTime = endOf(ends)
	}
	id := "-" + t.value()
	return []ui.Field{
		{ID: "opens_day" + id, Name: "opens_day", Label: "Mở từ ngày", Value: form.OpensDay, Width: "date", Required: true},
		{ID: "opens_time" + id, Name: "opens_time", Label: "Lúc", Value: form.OpensTime, Width: "short", Required: true},
		{ID: "ends_day" + id, Name: "ends_day", Label: "Hết ngày", Value: form.EndsDay, Width: "date", Required: true},
		{ID: "ends_time" + id, Name: "ends_time", Label: "Lúc", Value: form.EndsTime, Width: "short", Required: true, Hint: "24:00 là hết ngày"},
		{ID: "decision_no" + id, Name: "decision_no", Label: "Số quyết định", Value: form.DecisionNo, Width: "medium", MaxLength: 60, Required: true},
		{ID: "decision_day" + id, Name: "decision_day", Label: "Ngày quyết định", Value: form.DecisionDay, Width: "date", Required: true},
	}
}

// endOf writes a first instant that is too late as people do: midnight as 24:00
// of the day before.
func endOf(t time.Time) (day, hour string) {
	day, hour = Day(t), HourMinute(t)
	if hour == "00:00" {
		return Day(t.Add(-time.Minute)), "24:00"
	}
	return day, hour
}

func (c ClosingChange) when() string {
	day, hour := endOf(c.Ends)
	return fmt.Sprintf("từ %s đến %s %s", Clock(c.Opens), hour, day)
}

func (t ClosingTrack) set() ui.Action {
	a := ui.Action{Label: "Mở thời gian chốt " + trackWord(t.Track), Icon: ui.IconCalendar}
	if !t.Opens.IsZero() {
		a.Label = "Lưu thời gian chốt " + trackWord(t.Track)
	}
	return a
}

func (t ClosingTrack) lock() ui.Action {
	return ui.Action{Label: "Chốt ngay phần còn lại, " + trackWord(t.Track), Kind: ui.Grave, Icon: ui.IconLock}
}

func (t ClosingTrack) sure() ui.Field {
	n := 0
	for _, c := range t.NotReady {
		n += c.Locked
	}
	return ui.Field{ID: "sure-" + t.value(), Name: "sure", Value: "yes",
		Label: fmt.Sprintf("Chốt %s học bạ đã nhận và kết thúc thời gian chốt. Không làm lại được.", ui.Number(n))}
}

func (a LockAct) title() string {
	by := "Sở chốt"
	if a.ByDate {
		by = "Hết thời gian, tự chốt"
	}
	return by + " " + trackWord(a.Track) + " · " + Clock(a.At)
}
