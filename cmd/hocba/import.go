package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// importFlags are the flags of "import pupils".
type importFlags struct {
	at                 place
	school, year, from *string
	write, asJSON      *bool
}

func defineImportPupils(f *flags) action {
	o := importFlags{at: definePlace(f), school: f.text("school", ""), year: f.text("year", ""), from: f.text("from", ""),
		write: f.toggle("write"), asJSON: f.toggle("json")}
	return func(ctx context.Context, p *program, operands []string) error {
		if len(operands) != 1 {
			return fault.New(fault.Invalid, "command.operands", "command", "import pupils", "operands", "FILE")
		}
		return importPupils(ctx, p, o, operands[0])
	}
}

// importPupils reads a list of pupils as the portal does, and prints what it
// would do, or with --write has done. Rows that need a person's choice are not
// written. It fails, with import.rows_refused, when any row was not written.
func importPupils(ctx context.Context, p *program, o importFlags, name string) error {
	year, ok := school.ParseYear(*o.year)
	if !ok {
		return fault.New(fault.Invalid, "command.flag_value", "name", "year", "twin", twin("year"), "value", *o.year)
	}
	file, err := os.Open(name)
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "command.file", "name", name)
	}
	defer file.Close()
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
	run, err := newImportRun(ctx, d, o, year)
	if err != nil {
		return err
	}
	run.file = file
	if err := d.As(ctx, run.actor, func(tx *db.Tx) error { return run.do(ctx, tx, *o.write) }); err != nil {
		return err
	}
	answer := run.answer(filepath.Base(name))
	if *o.asJSON {
		err = printJSON(p.stdout, answer)
	} else {
		answer.print(p.stdout, run.plan)
	}
	if refused, skipped := answer.left(); err == nil && refused+skipped > 0 {
		err = fault.New(fault.Conflict, "import.rows_refused", "refused", strconv.Itoa(refused), "skipped", strconv.Itoa(skipped))
	}
	return err
}

// importRun is one import: of what, for whom, and what came of it.
type importRun struct {
	year   school.Year
	from   school.Date
	actor  workflow.Actor
	file   io.ReadSeeker
	plan   spreadsheet.PupilPlan
	report *spreadsheet.Report
}

func newImportRun(ctx context.Context, d *db.DB, o importFlags, year school.Year) (*importRun, error) {
	today := school.DateOf(d.Now())
	unit, err := d.UnitByCode(ctx, *o.school, today)
	if err != nil {
		return nil, err
	}
	if unit.Kind != school.School {
		return nil, fault.New(fault.NotFound, "unit.unknown")
	}
	r := &importRun{year: year, from: db.ImportStart(year, today),
		actor: workflow.Actor{Kind: workflow.System, UnitID: unit.ID, UnitCode: unit.Code, SchoolID: unit.ID}}
	if *o.from != "" {
		r.from, _ = school.ReadDate(*o.from)
	}
	return r, db.CheckImportStart(year, r.from, today)
}

func (r *importRun) do(ctx context.Context, tx *db.Tx, write bool) error {
	books, err := tx.ImportBooks(ctx, r.year)
	if err != nil {
		return err
	}
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sheet, err := spreadsheet.ReadPupils(r.file, spreadsheet.PupilOptions{Year: r.year, MultiGradeClasses: books.MultiGrade()})
	if err != nil {
		return err
	}
	r.plan = spreadsheet.PlanPupils(sheet, books)
	if !write {
		return nil
	}
	report, err := tx.WritePupils(ctx, db.PupilList{Year: r.year, From: r.from, Decisions: r.plan.Decide(nil),
		Object: "school:" + r.actor.UnitCode})
	r.report = &report
	return err
}

// importAnswer is the machine-readable report.
type importAnswer struct {
	File    string            `json:"file"`
	Sheet   string            `json:"sheet"`
	Year    school.Year       `json:"year"`
	Written bool              `json:"written"`
	Green   int               `json:"green"`
	Yellow  int               `json:"yellow"`
	Red     int               `json:"red"`
	Created int               `json:"created"`
	Updated int               `json:"updated"`
	Kept    int               `json:"kept"`
	Skipped int               `json:"skipped"`
	Refused int               `json:"refused"`
	Classes []importClass     `json:"classes"`
	Rows    []importAnswerRow `json:"rows"` // those not written, or not to be written
}

type importClass struct {
	Name   string `json:"name"`
	Grades []int  `json:"grades"`
	Pupils int    `json:"pupils"`
	New    bool   `json:"new"`
}

type importAnswerRow struct {
	Sheet   string              `json:"sheet,omitempty"` // when it is not the first
	Row     int                 `json:"row"`
	Name    string              `json:"name"`
	Verdict spreadsheet.Verdict `json:"verdict"`
	Codes   []string            `json:"codes"`
	Cells   []string            `json:"cells,omitempty"`
	Text    string              `json:"text"`
}

// where says which row it is to people.
func (r importAnswerRow) where() string {
	return spreadsheet.PupilRow{Sheet: r.Sheet, Row: r.Row}.Where()
}

func (r *importRun) answer(file string) importAnswer {
	a := importAnswer{File: file, Sheet: r.plan.Sheet, Year: r.year, Written: r.report != nil, Classes: []importClass{},
		Rows: []importAnswerRow{}, Green: len(r.plan.Of(spreadsheet.Green)), Yellow: len(r.plan.Of(spreadsheet.Yellow)),
		Red: len(r.plan.Of(spreadsheet.Red))}
	for _, c := range r.plan.Classes {
		a.Classes = append(a.Classes, importClass{c.Name, c.Grades, c.Pupils, c.New})
	}
	results := map[int]*spreadsheet.RowResult{}
	if r.report != nil {
		a.Created, a.Updated, a.Kept = r.report.Created, r.report.Updated, r.report.Kept
		a.Skipped, a.Refused = r.report.Skipped, r.report.Refused
		for i := range r.report.Rows {
			results[r.report.Rows[i].Row] = &r.report.Rows[i]
		}
	}
	for i := range r.plan.Rows {
		row := &r.plan.Rows[i]
		result := results[row.ID()]
		lost := result != nil && result.Act == spreadsheet.Refuse
		if row.Verdict == spreadsheet.Green && !lost {
			continue
		}
		one := importAnswerRow{Sheet: row.Sheet, Row: row.Row, Name: row.FullName, Verdict: row.Verdict, Codes: []string{},
			Text: views.ImportReasons(row, result)}
		if lost && result.Code != "" {
			one.Verdict = spreadsheet.Red
			one.Codes = append(one.Codes, result.Code)
		}
		for _, issue := range row.Issues {
			one.Codes = append(one.Codes, issue.Code)
			if cell := issue.Cell(); cell != "" {
				one.Cells = append(one.Cells, cell)
			}
		}
		for _, m := range row.Reasons {
			one.Codes = append(one.Codes, m.Code)
		}
		a.Rows = append(a.Rows, one)
	}
	return a
}

// left counts the rows that are not in the books: refused, and without a choice.
func (a importAnswer) left() (refused, skipped int) {
	if a.Written {
		return a.Refused, a.Skipped
	}
	return a.Red, a.Yellow
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// print says the report in words.
func (a importAnswer) print(w io.Writer, plan spreadsheet.PupilPlan) {
	say := func(name string, args ...string) { fmt.Fprintln(w, words.ImportLine(name, args...)) }
	n := strconv.Itoa
	say("head", "file", a.File, "sheet", a.Sheet, "rows", n(len(plan.Rows)), "year", a.Year.Vietnamese())
	for _, issue := range plan.Issues {
		fmt.Fprintln(w, words.Message(issue.Code, issue.Args))
	}
	say("counts", "green", n(a.Green), "yellow", n(a.Yellow), "red", n(a.Red))
	for _, c := range a.Classes {
		if c.New && !a.Written {
			say("class", "class", c.Name, "grades", strings.Trim(strings.ReplaceAll(fmt.Sprint(c.Grades), " ", "+"), "[]"), "pupils", n(c.Pupils))
		}
	}
	for _, part := range []struct {
		verdict spreadsheet.Verdict
		head    string
	}{{spreadsheet.Red, "red"}, {spreadsheet.Yellow, "yellow"}} {
		first := true
		for _, row := range a.Rows {
			if row.Verdict != part.verdict {
				continue
			}
			if first {
				say(part.head)
				first = false
			}
			say("row", "row", row.where(), "name", row.Name, "text", row.Text)
		}
	}
	if !a.Written {
		say("preview", "green", n(a.Green))
		return
	}
	say("written", "created", n(a.Created), "updated", n(a.Updated), "kept", n(a.Kept), "refused", n(a.Refused), "skipped", n(a.Skipped))
}
