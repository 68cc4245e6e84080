package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/views/paper"
	"hocba/views/ui"
	"hocba/views/words"
)

// VerificationURL is the answer about a code; QR codes hold the same address.
func VerificationURL(c bundle.Code) string { return LookupURL + "/" + string(c) }

const lookupProduct = "Kiểm tra học bạ số"

// Lookup is the page with the one field. What was typed stays after a refusal.
type Lookup struct {
	Public
	Code  string
	Error *fault.Error
}

func (l Lookup) frame() Public {
	p := l.Public
	p.Product, p.Heading = lookupProduct, "Học bạ này có thật không?"
	p.Lead = "Nhập mã in ở chân trang giấy học bạ."
	p.Title = lookupProduct
	if l.Error != nil {
		p.Title = "Lỗi: " + lookupProduct
		p.Above = ui.ErrorSummary("Chưa kiểm tra được mã", l.summary(), ui.Problems(l.field()))
	}
	return p
}

// summary is what is wrong with no field.
func (l Lookup) summary() string {
	if l.field().Error != "" {
		return ""
	}
	return words.Message(l.Error.Code, l.Error.Args)
}

func (l Lookup) field() ui.Field {
	f := ui.Field{Name: "code", Label: "Mã tra cứu", Value: l.Code, Mono: true, Autocomplete: "off", Required: true, MaxLength: 200,
		Hint:  "12 chữ và số. Viết liền hay cách, hoa hay thường đều được.",
		Attrs: map[string]any{"autocapitalize": "characters", "spellcheck": "false"}}
	if l.Error != nil && l.Error.Code == "lookup.code" {
		f.Error, f.Autofocus = words.Message(l.Error.Code, l.Error.Args), true
	}
	return f
}

// Verification is the answer about a code: the verdict, the least facts, what
// was checked, and last the question for the second fact. Record is nil where
// nothing may be told about one.
type Verification struct {
	Public
	Code      bundle.Code
	Answer    verify.Answer
	Record    *bundle.Record
	CheckedAt time.Time
	// ProvableUntil is how long the signatures can be proven; zero: not known.
	ProvableUntil time.Time

	Birth string       // as typed, after a refusal
	Error *fault.Error // of the second fact
}

func (v Verification) frame() Public {
	p := v.Public
	p.Product, p.Title = lookupProduct, v.block().Title
	if v.Error != nil {
		p.Title = "Lỗi: " + p.Title
	}
	return p
}

// block is the verdict with its date.
func (v Verification) block() ui.Answer {
	s := v.Answer.Standing
	a := VerdictAnswer(v.Answer.Verdict, map[string]string{"date": v.since(), "version": strconv.Itoa(s.ReplacedBy)})
	switch {
	case v.Answer.Verdict == verify.VerdictReplaced && v.Record != nil:
		a.Text = "Tờ giấy này là bản\u00a0" + strconv.Itoa(v.Record.General.Version) + ". " + a.Text
	case v.Answer.Verdict == verify.VerdictRecalled && s.Current != 0:
		a.Text = "Giấy thật, nhưng trường đã rút bản này. Nay đã có bản khác."
	case v.Answer.Verdict == verify.VerdictRevoked && s.Current != 0:
		a.Text += fmt.Sprintf(" Bản\u00a0%d đã thay thế, từ %s.", s.Current, Day(s.CurrentSince))
	}
	return a
}

// since is the day of the fact that made the verdict.
func (v Verification) since() string {
	s := v.Answer.Standing
	switch v.Answer.Verdict {
	case verify.VerdictValid:
		return Day(s.Locked)
	case verify.VerdictReplaced:
		return Day(s.Replaced)
	case verify.VerdictRecalled:
		return Day(s.Recalled)
	case verify.VerdictRevoked:
		return Day(s.Revoked)
	}
	return ""
}

// advice is what the holder of the paper does next; "" when nothing.
func (v Verification) advice() string {
	switch v.Answer.Verdict {
	case verify.VerdictUnlocked:
		return "Nếu cần bản chắc chắn, kiểm tra lại sau khi Sở chốt; mã vẫn như cũ."
	case verify.VerdictReplaced:
		return "Xin trường bản in mới. Bản mới có mã riêng ở chân trang."
	case verify.VerdictRecalled, verify.VerdictRevoked:
		if v.Answer.Standing.Current != 0 {
			return "Xin trường bản in mới. Bản mới có mã riêng ở chân trang."
		}
		return "Hỏi trường đã phát hành về bản mới."
	case verify.VerdictUnknown:
		return "So từng chữ với mã trên giấy rồi nhập lại. Nếu vẫn không thấy, hỏi trường đã phát hành."
	case verify.VerdictUnchecked:
		return "Giữ tờ giấy và thử lại sau ít phút. Nếu vẫn vậy, hỏi trường hoặc Sở."
	}
	return ""
}

// facts are the least that the holder needs to compare with the paper. What is
// no longer in force says nothing about the pupil.
func (v Verification) facts() []ui.Fact {
	code := ui.Fact{Name: "Mã", Value: v.Code.String(), Code: true}
	if v.Record == nil {
		if v.Code == "" {
			return nil
		}
		code.Name = "Mã đã nhập"
		return []ui.Fact{code}
	}
	g, s := v.Record.General, v.Answer.Standing
	version := joinedVersion(g.Version, "phát hành "+v.Record.Issuance.Date.Vietnamese())
	place := []ui.Fact{{Name: "Trường", Value: g.School.Name}, {Name: "Năm học", Value: YearLabel(g.Year)}}
	if v.Answer.Verdict.Genuine() {
		facts := append([]ui.Fact{{Name: "Học sinh", Value: Initials(v.Record.Content.Pupil.Name)}}, place...)
		facts = append(facts, ui.Fact{Name: "Lớp", Value: v.Record.Content.Class.Name}, ui.Fact{Name: "Bản", Value: version}, code)
		if !v.ProvableUntil.IsZero() {
			facts = append(facts, ui.Fact{Name: "Chứng minh được đến", Value: Day(v.ProvableUntil), Soft: true})
		}
		return facts
	}
	code.Name = "Mã đã nhập"
	facts := append(place, ui.Fact{Name: "Bản trên giấy", Value: version})
	if s.Current != 0 {
		facts = append(facts, ui.Fact{Name: "Bản hiện hành", Value: joinedVersion(s.Current, "từ "+Day(s.CurrentSince))})
	}
	return append(facts, code)
}

func joinedVersion(n int, when string) string {
	return strconv.Itoa(n) + ", " + strings.ReplaceAll(when, "từ ", "từ\u00a0")
}

// Initials are the first letters of a name: "N. K. C.".
func Initials(name string) string {
	var out []string
	for _, word := range strings.Fields(name) {
		for _, r := range word {
			out = append(out, string(unicode.ToUpper(r))+".")
			break
		}
	}
	return strings.Join(out, "\u00a0")
}

// checks are the named checks, those that made the verdict first.
func (v Verification) checks() []ui.Check {
	var out []ui.Check
	for _, f := range v.Answer.Findings {
		out = append(out, v.check(f))
	}
	return out
}

// findingNames name each finding when it is so, and when it is not.
var findingNames = map[string][2]string{
	verify.FindingIntact:    {"Nội dung còn nguyên", "Nội dung khác lúc ký"},
	verify.FindingSigned:    {"Đủ chữ ký", "Chữ ký chưa đúng"},
	verify.FindingCertified: {"Chứng thư còn hiệu lực khi ký", "Chứng thư chưa xác nhận được"},
	verify.FindingRules:     {"Đúng quy định đánh giá", "Chưa đúng quy định đánh giá"},
	verify.FindingReceived:  {"Sở đã nhận", "Chưa thấy biên nhận của Sở"},
	verify.FindingLocked:    {"Đã chốt", "Chưa chốt"},
	verify.FindingLatest:    {"Là bản mới nhất", "Không phải bản mới nhất"},
}

func (v Verification) check(f verify.Finding) ui.Check {
	names := findingNames[f.Name]
	c := ui.Check{Name: names[0], Status: ui.Status{Tone: ui.OK, Word: "đạt"}}
	if f.Status != verify.OK {
		c.Name, c.Status = names[1], v.missed(f)
		if f.Status == verify.Unknown {
			c.Name = names[0] + ": chưa kiểm tra được"
		}
	}
	c.Result, c.More = v.result(f)
	return c
}

// missed is how a finding that is not so looks.
func (v Verification) missed(f verify.Finding) ui.Status {
	switch {
	case f.Status == verify.Unknown:
		return ui.Status{Tone: ui.Neutral, Word: "chưa rõ", Icon: ui.IconWarn}
	case f.Name == verify.FindingLocked:
		return ui.Status{Tone: ui.Wait, Word: "chưa"}
	case f.Name == verify.FindingLatest && v.Answer.Verdict == verify.VerdictRevoked:
		return ui.Status{Tone: ui.Stop, Word: "không đạt", Icon: ui.IconBack}
	case f.Name == verify.FindingLatest:
		return ui.Status{Tone: ui.Past, Word: "không đạt"}
	}
	return ui.Status{Tone: ui.Stop, Word: "không đạt"}
}

// result is the second line of a finding, and what opens below it.
func (v Verification) result(f verify.Finding) (result, more string) {
	s := v.Answer.Standing
	switch f.Name {
	case verify.FindingIntact:
		if f.Status != verify.OK {
			return "", "Máy chủ báo lỗi này cho quản trị của Sở. Tờ giấy chưa chắc sai."
		}
		return "Không chữ nào bị sửa", "Hệ thống vừa tính lại từng chữ ký trên toàn bộ tệp gốc trong kho của Sở."
	case verify.FindingSigned:
		return v.signers(), v.signingDays()
	case verify.FindingCertified:
		return v.certificates()
	case verify.FindingReceived:
		if f.Status != verify.OK {
			return "", ""
		}
		return "Biên nhận " + strings.ReplaceAll(stamp(s.Accepted), " ", "\u00a0"), "Biên nhận mang chữ ký số của kho học bạ và dấu vết (SHA-256) của đúng tệp này."
	case verify.FindingLocked:
		return v.lockLine()
	case verify.FindingLatest:
		return v.latestLine(), "Trường rút hoặc thay được một bản trước khi chốt; sau khi chốt thì phải được duyệt thu hồi."
	}
	return "", ""
}

func (v Verification) lockLine() (result, more string) {
	s := v.Answer.Standing
	switch {
	case !s.Revoked.IsZero():
		return Day(s.Locked), "Có hiệu lực từ ngày này tới khi bị thu hồi."
	case !s.Locked.IsZero():
		return Day(s.Locked), "Từ ngày này học bạ có hiệu lực và không ai sửa được."
	case !s.Replaced.IsZero():
		return "Bản này bị thay trước khi chốt", ""
	case !s.Recalled.IsZero():
		return "Trường rút trước khi chốt", ""
	}
	return "Trường còn có thể thay bản này", "Sở chốt theo đợt: trước ngày 30/6, hoặc 15/8 với học sinh đánh giá bổ sung trong hè."
}

func (v Verification) latestLine() string {
	s := v.Answer.Standing
	switch v.Answer.Verdict {
	case verify.VerdictRevoked:
		return "Thu hồi ngày\u00a0" + Day(s.Revoked)
	case verify.VerdictRecalled:
		return "Trường rút ngày\u00a0" + Day(s.Recalled)
	case verify.VerdictReplaced:
		return "Bản\u00a0" + strconv.Itoa(s.ReplacedBy) + " thay từ\u00a0" + Day(s.Replaced)
	}
	return "Chưa bị thay thế hay thu hồi"
}

// signers counts who signed, without names: "9 giáo viên, chủ nhiệm, hiệu
// trưởng, trường".
func (v Verification) signers() string {
	teachers, parts := 0, []string{}
	for _, s := range v.Answer.Signers {
		switch s.Role {
		case bundle.SubjectTeacher:
			teachers++
		case bundle.Homeroom:
			parts = append(parts, "chủ nhiệm")
		case bundle.Approval:
			parts = append(parts, v.approver())
		case bundle.Seal:
			parts = append(parts, "trường")
		}
	}
	if teachers > 0 {
		parts = append([]string{strconv.Itoa(teachers) + "\u00a0giáo viên"}, parts...)
	}
	return strings.Join(parts, ", ")
}

func (v Verification) approver() string {
	if v.Record != nil && v.Record.General.Approver.Title == bundle.DeputyForHead {
		return "phó hiệu trưởng"
	}
	return "hiệu trưởng"
}

// signingDays are the days of the last signature of each capacity.
func (v Verification) signingDays() string {
	var out []string
	last := map[bundle.Role]time.Time{}
	for _, s := range v.Answer.Signers {
		if s.SignedAt.After(last[s.Role]) {
			last[s.Role] = s.SignedAt
		}
	}
	for _, role := range []bundle.Role{bundle.SubjectTeacher, bundle.Homeroom, bundle.Approval, bundle.Seal} {
		if at := last[role]; !at.IsZero() {
			out = append(out, words.SlotRole(role)+": "+Day(at))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "; ") + "."
}

// certificates counts the certificates and names who gave them.
func (v Verification) certificates() (result, more string) {
	seen, issuers := map[string]bool{}, []string{}
	for _, s := range v.Answer.Signers {
		if s.Certificate == "" {
			continue
		}
		seen[s.Certificate] = true
		if !seen["issuer "+s.Issuer] {
			seen["issuer "+s.Issuer] = true
			issuers = append(issuers, s.Issuer)
		}
	}
	if len(issuers) == 0 {
		return "", ""
	}
	more = "Do " + strings.Join(issuers, ", ") + " cấp."
	if v.Answer.Trial {
		more += " " + words.TrialSignature + "."
	}
	return strconv.Itoa(len(seen)-len(issuers)) + " chứng thư", more
}

// stamp is an instant, "25/06/2026 09:41".
func stamp(t time.Time) string { return t.In(school.Zone).Format("02/01/2006 15:04") }

func (v Verification) checkedAt() string {
	t := v.CheckedAt.In(school.Zone)
	return "Kiểm tra lúc " + t.Format("15:04") + " ngày\u00a0" + t.Format("02/01/2006")
}

func (v Verification) birthField() ui.Field {
	f := ui.Field{Name: "birth", Label: "Ngày sinh", Hint: "Ví dụ 14/03/2016", Value: v.Birth, Autocomplete: "off", Required: true, MaxLength: 20,
		InputMode: "text"}
	if v.Error != nil {
		f.Error, f.Autofocus = words.Message(v.Error.Code, v.Error.Args), true
	}
	return f
}

// Contents is the year page, shown to who knows the second fact.
type Contents struct {
	Verification
	Year  paper.Year
	Error *fault.Error // why the paper could not be made
}

func (c Contents) frame() Public {
	p := c.Public
	p.Product, p.Title = lookupProduct, "Nội dung học bạ"
	p.Heading = "Nội dung học bạ"
	p.Lead = c.block().Title + ". Trang này không lưu lại trên máy; đóng trang rồi thì nhập lại ngày sinh để xem."
	if c.Error != nil {
		p.Title = "Lỗi: " + p.Title
		p.Above = ui.ErrorSummary("Chưa tải được bản in", words.Message(c.Error.Code, c.Error.Args), nil)
	}
	return p
}

func (c Contents) download() ui.Action {
	return ui.Action{Label: "Tải bản in (PDF)", URL: VerificationURL(c.Code) + "/pdf", Method: "POST", Kind: ui.Primary,
		Icon: ui.IconDownload, Full: true, Fields: []ui.Hidden{{Name: "birth", Value: c.Birth}}}
}
