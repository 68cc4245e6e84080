package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing/xades"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// Submission is a school's dealings with the registry: sending (NOP), closing
// (CHOT), taking back (THU_HOI), and listening to what the registry says.
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
// reached: the error is then Unavailable, and Resume sends it.
//  1. choose, write the manifest, seal it
//  2. store it and mark every record as submitted, in one transaction
//  3. deliver it
func (s Submission) Send(ctx context.Context, actor workflow.Actor, at ClassTrack, versions []int64, seal Pen) (int64, error) {
	var st bundle.Statement
	var chosen []PlannedVersion
	err := s.DB.As(ctx, actor, func(tx *db.Tx) error {
		p, err := s.preflight(ctx, tx, at)
		if err != nil {
			return err
		}
		if versions == nil && p.Prepared {
			versions = p.Preparation.Versions
		}
		if chosen, err = p.choose(versions); err != nil {
			return err
		}
		st, err = s.begin(ctx, tx, bundle.Submission, chosen[0].RecordID)
		st.Class = bundle.Unit{Code: p.Class.Code, Name: p.Class.Name}
		st.Track = at.Track
		for _, row := range chosen {
			st.Records = append(st.Records, bundle.Listed{Record: row.Record, Pupil: row.Pupil, Version: row.Version, SHA256: row.SHA256})
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	sealed, err := sealStatement(st, seal)
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.DB.As(ctx, actor, func(tx *db.Tx) error {
		if err := s.markSubmitted(ctx, tx, chosen); err != nil {
			return err
		}
		id, err = keep(ctx, tx, kept(st, at.ClassID, at.Track), sealed, versionIDs(chosen))
		return err
	})
	if err != nil {
		return 0, err
	}
	return id, s.deliver(ctx, actor.SchoolID, id)
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

// sealStatement puts the school's seal on a statement.
func sealStatement(st bundle.Statement, seal Pen) ([]byte, error) {
	content, err := bundle.WriteStatement(st)
	if err != nil {
		return nil, err
	}
	if seal.Key == nil || seal.Certificate == nil {
		return nil, fault.New(fault.Locked, "key.locked")
	}
	signature, err := xades.Sign(xades.Params{ID: bundle.SealSignatureID, References: bundle.StatementReferences(content),
		Certificate: seal.Certificate.Leaf(), Intermediates: seal.Certificate.Intermediates(), SigningTime: st.Time,
		Role: string(bundle.Seal)}, seal.Key)
	if err != nil {
		return nil, err
	}
	return bundle.AssembleStatement(st.Kind, content, signature)
}

func kept(st bundle.Statement, classID int64, track school.Track) db.KeptStatement {
	return db.KeptStatement{Year: st.Year, ClassID: &classID, Kind: st.Kind, Track: track}
}

func keep(ctx context.Context, tx *db.Tx, s db.KeptStatement, sealed []byte, versions []int64) (int64, error) {
	sum := sha256.Sum256(sealed)
	s.SHA256, s.XML = sum[:], sealed
	return tx.KeepStatement(ctx, s, versions)
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

// Resume delivers every statement of a school that has no answer yet and then
// listens to the registry. It may be called at any time, by anybody: the
// statements are sealed already. A statement that cannot be delivered now does
// not keep the others back; the first error is returned.
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
	var first error
	for _, u := range schools {
		if err := s.Resume(ctx, u.ID); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// ofSchool is the program itself at work for one school.
func ofSchool(id int64) workflow.Actor { return workflow.Actor{Kind: workflow.System, SchoolID: id} }

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
	}
	return s.deliverRecall(ctx, st, sent)
}

func (s Submission) deliverSubmission(ctx context.Context, st db.KeptStatement, sent []db.SentVersion) error {
	message := registry.Submission{School: st.School, Statement: st.XML}
	for _, v := range sent {
		message.Records = append(message.Records, v.XML)
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
	for _, v := range sent {
		if err := s.takeAnswer(ctx, desk, v, answer.Records, manifest); err != nil {
			return err
		}
	}
	err = s.DB.As(ctx, ofSchool(st.SchoolID), func(tx *db.Tx) error {
		_, err := tx.KeepReceipt(ctx, st.ID, 0, manifest.receipt, manifest.xml)
		return err
	})
	if err != nil {
		return err
	}
	return s.SyncEvents(ctx, st.SchoolID)
}

// takeAnswer stores the receipt of one version and moves its record on, in one
// transaction. Without a receipt of its own the manifest's tells why.
func (s Submission) takeAnswer(ctx context.Context, desk receiptDesk, v db.SentVersion, receipts [][]byte, manifest answered) error {
	own, err := desk.find(receipts, v.SHA256)
	if err != nil {
		return err
	}
	return s.DB.As(ctx, ofSchool(desk.statement.SchoolID), func(tx *db.Tx) error {
		r, err := tx.Record(ctx, v.RecordID, true)
		if err != nil {
			return err
		}
		from := manifest
		if own.receipt != nil {
			fresh, err := tx.KeepReceipt(ctx, desk.statement.ID, v.VersionID, own.receipt, own.xml)
			if err != nil || !fresh {
				return err
			}
			from = own
		}
		by := record.By{Actor: tx.Actor, At: tx.Now}
		var change record.Change
		if own.receipt != nil && own.receipt.Result == bundle.Accepted {
			change, err = r.RecordAcceptance(by, v.Version, false, from.sha256)
		} else {
			change, err = r.RecordRefusal(by, v.Version, from.sha256)
		}
		if fault.Is(err, "record.stage") || fault.Is(err, "record.other_version") {
			return nil // the record has moved on since; the receipt is kept
		}
		if err != nil {
			return err
		}
		return tx.ApplyRecord(ctx, change)
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
	return receiptDesk{st, d.Statement.Department.Code, verify.Options{Trust: trust, Now: s.DB.Now()}}, nil
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

// SyncEvents applies what the registry tells about a school's versions and the
// school does not know yet: above all locks by the Sở or by date. Each event
// is applied once, with the mark that it was, in one transaction. It stops
// before an acceptance whose receipt has not come in; Resume fetches that.
func (s Submission) SyncEvents(ctx context.Context, schoolID int64) error {
	unit, err := s.DB.Unit(ctx, schoolID)
	if err != nil {
		return err
	}
	for {
		var since int64
		err := s.DB.As(ctx, ofSchool(schoolID), func(tx *db.Tx) error {
			since, err = tx.RegistryCursor(ctx)
			return err
		})
		if err != nil {
			return err
		}
		events, err := s.Registry.Events(ctx, unit.Code, since)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			wait, err := s.applyEvent(ctx, schoolID, e)
			if err != nil || wait {
				return err
			}
		}
	}
}

func (s Submission) applyEvent(ctx context.Context, schoolID int64, e registry.Event) (wait bool, err error) {
	err = s.DB.As(ctx, ofSchool(schoolID), func(tx *db.Tx) error {
		last, err := tx.RegistryCursor(ctx)
		if err != nil || last >= e.ID {
			return err
		}
		id, err := tx.RecordByUUID(ctx, e.Record)
		if fault.Is(err, "record.unknown") { // sent by other software, before this one
			return tx.MoveRegistryCursor(ctx, e.ID)
		}
		if err != nil {
			return err
		}
		r, err := tx.Record(ctx, id, true)
		if err != nil {
			return err
		}
		standing := standingOf(r, e.Version)
		switch {
		case e.Kind == registry.EventAccepted && standing == record.StandSubmitted:
			wait = true
			return nil
		case e.Kind == registry.EventLocked && (standing == record.StandAccepted || standing == record.StandReplacing):
			if err := applyLock(ctx, tx, r, e); err != nil {
				return err
			}
		}
		return tx.MoveRegistryCursor(ctx, e.ID)
	})
	return wait, err
}

func applyLock(ctx context.Context, tx *db.Tx, r *record.Record, e registry.Event) error {
	change, err := r.RecordLock(record.By{Actor: tx.Actor, At: tx.Now}, e.Version, string(e.By)+" "+e.At.In(school.Zone).Format(time.RFC3339))
	if err != nil {
		return err
	}
	return tx.ApplyRecord(ctx, change)
}

func standingOf(r *record.Record, version int) record.Standing {
	for _, v := range r.Versions {
		if v.Number == version {
			return v.Standing
		}
	}
	return ""
}
