package db

import (
	"context"
	"time"

	"github.com/google/uuid"

	"hocba/internal/fault"
)

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

// KeepStatementIntent stores a statement of the acting person that waits for
// the value of its seal, for use once until expires. What the state says is
// the caller's affair.
func (t *Tx) KeepStatementIntent(ctx context.Context, state []byte, expires time.Time) (IntentID, error) {
	if err := t.SoundClock(ctx); err != nil {
		return IntentID{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return id, translate(err, "number an intent")
	}
	return id, t.exec(ctx, "keep a statement's intent", `INSERT INTO school.statement_intent (id, school_id, account_id, state, expires_at)
		VALUES ($1, $2, $3, $4, $5)`, id, t.Actor.SchoolID, t.Actor.AccountID, state, expires)
}

// UseStatementIntent takes what KeepStatementIntent stored for the acting
// person out of store, once. It fails with Conflict record.intent_used for one
// that is used, unknown or another person's, and record.intent_expired.
func (t *Tx) UseStatementIntent(ctx context.Context, id IntentID) ([]byte, error) {
	if err := t.SoundClock(ctx); err != nil {
		return nil, err
	}
	var row struct {
		State   []byte    `db:"state"`
		Expires time.Time `db:"expires_at"`
	}
	err := t.get(ctx, "record.intent_used", &row, `UPDATE school.statement_intent SET used_at = $3
		WHERE id = $1 AND account_id = $2 AND used_at IS NULL RETURNING state, expires_at`, id, t.Actor.AccountID, t.Now)
	switch {
	case fault.Is(err, "record.intent_used"):
		return nil, fault.New(fault.Conflict, "record.intent_used")
	case err == nil && t.Now.After(row.Expires):
		return nil, fault.New(fault.Conflict, "record.intent_expired", "mend", "signer")
	}
	return row.State, err
}

// sweepIntents removes prepared signatures whose time was over a day ago: what
// is sent twice within the day is still told from what was never asked for.
func (t *Tx) sweepIntents(ctx context.Context) error {
	old := t.Now.AddDate(0, 0, -1)
	if err := t.exec(ctx, "sweep intents", `DELETE FROM school.signing_intent WHERE expires_at <= $1`, old); err != nil {
		return err
	}
	return t.exec(ctx, "sweep statements' intents", `DELETE FROM school.statement_intent WHERE expires_at <= $1`, old)
}
