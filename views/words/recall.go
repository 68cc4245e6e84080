package words

// recallMessages are the refusals of taking back, replacing and of the time for chốt.
var recallMessages = map[string]string{
	"recall.act":          "Chọn rút hoặc thay thế.",
	"closing_time.time":   "Ghi ngày dạng 29/06/2026 và giờ dạng 17:00.",
	"closing_time.number": "Ghi số quyết định của Sở.",
	"closing_time.sure":   "Đánh dấu xác nhận trước khi chốt ngay.",
}
