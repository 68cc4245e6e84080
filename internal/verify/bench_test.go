package verify_test

import (
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/signing/xades"
	"hocba/internal/verify"
)

// What the whole verification costs beside the signatures alone.
func BenchmarkFile(b *testing.B) {
	raw, o := issued(b, nil), options()
	for b.Loop() {
		if !verify.File(raw, o).Valid {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkSignaturesAlone(b *testing.B) {
	raw := issued(b, nil)
	for b.Loop() {
		doc, err := xades.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		for _, id := range []string{"ky-gvbm-1", "ky-gvbm-3", "ky-gvbm-11", "ky-gvcn", "ky-cbql", "ky-phathanh"} {
			if _, err := xades.Verify(doc, doc.ByID(id)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	raw := issued(b, nil)
	for b.Loop() {
		if _, err := bundle.Open(raw); err != nil {
			b.Fatal(err)
		}
	}
}
