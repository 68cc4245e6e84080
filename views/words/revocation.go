package words

// revocationMessages are about asking for the revocation of a record in force,
// and deciding on it.
var revocationMessages = map[string]string{
	"registry.not_locked":      "Học bạ của học sinh {pupil} chưa chốt. Trường tự rút hoặc thay, không phải đề nghị thu hồi.",
	"registry.request_waits":   "Đã có một đề nghị thu hồi học bạ của học sinh {pupil} đang chờ trả lời.",
	"revocation.unknown":       "Không có đề nghị thu hồi này, hoặc trường không thuộc địa bàn đang xem.",
	"revocation.decision":      "Chọn đồng ý hoặc không đồng ý.",
	"revocation.note_missing":  "Ghi căn cứ của quyết định. Hiệu trưởng đọc được nguyên văn.",
	"revocation.note_too_long": "Rút gọn căn cứ còn tối đa 1.000 chữ.",
	"revocation.decided":       "Đề nghị này đã được trả lời ngày {day}: {decision}.",
	"revocation.over":          "Bản này không còn hiệu lực nên không còn gì để thu hồi.",
}

var decisions = map[string]string{"granted": "Đồng ý thu hồi", "declined": "Không đồng ý"}

// Decision names the answer to a request for revocation.
func Decision[T ~string](code T) string { return label(decisions, code) }
