package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// The kinds of sealing one statement, for a seal that does not answer at once:
// its holder confirms on a telephone, or it is in a token in the holder's
// machine. A seal at the server needs no job.
const (
	SealSubmission = "seal_submission" // a NOP
	SealClosing    = "seal_closing"    // a CHOT
	SealRecall     = "seal_recall"     // a THU_HOI
	SealRequest    = "seal_request"    // a DE_NGHI_THU_HOI
)

var sealKinds = map[bundle.StatementKind]string{bundle.Submission: SealSubmission, bundle.Closing: SealClosing, bundle.Recall: SealRecall,
	bundle.Request: SealRequest}

// paramOrder is the parameter of such a job: the StatementOrder as JSON.
const paramOrder = "order"

// ArgStatement is the argument of the item that was done: the row of the
// statement that was stored.
const ArgStatement = "statement"

// sentAlready are the codes of what was asked for before: the second of two
// clicks finds it so.
var sentAlready = []string{"closing.already", "submission.under_way", "submission.accepted_already"}

// StatementOrderOf reads what a job is to seal; ok is false for a job of another
// kind.
func StatementOrderOf(job db.Job) (d StatementOrder, ok bool) {
	text, ok := job.Params[paramOrder]
	return d, ok && json.Unmarshal([]byte(text), &d) == nil
}

// AskedStatement is what came of asking for a statement. StatementID is 0 while its
// seal is being asked for elsewhere: Job is the one that does so. Once it is
// stored, Job is, of a NOP, the asking person's job that carries it; 0 when
// another person asked, or none was needed.
type AskedStatement struct {
	StatementID int64
	Job         db.Job
}

// AskStatement writes a statement, has the school's seal put under it, keeps it and
// sends it; the records of a NOP are carried by a job. A seal at the server
// answers at once; of any other a job comes back that asks for it. What was
// asked for before, by a second click or in another tab, returns the statement
// and job of then. An error beside a StatementID tells that the statement
// stands and has no answer yet. It fails with the codes of the order, and
// as Ask does.
func (r *Runner) AskStatement(ctx context.Context, actor workflow.Actor, d StatementOrder, auth Auth) (out AskedStatement, err error) {
	kind, ok := r.kinds[sealKinds[d.Kind]]
	if !ok {
		return out, fault.New(fault.Internal, "job.kind")
	}
	if !workflow.Can(actor.Role, kind.Need) {
		return out, fault.New(fault.Forbidden, "record.role", "role", string(actor.Role))
	}
	s, err := r.office(ctx)
	if err != nil {
		return out, err
	}
	var now draft
	err = r.db.As(ctx, actor, func(tx *db.Tx) error {
		now, err = s.draft(ctx, tx, d)
		return err
	})
	if err != nil {
		return r.askedBefore(ctx, actor, d, err)
	}
	if now.open != 0 {
		return AskedStatement{StatementID: now.open}, s.deliver(ctx, actor.SchoolID, now.open)
	}
	if d.At = now.at; d.Kind == bundle.Submission {
		d.Versions = now.versions
	}
	auth.Total = 1
	key, err := r.open(ctx, actor, kind, auth)
	if err != nil {
		return out, err
	}
	if err := r.remember(ctx, actor, kind, auth.Way); err != nil {
		key.close()
		return out, err
	}
	if key.way.Kind == signing.Remote || key.way.Kind == signing.Agent {
		out.Job, err = r.sealElsewhere(ctx, actor, kind, d, key)
		return out, err
	}
	defer key.close()
	pen, err := r.penOf(ctx, key.session, kind, actor, key.way.ID)
	if err == nil {
		out, err = r.sealHere(ctx, actor, s, d, pen)
	}
	if err != nil {
		return r.askedBefore(ctx, actor, d, err)
	}
	return out, r.send(ctx, s, actor, d.Kind, out.StatementID)
}

// askedBefore looks whether a manifest is refused because it was sealed a
// moment ago.
func (r *Runner) askedBefore(ctx context.Context, actor workflow.Actor, d StatementOrder, refusal error) (AskedStatement, error) {
	switch fault.CodeOf(refusal) {
	case "submission.under_way", "submission.accepted_already", "submission.needs_reissue", "record.changed", "record.stage", "record.intent_stale":
		if d.Kind != bundle.Submission {
			break
		}
		if before, ok, err := r.sentBefore(ctx, actor, d.At, d.Versions); err != nil || ok {
			return before, err
		}
	}
	return AskedStatement{}, refusal
}

// sealHere seals with a key that answers at once.
func (r *Runner) sealHere(ctx context.Context, actor workflow.Actor, s Submission, d StatementOrder, pen Pen) (out AskedStatement, err error) {
	p, open, err := s.prepare(ctx, actor, d, statementPen{Pen: pen})
	if err != nil || open != 0 {
		return AskedStatement{StatementID: open}, err
	}
	out.StatementID, err = s.sign(ctx, actor, p, pen, func(tx *db.Tx, id int64, now draft) error {
		out.Job, err = carry(ctx, tx, d.Kind, id, now)
		return err
	})
	return out, err
}

// carry makes the job that carries the records of a manifest.
func carry(ctx context.Context, tx *db.Tx, kind bundle.StatementKind, id int64, now draft) (job db.Job, err error) {
	if kind == bundle.Submission && now.open == 0 {
		job, _, err = tx.CreateJob(ctx, carrying(now, id))
	}
	return job, err
}

// send brings a stored statement to the registry; the records of a manifest
// are carried by their job.
func (r *Runner) send(ctx context.Context, s Submission, actor workflow.Actor, kind bundle.StatementKind, id int64) error {
	if kind == bundle.Submission {
		r.Wake()
		return nil
	}
	return s.deliver(ctx, actor.SchoolID, id)
}

// sealElsewhere makes the job that asks for the seal. One that waits about the
// same thing and says something else is given up for it.
func (r *Runner) sealElsewhere(ctx context.Context, actor workflow.Actor, kind Kind, d StatementOrder, key openKey) (job db.Job, err error) {
	text, err := json.Marshal(d)
	if err != nil {
		key.close()
		return job, fault.Wrap(err, fault.Internal, "job.kind")
	}
	o := Order{Kind: kind.Name, Params: map[string]string{paramOrder: string(text)}}
	if d.RecordID != 0 {
		o.Subject = "record:" + RecordKey(d.RecordID)
		o.Items = []db.NewItem{{Key: RecordKey(d.RecordID)}}
	} else {
		o.Subject = fmt.Sprintf("class:%d:%d", d.At.ClassID, d.At.Track)
		o.Items = []db.NewItem{{Key: "class-" + strconv.FormatInt(d.At.ClassID, 10)}}
	}
	err = r.db.As(ctx, actor, func(tx *db.Tx) error {
		before, ok, err := tx.OpenJob(ctx, o.Kind, o.Subject)
		if err != nil || !ok || before.Params[paramOrder] == string(text) && wayOf(before) == key.way.ID {
			return err
		}
		return tx.EndJob(ctx, before.ID)
	})
	if err == nil {
		job, err = r.create(ctx, actor, kind, o, key.way)
	}
	if err != nil {
		key.close()
		return job, err
	}
	return job, r.launch(ctx, actor, kind, launch{key, job})
}

// prepareStatement is the first phase of the statement of a job.
func (b *round) prepareStatement(ctx context.Context, it *Item) (p prepared, err error) {
	s, d, err := b.statementOrder(ctx)
	if err != nil {
		return p, err
	}
	p, open, err := s.prepare(ctx, it.Actor, d, statementPen{it.Pen, b.job.ID})
	if err == nil && open != 0 {
		it.Tell(ArgStatement, strconv.FormatInt(open, 10))
		if err = b.db.As(ctx, it.Actor, func(tx *db.Tx) error { return it.Done(ctx, tx) }); err == nil {
			err = fault.New(fault.Conflict, "job.item_decided")
		}
	}
	return p, err
}

// completeStatement is the third phase of the statement of a job; it is sent
// at once. Without an answer it stands, and the courier goes on with it.
func (b *round) completeStatement(ctx context.Context, it *Item, intent db.IntentID, value []byte) error {
	s, d, err := b.statementOrder(ctx)
	if err != nil {
		return err
	}
	k, err := b.certificate(ctx, it.Actor, b.kind, wayOf(b.job))
	if err != nil {
		return err
	}
	if k.Fingerprint != b.first.Pen.Certificate.Fingerprint() {
		return fault.New(fault.Conflict, "certificate.changed")
	}
	id, err := s.complete(ctx, it.Actor, statementValue{intent, value, b.job.ID}, func(tx *db.Tx, id int64, now draft) error {
		if _, err := carry(ctx, tx, d.Kind, id, now); err != nil {
			return err
		}
		it.Tell(ArgStatement, strconv.FormatInt(id, 10))
		return it.Done(ctx, tx)
	})
	if err != nil {
		return err
	}
	if err := b.send(ctx, s, it.Actor, d.Kind, id); err != nil {
		b.log.Warn("a statement waits for its answer", "job", b.job.ID, "statement", id, "error", err)
	}
	return nil
}

func (b *round) statementOrder(ctx context.Context) (s Submission, d StatementOrder, err error) {
	d, ok := StatementOrderOf(b.job)
	if !ok || d.Kind != b.kind.Declares {
		return s, d, fault.New(fault.Internal, "job.kind")
	}
	s, err = b.office(ctx)
	return s, d, err
}
