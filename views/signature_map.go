package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/views/ui"
	"hocba/views/words"
)

// RecordSignature is a line of the signature map.
type RecordSignature struct {
	Slot     record.Slot
	Signer   string
	Subjects []school.Subject
	Version  int
	At       time.Time
	Holder   string // name in the certificate; "" when it is not kept here
	Issuer   string
	Serial   string
	Mark     string           // beginning of the certificate's fingerprint
	Trial    bool             // no legal value
	Way      signing.Provider // where the key lies
	WayLabel string           // as the school calls it; "" of the trial key store
	Live     bool
	Cause    record.Cause // of a void; "" for none
	EndedAt  time.Time
	Changes  []RecordChange // what ended it
	Opened   *bool          // of an approval: its signer had opened the record; nil: not known
}

// live and ended are the two halves of the map, each in the order of signing.
func (p RecordPage) live() []RecordSignature  { return p.signaturesThat(true) }
func (p RecordPage) ended() []RecordSignature { return p.signaturesThat(false) }

func (p RecordPage) signaturesThat(live bool) []RecordSignature {
	var out []RecordSignature
	for _, s := range p.Signatures {
		if s.Live == live {
			out = append(out, s)
		}
	}
	return out
}

// waiting are the parts that nobody has signed yet, by whose they are; none
// where subject teachers do not sign and the page is signed.
func (p RecordPage) waiting() []ui.Line {
	if !p.Stage.BeforeIssue() {
		return nil
	}
	var owners []string
	parts := map[string][]string{}
	for _, v := range p.Parts {
		if v.Signed != nil || v.Subject != "" && !p.teachersSign() {
			continue
		}
		owner := v.Owner.Name
		if owner == "" {
			owner = "Chưa phân công ai"
		}
		if parts[owner] == nil {
			owners = append(owners, owner)
		}
		parts[owner] = append(parts[owner], PartLabel(v.ID))
	}
	out := make([]ui.Line, len(owners))
	for i, owner := range owners {
		out[i] = ui.Line{Status: ui.Status{Tone: ui.Wait, Icon: ui.IconPen, Word: "Chưa ký"}, Strong: owner, Text: "chưa ký: " + strings.Join(parts[owner], ", ")}
	}
	return out
}

// afresh reports whether some part waits for its signature to be given again:
// then what ended it is shown without being asked for.
func (p RecordPage) afresh() bool {
	for _, v := range p.Parts {
		if v.Fallen != nil && v.Signed == nil {
			return true
		}
	}
	return false
}

// slot names a signature of the map.
func (s RecordSignature) slot() string {
	switch s.Slot {
	case record.HomeroomSlot:
		return "Giáo viên chủ nhiệm"
	case record.ApprovalSlot:
		return fmt.Sprintf("Hiệu trưởng duyệt · bản\u00a0%d", s.Version)
	case record.SealSlot:
		return fmt.Sprintf("Con dấu của trường · bản\u00a0%d", s.Version)
	}
	return "Giáo viên bộ môn"
}

// covers says over which cells a signature is.
func (s RecordSignature) covers() string {
	switch s.Slot {
	case record.HomeroomSlot:
		return "Bao: cả trang của năm học, với phần các môn."
	case record.ApprovalSlot:
		return "Bao: toàn bộ học bạ và mọi chữ ký trước đó."
	case record.SealSlot:
		return "Bao: toàn bộ học bạ, mã tra cứu, ngày phát hành và mọi chữ ký trước đó."
	}
	names := make([]string, len(s.Subjects))
	for i, x := range s.Subjects {
		names[i] = x.Short()
	}
	return "Bao: mức, điểm, nhận xét cuối năm của " + strings.Join(names, ", ") + "."
}

// opened says of an approval whether its signer had looked at the record; "" of
// other signatures.
func (s RecordSignature) opened() string {
	switch {
	case s.Opened == nil:
		return ""
	case *s.Opened:
		return "Đã mở xem học bạ này trước khi ký."
	}
	return "Ký cùng đợt, không mở riêng học bạ này."
}

// with names what it was signed with.
func (s RecordSignature) with() string {
	if s.Holder == "" {
		return "Chứng thư không lưu ở đây, dấu vân tay " + s.Mark + "…"
	}
	return "Chứng thư của " + s.Holder + ", " + s.Issuer + " cấp, số " + s.Serial + ". Ký bằng " + lowerFirst(s.way()) + "."
}

func (s RecordSignature) way() string {
	name := SignWay{Label: s.WayLabel}.name()
	switch s.Way {
	case signing.PKCS11:
		return "thiết bị ở máy chủ (" + name + ")"
	case signing.Remote:
		return "dịch vụ ký từ xa (" + name + ")"
	case signing.Agent:
		return "USB token (" + name + ")"
	}
	return "kho khóa phần mềm"
}

var voidTexts = map[record.Cause]string{
	record.Withdrawn:      "Người ký đã rút",
	record.ContentChanged: "Hết hiệu lực vì nội dung đổi",
	record.VersionEnded:   "Hết hiệu lực cùng bản đã rút",
}

func (s RecordSignature) state() ui.Status {
	if s.Live {
		return ui.Status{Tone: ui.OK, Word: "Còn hiệu lực"}
	}
	word := voidTexts[s.Cause]
	if word == "" {
		word = "Nội dung đã khác lúc ký"
	}
	if !s.EndedAt.IsZero() {
		word += " " + dayTime(s.EndedAt)
	}
	return ui.Status{Tone: ui.Past, Word: word}
}

// changed are the values that ended a signature, one line each.
func changed(list []RecordChange) []ui.Line {
	out := make([]ui.Line, len(list))
	for i, c := range list {
		out[i] = ui.Line{Status: ui.Status{Tone: ui.Past, Word: "Đã đổi"}, Strong: c.cell() + ":", Text: c.between(), More: c.who()}
	}
	return out
}

// cell names the value: "Toán, điểm".
func (c RecordChange) cell() string {
	what := changeNames[c.Field]
	if c.Item == "" {
		return upperFirst(what)
	}
	if s, ok := c.Item.Subject(); ok {
		return s.Short() + ", " + what
	}
	if c.Item.Kind() == evaluation.RemarkItem {
		return "Nhận xét " + lowerFirst(c.Item.Name())
	}
	return c.Item.Name()
}

// between is "8 → 9"; texts stand in quotation marks. A number of identity is
// not told here.
func (c RecordChange) between() string {
	if c.Field == "personal_no" || c.Field == "passport" {
		return "đã đổi, xem ở hồ sơ học sinh"
	}
	return c.shown(c.Old) + "\u00a0→ " + c.shown(c.New)
}

func (c RecordChange) shown(v string) string {
	switch c.Field {
	case "remark", record.FactCommended, record.FactReassessed:
		if v == "" {
			return "trống"
		}
		return "“" + clip(c.value(v)) + "”"
	}
	return c.value(v)
}

func (c RecordChange) who() string {
	switch {
	case c.At.IsZero():
		return c.By
	case c.By == "":
		return Clock(c.At)
	}
	return c.By + ", " + Clock(c.At)
}

// SignAgain is a signature of the reader, or of who had the part before, that a
// change ended: what is to be looked at before signing again.
type SignAgain struct {
	Record      int64
	Name        string // of the pupil
	Homeroom    bool   // the page of the class's own teacher; else parts
	Predecessor string // who signed it, when that was somebody else
	SignedAt    time.Time
	EndedAt     time.Time
	Changes     []RecordChange
}

// title says which signature ended.
func (a SignAgain) title() string {
	whose := "Chữ ký của thầy/cô"
	if a.Predecessor != "" {
		whose = "Chữ ký của " + a.Predecessor
	}
	what := "phần bộ môn"
	if a.Homeroom {
		what = "phần chủ nhiệm"
	}
	text := fmt.Sprintf("%s trên %s, %s", whose, what, dayTime(a.SignedAt))
	if !a.EndedAt.IsZero() {
		text += ", hết hiệu lực " + dayTime(a.EndedAt)
	}
	return text
}

// Again notes that a pupil's signature is to be given again because n values
// changed.
func (s *SigningSection) Again(recordID int64, n int) {
	for i := range s.Rows {
		if s.Rows[i].Record == recordID {
			s.Rows[i].Again += max(n, 1)
		}
	}
}

// pupilsAgain counts the pupils with something to sign again.
func (s Signing) pupilsAgain() string {
	seen := map[int64]bool{}
	for _, a := range s.Again {
		seen[a.Record] = true
	}
	return fmt.Sprintf("%d em", len(seen))
}

// trialSignature is the mark beside a signature without legal value.
func trialSignature() ui.Status {
	return ui.Status{Tone: ui.Wait, Icon: ui.IconKey, Word: words.TrialSignature}
}

func upperFirst(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// PartWriter is somebody else who wrote what the reader is to sign.
type PartWriter struct {
	Name   string
	Pupils int
}

// inherited asks to look at what others wrote, while there is something to sign.
func (s SigningSection) inherited() *ui.Notice {
	if len(s.Writers) == 0 || s.readyCount()+s.blocked() == 0 {
		return nil
	}
	who := make([]string, len(s.Writers))
	for i, w := range s.Writers {
		who[i] = fmt.Sprintf("%s (%d em)", w.Name, w.Pupils)
	}
	return &ui.Notice{Tone: ui.Wait, Title: "Có giá trị do người khác nhập",
		Text:   "Người nhập: " + strings.Join(who, ", ") + ". Xem lại, sửa chỗ cần sửa rồi ký: chữ ký là của thầy/cô, không ký thay ai.",
		Action: &ui.Action{Label: "Xem các ô", URL: s.LookURL}}
}
