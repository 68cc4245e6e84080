package record

import (
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Reopen takes an issued version back before the registry has accepted it
// (row 12): the version stays and is marked withdrawn, its approval and seal
// end, the teachers' signatures stay live. It fails with
// record.reason_missing or the codes of the table.
func (r *Record) Reopen(by By, reason string) (Change, error) {
	return r.takeBack(by, workflow.Reopen, StandWithdrawn, reason, "")
}

// Recall takes an accepted version back before the lock (row 13). evidence is
// the SHA-256 of the registry's receipt for the statement THU_HOI: db applies
// the Change only when the registry has answered. MayRecall says beforehand
// whether it would be refused. It fails with record.evidence_missing beside
// Reopen's codes.
func (r *Record) Recall(by By, reason, evidence string) (Change, error) {
	if school.CleanLine(evidence) == "" {
		return Change{}, fault.New(fault.Invalid, "record.evidence_missing", "act", string(workflow.Recall))
	}
	return r.takeBack(by, workflow.Recall, StandRecalled, reason, evidence)
}

// MayRecall checks row 13 before the statement is sealed and sent. It returns
// the version to be recalled.
func (r *Record) MayRecall(by By, reason string) (Version, error) {
	if _, err := r.takeBack(by, workflow.Recall, StandRecalled, reason, ""); err != nil {
		return Version{}, err
	}
	return *r.lastVersion(), nil
}

// Replace opens the record for the next version while the accepted one stays
// in force until that is accepted (row 14).
func (r *Record) Replace(by By, reason string) (Change, error) {
	return r.takeBack(by, workflow.Replace, StandReplacing, reason, "")
}

func (r *Record) takeBack(by By, act workflow.Action, standing Standing, reason, evidence string) (Change, error) {
	if err := r.check(by, act); err != nil {
		return Change{}, err
	}
	reason, err := cleanReason(reason, act)
	if err != nil {
		return Change{}, err
	}
	last := r.lastVersion()
	if last == nil {
		return Change{}, fault.New(fault.Internal, "record.state", "what", "version")
	}
	return r.reopened(by, act, Event{Version: last.Number, Kind: standing, Reason: reason, Evidence: school.CleanLine(evidence)})
}

// reopened leaves a version behind and goes back to the signatures that are
// still live: homeroom_signed, unless the values changed since the issue.
func (r *Record) reopened(by By, act workflow.Action, e Event) (Change, error) {
	c := r.begin(by, act)
	e.AccountID, e.At = by.AccountID, by.At
	c.events = []Event{e}
	r.endVersionSignatures(&c, by)
	return r.finish(c, by, "", "version", number(e.Version))
}

// AskRevocation asks the configured tier to revoke a locked version (row 15):
// the registry has taken the request. MayAskRevocation says beforehand whether
// it would be refused. Reason and evidence are words for whoever decides. It
// fails with record.evidence_missing, record.reason_missing,
// record.reason_too_long, record.revocation_open.
func (r *Record) AskRevocation(by By, reason, evidence string) (Change, error) {
	if err := r.check(by, workflow.AskRevocation); err != nil {
		return Change{}, err
	}
	reason, err := cleanReason(reason, workflow.AskRevocation)
	if err != nil {
		return Change{}, err
	}
	evidence, err = cleanReason(evidence, workflow.AskRevocation)
	if fault.Is(err, "record.reason_missing") {
		return Change{}, fault.New(fault.Invalid, "record.evidence_missing", "act", string(workflow.AskRevocation))
	}
	if err != nil {
		return Change{}, err
	}
	if r.OpenRevocation() != nil {
		return Change{}, fault.New(fault.Conflict, "record.revocation_open", "mend", "authority")
	}
	c := r.begin(by, workflow.AskRevocation)
	version := r.inForce()
	c.revocations = []Revocation{{Version: version, Reason: reason, Evidence: evidence, AccountID: by.AccountID, At: by.At}}
	return r.finish(c, by, workflow.Locked, "version", number(version))
}

// MayAskRevocation checks row 15 before the request is sealed and sent. It
// returns the version it would be about.
func (r *Record) MayAskRevocation(by By, reason, evidence string) (Version, error) {
	if _, err := r.AskRevocation(by, reason, evidence); err != nil {
		return Version{}, err
	}
	for _, v := range r.Versions {
		if v.Number == r.inForce() {
			return v, nil
		}
	}
	return Version{}, fault.New(fault.Internal, "record.state", "what", "version")
}

// inForce returns the number of the locked version; 0 when there is none.
func (r *Record) inForce() int {
	newest := 0
	for _, v := range r.Versions {
		if v.Standing == StandLocked && v.Number > newest {
			newest = v.Number
		}
	}
	return newest
}

// OpenRevocation returns the request that nobody decided; nil when there is none.
func (r *Record) OpenRevocation() *Revocation {
	for i := range r.Revocations {
		if r.Revocations[i].Decision == "" {
			return &r.Revocations[i]
		}
	}
	return nil
}

// RecordRevocation takes the deciding tier's answer about a version, as the
// registry tells it. Granted, the version is revoked and the record open for
// the next one, which the registry locks at acceptance; what the registry has
// revoked is revoked, even where no request stands here. Declined, everything
// stays. answer's Version, Decision, Note and Decided are read. It fails with
// record.other_version when that version is not in force, and, declined,
// with record.no_request.
func (r *Record) RecordRevocation(by By, answer Revocation) (Change, error) {
	if err := r.check(by, workflow.RecordRevocation); err != nil {
		return Change{}, err
	}
	if answer.Version == 0 || answer.Version != r.inForce() {
		return Change{}, fault.New(fault.Conflict, "record.other_version", "version", number(answer.Version))
	}
	request := r.OpenRevocation()
	if request == nil && answer.Decision == Declined {
		return Change{}, fault.New(fault.Conflict, "record.no_request")
	}
	note := school.Clean(answer.Note)
	var c Change
	var err error
	switch answer.Decision {
	case Granted:
		c, err = r.reopened(by, workflow.RecordRevocation, Event{Version: answer.Version, Kind: StandRevoked, Reason: note})
	case Declined:
		c, err = r.finish(r.begin(by, workflow.RecordRevocation), by, workflow.Locked, "version", number(answer.Version), "decision", string(Declined))
	default:
		err = fault.New(fault.Internal, "record.state", "what", "decision")
	}
	if err != nil {
		return Change{}, err
	}
	if request != nil {
		decided := *request
		decided.Decision, decided.Note, decided.Decided = answer.Decision, note, answer.Decided
		c.decisions = []Revocation{decided}
	}
	return c, nil
}

// Submit marks the last version as sent (the principal's act); sending the same
// bytes again is the same act.
func (r *Record) Submit(by By) (Change, error) {
	if err := r.check(by, workflow.Submit); err != nil {
		return Change{}, err
	}
	return r.stood(by, workflow.Submit, workflow.Submitted, Event{Kind: StandSubmitted})
}

// RecordAcceptance takes the registry's receipt for the last version: accepted,
// or locked at acceptance. receipt is its SHA-256. A version that was being
// replaced is replaced now. It fails with record.other_version when the
// receipt is for another one.
func (r *Record) RecordAcceptance(by By, version int, locked bool, receipt string) (Change, error) {
	if err := r.answered(by, workflow.RecordAcceptance, version); err != nil {
		return Change{}, err
	}
	to, kind := workflow.Accepted, StandAccepted
	if locked {
		to, kind = workflow.Locked, StandLocked
	}
	c := r.begin(by, workflow.RecordAcceptance)
	for _, v := range r.Versions {
		if v.Number < version && (v.Standing == StandAccepted || v.Standing == StandReplacing) {
			c.events = append(c.events, Event{Version: v.Number, Kind: StandReplaced, Evidence: receipt, AccountID: by.AccountID, At: by.At})
		}
	}
	c.events = append(c.events, Event{Version: version, Kind: kind, Evidence: receipt, AccountID: by.AccountID, At: by.At})
	return r.finish(c, by, to, "version", number(version), "receipt", receipt)
}

// RecordRefusal takes the registry's refusal of the last version. Its numbered
// reasons stand in the receipt.
func (r *Record) RecordRefusal(by By, version int, receipt string) (Change, error) {
	if err := r.answered(by, workflow.RecordRefusal, version); err != nil {
		return Change{}, err
	}
	return r.stood(by, workflow.RecordRefusal, workflow.Refused, Event{Kind: StandRefused, Evidence: receipt})
}

// RecordLock takes the lock of a version, by the principal's CHOT or the Sở's
// act or date. evidence is the SHA-256 of a receipt or a decision's number.
// A version that was being replaced is in force for good, too: what was begun
// of its successor and not accepted is withdrawn, and only a revocation opens
// the record again. It fails with record.other_version when that version is
// not the accepted one.
func (r *Record) RecordLock(by By, version int, evidence string) (Change, error) {
	if err := r.check(by, workflow.RecordLock); err != nil {
		return Change{}, err
	}
	c := r.begin(by, workflow.RecordLock)
	for _, v := range r.Versions {
		switch {
		case v.Number == version && (v.Standing == StandAccepted || v.Standing == StandReplacing):
			c.events = append(c.events, Event{Version: version, Kind: StandLocked, Evidence: school.CleanLine(evidence), AccountID: by.AccountID, At: by.At})
		case v.Number > version && v.Standing != StandWithdrawn:
			c.events = append(c.events, Event{Version: v.Number, Kind: StandWithdrawn, AccountID: by.AccountID, At: by.At})
		}
	}
	if len(c.events) == 0 || c.events[0].Version != version {
		return Change{}, fault.New(fault.Conflict, "record.other_version", "version", number(version))
	}
	return r.finish(c, by, workflow.Locked, "version", number(version))
}

func (r *Record) answered(by By, act workflow.Action, version int) error {
	if err := r.check(by, act); err != nil {
		return err
	}
	if last := r.lastVersion(); last == nil || last.Number != version {
		return fault.New(fault.Conflict, "record.other_version", "version", number(version))
	}
	return nil
}

func (r *Record) stood(by By, act workflow.Action, to workflow.Stage, e Event) (Change, error) {
	last := r.lastVersion()
	if last == nil {
		return Change{}, fault.New(fault.Internal, "record.state", "what", "version")
	}
	c := r.begin(by, act)
	e.Version, e.AccountID, e.At = last.Number, by.AccountID, by.At
	c.events = []Event{e}
	return r.finish(c, by, to, "version", number(e.Version))
}
