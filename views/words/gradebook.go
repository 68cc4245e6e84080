package words

// gradebookMessages are about saving values: whose cell, when, what stands there.
var gradebookMessages = map[string]string{
	"cell.window_closed":      "Kì này đang khóa nhập. Cần sửa thì đề nghị hiệu trưởng ra lệnh mở lại.",
	"cell.not_yours":          "Phần này hôm nay giao cho giáo viên khác.",
	"cell.pupil":              "Em này không còn trong danh sách của lớp.",
	"cell.pupil_not_assessed": "Em này thuộc diện không đánh giá.",
	"cell.not_planned":        "Kế hoạch rèn luyện trong hè của em không có mục này.",
	"cell.not_summer":         "Em này không thuộc đợt đánh giá bổ sung.",
	"cell.exempt_has_result":  "Đã miễn thì không có mức và điểm. Bỏ một trong hai.",
	"cell.exempt_school":      "Miễn học là quyết định của nhà trường: quản trị của trường khai ở trang Diện riêng của lớp.",
	"record.part_signed":      "{signer} đã ký phần này nên chỉ đọc. Muốn sửa, {signer} rút chữ ký trước.",
	"record.issued":           "Học bạ đã phát hành nên chỉ đọc. Muốn sửa, hiệu trưởng mở lại trước.",
	"throttle.streams":        "Quá nhiều bảng đang mở. Đóng bớt thẻ; bảng này vẫn ghi và lưu được.",
	"gradebook.closed":        "Đã khóa nhập lúc {at}. Cần sửa thì đề nghị hiệu trưởng ra lệnh mở lại.",
	"gradebook.not_open":      "Chưa mở nhập. Kì này mở theo lệnh của hiệu trưởng.",
	"gradebook.opens":         "Mở nhập từ {at}.",
	"gradebook.read_only":     "Chỉ đọc: giáo viên được giao phần này mới ghi.",
}
