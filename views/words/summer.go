package words

import "hocba/internal/evaluation"

// summerMessages are about practising in summer and what is decided after it.
var summerMessages = map[string]string{
	"summer.items":           "Chọn ít nhất một môn, phẩm chất hoặc năng lực để đánh giá bổ sung.",
	"summer.item":            "Có mục không thuộc chương trình của khối em đang học. Chọn lại.",
	"summer.content":         "Ghi nội dung em cần rèn luyện.",
	"summer.guide":           "Ghi ai hướng dẫn em.",
	"summer.dates":           "Ghi ngày trong năm học này, ngày kết thúc không trước ngày bắt đầu.",
	"summer.too_long":        "Ghi không quá {max} chữ.",
	"summer.not_needed":      "Em đã hoàn thành chương trình lớp học hoặc chưa đủ kết quả cuối năm, nên chưa cần kế hoạch hè.",
	"summer.stale":           "{by} vừa ghi kế hoạch của em. Tải lại trang để xem rồi ghi lần nữa.",
	"summer.item_assessed":   "{item} đã có kết quả đánh giá bổ sung nên không bỏ khỏi kế hoạch được.",
	"summer.decided":         "Hiệu trưởng đã quyết định nên kế hoạch không sửa được nữa.",
	"summer.none":            "Chọn kết quả cho ít nhất một em.",
	"summer.pupil":           "Em này không thuộc danh sách rèn luyện trong hè của trường.",
	"summer.no_plan":         "Em chưa có kế hoạch rèn luyện. Giáo viên chủ nhiệm lập kế hoạch trước.",
	"summer.decided_already": "{by} vừa quyết định cho em này. Xem lại quyết định ấy; muốn sửa thì ra quyết định mới.",
	"summer.outcome":         "Chọn một trong ba kết quả.",
	"summer.number":          "Ghi số quyết định.",
	"summer.day":             "Ghi ngày quyết định: trong năm học này, không sau hôm nay và không trước ngày bắt đầu rèn luyện.",
	"summer.incomplete":      "Chưa đủ kết quả để xếp mức của em. Giáo viên ghi đủ rồi mới quyết định được.",
	"summer.outcome_level":   "Kết quả chọn không đi với mức hiện có của em: {overall}.",
	"summer.not_reassessed":  "Em chưa được đánh giá bổ sung đủ các mục của kế hoạch. Ghi rõ lý do, và chỉ chọn được lên lớp hoặc chưa được lên lớp.",
}

var summerOutcomes = map[string]string{
	string(evaluation.SummerCompleted): "Hoàn thành chương trình lớp học, được lên lớp",
	string(evaluation.SummerMovedUp):   "Chưa hoàn thành, được lên lớp",
	string(evaluation.SummerKeptDown):  "Chưa hoàn thành, chưa được lên lớp",
}

// SummerOutcome names what the principal decided after the summer.
func SummerOutcome(o evaluation.SummerOutcome) string { return label(summerOutcomes, o) }

var unclosedReasons = map[string]string{
	"moved_away": "Đã rời trường", "paper": "Lớp dùng học bạ giấy", "no_record": "Chưa lập học bạ",
	"missing_values": "Chưa đủ kết quả", "no_plan": "Chưa hoàn thành, chưa có kế hoạch hè", "not_reassessed": "Chưa đánh giá bổ sung đủ",
	"no_decision": "Chờ hiệu trưởng quyết định sau hè", "not_signed": "Giáo viên bộ môn chưa ký", "homeroom": "Giáo viên chủ nhiệm chưa ký",
	"returned": "Bị trả lại, chưa trả lời", "not_approved": "Chờ hiệu trưởng duyệt", "not_issued": "Chờ phát hành",
	"not_sent": "Chưa nộp Sở", "under_way": "Đã nộp, chờ Sở trả lời", "refused": "Sở từ chối", "not_closed": "Sở đã nhận, chưa chốt",
}

// Unclosed says why a pupil has no closed record yet.
func Unclosed(reason string) string { return label(unclosedReasons, reason) }
