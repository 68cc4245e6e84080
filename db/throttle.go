package db

import (
	"context"
	"crypto/sha256"
	"time"

	"hocba/internal/fault"
)

// Throttle bounds how often something may be tried within a window.
type Throttle struct {
	Kind   string // "sign-in.name", "look-up.code", …
	Limit  int
	Window time.Duration
}

// Attempt counts one more attempt for subject (a name, a code, an address) and
// refuses it with Unavailable, code throttle.wait, above the limit. Counters
// run on wall-clock time and survive a restart; subjects are stored as hashes.
func (d *DB) Attempt(ctx context.Context, t Throttle, subject string) error {
	key := sha256.Sum256([]byte(t.Kind + "\x00" + subject))
	now := time.Now()
	var n int
	err := d.portal.GetContext(ctx, &n, `INSERT INTO core.throttle AS t (key, count, window_start) VALUES ($1, 1, $2)
		ON CONFLICT (key) DO UPDATE SET
		  count = CASE WHEN t.window_start < $3 THEN 1 ELSE t.count + 1 END,
		  window_start = CASE WHEN t.window_start < $3 THEN excluded.window_start ELSE t.window_start END
		RETURNING count`, key[:], now, now.Add(-t.Window))
	if err != nil {
		return translate(err, "count an attempt")
	}
	if n > t.Limit {
		return fault.New(fault.Unavailable, "throttle.wait", "minutes", minutes(t.Window))
	}
	return nil
}

// Forgive clears the counter of subject after a success.
func (d *DB) Forgive(ctx context.Context, t Throttle, subject string) error {
	key := sha256.Sum256([]byte(t.Kind + "\x00" + subject))
	_, err := d.portal.ExecContext(ctx, `DELETE FROM core.throttle WHERE key = $1`, key[:])
	return translate(err, "clear an attempt counter")
}

func minutes(d time.Duration) string { return idText(int64(max(1, int(d.Minutes())))) }
