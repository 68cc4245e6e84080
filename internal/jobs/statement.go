package jobs

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/signing/xades"
	"hocba/internal/workflow"
)

// StatementOrder asks for a statement under the school's seal: what it is to say.
// At and Versions are of a NOP (nil versions: those the administrator prepared,
// or all that can go), At and Reasons of a CHOT, RecordID and Grounds of a
// THU_HOI and a DE_NGHI_THU_HOI.
type StatementOrder struct {
	Kind     bundle.StatementKind            `json:"kind"`
	At       ClassTrack                      `json:"at"`
	Versions []int64                         `json:"versions,omitempty"`
	Reasons  map[string]bundle.AbsenceReason `json:"reasons,omitempty"`
	RecordID int64                           `json:"record,omitempty"`
	Grounds  Grounds                         `json:"grounds"`
}

// draft is a statement as it would be written now.
type draft struct {
	statement bundle.Statement
	at        ClassTrack
	title     string // whom it is about: the class, or the pupil
	versions  []int64
	chosen    []PlannedVersion // of a NOP
	open      int64            // the same was stored before and has no answer yet: nothing to seal
}

// draft decides what an order would say now, changing nothing.
func (s Submission) draft(ctx context.Context, tx *db.Tx, d StatementOrder) (draft, error) {
	switch d.Kind {
	case bundle.Submission:
		return s.draftSubmission(ctx, tx, d.At, d.Versions)
	case bundle.Closing:
		return s.draftClosing(ctx, tx, d.At, d.Reasons)
	case bundle.Recall:
		return s.draftRecall(ctx, tx, d.RecordID, d.Grounds.Reason)
	case bundle.Request:
		return s.draftRequest(ctx, tx, d.RecordID, d.Grounds)
	}
	return draft{}, fault.New(fault.Internal, "job.kind")
}

// statementIntent is a statement that was written and waits for the value of
// its seal; its stored form is JSON. It is bound to the exact bytes, the
// certificate, and the job it was made for (0: none).
type statementIntent struct {
	Order       StatementOrder  `json:"order"`
	Job         int64           `json:"job"`
	ClassID     int64           `json:"class"`
	ID          string          `json:"id"`
	Time        time.Time       `json:"time"`
	Content     []byte          `json:"content"`
	Certificate string          `json:"certificate"`
	Prepared    *xades.Prepared `json:"prepared"`
}

// askStatement seals and sends with a key that answers at once.
func (s Submission) sealNow(ctx context.Context, actor workflow.Actor, d StatementOrder, seal Pen) (int64, error) {
	p, open, err := s.prepare(ctx, actor, d, statementPen{Pen: seal})
	if err == nil && open == 0 {
		open, err = s.sign(ctx, actor, p, seal, nil)
	}
	if err != nil {
		return 0, err
	}
	return open, s.deliver(ctx, actor.SchoolID, open)
}

// sign has a key in this process, or one that answers at once, seal what was
// prepared.
func (s Submission) sign(ctx context.Context, actor workflow.Actor, p prepared, seal Pen, with keeping) (int64, error) {
	value, err := seal.Key.Sign(rand.Reader, p.digest[:], crypto.SHA256)
	if err != nil {
		if fault.As(err) != nil {
			return 0, err
		}
		return 0, fault.Wrap(err, fault.Unavailable, "signer.failed")
	}
	return s.complete(ctx, actor, statementValue{intent: p.intent, value: value}, with)
}

// statementPen is the certificate that a statement is prepared for, and the
// job.
type statementPen struct {
	Pen
	jobID int64
}

// prepare is the first phase of a statement: every guard, the exact bytes, an
// intent kept for single use. open is the same statement when it was stored
// before and waits for its answer; there is nothing to seal then.
func (s Submission) prepare(ctx context.Context, actor workflow.Actor, d StatementOrder, pen statementPen) (p prepared, open int64, err error) {
	if pen.Certificate == nil {
		return p, 0, fault.New(fault.Locked, "key.locked")
	}
	err = s.DB.As(ctx, actor, func(tx *db.Tx) error {
		now, err := s.draft(ctx, tx, d)
		if err != nil || now.open != 0 {
			open = now.open
			return err
		}
		if d.Kind == bundle.Submission {
			d.Versions = now.versions // what was chosen stays chosen
		}
		in := statementIntent{Order: d, Job: pen.jobID, ClassID: now.at.ClassID, ID: now.statement.ID, Time: now.statement.Time,
			Certificate: pen.Certificate.Fingerprint()}
		if in.Content, err = bundle.WriteStatement(now.statement); err != nil {
			return err
		}
		params := xades.Params{ID: bundle.SealSignatureID, References: bundle.StatementReferences(in.Content), Certificate: pen.Certificate.Leaf(),
			Intermediates: pen.Certificate.Intermediates(), SigningTime: in.Time, Role: string(bundle.Seal)}
		if m, ok := bundle.MeaningOfStatement(d.Kind); ok {
			params.Meaning = m.Signed()
		}
		if in.Prepared, err = xades.Prepare(params); err != nil {
			return err
		}
		state, err := json.Marshal(in)
		if err != nil {
			return fault.Wrap(err, fault.Internal, "record.state", "what", "intent")
		}
		p.digest, p.title = in.Prepared.Digest(), now.title
		p.intent, err = tx.KeepStatementIntent(ctx, state, tx.Now.Add(record.IntentLife))
		return err
	})
	return p, open, err
}

// statementValue is what came back for an intent; of a job when jobID is one.
type statementValue struct {
	intent db.IntentID
	value  []byte
	jobID  int64
}

// keeping is what must stand or fall with a statement that is stored.
type keeping func(tx *db.Tx, id int64, now draft) error

// complete is the third phase of a statement: the intent is used once, the
// value verified, everything decided again on the records as they are, and the
// statement stored. Of two that were sealed at the same time one is stored, and
// both answers name it. It fails with the codes of the order, with
// sig.value, record.intent_used, record.intent_expired, record.intent_stale.
func (s Submission) complete(ctx context.Context, actor workflow.Actor, v statementValue, with keeping) (id int64, err error) {
	err = s.DB.As(ctx, actor, func(tx *db.Tx) error {
		state, err := tx.UseStatementIntent(ctx, v.intent)
		if err != nil {
			return err
		}
		var in statementIntent
		if err := json.Unmarshal(state, &in); err != nil {
			return fault.Wrap(err, fault.Internal, "record.state", "what", "intent")
		}
		if in.Job != v.jobID {
			return fault.New(fault.Conflict, "record.intent_used")
		}
		signature, err := in.Prepared.Complete(v.value)
		if err != nil {
			return err
		}
		now, err := s.again(ctx, tx, in)
		if err != nil {
			return err
		}
		if id = now.open; id == 0 {
			if id, err = s.keepSealed(ctx, tx, in, now, signature); err != nil {
				return err
			}
		}
		if with == nil {
			return nil
		}
		return with(tx, id, now)
	})
	if err != nil {
		id = 0
	}
	return id, err
}

// again plans what was sealed once more, alone with the class. It fails with
// Conflict record.intent_stale when another statement would be written now.
func (s Submission) again(ctx context.Context, tx *db.Tx, in statementIntent) (draft, error) {
	if err := tx.StatementTurn(ctx, in.ClassID); err != nil {
		return draft{}, err
	}
	now, err := s.draft(ctx, tx, in.Order)
	if err != nil || now.open != 0 {
		return now, err
	}
	now.statement.ID, now.statement.Time = in.ID, in.Time
	content, err := bundle.WriteStatement(now.statement)
	if err == nil && !bytes.Equal(content, in.Content) {
		err = fault.New(fault.Conflict, "record.intent_stale", "mend", "signer")
	}
	return now, err
}

func (s Submission) keepSealed(ctx context.Context, tx *db.Tx, in statementIntent, now draft, signature []byte) (int64, error) {
	sealed, err := bundle.AssembleStatement(in.Order.Kind, in.Content, signature)
	if err != nil {
		return 0, err
	}
	if in.Order.Kind == bundle.Submission {
		if err := s.markSubmitted(ctx, tx, now.chosen); err != nil {
			return 0, err
		}
	}
	sum := sha256.Sum256(sealed)
	return tx.KeepStatement(ctx, db.KeptStatement{Year: now.at.Year, ClassID: &now.at.ClassID, Kind: in.Order.Kind, Track: now.at.Track,
		SHA256: sum[:], XML: sealed}, now.versions)
}
