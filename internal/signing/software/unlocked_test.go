package software

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"testing/synctest"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// held returns a key as Open would, without the cost of its PIN.
func held(t *testing.T) *Key {
	t.Helper()
	private := generate(t, signing.ECDSASHA256)
	return &Key{kind: KindPerson, public: private.Public(), private: private}
}

func closed(key *Key) bool {
	digest := sha256.Sum256(nil)
	_, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	return fault.Is(err, "key.closed")
}

func wantLocked(t *testing.T, u *Unlocked, batch string) {
	t.Helper()
	if _, err := u.Get(batch); !fault.Is(err, "key.locked") || fault.KindOf(err) != fault.Locked {
		t.Errorf("%s: %v", batch, err)
	}
}

func TestUnlocked_EndsByTheClock(t *testing.T) {
	now := time.Date(2026, 5, 28, 7, 0, 0, 0, time.UTC)
	u := NewUnlocked(func() time.Time { return now })
	defer u.DropAll()
	key := held(t)
	until, err := u.Put("batch", key, 10*time.Minute)
	if err != nil || !until.Equal(now.Add(10*time.Minute)) {
		t.Fatal(until, err)
	}
	now = until.Add(-1)
	if got, err := u.Get("batch"); err != nil || got != key {
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
func TestUnlocked_EndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := NewUnlocked(time.Now)
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

func TestUnlocked_DropClosesTheKey(t *testing.T) {
	u := NewUnlocked(time.Now)
	one, two, three := held(t), held(t), held(t)
	for batch, key := range map[string]*Key{"1": one, "2": two, "3": three} {
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

func TestUnlocked_RefusesALongLife(t *testing.T) {
	u := NewUnlocked(time.Now)
	for _, life := range []time.Duration{0, -1, MaxUnlocked + 1} {
		key := held(t)
		if _, err := u.Put("batch", key, life); !fault.Is(err, "key.life") || !closed(key) {
			t.Errorf("%v: %v", life, err)
		}
	}
	wantLocked(t, u, "batch")
}
