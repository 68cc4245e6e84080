package jobs

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Submission is a school's dealings with the registry: sending (NOP), closing
// (CHOT), taking back (THU_HOI), asking for what is locked to be revoked
// (DE_NGHI_THU_HOI), and listening to what the registry says.
//
// A statement is sealed and stored before it is sent; whatever has no answer
// yet is sent again by Resume, with the same bytes, which the registry answers
// with the same receipts. So the state stands in tables alone: a program
// killed at any point loses nothing and sends nothing twice.
type Submission struct {
	DB       *db.DB
	Registry registry.Client
}

// ClassTrack is a class and track that is submitted or closed.
type ClassTrack struct {
	Year    school.Year
	ClassID int64
	Track   school.Track
}

// PlannedVersion is a pupil's newest version with what keeps it from going;
// Fault is nil for one that can go.
type PlannedVersion struct {
	db.VersionRow
	Fault *fault.Error
}

// Preflight says what of a class and track can be sent, what cannot, and why.
type Preflight struct {
	Class       db.Class
	Ready       []PlannedVersion
	Blocked     []PlannedVersion
	Preparation db.Preparation // what the administrator made ready, if Prepared
	Prepared    bool
}

// Preflight looks at a class as a person of the school, changing nothing.
// Codes of what is blocked: submission.not_issued (Args stage),
// submission.other_track, submission.under_way, submission.accepted_already,
// submission.needs_reissue.
func (s Submission) Preflight(ctx context.Context, actor workflow.Actor, at ClassTrack) (p Preflight, err error) {
	err = s.DB.As(ctx, actor, func(tx *db.Tx) error {
		p, err = s.preflight(ctx, tx, at)
		return err
	})
	return p, err
}

func (s Submission) preflight(ctx context.Context, tx *db.Tx, at ClassTrack) (p Preflight, err error) {
	if p.Class, err = tx.Class(ctx, at.Year, at.ClassID); err != nil {
		return p, err
	}
	rows, err := tx.ClassVersions(ctx, at.ClassID)
	if err != nil {
		return p, err
	}
	for _, row := range rows {
		planned := PlannedVersion{VersionRow: row, Fault: blocked(row, at.Track)}
		if planned.Fault == nil {
			p.Ready = append(p.Ready, planned)
		} else {
			p.Blocked = append(p.Blocked, planned)
		}
	}
	p.Preparation, p.Prepared, err = tx.Preparation(ctx, at.ClassID, at.Track)
	return p, err
}

// blocked says why a version cannot be sent now.
func blocked(row db.VersionRow, track school.Track) *fault.Error {
	switch row.Stage {
	case workflow.Issued:
	case workflow.Refused:
		if row.Result == bundle.Refused && registry.Final(row.Reasons) {
			return fault.New(fault.Conflict, "submission.needs_reissue")
		}
	case workflow.Submitted:
		return fault.New(fault.Conflict, "submission.under_way")
	case workflow.Accepted, workflow.Locked:
		return fault.New(fault.Conflict, "submission.accepted_already")
	default:
		return fault.New(fault.Conflict, "submission.not_issued", "stage", string(row.Stage))
	}
	if row.Track != track {
		return fault.New(fault.Conflict, "submission.other_track")
	}
	return nil
}

// Prepare notes which versions the principal is asked to send; nil means all
// that can go. It fails with submission.nothing, or with the code of the first
// version that cannot go.
func (s Submission) Prepare(ctx context.Context, actor workflow.Actor, at ClassTrack, versions []int64) error {
	if !workflow.Can(actor.Role, workflow.PermPrepare) {
		return fault.New(fault.Forbidden, "record.role", "role", string(actor.Role))
	}
	return s.DB.As(ctx, actor, func(tx *db.Tx) error {
		p, err := s.preflight(ctx, tx, at)
		if err != nil {
			return err
		}
		chosen, err := p.choose(versions)
		if err != nil {
			return err
		}
		return tx.KeepPreparation(ctx, at.ClassID, at.Track, versionIDs(chosen))
	})
}

// choose picks the ready versions asked for; nil picks all.
func (p Preflight) choose(versions []int64) ([]PlannedVersion, error) {
	chosen := p.Ready
	if versions != nil {
		chosen = nil
		for _, row := range p.Ready {
			if slices.Contains(versions, row.VersionID) {
				chosen = append(chosen, row)
			}
		}
		for _, row := range p.Blocked {
			if slices.Contains(versions, row.VersionID) {
				return nil, row.Fault
			}
		}
	}
	if len(chosen) == 0 {
		return nil, fault.New(fault.Conflict, "submission.nothing")
	}
	return chosen, nil
}

func versionIDs(rows []PlannedVersion) []int64 {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.VersionID
	}
	return ids
}

// Send submits versions of a class and track, as the principal or a deputy
// under a delegation: those named, or when versions is nil those the
// administrator prepared, or all that can go. seal is the school's seal. It
// returns the statement, which stands even when the registry could not be
// reached: the error is then Unavailable, and Resume sends it. Pages ask for a
// job instead (Runner.AskStatement).
func (s Submission) Send(ctx context.Context, actor workflow.Actor, at ClassTrack, versions []int64, seal Pen) (int64, error) {
	return s.sealNow(ctx, actor, StatementOrder{Kind: bundle.Submission, At: at, Versions: versions}, seal)
}

// draftSubmission chooses what goes and writes the manifest.
func (s Submission) draftSubmission(ctx context.Context, tx *db.Tx, at ClassTrack, versions []int64) (d draft, err error) {
	p, err := s.preflight(ctx, tx, at)
	if err != nil {
		return d, err
	}
	if versions == nil && p.Prepared {
		versions = p.Preparation.Versions
	}
	if d.chosen, err = p.choose(versions); err != nil {
		return d, err
	}
	d.at, d.title, d.versions = at, p.Class.Name, versionIDs(d.chosen)
	d.statement, err = s.begin(ctx, tx, bundle.Submission, d.chosen[0].RecordID)
	d.statement.Class = bundle.Unit{Code: p.Class.Code, Name: p.Class.Name}
	d.statement.Track = at.Track
	for _, row := range d.chosen {
		d.statement.Records = append(d.statement.Records, bundle.Listed{Record: row.Record, Pupil: row.Pupil, Version: row.Version,
			SHA256: row.SHA256})
	}
	return d, err
}

// begin fills what every statement of the actor has in common. The units are
// those the school's records name today.
func (s Submission) begin(ctx context.Context, tx *db.Tx, kind bundle.StatementKind, recordID int64) (bundle.Statement, error) {
	if tx.Actor.TeacherCode == "" {
		return bundle.Statement{}, fault.New(fault.Invalid, "record.no_staff_code", "mend", "school_admin")
	}
	r, err := tx.Record(ctx, recordID, false)
	if err != nil {
		return bundle.Statement{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return bundle.Statement{}, fault.Wrap(err, fault.Unavailable, "submission.number")
	}
	return bundle.Statement{Kind: kind, ID: id.String(), Year: r.General.Year, Department: r.General.Department,
		School: bundle.Unit{Code: r.General.School.Code, Name: r.General.School.Name},
		Sender: bundle.Teacher{Code: tx.Actor.TeacherCode, Name: tx.Actor.Name}, Time: bundle.Instant(tx.Now)}, nil
}

// markSubmitted applies the act of sending to every record; one that has moved
// on since it was listed stops it all, before anything was sent.
func (s Submission) markSubmitted(ctx context.Context, tx *db.Tx, chosen []PlannedVersion) error {
	by, err := Desk{DB: s.DB}.By(ctx, tx)
	if err != nil {
		return err
	}
	ids := make([]int64, len(chosen))
	for i, row := range chosen {
		ids[i] = row.RecordID
	}
	records, err := tx.Records(ctx, ids, true)
	if err != nil {
		return err
	}
	for i, r := range records {
		v := r.Versions[len(r.Versions)-1]
		if r.Stage == workflow.Submitted || v.SHA256 != chosen[i].SHA256 {
			return fault.New(fault.Conflict, "record.changed")
		}
		change, err := r.Submit(by)
		if err == nil {
			err = tx.ApplyRecord(ctx, change)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
