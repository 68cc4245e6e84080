package remark

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/school"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Key is the form in which two remarks are the same: words in small letters,
// without punctuation.
func Key(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(letters(norm.NFC.String(text)))), " ")
}

// letters returns a text with everything but letters and digits as blanks.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) {
			return r
		}
		return ' '
	}, text)
}

// split cuts a text into its sentences; a semicolon ends none.
func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".!?…\n", r) })
}

// sentences are the keys of a remark's sentences.
func sentences(text string) []string {
	var out []string
	for _, s := range split(text) {
		if key := Key(s); key != "" {
			out = append(out, key)
		}
	}
	return out
}

// Slots are the placeholders that a phrase may have and a pupil fills.
const (
	GivenSlot = "{tên}"
	NameSlot  = "{họ tên}"
	ClassSlot = "{lớp}"
)

// Fill puts a pupil's name and class into the placeholders of a phrase. Others
// stay, and are found by the checks.
func Fill(text, pupil, class string) string {
	_, given := school.SplitName(pupil)
	return strings.NewReplacer(GivenSlot, given, NameSlot, pupil, ClassSlot, class).Replace(text)
}

// unfill turns a pupil's own name in a remark back into its placeholder, so that
// a phrase is known again whoever it was written for. A given name that may be
// a word of the sentence stays where a sentence begins.
func unfill(text, pupil string) string {
	_, given := school.SplitName(pupil)
	if given == "" {
		return text
	}
	text = strings.ReplaceAll(text, pupil, NameSlot)
	var b strings.Builder
	for {
		at := strings.Index(text, given)
		if at < 0 {
			break
		}
		end := at + len(given)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[end:])
		whole := !unicode.IsLetter(before) && !unicode.IsLetter(after)
		head := strings.TrimSpace(b.String() + text[:at])
		starts := head == "" || strings.ContainsAny(head[len(head)-1:], ".!?")
		b.WriteString(text[:at])
		if whole && !(starts && commonWords()[strings.ToLower(given)]) {
			b.WriteString(GivenSlot)
		} else {
			b.WriteString(given)
		}
		text = text[end:]
	}
	return b.String() + text
}
