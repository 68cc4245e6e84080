package db

import (
	"slices"
	"testing"

	"hocba/internal/bundle"
	"hocba/internal/registry"
)

func TestBatches_TakeEveryContentOnceAndNoRecordTwice(t *testing.T) {
	t.Parallel()
	var arrivals []*registry.Arrival
	for _, name := range []string{"a1", "b1", "a1", "b2", "c1", "d1", "b1", "e1"} { // record and version
		arrivals = append(arrivals, &registry.Arrival{SHA256: name, Listed: bundle.Listed{Record: name[:1]}})
	}
	var got [][]string
	for batch := range batches(slices.Values(arrivals), 3) {
		var sums []string
		for _, a := range batch {
			sums = append(sums, a.SHA256)
		}
		got = append(got, sums)
	}
	want := [][]string{{"a1", "b1"}, {"b2", "c1", "d1"}, {"e1"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("batches %v, want %v", got, want)
	}
	for batch := range batches(slices.Values(arrivals), 2) {
		if len(batch) != 2 {
			t.Errorf("first batch has %d", len(batch))
		}
		break // whoever stops gets nothing more
	}
}
