package signing

import (
	"context"
	"crypto"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hocba/internal/fault"
)

// door is a session that only knows whether it was closed.
type door struct{ shut atomic.Bool }

func (d *door) Public() crypto.PublicKey             { return nil }
func (d *door) Limit() int                           { return 1 }
func (d *door) SignAll(context.Context, Batch) error { return nil }
func (d *door) Close()                               { d.shut.Store(true) }
func held(t *testing.T) *door                        { t.Helper(); return &door{} }
func closed(d *door) bool                            { return d.shut.Load() }

func wantLocked(t *testing.T, u *Keyring, batch string) {
	t.Helper()
	if _, err := u.Get(batch); !fault.Is(err, "key.locked") || fault.KindOf(err) != fault.Locked {
		t.Errorf("%s: %v", batch, err)
	}
}

func TestKeyring_EndsByTheClock(t *testing.T) {
	now := time.Date(2026, 5, 28, 7, 0, 0, 0, time.UTC)
	u := NewKeyring(func() time.Time { return now })
	defer u.DropAll()
	key := held(t)
	until, err := u.Put("batch", key, 10*time.Minute)
	if err != nil || !until.Equal(now.Add(10*time.Minute)) {
		t.Fatal(until, err)
	}
	now = until.Add(-1)
	if got, err := u.Get("batch"); err != nil || got != Session(key) {
		t.Fatal(err)
	}
	wantLocked(t, u, "another")
	now = until
	wantLocked(t, u, "batch")
	if !closed(key) {
		t.Error("the key is still open")
	}
}

// A key nobody asks for again is closed all the same.
func TestKeyring_EndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := NewKeyring(time.Now)
		key, replacement := held(t), held(t)
		if _, err := u.Put("batch", key, time.Minute); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if _, err := u.Put("batch", replacement, time.Minute); err != nil {
			t.Fatal(err)
		}
		if !closed(key) {
			t.Error("the replaced key is open")
		}
		time.Sleep(45 * time.Second) // the first timer's time is over
		synctest.Wait()
		if closed(replacement) {
			t.Error("closed by the timer of the key before")
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if !closed(replacement) {
			t.Error("open after its time")
		}
		wantLocked(t, u, "batch")
	})
}

func TestKeyring_DropClosesTheKey(t *testing.T) {
	u := NewKeyring(time.Now)
	one, two, three := held(t), held(t), held(t)
	for batch, key := range map[string]*door{"1": one, "2": two, "3": three} {
		if _, err := u.Put(batch, key, MaxUnlocked); err != nil {
			t.Fatal(err)
		}
	}
	u.Drop("1")
	u.Drop("1")
	wantLocked(t, u, "1")
	if !closed(one) || closed(two) {
		t.Error("the wrong key was closed")
	}
	u.DropAll()
	if !closed(two) || !closed(three) {
		t.Error("a key is open after the end")
	}
}

func TestKeyring_RefusesALongLife(t *testing.T) {
	u := NewKeyring(time.Now)
	for _, life := range []time.Duration{0, -1, MaxUnlocked + 1} {
		key := held(t)
		if _, err := u.Put("batch", key, life); !fault.Is(err, "key.life") || !closed(key) {
			t.Errorf("%v: %v", life, err)
		}
	}
	wantLocked(t, u, "batch")
}
