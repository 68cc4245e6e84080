package jobs

import (
	"context"
	"encoding/hex"
	"slices"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// Resume delivers every statement of a school that has no answer yet and that
// no job carries, and then listens to the registry. It may be called at any
// time, by anybody: the statements are sealed already. A statement that cannot
// be delivered now does not keep the others back; the first error is returned.
func (s Submission) Resume(ctx context.Context, schoolID int64) error {
	var open []db.KeptStatement
	err := s.DB.As(ctx, ofSchool(schoolID), func(tx *db.Tx) error {
		var err error
		open, err = tx.OpenStatements(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var first error
	for _, st := range open {
		if err := s.deliver(ctx, schoolID, st.ID); err != nil && first == nil {
			first = err
		}
	}
	if first != nil {
		return first
	}
	return s.SyncEvents(ctx, schoolID)
}

// ResumeAll does so for every school, for a program that has just started or
// goes round.
func (s Submission) ResumeAll(ctx context.Context) error {
	var schools []school.Unit
	err := s.DB.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		var err error
		schools, err = tx.Schools(ctx)
		return err
	})
	if err != nil {
		return err
	}
	ids := make([]int64, len(schools))
	for i, u := range schools {
		ids[i] = u.ID
	}
	return s.each(ctx, ids)
}

// resumeThese does so for the schools with news and those that wait for an
// answer to something of the last day.
func (s Submission) resumeThese(ctx context.Context, news []int64) error {
	err := s.DB.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		waiting, err := tx.SchoolsToAnswer(ctx, tx.Now.Add(-waitsSince))
		news = append(news, waiting...)
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(news)
	return s.each(ctx, slices.Compact(news))
}

func (s Submission) each(ctx context.Context, schools []int64) (first error) {
	for _, id := range schools {
		if err := s.Resume(ctx, id); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// ofSchool is the program itself at work for one school.
func ofSchool(id int64) workflow.Actor { return workflow.Actor{Kind: workflow.System, SchoolID: id} }

// Deliver sends one stored statement of the actor's school now, whatever became
// of its job.
func (s Submission) Deliver(ctx context.Context, actor workflow.Actor, id int64) error {
	return s.deliver(ctx, actor.SchoolID, id)
}

// deliver sends a stored statement and takes the answer in. Every step may be
// repeated.
func (s Submission) deliver(ctx context.Context, schoolID, id int64) error {
	var st db.KeptStatement
	var sent []db.SentVersion
	err := s.DB.As(ctx, ofSchool(schoolID), func(tx *db.Tx) error {
		var err error
		if st, err = tx.Statement(ctx, id); err != nil {
			return err
		}
		sent, err = tx.StatementVersions(ctx, id, st.Kind == bundle.Submission)
		return err
	})
	if err != nil || !st.Open() {
		return err
	}
	switch st.Kind {
	case bundle.Submission:
		return s.deliverSubmission(ctx, st, sent)
	case bundle.Closing:
		return s.deliverClosing(ctx, st)
	case bundle.Request:
		return s.deliverRequest(ctx, st, sent)
	}
	return s.deliverRecall(ctx, st, sent)
}

func (s Submission) deliverSubmission(ctx context.Context, st db.KeptStatement, sent []db.SentVersion) error {
	message := registry.Submission{School: st.School, Statement: st.XML}
	for _, v := range sent {
		if v.Result == "" && v.XML != nil { // what has its receipt need not go again
			message.Records = append(message.Records, v.XML)
		}
	}
	answer, err := s.Registry.Submit(ctx, message)
	if err != nil {
		return err
	}
	desk, err := s.receipts(ctx, st)
	if err != nil {
		return err
	}
	manifest, err := desk.read(answer.Receipt, bundle.ReceiptOfSubmission, hex.EncodeToString(st.SHA256))
	if err != nil {
		return err
	}
	return s.takeAll(ctx, desk, sent, answer.Records, manifest)
}

// takeAll takes in what is said of every version that has no answer yet, and
// last the manifest's own receipt: a stop in between is taken up again.
func (s Submission) takeAll(ctx context.Context, desk receiptDesk, sent []db.SentVersion, receipts [][]byte, manifest answered) error {
	for _, v := range sent {
		if v.Result != "" {
			continue
		}
		own, err := desk.find(receipts, v.SHA256)
		if err != nil {
			return err
		}
		if own.receipt == nil {
			own = manifest // it alone tells why
		}
		if err := s.takeAnswer(ctx, desk, v, own, func(*db.Tx) error { return nil }); err != nil {
			return err
		}
	}
	err := s.DB.As(ctx, ofSchool(desk.statement.SchoolID), func(tx *db.Tx) error {
		_, err := tx.KeepReceipt(ctx, desk.statement.ID, 0, manifest.receipt, manifest.xml)
		return err
	})
	if err != nil {
		return err
	}
	return s.SyncEvents(ctx, desk.statement.SchoolID)
}

// takeAnswer stores the receipt of one version and moves its record on, in one
// transaction with what with does. The manifest's receipt in the place of the
// version's own refuses it.
func (s Submission) takeAnswer(ctx context.Context, desk receiptDesk, v db.SentVersion, from answered, with func(*db.Tx) error) error {
	own := from.receipt.Of == bundle.ReceiptOfRecord
	return s.DB.As(ctx, ofSchool(desk.statement.SchoolID), func(tx *db.Tx) error {
		r, err := tx.Record(ctx, v.RecordID, true)
		if err != nil {
			return err
		}
		if own {
			fresh, err := tx.KeepReceipt(ctx, desk.statement.ID, v.VersionID, from.receipt, from.xml)
			if err != nil {
				return err
			}
			if !fresh { // somebody else took it in meanwhile
				return with(tx)
			}
		}
		by := record.By{Actor: tx.Actor, At: tx.Now}
		var change record.Change
		if own && from.receipt.Result == bundle.Accepted {
			change, err = r.RecordAcceptance(by, v.Version, false, from.sha256)
		} else {
			change, err = r.RecordRefusal(by, v.Version, from.sha256)
		}
		if fault.Is(err, "record.stage") || fault.Is(err, "record.other_version") {
			return with(tx) // the record has moved on since; the receipt is kept
		}
		if err == nil {
			err = tx.ApplyRecord(ctx, change)
		}
		if err != nil {
			return err
		}
		return with(tx)
	})
}

// receiptDesk checks what comes from the registry: a receipt counts when its
// signature holds, the Sở that the statement was sent to signed it, and it is
// about the bytes that were sent.
type receiptDesk struct {
	statement  db.KeptStatement
	department string
	options    verify.Options
}

type answered struct {
	receipt *bundle.Receipt
	xml     []byte
	sha256  string // of xml, hex
}

func (s Submission) receipts(ctx context.Context, st db.KeptStatement) (receiptDesk, error) {
	trust, err := s.DB.TrustList(ctx)
	if err != nil {
		return receiptDesk{}, err
	}
	d, err := bundle.Open(st.XML)
	if err != nil {
		return receiptDesk{}, err
	}
	return receiptDesk{st, d.Statement.Department.Code, verify.Options{Trust: trust, Now: s.DB.Now(), Department: d.Statement.Department.Name}}, nil
}

// read fails with Unavailable submission.bad_receipt, so that it is asked for
// again instead of being believed.
func (k receiptDesk) read(xml []byte, of bundle.ReceiptOf, about string) (answered, error) {
	report := verify.File(xml, k.options)
	var r *bundle.Receipt
	if report.Record != nil {
		r = report.Record.Receipt
	}
	if !report.Valid || r == nil || r.Of != of || r.School != k.statement.School || r.Department.Code != k.department ||
		about != "" && r.SHA256 != about {
		return answered{}, fault.New(fault.Unavailable, "submission.bad_receipt")
	}
	return answered{r, xml, report.SHA256}, nil
}

// find reads the receipt that is about the bytes of a version; none is no error.
func (k receiptDesk) find(receipts [][]byte, about string) (answered, error) {
	for _, xml := range receipts {
		d, err := bundle.Open(xml)
		if err != nil || d.Receipt == nil || d.Receipt.SHA256 != about {
			continue
		}
		return k.read(xml, bundle.ReceiptOfRecord, about)
	}
	return answered{}, nil
}
