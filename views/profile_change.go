package views

import (
	"fmt"
	"net/http"
	"time"

	"hocba/internal/fault"
	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ProfileChangesURL is the queue of changes that wait for a second person.
func ProfileChangesURL(y school.Year) string { return In(y, "profile-changes") }

// ProfileChangeURL is one of them.
func ProfileChangeURL(y school.Year, id int64) string { return In(y, "profile-changes", id) }

// ProfileChange is a line of a file's history or of the queue.
type ProfileChange struct {
	ID        int64
	Field     profile.Field
	Old, New  string
	Second    bool
	Kind      profile.Kind
	From      school.Date
	Paper     profile.Paper
	Note      string
	By        string
	At        time.Time
	Decision  string // "", confirmed, refused, withdrawn
	Reason    string
	DecidedBy string
	DecidedAt time.Time
	Own       bool // proposed by the person who looks
	Pupil     string
	Birth     school.Date
	PupilID   int64
	ClassID   int64
	Class     string
}

// Waits reports whether nobody has decided the change.
func (c ProfileChange) Waits() bool { return c.Second && c.Decision == "" }

func (c ProfileChange) name() string   { return words.ProfileField(c.Field) }
func (c ProfileChange) before() string { return first(ProfileText(c.Field, c.Old), "trống") }
func (c ProfileChange) after() string  { return first(ProfileText(c.Field, c.New), "trống") }

func (c ProfileChange) why() string {
	return joined(words.ProfileKind(c.Kind), "từ "+c.From.Vietnamese())
}

func (c ProfileChange) papers() string {
	name := words.ProfilePaper(c.Paper)
	if c.Paper == profile.List || c.Note == "" {
		return name
	}
	return name + ": " + c.Note
}

func (c ProfileChange) who() string { return joined(first(c.By, "Chương trình"), Clock(c.At)) }

func (c ProfileChange) proposed() string {
	return "Mới: " + joined(c.after(), "đề nghị của "+c.who())
}

func (c ProfileChange) waitStatus() ui.Status {
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ xác nhận"}
}

func (c ProfileChange) status() ui.Status {
	switch c.Decision {
	case "confirmed":
		return ui.Status{Tone: ui.OK, Word: "Đã xác nhận"}
	case "refused":
		return ui.Status{Tone: ui.Stop, Word: "Bị từ chối"}
	case "withdrawn":
		return ui.Status{Tone: ui.Past, Icon: ui.IconBack, Word: "Đã rút lại"}
	}
	return c.waitStatus()
}

func (c ProfileChange) decided() string {
	if c.Decision == "" {
		return ""
	}
	return joined(c.DecidedBy, Clock(c.DecidedAt), c.Reason)
}

func (c ProfileChange) withdrawal(y school.Year) ui.Action {
	return ui.Action{Label: "Rút lại", URL: ProfileChangeURL(y, c.ID), Method: http.MethodDelete, Small: true, Hint: c.name()}
}

// ProfileQueue is what waits for a second person.
type ProfileQueue struct {
	Frame
	Year  school.Year
	Rows  []ProfileChange
	Total int
	Done  string // confirmed, refused
	Count int    // of Done
	Error *fault.Error
	// Failed are changes that could not be confirmed.
	Failed []FailedChange
}

// FailedChange is a change that could not be confirmed, and why.
type FailedChange struct {
	Pupil string
	Field profile.Field
	Why   *fault.Error
}

func (q ProfileQueue) failed() []ui.Problem {
	var out []ui.Problem
	for _, f := range q.Failed {
		out = append(out, ui.Problem{Text: words.ProfileField(f.Field) + " của " + f.Pupil + ": " + words.Message(f.Why.Code, f.Why.Args)})
	}
	return out
}

// all confirms every line that is shown.
func (q ProfileQueue) all() ui.Action {
	n := 0
	for _, r := range q.Rows {
		if !r.Own {
			n++
		}
	}
	return ui.Action{Label: fmt.Sprintf("Xác nhận cả %d dòng đang hiện", n), Name: "all", Value: "1"}
}

func (q ProfileQueue) frame() Frame {
	f := q.Frame
	f.Heading = "Xác nhận hồ sơ học sinh"
	f.Lead = "Họ tên, giới tính, ngày sinh và số định danh chỉ đổi khi người thứ hai đã xem giấy tờ và xác nhận."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(q.Year)}, {Label: "Xác nhận hồ sơ"}}
	return f
}

func (q ProfileQueue) done() (ui.Notice, bool) {
	switch {
	case q.Done == "confirmed" && q.Count > 0:
		return ui.Notice{Tone: ui.OK, Title: fmt.Sprintf("Đã xác nhận %d thay đổi", q.Count)}, true
	case q.Done == "refused":
		return ui.Notice{Tone: ui.OK, Title: "Đã từ chối; người đề nghị đọc được lý do"}, true
	}
	return ui.Notice{}, false
}

func (q ProfileQueue) failure() string { return words.Message(q.Error.Code, q.Error.Args) }

// mine reports whether there is something that the person may confirm.
func (q ProfileQueue) mine() bool {
	for _, r := range q.Rows {
		if !r.Own {
			return true
		}
	}
	return false
}

func (q ProfileQueue) foot() string {
	if len(q.Rows) < q.Total {
		return fmt.Sprintf("Đang hiện %d trong %d thay đổi, cũ nhất trước.", len(q.Rows), q.Total)
	}
	return fmt.Sprintf("%d thay đổi chờ xác nhận.", q.Total)
}

// ProfileDecision is the page of one proposed change.
type ProfileDecision struct {
	Frame
	Year   school.Year
	Change ProfileChange
	Reason string
	Error  *fault.Error
}

func (d ProfileDecision) frame() Frame {
	f := d.Frame
	f.Heading, f.Title = d.Change.name()+": "+d.Change.Pupil, d.Change.Pupil+" · Xác nhận hồ sơ"
	f.Lead = joined("Lớp "+d.Change.Class, "sinh ngày "+d.Change.Birth.Vietnamese())
	f.Crumbs = []Link{{Label: "Xác nhận hồ sơ", URL: ProfileChangesURL(d.Year)}, {Label: d.Change.Pupil}}
	return f
}

func (d ProfileDecision) facts() []ui.Fact {
	c := d.Change
	return []ui.Fact{{Name: "Đang ghi", Value: c.before()}, {Name: "Đề nghị", Value: c.after()}, {Name: "Vì sao", Value: c.why(), Soft: true},
		{Name: "Giấy tờ đã xem", Value: first(c.papers(), "không ghi"), Soft: true}, {Name: "Người đề nghị", Value: c.who(), Soft: true}}
}

func (d ProfileDecision) reason() ui.Field {
	f := ui.Field{ID: "reason", Name: "reason", Label: "Lý do từ chối", Value: d.Reason, Rows: 2, MaxLength: 300}
	if d.Error != nil {
		f.Error = words.Message(d.Error.Code, d.Error.Args)
	}
	return f
}

func (d ProfileDecision) problems() []ui.Problem { return problems(d.Error, d.reason()) }

// ProfileTask asks the second person to decide.
func ProfileTask(n int, b By) Task {
	return Task{Key: "profile-changes", Count: n, Noun: "thay đổi", Title: "Hồ sơ học sinh chờ xác nhận",
		Detail: "Họ tên, giới tính, ngày sinh hoặc số định danh mới. Giá trị cũ vẫn đứng cho đến khi thầy/cô xác nhận.",
		Action: ui.Action{Label: "Xem và xác nhận", URL: ProfileChangesURL(b.Year)}}
}
