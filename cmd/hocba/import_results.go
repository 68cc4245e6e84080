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
	"hocba/internal/gradesheet"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// gradeFlags are the flags of "import results" and "import traits".
type gradeFlags struct {
	at                                       place
	school, year, as, class, period, subject *string
	write, asJSON                            *bool
}

// defineImportGrades defines "import results" and "import traits": one engine
// reads both kinds of table.
func defineImportGrades(f *flags) action {
	o := gradeFlags{at: definePlace(f), school: f.text("school", ""), year: f.text("year", ""), as: f.text("as", ""),
		class: f.text("class", ""), period: f.text("period", ""), subject: f.text("subject", ""), write: f.toggle("write"), asJSON: f.toggle("json")}
	return func(ctx context.Context, p *program, operands []string) error {
		if len(operands) != 1 {
			return fault.New(fault.Invalid, "command.operands", "command", "import results", "operands", "FILE")
		}
		return importGrades(ctx, p, o, operands[0])
	}
}

// importGrades reads tables of results as the portal does for the teacher named
// by --as, and prints what it would do, or with --write has done: green rows
// alone. What it wrote can be taken back in the portal by that teacher. It
// fails, with import.rows_refused, when any row was not written whole.
func importGrades(ctx context.Context, p *program, o gradeFlags, name string) error {
	year, ok := school.ParseYear(*o.year)
	if !ok {
		return fault.New(fault.Invalid, "command.flag_value", "name", "year", "twin", twin("year"), "value", *o.year)
	}
	file, err := os.Open(name)
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "command.file", "name", name)
	}
	defer file.Close()
	tables, err := spreadsheet.ReadGrades(file, gradesheet.Vocabulary())
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
	actor, err := holderOf(ctx, d, workflow.Teacher, *o.school, *o.as)
	if err != nil {
		return err
	}
	page := views.GradebookImport{Year: year, FileName: filepath.Base(name)}
	err = d.As(ctx, actor, func(tx *db.Tx) error { return o.run(ctx, tx, &page, tables) })
	if err != nil {
		return err
	}
	answer := gradeAnswerOf(&page)
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

// holderOf is the person of a school in whose name is written; NotFound,
// account.unknown, for who does not hold the role there today.
func holderOf(ctx context.Context, d *db.DB, role workflow.Role, code, username string) (workflow.Actor, error) {
	a, ok, err := d.FindAccount(ctx, username)
	if err != nil {
		return workflow.Actor{}, err
	}
	if ok && a.Active {
		posts, err := d.Posts(ctx, a.ID, school.DateOf(d.Now()))
		if err != nil {
			return workflow.Actor{}, err
		}
		for _, post := range posts {
			if post.Role == role && post.UnitCode == code {
				return workflow.Actor{Kind: workflow.Person, AccountID: a.ID, Name: a.FullName, Role: post.Role, UnitID: post.UnitID,
					UnitCode: post.UnitCode, SchoolID: post.UnitID}, nil
			}
		}
	}
	return workflow.Actor{}, fault.New(fault.NotFound, "account.unknown")
}

func (o gradeFlags) run(ctx context.Context, tx *db.Tx, page *views.GradebookImport, tables []*spreadsheet.GradeTable) error {
	choice := gradesheet.Choice{Class: *o.class}
	choice.Period, _ = school.ParsePeriod(*o.period)
	choice.Subject, _ = school.ParseSubject(*o.subject)
	books, err := tx.GradeBooks(ctx, page.Year)
	if err != nil {
		return err
	}
	plan := gradesheet.Draft(page.Year, tables, books, choice)
	if err := tx.JudgeImport(ctx, plan); err != nil {
		return err
	}
	page.Plan, page.Report = *plan, nil
	if !*o.write {
		return nil
	}
	id, err := tx.KeepGradebookImport(ctx, db.GradebookImport{Year: page.Year, FileName: page.FileName}, plan)
	if err != nil {
		return err
	}
	report, err := tx.WriteGrades(ctx, page.Year, id, plan.Greens())
	page.ID, page.Report = id, &report
	return err
}

// gradeAnswer is the machine-readable report.
type gradeAnswer struct {
	File    string           `json:"file"`
	Import  int64            `json:"import,omitempty"` // by which it is taken back
	Year    school.Year      `json:"year"`
	Written bool             `json:"written"`
	Green   int              `json:"green"`
	Yellow  int              `json:"yellow"`
	Red     int              `json:"red"`
	Cells   int              `json:"cells"` // written
	Rows    []gradeAnswerRow `json:"rows"`  // those not written whole, or not to be
}

type gradeAnswerRow struct {
	Sheet   string              `json:"sheet"`
	Row     int                 `json:"row"`
	Name    string              `json:"name"`
	Verdict spreadsheet.Verdict `json:"verdict"`
	Codes   []string            `json:"codes"`
	Text    string              `json:"text"`
}

func gradeAnswerOf(page *views.GradebookImport) gradeAnswer {
	plan := &page.Plan
	a := gradeAnswer{File: page.FileName, Import: page.ID, Year: page.Year, Written: page.Report != nil, Rows: []gradeAnswerRow{},
		Green: plan.Count(spreadsheet.Green), Yellow: plan.Count(spreadsheet.Yellow), Red: plan.Count(spreadsheet.Red)}
	if page.Report != nil {
		a.Cells = page.Report.CellsWritten
	}
	for i := range plan.Rows {
		if !page.Lacks(i) {
			continue
		}
		r := &plan.Rows[i]
		one := gradeAnswerRow{Sheet: plan.Sheets[r.Sheet].Name, Row: r.Row, Name: r.Pupil.FullName, Verdict: r.Verdict, Codes: []string{}, Text: page.Reasons(i)}
		for _, issue := range r.Issues {
			one.Codes = append(one.Codes, issue.Code)
		}
		for _, reason := range r.Reasons {
			one.Codes = append(one.Codes, reason.Code)
		}
		if len(r.Options) > 0 {
			for _, c := range r.Options[0].Cells {
				if c.Code != "" {
					one.Codes = append(one.Codes, c.Code)
				}
			}
		}
		a.Rows = append(a.Rows, one)
	}
	return a
}

// left counts the rows that are not in the gradebook whole, and those that wait
// for a choice.
func (a gradeAnswer) left() (refused, skipped int) {
	for _, r := range a.Rows {
		if r.Verdict == spreadsheet.Yellow {
			skipped++
		} else {
			refused++
		}
	}
	return refused, skipped
}

// print says the report in words.
func (a gradeAnswer) print(w io.Writer) {
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
	say("cells", "cells", n(a.Cells))
}
