package jobs

import (
	"context"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/workflow"
)

// AskRevocation asks, as the principal, that a locked version be revoked:
// seals the DE_NGHI_THU_HOI, stores it, sends it; once the registry has taken
// it, the request waits for the tier that decides, and its answer comes as an
// event. A request about the same version that was stored and not yet answered
// is sent again instead of another. It fails with the codes of
// record.MayAskRevocation; when the registry refuses to take it, the
// statement's receipt holds the reasons and no error is returned.
func (s Submission) AskRevocation(ctx context.Context, actor workflow.Actor, recordID int64, why Grounds, seal Pen) (int64, error) {
	return s.sealNow(ctx, actor, StatementOrder{Kind: bundle.Request, RecordID: recordID, Grounds: why}, seal)
}

// draftRequest plans a DE_NGHI_THU_HOI.
func (s Submission) draftRequest(ctx context.Context, tx *db.Tx, recordID int64, why Grounds) (d draft, err error) {
	r, err := tx.Record(ctx, recordID, true) // as in a recall
	if err != nil {
		return d, err
	}
	version, err := r.MayAskRevocation(record.By{Actor: tx.Actor, At: tx.Now}, why.Reason, why.Evidence)
	if err != nil {
		return d, err
	}
	return s.draftAbout(ctx, tx, bundle.Request, r, version, why)
}

// Grounds are what a request for revocation rests on: what is wrong, and the
// number and day of the decision or minutes that found it.
type Grounds struct {
	Reason   string `json:"reason,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

func (s Submission) deliverRequest(ctx context.Context, st db.KeptStatement, sent []db.SentVersion) error {
	answer, err := s.Registry.AskRevocation(ctx, st.School, st.XML)
	if err != nil {
		return err
	}
	return s.carryOut(ctx, st, sent, about{answer, bundle.ReceiptOfRequest,
		func(r *record.Record, by record.By, d *bundle.Statement, _ string) (record.Change, error) {
			return r.AskRevocation(by, d.Reason, d.Evidence)
		}})
}

// about is the registry's answer to a statement about one version, and what
// the statement does to the record once it is accepted; receipt is the
// SHA-256 of the answer.
type about struct {
	answer registry.Answer
	of     bundle.ReceiptOf
	act    func(r *record.Record, by record.By, st *bundle.Statement, receipt string) (record.Change, error)
}

// carryOut keeps the receipt and does what the statement asked for, in one
// transaction. The act is the principal's, who decided and sealed it, whoever
// carries it out after a stop.
func (s Submission) carryOut(ctx context.Context, st db.KeptStatement, sent []db.SentVersion, a about) error {
	got, err := s.readAnswer(ctx, st, a.answer, a.of)
	if err != nil {
		return err
	}
	d, err := bundle.Open(st.XML)
	if err != nil {
		return err
	}
	principal := workflow.Actor{Kind: workflow.Person, AccountID: st.AccountID, TeacherCode: d.Statement.Sender.Code, Name: st.Sender,
		Role: workflow.Principal, UnitID: st.SchoolID, UnitCode: st.School, SchoolID: st.SchoolID}
	return s.DB.As(ctx, principal, func(tx *db.Tx) error {
		fresh, err := tx.KeepReceipt(ctx, st.ID, 0, got.receipt, got.xml)
		if err != nil || !fresh || got.receipt.Result != bundle.Accepted {
			return err
		}
		for _, v := range sent {
			r, err := tx.Record(ctx, v.RecordID, true)
			if err != nil {
				return err
			}
			change, err := a.act(r, record.By{Actor: tx.Actor, At: tx.Now}, d.Statement, got.sha256)
			if fault.Is(err, "record.stage") {
				continue // moved on in the meantime; the receipt tells what the registry did
			}
			if err == nil {
				err = tx.ApplyRecord(ctx, change)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// applyDecision takes the answer to a request for revocation. It waits while
// the request's own receipt has not come in: it would otherwise be noted after
// its answer, and wait for ever.
func applyDecision(ctx context.Context, tx *db.Tx, r *record.Record, e registry.Event) (wait bool, err error) {
	version, _, err := tx.IssuedVersion(ctx, r.ID, e.Version)
	if err != nil {
		return false, err
	}
	open, err := tx.OpenStatement(ctx, bundle.Request, version.VersionID)
	if err != nil || open != 0 {
		return open != 0, err
	}
	answer := record.Revocation{Version: e.Version, Decision: record.Granted, Note: e.Reason, Decided: e.At}
	if e.Kind == registry.EventDeclined {
		answer.Decision = record.Declined
	}
	change, err := r.RecordRevocation(record.By{Actor: tx.Actor, At: tx.Now}, answer)
	if fault.Is(err, "record.no_request") {
		return false, nil // asked for by other software, before this one
	}
	if err != nil {
		return false, err
	}
	return false, tx.ApplyRecord(ctx, change)
}
