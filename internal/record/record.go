package record

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
	"time"

	"hocba/internal/audit"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Record is a working record that can act. It holds a State and changes
// nothing in it: every act returns a Change. Nobody may change the State's
// fields after New, since what follows from them is kept; one goroutine at a
// time.
type Record struct {
	State
	rules *evaluation.RuleSet
	memo  memo
}

// memo keeps what was computed from the State: a page asks for the live
// signatures of 35 pupils.
type memo struct {
	live    map[int64]bool
	values  map[school.Subject][]byte // of sameValues
	outcome *evaluation.Outcome
}

// with returns a record of another state under the same rules.
func (r *Record) with(s State) *Record {
	return &Record{State: s, rules: r.rules, memo: memo{live: map[int64]bool{}, values: map[school.Subject][]byte{}}}
}

// By is who acts, when, and what cannot be read from the record: whether a
// deputy acts under a delegation that is valid today, and of an act with the
// school's seal the approval of its certificate as it stands in that moment.
type By struct {
	workflow.Actor
	At        time.Time
	Delegated bool
	Seal      SealApproval
	// Stamps are the time-stamps of an issue: of its own signature and of those
	// before it, by what they are over (xades.StampImprint). What has none goes
	// into the version without.
	Stamps map[[sha256.Size]byte][]byte
}

// New makes a record of its state. It fails with Internal record.state when
// the state names no known rule set, stage, grade or identity.
func New(s State) (*Record, error) {
	rules, ok := evaluation.Find(s.General.RuleSet)
	if !ok {
		return nil, fault.New(fault.Internal, "record.state", "what", "rule_set")
	}
	if _, ok := workflow.ParseStage(string(s.Stage)); !ok {
		return nil, fault.New(fault.Internal, "record.state", "what", "stage")
	}
	if !evaluation.ValidGrade(s.Class.Grade) {
		return nil, fault.New(fault.Internal, "record.state", "what", "grade")
	}
	if s.General.Record == "" || s.Pupil.Code == "" || s.SchoolID == 0 {
		return nil, fault.New(fault.Internal, "record.state", "what", "identity")
	}
	parts := make([]Part, len(s.Parts))
	copy(parts, s.Parts)
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].Subject.Index() < parts[j].Subject.Index() })
	s.Parts = parts
	return (&Record{rules: rules}).with(s), nil
}

// Duties returns what a person is to this record today.
func (r *Record) Duties(by By) []workflow.Duty {
	var duties []workflow.Duty
	if by.TeacherCode != "" {
		for _, p := range r.Parts {
			if p.Owner.Code == by.TeacherCode {
				duties = append(duties, workflow.OwnsPart)
				break
			}
		}
		if r.Class.Homeroom.Code == by.TeacherCode {
			duties = append(duties, workflow.Homeroom)
		}
	}
	if by.Delegated {
		duties = append(duties, workflow.Delegated)
	}
	return duties
}

// Allowed returns the acts to offer to a person, without the guards.
func (r *Record) Allowed(by By) []workflow.Action {
	if r.foreign(by) {
		return nil
	}
	return workflow.Allowed(by.Actor, r.Stage, r.Duties(by)...)
}

// foreign reports whether the person acts for another school.
func (r *Record) foreign(by By) bool { return by.Role.OfSchool() && by.SchoolID != r.SchoolID }

// check asks the table. A person of another school is told nothing.
func (r *Record) check(by By, act workflow.Action) error {
	if r.foreign(by) {
		return fault.New(fault.NotFound, "record.unknown")
	}
	if by.At.IsZero() {
		return fault.New(fault.Internal, "record.state", "what", "time")
	}
	err := workflow.Check(by.Actor, r.Stage, act, r.Duties(by)...)
	if fault.Is(err, "record.duty") {
		return r.notOwner(by, act)
	}
	return err
}

// notOwner names who holds the duty that the person lacks.
func (r *Record) notOwner(by By, act workflow.Action) error {
	args := []string{"act", string(act)}
	switch {
	case by.Role == workflow.Deputy:
		return fault.New(fault.Forbidden, "record.no_delegation", args...)
	case act == workflow.SignHomeroom || act == workflow.WithdrawHomeroom || act == workflow.Return:
		return fault.New(fault.Forbidden, "record.not_homeroom", append(args, "teacher", r.Class.Homeroom.Name)...)
	}
	return fault.New(fault.Forbidden, "record.not_owner", args...)
}

// lastVersion returns the newest issued version; nil before the first issue.
func (r *Record) lastVersion() *Version {
	var last *Version
	for i := range r.Versions {
		if last == nil || r.Versions[i].Number > last.Number {
			last = &r.Versions[i]
		}
	}
	return last
}

// nextVersion returns the PHIEN_BAN of the version that comes next.
func (r *Record) nextVersion() int {
	if last := r.lastVersion(); last != nil {
		return last.Number + 1
	}
	return 1
}

// replaced returns THAY_THE of the next version: the hash of the newest
// version that the registry ever accepted, "" when there is none.
func (r *Record) replaced() string {
	number, hash := 0, ""
	for _, v := range r.Versions {
		switch v.Standing {
		case StandAccepted, StandReplacing, StandLocked, StandRecalled, StandReplaced, StandRevoked:
			if v.Number > number {
				number, hash = v.Number, v.SHA256
			}
		}
	}
	return hash
}

// yearEnd collects what the consolidation rests on.
func (r *Record) yearEnd() evaluation.YearEnd {
	y := evaluation.YearEnd{
		Grade: r.Class.Grade, NotAssessed: r.Pupil.NotAssessed,
		Subjects: map[school.Subject]evaluation.Entry{}, Traits: map[evaluation.Item]evaluation.Level{},
	}
	for _, p := range r.Parts {
		if !p.Entry.IsZero() {
			y.Subjects[p.Subject] = p.Entry
		}
	}
	for t, l := range r.Page.Traits {
		if l != "" {
			y.Traits[t] = l
		}
	}
	return y
}

// Outcome computes the pupil's year from the current values: the overall level
// and why no better one, or what is missing or wrong.
func (r *Record) Outcome() evaluation.Outcome {
	if r.memo.outcome == nil {
		out := r.rules.Consolidate(r.yearEnd())
		r.memo.outcome = &out
	}
	return *r.memo.outcome
}

// event makes the audit event of an act on this record. The details are codes
// made here, so that a failure is a mistake of this package.
func (r *Record) event(by By, act workflow.Action, detail ...string) (audit.Event, error) {
	role := string(by.Role)
	if role == "" {
		role = string(by.Kind)
	}
	who := audit.Who{AccountID: by.AccountID, UnitID: by.UnitID, Role: role, RequestID: by.RequestID}
	return audit.New(who, by.At, string(act), "record:"+r.General.Record, detail...)
}

// cleanReason brings a reason into the stored form; it fails when none is given.
func cleanReason(reason string, act workflow.Action) (string, error) {
	reason = school.Clean(reason)
	switch n := len([]rune(reason)); {
	case n == 0:
		return "", fault.New(fault.Invalid, "record.reason_missing", "act", string(act))
	case n > longestReason:
		return "", fault.New(fault.Invalid, "record.reason_too_long", "act", string(act))
	}
	return reason, nil
}

// longestReason bounds reasons, notes and evidence, in characters.
const longestReason = 1000

// PartName returns the subject of a part's element Id, such as mon-TOAN; ok is
// false for the page.
func PartName(part string) (s school.Subject, ok bool) {
	name, found := strings.CutPrefix(part, "mon-")
	if !found {
		return "", false
	}
	return school.ParseSubject(name)
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func join(subjects []school.Subject) string {
	names := make([]string, len(subjects))
	for i, s := range subjects {
		names[i] = bundle.SubjectID(s)
	}
	return strings.Join(names, ",")
}
