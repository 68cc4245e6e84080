package views

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// ApprovalClassURL is one class of the principal's queue.
func ApprovalClassURL(y school.Year, classID int64) string { return In(y, "approval", classID) }

// ReturnURL is where the school's leaders send parts of a record back.
func ReturnURL(y school.Year, recordID int64) string { return In(y, "records", recordID, "return") }

// RecordApprovalURL approves a record (POST) or takes the approval back (DELETE).
func RecordApprovalURL(y school.Year, recordID int64) string {
	return In(y, "records", recordID, "approval")
}

// ReopeningURL is where an issued record that was not accepted is reopened.
func ReopeningURL(y school.Year, recordID int64) string {
	return In(y, "records", recordID, "reopening")
}

// VersionEvidenceURL downloads an accepted version with all that proves it.
func VersionEvidenceURL(y school.Year, recordID int64, number int) string {
	return strings.TrimSuffix(VersionURL(y, recordID, number), ".xml") + ".zip"
}

// VersionURL downloads the exact bytes of an issued version.
func VersionURL(y school.Year, recordID int64, number int) string {
	return In(y, "records", recordID, "versions", strconv.Itoa(number)+".xml")
}

// IssuanceURL is where approved records are issued.
func IssuanceURL(y school.Year) string { return In(y, "issuance") }

// DelegationsURL is where the principal lets a deputy sign.
func DelegationsURL(y school.Year) string { return In(y, "delegations") }

// ApprovalQueue is the page of all classes: the dry run of the school, and the
// classes among which the principal chooses what one authorisation approves.
type ApprovalQueue struct {
	Frame
	Year      school.Year
	Principal bool // may delegate
	Classes   []ApprovalClass
	Dry       DryRun
	With      SignWith
	Job       *SigningJob  // of several classes, not over
	Fault     *fault.Error // of the batch that was asked for
}

// ApprovalClass is a class in the queue. Of Waiting records Flagged must be
// looked at one by one, of which Unopened were not yet.
type ApprovalClass struct {
	ID       int64
	Year     school.Year
	Name     string
	Homeroom string
	Paper    bool // kept on paper: nothing to approve
	OnRoll   int
	Before   int
	Returned int
	Waiting  int
	Approved int // approved or further
	Issuable int // approved, not issued
	Flagged  int
	Unopened int
	Reasons  []ui.Status // why they are flagged, with counts
	Blockers []ApprovalBlocker
	// Homeroom signatures that alone are missing.
	ForHomeroom int
}

// ApprovalBlocker is a teacher whose signature a class waits for.
type ApprovalBlocker struct {
	Teacher  string
	Subjects []school.Subject
	Records  int
}

func (q ApprovalQueue) frame() Frame {
	f := q.Frame
	f.Heading = "Duyệt học bạ"
	waiting, classes := 0, 0
	for _, c := range q.Classes {
		waiting += c.Waiting
		if c.Waiting > 0 {
			classes++
		}
	}
	f.Lead = "Chưa có học bạ nào chờ duyệt. Lớp nào được giáo viên chủ nhiệm ký xong sẽ hiện ở đây."
	if waiting > 0 {
		f.Lead = fmt.Sprintf("%s em ở %s lớp chờ duyệt. Em có đánh dấu thì mở xem từng em.", ui.Number(waiting), ui.Number(classes))
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(q.Year)}, {Label: "Duyệt học bạ"}}
	return f
}

// delegations is the principal's way to let a deputy sign.
func (q ApprovalQueue) delegations() ui.Action {
	return ui.Action{Label: "Ủy quyền cho phó hiệu trưởng", URL: DelegationsURL(q.Year), Icon: ui.IconPeople}
}

// share is "27/35" of a class.
func (c ApprovalClass) share() string { return ui.Number(c.Approved) + "/" + ui.Number(c.OnRoll) }

// state is where the class stands, in a word.
func (c ApprovalClass) state() ui.Status {
	switch {
	case c.Paper:
		return StageStatus("paper")
	case c.OnRoll == 0:
		return ui.Status{Tone: ui.Neutral, Word: "Chưa có học sinh"}
	case c.Waiting > 0:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconPen, Word: ui.Number(c.Waiting) + " em chờ duyệt"}
	case c.Approved == c.OnRoll:
		return ui.Status{Tone: ui.OK, Word: "Đã duyệt cả lớp"}
	case c.Returned > 0:
		return ui.Status{Tone: ui.Past, Icon: ui.IconBack, Word: "Chờ giáo viên trả lời"}
	case len(c.Blockers) > 0:
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconClock, Word: "Chờ giáo viên bộ môn ký"}
	}
	return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chờ chủ nhiệm ký"}
}

// where says who holds the class up, one line each.
func (c ApprovalClass) where() []string {
	if c.Paper {
		return []string{"Lớp dùng học bạ giấy."}
	}
	var out []string
	if c.Returned > 0 {
		out = append(out, fmt.Sprintf("%d em đang ở giáo viên sau khi trả lại", c.Returned))
	}
	for i, b := range c.Blockers {
		if i == maxBlockers {
			out = append(out, fmt.Sprintf("và %d giáo viên khác", len(c.Blockers)-maxBlockers))
			break
		}
		out = append(out, fmt.Sprintf("%s chưa ký %s: %d em", b.Teacher, subjectList(b.Subjects), b.Records))
	}
	if c.ForHomeroom > 0 {
		who := "Chủ nhiệm"
		if c.Homeroom != "" {
			who += " " + c.Homeroom
		}
		out = append(out, fmt.Sprintf("%s chưa ký: %d em đã đủ chữ ký bộ môn", who, c.ForHomeroom))
	}
	return out
}

func whereLines(c ApprovalClass) []ui.Line {
	var out []ui.Line
	for _, line := range c.where() {
		out = append(out, ui.Line{Status: ui.Status{Tone: ui.Wait, Icon: ui.IconClock}, Text: line})
	}
	return out
}

// maxBlockers is how many teachers a row names.
const maxBlockers = 3

// subjectList names subjects in a sentence; of many the first three.
func subjectList(subjects []school.Subject) string {
	var names []string
	for i, s := range subjects {
		if i == 3 && len(subjects) > 4 {
			return strings.Join(names, ", ") + fmt.Sprintf(" và %d môn khác", len(subjects)-i)
		}
		names = append(names, s.Short())
	}
	return strings.Join(names, ", ")
}

func (c ApprovalClass) flagged() string {
	if c.Waiting == 0 {
		return "–"
	}
	if c.Flagged == 0 {
		return "Không"
	}
	return fmt.Sprintf("%d em, chưa mở %d", c.Flagged, c.Unopened)
}

func (c ApprovalClass) open() ui.Action {
	if c.Waiting == 0 && c.Issuable > 0 {
		return ui.Action{Label: "Phát hành", URL: IssuanceURL(c.Year), Small: true, Hint: "lớp " + c.Name}
	}
	a := ui.Action{Label: "Xem", URL: ApprovalClassURL(c.Year, c.ID), Small: true, Hint: "lớp " + c.Name}
	if c.Waiting > 0 {
		a.Label, a.Icon = "Duyệt", ui.IconTick
	}
	return a
}

// ApprovalFlags say why a pupil is marked; the zero value is no mark.
type ApprovalFlags struct {
	Inclusive, NotAssessed, LateFifth, Low, Returned, Changed bool
	Same                                                      int
}

// Status is the mark in words; ok is false when there is none.
func (f ApprovalFlags) Status() (s ui.Status, ok bool) {
	var parts []string
	add := func(on bool, word string) {
		if on {
			parts = append(parts, word)
		}
	}
	s = ui.Status{Tone: ui.Past, Icon: ui.IconHistory}
	add(f.Returned, "Đã sửa sau trả lại")
	add(f.Changed, "Đã sửa sau lần duyệt trước")
	if len(parts) == 0 {
		s = ui.Status{Tone: ui.Wait}
	}
	add(f.Inclusive, "Hòa nhập")
	add(f.NotAssessed, "Không đánh giá")
	add(f.LateFifth, "Lớp 5, nộp đợt 2")
	add(f.Low, "Chưa hoàn thành")
	add(f.Same > 0, fmt.Sprintf("Nhận xét giống %d em", f.Same))
	for i := 1; i < len(parts); i++ {
		parts[i] = lowerFirst(parts[i])
	}
	s.Word = strings.Join(parts, ", ")
	return s, s.Word != ""
}

func lowerFirst(s string) string {
	for i, r := range s {
		return strings.ToLower(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// CountFlags tells of many pupils why they are marked: "2 hòa nhập".
func CountFlags(all []ApprovalFlags) []ui.Status {
	var out []ui.Status
	for _, k := range []struct {
		word string
		tone ui.Tone
		has  func(ApprovalFlags) bool
	}{
		{"đã sửa sau trả lại", ui.Past, func(f ApprovalFlags) bool { return f.Returned }},
		{"đã sửa sau lần duyệt trước", ui.Past, func(f ApprovalFlags) bool { return f.Changed }},
		{"hòa nhập", ui.Wait, func(f ApprovalFlags) bool { return f.Inclusive }},
		{"không đánh giá", ui.Wait, func(f ApprovalFlags) bool { return f.NotAssessed }},
		{"lớp 5, nộp đợt 2", ui.Wait, func(f ApprovalFlags) bool { return f.LateFifth }},
		{"chưa hoàn thành", ui.Wait, func(f ApprovalFlags) bool { return f.Low }},
		{"nhận xét giống nhau", ui.Wait, func(f ApprovalFlags) bool { return f.Same > 0 }},
	} {
		n := 0
		for _, f := range all {
			if k.has(f) {
				n++
			}
		}
		if n > 0 {
			out = append(out, ui.Status{Tone: k.tone, Word: ui.Number(n) + " " + k.word})
		}
	}
	return out
}

// pin is the field of the personal PIN.
func pinField(id string, f *fault.Error) ui.Field {
	field := ui.Field{ID: id, Name: "pin", Label: "Mã PIN của khóa ký", Width: "medium", InputMode: "numeric", Autocomplete: "off", Required: true}
	if f != nil {
		field.Error = words.Message(f.Code, f.Args)
	}
	return field
}

// Delegations is the page on which the principal lets a deputy sign.
type Delegations struct {
	Frame
	Year     school.Year
	Deputies []Person
	Rows     []DelegationRow
	Today    school.Date
	Typed    DelegationForm
	Fault    *fault.Error
}

// Person is somebody to choose.
type Person struct {
	ID   int64
	Name string
}

// DelegationRow is a delegation as it was decided.
type DelegationRow struct {
	Name, DecisionNo string
	From, To         school.Date
	CreatedAt        time.Time
}

// DelegationForm is what was typed.
type DelegationForm struct{ Deputy, Decision, From, To string }

func (d Delegations) frame() Frame {
	f := d.Frame
	f.Heading = "Ủy quyền duyệt học bạ"
	f.Lead = "Phó hiệu trưởng chỉ kí thay (KT. HIỆU TRƯỞNG) trong thời gian của quyết định."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(d.Year)}, {Label: "Duyệt học bạ", URL: ApprovalURL(d.Year)}, {Label: "Ủy quyền"}}
	return f
}

func (d Delegations) fields() (deputy, decision, from, to ui.Field) {
	deputy = ui.Field{Name: "deputy", Label: "Phó hiệu trưởng", Value: d.Typed.Deputy, Width: "medium", Required: true}
	for _, p := range d.Deputies {
		deputy.Options = append(deputy.Options, ui.Option{Value: strconv.FormatInt(p.ID, 10), Label: p.Name})
	}
	decision = ui.Field{Name: "decision", Label: "Số quyết định", Value: d.Typed.Decision, Width: "medium", MaxLength: 100, Required: true,
		Hint: "Ví dụ 12/QĐ-THHP"}
	from = ui.Field{Name: "from", Label: "Từ ngày", Value: d.Typed.From, Required: true}
	to = ui.Field{Name: "to", Label: "Đến hết ngày", Value: d.Typed.To, Required: true}
	if d.Fault == nil {
		return deputy, decision, from, to
	}
	text := words.Message(d.Fault.Code, d.Fault.Args)
	switch d.Fault.Code {
	case "delegation.deputy":
		deputy.Error = text
	case "delegation.decision":
		decision.Error = text
	default:
		to.Error = text
	}
	return deputy, decision, from, to
}

func (r DelegationRow) state(today school.Date) ui.Status {
	switch {
	case r.To.Before(today):
		return ui.Status{Tone: ui.Neutral, Icon: ui.IconHistory, Word: "Đã hết hạn"}
	case today.Before(r.From):
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Chưa đến ngày"}
	}
	return ui.Status{Tone: ui.OK, Word: "Đang hiệu lực"}
}

// approveOne is the button under the record.
func approveOne(more bool) ui.Action {
	a := ui.Action{Label: "Duyệt", Kind: ui.Primary, Icon: ui.IconTick, Full: true, Method: ""}
	if more {
		a.Label = "Duyệt, sang em tiếp theo"
	}
	return a
}

// withdrawApproval is a form of one button.
func withdrawApproval(y school.Year, recordID int64) ui.Action {
	return ui.Action{Label: "Rút chữ ký duyệt", URL: RecordApprovalURL(y, recordID), Method: http.MethodDelete, Icon: ui.IconBack}
}
