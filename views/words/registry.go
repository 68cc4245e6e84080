package words

// registryMessages are about the registry: reasons of refusals in receipts,
// and what keeps a class from being sent or closed.
var registryMessages = map[string]string{
	"registry.seal_not_approved":     "Con dấu của trường chưa được duyệt vào ngày {date}. Đề nghị cơ quan quản lý duyệt chứng thư rồi gửi lại.",
	"registry.other_kind":            "Phiếu không đúng loại. Lập phiếu mới rồi gửi lại.",
	"registry.school_unknown":        "Kho học bạ không có trường mang mã {school}. Liên hệ Sở.",
	"registry.other_school":          "Phiếu ghi trường {school}, khác trường đang gửi.",
	"registry.other_department":      "Tài liệu ghi Sở mang mã {department}, không thuộc kho này.",
	"registry.bytes_differ":          "Tệp nhận được khác tệp ghi trong phiếu nộp. Gửi lại.",
	"registry.unlisted":              "Học bạ gửi kèm nhưng không có trong phiếu nộp. Lập phiếu mới có học bạ này.",
	"registry.missing":               "Phiếu nộp có học sinh {pupil} nhưng không thấy tệp học bạ. Gửi lại.",
	"registry.manifest_differs":      "Học bạ ghi “{record}”, phiếu nộp ghi “{manifest}”. Lập phiếu mới.",
	"registry.bound_to_another":      "Mã học bạ này đã gắn với học sinh khác hoặc năm học khác. Liên hệ Sở.",
	"registry.pupil_has_record":      "Học sinh đã có học bạ của năm học này dưới mã khác ({other}). Liên hệ Sở.",
	"registry.code_taken":            "Mã tra cứu đã được dùng. Phát hành lại để có mã mới.",
	"registry.version_taken":         "Kho đã có bản {version} với nội dung khác. Phát hành bản mới.",
	"registry.version_old":           "Kho đã có bản {version} mới hơn. Phát hành bản mới.",
	"registry.managed_elsewhere":     "Học bạ đang do trường {school} quản lý. Liên hệ Sở.",
	"registry.replaces":              "Học bạ không ghi đúng bản mà nó thay thế. Phát hành lại.",
	"registry.locked":                "Học bạ đã chốt. Muốn sửa, đề nghị cơ quan quản lý cho thu hồi.",
	"registry.time_not_open":         "Sở chưa mở thời gian chốt, rút và thay học bạ.",
	"registry.time_over":             "Thời gian chốt, rút và thay học bạ đã hết ngày {date}.",
	"registry.class_closed":          "Lớp {class} đã chốt.",
	"registry.not_accepted":          "Kho chưa nhận học bạ của học sinh {pupil}.",
	"registry.other_version_live":    "Kho đang giữ bản khác của học sinh {pupil}. Lập phiếu mới.",
	"registry.not_in_closing":        "Kho có học bạ của học sinh {pupil} nhưng phiếu chốt không nêu. Lập phiếu mới.",
	"registry.no_answer":             "Kho học bạ chưa trả lời phiếu này.",
	"registry.receipt_key":           "Khóa ký biên nhận không khớp chứng thư. Báo quản trị kho.",
	"registry.receipt_certificate":   "Chứng thư ký biên nhận phải mang tên {department}.",
	"registry.no_receipt_key":        "Kho học bạ chưa có khóa ký biên nhận. Báo quản trị kho.",
	"registry.receipt_key_over":      "Chứng thư của kho học bạ không có hiệu lực lúc này (hết ngày {until}). Người vận hành kho cài chứng thư mới; học bạ đã gửi được giữ lại và trả lời sau.",
	"registry.receipt_no_request":    "Chưa có khóa nào được tạo cho chứng thư này. Tạo yêu cầu bằng lệnh hocba registry-key request.",
	"registry.receipt_installed":     "Chứng thư này đang được dùng.",
	"registry.no_device":             "Khóa của kho học bạ nằm trên thiết bị {token}, máy chủ này chưa tới được. Chạy hocba-signer và thêm --signer-socket.",
	"registry.device_pin":            "Không đọc được PIN của thiết bị. Ghi PIN vào tệp {file}, chỉ chủ tệp đọc được, hoặc đặt HOCBA_REGISTRY_PIN.",
	"registry.device_no_certificate": "Thiết bị {token} không có chứng thư nào mang tên {department}.",
	"registry.device_many":           "Thiết bị có nhiều khóa của Sở: {keys}. Chọn một bằng --key.",
	"registry.receipt_request":       "Chưa lập được yêu cầu cấp chứng thư.",
	"registry.receipt_number":        "Kho học bạ chưa lập được biên nhận. Thử lại sau ít phút.",

	"closing.role":         "Việc này thuộc về Sở.",
	"closing.order":        "Thời điểm kết thúc phải sau thời điểm mở.",
	"closing.over":         "Thời gian chốt đã hết ngày {date} nên không đổi được nữa.",
	"closing.in_past":      "Thời điểm kết thúc đã qua.",
	"closing.not_open":     "Thời gian chốt chưa mở hoặc đã hết.",
	"closing.not_accepted": "Kho chưa nhận học bạ. Nộp học bạ, hoặc ghi lí do em chưa có học bạ.",
	"closing.replacing":    "Học bạ đang được thay bằng bản mới. Nộp xong bản mới rồi chốt.",
	"closing.blocked":      "Chưa chốt được: {count} em chưa có học bạ được nhận, trước hết là {pupil}.",
	"closing.empty":        "Lớp chưa có học sinh nào để chốt.",
	"closing.already":      "Lớp đã chốt ngày {date}.",

	"submission.not_issued":       "Học bạ chưa phát hành.",
	"submission.other_track":      "Học bạ thuộc đợt khác.",
	"submission.under_way":        "Đã gửi, đang chờ kho trả lời.",
	"submission.accepted_already": "Kho đã nhận bản này.",
	"submission.needs_reissue":    "Kho từ chối bản này vì nội dung. Sửa, ký và phát hành bản mới rồi nộp.",
	"submission.nothing":          "Chưa có học bạ nào nộp được. Xem lí do ở từng em.",
	"submission.bad_receipt":      "Biên nhận của kho không kiểm tra được. Hệ thống sẽ hỏi lại; học bạ không bị mất.",
	"submission.refused":          "Kho chưa nhận học bạ này. Lí do ghi ở phiếu nộp.",
	"submission.stopped":          "Hiệu trưởng đã dừng gửi phiếu này. Hiệu trưởng mở phiếu và gửi tiếp.",
	"submission.number":           "Chưa lập được phiếu. Thử lại sau ít phút.",
	"statement.unknown":           "Không có phiếu này.",
}

// actions say who mends what a reason names.
var actions = map[string]string{
	"resubmit":  "Gửi lại",
	"reissue":   "Sửa và phát hành bản mới",
	"authority": "Liên hệ cơ quan quản lý",
}

// Action names what a school can do about a reason of the registry.
func Action[T ~string](code T) string { return label(actions, code) }

var absences = map[string]string{
	"chua_hoan_thanh": "Chưa hoàn thành, chờ đánh giá bổ sung",
	"hoc_ba_giay":     "Học bạ giấy",
	"chuyen_di":       "Đã chuyển đi",
}

// Absence names why a pupil has no record in a closing.
func Absence[T ~string](code T) string { return label(absences, code) }

var hands = map[string]string{"school": "Trường chốt", "department": "Sở chốt", "date": "Hết thời gian chốt"}

// Hand names by whom a version was locked.
func Hand[T ~string](code T) string { return label(hands, code) }
