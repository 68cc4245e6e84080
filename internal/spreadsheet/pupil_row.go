package spreadsheet

import (
	"slices"
	"strconv"
	"strings"

	"hocba/internal/school"
)

// Ages of primary pupils, counted by calendar year: the year in which the
// school year begins less the year of birth (TT 28/2020 Điều 33: six in grade
// 1, up to three years more for some).
const (
	minAge      = 5
	maxAge      = 16
	ageOfGrade  = 5 // usual age = 5 + grade
	yearsAhead  = 1 // skipped a grade or came early
	yearsBehind = 3
)

// Longest texts, in characters (domain notes §5.4 for names).
const (
	maxName = 150
	maxText = 255
)

// pupilReader reads the rows of one list.
type pupilReader struct {
	sheet      *PupilSheet
	multiGrade map[string]bool
}

func (p *pupilReader) read(row Row) PupilRow {
	r := &pupilRow{rowReader: rowReader{header: p.sheet.Header, row: row}, year: p.sheet.Year}
	r.name()
	r.birthDate()
	r.possibleAge()
	r.sex()
	r.code()
	r.personalNo() // after sex and birth date, which it must agree with
	r.ethnicity()
	r.status()
	r.phone()
	r.plainTexts()
	r.Father = r.relative(FieldFatherName, FieldFatherJob, FieldFatherYear)
	r.Mother = r.relative(FieldMotherName, FieldMotherJob, FieldMotherYear)
	r.Guardian = r.relative(FieldGuardianName, FieldGuardianJob, FieldGuardianYear)
	r.class(p.multiGrade)
	r.usualAge()
	r.sortIssues()
	return PupilRow{Row: row.Number, Pupil: r.Pupil, Issues: r.issues, Raw: p.sheet.raw(row)}
}

// pupilRow is a row while it is read.
type pupilRow struct {
	rowReader
	Pupil
	year school.Year
}

// sortIssues puts the worst first, then from left to right.
func (r *pupilRow) sortIssues() {
	rank := map[Severity]int{Refused: 0, Warning: 1, Note: 2}
	index := func(i Issue) int {
		for k, c := range r.header.Columns {
			if c.Letter == i.Column {
				return k
			}
		}
		return -1
	}
	slices.SortStableFunc(r.issues, func(a, b Issue) int {
		if d := rank[a.Severity] - rank[b.Severity]; d != 0 {
			return d
		}
		return index(a) - index(b)
	})
}

// name reads the whole name, a heading merged over two columns, or family and
// given name. A name is never rewritten, only cleaned.
func (r *pupilRow) name() {
	field := FieldFullName
	column, whole := r.header.Column(FieldFullName)
	var text string
	var ok bool
	if whole {
		text, ok = r.text(FieldFullName, maxName)
		if next := r.row.Cell(column.Index + 1); ok && column.span == 2 && next.Kind != Empty {
			if next.Kind == Formula {
				r.add(Refused, CodeFormula, FieldFullName)
				return
			}
			text = strings.TrimSpace(text + " " + strings.Join(strings.Fields(next.Text), " "))
		}
	} else {
		field = FieldGivenName
		family, ok1 := r.text(FieldFamilyName, maxName)
		given, ok2 := r.text(FieldGivenName, maxName)
		if ok = ok1 && ok2; ok && given != "" {
			text = strings.TrimSpace(family + " " + given)
		}
	}
	switch {
	case !ok:
		return
	case text == "":
		r.add(Refused, CodeRequired, field)
		return
	}
	if formulaLike(text) {
		r.add(Warning, CodeFormulaText, field, "value", excerpt(text))
	}
	if odd := school.OddInName(text); odd != "" {
		r.add(Refused, CodeNameCharacters, field, "value", excerpt(text), "characters", odd)
		return
	}
	if capitals(text) {
		r.add(Note, CodeNameCapitals, field, "value", text)
	}
	r.FullName = text
}

func (r *pupilRow) birthDate() {
	c, ok := r.cell(FieldBirthDate)
	if !ok {
		return
	}
	if c.Kind == Empty {
		r.add(Refused, CodeRequired, FieldBirthDate)
		return
	}
	d, code := readDate(c)
	switch code {
	case "":
		r.BirthDate = d
	case CodeDateSerial:
		r.BirthDate = d
		r.add(Warning, code, FieldBirthDate, "value", c.Text, "date", d.Vietnamese())
	default:
		r.add(Refused, code, FieldBirthDate, "value", excerpt(c.Text))
	}
}

func (r *pupilRow) sex() {
	if _, ok := r.header.Column(FieldSex); !ok {
		if c, ok := r.cell(FieldFemale); ok {
			// In a column "Nữ" any mark is a girl, a blank a boy.
			r.Sex = school.Male
			if c.Kind != Empty && headingKey(c.Text) != "nam" {
				r.Sex = school.Female
			}
		}
		return
	}
	text, ok := r.text(FieldSex, maxText)
	if !ok {
		return
	}
	if text == "" {
		r.add(Refused, CodeRequired, FieldSex)
		return
	}
	if r.Sex, ok = readSex(text); !ok {
		r.add(Refused, CodeSex, FieldSex, "value", excerpt(text))
	}
}

func (r *pupilRow) code() {
	c, ok := r.cell(FieldCode)
	if !ok {
		return
	}
	if c.Kind == Empty {
		r.add(Refused, CodeRequired, FieldCode)
		return
	}
	digits, ok := digitsOf(c.Text)
	if !ok || len(digits) != 10 || c.Kind == Day {
		r.add(Refused, CodePupilCode, FieldCode, "value", excerpt(c.Text))
		return
	}
	r.Code = digits
}

// personalNo reads the 12 digits. Zeros that Excel dropped are put back only
// when the result agrees with sex and birth date, so that it is certain.
func (r *pupilRow) personalNo() {
	c, ok := r.cell(FieldPersonalNo)
	if !ok || nothing(c.Text) {
		return
	}
	digits, ok := digitsOf(c.Text)
	switch {
	case !ok || c.Kind == Day || len(digits) > 12:
		r.add(Refused, CodePersonalNo, FieldPersonalNo, "value", excerpt(c.Text))
	case len(digits) == 12:
		r.PersonalNo = digits
		if !r.BirthDate.IsZero() && r.Sex != "" && !school.PersonalNoAgrees(digits, r.Sex, r.BirthDate) {
			r.add(Warning, CodePersonalNoOdd, FieldPersonalNo, "value", digits)
		}
	case len(digits) >= 10 && school.PersonalNoAgrees(padded(digits), r.Sex, r.BirthDate):
		r.PersonalNo = padded(digits)
		r.add(Note, CodePersonalNoPadded, FieldPersonalNo, "value", digits, "read", r.PersonalNo)
	default:
		r.add(Refused, CodePersonalNoShort, FieldPersonalNo, "value", digits, "digits", strconv.Itoa(len(digits)))
	}
}

func padded(digits string) string { return strings.Repeat("0", 12-len(digits)) + digits }

func (r *pupilRow) ethnicity() {
	text, ok := r.text(FieldEthnicity, maxText)
	if !ok {
		return
	}
	if text == "" {
		r.add(Refused, CodeRequired, FieldEthnicity)
		return
	}
	name, near, ok := ReadEthnicity(text)
	switch {
	case ok:
		r.Ethnicity = name
	case near != "":
		r.add(Refused, CodeEthnicityNear, FieldEthnicity, "value", excerpt(text), "near", near)
	default:
		r.add(Refused, CodeEthnicity, FieldEthnicity, "value", excerpt(text))
	}
}

func (r *pupilRow) status() {
	text, ok := r.text(FieldStatus, maxText)
	if !ok || text == "" {
		return
	}
	if r.Status, ok = readStatus(text); !ok {
		r.add(Refused, CodeStatus, FieldStatus, "value", excerpt(text))
	}
}

func (r *pupilRow) phone() {
	c, ok := r.cell(FieldPhone)
	if !ok || nothing(c.Text) {
		return
	}
	phones, padded, ok := readPhones(c.Text)
	switch {
	case !ok || len(phones) > maxText:
		r.add(Warning, CodePhone, FieldPhone, "value", excerpt(c.Text))
	case padded:
		r.add(Note, CodePhonePadded, FieldPhone, "value", excerpt(c.Text), "read", phones)
		fallthrough
	default:
		r.Phone = phones
	}
}

func (r *pupilRow) plainTexts() {
	for _, plain := range [...]struct {
		field string
		into  *string
	}{
		{FieldBirthplace, &r.Birthplace}, {FieldVillage, &r.Village}, {FieldHometownProvince, &r.HometownProvince},
		{FieldHometownCommune, &r.HometownCommune}, {FieldResidence, &r.Residence},
	} {
		column, ok := r.header.Column(plain.field)
		if c := r.row.Cell(column.Index); ok && c.Kind == Day {
			// "1/2" typed into Excel becomes the first of February.
			r.add(Refused, CodeBecameDate, plain.field, "value", c.Text)
			continue
		}
		*plain.into, _ = r.text(plain.field, maxText)
	}
}

// relative reads a parent or guardian. What is odd in it does not stop the
// pupil's row: a person decides.
func (r *pupilRow) relative(nameField, jobField, yearField string) Relative {
	var rel Relative
	name, _ := r.text(nameField, maxName)
	switch {
	case nothing(name):
	case formulaLike(name):
		r.add(Warning, CodeFormulaText, nameField, "value", excerpt(name))
		rel.Name = name
	case school.OddInName(name) != "":
		r.add(Warning, CodeRelativeName, nameField, "value", excerpt(name))
		rel.Name = name
	default:
		rel.Name = name
	}
	if job, _ := r.text(jobField, maxText); !nothing(job) {
		rel.Occupation = job
	}
	c, ok := r.cell(yearField)
	if !ok || nothing(c.Text) {
		return rel
	}
	year, ok := readBirthYear(c)
	if !ok || !r.BirthDate.IsZero() && (year > r.BirthDate.Year-10 || year < r.BirthDate.Year-100) {
		r.add(Warning, CodeBirthYear, yearField, "value", excerpt(c.Text))
		return rel
	}
	rel.BirthYear = year
	return rel
}

// class reads class and grade. The number in the class's name and the grade
// must agree, but in a multi-grade class, where each pupil has their own.
func (r *pupilRow) class(multiGradeClasses map[string]bool) {
	c, ok := r.cell(FieldClass)
	if !ok {
		return
	}
	if c.Kind == Day {
		r.add(Refused, CodeBecameDate, FieldClass, "value", c.Text)
		return
	}
	text, ok := r.text(FieldClass, 20)
	if !ok {
		return
	}
	if text == "" {
		r.add(Refused, CodeRequired, FieldClass)
		return
	}
	name, grades := readClass(text)
	multi := multiGradeClasses[name] || len(grades) > 1
	if mark, _ := r.text(FieldMultiGrade, maxText); mark != "" && headingKey(mark) != "khong" && mark != "0" {
		multi = true
	}
	grade, stated, ok := r.grade()
	if !ok {
		return
	}
	switch {
	case !stated && len(grades) == 1 && primary(grades[0]):
		grade = grades[0]
	case !stated:
		r.add(Refused, CodeGradeUnknown, FieldClass, "value", text)
		return
	case multi && len(grades) > 1 && !slices.Contains(grades, grade),
		!multi && len(grades) == 1 && grades[0] != grade:
		r.add(Refused, CodeClassGrade, FieldClass, "value", text, "grade", strconv.Itoa(grade))
		return
	}
	r.ClassName, r.Grade = name, grade
}

// grade reads the column of grades; stated is false when it is empty.
func (r *pupilRow) grade() (grade int, stated, ok bool) {
	c, ok := r.cell(FieldGrade)
	if !ok || c.Kind == Empty {
		return 0, false, ok
	}
	digits := gradeNumber.FindString(c.Text)
	word := headingKey(c.Text)
	known := word == digits || word == "khoi"+digits || word == "lop"+digits || word == "khoilop"+digits
	if grade, _ = strconv.Atoi(digits); !known || !primary(grade) || c.Kind == Day {
		r.add(Refused, CodeGrade, FieldGrade, "value", excerpt(c.Text))
		return 0, true, false
	}
	return grade, true, true
}

func primary(grade int) bool { return grade >= 1 && grade <= 5 }

// possibleAge refuses a birth date that no primary pupil has, a parent's or one
// with a slip in the year, before anything else is compared with it.
func (r *pupilRow) possibleAge() {
	if r.year == "" || r.BirthDate.IsZero() {
		return
	}
	if age := r.year.First() - r.BirthDate.Year; age < minAge || age > maxAge {
		r.add(Refused, CodeAgeImpossible, FieldBirthDate, "value", r.BirthDate.Vietnamese(),
			"age", strconv.Itoa(age), "year", r.year.Vietnamese())
		r.BirthDate = school.Date{}
	}
}

// usualAge warns of an age that is unusual for the grade.
func (r *pupilRow) usualAge() {
	if r.year == "" || r.BirthDate.IsZero() || r.Grade == 0 {
		return
	}
	age, usual := r.year.First()-r.BirthDate.Year, ageOfGrade+r.Grade
	if age < usual-yearsAhead || age > usual+yearsBehind {
		r.add(Warning, CodeAgeUnusual, FieldBirthDate, "value", r.BirthDate.Vietnamese(),
			"age", strconv.Itoa(age), "grade", strconv.Itoa(r.Grade), "year", r.year.Vietnamese())
	}
}
