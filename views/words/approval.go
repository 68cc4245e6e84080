package words

// approvalMessages are about approval, issue and delegation.
var approvalMessages = map[string]string{
	"approval.unopened":         "Còn {count} em có đánh dấu chưa mở: {names}. Mở từng em rồi duyệt các em còn lại.",
	"approval.unopened_classes": "Còn {count} em có đánh dấu chưa mở ở lớp {names}. Mở từng em rồi duyệt cả lớp.",
	"approval.none_chosen":      "Chưa chọn lớp nào có em chờ duyệt.",
	"approval.nothing":          "Lớp này không còn em nào chờ duyệt.",
	"issuance.place":            "Ghi nơi phát hành, không quá 100 chữ, như Hải Sơn.",
	"issuance.none":             "Chọn ít nhất một em để phát hành.",
	"delegation.deputy":         "Chọn một phó hiệu trưởng của trường.",
	"delegation.decision":       "Ghi số quyết định, không quá 100 chữ.",
	"delegation.dates":          "Ngày cuối không trước ngày đầu và không trước hôm nay; ghi dạng ngày/tháng/năm.",
}
