package words

// staffMessages are about lists of accounts and of teaching assignments brought
// from .xlsx.
var staffMessages = map[string]string{
	"staff.other_name":    "Mã hoặc tên đăng nhập này là của {old}. Có phải cùng một người không?",
	"staff.spelling":      "Tên viết khác: trường có {old}.",
	"staff.other_code":    "Trường có mã {old}, tệp ghi {new}. Mã đã có không đổi bằng tệp.",
	"staff.same_name":     "Trường đã có {old}. Là người này hay người mới?",
	"staff.several":       "{count} người cùng tên. Chọn đúng người.",
	"staff.two_people":    "Mã là của {first}, tên đăng nhập là của {second}.",
	"staff.nobody":        "Không thấy {value} trong những người được phân công. Thêm tài khoản có mã giáo viên trước.",
	"staff.no_name":       "Dòng không ghi tên hay mã của ai.",
	"staff.role":          "Không có vai “{value}”. Ghi Giáo viên, Hiệu trưởng, Phó hiệu trưởng hoặc Quản trị của trường.",
	"staff.state":         "Tình trạng trong tệp khác với hệ thống. Đóng, mở tài khoản ở trang của người ấy; vai vẫn ghi được.",
	"staff.closed":        "Tài khoản này đang đóng. Vai ghi được, đăng nhập thì chưa.",
	"staff.twice":         "Đã có ở dòng {other} của tệp.",
	"staff.username_held": "Tên đăng nhập {value} đã có người dùng. Để trống thì hệ thống đặt tên khác.",
	"staff.code_held":     "Mã giáo viên {value} thuộc một tài khoản ở trường khác, hoặc của người đã thôi vai ở trường. Giao vai ở trang của người ấy.",
	"staff.new":           "Tài khoản mới.",
	"staff.changes":       "Mới, {count} mục.",
	"staff.replaces":      "Thay người đang được giao ở {count} mục?",
	"staff.some":          "Ghi được {count} mục, {refused} mục không ghi được.",
	"staff.kept_from":     "Đã giao từ {old}; tệp ghi {new}, giữ ngày đã có.",
	"staff.class":         "Năm học này không có lớp “{value}”.",
	"staff.subject":       "Không có môn “{value}”.",
	"staff.not_taught":    "Lớp {class} không học môn này.",
	"staff.changed":       "Người khác vừa đổi phân công hoặc tài khoản này sau lúc xem trước. Tải lại tệp để so với bản mới.",
	"staff.touched":       "Đã dùng hoặc đã đổi sau khi nhập nên giữ nguyên.",
}

var staffFields = map[string]string{
	"number": "số thứ tự", "full_name": "họ và tên", "family_name": "họ và đệm", "given_name": "tên", "username": "tên đăng nhập",
	"teacher_code": "mã giáo viên", "role": "vai", "state": "tình trạng", "class": "lớp", "subject": "môn học", "from": "ngày đầu",
	"to": "ngày cuối", "decision": "quyết định dạy thay",
}

// StaffField names a column of a list of accounts or assignments within a
// sentence.
func StaffField[T ~string](code T) string { return label(staffFields, code) }
