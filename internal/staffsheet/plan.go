// Package staffsheet is what a school's administrator imports from .xlsx about
// the school's people: accounts with their roles, and who teaches what in which
// class. It finds out whom a row is about, what it would change, and what stands
// in the way. It reads no file (package spreadsheet does) and knows no SQL and no
// sentence for people.
package staffsheet

import (
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
)

// Kind says what a file brings.
type Kind string

// The kinds of file.
const (
	Accounts    Kind = "accounts"
	Assignments Kind = "assignments"
)

// Plan is what a file would do: the preview that a person looks at, and the
// ground on which it is written. It can be stored as JSON.
type Plan struct {
	Kind   Kind
	Year   school.Year
	From   school.Date // the first day of assignments whose row names none
	Sheets []Sheet
	Rows   []Row
}

// Sheet is a table of the file.
type Sheet struct {
	Name      string
	HeaderRow int
	Rows      int
	Columns   []Column
	Issues    []spreadsheet.Issue
}

// Column is a column of a table and the field it was taken for, "" for one that
// is not read.
type Column struct{ Heading, Field string }

// Row is a person of the file with what the row would change.
type Row struct {
	Sheet   int // index into Sheets
	Row     int
	Name    string // as the file has it
	Code    string
	Verdict spreadsheet.Verdict
	Issues  []spreadsheet.Issue
	Reasons []spreadsheet.Reason
	// Options are the people the row may be about, the likeliest first; none
	// when it is about nobody.
	Options []Option
	Raw     []string
}

// Option is a person a row may be about, and what it would change there.
type Option struct {
	Account  int64 // 0: somebody new
	Name     string
	Username string
	Code     string
	Changes  []Change
}

// Change is one thing a row says: an account, its teacher code, a role, or a
// duty in a class. Code says why it cannot be written; Same that it stands
// already.
type Change struct {
	What      What
	Role      workflow.Role
	Class     int64
	ClassName string
	Subject   school.Subject // "" of a Duty: the homeroom
	From, To  school.Date    // To and Decision of a substitution
	Decision  string
	Old, New  string
	Former    int64             // the assignment that ends
	Same      bool              `json:",omitempty"`
	Code      string            `json:",omitempty"`
	Args      map[string]string `json:",omitempty"`
}

// What a Change is about.
type What string

// The kinds of change.
const (
	NewAccount What = "account"
	NewCode    What = "code"
	NewRole    What = "role"
	NewDuty    What = "duty"
)

// Writes reports whether there is something to write.
func (c Change) Writes() bool { return c.Code == "" && !c.Same }

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

// Codes of what is found about rows and their changes; each has a sentence.
const (
	CodeOtherName    = "staff.other_name"    // {old}: who has the code or username
	CodeSpelling     = "staff.spelling"      // {old}
	CodeOtherCode    = "staff.other_code"    // {old}, {new}
	CodeSameName     = "staff.same_name"     // {old}
	CodeSeveral      = "staff.several"       // {count}
	CodeTwoPeople    = "staff.two_people"    // {first}, {second}
	CodeNobody       = "staff.nobody"        // {value}
	CodeNoName       = "staff.no_name"       // neither name nor code
	CodeRole         = "staff.role"          // {value}
	CodeState        = "staff.state"         // the file says otherwise than the books
	CodeClosed       = "staff.closed"        // the account is closed
	CodeTwice        = "staff.twice"         // {other}
	CodeUsernameHeld = "staff.username_held" // {value}
	CodeCodeHeld     = "staff.code_held"     // {value}
	CodeNew          = "staff.new"           // a new account
	CodeChanges      = "staff.changes"       // {count}
	CodeReplaces     = "staff.replaces"      // {count}: somebody else has it
	CodeSome         = "staff.some"          // {count}, {refused}
	CodeKeptFrom     = "staff.kept_from"     // {old}, {new}
	CodeClass        = "staff.class"         // {value}
	CodeSubject      = "staff.subject"       // {value}
	CodeNotTaught    = "staff.not_taught"    // {subject}, {class}
	CodeChanged      = "staff.changed"       // somebody changed it since the preview
	CodeTouched      = "staff.touched"       // used or changed since the import
)

// Codes lists every code of the package.
func Codes() []string {
	return []string{CodeOtherName, CodeSpelling, CodeOtherCode, CodeSameName, CodeSeveral, CodeTwoPeople, CodeNobody, CodeNoName, CodeRole,
		CodeState, CodeClosed, CodeTwice, CodeUsernameHeld, CodeCodeHeld, CodeNew, CodeChanges, CodeReplaces, CodeSome, CodeKeptFrom,
		CodeClass, CodeSubject, CodeNotTaught, CodeChanged, CodeTouched}
}

// newPlan drafts the sheets and calls row for each of their rows.
func newPlan(kind Kind, tables []*spreadsheet.ListTable, row func(spreadsheet.ListRow) Row) *Plan {
	plan := &Plan{Kind: kind}
	for i, t := range tables {
		s := Sheet{Name: t.Sheet, HeaderRow: t.Header.Row, Rows: len(t.Rows), Issues: t.Issues}
		for _, c := range t.Header.Columns {
			s.Columns = append(s.Columns, Column{c.Heading, c.Field})
		}
		plan.Sheets = append(plan.Sheets, s)
		for _, r := range t.Rows {
			planned := Row{Verdict: spreadsheet.Red}
			if !r.Refused() {
				planned = row(r)
			}
			planned.Sheet, planned.Row, planned.Raw = i, r.Row, r.Raw
			planned.Issues = append(planned.Issues, r.Issues...)
			planned.Name, planned.Code = r.Texts[spreadsheet.FieldFullName], r.Texts[spreadsheet.FieldTeacherCode]
			plan.Rows = append(plan.Rows, planned)
		}
	}
	return plan
}

// raise gives a row its verdict, the worse of two, with a reason.
func (r *Row) raise(v spreadsheet.Verdict, code string, args ...string) {
	if v == spreadsheet.Red || r.Verdict != spreadsheet.Red && v == spreadsheet.Yellow || r.Verdict == "" {
		r.Verdict = v
	}
	reason := spreadsheet.Reason{Code: code, Args: pairs(args)}
	r.Reasons = append(r.Reasons, reason)
}

// Refuse makes the row one that cannot be written.
func (r *Row) Refuse(code string, args map[string]string) {
	r.Verdict = spreadsheet.Red
	r.Reasons = []spreadsheet.Reason{{Code: code, Args: args}}
}

func pairs(args []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}
