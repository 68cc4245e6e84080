package views

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// CertificatesName is what the pages of certificates are called.
const CertificatesName = "Chứng thư số"

// CertificatesURL lists certificates: a school's, or the seals below.
func CertificatesURL(y school.Year) string { return In(y, "certificates") }

// CertificateURL is one certificate.
func CertificateURL(y school.Year, id int64) string { return In(y, "certificates", id) }

// DeclareURL is where a certificate is declared; accountID 0: the seal.
func DeclareURL(y school.Year, accountID int64) string {
	if accountID == 0 {
		return In(y, "certificates", "new")
	}
	return In(y, "certificates", "new") + "?account=" + strconv.FormatInt(accountID, 10)
}

// CertificateLine is a certificate in a list.
type CertificateLine struct {
	ID      int64
	Purpose certificate.Purpose
	Holder  string
	Issuer  string
	Until   time.Time
	Stage   certificate.Stage
	Since   time.Time // of the last fact; zero: none
	Trial   bool
	Revoked bool
	June    bool // in use and ends before the first track is due
	August  bool // … the second
	Over    bool // its own time is over
}

// certificateTones are the marks of stages.
var certificateTones = map[certificate.Stage]ui.Status{
	certificate.StageDeclared:   {Tone: ui.Wait, Icon: ui.IconClock},
	certificate.StageRegistered: {Tone: ui.Wait, Icon: ui.IconClock},
	certificate.StageInUse:      {Tone: ui.OK},
	certificate.StageSuspended:  {Tone: ui.Stop, Icon: ui.IconPause},
	certificate.StageRefused:    {Tone: ui.Stop},
	certificate.StageWithdrawn:  {Tone: ui.Past, Icon: ui.IconBack},
	certificate.StageEnded:      {Tone: ui.Past, Icon: ui.IconHistory},
}

func stageStatus(s certificate.Stage) ui.Status {
	st := certificateTones[s]
	st.Word = words.CertificateStage(s)
	return st
}

func (l CertificateLine) status() ui.Status {
	if l.Stage == certificate.StageInUse && l.Over {
		return ui.Status{Tone: ui.Stop, Word: "Hết hạn"}
	}
	return stageStatus(l.Stage)
}

// season says that a certificate in use ends before a date of the season.
func (l CertificateLine) season() ui.Status {
	switch {
	case l.Stage != certificate.StageInUse || l.Over:
	case l.June:
		return ui.Status{Tone: ui.Wait, Word: "hết hạn trước 30/6"}
	case l.August:
		return ui.Status{Tone: ui.Wait, Word: "hết hạn trước 15/8"}
	}
	return ui.Status{}
}

func (l CertificateLine) since() string {
	if l.Since.IsZero() {
		return "–"
	}
	return Clock(l.Since)
}

// Certificates is the list of a school: the seal, the people, who has none.
type Certificates struct {
	Frame
	Year     school.Year
	Declares bool // the reader declares certificates
	Seals    []CertificateLine
	People   []CertificateLine
	Without  []CertificateOwner // who writes and has none in use
	Only     string             // "": all; "waiting", "season"
	Done     string
}

// CertificateOwner is somebody of the school.
type CertificateOwner struct {
	ID   int64
	Name string
}

func (c Certificates) frame() Frame {
	f := c.Frame
	f.Heading = CertificatesName
	f.Lead = "Con dấu số của trường và chứng thư của từng người ký. Quản trị khai báo, hiệu trưởng đăng ký, cấp trên duyệt con dấu."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(c.Year)}, {Label: CertificatesName}}
	if c.Declares {
		f.Actions = ui.Actions(ui.Action{Label: "Khai báo chứng thư", URL: DeclareURL(c.Year, 0), Kind: ui.Primary, Icon: ui.IconShield})
	}
	return f
}

func (c Certificates) shown() []CertificateLine {
	var out []CertificateLine
	for _, l := range c.People {
		if c.Only == "waiting" && l.Stage != certificate.StageDeclared || c.Only == "season" && l.season().Word == "" {
			continue
		}
		out = append(out, l)
	}
	return out
}

func (c Certificates) filters() []ui.Filter {
	n := map[string]int{"": len(c.People)}
	for _, l := range c.People {
		if l.Stage == certificate.StageDeclared {
			n["waiting"]++
		}
		if l.season().Word != "" {
			n["season"]++
		}
	}
	base := CertificatesURL(c.Year)
	return []ui.Filter{{Label: "Tất cả", URL: base, Count: n[""], Current: c.Only == ""},
		{Label: "Chờ xác nhận", URL: base + "?only=waiting", Count: n["waiting"], Tone: ui.Wait, Icon: ui.IconClock, Current: c.Only == "waiting"},
		{Label: "Hết hạn trong mùa ký", URL: base + "?only=season", Count: n["season"], Tone: ui.Wait, Icon: ui.IconWarn, Current: c.Only == "season"}}
}

func (c Certificates) open(l CertificateLine) ui.Action {
	return ui.Action{Label: "Mở", URL: CertificateURL(c.Year, l.ID), Hint: l.Holder}
}

// noSeal tells what to do first.
func (c Certificates) noSeal() ui.Blank {
	b := ui.Blank{Icon: ui.IconStamp, Tone: ui.Wait, Title: "Trường chưa khai báo con dấu số", Text: "Chưa phát hành được học bạ trước khi con dấu được duyệt."}
	if c.Declares {
		b.Actions = []ui.Action{{Label: "Khai báo con dấu", URL: DeclareURL(c.Year, 0)}}
	} else {
		b.Text += " Quản trị của trường khai báo."
	}
	return b
}

// Seals is the authority's list.
type Seals struct {
	Frame
	Year     school.Year
	Stage    certificate.Stage
	Query    string
	Counts   map[certificate.Stage]int
	Rows     []CertificateLine
	Expiring []ExpiringSchool
	Season   string // the day before which certificates end
	After    string // where the next page of Expiring begins; "" none
	Decides  bool
	Page     int // from 0
	More     bool
}

// ExpiringSchool counts of one school the certificates that end in the season.
type ExpiringSchool struct {
	Name   string
	Seals  int
	People int
	First  time.Time // when the first of them ends
}

func (s Seals) frame() Frame {
	f := s.Frame
	f.Heading = "Chứng thư con dấu của các trường"
	f.Lead = "Kiểm tra và duyệt chứng thư con dấu; trường chỉ phát hành và nộp được bằng con dấu đã duyệt."
	if !s.Decides {
		f.Lead += " Hôm nay cấp khác duyệt; thầy/cô theo dõi."
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(s.Year)}, {Label: CertificatesName}}
	return f
}

func (s Seals) address(stage certificate.Stage, page int) string {
	v := url.Values{}
	if stage != "" {
		v.Set("stage", string(stage))
	}
	if s.Query != "" {
		v.Set("q", s.Query)
	}
	if page > 0 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return CertificatesURL(s.Year)
	}
	return CertificatesURL(s.Year) + "?" + v.Encode()
}

func (s Seals) filters() []ui.Filter {
	all := 0
	for _, n := range s.Counts {
		all += n
	}
	out := []ui.Filter{{Label: "Tất cả", URL: s.address("", 0), Count: all, Current: s.Stage == ""}}
	for _, stage := range certificate.Stages {
		st := stageStatus(stage)
		out = append(out, ui.Filter{Label: st.Word, URL: s.address(stage, 0), Count: s.Counts[stage], Tone: st.Tone, Icon: st.Icon, Current: s.Stage == stage})
	}
	return out
}

func (s Seals) pages() ui.Pages {
	p := ui.Pages{Page: s.Page + 1, Text: fmt.Sprintf("Trang %d", s.Page+1)}
	if s.Page > 0 {
		p.Previous = s.address(s.Stage, s.Page-1)
	}
	if s.More {
		p.Next = s.address(s.Stage, s.Page+1)
	}
	return p
}

// later turns to the schools whose certificates end after those on the page.
func (s Seals) later() ui.Action {
	at := s.address(s.Stage, s.Page)
	if sep := "?"; s.After != "" {
		if strings.Contains(at, "?") {
			sep = "&"
		}
		at += sep + "after=" + s.After + "#expiring"
	}
	return ui.Action{Label: "Các trường hết hạn sau đó", URL: at}
}

func (s Seals) search() ui.Field {
	return ui.Field{Name: "q", Label: "Tìm trường", Value: s.Query, Width: "medium", Hint: "Tên hoặc mã trường", MaxLength: 100, Type: "search"}
}

func (s Seals) open(l CertificateLine) ui.Action {
	a := ui.Action{Label: "Xem", URL: CertificateURL(s.Year, l.ID), Small: true, Hint: l.Holder}
	if s.Decides && l.Stage == certificate.StageRegistered {
		a.Label = "Xem và duyệt"
	}
	return a
}

// Declare is the form in which a certificate is declared.
type Declare struct {
	Frame
	Year    school.Year
	Account int64 // chosen; 0: the seal
	Typed   string
	People  []CertificateOwner
	Checks  []certificate.Check // of a file that was refused
	Error   *fault.Error
}

func (d Declare) frame() Frame {
	f := d.Frame
	f.Heading = "Khai báo chứng thư"
	f.Lead = "Tải lên tệp chứng thư (không có khóa bí mật). Hệ thống kiểm tra ngay; hiệu trưởng đăng ký sau đó."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(d.Year)}, {Label: CertificatesName, URL: CertificatesURL(d.Year)}, {Label: "Khai báo"}}
	return f
}

func (d Declare) fields() (owner, typed, file ui.Field) {
	owner = ui.Field{Name: "account", Label: "Chứng thư của ai", Required: true, Options: []ui.Option{{Value: "0", Label: "Con dấu của trường", Selected: d.Account == 0}}}
	for _, p := range d.People {
		owner.Options = append(owner.Options, ui.Option{Value: strconv.FormatInt(p.ID, 10), Label: p.Name, Selected: p.ID == d.Account})
	}
	typed = ui.Field{Name: "typed", Label: "Mã số trên giấy tờ", Value: d.Typed, Width: "medium", InputMode: "numeric", MaxLength: 14, Required: true, Autocomplete: "off",
		Hint: "Con dấu: mã số thuế của trường. Cá nhân: 12 số định danh. Dùng để đối chiếu với chứng thư."}
	file = ui.Field{Name: "file", Label: "Tệp chứng thư", Required: true, Hint: "Tệp .cer, .crt hoặc .pem, kèm chuỗi cấp nếu có, không quá 64 KB. Không tải lên tệp .p12, .pfx."}
	if d.Error != nil {
		text := words.Message(d.Error.Code, d.Error.Args)
		switch d.Error.Code {
		case "certificate.owner":
			owner.Error = text
		case "certificate.typed":
			typed.Error = text
		case "certificate.check_failed", "certificate.role":
		default:
			file.Error = text
		}
	}
	return owner, typed, file
}

// outcomes are the marks of checks.
var outcomes = map[certificate.Outcome]ui.Status{
	certificate.Fine:      {Tone: ui.OK, Word: "Đạt"},
	certificate.Attention: {Tone: ui.Wait, Word: "Cần xem lại"},
	certificate.Failed:    {Tone: ui.Stop, Word: "Không đạt"},
	certificate.Pending:   {Tone: ui.Neutral, Icon: ui.IconClock, Word: "Chưa có kết quả"},
}

// certificateChecks are the named checks, those that speak against it first.
func certificateChecks(list []certificate.Check) []ui.Check {
	var out []ui.Check
	for _, wanted := range []certificate.Outcome{certificate.Failed, certificate.Pending, certificate.Attention, certificate.Fine} {
		for _, c := range list {
			if c.Outcome == wanted {
				out = append(out, ui.Check{Status: outcomes[c.Outcome], Name: words.CertificateCheck(c.Name), Result: words.Message(c.Code, c.Args)})
			}
		}
	}
	return out
}

// RegisterTask asks the principal for what the administrator declared.
func RegisterTask(n int, b By) Task {
	return Task{Key: "certificates-register", Count: n, Noun: "chứng thư", Title: "Chứng thư chờ thầy/cô đăng ký, xác nhận",
		Detail: "Quản trị đã khai báo. Con dấu sau đó chờ cấp trên duyệt.", Action: ui.Action{Label: "Mở chứng thư số", URL: CertificatesURL(b.Year)}}
}

// ExpiringTask tells whose certificate ends in the signing season.
func ExpiringTask(names []string, b By) Task {
	return Task{Key: "certificates-expiring", Count: len(names), Noun: "chứng thư", Title: "Hết hạn trong mùa ký",
		Detail: listed(names, 4, ", ", "chứng thư") + ". Gia hạn và khai báo chứng thư mới trước hạn nộp.",
		Action: ui.Action{Label: "Xem chứng thư", URL: CertificatesURL(b.Year) + "?only=season"}}
}

// certificateColumns are those of every list of certificates.
func certificateColumns(first string) []ui.Column {
	return []ui.Column{{Label: first + ", tổ chức cấp"}, {Label: "Hiệu lực đến"}, {Label: "Tình trạng"}, {Label: "Từ lúc"}, {Label: "Mở", Hidden: true}}
}
