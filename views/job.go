package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// Job is the page of a long act: steps, progress, a result per item.
type Job struct {
	Frame     Frame
	ID        int64
	Kind      string // code: "sign_parts"
	Year      school.Year
	ClassID   int64
	ClassName string
	Classes   int    // of a job over several; 0: over one, or about no class
	State     string // code: queued, running, waiting, stopped, done, failed
	StopAsked bool
	Note      string // code of what halted or ended it
	Begun     time.Time
	Ended     *time.Time
	NeedsKey  bool
	Way       *SignWay   // it signs with; nil: the trial key store, or none
	AgentPort string     // where the token of its owner's machine is asked
	KeyUntil  *time.Time // open in this process until then; nil: closed
	PINError  string     // code; the PIN was not taken
	PINArgs   map[string]string
	Show      string // code of the filter: "", refused, done, waiting
	Page      int    // of the results, from 1
	Now       time.Time
	Whole     bool // may be stopped, not given up
	Rows      []JobRow
	Statement *JobStatement // of a submission
}

// JobRow is one item.
type JobRow struct {
	Number  int
	Key     string // of a record: its row
	Name    string // of the pupil
	Class   string
	State   string // code: waiting, done, already, refused
	Code    string // of the refusal
	Args    map[string]string
	At      *time.Time
	Working bool // the one at work
}

// jobWords are the words of a kind of long act.
type jobWords struct {
	title    string // "Ký phần chủ nhiệm"
	doing    string // the step at work: "Đang ký"
	done     string // "Đã ký"
	already  string
	refused  string
	counted  string // of the done ones in a sentence: "được Sở nhận"; "" done in small letters
	goOn     string // "Ký tiếp"
	kept     string // what the done ones are: "chữ ký đã có giá trị"
	notAgain string
	finished string // title when all went well: "Xong cả %d em"; "" the usual one
	failed   string // what becomes of the rest of a job that cannot go on; ""
	back     func(Job) (label, url string)
	unit     string // what an item is: "" em, "phiếu"
	lead     string // "" the usual one
}

var kindWords = map[string]jobWords{
	"sign_parts": {title: "Ký phần giáo viên bộ môn", doing: "Đang ký", done: "Đã ký", already: "Đã ký từ trước", refused: "Chưa ký được",
		goOn: "Ký tiếp", kept: "chữ ký đã có giá trị", notAgain: "Em đã ký không bị ký lần nữa.", back: backToSigning},
	"sign_homeroom": {title: "Ký phần chủ nhiệm", doing: "Đang ký", done: "Đã ký", already: "Đã ký từ trước", refused: "Chưa ký được",
		goOn: "Ký tiếp", kept: "chữ ký đã có giá trị", notAgain: "Em đã ký không bị ký lần nữa.", back: backToSigning},
	"withdraw_parts": {title: "Rút chữ ký giáo viên bộ môn", doing: "Đang rút", done: "Đã rút", already: "Không có chữ ký",
		refused: "Chưa rút được", goOn: "Rút tiếp", kept: "chữ ký đã rút", notAgain: "", back: backToSigning},
	"withdraw_homeroom": {title: "Rút chữ ký chủ nhiệm", doing: "Đang rút", done: "Đã rút", already: "Không có chữ ký",
		refused: "Chưa rút được", goOn: "Rút tiếp", kept: "chữ ký đã rút", notAgain: "", back: backToSigning},
	"approve": {title: "Duyệt học bạ", doing: "Đang duyệt", done: "Đã duyệt", already: "Đã duyệt từ trước", refused: "Chưa duyệt được",
		goOn: "Duyệt tiếp", kept: "học bạ đã duyệt", notAgain: "Em đã duyệt không bị duyệt lần nữa.",
		back: func(j Job) (string, string) { return "Duyệt học bạ", ApprovalURL(j.Year) }},
	"issue": {title: "Phát hành học bạ", doing: "Đang phát hành", done: "Đã phát hành", already: "Đã phát hành từ trước",
		refused: "Chưa phát hành được", goOn: "Phát hành tiếp", kept: "học bạ đã phát hành",
		notAgain: "Em đã phát hành không có bản thứ hai.",
		back:     func(j Job) (string, string) { return "Phát hành", In(j.Year, "issuance") }},
	"submit":          submitWords,
	"seal_submission": sealWords("Đóng dấu phiếu nộp", "Nộp Sở", SubmissionsURL),
	"seal_closing":    sealWords("Đóng dấu phiếu chốt", "Chốt học bạ", ClosingsURL),
	"seal_recall":     sealWords("Đóng dấu phiếu rút học bạ", "Rút, thay thế", RecallsURL),
	"seal_request":    sealWords("Đóng dấu đề nghị thu hồi", "Đề nghị thu hồi", RevocationsURL),
}

var plainJob = jobWords{title: "Việc đang chạy", doing: "Đang làm", done: "Đã xong", already: "Đã xong từ trước", refused: "Chưa làm được",
	goOn: "Làm tiếp", kept: "việc đã xong", notAgain: "Việc đã xong không làm lần nữa.",
	back: func(Job) (string, string) { return "Việc chờ tôi", HomeURL }}

func backToSigning(j Job) (label, url string) {
	return "Ký lớp " + j.ClassName, SigningURL(j.Year, j.ClassID)
}

func (j Job) words() jobWords {
	if w, ok := kindWords[j.Kind]; ok {
		return w
	}
	return plainJob
}

// frame puts heading and crumbs on the frame.
func (j Job) frame() Frame {
	f := j.Frame
	w := j.words()
	label, url := j.back()
	if f.Heading = w.title; j.byAgent() {
		f.Scripts = []string{"js/token_agent.js"}
	}
	if j.ClassName != "" {
		f.Heading += " · lớp " + j.ClassName
	} else if j.Classes > 1 {
		f.Heading += fmt.Sprintf(" · %d lớp", j.Classes)
	}
	if f.Lead = w.lead; f.Lead == "" {
		f.Lead = "Mỗi em có kết quả riêng. Em vướng không làm hỏng em khác."
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: HomeURL}, {Label: label, URL: url}, {Label: "Tiến độ"}}
	for g := range f.Nav {
		for i := range f.Nav[g].Items {
			if f.Nav[g].Items[i].URL == url {
				f.Nav[g].Items[i].Current = true
			}
		}
	}
	return f
}

func (j Job) count(states ...string) int {
	n := 0
	for _, r := range j.Rows {
		for _, s := range states {
			if r.State == s {
				n++
			}
		}
	}
	return n
}

func (j Job) finished() int { return j.count("done", "already") }
func (j Job) refused() int  { return j.count("refused") }
func (j Job) left() int     { return j.count("waiting") }
func (j Job) moving() bool  { return j.State == "queued" || j.State == "running" }
func (j Job) halted() bool  { return j.State == "stopped" || j.State == "waiting" }

// poll asks for the progress anew while the job moves.
func (j Job) poll() templ.Attributes {
	if !j.moving() {
		return nil
	}
	return templ.Attributes{"hx-get": j.url(j.Show, j.Page), "hx-trigger": "every 1500ms", "hx-swap": "outerHTML", "hx-target": "this"}
}

func (j Job) steps() []ui.Step {
	w := j.words()
	n, bad := len(j.Rows), j.refused()
	steps := []ui.Step{{Status: ui.Status{Tone: ui.OK, Word: "Kiểm tra trước"}, More: j.n(n)}}
	switch {
	case j.NeedsKey:
		steps = append(steps, j.keyStep())
	case j.Statement != nil:
		steps = append(steps, sealStep)
	}
	work := ui.Step{Status: ui.Status{Tone: ui.Busy, Word: w.doing}, More: "từng em, lưu ngay", Current: true}
	result := ui.Step{Status: ui.Status{Tone: ui.Neutral, Word: "Kết quả"}, More: "theo từng em, ở bảng dưới"}
	switch j.State {
	case "queued":
		work.Status = ui.Status{Tone: ui.Busy, Word: "Sắp bắt đầu", Icon: ui.IconClock}
		if j.Note != "" {
			work.Status, work.More = ui.Status{Tone: ui.Wait, Word: "Chờ nối lại", Icon: ui.IconClock}, "tự thử lại"
		}
	case "stopped":
		work.Status, work.More = ui.Status{Tone: ui.Wait, Word: "Đã dừng", Icon: ui.IconPause}, j.stoppedAt()
	case "waiting":
		work.Status, work.More = ui.Status{Tone: ui.Wait, Word: "Chờ PIN", Icon: ui.IconPause}, "việc đã xong vẫn giữ"
		if j.Way != nil {
			work.Status.Word = "Chờ người ký"
		}
	case "failed":
		work.Status, work.More = ui.Status{Tone: ui.Stop, Word: "Không làm tiếp được"}, "việc đã xong vẫn giữ"
	case "done":
		work = ui.Step{Status: ui.Status{Tone: ui.OK, Word: w.done}, More: j.n(j.finished())}
		result.Current, result.Status = true, ui.Status{Tone: ui.OK, Word: "Kết quả"}
		if bad > 0 || j.left() > 0 {
			result.Status.Tone = ui.Wait
			result.More = j.n(bad+j.left()) + " còn vướng"
		}
	}
	return append(steps, work, result)
}

// meter is the progress in words and as a bar.
func (j Job) meter() ui.Meter {
	w := j.words()
	total, ok, bad := len(j.Rows), j.finished(), j.refused()
	m := ui.Meter{ID: ID("job", j.ID, "meter"), Done: ok, Failed: bad, Total: total, Strong: fmt.Sprintf("%d/%s đã xử lý", ok+bad, j.n(total))}
	counted := w.counted
	if counted == "" {
		counted = strings.ToLower(w.done)
	}
	parts := []string{fmt.Sprintf("%d %s", ok, counted)}
	if bad > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", bad, strings.ToLower(w.refused)))
	}
	switch left := j.left(); {
	case j.moving() && left > 0:
		switch s := j.secondsLeft(); {
		case j.Note != "": // it waits for something, who knows how long
		case s > 90 && s < 7200:
			parts = append(parts, fmt.Sprintf("còn khoảng %d phút", (s+59)/60))
		case s > 0 && s <= 90:
			parts = append(parts, fmt.Sprintf("còn khoảng %d giây", s))
		}
		m.Hint = "Có thể rời trang: việc vẫn chạy, mở lại trang này để xem kết quả. Bấm dừng thì " + j.unit() + " đang làm được làm xong, phần còn lại chờ; " +
			"làm tiếp lúc nào cũng được. " + w.notAgain
		m.Hint = strings.TrimSpace(m.Hint)
		m.Actions = []ui.Action{{ID: "job-stop", Label: "Dừng sau " + j.unit() + " này", Icon: ui.IconPause, Method: "POST", URL: JobURL(j.ID) + "/pause",
			Disabled: j.StopAsked, Reason: j.stopReason()}}
	case left > 0:
		parts = append(parts, j.n(left)+" chưa đến lượt")
		m.Hint = fmt.Sprintf("%d %s.", ok, w.kept)
		if j.State != "failed" || w.failed == "" { // else the notice says what becomes of the rest
			m.Hint = strings.TrimSpace(m.Hint + " " + w.notAgain)
		}
	}
	if j.halted() {
		if !j.Whole {
			m.Actions = append(m.Actions, ui.Action{ID: "job-end", Label: "Kết thúc ở đây", Method: "DELETE", URL: JobURL(j.ID)})
		}
		if !j.asksPIN() && !j.asksVisit() && !j.byAgent() {
			m.Actions = append(m.Actions, ui.Action{ID: "job-go-on", Label: j.goOn(), Icon: ui.IconPlay, Kind: ui.Primary,
				Method: "DELETE", URL: JobURL(j.ID) + "/pause"})
			if j.KeyUntil != nil {
				m.Hint += " Làm tiếp trước " + HourMinute(*j.KeyUntil) + " không cần PIN."
			}
		}
	}
	m.Text = strings.Join(parts, " · ")
	return m
}

func (j Job) stopReason() string {
	if j.StopAsked {
		return "Đang dừng: " + j.unit() + " đang làm được làm xong, phần còn lại chờ."
	}
	return ""
}

func (j Job) goOn() string { return j.words().goOn + " " + j.n(j.left()) }

// secondsLeft estimates from the pace of the last items; 0: too early to say.
func (j Job) secondsLeft() int {
	var first, last time.Time
	n := 0
	for i := len(j.Rows) - 1; i >= 0 && n < 10; i-- {
		if at := j.Rows[i].At; at != nil {
			if last.IsZero() {
				last = *at
			}
			first, n = *at, n+1
		}
	}
	if n < 3 || !last.After(first) {
		return 0
	}
	pace := last.Sub(first) / time.Duration(n-1)
	return int((pace*time.Duration(j.left()) + time.Second - 1) / time.Second)
}

func (j Job) grid(foot templ.Component) ui.Grid {
	who := "Người gỡ, hoặc giờ xong"
	if j.Statement != nil {
		who = "Trả lời lúc"
	}
	return ui.Grid{Caption: j.caption(), Folds: true, Foot: foot, Columns: []ui.Column{{Label: "STT", Num: true, Fit: true},
		{Label: j.subject()}, {Label: "Kết quả", Fit: true}, {Label: "Vì sao"}, {Label: who},
		{Label: "Mở", Hidden: true}}}
}

func (j Job) result(r JobRow) ui.Status {
	w := j.words()
	switch {
	case r.Working:
		return ui.Status{Tone: ui.Busy, Word: w.doing}
	case r.State == "done":
		return ui.Status{Tone: ui.OK, Word: w.done}
	case r.State == "already":
		return ui.Status{Tone: ui.OK, Word: w.already, Icon: ui.IconHistory}
	case r.State == "refused":
		return ui.Status{Tone: ui.Stop, Word: w.refused}
	case j.moving():
		return ui.Status{Tone: ui.Neutral, Word: "Đang chờ", Icon: ui.IconClock}
	}
	return ui.Status{Tone: ui.Neutral, Word: "Chưa đến lượt", Icon: ui.IconClock}
}

func (j Job) why(r JobRow) string {
	switch {
	case len(j.reasons(r)) > 0:
		return ReasonText(j.reasons(r)[0])
	case r.Code == "":
		return "–"
	}
	return words.Message(r.Code, r.Args)
}

// who names the mender of a refusal, or the time of what was done.
func (j Job) who(r JobRow) string {
	if r.State == "refused" && j.Statement == nil { // the registry's reasons name the mender themselves
		if who := words.Mender(r.Args); who != "" {
			return who
		}
		return "–"
	}
	if r.At == nil {
		return "–"
	}
	if at := r.At.In(school.Zone); school.DateOf(at) != school.DateOf(j.Now) {
		return at.Format("02/01 15:04")
	}
	return r.At.In(school.Zone).Format("15:04:05")
}

func (j Job) whoLabel(r JobRow) string {
	if r.State == "refused" && j.Statement == nil {
		return "Người gỡ"
	}
	return "Lúc"
}

// none marks a cell that says nothing: a phone leaves it out.
func none(text string) string {
	if text == "–" {
		return "none"
	}
	return ""
}

// recordURL shows the record of an item that is done.
func (j Job) recordURL(r JobRow) string {
	id, ok := r.recordID()
	if !ok || j.Year == "" || r.State == "waiting" {
		return ""
	}
	return RecordURL(j.Year, id)
}

func (r JobRow) recordID() (int64, bool) {
	id, err := strconv.ParseInt(r.Key, 10, 64)
	return id, err == nil
}

// notice says what halted or ended the job, when somebody must know.
func (j Job) notice() *ui.Notice {
	switch {
	case j.byAgent():
		return nil // its own sheet says what to do
	case j.asksVisit():
		return &ui.Notice{Tone: ui.Wait, Icon: ui.IconKey, Title: "Xác nhận ở trang của dịch vụ ký", Text: words.Message(j.Note, nil),
			Action: &ui.Action{Label: "Đến trang của dịch vụ", URL: AuthorisationURL(j.ID), Kind: ui.Primary, Icon: ui.IconKey}}
	case j.State == "waiting" && j.PINError == "" && j.Note != "" && j.Note != "key.locked":
		return &ui.Notice{Tone: ui.Wait, Icon: ui.IconKey, Title: fmt.Sprintf("Đã giữ %s ký xong, còn %s", j.n(j.finished()), j.n(j.left())),
			Text: words.Message(j.Note, nil)}
	case j.moving() && j.Note == "signer.approval":
		return &ui.Notice{Tone: ui.Wait, Icon: ui.IconClock, Title: "Mở điện thoại để xác nhận", Text: words.Message(j.Note, nil) +
			" Xác nhận một lần cho cả đợt; có thể dừng nếu chưa muốn ký."}
	case j.State == "waiting" && j.PINError == "":
		return &ui.Notice{Tone: ui.Wait, Icon: ui.IconKey, Title: "Nhập PIN để làm tiếp",
			Text: "Khóa ký chỉ mở 15 phút và đóng khi máy chủ khởi động lại. " + j.n(j.finished()) + " đã xong vẫn giữ nguyên."}
	case j.State == "failed":
		return &ui.Notice{Tone: ui.Stop, Title: "Phần còn lại không làm được", Text: strings.TrimSpace(words.Message(j.Note, nil) + " " + j.words().failed)}
	case j.State == "queued" && j.Note != "":
		return &ui.Notice{Tone: ui.Wait, Title: "Chưa nối được với kho của Sở", Text: words.Message(j.Note, nil)}
	case j.State == "done" && j.left() > 0:
		return &ui.Notice{Tone: ui.Wait, Title: "Đã kết thúc, " + j.n(j.left()) + " chưa đến lượt",
			Text: "Bắt đầu lại để làm phần còn lại."}
	case j.State == "done" && j.sealedID() != 0:
		return j.sealedNotice()
	case j.State == "done" && j.refused() == 0:
		title := j.words().finished
		if title == "" {
			title = "Xong cả %d em"
		}
		return &ui.Notice{Tone: ui.OK, Title: fmt.Sprintf(title, j.finished())}
	}
	return nil
}

// back leads to the page the job was begun on.
func (j Job) back() (label, url string) {
	if j.Year == "" {
		return plainJob.back(j)
	}
	return j.words().back(j)
}

func (j Job) backLink() Link {
	label, url := j.back()
	return Link{Label: label, URL: url}
}
