package verify_test

import (
	"testing"

	"hocba/internal/bundle"
)

// BenchmarkOpen reads a record without judging it.
func BenchmarkOpen(b *testing.B) {
	raw := issued(b, nil)
	for b.Loop() {
		if _, err := bundle.Open(raw); err != nil {
			b.Fatal(err)
		}
	}
}
