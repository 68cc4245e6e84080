// Package db keeps everything in PostgreSQL: one exported method per question,
// its SQL inside, columns listed. Every transaction on tenant data opens
// through As (school side) or Registry (province side), which tell PostgreSQL
// who acts; row-level security does the rest. The package returns domain types
// or small read models declared beside them. It knows no HTTP and no words for
// people.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// DB holds the two pools of the program: portal (schemas core and school) and
// registry (schema registry, core read-only). The two roles share no table.
type DB struct {
	portal   *sqlx.DB
	registry *sqlx.DB
	clock    func() time.Time
	began    time.Time // with its monotonic reading
	wall     time.Time // of the machine then
	dsn      string    // of the portal, for the one connection that listens
	feed     atomic.Pointer[Feed]

	trusted trusted

	mu    sync.Mutex
	stmts map[string]*sqlx.Stmt
}

// Options says how to reach the database.
type Options struct {
	PortalDSN   string
	RegistryDSN string
	// Clock gives business time; nil means time.Now.
	Clock func() time.Time
	// MaxConns bounds the portal's pool; 0 means 20. The registry gets half.
	MaxConns int
}

// Open connects both pools and checks that they answer.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.MaxConns == 0 {
		o.MaxConns = 20
	}
	portal, err := connect(ctx, o.PortalDSN, o.MaxConns)
	if err != nil {
		return nil, fmt.Errorf("open the portal's pool: %w", err)
	}
	registry, err := connect(ctx, o.RegistryDSN, (o.MaxConns+1)/2)
	if err != nil {
		_ = portal.Close()
		return nil, fmt.Errorf("open the registry's pool: %w", err)
	}
	began := time.Now()
	return &DB{portal: portal, registry: registry, clock: o.Clock, began: began, wall: began.Round(0), dsn: o.PortalDSN, stmts: map[string]*sqlx.Stmt{}}, nil
}

// Close ends both pools.
func (d *DB) Close() error {
	return errors.Join(d.portal.Close(), d.registry.Close())
}

// Now is business time, to the microsecond that PostgreSQL keeps.
func (d *DB) Now() time.Time { return d.clock().Truncate(time.Microsecond) }

// Ping reports whether both pools answer.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.portal.PingContext(ctx); err != nil {
		return translate(err, "reach the portal's database")
	}
	return translate(d.registry.PingContext(ctx), "reach the registry's database")
}

// Tx is a transaction in which PostgreSQL knows who acts.
type Tx struct {
	*sqlx.Tx
	db    *DB
	Actor workflow.Actor
	// Now is business time, fixed for the transaction.
	Now time.Time
	// Origin names the open grid whose typing is saved, so that it is not told
	// of its own values; empty for everything else.
	Origin string
	// Way is how cells saved now come to their values.
	Way Way

	pool    *sqlx.DB
	wanted  []string      // statements to prepare for the pool when it is over
	notices []cellsNotice // for the open grids, told when it is committed
}

// As runs fn in a transaction of the school side on behalf of actor: what fn
// reads and writes is what row-level security lets that actor read and write.
// An error rolls back. A serialization failure or deadlock is tried again, at
// most three times, so fn must have no effect outside the transaction.
func (d *DB) As(ctx context.Context, actor workflow.Actor, fn func(tx *Tx) error) error {
	return d.inTx(ctx, d.portal, actor, fn)
}

// Registry is As on the province's side.
func (d *DB) Registry(ctx context.Context, actor workflow.Actor, fn func(tx *Tx) error) error {
	return d.inTx(ctx, d.registry, actor, fn)
}

func (d *DB) inTx(ctx context.Context, pool *sqlx.DB, actor workflow.Actor, fn func(tx *Tx) error) error {
	if actor.Kind == "" {
		return fault.New(fault.Forbidden, "actor.nobody")
	}
	for attempt := 1; ; attempt++ {
		err := d.tryTx(ctx, pool, actor, fn)
		if err == nil || attempt == 3 || !retryable(err) {
			return err
		}
	}
}

const setActor = `SELECT set_config('app.kind', $1, true), set_config('app.account', $2, true),
	set_config('app.unit', $3, true), set_config('app.school', $4, true)`

func (d *DB) tryTx(ctx context.Context, pool *sqlx.DB, actor workflow.Actor, fn func(tx *Tx) error) (err error) {
	raw, err := pool.BeginTxx(ctx, nil)
	if err != nil {
		return translate(err, "begin a transaction")
	}
	defer func() {
		if err != nil {
			_ = raw.Rollback()
		}
	}()
	tx := &Tx{Tx: raw, db: d, Actor: actor, Now: d.Now(), pool: pool}
	stmt, err := tx.prepared(ctx, pool, setActor)
	if err != nil {
		return err
	}
	if _, err = stmt.ExecContext(ctx, string(actor.Kind), idText(actor.AccountID), idText(actor.UnitID),
		idText(actor.SchoolID)); err != nil {
		return translate(err, "name the actor")
	}
	if err = fn(tx); err != nil {
		return err
	}
	if err = raw.Commit(); err != nil {
		return translate(err, "commit")
	}
	_ = d.keepPrepared(ctx, pool, tx.wanted) // what fails is tried again by the next one
	d.tellCells(ctx, tx.notices)
	return nil
}

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// prepared returns the statement, prepared once per pool and bound to the
// transaction: lib/pq would otherwise plan every parameterised query anew.
func (t *Tx) prepared(ctx context.Context, pool *sqlx.DB, query string) (*sqlx.Stmt, error) {
	key := query
	if pool == t.db.registry {
		key = "registry:" + query
	}
	t.db.mu.Lock()
	stmt, ok := t.db.stmts[key]
	t.db.mu.Unlock()
	if ok {
		return t.StmtxContext(ctx, stmt), nil
	}
	// Preparing for the pool takes a second connection. Waiting for one while
	// holding one would stop everybody as soon as all connections wait so: the
	// first time the statement is prepared for this transaction alone.
	t.wanted = append(t.wanted, query)
	own, err := t.PreparexContext(ctx, query)
	return own, translate(err, "prepare a statement")
}

// keepPrepared prepares for the pool what a transaction wanted, after it gave
// its connection back.
func (d *DB) keepPrepared(ctx context.Context, pool *sqlx.DB, queries []string) error {
	for _, query := range queries {
		key := query
		if pool == d.registry {
			key = "registry:" + query
		}
		stmt, err := pool.PreparexContext(ctx, query)
		if err != nil {
			return err
		}
		d.mu.Lock()
		if _, raced := d.stmts[key]; raced {
			_ = stmt.Close()
		} else {
			d.stmts[key] = stmt
		}
		d.mu.Unlock()
	}
	return nil
}

// hot runs a statement of a hot path on the portal's side, prepared once.
func (t *Tx) hot(ctx context.Context, query string) (*sqlx.Stmt, error) {
	return t.prepared(ctx, t.db.portal, query)
}

// get reads one row into dest; no row is a NotFound fault with the code. The
// statement is prepared once: query must be a literal of the program.
func (t *Tx) get(ctx context.Context, code string, dest any, query string, args ...any) error {
	stmt, err := t.prepared(ctx, t.pool, query)
	if err != nil {
		return err
	}
	err = stmt.GetContext(ctx, dest, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, code)
	}
	return translate(err, code)
}

// list reads all rows into dest, by a statement prepared once like get's.
func (t *Tx) list(ctx context.Context, what string, dest any, query string, args ...any) error {
	stmt, err := t.prepared(ctx, t.pool, query)
	if err != nil {
		return translate(err, what)
	}
	return translate(stmt.SelectContext(ctx, dest, args...), what)
}

// exec runs a statement, prepared once like get's; what names the act for the log.
func (t *Tx) exec(ctx context.Context, what, query string, args ...any) error {
	_, err := t.execRows(ctx, what, query, args...)
	return err
}

// execRows is exec, and says how many rows it changed.
func (t *Tx) execRows(ctx context.Context, what, query string, args ...any) (int64, error) {
	stmt, err := t.prepared(ctx, t.pool, query)
	if err != nil {
		return 0, translate(err, what)
	}
	res, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, translate(err, what)
	}
	n, err := res.RowsAffected()
	return n, translate(err, what)
}
