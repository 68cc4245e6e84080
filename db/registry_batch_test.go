package db

import (
	"slices"
	"testing"

	"hocba/internal/registry"
)

func TestBatches_TakeEveryContentOnceInOrder(t *testing.T) {
	t.Parallel()
	var arrivals []*registry.Arrival
	for _, sum := range []string{"a", "b", "a", "c", "d", "b", "e"} {
		arrivals = append(arrivals, &registry.Arrival{SHA256: sum})
	}
	var got [][]string
	for batch := range batches(slices.Values(arrivals), 2) {
		var sums []string
		for _, a := range batch {
			sums = append(sums, a.SHA256)
		}
		got = append(got, sums)
	}
	want := [][]string{{"a", "b"}, {"c", "d"}, {"e"}}
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
