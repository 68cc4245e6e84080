package views

import (
	"fmt"
	"strconv"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ClosingsURL lists the classes on their way to the chốt.
func ClosingsURL(y school.Year) string { return In(y, "closing") }

// ClosingURL is the chốt of a class and track.
func ClosingURL(y school.Year, classID int64, track school.Track) string {
	return trackURL(In(y, "closing", classID), track)
}

// ClassTrack names a class in a track.
type ClassTrack struct {
	ClassID int64
	Track   school.Track
}

// ClosingWindow is the time the Sở opened for chốt, and how now lies to it.
type ClosingWindow struct {
	Opens time.Time
	Ends  time.Time
	State registry.WindowState
}

// Closings is the list of classes with their chốt.
type Closings struct {
	Frame
	Year    school.Year
	Now     time.Time
	Windows map[school.Track]ClosingWindow
	Classes []SubmissionClass
	Closed  map[ClassTrack]int64 // the accepted statement
	Sent    []SentStatement
}

func (c Closings) frame() Frame {
	f := c.Frame
	f.Heading = "Chốt"
	f.Lead = "Chốt từng lớp, từng đợt. Sau khi chốt, học bạ có hiệu lực và không ai sửa được."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(c.Year)}, {Label: "Chốt"}}
	return f
}

// notice tells when schools may close.
func (w ClosingWindow) notice(t school.Track, now time.Time) ui.Notice {
	n := ui.Notice{Title: "Thời gian chốt " + trackWord(t)}
	switch w.State {
	case registry.Open:
		n.Tone, n.Icon = ui.Wait, ui.IconClock
		until, tone := ClosingUntil(w.Ends, now)
		n.Text = "Đang mở. " + until + ". Hết thời gian, học bạ Sở đã nhận tự chốt."
		if tone == ui.Stop {
			n.Tone = ui.Stop
		}
	case registry.Over:
		n.Tone, n.Icon = ui.OK, ui.IconLock
		n.Text = "Đã hết lúc " + Clock(w.Ends) + ". Học bạ Sở đã nhận đều đã chốt."
	default:
		n.Tone, n.Icon = ui.Wait, ui.IconCalendar
		n.Text = "Sở chưa mở. Trường chốt, rút và thay thế được khi Sở mở."
		if !w.Opens.IsZero() {
			n.Text = "Mở từ " + Clock(w.Opens) + "."
		}
	}
	return n
}

// tracks are those that have a class, in order.
func (c Closings) tracks() []school.Track {
	var out []school.Track
	for _, t := range []school.Track{school.TrackJune, school.TrackAugust} {
		for _, class := range c.Classes {
			if class.Track == t {
				out = append(out, t)
				break
			}
		}
	}
	return out
}

func (c Closings) state(class SubmissionClass) ui.Status {
	if c.Closed[ClassTrack{class.ID, class.Track}] != 0 || class.Total > 0 && class.Locked == class.Total {
		return StageStatus("locked")
	}
	if missing := class.Total - class.Accepted; missing > 0 {
		return ui.Status{Tone: ui.Wait, Word: ui.Number(missing) + " em chưa được nhận"}
	}
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Đủ điều kiện, chờ chốt"}
}

func (c Closings) open(class SubmissionClass) ui.Action {
	if id := c.Closed[ClassTrack{class.ID, class.Track}]; id != 0 {
		return ui.Action{Label: "Xem phiếu", URL: StatementURL(c.Year, id), Small: true, Hint: "lớp " + class.Name}
	}
	if class.Accepted < class.Total {
		return ui.Action{Label: "Xem còn thiếu", URL: ClosingURL(c.Year, class.ID, class.Track), Small: true, Hint: "lớp " + class.Name}
	}
	return ui.Action{Label: "Chốt", URL: ClosingURL(c.Year, class.ID, class.Track), Small: true, Hint: "lớp " + class.Name}
}

// Closing is the chốt of one class: what it lists, who is absent and why, and
// who keeps it back.
type Closing struct {
	Frame
	With      SignWith
	Year      school.Year
	Track     school.Track
	ClassID   int64
	ClassName string
	Now       time.Time
	Window    ClosingWindow
	Listed    []VersionRow
	Absent    []AbsentRow
	Blocked   []VersionRow
	Reasons   map[string]bundle.AbsenceReason // as chosen in the form
	Refusal   *fault.Error
}

// AbsentRow is a pupil without a record in this track, for a reason that the
// school's files give.
type AbsentRow struct {
	VersionRow
	Reason bundle.AbsenceReason
}

func (c Closing) url() string { return ClosingURL(c.Year, c.ClassID, c.Track) }

func (c Closing) frame() Frame {
	f := c.Frame
	f.Heading = "Chốt lớp " + c.ClassName + ", " + trackWord(c.Track)
	f.Lead = fmt.Sprintf("%s có học bạ được nhận, %s có lí do, %s còn thiếu.", pupils(len(c.Listed)), pupils(len(c.Absent)), pupils(len(c.Blocked)))
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(c.Year)}, {Label: "Chốt", URL: ClosingsURL(c.Year)}, {Label: "Lớp " + c.ClassName}}
	return f
}

// mendable reports whether a reason may stand in for a record: not while a
// replacement is being made.
func mendable(r VersionRow) bool { return r.Why == nil || r.Why.Code != "closing.replacing" }

func (c Closing) reasonField(r VersionRow) ui.Field {
	f := ui.Field{ID: "reason-" + r.Code, Name: "reason-" + r.Code, Label: "Lí do của " + r.Name,
		Options: []ui.Option{{Value: "", Label: "Chưa có lí do"}}}
	for _, reason := range []bundle.AbsenceReason{bundle.NotComplete, bundle.PaperBook, bundle.MovedAway} {
		f.Options = append(f.Options, ui.Option{Value: string(reason), Label: words.Absence(reason), Selected: c.Reasons[r.Code] == reason})
	}
	return f
}

func (c Closing) act() ui.Action {
	a := ui.Action{ID: "close-class", Label: "Đóng dấu và chốt lớp " + c.ClassName, Kind: ui.Grave, Icon: ui.IconLock}
	if c.Window.State != registry.Open {
		a.Disabled, a.Reason = true, "Chỉ chốt được trong thời gian Sở mở."
	}
	return a
}

func (c Closing) trackValue() string { return strconv.Itoa(int(c.Track)) }
