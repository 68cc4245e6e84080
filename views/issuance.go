package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
	"hocba/views/words"
)

// IssuanceForm is what stands before the seal is set: the checks, where the
// records are issued, the seal's PIN.
type IssuanceForm struct {
	Dry   DryRun
	Seal  Seal
	Place string // as it stands in the field
	With  SignWith
	Fault *fault.Error // why it was not taken
}

// Issuance is the page on which approved records of classes get the school's
// seal: the dry run of the school.
type Issuance struct {
	Frame
	Year    school.Year
	Classes []ApprovalClass
	Form    IssuanceForm
	Job     *SigningJob // of several classes, not over
}

// ClassIssuance is one class, record by record.
type ClassIssuance struct {
	Frame
	Year      school.Year
	ClassID   int64
	ClassName string
	Rows      []IssuanceRow
	Form      IssuanceForm
	Job       *SigningJob // of this class, not over
	Preview   bool        // the papers can be looked at before
}

// IssuanceRow is a record of the class. Next is the PHIEN_BAN it gets.
type IssuanceRow struct {
	Number     int // in the roll
	RecordID   int64
	Name       string
	Stage      workflow.Stage
	ApprovedBy string
	ApprovedAt time.Time
	Next       int
	// What stands in the way of the seal; "" for nothing.
	Code     string
	Args     map[string]string
	Unsigned []SigningWait
}

// ClassIssuanceURL is where records of one class are issued.
func ClassIssuanceURL(y school.Year, classID int64) string { return In(y, "issuance", classID) }

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

func (p Issuance) frame() Frame {
	f := p.Frame
	f.Heading = "Phát hành học bạ"
	f.Lead = "Chưa có học bạ nào đã duyệt mà chưa phát hành."
	if _, n := p.ready(); n > 0 {
		f.Lead = fmt.Sprintf("%s em đã duyệt, chờ con dấu của trường.", ui.Number(n))
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Phát hành"}}
	return f
}

// ready counts what the seal can be set on.
func (p Issuance) ready() (classes, records int) {
	for _, c := range p.Classes {
		if c.Issuable > 0 {
			classes, records = classes+1, records+c.Issuable
		}
	}
	return classes, records
}

// blocked counts what is not approved yet.
func (p Issuance) blocked() int {
	n := 0
	for _, c := range p.Classes {
		n += c.Before + c.Returned + c.Waiting
	}
	return n
}

func (p Issuance) form() bool {
	classes, _ := p.ready()
	return p.Form.ready() && classes > 0 && (p.Job == nil || p.Job.State == "stopped")
}

// shown are the classes with something to issue, or issued, or on the way.
func (p Issuance) shown() []ApprovalClass {
	var out []ApprovalClass
	for _, c := range p.Classes {
		if !c.Paper && c.OnRoll > 0 {
			out = append(out, c)
		}
	}
	return out
}

func (p Issuance) grid() ui.Grid {
	g := ui.Grid{Caption: "Phát hành theo lớp", Folds: true}
	if p.form() {
		g.Columns = []ui.Column{{Label: "Chọn", Fit: true}}
	}
	g.Columns = append(g.Columns, ui.Column{Label: "Lớp"}, ui.Column{Label: "Chờ đóng dấu", Num: true}, ui.Column{Label: "Đã phát hành", Num: true},
		ui.Column{Label: "Chưa duyệt", Num: true}, ui.Column{Label: "Mở", Hidden: true, Fit: true})
	return g
}

func (c ApprovalClass) issueBox() DryBox {
	return DryBox{Name: "class", Value: strconv.FormatInt(c.ID, 10), Label: "Phát hành lớp " + c.Name + " cùng đợt",
		Checked: true}
}

func (c ApprovalClass) issued() int { return max(0, c.Approved-c.Issuable) }

func (p Issuance) chosen() string {
	classes, records := p.ready()
	return fmt.Sprintf("chọn sẵn %s lớp, %s em", ui.Number(classes), ui.Number(records))
}

// groups is the dry run of the school by its answers.
func (p Issuance) groups() []DryGroup {
	ready := DryGroup{Status: ui.Status{Tone: ui.Neutral, Icon: ui.IconCheck, Word: "Đóng dấu được"}, What: "Đã duyệt, đủ chữ ký. Chọn lớp ở dưới để đóng dấu một lần."}
	waiting := DryGroup{Status: ui.Status{Tone: ui.Wait, Icon: ui.IconPen, Word: "Chờ duyệt"}, What: "Hiệu trưởng duyệt trước."}
	returned := DryGroup{Status: ui.Status{Tone: ui.Past, Icon: ui.IconBack, Word: "Đang trả lại"}, What: "Chờ giáo viên sửa hoặc giữ nguyên."}
	before := DryGroup{Status: ui.Status{Tone: ui.Stop, Word: "Chưa đủ chữ ký giáo viên"}, What: "Giáo viên bộ môn, rồi chủ nhiệm ký trước."}
	done := DryGroup{Status: ui.Status{Tone: ui.OK, Icon: ui.IconPaper, Word: "Đã phát hành"}, What: "Không đóng dấu lần nữa."}
	for _, c := range p.shown() {
		approval := ui.Link{Label: "Lớp " + c.Name, URL: ApprovalClassURL(c.Year, c.ID)}
		ready.add(c.Issuable, ui.Link{Label: "Lớp " + c.Name, URL: ClassIssuanceURL(c.Year, c.ID)}, "")
		waiting.add(c.Waiting, approval, "")
		returned.add(c.Returned, approval, c.Homeroom)
		who := c.lacking()
		if who == "" {
			who = c.Homeroom
		}
		before.add(c.Before, approval, who)
		done.Count += c.issued()
	}
	return some(waiting, returned, before, ready, done)
}

func (p ClassIssuance) frame() Frame {
	f := p.Frame
	f.Heading = "Phát hành học bạ · lớp " + p.ClassName
	f.Lead = "Chưa có em nào đã duyệt mà chưa phát hành."
	if n := p.count(IssuanceRow.ready); n > 0 {
		f.Lead = fmt.Sprintf("%d em đã duyệt, chờ con dấu của trường.", n)
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(p.Year)}, {Label: "Phát hành", URL: IssuanceURL(p.Year)}, {Label: "Lớp " + p.ClassName}}
	return f
}

func (r IssuanceRow) ready() bool { return r.Code == "" }
func (r IssuanceRow) done() bool  { return !r.Stage.BeforeIssue() }

func (p ClassIssuance) count(is func(IssuanceRow) bool) int {
	n := 0
	for _, r := range p.Rows {
		if is(r) {
			n++
		}
	}
	return n
}

func (p ClassIssuance) blocked() int {
	return len(p.Rows) - p.count(IssuanceRow.ready) - p.count(IssuanceRow.done)
}

func (p ClassIssuance) form() bool {
	return p.Form.ready() && p.count(IssuanceRow.ready) > 0 && (p.Job == nil || p.Job.State == "stopped")
}

func (p ClassIssuance) counts() string {
	var parts []string
	for _, c := range []struct {
		n    int
		text string
	}{{p.count(IssuanceRow.ready), "%d em đóng dấu được"}, {p.blocked(), "%d em báo vướng"}, {p.count(IssuanceRow.done), "%d em đã phát hành"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf(c.text, c.n))
		}
	}
	return strings.Join(parts, " · ")
}

// boxes names the column of check boxes; "" where nothing can be chosen.
func (p ClassIssuance) boxes() string {
	if p.form() {
		return "Phát hành"
	}
	return ""
}

// dryRows is the dry run of the class: what is blocked on top, then what can be
// sealed, then what is.
func (p ClassIssuance) dryRows() []DryRow {
	ranked := make([][]DryRow, 3)
	for _, r := range p.Rows {
		row, rank := p.dryRow(r)
		if p.form() {
			row.Box = &DryBox{Name: "record", Value: strconv.FormatInt(r.RecordID, 10), Label: "Phát hành " + r.Name, Checked: rank == 1, Disabled: rank != 1}
		}
		ranked[rank] = append(ranked[rank], row)
	}
	return slices.Concat(ranked...)
}

func (p ClassIssuance) dryRow(r IssuanceRow) (row DryRow, rank int) {
	row = DryRow{Number: r.Number, Name: r.Name, URL: RecordURL(p.Year, r.RecordID), Why: "–", Who: "–"}
	switch {
	case r.ready():
		row.Status = ui.Status{Tone: ui.Neutral, Icon: ui.IconCheck, Word: "Đóng dấu được"}
		row.Small, row.Why = r.ApprovedBy+" duyệt", fmt.Sprintf("Duyệt %s, bản\u00a0%d", dayTime(r.ApprovedAt), r.Next)
		if p.Preview {
			row.Links = []ui.Action{{Label: "Xem trước", URL: PreviewURL(p.Year, r.RecordID), NewTab: true, Hint: "bản in của " + r.Name}}
		}
		return row, 1
	case r.done():
		row.Status = StageStatus(r.Stage)
		return row, 2
	}
	signing := SigningRow{Code: r.Code, Args: r.Args, Unsigned: r.Unsigned}
	row.Status, row.Why, row.Who = ui.Status{Tone: ui.Stop, Word: "Chưa phát hành được"}, signing.why(), signing.who()
	row.Links = []ui.Action{{Label: "Xem", URL: row.URL, Hint: r.Name}}
	return row, 0
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

// seal is the line of the seal among the checks.
func (f IssuanceForm) seal(year school.Year) ui.Line {
	state := f.Seal.state()
	l := ui.Line{Status: state, Strong: "Con dấu:", Text: state.Word + "."}
	l.Status.Word = ""
	if f.Seal.Holder != "" {
		l.More = f.Seal.Holder + " · " + f.Seal.Issuer
	}
	if !f.Seal.Usable {
		l.Link = &ui.Link{Label: "Xem chứng thư", URL: CertificatesURL(year)}
	} else if s, text := f.Dry.lasts(f.Seal.Until); s.Tone != ui.OK {
		l.Status, l.Text = s, "cấp trên đã duyệt, "+text
	}
	return l
}

// checklist is what must be true before anything is issued: ready records can
// be sealed, blocked ones cannot.
func (f IssuanceForm) checklist(year school.Year, ready, blocked int) []ui.Line {
	return []ui.Line{f.Dry.person(), f.seal(year), dryOrder(ready, blocked, "chữ ký và đã được duyệt"), f.Dry.time(),
		{Status: ui.Status{Tone: ui.OK}, Strong: "Sau khi phát hành:", Text: "bản ấy không sửa được; có chỗ sai thì mở lại và phát hành bản tiếp theo."}}
}

func (f IssuanceForm) ready() bool { return f.Seal.Usable && f.Dry.Allowed }

func (f IssuanceForm) fields() (place, pin ui.Field) {
	place = ui.Field{ID: "place", Name: "place", Label: "Nơi phát hành", Value: f.Place, Width: "medium", MaxLength: 100, Required: true,
		Hint: "In trước ngày ký, ví dụ “Hải Sơn, ngày 20 tháng 6”"}
	pin = ui.Field{ID: "pin", Name: "pin", Label: "Mã PIN của con dấu", Width: "medium", Autocomplete: "off", Required: true,
		Hint: "Từ 8 kí tự, khác mã PIN ký cá nhân"}
	if f.Fault != nil {
		text := words.Message(f.Fault.Code, f.Fault.Args)
		if f.Fault.Code == "issuance.place" {
			place.Error = text
		} else {
			pin.Error = text
		}
	}
	return place, pin
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
