package password

import (
	"context"
	"testing"
)

func TestMatches_OnlyTheRightPassword(t *testing.T) {
	ctx := context.Background()
	hash, err := Hash(ctx, "Hoa phượng 2026")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hash, password string
		want           bool
	}{
		{hash, "Hoa phượng 2026", true},
		{hash, "hoa phượng 2026", false},
		{hash, "", false},
		{"", "", false},
		{"", "Hoa phượng 2026", false},
	} {
		got, err := Matches(ctx, c.hash, c.password)
		if err != nil || got != c.want {
			t.Errorf("Matches(%q) = %v, %v; want %v", c.password, got, err, c.want)
		}
	}
}

func TestHash_GivesUpWhenTheCallerDoes(t *testing.T) {
	for range cap(slots) {
		slots <- struct{}{}
	}
	defer func() {
		for range cap(slots) {
			<-slots
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Hash(ctx, "x"); err == nil {
		t.Fatal("a hash was made without a free slot")
	}
}
