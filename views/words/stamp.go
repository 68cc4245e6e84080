package words

// stampMessages are about time-stamps: those in files, and those asked for.
var stampMessages = map[string]string{
	"verify.no_time_stamp":          "Không kèm dấu thời gian; giờ nhận ghi trong biên nhận của Sở là căn cứ.",
	"verify.stamped_before_signing": "Ghi giờ ký {signed}, muộn hơn dấu thời gian {stamped}.",
	"verify.dated_back":             "Ghi giờ ký {signed} nhưng dấu thời gian là {stamped}: giờ ký đã bị lùi lại.",
	"verify.expired_when_proven":    "Chứng thư hết hiệu lực {until}, chữ ký chỉ chứng minh được là có từ {proven}.",
	"verify.time_unproven":          "Chứng thư hết hiệu lực {until} và không có gì chứng minh đã ký trước đó. Hỏi Sở xin biên nhận của bản này rồi kiểm tra cùng tệp.",

	"cms.structure":   "Chữ ký không đúng dạng CMS được nhận.",
	"cms.algorithm":   "Chữ ký dùng thuật toán không được nhận.",
	"cms.certificate": "Chứng thư kèm chữ ký không phải chứng thư đã ký.",
	"cms.digest":      "Nội dung đã bị sửa sau khi ký.",
	"cms.value":       "Chữ ký không phải do chứng thư này tạo ra.",

	"stamp.form":          "Dấu thời gian không đúng dạng RFC 3161.",
	"stamp.imprint":       "Dấu thời gian không phải của chữ ký này.",
	"stamp.signature":     "Dấu thời gian đã bị sửa hoặc không do nơi cấp ghi trong đó tạo ra.",
	"stamp.purpose":       "Chứng thư của nơi cấp không dành riêng cho dấu thời gian.",
	"stamp.untrusted":     "Nơi cấp dấu thời gian “{authority}” không nằm trong danh sách được tin.",
	"stamp.trial":         "Dấu thời gian của “{authority}” chỉ để dùng thử, không có giá trị pháp lí.",
	"stamp.no_trust_list": "Chưa có danh sách chứng thư gốc để kiểm tra dấu thời gian.",

	"clock.set_back":    "Đồng hồ máy chủ đang là {now}, nhưng dữ liệu đã có việc lúc {known}. Chỉnh lại đồng hồ máy chủ; trước đó không ký và không nhận nộp được.",
	"stamp.policy":      "Mã chính sách “{policy}” không đúng dạng (các số cách nhau bằng dấu chấm).",
	"stamp.url":         "Địa chỉ “{url}” không dùng được. Ghi địa chỉ http:// hoặc https:// của máy chủ cấp dấu thời gian.",
	"stamp.unreachable": "Máy chủ cấp dấu thời gian không trả lời. Thử lại sau; nếu kéo dài, gọi nơi cung cấp dịch vụ.",
	"stamp.refused":     "Máy chủ cấp dấu thời gian từ chối: {text} (mã {status}).",
	"stamp.answer":      "Máy chủ cấp dấu thời gian trả lời sai ({what}); không dùng câu trả lời ấy.",
	"stamp.clock":       "Đồng hồ của máy chủ này ({ours}) và của nơi cấp dấu thời gian ({theirs}) lệch nhau. Chỉnh lại đồng hồ máy chủ.",
}
