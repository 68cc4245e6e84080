package remote

import (
	"fmt"
	"strings"
	"testing"
)

func TestFactors_ServesTheFirstAlternativeItCan(t *testing.T) {
	t.Parallel()
	object := map[string]authObject{"PIN": {typePassword, "PIN"}, "OTP": {typePassword, "OTP"}, "SMSOTP": {typeChallenge, "SMSOTP"},
		"APP": {typePasswordOOB, "APP"}, "SMS": {typeChallengeOOB, "SMS"}, "EYE": {"Biometric", "EYE"}, "QUESTION": {typeChallenge, "QUESTION"}}
	for _, c := range []struct {
		expression, ids, want string
		ok                    bool
	}{
		{"", "PIN", "PIN//[]", true},
		{"PIN AND OTP", "PIN OTP", "PIN/OTP/[]", true},
		{"PIN and (OTP or SMSOTP)", "PIN OTP SMSOTP", "PIN/OTP/[]", true},
		{"(EYE AND PIN) OR (PIN AND SMSOTP)", "PIN EYE SMSOTP", "PIN/SMSOTP/[]", true},
		{"EYE XOR APP", "EYE APP", "//[APP]", true},
		{"PIN AND APP AND SMS", "PIN APP SMS", "PIN//[APP SMS]", true},
		{"QUESTION", "QUESTION", "/QUESTION/[]", true},
		{"EYE", "EYE", "", false},
		{"PIN AND OTHER", "PIN", "", false},
		{"PIN AND", "PIN", "", false},
		{"(PIN", "PIN", "", false},
		{"PIN PIN", "PIN", "", false},
		{"", "", "", false},
		{strings.Repeat("(", 100) + "PIN", "PIN", "", false},
		{strings.Repeat("(PIN OR OTP) AND ", 9) + "PIN", "PIN OTP", "", false},
	} {
		var i credentialInfo
		i.Auth.Mode, i.Auth.Expression = modeExplicit, c.expression
		for _, id := range strings.Fields(c.ids) {
			i.Auth.Objects = append(i.Auth.Objects, object[id])
		}
		f, ok := i.factors()
		if got := fmt.Sprintf("%s/%s/%v", f.pin, f.code, f.elsewhere); ok != c.ok || ok && got != c.want {
			t.Errorf("%.60q of %s: %s, %v", c.expression, c.ids, got, ok)
		}
	}
}
