package verify

import (
	"time"

	"hocba/internal/bundle"
)

// Verdict is the answer to whoever holds a paper: never one boolean.
type Verdict string

// The verdicts.
const (
	VerdictValid     Verdict = "valid"     // accepted and locked: in force
	VerdictUnlocked  Verdict = "unlocked"  // accepted, may still be replaced
	VerdictReplaced  Verdict = "replaced"  // by a later version, before the lock
	VerdictRecalled  Verdict = "recalled"  // taken back by the school before the lock
	VerdictRevoked   Verdict = "revoked"   // after the lock, with approval
	VerdictUnknown   Verdict = "unknown"   // no such code
	VerdictUnchecked Verdict = "unchecked" // cannot be decided now
)

// Genuine reports whether the version stands: only then are contents shown.
func (v Verdict) Genuine() bool { return v == VerdictValid || v == VerdictUnlocked }

// Standing is what the registry noted about an accepted version. A zero time
// is a fact that is not there.
type Standing struct {
	Accepted, Locked, Recalled, Replaced, Revoked time.Time
	// ReplacedBy is the PHIEN_BAN that replaced it. Current is the one that
	// stands now, when it is a later one; 0: none.
	ReplacedBy, Current int
	CurrentSince        time.Time
}

// Verdict is the answer the registry's facts give, the gravest first.
func (s Standing) Verdict() Verdict {
	switch {
	case !s.Revoked.IsZero():
		return VerdictRevoked
	case !s.Recalled.IsZero():
		return VerdictRecalled
	case !s.Replaced.IsZero():
		return VerdictReplaced
	case !s.Locked.IsZero():
		return VerdictValid
	case !s.Accepted.IsZero():
		return VerdictUnlocked
	}
	return VerdictUnchecked
}

// The findings told to the public, each the sum of named checks or a fact of
// the registry.
const (
	FindingIntact    = "intact"    // not a character differs from what was signed
	FindingSigned    = "signed"    // every signature there must be, by whom it must be
	FindingCertified = "certified" // certificates counted when they signed
	FindingRules     = "rules"     // content agrees with its rule set; told only when it does not
	FindingReceived  = "received"  // the registry's signed receipt for these bytes
	FindingLocked    = "locked"    // Skipped: not yet
	FindingLatest    = "latest"    // Failed: replaced, recalled or revoked
)

// findings names which checks make a finding, in the order they are told.
var findings = []struct {
	name   string
	checks []string
}{
	{FindingIntact, []string{Form, Structure, Unicode, IDs, Identity, Signature, Coverage}},
	{FindingSigned, []string{Slots, Role, Meaning, Signer, Times}},
	{FindingCertified, []string{Chain, TimeStamp}},
	{FindingRules, []string{Rules}},
}

// Finding is one line of an answer.
type Finding struct {
	Name   string
	Status Status
}

// Answer is what a look-up says about a version.
type Answer struct {
	Verdict  Verdict
	Standing Standing
	Findings []Finding // those that made the verdict come first
	Signers  []Signatory
	Trial    bool // some signature has no legal value
}

// Judge sums up what the bytes of a version and of its receipt say, and what
// the registry noted. A good verdict needs every finding; a bad one of the
// registry stands even where the bytes could not be checked.
func Judge(record, receipt Report, s Standing) Answer {
	a := Answer{Verdict: s.Verdict(), Standing: s, Signers: record.Signers, Trial: record.Trial}
	for _, f := range findings {
		status := statusOf(record.Checks, f.checks)
		if f.name == FindingRules && status == OK {
			continue
		}
		a.Findings = append(a.Findings, Finding{f.name, status})
	}
	a.Findings = append(a.Findings, Finding{FindingReceived, receiptStatus(record, receipt)})
	sound := true
	for _, f := range a.Findings {
		sound = sound && f.Status == OK
	}
	if a.Verdict.Genuine() && !sound {
		a.Verdict = VerdictUnchecked
	}
	locked, latest := OK, OK
	if s.Locked.IsZero() {
		locked = Skipped
	}
	if v := s.Verdict(); v != VerdictValid && v != VerdictUnlocked {
		latest = Failed
	}
	a.Findings = append(a.Findings, Finding{FindingLocked, locked}, Finding{FindingLatest, latest})
	a.deciding()
	return a
}

// deciding moves the findings that made the verdict to the front: what failed,
// what is not known, and of a version that is not yet locked the lock.
func (a *Answer) deciding() {
	var first, rest []Finding
	for _, f := range a.Findings {
		if f.Status == Failed || f.Status == Unknown || f.Status == Skipped && a.Verdict == VerdictUnlocked {
			first = append(first, f)
		} else {
			rest = append(rest, f)
		}
	}
	a.Findings = append(first, rest...)
}

// statusOf is the outcome of the named checks together. One that was skipped,
// because an earlier one failed, leaves the sum unknown.
func statusOf(checks []Check, names []string) Status {
	status, seen := OK, false
	for _, c := range checks {
		for _, n := range names {
			if c.Name != n {
				continue
			}
			seen = true
			switch {
			case c.Status == Failed:
				return Failed
			case c.Status == Skipped && c.Code != "": // not demanded
			case c.Status != OK:
				status = Unknown
			}
		}
	}
	if !seen {
		return Unknown
	}
	return status
}

// receiptStatus demands a sound receipt that accepts exactly these bytes.
func receiptStatus(record, receipt Report) Status {
	switch receipt.Verdict {
	case OK:
	case Failed:
		return Failed
	default:
		return Unknown // undecided, or none at hand
	}
	if receipt.Record == nil || receipt.Record.Receipt == nil {
		return Failed
	}
	r := receipt.Record.Receipt
	if r.Of != bundle.ReceiptOfRecord || r.Result != bundle.Accepted || r.SHA256 != record.SHA256 {
		return Failed
	}
	return OK
}
