package gradesheet

import (
	"slices"

	"hocba/internal/evaluation"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// Class is a class in which the importing person has a duty today.
type Class struct {
	ID       int64
	Name     string
	Subjects []school.Subject    // taught by the person
	Homeroom bool                // qualities, competencies and their remarks are the person's
	Pupils   []spreadsheet.Known // ID is the enrolment
}

// owns reports whether the item is the person's part in the class.
func (c Class) owns(it evaluation.Item) bool {
	if s, ok := it.Subject(); ok {
		return slices.Contains(c.Subjects, s)
	}
	return c.Homeroom
}

// Books is what a file is compared with: the person's classes, and the phrases
// that may be called by a code; of two with one code the earlier holds.
type Books struct {
	Classes []Class
	Phrases []remark.Phrase
}

// Choice is what the person says of the file where the file is silent, or
// against what stands above its table. Zero fields say nothing.
type Choice struct {
	Class   string // its name
	Period  school.Period
	Subject school.Subject
}

// Plan is what a file would do to the gradebook: the preview that a person
// looks at, and the ground on which it is written. It can be stored as JSON.
type Plan struct {
	Year   school.Year
	Sheets []Sheet
	Rows   []Row
}

// Sheet is a table of the file and what it was taken for; Class, Period and Item
// hold for the rows that do not say better.
type Sheet struct {
	Name      string
	HeaderRow int
	Rows      int
	Class     string
	Period    school.Period
	Item      evaluation.Item
	Columns   []Column
	Issues    []spreadsheet.Issue
}

// Column is a column of a table and what it was taken for; all empty for one
// that is not read.
type Column struct {
	Heading string
	Field   string // of the pupil, or a field of a target
	Item    evaluation.Item
	Period  school.Period
}

// Row is a pupil of the file with what it would change.
type Row struct {
	Sheet   int // index into Sheets
	Row     int
	Pupil   spreadsheet.Pupil // as the file has it
	Verdict spreadsheet.Verdict
	Issues  []spreadsheet.Issue
	Reasons []spreadsheet.Reason
	// Options are the pupils it may be about, the likeliest first; none when
	// nobody of the person's classes is.
	Options []Option
	Raw     []string
}

// Option is a pupil a row may be about, and the cells it would fill there.
type Option struct {
	Enrolment int64
	Class     int64
	ClassName string
	Name      string
	Code      string
	Cells     []Cell

	doubts []doubt
}

// Cell is a value of the file over the value that stands. Code says why it
// cannot be written; without it, equal Old and New say there is nothing to do.
type Cell struct {
	Address string // "F18"
	Heading string
	Period  school.Period
	Item    evaluation.Item
	Field   evaluation.Field
	Text    string // as the file has it
	Phrase  string `json:",omitempty"` // the code by which the file calls New
	Old     string
	New     string
	Code    string            `json:",omitempty"`
	Args    map[string]string `json:",omitempty"`
}

// Changes reports whether writing the cell would change it.
func (c Cell) Changes() bool { return c.Code == "" && c.Old != c.New }

// Count returns how many rows have a verdict.
func (p *Plan) Count(v spreadsheet.Verdict) int {
	n := 0
	for i := range p.Rows {
		if p.Rows[i].Verdict == v {
			n++
		}
	}
	return n
}

// Place is a table of the gradebook.
type Place struct {
	Class  int64
	Period school.Period
}

// Trial is the gradebook's judgement of a cell: what stands, what would stand,
// and the code of the refusal.
type Trial struct {
	Old, New string
	Code     string
	Args     map[string]string
}

// Draft matches the rows of a file with the pupils of the person's classes. Its
// cells wait for judgement: Cells says which, Judge takes it.
func Draft(year school.Year, tables []*spreadsheet.GradeTable, books Books, choice Choice) *Plan {
	plan := &Plan{Year: year}
	d := drafting{plan: plan, classes: books.Classes, phrases: newPhrasebook(books.Phrases), choice: choice, byEnrolment: map[int64]int{}}
	var known []spreadsheet.Known
	for i, c := range books.Classes {
		for _, k := range c.Pupils {
			d.byEnrolment[k.ID] = i
			known = append(known, k)
		}
	}
	d.matcher = spreadsheet.NewMatcher(known)
	for _, t := range tables {
		d.table(t)
	}
	return plan
}

type drafting struct {
	plan        *Plan
	classes     []Class
	phrases     phrasebook
	choice      Choice
	matcher     *spreadsheet.Matcher
	byEnrolment map[int64]int // index into classes
}

// table drafts a sheet. What a person chose holds against what stands above
// the table, with a warning; what a row says itself holds against both.
func (d *drafting) table(t *spreadsheet.GradeTable) {
	s := Sheet{Name: t.Sheet, HeaderRow: t.Header.Row, Rows: len(t.Rows), Class: t.Class, Period: t.Period,
		Item: evaluation.Item(t.Item), Issues: t.Issues}
	doubtful := false
	against := func(code, file, chosen string) bool {
		if file == "" || chosen == "" || file == chosen {
			return false
		}
		s.Issues = append(s.Issues, spreadsheet.SheetWarning(code, "file", file, "chosen", chosen))
		doubtful = true
		return true
	}
	against(CodeOtherClass, s.Class, d.choice.Class)
	against(CodeOtherPeriod, string(s.Period), string(d.choice.Period))
	named := s.Item != "" && d.choice.Subject != "" && namesNoItem(t)
	if named {
		against(CodeOtherSubject, string(s.Item), string(d.choice.Subject))
	}
	s.Class, s.Period = first(d.choice.Class, s.Class), school.Period(first(string(d.choice.Period), string(s.Period)))
	s.Item = evaluation.Item(first(string(d.choice.Subject), string(s.Item)))
	for _, c := range t.Header.Columns {
		s.Columns = append(s.Columns, column(t, c, s))
	}
	d.plan.Sheets = append(d.plan.Sheets, s)
	for _, row := range t.Rows {
		d.plan.Rows = append(d.plan.Rows, d.row(row, doubtful))
	}
}

// namesNoItem reports whether a column leaves its subject to the sheet.
func namesNoItem(t *spreadsheet.GradeTable) bool {
	return slices.ContainsFunc(t.Header.Columns, func(c spreadsheet.Column) bool {
		target, ok := t.Target(c)
		return ok && target.Item == ""
	})
}

func column(t *spreadsheet.GradeTable, c spreadsheet.Column, s Sheet) Column {
	out := Column{Heading: c.Heading, Field: c.Field}
	if target, ok := t.Target(c); ok {
		out.Field, out.Item = target.Field, evaluation.Item(first(target.Item, string(s.Item)))
		out.Period = periodOf(target, s.Period)
	}
	return out
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// periodOf is the period of a target where the row's is base.
func periodOf(t spreadsheet.Target, base school.Period) school.Period {
	switch {
	case t.Period != "":
		return t.Period
	case t.Round == "" || base == "" || base == school.Summer:
		return base
	}
	firstTerm := base == school.MidFirst || base == school.EndFirst
	switch {
	case t.Round == spreadsheet.MidRound && firstTerm:
		return school.MidFirst
	case t.Round == spreadsheet.MidRound:
		return school.MidSecond
	case firstTerm:
		return school.EndFirst
	}
	return school.YearEnd
}

// row finds the pupils a row may be about, and drafts its cells for each.
func (d *drafting) row(r spreadsheet.GradeRow, doubtful bool) Row {
	at := len(d.plan.Sheets) - 1
	sheet := &d.plan.Sheets[at]
	row := Row{Sheet: at, Row: r.Row, Pupil: r.Pupil, Issues: r.Issues, Raw: r.Raw, Verdict: spreadsheet.Green}
	if r.Refused() {
		row.Verdict = spreadsheet.Red
		return row
	}
	who := r.Pupil
	who.ClassName = first(who.ClassName, sheet.Class)
	match := d.matcher.MatchSeat(who)
	row.Verdict, row.Reasons = match.Verdict, match.Reasons
	if doubtful {
		row.raise(spreadsheet.Yellow, CodeOtherChoice)
	}
	base := r.Period
	if base == "" {
		base = sheet.Period
	} else if d.choice.Period != "" && base != d.choice.Period {
		row.raise(spreadsheet.Yellow, CodeRowPeriod, "file", string(base), "chosen", string(d.choice.Period))
	}
	for _, k := range match.Candidates {
		class := d.classes[d.byEnrolment[k.ID]]
		option := Option{Enrolment: k.ID, Class: class.ID, ClassName: class.Name, Name: k.FullName, Code: k.Code}
		d.cells(&option, r, base, k.Grade)
		row.Options = append(row.Options, option)
	}
	if len(row.Options) == 0 || row.Verdict == spreadsheet.Red {
		return row
	}
	likeliest := row.Options[0]
	for _, doubt := range likeliest.doubts {
		row.raise(spreadsheet.Yellow, doubt.code, "value", doubt.value, "item", string(doubt.item))
	}
	if len(likeliest.Cells)+len(likeliest.doubts) == 0 && len(r.Values) > 0 {
		row.raise(spreadsheet.Red, CodeNoneYours)
	}
	return row
}

// cells drafts what a row would write. In a table of many items those of other
// people are passed over; a table of one item is refused cell by cell.
func (d *drafting) cells(o *Option, r spreadsheet.GradeRow, base school.Period, grade int) {
	sheet, class := &d.plan.Sheets[len(d.plan.Sheets)-1], d.classes[d.byEnrolment[o.Enrolment]]
	many := slices.ContainsFunc(sheet.Columns, func(c Column) bool { return c.Item != "" && c.Item != sheet.Columns[firstItem(sheet)].Item })
	for _, v := range r.Values {
		c := Cell{Heading: v.Column.Heading, Address: spreadsheet.Address(v.Column, r.Row), Period: periodOf(v.Target, base),
			Item: evaluation.Item(first(v.Item, string(sheet.Item))), Field: evaluation.Field(v.Field), Text: v.Text, New: v.Text}
		switch {
		case many && !class.owns(c.Item):
			continue
		case v.Issue != nil:
			c.Code, c.Args = v.Issue.Code, v.Issue.Args
		case c.Item == "":
			c.Code = CodeNoSubject
		case c.Period == "":
			c.Code = CodeNoPeriod
		}
		if v.Field == spreadsheet.FieldRemarkCode {
			beside := slices.DeleteFunc(slices.Clone(r.Values), func(w spreadsheet.GradeValue) bool {
				return w.Text == "" || first(w.Item, string(sheet.Item)) != string(c.Item) || periodOf(w.Target, base) != c.Period
			})
			if c.Code != "" || !d.phrases.resolve(&c, o, grade, beside) {
				continue
			}
		}
		o.Cells = append(o.Cells, c)
	}
}

func firstItem(s *Sheet) int {
	return max(0, slices.IndexFunc(s.Columns, func(c Column) bool { return c.Item != "" }))
}

func (r *Row) raise(v spreadsheet.Verdict, code string, args ...string) {
	if v == spreadsheet.Red || r.Verdict == spreadsheet.Green {
		r.Verdict = v
	}
	reason := spreadsheet.Reason{Code: code, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		reason.Args[args[i]] = args[i+1]
	}
	r.Reasons = append(r.Reasons, reason)
}
