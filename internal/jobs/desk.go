// Package jobs does long acts item by item: progress, a result per item, stop,
// resume. Every item runs the same domain method and the same Apply as a single
// act from a page would, as the person who asked, with the rights of the moment
// in which it runs. The package knows no HTTP.
package jobs

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/signing"
	"hocba/internal/workflow"
)

// Desk carries out acts of signing in the two phases that every signer has:
// prepare (checks, exact bytes, an intent kept for single use), sign
// elsewhere, complete (everything decided again, the value verified, applied).
type Desk struct {
	DB *db.DB
	// also runs in the transaction that applies an act, and undoes it by failing:
	// a job notes there that its item is done.
	also func(context.Context, *db.Tx) error
}

// apply writes a Change, and with it whatever must stand or fall with the act.
func (d Desk) apply(ctx context.Context, tx *db.Tx, c record.Change) error {
	if err := tx.ApplyRecord(ctx, c); err != nil || d.also == nil {
		return err
	}
	return d.also(ctx, tx)
}

// Pen signs a digest: a key of the trial store, a token, a remote service. The
// pen of an item of a batch prepares only: its session signs for all of them.
type Pen struct {
	Certificate *signing.Certificate
	Key         crypto.Signer
}

// certificate is the pen's certificate as the record asks for it.
func (p Pen) certificate() record.Certificate {
	return record.Certificate{Leaf: p.Certificate.Leaf(), Intermediates: p.Certificate.Intermediates()}
}

// preparation decides one act of signing on a record that is locked: it
// returns what is to be signed.
type preparation func(ctx context.Context, tx *db.Tx, r *record.Record, by record.By) (*record.Intent, error)

// SignParts signs the acting teacher's own parts of a record.
func (d Desk) SignParts(ctx context.Context, actor workflow.Actor, recordID int64, pen Pen) error {
	return d.sign(ctx, actor, recordID, pen, pen.parts())
}

func (p Pen) parts() preparation {
	return func(_ context.Context, _ *db.Tx, r *record.Record, by record.By) (*record.Intent, error) {
		return r.PrepareSignPart(by, p.certificate())
	}
}

// SignHomeroom signs a record's year content as homeroom teacher. shown is the
// overall level the teacher saw; a different one refuses.
func (d Desk) SignHomeroom(ctx context.Context, actor workflow.Actor, recordID int64, shown evaluation.Overall, pen Pen) error {
	return d.sign(ctx, actor, recordID, pen, pen.homeroom(shown))
}

func (p Pen) homeroom(shown evaluation.Overall) preparation {
	return func(_ context.Context, _ *db.Tx, r *record.Record, by record.By) (*record.Intent, error) {
		if shown == "" {
			shown = r.Outcome().Overall
		}
		return r.PrepareSignHomeroom(by, p.certificate(), shown)
	}
}

// Approve signs a record as principal, or as deputy under a delegation.
func (d Desk) Approve(ctx context.Context, actor workflow.Actor, recordID int64, pen Pen) error {
	return d.sign(ctx, actor, recordID, pen, pen.approval())
}

func (p Pen) approval() preparation {
	return func(ctx context.Context, tx *db.Tx, r *record.Record, by record.By) (*record.Intent, error) {
		opened, err := tx.OpenedByMe(ctx, r.ID, r.Revision)
		if err != nil {
			return nil, err
		}
		return r.PrepareApproval(by, p.certificate(), opened)
	}
}

// Issue seals a record: an immutable version with a fresh look-up code. pen is
// the school's seal; its approval is looked up when the signature is prepared
// and again, in the transaction that issues, when its value has come: an
// approval that ended between two records of a batch stops the rest.
func (d Desk) Issue(ctx context.Context, actor workflow.Actor, recordID int64, place string, pen Pen) error {
	return d.sign(ctx, actor, recordID, pen, pen.issue(place))
}

func (p Pen) issue(place string) preparation {
	return func(ctx context.Context, tx *db.Tx, r *record.Record, by record.By) (*record.Intent, error) {
		var err error
		if by.Seal, err = tx.SealApproval(ctx, p.Certificate.Fingerprint()); err != nil {
			return nil, err
		}
		return r.PrepareIssue(by, p.certificate(), place, rand.Reader)
	}
}

// By returns who acts, with what the record cannot know: today's delegation.
func (d Desk) By(ctx context.Context, tx *db.Tx) (record.By, error) {
	by := record.By{Actor: tx.Actor, At: tx.Now}
	if tx.Actor.Role == workflow.Deputy {
		ok, err := tx.Delegated(ctx, tx.Actor.AccountID)
		if err != nil {
			return by, err
		}
		by.Delegated = ok
	}
	return by, nil
}

// Act applies a single act without a signature: withdraw, return, confirm,
// reopen. do gets the record locked and returns its Change.
func (d Desk) Act(ctx context.Context, actor workflow.Actor, recordID int64,
	do func(r *record.Record, by record.By) (record.Change, error)) error {
	return d.DB.As(ctx, actor, func(tx *db.Tx) error {
		by, err := d.By(ctx, tx)
		if err != nil {
			return err
		}
		r, err := tx.Record(ctx, recordID, true)
		if err != nil {
			return err
		}
		change, err := do(r, by)
		if err != nil {
			return err
		}
		if change.Empty() {
			return nil
		}
		return d.apply(ctx, tx, change)
	})
}

// prepared is a signature that waits for its value: the name of the intent
// that was kept, and what is to be signed.
type prepared struct {
	intent db.IntentID
	digest [sha256.Size]byte
	title  string // whom it is about
}

// sign runs the three phases:
//  1. prepare under a lock of the record: guards, bytes, certificate; keep the intent
//  2. sign the digest, outside any transaction: a person may take a minute
//  3. use the intent once, decide again on the record as it is, verify, apply
func (d Desk) sign(ctx context.Context, actor workflow.Actor, recordID int64, pen Pen, how preparation) error {
	p, err := d.prepare(ctx, actor, recordID, how)
	if err != nil {
		return err
	}
	value, err := pen.Key.Sign(rand.Reader, p.digest[:], crypto.SHA256)
	if err != nil {
		if fault.As(err) != nil {
			return err
		}
		return fault.Wrap(err, fault.Unavailable, "signer.failed")
	}
	return d.complete(ctx, actor, p.intent, value)
}

// prepare is the first phase.
func (d Desk) prepare(ctx context.Context, actor workflow.Actor, recordID int64, how preparation) (p prepared, err error) {
	err = d.DB.As(ctx, actor, func(tx *db.Tx) error {
		by, err := d.By(ctx, tx)
		if err != nil {
			return err
		}
		r, err := tx.Record(ctx, recordID, true)
		if err != nil {
			return err
		}
		in, err := how(ctx, tx, r, by)
		if err != nil {
			return err
		}
		p.digest, p.title = in.Digest(), r.Pupil.Name
		p.intent, err = tx.KeepIntent(ctx, r.ID, r.Revision, in)
		return err
	})
	return p, err
}

// complete is the third phase, of every act and every kind of signer: here and
// nowhere else a signature's value becomes a signature.
func (d Desk) complete(ctx context.Context, actor workflow.Actor, id db.IntentID, value []byte) error {
	stamps, err := d.stamps(ctx, actor, id, value)
	if err != nil {
		return err
	}
	return d.DB.As(ctx, actor, func(tx *db.Tx) error {
		by, err := d.By(ctx, tx)
		if err != nil {
			return err
		}
		by.Stamps = stamps
		recordID, in, err := tx.UseIntent(ctx, id)
		if err != nil {
			return err
		}
		if by.Seal, err = stillSigns(ctx, tx, in); err != nil {
			return err
		}
		r, err := tx.Record(ctx, recordID, true)
		if err != nil {
			return err
		}
		change, err := r.Complete(by, in, value)
		if err != nil {
			return err
		}
		return d.apply(ctx, tx, change)
	})
}

// stillSigns asks again, when a value has come, whether the certificate of the
// intent may be signed with: it may have been suspended, or have ended, while
// its holder was asked. Of a seal the answer is its approval, which the record
// judges.
func stillSigns(ctx context.Context, tx *db.Tx, in *record.Intent) (seal record.SealApproval, err error) {
	if in.Act() == workflow.Issue {
		return tx.SealApproval(ctx, in.Certificate())
	}
	_, ok, err := tx.OwnCertificate(ctx, db.PersonCertificate, in.Certificate())
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "certificate.none")
	}
	return seal, err
}
