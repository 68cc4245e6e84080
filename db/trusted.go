package db

import (
	"context"
	"sync"
	"time"

	"hocba/internal/signing"
)

// trustedFor is how long a trust list is used before it is read anew; the
// chains it has built are worth keeping for a batch.
const trustedFor = time.Minute

// trusted is a trust list in use.
type trusted struct {
	mu   sync.Mutex
	list *signing.TrustList
	at   time.Time
}

// Trusted returns the trust list as of at most a minute ago.
func (d *DB) Trusted(ctx context.Context) (*signing.TrustList, error) {
	d.trusted.mu.Lock()
	defer d.trusted.mu.Unlock()
	if d.trusted.list != nil && time.Since(d.trusted.at) < trustedFor {
		return d.trusted.list, nil
	}
	list, err := d.TrustList(ctx)
	if err != nil {
		return nil, err
	}
	d.trusted.list, d.trusted.at = list, time.Now()
	return list, nil
}

// forget has the list read anew: it was just changed here. Other processes see
// the change within a minute.
func (l *trusted) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}
