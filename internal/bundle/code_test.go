package bundle

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hocba/internal/fault"
)

func TestCode_RoundTripsInAnySpelling(t *testing.T) {
	for range 200 {
		c, err := NewCode(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		printed := c.String()
		if len(printed) != 14 || printed[4] != '-' || printed[9] != '-' {
			t.Fatalf("printed %q", printed)
		}
		typed := strings.NewReplacer("1", "l", "0", "o").Replace(strings.ToLower(printed))
		for _, s := range []string{string(c), printed, typed, " " + strings.ReplaceAll(typed, "-", " ") + " ", strings.ReplaceAll(printed, "1", "I")} {
			if got, err := ParseCode(s); err != nil || got != c {
				t.Fatalf("ParseCode(%q) = %q, %v; want %q", s, got, err, c)
			}
		}
	}
}

func TestCode_EverySingleWrongCharacterAndSwapIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 11, 11).Draw(t, "seed")
		c, err := NewCode(bytes.NewReader(seed))
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, 11).Draw(t, "at")
		wrong := []byte(c)
		wrong[at] = crockford[rapid.IntRange(0, 31).Draw(t, "char")]
		if _, err := ParseCode(string(wrong)); (err == nil) != (string(wrong) == string(c)) {
			t.Fatalf("%s with another character %s: %v", c, wrong, err)
		}
	})
}

func TestParseCode_Refuses(t *testing.T) {
	for _, s := range []string{"", "0", "0123456789A", "0123456789ABC", "0123-4567-89AU", "0123-4567-89Aé", "@123456789A9", strings.Repeat("0", 1000)} {
		if c, err := ParseCode(s); !fault.Is(err, "lookup.code") {
			t.Errorf("ParseCode(%q) = %q, %v", s, c, err)
		}
	}
	if _, err := NewCode(bytes.NewReader(nil)); err == nil {
		t.Error("a source without randomness must fail")
	}
}
