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

// RevocationRequestsURL lists the requests of the schools below.
func RevocationRequestsURL(y school.Year) string { return In(y, "revocations") }

// RevocationRequestURL is one request, and where it is decided.
func RevocationRequestURL(y school.Year, id int64) string { return In(y, "revocations", id) }

// RevocationRequests is what the deciding tier has before it: the requests
// that wait, then those that were answered. Decides is false for a tier that
// only sees them.
type RevocationRequests struct {
	Frame
	Year    school.Year
	Now     time.Time
	Decides bool
	Tier    registry.Hand
	Waiting []RevocationRequest
	Decided []RevocationRequest
}

// RevocationRequest is one request: who, what, why, and the answer if there is one.
type RevocationRequest struct {
	registry.Request
	School    string // name
	Year      school.Year
	ClassName string
	Pupil     string // MA_HOC_SINH
	Name      string // of the pupil; on the request's own page alone
	Birth     school.Date
	Locked    time.Time
	DecidedBy string
}

func (c RevocationRequests) frame() Frame {
	f := c.Frame
	f.Heading = "Đề nghị thu hồi"
	f.Lead = "Học bạ đã chốt chỉ sửa được khi đề nghị của trường được đồng ý."
	if !c.Decides {
		f.Lead += " " + deciders[c.Tier]
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(c.Year)}, {Label: "Đề nghị thu hồi"}}
	return f
}

// deciders say whose decision it is.
var deciders = map[registry.Hand]string{
	registry.ByDepartment: "Sở quyết định; thầy/cô theo dõi và đôn đốc.",
	registry.ByMiddle:     "Cấp quản lý trực tiếp của trường quyết định; thầy/cô theo dõi.",
}

func (q RevocationRequest) status() ui.Status {
	switch q.Decision {
	case registry.Granted:
		return ui.Status{Tone: ui.Past, Icon: ui.IconBack, Word: "Đã thu hồi"}
	case registry.Declined:
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconStop, Word: "Không đồng ý"}
	}
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ trả lời"}
}

// open leads to the request; whoever decides is asked to answer.
func (q RevocationRequest) open(decides bool) ui.Action {
	a := ui.Action{Label: "Xem", URL: RevocationRequestURL(q.Year, q.ID), Small: true, Hint: q.School + ", học sinh " + q.Pupil}
	if q.Decision == "" && decides {
		a.Label = "Xem và trả lời"
	}
	return a
}

func (q RevocationRequest) version() string { return "bản\u00a0" + strconv.Itoa(q.Version) }

// RevocationDecision is one request with the form that answers it.
type RevocationDecision struct {
	Frame
	Year    school.Year
	Request RevocationRequest
	Decides bool
	Tier    registry.Hand
	Choice  string
	Note    string
	Refusal *fault.Error
}

func (p RevocationDecision) frame() Frame {
	f := p.Frame
	f.Heading = "Đề nghị thu hồi học bạ của " + p.Request.Name
	f.Lead = fmt.Sprintf("%s, lớp %s, năm học %s, %s.", p.Request.School, p.Request.ClassName, YearLabel(p.Request.Year), p.Request.version())
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Đề nghị thu hồi", URL: RevocationRequestsURL(p.Year)}, {Label: p.Request.Name}}
	return f
}

// facts are what the decision is about.
func (p RevocationDecision) facts() []ui.Fact {
	q := p.Request
	return []ui.Fact{
		{Name: "Học sinh", Value: q.Name + ", sinh " + q.Birth.Vietnamese()},
		{Name: "Mã học sinh", Value: q.Pupil, Code: true, Soft: true},
		{Name: "Trường, lớp", Value: q.School + ", " + q.ClassName},
		{Name: "Bản", Value: fmt.Sprintf("%d, có hiệu lực từ %s", q.Version, Day(q.Locked))},
		{Name: "Người đề nghị", Value: q.Sender + ", hiệu trưởng, " + Clock(q.At)},
	}
}

// answered says what was decided; nil while it waits.
func (p RevocationDecision) answered() *ui.Notice {
	q := p.Request
	switch q.Decision {
	case registry.Granted:
		return &ui.Notice{Tone: ui.OK, Title: "Đã đồng ý thu hồi " + Clock(q.Decided),
			Text: q.DecidedBy + ": " + q.Note + " Mã trên giấy của bản này nay trả lời “đã thu hồi”."}
	case registry.Declined:
		return &ui.Notice{Tone: ui.Past, Title: "Không đồng ý, " + Clock(q.Decided), Text: q.DecidedBy + ": " + q.Note + " Học bạ vẫn có hiệu lực."}
	}
	return nil
}

func (p RevocationDecision) choice() ui.Field {
	f := ui.Field{Name: "decision", Label: "Trả lời", Required: true, Options: []ui.Option{
		{Value: string(registry.Granted), Label: "Đồng ý thu hồi", Selected: p.Choice == string(registry.Granted),
			More: "Bản này hết hiệu lực ngay và không khôi phục được. Trường sửa, ký và phát hành bản mới."},
		{Value: string(registry.Declined), Label: "Không đồng ý", Selected: p.Choice == string(registry.Declined),
			More: "Học bạ vẫn có hiệu lực. Hiệu trưởng đọc được lí do và có thể đề nghị lại."},
	}}
	f.Error = p.said("revocation.decision")
	return f
}

func (p RevocationDecision) note() ui.Field {
	return ui.Field{Name: "note", Label: "Lí do của quyết định", Value: p.Note, Required: true, MaxLength: 1000,
		Hint: "Hiệu trưởng đọc nguyên văn. Ví dụ: Đồng ý theo biên bản số 12/BB-TH.", Error: p.said("revocation.note_missing") + p.said("revocation.note_too_long")}
}

func (p RevocationDecision) said(code string) string {
	if p.Refusal == nil || p.Refusal.Code != code {
		return ""
	}
	return words.Message(code, p.Refusal.Args)
}

func (p RevocationDecision) notice() *ui.Notice {
	if p.choice().Error+p.note().Error != "" {
		return nil
	}
	return refusalNotice(p.Refusal)
}

// RevocationRequestsTask asks the deciding tier to answer.
func RevocationRequestsTask(n int, oldest time.Time, b By) Task {
	t := Task{Key: "revocations", Count: n, Noun: "đề nghị", Title: "Đề nghị thu hồi học bạ chờ trả lời",
		Detail: "Học bạ đã chốt; trường không sửa được cho tới khi có trả lời.",
		Action: ui.Action{Label: "Xem đề nghị", URL: RevocationRequestsURL(b.Year)}}
	t.Notes = []ui.Status{{Tone: ui.Past, Icon: ui.IconClock, Word: "Sớm nhất gửi " + ago(oldest, b.Now)}}
	return t
}
