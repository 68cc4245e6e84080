package demo

import (
	"math/rand/v2"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// subjectRemarks are what the demonstration's teachers write, by level.
var subjectRemarks = map[evaluation.Level][]string{
	"T": {
		"Nắm chắc kiến thức, vận dụng tốt vào bài làm.", "Tích cực phát biểu, trình bày rõ ràng, biết giúp bạn.",
		"Hiểu bài nhanh, biết tự kiểm tra kết quả.", "Hoàn thành tốt các yêu cầu, có ý tưởng riêng.",
		"Thực hành thành thạo, cẩn thận trong từng bước.",
	},
	"H": {
		"Hoàn thành các yêu cầu; cần luyện thêm để nhanh hơn.", "Hiểu bài, đôi lúc còn nhầm lẫn nhỏ khi thực hành.",
		"Có tiến bộ so với kì trước; nên mạnh dạn phát biểu hơn.", "Làm được các bài cơ bản; cần đọc kĩ yêu cầu đề bài.",
	},
	"C": {
		"Chưa thực hiện được một số yêu cầu; cần được kèm thêm phần cơ bản.",
		"Còn gặp khó khăn khi làm bài; gia đình và cô cùng giúp em luyện tập mỗi ngày.",
	},
}

// subjectWords begin some remarks, so that those of one pupil differ.
var subjectWords = map[school.Subject][]string{
	school.TiengViet:          {"Đọc diễn cảm, viết câu đúng ngữ pháp.", "Đọc trôi chảy, chữ viết sạch đẹp.", "Viết được đoạn văn đủ ý."},
	school.Toan:               {"Tính toán chính xác.", "Giải toán có lời văn rõ các bước.", "Biết ước lượng trước khi tính."},
	school.NgoaiNgu1:          {"Phát âm rõ.", "Nhớ từ vựng theo chủ đề.", "Mạnh dạn giao tiếp theo mẫu câu."},
	school.LichSuDiaLi:        {"Kể lại được sự kiện tiêu biểu.", "Đọc được lược đồ đơn giản."},
	school.KhoaHoc:            {"Biết quan sát và nêu nhận xét.", "Giải thích được hiện tượng gần gũi."},
	school.TinHoc:             {"Sử dụng được phần mềm trình chiếu.", "Gõ phím đúng cách."},
	school.CongNghe:           {"Lắp ghép được mô hình theo hướng dẫn.", "Biết dùng dụng cụ an toàn."},
	school.DaoDuc:             {"Biết giữ lời hứa, giúp đỡ bạn.", "Lễ phép, biết nhận lỗi và sửa lỗi."},
	school.TuNhienXaHoi:       {"Biết giữ vệ sinh và an toàn.", "Kể được các mối quan hệ trong gia đình, trường lớp."},
	school.GiaoDucTheChat:     {"Tập đúng động tác.", "Tham gia trò chơi vận động sôi nổi."},
	school.AmNhac:             {"Hát đúng giai điệu.", "Biết gõ đệm theo phách."},
	school.MiThuat:            {"Phối màu hài hòa.", "Bố cục tranh cân đối."},
	school.HoatDongTraiNghiem: {"Hợp tác tốt trong nhóm.", "Chủ động tham gia hoạt động của lớp."},
}

var groupRemarks = map[evaluation.Item][]string{
	evaluation.RemarkQualities: {"Chăm học, trung thực, biết yêu thương bạn bè.", "Lễ phép, có trách nhiệm với việc của lớp.",
		"Thật thà, biết giữ gìn đồ dùng chung.", "Đi học đều, biết giúp đỡ người thân việc vừa sức."},
	evaluation.RemarkGeneralCompetencies: {"Tự giác học tập, biết hợp tác trong nhóm.", "Biết lắng nghe, trình bày ý kiến rõ ràng.",
		"Bước đầu biết tự giải quyết tình huống quen thuộc.", "Mạnh dạn hỏi khi chưa hiểu, biết chia sẻ với bạn."},
	evaluation.RemarkSpecificCompetencies: {"Diễn đạt mạch lạc, tính toán cẩn thận.", "Có năng khiếu nghệ thuật, vận động khéo léo.",
		"Sử dụng ngôn ngữ phù hợp, tính nhẩm nhanh.", "Yêu thích vẽ và hát, tập luyện thể thao đều."},
}

func subjectRemark(r *rand.Rand, s school.Subject, level evaluation.Level) string {
	text := pick(r, subjectRemarks[level])
	if opening := subjectWords[s]; len(opening) > 0 && level != "C" {
		text = pick(r, opening) + " " + text
	}
	return text
}
