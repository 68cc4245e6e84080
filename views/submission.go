package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// SubmissionsURL lists what can be sent to the Sở.
func SubmissionsURL(y school.Year) string { return In(y, "submission") }

// SubmissionURL is a class and track on its way to the Sở.
func SubmissionURL(y school.Year, classID int64, track school.Track) string {
	return trackURL(In(y, "submission", classID), track)
}

func trackURL(url string, track school.Track) string {
	if track == school.TrackAugust {
		return url + "?track=2"
	}
	return url
}

// Submissions is the list of classes with what can be sent, and what was sent.
type Submissions struct {
	Frame
	Year     school.Year
	Sends    bool // the principal; else the page prepares
	Deadline school.Deadline
	Now      time.Time
	Classes  []SubmissionClass
	Sent     []SentStatement
}

// SubmissionClass counts the records of a class and track by where they stand.
type SubmissionClass struct {
	ID       int64
	Name     string
	Track    school.Track
	Total    int
	Ready    int // issued, not sent
	UnderWay int // sent, no answer
	Refused  int
	Accepted int // locked ones too
	Locked   int
}

// Add counts records that stand at a stage.
func (c *SubmissionClass) Add(s workflow.Stage, n int) {
	c.Total += n
	switch s {
	case workflow.Issued:
		c.Ready += n
	case workflow.Submitted:
		c.UnderWay += n
	case workflow.Refused:
		c.Refused += n
	case workflow.Accepted:
		c.Accepted += n
	case workflow.Locked:
		c.Accepted += n
		c.Locked += n
	}
}

// SentStatement is a statement with what came of it.
type SentStatement struct {
	ID       int64
	Kind     bundle.StatementKind
	Class    string
	Track    school.Track
	By       string
	At       time.Time
	Records  int
	Accepted int
	Refused  int
	Result   bundle.Result
	Open     bool
}

func (s Submissions) frame() Frame {
	f := s.Frame
	f.Heading = "Nộp Sở"
	f.Lead, _ = LeftUntil(s.Deadline, s.Now)
	f.Lead += ". Mỗi học bạ có biên nhận riêng do Sở ký."
	if !s.Sends {
		f.Heading = "Chuẩn bị nộp Sở"
		f.Lead = "Thầy/cô chọn học bạ sẵn sàng; hiệu trưởng nộp bằng con dấu số của trường."
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(s.Year)}, {Label: f.Heading}}
	return f
}

// state is a class in one badge: what is stuck first.
func (c SubmissionClass) state() ui.Status {
	switch {
	case c.Refused > 0:
		return ui.Status{Tone: ui.Stop, Word: ui.Number(c.Refused) + " bị từ chối"}
	case c.UnderWay > 0:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: ui.Number(c.UnderWay) + " chờ Sở trả lời"}
	case c.Ready > 0:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconSend, Word: ui.Number(c.Ready) + " chờ nộp"}
	case c.Total > 0 && c.Locked == c.Total:
		return StageStatus("locked")
	case c.Total > 0 && c.Accepted == c.Total:
		return StageStatus("accepted")
	}
	return ui.Status{Tone: ui.Neutral, Word: "Chưa phát hành"}
}

func (s Submissions) open(c SubmissionClass) ui.Action {
	a := ui.Action{Label: "Xem", URL: SubmissionURL(s.Year, c.ID, c.Track), Small: true, Hint: "lớp " + c.Name}
	switch {
	case c.Ready+c.Refused > 0 && s.Sends:
		a.Label = "Nộp"
	case c.Ready+c.Refused > 0:
		a.Label = "Chuẩn bị"
	}
	return a
}

// trackWord names a track where there is little room.
func trackWord(t school.Track) string { return "đợt " + strconv.Itoa(int(t)) }

// status says what became of a statement.
func (s SentStatement) status() ui.Status {
	switch {
	case s.Open:
		return ui.Status{Tone: ui.Busy, Word: "Đang chờ kho trả lời"}
	case s.Kind == bundle.Submission && s.Accepted == s.Records:
		return ui.Status{Tone: ui.OK, Word: "Nhận cả " + ui.Number(s.Records)}
	case s.Kind == bundle.Submission && s.Accepted > 0:
		return ui.Status{Tone: ui.Stop, Word: fmt.Sprintf("Nhận %s, từ chối %s", ui.Number(s.Accepted), ui.Number(s.Records-s.Accepted))}
	case s.Result == bundle.Accepted:
		return ui.Status{Tone: ui.OK, Word: "Kho đã nhận"}
	}
	return ui.Status{Tone: ui.Stop, Word: "Bị từ chối"}
}

// kind names a statement.
func (s SentStatement) kind() string {
	switch s.Kind {
	case bundle.Closing:
		return "Phiếu chốt"
	case bundle.Recall:
		return "Phiếu rút học bạ"
	case bundle.Request:
		return "Phiếu đề nghị thu hồi"
	}
	return "Phiếu nộp"
}

// Submission is one class and track: what can go, what cannot and why.
type Submission struct {
	Frame
	With       SignWith
	Year       school.Year
	Track      school.Track
	ClassID    int64
	ClassName  string
	Sends      bool
	PreparedBy string
	PreparedAt time.Time
	Ready      []VersionRow
	Blocked    []VersionRow
	Refusal    *fault.Error
}

// VersionRow is a pupil with the newest version of the record.
type VersionRow struct {
	RecordID  int64
	VersionID int64
	Name      string
	Code      string
	Stage     workflow.Stage
	Version   int
	IssuedAt  time.Time
	Chosen    bool
	Why       *fault.Error
	Reasons   []bundle.Reason // of the newest refusal
}

func (s Submission) url() string { return SubmissionURL(s.Year, s.ClassID, s.Track) }

func (s Submission) frame() Frame {
	f := s.Frame
	f.Heading = "Nộp Sở · lớp " + s.ClassName + ", " + trackWord(s.Track)
	if !s.Sends {
		f.Heading = "Chuẩn bị nộp · lớp " + s.ClassName + ", " + trackWord(s.Track)
	}
	f.Lead = fmt.Sprintf("%s nộp được, %s chưa. Em vướng không làm hỏng em khác.", pupils(len(s.Ready)), pupils(len(s.Blocked)))
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(s.Year)}, {Label: "Nộp Sở", URL: SubmissionsURL(s.Year)}, {Label: "Lớp " + s.ClassName}}
	return f
}

func (s Submission) tabs() []ui.Tab {
	var out []ui.Tab
	for _, t := range []school.Track{school.TrackJune, school.TrackAugust} {
		out = append(out, ui.Tab{Label: words.Track(int(t)), Short: "Đợt " + strconv.Itoa(int(t)), URL: SubmissionURL(s.Year, s.ClassID, t), Current: t == s.Track})
	}
	return out
}

func (s Submission) pin() ui.Field {
	f := SealPIN(s.Refusal)
	return f
}

// SealPIN asks for the PIN of the school's seal; a failure that the PIN can
// mend stands beside it.
func SealPIN(refusal *fault.Error) ui.Field {
	f := ui.Field{Name: "pin", Label: "Mã PIN của con dấu", Width: "medium", Autocomplete: "off", Required: true, Hint: "Từ 8 kí tự, khác mã PIN ký cá nhân"}
	if aboutPIN(refusal) {
		f.Error = words.Message(refusal.Code, refusal.Args)
	}
	return f
}

func aboutPIN(f *fault.Error) bool {
	return f != nil && (strings.HasPrefix(f.Code, "key.pin") || f.Code == "throttle.wait")
}

// refusalNotice tells why an act was not carried out; nil when there is nothing
// to tell, or when the field of the PIN tells it.
func refusalNotice(f *fault.Error) *ui.Notice {
	if f == nil || aboutPIN(f) {
		return nil
	}
	return &ui.Notice{Tone: ui.Stop, Title: "Chưa làm được", Text: words.Message(f.Code, f.Args), Alert: true}
}

func (s Submission) send() ui.Action {
	return ui.Action{Label: fmt.Sprintf("Đóng dấu và nộp (%d em)", s.chosen()), Kind: ui.Primary, Icon: ui.IconSend}
}

func (s Submission) chosen() int {
	n := 0
	for _, r := range s.Ready {
		if r.Chosen {
			n++
		}
	}
	return n
}

// who says who can mend what keeps a version back.
func (r VersionRow) who() string {
	if r.Why == nil {
		return ""
	}
	switch r.Why.Code {
	case "submission.not_issued":
		switch r.Stage {
		case workflow.Approved:
			return "Hiệu trưởng phát hành"
		case workflow.HomeroomSigned:
			return "Hiệu trưởng duyệt"
		}
		return "Giáo viên ký đủ"
	case "submission.needs_reissue":
		return "Hiệu trưởng mở lại, giáo viên sửa"
	case "submission.under_way":
		return "Hệ thống hỏi lại kho"
	}
	return "–"
}

// ReasonText is a numbered reason of the registry as a sentence.
func ReasonText(r bundle.Reason) string {
	args := make(map[string]string, len(r.Args))
	for _, a := range r.Args {
		args[a.Name] = a.Value
	}
	return words.Message(r.Code, args)
}
