package db

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ApprovalClass is a class in the principal's queue, counted over its roll.
type ApprovalClass struct {
	ID       int64           `db:"id"`
	Name     string          `db:"name"`
	BookKind school.BookKind `db:"book_kind"`
	Homeroom string          `db:"homeroom"`
	OnRoll   int             `db:"on_roll"`
	Before   int             `db:"before"`   // not signed by the homeroom teacher
	Returned int             `db:"returned"` // waits for an answer to a return
	Waiting  int             `db:"waiting"`  // can be approved
	Approved int             `db:"approved"` // not issued
	Issued   int             `db:"issued"`   // or further
}

const approvalClassSelect = `SELECT c.id, c.name, c.book_kind, coalesce(a.full_name, '') AS homeroom, count(e.id) AS on_roll,
	  count(r.id) FILTER (WHERE r.stage IN ('drafting', 'part_signed')) AS before,
	  count(r.id) FILTER (WHERE r.stage = 'returned') AS returned,
	  count(r.id) FILTER (WHERE r.stage = 'homeroom_signed') AS waiting,
	  count(r.id) FILTER (WHERE r.stage = 'approved') AS approved,
	  count(r.id) FILTER (WHERE r.stage IN ('issued', 'submitted', 'refused', 'accepted', 'locked')) AS issued
	FROM school.class c
	LEFT JOIN school.enrolment e ON e.class_id = c.id AND e.from_date <= $1 AND (e.to_date IS NULL OR e.to_date >= $1)
	LEFT JOIN school.record r ON r.class_id = c.id AND r.enrolment_id = e.id
	LEFT JOIN LATERAL (SELECT h.account_id FROM school.homeroom_assignment h WHERE h.class_id = c.id AND h.from_date <= $1
	  AND (h.to_date IS NULL OR h.to_date >= $1) ORDER BY h.from_date DESC, h.id DESC LIMIT 1) h ON true
	LEFT JOIN core.account a ON a.id = h.account_id `

// ApprovalQueue counts the classes of the actor's school in a year, by grade
// and name.
func (t *Tx) ApprovalQueue(ctx context.Context, year school.Year) ([]ApprovalClass, error) {
	var out []ApprovalClass
	err := t.list(ctx, "count the approval queue", &out, approvalClassSelect+`WHERE c.school_year = $2 AND c.school_id = $3
		GROUP BY c.id, a.full_name ORDER BY c.grades[1], c.name COLLATE core.vietnamese`,
		school.DateOf(t.Now), year, t.Actor.SchoolID)
	return out, err
}

// ApprovalClass counts one class; NotFound, class.unknown, outside the school.
func (t *Tx) ApprovalClass(ctx context.Context, year school.Year, classID int64) (ApprovalClass, error) {
	var c ApprovalClass
	err := t.get(ctx, "class.unknown", &c, approvalClassSelect+`WHERE c.school_year = $2 AND c.id = $3 GROUP BY c.id, a.full_name`,
		school.DateOf(t.Now), year, classID)
	return c, err
}

// Blocker is a teacher whose signature the records of a class wait for.
type Blocker struct {
	ClassID  int64          `db:"class_id"`
	Account  int64          `db:"account_id"`
	Teacher  string         `db:"teacher"`
	Records  int            `db:"records"`
	Subjects pq.StringArray `db:"subjects"`
}

// ApprovalBlockers tells for each class of the year whose parts are not signed
// in records that did not reach the homeroom teacher's signature. The rows with
// Account 0 say in how many records of the class any part is missing: the rest
// of ApprovalClass.Before waits for the homeroom teacher. Where subject
// teachers do not sign, nobody blocks.
func (t *Tx) ApprovalBlockers(ctx context.Context, year school.Year) ([]Blocker, error) {
	place, err := t.recordPlace(ctx, t.Actor.SchoolID)
	if err != nil || !place.teachersSign {
		return nil, err
	}
	var out []Blocker
	err = t.list(ctx, "find who has not signed", &out, `WITH missing AS (
		  SELECT r.id, r.class_id, s.account_id, s.subject
		  FROM school.record r JOIN school.class c ON c.id = r.class_id
		  JOIN school.enrolment e ON e.id = r.enrolment_id AND (e.to_date IS NULL OR e.to_date >= $1)
		  JOIN school.teaching_assignment s ON s.class_id = r.class_id AND s.from_date <= $1 AND (s.to_date IS NULL OR s.to_date >= $1)
		  WHERE r.school_year = $2 AND r.school_id = $3 AND r.stage IN ('drafting', 'part_signed')
		    AND (e.grade || ':' || c.kind || ':' || s.subject = ANY($4) OR EXISTS (SELECT 1 FROM school.entry n WHERE n.school_year = r.school_year
		      AND n.enrolment_id = r.enrolment_id AND n.period = 'cn' AND n.item = s.subject))
		    AND NOT EXISTS (SELECT 1 FROM school.record_signature g
		      JOIN school.record_signature_part p ON p.signature_id = g.id AND p.part = 'mon-' || s.subject
		      WHERE g.record_id = r.id AND g.slot LIKE 'gvbm-%'
		        AND NOT EXISTS (SELECT 1 FROM school.record_void v WHERE v.signature_id = g.id)))
		SELECT m.class_id, coalesce(a.id, 0) AS account_id, coalesce(a.full_name, '') AS teacher,
		  count(DISTINCT m.id) AS records, array_agg(DISTINCT m.subject) AS subjects
		FROM missing m JOIN core.account a ON a.id = m.account_id
		GROUP BY GROUPING SETS ((m.class_id, a.id, a.full_name), (m.class_id))
		ORDER BY m.class_id, records DESC, teacher`,
		school.DateOf(t.Now), year, t.Actor.SchoolID, pq.Array(requiredSubjects(year)))
	for _, b := range out {
		slices.SortFunc(b.Subjects, func(x, y string) int { return school.Subject(x).Index() - school.Subject(y).Index() })
	}
	return out, err
}

// requiredSubjects lists "grade:kind:subject" of what every pupil of a grade
// takes in a kind of class.
func requiredSubjects(year school.Year) []string {
	n := periodNeeds(year, school.YearEnd)
	var out []string
	for i, programme := range n.programmes {
		if n.required[i] && n.parts[i] != "" {
			out = append(out, programme+":"+n.items[i])
		}
	}
	return out
}

// ApprovalRow is a pupil of a class in the queue. Flags are looked up while the
// record waits for approval, else they are empty.
type ApprovalRow struct {
	Number    int            // in the roll
	RecordID  int64          `db:"record_id"`
	Name      string         `db:"full_name"`
	Stage     workflow.Stage `db:"stage"`
	Revision  int64          `db:"revision"`
	ChangedAt time.Time      `db:"changed_at"`
	Flags     ApprovalFlags
}

// ApprovalRows lists the pupils on a class's roll in the order of lists.
func (t *Tx) ApprovalRows(ctx context.Context, classID int64) ([]ApprovalRow, error) {
	var out []ApprovalRow
	err := t.list(ctx, "list a class for approval", &out, `SELECT r.id AS record_id, p.full_name, r.stage, r.revision, r.changed_at
		FROM school.record r JOIN school.enrolment e ON e.id = r.enrolment_id JOIN school.pupil p ON p.id = r.pupil_id
		WHERE r.class_id = $1 AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= $2)
		ORDER BY p.given_name, p.rest_name, p.code`, classID, school.DateOf(t.Now))
	if err != nil {
		return nil, err
	}
	var waiting []int64
	for _, r := range out {
		if r.Stage == workflow.HomeroomSigned {
			waiting = append(waiting, r.RecordID)
		}
	}
	flags, err := t.ApprovalFlags(ctx, waiting)
	for i := range out {
		out[i].Number, out[i].Flags = i+1, flags[out[i].RecordID]
	}
	return out, err
}

// WaitingRecord is a record that waits for approval, with its class.
type WaitingRecord struct {
	ID        int64  `db:"id"`
	ClassID   int64  `db:"class_id"`
	ClassName string `db:"class_name"`
}

// WaitingRecords lists the records of the actor's school that wait for approval
// in a year, by class and in the order of lists: what the flags of the queue
// are counted over, and what one authorisation of several classes approves.
func (t *Tx) WaitingRecords(ctx context.Context, year school.Year) ([]WaitingRecord, error) {
	var out []WaitingRecord
	err := t.list(ctx, "list what waits for approval", &out, `SELECT r.id, r.class_id, c.name AS class_name FROM school.record r
		JOIN school.enrolment e ON e.id = r.enrolment_id JOIN school.class c ON c.id = r.class_id JOIN school.pupil p ON p.id = r.pupil_id
		WHERE r.school_year = $1 AND r.school_id = $2 AND r.stage = 'homeroom_signed' AND (e.to_date IS NULL OR e.to_date >= $3)
		ORDER BY c.grades[1], c.name COLLATE core.vietnamese, c.id, p.given_name, p.rest_name, p.code`,
		year, t.Actor.SchoolID, school.DateOf(t.Now))
	return out, err
}

// RecordSeat says where a record sits.
type RecordSeat struct {
	ClassID     int64       `db:"class_id"`
	EnrolmentID int64       `db:"enrolment_id"`
	PupilID     int64       `db:"pupil_id"`
	Year        school.Year `db:"school_year"`
}

// RecordSeat returns the class of a record; NotFound, record.unknown, outside
// the actor's school.
func (t *Tx) RecordSeat(ctx context.Context, recordID int64) (RecordSeat, error) {
	var s RecordSeat
	err := t.get(ctx, "record.unknown", &s, `SELECT class_id, enrolment_id, pupil_id, school_year FROM school.record WHERE id = $1`, recordID)
	return s, err
}

// VersionEvent is what happened to a version, with who did it.
type VersionEvent struct {
	Version int             `db:"phien_ban"`
	Kind    record.Standing `db:"kind"`
	By      string          `db:"full_name"` // "" for the registry's answers
	Reason  string          `db:"reason"`
	At      time.Time       `db:"at"`
}

// VersionEvents lists what happened to the versions of a record, oldest first.
func (t *Tx) VersionEvents(ctx context.Context, recordID int64) ([]VersionEvent, error) {
	var out []VersionEvent
	err := t.list(ctx, "list a record's events", &out, `SELECT v.phien_ban, e.kind, coalesce(a.full_name, '') AS full_name, e.reason, e.at
		FROM school.version v JOIN school.version_event e ON e.version_id = v.id LEFT JOIN core.account a ON a.id = e.account_id
		WHERE v.record_id = $1 ORDER BY e.id`, recordID)
	return out, err
}

// VersionXML returns the exact bytes of an issued version; NotFound,
// record.no_version, when there is none of that number.
func (t *Tx) VersionXML(ctx context.Context, recordID int64, number int) ([]byte, error) {
	var xml []byte
	err := t.get(ctx, "record.no_version", &xml, `SELECT c.xml FROM school.version v JOIN school.version_content c ON c.version_id = v.id
		WHERE v.record_id = $1 AND v.phien_ban = $2`, recordID, number)
	return xml, err
}

// AccountNames returns the full names of accounts, for signature maps.
func (t *Tx) AccountNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	var rows []struct {
		ID   int64  `db:"id"`
		Name string `db:"full_name"`
	}
	err := t.list(ctx, "name accounts", &rows, `SELECT id, full_name FROM core.account WHERE id = ANY($1)`, pq.Array(ids))
	out := make(map[int64]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}

// Delegation lets a deputy sign for the principal from a day to a day, both
// included.
type Delegation struct {
	ID         int64       `db:"id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `db:"full_name"`
	DecisionNo string      `db:"decision_no"`
	From       school.Date `db:"from_date"`
	To         school.Date `db:"to_date"`
	CreatedAt  time.Time   `db:"created_at"`
}

// Delegations lists what the school's principal has delegated, the newest first.
func (t *Tx) Delegations(ctx context.Context) ([]Delegation, error) {
	var out []Delegation
	err := t.list(ctx, "list delegations", &out, `SELECT d.id, d.account_id, a.full_name, d.decision_no, d.from_date, d.to_date, d.created_at
		FROM school.delegation d JOIN core.account a ON a.id = d.account_id WHERE d.school_id = $1 ORDER BY d.id DESC`, t.Actor.SchoolID)
	return out, err
}

// Deputies lists the accounts that are deputy of the actor's school today.
func (t *Tx) Deputies(ctx context.Context) ([]Account, error) {
	var out []Account
	err := t.list(ctx, "list deputies", &out, `SELECT a.id, a.username, a.full_name, a.teacher_code, a.password_hash, a.active
		FROM core.account_role r JOIN core.account a ON a.id = r.account_id
		WHERE r.unit_id = $1 AND r.role = 'deputy' AND r.valid_from <= $2 AND (r.valid_to IS NULL OR r.valid_to >= $2) AND a.active
		ORDER BY a.full_name`, t.Actor.SchoolID, school.DateOf(t.Now))
	return out, err
}

// CreateDelegation lets a deputy of the school sign for the principal. It fails
// with Invalid delegation.deputy, delegation.decision, delegation.dates.
func (t *Tx) CreateDelegation(ctx context.Context, d Delegation) error {
	deputies, err := t.Deputies(ctx)
	if err != nil {
		return err
	}
	known := false
	for _, a := range deputies {
		known = known || a.ID == d.AccountID
	}
	d.DecisionNo = school.CleanLine(d.DecisionNo)
	switch {
	case !known:
		return fault.New(fault.Invalid, "delegation.deputy")
	case d.DecisionNo == "" || len([]rune(d.DecisionNo)) > 100:
		return fault.New(fault.Invalid, "delegation.decision")
	case d.From.IsZero() || d.To.IsZero() || d.To.Before(d.From) || d.To.Before(school.DateOf(t.Now)):
		return fault.New(fault.Invalid, "delegation.dates")
	}
	return t.exec(ctx, "delegate", `INSERT INTO school.delegation (school_id, account_id, decision_no, from_date, to_date, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, t.Actor.SchoolID, d.AccountID, d.DecisionNo, d.From, d.To, t.Actor.AccountID, t.Now)
}
