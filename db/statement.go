package db

import "context"

// StatementReceipt returns the number of the registry's receipt for a statement
// itself; 0 while there is none.
func (t *Tx) StatementReceipt(ctx context.Context, id int64) (int64, error) {
	var receipt int64
	err := t.GetContext(ctx, &receipt, `SELECT coalesce((SELECT id FROM school.receipt WHERE statement_id = $1 AND version_id IS NULL), 0)`, id)
	return receipt, translate(err, "find a statement's receipt")
}
