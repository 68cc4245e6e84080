// Package registry is the province's side of the chain: it takes in what
// schools submit, answers with signed receipts, closes and locks, and says what
// a version is worth today. It trusts no school software, ours included: what
// arrives is judged from its bytes, from the certificates the authority has
// approved, and from what the registry itself holds. It knows no working
// record, no storage and no text for people.
//
// Who is trusted: a receipt is worth what the receipt key is (see ReceiptKey),
// a submission what the school's approved seal is. Nobody's word is taken for
// the content of a record: every signature in it is verified again.
//
// Sources: seed Điều 4.3 (deadlines, chốt, recall before it), Điều 6.2 and 8.6
// (two hands of chốt), domain notes Q12 and Q12b.
package registry

import (
	"context"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
)

// Client is the registry as a school's software reaches it. Every call may be
// repeated: the same bytes are answered with the same receipts.
type Client interface {
	// Submit sends a manifest (NOP) with the records it lists, in one message or
	// in many (Submission.More).
	Submit(ctx context.Context, s Submission) (Answer, error)
	// Status returns what was answered to a statement, by the SHA-256 (hex) of
	// its bytes; NotFound registry.no_answer while there is none.
	Status(ctx context.Context, school, sha256 string) (Answer, error)
	// Events lists what happened to a school's versions after the event with
	// this number, oldest first, at most EventsPage of them.
	Events(ctx context.Context, school string, since int64) ([]Event, error)
	// Recall sends a statement THU_HOI.
	Recall(ctx context.Context, school string, statement []byte) (Answer, error)
	// Close sends a statement CHOT.
	Close(ctx context.Context, school string, statement []byte) (Answer, error)
	// AskRevocation sends a statement DE_NGHI_THU_HOI. The receipt says that the
	// request has arrived; how it was decided is an event, revoked or declined.
	AskRevocation(ctx context.Context, school string, statement []byte) (Answer, error)
	// Proofs tells until when a school's versions can be proven, by the SHA-256
	// (hex) of their bytes, at most EventsPage of them; what the registry does
	// not hold of that school is left out.
	Proofs(ctx context.Context, school string, sha256 []string) ([]Proof, error)
}

// Proof says until when an accepted version can be proven, and what that rests
// on. Zero times are not known.
type Proof struct {
	SHA256         string // of the version's bytes, hex
	Until          time.Time
	Authority      string    // who made the newest time-stamp over its evidence; "" the certificates in the file alone
	AuthorityUntil time.Time // end of that authority's certificates
	RenewedAt      time.Time // of that time-stamp
	Renewals       int       // time-stamps made so far
	Complete       bool      // every authority that can be asked about a certificate has answered
}

// EventsPage is how many events one call returns at most.
const EventsPage = 500

// Submission is what a school sends: the bytes of the manifest and of each
// record, in any order.
type Submission struct {
	School    string // code of the school that sends, as the transport knows it
	Statement []byte
	Records   [][]byte
	// More says that other records of the manifest follow in other messages.
	// Those that came are decided and receipted now; the manifest is answered
	// with the first message that does not say so, over all that came with it by
	// then. A manifest that is refused itself is answered at once.
	More bool
}

// Answer holds the receipts as they were signed: of the statement (none while
// more of its records are to come), and of each record that arrived.
type Answer struct {
	Receipt []byte
	Records [][]byte
}

// EventKind is what happened to a version.
type EventKind string

// The kinds of event.
const (
	EventAccepted EventKind = "accepted"
	EventLocked   EventKind = "locked"
	EventRecalled EventKind = "recalled"
	EventReplaced EventKind = "replaced"
	EventRevoked  EventKind = "revoked"
	EventDeclined EventKind = "declined" // a request to revoke it was; the version stands
)

// Hand says who brought an event about.
type Hand string

// The hands: the school by a statement, the Sở or the tier below it by an act,
// the calendar.
const (
	BySchool     Hand = "school"
	ByMiddle     Hand = "middle"
	ByDepartment Hand = "department"
	ByDate       Hand = "date"
)

// Event is one fact about a version, a row that never changes. Numbers of a
// school's events rise in the order in which they became known.
type Event struct {
	ID      int64
	Kind    EventKind
	Record  string // MA_HOC_BA
	Version int
	SHA256  string // of the version's bytes, hex
	By      Hand
	Reason  string
	At      time.Time
}

// Version is an accepted version as the registry files it.
type Version struct {
	Record    string // MA_HOC_BA
	Number    int    // PHIEN_BAN
	Pupil     string // MA_HOC_SINH
	School    string
	ClassCode string
	ClassName string
	Year      school.Year
	Track     school.Track
	Birth     school.Date
	Code      bundle.Code
	SHA256    string
	Bytes     []byte
}
