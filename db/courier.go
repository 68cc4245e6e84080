package db

import (
	"context"
	"time"
)

// SchoolsToAnswer lists the schools with a statement made since an instant that
// has no answer and that no job carries: for the program itself. See
// OpenStatements.
func (t *Tx) SchoolsToAnswer(ctx context.Context, since time.Time) ([]int64, error) {
	var out []int64
	err := t.list(ctx, "list schools that wait for an answer", &out, `SELECT DISTINCT s.school_id FROM school.statement s
		WHERE s.at >= $1 AND NOT EXISTS (SELECT 1 FROM school.receipt a WHERE a.statement_id = s.id AND a.version_id IS NULL)
		  AND NOT EXISTS (SELECT 1 FROM core.job j WHERE j.subject = 'statement:' || s.id AND j.state IN ('queued', 'running', 'waiting', 'stopped'))`, since)
	return out, err
}

// SchoolsWithNews lists the schools about whose versions the registry noted
// something after an event, and the newest event there is.
func (g *Registrar) SchoolsWithNews(ctx context.Context, after int64) (schools []int64, last int64, err error) {
	err = g.in(ctx, func(tx *Tx) error {
		if err := tx.get(ctx, "registry.no_event", &last, `SELECT coalesce(max(id), 0) FROM registry.version_event`); err != nil {
			return err
		}
		return tx.list(ctx, "list schools with news", &schools, `SELECT DISTINCT u.id FROM registry.version_event e
			JOIN core.unit u ON u.code = e.school_code AND u.kind = 'truong' WHERE e.id > $1`, after)
	})
	return schools, last, err
}
