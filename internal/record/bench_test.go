package record

import "testing"

// BenchmarkLiveSignatures is what every page of a class pays per pupil.
func BenchmarkLiveSignatures(b *testing.B) {
	w := newWorld(b)
	w.signParts()
	w.signHomeroom()
	w.approve()
	b.ResetTimer()
	for b.Loop() {
		if len(w.record().LiveSignatures()) != 5 {
			b.Fatal("not all live")
		}
	}
}

// BenchmarkIssue is the domain's share of issuing one record: all guards,
// assembling, and verifying every signature once more.
func BenchmarkIssue(b *testing.B) {
	w := newWorld(b)
	w.signParts()
	w.signHomeroom()
	w.approve()
	by := w.principal()
	r := w.record()
	in, err := r.PrepareIssue(by, certificate(), "Đà Nẵng", zeros{})
	if err != nil {
		b.Fatal(err)
	}
	v := value(b, in)
	b.ResetTimer()
	for b.Loop() {
		if _, err := r.Complete(by, in, v); err != nil {
			b.Fatal(err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
