package jobs

import (
	"context"
	"log/slog"
	"time"

	"hocba/db"
)

// SweepEvery is how long what has expired may lie about before it is removed.
const SweepEvery = 10 * time.Minute

// Sweeper removes what has expired, at once and then again and again. Any
// number of processes may run one.
type Sweeper struct {
	db    *db.DB
	log   *slog.Logger
	every time.Duration

	stop context.CancelFunc // nil until Start
	done chan struct{}
}

// NewSweeper makes a sweeper; Start sets it to work.
func NewSweeper(d *db.DB, log *slog.Logger, every time.Duration) *Sweeper {
	return &Sweeper{db: d, log: log, every: every, done: make(chan struct{})}
}

// Start sweeps until Stop.
func (s *Sweeper) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	go s.run(ctx)
}

// Stop ends the sweeping and waits for what is under way.
func (s *Sweeper) Stop() {
	if s.stop == nil {
		return
	}
	s.stop()
	<-s.done
}

func (s *Sweeper) run(ctx context.Context) {
	defer close(s.done)
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for {
		if err := s.db.ObserveClock(ctx, false); err != nil && ctx.Err() == nil {
			s.log.Error("look at the clock: nothing is signed until it is right", "error", err)
		}
		if err := s.db.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("sweep what has expired", "error", err) // tried again with the next tick
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
