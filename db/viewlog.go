package db

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/lib/pq"

	"hocba/internal/workflow"
)

// View is one reading of a pupil's record or list, or one look-up by a
// stranger. Object names things by number or hash, never by a child's name.
type View struct {
	At        time.Time
	UnitID    int64
	AccountID int64
	Role      string
	What      string
	Object    string
	RequestID string
	Address   string // of the reader's machine
}

// ViewLog collects readings and writes them in batches, so that logging costs
// a page almost nothing. Close writes what is left.
type ViewLog struct {
	db   *DB
	log  *slog.Logger
	in   chan View
	done chan struct{}
	once sync.Once
}

const (
	viewBatch = 500
	viewEvery = time.Second
)

// NewViewLog starts the writer.
func (d *DB) NewViewLog(log *slog.Logger) *ViewLog {
	v := &ViewLog{db: d, log: log, in: make(chan View, 4*viewBatch), done: make(chan struct{})}
	go v.run()
	return v
}

// Add takes a reading from an address. When the buffer is full it waits: a reading that is not
// logged must not happen.
func (v *ViewLog) Add(actor workflow.Actor, address, what, object string) {
	v.in <- View{At: v.db.Now(), UnitID: actor.UnitID, AccountID: actor.AccountID, Role: string(actor.Role),
		What: what, Object: object, RequestID: actor.RequestID, Address: address}
}

// Close writes what is left and stops. Nothing may be added after it.
func (v *ViewLog) Close() {
	v.once.Do(func() { close(v.in) })
	<-v.done
}

func (v *ViewLog) run() {
	defer close(v.done)
	tick := time.NewTicker(viewEvery)
	defer tick.Stop()
	var batch []View
	flush := func() {
		if len(batch) == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := v.db.writeViews(ctx, batch); err != nil {
			v.log.Error("write the view log", "views", len(batch), "error", err)
			if len(batch) < 20*viewBatch {
				return // kept, tried again with the next tick
			}
		}
		batch = batch[:0]
	}
	for {
		select {
		case view, open := <-v.in:
			if !open {
				flush()
				return
			}
			if batch = append(batch, view); len(batch) >= viewBatch {
				flush()
			}
		case <-tick.C:
			flush()
		}
	}
}

func (d *DB) writeViews(ctx context.Context, views []View) error {
	n := len(views)
	at, unit, account := make([]time.Time, n), make([]int64, n), make([]int64, n)
	role, what, object := make([]string, n), make([]string, n), make([]string, n)
	request, address := make([]string, n), make([]string, n)
	for i, v := range views {
		at[i], unit[i], account[i] = v.At, v.UnitID, v.AccountID
		role[i], what[i], object[i], request[i], address[i] = v.Role, v.What, v.Object, v.RequestID, v.Address
	}
	stamps := make([]string, n)
	for i := range at {
		stamps[i] = at[i].Format(time.RFC3339Nano)
	}
	_, err := d.portal.ExecContext(ctx, `INSERT INTO core.view_log (at, unit_id, account_id, role, what, object, request_id, address)
		SELECT a::timestamptz, nullif(u, 0), nullif(c, 0), r, w, o, q, f
		FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS v(a, u, c, r, w, o, q, f)`,
		pq.Array(stamps), pq.Array(unit), pq.Array(account), pq.Array(role), pq.Array(what), pq.Array(object), pq.Array(request), pq.Array(address))
	return translate(err, "write views")
}
