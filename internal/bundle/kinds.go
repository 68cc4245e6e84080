package bundle

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/school"
)

// kind is a data type of a value. Its name is that of the simple type in the
// XSD, which says the same.
type kind struct {
	name string
	ok   func(string) bool
}

func pattern(name, expression string) kind {
	return kind{name, regexp.MustCompile(`^(?:` + expression + `)$`).MatchString}
}

// oneOf is a closed list of codes.
func oneOf[T ~string](name string, values ...T) kind {
	return kind{name, func(s string) bool {
		for _, v := range values {
			if s == string(v) {
				return true
			}
		}
		return false
	}}
}

// line is free text on one line of at most max characters.
func line(name string, max int) kind {
	return kind{name, func(s string) bool { return plain(s, max) && !strings.Contains(s, "\n") }}
}

// paragraphs is free text of several lines.
func paragraphs(name string, max int) kind {
	return kind{name, func(s string) bool { return plain(s, max) }}
}

// plain reports whether s is text as school.Clean leaves it: not empty, not
// longer than max characters, no blanks at the ends, no controls but LF, none
// that turn the direction of writing: a name would be read as another.
func plain(s string, max int) bool {
	if s == "" || utf8.RuneCountInString(s) > max || strings.Trim(s, " \n") != s {
		return false
	}
	for _, r := range s {
		switch {
		case r < 0x20 && r != '\n', r >= 0x7F && r <= 0x9F, r == 0x200B, r == 0x2028, r == 0x2029, r == 0xFEFF, unicode.Is(unicode.Bidi_Control, r):
			return false
		}
	}
	return true
}

func isYear(s string) bool { _, ok := school.ParseYear(s); return ok }

func isDate(s string) bool {
	d, err := school.ParseDate(s)
	return err == nil && len(s) == len("2006-01-02") && d.Year >= 1900 && d.Year < 2200
}

func wholeNumber(s string, min, max int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && strconv.Itoa(n) == s && n >= min && n <= max
}

func isNFC(s string) bool { return norm.NFC.IsNormalString(s) }

// maxVersion bounds PHIEN_BAN.
const maxVersion = 9999

// The data types of schema version 1.
var (
	kUUID       = pattern("UUID", `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	kCode       = pattern("MA_SO", `[0-9A-Za-z][0-9A-Za-z._/-]{0,35}`)
	kHash       = pattern("SHA256", `[0-9a-f]{64}`)
	kPersonalNo = pattern("SO_DINH_DANH", `[0-9]{12}`)
	kYear       = kind{"NAM_HOC", isYear}
	kDate       = kind{"NGAY", isDate}
	kInstant    = kind{"THOI_DIEM", func(s string) bool { _, err := parseInstant(s); return err == nil }}
	kSlotNumber = pattern("STT", `[1-9]|1[0-4]`)
	kLookup     = kind{"MA_TRA_CUU", func(s string) bool { c, err := ParseCode(s); return err == nil && string(c) == s }}
	kName       = line("HO_TEN", 150)
	kLabel      = line("NHAN", 60)
	kLine       = line("DONG", 300)
	kRemark     = paragraphs("DOAN_VAN", 2000)
	kSex        = oneOf("GIOI_TINH", "NAM", "NU")
	kTitle      = oneOf("CHUC_VU_KY", HeadTeacher, DeputyForHead)
	kSubject    = oneOf("MON", school.Subjects...)
	kLevel      = oneOf("MUC_MON", "T", "H", "C")
	kTrait      = oneOf("MUC_PCNL", "T", "Đ", "C")
	kOverall    = oneOf("KQGD", "HTXS", "HTT", "HT", "CHT")
	kAward      = oneOf("LOAI_KHEN_THUONG", Excellent, Exemplary, Exceptional, Higher, Letter, OtherAward)
	kQuality    = oneOf("MA_PHAM_CHAT", qualities...)
	kGeneral    = oneOf("MA_NANG_LUC_CHUNG", generalCompetencies...)
	kSpecific   = oneOf("MA_NANG_LUC_DAC_THU", specificCompetencies...)
)

// The traits of schema version 1 in the order of the booklet (TT 27/2020 Điều 5).
var (
	qualities            = []string{"YEU_NUOC", "NHAN_AI", "CHAM_CHI", "TRUNG_THUC", "TRACH_NHIEM"}
	generalCompetencies  = []string{"NL_TU_CHU_TU_HOC", "NL_GIAO_TIEP_HOP_TAC", "NL_GIAI_QUYET_VAN_DE"}
	specificCompetencies = []string{"NL_NGON_NGU", "NL_TINH_TOAN", "NL_KHOA_HOC", "NL_CONG_NGHE", "NL_TIN_HOC", "NL_THAM_MI", "NL_THE_CHAT"}
)
