// Package profile knows a pupil's file (sơ yếu lý lịch, seed Điều 9.1): its
// fields and what each may hold, what a file still lacks, and what a change of
// it needs: a kind, a first day, a paper, and for who the child is a second
// person. It knows no school, no class, no signature and no store.
package profile

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// Field is one line of the file.
type Field string

// The fields. Each is asked because the booklet prints it (TT 27/2020 Phụ lục
// 1, page HỌC BẠ) or the sector's database wants it (domain notes §5.4, §9.2);
// nothing else is asked.
const (
	FullName      Field = "full_name"
	Sex           Field = "sex"         // nam, nu
	BirthDate     Field = "birth_date"  // 2016-03-14
	PersonalNo    Field = "personal_no" // số định danh cá nhân, 12 digits
	Ethnicity     Field = "ethnicity"
	Nationality   Field = "nationality"
	Birthplace    Field = "birthplace"
	Hometown      Field = "hometown"
	Residence     Field = "residence" // nơi ở hiện nay
	Village       Field = "village"   // tổ, thôn of the permanent residence
	Phone         Field = "phone"     // by which the family is reached
	FatherName    Field = "father_name"
	FatherJob     Field = "father_job"
	FatherBirth   Field = "father_birth" // a year
	MotherName    Field = "mother_name"
	MotherJob     Field = "mother_job"
	MotherBirth   Field = "mother_birth"
	GuardianName  Field = "guardian_name"
	GuardianJob   Field = "guardian_job"
	GuardianBirth Field = "guardian_birth"
	RegisterNo    Field = "register_no" // số đăng bộ
)

// Fields lists every field in the order of the form.
var Fields = []Field{FullName, Sex, BirthDate, PersonalNo, Ethnicity, Nationality, Birthplace, Hometown, Residence, Village, Phone,
	FatherName, FatherBirth, FatherJob, MotherName, MotherBirth, MotherJob, GuardianName, GuardianBirth, GuardianJob, RegisterNo}

// guarded are the fields that say who the child is.
var guarded = []Field{FullName, Sex, BirthDate, PersonalNo}

// databaseOnly are asked by the sector's database and stand in no booklet.
var databaseOnly = []Field{Village, Phone, FatherJob, FatherBirth, MotherJob, MotherBirth, GuardianJob, GuardianBirth}

// ParseField reads a field's name.
func ParseField(s string) (Field, bool) {
	return Field(s), slices.Contains(Fields, Field(s))
}

// Guarded reports whether a change of the field needs a second person.
func (f Field) Guarded() bool { return slices.Contains(guarded, f) }

// InRecord reports whether the record of a year says the field: what was
// issued then says the former value.
func (f Field) InRecord() bool { return !slices.Contains(databaseOnly, f) }

// File is what is stored of a pupil, by field, in stored form: dates as
// 2016-03-14, the sex as nam or nu. A missing field is empty.
type File map[Field]string

// Longest texts, in characters (domain notes §5.4 for names).
const (
	maxName  = 150
	maxPlace = 255
	maxText  = 100
)

// limits of the fields that are plain text.
var limits = map[Field]int{
	FullName: maxName, FatherName: maxName, MotherName: maxName, GuardianName: maxName, Birthplace: maxPlace, Hometown: maxPlace,
	Residence: maxPlace, Village: maxText, FatherJob: maxText, MotherJob: maxText, GuardianJob: maxText, Nationality: maxText, RegisterNo: 20,
}

// required must not be emptied.
var required = []Field{FullName, Sex, BirthDate, Nationality}

// Clean brings what was typed into stored form. Dates are read as people write
// them. It fails with Invalid profile.required, profile.too_long (Args max),
// profile.name (Args characters), profile.sex, profile.date, profile.age,
// profile.personal_no, profile.ethnicity, profile.year or profile.phone.
func (f Field) Clean(typed string, today school.Date) (string, error) {
	text := school.CleanLine(typed)
	if text == "" {
		if slices.Contains(required, f) {
			return "", fault.New(fault.Invalid, "profile.required")
		}
		return "", nil
	}
	if most := limits[f]; most > 0 && utf8.RuneCountInString(text) > most {
		return "", fault.New(fault.Invalid, "profile.too_long", "max", strconv.Itoa(most))
	}
	switch f {
	case FullName, FatherName, MotherName, GuardianName:
		if odd := school.OddInName(text); odd != "" {
			return "", fault.New(fault.Invalid, "profile.name", "characters", odd)
		}
	case Sex:
		if text != string(school.Male) && text != string(school.Female) {
			return "", fault.New(fault.Invalid, "profile.sex")
		}
	case BirthDate:
		return cleanBirth(text, today)
	case PersonalNo:
		digits := strings.ReplaceAll(text, " ", "")
		if !digitsOnly(digits) || len(digits) != 12 {
			return "", fault.New(fault.Invalid, "profile.personal_no")
		}
		return digits, nil
	case Ethnicity:
		if !slices.Contains(spreadsheet.Ethnicities(), text) {
			return "", fault.New(fault.Invalid, "profile.ethnicity")
		}
	case FatherBirth, MotherBirth, GuardianBirth:
		if year, err := strconv.Atoi(text); err != nil || year < 1900 || year > today.Year-10 {
			return "", fault.New(fault.Invalid, "profile.year")
		}
	case Phone:
		if strings.Trim(text, "0123456789+ .;,/-") != "" || utf8.RuneCountInString(text) > 60 {
			return "", fault.New(fault.Invalid, "profile.phone")
		}
	}
	return text, nil
}

// Ages of primary pupils by calendar year (TT 28/2020 Điều 33): six in grade 1,
// some later, some kept down.
const (
	minAge = 5
	maxAge = 17
)

func cleanBirth(text string, today school.Date) (string, error) {
	day, ok := school.ReadDate(text)
	if !ok {
		return "", fault.New(fault.Invalid, "profile.date")
	}
	if age := today.Year - day.Year; age < minAge || age > maxAge {
		return "", fault.New(fault.Invalid, "profile.age")
	}
	return day.String(), nil
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
