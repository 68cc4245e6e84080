package spreadsheet

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"hocba/internal/school"
)

// excerpt shortens a value for a sentence, without the invisible characters
// that would turn the sentence around.
func excerpt(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "…"
	}
	return s
}

var (
	clockSuffix = regexp.MustCompile(`[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$`)
	dateWords   = regexp.MustCompile(`^(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})$`)
	shortYear   = regexp.MustCompile(`^\d{1,2}\s*[-/. ]\s*\d{1,2}\s*[-/. ]\s*\d{2}$`)
)

// readDate reads a birth date cell: a real date, or text in any usual spelling
// ("5/4/2020", "05-04-2020", "2020-04-05 00:00:00", "ngày 5 tháng 4 năm 2020").
// A plain number that could be a date is doubtful, a short year refused. code
// is "" when the date is sure; CodeDateSerial comes with a date.
func readDate(c Cell) (d school.Date, code string) {
	switch c.Kind {
	case Day:
		return c.Date, ""
	case Number:
		if y := c.Date.Year; y >= 1990 && y <= 2100 && !strings.Contains(c.Text, ".") {
			return c.Date, CodeDateSerial
		}
		return school.Date{}, CodeNotDate
	}
	text := strings.TrimLeft(strings.Join(strings.Fields(c.Text), " "), "'’`")
	text = clockSuffix.ReplaceAllString(text, "")
	if d, ok := school.ReadDate(text); ok {
		return d, ""
	}
	if m := dateWords.FindStringSubmatch(school.Fold(strings.ReplaceAll(text, ",", ""))); m != nil {
		if d, ok := school.ReadDate(m[1] + "/" + m[2] + "/" + m[3]); ok {
			return d, ""
		}
	}
	if shortYear.MatchString(text) {
		return school.Date{}, CodeShortYear
	}
	return school.Date{}, CodeNotDate
}

// digitsOf drops what people put between and before digits: blanks, dots and
// the apostrophe that keeps Excel from dropping zeros. ok is false when
// something else remains.
func digitsOf(s string) (string, bool) {
	ok := true
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '.' || r == '-' || r == '\'' || r == '’' || r == '`':
			return -1
		}
		ok = false
		return -1
	}, s)
	return digits, ok && digits != ""
}

// readSex reads the usual spellings. Digits are refused: which of 0 and 1 is
// which differs between systems.
func readSex(s string) (school.Sex, bool) {
	switch headingKey(s) {
	case "nam", "trai", "betrai", "m", "male", "boy":
		return school.Male, true
	case "nu", "gai", "begai", "f", "female", "girl":
		return school.Female, true
	}
	return "", false
}

// statusLabels are the official labels of the pupil status list, code 01 first
// (domain notes §5.6).
var statusLabels = [12]string{
	"Đang học", "Chuyển đến kỳ 1", "Nghỉ học xin học lại kỳ 1", "Chuyển đi kỳ 1", "Thôi học kỳ 1",
	"Chuyển đến kỳ 2", "Nghỉ học xin học lại kỳ 2", "Chuyển đi kỳ 2", "Thôi học kỳ 2",
	"Chuyển đến trong hè", "Chuyển đi trong hè", "Thôi học trong hè",
}

// StatusStudying is the status of a pupil on the roll.
const StatusStudying = "01"

// StatusLabel returns the official label of a status code, "" for no code.
func StatusLabel(code string) string {
	n, err := strconv.Atoi(code)
	if err != nil || len(code) != 2 || n < 1 || n > len(statusLabels) {
		return ""
	}
	return statusLabels[n-1]
}

// readStatus reads a label, or a code with or without its leading zero.
func readStatus(s string) (string, bool) {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil {
		if n >= 1 && n <= len(statusLabels) {
			return twoDigits(n), true
		}
		return "", false
	}
	key := termKey(s)
	for i, label := range statusLabels {
		if termKey(label) == key {
			return twoDigits(i + 1), true
		}
	}
	return "", false
}

func twoDigits(n int) string { return strconv.Itoa(100 + n)[1:] }

// termKey folds a label and lets the spellings of the terms agree: "học kỳ II",
// "HK2", "kì 2".
func termKey(s string) string {
	s = school.Fold(s)
	for _, pair := range [...][2]string{{"hoc ky", "ky"}, {"hoc ki", "ky"}, {"hk", "ky "}, {"ki ", "ky "}} {
		s = strings.ReplaceAll(s, pair[0], pair[1])
	}
	fields := strings.Fields(s)
	for i, f := range fields {
		switch f {
		case "i":
			fields[i] = "1"
		case "ii":
			fields[i] = "2"
		}
	}
	return headingKey(strings.Join(fields, ""))
}

// nothing reports whether a text says that there is nothing to say.
func nothing(s string) bool {
	switch headingKey(s) {
	case "", "khong", "khongco", "x", "chuaco", "khongro", "trong", "null", "none", "na":
		return true
	}
	return false
}

// readPhones reads one number or several. padded is true when a zero that Excel
// dropped was put back: nine digits of a mobile number, whose prefixes 03, 05,
// 07, 08, 09 leave no other reading.
func readPhones(s string) (phones string, padded, ok bool) {
	var all []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/,;\n|", r) }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		part = strings.NewReplacer("(", "", ")", "").Replace(strings.TrimSpace(part))
		if rest, found := strings.CutPrefix(part, "+84"); found {
			part = "0" + strings.TrimPrefix(strings.TrimLeft(rest, " "), "0")
		}
		digits, valid := digitsOf(part)
		switch {
		case valid && len(digits) == 9 && strings.ContainsRune("35789", rune(digits[0])):
			digits, padded = "0"+digits, true
		case valid && len(digits) == 11 && strings.HasPrefix(digits, "84"):
			digits = "0" + digits[2:]
		}
		if !valid || len(digits) < 10 || len(digits) > 11 || digits[0] != '0' {
			return "", false, false
		}
		all = append(all, digits)
	}
	return strings.Join(all, "; "), padded, len(all) > 0
}

// readBirthYear reads a parent's year of birth, also out of a whole date.
func readBirthYear(c Cell) (int, bool) {
	year := 0
	if c.Kind == Day {
		year = c.Date.Year
	} else if n, err := strconv.Atoi(strings.TrimLeft(c.Text, "'’`")); err == nil {
		year = n
	} else if d, ok := school.ReadDate(c.Text); ok {
		year = d.Year
	}
	return year, year >= 1900 && year <= 2100
}

// formulaLike reports whether a text would become a formula when a program
// that writes plain cells passes it on.
func formulaLike(s string) bool {
	return s != "" && strings.ContainsRune("=+-@", rune(s[0]))
}

// capitals reports whether a name is written in capitals throughout.
func capitals(name string) bool {
	letters := 0
	for _, r := range name {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 3 && name == strings.ToUpper(name)
}

var (
	gradeNumber = regexp.MustCompile(`\d+`)
	classPrefix = regexp.MustCompile(`(?i)^(lớp|lop)\s*[:.]?\s*`)
	multiGrade  = regexp.MustCompile(`(?i)(\d\s*[+&,]\s*\d|\d\s+và\s+\d|ghép)`)
)

// readClass brings the name of a class into one spelling, "Lớp 4a" → "4A", and
// returns the grades its name says: the leading number, or all of them when the
// name is one of a multi-grade class ("1+2", "Lớp ghép 1-2").
func readClass(s string) (name string, grades []int) {
	name = strings.ToUpper(classPrefix.ReplaceAllString(s, ""))
	if multiGrade.MatchString(s) {
		for _, m := range gradeNumber.FindAllString(name, -1) {
			n, _ := strconv.Atoi(m)
			grades = append(grades, n)
		}
		return name, grades
	}
	if m := gradeNumber.FindString(name); m != "" && strings.HasPrefix(name, m) {
		// "4A" and "4/1" say grade 4; "401" is a way of writing 4/01.
		if len(m) == 3 {
			m = m[:1]
		}
		n, _ := strconv.Atoi(m)
		grades = append(grades, n)
	}
	return name, grades
}
