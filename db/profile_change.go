package db

import (
	"context"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ProfileChange is one line of a file's history, with what became of it.
type ProfileChange struct {
	ID        int64         `db:"id"`
	PupilID   int64         `db:"pupil_id"`
	Field     profile.Field `db:"field"`
	Old       string        `db:"old_value"`
	New       string        `db:"new_value"`
	Second    bool          `db:"second"`
	Kind      profile.Kind  `db:"kind"`
	From      school.Date   `db:"from_date"`
	Paper     profile.Paper `db:"paper"`
	Note      string        `db:"note"`
	AccountID int64         `db:"account_id"` // 0: a command of the program
	By        string        `db:"by_name"`
	At        time.Time     `db:"at"`
	Decision  string        `db:"decision"` // "", confirmed, refused, withdrawn
	Reason    string        `db:"reason"`
	DecidedBy string        `db:"decided_by"`
	DecidedAt *time.Time    `db:"decided_at"`
	// Of a line of the queue.
	Pupil     string      `db:"pupil"`
	Birth     school.Date `db:"birth_date"`
	ClassID   int64       `db:"class_id"`
	ClassName string      `db:"class_name"`
}

// Waiting reports whether the change waits for a second person.
func (c ProfileChange) Waiting() bool { return c.Second && c.Decision == "" }

// Took returns when the change took effect; ok is false when it did not.
func (c ProfileChange) Took() (at time.Time, ok bool) {
	switch {
	case !c.Second:
		return c.At, true
	case c.Decision == "confirmed":
		return *c.DecidedAt, true
	}
	return time.Time{}, false
}

const changeColumns = `c.id, c.pupil_id, c.field, c.old_value, c.new_value, c.second, c.kind, c.from_date, c.paper, c.note,
	coalesce(c.account_id, 0) AS account_id, coalesce(a.full_name, '') AS by_name, c.at, coalesce(d.decision, '') AS decision,
	coalesce(d.reason, '') AS reason, coalesce(o.full_name, '') AS decided_by, d.at AS decided_at`

const changeTables = `school.pupil_change c LEFT JOIN core.account a ON a.id = c.account_id
	LEFT JOIN school.pupil_change_decision d ON d.change_id = c.id LEFT JOIN core.account o ON o.id = d.account_id`

// ProfileHistory lists every change of a pupil's file, the newest first.
func (t *Tx) ProfileHistory(ctx context.Context, pupilID int64) ([]ProfileChange, error) {
	var out []ProfileChange
	err := t.list(ctx, "read a file's history", &out, `SELECT `+changeColumns+` FROM `+changeTables+`
		WHERE c.pupil_id = $1 ORDER BY c.id DESC`, pupilID)
	return out, err
}

// changeSeat joins the class in which a pupil sits, the newest first.
const changeSeat = ` JOIN school.pupil p ON p.id = c.pupil_id LEFT JOIN LATERAL (SELECT k.id, k.name FROM school.enrolment e
	JOIN school.class k ON k.id = e.class_id WHERE e.pupil_id = p.id AND e.from_date <= $2
	  AND (e.to_date IS NULL OR e.to_date >= e.from_date) ORDER BY e.from_date DESC, e.id DESC LIMIT 1) k ON true`

// WaitingChanges lists what waits for a second person in the school, the
// oldest first, at most limit; total counts all.
func (t *Tx) WaitingChanges(ctx context.Context, limit int) (list []ProfileChange, total int, err error) {
	const waits = ` WHERE c.school_id = $1 AND c.second AND d.change_id IS NULL`
	err = t.list(ctx, "list changes that wait", &list, `SELECT `+changeColumns+`, p.full_name AS pupil, p.birth_date,
		  coalesce(k.id, 0) AS class_id, coalesce(k.name, '') AS class_name FROM `+changeTables+changeSeat+waits+` ORDER BY c.id LIMIT $3`,
		t.Actor.SchoolID, school.DateOf(t.Now), limit)
	if err != nil {
		return nil, 0, err
	}
	err = t.get(ctx, "profile.change_unknown", &total, `SELECT count(*) FROM school.pupil_change c
		LEFT JOIN school.pupil_change_decision d ON d.change_id = c.id`+waits, t.Actor.SchoolID)
	return list, total, err
}

// CountWaitingChanges counts what the actor may decide: others' proposals.
func (t *Tx) CountWaitingChanges(ctx context.Context) (n int, err error) {
	err = t.get(ctx, "profile.change_unknown", &n, `SELECT count(*) FROM school.pupil_change c WHERE c.school_id = $1 AND c.second
		AND c.account_id IS DISTINCT FROM $2 AND NOT EXISTS (SELECT 1 FROM school.pupil_change_decision d WHERE d.change_id = c.id)`,
		t.Actor.SchoolID, t.Actor.AccountID)
	return n, err
}

// ProposedChange returns a change with its pupil; NotFound, profile.change_unknown.
func (t *Tx) ProposedChange(ctx context.Context, id int64) (ProfileChange, error) {
	var c ProfileChange
	err := t.get(ctx, "profile.change_unknown", &c, `SELECT `+changeColumns+`, p.full_name AS pupil, p.birth_date,
		  coalesce(k.id, 0) AS class_id, coalesce(k.name, '') AS class_name FROM `+changeTables+changeSeat+`
		WHERE c.school_id = $1 AND c.id = $3 AND c.second`, t.Actor.SchoolID, school.DateOf(t.Now), id)
	return c, err
}

// waitingFields lists the fields of pupils whose change waits.
func (t *Tx) waitingFields(ctx context.Context, pupils []int64) (map[int64][]profile.Field, error) {
	var rows []struct {
		PupilID int64         `db:"pupil_id"`
		Field   profile.Field `db:"field"`
	}
	err := t.list(ctx, "find changes that wait", &rows, `SELECT c.pupil_id, c.field FROM school.pupil_change c WHERE c.pupil_id = ANY($1)
		AND c.second AND NOT EXISTS (SELECT 1 FROM school.pupil_change_decision d WHERE d.change_id = c.id)`, pq.Array(pupils))
	out := map[int64][]profile.Field{}
	for _, r := range rows {
		out[r.PupilID] = append(out[r.PupilID], r.Field)
	}
	return out, err
}

// ProfileEdit is a form of a pupil's file. The form's Waiting and Today are
// filled here.
type ProfileEdit struct {
	Year school.Year
	ProfileKey
	Form  profile.Form
	Check *bool // the tick of the round; nil: not asked
}

// ProfileResult is what became of a form.
type ProfileResult struct {
	profile.Refusal
	By       map[profile.Field]string // who wrote a stale field, and when
	At       map[profile.Field]time.Time
	Written  int // fields written at once
	Proposed int // fields that wait for a second person
	Voided   int // signatures that ended
}

// SaveProfile takes a form: what it changes is written or proposed, with its
// rows of history, and signed records that are not issued lose the signatures
// that cover it. Nothing is written when anything is refused. It fails with
// class.unknown or pupil.unknown (NotFound) for who does not keep the file.
func (t *Tx) SaveProfile(ctx context.Context, e ProfileEdit) (ProfileResult, error) {
	var out ProfileResult
	p, err := t.keptProfile(ctx, e.Year, e.ClassID, e.PupilID)
	if err != nil {
		return out, err
	}
	waiting, err := t.waitingFields(ctx, []int64{p.ID})
	if err != nil {
		return out, err
	}
	e.Form.Waiting, e.Form.Today = waiting[p.ID], school.DateOf(t.Now)
	changes, reason, refusal := profile.Decide(p.File(), e.Form)
	if out.Refusal = refusal; refusal.Refused() {
		return out, t.tellWhoWrote(ctx, p.ID, &out)
	}
	if taken, err := t.numberTaken(ctx, p, changes); err != nil || taken {
		out.Controls = map[string]*fault.Error{string(profile.PersonalNo): fault.New(fault.Conflict, "pupil.personal_no_taken", "code", p.Code)}
		return out, err
	}
	if err := t.addChanges(ctx, p, changes, reason); err != nil {
		return out, err
	}
	var direct []profile.Change
	for _, c := range changes {
		if !c.Second {
			direct = append(direct, c)
		}
	}
	out.Written, out.Proposed = len(direct), len(changes)-len(direct)
	if out.Voided, err = t.writeFile(ctx, p, direct); err != nil || e.Check == nil {
		return out, err
	}
	return out, t.tick(ctx, e.Year, p.ID, CheckFile, Tick{Done: *e.Check, On: e.Form.Today})
}

// tellWhoWrote fills who wrote the stale fields.
func (t *Tx) tellWhoWrote(ctx context.Context, pupilID int64, out *ProfileResult) error {
	if !out.Stale() {
		return nil
	}
	history, err := t.ProfileHistory(ctx, pupilID)
	out.By, out.At = map[profile.Field]string{}, map[profile.Field]time.Time{}
	for _, c := range slices.Backward(history) {
		if at, took := c.Took(); took {
			out.By[c.Field], out.At[c.Field] = c.By, at
		}
	}
	return err
}

// numberTaken reports whether the changes give a personal number that another
// pupil of the school has.
func (t *Tx) numberTaken(ctx context.Context, p Pupil, changes []profile.Change) (taken bool, err error) {
	for _, c := range changes {
		if c.Field == profile.PersonalNo && c.New != "" {
			err = t.get(ctx, "pupil.unknown", &taken, `SELECT EXISTS (SELECT 1 FROM school.pupil
				WHERE school_id = $1 AND personal_no = $2 AND id <> $3)`, t.Actor.SchoolID, c.New, p.ID)
		}
	}
	return taken, err
}

// addChanges adds the rows of history, and one line to the audit trail that
// counts them.
func (t *Tx) addChanges(ctx context.Context, p Pupil, changes []profile.Change, r profile.Reason) error {
	for _, c := range changes {
		err := t.exec(ctx, "add to a file's history", `INSERT INTO school.pupil_change (school_id, pupil_id, field, old_value, new_value,
			  second, kind, from_date, paper, note, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11::bigint, 0), $12)`,
			t.Actor.SchoolID, p.ID, c.Field, c.Old, c.New, c.Second, r.Kind, r.From, r.Paper, r.Note, t.Actor.AccountID, t.Now)
		if err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return t.note(ctx, "pupil_change", pupilObject(p.ID), "fields", strconv.Itoa(len(changes)), "kind", string(r.Kind))
}

// writeFile writes changes into the file and lets the records follow.
func (t *Tx) writeFile(ctx context.Context, p Pupil, changes []profile.Change) (voided int, err error) {
	if len(changes) == 0 {
		return 0, nil
	}
	says := slices.ContainsFunc(changes, func(c profile.Change) bool { return c.Field.InRecord() })
	var records pupilRecords
	if says {
		if records, err = t.holdRecords(ctx, []int64{p.ID}); err != nil {
			return 0, err
		}
	}
	for _, c := range changes {
		p.put(c.Field, c.New)
	}
	if err := t.updatePupil(ctx, p); err != nil || !says {
		return 0, err
	}
	return records.follow(ctx, []int64{p.ID}, personal)
}

// DecideChange confirms a proposed change or refuses it with a reason: the
// principal or the administrator, another person than who proposed it. It
// fails with profile.change_unknown (NotFound), profile.same_person
// (Forbidden), profile.decided, profile.overtaken, pupil.personal_no_taken
// (Conflict), profile.reason or profile.too_long (Invalid).
func (t *Tx) DecideChange(ctx context.Context, id int64, confirm bool, reason string) (voided int, err error) {
	if !workflow.Can(t.Actor.Role, workflow.PermProfileConfirm) {
		return 0, fault.New(fault.NotFound, "profile.change_unknown")
	}
	c, p, err := t.openChange(ctx, id)
	if err != nil {
		return 0, err
	}
	reason = school.Clean(reason)
	switch {
	case c.AccountID == t.Actor.AccountID:
		return 0, fault.New(fault.Forbidden, "profile.same_person")
	case !confirm && reason == "":
		return 0, fault.New(fault.Invalid, "profile.reason")
	case utf8.RuneCountInString(reason) > 300:
		return 0, fault.New(fault.Invalid, "profile.too_long", "max", "300")
	case !confirm:
		return 0, t.endChange(ctx, c, "refused", reason)
	case p.File()[c.Field] != c.Old:
		return 0, fault.New(fault.Conflict, "profile.overtaken")
	}
	change := profile.Change{Field: c.Field, Old: c.Old, New: c.New}
	taken, err := t.numberTaken(ctx, p, []profile.Change{change})
	if err == nil && taken {
		err = fault.New(fault.Conflict, "pupil.personal_no_taken", "code", p.Code)
	}
	if err != nil {
		return 0, err
	}
	if err := t.endChange(ctx, c, "confirmed", ""); err != nil {
		return 0, err
	}
	return t.writeFile(ctx, p, []profile.Change{change})
}

// WithdrawChange takes back a proposal of the actor's own.
func (t *Tx) WithdrawChange(ctx context.Context, id int64) error {
	c, _, err := t.openChange(ctx, id)
	switch {
	case err != nil:
		return err
	case c.AccountID != t.Actor.AccountID:
		return fault.New(fault.NotFound, "profile.change_unknown")
	}
	return t.endChange(ctx, c, "withdrawn", "")
}

// openChange reads a proposal that nobody has decided and locks its pupil.
func (t *Tx) openChange(ctx context.Context, id int64) (c ProfileChange, p Pupil, err error) {
	if c, err = t.ProposedChange(ctx, id); err != nil {
		return c, p, err
	}
	err = t.get(ctx, "profile.change_unknown", &p, `SELECT `+pupilColumns+` FROM school.pupil p WHERE p.id = $1 FOR NO KEY UPDATE OF p`, c.PupilID)
	if err != nil {
		return c, p, err
	}
	if c, err = t.ProposedChange(ctx, id); err == nil && c.Decision != "" { // as it is under the lock
		err = fault.New(fault.Conflict, "profile.decided", "by", c.DecidedBy)
	}
	return c, p, err
}

func (t *Tx) endChange(ctx context.Context, c ProfileChange, decision, reason string) error {
	err := t.exec(ctx, "decide a change", `INSERT INTO school.pupil_change_decision (change_id, school_id, decision, reason, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6)`, c.ID, t.Actor.SchoolID, decision, reason, t.Actor.AccountID, t.Now)
	if err != nil {
		return err
	}
	return t.note(ctx, "pupil_change_"+decision, pupilObject(c.PupilID), "field", string(c.Field))
}

func pupilObject(id int64) string { return "pupil:" + strconv.FormatInt(id, 10) }
