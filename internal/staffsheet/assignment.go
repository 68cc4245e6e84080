package staffsheet

import (
	"slices"
	"strconv"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/gradesheet"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// Class is a class of the year with who had which duty in it.
type Class struct {
	ID     int64
	Name   string
	Grades []int
	Duties []Duty
}

// Duty is a stretch in which somebody has a subject, or with "" the homeroom.
type Duty struct {
	ID       int64
	Subject  school.Subject
	Account  int64
	Teacher  string
	From, To school.Date // To is zero while it lasts
	Decision string      // of a substitution
}

// School is what a list of assignments is compared with: its classes of the
// year, and who may be given a duty.
type School struct {
	Year     school.Year
	Classes  []Class
	Teachers []Person
}

// Wish is what a row wants for one duty.
type Wish struct {
	Account  int64
	Subject  school.Subject
	From, To school.Date
	Decision string
	Given    bool // the row names its first day itself
}

// DraftAssignments compares a list of assignments with the school. from is the
// first day of rows that name none.
func DraftAssignments(tables []*spreadsheet.ListTable, s School, from school.Date) *Plan {
	d := &assignmentDraft{school: s, from: from, taken: map[string]int{}}
	plan := newPlan(Assignments, tables, d.row)
	plan.Year, plan.From = s.Year, from
	return plan
}

type assignmentDraft struct {
	school School
	from   school.Date
	taken  map[string]int // duty → row
}

func (d *assignmentDraft) row(r spreadsheet.ListRow) Row {
	var row Row
	var classes []*Class
	for _, part := range Parts(r.Texts[spreadsheet.FieldClass]) {
		i := slices.IndexFunc(d.school.Classes, func(c Class) bool { return spreadsheet.ClassName(c.Name) == spreadsheet.ClassName(part) })
		if i < 0 {
			row.raise(spreadsheet.Red, CodeClass, "value", part)
			return row
		}
		classes = append(classes, &d.school.Classes[i])
	}
	subjects, wrong := Subjects(r.Texts[spreadsheet.FieldSubject])
	if wrong != "" {
		row.raise(spreadsheet.Red, CodeSubject, "value", wrong)
		return row
	}
	teachers := d.teachers(&row, r)
	wish := Wish{From: d.from, To: r.Days[spreadsheet.FieldTo], Decision: r.Texts[spreadsheet.FieldDecision]}
	if day, ok := r.Days[spreadsheet.FieldFrom]; ok {
		wish.From, wish.Given = day, true
	}
	for _, t := range teachers {
		o := Option{Account: t.ID, Name: t.Name, Username: t.Username, Code: t.Code}
		wish.Account = t.ID
		for _, c := range classes {
			for _, s := range subjects {
				wish.Subject = s
				o.Changes = append(o.Changes, d.school.Judge(c, t.Name, wish))
			}
		}
		row.Options = append(row.Options, o)
	}
	if row.Verdict != spreadsheet.Red && len(row.Options) > 0 {
		d.conclude(&row, r.Row, wish)
	}
	return row
}

// teachers are the people a row may mean: by code, else by name.
func (d *assignmentDraft) teachers(row *Row, r spreadsheet.ListRow) []Person {
	name, code := r.Texts[spreadsheet.FieldFullName], teacherCode(r)
	var found, folded []Person
	for _, t := range d.school.Teachers {
		switch {
		case code != "" && strings.EqualFold(t.Code, code):
			if name != "" && school.Fold(t.Name) != school.Fold(name) {
				row.raise(spreadsheet.Yellow, CodeOtherName, "old", t.Name)
			} else if name != "" && !strings.EqualFold(t.Name, name) {
				row.raise(spreadsheet.Yellow, CodeSpelling, "old", t.Name)
			}
			return []Person{t}
		case name != "" && strings.EqualFold(t.Name, name):
			found = append(found, t)
		case name != "" && school.Fold(t.Name) == school.Fold(name):
			folded = append(folded, t)
		}
	}
	switch {
	case len(found)+len(folded) == 0 && name+code == "":
		row.raise(spreadsheet.Red, CodeNoName)
	case len(found)+len(folded) == 0:
		row.raise(spreadsheet.Red, CodeNobody, "value", strings.TrimSpace(name+" "+code))
	case code != "":
		row.raise(spreadsheet.Yellow, CodeOtherCode, "old", append(found, folded...)[0].Code, "new", code)
	case len(found) > 1:
		row.raise(spreadsheet.Yellow, CodeSeveral, "count", strconv.Itoa(len(found)))
	case len(found) == 0:
		row.raise(spreadsheet.Yellow, CodeSpelling, "old", folded[0].Name)
	default:
		return found
	}
	return append(found, folded...)
}

// Judge compares a wish with the history of the class. The faults are those
// with which the class's own page refuses.
func (s School) Judge(c *Class, teacher string, w Wish) Change {
	change := Change{What: NewDuty, Class: c.ID, ClassName: c.Name, Subject: w.Subject, From: w.From, To: w.To, Decision: w.Decision, New: teacher}
	refuse := func(code string, args ...string) Change {
		change.Code, change.Args = code, pairs(args)
		return change
	}
	first := school.Date{Year: s.Year.First(), Month: 7, Day: 1}
	substitute := !w.To.IsZero() || w.Decision != ""
	switch {
	case w.Subject != "" && !s.taught(c, w.Subject):
		return refuse(CodeNotTaught, "subject", string(w.Subject), "class", c.Name)
	case w.From.IsZero() || w.From.Before(first) || s.Year.End().Before(w.From):
		return refuse("class.from", "first", first.Vietnamese(), "last", s.Year.End().Vietnamese())
	case substitute && (w.To.Before(w.From) || s.Year.End().Before(w.To)):
		return refuse("class.to", "last", s.Year.End().Vietnamese())
	case substitute && (w.Decision == "" || len([]rune(w.Decision)) > 100):
		return refuse("class.decision")
	}
	for _, h := range c.Duties {
		own := h.Decision == "" && h.To.IsZero()
		switch {
		case h.Subject != w.Subject:
		case substitute && h.Decision == w.Decision && h.Account == w.Account && h.From == w.From && h.To == w.To:
			change.Same = true
			return change
		case substitute && own && h.Account == w.Account:
			return refuse("class.substitute_self", "teacher", h.Teacher)
		case substitute && h.Decision != "" && !h.To.Before(w.From) && !w.To.Before(h.From):
			return refuse("class.substitute_twice", "teacher", h.Teacher, "from", h.From.Vietnamese(), "to", h.To.Vietnamese())
		case !substitute && h.Decision == "" && h.Account == w.Account && h.From == w.From:
			change.Same = true
			return change
		case !substitute && own && h.Account == w.Account:
			change.Same = true
			if change.From = h.From; w.Given && h.From != w.From {
				change.Old, change.New = h.From.Vietnamese(), w.From.Vietnamese()
			}
			return change
		case !substitute && own && w.From.Before(h.From):
			return refuse("class.from_before", "teacher", h.Teacher, "from", h.From.Vietnamese())
		case !substitute && own:
			change.Old, change.Former = h.Teacher, h.ID
		}
	}
	// One person begins a duty once a day, as own or as a substitute.
	if slices.ContainsFunc(c.Duties, func(h Duty) bool { return h.Subject == w.Subject && h.Account == w.Account && h.From == w.From }) {
		return refuse("class.same_day")
	}
	return change
}

func (s School) taught(c *Class, subject school.Subject) bool {
	rules := evaluation.ForYear(s.Year)
	return rules != nil && slices.ContainsFunc(c.Grades, func(g int) bool { return rules.Subject(g, subject) != evaluation.None })
}

// conclude gives a row its verdict by its likeliest person. Of two rows that
// give one duty away the later is refused.
func (d *assignmentDraft) conclude(row *Row, number int, w Wish) {
	writes, replaced, refusals := 0, 0, 0
	for i := range row.Options[0].Changes {
		c := &row.Options[0].Changes[i]
		if c.Code != "" {
			refusals++
			continue
		}
		key := strconv.FormatInt(c.Class, 10) + "/" + string(c.Subject)
		if w.Decision != "" {
			key += "/" + w.From.String() + "/" + w.To.String()
		}
		if other := d.taken[key]; other != 0 {
			row.raise(spreadsheet.Red, CodeTwice, "other", strconv.Itoa(other))
			return
		}
		d.taken[key] = number
		switch {
		case c.Same && c.Old != "":
			row.raise(spreadsheet.Green, CodeKeptFrom, "old", c.Old, "new", c.New)
		case !c.Same:
			if writes++; c.Old != "" {
				replaced++
			}
		}
	}
	switch {
	case refusals == len(row.Options[0].Changes):
		row.Verdict = spreadsheet.Red
		return
	case refusals > 0:
		row.raise(spreadsheet.Yellow, CodeSome, "count", strconv.Itoa(writes), "refused", strconv.Itoa(refusals))
	}
	if replaced > 0 {
		row.raise(spreadsheet.Yellow, CodeReplaces, "count", strconv.Itoa(replaced))
	}
	row.settle()
}

// homeroomWords are how lists call the homeroom where a subject stands.
var homeroomWords = []string{"Chủ nhiệm", "CN", "GVCN", "Chủ nhiệm lớp", "Giáo viên chủ nhiệm", "Công tác chủ nhiệm"}

// halves are the subjects that the booklet writes in two.
var halves = []struct {
	names    []string
	subjects []school.Subject
}{
	{[]string{"Tin học và Công nghệ", "Tin học - Công nghệ", "TH-CN"}, []school.Subject{school.TinHoc, school.CongNghe}},
	{[]string{"Nghệ thuật", "Nghệ thuật (Âm nhạc, Mĩ thuật)"}, []school.Subject{school.AmNhac, school.MiThuat}},
}

// Subjects reads the subjects of a cell, "Toán, Tiếng Việt"; "" is the
// homeroom. wrong is what names none.
func Subjects(text string) (subjects []school.Subject, wrong string) {
	if found, ok := oneSubject(text); ok {
		return found, ""
	}
	for _, part := range Parts(text) {
		found, ok := oneSubject(part)
		if !ok {
			return nil, part
		}
		for _, s := range found {
			if !slices.Contains(subjects, s) {
				subjects = append(subjects, s)
			}
		}
	}
	return subjects, ""
}

func oneSubject(text string) ([]school.Subject, bool) {
	same := func(w string) bool { return spreadsheet.SameTerm(w, text) }
	if slices.ContainsFunc(homeroomWords, same) {
		return []school.Subject{""}, true
	}
	for _, h := range halves {
		if slices.ContainsFunc(h.names, same) {
			return h.subjects, true
		}
	}
	if s := gradesheet.Vocabulary().Subject(text); s != "" {
		return []school.Subject{school.Subject(s)}, true
	}
	return nil, false
}
