package gradesheet

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/spreadsheet"
)

// Codes of what is found about a file of results as a whole, and of reasons of
// rows; each has a sentence.
const (
	CodeOtherClass   = "gradesheet.other_class"   // {file}, {chosen}
	CodeOtherPeriod  = "gradesheet.other_period"  // {file}, {chosen}
	CodeOtherSubject = "gradesheet.other_subject" // {file}, {chosen}
	CodeOtherChoice  = "gradesheet.other_choice"  // the row's sheet says otherwise than the person
	CodeRowPeriod    = "gradesheet.row_period"    // {file}, {chosen}
	CodeNoneYours    = "gradesheet.none_yours"    // no value of the row is the person's to write
	CodeNoSubject    = "gradesheet.no_subject"
	CodeNoPeriod     = "gradesheet.no_period"
	CodeNew          = "gradesheet.new"        // {count}
	CodeChanges      = "gradesheet.changes"    // {count}
	CodeSome         = "gradesheet.some"       // {count}, {refused}
	CodeLevelMark    = "gradesheet.level_mark" // {item}, {level}, {mark}
	CodeTwice        = "gradesheet.twice"      // {other}
)

// Codes lists every code of the package.
func Codes() []string {
	return []string{CodeOtherClass, CodeOtherPeriod, CodeOtherSubject, CodeOtherChoice, CodeRowPeriod, CodeNoneYours, CodeNoSubject,
		CodeNoPeriod, CodeNew, CodeChanges, CodeSome, CodeLevelMark, CodeTwice, CodeTouched, CodeStale,
		CodePhraseUnknown, CodePhraseElse}
}

// EachCell visits the cells of a place that wait for judgement, with their
// pupil's enrolment.
func (p *Plan) EachCell(visit func(Place, int64, *Cell)) {
	for i := range p.Rows {
		for o := range p.Rows[i].Options {
			option := &p.Rows[i].Options[o]
			for c := range option.Cells {
				if cell := &option.Cells[c]; cell.Code == "" {
					visit(Place{option.Class, cell.Period}, option.Enrolment, cell)
				}
			}
		}
	}
}

// Take puts the gradebook's judgement into the cell.
func (c *Cell) Take(t Trial) { c.Old, c.New, c.Code, c.Args = t.Old, t.New, t.Code, t.Args }

// Conclude gives every row its verdict, after its cells were judged: refused
// when nothing of it can be written or an item would be torn apart, doubtful
// when something would be overwritten, refused in part, or looks mistyped. Of
// two rows for one cell the later is refused.
func (p *Plan) Conclude() {
	type key struct {
		enrolment int64
		Place
		item  evaluation.Item
		field evaluation.Field
	}
	taken := map[key]int{}
	for i := range p.Rows {
		r := &p.Rows[i]
		if r.Verdict == spreadsheet.Red || len(r.Options) == 0 {
			continue
		}
		o := &r.Options[0]
		twice := 0
		for _, c := range o.Cells {
			k := key{o.Enrolment, Place{o.Class, c.Period}, c.Item, c.Field}
			if other, again := taken[k]; again {
				twice = p.Rows[other].Row
			} else {
				taken[k] = i
			}
		}
		if twice != 0 {
			r.raise(spreadsheet.Red, CodeTwice, "other", strconv.Itoa(twice))
			continue
		}
		r.conclude(o.Cells)
	}
}

func (r *Row) conclude(cells []Cell) {
	changes, overwritten, refusals := 0, 0, 0
	torn := map[evaluation.Item]bool{}
	for _, c := range cells {
		switch {
		case c.Code != "":
			refusals++
			torn[c.Item] = true
		case c.Changes():
			changes++
			if c.Old != "" {
				overwritten++
			}
		}
	}
	whole := 0
	for _, c := range cells {
		if c.Changes() && !torn[c.Item] {
			whole++
		}
	}
	if refusals > 0 && whole == 0 {
		r.Verdict = spreadsheet.Red
		return
	}
	if refusals > 0 {
		r.raise(spreadsheet.Yellow, CodeSome, "count", strconv.Itoa(changes), "refused", strconv.Itoa(refusals))
	}
	if overwritten > 0 {
		r.raise(spreadsheet.Yellow, CodeChanges, "count", strconv.Itoa(overwritten))
	}
	if changes > 0 {
		r.levelAgainstMark(cells)
	}
	switch {
	case len(r.Reasons) > 0:
	case len(cells) == 0:
		r.raise(spreadsheet.Green, spreadsheet.CodeNothing)
	case changes == 0:
		r.raise(spreadsheet.Green, spreadsheet.CodeMatchIdentical)
	default:
		r.raise(spreadsheet.Green, CodeNew, "count", strconv.Itoa(changes))
	}
}

// levelAgainstMark doubts levels that the mark beside them does not bear out:
// usual practice, no law (domain notes §1.4), so it asks and never refuses.
func (r *Row) levelAgainstMark(cells []Cell) {
	type at struct {
		item   evaluation.Item
		period string
	}
	levels := map[at]string{}
	for _, c := range cells {
		if c.Code == "" && c.Field == evaluation.FieldLevel {
			levels[at{c.Item, string(c.Period)}] = c.New
		}
	}
	for _, c := range cells {
		mark, err := strconv.Atoi(c.New)
		if c.Code != "" || c.Field != evaluation.FieldMark || err != nil {
			continue
		}
		level := levels[at{c.Item, string(c.Period)}]
		if level == "T" && mark < 7 || level == "H" && mark < 5 || level == "C" && mark >= 5 {
			r.raise(spreadsheet.Yellow, CodeLevelMark, "item", string(c.Item), "level", level, "mark", c.New)
		}
	}
}
