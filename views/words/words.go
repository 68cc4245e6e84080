// Package words holds the Vietnamese labels of the product's codes: roles,
// stages, periods, levels, verdicts, and the sentence for every fault code. It
// is shared by the pages and by the commands that print to people. It knows no
// markup and no tone; package ui adds those.
package words

import (
	"sort"
	"strings"
)

// tables are all sentences by code. A file of this package that brings a table
// adds it here; a test finds tables that were forgotten and codes told twice.
var tables = []map[string]string{
	messages,
	accountMessages,
	cellMessages,
	recordMessages,
	fileMessages,
	commandMessages,
	spreadsheetMessages,
	importMessages,
	gradesheetMessages,
	staffMessages,
	classMessages,
	verificationMessages,
	gradebookMessages,
	registryMessages,
	recallMessages,
	revocationMessages,
	reviewMessages,
	remarkMessages,
	signingMessages,
	signerMessages,
	approvalMessages,
	noteMessages,
	nudgeMessages,
	specialMessages,
	profileMessages,
	summerMessages,
	commendationMessages,
	certificateMessages,
}

// neutral is said when a code has no sentence: nothing internal, and who helps.
const neutral = "Việc này chưa làm được. Nội dung đã lưu vẫn còn; gửi mã sự cố cho quản trị để được giúp."

// Message returns the sentence of a fault code with its placeholders {name}
// filled from args. A placeholder without value is left out with its braces. An
// unknown code gives one neutral sentence, never the code itself.
func Message(code string, args map[string]string) string {
	text, ok := lookUp(code)
	if !ok {
		return neutral
	}
	return fill(text, readable(args))
}

// Known reports whether the code has a sentence.
func Known(code string) bool {
	_, ok := lookUp(code)
	return ok
}

// Codes lists all codes that have a sentence, sorted.
func Codes() []string {
	var out []string
	for _, t := range tables {
		for code := range t {
			out = append(out, code)
		}
	}
	sort.Strings(out)
	return out
}

func lookUp(code string) (string, bool) {
	for _, t := range tables {
		if text, ok := t[code]; ok {
			return text, true
		}
	}
	return "", false
}

// fill puts args into the placeholders. Values are not read again, so a value
// that holds braces stays as it is.
func fill(text string, args map[string]string) string {
	var b strings.Builder
	for {
		head, rest, ok := strings.Cut(text, "{")
		b.WriteString(head)
		if !ok {
			break
		}
		name, tail, closed := strings.Cut(rest, "}")
		if !closed {
			break
		}
		b.WriteString(args[name])
		text = tail
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// label returns the label of a code; an unknown code gives "–", so that no
// machine word reaches a page.
func label[T ~string](labels map[string]string, code T) string {
	if text, ok := labels[string(code)]; ok {
		return text
	}
	return "–"
}
