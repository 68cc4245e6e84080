package views

import (
	"fmt"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// RecallsURL lists what may be taken back or replaced.
func RecallsURL(y school.Year) string { return In(y, "recall") }

// RecallURL takes a record back, or opens it for its next version.
func RecallURL(y school.Year, recordID int64) string { return In(y, "recall", recordID) }

// The two ways of the form.
const (
	ActRecall  = "recall"
	ActReplace = "replace"
)

// Recalls lists the classes with accepted records, and of one class the pupils.
type Recalls struct {
	Frame
	Year      school.Year
	Now       time.Time
	Windows   map[school.Track]ClosingWindow
	Classes   []SubmissionClass
	ClassID   int64
	ClassName string
	Rows      []RecallRow
	Sent      []SentStatement
}

// RecallRow is a pupil with an accepted record. Replacing tells that its next
// version is being made.
type RecallRow struct {
	VersionRow
	Replacing bool
}

func (c Recalls) frame() Frame {
	f := c.Frame
	f.Heading = "Rút, thay thế"
	f.Lead = "Chỉ trước khi chốt. Rút: kho bỏ hiệu lực ngay. Thay thế: bản cũ còn hiệu lực tới khi kho nhận bản mới."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(c.Year)}, {Label: "Rút, thay thế"}}
	if c.ClassID != 0 {
		f.Crumbs[1].URL = RecallsURL(c.Year)
		f.Crumbs = append(f.Crumbs, Link{Label: "Lớp " + c.ClassName})
	}
	return f
}

// open are the classes that hold accepted records which are not in force yet.
func (c Recalls) open() []SubmissionClass {
	var out []SubmissionClass
	for _, class := range c.Classes {
		if class.Accepted > class.Locked {
			out = append(out, class)
		}
	}
	return out
}

func (c Recalls) classURL(id int64) string {
	return RecallsURL(c.Year) + "?class=" + strconv.FormatInt(id, 10)
}

func (r RecallRow) status() ui.Status {
	if r.Replacing {
		return ui.Status{Tone: ui.Past, Word: "Đang làm bản thay thế"}
	}
	return StageStatus(r.Stage)
}

// Recall is the form: which way, and why.
type Recall struct {
	Frame
	With      SignWith
	Year      school.Year
	Now       time.Time
	RecordID  int64
	Name      string
	ClassName string
	Stage     workflow.Stage
	Version   int
	Track     school.Track
	Window    ClosingWindow
	Act       string
	Reason    string
	Refusal   *fault.Error
}

func (p Recall) frame() Frame {
	f := p.Frame
	f.Heading = "Rút hoặc thay thế học bạ của " + p.Name
	f.Lead = fmt.Sprintf("Lớp %s, bản %d. Lí do được ghi lại và không xóa.", p.ClassName, p.Version)
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Rút, thay thế", URL: RecallsURL(p.Year)}, {Label: p.Name}}
	return f
}

// possible reports whether the record may be taken back at all.
func (p Recall) possible() bool { return p.Stage == workflow.Accepted }

func (p Recall) why() string {
	switch p.Stage {
	case workflow.Locked:
		return "Học bạ đã chốt. Muốn sửa, trường đề nghị thu hồi."
	case workflow.Issued, workflow.Refused:
		return "Kho chưa nhận bản này nên không phải rút. Mở lại để sửa ở trang học bạ."
	}
	return "Học bạ đang ở bước khác: " + words.Stage(p.Stage) + "."
}

// instead leads to what can be done with a locked record; nil for any other.
func (p Recall) instead() *ui.Action {
	if p.Stage != workflow.Locked {
		return nil
	}
	return &ui.Action{Label: "Đề nghị thu hồi", URL: RevocationURL(p.Year, p.RecordID)}
}

func (p Recall) actField() ui.Field {
	f := ui.Field{Name: "act", Label: "Việc cần làm", Value: p.Act, Required: true, Options: []ui.Option{
		{Value: ActReplace, Label: "Thay thế bằng bản mới", More: "Bản này còn hiệu lực tới khi kho nhận bản mới. Dùng khi sửa lỗi.", Selected: p.Act == ActReplace},
		{Value: ActRecall, Label: "Rút học bạ khỏi kho", More: "Giấy đã in sẽ trả lời “nhà trường đã rút lại”. Cần con dấu của trường.", Selected: p.Act == ActRecall},
	}}
	if p.Window.State != registry.Open {
		f.Options[1].Disabled, f.Options[1].Reason = true, "Sở chưa mở, hoặc đã hết thời gian chốt, rút và thay thế."
	}
	if p.Refusal != nil && p.Refusal.Code == "recall.act" {
		f.Error = words.Message(p.Refusal.Code, nil)
	}
	return f
}

func (p Recall) reasonField() ui.Field {
	f := ui.Field{Name: "reason", Label: "Lí do", Value: p.Reason, Required: true, MaxLength: 500, Hint: "Ví dụ: sai điểm Toán cuối năm, đã đối chiếu bài kiểm tra."}
	if p.Refusal != nil && p.Refusal.Code == "record.reason_missing" {
		f.Error = words.Message(p.Refusal.Code, p.Refusal.Args)
	}
	return f
}

func (p Recall) notice() *ui.Notice {
	if p.Refusal != nil && (p.Refusal.Code == "recall.act" || p.Refusal.Code == "record.reason_missing") {
		return nil
	}
	return refusalNotice(p.Refusal)
}

func (p Recall) pin() ui.Field {
	f := SealPIN(p.Refusal)
	f.Required = false
	f.Label = "Mã PIN của con dấu (chỉ khi rút)"
	return f
}
