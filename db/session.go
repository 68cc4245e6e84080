package db

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Sessions keeps sign-in sessions. It has the methods that the session manager
// asks of a store; tokens arrive already hashed. Sessions live on wall-clock
// time, not business time: a demonstration clock must not sign people out.
type Sessions struct{ db *DB }

// Sessions returns the session store.
func (d *DB) Sessions() *Sessions { return &Sessions{d} }

// FindCtx returns the data of a live session.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	stmt, err := s.db.alone(ctx, `SELECT data FROM core.session WHERE token = $1 AND expiry > $2`)
	if err != nil {
		return nil, false, err
	}
	var data []byte
	err = stmt.GetContext(ctx, &data, token, time.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, translate(err, "find a session")
}

// CommitCtx stores a session until expiry.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.db.portal.ExecContext(ctx, `INSERT INTO core.session (token, data, expiry) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expiry = excluded.expiry`, token, data, expiry)
	return translate(err, "store a session")
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.portal.ExecContext(ctx, `DELETE FROM core.session WHERE token = $1`, token)
	return translate(err, "end a session")
}

// Find is FindCtx without a context.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
