package views

import (
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/views/ui"
)

// StatementURL shows what became of a statement.
func StatementURL(y school.Year, id int64) string { return In(y, "statements", id) }

// ReceiptURL is the registry's receipt, as it was signed.
func ReceiptURL(y school.Year, id int64) string { return In(y, "receipts", id) }

// Statement is the page of a statement: what came of each record, with the
// registry's reasons, and the receipts to take away.
type Statement struct {
	Frame
	SentStatement
	Year      school.Year
	ClassID   int64
	Now       time.Time
	Reasons   []bundle.Reason // of the statement itself
	ReceiptID int64
	Rows      []StatementRow
	MayRecall bool
	Sends     bool     // may send, and go on with what was stopped
	Carried   *Carrier // the job that carries it; nil: none, or it is over
}

// Carrier is the job that carries a statement without an answer.
type Carrier struct {
	JobID   int64 // 0: another person's
	Stopped bool
}

// StatementRow is a record that a statement names.
type StatementRow struct {
	RecordID  int64
	Name      string
	Version   int
	Result    bundle.Result
	ReceiptID int64
	Reasons   []bundle.Reason
}

func (s Statement) url() string { return StatementURL(s.Year, s.ID) }

func (s Statement) frame() Frame {
	f := s.Frame
	f.Heading = s.kind() + " · lớp " + s.Class + ", " + trackWord(s.Track)
	f.Lead = fmt.Sprintf("%s gửi lúc %s. %s học bạ.", s.By, Clock(s.At), ui.Number(s.Records))
	back := Link{Label: "Nộp Sở", URL: SubmissionsURL(s.Year)}
	switch s.Kind {
	case bundle.Closing:
		back = Link{Label: "Chốt", URL: ClosingsURL(s.Year)}
	case bundle.Recall:
		back = Link{Label: "Rút, thay thế", URL: RecallsURL(s.Year)}
	case bundle.Request:
		back = Link{Label: "Đề nghị thu hồi", URL: RevocationsURL(s.Year)}
	}
	f.Crumbs = []Link{{Label: f.unitShort(), URL: YearURL(s.Year)}, back, {Label: s.kind()}}
	return f
}

// poll asks for the body again while an answer is awaited.
func (s Statement) poll() templ.Attributes {
	if !s.Open {
		return nil
	}
	return templ.Attributes{"hx-get": s.url(), "hx-trigger": "every 4s", "hx-swap": "outerHTML"}
}

// meter is how far the answers are.
func (s Statement) meter() ui.Meter {
	m := ui.Meter{ID: "statement-meter", Total: s.Records, Done: s.Accepted, Failed: s.Refused, Strong: s.status().Word}
	if s.Kind != bundle.Submission && s.Result == bundle.Accepted {
		m.Done = s.Records
	}
	m.Text = fmt.Sprintf("%s đã nhận · %s bị từ chối · %s chờ", ui.Number(m.Done), ui.Number(m.Failed), ui.Number(max(m.Total-m.Done-m.Failed, 0)))
	if s.Open {
		m.Hint = "Phiếu đã đóng dấu và lưu lại. Mất mạng hay tắt máy không mất gì: hệ thống tự gửi lại đúng phiếu này, kho trả đúng biên nhận cũ."
		m.Actions = s.goOn()
	}
	return m
}

// goOn are the ways to an answer: the job where it is in one's own hands.
func (s Statement) goOn() []ui.Action {
	again := ui.Action{URL: s.url() + "/delivery", Method: http.MethodPost, Icon: ui.IconSwap}
	switch c := s.Carried; {
	case c == nil:
		again.Label = "Hỏi lại kho"
	case c.JobID != 0 && c.Stopped:
		return []ui.Action{{Label: "Mở để gửi tiếp", URL: JobURL(c.JobID), Icon: ui.IconPlay}}
	case c.JobID != 0:
		return []ui.Action{{Label: "Xem tiến độ", URL: JobURL(c.JobID), Icon: ui.IconEye}}
	case c.Stopped && s.Sends:
		again.Label = "Gửi tiếp"
	default:
		return nil
	}
	return []ui.Action{again}
}

// manifestNotice tells why the registry did not take a manifest, or what of it
// does not fit what came with it; nil when there is nothing to tell.
func manifestNotice(result bundle.Result, reasons []bundle.Reason) *ui.Notice {
	switch {
	case len(reasons) == 0:
		return nil
	case result == bundle.Refused:
		return &ui.Notice{Tone: ui.Stop, Title: "Kho không nhận phiếu này", Text: "Học bạ của trường vẫn như trước khi gửi."}
	}
	return &ui.Notice{Tone: ui.Wait, Title: "Phiếu và học bạ gửi kèm chưa khớp", Text: "Em đã được nhận vẫn giữ kết quả. Nộp lại các em còn thiếu."}
}

func (s Statement) downloads() []ui.Action {
	out := []ui.Action{{Label: "Phiếu đã đóng dấu (XML)", URL: s.url() + "/file.xml", Icon: ui.IconFile}}
	if s.ReceiptID != 0 {
		out = append(out, ui.Action{Label: "Biên nhận của kho (XML)", URL: ReceiptURL(s.Year, s.ReceiptID), Icon: ui.IconFile})
	}
	return out
}

// result is what came of a record.
func (s Statement) result(r StatementRow) ui.Status {
	switch {
	case r.Result == bundle.Accepted && s.Kind == bundle.Submission:
		return StageStatus("accepted")
	case r.Result == bundle.Refused:
		return StageStatus("refused")
	case s.Open:
		return ui.Status{Tone: ui.Wait, Icon: ui.IconClock, Word: "Đang chờ"}
	case s.Kind == bundle.Closing && s.Result == bundle.Accepted:
		return StageStatus("locked")
	case s.Kind == bundle.Recall && s.Result == bundle.Accepted:
		return StageStatus("recalled")
	case s.Kind == bundle.Request && s.Result == bundle.Accepted:
		return AskedRevocation{}.status()
	}
	return ui.Status{Tone: ui.Stop, Word: "Không được nhận"}
}

// sorted puts what was refused on top.
func (s Statement) sorted() []StatementRow {
	out := make([]StatementRow, 0, len(s.Rows))
	for _, wanted := range []bool{true, false} {
		for _, r := range s.Rows {
			if (r.Result == bundle.Refused) == wanted {
				out = append(out, r)
			}
		}
	}
	return out
}
