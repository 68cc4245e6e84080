package db

import (
	"context"
	"time"

	"hocba/internal/school"
)

// Deadline returns the deadline that binds a unit: the newest that a unit above
// it, or itself, has set, else the regulation's own.
func (t *Tx) Deadline(ctx context.Context, unitID int64, kind school.DeadlineKind, year school.Year, track school.Track) (school.Deadline, error) {
	var rows []struct {
		Due      time.Time `db:"due_at"`
		Decision string    `db:"decision_no"`
	}
	err := t.list(ctx, "read a deadline", &rows, `SELECT d.due_at, d.decision_no FROM core.unit_scope s
		JOIN core.deadline d ON d.unit_id = s.ancestor_id
		WHERE s.descendant_id = $1 AND d.school_year = $2 AND d.kind = $3 AND d.track = $4 ORDER BY d.id DESC LIMIT 1`,
		unitID, year, kind, track)
	d := school.RegulationDeadline(kind, year, track)
	if err == nil && len(rows) > 0 {
		d.Due, d.DecisionNo = rows[0].Due, rows[0].Decision
	}
	return d, err
}
