package jobs

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"sync"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/signing/timestamp"
	"hocba/internal/signing/xades"
	"hocba/internal/workflow"
)

// StampEvery is how often signatures that wait for a time-stamp are looked for.
const StampEvery = 20 * time.Second

const (
	// stampsTogether bounds what one round takes.
	stampsTogether = 50
	// longestPause bounds the pause between two tries.
	longestPause = 30 * time.Minute
)

// stampSource returns who stamps by the setting of the Sở; nil when nobody does.
func stampSource(ctx context.Context, d *db.DB, setting db.TimeStamping) (*timestamp.Client, error) {
	if !setting.On() {
		return nil, nil
	}
	policy, err := setting.OID()
	if err != nil {
		return nil, err
	}
	trust, err := d.Trusted(ctx)
	if err != nil {
		return nil, err
	}
	return &timestamp.Client{URL: setting.URL, Policy: policy, Trust: trust, Now: d.Now}, nil
}

// StampNow asks the authority of a setting for a time-stamp of nothing that is
// kept: whether it answers, and as it must.
func StampNow(ctx context.Context, d *db.DB, setting db.TimeStamping) (*timestamp.Token, error) {
	client, err := stampSource(ctx, d, setting)
	if err != nil || client == nil {
		return nil, err
	}
	return client.Stamp(ctx, sha256.Sum256([]byte(d.Now().String())))
}

// waiting is what must be stamped before a version is put together.
type waiting struct {
	setting  db.TimeStamping
	schoolID int64
	seal     []byte             // the seal's signature, complete
	missing  []record.Signature // of those before it, without a time-stamp yet
	stamps   map[[sha256.Size]byte][]byte
}

// stamps gathers the time-stamps of an issue, before and outside of the
// transaction that issues: those kept, those still missing, the seal's own. nil
// when the intent is of another act, or nobody stamps. While the authority does
// not answer the issue fails with its codes (stamp.…), unless the Sở's setting
// says to go on.
func (d Desk) stamps(ctx context.Context, actor workflow.Actor, id db.IntentID, value []byte) (map[[sha256.Size]byte][]byte, error) {
	w, err := d.waiting(ctx, actor, id, value)
	if err != nil || w == nil {
		return nil, err
	}
	client, err := stampSource(ctx, d.DB, w.setting)
	if err != nil {
		return nil, err
	}
	for _, s := range append(w.missing, record.Signature{Bytes: w.seal}) {
		imprint, err := xades.StampImprint(s.Bytes)
		if err != nil {
			return nil, err
		}
		token, err := client.Stamp(ctx, imprint)
		if err != nil {
			if w.setting.GoOn && fault.KindOf(err) == fault.Unavailable {
				return w.stamps, nil
			}
			return nil, err
		}
		w.stamps[imprint] = token.Raw
		if s.ID == 0 {
			continue
		}
		err = d.DB.As(ctx, actor, func(tx *db.Tx) error { return tx.KeepStamp(ctx, s.ID, w.schoolID, token) })
		if err != nil {
			return nil, err
		}
	}
	return w.stamps, nil
}

func (d Desk) waiting(ctx context.Context, actor workflow.Actor, id db.IntentID, value []byte) (*waiting, error) {
	var w *waiting
	err := d.DB.As(ctx, actor, func(tx *db.Tx) error {
		setting, err := tx.TimeStamping(ctx)
		if err != nil || !setting.On() {
			return err
		}
		recordID, in, err := tx.WaitingIntent(ctx, id)
		if fault.Is(err, "record.intent_used") || err == nil && in.Act() != workflow.Issue {
			return nil // UseIntent says it
		}
		if err != nil {
			return err
		}
		r, err := tx.Record(ctx, recordID, false)
		if err != nil {
			return err
		}
		w = &waiting{setting: setting, schoolID: r.SchoolID}
		if w.seal, err = in.Prepared().Complete(value); err != nil {
			return err
		}
		return w.load(ctx, tx, r)
	})
	return w, err
}

// load reads the time-stamps there are and finds the signatures without one.
func (w *waiting) load(ctx context.Context, tx *db.Tx, r *record.Record) error {
	before := r.BeforeSeal()
	ids := make([]int64, len(before))
	for i, s := range before {
		ids[i] = s.ID
	}
	var err error
	if w.stamps, err = tx.Stamps(ctx, ids); err != nil {
		return err
	}
	for _, s := range before {
		imprint, err := xades.StampImprint(s.Bytes)
		if err != nil {
			return err
		}
		if _, ok := w.stamps[imprint]; !ok {
			w.missing = append(w.missing, s)
		}
	}
	return nil
}

// Stamper stamps signatures that wait, again and again. Any number of
// processes may run one.
type Stamper struct {
	db    *db.DB
	log   *slog.Logger
	every time.Duration

	stop context.CancelFunc // nil until Start
	done sync.WaitGroup
}

// NewStamper makes a stamper; Start sets it to work.
func NewStamper(d *db.DB, log *slog.Logger, every time.Duration) *Stamper {
	return &Stamper{db: d, log: log, every: every}
}

// Start stamps until Stop.
func (s *Stamper) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.done.Go(func() { s.run(ctx) })
}

// Stop ends the stamping and waits for what is under way.
func (s *Stamper) Stop() {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
}

func (s *Stamper) run(ctx context.Context) {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for {
		more, err := s.Round(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("stamp signatures", "error", err) // what waits is tried again
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Round stamps what is due, at most one round's worth; more says that a whole
// round was taken, so that others may wait. The first failure ends the round:
// an authority that is down is not asked fifty times.
func (s *Stamper) Round(ctx context.Context) (more bool, err error) {
	system := workflow.Actor{Kind: workflow.System}
	var setting db.TimeStamping
	var due []db.DueStamp
	err = s.db.As(ctx, system, func(tx *db.Tx) error {
		if setting, err = tx.TimeStamping(ctx); err != nil || !setting.On() {
			return err
		}
		due, err = tx.TakeDueStamps(ctx, stampsTogether)
		return err
	})
	if err != nil || len(due) == 0 {
		return false, err
	}
	client, err := stampSource(ctx, s.db, setting)
	if err != nil {
		return false, err
	}
	for i, d := range due {
		if err = s.stamp(ctx, system, client, d); err != nil {
			return false, s.putOff(ctx, system, due[i:], err)
		}
	}
	return len(due) == stampsTogether, nil
}

func (s *Stamper) stamp(ctx context.Context, system workflow.Actor, client *timestamp.Client, d db.DueStamp) error {
	imprint, err := xades.StampImprint(d.Signature)
	if err != nil {
		return err
	}
	token, err := client.Stamp(ctx, imprint)
	if err != nil {
		return err
	}
	return s.db.As(ctx, system, func(tx *db.Tx) error { return tx.KeepStamp(ctx, d.SignatureID, d.SchoolID, token) })
}

// putOff gives the rest of a round back, each with a pause that doubles.
func (s *Stamper) putOff(ctx context.Context, system workflow.Actor, rest []db.DueStamp, cause error) error {
	err := s.db.As(ctx, system, func(tx *db.Tx) error {
		for _, d := range rest {
			pause := min(longestPause, time.Minute<<min(d.Tries, 10)/2)
			if err := tx.PutStampOff(ctx, d.SignatureID, tx.Now.Add(pause), fault.CodeOf(cause)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return cause
}
