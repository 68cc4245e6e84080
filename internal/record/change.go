package record

import (
	"time"

	"hocba/internal/audit"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// Change is what an act does to a record: rows to add, and the stage that
// follows on the revision the act was decided on. Only this package makes one;
// the zero value is none, and db refuses it (Check). Everything of a Change is
// written in one transaction, or nothing.
type Change struct {
	made        bool
	recordID    int64
	schoolID    int64
	uuid        string
	revision    int64
	from, to    workflow.Stage
	act         workflow.Action
	at          time.Time
	signatures  []Signature
	voids       []Void
	returns     []Return
	answers     []Answer
	versions    []Version
	events      []Event
	revocations []Revocation
	decisions   []Revocation
	audit       audit.Event
}

// Check fails with Internal record.no_change for the zero value.
func (c Change) Check() error {
	if !c.made {
		return fault.New(fault.Internal, "record.no_change")
	}
	return nil
}

// Empty reports whether nothing of the life cycle changes: an edit of a part
// that nobody signed. Such a Change need not be applied.
func (c Change) Empty() bool {
	return c.from == c.to && len(c.signatures)+len(c.voids)+len(c.returns)+len(c.answers)+
		len(c.versions)+len(c.events)+len(c.revocations)+len(c.decisions) == 0
}

// RecordID returns the row of the record.
func (c Change) RecordID() int64 { return c.recordID }

// UUID returns MA_HOC_BA of the record.
func (c Change) UUID() string { return c.uuid }

// SchoolID returns the managing school.
func (c Change) SchoolID() int64 { return c.schoolID }

// PreviousRevision returns the revision the record must still have.
func (c Change) PreviousRevision() int64 { return c.revision }

// From returns the stage before.
func (c Change) From() workflow.Stage { return c.from }

// Stage returns the stage after.
func (c Change) Stage() workflow.Stage { return c.to }

// Act returns the act.
func (c Change) Act() workflow.Action { return c.act }

// At returns when it was decided, in business time.
func (c Change) At() time.Time { return c.at }

// Signatures returns the signatures to add.
func (c Change) Signatures() []Signature { return append([]Signature(nil), c.signatures...) }

// Voids returns the void rows to add.
func (c Change) Voids() []Void { return append([]Void(nil), c.voids...) }

// Returns returns the returns to add.
func (c Change) Returns() []Return { return append([]Return(nil), c.returns...) }

// Answers returns the answers to returns to add.
func (c Change) Answers() []Answer { return append([]Answer(nil), c.answers...) }

// Versions returns the versions to add, with their bytes. (record, number) is
// unique: a second insert of the same is the same issue, done already.
func (c Change) Versions() []Version { return append([]Version(nil), c.versions...) }

// Events returns the events of versions to add.
func (c Change) Events() []Event { return append([]Event(nil), c.events...) }

// Revocations returns the requests for revocation to add.
func (c Change) Revocations() []Revocation { return append([]Revocation(nil), c.revocations...) }

// Decisions returns requests, by their row, with the decision to add.
func (c Change) Decisions() []Revocation { return append([]Revocation(nil), c.decisions...) }

// Audit returns the event to write beside the rows.
func (c Change) Audit() audit.Event { return c.audit }

// begin starts the Change of an act that has passed its guards.
func (r *Record) begin(by By, act workflow.Action) Change {
	return Change{
		made: true, recordID: r.ID, schoolID: r.SchoolID, uuid: r.General.Record, revision: r.Revision,
		from: r.Stage, to: r.Stage, act: act, at: by.At,
	}
}

// finish adds the audit event and the stage. Without a stage it follows from
// the signatures that are live after the Change.
func (r *Record) finish(c Change, by By, to workflow.Stage, detail ...string) (Change, error) {
	if to == "" {
		to = r.after(c).stageOf()
	}
	c.to = to
	e, err := r.event(by, c.act, append([]string{"from", string(c.from), "to", string(to)}, detail...)...)
	if err != nil {
		return Change{}, err
	}
	c.audit = e
	return c, nil
}

// after returns the record with the rows of the Change added, for deciding
// what follows. New signatures have no row yet and stand on negative ids.
func (r *Record) after(c Change) *Record {
	s := r.State
	s.Voids = append(append([]Void(nil), s.Voids...), c.voids...)
	s.Signatures = append([]Signature(nil), s.Signatures...)
	for i, sig := range c.signatures {
		sig.ID = int64(-1 - i)
		s.Signatures = append(s.Signatures, sig)
	}
	s.Returns = append([]Return(nil), s.Returns...)
	for i := range s.Returns {
		for _, a := range c.answers {
			if a.ReturnID == s.Returns[i].ID {
				s.Returns[i].Answers = append(append([]Answer(nil), s.Returns[i].Answers...), a)
			}
		}
	}
	s.Versions = append([]Version(nil), s.Versions...)
	for _, e := range c.events {
		for i := range s.Versions {
			if s.Versions[i].Number == e.Version {
				s.Versions[i].Standing = e.Kind
			}
		}
	}
	s.Versions = append(s.Versions, c.versions...)
	return r.with(s)
}

// void adds a void row.
func (c *Change) void(by By, s Signature, cause Cause) {
	c.voids = append(c.voids, Void{SignatureID: s.ID, Cause: cause, AccountID: by.AccountID, At: by.At})
}

// signedAgain answers what is open of returns of a part that its owner signs:
// whoever signs it has looked at it.
func (c *Change) signedAgain(by By, returns []Return, part string) {
	for _, ret := range returns {
		for _, p := range ret.Parts {
			if p == part && !ret.answered(part) {
				c.answers = append(c.answers, Answer{ReturnID: ret.ID, Part: part, Kind: Again, AccountID: by.AccountID, At: by.At})
			}
		}
	}
}

// endVersionSignatures voids what belongs to the version that is left behind:
// approval and seal; and what no longer fits the current values.
func (r *Record) endVersionSignatures(c *Change, by By) {
	for _, s := range r.Signatures {
		if r.voided(s.ID) {
			continue
		}
		switch role := s.Slot.Role(); {
		case role == bundle.Approval || role == bundle.Seal:
			c.void(by, s, VersionEnded)
		case !r.Live(s):
			c.void(by, s, ContentChanged)
		}
	}
}
