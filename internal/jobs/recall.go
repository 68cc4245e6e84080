package jobs

import (
	"context"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func number(n int) string { return strconv.Itoa(n) }

// Recall takes an accepted version back as the principal, before the lock and
// in the Sở's time: seals the THU_HOI, stores it, sends it; accepted, the
// record opens again. When the registry refuses, the statement's receipt holds
// the reasons, the record stays as it is, and no error is returned.
func (s Submission) Recall(ctx context.Context, actor workflow.Actor, recordID int64, reason string, seal Pen) (int64, error) {
	return s.sealNow(ctx, actor, StatementOrder{Kind: bundle.Recall, RecordID: recordID, Grounds: Grounds{Reason: reason}}, seal)
}

// draftRecall plans a THU_HOI.
func (s Submission) draftRecall(ctx context.Context, tx *db.Tx, recordID int64, reason string) (d draft, err error) {
	r, version, err := s.recallable(ctx, tx, recordID, reason)
	if err != nil {
		return d, err
	}
	return s.draftAbout(ctx, tx, bundle.Recall, r, version, Grounds{Reason: reason})
}

// draftAbout plans a statement about one version of one record.
func (s Submission) draftAbout(ctx context.Context, tx *db.Tx, kind bundle.StatementKind, r *record.Record, version record.Version,
	why Grounds) (d draft, err error) {
	if d.statement, err = s.begin(ctx, tx, kind, r.ID); err != nil {
		return d, err
	}
	d.statement.Reason, d.statement.Evidence = school.Clean(why.Reason), school.Clean(why.Evidence)
	d.statement.About = bundle.Listed{Record: r.General.Record, Pupil: r.Pupil.Code, Version: version.Number, SHA256: version.SHA256}
	row, classID, err := tx.IssuedVersion(ctx, r.ID, version.Number)
	if err != nil {
		return d, err
	}
	d.at, d.title, d.versions = ClassTrack{Year: r.General.Year, ClassID: classID, Track: row.Track}, r.Pupil.Name, []int64{row.VersionID}
	d.open, err = tx.OpenStatement(ctx, kind, row.VersionID)
	return d, err
}

// recallable reads a record and the version of it that may be recalled now.
func (s Submission) recallable(ctx context.Context, tx *db.Tx, recordID int64, reason string) (*record.Record, record.Version, error) {
	by, err := Desk{DB: s.DB}.By(ctx, tx)
	if err != nil {
		return nil, record.Version{}, err
	}
	// Locked: an answer that comes in meanwhile must not be seen by half, the
	// record as before it and its statement as answered.
	r, err := tx.Record(ctx, recordID, true)
	if err != nil {
		return nil, record.Version{}, err
	}
	version, err := r.MayRecall(by, reason)
	return r, version, err
}

// Replace opens an accepted record for its next version; the one the registry
// holds stays in force until that is accepted.
func (s Submission) Replace(ctx context.Context, actor workflow.Actor, recordID int64, reason string) error {
	return Desk{DB: s.DB}.Act(ctx, actor, recordID, func(r *record.Record, by record.By) (record.Change, error) {
		return r.Replace(by, reason)
	})
}

// Reopen takes an issued version back that the registry has not accepted.
func (s Submission) Reopen(ctx context.Context, actor workflow.Actor, recordID int64, reason string) error {
	return Desk{DB: s.DB}.Act(ctx, actor, recordID, func(r *record.Record, by record.By) (record.Change, error) {
		return r.Reopen(by, reason)
	})
}

func (s Submission) deliverRecall(ctx context.Context, st db.KeptStatement, sent []db.SentVersion) error {
	answer, err := s.Registry.Recall(ctx, st.School, st.XML)
	if err != nil {
		return err
	}
	return s.carryOut(ctx, st, sent, about{answer, bundle.ReceiptOfRecall,
		func(r *record.Record, by record.By, d *bundle.Statement, receipt string) (record.Change, error) {
			return r.Recall(by, d.Reason, receipt)
		}})
}
