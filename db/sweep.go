package db

import (
	"context"
	"time"
)

// Sweep removes what is over and nobody may read any more: sessions, throttle
// counters, the teachers' notes of years that are over, prepared signatures
// that nobody completed, and uploaded lists, whose rows hold people's data for
// the sake of a preview alone. It may run at any time, in any number of
// processes. Lists and signatures expire on business time, the others on
// wall-clock time.
func (d *DB) Sweep(ctx context.Context) error {
	now := time.Now()
	if _, err := d.portal.ExecContext(ctx, `DELETE FROM core.session WHERE expiry <= $1`, now); err != nil {
		return translate(err, "sweep sessions")
	}
	if _, err := d.portal.ExecContext(ctx, `DELETE FROM core.throttle WHERE window_start < $1`, now.Add(-24*time.Hour)); err != nil {
		return translate(err, "sweep throttle counters")
	}
	return d.As(ctx, systemActor, func(tx *Tx) error {
		if err := tx.sweepNotes(ctx); err != nil {
			return err
		}
		if err := tx.sweepIntents(ctx); err != nil {
			return err
		}
		if err := tx.exec(ctx, "sweep expired imports of results", `DELETE FROM school.gradebook_import WHERE expires_at <= $1`, tx.Now); err != nil {
			return err
		}
		if err := tx.exec(ctx, "sweep expired imports of people", `DELETE FROM school.staff_import WHERE expires_at <= $1`, tx.Now); err != nil {
			return err
		}
		return tx.exec(ctx, "sweep expired imports", `DELETE FROM school.import_batch WHERE expires_at <= $1`, tx.Now)
	})
}
