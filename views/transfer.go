package views

import (
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// TransferName is what the file is called.
const TransferName = "Hồ sơ điện tử chuyển đi"

// EvidenceReason is why a file of evidence was made, as its manifest says.
const EvidenceReason = "Nhà trường tải hồ sơ bằng chứng."

// TransferURL is where a pupil's transfer file is made.
func TransferURL(y school.Year, pupilID int64) string { return In(y, "pupils", pupilID, "transfer") }

// TransferVersion is a version that the file will hold.
type TransferVersion struct {
	Year   school.Year
	Number int
	Locked bool
}

// Transfer asks where a pupil's records go.
type Transfer struct {
	Frame
	Year      school.Year
	PupilID   int64
	Name      string
	Birth     school.Date
	Class     string
	Versions  []TransferVersion
	Nothing   bool   // the registry holds none yet
	Elsewhere string // name of the school that manages the records; "" this one

	To, Province, Reason string // as typed
	Refusal              *fault.Error
}

func (t Transfer) frame() Frame {
	f := t.Frame
	f.Heading, f.Title = TransferName, TransferName
	f.Lead = joined(t.Name, "sinh ngày "+t.Birth.Vietnamese(), "lớp "+t.Class)
	f.Crumbs = []Link{{Label: "Lớp " + t.Class}, {Label: "Các năm học", URL: PupilYearsURL(t.Year, t.PupilID)}, {Label: TransferName}}
	return f
}

func (t Transfer) notice() *ui.Notice {
	switch {
	case t.Refusal != nil:
		return &ui.Notice{Tone: ui.Stop, Title: "Chưa lập được hồ sơ", Text: words.Message(t.Refusal.Code, t.Refusal.Args), Alert: true}
	case t.Nothing:
		return &ui.Notice{Tone: ui.Wait, Title: "Chưa có gì để chuyển", Text: words.Message("transfer.nothing", nil)}
	case t.Elsewhere != "":
		return &ui.Notice{Tone: ui.Wait, Title: t.Elsewhere + " đang quản lý học bạ của em", Text: words.Message("transfer.not_managing", nil)}
	}
	return nil
}

// ready reports whether the file can be asked for.
func (t Transfer) ready() bool { return !t.Nothing && t.Elsewhere == "" }

// holds are the versions in the file.
func (t Transfer) holds() []ui.Line {
	var out []ui.Line
	for _, v := range t.Versions {
		s, state := ui.Status{Tone: ui.OK, Word: "Đã chốt"}, ", đã chốt"
		if !v.Locked {
			s, state = ui.Status{Tone: ui.Wait, Word: "Chưa chốt"}, ", chưa chốt: trường còn thay được bản khác"
		}
		out = append(out, ui.Line{Status: s, Text: "Năm học " + YearLabel(v.Year) + ", bản " + strconv.Itoa(v.Number) + state})
	}
	return out
}

func (t Transfer) fields() []ui.Field {
	mend := func(code string) string {
		if t.Refusal != nil && t.Refusal.Code == code {
			return words.Message(code, nil)
		}
		return ""
	}
	return []ui.Field{
		{Name: "to", Label: "Trường nhận", Value: t.To, MaxLength: 150, Required: true, Error: mend("transfer.to"), Hint: "Tên đầy đủ như trong giấy tiếp nhận"},
		{Name: "province", Label: "Tỉnh, thành phố", Value: t.Province, MaxLength: 150, Hint: "Để trống nếu trong tỉnh"},
	}
}

func (t Transfer) reason() ui.Field {
	f := ui.Field{Name: "reason", Label: "Lí do", Value: t.Reason, MaxLength: 2000, Required: true, Hint: "Ghi vào danh mục của hồ sơ; nơi nhận đọc được"}
	if t.Refusal != nil && t.Refusal.Code == "transfer.reason" {
		f.Error = words.Message("transfer.reason", nil)
	}
	return f
}
