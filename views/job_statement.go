package views

import (
	"fmt"
	"strconv"

	"hocba/internal/school"
	"hocba/views/ui"
)

// sealWords are the words of sealing one statement of a kind.
func sealWords(title, back string, url func(school.Year) string) jobWords {
	return jobWords{title: title, doing: "Đang đóng dấu", done: "Đã đóng dấu", already: "Đã đóng dấu từ trước", refused: "Chưa đóng dấu được",
		goOn: "Đóng dấu tiếp", kept: "phiếu đã có dấu", notAgain: "Phiếu đã có dấu không bị đóng dấu lần nữa.", unit: "phiếu",
		lead: "Con dấu của trường không ở máy chủ, nên phiếu chờ người giữ dấu xác nhận. Có dấu rồi phiếu được gửi đi ngay.",
		back: func(j Job) (string, string) { return back, url(j.Year) }}
}

// AskedToSign is what a service or device shows its holder beside the question
// whether to sign: what kind of act, and how many, without a name.
func AskedToSign(kind string, count int) string {
	j := Job{Kind: kind}
	return "Học bạ số: " + lowerFirst(j.words().title) + " (" + j.n(count) + ")"
}

// unit is what an item of the job is.
func (j Job) unit() string {
	if u := j.words().unit; u != "" {
		return u
	}
	return "em"
}

// n counts items.
func (j Job) n(count int) string { return strconv.Itoa(count) + " " + j.unit() }

// ofStatement reports whether the job seals one statement.
func (j Job) ofStatement() bool { return j.words().unit != "" }

func (j Job) caption() string {
	if j.ofStatement() {
		return "Kết quả"
	}
	return "Kết quả của từng em"
}

func (j Job) subject() string {
	if j.ofStatement() {
		return "Phiếu về"
	}
	return "Học sinh"
}

// name is whom an item is about.
func (j Job) name(r JobRow) string {
	switch {
	case r.Name != "":
		return r.Name
	case j.ofStatement() && j.ClassName != "":
		return "Lớp " + j.ClassName
	}
	return r.Key
}

func (j Job) agentHeading() string {
	if j.ofStatement() {
		return j.words().title + " bằng token ở máy này"
	}
	return fmt.Sprintf("Ký %d em bằng token ở máy này", j.left())
}

// agentStart is the button that sets the token to work.
func (j Job) agentStart() string {
	if j.finished()+j.refused() > 0 {
		return j.goOn() + " bằng token"
	}
	return "Bắt đầu ký bằng token"
}

// sealedID is the statement that came of the job; 0 while there is none.
func (j Job) sealedID() int64 {
	for _, r := range j.Rows {
		if id, err := strconv.ParseInt(r.Args["statement"], 10, 64); err == nil && j.ofStatement() {
			return id
		}
	}
	return 0
}

func (j Job) sealedNotice() *ui.Notice {
	n := &ui.Notice{Tone: ui.OK, Title: "Đã " + lowerFirst(j.words().title), Text: "Phiếu đã lưu và đang được gửi đến Sở; trả lời của Sở ở trang phiếu."}
	if j.Year != "" {
		n.Action = &ui.Action{Label: "Xem phiếu và trả lời của Sở", URL: StatementURL(j.Year, j.sealedID())}
	}
	return n
}
