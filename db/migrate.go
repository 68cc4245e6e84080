package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"hocba/internal/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

func provider(conn *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find the migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("make the migration lock: %w", err)
	}
	return goose.NewProvider(goose.DialectPostgres, conn, files,
		goose.WithSessionLocker(locker), goose.WithTableName("public.schema_version"))
}

// lockPatience is how long a migration waits for a table that somebody uses.
// Everybody after it waits behind it, so it gives up rather than stop a school,
// and may be tried again: what it did is undone.
const lockPatience = "20s"

// WithSetting adds a setting of PostgreSQL to a DSN of either form, unless the
// DSN has it.
func WithSetting(dsn, name, value string) string {
	switch {
	case strings.Contains(dsn, name+"="):
		return dsn
	case !strings.Contains(dsn, "://"):
		return dsn + " " + name + "='" + value + "'"
	case strings.Contains(dsn, "?"):
		return dsn + "&" + name + "=" + url.QueryEscape(value)
	}
	return dsn + "?" + name + "=" + url.QueryEscape(value)
}

// Migrate brings the schema up to this program's version. It runs as the
// owner of the database, never as one of the program's two roles. Two
// processes may call it at once: one works, the other waits.
func Migrate(ctx context.Context, ownerDSN string) error {
	conn, err := sql.Open("postgres", WithSetting(ownerDSN, "lock_timeout", lockPatience))
	if err != nil {
		return fmt.Errorf("open the database as owner: %w", err)
	}
	defer conn.Close()
	p, err := provider(conn)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	// The program's own roles read the version to refuse a foreign schema.
	_, err = conn.ExecContext(ctx, `GRANT USAGE ON SCHEMA public TO hocba_portal, hocba_registry;
		GRANT SELECT ON public.schema_version TO hocba_portal, hocba_registry`)
	if err != nil {
		return fmt.Errorf("let the program read the schema version: %w", err)
	}
	return nil
}

// SchemaVersion returns the newest migration that this program holds.
func SchemaVersion() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		return 0, errors.Join(err, errors.New("no migrations embedded"))
	}
	return goose.NumericComponent(files[len(files)-1])
}

// CheckSchema refuses a database whose schema is older or newer than this
// program: Unavailable, code schema.older or schema.newer.
func (d *DB) CheckSchema(ctx context.Context) error {
	want, err := SchemaVersion()
	if err != nil {
		return err
	}
	var have int64
	err = d.portal.GetContext(ctx, &have, `SELECT coalesce(max(version_id), 0) FROM public.schema_version WHERE is_applied`)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "schema.older", "want", fmt.Sprint(want), "have", "0")
	}
	args := []string{"want", fmt.Sprint(want), "have", fmt.Sprint(have)}
	switch {
	case have < want:
		return fault.New(fault.Unavailable, "schema.older", args...)
	case have > want:
		return fault.New(fault.Unavailable, "schema.newer", args...)
	}
	return nil
}
