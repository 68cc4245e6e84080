package words

import "strings"

var roles = map[string]string{
	"teacher":          "Giáo viên",
	"principal":        "Hiệu trưởng",
	"deputy":           "Phó hiệu trưởng",
	"school_admin":     "Quản trị của trường",
	"middle_authority": "Cán bộ xã, phường",
	"authority":        "Chuyên viên Sở",
	"inspector":        "Thanh tra",
	"ministry":         "Bộ Giáo dục và Đào tạo",
}

// Role names a role of an account.
func Role[T ~string](code T) string { return label(roles, code) }

// duties are what a person is to one record, beyond the role.
var duties = map[string]string{
	"owns_part":          "giáo viên dạy môn ấy",
	"homeroom":           "giáo viên chủ nhiệm của lớp",
	"delegated":          "phó hiệu trưởng được ủy quyền",
	"decides_revocation": "đơn vị được giao duyệt thu hồi",
}

// Duty names a duty inside a sentence.
func Duty[T ~string](code T) string { return label(duties, code) }

// stages are the steps of the working record and the states of a version.
var stages = map[string]string{
	"drafting":        "Đang soạn",
	"part_signed":     "Đã ký một phần",
	"homeroom_signed": "Chờ duyệt",
	"returned":        "Bị trả lại",
	"approved":        "Đã duyệt",
	"issued":          "Đã phát hành",
	"submitted":       "Đã nộp, chờ Sở",
	"accepted":        "Sở đã nhận",
	"refused":         "Bị từ chối",
	"locked":          "Đã chốt",
	"reported":        "Đã báo cáo Bộ",
	"replaced":        "Đã thay thế",
	"recalled":        "Trường đã rút",
	"revoked":         "Đã thu hồi",
	"transferred":     "Đã chuyển trường",
	"paper":           "Học bạ giấy",
	"none":            "Chưa có học bạ",
}

// Stage names a stage of the record or a state of a version, as a badge has it.
func Stage[T ~string](code T) string { return label(stages, code) }

var periods = map[string]string{
	"gk1": "Giữa học kì I", "ck1": "Cuối học kì I", "gk2": "Giữa học kì II", "cn": "Cuối năm học", "he": "Đánh giá bổ sung",
}

var shortPeriods = map[string]string{
	"gk1": "Giữa kì I", "ck1": "Cuối kì I", "gk2": "Giữa kì II", "cn": "Cuối năm", "he": "Bổ sung",
}

// Period names one of the points of time of the periodic assessment.
func Period[T ~string](code T) string { return label(periods, code) }

// PeriodShort names a period where there is little room.
func PeriodShort[T ~string](code T) string { return label(shortPeriods, code) }

// Track names the batch a record is sent with: 1 by 30/6, 2 by 15/8.
func Track(n int) string {
	switch n {
	case 1:
		return "Đợt 1, trước ngày 30/6"
	case 2:
		return "Đợt 2, trước ngày 15/8"
	}
	return "–"
}

// subjectLevels and traitLevels are the two scales; T and C mean other things in each.
var (
	subjectLevels = map[string]string{"T": "Hoàn thành tốt", "H": "Hoàn thành", "C": "Chưa hoàn thành"}
	traitLevels   = map[string]string{"T": "Tốt", "Đ": "Đạt", "C": "Cần cố gắng"}
)

// SubjectLevel names a level of a subject or activity (TT 27/2020, Điều 7.1a).
func SubjectLevel[T ~string](code T) string { return label(subjectLevels, code) }

// TraitLevel names a level of a quality or competency (TT 27/2020, Điều 7.2).
func TraitLevel[T ~string](code T) string { return label(traitLevels, code) }

var overalls = map[string]string{
	"HTXS": "Hoàn thành xuất sắc", "HTT": "Hoàn thành tốt", "HT": "Hoàn thành", "CHT": "Chưa hoàn thành",
}

// Overall names the year-end result (TT 27/2020, Điều 9).
func Overall[T ~string](code T) string { return label(overalls, code) }

var units = map[string]string{
	"bo": "Bộ", "so": "Sở", "phong": "Phòng", "xa": "Xã, phường", "truong": "Trường",
}

// UnitKind names a tier of the authority tree.
func UnitKind[T ~string](code T) string { return label(units, code) }

var books = map[string]string{"digital": "Học bạ số", "paper": "Học bạ giấy"}

// BookKind names the form in which a class keeps its records.
func BookKind[T ~string](code T) string { return label(books, code) }

var classKinds = map[string]string{"regular": "lớp học bình thường", "disability": "lớp dành cho người khuyết tật"}

// ClassKind names the kind of class by whose rules pupils are evaluated.
func ClassKind[T ~string](code T) string { return label(classKinds, code) }

var sexes = map[string]string{"nam": "Nam", "nu": "Nữ"}

// Sex names the sex as the forms print it.
func Sex[T ~string](code T) string { return label(sexes, code) }

// verdicts are the answers of the look-up page; {date} and {version} are filled.
var verdicts = map[string]string{
	"valid":     "Hợp lệ, có hiệu lực từ {date}",
	"unlocked":  "Hợp lệ, chưa chốt",
	"replaced":  "Đã thay thế bằng bản {version} ngày {date}",
	"recalled":  "Nhà trường đã rút lại ngày {date}",
	"revoked":   "Đã thu hồi ngày {date}",
	"altered":   "Bị sửa đổi",
	"unknown":   "Không tìm thấy mã này",
	"unchecked": "Chưa kiểm tra được",
}

// Verdict returns the sentence of an answer: valid, unlocked, replaced,
// recalled, revoked, altered, unknown, unchecked. Blanks inside dates and
// version numbers do not break.
func Verdict[T ~string](code T, args map[string]string) string {
	text, ok := verdicts[string(code)]
	if !ok {
		return verdicts["unchecked"]
	}
	text = fill(text, args)
	return strings.NewReplacer("bản ", "bản\u00a0", "ngày ", "ngày\u00a0", "từ ", "từ\u00a0").Replace(text)
}

// meanings say in one sentence what an answer means for the holder of the paper.
var meanings = map[string]string{
	"valid":     "Nội dung đúng như trường đã phát hành và đã được Sở chốt.",
	"unlocked":  "Nội dung đúng như trường đã phát hành và Sở đã nhận. Trường còn có thể thay bản này cho đến khi chốt.",
	"replaced":  "Giấy thật, nhưng nội dung không còn dùng được.",
	"recalled":  "Giấy thật, nhưng trường đã rút bản này và chưa có bản mới.",
	"revoked":   "Bản này đã bị thu hồi sau khi chốt và không còn giá trị.",
	"altered":   "Nội dung khác bản gốc mà trường đã phát hành. Không dùng tệp này.",
	"unknown":   "Xem lại từng chữ của mã in ở chân trang giấy. Trang này không nói gì thêm về mã không có.",
	"unchecked": "Hệ thống chưa trả lời được lúc này. Đây không phải lỗi của tờ giấy; xin thử lại sau ít phút.",
}

// VerdictMeaning returns the sentence of meaning under an answer.
func VerdictMeaning[T ~string](code T) string {
	if text, ok := meanings[string(code)]; ok {
		return text
	}
	return meanings["unchecked"]
}
