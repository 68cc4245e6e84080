package words

// remarkMessages are about the bank of phrases and about what the checks find
// in remarks; a finding is a hint, never a refusal.
var remarkMessages = map[string]string{
	"phrase.item":          "Chọn môn học hoặc nội dung của câu.",
	"phrase.grades":        "Chọn lớp từ thấp đến cao, trong khoảng 1 đến 5.",
	"phrase.level":         "Mức này không có ở môn học hoặc nội dung đã chọn.",
	"phrase.period":        "Chọn thời điểm trong danh sách.",
	"phrase.text":          "Viết câu nhận xét.",
	"phrase.text_too_long": "Câu dài hơn {max} chữ. Rút ngắn, hoặc tách làm hai câu.",
	"phrase.code":          "Mã có nhiều nhất {max} chữ, không có khoảng trắng.",
	"phrase.code_taken":    "Mã {code} đã gọi câu khác của môn này. Chọn mã khác.",
	"phrase.changed":       "Câu này vừa được sửa hoặc bỏ ở nơi khác. Mở lại kho để xem câu hiện có.",
	"phrase.unknown":       "Không có câu này trong kho của thầy/cô.",

	"remark.other_pupil": "Có tên em khác trong lớp: {name}.",
	"remark.pronoun":     "“{word}” không hợp với giới tính của em.",
	"remark.repeated":    "{count} em có cùng câu “{sentence}”.",
	"remark.praise":      "“{word}” là lời khen không hợp với mức {level}.",
	"remark.blame":       "“{word}” không hợp với mức {level}.",
	"remark.praise_mark": "“{word}” là lời khen không hợp với điểm {mark}.",
	"remark.blame_mark":  "“{word}” không hợp với điểm {mark}.",
	"remark.wording":     "“{word}” xếp hạng hoặc gán nhãn học sinh. Nên nói điều em làm được và cần làm tiếp.",
	"remark.level_mark":  "Mức {level} nhưng điểm {mark}: có đúng không?",
	"remark.placeholder": "Còn chỗ chưa điền: {word}",
	"remark.too_long":    "In ra {lines} dòng, ô giấy giữ được {room} dòng.",
}
