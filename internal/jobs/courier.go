package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/signing/revocation"
	"hocba/internal/signing/software"
)

// Courier goes between the schools and the registry of one program: it holds
// the registry's desk, delivers what has no answer yet, brings back what the
// registry tells, and locks what is due by date. Any number of processes may
// run one: every step may be repeated.
type Courier struct {
	db     *db.DB
	log    *slog.Logger
	secret *software.Secret
	issuer *revocation.Checker  // nil: nobody is asked about certificates
	device *registry.DeviceDoor // nil: there is none

	mu        sync.Mutex
	registrar *db.Registrar
	serial    int64 // of the key it holds

	// Of the round alone. An event of a slow transaction may appear after a
	// later one: what is heard again is what came since the round before last.
	heard [2]int64
	swept time.Time // when all schools were visited

	stop context.CancelFunc // nil until Start
	done chan struct{}
}

// deliverEvery is how often a courier goes round. Acts of people are carried
// out at once; the round is for what was left lying, and for the date.
const deliverEvery = 30 * time.Second

// A round visits whoever waits since yesterday at most; the rest is found when
// all schools are visited.
const (
	sweepEvery = 15 * time.Minute
	waitsSince = 24 * time.Hour
)

// NewCourier makes a courier; Start sends it round.
func NewCourier(d *db.DB, log *slog.Logger, secret *software.Secret) *Courier {
	return &Courier{db: d, log: log, secret: secret, done: make(chan struct{})}
}

// Reach lets the registry sign with a key in a device. It is called before the
// first round.
func (c *Courier) Reach(device *registry.DeviceDoor) { c.device = device }

// Ask lets the registry ask issuers about certificates. It is called before the
// first round.
func (c *Courier) Ask(issuer *revocation.Checker) { c.issuer = issuer }

// Start goes round until Stop.
func (c *Courier) Start(ctx context.Context) {
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	go c.run(ctx)
}

// Stop ends the round and waits for the delivery under way.
func (c *Courier) Stop() {
	if c.stop == nil {
		return
	}
	c.stop()
	<-c.done
}

// Registrar returns the desk of the registry with its receipt key open: the one
// that was installed last, also while the program runs. It fails with
// Unavailable registry.no_receipt_key in a province that has none.
func (c *Courier) Registrar(ctx context.Context) (*db.Registrar, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	serial, err := c.db.ReceiptKeySerial(ctx)
	if err != nil {
		return nil, err
	}
	if c.registrar != nil && serial == c.serial {
		return c.registrar, nil
	}
	key, err := c.db.ReceiptKey(ctx, registry.Keys{Secret: c.secret, Device: c.device})
	if err != nil {
		return nil, err
	}
	c.registrar = db.NewRegistrar(c.db, key)
	c.registrar.Issuer, c.serial = c.issuer, serial
	return c.registrar, nil
}

// Submission returns the schools' side of the desk.
func (c *Courier) Submission(ctx context.Context) (Submission, error) {
	registrar, err := c.Registrar(ctx)
	return Submission{DB: c.db, Registry: registrar}, err
}

func (c *Courier) run(ctx context.Context) {
	defer close(c.done)
	tick := time.NewTicker(deliverEvery)
	defer tick.Stop()
	for {
		if err := c.round(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("go between schools and registry", "error", err) // tried again with the next round
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round locks what is due first, so that what is fetched afterwards tells it.
// It visits the schools with something to deliver or to hear, and from time to
// time all of them: a round must not cost more because the province is large.
func (c *Courier) round(ctx context.Context) error {
	registrar, err := c.Registrar(ctx)
	if fault.Is(err, "registry.no_receipt_key") {
		return nil // nothing can have been sent yet
	}
	if err != nil {
		return err
	}
	if err := registrar.LockDue(ctx); err != nil {
		return err
	}
	news, last, err := registrar.SchoolsWithNews(ctx, c.heard[0])
	if err != nil {
		return err
	}
	s := Submission{DB: c.db, Registry: registrar}
	c.heard = [2]int64{c.heard[1], last}
	if time.Since(c.swept) < sweepEvery {
		return s.resumeThese(ctx, news)
	}
	c.swept = time.Now()
	return s.ResumeAll(ctx)
}
