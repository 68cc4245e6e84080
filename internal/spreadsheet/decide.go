package spreadsheet

import (
	"strconv"
	"strings"
)

// Choice is what a person decides about a yellow row: Skip, AsNew, or a pupil
// of its candidates (AsPupil).
type Choice string

// The choices beside AsPupil.
const (
	Skip  Choice = "skip"
	AsNew Choice = "new"
)

// AsPupil is the choice that the row is this known pupil.
func AsPupil(id int64) Choice { return Choice("same:" + strconv.FormatInt(id, 10)) }

// pupil returns the known pupil a choice names; 0 for none.
func (c Choice) pupil() int64 {
	text, ok := strings.CutPrefix(string(c), "same:")
	if !ok {
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// Act is what is done with a row.
type Act string

// The acts.
const (
	Create  Act = "created"
	Update  Act = "updated"
	Keep    Act = "kept"    // known and identical: nothing to write
	Skipped Act = "skipped" // a person left it out, or did not decide
	Refuse  Act = "refused"
)

// Codes of rows refused when they are written.
const (
	CodeImportChoice       = "import.choice"        // the choice is none of the row's
	CodeImportClaimed      = "import.claimed"       // {other}: the row that goes to the same pupil
	CodeImportChanged      = "import.changed"       // somebody changed the pupil since the preview
	CodeImportCodeTaken    = "import.code_taken"    // {value}
	CodeImportNumberTaken  = "import.number_taken"  // {value}
	CodeImportRecordIssued = "import.record_issued" // {from}, {to}: the record of a pupil who moves is issued
	CodeImportMoveSigned   = "import.move_signed"   // {from}, {to}: the record of a pupil who moves is signed
	CodeImportWaits        = "import.waits"         // written; who the child is waits for a second person
)

// Decision is what is to be done with a row of a plan.
type Decision struct {
	Row   *PlannedRow
	Act   Act
	Known *Known // of Update and Keep
	Code  string // of Refuse, when the row itself was not red
	Args  map[string]string
}

// Decide settles every row by its verdict and, where it is yellow, by the
// choice under its row's ID; without one it is skipped. Of two rows that go
// to one pupil the later is refused. The decisions have the order of the rows.
func (p *PupilPlan) Decide(choices map[int]Choice) []Decision {
	decisions := make([]Decision, len(p.Rows))
	claimed := map[int64]string{}
	for i := range p.Rows {
		d := p.Rows[i].decide(choices[p.Rows[i].ID()])
		if d.Known != nil {
			if other, taken := claimed[d.Known.ID]; taken {
				d = Decision{Row: d.Row, Act: Refuse, Code: CodeImportClaimed, Args: map[string]string{"other": other}}
			} else {
				claimed[d.Known.ID] = d.Row.Where()
			}
		}
		decisions[i] = d
	}
	return decisions
}

func (r *PlannedRow) decide(c Choice) Decision {
	switch {
	case r.Verdict == Red:
		return Decision{Row: r, Act: Refuse}
	case r.Verdict == Green:
		return r.written(r.Known)
	case c == Skip || c == "":
		return Decision{Row: r, Act: Skipped}
	case c == AsNew && r.IsNewPossible:
		return r.written(nil)
	}
	for _, k := range append([]*Known{r.Known}, r.Candidates...) {
		if k != nil && k.ID == c.pupil() {
			return r.written(k)
		}
	}
	return Decision{Row: r, Act: Refuse, Code: CodeImportChoice}
}

func (r *PlannedRow) written(k *Known) Decision {
	switch {
	case k == nil:
		return Decision{Row: r, Act: Create}
	case len(r.DiffTo(k)) == 0:
		return Decision{Row: r, Act: Keep, Known: k}
	}
	return Decision{Row: r, Act: Update, Known: k}
}

// DiffTo lists what the row would change of a known pupil; never the code.
func (r *PlannedRow) DiffTo(k *Known) []Change {
	var changes []Change
	for _, c := range Diff(k.Pupil, r.Pupil) {
		if c.Field != FieldCode {
			changes = append(changes, c)
		}
	}
	return changes
}

// Report is what became of a list of pupils, row by row.
type Report struct {
	Created, Updated, Kept, Skipped, Refused int

	Classes []string // that were created
	Rows    []RowResult
}

// RowResult is what became of a row. A red row keeps its causes in its Issues;
// Code says why a row was refused at writing.
type RowResult struct {
	Row  int // the row's ID
	Act  Act
	Code string            `json:",omitempty"`
	Args map[string]string `json:",omitempty"`
}

// Add counts a row's result.
func (r *Report) Add(result RowResult) {
	switch result.Act {
	case Create:
		r.Created++
	case Update:
		r.Updated++
	case Keep:
		r.Kept++
	case Skipped:
		r.Skipped++
	default:
		r.Refused++
	}
	r.Rows = append(r.Rows, result)
}

// Written is how many pupils the list left in the books: new, changed, and
// those that stood there already.
func (r *Report) Written() int { return r.Created + r.Updated + r.Kept }
