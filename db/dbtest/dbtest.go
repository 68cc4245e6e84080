// Package dbtest gives every test a database of its own: a clone of one
// migrated template, in a PostgreSQL that lives as long as the test program.
// Nothing is shared between tests, so they may run in parallel.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/cluster"
)

const template = "template_hocba"

// Start is the business time at which the clock of every test stands until the
// test moves it: a school morning in May, before the first deadline.
var Start = time.Date(2026, time.May, 20, 8, 0, 0, 0, time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60))

// Database is one test's database, open as the program opens it.
type Database struct {
	*db.DB
	// Clock is the business time DB sees.
	Clock *Clock
	// PortalDSN and RegistryDSN connect as the program's two roles, OwnerDSN
	// as the owner of the schema, whom no policy binds.
	PortalDSN, RegistryDSN, OwnerDSN string

	t     testing.TB
	owner *sql.DB
}

// Clock is a clock that tests move.
type Clock struct{ now atomic.Pointer[time.Time] }

// Now is the time the clock shows.
func (c *Clock) Now() time.Time { return *c.now.Load() }

// Set moves the clock, forwards or back.
func (c *Clock) Set(to time.Time) { c.now.Store(&to) }

// Advance moves the clock on by d.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// New clones the template for this test (about 30 ms) and drops the clone at
// its end. Without PostgreSQL on the machine the test is skipped, or fails
// where CI is set.
func New(t testing.TB) *Database {
	t.Helper()
	c := running(t)
	name := fmt.Sprintf("test_%d", shared.count.Add(1))
	// Copying files is twice as fast as writing a copy through the log, which
	// nobody needs: these clusters never recover.
	statement := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", name, template)
	if _, err := shared.admin.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("clone the template: %v", err)
	}
	d := &Database{
		Clock:       &Clock{},
		PortalDSN:   c.DSN("hocba_portal", name),
		RegistryDSN: c.DSN("hocba_registry", name),
		OwnerDSN:    c.DSN(cluster.Superuser, name),
		t:           t,
	}
	d.Clock.Set(Start)
	t.Cleanup(func() {
		if _, err := shared.admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the clone: %v", err)
		}
	})
	var err error
	d.DB, err = db.Open(t.Context(), db.Options{
		PortalDSN: d.PortalDSN, RegistryDSN: d.RegistryDSN, Clock: d.Clock.Now, MaxConns: 8,
	})
	if err != nil {
		t.Fatalf("open the clone: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the clone: %v", err)
		}
	})
	return d
}

// NewEmpty makes a database without any schema, dropped at the end of the test,
// and returns how its owner and the two roles reach it: for tests of migrating.
func NewEmpty(t testing.TB) (owner, portal, registry string) {
	t.Helper()
	c := running(t)
	name := fmt.Sprintf("empty_%d", shared.count.Add(1))
	if err := c.EnsureDatabase(t.Context(), name); err != nil {
		t.Fatalf("make an empty database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := shared.admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the empty database: %v", err)
		}
	})
	return c.DSN(cluster.Superuser, name), c.DSN("hocba_portal", name), c.DSN("hocba_registry", name)
}

// Owner is a connection as the owner of the schema: to lay out what a test
// needs and to look behind the policies.
func (d *Database) Owner() *sql.DB {
	d.t.Helper()
	if d.owner == nil {
		d.owner = d.open(d.OwnerDSN)
	}
	return d.owner
}

// AsPortal is a bare connection as hocba_portal, to try what it may not do.
func (d *Database) AsPortal() *sql.DB { d.t.Helper(); return d.open(d.PortalDSN) }

// AsRegistry is a bare connection as hocba_registry.
func (d *Database) AsRegistry() *sql.DB { d.t.Helper(); return d.open(d.RegistryDSN) }

func (d *Database) open(dsn string) *sql.DB {
	d.t.Helper()
	conn, err := sql.Open("postgres", dsn)
	if err != nil {
		d.t.Fatalf("open a connection: %v", err)
	}
	d.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Exec runs a statement as the owner and fails the test if it fails.
func (d *Database) Exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.Owner().Exec(statement, args...); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
}

// shared is the test program's one cluster, started by the first test that
// needs it.
var shared struct {
	once    sync.Once
	dir     string
	cluster *cluster.Cluster
	admin   *sql.DB
	err     error
	count   atomic.Int64
	durable bool
}

// MainDurable is Main over a PostgreSQL with the settings of one that serves,
// fsync on: for measuring what people will meet.
func MainDurable(m *testing.M) {
	shared.durable = true
	Main(m)
}

// Main runs the tests, takes the cluster away and ends the program.
func Main(m *testing.M) {
	code := m.Run()
	if err := shutDown(); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func running(t testing.TB) *cluster.Cluster {
	t.Helper()
	shared.once.Do(func() { shared.err = startUp() })
	if errors.Is(shared.err, cluster.ErrNoPostgres) && os.Getenv("CI") == "" {
		t.Skip(shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// startUp makes and migrates the template. The server dies with this program
// however it ends; what a killed program leaves on the disk goes when the next
// one starts.
func startUp() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cluster.Sweep(filepath.Join(os.TempDir(), "hocba-dbtest-*"))
	var err error
	if shared.dir, err = os.MkdirTemp("", "hocba-dbtest-"); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if os.Geteuid() == 0 { // the server runs under another account
		if err := os.Chmod(shared.dir, 0o711); err != nil {
			return fmt.Errorf("open the data folder: %w", err)
		}
	}
	shared.cluster, err = cluster.Start(ctx, cluster.Options{
		Dir: shared.dir, FsyncOff: !shared.durable, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return fmt.Errorf("start the cluster: %w", err)
	}
	if err := shared.cluster.EnsureDatabase(ctx, template); err != nil {
		return err
	}
	if err := db.Migrate(ctx, shared.cluster.DSN(cluster.Superuser, template)); err != nil {
		return err
	}
	shared.admin, err = sql.Open("postgres", shared.cluster.DSN(cluster.Superuser, "postgres"))
	if err != nil {
		return fmt.Errorf("open the cluster: %w", err)
	}
	return nil
}

func shutDown() error {
	if shared.dir == "" {
		return nil
	}
	var errs []error
	if shared.admin != nil {
		errs = append(errs, shared.admin.Close())
	}
	if shared.cluster != nil {
		errs = append(errs, shared.cluster.Stop(context.Background()), shared.cluster.Remove())
	}
	return errors.Join(append(errs, os.RemoveAll(shared.dir))...)
}
