package profile

import (
	"slices"
	"unicode/utf8"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Kind says why a file changes.
type Kind string

// The kinds.
const (
	Addition    Kind = "addition"     // something that was empty is filled in
	Correction  Kind = "correction"   // a mistake is put right: it was never true
	CivilStatus Kind = "civil_status" // the civil status changed: true from a day on
	Moved       Kind = "moved"        // the family lives elsewhere from a day on
	Renamed     Kind = "renamed"      // the same place by the name of today's unit
)

// Kinds lists the kinds a person chooses among; Addition is found by itself.
var Kinds = []Kind{Correction, CivilStatus, Moved, Renamed}

// Paper is what was seen.
type Paper string

// The papers.
const (
	BirthCertificate Paper = "birth_certificate" // giấy khai sinh, trích lục khai sinh
	Decision         Paper = "decision"          // quyết định, trích lục hộ tịch
	IdentityPaper    Paper = "identity_paper"    // căn cước, thông báo số định danh
	ResidencePaper   Paper = "residence_paper"   // xác nhận thông tin về cư trú
	FamilySheet      Paper = "family_sheet"      // the sheet that the family signed
	OtherPaper       Paper = "other"             // said in the note
	List             Paper = "list"              // a list that was imported
)

// Papers lists the papers a person chooses among.
var Papers = []Paper{BirthCertificate, Decision, IdentityPaper, ResidencePaper, FamilySheet, OtherPaper}

// Official reports whether an authority wrote the paper.
func (p Paper) Official() bool {
	return p == BirthCertificate || p == Decision || p == IdentityPaper || p == ResidencePaper
}

// Reason is why a file changes, from when on, and by which paper.
type Reason struct {
	Kind  Kind
	From  school.Date
	Paper Paper
	Note  string // number and day of the paper
}

// Change is a new value of one field. Second tells that it waits for a second
// person; the old value stands until then.
type Change struct {
	Field    Field
	Old, New string
	Second   bool
}

// Form is what a person typed: the fields that were sent, each with the value
// it stood on (in stored form), and the reason as typed.
type Form struct {
	Old, Typed  File
	Kind, Paper string
	From, Note  string
	Today       school.Date
	Waiting     []Field // fields with a change that nobody has decided
}

// Controls of a form beside the fields.
const (
	ControlKind  = "kind"
	ControlFrom  = "from"
	ControlPaper = "paper"
	ControlNote  = "note"
)

// Refusal is why a form was not taken: by control, and for stale fields what
// stands there now.
type Refusal struct {
	Controls map[string]*fault.Error
	Theirs   File
}

// Refused reports whether anything was refused.
func (r Refusal) Refused() bool { return len(r.Controls) > 0 }

// Stale reports whether somebody else wrote another value meanwhile.
func (r Refusal) Stale() bool { return len(r.Theirs) > 0 }

func (r *Refusal) add(control string, err error) {
	if r.Controls == nil {
		r.Controls = map[string]*fault.Error{}
	}
	if _, told := r.Controls[control]; !told && err != nil {
		r.Controls[control] = fault.As(err)
	}
}

// Decide compares a form with the file as it is stored and says what changes,
// or why nothing does. A field that somebody else changed since the form was
// shown is profile.stale (Conflict) and keeps both values; one whose change
// waits for a second person is profile.waiting (Conflict). A form that changes
// nothing needs no reason.
func Decide(stored File, f Form) ([]Change, Reason, Refusal) {
	var changes []Change
	var no Refusal
	for _, field := range Fields {
		typed, sent := f.Typed[field]
		if !sent || typed == f.Old[field] {
			continue
		}
		value, err := field.Clean(typed, f.Today)
		switch {
		case err != nil:
			no.add(string(field), err)
		case value == f.Old[field] || value == stored[field]:
		case stored[field] != f.Old[field]:
			no.add(string(field), fault.New(fault.Conflict, "profile.stale"))
			if no.Theirs == nil {
				no.Theirs = File{}
			}
			no.Theirs[field] = stored[field]
		case slices.Contains(f.Waiting, field):
			no.add(string(field), fault.New(fault.Conflict, "profile.waiting"))
		default:
			changes = append(changes, Change{Field: field, Old: stored[field], New: value, Second: field.Guarded()})
		}
	}
	if len(changes) == 0 {
		return nil, Reason{}, no
	}
	reason := f.reason(changes, stored, &no)
	if no.Refused() {
		return nil, Reason{}, no
	}
	return changes, reason, no
}

// reason reads why, from when and by which paper.
func (f Form) reason(changes []Change, stored File, no *Refusal) Reason {
	r := Reason{Kind: Kind(f.Kind), Paper: Paper(f.Paper), Note: school.CleanLine(f.Note)}
	fills := !slices.ContainsFunc(changes, func(c Change) bool { return c.Old != "" })
	who := slices.ContainsFunc(changes, func(c Change) bool { return c.Second })
	switch {
	case r.Kind == "" && fills:
		r.Kind = Addition
	case !slices.Contains(Kinds, r.Kind):
		no.add(ControlKind, fault.New(fault.Invalid, "profile.kind"))
	case r.Kind == Moved && slices.ContainsFunc(changes, func(c Change) bool { return !livesThere(c.Field) }):
		no.add(ControlKind, fault.New(fault.Invalid, "profile.kind_moved"))
	case r.Kind == Renamed && slices.ContainsFunc(changes, func(c Change) bool { return !isPlace(c.Field) }):
		no.add(ControlKind, fault.New(fault.Invalid, "profile.kind_renamed"))
	}
	var ok bool
	birth, _ := school.ParseDate(stored[BirthDate])
	if r.From, ok = school.ReadDate(f.From); !ok {
		no.add(ControlFrom, fault.New(fault.Invalid, "profile.from"))
	} else if f.Today.Before(r.From) || r.From.Before(birth) {
		no.add(ControlFrom, fault.New(fault.Invalid, "profile.from_range"))
	}
	switch {
	case r.Paper != "" && !slices.Contains(Papers, r.Paper):
		no.add(ControlPaper, fault.New(fault.Invalid, "profile.paper"))
	case who && !r.Paper.Official(), r.Kind == CivilStatus && !r.Paper.Official():
		no.add(ControlPaper, fault.New(fault.Invalid, "profile.paper_official"))
	case r.Paper == "" && r.Kind != Addition && r.Kind != Renamed:
		no.add(ControlPaper, fault.New(fault.Invalid, "profile.paper"))
	case r.Paper == OtherPaper && r.Note == "":
		no.add(ControlNote, fault.New(fault.Invalid, "profile.note_missing"))
	}
	if utf8.RuneCountInString(r.Note) > 200 {
		no.add(ControlNote, fault.New(fault.Invalid, "profile.too_long", "max", "200"))
	}
	return r
}

// livesThere reports whether the field changes when a family moves.
func livesThere(f Field) bool { return f == Residence || f == Village || f == Phone }

// isPlace reports whether the field names units.
func isPlace(f Field) bool {
	return f == Birthplace || f == Hometown || f == Residence || f == Village
}

// Outdates reports whether a version that was issued on a day says something
// that this change made wrong, so that a new version is needed. A family that
// moved later lived there when it was issued, and old pages keep the old names
// of units.
func Outdates(field Field, kind Kind, from, issued school.Date) bool {
	return field.InRecord() && kind != Renamed && (kind != Moved || !issued.Before(from))
}
