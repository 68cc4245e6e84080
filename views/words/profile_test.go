package words

import (
	"testing"

	"hocba/internal/profile"
)

func TestProfile_EveryCodeHasWords(t *testing.T) {
	for _, f := range profile.Fields {
		if ProfileField(f) == "" {
			t.Errorf("%s has no name", f)
		}
	}
	for _, k := range append([]profile.Kind{profile.Addition}, profile.Kinds...) {
		if ProfileKind(k) == "" {
			t.Errorf("%s has no name", k)
		}
	}
	for _, p := range append([]profile.Paper{profile.List}, profile.Papers...) {
		if ProfilePaper(p) == "" {
			t.Errorf("%s has no name", p)
		}
	}
	for _, g := range (profile.File{profile.PersonalNo: "048216000001", profile.Birthplace: "Huyện Đại Lộc, Quảng Nam", profile.Residence: "Đà Nẵng"}).Gaps() {
		if ProfileGap(g.Code, g.Args) == "" {
			t.Errorf("%s has no words", g.Code)
		}
	}
}
