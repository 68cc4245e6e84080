package words

// gradesheetMessages are about tables of results brought from .xlsx into the
// gradebook, and about taking an import back.
var gradesheetMessages = map[string]string{
	"gradesheet.other_class":    "Trang này ghi lớp {file}, thầy/cô chọn lớp {chosen}. Các dòng chờ thầy/cô xem lại.",
	"gradesheet.other_period":   "Trang này ghi {file}, thầy/cô chọn {chosen}. Các dòng chờ thầy/cô xem lại.",
	"gradesheet.other_subject":  "Trang này ghi môn {file}, thầy/cô chọn môn {chosen}. Các dòng chờ thầy/cô xem lại.",
	"gradesheet.other_choice":   "Trang trong tệp ghi khác với lựa chọn ở trên.",
	"gradesheet.row_period":     "Dòng ghi {file}, thầy/cô chọn {chosen}.",
	"gradesheet.none_yours":     "Không ô nào của dòng thuộc phần thầy/cô được nhập.",
	"gradesheet.no_subject":     "Tệp không ghi môn. Chọn môn rồi tải lại.",
	"gradesheet.no_period":      "Tệp không ghi thời điểm đánh giá. Chọn kì rồi tải lại.",
	"gradesheet.new":            "Mới, {count} ô.",
	"gradesheet.changes":        "Ghi đè {count} ô đang có giá trị khác?",
	"gradesheet.some":           "Ghi được {count} ô, {refused} ô không ghi được.",
	"gradesheet.level_mark":     "{item}: mức {level} nhưng điểm {mark}, có đúng không?",
	"gradesheet.twice":          "Ô này đã có ở dòng {other} của tệp.",
	"gradesheet.phrase_unknown": "Không có mã nhận xét “{value}” của {item} trong kho riêng, kho của trường và kho chung. Nhận xét này không ghi; các ô khác của dòng ghi được.",
	"gradesheet.phrase_else":    "Mã nhận xét “{value}” của {item} dành cho khối, mức hoặc kì khác. Đọc lại câu trước khi chọn.",
	"gradesheet.touched":        "{by} đã ghi ô này lúc {at}, sau khi nhập tệp.",
	"gradesheet.stale":          "{by} vừa ghi giá trị khác lúc {at}, sau lúc xem trước. Giữ giá trị ấy.",
	"import.not_written":        "Tệp này chưa ghi nên không có gì để hoàn lại.",
}

var resultFields = map[string]string{
	"level": "mức", "mark": "điểm", "remark": "nhận xét", "code": "mã học sinh", "personal_no": "số định danh cá nhân",
	"full_name": "họ và tên", "family_name": "họ và đệm", "given_name": "tên", "birth_date": "ngày sinh", "class": "lớp",
	"remark_code": "mã nhận xét", "number": "số thứ tự", "period": "thời điểm đánh giá",
}

// ResultField names a column of a table of results within a sentence.
func ResultField[T ~string](code T) string { return label(resultFields, code) }
