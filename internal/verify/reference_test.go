package verify_test

import (
	"testing"

	"hocba/internal/verify"
)

func TestReference_NamesCheckSlotCodeAndPlace(t *testing.T) {
	c := verify.Check{Name: verify.Signature, Slot: "ky-gvcn", Code: "sig.digest",
		Args: map[string]string{"what": "content", "uri": "#data", "expected": "x", "id": ""}}
	if got, want := c.Reference(), "signature ky-gvcn sig.digest uri=#data what=content"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if p := c.Place(); len(p) != 2 || p["uri"] != "#data" || p["what"] != "content" {
		t.Errorf("place %v", p)
	}
	if got := (verify.Check{Name: verify.Form}).Reference(); got != "form" {
		t.Errorf("got %q", got)
	}
}
