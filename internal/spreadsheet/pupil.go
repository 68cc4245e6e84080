package spreadsheet

import (
	"strconv"

	"hocba/internal/school"
)

// Pupil is what a list says of a pupil. An empty field says nothing: it never
// erases what is known. Status "" means that the list has no status; for a new
// pupil that is StatusStudying.
type Pupil struct {
	Code       string // mã định danh of the Bộ, 10 digits
	PersonalNo string // số định danh cá nhân, 12 digits
	FullName   string
	BirthDate  school.Date
	Sex        school.Sex
	Ethnicity  string // official name, see Ethnicities
	Status     string // 01–12, see StatusLabel
	Phone      string // one number or several, "; " between

	Birthplace       string
	Village          string // tổ, thôn of the permanent residence
	HometownProvince string
	HometownCommune  string
	Residence        string // where the pupil lives now

	Father, Mother, Guardian Relative

	ClassName string // "4A", never "lớp 4A"
	Grade     int    // 1–5
}

// Relative is a parent or guardian.
type Relative struct {
	Name       string
	Occupation string
	BirthYear  int // 0: not said
}

// Keys of the fields of a list of pupils.
const (
	FieldCode             = "code"
	FieldPersonalNo       = "personal_no"
	FieldFullName         = "full_name"
	FieldFamilyName       = "family_name"
	FieldGivenName        = "given_name"
	FieldBirthDate        = "birth_date"
	FieldSex              = "sex"
	FieldFemale           = "female" // a column "Nữ" with crosses
	FieldEthnicity        = "ethnicity"
	FieldStatus           = "status"
	FieldPhone            = "phone"
	FieldBirthplace       = "birthplace"
	FieldVillage          = "village"
	FieldHometownProvince = "hometown_province"
	FieldHometownCommune  = "hometown_commune"
	FieldResidence        = "residence"
	FieldFatherName       = "father_name"
	FieldFatherJob        = "father_occupation"
	FieldFatherYear       = "father_birth_year"
	FieldMotherName       = "mother_name"
	FieldMotherJob        = "mother_occupation"
	FieldMotherYear       = "mother_birth_year"
	FieldGuardianName     = "guardian_name"
	FieldGuardianJob      = "guardian_occupation"
	FieldGuardianYear     = "guardian_birth_year"
	FieldClass            = "class"
	FieldGrade            = "grade"
	FieldMultiGrade       = "multi_grade"
	FieldNumber           = "number" // STT
)

// FieldValue is a field of a pupil as people read it.
type FieldValue struct {
	Field string
	Value string
}

// Values lists the fields of the pupil in the order of the template, empty ones
// too: dates as dd/MM/yyyy, the status as its label, sex as its code.
func (p Pupil) Values() []FieldValue {
	return []FieldValue{
		{FieldCode, p.Code}, {FieldFullName, p.FullName}, {FieldBirthDate, p.BirthDate.Vietnamese()},
		{FieldSex, string(p.Sex)}, {FieldEthnicity, p.Ethnicity}, {FieldStatus, StatusLabel(p.Status)},
		{FieldPhone, p.Phone}, {FieldBirthplace, p.Birthplace}, {FieldVillage, p.Village},
		{FieldHometownProvince, p.HometownProvince}, {FieldHometownCommune, p.HometownCommune},
		{FieldResidence, p.Residence},
		{FieldFatherName, p.Father.Name}, {FieldFatherJob, p.Father.Occupation}, {FieldFatherYear, number(p.Father.BirthYear)},
		{FieldMotherName, p.Mother.Name}, {FieldMotherJob, p.Mother.Occupation}, {FieldMotherYear, number(p.Mother.BirthYear)},
		{FieldGuardianName, p.Guardian.Name}, {FieldGuardianJob, p.Guardian.Occupation},
		{FieldGuardianYear, number(p.Guardian.BirthYear)},
		{FieldClass, p.ClassName}, {FieldGrade, number(p.Grade)}, {FieldPersonalNo, p.PersonalNo},
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// PupilLayout names the columns of a list of pupils. The name may come whole or
// split, the sex as a column of its own or as crosses under "Nữ"; those pairs
// are checked by ReadPupils, so none of them is Required here.
var PupilLayout = NewLayout(
	[]string{"cha", "bố", "ba", "mẹ", "má", "giám", "đầu", "huynh"},
	Field{Key: FieldNumber, Heading: "STT", Synonyms: []string{"TT", "Số TT", "Số thứ tự", "Stt."}},
	Field{Key: FieldCode, Heading: "Mã định danh Bộ GD&ĐT", Required: true, Synonyms: []string{
		"Mã định danh Bộ GDĐT", "Mã định danh của Bộ", "Mã định danh Bộ", "Mã định danh MOET", "Mã định danh CSDL",
		"Mã định danh học sinh", "Mã MOET", "Mã Bộ", "Mã định danh", "Mã học sinh", "Mã HS", "Mã số học sinh", "Mã CSDL ngành",
	}},
	Field{Key: FieldPersonalNo, Heading: "Số định danh cá nhân", Synonyms: []string{
		"Mã định danh cá nhân", "Số ĐDCN", "ĐDCN", "Số định danh", "Số CCCD", "CCCD", "Số định danh cá nhân/CCCD",
		"Số CCCD/ĐDCN", "Số ĐDCN/CCCD", "Căn cước công dân", "Số căn cước công dân", "Số căn cước", "Mã số định danh cá nhân",
		"Số định danh cá nhân/CMND/CCCD", "CMND/CCCD",
	}},
	Field{Key: FieldFullName, Heading: "Họ tên", Synonyms: []string{
		"Họ và tên", "Họ và tên học sinh", "Họ tên học sinh", "Tên học sinh", "Họ, chữ đệm và tên", "Họ, tên đệm và tên",
		"Họ và tên HS", "Họ tên HS", "Học và tên", "Họ, tên", "Họ tên khai sinh", "Họ chữ đệm tên",
	}},
	Field{Key: FieldFamilyName, Heading: "Họ và đệm", Synonyms: []string{
		"Họ đệm", "Họ và tên đệm", "Họ và chữ đệm", "Họ, tên đệm", "Họ và đệm học sinh", "Họ lót", "Họ và chữ lót",
	}},
	Field{Key: FieldGivenName, Heading: "Tên"},
	Field{Key: FieldBirthDate, Heading: "Ngày sinh", Required: true, Synonyms: []string{
		"Ngày, tháng, năm sinh", "Ngày tháng năm sinh", "Ngày tháng năm sinh học sinh", "Ngày sinh học sinh", "NTNS", "Sinh ngày",
		"Ngày/tháng/năm sinh", "Ngày sinh HS",
	}},
	Field{Key: FieldSex, Heading: "Giới tính", Synonyms: []string{"Nam/Nữ", "Nam nữ", "Phái", "Giới", "GT"}},
	Field{Key: FieldFemale, Heading: "Nữ", Synonyms: []string{"Học sinh nữ", "HS nữ"}},
	Field{Key: FieldEthnicity, Heading: "Dân tộc", Required: true, Synonyms: []string{"Thành phần dân tộc", "DT"}},
	Field{Key: FieldStatus, Heading: "Trạng thái", Synonyms: []string{
		"Trạng thái học sinh", "Tình trạng", "Trạng thái HS", "Tình trạng học", "Trạng thái học",
	}},
	Field{Key: FieldPhone, Heading: "SĐT liên hệ", Synonyms: []string{
		"Số điện thoại", "Số điện thoại liên hệ", "Điện thoại", "Điện thoại liên hệ", "SĐT", "ĐT liên hệ", "Di động", "SĐT phụ huynh",
	}},
	Field{Key: FieldBirthplace, Heading: "Nơi sinh chi tiết", Synonyms: []string{"Nơi sinh"}},
	Field{Key: FieldVillage, Heading: "Tổ/thôn Hộ khẩu thường trú", Synonyms: []string{
		"Tổ/thôn thường trú", "Thôn/tổ", "Tổ/thôn", "Thôn", "Thôn/xóm", "Tổ/thôn/xóm", "Thôn/tổ dân phố", "Tổ dân phố/thôn",
	}},
	Field{Key: FieldHometownProvince, Heading: "Tỉnh thành quê quán", Synonyms: []string{
		"Tỉnh/Thành phố quê quán", "Quê quán tỉnh", "Tỉnh quê quán", "Tỉnh/thành quê quán",
	}},
	Field{Key: FieldHometownCommune, Heading: "Phường Xã quê quán", Synonyms: []string{
		"Xã quê quán", "Xã/Phường quê quán", "Phường/Xã quê quán", "Quê quán xã", "Phường xã/thị trấn quê quán",
	}},
	Field{Key: FieldResidence, Heading: "Chỗ ở hiện nay", Synonyms: []string{
		"Chỗ ở hiện tại", "Nơi ở hiện nay", "Nơi ở hiện tại", "Địa chỉ", "Địa chỉ hiện nay", "Địa chỉ thường trú",
		"Nơi ở", "Chỗ ở", "Địa chỉ liên hệ",
	}},
	Field{Key: FieldFatherName, Heading: "Tên cha", Synonyms: relativeNames("cha", "bố", "ba")},
	Field{Key: FieldFatherJob, Heading: "Nghề nghiệp cha", Synonyms: relativeJobs("cha", "bố", "ba")},
	Field{Key: FieldFatherYear, Heading: "Năm sinh cha", Synonyms: relativeYears("cha", "bố", "ba")},
	Field{Key: FieldMotherName, Heading: "Tên mẹ", Synonyms: relativeNames("mẹ", "má")},
	Field{Key: FieldMotherJob, Heading: "Nghề nghiệp mẹ", Synonyms: relativeJobs("mẹ", "má")},
	Field{Key: FieldMotherYear, Heading: "Năm sinh mẹ", Synonyms: relativeYears("mẹ", "má")},
	Field{Key: FieldGuardianName, Heading: "Tên người giám hộ", Synonyms: append(
		relativeNames("người giám hộ", "giám hộ", "người đỡ đầu"), "Người giám hộ")},
	Field{Key: FieldGuardianJob, Heading: "Nghề nghiệp người giám hộ", Synonyms: relativeJobs("giám hộ", "người đỡ đầu")},
	Field{Key: FieldGuardianYear, Heading: "Năm sinh người giám hộ", Synonyms: relativeYears("giám hộ", "người đỡ đầu")},
	Field{Key: FieldClass, Heading: "Lớp học", Required: true, Synonyms: []string{"Lớp", "Tên lớp", "Lớp đang học"}},
	Field{Key: FieldGrade, Heading: "Khối học", Synonyms: []string{"Khối", "Khối lớp", "Tên khối"}},
	Field{Key: FieldMultiGrade, Heading: "Lớp ghép", Synonyms: []string{"Học lớp ghép", "Là lớp ghép"}},
)

func relativeNames(persons ...string) []string {
	return spellings(persons, "Họ tên %", "Họ và tên %", "Tên %", "Họ tên của %", "%", "Họ, tên %")
}

func relativeJobs(persons ...string) []string {
	return spellings(persons, "Nghề nghiệp %", "Nghề nghiệp của %", "Nghề %", "NN %")
}

func relativeYears(persons ...string) []string {
	return spellings(persons, "Năm sinh %", "Năm sinh của %", "Ngày sinh %", "NS %")
}

// PupilTemplate returns the headings of an empty list of pupils, in the order
// of the sector's template.
func PupilTemplate() []string {
	var headings []string
	for _, f := range PupilLayout.Fields {
		switch f.Key {
		case FieldFamilyName, FieldGivenName, FieldFemale, FieldMultiGrade:
		default:
			headings = append(headings, f.Heading)
		}
	}
	return headings
}
