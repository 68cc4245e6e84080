package jobs

import (
	"context"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// The kinds of the school's leaders.
const (
	Approve = "approve" // the records of a class that wait
	Issue   = "issue"   // approved records, with the school's seal
)

// ParamPlace is the parameter of an Issue: where the records are issued.
const ParamPlace = "place"

// issuedAlready are the codes of a record that has its version: the second of
// two clicks finds it so.
var issuedAlready = []string{"record.already_issued", "record.issued_already"}

func approve(it *Item) preparation { return it.Pen.approval() }

func issue(it *Item) preparation { return it.Pen.issue(it.Params[ParamPlace]) }

// Sit opens the acting person's own key for single acts of one sitting: "Duyệt,
// sang em tiếp theo" asks for the PIN once, not for every pupil. sitting names
// the person's session; the key closes after signing.MaxUnlocked, with Rise,
// or with the process. It fails as Ask does.
func (r *Runner) Sit(ctx context.Context, actor workflow.Actor, sitting, pin string) (time.Time, error) {
	key, err := r.open(ctx, actor, personal, Auth{PIN: pin, Way: ChosenWay, Total: 1})
	if err != nil {
		return time.Time{}, err
	}
	if key.session == nil {
		return time.Time{}, fault.New(fault.Conflict, "signer.batch_only")
	}
	return r.keys.Put(sitting, key.session, signing.MaxUnlocked)
}

// personal stands for single acts with a person's own key.
var personal = Kind{Key: PersonKey}

// Sitting returns the key that Sit opened. It fails with Locked key.locked when
// its time is over or nobody sat down, Conflict certificate.changed when the
// person signs with another certificate by now.
func (r *Runner) Sitting(ctx context.Context, actor workflow.Actor, sitting string) (Pen, error) {
	key, err := r.keys.Get(sitting)
	if err != nil {
		return Pen{}, err
	}
	return r.penOf(ctx, key, personal, actor, ChosenWay)
}

// SittingUntil returns until when the key of a sitting is open; ok is false
// when it is not.
func (r *Runner) SittingUntil(sitting string) (until time.Time, ok bool) {
	return r.keys.Until(sitting)
}

// Rise closes the key of a sitting.
func (r *Runner) Rise(sitting string) { r.keys.Drop(sitting) }

// Open notes that the acting person has looked at a record as it is now: what
// approving a flagged one asks for. A page does it by showing the record.
func (d Desk) Open(ctx context.Context, actor workflow.Actor, recordID int64) error {
	return d.DB.As(ctx, actor, func(tx *db.Tx) error {
		r, err := tx.Record(ctx, recordID, false)
		if err != nil {
			return err
		}
		return tx.Opened(ctx, r.ID, r.Revision)
	})
}
