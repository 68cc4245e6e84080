package words

// specialMessages are about what is declared of single pupils.
var specialMessages = map[string]string{
	"special.stale":        "Diện riêng của {pupil} vừa được người khác đổi. Xem lại rồi ghi lần nữa.",
	"special.signed":       "Học bạ của {pupil} đã có chữ ký nên diện riêng không đổi được. Người ký rút chữ ký trước.",
	"special.not_assessed": "Không đánh giá {pupil} là quyết định của nhà trường: quản trị của trường khai.",
	"special.tongue":       "Ghi tên tiếng dân tộc không quá 40 kí tự.",
	"exemption.school":     "Miễn học là quyết định của nhà trường: quản trị của trường khai.",
	"exemption.pupil":      "Chọn một học sinh của lớp.",
	"exemption.subject":    "Chọn một môn mà khối của em có học.",
	"exemption.period":     "Chọn kì bắt đầu miễn.",
	"exemption.reason":     "Ghi lý do, không quá 300 chữ.",
	"exemption.decision":   "Ghi số và ngày của quyết định, không quá 100 chữ.",
	"exemption.exists":     "Em này đã được miễn môn ấy.",
	"exemption.has_result": "{pupil} đã có mức hoặc điểm ({period}). Giáo viên của môn xóa giá trị ấy trước, hoặc chọn kì sau.",
}
