package workflow

// Party is one kind of person a row allows: a role with a duty.
type Party struct {
	Role Role
	Duty Duty
}

// Guard names a condition on the record's contents; package record checks it
// and refuses with a code of its own.
type Guard string

// The guards.
const (
	GuardWindowOpen      Guard = "window_open"
	GuardPartOpen        Guard = "part_open"
	GuardOldValue        Guard = "old_value_equal"
	GuardOwnCells        Guard = "own_cells_complete"
	GuardNoRuleError     Guard = "no_rule_error"
	GuardNotSigned       Guard = "no_live_signature"
	GuardNoHomeroom      Guard = "no_live_homeroom_signature"
	GuardAllParts        Guard = "all_parts_live" // or GVBM_KY = 0
	GuardNoOpenReturn    Guard = "no_open_return"
	GuardOverall         Guard = "overall_is_computed"
	GuardTrack           Guard = "track_fits_completion"
	GuardReason          Guard = "reason_given"
	GuardSomePart        Guard = "at_least_one_part"
	GuardUnchanged       Guard = "no_cell_changed"
	GuardReturnAddressed Guard = "return_addressed_to_own_part"
	GuardAllLive         Guard = "all_signatures_live"
	GuardFlaggedOpened   Guard = "flagged_were_opened"
	GuardSealApproved    Guard = "seal_certificate_approved_that_day"
	GuardNextVersion     Guard = "next_version_number"
	GuardEvidence        Guard = "evidence_given"
	GuardRequestOpen     Guard = "request_open"
	GuardTierDecides     Guard = "configured_tier"
	GuardBothSchools     Guard = "both_schools_agree"
	GuardManifest        Guard = "manifest_sealed"
	GuardSameVersion     Guard = "answer_is_for_last_version"
	GuardAcceptedVersion Guard = "version_was_accepted"
	GuardSummerPlan      Guard = "planned_and_reassessed"
)

// Row is one line of the table of transitions.
type Row struct {
	// Number is the row's number in design.md section 2; 0 for the sending of
	// versions and the registry's answers, which that table leaves to the registry.
	Number int
	Act    Action
	From   []Stage
	// Who may act. Empty: the program itself, on the registry's answer.
	Who    []Party
	Guards []Guard
	// To is the stage after the act. Empty: it follows from the signatures
	// that are live afterwards (record.State says which), or stays.
	To Stage
	// Effect says in a few words what else happens.
	Effect string
}

var (
	subjectTeacher  = Party{Teacher, OwnsPart}
	homeroomTeacher = Party{Teacher, Homeroom}
	principal       = Party{Principal, AnyDuty}
	deputy          = Party{Deputy, Delegated}
)

// table is the whole life of a record. Row 7 also acts on PartSigned and
// Drafting: when one of several addressed teachers has changed a cell, the
// record has left Returned while the others still owe an answer. The lock may
// come while a replacement is being made, so it acts on every stage.
var table = []Row{
	{Number: 1, Act: SaveCell, From: []Stage{Drafting, PartSigned, HomeroomSigned, Returned, Approved},
		Who:    []Party{subjectTeacher, homeroomTeacher},
		Guards: []Guard{GuardWindowOpen, GuardPartOpen, GuardOldValue},
		Effect: "entry and history row; year-end values void the live signatures that cover them"},
	{Number: 2, Act: SignPart, From: []Stage{Drafting, PartSigned}, Who: []Party{subjectTeacher},
		Guards: []Guard{GuardOwnCells, GuardNoRuleError, GuardNotSigned},
		To:     PartSigned, Effect: "signature; own parts read-only"},
	{Number: 3, Act: WithdrawPart, From: []Stage{PartSigned}, Who: []Party{subjectTeacher},
		Guards: []Guard{GuardNoHomeroom}, Effect: "void row; own parts open"},
	{Number: 4, Act: SignHomeroom, From: []Stage{Drafting, PartSigned}, Who: []Party{homeroomTeacher},
		Guards: []Guard{GuardAllParts, GuardNoOpenReturn, GuardOwnCells, GuardNoRuleError, GuardOverall, GuardTrack, GuardNotSigned},
		To:     HomeroomSigned, Effect: "signature over the year's content"},
	{Number: 5, Act: WithdrawHomeroom, From: []Stage{HomeroomSigned}, Who: []Party{homeroomTeacher},
		Effect: "void row"},
	{Number: 6, Act: Return, From: []Stage{HomeroomSigned}, Who: []Party{principal, deputy},
		Guards: []Guard{GuardSomePart, GuardReason}, To: Returned, Effect: "named parts open, nothing void yet"},
	{Number: 6, Act: Return, From: []Stage{PartSigned}, Who: []Party{homeroomTeacher},
		Guards: []Guard{GuardSomePart, GuardReason}, To: Returned, Effect: "named parts open, nothing void yet"},
	{Number: 7, Act: Confirm, From: []Stage{Returned, PartSigned, Drafting}, Who: []Party{subjectTeacher, homeroomTeacher},
		Guards: []Guard{GuardReturnAddressed, GuardUnchanged, GuardReason},
		Effect: "answer to the return; after the last one the stage before"},
	{Number: 8, Act: ChangeReturned, From: []Stage{Returned}, Who: []Party{subjectTeacher, homeroomTeacher},
		Guards: []Guard{GuardWindowOpen, GuardPartOpen, GuardOldValue},
		Effect: "voids the owner's and the homeroom teacher's; part_signed, or drafting when nothing is live"},
	{Number: 9, Act: Approve, From: []Stage{HomeroomSigned}, Who: []Party{principal, deputy},
		Guards: []Guard{GuardAllLive, GuardFlaggedOpened}, To: Approved, Effect: "the principal's signature"},
	{Number: 10, Act: WithdrawApproval, From: []Stage{Approved}, Who: []Party{principal, deputy},
		To: HomeroomSigned, Effect: "void row"},
	{Number: 11, Act: Issue, From: []Stage{Approved}, Who: []Party{principal, deputy},
		Guards: []Guard{GuardSealApproved, GuardNextVersion, GuardAllLive},
		To:     Issued, Effect: "immutable version with its look-up code"},
	{Number: 12, Act: Reopen, From: []Stage{Issued, Refused}, Who: []Party{principal},
		Guards: []Guard{GuardReason}, To: HomeroomSigned, Effect: "version stays, event withdrawn"},
	{Number: 13, Act: Recall, From: []Stage{Accepted}, Who: []Party{principal},
		Guards: []Guard{GuardReason, GuardEvidence}, To: HomeroomSigned, Effect: "registry: recalled; version stays, event recalled"},
	{Number: 14, Act: Replace, From: []Stage{Accepted}, Who: []Party{principal},
		Guards: []Guard{GuardReason}, To: HomeroomSigned, Effect: "version in force until the next is accepted"},
	{Number: 15, Act: AskRevocation, From: []Stage{Locked}, Who: []Party{principal},
		Guards: []Guard{GuardReason, GuardEvidence}, To: Locked, Effect: "request to the configured tier"},
	{Number: 15, Act: DecideRevocation, From: []Stage{Locked},
		Who:    []Party{{Authority, DecidesRevocation}, {MiddleAuthority, DecidesRevocation}},
		Guards: []Guard{GuardRequestOpen, GuardTierDecides, GuardReason},
		Effect: "in the registry: revoked, or declined with a reason; the school hears of it as an event"},
	{Number: 16, Act: Transfer, From: []Stage{Drafting, PartSigned, HomeroomSigned, Returned, Issued, Submitted, Refused, Accepted, Locked},
		Who: []Party{principal}, Guards: []Guard{GuardBothSchools}, Effect: "manager row; issued versions untouched"},

	{Number: 17, Act: DecideSummer, From: []Stage{Drafting, PartSigned, HomeroomSigned, Returned, Approved}, Who: []Party{principal},
		Guards: []Guard{GuardSummerPlan, GuardOverall, GuardReason},
		Effect: "completion, promotion and re-assessment on the page; voids the homeroom teacher's signature and the approval over it"},

	{Act: Submit, From: []Stage{Issued, Submitted, Refused}, Who: []Party{principal, deputy},
		Guards: []Guard{GuardManifest}, To: Submitted, Effect: "the same bytes may be sent again"},
	{Act: RecordAcceptance, From: []Stage{Issued, Submitted, Refused}, Guards: []Guard{GuardSameVersion},
		Effect: "accepted, or locked when the registry locked at acceptance"},
	{Act: RecordRefusal, From: []Stage{Submitted, Issued}, Guards: []Guard{GuardSameVersion}, To: Refused},
	{Act: RecordLock, From: []Stage{Drafting, PartSigned, HomeroomSigned, Returned, Approved, Issued, Submitted, Refused, Accepted},
		Guards: []Guard{GuardAcceptedVersion}, To: Locked, Effect: "an unaccepted successor is withdrawn"},
	{Act: RecordRevocation, From: []Stage{Locked}, Guards: []Guard{GuardSameVersion},
		Effect: "granted: version revoked, homeroom_signed; declined: stays locked"},
}
