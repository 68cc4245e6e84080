package db

import "context"

// StatementReceipt returns the number of the registry's receipt for a statement
// itself; 0 while there is none.
func (t *Tx) StatementReceipt(ctx context.Context, id int64) (int64, error) {
	var receipt int64
	err := t.GetContext(ctx, &receipt, `SELECT coalesce((SELECT id FROM school.receipt WHERE statement_id = $1 AND version_id IS NULL), 0)`, id)
	return receipt, translate(err, "find a statement's receipt")
}

// StatementTurn lets one statement of a class be stored at a time, until the
// transaction ends: who had to wait looks again whether the twin of theirs has
// been stored.
func (t *Tx) StatementTurn(ctx context.Context, classID int64) error {
	return t.exec(ctx, "wait for a statement of the class", `SELECT pg_advisory_xact_lock(hashtextextended('school.statement', $1))`, classID)
}
