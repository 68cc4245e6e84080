package views

import (
	"fmt"
	"strings"
	"time"

	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// Signing is where a teacher signs the records of a class: what came back on
// top, then one section per act.
type Signing struct {
	Frame     Frame
	Year      school.Year
	ClassID   int64
	ClassName string
	Returned  []ReturnedRecord
	Again     []SignAgain // signatures that a change ended
	// Found are the remarks that the checks would have looked at again.
	Found    []RemarkFound
	FoundURL string // all of them
	Dry      DryRun
	Sections []SigningSection
}

// SigningSection is the dry run of one act with its form.
type SigningSection struct {
	Kind     string   // "sign_parts", "sign_homeroom"
	Subjects []string // names of what the teacher gives, of sign_parts
	Rows     []SigningRow
	Writers  []PartWriter // others who wrote what is to be signed
	LookURL  string       // where it is looked at
	Job      *SigningJob
	With     SignWith
	PINError string // code; the form was not taken
	PINArgs  map[string]string
}

// SigningJob is the person's batch of signatures that is not over.
type SigningJob struct {
	ID             int64
	State          string
	Done, Of, Left int
}

// SigningRow is one pupil in a section.
type SigningRow struct {
	Number  int
	Record  int64
	Name    string
	Overall string // code of the computed result, of sign_homeroom
	Code    string // "" when ready, else why not
	Args    map[string]string
	// MendURL leads to what is missing when it is the reader's own.
	MendURL   string
	MayReturn bool // to a subject teacher, before the homeroom teacher signs
	MayTake   bool // the own signature back
	Again     int  // values that changed under a signature to be given again
	// Unsigned says whose signatures are missing, when that is why not.
	Unsigned []SigningWait
}

// SigningWait is a teacher whose signature a pupil's record waits for.
type SigningWait struct {
	Teacher string
	Own     bool // the reader
	Parts   []string
}

// ReturnedRecord is a pupil of whom parts came back to the reader.
type ReturnedRecord struct {
	Record    int64
	Name      string
	Parts     []ReturnedPart
	Note      string // as typed, when it was not taken
	NoteError string // code
}

// ReturnedPart is one part with the reason.
type ReturnedPart struct {
	ID      string
	Reason  string
	ByRole  string // code
	At      time.Time
	MendURL string
}

// Addresses of this page's acts.

// SignatureURL is the reader's own signature on a record.
func SignatureURL(y school.Year, recordID int64) string {
	return In(y, "records", recordID, "signature")
}

// ConfirmationURL answers a return with "giữ nguyên".
func ConfirmationURL(y school.Year, recordID int64) string {
	return In(y, "records", recordID, "confirmation")
}

// PartReturnURL is where the homeroom teacher sends parts back.
func PartReturnURL(y school.Year, recordID int64) string {
	return In(y, "records", recordID, "part-return")
}

// WithdrawalsURL takes all of the reader's signatures in a class back.
func WithdrawalsURL(y school.Year, classID int64) string {
	return In(y, "classes", classID, "withdrawals")
}

func (s Signing) frame() Frame {
	f := s.Frame
	f.Heading = "Ký số · lớp " + s.ClassName
	f.Lead = "Xem trước từng em, nhập PIN một lần, ký cả lớp. Em vướng không làm hỏng em khác."
	f.Crumbs = []Link{{Label: f.unitShort(), URL: HomeURL}, {Label: "Lớp " + s.ClassName}, {Label: "Ký số"}}
	return f
}

func (r SigningRow) ready() bool   { return r.Code == "" }
func (r SigningRow) already() bool { return r.Code == "record.already_signed" }

func (s SigningSection) count(is func(SigningRow) bool) int {
	n := 0
	for _, r := range s.Rows {
		if is(r) {
			n++
		}
	}
	return n
}

func (s SigningSection) readyCount() int { return s.count(SigningRow.ready) }
func (s SigningSection) signed() int     { return s.count(SigningRow.already) }
func (s SigningSection) blocked() int    { return len(s.Rows) - s.readyCount() - s.signed() }

func (s SigningSection) homeroom() bool { return s.Kind == "sign_homeroom" }

func (s SigningSection) title() string {
	if s.homeroom() {
		return "Giáo viên chủ nhiệm: cả học bạ năm học"
	}
	if n := len(s.Subjects); n > mostSubjects {
		return fmt.Sprintf("Giáo viên bộ môn: %d môn", n)
	}
	return "Giáo viên bộ môn: " + strings.Join(s.Subjects, ", ")
}

// mostSubjects is how many subjects a heading names; more stand in the sentence.
const mostSubjects = 3

// covers says which cells the signature is over.
func (s SigningSection) covers() string {
	if s.homeroom() {
		return "Chữ ký bao phủ toàn bộ nội dung cả năm của từng em: phần các môn đã ký, phẩm chất, năng lực, kết quả, khen thưởng và lên lớp."
	}
	subjects := "các môn thầy/cô dạy"
	if len(s.Subjects) > mostSubjects {
		subjects += " (" + strings.Join(s.Subjects, ", ") + ")"
	}
	return "Chữ ký bao phủ mức, điểm và nhận xét cuối năm của " + subjects + "; ký xong, các ô ấy chỉ đọc cho đến khi rút chữ ký."
}

func (s SigningSection) counts() string {
	var parts []string
	if n := s.readyCount(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d em ký được", n))
	}
	if n := s.blocked(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d em báo vướng", n))
	}
	if n := s.signed(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d em đã ký", n))
	}
	return strings.Join(parts, " · ")
}

func (s SigningSection) pin() ui.Field {
	f := ui.Field{ID: ID("pin", s.Kind), Name: "pin", Label: "PIN của chứng thư số", Width: "medium", Autocomplete: "off", Required: true,
		Hint: "Nhập một lần cho cả lớp, có hiệu lực 15 phút."}
	if s.PINError != "" {
		f.Error = words.Message(s.PINError, s.PINArgs)
	}
	return f
}

func (s SigningSection) button(primary bool) ui.Action {
	a := ui.Action{ID: ID("sign", s.Kind), Label: fmt.Sprintf("Ký %d học sinh", s.readyCount()), Icon: ui.IconPen}
	if primary {
		a.Kind = ui.Primary
	}
	return a
}

// nothing says why there is no button.
func (s SigningSection) nothing() ui.Status {
	switch {
	case len(s.Rows) == 0:
		return ui.Status{Tone: ui.Neutral, Word: "Lớp chưa có em nào để ký."}
	case s.blocked() == 0:
		return ui.Status{Tone: ui.OK, Word: fmt.Sprintf("Đã ký cả %d em.", s.signed())}
	}
	if n := s.signed(); n > 0 {
		return ui.Status{Tone: ui.Wait, Word: fmt.Sprintf("Đã ký %d em, còn %d em vướng. Xem “Vì sao” để biết ai cần làm gì.", n, s.blocked())}
	}
	return ui.Status{Tone: ui.Wait, Word: "Chưa em nào ký được. Xem “Vì sao” để biết ai cần làm gì."}
}

// notice tells of a batch that is not over: act and goOn are its words, "ký",
// "Ký tiếp".
func (j SigningJob) notice(act, goOn string) ui.Notice {
	n := ui.Notice{Tone: ui.Busy, Title: fmt.Sprintf("Đợt %s đang chạy: %d/%d em", act, j.Done, j.Of),
		Action: &ui.Action{Label: "Xem tiến độ", URL: JobURL(j.ID)}}
	switch j.State {
	case "stopped":
		n.Tone, n.Icon, n.Title = ui.Wait, ui.IconPause, fmt.Sprintf("Đợt %s đang dừng: còn %d em", act, j.Left)
		n.Text, n.Action.Label = fmt.Sprintf("%s đợt ấy, hoặc bắt đầu đợt mới ở dưới; em đã ký không bị ký lần nữa.", goOn), "Mở đợt đang dừng"
	case "waiting":
		n.Tone, n.Icon, n.Title = ui.Wait, ui.IconKey, fmt.Sprintf("Đợt %s chờ PIN: còn %d em", act, j.Left)
		n.Action.Label = "Nhập PIN"
	}
	return n
}

// form reports whether the section offers its button.
func (s SigningSection) form() bool {
	return s.readyCount() > 0 && (s.Job == nil || s.Job.State == "stopped")
}

// sorted are the rows with what is blocked on top, then ready, then signed.
func (s SigningSection) sorted() []SigningRow {
	var blocked, ready, signed []SigningRow
	for _, r := range s.Rows {
		switch {
		case r.ready():
			ready = append(ready, r)
		case r.already():
			signed = append(signed, r)
		default:
			blocked = append(blocked, r)
		}
	}
	return append(append(blocked, ready...), signed...)
}

// dryRow is a pupil in the table of the dry run.
func (s SigningSection) dryRow(y school.Year, r SigningRow) DryRow {
	row := DryRow{Number: r.Number, Name: r.Name, URL: RecordURL(y, r.Record) + "#signatures", Status: r.status(), Why: r.why(), Who: r.who()}
	if r.Overall != "" {
		row.Small = words.Overall(r.Overall)
	}
	if r.MendURL != "" {
		row.Links = append(row.Links, ui.Action{Label: "Mở ô", URL: r.MendURL, Hint: r.Name})
	}
	if r.MayReturn {
		row.Links = append(row.Links, ui.Action{Label: "Trả lại…", URL: PartReturnURL(y, r.Record), Dialog: true, Hint: r.Name})
	}
	if r.MayTake {
		row.Take = &ui.Action{Label: "Rút chữ ký", Small: true, Method: "DELETE", URL: SignatureURL(y, r.Record), Hint: r.Name,
			Fields: []ui.Hidden{{Name: "kind", Value: s.withdrawal()}}}
	}
	return row
}

func (s SigningSection) dryRows(y school.Year) []DryRow {
	var out []DryRow
	for _, r := range s.sorted() {
		out = append(out, s.dryRow(y, r))
	}
	return out
}

// checks are what is looked at before the section is signed; a homeroom
// teacher's comes after the subject teachers'.
func (s SigningSection) checks(d DryRun) []ui.Line {
	out := d.lines(s.With)
	if s.homeroom() {
		out = append(out, dryOrder(s.readyCount()+s.signed(), s.blocked(), "chữ ký bộ môn và nội dung"))
	}
	return out
}

func (r SigningRow) status() ui.Status {
	switch {
	case r.ready() && r.Again > 0:
		return ui.Status{Tone: ui.Wait, Word: "Ký lại", Icon: ui.IconPen}
	case r.ready():
		return ui.Status{Tone: ui.Neutral, Word: "Ký được", Icon: ui.IconCheck}
	case r.already():
		return ui.Status{Tone: ui.OK, Word: "Đã ký"}
	}
	return ui.Status{Tone: ui.Stop, Word: "Chưa ký được"}
}

func (r SigningRow) why() string {
	switch {
	case r.ready() && r.Again > 0:
		return fmt.Sprintf("Nội dung đổi sau khi ký: %d chỗ, xem ở trên", r.Again)
	case r.ready():
		return "–"
	case r.already():
		return "Ký ngày " + date(r.Args["at"])
	}
	return words.Message(r.Code, r.Args)
}

func (r SigningRow) who() string {
	if r.ready() || r.already() {
		return "–"
	}
	if len(r.Unsigned) > 0 {
		return r.waitsFor()
	}
	if r.MendURL != "" {
		return "Thầy/cô điền rồi ký"
	}
	if who := words.Mender(r.Args); who != "" {
		return who
	}
	return "–"
}

// waitsFor names every teacher with the parts to sign; of the reader's own parts
// the section above speaks.
func (r SigningRow) waitsFor() string {
	var out []string
	for _, w := range r.Unsigned {
		if w.Own {
			out = append(out, "thầy/cô ký phần bộ môn của mình trước")
			continue
		}
		names := make([]string, len(w.Parts))
		for i, p := range w.Parts {
			names[i] = words.Part(p)
		}
		out = append(out, w.Teacher+" ("+strings.Join(names, ", ")+")")
	}
	text := strings.Join(out, "; ")
	return strings.ToUpper(string([]rune(text)[:1])) + string([]rune(text)[1:])
}

// value is what the form says the reader saw of this pupil.
func (r SigningRow) value() string {
	if r.Overall == "" {
		return fmt.Sprint(r.Record)
	}
	return fmt.Sprintf("%d:%s", r.Record, r.Overall)
}

func date(iso string) string {
	d, err := school.ParseDate(iso)
	if err != nil {
		return iso
	}
	return d.Vietnamese()
}

func (s SigningSection) withdrawal() string {
	if s.homeroom() {
		return "withdraw_homeroom"
	}
	return "withdraw_parts"
}

func (s SigningSection) takeable() int { return s.count(func(r SigningRow) bool { return r.MayTake }) }

func (s SigningSection) takeText() string {
	if s.homeroom() {
		return "Rút chữ ký thì học bạ trở lại bước trước, các thầy/cô bộ môn rút và sửa được phần của mình. Sửa xong phải ký lại."
	}
	return "Rút chữ ký thì các ô môn của thầy/cô mở lại để sửa. Sửa xong phải ký lại; chữ ký đã rút vẫn được lưu trong nhật ký."
}

func (p ReturnedPart) title() string { return words.Part(p.ID) }

func (p ReturnedPart) by() string { return words.Role(p.ByRole) + " trả lại " + Clock(p.At) }

func (r ReturnedRecord) field() ui.Field {
	f := ui.Field{ID: ID("note", r.Record), Name: "note", Label: "Vì sao giữ nguyên", Value: r.Note, MaxLength: 1000, Rows: 2,
		Hint: "Lời này đến người trả lại; chữ ký hiện có giữ nguyên."}
	if r.NoteError != "" {
		f.Error = words.Message(r.NoteError, nil)
	}
	return f
}

// PartReturn is the question of sending subject teachers' parts back.
type PartReturn struct {
	Frame  Frame
	Year   school.Year
	Record int64
	Name   string
	Parts  []ReturnPart
	Back   string // where one came from
	Alone  bool   // a page of its own, without script
	Reason string
	Error  string // code
	Args   map[string]string
}

// ReturnPart is a part that may be sent back.
type ReturnPart struct {
	ID     string
	Owner  string
	Chosen bool
}

func (r PartReturn) modal() ui.Modal {
	return ui.Modal{ID: "return", Title: "Trả lại – " + r.Name, Back: r.Back, Page: r.Alone,
		Lead: "Phần được chọn mở lại cho người phụ trách. Chữ ký của họ chỉ mất khi họ sửa một ô; nếu giữ nguyên, họ trả lời kèm lý do."}
}

func (r PartReturn) frame() Frame {
	f := r.Frame
	f.Heading, f.Lead = r.modal().Title, r.modal().Lead
	f.Crumbs = []Link{{Label: f.unitShort(), URL: HomeURL}, {Label: "Quay lại", URL: r.Back}, {Label: "Trả lại"}}
	return f
}

func (r PartReturn) parts() ui.Field {
	f := ui.Field{ID: "parts", Name: "part", Label: "Phần trả lại"}
	for _, p := range r.Parts {
		f.Options = append(f.Options, ui.Option{Value: p.ID, Label: words.Part(p.ID), More: p.Owner, Selected: p.Chosen})
	}
	if r.Error == "record.return_no_part" || r.Error == "record.return_part" {
		f.Error = words.Message(r.Error, r.Args)
	}
	return f
}

func (r PartReturn) reason() ui.Field {
	f := ui.Field{ID: "reason", Name: "reason", Label: "Lý do", Value: r.Reason, MaxLength: 1000, Rows: 3,
		Hint: "Nói rõ ô nào, cần xem lại điều gì."}
	if r.Error != "" && r.parts().Error == "" {
		f.Error = words.Message(r.Error, r.Args)
	}
	return f
}

func (r PartReturn) act() ui.Action {
	return ui.Action{Label: "Trả lại " + r.Name, Icon: ui.IconBack, Kind: ui.Grave}
}
