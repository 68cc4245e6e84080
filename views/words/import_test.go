package words

import (
	"slices"
	"testing"

	"hocba/internal/gradesheet"
	"hocba/internal/staffsheet"
)

func TestMessage_EveryCodeOfAnImportHasASentence(t *testing.T) {
	for _, code := range slices.Concat(gradesheet.Codes(), staffsheet.Codes()) {
		if !Known(code) {
			t.Errorf("%s has no sentence", code)
		}
	}
}
