package bundle

import (
	"hocba/internal/school"
)

// Record is the content of one version of a pupil's record of one school year:
// everything the printed booklet shows (TT 27/2020, Phụ lục 1), so that paper
// can be rendered from the XML alone.
type Record struct {
	General  General
	Content  Content
	Issuance Issuance
}

// General is THONG_TIN_CHUNG: what identifies the version. Principal and seal
// cover it; the teachers do not, so that an unchanged page keeps its signatures
// in the next version.
type General struct {
	Record       string       // MA_HOC_BA: UUID of this pupil's year, small letters
	Book         string       // MA_SO_HOC_BA: the pupil's book, all years
	Year         school.Year  // NAM_HOC
	RuleSet      string       // BO_QUY_TAC, such as tt27-2020
	Form         string       // MAU: version of the printed form
	Track        school.Track // DOT: 1 before 30/6, 2 before 15/8 (seed Điều 4.3)
	TeachersSign bool         // GVBM_KY: subject teachers' signatures are demanded
	Version      int          // PHIEN_BAN, from 1, rising with gaps
	Replaces     string       // THAY_THE: SHA-256 (hex) of the bytes of the version replaced, or ""
	Department   Unit         // SO
	Middle       Unit         // CAP_GIUA: Phòng until 30/06/2025, xã/phường after; zero when there is none
	School       SchoolPlace  // TRUONG
	Approver     Approver     // who approves for the school
}

// Unit is an authority as it was called on the day of issue.
type Unit struct {
	Code string // MA
	Name string // TEN
}

// SchoolPlace is the school with the place names of the day of issue. District
// is empty since 01/07/2025.
type SchoolPlace struct {
	Code     string // MA
	Name     string // TEN
	Commune  string // XA
	District string // HUYEN
	Province string // TINH
}

// Title is the capacity in which the approver signs (dictionary field
// chucvugiamhieu).
type Title string

// The titles: HIỆU TRƯỞNG, and KT. HIỆU TRƯỞNG / PHÓ HIỆU TRƯỞNG.
const (
	HeadTeacher   Title = "HIEU_TRUONG"
	DeputyForHead Title = "KT_HIEU_TRUONG"
)

// Approver is the principal, or the deputy who signs for the principal.
type Approver struct {
	Code  string // MA_CAN_BO
	Name  string // HO_TEN
	Title Title  // CHUC_VU_KY
}

// Content is THONG_TIN_HOC_BA: the year's page and the personal page, what the
// homeroom teacher signs. Record and Year stand in it as attributes, so that it
// cannot be carried into another record.
type Content struct {
	Record       string // MA_HOC_BA
	Year         school.Year
	Pupil        Pupil
	Class        Class
	History      []Stay // QUA_TRINH_HOC_TAP, this year's last; at least one
	HeightMM     int    // millimetres; 0: not measured
	WeightG      int    // grams; 0: not measured
	Absences     Absences
	Subjects     []Subject // in the order of school.Subjects, taught ones only
	Qualities    Group
	General      Group // năng lực chung
	Specific     Group // năng lực đặc thù
	Overall      string
	Commended    []Commendation
	Completed    bool    // HOAN_THANH_CHUONG_TRINH of the grade; in grade 5 of primary school
	Promoted     bool    // LEN_LOP
	Reassessment *Summer // DANH_GIA_BO_SUNG: when the values are those after the summer
}

// Pupil is HOC_SINH: the personal page (form, page 3). Empty lines are absent.
type Pupil struct {
	Code        string // MA_HOC_SINH: the ministry's identifier
	PersonalNo  string // SO_DINH_DANH: 12 digits, or ""
	Passport    string // GIAY_TO: paper of a foreigner without a personal number, or ""
	Name        string
	Birth       school.Date
	Sex         school.Sex
	Ethnicity   string // DAN_TOC
	Nationality string // QUOC_TICH
	BirthPlace  string // NOI_SINH
	Hometown    string // QUE_QUAN
	Residence   string // NOI_O
	Father      string // CHA
	Mother      string // ME
	Guardian    string // NGUOI_GIAM_HO
	NotAssessed bool   // KHONG_DANH_GIA: disabled and not assessed (cokhuyettatkhongdanhgia)
}

// Class is LOP: the class at the end of the year and its homeroom teacher.
type Class struct {
	Code     string
	Name     string
	Grade    int
	Campus   string  // DIEM_TRUONG, or ""
	Language string  // NGOAI_NGU: which language Ngoại ngữ 1 is, or ""
	Ethnic   string  // TIENG_DAN_TOC: which language Tiếng dân tộc is, or ""
	Homeroom Teacher // GVCN
}

// Teacher is a person who writes in the record.
type Teacher struct {
	Code string // MA_GIAO_VIEN
	Name string // HO_TEN
}

// Stay is one row of QUÁ TRÌNH HỌC TẬP.
type Stay struct {
	Year       school.Year
	Class      string
	School     string
	RegisterNo string      // SO_DANG_BO, or ""
	From       school.Date // NGAY_DEN: enrolled or moved in; zero when not known
}

// Absences are days with and without leave.
type Absences struct{ Excused, Unexcused int }

// Subject is DIEM_TONG_KET: one row of part 1, the part one subject teacher
// signs. The identity of record, year, pupil and teacher stands inside it.
type Subject struct {
	Record  string // MA_HOC_BA
	Year    school.Year
	Pupil   string // MA_HOC_SINH
	Subject school.Subject
	Teacher Teacher
	Exempt  bool   // MIEN: then neither level nor mark
	Level   string // T, H, C
	Mark    *int   // DIEM_KTDK, or nil
	Remark  string
}

// Group is one of the three groups of traits with its one remark.
type Group struct {
	Traits []Trait // in the order of the booklet; items not assessed are absent
	Remark string
}

// Trait is the level of a quality or competency.
type Trait struct {
	Item  string // MA: code of the quality or competency
	Level string // MUC: T, Đ, C
}

// Award is the kind of a commendation (TT 27/2020 Điều 13).
type Award string

// The kinds of commendation.
const (
	Excellent   Award = "HOC_SINH_XUAT_SAC"
	Exemplary   Award = "HOC_SINH_TIEU_BIEU"
	Exceptional Award = "DOT_XUAT"
	Higher      Award = "CAP_TREN"
	Letter      Award = "THU_KHEN"
	OtherAward  Award = "KHAC"
)

// Commendation is one line of part 5. Text is what is printed; it may be empty
// for the two titles of the year's end.
type Commendation struct {
	Award Award
	Text  string
}

// Summer is the re-assessment (Điều 11) on which the year's values rest.
type Summer struct {
	Before string      // KQGD_CUOI_NAM: overall level at the year's end
	Date   school.Date // NGAY: day of the decision
	Text   string      // NOI_DUNG, or ""
}

// Issuance is THONG_TIN_PHAT_HANH.
type Issuance struct {
	Code  Code        // MA_TRA_CUU
	Date  school.Date // NGAY_PHAT_HANH
	Place string      // NOI_PHAT_HANH
}
