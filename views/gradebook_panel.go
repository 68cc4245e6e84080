package views

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views/ui"
	"hocba/views/words"
)

// GradebookPanel is the panel beside a table: one pupil, everything so far in
// this table, and the past of one cell of it.
type GradebookPanel struct {
	Gradebook
	Whole   bool // part of the pupil's own page: no cross, and no name again
	Number  int  // place in the list, from 1
	Name    string
	Class   string
	Birth   string
	Parts   []templ.Component // what other stems know about the pupil
	WhyURL  string            // where "why not yet" is answered; empty: not for this reader
	Entries map[school.Period]map[evaluation.Item]evaluation.Entry
	Cell    GradebookColumn // whose past is shown; zero: of all cells
	Past    []CellPast      // newest first
	Now     time.Time
}

// CellPast is one change of a cell.
type CellPast struct {
	Column   GradebookColumn
	Old, New string
	By       string
	At       time.Time
	Imported bool   // out of a file
	Undone   bool   // an import was taken back
	Handed   bool   // brought along in place of an older value
	Class    string // another class of the year, where it happened
}

// who says by whom and how a cell was changed.
func (c CellPast) who() string {
	how := ""
	switch {
	case c.Imported:
		how = "nhập từ tệp"
	case c.Undone:
		how = "hoàn tác lần nhập"
	case c.Handed:
		how = "theo em từ lớp trước"
	}
	if c.Class != "" {
		how = joined(how, "ở lớp "+c.Class)
	}
	return joined(c.By, how)
}

func (p GradebookPanel) panel() ui.Panel {
	if p.Whole {
		return ui.Panel{ID: "pupil-panel", Title: "Đến nay", Hint: joined(p.Class, p.Birth)}
	}
	return ui.Panel{ID: "pupil-panel", Title: p.Name, Hint: joined("Số "+strconv.Itoa(p.Number), p.Class, p.Birth), Close: p.TableURL()}
}

// periods are the regular ones, and the summer's where something stands in it.
func (p GradebookPanel) periods() []school.Period {
	out := school.Periods
	if len(p.Entries[school.Summer]) > 0 {
		out = append(out[:len(out):len(out)], school.Summer)
	}
	return out
}

// soFar heads the table of all periods.
func (p GradebookPanel) soFar() string { return p.title() + " qua các kì" }

// lines are the items of the table that have a level.
func (p GradebookPanel) lines() []evaluation.Item {
	if p.Subject != "" {
		return []evaluation.Item{evaluation.Item(p.Subject)}
	}
	if p.All {
		var items []evaluation.Item
		for _, c := range p.Columns {
			if c.Field == evaluation.FieldLevel {
				items = append(items, c.Item)
			}
		}
		return items
	}
	return evaluation.Traits()
}

// result is level and mark in a period, as "T · 8".
func (p GradebookPanel) result(period school.Period, it evaluation.Item) string {
	e := p.Entries[period][it]
	switch {
	case e.Exempt:
		return "Miễn"
	case !e.HasResult():
		return "–"
	}
	return joined(string(e.Level), e.Value(evaluation.FieldMark))
}

// remarks are those of all periods, by group where there are several; of all
// subjects none, which would be fifty.
func (p GradebookPanel) remarks() []ui.Fact {
	if p.All {
		return nil
	}
	items := evaluation.RemarkGroups
	if p.Subject != "" {
		items = []evaluation.Item{evaluation.Item(p.Subject)}
	}
	var out []ui.Fact
	for _, period := range p.periods() {
		for _, it := range items {
			remark := p.Entries[period][it].Remark
			if remark == "" {
				continue
			}
			name := words.PeriodShort(period)
			if p.Subject == "" {
				name = joined(name, it.Name())
			}
			out = append(out, ui.Fact{Name: name, Value: remark, Soft: true})
		}
	}
	return out
}

// pastTitle heads the history.
func (p GradebookPanel) pastTitle() string {
	if p.Cell.Item == "" {
		return "Đã sửa trong kì này"
	}
	return "Lịch sử ô " + p.Cell.editorName()
}

// change is one line of the history, "T → H"; of all cells with the cell's name.
func (p GradebookPanel) change(c CellPast) string {
	name := ""
	switch {
	case p.Cell.Item != "":
	case p.Subject != "":
		name = fieldNames[c.Column.Field] + ": "
	case p.All:
		name = c.Column.editorName() + ": "
	default:
		name = lower(c.Column.Item.Name()) + ": "
	}
	return name + pastValue(c.Column, c.Old) + " → " + pastValue(c.Column, c.New)
}

func pastValue(c GradebookColumn, v string) string {
	switch {
	case v == "":
		return "trống"
	case c.Field == evaluation.FieldExempt:
		return "Miễn"
	case c.Field == evaluation.FieldRemark:
		return "“" + v + "”"
	}
	return v
}

// when is the time of a change, with the day unless it is today.
func (p GradebookPanel) when(c CellPast) string {
	if Day(c.At) == Day(p.Now) {
		return HourMinute(c.At) + " hôm nay"
	}
	return Clock(c.At)
}
