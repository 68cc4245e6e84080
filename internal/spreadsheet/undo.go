package spreadsheet

// Left is what of an import an undo left as it stands.
type Left string

// The kinds of things that an undo takes back or leaves.
const (
	LeftPupil Left = "pupil" // a new pupil, with seat and record
	LeftField Left = "field" // a field of a known pupil's file
	LeftSeat  Left = "seat"  // the class of a known pupil
	LeftClass Left = "class" // a new class
)

// Why something was left.
const (
	CodeLeftFile      = "import.left_file"      // the file was changed or checked since
	CodeLeftEntered   = "import.left_entered"   // results or remarks were written since
	CodeLeftSigned    = "import.left_signed"    // somebody signed since
	CodeLeftUsed      = "import.left_used"      // notes, decisions, commendations refer to it
	CodeLeftSeat      = "import.left_seat"      // the pupil's class or state was changed since
	CodeLeftChanged   = "import.left_changed"   // the field was written again since
	CodeLeftConfirmed = "import.left_confirmed" // a second person confirmed the field
	CodeLeftClass     = "import.left_class"     // the class has pupils or duties, or was changed
)

// LeftThing is a thing that was left as it stands, and why. Field is a
// profile's field, of LeftField.
type LeftThing struct {
	What   Left
	Name   string
	Code   string `json:",omitempty"`
	Field  string `json:",omitempty"`
	Reason string // a code
}

// Undo is what became of taking an import of pupils back.
type Undo struct {
	Pupils, Fields, Proposals, Seats, Classes int

	Left []LeftThing
}

// Back is how many things were taken back.
func (u Undo) Back() int { return u.Pupils + u.Fields + u.Proposals + u.Seats + u.Classes }
