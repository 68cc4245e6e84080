package db

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"hocba/internal/school"
)

// countEvery is how often marked classes are counted again: dashboards promise
// ten seconds at most.
const countEvery = 5 * time.Second

// Counter keeps the counts of the dashboards up to date in the background.
// Every process of a province runs one; they share the work.
type Counter struct {
	db   *DB
	log  *slog.Logger
	stop context.CancelFunc
	done chan struct{}
	once sync.Once
	day  school.Date // rolls are marked up to this day
	at   atomic.Pointer[time.Time]
}

// At returns the business time up to which the counts hold: when the last
// complete round began. Zero before the first has ended.
func (c *Counter) At() time.Time {
	if at := c.at.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// NewCounter starts counting, at once and then every few seconds.
func (d *DB) NewCounter(log *slog.Logger) *Counter {
	ctx, stop := context.WithCancel(context.Background())
	c := &Counter{db: d, log: log, stop: stop, done: make(chan struct{})}
	go c.run(ctx)
	return c
}

// Close stops counting and waits for the class under way.
func (c *Counter) Close() {
	c.once.Do(c.stop)
	<-c.done
}

func (c *Counter) run(ctx context.Context) {
	defer close(c.done)
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		if err := c.round(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("count classes", "error", err) // tried again with the next tick
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round marks what a new day changed, once a day, and counts what is marked.
func (c *Counter) round(ctx context.Context) error {
	begin := c.db.Now()
	if today := school.DateOf(c.db.Now()); today != c.day {
		since := c.day
		if since.IsZero() {
			var err error
			if since, err = c.db.lastCount(ctx); err != nil {
				return err
			}
		}
		if err := c.db.MarkRolls(ctx, since); err != nil {
			return err
		}
		c.day = today
	}
	if _, err := c.db.RecountClasses(ctx); err != nil {
		return err
	}
	c.at.Store(&begin)
	return nil
}

// lastCount returns the day on which a class was counted last; today in a
// database where none was.
func (d *DB) lastCount(ctx context.Context) (school.Date, error) {
	var at *time.Time
	err := d.As(ctx, systemActor, func(tx *Tx) error {
		return translate(tx.GetContext(ctx, &at, `SELECT max(counted_at) FROM school.class_progress`), "find the last count")
	})
	if err != nil || at == nil {
		return school.DateOf(d.Now()), err
	}
	return school.DateOf(*at), nil
}
