package db

import (
	"context"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// SetEntryWindow opens a period of the actor's school from one instant up to
// another; a later window of the same period replaces it, the former stays
// readable. Invalid, window.order, when it would end before it begins.
func (t *Tx) SetEntryWindow(ctx context.Context, year school.Year, period school.Period, opens, closes time.Time, reason string) error {
	if !closes.After(opens) {
		return fault.New(fault.Invalid, "window.order")
	}
	return t.exec(ctx, "set an entry window", `INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at,
		  reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, nullif($7, 0), $8)`, t.Actor.SchoolID, year, period,
		opens, closes, reason, t.Actor.AccountID, t.Now)
}
