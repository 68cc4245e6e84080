package handlers

import (
	"context"
	"sync"
	"time"

	"hocba/db"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// trialFor is how long the answer whether signatures are on trial is kept: every
// page asks.
const trialFor = 5 * time.Second

// trial knows whether the Sở counts signatures without legal value. While it
// does, every page, paper and answer says so.
type trial struct {
	db    *db.DB
	mu    sync.Mutex
	on    bool
	until time.Time
}

// forget has the setting read at the next page: it was just changed.
func (t *trial) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until = time.Time{}
}

// is reports whether signatures are on trial. When the database does not answer
// it is as it was.
func (t *trial) is(ctx context.Context) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Now().Before(t.until) {
		return t.on
	}
	var policy signing.Policy
	err := t.db.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) (err error) {
		policy, err = tx.SignaturePolicy(ctx)
		return err
	})
	if err == nil {
		t.on, t.until = !policy.Production, time.Now().Add(trialFor)
	}
	return t.on
}
