package views

import (
	"fmt"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ReturnReasons are the quick reasons of a return, by the code a form sends.
var ReturnReasons = []ui.Option{
	{Value: "mismatch", Label: "Điểm và nhận xét chưa khớp"},
	{Value: "clone", Label: "Nhận xét giống em khác"},
	{Value: "spelling", Label: "Sai tên hoặc chính tả"},
	{Value: "missing", Label: "Nhận xét chưa nói đủ về em"},
	{Value: "other", Label: "Lý do khác, ghi ở dưới"},
}

// ReturnReason joins a quick reason with what was written beside it: the words
// the teacher reads. "" when neither says anything.
func ReturnReason(code, note string) string {
	for _, o := range ReturnReasons {
		if o.Value == code && code != "other" {
			if note == "" {
				return o.Label
			}
			return o.Label + ". " + note
		}
	}
	return note
}

// RecordReturning is the page, or dialog, that sends parts back.
type RecordReturning struct {
	Frame
	Year    school.Year
	ID      int64
	Pupil   string
	Class   string
	ClassID int64
	Parts   []record.PartView
	Changed map[string]bool // parts with changes since the last return: offered first
	Dialog  bool
	// What was sent before a refusal.
	Chosen map[string]bool
	Reason string
	Note   string
	Fault  *fault.Error
}

func (p RecordReturning) modal() ui.Modal {
	return ui.Modal{ID: "return", Title: "Trả lại · " + p.Pupil, Back: RecordURL(p.Year, p.ID), Page: !p.Dialog,
		Lead: "Chỉ chữ ký của phần bị sửa mới phải ký lại. Phần khác giữ nguyên."}
}

func (p RecordReturning) frame() Frame {
	f := p.Frame
	f.Heading, f.Lead = p.modal().Title, p.modal().Lead
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Duyệt học bạ", URL: ApprovalURL(p.Year)},
		{Label: "Lớp " + p.Class, URL: ApprovalClassURL(p.Year, p.ClassID)}, {Label: p.Pupil, URL: RecordURL(p.Year, p.ID)}, {Label: "Trả lại"}}
	return f
}

// parts are the two lists of boxes: the likely ones, and the others.
func (p RecordReturning) parts() (first, others ui.Field) {
	first = ui.Field{Name: "part", Label: "Phần nào?"}
	others = ui.Field{ID: "part-other", Name: "part", Label: "Phần khác"}
	if p.Fault != nil && strings.HasPrefix(p.Fault.Code, "record.return") {
		first.Error = words.Message(p.Fault.Code, p.Fault.Args)
	}
	for _, v := range p.Parts {
		if !v.Returnable {
			continue
		}
		o := ui.Option{Value: v.ID, Label: PartLabel(v.ID), More: p.consequence(v), Selected: p.Chosen[v.ID]}
		if v.Owner.Name != "" {
			o.Label += " · " + v.Owner.Name
		}
		if v.Subject == "" || p.Changed[v.ID] || p.Chosen[v.ID] {
			first.Options = append(first.Options, o)
		} else {
			others.Options = append(others.Options, o)
		}
	}
	return first, others
}

// consequence says whose signatures end when this part is changed.
func (p RecordReturning) consequence(v record.PartView) string {
	if v.Subject == "" {
		return "Sửa thì chủ nhiệm ký lại; giáo viên bộ môn không phải ký lại."
	}
	if v.Signed == nil {
		return "Sửa thì chủ nhiệm ký lại."
	}
	return fmt.Sprintf("Sửa thì %s ký lại %s, rồi chủ nhiệm ký lại.", v.Signed.Signer.Name, subjectList(v.Signed.Subjects()))
}

func (p RecordReturning) reason() (quick, note ui.Field) {
	quick = ui.Field{Name: "reason", Label: "Lý do", Options: ReturnReasons, Value: p.Reason}
	note = ui.Field{Name: "note", Label: "Nói rõ thêm (không bắt buộc)", Value: p.Note, MaxLength: 900, Rows: 3}
	if p.Fault != nil && strings.HasPrefix(p.Fault.Code, "record.reason") {
		quick.Error = words.Message(p.Fault.Code, p.Fault.Args)
	}
	return quick, note
}

// RecordReopening is the page, or dialog, that reopens an issued record.
type RecordReopening struct {
	Frame
	Year    school.Year
	ID      int64
	Pupil   string
	Version int
	Dialog  bool
	Reason  string
	Fault   *fault.Error
}

func (p RecordReopening) modal() ui.Modal {
	return ui.Modal{ID: "reopening", Title: "Mở lại để sửa · " + p.Pupil, Back: RecordURL(p.Year, p.ID), Page: !p.Dialog,
		Lead: fmt.Sprintf("Bản\u00a0%d vẫn được giữ và ghi là đã mở lại; chữ ký duyệt và con dấu của bản ấy hết hiệu lực. Chữ ký của giáo viên giữ nguyên cho đến khi nội dung bị sửa.", p.Version)}
}

func (p RecordReopening) frame() Frame {
	f := p.Frame
	f.Heading, f.Lead = p.modal().Title, p.modal().Lead
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: p.Pupil, URL: RecordURL(p.Year, p.ID)}, {Label: "Mở lại"}}
	return f
}

func (p RecordReopening) reason() ui.Field {
	f := ui.Field{Name: "reason", Label: "Lý do mở lại", Value: p.Reason, MaxLength: 1000, Rows: 3, Required: true,
		Hint: "Lý do được ghi vào lịch sử của bản này."}
	if p.Fault != nil {
		f.Error = words.Message(p.Fault.Code, p.Fault.Args)
	}
	return f
}
