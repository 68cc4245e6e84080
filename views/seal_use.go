package views

import (
	"fmt"
	"strconv"
	"time"

	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// SealBookName is what the book of the seal's uses is called.
const SealBookName = "Sổ sử dụng con dấu số"

// SealBookURL is a school's seal book; schoolID 0: the reader's own school.
func SealBookURL(y school.Year, schoolID int64) string { return sealBook(y, schoolID, 0, "") }

func sealBook(y school.Year, schoolID int64, page int, file string) string {
	address, sign := In(y, "seal-uses")+file, "?"
	if schoolID != 0 {
		address, sign = address+sign+"school="+strconv.FormatInt(schoolID, 10), "&"
	}
	if page > 0 {
		address += sign + "page=" + strconv.Itoa(page)
	}
	return address
}

// SealUse is a line of the book.
type SealUse struct {
	Act         string
	By          string
	Role        string
	Certificate string
	KeyKept     *bool
	ClassName   string
	Records     int
	First, Last time.Time
	StatementID int64
}

// SealBook is the book of a school and year.
type SealBook struct {
	Frame
	Year   school.Year
	School string // name; "" the reader's own
	ID     int64  // of the school; 0 the reader's own
	Uses   []SealUse
	Page   int // from 0
	More   bool
}

func (b SealBook) frame() Frame {
	f := b.Frame
	f.Heading = SealBookName
	f.Lead = "Mỗi lần dùng con dấu số của trường trong năm học: ai, bao nhiêu học bạ, vào việc gì."
	if b.School != "" {
		f.Heading += " – " + b.School
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(b.Year)}, {Label: CertificatesName, URL: CertificatesURL(b.Year)}, {Label: SealBookName}}
	f.Actions = ui.Actions(ui.Action{Label: "Tải sổ (.xlsx)", URL: sealBook(b.Year, b.ID, 0, "/book.xlsx"), Icon: ui.IconDownload})
	return f
}

var sealActs = map[string]string{"PHAT_HANH": "Phát hành học bạ", "NOP": "Nộp Sở", "THU_HOI": "Rút học bạ", "CHOT": "Chốt lớp", "DE_NGHI_THU_HOI": "Đề nghị thu hồi"}

func (u SealUse) act() string {
	text := sealActs[u.Act]
	if u.ClassName != "" {
		text += ", lớp " + u.ClassName
	}
	return text
}

func (u SealUse) when() string {
	if u.First.Equal(u.Last) || HourMinute(u.First) == HourMinute(u.Last) {
		return Clock(u.Last)
	}
	return HourMinute(u.First) + "–" + Clock(u.Last)
}

func (u SealUse) who() string {
	if u.Role == "" {
		return u.By
	}
	return u.By + ", " + words.Role(workflow.Role(u.Role))
}

// key says with which certificate, and where its key lies.
func (u SealUse) key() string {
	switch {
	case u.Certificate == "":
		return "ghi trong phiếu đã ký"
	case u.KeyKept == nil:
		return u.Certificate[:16] + "…"
	case *u.KeyKept:
		return u.Certificate[:16] + "…, khóa trên hệ thống"
	}
	return u.Certificate[:16] + "…, khóa trên thiết bị hoặc dịch vụ ký"
}

// open leads to the statement, for those whose school it is.
func (b SealBook) open(u SealUse) *ui.Action {
	if u.StatementID == 0 || b.ID != 0 {
		return nil
	}
	return &ui.Action{Label: "Xem phiếu", URL: StatementURL(b.Year, u.StatementID), Small: true, Hint: u.act()}
}

func (b SealBook) pages() ui.Pages {
	p := ui.Pages{Page: b.Page + 1, Text: fmt.Sprintf("Trang %d", b.Page+1)}
	if b.Page > 0 {
		p.Previous = sealBook(b.Year, b.ID, b.Page-1, "")
	}
	if b.More {
		p.Next = sealBook(b.Year, b.ID, b.Page+1, "")
	}
	return p
}

// SealBookSheet is the book as a table to take away: title, headings and rows.
func SealBookSheet(b SealBook, unit string) (title, headings []string, rows [][]any) {
	title = []string{SealBookName, unit + ", năm học " + YearLabel(b.Year)}
	headings = []string{"STT", "Việc", "Số học bạ", "Người đóng dấu", "Từ lúc", "Đến lúc", "Chứng thư con dấu"}
	for i, u := range b.Uses {
		rows = append(rows, []any{i + 1, u.act(), u.Records, u.who(), Clock(u.First), Clock(u.Last), u.key()})
	}
	return title, headings, rows
}
