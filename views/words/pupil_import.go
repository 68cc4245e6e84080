package words

// importMessages are about writing a list of pupils.
var importMessages = map[string]string{
	"import.unknown":        "Không còn bản xem trước này: đã quá hạn, đã bỏ, hoặc do người khác tải lên. Tải lại tệp để xem trước.",
	"import.from":           "Ngày vào lớp phải từ {first} đến {last}. Ghi dạng ngày/tháng/năm.",
	"import.choice":         "Lựa chọn không còn hợp với dòng này. Tải lại tệp để chọn lại.",
	"import.claimed":        "Dòng {other} cũng ghi vào em này nên dòng này không ghi.",
	"import.changed":        "Người khác vừa sửa thông tin của em sau lúc xem trước. Tải lại tệp để so với bản mới.",
	"import.code_taken":     "Mã {value} vừa được ghi cho một em khác. Tải lại tệp để đối chiếu.",
	"import.number_taken":   "Số định danh {value} đang thuộc một em khác của trường. Sửa số ở em ấy trước.",
	"import.record_issued":  "Học bạ năm nay của em đã phát hành nên chưa chuyển từ lớp {from} sang {to} được. Hiệu trưởng mở lại học bạ trước.",
	"import.left_file":      "Thông tin của em đã được sửa hoặc kiểm sau khi nhập nên giữ nguyên.",
	"import.left_entered":   "Đã có điểm, nhận xét hoặc đánh giá ghi sau khi nhập nên giữ nguyên.",
	"import.left_signed":    "Đã có người ký sau khi nhập nên giữ nguyên.",
	"import.left_used":      "Đã có trao đổi, khen thưởng, miễn môn hoặc quyết định gắn với em nên giữ nguyên.",
	"import.left_seat":      "Lớp hoặc trạng thái của em đã đổi sau khi nhập nên giữ nguyên.",
	"import.left_changed":   "Đã sửa sau khi nhập nên giữ giá trị mới.",
	"import.left_confirmed": "Người thứ hai đã xác nhận nên giữ nguyên.",
	"import.left_class":     "Lớp đã có học sinh, phân công hoặc đã sửa nên giữ lại.",
	"import.no_undo":        "Lần nhập này được ghi từ trước nên không hoàn lại được.",
	"import.waits":          "Đã ghi; họ tên, giới tính, ngày sinh hoặc số định danh mới chờ hiệu trưởng xác nhận.",
	"import.move_signed":    "Học bạ năm nay của em đã có chữ ký nên chưa chuyển từ lớp {from} sang {to} được. Người ký rút chữ ký trước.",
	"import.rows_refused":   "{refused} dòng không ghi được, {skipped} dòng chờ chọn. Sửa tệp rồi chạy lại, hoặc nhập trên trang web để chọn từng dòng.",
}

var pupilFields = map[string]string{
	"code": "Mã định danh", "personal_no": "Số định danh cá nhân", "full_name": "Họ tên", "birth_date": "Ngày sinh",
	"sex": "Giới tính", "ethnicity": "Dân tộc", "status": "Trạng thái", "phone": "Điện thoại", "birthplace": "Nơi sinh",
	"village": "Tổ, thôn", "hometown_province": "Quê quán", "residence": "Chỗ ở", "father_name": "Tên cha",
	"father_occupation": "Nghề của cha", "father_birth_year": "Năm sinh cha", "mother_name": "Tên mẹ",
	"mother_occupation": "Nghề của mẹ", "mother_birth_year": "Năm sinh mẹ", "guardian_name": "Người giám hộ",
	"guardian_occupation": "Nghề người giám hộ", "guardian_birth_year": "Năm sinh người giám hộ", "class": "Lớp", "grade": "Khối",
}

// PupilField names a field of a pupil's file in a list of changes.
func PupilField[T ~string](code T) string { return label(pupilFields, code) }

// ImportAct says what became of a row of a list.
func ImportAct[T ~string](code T) string { return label(importActs, code) }

var importActs = map[string]string{
	"created": "Thêm mới", "updated": "Cập nhật", "kept": "Giữ nguyên", "skipped": "Bỏ qua", "refused": "Từ chối",
}

var importLines = map[string]string{
	"head":      "{file} · trang “{sheet}” · {rows} dòng · năm học {year}",
	"counts":    "Ghi được {green} · cần chọn {yellow} · từ chối {red}",
	"class":     "Lớp sẽ tạo: {class} (khối {grades}), {pupils} em",
	"row":       "Dòng {row}, {name}: {text}",
	"yellow":    "Cần người chọn trên trang web, lệnh này không ghi:",
	"red":       "Không ghi được:",
	"preview":   "Chưa ghi gì. Thêm --write để ghi {green} dòng.",
	"written":   "Đã ghi: {created} em mới, {updated} em cập nhật, {kept} em giữ nguyên. Không ghi: {refused} dòng từ chối, {skipped} dòng chờ chọn.",
	"cells":     "Đã ghi {cells} ô.",
	"made":      "Đã ghi {made} mục mới, {kept} dòng giữ nguyên.",
	"fresh":     "Tài khoản mới: {username}",
	"passwords": "Tài khoản mới chưa có mật khẩu. Quản trị mở kết quả nhập ở mục Tài khoản, Nhập từ Excel để hiện và in mật khẩu tạm.",
	"footer":    "{who} · {unit} · {when}",
	"template":  "Mẫu danh sách học sinh – {unit} · {when}",
}

// ImportLine returns a line that the command prints, or that stands under a
// table taken away.
func ImportLine(name string, args ...string) string {
	values := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		values[args[i]] = args[i+1]
	}
	return fill(label(importLines, name), values)
}

// ImportSheet are the names and headings of the tables taken away from an import.
var ImportSheet = struct{ Refused, Template, Reason, Result, Title, TemplateTitle string }{
	Refused: "Dòng chưa ghi", Template: "Danh sách học sinh", Reason: "Vì sao chưa ghi", Result: "Kết quả",
	Title: "Các dòng chưa ghi của tệp", TemplateTitle: "DANH SÁCH HỌC SINH NĂM HỌC",
}
