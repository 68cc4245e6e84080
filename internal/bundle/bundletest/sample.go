// Package bundletest makes records, statements and receipts for tests of the
// packages that read or print them. Everything in it is invented.
package bundletest

import (
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
)

// Codes of the sample record.
const (
	RecordID  = "0190c5a8-7c1e-7b3a-9d2f-3b6a5c4d7e8f"
	Pupil     = "4800123456"
	School    = "48000101"
	Homeroom  = "4890000001"
	Music     = "4890000002"
	English   = "4890000003"
	Principal = "4890000009"
)

// names of the sample's people by code.
var names = map[string]string{
	Homeroom: "Nguyễn Thị Hồng Ngọc", Music: "A Lăng Thị Đhiêng", English: "Trần Quốc Bảo", Principal: "Phạm Thị Kim Liên",
}

// Name returns the name of a person of the sample.
func Name(code string) string { return names[code] }

// Record returns a complete record of a pupil of grade 4 that fulfils the rule
// set tt27-2020 (overall HTT), with three subject teachers.
func Record() bundle.Record {
	return bundle.Record{
		General: bundle.General{
			Record: RecordID, Book: "0190c5a8-0000-7000-8000-00000000b00c", Year: "2025-2026", RuleSet: "tt27-2020",
			Form: "tt27-pl1", Track: school.TrackJune, TeachersSign: true, Version: 1,
			Department: bundle.Unit{Code: "48", Name: "Sở Giáo dục và Đào tạo thành phố Đà Nẵng"},
			Middle:     bundle.Unit{Code: "20194", Name: "Ủy ban nhân dân xã Trà My"},
			School: bundle.SchoolPlace{Code: School, Name: "Trường Tiểu học Kim Đồng",
				Commune: "Xã Trà My", Province: "Thành phố Đà Nẵng"},
			Approver: bundle.Approver{Code: Principal, Name: Name(Principal), Title: bundle.HeadTeacher},
		},
		Content:  content(),
		Issuance: bundle.Issuance{Code: "0123456789AB", Date: school.Date{Year: 2026, Month: time.June, Day: 5}, Place: "Trà My"},
	}
}

func content() bundle.Content {
	c := bundle.Content{
		Record: RecordID, Year: "2025-2026",
		Pupil: bundle.Pupil{Code: Pupil, PersonalNo: "048216001234", Name: "Hồ Thị Ánh Nguyệt",
			Birth: school.Date{Year: 2016, Month: time.March, Day: 9}, Sex: school.Female, Ethnicity: "Xơ-đăng",
			Nationality: "Việt Nam", BirthPlace: "Trung tâm Y tế huyện Bắc Trà My", Hometown: "Xã Trà My, Đà Nẵng",
			Residence: "Thôn 2, xã Trà My", Father: "Hồ Văn Điết", Mother: "Hồ Thị Xuân"},
		Class: bundle.Class{Code: "4A", Name: "Lớp 4A", Grade: 4, Language: "Tiếng Anh",
			Homeroom: bundle.Teacher{Code: Homeroom, Name: Name(Homeroom)}},
		History: []bundle.Stay{
			{Year: "2024-2025", Class: "3A", School: "Trường Tiểu học Kim Đồng", RegisterNo: "215/2022"},
			{Year: "2025-2026", Class: "4A", School: "Trường Tiểu học Kim Đồng", RegisterNo: "215/2022",
				From: school.Date{Year: 2025, Month: time.September, Day: 5}},
		},
		HeightMM: 1285, WeightG: 26400, Absences: bundle.Absences{Excused: 2},
		Overall:   "HTT",
		Commended: []bundle.Commendation{{Award: bundle.Exemplary}, {Award: bundle.Letter, Text: "Giúp bạn vượt khó"}},
		Completed: true, Promoted: true,
	}
	for _, s := range school.Subjects {
		if sub, ok := subject(s); ok {
			c.Subjects = append(c.Subjects, sub)
		}
	}
	c.Qualities = group("Em chăm ngoan, biết yêu thương bạn bè.", "YEU_NUOC", "NHAN_AI", "CHAM_CHI", "TRUNG_THUC", "TRACH_NHIEM")
	c.General = group("Em tự học tốt & mạnh dạn hơn.", "NL_TU_CHU_TU_HOC", "NL_GIAO_TIEP_HOP_TAC", "NL_GIAI_QUYET_VAN_DE")
	c.Specific = group("Em tính nhanh,\nvẽ đẹp.", "NL_NGON_NGU", "NL_TINH_TOAN", "NL_KHOA_HOC", "NL_CONG_NGHE", "NL_TIN_HOC", "NL_THAM_MI", "NL_THE_CHAT")
	return c
}

// marks of the sample's subjects with a test at the year's end.
var marks = map[school.Subject]int{
	school.TiengViet: 9, school.Toan: 10, school.NgoaiNgu1: 8, school.LichSuDiaLi: 9,
	school.KhoaHoc: 9, school.TinHoc: 7, school.CongNghe: 8,
}

func subject(s school.Subject) (bundle.Subject, bool) {
	if s == school.TuNhienXaHoi || s == school.TiengDanToc {
		return bundle.Subject{}, false // not taught in grade 4, not chosen
	}
	teacher := Homeroom
	switch s {
	case school.AmNhac, school.MiThuat:
		teacher = Music
	case school.NgoaiNgu1:
		teacher = English
	}
	out := bundle.Subject{Record: RecordID, Year: "2025-2026", Pupil: Pupil, Subject: s,
		Teacher: bundle.Teacher{Code: teacher, Name: Name(teacher)}, Level: "T", Remark: "Nắm vững kiến thức môn " + s.Name() + "."}
	if m, ok := marks[s]; ok {
		out.Mark = &m
	}
	if s == school.GiaoDucTheChat {
		out.Exempt, out.Level, out.Remark = true, "", "Miễn theo giấy xác nhận của bệnh viện <huyện>."
	}
	return out, true
}

func group(remark string, items ...string) bundle.Group {
	g := bundle.Group{Remark: remark}
	for _, i := range items {
		g.Traits = append(g.Traits, bundle.Trait{Item: i, Level: "T"})
	}
	return g
}

// Bytes returns the bytes of a record's parts: each subject's, the content's
// and the data's.
func Bytes(r bundle.Record) (subjects [][]byte, content, data []byte, err error) {
	for _, s := range r.Content.Subjects {
		b, err := bundle.WriteSubject(s)
		if err != nil {
			return nil, nil, nil, err
		}
		subjects = append(subjects, b)
	}
	if content, err = bundle.WriteContent(r.Content, subjects); err != nil {
		return nil, nil, nil, err
	}
	data, err = bundle.WriteData(r.General, content)
	return subjects, content, data, err
}
