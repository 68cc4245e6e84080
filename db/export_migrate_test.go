package db

import (
	"context"
	"database/sql"
)

// MigrateTo brings an empty database to an older version of the schema.
func MigrateTo(ctx context.Context, ownerDSN string, version int64) error {
	conn, err := sql.Open("postgres", ownerDSN)
	if err != nil {
		return err
	}
	defer conn.Close()
	p, err := provider(conn)
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}
