package jobs

import (
	"context"
	"encoding/hex"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ClosingRow is a pupil in a closing: listed with the accepted version, absent
// with a reason, or blocking.
type ClosingRow struct {
	db.VersionRow
	Reason bundle.AbsenceReason // of an absent one
	Fault  *fault.Error         // of a blocking one
}

// ClosingPlan says what a CHOT of class and track would list, who has no
// record for a reason, and who keeps the class from being closed.
type ClosingPlan struct {
	Class   db.Class
	Listed  []ClosingRow
	Absent  []ClosingRow
	Blocked []ClosingRow
}

// PlanClosing looks at a class, changing nothing. reasons are those the
// principal gives, by pupil code, for pupils without an accepted record (not
// yet complete, on paper, moved away); where the files tell the reason it is
// filled in. Codes of what blocks: closing.not_accepted (Args stage),
// closing.replacing.
func (s Submission) PlanClosing(ctx context.Context, actor workflow.Actor, at ClassTrack, reasons map[string]bundle.AbsenceReason) (p ClosingPlan, err error) {
	err = s.DB.As(ctx, actor, func(tx *db.Tx) error {
		p, err = planClosing(ctx, tx, at, reasons)
		return err
	})
	return p, err
}

func planClosing(ctx context.Context, tx *db.Tx, at ClassTrack, reasons map[string]bundle.AbsenceReason) (p ClosingPlan, err error) {
	if p.Class, err = tx.Class(ctx, at.Year, at.ClassID); err != nil {
		return p, err
	}
	rows, err := tx.ClassVersions(ctx, at.ClassID)
	for _, row := range rows {
		c := ClosingRow{VersionRow: row}
		accepted := row.Standing == record.StandAccepted || row.Standing == record.StandLocked
		switch {
		case accepted && row.Track == at.Track:
			p.Listed = append(p.Listed, c)
		case accepted && at.Track == school.TrackAugust:
			// Of the first track, which is closed by a statement of its own.
		case row.Standing == record.StandReplacing || row.Version > 1 && replacing(row):
			c.Fault = fault.New(fault.Conflict, "closing.replacing")
			p.Blocked = append(p.Blocked, c)
		default:
			if c.Reason = absence(row, p.Class, at.Track); c.Reason == "" {
				c.Reason = reasons[row.Pupil]
			}
			if c.Reason == "" {
				c.Fault = fault.New(fault.Conflict, "closing.not_accepted", "stage", string(row.Stage))
				p.Blocked = append(p.Blocked, c)
			} else {
				p.Absent = append(p.Absent, c)
			}
		}
	}
	return p, err
}

// replacing reports whether a later version than the one in the registry's
// hands is on its way.
func replacing(row db.VersionRow) bool {
	return row.Standing == record.StandIssued || row.Standing == record.StandSubmitted || row.Standing == record.StandRefused
}

// absence is the reason the school's files themselves give.
func absence(row db.VersionRow, class db.Class, track school.Track) bundle.AbsenceReason {
	switch {
	case class.BookKind == school.Paper:
		return bundle.PaperBook
	case row.Left:
		return bundle.MovedAway
	case track == school.TrackJune && row.Planned == school.TrackAugust:
		return bundle.NotComplete
	}
	return ""
}

// Close closes a class and track as the principal: seals the CHOT, stores it,
// sends it. Accepted, the versions it lists are in force. It fails with
// closing.blocked (Args pupil, pupils), closing.already; when the registry
// refuses, the statement's receipt holds the reasons and no error is returned.
func (s Submission) Close(ctx context.Context, actor workflow.Actor, at ClassTrack, reasons map[string]bundle.AbsenceReason, seal Pen) (int64, error) {
	return s.sealNow(ctx, actor, StatementOrder{Kind: bundle.Closing, At: at, Reasons: reasons}, seal)
}

// draftClosing plans a CHOT.
func (s Submission) draftClosing(ctx context.Context, tx *db.Tx, at ClassTrack, reasons map[string]bundle.AbsenceReason) (d draft, err error) {
	if !workflow.Can(tx.Actor.Role, workflow.PermClose) {
		return d, fault.New(fault.Forbidden, "record.role", "role", string(tx.Actor.Role))
	}
	if d.open, err = unfinished(ctx, tx, at); err != nil || d.open != 0 {
		return d, err
	}
	p, err := planClosing(ctx, tx, at, reasons)
	if err != nil {
		return d, err
	}
	if len(p.Blocked) > 0 {
		first := p.Blocked[0]
		return d, fault.New(fault.Conflict, "closing.blocked", "pupil", first.Name, "count", number(len(p.Blocked)))
	}
	if len(p.Listed)+len(p.Absent) == 0 {
		return d, fault.New(fault.Conflict, "closing.empty")
	}
	all := append(append([]ClosingRow(nil), p.Listed...), p.Absent...)
	if d.statement, err = s.begin(ctx, tx, bundle.Closing, all[0].RecordID); err != nil {
		return d, err
	}
	d.at, d.title = at, p.Class.Name
	d.statement.Class, d.statement.Track = bundle.Unit{Code: p.Class.Code, Name: p.Class.Name}, at.Track
	for _, row := range p.Listed {
		d.versions = append(d.versions, row.VersionID)
		d.statement.Records = append(d.statement.Records, bundle.Listed{Record: row.Record, Pupil: row.Pupil, Version: row.Version, SHA256: row.SHA256})
	}
	for _, row := range p.Absent {
		d.statement.Absent = append(d.statement.Absent, bundle.Absentee{Pupil: row.Pupil, Name: row.Name, Reason: row.Reason})
	}
	return d, nil
}

// unfinished finds a CHOT of class and track that was stored and not answered,
// 0 when there is none; an accepted one is a Conflict, closing.already.
func unfinished(ctx context.Context, tx *db.Tx, at ClassTrack) (int64, error) {
	list, err := tx.Statements(ctx, at.Year, at.ClassID, bundle.Closing)
	for _, st := range list {
		switch {
		case st.Track != at.Track:
		case st.Open():
			return st.ID, nil
		case st.Result == bundle.Accepted:
			return 0, fault.New(fault.Conflict, "closing.already", "date", school.DateOf(*st.Answered).Vietnamese())
		}
	}
	return 0, err
}

func (s Submission) deliverClosing(ctx context.Context, st db.KeptStatement) error {
	answer, err := s.Registry.Close(ctx, st.School, st.XML)
	if err != nil {
		return err
	}
	manifest, err := s.readAnswer(ctx, st, answer, bundle.ReceiptOfClosing)
	if err != nil {
		return err
	}
	// The locks come as events; the receipt is stored last, so that a stop in
	// between is taken up again.
	if err := s.SyncEvents(ctx, st.SchoolID); err != nil {
		return err
	}
	return s.DB.As(ctx, ofSchool(st.SchoolID), func(tx *db.Tx) error {
		_, err := tx.KeepReceipt(ctx, st.ID, 0, manifest.receipt, manifest.xml)
		return err
	})
}

func (s Submission) readAnswer(ctx context.Context, st db.KeptStatement, answer registry.Answer, of bundle.ReceiptOf) (answered, error) {
	desk, err := s.receipts(ctx, st)
	if err != nil {
		return answered{}, err
	}
	return desk.read(answer.Receipt, of, hex.EncodeToString(st.SHA256))
}
