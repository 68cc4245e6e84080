package signing

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"
)

func TestTrustList_RemembersABoundedNumber(t *testing.T) {
	list, err := NewTrustList(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 28, 0, 0, 0, 0, time.UTC)
	key := func(i int) (k [sha256.Size]byte) {
		binary.BigEndian.PutUint64(k[:], uint64(i))
		return k
	}
	for i := range 2 * cacheSize {
		list.remember(key(i), &Chain{From: at, Until: at})
		if list.recall(key(0), at) == nil {
			t.Fatal("the one in use was forgotten")
		}
	}
	if len(list.chains) != cacheSize || list.recent.Len() != cacheSize {
		t.Errorf("%d and %d remembered", len(list.chains), list.recent.Len())
	}
	if list.recall(key(1), at) != nil {
		t.Error("the oldest was kept")
	}
	if list.recall(key(0), at.Add(1)) != nil {
		t.Error("answered outside its span")
	}
}
