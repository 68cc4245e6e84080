package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Establish writes the installation's one row into a new database, as its
// owner: the program's own roles can neither make a database a demonstration
// nor add a root to its trust. A demonstration brings the root of its trial
// authority; a database in service brings none here.
func Establish(ctx context.Context, ownerDSN string, demo bool, seed int64, rootPEM []byte, from time.Time) error {
	conn, err := sql.Open("postgres", ownerDSN)
	if err != nil {
		return fmt.Errorf("open the database as owner: %w", err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return translate(err, "begin to establish a database")
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO core.installation (demo, seed, created_at) VALUES ($1, $2, $3)`, demo, seed, from)
	if err == nil && len(rootPEM) > 0 {
		sum := sha256.Sum256(rootPEM)
		_, err = tx.ExecContext(ctx, `INSERT INTO core.trust_root (fingerprint, pem, trial, valid_from) VALUES ($1, $2, $3, $4)`,
			hex.EncodeToString(sum[:]), string(rootPEM), demo, from)
	}
	if err != nil {
		return translate(errors.Join(err, tx.Rollback()), "establish a database")
	}
	return translate(tx.Commit(), "establish a database")
}

// KeepClock stores how far a demonstration's business time runs ahead.
func KeepClock(ctx context.Context, ownerDSN string, offset time.Duration) error {
	conn, err := sql.Open("postgres", ownerDSN)
	if err != nil {
		return fmt.Errorf("open the database as owner: %w", err)
	}
	defer conn.Close()
	_, err = conn.ExecContext(ctx, `UPDATE core.installation SET clock_offset = make_interval(secs => $1) WHERE demo`, offset.Seconds())
	return translate(err, "keep a demonstration's clock")
}
