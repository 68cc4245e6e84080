package jobs

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/views"
)

// abreast is how many records of one batch are prepared, or completed, at once:
// the database works at one while the program works at the other.
const abreast = 2

// watchStop is how often a batch that waits for its signer looks whether its
// owner asked to stop.
const watchStop = time.Second

// round is one batch of a job under way.
type round struct {
	*Runner
	job   db.Job
	kind  Kind
	first *Item // actor, desk and key of the moment in which the batch began
	tries map[string]int

	mu   sync.Mutex
	halt error // what ends the job, of an item
}

// batches signs the records of a job: prepares as many as the signer takes at
// once, has them signed, completes each. It returns as items does. What the
// signer leaves unanswered is asked for again; nothing is kept unverified, and
// a second signature over the same finds its item decided.
func (r *Runner) batches(ctx context.Context, job db.Job, kind Kind) (state db.JobState, note string) {
	tries := map[string]int{}
	work := context.WithoutCancel(ctx)
	for {
		if ctx.Err() != nil {
			return db.JobQueued, ""
		}
		first, err := r.item(work, job, kind, db.JobItem{})
		if err != nil {
			return r.halted(job, kind, err)
		}
		items, stop, err := r.db.NextItems(work, job.ID, r.worker, first.session.Limit())
		switch {
		case err != nil:
			if !fault.Is(err, "job.lease") {
				r.log.Error("find the next items", "job", job.ID, "error", err)
			}
			return "", ""
		case len(items) == 0:
			return db.JobDone, ""
		case stop:
			return db.JobStopped, ""
		}
		b := &round{Runner: r, job: job, kind: kind, first: first, tries: tries}
		if err := b.run(ctx, items); err != nil {
			switch {
			case fault.Is(err, "job.stopped"):
				return db.JobStopped, ""
			case ctx.Err() != nil: // the program ends, or the lease is lost: not the signer's fault
				return db.JobQueued, ""
			case fault.Is(err, "key.closed") && r.heldAnew(job.ID, first.session) && b.again("key"):
				continue
			}
			return r.halted(job, kind, err)
		}
	}
}

// heldAnew reports whether another key is open for a job than the one that was
// closed: a form sent twice opens two, and the later takes the earlier's place.
func (r *Runner) heldAnew(jobID int64, closed signing.Session) bool {
	key, err := r.keys.Get(batch(jobID))
	return err == nil && key != closed
}

// run does one batch. It fails only with what halts the whole job.
func (b *round) run(ctx context.Context, items []db.JobItem) error {
	work := context.WithoutCancel(ctx)
	waiting, ok := b.unpark(items)
	if !ok {
		var err error
		if waiting, err = b.prepareAll(work, items); err != nil || len(waiting.batch.Digests) == 0 {
			return err
		}
	}
	waiting.batch.Description = views.AskedToSign(b.kind.Name, len(waiting.batch.Digests))
	answered := map[string]bool{}
	waiting.batch.Deliver = func(answers []signing.Answer) error {
		for _, a := range answers {
			answered[a.Key] = a.Value != nil || a.Err != nil
		}
		b.mu.Lock()
		delete(b.tries, "") // it is back
		b.mu.Unlock()
		return b.completeAll(work, waiting, answers)
	}
	if err := b.signAll(ctx, waiting.batch); err != nil {
		if fault.Is(err, "signer.authorize") {
			b.park(waiting)
		}
		return b.signerFailed(work, err)
	}
	return b.unanswered(work, waiting, answered)
}

// pending are the prepared signatures of a batch.
type pending struct {
	batch   signing.Batch
	intents map[string]db.IntentID
}

func (b *round) itemOf(next db.JobItem) *Item {
	it := &Item{Key: next.Key, Args: next.Args, Params: b.job.Params, Actor: b.first.Actor, Pen: b.first.Pen, jobID: b.job.ID}
	it.Desk = Desk{DB: b.db, also: it.Done}
	return it
}

// prepareAll is the first phase of each; what cannot be signed is decided.
func (b *round) prepareAll(ctx context.Context, items []db.JobItem) (pending, error) {
	out := pending{intents: map[string]db.IntentID{}}
	digests := make([]*signing.Digest, len(items)) // in the order of the items
	err := b.each(len(items), func(i int) error {
		it := b.itemOf(items[i])
		p, err := b.prepare(ctx, it)
		if err != nil {
			return b.failed(ctx, it, err)
		}
		digests[i] = &signing.Digest{Key: it.Key, Sum: p.digest, Title: p.title}
		b.mu.Lock()
		defer b.mu.Unlock()
		out.intents[it.Key] = p.intent
		return nil
	})
	for _, d := range digests {
		if d != nil {
			out.batch.Digests = append(out.batch.Digests, *d)
		}
	}
	return out, err
}

// prepare is the first phase of one item.
func (b *round) prepare(ctx context.Context, it *Item) (prepared, error) {
	if b.kind.Declares != "" {
		return b.prepareStatement(ctx, it)
	}
	id, err := it.RecordID()
	if err != nil {
		return prepared{}, err
	}
	return it.Desk.prepare(ctx, it.Actor, id, b.kind.Prepare(it))
}

// complete is the third phase of one item.
func (b *round) complete(ctx context.Context, it *Item, intent db.IntentID, value []byte) error {
	if b.kind.Declares != "" {
		return b.completeStatement(ctx, it, intent, value)
	}
	return it.Desk.complete(ctx, it.Actor, intent, value)
}

// signAll is the second phase: the signer's. A stop asked for, the end of the
// program and the loss of the lease end it; one asked for while the batch was
// being prepared keeps the signer from beginning.
func (b *round) signAll(ctx context.Context, batch signing.Batch) error {
	if stop, err := b.db.StopAsked(ctx, b.job.ID, b.worker); err == nil && stop {
		return fault.New(fault.Conflict, "job.stopped")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		tick := time.NewTicker(watchStop)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if stop, err := b.db.StopAsked(ctx, b.job.ID, b.worker); err == nil && stop {
				cancel(fault.New(fault.Conflict, "job.stopped"))
			}
		}
	}()
	batch.Tell = func(code string) {
		if err := b.db.NoteJob(context.WithoutCancel(ctx), b.job.ID, b.worker, code); err != nil {
			b.log.Warn("note what a job waits for", "job", b.job.ID, "error", err)
		}
	}
	err := b.first.session.SignAll(ctx, batch)
	if err != nil && fault.Is(context.Cause(ctx), "job.stopped") {
		return context.Cause(ctx)
	}
	return err
}

// completeAll is the third phase of each that was answered, with the rights of
// this moment: a person may have taken a minute.
func (b *round) completeAll(ctx context.Context, waiting pending, answers []signing.Answer) error {
	if len(answers) == 0 {
		return nil
	}
	actor, err := b.actor(ctx, b.job, b.kind)
	if err != nil {
		return err
	}
	b.first.Actor = actor
	return b.each(len(answers), func(i int) error {
		a := answers[i]
		intent, asked := waiting.intents[a.Key]
		if !asked || a.Value == nil && a.Err == nil {
			return nil
		}
		it := b.itemOf(db.JobItem{Key: a.Key})
		err := a.Err
		if err == nil {
			err = b.complete(ctx, it, intent, a.Value)
		}
		return b.failed(ctx, it, err)
	})
}

// each calls do for 0 to n-1, some at once; the first failure ends it.
func (b *round) each(n int, do func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(abreast)
	for i := range n {
		g.Go(func() error {
			b.mu.Lock()
			halted := b.halt != nil
			b.mu.Unlock()
			if halted {
				return nil
			}
			err := do(i)
			if err != nil {
				b.mu.Lock()
				b.halt = err
				b.mu.Unlock()
			}
			return err
		})
	}
	return g.Wait()
}

// failed decides an item whose act failed, or lets it wait for another try. It
// returns only what halts the whole job.
func (b *round) failed(ctx context.Context, it *Item, err error) error {
	switch code := fault.CodeOf(err); {
	case err == nil, code == "job.item_decided":
		return nil
	case code == "key.locked", code == "key.closed":
		return err
	}
	result, certain := b.kind.result(err)
	if !certain {
		if b.again(it.Key) {
			b.log.Warn("try an item again", "job", b.job.ID, "key", it.Key, "error", err)
			return nil
		}
		b.log.Error("give an item up", "job", b.job.ID, "key", it.Key, "error", err)
		result = db.JobItem{State: db.ItemRefused, Code: giveUp(err)}
	}
	result.Key = it.Key
	return b.db.As(ctx, it.Actor, func(tx *db.Tx) error { return ignoreDecided(tx.DecideItem(ctx, b.job.ID, result)) })
}

// again counts a try of an item; false: it was the last.
func (b *round) again(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries[key]++
	return b.tries[key] < attempts
}

// unanswered gives up what the signer left out again and again.
func (b *round) unanswered(ctx context.Context, waiting pending, answered map[string]bool) error {
	for _, d := range waiting.batch.Digests {
		if answered[d.Key] {
			continue
		}
		missing := fault.New(fault.Unavailable, "signer.missing", "mend", "signer")
		if err := b.failed(ctx, b.itemOf(db.JobItem{Key: d.Key}), missing); err != nil {
			return err
		}
	}
	return nil
}

// signerFailed waits a little for a device or service that is away, some
// times; anything else halts the job until its owner comes back.
func (b *round) signerFailed(ctx context.Context, err error) error {
	if wrongPIN(err) { // of a service that is told it only now
		if counted := b.guess(context.WithoutCancel(ctx), b.first.Actor, b.first.Pen.Certificate.Fingerprint()); counted != nil {
			b.log.Warn("a wrong PIN", "job", b.job.ID, "error", counted)
		}
	}
	if ctx.Err() != nil || fault.KindOf(err) != fault.Unavailable || !b.again("") {
		return err
	}
	b.log.Warn("wait for a signer", "job", b.job.ID, "error", err)
	select {
	case <-time.After(b.retry / 10):
	case <-ctx.Done():
	}
	return nil
}

// waitsForOwner are the codes with which a job waits until its owner has
// opened the signer again; what was done stays done.
var waitsForOwner = map[string]bool{"key.locked": true, "key.closed": true, "signer.refused": true, "signer.expired": true,
	"signer.unavailable": true, "signer.login": true, "signer.device": true, "key.pin": true, "signer.pin_locked": true,
	"signer.otp": true, "signer.otp_wrong": true, "signer.factors": true, "signer.authorize": true}

// endsKey are those after which the opened key is of no more use: the holder
// must give the PIN, or sign in, again.
var endsKey = map[string]bool{"key.pin": true, "signer.pin_locked": true, "signer.login": true, "signer.factors": true}
