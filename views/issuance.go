package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// Issuance is the page on which approved records get the school's seal.
type Issuance struct {
	Frame
	Year    school.Year
	Classes []IssuanceClass
	Seal    Seal
	Place   string // as it stands in the field
	With    SignWith
	Allowed bool  // a deputy needs a delegation
	ClassID int64 // whose form was refused
	Fault   *fault.Error
	Preview bool // the papers can be looked at before
}

// IssuanceClass is a class with records that can be issued.
type IssuanceClass struct {
	ID   int64
	Name string
	Rows []IssuanceRow
}

// IssuanceRow is one of them. Next is the PHIEN_BAN it gets.
type IssuanceRow struct {
	RecordID   int64
	Name       string
	ApprovedBy string
	ApprovedAt time.Time
	Next       int
}

// Seal is the school's seal as the page shows it.
type Seal struct {
	Holder    string // name in the certificate; "" when the school has none
	Issuer    string
	Until     time.Time
	Stage     certificate.Stage
	Usable    bool
	Expired   bool
	NotYetDue bool // its dates have not begun
}

func (p Issuance) columns() []ui.Column {
	columns := []ui.Column{{Label: "Phát hành", Fit: true}, {Label: "Học sinh"}, {Label: "Người duyệt"}, {Label: "Duyệt lúc"}, {Label: "Bản", Num: true}}
	if p.Preview {
		columns = append(columns, ui.Column{Label: "Bản in", Fit: true})
	}
	return columns
}

func (p Issuance) frame() Frame {
	f := p.Frame
	f.Heading = "Phát hành học bạ"
	n := 0
	for _, c := range p.Classes {
		n += len(c.Rows)
	}
	f.Lead = "Chưa có học bạ nào đã duyệt mà chưa phát hành."
	if n > 0 {
		f.Lead = fmt.Sprintf("%s em đã duyệt, chờ con dấu của trường.", ui.Number(n))
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Phát hành"}}
	return f
}

// state is the seal in a word.
func (s Seal) state() ui.Status {
	switch {
	case s.Usable:
		return ui.Status{Tone: ui.OK, Word: "Cấp trên đã duyệt, dùng được đến " + Day(s.Until)}
	case s.Holder == "":
		return ui.Status{Tone: ui.Stop, Word: "Trường chưa có chứng thư con dấu"}
	case s.Stage == certificate.StageRefused:
		return ui.Status{Tone: ui.Stop, Word: "Cấp trên chưa chấp nhận chứng thư này"}
	case s.Stage == certificate.StageEnded:
		return ui.Status{Tone: ui.Stop, Word: "Chứng thư đã ngừng dùng"}
	case s.Stage == certificate.StageSuspended:
		return ui.Status{Tone: ui.Stop, Icon: ui.IconPause, Word: "Chứng thư đang tạm dừng"}
	case s.Stage == certificate.StageDeclared:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ hiệu trưởng đăng ký chứng thư"}
	case s.Expired:
		return ui.Status{Tone: ui.Stop, Word: "Chứng thư hết hạn ngày " + Day(s.Until)}
	case s.NotYetDue:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chứng thư chưa đến ngày dùng"}
	}
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ cấp trên duyệt chứng thư"}
}

// checklist is what must be true before anything is issued.
func (p Issuance) checklist() []ui.Line {
	seal := p.Seal.state()
	line := ui.Line{Status: seal, Strong: "Con dấu:", Text: seal.Word}
	line.Status.Word = ""
	if p.Seal.Holder != "" {
		line.More = p.Seal.Holder + " · " + p.Seal.Issuer
	}
	out := []ui.Line{line,
		{Status: ui.Status{Tone: ui.OK}, Strong: "Nội dung:", Text: "chỉ học bạ đã duyệt và còn đủ chữ ký mới được phát hành."},
		{Status: ui.Status{Tone: ui.OK}, Strong: "Sau khi phát hành:", Text: "bản ấy không sửa được; có chỗ sai thì mở lại và phát hành bản tiếp theo."}}
	if !p.Allowed {
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Stop}, Strong: "Ủy quyền:", Text: "thầy/cô chưa có quyết định ủy quyền còn hiệu lực; hiệu trưởng lập ở mục Duyệt học bạ."})
	}
	return out
}

func (p Issuance) ready() bool { return p.Seal.Usable && p.Allowed }

func (p Issuance) fields(c IssuanceClass) (place, pin ui.Field) {
	id := strconv.FormatInt(c.ID, 10)
	place = ui.Field{ID: "place-" + id, Name: "place", Label: "Nơi phát hành", Value: p.Place, Width: "medium", MaxLength: 100, Required: true,
		Hint: "In trước ngày ký, ví dụ “Hải Sơn, ngày 20 tháng 6”"}
	pin = ui.Field{ID: "pin-" + id, Name: "pin", Label: "Mã PIN của con dấu", Width: "medium", Autocomplete: "off", Required: true,
		Hint: "Từ 8 kí tự, khác mã PIN ký cá nhân"}
	if p.Fault != nil && p.ClassID == c.ID {
		text := words.Message(p.Fault.Code, p.Fault.Args)
		if p.Fault.Code == "issuance.place" {
			place.Error = text
		} else {
			pin.Error = text
		}
	}
	return place, pin
}

func (c IssuanceClass) issue() ui.Action {
	return ui.Action{Label: "Đóng dấu, phát hành lớp " + c.Name, Kind: ui.Primary, Icon: ui.IconStamp}
}

// PlaceName is the name of a commune without its kind, as it stands before a
// date: "Hải Sơn" of "Phường Hải Sơn".
func PlaceName(commune string) string {
	for _, kind := range []string{"Phường ", "Xã ", "Đặc khu "} {
		if name, ok := strings.CutPrefix(commune, kind); ok {
			return name
		}
	}
	return commune
}
