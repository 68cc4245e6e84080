package password

import (
	"context"
	"strings"
	"testing"

	"hocba/internal/fault"
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

func TestCheck_RefusesWhatIsTriedFirst(t *testing.T) {
	for fresh, want := range map[string]string{
		"chin chữ9": "password.short", strings.Repeat("ă", 9): "password.short", strings.Repeat("một câu ", 26): "password.long",
		"hoaphuong.gv4": "password.name", "HoaPhuong.GV4123": "password.name", "aaaaaaaaaa": "password.common",
		"1212121212": "password.common", "1234567890": "password.common", "0987654321": "password.common",
		"mật khẩu cũ": "password.same",
		"mười chữ 1":  "", "hoaphuong.gv4 thích mưa rào": "", "abcd-efgh-ijkm-npqr": "",
	} {
		err := Check(fresh, "mật khẩu cũ", "hoaphuong.gv4")
		if want == "" && err != nil || want != "" && !fault.Is(err, want) {
			t.Errorf("%q: %v, want %q", fresh, err, want)
		}
	}
}
