package gradesheet

import (
	"cmp"
	"slices"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
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

// Report is what became of a written file: rows in the order of the plan's, of
// each that was to be written its cells.
type Report struct {
	Rows                               []RowResult
	Written, Kept, Skipped, Refused    int // rows; refused: nothing of it, or not all
	CellsWritten, CellsKept, CellsLeft int
}

// RowResult is what became of a row: Refuse also for one of which a cell was
// refused. Option is the pupil it went to.
type RowResult struct {
	Act    spreadsheet.Act
	Option int
	Cells  []CellResult `json:",omitempty"` // that were not written though they should have been
}

// CellResult names a cell that was left, and why. By wrote what stands there, at At.
type CellResult struct {
	Cell int // index into the option's
	Code string
	Args map[string]string `json:",omitempty"`
	By   string            `json:",omitempty"`
	At   time.Time         `json:",omitzero"`
}

// Task is the cells of one place to be written, with where they come from.
type Task struct {
	Place
	Cells []TaskCell
}

// TaskCell is one value to be written.
type TaskCell struct {
	Row, Cell int
	Enrolment int64
	Item      evaluation.Item
	Field     evaluation.Field
	Old, New  string
}

// Decide settles every row by the choices and lists what is to be written,
// place by place. Of two rows that go to one cell the later is refused.
func (p *Plan) Decide(choices Choices) (Report, []Task) {
	report := Report{Rows: make([]RowResult, len(p.Rows))}
	tasks := map[Place][]TaskCell{}
	type key struct {
		enrolment int64
		period    school.Period
		item      evaluation.Item
		field     evaluation.Field
	}
	taken := map[key]bool{}
	for i := range p.Rows {
		row, result := &p.Rows[i], &report.Rows[i]
		chosen, picked := choices[i]
		switch {
		case row.Verdict == spreadsheet.Red:
			result.Act = spreadsheet.Refuse
			continue
		case !picked || chosen < 0 || chosen >= len(row.Options):
			result.Act = spreadsheet.Skipped
			continue
		}
		result.Act, result.Option = spreadsheet.Keep, chosen
		option := &row.Options[chosen]
		for n, c := range option.Cells {
			k := key{option.Enrolment, c.Period, c.Item, c.Field}
			switch {
			case c.Code != "":
				result.leave(CellResult{Cell: n, Code: c.Code, Args: c.Args})
			case taken[k]:
				result.leave(CellResult{Cell: n, Code: CodeTwice})
			case c.Changes():
				at := Place{option.Class, c.Period}
				tasks[at] = append(tasks[at], TaskCell{i, n, option.Enrolment, c.Item, c.Field, c.Old, c.New})
				fallthrough
			default:
				taken[k] = true
			}
		}
	}
	var list []Task
	for at, cells := range tasks {
		list = append(list, Task{at, cells})
	}
	slices.SortFunc(list, func(a, b Task) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Period, b.Period))
	})
	return report, list
}

func (r *RowResult) leave(c CellResult) {
	r.Act = spreadsheet.Refuse
	r.Cells = append(r.Cells, c)
}

// Wrote notes that a cell was written.
func (r *Report) Wrote(c TaskCell) {
	r.CellsWritten++
	if row := &r.Rows[c.Row]; row.Act == spreadsheet.Keep {
		row.Act = spreadsheet.Update
	}
}

// Left notes that a cell was not written.
func (r *Report) Left(c TaskCell, why CellResult) {
	why.Cell = c.Cell
	r.Rows[c.Row].leave(why)
}

// Sum counts the rows and cells after the last of them.
func (r *Report) Sum() {
	for _, row := range r.Rows {
		r.CellsLeft += len(row.Cells)
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
	Back int // cells that hold their former value again
	Left []LeftCell
}

// LeftCell is a cell that was not taken back: CodeTouched when somebody wrote
// it since, else the gradebook's own refusal.
type LeftCell struct {
	Name      string
	ClassName string
	Period    school.Period
	Item      evaluation.Item
	Field     evaluation.Field
	Code      string
	Args      map[string]string `json:",omitempty"`
}

// Codes of cells that are left as they stand because somebody wrote them: after
// the import, before an undo; after the preview, before the writing.
const (
	CodeTouched = "gradesheet.touched" // {by}, {at}
	CodeStale   = "gradesheet.stale"   // {by}, {at}, {theirs}
)
