package words

// signerMessages are the faults of signers outside this program, of the ways to
// sign, and what a job says while it waits for one.
var signerMessages = map[string]string{
	"signer.none":             "Máy chủ chưa bật cách ký này. Báo quản trị hệ thống, hoặc chọn cách ký khác.",
	"signer.config":           "Ô này chưa đúng, hoặc dịch vụ ký không nhận khai báo của trường.",
	"signer.unavailable":      "Chưa nối được với dịch vụ hoặc thiết bị ký. Phần đã ký vẫn giữ; bấm ký tiếp khi nối lại được.",
	"signer.refused":          "Yêu cầu ký đã bị từ chối trên điện thoại. Phần đã ký vẫn giữ; bấm ký tiếp để gửi yêu cầu mới.",
	"signer.expired":          "Quá giờ xác nhận mà chưa có trả lời. Phần đã ký vẫn giữ; bấm ký tiếp để gửi yêu cầu mới.",
	"signer.login":            "Cần đăng nhập dịch vụ ký trước: mở trang Cách ký, bấm Đăng nhập.",
	"signer.device":           "Thiết bị ký đã bị rút hoặc không có khóa này. Cắm lại rồi ký tiếp.",
	"signer.no_key":           "Không tìm thấy khóa của chứng thư này ở cách ký đã chọn.",
	"signer.pin_locked":       "Thiết bị đã khóa vì sai PIN nhiều lần. Mở khóa bằng công cụ của nhà cung cấp.",
	"signer.missing":          "Dịch vụ ký không trả chữ ký cho em này. Ký lại riêng em này.",
	"signer.batch_only":       "Cách ký đang chọn chỉ ký theo đợt ở trang ký. Chọn cách ký khác cho việc này ở trang Cách ký.",
	"signer.otp":              "Dịch vụ ký đã gửi mã dùng một lần đến điện thoại của thầy/cô. Nhập mã ở ô dưới rồi ký tiếp.",
	"signer.otp_wrong":        "Mã dùng một lần chưa đúng hoặc đã hết hạn. Phần đã ký vẫn giữ; bỏ trống rồi bấm ký tiếp để nhận mã mới.",
	"signer.factors":          "PIN hoặc mã dùng một lần chưa đúng; dịch vụ ký không nói rõ cái nào. Nhập lại PIN để nhận mã mới.",
	"signer.authorize":        "Thầy/cô sang trang của dịch vụ ký, xem lại số học bạ rồi xác nhận ở đó; xong sẽ tự quay về đây. Phần đã ký vẫn giữ.",
	"signer.nothing_asked":    "Không có yêu cầu ký nào đang chờ xác nhận ở dịch vụ. Mở lại đợt ký rồi bấm ký tiếp.",
	"signer.approval":         "Đang chờ thầy/cô xác nhận trên điện thoại.",
	"signing.meaning_changed": "Câu ý nghĩa chữ ký vừa được thay. Mở lại trang, đọc câu mới rồi ký.",
	"signing.way_unknown":     "Cách ký này không còn dùng ở trường. Chọn cách khác.",
	"signing.way_label":       "Trường đã có cách ký tên “{label}”.",
	"signing.key_bound":       "Chứng thư này đã gắn với cách ký khác.",
	"signing.way_invalid":     "Chưa lưu được cách ký: {what}.",
	"signing.other_holder":    "Chứng thư này đứng tên “{holder}”, không phải của thầy/cô.",
	"signing.undeclared":      "Chứng thư này chưa dùng được ở trường: quản trị khai báo ở trang Chứng thư số, hiệu trưởng xác nhận, rồi thầy/cô gắn lại.",
	"signing.nothing_new":     "Cách ký này không có chứng thư nào của thầy/cô.",
}
