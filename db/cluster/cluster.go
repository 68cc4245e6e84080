// Package cluster runs the program's private PostgreSQL: it creates the data
// directory, starts the server, keeps it running, finds it again after a crash
// of the program and stops it. The server has no TCP port; its socket lies in
// a directory that only its owner may enter.
//
// Who can reach the data. PostgreSQL refuses to run as root, so under root it
// runs as the system account postgres, otherwise as the account that started
// the program. Socket directory and socket are 0700 and belong to that
// account: it, and root, can connect as any database role, and nobody else can
// connect at all. That is why the socket asks for no password (trust): whoever
// passes the directory also owns the files below. The data directory never
// changes hands by following a path another account could have laid: what
// exists must already belong to the right account, or Start refuses it.
//
// The package knows no schema; package db migrates what it starts.
package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"
)

// Superuser is the role that owns the cluster. Migrations run as it; the
// program's own roles are made by the migrations.
const Superuser = "hocba"

// ErrNoPostgres means that no PostgreSQL server of a usable version is
// installed: neither under /usr/lib/postgresql nor on the PATH.
var ErrNoPostgres = errors.New("no PostgreSQL server (15 or newer) is installed")

// InUseError means that another program serves from the same data folder.
type InUseError struct {
	Dir string
	// PID is the other program, 0 if it could not be read.
	PID int
}

// Error names the folder and the process that holds it.
func (e *InUseError) Error() string {
	return fmt.Sprintf("data folder %s is in use by process %d", e.Dir, e.PID)
}

// VersionError means that the data directory was made by a major version of
// PostgreSQL that is not installed any more; pg_upgrade moves it on.
type VersionError struct {
	Dir  string
	Made string
}

// Error names the folder and the version it needs.
func (e *VersionError) Error() string {
	return fmt.Sprintf("data folder %s was made by PostgreSQL %s, which is not installed", e.Dir, e.Made)
}

// Options says where the cluster lives and how it behaves.
type Options struct {
	// Dir is the program's data folder; it is created if missing. The cluster
	// lives in its entry "cluster", which is a symbolic link to
	// /var/lib/hocba/<hash> when the account postgres cannot reach Dir.
	Dir string
	// Shared lets several programs use the cluster at once: a command beside
	// a running server. Without it a second caller gets an InUseError, and the
	// server ends when this program dies.
	Shared bool
	// FsyncOff trades durability for speed. For tests only.
	FsyncOff bool
	// Log receives starts, stops and restarts; nil means slog.Default.
	Log *slog.Logger
}

// Cluster is a running PostgreSQL. It is restarted when it dies, until Stop.
type Cluster struct {
	home     home
	bin      string
	fsyncOff bool
	shared   bool
	log      *slog.Logger

	use   *lockFile // shared by everybody who uses the cluster
	serve *lockFile // exclusive; nil when Shared

	mu     sync.Mutex
	server *server

	ended     sync.Once
	endKeeper context.CancelFunc
	keeper    chan struct{}
}

// Start brings the cluster of o.Dir up and returns when it accepts
// connections. On the first call it creates the cluster (below one second). A
// server that still runs there is adopted. It fails with InUseError,
// ErrNoPostgres or VersionError, or with what PostgreSQL said.
func Start(ctx context.Context, o Options) (_ *Cluster, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	h, err := openHome(o.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	c := &Cluster{home: h, fsyncOff: o.FsyncOff, shared: o.Shared, log: o.Log}
	defer func() {
		if err != nil {
			c.release()
		}
	}()
	if c.bin, err = findBinaries(h); err != nil {
		return nil, err
	}
	if !o.Shared {
		if c.serve, err = holdAlone(h.path("serve.lock")); errors.Is(err, errLocked) {
			return nil, &InUseError{Dir: o.Dir, PID: lockHolder(h.path("serve.lock"))}
		} else if err != nil {
			return nil, err
		}
	}
	turn, err := waitForTurn(ctx, h.path("turn.lock"))
	if err != nil {
		return nil, err
	}
	defer turn.release()
	// Only who holds the turn asks for "use" alone, so this never waits.
	if c.use, err = holdTogether(h.path("use.lock")); err != nil {
		return nil, err
	}
	if err := c.create(ctx); err != nil {
		return nil, err
	}
	if c.server, err = c.bringUp(ctx); err != nil {
		return nil, err
	}
	keep, cancel := context.WithCancel(context.Background())
	c.endKeeper, c.keeper = cancel, make(chan struct{})
	go c.keepUp(keep)
	return c, nil
}

// DSN is the connection string of a role and database of this cluster, in
// lib/pq's form. It stays good over restarts.
func (c *Cluster) DSN(user, dbname string) string {
	return fmt.Sprintf("host=%s port=%s user=%s dbname=%s sslmode=disable",
		quote(c.home.socket), socketPort, quote(user), quote(dbname))
}

func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// Dir is where the cluster really lives, links resolved.
func (c *Cluster) Dir() string { return c.home.root }

// PID is the process id of the server that runs now.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server.pid
}

// EnsureDatabase creates the database unless it exists.
func (c *Cluster) EnsureDatabase(ctx context.Context, name string) error {
	conn, err := sql.Open("postgres", c.DSN(Superuser, "postgres"))
	if err != nil {
		return fmt.Errorf("open the cluster: %w", err)
	}
	defer conn.Close()
	var exists bool
	err = conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&exists)
	if err != nil || exists {
		return wrap(err, "look for the database")
	}
	_, err = conn.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name))
	var raced *pq.Error
	if errors.As(err, &raced) && raced.Code == "42P04" { // duplicate_database
		return nil
	}
	return wrap(err, "create the database")
}

// Stop ends the use of the cluster. The last user stops the server: open
// transactions are rolled back, what was committed is on the disk. When ctx
// ends first, the server is stopped at once and recovers at the next start. A
// second call does nothing.
func (c *Cluster) Stop(ctx context.Context) (err error) {
	c.ended.Do(func() { err = c.end(ctx) })
	return err
}

func (c *Cluster) end(ctx context.Context) error {
	c.endKeeper()
	<-c.keeper
	defer c.release()
	turn, err := waitForTurn(ctx, c.home.path("turn.lock"))
	if err != nil {
		return err
	}
	defer turn.release()
	if err := c.use.upgrade(); errors.Is(err, errLocked) {
		c.log.Info("cluster left running for another program", "pid", c.PID())
		return nil
	} else if err != nil {
		return err
	}
	return c.server.stop(ctx, c.fsyncOff)
}

// Remove deletes a stopped cluster, its data and the link to it. For tests.
func (c *Cluster) Remove() error {
	return errors.Join(os.RemoveAll(c.home.root), os.RemoveAll(c.home.socket), os.RemoveAll(c.home.pointer))
}

// Sweep removes clusters that a killed test left in the data folders matching
// pattern, as filepath.Glob reads it. A folder in use, or younger than ten
// minutes (it may be about to be used), stays. For tests.
func Sweep(pattern string) {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return
	}
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < 10*time.Minute {
			continue
		}
		root, err := filepath.EvalSymlinks(filepath.Join(dir, homeName))
		if err == nil {
			use, err := holdAlone(filepath.Join(root, "use.lock"))
			if err != nil {
				continue
			}
			_ = os.RemoveAll(root)
			use.release()
		}
		_ = os.RemoveAll(dir)
	}
}

func (c *Cluster) release() {
	c.use.release()
	c.serve.release()
}

func wrap(err error, act string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", act, err)
}
