// Package certificate is the life of a certificate in the product: declared by
// the school's administrator, registered by the principal, approved by the
// authority; suspended, resumed and ended; and the named checks that stand
// beside each of these acts. It knows certificates, units' names and roles; it
// knows no records, no database and no network. Sources: Quy chế học bạ số
// Đ11.2 (declares), Đ8.2 (registers), Đ7.2 (checks and approves); NĐ
// 68/2024/NĐ-CP Đ29.
package certificate

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Purpose says whose a certificate is.
type Purpose string

// The purposes.
const (
	Person Purpose = "person"
	Seal   Purpose = "seal"
)

// Kind is a fact that was written about a certificate. Facts are only ever added.
type Kind string

// The kinds of fact.
const (
	Declared   Kind = "declared"
	Withdrawn  Kind = "withdrawn"  // by the school, before anybody decided
	Registered Kind = "registered" // a person's: confirmed, and in use from then on
	Refused    Kind = "refused"
	Approved   Kind = "approved"
	Suspended  Kind = "suspended"
	Resumed    Kind = "resumed"
	Ended      Kind = "ended"
)

// Event is a fact with who wrote it.
type Event struct {
	Kind      Kind
	AccountID int64  // 0: the program itself
	Name      string // of the account
	Reason    string // code, of a refusal, a suspension, an end
	Note      string
	Effective time.Time
	At        time.Time
}

// Reasons of a refusal, of a suspension and of an end. Other needs a note.
var (
	RefusalReasons    = []string{"unit", "name", "tax_code", "untrusted", "period", "revoked", "used_elsewhere", "key", "provider", "device", "file", "other"}
	SuspensionReasons = []string{"lost", "compromised", "holder", "revoked", "other"}
	EndReasons        = []string{"replaced", "lost", "compromised", "revoked", "unit_closed", "person_left", "other"}
)

// Stage is how far a certificate has come.
type Stage string

// The stages. InUse is approved for a seal, confirmed for a person.
const (
	StageDeclared   Stage = "declared"
	StageRegistered Stage = "registered"
	StageInUse      Stage = "in_use"
	StageSuspended  Stage = "suspended"
	StageRefused    Stage = "refused"
	StageWithdrawn  Stage = "withdrawn"
	StageEnded      Stage = "ended"
)

// Stages lists them in the order of a list's filters.
var Stages = []Stage{StageRegistered, StageDeclared, StageInUse, StageSuspended, StageRefused, StageWithdrawn, StageEnded}

// Life is a certificate's facts in the order in which they were written.
type Life struct {
	Purpose Purpose
	Events  []Event
}

// Stage returns the stage that is in force at an instant. A person's certificate
// about which nothing was ever written (of the trial store, made with its
// account) is in use.
func (l Life) Stage(at time.Time) Stage {
	if len(l.Events) == 0 && l.Purpose == Person {
		return StageInUse
	}
	var last *Event
	for i := range l.Events {
		e := &l.Events[i]
		if e.Effective.After(at) {
			continue
		}
		if e.Kind == Ended {
			return StageEnded
		}
		if last == nil || !e.Effective.Before(last.Effective) {
			last = e
		}
	}
	if last == nil {
		return StageDeclared
	}
	return StageAfter(l.Purpose, last.Kind)
}

// StageAfter returns the stage that a fact brings about.
func StageAfter(p Purpose, k Kind) Stage {
	switch k {
	case Declared:
		return StageDeclared
	case Registered:
		if p == Person {
			return StageInUse
		}
		return StageRegistered
	case Refused:
		return StageRefused
	case Withdrawn:
		return StageWithdrawn
	case Suspended:
		return StageSuspended
	case Ended:
		return StageEnded
	}
	return StageInUse
}

// Interval is a time in which a certificate counts: From is in it, Until is
// not; the zero Until is no end.
type Interval struct{ From, Until time.Time }

// Covers reports whether the instant lies in the interval.
func (i Interval) Covers(at time.Time) bool {
	return !at.Before(i.From) && (i.Until.IsZero() || at.Before(i.Until))
}

// Intervals returns the times in which the certificate counts, in their order.
// Suspensions lie between them.
func (l Life) Intervals() []Interval {
	marks := slices.Clone(l.Events)
	slices.SortStableFunc(marks, func(a, b Event) int { return a.Effective.Compare(b.Effective) })
	var out []Interval
	open := false
	for _, e := range marks {
		counts := StageAfter(l.Purpose, e.Kind) == StageInUse
		switch {
		case e.Kind == Ended:
			if open {
				out[len(out)-1].Until = e.Effective
			}
			return sound(out)
		case counts && !open:
			out, open = append(out, Interval{From: e.Effective}), true
		case !counts && open:
			out[len(out)-1].Until, open = e.Effective, false
		}
	}
	return sound(out)
}

// sound leaves out times without length.
func sound(list []Interval) []Interval {
	return slices.DeleteFunc(list, func(i Interval) bool { return !i.Until.IsZero() && !i.From.Before(i.Until) })
}

// By returns the last event of a kind; nil when there is none.
func (l Life) By(k Kind) *Event {
	for i := len(l.Events) - 1; i >= 0; i-- {
		if l.Events[i].Kind == k {
			return &l.Events[i]
		}
	}
	return nil
}

// from lists the stages from which a fact may be written, by purpose.
var from = map[Kind]map[Purpose][]Stage{
	Declared:   {Seal: {StageRefused, StageWithdrawn}, Person: {StageRefused, StageWithdrawn}},
	Withdrawn:  {Seal: {StageDeclared, StageRegistered}, Person: {StageDeclared}},
	Registered: {Seal: {StageDeclared}, Person: {StageDeclared}},
	Approved:   {Seal: {StageRegistered}},
	Refused:    {Seal: {StageDeclared, StageRegistered}, Person: {StageDeclared}},
	Suspended:  {Seal: {StageInUse}, Person: {StageInUse}},
	Resumed:    {Seal: {StageSuspended}, Person: {StageSuspended}},
	Ended:      {Seal: {StageInUse, StageSuspended}, Person: {StageInUse, StageSuspended}},
}

// by lists the roles that may write a fact. Refused is the principal's before
// the registration and the authority's after it.
func (l Life) by(k Kind, stage Stage) []workflow.Role {
	above := []workflow.Role{workflow.Authority, workflow.MiddleAuthority}
	switch {
	case k == Declared || k == Withdrawn:
		return []workflow.Role{workflow.SchoolAdmin}
	case k == Registered, k == Refused && stage == StageDeclared, l.Purpose == Person && k == Resumed:
		return []workflow.Role{workflow.Principal}
	case k == Suspended && l.Purpose == Person, k == Ended && l.Purpose == Person, k == Suspended:
		// Whoever hears of a lost key first stops it.
		own := []workflow.Role{workflow.Principal, workflow.SchoolAdmin}
		if l.Purpose == Person {
			return own
		}
		return append(own, above...)
	case k == Ended:
		return append(above, workflow.Principal)
	}
	return above
}

// Act is a fact that somebody is about to write.
type Act struct {
	Kind      Kind
	Reason    string
	Note      string
	Effective time.Time // zero: now
}

const (
	maxNote = 1000
	// farthest bounds how far back and how far ahead a suspension or an end may
	// take effect.
	farthest = 400 * 24 * time.Hour
)

// Allowed reports whether a person may do an act now, as far as role, stage and
// persons go. decides tells that the person is of the tier that decides on
// certificates. It fails with Forbidden certificate.role, with
// certificate.not_deciding_tier, with Conflict certificate.stage (Args stage),
// and with Forbidden certificate.same_person, or certificate.same_name (Args
// name) for another account in the same name: declaring, registering and
// approving are three acts of three persons.
func (l Life) Allowed(actor workflow.Actor, k Kind, decides bool, now time.Time) error {
	stage := l.Stage(now)
	if !slices.Contains(l.by(k, stage), actor.Role) {
		return fault.New(fault.Forbidden, "certificate.role")
	}
	if !slices.Contains(from[k][l.Purpose], stage) {
		return fault.New(fault.Conflict, "certificate.stage", "stage", string(stage))
	}
	if above := actor.Role == workflow.Authority || actor.Role == workflow.MiddleAuthority; above && !decides {
		return fault.New(fault.Forbidden, "certificate.not_deciding_tier")
	}
	before := []Kind{}
	switch k {
	case Registered:
		before = []Kind{Declared}
	case Approved, Refused:
		before = []Kind{Declared, Registered}
	}
	for _, b := range before {
		switch e := l.By(b); {
		case e == nil:
		case e.AccountID == actor.AccountID:
			return fault.New(fault.Forbidden, "certificate.same_person")
		case e.Name != "" && school.SameName(e.Name, actor.Name):
			// A second account makes no second person.
			return fault.New(fault.Forbidden, "certificate.same_name", "name", e.Name)
		}
	}
	return nil
}

// Decide makes the event of an act. It fails as Allowed does, with Invalid
// certificate.reason, certificate.note_missing, certificate.note_too_long, and
// certificate.effective (Args from: the first possible instant).
func (l Life) Decide(actor workflow.Actor, a Act, decides bool, now time.Time) (Event, error) {
	if err := l.Allowed(actor, a.Kind, decides, now); err != nil {
		return Event{}, err
	}
	e := Event{Kind: a.Kind, AccountID: actor.AccountID, Name: actor.Name, Reason: a.Reason, Note: strings.TrimSpace(school.Clean(a.Note)), Effective: now, At: now}
	if list := reasonsOf(a.Kind); len(list) > 0 {
		if !slices.Contains(list, a.Reason) {
			return Event{}, fault.New(fault.Invalid, "certificate.reason")
		}
		if a.Reason == "other" && e.Note == "" {
			return Event{}, fault.New(fault.Invalid, "certificate.note_missing")
		}
	} else {
		e.Reason = ""
	}
	if utf8.RuneCountInString(e.Note) > maxNote {
		return Event{}, fault.New(fault.Invalid, "certificate.note_too_long")
	}
	if (a.Kind == Suspended || a.Kind == Ended) && !a.Effective.IsZero() {
		e.Effective = a.Effective
		first := l.lastMark(now)
		if e.Effective.Before(first) || e.Effective.Before(now.Add(-farthest)) || e.Effective.After(now.Add(farthest)) {
			return Event{}, fault.New(fault.Invalid, "certificate.effective", "from", first.In(school.Zone).Format("02/01/2006 15:04"))
		}
	}
	return e, nil
}

// lastMark is the newest instant at which the certificate began or went on to
// count: nothing that ends it may be dated before.
func (l Life) lastMark(now time.Time) time.Time {
	var last time.Time
	for _, e := range l.Events {
		if e.Kind != Ended && e.Effective.After(last) && !e.Effective.After(now) {
			last = e.Effective
		}
	}
	return last
}

func reasonsOf(k Kind) []string {
	switch k {
	case Refused:
		return RefusalReasons
	case Suspended:
		return SuspensionReasons
	case Ended:
		return EndReasons
	}
	return nil
}
