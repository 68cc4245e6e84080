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

// WindowChange is an entry window as it was set, with who set it.
type WindowChange struct {
	EntryWindow
	Reason string    `db:"reason"`
	By     string    `db:"by_name"` // "" when a job or a command set it
	At     time.Time `db:"created_at"`
}

// WindowHistory lists every window of the actor's school in a year, the newest
// of a period first: that one counts.
func (t *Tx) WindowHistory(ctx context.Context, year school.Year) (map[school.Period][]WindowChange, error) {
	var list []WindowChange
	err := t.list(ctx, "list the history of entry windows", &list, `SELECT w.period, w.opens_at, w.closes_at, w.reason,
		  coalesce(a.full_name, '') AS by_name, w.created_at
		FROM school.entry_window w LEFT JOIN core.account a ON a.id = w.created_by
		WHERE w.school_id = $1 AND w.school_year = $2 ORDER BY w.period, w.id DESC`, t.Actor.SchoolID, year)
	out := map[school.Period][]WindowChange{}
	for _, w := range list {
		out[w.Period] = append(out[w.Period], w)
	}
	return out, err
}
