package words

// messages are the sentences every page may need: addresses, requests, outages.
var messages = map[string]string{
	"internal":           "Máy chủ gặp sự cố. Lỗi này không do thầy/cô; nội dung đã lưu vẫn còn.",
	"page.unknown":       "Không có trang này, hoặc vai đang dùng không mở được trang này.",
	"request.invalid":    "Yêu cầu thiếu thông tin. Mở lại trang rồi làm lại.",
	"request.method":     "Địa chỉ này không nhận việc vừa làm. Mở lại trang rồi làm lại.",
	"request.unreadable": "Máy chủ không đọc được nội dung vừa gửi. Mở lại trang rồi làm lại.",
	"request.elsewhere":  "Việc này được gửi từ một trang khác, không phải từ Học bạ số, nên máy chủ không nhận.",
	"upload.too_large":   "Tệp lớn hơn {limit}. Chia tệp thành nhiều phần rồi gửi lại.",
	"upload.missing":     "Chọn một tệp rồi gửi lại.",
	"throttle.wait":      "Đã thử quá nhiều lần. Đợi {minutes} phút rồi thử lại.",
	"unavailable":        "Máy chủ đang bận. Đợi một phút rồi thử lại.",
	"schema.older":       "Hệ thống đang được nâng cấp. Đợi ít phút rồi thử lại.",
	"schema.newer":       "Hệ thống đang được nâng cấp. Đợi ít phút rồi thử lại.",
	"actor.nobody":       "Chưa rõ ai đang làm việc này. Đăng nhập lại rồi làm lại.",
	"db.unavailable":     "Máy chủ chưa ghi và đọc được dữ liệu lúc này. Đợi một phút rồi thử lại.",
	"db.busy":            "Nhiều người đang ghi cùng một chỗ. Đợi vài giây rồi thử lại.",
	"db.duplicate":       "Việc này đã có người làm rồi. Mở lại trang để xem bản mới nhất.",
	"db.denied":          "Vai đang dùng không ghi được chỗ này.",
	"db.value":           "Có giá trị không nhận được. Quay lại trang trước, xem lại rồi gửi lại.",
	"unit.unknown":       "Không có đơn vị này.",
}

// accountMessages are about signing in, passwords, accounts.
var accountMessages = map[string]string{
	"session.none":               "Phiên làm việc đã hết. Đăng nhập lại để làm tiếp.",
	"session.refused":            "Tên đăng nhập hoặc mật khẩu chưa đúng.",
	"password.old_wrong":         "Nhập lại mật khẩu đang dùng.",
	"password.short":             "Mật khẩu mới cần ít nhất {min} kí tự.",
	"password.long":              "Mật khẩu mới dài nhất {max} kí tự.",
	"password.name":              "Mật khẩu gần giống tên đăng nhập, dễ bị đoán. Chọn một câu khác.",
	"password.common":            "Mật khẩu chỉ lặp hoặc đếm, dễ bị đoán. Chọn một câu khác.",
	"password.same":              "Mật khẩu mới phải khác mật khẩu đang dùng.",
	"password.temporary":         "Đặt mật khẩu riêng trước rồi làm tiếp.",
	"password.differ":            "Nhập lại mật khẩu mới cho giống nhau ở hai ô.",
	"password.busy":              "Nhiều người đang đăng nhập cùng lúc. Đợi vài giây rồi thử lại.",
	"account.unknown":            "Không có tài khoản này.",
	"account.username_taken":     "Tên đăng nhập này đã có người dùng. Chọn tên khác.",
	"account.teacher_code_taken": "Mã giáo viên này đã thuộc tài khoản khác.",
	"class.name_taken":           "Năm học này đã có lớp cùng tên.",
	"pupil.enrolled":             "Em này đã ở trong lớp {class} của năm học.",
	"pupil.code_taken":           "Mã học sinh này đã thuộc em khác.",
	"pupil.personal_no_taken":    "Số định danh này đã thuộc em khác.",
	"pupil.changed":              "Người khác vừa sửa thông tin của em. Mở lại trang để xem bản mới nhất.",
}

// cellMessages are about the values teachers write (TT 27/2020).
var cellMessages = map[string]string{
	"cell.level":            "Ghi {levels}, không nhận “{value}”.",
	"cell.mark":             "Điểm KTĐK là số nguyên từ {min} đến {max}.",
	"cell.mark_decimal":     "Điểm KTĐK là số nguyên từ {min} đến {max}, không có phần thập phân.",
	"cell.mark_not_allowed": "Môn này không có điểm kiểm tra ở kì này.",
	"cell.remark_too_long":  "Nhận xét dài {length} chữ; rút còn {max} chữ.",
	"cell.not_assessed":     "Khối này không đánh giá năng lực ấy.",
	"cell.not_taught":       "Khối này không học môn ấy.",
	"cell.item":             "Ô này không nhận giá trị kiểu ấy.",
	"cell.field":            "Không có cột này trong sổ.",
	"cell.exempt":           "Ghi “Miễn” hoặc để trống.",
	"cell.stale":            "{by} đã ghi {theirs} lúc {at}. Chọn giữ giá trị của mình hoặc lấy giá trị kia.",
}

// recordMessages are about the life of a record.
var recordMessages = map[string]string{
	"record.stage": "Học bạ đang ở bước “{stage}” nên chưa làm được việc này. Mở lại trang để xem việc có thể làm.",
	"record.role":  "Vai đang dùng không làm việc này.",
	"record.duty":  "Việc này thuộc về {need}.",
}

// fileMessages are about files: XML, printing.
var fileMessages = map[string]string{
	"xml.too_large":    "Tệp XML lớn quá mức cho phép.",
	"xml.malformed":    "Tệp không phải XML đúng cú pháp.",
	"xml.namespace":    "Tệp không theo lược đồ học bạ số.",
	"xml.id_place":     "Tệp có mã tham chiếu đặt sai chỗ.",
	"xml.id_duplicate": "Tệp có mã tham chiếu bị lặp.",
	"paper.busy":       "Máy in đang bận. Đợi một phút rồi thử lại.",
	"paper.overflow":   "Ô “{cell}” dài hơn chỗ trên mẫu nên chưa in được. Giáo viên rút gọn nhận xét ấy rồi in lại.",
}
