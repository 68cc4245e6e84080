package views

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// NotesURL is where colleagues write to each other about a class.
func NotesURL(y school.Year, classID int64) string { return In(y, "classes", classID, "notes") }

// CellNotesURL is the same with a cell chosen.
func CellNotesURL(y school.Year, classID, enrolment int64, p school.Period, it evaluation.Item) string {
	return NotesURL(y, classID) + "?pupil=" + strconv.FormatInt(enrolment, 10) + "&item=" + string(it) + "&period=" + string(p) + "#write"
}

// Note is a talk about a cell.
type Note struct {
	ID       int64
	Year     school.Year
	Pupil    string
	Period   school.Period
	Item     evaluation.Item
	To       string // owner, homeroom, principal
	State    string // open, answered, closed
	Mine     bool   // waits for who reads
	Messages []NoteMessage
}

// NoteMessage is one message of it.
type NoteMessage struct {
	By   string
	Own  bool
	Body string
	At   time.Time
}

func (m NoteMessage) head() string {
	if m.Own {
		return "Tôi · " + Clock(m.At)
	}
	return m.By + " · " + Clock(m.At)
}

// Title names the cell.
func (n Note) Title() string {
	return n.Pupil + " · " + n.Item.Name() + " · " + strings.ToLower(words.PeriodShort(n.Period))
}

// addressees name to whom a note goes, inside a sentence.
var addressees = map[string]string{"owner": "giáo viên ghi ô này", "homeroom": "giáo viên chủ nhiệm", "principal": "ban giám hiệu"}

func (n Note) status() ui.Status {
	switch {
	case n.State == "closed":
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconTick, Word: "Đã xong"}
	case n.Mine && n.State == "open":
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ tôi trả lời"}
	case n.Mine:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Đã trả lời, chờ tôi kết thúc"}
	case n.State == "open":
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconClock, Word: "Chờ " + addressees[n.To]}
	}
	return ui.Status{Tone: ui.OK, Word: "Đã trả lời"}
}

func (n Note) url(part string) string { return In(n.Year, "notes", n.ID, part) }

func (n Note) closure() ui.Action {
	return ui.Action{Label: "Kết thúc", URL: n.url("closure"), Method: http.MethodPost, Small: true, Hint: n.Title()}
}

// Notes is the page of a class's notes.
type Notes struct {
	Frame
	Year      school.Year
	ClassID   int64
	ClassName string
	Homeroom  bool // the reader is its homeroom teacher
	Leads     bool // the reader leads the school
	Subjects  []school.Subject
	Roll      []Person
	List      []Note
	Done      string // written, sent
	// What was typed.
	Pupil, Item, Period, To, Body string
	Replying                      int64
	Reply                         string
	Error                         *fault.Error
}

func (n Notes) frame() Frame {
	f := n.Frame
	f.Heading = "Trao đổi lớp " + n.ClassName
	f.Lead = "Nhắn nhau về một ô của một em: giáo viên bộ môn, chủ nhiệm và ban giám hiệu. Không in, không vào học bạ, tự xóa khi hết năm học."
	f.Crumbs = []Link{{Label: first(f.UnitShort, f.Unit), URL: YearURL(n.Year)}, {Label: "Lớp " + n.ClassName}, {Label: "Trao đổi"}}
	if n.Error != nil {
		f.Title = "Lỗi: " + f.Heading
	}
	return f
}

func (n Notes) done() (ui.Notice, bool) {
	switch n.Done {
	case "written":
		return ui.Notice{Tone: ui.OK, Title: "Đã gửi trao đổi", Text: "Người nhận thấy ở trang đầu."}, true
	case "sent":
		return ui.Notice{Tone: ui.OK, Title: "Đã ghi"}, true
	}
	return ui.Notice{}, false
}

type noteFields struct{ pupil, item, period, to, body ui.Field }

func (n Notes) fields() (f noteFields) {
	f.pupil = ui.Field{Name: "pupil", Label: "Học sinh", Value: n.Pupil}
	for _, p := range n.Roll {
		f.pupil.Options = append(f.pupil.Options, ui.Option{Value: strconv.FormatInt(p.ID, 10), Label: p.Name})
	}
	f.item = ui.Field{Name: "item", Label: "Về", Value: n.Item}
	for _, s := range n.Subjects {
		f.item.Options = append(f.item.Options, ui.Option{Value: string(s), Label: s.Name()})
	}
	for _, group := range evaluation.RemarkGroups {
		for _, it := range append([]evaluation.Item{group}, group.Members()...) {
			label := it.Name()
			if it == group {
				label = "Nhận xét " + strings.ToLower(label)
			}
			f.item.Options = append(f.item.Options, ui.Option{Value: string(it), Label: label})
		}
	}
	f.period = ui.Field{Name: "period", Label: "Thời điểm", Value: first(n.Period, string(school.YearEnd))}
	for _, p := range append(append([]school.Period{}, school.Periods...), school.Summer) {
		f.period.Options = append(f.period.Options, ui.Option{Value: string(p), Label: words.Period(p)})
	}
	f.to = ui.Field{Name: "to", Label: "Gửi", Value: n.To}
	if !n.Homeroom {
		f.to.Options = append(f.to.Options, ui.Option{Value: "homeroom", Label: "Giáo viên chủ nhiệm"})
	}
	f.to.Options = append(f.to.Options, ui.Option{Value: "owner", Label: "Giáo viên ghi ô này"})
	if !n.Leads {
		f.to.Options = append(f.to.Options, ui.Option{Value: "principal", Label: "Ban giám hiệu"})
	}
	f.body = ui.Field{Name: "body", Label: "Nội dung", Value: n.Body, MaxLength: 1000}
	if n.Replying == 0 {
		f.pupil = failing(f.pupil, n.Error, "cell.pupil")
		f.item = failing(f.item, n.Error, "note.item")
		f.period = failing(f.period, n.Error, "window.period")
		f.to = failing(f.to, n.Error, "note.to")
		f.body = failing(f.body, n.Error, "note.body")
	}
	return f
}

// reply is the field under a note.
func (n Notes) reply(to Note) ui.Field {
	f := ui.Field{Name: "body", ID: ID("reply", to.ID), Label: "Trả lời", MaxLength: 1000}
	if n.Replying == to.ID {
		f.Value = n.Reply
		f = failing(f, n.Error, "note.body")
	}
	return f
}

func (n Notes) problems() []ui.Problem {
	f := n.fields()
	fields := []ui.Field{f.pupil, f.item, f.period, f.to, f.body}
	for _, other := range n.List {
		if other.ID == n.Replying {
			fields = append(fields, n.reply(other))
		}
	}
	return problems(n.Error, fields...)
}

// NotesTask asks to answer what colleagues wrote about a class, or to end it.
func NotesTask(classID int64, class string, n int, oldest string, b By) Task {
	return Task{Key: "notes-" + strconv.FormatInt(classID, 10), Count: n, Noun: "trao đổi", Title: "Trao đổi lớp " + class + " chờ thầy/cô",
		Detail: oldest + ".", Action: ui.Action{Label: "Mở trao đổi", URL: NotesURL(b.Year, classID)}}
}
