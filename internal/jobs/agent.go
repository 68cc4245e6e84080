package jobs

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// AgentBatch is what the page hands to the token in its machine: the next
// prepared signatures of a job, and how far the job is.
type AgentBatch struct {
	Job         db.Job
	Certificate string // SHA-256, hex
	Digests     []signing.Digest
	Intents     []db.IntentID // of the digests, in their order
}

// Named is a signature that came back, by the name of its intent.
type Named struct {
	Intent db.IntentID
	Value  []byte
}

// agentJob loads a job of the acting person that waits for the person's own
// token. It fails with Conflict job.over for one that does not.
func (r *Runner) agentJob(ctx context.Context, actor workflow.Actor, jobID int64) (*round, error) {
	b := &round{Runner: r, tries: map[string]int{}}
	var way db.SigningWay
	err := r.db.As(ctx, actor, func(tx *db.Tx) (err error) {
		if b.job, err = tx.Job(ctx, jobID); err != nil {
			return err
		}
		if id := wayOf(b.job); id != 0 {
			way, err = tx.SigningWay(ctx, id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var known bool
	if b.kind, known = r.kinds[b.job.Kind]; !known || !b.kind.signs() || way.Kind != signing.Agent {
		return nil, fault.New(fault.Conflict, "job.over")
	}
	if !workflow.Can(actor.Role, b.kind.Need) {
		return nil, fault.New(fault.Forbidden, "record.role")
	}
	k, err := r.certificate(ctx, actor, b.kind, way.ID)
	if err != nil {
		return nil, err
	}
	certificate, err := k.Certificate()
	if err != nil {
		return nil, err
	}
	b.first = &Item{Params: b.job.Params, Actor: actor, Pen: Pen{Certificate: certificate}, jobID: b.job.ID}
	return b, nil
}

// AgentNext prepares the next signatures of a job that waits for its owner's
// token, at most n. None are left when the job is done or stopped.
func (r *Runner) AgentNext(ctx context.Context, actor workflow.Actor, jobID int64, n int) (out AgentBatch, err error) {
	b, err := r.agentJob(ctx, actor, jobID)
	if err != nil {
		return out, err
	}
	out.Certificate = b.first.Pen.Certificate.Fingerprint()
	for try := 0; b.job.State == db.JobWaiting && try < attempts && len(out.Digests) == 0; try++ {
		var items []db.JobItem
		err = r.db.As(ctx, actor, func(tx *db.Tx) (err error) {
			items, err = tx.WaitingItems(ctx, jobID, n)
			return err
		})
		if err != nil {
			return out, err
		}
		if len(items) == 0 {
			break
		}
		p, err := b.prepareAll(ctx, items)
		if err != nil {
			return out, err
		}
		out.Digests = p.batch.Digests
		for _, d := range out.Digests {
			out.Intents = append(out.Intents, p.intents[d.Key])
		}
	}
	err = r.db.As(ctx, actor, func(tx *db.Tx) (err error) {
		if err = tx.FinishOwnJob(ctx, jobID); err != nil {
			return err
		}
		out.Job, err = tx.Job(ctx, jobID)
		return err
	})
	return out, err
}

// AgentComplete takes what the person's token signed. Each value is verified
// against its own intent, of this person and of a record of this job; what is
// wrong refuses its item and no other.
func (r *Runner) AgentComplete(ctx context.Context, actor workflow.Actor, jobID int64, signed []Named) error {
	b, err := r.agentJob(ctx, actor, jobID)
	if err != nil {
		return err
	}
	if b.job.State != db.JobWaiting {
		return nil // stopped or over meanwhile: what was signed here is not kept
	}
	for _, s := range signed {
		key, err := b.keyOf(ctx, actor, s.Intent)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		it := b.itemOf(db.JobItem{Key: key})
		err = b.complete(ctx, it, s.Intent, s.Value)
		if fault.Is(err, "record.intent_used") {
			continue // sent twice
		}
		if err := b.failed(ctx, it, err); err != nil {
			return err
		}
	}
	return nil
}

// keyOf finds the item that an intent is for: a record, or the one statement
// of the job. It fails with NotFound when there is none any more.
func (b *round) keyOf(ctx context.Context, actor workflow.Actor, intent db.IntentID) (key string, err error) {
	err = b.db.As(ctx, actor, func(tx *db.Tx) error {
		if b.kind.Declares == "" {
			id, err := tx.IntentRecord(ctx, intent)
			key = strconv.FormatInt(id, 10)
			return err
		}
		items, err := tx.WaitingItems(ctx, b.job.ID, 1)
		if err == nil && len(items) == 0 {
			err = fault.New(fault.NotFound, "record.intent_used")
		}
		if err == nil {
			key = items[0].Key
		}
		return err
	})
	return key, err
}

// ParseIntent reads the name of an intent.
func ParseIntent(text string) (db.IntentID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	return id, nil
}
