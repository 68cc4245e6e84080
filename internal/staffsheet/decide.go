package staffsheet

import (
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// Choices is what a person decided: the option of each row to be written, by
// the row's index. A row that is not there is not written.
type Choices map[int]int

// Greens are the choices of somebody who looks at nothing: every green row.
func (p *Plan) Greens() Choices {
	choices := Choices{}
	for i := range p.Rows {
		if p.Rows[i].Verdict == spreadsheet.Green && len(p.Rows[i].Options) > 0 {
			choices[i] = 0
		}
	}
	return choices
}

// Report is what became of a written file, in the order of the plan's rows.
type Report struct {
	Rows                            []RowResult
	Written, Kept, Skipped, Refused int // rows; refused: nothing of it, or not all
	Made                            []Made
}

// RowResult is what became of a row: Refuse also for one of which a part was
// refused. Option is the person it went to.
type RowResult struct {
	Act    spreadsheet.Act
	Option int
	Left   []Left `json:",omitempty"`
}

// Left is a change that was not written though it should have been.
type Left struct {
	Change int // index into the option's
	Code   string
	Args   map[string]string `json:",omitempty"`
}

// Made is a thing that the import made, for its undoing.
type Made struct {
	What      What
	Account   int64
	Name      string
	Username  string        // of a new account
	Role      workflow.Role // of a role
	Code      string        // of a teacher's code
	ClassName string        // of a duty
	Class     int64
	Subject   school.Subject
	ID        int64       // of the assignment
	From, To  school.Date // as it was made
	Former    int64       // the assignment that ended, 0 for none
	FormerTo  school.Date // the last day it was given
}

// Fresh are the accounts that the import made.
func (r *Report) Fresh() []Made {
	var fresh []Made
	for _, m := range r.Made {
		if m.What == NewAccount {
			fresh = append(fresh, m)
		}
	}
	return fresh
}

// Decide settles every row by the choices; those to be written are Keep until
// something of them is.
func (p *Plan) Decide(choices Choices) Report {
	report := Report{Rows: make([]RowResult, len(p.Rows))}
	claimed := map[int64]bool{}
	for i := range p.Rows {
		row, result := &p.Rows[i], &report.Rows[i]
		chosen, picked := choices[i]
		switch {
		case row.Verdict == spreadsheet.Red:
			result.Act = spreadsheet.Refuse
		case !picked || chosen < 0 || chosen >= len(row.Options):
			result.Act = spreadsheet.Skipped
		default:
			result.Act, result.Option = spreadsheet.Keep, chosen
			if a := row.Options[chosen].Account; a != 0 && p.Kind == Accounts {
				if claimed[a] { // two doubtful rows were given to one person
					result.Act = spreadsheet.Refuse
					result.Left = []Left{{Code: CodeChanged}}
				}
				claimed[a] = true
			}
		}
	}
	return report
}

// Wrote notes that something of a row was written.
func (r *RowResult) Wrote() {
	if r.Act == spreadsheet.Keep {
		r.Act = spreadsheet.Update
	}
}

// Leave notes a change that was not written.
func (r *RowResult) Leave(change int, code string, args map[string]string) {
	r.Act = spreadsheet.Refuse
	r.Left = append(r.Left, Left{change, code, args})
}

// Sum counts the rows after the last of them.
func (r *Report) Sum() {
	for _, row := range r.Rows {
		switch row.Act {
		case spreadsheet.Update:
			r.Written++
		case spreadsheet.Keep:
			r.Kept++
		case spreadsheet.Skipped:
			r.Skipped++
		default:
			r.Refused++
		}
	}
}

// Undo is what became of taking an import back.
type Undo struct {
	Back int
	Left []LeftMade
}

// LeftMade is a thing that was left as it stands, and why.
type LeftMade struct {
	Made
	Reason string // a code
}
