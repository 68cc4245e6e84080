package words

// verificationMessages are about looking a record up and about its paper.
var verificationMessages = map[string]string{
	"lookup.birth_unreadable": "Ghi đủ ngày, tháng, năm sinh, ví dụ 14/03/2016.",
	"lookup.birth_wrong":      "Ngày sinh chưa khớp. Ghi như trên giấy khai sinh; nhập sai nhiều lần thì phải đợi một giờ.",
	"throttle.day":            "Mã này đã bị thử quá nhiều lần trong ngày. Thử lại ngày mai, hoặc hỏi trường đã phát hành.",
	"paper.no_browser":        "Máy chủ này chưa có chương trình tạo bản in. Học bạ và chữ ký vẫn nguyên; quản trị hệ thống cần cài Chromium.",
	"paper.timeout":           "Tạo bản in lâu quá mức cho phép. Đợi một phút rồi thử lại.",
	"paper.failed":            "Chưa tạo được bản in. Học bạ và chữ ký vẫn nguyên; đợi một phút rồi thử lại.",
	"paper.unverified":        "Chưa tạo bản in vì học bạ trong kho chưa kiểm tra được. Quản trị hệ thống của Sở đã được báo.",
	"paper.not_accepted":      "Bản in chính thức có từ khi Sở tiếp nhận học bạ. Trước đó chỉ có bản xem trước.",
}
