package words

// certificateMessages are about certificates: their state with the authority
// that issued them, declaring, registering, approving, suspending and ending them.
var certificateMessages = map[string]string{
	"cert.status_no_source":   "Chứng thư không ghi nơi hỏi tình trạng thu hồi (OCSP, CRL).",
	"cert.status_host":        "Nơi hỏi tình trạng thu hồi không nằm trong danh sách được phép hỏi.",
	"cert.status_unreachable": "Tổ chức cấp chứng thư không trả lời về tình trạng thu hồi.",
	"cert.status_answer":      "Câu trả lời về tình trạng thu hồi không dùng được.",
	"cert.status_stale":       "Câu trả lời về tình trạng thu hồi đã quá hạn.",
	"cert.status_not_known":   "Tổ chức cấp chứng thư trả lời không biết chứng thư này.",
}
