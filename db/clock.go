package db

import (
	"context"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// clockTolerance is how far a clock may be set back by those who keep it right
// (NTP steps, a leap) before nothing is signed any more.
const clockTolerance = 5 * time.Minute

// ObserveClock notes business time as seen, and compares it with the latest
// this database has seen before: Unavailable clock.set_back (Args now, known)
// when it lies behind. The mark never moves back, but for a demonstration whose
// date was set by hand (reset).
func (d *DB) ObserveClock(ctx context.Context, reset bool) error {
	return d.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *Tx) error {
		err := tx.exec(ctx, "note the clock", `INSERT INTO core.clock_mark (at)
			SELECT greatest($1, (SELECT max(at) FROM core.audit_event)) WHERE NOT $2 UNION ALL SELECT $1 WHERE $2
			ON CONFLICT (one) DO UPDATE SET at = CASE WHEN $2 THEN $1 ELSE greatest(core.clock_mark.at, $1) END`, tx.Now, reset)
		if err != nil {
			return err
		}
		return tx.SoundClock(ctx)
	})
}

// SoundClock refuses to go on with a clock that was set back, in this process
// (measured against the time that has passed since it began) or since it was
// last seen: Unavailable clock.set_back (Args now, known).
func (t *Tx) SoundClock(ctx context.Context) error {
	if behind := t.db.wallBehind(); behind > clockTolerance {
		return setBack(t.Now, t.Now.Add(behind))
	}
	var marks []time.Time
	if err := t.list(ctx, "read the clock's mark", &marks, `SELECT at FROM core.clock_mark`); err != nil {
		return err
	}
	if len(marks) == 1 && t.Now.Before(marks[0].Add(-clockTolerance)) {
		return setBack(t.Now, marks[0])
	}
	return nil
}

func setBack(now, known time.Time) error {
	const layout = "15:04 02/01/2006"
	return fault.New(fault.Unavailable, "clock.set_back", "now", now.In(school.Zone).Format(layout), "known", known.In(school.Zone).Format(layout))
}

// wallBehind is how far the machine's clock lies behind where it should be:
// its monotonic clock is not moved when somebody sets the other.
func (d *DB) wallBehind() time.Duration {
	now := time.Now()
	return d.wall.Add(now.Sub(d.began)).Sub(now.Round(0))
}
