package workflow

// Stage is where a working record stands. Everything before Issued is the
// school's alone; from Submitted on the registry's answers move it.
type Stage string

// The stages.
const (
	Drafting       Stage = "drafting"        // no live signature
	PartSigned     Stage = "part_signed"     // at least one subject teacher's is live
	HomeroomSigned Stage = "homeroom_signed" // the year's content is signed
	Returned       Stage = "returned"        // named parts are open again, nothing void yet
	Approved       Stage = "approved"        // the principal's signature is live
	Issued         Stage = "issued"          // an immutable version exists, not sent
	Submitted      Stage = "submitted"       // sent, no answer yet
	Refused        Stage = "refused"         // answered with numbered reasons
	Accepted       Stage = "accepted"        // answered with a receipt
	Locked         Stage = "locked"          // in force; nothing changes it
)

// Stages lists every stage in the order of the chain.
var Stages = []Stage{Drafting, PartSigned, HomeroomSigned, Returned, Approved, Issued, Submitted, Refused, Accepted, Locked}

// ParseStage reads a stage's code.
func ParseStage(s string) (Stage, bool) {
	for _, t := range Stages {
		if Stage(s) == t {
			return t, true
		}
	}
	return "", false
}

// BeforeIssue reports whether the working record may still change.
func (s Stage) BeforeIssue() bool {
	switch s {
	case Drafting, PartSigned, HomeroomSigned, Returned, Approved:
		return true
	}
	return false
}

// BeforeApproval reports whether the principal's signature is still to come.
func (s Stage) BeforeApproval() bool { return s != Approved && s.BeforeIssue() }

// Action is an act on a record.
type Action string

// The acts, in the order of the table.
const (
	SaveCell         Action = "save_cell"
	SignPart         Action = "sign_part"
	WithdrawPart     Action = "withdraw_part"
	SignHomeroom     Action = "sign_homeroom"
	WithdrawHomeroom Action = "withdraw_homeroom"
	Return           Action = "return"
	Confirm          Action = "confirm" // "giữ nguyên"
	ChangeReturned   Action = "change_returned"
	Approve          Action = "approve"
	WithdrawApproval Action = "withdraw_approval"
	Issue            Action = "issue"
	Reopen           Action = "reopen"
	Recall           Action = "recall"
	Replace          Action = "replace"
	AskRevocation    Action = "ask_revocation"
	DecideRevocation Action = "decide_revocation"
	Transfer         Action = "transfer"
	DecideSummer     Action = "decide_summer" // completion and promotion after the re-assessment (Điều 11)
	Submit           Action = "submit"
	RecordAcceptance Action = "record_acceptance"
	RecordRefusal    Action = "record_refusal"
	RecordLock       Action = "record_lock"
	RecordRevocation Action = "record_revocation"
)

// Actions lists every act.
var Actions = []Action{
	SaveCell, SignPart, WithdrawPart, SignHomeroom, WithdrawHomeroom, Return, Confirm, ChangeReturned,
	Approve, WithdrawApproval, Issue, Reopen, Recall, Replace, AskRevocation, DecideRevocation, Transfer, DecideSummer,
	Submit, RecordAcceptance, RecordRefusal, RecordLock, RecordRevocation,
}

// Duty is what a person is to one record beyond the role: it follows from
// dated assignments and delegations, looked up today.
type Duty string

// The duties. AnyDuty asks for none.
const (
	AnyDuty           Duty = ""
	OwnsPart          Duty = "owns_part"          // teaches a subject of the pupil's class (GVBM)
	Homeroom          Duty = "homeroom"           // homeroom teacher of the class (GVCN)
	Delegated         Duty = "delegated"          // deputy under a dated delegation
	DecidesRevocation Duty = "decides_revocation" // of the tier the Sở configured
)

// Duties lists every duty.
var Duties = []Duty{OwnsPart, Homeroom, Delegated, DecidesRevocation}
