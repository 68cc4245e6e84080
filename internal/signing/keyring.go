package signing

import (
	"sync"
	"time"

	"hocba/internal/fault"
)

// MaxUnlocked is the longest a key stays open: one batch.
const MaxUnlocked = 15 * time.Minute

// Keyring holds opened sessions in this process, each for one batch of one
// person and for at most MaxUnlocked. After a restart it is empty and the
// holder is asked again.
type Keyring struct {
	now func() time.Time

	mu   sync.Mutex
	keys map[string]*opened
}

type opened struct {
	key   Session
	until time.Time
	timer *time.Timer
}

// NewKeyring makes an empty holder; now tells the time. Keys are closed when
// that clock has passed their end, and when the same span of real time has.
func NewKeyring(now func() time.Time) *Keyring {
	return &Keyring{now: now, keys: make(map[string]*opened)}
}

// Put takes key over for batch and returns when it will be closed; a key held
// for the same batch is closed. It fails with Invalid key.life when life is
// not positive or longer than MaxUnlocked, and then closes key.
func (u *Keyring) Put(batch string, key Session, life time.Duration) (time.Time, error) {
	if life <= 0 || life > MaxUnlocked {
		key.Close()
		return time.Time{}, fault.New(fault.Invalid, "key.life")
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.drop(batch)
	o := &opened{key: key, until: u.now().Add(life)}
	o.timer = time.AfterFunc(life, func() { u.expire(batch, o) })
	u.keys[batch] = o
	return o.until, nil
}

// Get returns the key held for batch. It fails with Locked key.locked when
// there is none or its time is over: the holder must enter the PIN again.
func (u *Keyring) Get(batch string) (Session, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	o, ok := u.keys[batch]
	if !ok {
		return nil, fault.New(fault.Locked, "key.locked")
	}
	if !u.now().Before(o.until) {
		u.drop(batch)
		return nil, fault.New(fault.Locked, "key.locked")
	}
	return o.key, nil
}

// Until returns when the key held for batch will be closed; ok is false when
// none is held.
func (u *Keyring) Until(batch string) (until time.Time, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	o, ok := u.keys[batch]
	if !ok || !u.now().Before(o.until) {
		return time.Time{}, false
	}
	return o.until, true
}

// Drop closes the key of a batch that has ended.
func (u *Keyring) Drop(batch string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.drop(batch)
}

// DropAll closes every key, when the program stops.
func (u *Keyring) DropAll() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for batch := range u.keys {
		u.drop(batch)
	}
}

func (u *Keyring) drop(batch string) {
	if o, ok := u.keys[batch]; ok {
		delete(u.keys, batch)
		o.timer.Stop()
		o.key.Close()
	}
}

// expire closes o when it is still the key of batch.
func (u *Keyring) expire(batch string, o *opened) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.keys[batch] == o {
		u.drop(batch)
	}
}
