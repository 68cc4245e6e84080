package views

import (
	"hocba/internal/bundle"
	"hocba/views/ui"
)

// JobStatement is, of a job that carries a manifest to the registry, what the
// registry has said so far.
type JobStatement struct {
	ID      int64
	Result  bundle.Result   // of the manifest; "" while it is not answered
	Reasons []bundle.Reason // of the manifest itself
	Rows    map[int64]StatementRow
}

var submitWords = jobWords{title: "Nộp Sở", doing: "Đang gửi", done: "Sở đã nhận", already: "Sở đã nhận từ trước", refused: "Bị từ chối", counted: "được Sở nhận",
	goOn: "Gửi tiếp", kept: "học bạ đã có biên nhận", notAgain: "Phiếu đã đóng dấu vẫn giữ nguyên, gửi tiếp không cần PIN.",
	finished: "Sở đã nhận cả %d học bạ",
	failed:   "Phiếu đã đóng dấu, nên hệ thống tự gửi nốt phần còn lại. Xem kết quả ở phiếu nộp.",
	back:     func(j Job) (string, string) { return "Nộp Sở", SubmissionsURL(j.Year) }}

// sealStep stands where other jobs open a key: the seal was set when the job
// was asked for.
var sealStep = ui.Step{Status: ui.Status{Tone: ui.OK, Word: "Đóng dấu phiếu"}, More: "đã lưu, không cần PIN nữa"}

// answer is what the registry said of an item's record.
func (j Job) answer(r JobRow) StatementRow {
	if j.Statement == nil {
		return StatementRow{}
	}
	id, ok := r.recordID()
	if !ok {
		return StatementRow{}
	}
	return j.Statement.Rows[id]
}

// reasons are the registry's numbered reasons against an item's record.
func (j Job) reasons(r JobRow) []bundle.Reason {
	if r.State != "refused" {
		return nil
	}
	return j.answer(r).Reasons
}

// receiptURL leads to the registry's receipt of an item's record; "" none.
func (j Job) receiptURL(r JobRow) string {
	if id := j.answer(r).ReceiptID; id != 0 && j.Year != "" {
		return ReceiptURL(j.Year, id)
	}
	return ""
}

// statementLink leads to the manifest with its receipts; nil for other jobs.
func (j Job) statementLink() *Link {
	if j.Statement == nil || j.Year == "" {
		return nil
	}
	return &Link{Label: "Phiếu nộp và biên nhận", URL: StatementURL(j.Year, j.Statement.ID)}
}
