package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/software"
)

// Options is what a runner is made from. The zero times are replaced by
// sensible ones.
type Options struct {
	DB     *db.DB
	Log    *slog.Logger
	Secret *software.Secret // of the trial key store; nil: no key can be opened
	// Lease is how long a job stays with a worker that is not heard of.
	Lease time.Duration
	// Poll is how often a worker looks for jobs that it was not told of.
	Poll time.Duration
	// Parallel is how many jobs one process runs at once.
	Parallel int
	// Retry is how long a job waits whose other side is away.
	Retry time.Duration
	// Submission is the schools' side of the registry's desk (Courier.Submission);
	// nil: nothing can be submitted.
	Submission func(context.Context) (Submission, error)
	// Openers open the signers that are not of this program, by provider.
	Openers map[signing.Provider]signing.Opener
	// Kinds is for tests; nil means Kinds of the package.
	Kinds map[string]Kind
}

// attempts is how often an item is tried when the failure says nothing of it.
const attempts = 3

// Runner runs jobs of this process and takes over those of processes that died.
// Any number of runners may work on one database: a job is with one of them at
// a time, and an item is decided once whatever happens.
type Runner struct {
	db       *db.DB
	log      *slog.Logger
	secret   *software.Secret
	keys     *signing.Keyring
	kinds    map[string]Kind
	openers  map[signing.Provider]signing.Opener
	lease    time.Duration
	poll     time.Duration
	parallel int
	retry    time.Duration
	office   func(context.Context) (Submission, error)
	worker   string

	wake   chan struct{}
	stop   context.CancelFunc // nil until Start
	ended  sync.WaitGroup
	mu     sync.Mutex
	active map[int64]context.CancelFunc
	owners map[int64]int64 // of jobs whose key was opened here: the account
	parked map[int64]parked
}

// NewRunner makes a runner; Start sets it to work.
func NewRunner(o Options) *Runner {
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.Poll == 0 {
		o.Poll = 5 * time.Second
	}
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	if o.Retry == 0 {
		o.Retry = 15 * time.Second
	}
	if o.Submission == nil {
		o.Submission = func(context.Context) (Submission, error) {
			return Submission{}, fault.New(fault.Unavailable, "registry.no_receipt_key")
		}
	}
	if o.Kinds == nil {
		o.Kinds = Kinds
	}
	return &Runner{db: o.DB, log: o.Log, secret: o.Secret, keys: signing.NewKeyring(o.DB.Now), kinds: o.Kinds,
		openers: o.Openers,
		lease:   o.Lease, poll: o.Poll, parallel: o.Parallel, retry: o.Retry, office: o.Submission, worker: uuid.NewString(),
		wake: make(chan struct{}, 1), active: map[int64]context.CancelFunc{}, owners: map[int64]int64{}, parked: map[int64]parked{}}
}

// Start begins to work until Stop.
func (r *Runner) Start(ctx context.Context) {
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.ended.Go(func() { r.look(ctx) })
	r.ended.Go(func() { r.keep(ctx) })
}

// Stop lets the current items end, gives the jobs back and closes every key.
func (r *Runner) Stop() {
	if r.stop != nil {
		r.stop()
	}
	r.ended.Wait()
	r.keys.DropAll()
}

// Wake makes the runner look for jobs now.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it has been told already
	}
}

// look takes jobs as long as there are any and a place is free.
func (r *Runner) look(ctx context.Context) {
	tick := time.NewTicker(r.poll)
	defer tick.Stop()
	for {
		r.takeAll(ctx)
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-tick.C:
		}
	}
}

func (r *Runner) takeAll(ctx context.Context) {
	for ctx.Err() == nil && r.free() {
		job, ok, err := r.db.ClaimJob(ctx, r.worker, r.lease, r.running())
		if err != nil {
			if ctx.Err() == nil {
				r.log.Error("claim a job", "error", err)
			}
			return
		}
		if !ok {
			return
		}
		r.begin(ctx, job)
	}
}

func (r *Runner) free() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.active) < r.parallel
}

// begin runs a job beside the others.
func (r *Runner) begin(ctx context.Context, job db.Job) {
	ctx, cancel := context.WithCancel(ctx)
	r.mu.Lock()
	r.active[job.ID] = cancel
	r.mu.Unlock()
	r.ended.Go(func() {
		defer func() {
			cancel()
			r.mu.Lock()
			delete(r.active, job.ID)
			r.mu.Unlock()
			r.Wake() // a place is free
		}()
		r.run(ctx, job)
	})
}

// keep renews the leases; a job that was taken over ends here.
func (r *Runner) keep(ctx context.Context) {
	tick := time.NewTicker(r.lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		before := r.running()
		mine, err := r.db.KeepJobs(ctx, r.worker, r.lease, before)
		if err != nil {
			if ctx.Err() == nil {
				r.log.Error("renew leases", "error", err)
			}
			continue
		}
		held := map[int64]bool{}
		for _, id := range mine {
			held[id] = true
		}
		r.mu.Lock()
		for _, id := range before {
			if cancel, ok := r.active[id]; ok && !held[id] {
				cancel()
			}
		}
		r.mu.Unlock()
	}
}

func (r *Runner) running() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := make([]int64, 0, len(r.active))
	for id := range r.active {
		ids = append(ids, id)
	}
	return ids
}

// run works a job's items off, one after another, and settles the job. Ending
// the program or losing the lease lets the current item end: what is written
// after ctx has ended is written under a context of its own.
func (r *Runner) run(ctx context.Context, job db.Job) {
	state, note := r.items(ctx, job)
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if state == db.JobDone || state == db.JobFailed || endsKey[note] {
		r.forget(job.ID)
	}
	if state == "" {
		return // no longer ours, or the database is away: the lease will pass on
	}
	err := r.settle(after, job.ID, state, note)
	if err != nil {
		r.log.Error("settle a job", "job", job.ID, "state", state, "error", err)
	}
}

// settle leaves a job in a state; one that is queued with a note waits for what
// the note names.
func (r *Runner) settle(ctx context.Context, jobID int64, state db.JobState, note string) error {
	if state == db.JobQueued && note != "" {
		return r.db.PostponeJob(ctx, jobID, r.worker, note, r.retry)
	}
	return r.db.SettleJob(ctx, jobID, r.worker, state, note)
}

// items returns the state in which the job is to be left, "" when it is not
// for this runner to say.
func (r *Runner) items(ctx context.Context, job db.Job) (state db.JobState, note string) {
	kind, ok := r.kinds[job.Kind]
	if !ok {
		return db.JobFailed, "job.kind"
	}
	if kind.signs() {
		return r.batches(ctx, job, kind)
	}
	for {
		if ctx.Err() != nil {
			return db.JobQueued, ""
		}
		work := context.WithoutCancel(ctx)
		item, more, stop, err := r.db.NextItem(work, job.ID, r.worker)
		switch {
		case err != nil:
			if !fault.Is(err, "job.lease") {
				r.log.Error("find the next item", "job", job.ID, "error", err)
			}
			return "", ""
		case !more:
			if err = r.finish(work, job, kind); err != nil {
				return r.halted(job, kind, err)
			}
			return db.JobDone, ""
		case stop:
			return db.JobStopped, ""
		}
		if err = r.one(work, job, kind, item); err != nil {
			return r.halted(job, kind, err)
		}
	}
}

// finish does what remains of a job when no item waits any more.
func (r *Runner) finish(ctx context.Context, job db.Job, kind Kind) error {
	if kind.Finish == nil {
		return nil
	}
	it, err := r.item(ctx, job, kind, db.JobItem{})
	if err != nil {
		return err
	}
	return kind.Finish(ctx, it)
}

// halted says how a job is left that one of its items could not be tried for.
func (r *Runner) halted(job db.Job, kind Kind, err error) (state db.JobState, note string) {
	code := fault.CodeOf(err)
	switch {
	case code == "key.closed":
		return db.JobWaiting, "key.locked"
	case waitsForOwner[code]:
		return db.JobWaiting, code
	}
	switch code {
	case "job.role_lost", "certificate.none", "certificate.seal_not_approved", "certificate.changed":
		return db.JobFailed, code
	}
	if kind.Patient && fault.KindOf(err) == fault.Unavailable {
		r.log.Warn("postpone a job", "job", job.ID, "error", err)
		return db.JobQueued, "job.postponed"
	}
	r.log.Error("run a job", "job", job.ID, "error", err)
	if fault.KindOf(err) == fault.Unavailable {
		return "", "" // tried again when the lease has run out
	}
	return db.JobFailed, giveUp(err)
}

// one does an item and writes what came of it. It fails only with what halts
// the whole job.
func (r *Runner) one(ctx context.Context, job db.Job, kind Kind, next db.JobItem) error {
	for try := 1; ; try++ {
		it, err := r.item(ctx, job, kind, next)
		if err != nil {
			return err
		}
		err = kind.Work(ctx, it)
		switch code := fault.CodeOf(err); {
		case err == nil && it.done, code == "job.item_decided":
			return nil
		case err == nil:
			return r.db.As(ctx, it.Actor, func(tx *db.Tx) error { return ignoreDecided(it.Done(ctx, tx)) })
		case code == "key.closed" && try < attempts:
			continue // the PIN was entered again meanwhile: take the newer key
		case code == "key.locked" || code == "key.closed":
			return err
		}
		result, certain := kind.result(err)
		if !certain && try < attempts {
			r.log.Warn("try an item again", "job", job.ID, "key", next.Key, "error", err)
			time.Sleep(time.Duration(try) * 100 * time.Millisecond)
			continue
		}
		if !certain && kind.Patient && fault.KindOf(err) == fault.Unavailable {
			return err // the other side is away, and the item is as good as before
		}
		if !certain {
			r.log.Error("give an item up", "job", job.ID, "key", next.Key, "error", err)
			result = db.JobItem{State: db.ItemRefused, Code: giveUp(err)}
		}
		result.Key = next.Key
		return r.db.As(ctx, it.Actor, func(tx *db.Tx) error { return ignoreDecided(tx.DecideItem(ctx, job.ID, result)) })
	}
}

// giveUp is the code of an item that failed for reasons that are not its own.
func giveUp(err error) string {
	switch fault.KindOf(err) {
	case fault.Conflict, fault.Unavailable:
		return fault.CodeOf(err)
	}
	return "internal"
}

func ignoreDecided(err error) error {
	if fault.Is(err, "job.item_decided") {
		return nil
	}
	return err
}

// item puts together what the work of an item needs, with the rights and the
// key of this moment.
func (r *Runner) item(ctx context.Context, job db.Job, kind Kind, next db.JobItem) (*Item, error) {
	actor, err := r.actor(ctx, job, kind)
	if err != nil {
		return nil, err
	}
	it := &Item{Key: next.Key, Args: next.Args, Params: job.Params, Actor: actor, office: r.office, jobID: job.ID}
	it.Desk = Desk{DB: r.db, also: it.Done}
	if kind.Key != NoKey {
		if it.Pen, it.session, err = r.pen(ctx, job, kind, actor); err != nil {
			return nil, err
		}
	}
	return it, nil
}
