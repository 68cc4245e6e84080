package jobs

import (
	"context"
	"encoding/hex"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/workflow"
)

// Submit is the kind of job that carries a sealed manifest to the registry,
// one record after another. It needs no key: the seal was set when the job was
// asked for, and the manifest is kept, so a job goes on after any stop without
// a PIN. An item is done when the registry accepted the record, refused when
// it did not; the receipt of either stands with the statement.
const Submit = "submit"

// ParamStatement is the parameter of a Submit: the row of its manifest.
const ParamStatement = "statement"

// argVersion names, of an item, the version that is sent for the record.
const argVersion = "version"

// carrying is the job that carries a manifest.
func carrying(d draft, id int64) db.NewJob {
	n := db.NewJob{Kind: Submit, Subject: db.StatementSubject(id), Params: map[string]string{ParamStatement: strconv.FormatInt(id, 10)}}
	for _, row := range d.chosen {
		n.Items = append(n.Items, db.NewItem{Key: RecordKey(row.RecordID),
			Args: map[string]string{argVersion: strconv.FormatInt(row.VersionID, 10)}})
	}
	return n
}

// sentBefore finds the manifest that names all of the versions asked for.
func (r *Runner) sentBefore(ctx context.Context, actor workflow.Actor, at ClassTrack, versions []int64) (sent AskedStatement, ok bool, err error) {
	err = r.db.As(ctx, actor, func(tx *db.Tx) error {
		if sent.StatementID, ok, err = tx.StatementNaming(ctx, at.ClassID, at.Track, versions); err != nil || !ok {
			return err
		}
		job, found, err := tx.StatementJob(ctx, sent.StatementID)
		if found && job.AccountID == actor.AccountID && job.Role == actor.Role {
			sent.Job = job
		}
		return err
	})
	return sent, ok, err
}

// submitRecord brings one record of a manifest to the registry and takes its
// receipt in. What was answered meanwhile is not sent again.
func submitRecord(ctx context.Context, it *Item) error {
	s, err := it.office(ctx)
	if err != nil {
		return err
	}
	statement, err := parseID(it.Params[ParamStatement])
	if err != nil {
		return err
	}
	version, err := parseID(it.Args[argVersion])
	if err != nil {
		return err
	}
	var st db.KeptStatement
	var v db.SentVersion
	err = s.DB.As(ctx, it.Actor, func(tx *db.Tx) error {
		if st, err = tx.Statement(ctx, statement); err != nil {
			return err
		}
		v, err = tx.StatementVersion(ctx, statement, version)
		return err
	})
	if err != nil {
		return err
	}
	if v.Result != "" || !st.Open() {
		return s.DB.As(ctx, it.Actor, func(tx *db.Tx) error { return it.told(ctx, tx, v.Result) })
	}
	answer, err := s.Registry.Submit(ctx, registry.Submission{School: st.School, Statement: st.XML, Records: [][]byte{v.XML}, More: true})
	if err != nil {
		return err
	}
	desk, err := s.receipts(ctx, st)
	if err != nil {
		return err
	}
	if answer.Receipt != nil {
		return s.refusedWhole(ctx, it, desk, answer)
	}
	own, err := desk.find(answer.Records, v.SHA256)
	if err == nil && own.receipt == nil {
		err = fault.New(fault.Unavailable, "submission.bad_receipt")
	}
	if err != nil {
		return err
	}
	return s.takeAnswer(ctx, desk, v, own, func(tx *db.Tx) error { return it.told(ctx, tx, own.receipt.Result) })
}

// told decides the item by what the registry said of its record; "" is said by
// a manifest that was refused, or that found the record missing.
func (it *Item) told(ctx context.Context, tx *db.Tx, result bundle.Result) error {
	if result == bundle.Accepted {
		return it.Done(ctx, tx)
	}
	return it.Refuse(ctx, tx, fault.New(fault.Conflict, "submission.refused"))
}

// refusedWhole takes in that the manifest itself is refused: that answers every
// record of it, so no other is sent.
func (s Submission) refusedWhole(ctx context.Context, it *Item, desk receiptDesk, answer registry.Answer) error {
	manifest, err := desk.read(answer.Receipt, bundle.ReceiptOfSubmission, hex.EncodeToString(desk.statement.SHA256))
	if err != nil {
		return err
	}
	var sent []db.SentVersion
	err = s.DB.As(ctx, it.Actor, func(tx *db.Tx) error {
		sent, err = tx.StatementVersions(ctx, desk.statement.ID, false)
		return err
	})
	if err == nil {
		err = s.takeAll(ctx, desk, sent, answer.Records, manifest)
	}
	if err != nil {
		return err
	}
	return s.DB.As(ctx, it.Actor, func(tx *db.Tx) error { return it.told(ctx, tx, "") })
}

// submitManifest asks for the answer to the manifest after all its records went,
// and takes it in: it names what the registry misses.
func submitManifest(ctx context.Context, it *Item) error {
	s, err := it.office(ctx)
	if err != nil {
		return err
	}
	id, err := parseID(it.Params[ParamStatement])
	if err != nil {
		return err
	}
	var st db.KeptStatement
	var sent []db.SentVersion
	err = s.DB.As(ctx, it.Actor, func(tx *db.Tx) error {
		if st, err = tx.Statement(ctx, id); err != nil {
			return err
		}
		sent, err = tx.StatementVersions(ctx, id, false)
		return err
	})
	if err != nil || !st.Open() {
		return err
	}
	return s.deliverSubmission(ctx, st, sent)
}
