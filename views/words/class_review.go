package words

// reviewMessages are about the homeroom teacher's lines of a pupil's year.
var reviewMessages = map[string]string{
	"review.field":              "Trang này không có dòng ấy.",
	"review.days":               "Ghi số ngày nghỉ là số nguyên, từ 0 đến {max}.",
	"review.height":             "Ghi chiều cao bằng xăng-ti-mét, từ {min} đến {max}, ví dụ 132,5.",
	"review.weight":             "Ghi cân nặng bằng ki-lô-gam, từ {min} đến {max}, ví dụ 28,5.",
	"review.choice":             "Chọn một câu trả lời trong danh sách.",
	"review.date":               "Ghi ngày theo ngày/tháng/năm, ví dụ 05/08/2026.",
	"review.text_too_long":      "Dài {length} chữ; rút còn {max} chữ.",
	"review.decision_computed":  "Em này không cần quyết định riêng: kết quả đi theo mức đánh giá.",
	"review.completed_promoted": "Em đã hoàn thành chương trình lớp học thì được lên lớp.",
	"review.by_decision":        "Dòng này đi theo quyết định của hiệu trưởng sau rèn luyện trong hè, không ghi ở đây.",
	"review.decided":            "Hiệu trưởng đã quyết định sau rèn luyện trong hè: em thuộc đợt 2.",
	"review.window_closed":      "Đang khóa nhập cuối năm. Cần sửa thì đề nghị hiệu trưởng ra lệnh mở lại.",
	"review.no_record":          "Em này chưa có học bạ của năm học. Nhờ quản trị của trường xem lại danh sách lớp.",
	"review.saved":              "Đã lưu {name} lúc {at}.",
	"review.rows_saved":         "Đã lưu {count} em lúc {at}.",
	"review.awards_given":       "Đã ghi danh hiệu Học sinh Xuất sắc cho {count} em.",
}

// contradictions say what on a homeroom teacher's page does not go with the
// computed year: the codes of record's Contradiction, inside a row.
var contradictions = map[string]string{
	"record.commendation":           "Khen thưởng không đi với mức hiện có",
	"record.commendation_undecided": "Khen thưởng chờ hiệu trưởng quyết định",
	"record.track_missing":          "Chưa chọn đợt",
	"record.track_needs_completion": "Chưa hoàn thành thì sang đợt 2",
	"record.track_is_august":        "Đã có đánh giá bổ sung thì thuộc đợt 2",
	"record.summer_missing":         "Đợt 2: chờ hiệu trưởng quyết định",
	"record.completion_differs":     "Hoàn thành chương trình không khớp với mức",
	"record.promotion_differs":      "Lên lớp không khớp với hoàn thành chương trình",
	"record.promotion_undecided":    "Chờ quyết định lên lớp",
}

// Contradiction names in a few words what a page still has wrong.
func Contradiction(code string) string { return label(contradictions, code) }

// awards are the titles of TT 27/2020, Điều 13, as the booklet prints them.
var awards = map[string]string{
	"HOC_SINH_XUAT_SAC":  "Học sinh Xuất sắc",
	"HOC_SINH_TIEU_BIEU": "Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện",
	"DOT_XUAT":           "Khen thưởng đột xuất",
	"CAP_TREN":           "Cấp trên khen thưởng",
	"THU_KHEN":           "Thư khen",
	"KHAC":               "Khen thưởng khác",
}

// Award names a commendation.
func Award[T ~string](code T) string { return label(awards, code) }

var shortAwards = map[string]string{
	"HOC_SINH_XUAT_SAC": "Xuất sắc", "HOC_SINH_TIEU_BIEU": "Tiêu biểu", "DOT_XUAT": "Đột xuất", "CAP_TREN": "Cấp trên",
	"THU_KHEN": "Thư khen", "KHAC": "Khác",
}

// AwardShort names a commendation where there is little room.
func AwardShort[T ~string](code T) string { return label(shortAwards, code) }
