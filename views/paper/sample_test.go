package paper_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/views/paper"
)

const (
	lookupURL = "https://hocba.sgddt.example.vn/tra-cuu/7KQ29XMC4TDV"
	longName  = "Công Tằng Tôn Nữ Uyên Nhi"
)

// remarks are what teachers of a grade-4 class write, invented.
var remarks = map[school.Subject]string{
	school.TiengViet:          "Đọc diễn cảm tốt, viết đoạn văn có ý riêng; cần mở rộng vốn từ khi tả cảnh.",
	school.Toan:               "Giải thích được cách làm; cần luyện thêm bài toán có nhiều bước tính.",
	school.NgoaiNgu1:          "Phát âm rõ, mạnh dạn khi giao tiếp.",
	school.LichSuDiaLi:        "Kể lại được các sự kiện ở địa phương, đọc bản đồ thành thạo.",
	school.KhoaHoc:            "Biết quan sát, nêu nhận xét và làm thí nghiệm cùng nhóm.",
	school.TinHoc:             "Sử dụng thành thạo phần mềm trình chiếu.",
	school.CongNghe:           "Lắp ghép được mô hình theo hướng dẫn.",
	school.DaoDuc:             "Biết giữ lời hứa, giúp đỡ bạn.",
	school.GiaoDucTheChat:     "Tập đúng động tác, tham gia đều.",
	school.AmNhac:             "Hát đúng giai điệu, gõ đệm đều.",
	school.MiThuat:            "Phối màu hài hòa, bố cục rõ.",
	school.HoatDongTraiNghiem: "Hợp tác tốt trong nhóm, tích cực tham gia hoạt động của lớp.",
}

// sample is a record of grade 4 with the levels and remarks of a good year.
func sample(name string) *bundle.Record {
	year := school.Year("2025-2026")
	mark := func(n int) *int { return &n }
	r := &bundle.Record{
		General: bundle.General{
			Record: "0197a1b2-0000-7000-8000-000000000001", Year: year, RuleSet: "tt27-2020", Track: school.TrackJune, TeachersSign: true, Version: 1,
			School:   bundle.SchoolPlace{Code: "49001234", Name: "Trường Tiểu học Hoa Phượng", Commune: "Phường Hương Trà", Province: "Thành phố Đà Nẵng"},
			Approver: bundle.Approver{Code: "CB01", Name: "Hoàng Văn Thuận", Title: bundle.HeadTeacher},
		},
		Content: bundle.Content{
			Year: year,
			Pupil: bundle.Pupil{
				Code: "4900123456", Name: name, Birth: school.Date{Year: 2016, Month: 3, Day: 5}, Sex: school.Female,
				Ethnicity: "Kinh", Nationality: "Việt Nam", BirthPlace: "Bệnh viện Đa khoa khu vực, phường Hương Trà, thành phố Đà Nẵng",
				Hometown: "Xã Trà Linh, thành phố Đà Nẵng", Residence: "Tổ 12, đường Nguyễn Văn Trỗi, phường Hương Trà, thành phố Đà Nẵng",
				Father: "Công Tằng Tôn Thất Bửu", Mother: "Nguyễn Thị Ngọc Quỳnh",
			},
			Class: bundle.Class{Code: "4A", Name: "4A", Grade: 4, Language: "Tiếng Anh", Homeroom: bundle.Teacher{Code: "GV01", Name: "Trần Thị Bích Phượng"}},
			History: []bundle.Stay{
				{Year: "2022-2023", Class: "1B", School: "Trường Tiểu học số 1 Trà Linh", RegisterNo: "0127", From: school.Date{Year: 2022, Month: 9, Day: 5}},
				{Year: "2023-2024", Class: "2B", School: "Trường Tiểu học số 1 Trà Linh", RegisterNo: "0127"},
				{Year: "2024-2025", Class: "3A", School: "Trường Tiểu học Hoa Phượng", RegisterNo: "1083", From: school.Date{Year: 2024, Month: 8, Day: 20}},
				{Year: year, Class: "4A", School: "Trường Tiểu học Hoa Phượng", RegisterNo: "1083"},
			},
			HeightMM: 1325, WeightG: 28400, Absences: bundle.Absences{Excused: 2},
			Qualities: group("T", "Chăm học, biết giúp bạn và giữ lời hứa; mạnh dạn nhận lỗi và sửa lỗi.", "YEU_NUOC", "NHAN_AI", "CHAM_CHI", "TRUNG_THUC", "TRACH_NHIEM"),
			General:   group("T", "Tự chuẩn bị bài, hợp tác tốt khi làm việc nhóm.", "NL_TU_CHU_TU_HOC", "NL_GIAO_TIEP_HOP_TAC", "NL_GIAI_QUYET_VAN_DE"),
			Specific:  group("T", "Tính toán chắc, diễn đạt rõ ràng, ham thích tìm hiểu tự nhiên.", "NL_NGON_NGU", "NL_TINH_TOAN", "NL_KHOA_HOC", "NL_CONG_NGHE", "NL_TIN_HOC", "NL_THAM_MI", "NL_THE_CHAT"),
			Overall:   "HTT", Commended: []bundle.Commendation{{Award: bundle.Exemplary}}, Completed: true, Promoted: true,
		},
		Issuance: bundle.Issuance{Code: "7KQ29XMC4TDV", Date: school.Date{Year: 2026, Month: 6, Day: 20}, Place: "Hương Trà"},
	}
	marks := map[school.Subject]int{school.TiengViet: 9, school.Toan: 8, school.NgoaiNgu1: 9, school.LichSuDiaLi: 9, school.KhoaHoc: 8, school.TinHoc: 9, school.CongNghe: 10}
	for _, s := range school.Subjects {
		if s == school.TuNhienXaHoi || s == school.TiengDanToc {
			continue
		}
		part := bundle.Subject{Subject: s, Level: "T", Remark: remarks[s], Teacher: teacherOf(s)}
		if n, ok := marks[s]; ok {
			part.Mark = mark(n)
		}
		r.Content.Subjects = append(r.Content.Subjects, part)
	}
	return r
}

func group(level, remark string, items ...string) bundle.Group {
	g := bundle.Group{Remark: remark}
	for _, it := range items {
		g.Traits = append(g.Traits, bundle.Trait{Item: it, Level: level})
	}
	return g
}

func teacherOf(s school.Subject) bundle.Teacher {
	switch s {
	case school.NgoaiNgu1:
		return bundle.Teacher{Code: "GV02", Name: "Nguyễn Lê Hoàng Quyên"}
	case school.TinHoc, school.CongNghe:
		return bundle.Teacher{Code: "GV03", Name: "Phạm Đức Ưng"}
	case school.GiaoDucTheChat:
		return bundle.Teacher{Code: "GV04", Name: "Zơrâm Nhiên"}
	case school.AmNhac:
		return bundle.Teacher{Code: "GV05", Name: "Hồ Thị Ỷ Lan"}
	case school.MiThuat:
		return bundle.Teacher{Code: "GV06", Name: "Võ Thị Mỹ Ngà"}
	}
	return bundle.Teacher{Code: "GV01", Name: "Trần Thị Bích Phượng"}
}

// signed is the context of a final paper with every signature.
func signed() paper.Context {
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 6, day, hour, minute, 0, 0, school.Zone)
	}
	c := paper.Context{
		LookupURL: lookupURL, Site: "hocba.sgddt.example.vn/tra-cuu",
		Teachers: map[string]paper.Signed{},
		Homeroom: paper.Signed{By: "Trần Thị Bích Phượng", At: at(19, 8, 15)},
		Approval: paper.Signed{By: "Hoàng Văn Thuận", At: at(20, 9, 12)},
		Seal:     paper.Signed{By: "Trường Tiểu học Hoa Phượng", At: at(20, 9, 30)},
	}
	for i, s := range school.Subjects {
		t := teacherOf(s)
		c.Teachers[t.Code] = paper.Signed{By: t.Name, At: at(17, 7+i%10, 3*i)}
	}
	return c
}

func render(t testing.TB, b paper.Booklet) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := paper.Document(b).Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// long is a remark of more than 300 characters with a last word that names its row.
func long(tail string) string {
	return strings.Repeat("Em có nhiều tiến bộ trong học kì này, biết lắng nghe và chia sẻ cùng bạn bè. ", 4) + "Hết" + tail + "."
}
