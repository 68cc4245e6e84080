package jobs

import (
	"context"
	"slices"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// KeyKind says whose key a kind of job needs open while it runs.
type KeyKind int

// The kinds of key.
const (
	NoKey     KeyKind = iota
	PersonKey         // the asking person's own
	SealKey           // the seal of the unit the person acts for
)

// Work does one item. Everything it reads and writes it does as it.Actor,
// through it.Desk or through a transaction that ends with it.Done. An error
// that is a fault for people refuses the item; one of Kind.Already says that
// it was done before; anything else is tried again.
type Work func(ctx context.Context, it *Item) error

// Kind is a kind of long act.
type Kind struct {
	Name string // as stored: "sign_parts"
	// Need is the permission the person must hold when asking and while it runs.
	Need workflow.Permission
	Key  KeyKind
	// Already are the codes of faults that mean: done before this job.
	Already []string
	Work    Work
	// Prepare, instead of Work, makes a kind that signs records: its items are
	// prepared, signed elsewhere and completed batch by batch.
	Prepare func(it *Item) preparation
	// Declares, instead of Work, makes a kind that seals one statement of this
	// kind, in the same two phases.
	Declares bundle.StatementKind
	// Finish, if any, runs when no item waits any more, before the job is done;
	// it may run again. Its Item has no key.
	Finish Work
	// Patient jobs wait while what they need is Unavailable, instead of giving
	// the item up.
	Patient bool
	// Whole jobs may be stopped and continued, but not given up half-way: what
	// they have begun binds others.
	Whole bool
}

// Kinds are all kinds of long acts, by name. A new one is a line here, its Work
// in a file of its own, and its words in views/job.go.
var Kinds = map[string]Kind{
	SignParts:        {Name: SignParts, Need: workflow.PermSignRecord, Key: PersonKey, Already: signedAlready, Prepare: signParts},
	SignHomeroom:     {Name: SignHomeroom, Need: workflow.PermSignRecord, Key: PersonKey, Already: signedAlready, Prepare: signHomeroom},
	WithdrawParts:    {Name: WithdrawParts, Need: workflow.PermSignRecord, Already: withdrawnAlready, Work: withdrawParts},
	WithdrawHomeroom: {Name: WithdrawHomeroom, Need: workflow.PermSignRecord, Already: withdrawnAlready, Work: withdrawHomeroom},
	Approve:          {Name: Approve, Need: workflow.PermApprove, Key: PersonKey, Already: signedAlready, Prepare: approve},
	Issue:            {Name: Issue, Need: workflow.PermIssue, Key: SealKey, Already: issuedAlready, Prepare: issue},
	Submit:           {Name: Submit, Need: workflow.PermSubmit, Work: submitRecord, Finish: submitManifest, Patient: true, Whole: true},
	SealSubmission:   {Name: SealSubmission, Need: workflow.PermSubmit, Key: SealKey, Already: sentAlready, Declares: bundle.Submission},
	SealClosing:      {Name: SealClosing, Need: workflow.PermClose, Key: SealKey, Already: sentAlready, Declares: bundle.Closing},
	SealRecall:       {Name: SealRecall, Need: workflow.PermRecall, Key: SealKey, Already: sentAlready, Declares: bundle.Recall},
	SealRequest:      {Name: SealRequest, Need: workflow.PermRecall, Key: SealKey, Already: sentAlready, Declares: bundle.Request},
}

// signs reports whether the items of a kind are signed in two phases.
func (k Kind) signs() bool { return k.Prepare != nil || k.Declares != "" }

// Item is one item at work.
type Item struct {
	// Key is what the item is about; of acts on records, the record's row.
	Key string
	// Args are the item's, Params the job's.
	Args, Params map[string]string
	// Actor is the person who asked, with the rights of this moment.
	Actor workflow.Actor
	// Desk carries single acts on records out; the act and the item's mark are
	// one transaction.
	Desk Desk
	// Pen is the open key, of kinds that need one.
	Pen Pen

	session signing.Session // the open key as a signer of batches

	office func(context.Context) (Submission, error) // the registry's desk
	jobID  int64
	args   map[string]string
	done   bool
}

// RecordID reads the key of an item that is a record.
func (it *Item) RecordID() (int64, error) { return parseID(it.Key) }

// Tell adds what the result says besides "done": names and values for the page.
func (it *Item) Tell(name, value string) {
	if it.args == nil {
		it.args = map[string]string{}
	}
	it.args[name] = value
}

// Done marks the item done in the transaction that does it, so that both
// happen or neither. It fails with Conflict job.item_decided when somebody did
// it meanwhile. Work that uses the Desk need not call it.
func (it *Item) Done(ctx context.Context, tx *db.Tx) error {
	err := tx.DecideItem(ctx, it.jobID, db.JobItem{Key: it.Key, State: db.ItemDone, Args: it.args})
	it.done = err == nil
	return err
}

// Refuse marks the item refused in the transaction that learns it, with what is
// to be said to people. It fails as Done does.
func (it *Item) Refuse(ctx context.Context, tx *db.Tx, why *fault.Error) error {
	err := tx.DecideItem(ctx, it.jobID, db.JobItem{Key: it.Key, State: db.ItemRefused, Code: why.Code, Args: why.Args})
	it.done = err == nil
	return err
}

// result is what came of an item whose work has failed; ok is false when the
// failure tells nothing about the item and the work should be tried again.
func (k Kind) result(err error) (item db.JobItem, ok bool) {
	f := fault.As(err)
	if f == nil {
		return db.JobItem{}, false
	}
	item = db.JobItem{State: db.ItemRefused, Code: f.Code, Args: f.Args}
	if slices.Contains(k.Already, f.Code) {
		item.State = db.ItemAlready
		return item, true
	}
	switch f.Kind {
	case fault.Internal, fault.Unavailable:
		return item, false
	case fault.Conflict:
		return item, !slices.Contains(passing, f.Code)
	}
	return item, true
}

// passing are conflicts that another try may not meet: somebody else changed
// the same record in between.
var passing = []string{"record.changed", "record.intent_stale", "record.intent_used", "record.intent_expired", "db.busy"}
