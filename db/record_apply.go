package db

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"hocba/internal/audit"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
)

// ApplyRecord writes a Change: the only writer of a record's life cycle. The
// record must still have the revision the Change was decided on, else Conflict
// record.changed. The audit event stands in the same transaction.
func (t *Tx) ApplyRecord(ctx context.Context, c record.Change) error {
	if err := c.Check(); err != nil {
		return err
	}
	moved, err := t.execRows(ctx, "move a record on", `UPDATE school.record SET stage = $3, revision = revision + 1, changed_at = $4
		WHERE id = $1 AND revision = $2`, c.RecordID(), c.PreviousRevision(), c.Stage(), c.At())
	if err != nil {
		return err
	}
	if moved != 1 {
		return fault.New(fault.Conflict, "record.changed")
	}
	a := recordApplier{tx: t, c: c}
	for _, step := range []func(context.Context) error{a.signatures, a.voids, a.returns, a.versions, a.events, a.revocations} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := t.MarkRecordDirty(ctx, c.RecordID()); err != nil {
		return err
	}
	return t.Audit(ctx, c.Audit())
}

// MarkRecordDirty asks for the counts of the record's class to be made anew.
func (t *Tx) MarkRecordDirty(ctx context.Context, recordID int64) error {
	return t.exec(ctx, "mark a class dirty", `INSERT INTO school.class_dirty (class_id, school_id, since)
		SELECT class_id, school_id, $2 FROM school.record WHERE id = $1
		ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since`, recordID, t.Now)
}

// Audit writes an event of the audit trail.
func (t *Tx) Audit(ctx context.Context, e audit.Event) error {
	detail, err := json.Marshal(e.Detail())
	if err != nil {
		return translate(err, "write an audit event's details")
	}
	who := e.Who()
	return t.exec(ctx, "write an audit event", `INSERT INTO core.audit_event (at, unit_id, account_id, role, act, object, request_id, detail)
		VALUES ($1, nullif($2, 0), nullif($3, 0), $4, $5, $6, $7, $8)`, e.At(), who.UnitID, who.AccountID, who.Role, e.Act(),
		e.Object(), who.RequestID, string(detail))
}

type recordApplier struct {
	tx *Tx
	c  record.Change
}

func (a recordApplier) signatures(ctx context.Context) error {
	for _, s := range a.c.Signatures() {
		var id int64
		err := a.tx.get(ctx, "add a signature", &id, `INSERT INTO school.record_signature (school_id, record_id, slot, generation, number,
			  phien_ban, signer_code, signer_name, account_id, certificate, content_hash, content, signature, signed_at, opened)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id`, a.c.SchoolID(), a.c.RecordID(),
			s.Slot, s.Generation, s.Number, s.Version, s.Signer.Code, s.Signer.Name, s.AccountID, s.Certificate, s.Hash,
			s.Content, s.Bytes, s.At, s.Opened)
		if fault.Is(err, "db.duplicate") {
			return fault.Wrap(err, fault.Conflict, "record.already_signed")
		}
		if err != nil {
			return err
		}
		err = a.tx.exec(ctx, "note what a signature covers", `INSERT INTO school.record_signature_part (signature_id, school_id, part)
			SELECT $1, $2, unnest(string_to_array($3, ' '))`, id, a.c.SchoolID(), strings.Join(coveredParts(s), " "))
		if err == nil && s.Slot != record.SealSlot {
			err = a.tx.dueStamp(ctx, id, a.c.SchoolID())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// coveredParts names the elements a signature covers, for those who ask which
// cells are closed.
func coveredParts(s record.Signature) []string {
	switch s.Slot.Role() {
	case bundle.SubjectTeacher:
		var parts []string
		for _, subject := range school.Subjects {
			id := bundle.SubjectID(subject)
			if strings.Contains(string(s.Content), ` Id="`+id+`"`) {
				parts = append(parts, id)
			}
		}
		return parts
	case bundle.Homeroom:
		return []string{bundle.ContentID}
	}
	return []string{"data"}
}

func (a recordApplier) voids(ctx context.Context) error {
	for _, v := range a.c.Voids() {
		err := a.tx.exec(ctx, "void a signature", `INSERT INTO school.record_void (signature_id, school_id, record_id, cause, account_id, at)
			VALUES ($1, $2, $3, $4, nullif($5, 0), $6)`, v.SignatureID, a.c.SchoolID(), a.c.RecordID(), v.Cause, v.AccountID, v.At)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a recordApplier) returns(ctx context.Context) error {
	for _, r := range a.c.Returns() {
		var id int64
		err := a.tx.get(ctx, "add a return", &id, `INSERT INTO school.record_return (school_id, record_id, reason, account_id, role, at)
			VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`, a.c.SchoolID(), a.c.RecordID(), r.Reason, r.AccountID, r.Role, r.At)
		if err != nil {
			return err
		}
		err = a.tx.exec(ctx, "address a return", `INSERT INTO school.record_return_part (return_id, school_id, part)
			SELECT $1, $2, unnest(string_to_array($3, ' '))`, id, a.c.SchoolID(), strings.Join(r.Parts, " "))
		if err != nil {
			return err
		}
	}
	for _, n := range a.c.Answers() {
		err := a.tx.exec(ctx, "answer a return", `INSERT INTO school.record_return_answer (return_id, school_id, part, kind, note, account_id, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, n.ReturnID, a.c.SchoolID(), n.Part, n.Kind, n.Note, n.AccountID, n.At)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a recordApplier) versions(ctx context.Context) error {
	for _, v := range a.c.Versions() {
		sum, err := hex.DecodeString(v.SHA256)
		if err != nil {
			return fault.Wrap(err, fault.Internal, "record.state", "what", "hash")
		}
		var id int64
		err = a.tx.get(ctx, "add a version", &id, `INSERT INTO school.version (school_id, record_id, phien_ban, track, sha256, look_up_code, issued_by, issued_at)
			SELECT $1, $2, $3, coalesce((SELECT w.track FROM school.record r JOIN school.review w ON w.school_year = r.school_year
			    AND w.enrolment_id = r.enrolment_id WHERE r.id = $2), 1), $4, $5, $6, $7 RETURNING id`, a.c.SchoolID(), a.c.RecordID(), v.Number, sum,
			string(v.Code), a.tx.Actor.AccountID, v.IssuedAt)
		if fault.Is(err, "db.duplicate") {
			return fault.Wrap(err, fault.Conflict, "record.issued_already")
		}
		if err != nil {
			return err
		}
		err = a.tx.exec(ctx, "keep a version's bytes", `INSERT INTO school.version_content (version_id, school_id, xml) VALUES ($1, $2, $3)`,
			id, a.c.SchoolID(), v.Bytes)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a recordApplier) events(ctx context.Context) error {
	for _, e := range a.c.Events() {
		err := a.tx.exec(ctx, "add an event of a version", `INSERT INTO school.version_event (school_id, version_id, kind, account_id, reason, evidence, at)
			SELECT $1, v.id, $4, nullif($5, 0), $6, $7, $8 FROM school.version v WHERE v.record_id = $2 AND v.phien_ban = $3`,
			a.c.SchoolID(), a.c.RecordID(), e.Version, e.Kind, e.AccountID, e.Reason, e.Evidence, e.At)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a recordApplier) revocations(ctx context.Context) error {
	for _, q := range a.c.Revocations() {
		err := a.tx.exec(ctx, "ask for a revocation", `INSERT INTO school.revocation (school_id, version_id, reason, evidence, account_id, at)
			SELECT $1, v.id, $4, $5, $6, $7 FROM school.version v WHERE v.record_id = $2 AND v.phien_ban = $3`,
			a.c.SchoolID(), a.c.RecordID(), q.Version, q.Reason, q.Evidence, q.AccountID, q.At)
		if err != nil {
			return err
		}
	}
	for _, d := range a.c.Decisions() {
		err := a.tx.exec(ctx, "decide a revocation", `INSERT INTO school.revocation_decision (revocation_id, school_id, decision, note, account_id, at)
			VALUES ($1, $2, $3, $4, nullif($5, 0), $6)`, d.ID, a.c.SchoolID(), d.Decision, d.Note, a.tx.Actor.AccountID, d.Decided)
		if err != nil {
			return err
		}
	}
	return nil
}

// IntentID numbers a kept intent.
type IntentID = uuid.UUID

// KeepIntent stores what waits for a signature's value, for use once.
func (t *Tx) KeepIntent(ctx context.Context, recordID int64, revision int64, in *record.Intent) (IntentID, error) {
	if err := t.SoundClock(ctx); err != nil {
		return IntentID{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return id, translate(err, "number an intent")
	}
	state, err := json.Marshal(in)
	if err != nil {
		return id, translate(err, "write an intent")
	}
	return id, t.exec(ctx, "keep an intent", `INSERT INTO school.signing_intent (id, school_id, record_id, revision, slot, account_id, state, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, t.Actor.SchoolID, recordID, revision, in.Slot(), t.Actor.AccountID, state, in.ExpiresAt())
}

// UseIntent takes an intent of the acting person out of store, once; a used or
// unknown one is a Conflict, record.intent_used.
func (t *Tx) UseIntent(ctx context.Context, id IntentID) (recordID int64, in *record.Intent, err error) {
	if err := t.SoundClock(ctx); err != nil {
		return 0, nil, err
	}
	var row struct {
		RecordID int64     `db:"record_id"`
		State    []byte    `db:"state"`
		Expires  time.Time `db:"expires_at"`
	}
	err = t.get(ctx, "record.intent_used", &row, `UPDATE school.signing_intent SET used_at = $3
		WHERE id = $1 AND account_id = $2 AND used_at IS NULL RETURNING record_id, state, expires_at`, id, t.Actor.AccountID, t.Now)
	if fault.Is(err, "record.intent_used") {
		return 0, nil, fault.New(fault.Conflict, "record.intent_used")
	}
	if err != nil {
		return 0, nil, err
	}
	in = &record.Intent{}
	if err := json.Unmarshal(row.State, in); err != nil {
		return 0, nil, translate(err, "read an intent")
	}
	return row.RecordID, in, nil
}

// WaitingIntent returns an intent of the acting person that was not used yet,
// and leaves it: what must be asked elsewhere before it is used is asked first.
func (t *Tx) WaitingIntent(ctx context.Context, id IntentID) (recordID int64, in *record.Intent, err error) {
	var row struct {
		RecordID int64  `db:"record_id"`
		State    []byte `db:"state"`
	}
	err = t.get(ctx, "record.intent_used", &row, `SELECT record_id, state FROM school.signing_intent
		WHERE id = $1 AND account_id = $2 AND used_at IS NULL`, id, t.Actor.AccountID)
	if err != nil {
		return 0, nil, err
	}
	in = &record.Intent{}
	return row.RecordID, in, translate(json.Unmarshal(row.State, in), "read an intent")
}

// Delegated reports whether a deputy signs for the principal today: the Sở
// allows it, and a decision of the principal says so for these dates.
func (t *Tx) Delegated(ctx context.Context, accountID int64) (bool, error) {
	var ok bool
	policy, err := t.SignaturePolicy(ctx)
	if err != nil || policy.HeadOnly {
		return false, err
	}
	err = t.get(ctx, "look a delegation up", &ok, `SELECT EXISTS (SELECT 1 FROM school.delegation WHERE school_id = $1 AND account_id = $2
		AND from_date <= $3 AND to_date >= $3)`, t.Actor.SchoolID, accountID, school.DateOf(t.Now))
	return ok, err
}

// Opened notes that the acting person has looked at a record as it is now.
func (t *Tx) Opened(ctx context.Context, recordID, revision int64) error {
	return t.exec(ctx, "note an opening", `INSERT INTO school.record_opening (record_id, school_id, revision, account_id, at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, recordID, t.Actor.SchoolID, revision, t.Actor.AccountID, t.Now)
}

// OpenedAsItIs is Opened for whoever shows the record without asking for its
// revision; of a record out of reach it notes nothing.
func (t *Tx) OpenedAsItIs(ctx context.Context, recordID int64) error {
	return t.exec(ctx, "note an opening", `INSERT INTO school.record_opening (record_id, school_id, revision, account_id, at)
		SELECT id, $2, revision, $3, $4 FROM school.record WHERE id = $1 ON CONFLICT DO NOTHING`, recordID, t.Actor.SchoolID, t.Actor.AccountID, t.Now)
}

// OpenedByMe reports whether the acting person looked at this revision.
func (t *Tx) OpenedByMe(ctx context.Context, recordID, revision int64) (bool, error) {
	var ok bool
	err := t.get(ctx, "look an opening up", &ok, `SELECT EXISTS (SELECT 1 FROM school.record_opening
		WHERE record_id = $1 AND revision = $2 AND account_id = $3)`, recordID, revision, t.Actor.AccountID)
	return ok, err
}
