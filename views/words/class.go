package words

// classMessages are about classes, assignments, accounts and entry windows.
var classMessages = map[string]string{
	"class.unknown":               "Không có lớp này trong năm học.",
	"class.name":                  "Ghi tên lớp, không quá 20 kí tự, như 4A.",
	"class.grades":                "Chọn một khối; lớp ghép chọn hai hoặc ba khối.",
	"class.from":                  "Ghi ngày từ {first} đến {last}, dạng ngày/tháng/năm.",
	"class.from_before":           "{teacher} đang được phân công từ {from}. Chọn ngày từ hôm ấy trở đi.",
	"class.same_day":              "Thầy/cô này đã được phân công đúng môn ấy từ ngày đó. Chọn ngày khác.",
	"class.teacher":               "Chọn một thầy/cô đang có vai ở trường.",
	"class.teacher_code":          "Thầy/cô này chưa có mã giáo viên nên chưa ký được. Ghi mã ở mục Tài khoản trước.",
	"class.subjects":              "Chọn ít nhất một môn.",
	"class.paper_reason":          "Ghi lý do dùng học bạ giấy, không quá 300 chữ.",
	"class.paper_decision":        "Ghi số và ngày của văn bản cho phép, không quá 100 chữ.",
	"class.paper_until":           "Ghi ngày dự kiến chuyển sang học bạ số, từ hôm nay trở đi.",
	"class.book_signed":           "Lớp đã có học bạ được ký nên không đổi dạng học bạ nữa. Người ký rút chữ ký trước.",
	"account.full_name":           "Ghi đủ họ tên, từ 2 đến 100 kí tự.",
	"account.username":            "Tên đăng nhập gồm 3 đến 40 chữ thường không dấu, số, dấu chấm, gạch; bắt đầu bằng chữ hoặc số.",
	"account.teacher_code":        "Mã giáo viên gồm 4 đến 20 chữ không dấu và số.",
	"account.teacher_code_needed": "Vai này kí học bạ nên cần mã giáo viên.",
	"account.role":                "Chọn một vai của trường.",
	"account.own_role":            "Không tự kết thúc vai quản trị đang dùng. Nhờ quản trị khác của trường làm việc này.",
	"account.elsewhere":           "Thầy/cô này còn có vai ở đơn vị khác nên trường không đặt lại mật khẩu được. Nhờ quản trị của Sở.",
	"window.order":                "Thời điểm khóa phải sau thời điểm mở.",
	"window.instant":              "Ghi ngày giờ dạng 08:00 15/05/2026, theo giờ Việt Nam.",
	"window.reason":               "Ghi lý do, không quá 300 chữ.",
	"window.period":               "Chọn thời điểm đánh giá.",
}
