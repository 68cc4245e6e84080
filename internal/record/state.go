package record

import (
	"time"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// State is a working record as it is stored, loaded in one piece. Slices are
// in the order in which their rows were added. Nothing here is changed by the
// package; New takes it as it is.
type State struct {
	ID       int64
	SchoolID int64 // the school that manages the record now
	Revision int64 // raised by every Change; guards against lost updates
	Stage    workflow.Stage

	// General identifies the record and its units, as they are called today.
	// Version, Replaces, Track and Approver are filled here, not by the caller.
	General bundle.General
	Pupil   bundle.Pupil
	Class   bundle.Class // with today's homeroom teacher
	History []bundle.Stay
	Parts   []Part // the subjects of the pupil's class, in the booklet's order
	Page    Page
	// Undecided counts the commendations on the page that wait for the
	// principal's decision; DecideFirst is the school's rule that the page is not
	// signed before.
	Undecided   int
	DecideFirst bool
	Flagged     bool // shown to the principal as something to open before approving
	Signatures  []Signature
	Voids       []Void
	Returns     []Return
	Versions    []Version
	Revocations []Revocation
}

// Part is one subject of the pupil, the part its teacher signs.
type Part struct {
	Subject school.Subject
	// Owner is who teaches the subject today, by dated assignment; zero: nobody.
	Owner bundle.Teacher
	// Taken says that the subject is optional and the pupil takes it, so that it
	// is asked for like any other.
	Taken bool
	// Entry is the year-end's values, with the summer's in their place.
	Entry evaluation.Entry
}

// Page is what the homeroom teacher writes: the year's content beside the
// subjects. Nil pointers are not yet written.
type Page struct {
	Traits       map[evaluation.Item]evaluation.Level
	Remarks      map[evaluation.Item]string // of the three groups
	Absences     *bundle.Absences
	HeightMM     int // 0: not measured
	WeightG      int
	Commended    []bundle.Commendation
	Completed    *bool
	Promoted     *bool
	Track        school.Track
	Reassessment *bundle.Summer
}

// Slot is the place of a signature in the working record: "gvbm-" and the
// teacher's code, or one of the three others. With the generation it is unique
// in a record.
type Slot string

// The slots beside those of the subject teachers.
const (
	HomeroomSlot Slot = "gvcn"
	ApprovalSlot Slot = "cbql"
	SealSlot     Slot = "phathanh"
)

const teacherSlots = "gvbm-"

// TeacherSlot returns the slot of a subject teacher.
func TeacherSlot(teacher string) Slot { return Slot(teacherSlots + teacher) }

// Role returns the capacity in which the slot is signed.
func (s Slot) Role() bundle.Role {
	switch s {
	case HomeroomSlot:
		return bundle.Homeroom
	case ApprovalSlot:
		return bundle.Approval
	case SealSlot:
		return bundle.Seal
	}
	return bundle.SubjectTeacher
}

// Signature is a signature that was made; its row never changes.
type Signature struct {
	ID         int64 // of the row; 0 in a Change
	Slot       Slot
	Generation int // from 1, per slot
	Number     int // STT of a subject teacher's slot, else 0
	Version    int // PHIEN_BAN of approval and seal, else 0
	// Signer is the teacher or principal as written into what was signed; of a
	// seal, the school.
	Signer bundle.Teacher
	// Content is the exact bytes covered: the subject parts one after another,
	// the year's content, the data, or data and issuance.
	Content     []byte
	Hash        string // SHA-256 of Content, hex
	Bytes       []byte // of ds:Signature
	Certificate string // SHA-256 of the leaf certificate, hex
	AccountID   int64
	At          time.Time
	// Opened tells of an approval whether its signer had opened the record as it
	// stood; nil of other signatures, and of approvals from before it was asked.
	Opened *bool
}

// Void ends a signature.
type Void struct {
	SignatureID int64
	Cause       Cause
	AccountID   int64
	At          time.Time
}

// Cause says why a signature ended.
type Cause string

// The causes.
const (
	Withdrawn      Cause = "withdrawn"       // by whoever signed
	ContentChanged Cause = "content_changed" // a covered cell was changed
	VersionEnded   Cause = "version_ended"   // reopened, recalled, to be replaced, revoked
)

// Return asks the owners of parts to look again; the parts are open until they
// answer, their signatures stand until a cell is changed.
type Return struct {
	ID        int64    // of the row; 0 in a Change
	Parts     []string // element Ids: mon-TOAN …, or thongtinhocba for the page
	Reason    string
	AccountID int64
	Role      workflow.Role
	At        time.Time
	Answers   []Answer
}

// Answer is a part owner's answer to a return.
type Answer struct {
	ReturnID  int64
	Part      string
	Kind      AnswerKind
	Note      string
	AccountID int64
	At        time.Time
}

// AnswerKind says how a return was answered.
type AnswerKind string

// The kinds of answer.
const (
	Kept    AnswerKind = "kept"    // "giữ nguyên", with a note
	Changed AnswerKind = "changed" // a cell of the part was changed
	Again   AnswerKind = "signed"  // the owner signed the part again
)

// Version is an issued version; its bytes are loaded only when they are needed.
type Version struct {
	Number   int
	SHA256   string // of the bytes, hex: the version's identity
	Code     bundle.Code
	IssuedAt time.Time
	Standing Standing
	Bytes    []byte // of a new version in a Change; else may be nil
}

// Standing is what became of a version, from its newest event.
type Standing string

// The standings; each is also the kind of the event that brings it.
const (
	StandIssued    Standing = "issued"
	StandWithdrawn Standing = "withdrawn" // reopened before acceptance
	StandSubmitted Standing = "submitted"
	StandRefused   Standing = "refused"
	StandAccepted  Standing = "accepted"
	StandReplacing Standing = "replacing" // in force, while the next is being made
	StandLocked    Standing = "locked"
	StandRecalled  Standing = "recalled"
	StandReplaced  Standing = "replaced"
	StandRevoked   Standing = "revoked"
)

// Received reports whether the registry accepted the version, whatever became
// of it since.
func (s Standing) Received() bool {
	switch s {
	case StandAccepted, StandReplacing, StandLocked, StandRecalled, StandReplaced, StandRevoked:
		return true
	}
	return false
}

// Event is what happened to a version, a row of its own.
type Event struct {
	Version   int
	Kind      Standing
	Reason    string
	Evidence  string // receipt, decision or statement it rests on
	AccountID int64
	At        time.Time
}

// Revocation asks the authority to revoke a locked version (row 15).
type Revocation struct {
	ID        int64 // of the row; 0 in a Change that asks
	Version   int
	Reason    string
	Evidence  string
	AccountID int64
	At        time.Time
	Decision  Decision
	Note      string    // of the decision
	Decided   time.Time // zero while it is open
}

// Decision is the answer to a request; "" while it is open.
type Decision string

// The decisions.
const (
	Granted  Decision = "granted"
	Declined Decision = "declined"
)
