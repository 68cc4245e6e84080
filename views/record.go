package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/paper"
	"hocba/views/ui"
)

// RecordPage is one pupil's record: the year's page as it will be printed, the
// signature map, what was returned, the issued versions. For the school's
// leaders it is also the approval screen, with the class beside it.
type RecordPage struct {
	Frame
	Year     school.Year
	ID       int64
	Revision int64
	Pupil    string
	ClassID  int64
	PupilID  int64
	Class    string
	Stage    workflow.Stage

	Paper      paper.Year
	Changes    []RecordChange // marked in Paper, or listed above it
	Parts      []record.PartView
	Signatures []RecordSignature
	Returns    []RecordReturn
	Versions   []RecordVersion
	// Revocations are the requests to revoke a version, the newest first.
	Revocations []AskedRevocation

	Queue   *ApprovalList // of the school's leaders; nil for everybody else
	Classes []ApprovalClass
	Flags   ApprovalFlags
	Allowed []workflow.Action
	// NoDelegation says that a deputy looks without a valid delegation.
	NoDelegation bool
	With         SignWith     // before an approval
	KeyUntil     time.Time    // zero: the PIN is asked
	Fault        *fault.Error // of the approval just tried
	Done         string       // the pupil approved just before
	Printing     Printing
}

// RecordChange is a value that changed since the school's leaders last
// returned or approved the record. Item is "" for a line of the review.
type RecordChange struct {
	Item  evaluation.Item
	Field string
	Old   string
	New   string
	By    string
	At    time.Time
}

// RecordReturn is a return with its answers.
type RecordReturn struct {
	Parts   []string
	Reason  string
	By      string
	At      time.Time
	Answers []RecordAnswer
}

// RecordAnswer is one answer to a return.
type RecordAnswer struct {
	Part, By, Note string
	Kind           record.AnswerKind
	At             time.Time
}

// RecordVersion is an issued version. Code and Download are for those who are
// entitled to them.
type RecordVersion struct {
	Number   int
	SHA256   string
	IssuedAt time.Time
	Standing record.Standing
	Code     string
	Download string
	Evidence string // address of the file with all that proves it; "" before the registry has it
	Proof    *Proof // until when it can be proven; nil where nobody asked
	Events   []RecordEvent
}

// RecordEvent is what happened to a version.
type RecordEvent struct {
	Kind   record.Standing
	By     string
	Reason string
	At     time.Time
}

func (p RecordPage) may(a workflow.Action) bool {
	for _, b := range p.Allowed {
		if a == b {
			return true
		}
	}
	return false
}

func (p RecordPage) approving() bool { return p.Queue != nil && p.Stage == workflow.HomeroomSigned }

func (p RecordPage) frame() Frame {
	f := p.Frame
	f.Heading = "Học bạ · " + p.Pupil
	f.Lead = "Lớp " + p.Class + ". Đây là nội dung đang có; bản in chính thức lấy từ bản đã được Sở nhận."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Lớp " + p.Class}, {Label: p.Pupil}}
	if p.Queue != nil {
		f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Duyệt học bạ", URL: ApprovalURL(p.Year)},
			{Label: "Lớp " + p.Class, URL: ApprovalClassURL(p.Year, p.ClassID)}, {Label: p.Pupil}}
	}
	if p.approving() {
		f.Heading = "Duyệt học bạ · " + p.Pupil
		f.Lead = "Đây là nội dung sẽ in trên giấy. Chỗ đổi từ lần trả lại hoặc duyệt trước được đánh dấu."
	}
	return f
}

// papers are the printed forms one may open.
func (p RecordPage) papers() []ui.Action { return p.Printing.links(p.Year, p.ID, "") }

// PartLabel names a part in a sentence.
func PartLabel(part string) string {
	if part == bundle.ContentID {
		return "Phần chủ nhiệm"
	}
	if s, ok := record.PartName(part); ok {
		return s.Short()
	}
	return "Phần khác"
}

func partLabels(parts []string) string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = PartLabel(p)
	}
	return strings.Join(names, ", ")
}

// summary says whether every signature is there: "Đủ chữ ký: 2 giáo viên bộ
// môn, chủ nhiệm 19/06 08:15".
func (p RecordPage) summary() string {
	signers, missing := map[string]bool{}, []string(nil)
	var home *record.Signature
	for _, v := range p.Parts {
		switch {
		case v.Subject == "":
			home = v.Signed
		case v.Signed != nil:
			signers[v.Signed.Signer.Code] = true
		default:
			missing = append(missing, v.Subject.Short())
		}
	}
	switch {
	case len(missing) > 0 && p.teachersSign():
		return "Chưa đủ chữ ký: còn " + strings.Join(missing, ", ") + "."
	case home == nil:
		return "Chờ giáo viên chủ nhiệm ký."
	case len(signers) == 0:
		return "Chủ nhiệm ký " + dayTime(home.At) + "."
	}
	return fmt.Sprintf("Đủ chữ ký: %d giáo viên bộ môn, chủ nhiệm %s.", len(signers), dayTime(home.At))
}

// teachersSign is false where the Sở does without subject teachers' signatures:
// then the page is signed and no part is.
func (p RecordPage) teachersSign() bool {
	for _, v := range p.Parts {
		if v.Subject == "" {
			return v.Signed == nil
		}
	}
	return true
}

func dayTime(t time.Time) string { return t.In(school.Zone).Format("02/01 15:04") }

// where says what the record waits for, when nothing can be done here.
func (p RecordPage) where() string {
	switch p.Stage {
	case workflow.Drafting, workflow.PartSigned:
		return p.summary()
	case workflow.Returned:
		var open []string
		for _, v := range p.Parts {
			if v.Open != nil {
				open = append(open, PartLabel(v.ID)+" · "+v.Owner.Name)
			}
		}
		return "Chờ giáo viên trả lời: " + strings.Join(open, "; ") + "."
	case workflow.HomeroomSigned:
		if p.NoDelegation {
			return "Chưa có quyết định ủy quyền còn hiệu lực cho thầy/cô. Hiệu trưởng lập ở mục Duyệt học bạ, Ủy quyền."
		}
		return "Chờ hiệu trưởng duyệt."
	case workflow.Approved:
		return "Đã duyệt, chờ phát hành bằng con dấu của trường."
	case workflow.Issued:
		return "Đã phát hành, chờ nộp Sở."
	case workflow.Submitted:
		return "Đã nộp, chờ Sở trả lời."
	case workflow.Refused:
		return "Sở chưa nhận. Lý do nằm ở trang Nộp Sở."
	case workflow.Accepted:
		return "Sở đã nhận, chưa chốt."
	}
	if len(p.Revocations) > 0 && p.Revocations[0].Decision == "" {
		return "Đã chốt. Đề nghị thu hồi đang chờ trả lời."
	}
	return "Đã chốt: không ai sửa được nữa."
}

// revoked tells that the record's newest version was revoked, and is to be
// mended; nil otherwise.
func (p RecordPage) revoked() *ui.Notice {
	if len(p.Versions) == 0 || !p.Stage.BeforeIssue() {
		return nil
	}
	last := p.Versions[len(p.Versions)-1]
	if last.Standing != record.StandRevoked {
		return nil
	}
	n := &ui.Notice{Tone: ui.Stop, Icon: ui.IconBack, Title: fmt.Sprintf("Bản %d đã bị thu hồi", last.Number),
		Text: "Sửa phần sai, ký lại và phát hành bản mới. Bản mới có hiệu lực ngay khi Sở nhận."}
	if e := last.Events; len(e) > 0 && e[len(e)-1].Reason != "" {
		n.Text = "Cấp có thẩm quyền: " + e[len(e)-1].Reason + " " + n.Text
	}
	return n
}

func (p RecordPage) ask() ui.Action {
	a := ui.Action{Label: "Đề nghị thu hồi…", URL: RevocationURL(p.Year, p.ID), Icon: ui.IconBack}
	if len(p.Revocations) > 0 && p.Revocations[0].Decision == "" {
		a.Label = "Xem đề nghị thu hồi"
	}
	return a
}

func (p RecordPage) keyHint() string {
	return "Khóa ký đang mở đến " + HourMinute(p.KeyUntil) + "; đến giờ ấy hệ thống hỏi lại mã PIN."
}

func (p RecordPage) approve() ui.Action {
	return approveOne(p.Queue != nil && len(p.Queue.Waiting) > 1)
}

func (p RecordPage) sendBack() ui.Action {
	return ui.Action{Label: "Trả lại…", URL: ReturnURL(p.Year, p.ID), Kind: ui.Grave, Icon: ui.IconBack, Dialog: true}
}

func (p RecordPage) reopen() ui.Action {
	return ui.Action{Label: "Mở lại để sửa…", URL: ReopeningURL(p.Year, p.ID), Kind: ui.Grave, Icon: ui.IconBack, Dialog: true}
}

// standings are the states of an issued version.
var standings = map[record.Standing]ui.Status{
	record.StandIssued:    {Tone: ui.OK, Icon: ui.IconPaper, Word: "Đã phát hành"},
	record.StandWithdrawn: {Tone: ui.Past, Icon: ui.IconBack, Word: "Đã mở lại trước khi Sở nhận"},
	record.StandSubmitted: {Tone: ui.Wait, Icon: ui.IconClock, Word: "Đã nộp, chờ Sở"},
	record.StandRefused:   {Tone: ui.Stop, Word: "Sở từ chối"},
	record.StandAccepted:  {Tone: ui.OK, Word: "Sở đã nhận"},
	record.StandReplacing: {Tone: ui.Wait, Icon: ui.IconHistory, Word: "Còn hiệu lực, đang làm bản thay"},
	record.StandLocked:    {Tone: ui.OK, Icon: ui.IconLock, Word: "Đã chốt"},
	record.StandRecalled:  {Tone: ui.Past, Icon: ui.IconBack, Word: "Trường đã rút"},
	record.StandReplaced:  {Tone: ui.Past, Word: "Đã thay thế"},
	record.StandRevoked:   {Tone: ui.Stop, Icon: ui.IconBack, Word: "Đã thu hồi"},
}

func (v RecordVersion) state() ui.Status { return standings[v.Standing] }

func (e RecordEvent) line() ui.Line {
	l := ui.Line{Status: standings[e.Kind], Strong: standings[e.Kind].Word, Text: ", " + Clock(e.At)}
	l.Status.Word = ""
	if e.By != "" {
		l.Text += ", " + e.By
	}
	l.More = e.Reason
	return l
}

var answerTexts = map[record.AnswerKind]string{
	record.Kept: "giữ nguyên", record.Changed: "đã sửa", record.Again: "đã ký lại",
}

func (r RecordReturn) lines() []ui.Line {
	answered := map[string]RecordAnswer{}
	for _, a := range r.Answers {
		answered[a.Part] = a
	}
	var out []ui.Line
	for _, part := range r.Parts {
		a, ok := answered[part]
		if !ok {
			out = append(out, ui.Line{Status: ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chưa trả lời"}, Strong: PartLabel(part), Text: "chưa trả lời"})
			continue
		}
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.OK, Word: "Đã trả lời"}, Strong: PartLabel(part),
			Text: fmt.Sprintf("%s, %s, %s", answerTexts[a.Kind], dayTime(a.At), a.By), More: a.Note})
	}
	return out
}

func (v RecordVersion) facts() []ui.Fact {
	out := []ui.Fact{{Name: "Phát hành lúc", Value: Clock(v.IssuedAt)}}
	if v.Code != "" {
		out = append(out, ui.Fact{Name: "Mã tra cứu", Value: v.Code, Code: true})
	}
	if len(v.SHA256) >= 16 {
		out = append(out, ui.Fact{Name: "SHA-256", Value: v.SHA256[:16] + "…", Soft: true})
	}
	if v.Proof != nil {
		out = append(out, v.Proof.facts()...)
	}
	return out
}

func (v RecordVersion) lines() []ui.Line {
	out := make([]ui.Line, len(v.Events))
	for i, e := range v.Events {
		out[i] = e.line()
	}
	return out
}
