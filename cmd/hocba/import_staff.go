package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/staffsheet"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// staffFlags are the flags of "import accounts" and "import assignments".
type staffFlags struct {
	at                     place
	kind                   staffsheet.Kind
	school, year, as, from *string
	write, asJSON          *bool
}

// defineImportStaff defines "import accounts" or "import assignments".
func defineImportStaff(kind staffsheet.Kind) func(*flags) action {
	return func(f *flags) action {
		o := staffFlags{at: definePlace(f), kind: kind, school: f.text("school", ""), year: f.text("year", ""), as: f.text("as", ""),
			from: new(string), write: f.toggle("write"), asJSON: f.toggle("json")}
		if kind == staffsheet.Assignments {
			o.from = f.text("from", "")
		}
		return func(ctx context.Context, p *program, operands []string) error {
			if len(operands) != 1 {
				return fault.New(fault.Invalid, "command.operands", "command", "import "+string(kind), "operands", "FILE")
			}
			return importStaff(ctx, p, o, operands[0])
		}
	}
}

// importStaff reads lists of accounts or assignments as the portal does for the
// school administrator named by --as, and prints what it would do, or with
// --write has done: green rows alone. New accounts get no password here; their
// administrator shows and prints the temporary ones in the portal, where the
// import can be taken back, too. It fails, with import.rows_refused, when any
// row was not written whole.
func importStaff(ctx context.Context, p *program, o staffFlags, name string) error {
	year, ok := school.ParseYear(*o.year)
	if !ok {
		return fault.New(fault.Invalid, "command.flag_value", "name", "year", "twin", twin("year"), "value", *o.year)
	}
	file, err := os.Open(name)
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "command.file", "name", name)
	}
	defer file.Close()
	layout := spreadsheet.AccountLayout
	if o.kind == staffsheet.Assignments {
		layout = spreadsheet.AssignmentLayout
	}
	tables, err := spreadsheet.ReadLists(file, layout)
	if err != nil {
		return err
	}
	s, err := openStore(ctx, o.at, true, terminalLog(p.stderr))
	if err != nil {
		return err
	}
	defer s.close()
	d, err := s.open(ctx, time.Now)
	if err != nil {
		return err
	}
	defer d.Close()
	actor, err := holderOf(ctx, d, workflow.SchoolAdmin, *o.school, *o.as)
	if err != nil {
		return err
	}
	page := views.StaffImport{Year: year, FileName: filepath.Base(name)}
	if err := d.As(ctx, actor, func(tx *db.Tx) error { return o.run(ctx, tx, &page, tables) }); err != nil {
		return err
	}
	answer := staffAnswerOf(&page)
	if *o.asJSON {
		err = printJSON(p.stdout, answer)
	} else {
		answer.print(p.stdout)
	}
	if refused, skipped := answer.left(); err == nil && refused+skipped > 0 {
		err = fault.New(fault.Conflict, "import.rows_refused", "refused", strconv.Itoa(refused), "skipped", strconv.Itoa(skipped))
	}
	return err
}

func (o staffFlags) run(ctx context.Context, tx *db.Tx, page *views.StaffImport, tables []*spreadsheet.ListTable) error {
	plan, err := o.plan(ctx, tx, page.Year, tables)
	if err != nil {
		return err
	}
	page.Plan, page.Report = *plan, nil
	if !*o.write {
		return nil
	}
	if page.ID, err = tx.KeepStaffImport(ctx, plan, page.FileName); err != nil {
		return err
	}
	report, err := tx.WriteStaff(ctx, page.Year, page.ID, plan.Greens())
	page.Report = &report
	return err
}

func (o staffFlags) plan(ctx context.Context, tx *db.Tx, year school.Year, tables []*spreadsheet.ListTable) (*staffsheet.Plan, error) {
	if o.kind == staffsheet.Accounts {
		return tx.PlanAccounts(ctx, year, tables)
	}
	from := db.ImportStart(year, school.DateOf(tx.Now))
	if *o.from != "" {
		var ok bool
		if from, ok = school.ReadDate(*o.from); !ok {
			return nil, fault.New(fault.Invalid, "command.flag_value", "name", "from", "twin", twin("from"), "value", *o.from)
		}
	}
	return tx.PlanAssignments(ctx, year, tables, from)
}

// staffAnswer is the machine-readable report. It names no password.
type staffAnswer struct {
	File    string           `json:"file"`
	Import  int64            `json:"import,omitempty"` // by which it is taken back
	Year    school.Year      `json:"year"`
	Kind    staffsheet.Kind  `json:"kind"`
	Written bool             `json:"written"`
	Green   int              `json:"green"`
	Yellow  int              `json:"yellow"`
	Red     int              `json:"red"`
	Kept    int              `json:"kept"`  // rows that stood already
	Made    int              `json:"made"`  // accounts, roles, codes, duties
	Fresh   []string         `json:"fresh"` // usernames of new accounts, without a password yet
	Rows    []gradeAnswerRow `json:"rows"`  // those not written whole, or not to be
}

func staffAnswerOf(page *views.StaffImport) staffAnswer {
	plan := &page.Plan
	a := staffAnswer{File: page.FileName, Import: page.ID, Year: page.Year, Kind: plan.Kind, Written: page.Report != nil, Fresh: []string{},
		Rows: []gradeAnswerRow{}, Green: plan.Count(spreadsheet.Green), Yellow: plan.Count(spreadsheet.Yellow), Red: plan.Count(spreadsheet.Red)}
	if page.Report != nil {
		a.Made, a.Kept = len(page.Report.Made), page.Report.Kept
		for _, m := range page.Report.Fresh() {
			a.Fresh = append(a.Fresh, m.Username)
		}
	}
	for i := range plan.Rows {
		if !page.Lacks(i) {
			continue
		}
		r := &plan.Rows[i]
		one := gradeAnswerRow{Sheet: plan.Sheets[r.Sheet].Name, Row: r.Row, Name: r.Name, Verdict: r.Verdict, Codes: []string{}, Text: page.Reasons(i)}
		for _, issue := range r.Issues {
			one.Codes = append(one.Codes, issue.Code)
		}
		for _, reason := range r.Reasons {
			one.Codes = append(one.Codes, reason.Code)
		}
		if len(r.Options) > 0 {
			for _, c := range r.Options[0].Changes {
				if c.Code != "" {
					one.Codes = append(one.Codes, c.Code)
				}
			}
		}
		a.Rows = append(a.Rows, one)
	}
	return a
}

// left counts the rows that are not in the books whole, and those that wait for
// a choice.
func (a staffAnswer) left() (refused, skipped int) { return gradeAnswer{Rows: a.Rows}.left() }

// print says the report in words.
func (a staffAnswer) print(w io.Writer) {
	say := func(name string, args ...string) { fmt.Fprintln(w, words.ImportLine(name, args...)) }
	n := strconv.Itoa
	say("counts", "green", n(a.Green), "yellow", n(a.Yellow), "red", n(a.Red))
	for _, r := range a.Rows {
		say("row", "row", n(r.Row), "name", r.Name, "text", r.Text)
	}
	if !a.Written {
		say("preview", "green", n(a.Green))
		return
	}
	say("made", "made", n(a.Made), "kept", n(a.Kept))
	for _, username := range a.Fresh {
		say("fresh", "username", username)
	}
	if len(a.Fresh) > 0 {
		say("passwords")
	}
}
