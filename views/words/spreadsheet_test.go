package words

import (
	"regexp"
	"slices"
	"testing"

	"hocba/internal/spreadsheet"
)

// Every code of package spreadsheet has a sentence whose placeholders the
// package fills, and no sentence is left over.
func TestSpreadsheetMessages_TellEveryCode(t *testing.T) {
	placeholder := regexp.MustCompile(`\{([a-z_]+)\}`)
	codes := spreadsheet.Codes()
	for _, code := range codes {
		text, ok := spreadsheetMessages[code]
		if !ok {
			t.Errorf("%s has no sentence", code)
		}
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(spreadsheet.Args(code), m[1]) {
				t.Errorf("%s: nobody fills {%s}", code, m[1])
			}
		}
	}
	for code := range spreadsheetMessages {
		if !slices.Contains(codes, code) {
			t.Errorf("%s is no code of the package", code)
		}
	}
}
