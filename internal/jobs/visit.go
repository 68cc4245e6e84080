package jobs

import (
	"context"
	"slices"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// parked are the prepared signatures of a job whose owner authorises them at a
// page of the service: the service lets these be signed and no others.
type parked struct {
	pending
	until time.Time // then they are too old to be completed
}

// parkLife leaves time to sign after the owner has come back.
const parkLife = record.IntentLife - 2*time.Minute

func (b *round) park(waiting pending) {
	b.Runner.mu.Lock()
	defer b.Runner.mu.Unlock()
	b.parked[b.job.ID] = parked{waiting, b.db.Now().Add(parkLife)}
}

// unpark returns what was parked of items that still wait; ok is false when
// there is none, and all is prepared anew.
func (b *round) unpark(items []db.JobItem) (out pending, ok bool) {
	b.Runner.mu.Lock()
	p, ok := b.parked[b.job.ID]
	delete(b.parked, b.job.ID)
	b.Runner.mu.Unlock()
	if !ok || b.db.Now().After(p.until) {
		return out, false
	}
	out = p.pending
	out.batch.Digests = slices.DeleteFunc(slices.Clone(out.batch.Digests), func(d signing.Digest) bool {
		return !slices.ContainsFunc(items, func(it db.JobItem) bool { return it.Key == d.Key })
	})
	return out, len(out.batch.Digests) > 0
}

// authoriser returns the open key of a job of the acting person that waits for
// its owner at a page of the service. It fails with Locked key.locked, and
// Conflict job.over for a job that does not wait so.
func (r *Runner) authoriser(ctx context.Context, actor workflow.Actor, jobID int64) (signing.Authoriser, error) {
	err := r.db.As(ctx, actor, func(tx *db.Tx) error {
		job, err := tx.Job(ctx, jobID)
		if err == nil && job.State != db.JobWaiting {
			err = fault.New(fault.Conflict, "job.over")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	key, err := r.keys.Get(batch(jobID))
	if err != nil {
		return nil, err
	}
	a, ok := key.(signing.Authoriser)
	if !ok {
		return nil, fault.New(fault.Conflict, "job.over")
	}
	return a, nil
}

// AuthoriseURL returns the page of the service where the owner of a job
// authorises its next batch. It fails as signing.Authoriser does, with NotFound
// job.unknown, Conflict job.over, and Locked key.locked when the key was closed
// meanwhile: the job is continued first.
func (r *Runner) AuthoriseURL(ctx context.Context, actor workflow.Actor, jobID int64, state, verifier string) (string, error) {
	a, err := r.authoriser(ctx, actor, jobID)
	if err != nil {
		return "", err
	}
	return a.AuthoriseURL(ctx, state, verifier)
}

// Authorised takes the code that the owner came back with and lets the job go
// on. It fails as AuthoriseURL does.
func (r *Runner) Authorised(ctx context.Context, actor workflow.Actor, jobID int64, code, verifier string) error {
	a, err := r.authoriser(ctx, actor, jobID)
	if err != nil {
		return err
	}
	if err := a.Authorised(ctx, code, verifier); err != nil {
		return err
	}
	return r.Continue(ctx, actor, jobID, "")
}

// takeCode hands a one-time code to the open key of a job that asked for one.
func (r *Runner) takeCode(job db.Job, code string) {
	if job.Note != "signer.otp" && job.Note != "signer.otp_wrong" {
		return
	}
	if key, err := r.keys.Get(batch(job.ID)); err == nil {
		if taker, ok := key.(signing.CodeTaker); ok {
			taker.TakeCode(code)
		}
	}
}
