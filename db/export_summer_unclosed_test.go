package db

import (
	"context"

	"hocba/internal/school"
)

// UnclosedQuery is the query of Unclosed with its arguments, for a look at its plan.
func UnclosedQuery(ctx context.Context, tx *Tx, year school.Year) (string, []any, error) {
	args, err := tx.unclosedArgs(ctx, tx.Actor.SchoolID, year)
	return `WITH ` + schoolRoll + unclosedSQL + unclosedOrder, args, err
}
