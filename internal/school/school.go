// Package school holds the reference facts of a primary school: dates and
// school years, units, grade levels, subjects, pupils. It judges nothing: what
// is assessed and how stands in package evaluation, who may act in package
// workflow. It knows no HTTP, no SQL beyond column values, no text for people
// except the official names of subjects and groups.
package school

// Subject is the code of a subject or activity of the primary programme
// (CTGDPT 2018, TT 32/2018), as it stands in files and addresses.
type Subject string

// The fourteen rows of the booklet (TT 27/2020, Phụ lục 1), in its order.
const (
	TiengViet          Subject = "TIENG_VIET"
	Toan               Subject = "TOAN"
	NgoaiNgu1          Subject = "NGOAI_NGU_1"
	LichSuDiaLi        Subject = "LICH_SU_DIA_LI"
	KhoaHoc            Subject = "KHOA_HOC"
	TinHoc             Subject = "TIN_HOC"
	CongNghe           Subject = "CONG_NGHE"
	DaoDuc             Subject = "DAO_DUC"
	TuNhienXaHoi       Subject = "TU_NHIEN_XA_HOI"
	GiaoDucTheChat     Subject = "GIAO_DUC_THE_CHAT"
	AmNhac             Subject = "AM_NHAC"
	MiThuat            Subject = "MI_THUAT"
	HoatDongTraiNghiem Subject = "HOAT_DONG_TRAI_NGHIEM"
	TiengDanToc        Subject = "TIENG_DAN_TOC"
)

// Subjects lists all subjects in the order of the booklet's rows.
var Subjects = []Subject{
	TiengViet, Toan, NgoaiNgu1, LichSuDiaLi, KhoaHoc, TinHoc, CongNghe, DaoDuc,
	TuNhienXaHoi, GiaoDucTheChat, AmNhac, MiThuat, HoatDongTraiNghiem, TiengDanToc,
}

// subjectNames are the official names as the booklet prints them, and short
// ones for narrow places.
var subjectNames = map[Subject][2]string{
	TiengViet:          {"Tiếng Việt", "Tiếng Việt"},
	Toan:               {"Toán", "Toán"},
	NgoaiNgu1:          {"Ngoại ngữ 1", "Ngoại ngữ 1"},
	LichSuDiaLi:        {"Lịch sử và Địa lí", "LS-ĐL"},
	KhoaHoc:            {"Khoa học", "Khoa học"},
	TinHoc:             {"Tin học và Công nghệ (Tin học)", "Tin học"},
	CongNghe:           {"Tin học và Công nghệ (Công nghệ)", "Công nghệ"},
	DaoDuc:             {"Đạo đức", "Đạo đức"},
	TuNhienXaHoi:       {"Tự nhiên và Xã hội", "TN-XH"},
	GiaoDucTheChat:     {"Giáo dục thể chất", "GDTC"},
	AmNhac:             {"Nghệ thuật (Âm nhạc)", "Âm nhạc"},
	MiThuat:            {"Nghệ thuật (Mĩ thuật)", "Mĩ thuật"},
	HoatDongTraiNghiem: {"Hoạt động trải nghiệm", "HĐTN"},
	TiengDanToc:        {"Tiếng dân tộc", "Tiếng dân tộc"},
}

// ParseSubject reads a subject's code.
func ParseSubject(s string) (Subject, bool) {
	_, ok := subjectNames[Subject(s)]
	return Subject(s), ok
}

// Name returns the official name, as the booklet prints it.
func (s Subject) Name() string { return subjectNames[s][0] }

// Short returns a short name for narrow places.
func (s Subject) Short() string { return subjectNames[s][1] }

// Index returns the row of the subject in the booklet, from 0; -1 for no subject.
func (s Subject) Index() int {
	for i, t := range Subjects {
		if s == t {
			return i
		}
	}
	return -1
}

// UnitKind is a tier of the authority tree. Phòng exists until 30/06/2025,
// xã and phường manage schools from 01/07/2025 (NĐ 142/2025).
type UnitKind string

// The kinds of unit.
const (
	Ministry   UnitKind = "bo"
	Department UnitKind = "so"
	District   UnitKind = "phong"
	Commune    UnitKind = "xa"
	School     UnitKind = "truong"
)

// Unit is a node of the authority tree, valid from a day to a day.
type Unit struct {
	ID        int64    `db:"id"`
	Code      string   `db:"code"`
	Name      string   `db:"name"`
	Kind      UnitKind `db:"kind"`
	ParentID  *int64   `db:"parent_id"`
	Levels    string   `db:"levels"` // of a school: TH, TH&THCS, TH-THCS-THPT
	Commune   string   `db:"commune"`
	Province  string   `db:"province"`
	ValidFrom Date     `db:"valid_from"`
	ValidTo   Date     `db:"valid_to"` // zero: still valid
}

// Sex of a pupil as the forms print it.
type Sex string

// The values of Sex.
const (
	Male   Sex = "nam"
	Female Sex = "nu"
)

// ClassKind says by which rules the pupils of a class are evaluated.
type ClassKind string

// The kinds of class. In a class only for pupils with disabilities Toán and
// Tiếng Việt alone are assessed periodically (TT 27/2020 Điều 8.3).
const (
	RegularClass    ClassKind = "regular"
	DisabilityClass ClassKind = "disability"
)

// BookKind says in which form a class keeps its records.
type BookKind string

// The kinds of record book. A school without the conditions may keep paper for
// a while (CV 613/SGDĐT-GDTH mục 2).
const (
	Digital BookKind = "digital"
	Paper   BookKind = "paper"
)
