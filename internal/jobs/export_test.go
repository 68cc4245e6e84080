package jobs

import (
	"context"

	"hocba/internal/signing"
)

// Hold puts a key in the place of the one that is open for a job, as the later
// of two requests at once does.
func (r *Runner) Hold(jobID int64, key signing.Session) error {
	_, err := r.keys.Put(batch(jobID), key, signing.MaxUnlocked)
	return err
}

// Round is one round of a courier that is not under way.
func (c *Courier) Round(ctx context.Context) error { return c.round(ctx) }
