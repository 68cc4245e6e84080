package school

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// PersonalNoAgrees reports whether a 12-digit personal number fits sex and
// birth date: after the three digits of the place of registration one digit
// for century and sex (2 a boy, 3 a girl of the years 20..), then the year's
// last two (NĐ 137/2015/NĐ-CP Điều 13).
func PersonalNoAgrees(no string, sex Sex, birth Date) bool {
	if len(no) != 12 || birth.IsZero() || sex == "" {
		return false
	}
	digit := (birth.Year/100 - 19) * 2
	if sex == Female {
		digit++
	}
	return no[0] == '0' && int(no[3]-'0') == digit && no[4:6] == strconv.Itoa(100 + birth.Year%100)[1:]
}

// OddInName returns the characters of a name that names do not have: anything
// but Latin letters with their marks, blanks, hyphen, apostrophe and dot.
// Invisible ones come as their code, "U+202E".
func OddInName(name string) string {
	var odd []string
	for _, r := range name {
		switch {
		case strings.ContainsRune(" -'’ʼ.", r):
		case unicode.Is(unicode.Mn, r):
		case unicode.Is(unicode.Latin, r) && r != 'ª' && r != 'º':
		default:
			sign := string(r)
			if !unicode.IsGraphic(r) {
				sign = fmt.Sprintf("U+%04X", r)
			}
			if !slices.Contains(odd, sign) {
				odd = append(odd, sign)
			}
		}
	}
	return strings.Join(odd, " ")
}
