package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// RevocationsURL lists the school's requests for revocation.
func RevocationsURL(y school.Year) string { return In(y, "revocation") }

// RevocationURL asks for the revocation of a record in force.
func RevocationURL(y school.Year, recordID int64) string { return In(y, "revocation", recordID) }

// AskedRevocation is a request of the school with what became of it.
type AskedRevocation struct {
	RecordID  int64
	Year      school.Year
	Name      string
	ClassName string
	Stage     workflow.Stage
	Version   int
	Last      int // the record's newest version
	Reason    string
	Evidence  string
	By        string
	At        time.Time
	Decision  record.Decision
	Note      string
	Decided   time.Time
}

// mended reports whether the version that follows a revoked one is in force.
func (a AskedRevocation) mended() bool {
	return a.Decision == record.Granted && a.Last > a.Version && a.Stage == workflow.Locked
}

func (a AskedRevocation) status() ui.Status {
	switch {
	case a.mended():
		return ui.Status{Tone: ui.OK, Word: fmt.Sprintf("Bản\u00a0%d đã thay", a.Last)}
	case a.Decision == record.Granted:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconPen, Word: "Đã thu hồi, chờ bản mới"}
	case a.Decision == record.Declined:
		return ui.Status{Tone: ui.Stop, Word: "Không đồng ý"}
	}
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ trả lời"}
}

// lines tell the way of the request, the newest last.
func (a AskedRevocation) lines() []ui.Line {
	out := []ui.Line{{Status: ui.Status{Tone: ui.Past, Icon: ui.IconSend}, Strong: "Đề nghị", Text: ", " + Clock(a.At) + ", " + a.By,
		More: "Sai ở đâu: " + strings.TrimRight(a.Reason, ". ") + ". Căn cứ: " + a.Evidence}}
	switch a.Decision {
	case record.Granted:
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.OK}, Strong: "Được đồng ý", Text: ", " + Clock(a.Decided), More: a.Note})
	case record.Declined:
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Stop}, Strong: "Không được đồng ý", Text: ", " + Clock(a.Decided), More: a.Note})
	default:
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Wait, Icon: ui.IconClock}, Strong: "Chờ cấp có thẩm quyền trả lời", Text: ""})
	}
	return out
}

// Revocations lists the school's requests, the classes with records in force,
// and of one class the pupils.
type Revocations struct {
	Frame
	Year      school.Year
	Asked     []AskedRevocation
	Classes   []SubmissionClass
	ClassID   int64
	ClassName string
	Rows      []RevocationRow
	Sent      []SentStatement
}

// RevocationRow is a pupil with a record in force. Waiting tells that a request
// has no answer yet.
type RevocationRow struct {
	VersionRow
	Waiting bool
}

func (r RevocationRow) open(y school.Year) ui.Action {
	a := ui.Action{Label: "Đề nghị thu hồi", URL: RevocationURL(y, r.RecordID), Small: true, Hint: r.Name}
	if r.Waiting {
		a.Label = "Xem đề nghị"
	}
	return a
}

func (c Revocations) frame() Frame {
	f := c.Frame
	f.Heading = "Đề nghị thu hồi"
	f.Lead = "Dành cho học bạ đã chốt. Được đồng ý, trường sửa, ký và phát hành bản mới; bản cũ vẫn tra cứu được là “đã thu hồi”."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(c.Year)}, {Label: "Đề nghị thu hồi"}}
	if c.ClassID != 0 {
		f.Crumbs[1].URL = RevocationsURL(c.Year)
		f.Crumbs = append(f.Crumbs, Link{Label: "Lớp " + c.ClassName})
	}
	return f
}

// locked are the classes that hold records in force.
func (c Revocations) locked() []SubmissionClass {
	var out []SubmissionClass
	for _, class := range c.Classes {
		if class.Locked > 0 {
			out = append(out, class)
		}
	}
	return out
}

func (c Revocations) classURL(id int64) string {
	return RevocationsURL(c.Year) + "?class=" + strconv.FormatInt(id, 10)
}

// unsettled are the sealed requests that the registry did not take, or has not
// answered yet; every other one stands in Asked.
func (c Revocations) unsettled() []SentStatement {
	var out []SentStatement
	for _, s := range c.Sent {
		if s.Open || s.Result != bundle.Accepted {
			out = append(out, s)
		}
	}
	return out
}

// AskRevocation is the form: what is wrong, and what it rests on.
type AskRevocation struct {
	Frame
	With      SignWith
	Year      school.Year
	RecordID  int64
	Name      string
	ClassName string
	Stage     workflow.Stage
	Version   int
	Asked     []AskedRevocation // about this record
	Open      bool              // one of them waits
	Reason    string
	Evidence  string
	Refusal   *fault.Error
}

func (p AskRevocation) frame() Frame {
	f := p.Frame
	f.Heading = "Đề nghị thu hồi học bạ của " + p.Name
	f.Lead = fmt.Sprintf("Lớp %s, bản %d.", p.ClassName, p.Version)
	if p.Stage == workflow.Locked {
		f.Lead += " Học bạ vẫn có hiệu lực cho tới khi đề nghị được đồng ý."
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Đề nghị thu hồi", URL: RevocationsURL(p.Year)}, {Label: p.Name}}
	return f
}

// possible reports whether a request may be made now.
func (p AskRevocation) possible() bool { return p.Stage == workflow.Locked && !p.Open }

// why says what to do instead, and where.
func (p AskRevocation) why() ui.Notice {
	n := ui.Notice{Tone: ui.Wait, Title: "Không đề nghị thu hồi được lúc này"}
	switch {
	case p.Open:
		n.Title, n.Text = "Đề nghị đang chờ trả lời", "Mỗi học bạ chỉ có một đề nghị chờ trả lời. Kết quả hiện ở trang này."
	case p.Stage == workflow.Accepted:
		n.Text = "Học bạ chưa chốt, trường tự rút hoặc thay được."
		n.Action = &ui.Action{Label: "Rút, thay thế", URL: RecallURL(p.Year, p.RecordID)}
	default:
		n.Text = "Học bạ đang ở bước khác: " + words.Stage(p.Stage) + "."
		n.Action = &ui.Action{Label: "Mở học bạ", URL: RecordURL(p.Year, p.RecordID)}
	}
	return n
}

func (p AskRevocation) reasonField() ui.Field {
	f := ui.Field{Name: "reason", Label: "Sai ở đâu", Value: p.Reason, Required: true, MaxLength: 1000,
		Hint: "Ví dụ: điểm Toán cuối năm ghi 10, bài kiểm tra là 9."}
	f.Error = p.said("record.reason_missing")
	return f
}

func (p AskRevocation) evidenceField() ui.Field {
	f := ui.Field{Name: "evidence", Label: "Căn cứ", Value: p.Evidence, Required: true, MaxLength: 1000,
		Hint: "Số và ngày của biên bản hoặc quyết định. Ví dụ: Biên bản số 12/BB-TH ngày 02/07/2026."}
	f.Error = p.said("record.evidence_missing")
	return f
}

// said is the sentence of a refusal that belongs to a field.
func (p AskRevocation) said(code string) string {
	if p.Refusal == nil || p.Refusal.Code != code {
		return ""
	}
	return words.Message(code, p.Refusal.Args)
}

func (p AskRevocation) notice() *ui.Notice {
	if p.said("record.reason_missing")+p.said("record.evidence_missing") != "" {
		return nil
	}
	return refusalNotice(p.Refusal)
}

// RevokedTask leads the principal to records that were revoked and have no
// next version in force.
func RevokedTask(list []AskedRevocation) Task {
	return Task{Key: "revoked", Count: len(list), Noun: "học bạ", Title: "Đã thu hồi, chờ sửa và phát hành bản mới",
		Detail: listed(pupilClasses(list), 3, " · ", "em") + ". Sửa, ký lại, phát hành rồi nộp; bản mới có hiệu lực ngay khi Sở nhận.",
		Action: ui.Action{Label: "Mở học bạ cần sửa", URL: revokedURL(list)}}
}

func revokedURL(list []AskedRevocation) string {
	if len(list) == 1 {
		return RecordURL(list[0].Year, list[0].RecordID)
	}
	return RevocationsURL(list[0].Year)
}

// DeclinedTask tells the principal what was declined in the last days, and why.
func DeclinedTask(list []AskedRevocation) Task {
	var parts []string
	for _, a := range list {
		parts = append(parts, fmt.Sprintf("%s: “%s”", a.Name, strings.TrimRight(a.Note, ". ")))
	}
	return Task{Key: "revocation-declined", Count: len(list), Noun: "đề nghị", Title: "Đề nghị thu hồi không được đồng ý",
		Detail: listed(parts, 2, ". ", "đề nghị") + ". Học bạ vẫn có hiệu lực.",
		Action: ui.Action{Label: "Xem trả lời", URL: RevocationsURL(list[0].Year)}}
}

func pupilClasses(list []AskedRevocation) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Name + " " + a.ClassName + ", " + YearLabel(a.Year)
	}
	return out
}
