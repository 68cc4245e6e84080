package bundle

import (
	"strings"
	"testing"

	"hocba/internal/fault"
	"hocba/internal/signing/xades"
)

func TestMeaningOf_EveryRoleThatSignsARecordHasOneSentence(t *testing.T) {
	seen := map[string]bool{}
	for _, role := range []Role{SubjectTeacher, Homeroom, Approval, Seal} {
		m, ok := MeaningOf(role)
		if !ok || m.Version < 1 || m.Source == "" || !isNFC(m.Text) || strings.Count(m.Text, ".") != 1 || !strings.HasSuffix(m.Text, ".") {
			t.Errorf("%s: %+v is not one sentence with its source", role, m)
		}
		if seen[m.OID] {
			t.Errorf("%s: identifier %s is used twice", role, m.OID)
		}
		seen[m.OID] = true
	}
	if _, ok := MeaningOf(Registry); ok {
		t.Error("a receipt has a meaning of its own")
	}
}

func TestCheckMeaning_KnowsItsOwnWords(t *testing.T) {
	teacher, _ := MeaningOf(SubjectTeacher)
	principal, _ := MeaningOf(Approval)
	other := *teacher.Signed()
	other.Text = "Tôi không chịu trách nhiệm gì."
	for _, c := range []struct {
		name string
		said *xades.Meaning
		ok   bool
	}{
		{"nothing said", nil, true},
		{"the sentence of the role", teacher.Signed(), true},
		{"another role's sentence", principal.Signed(), false},
		{"other words under the identifier", &other, false},
		{"another software's identifier", &xades.Meaning{ID: "urn:oid:1.2.3", Text: "Khác."}, true},
	} {
		err := CheckMeaning(SubjectTeacher, c.said)
		if (err == nil) != c.ok || err != nil && fault.CodeOf(err) != "verify.meaning" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
