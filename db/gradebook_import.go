package db

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/gradesheet"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// undoLifetime is how long a written import can be read and taken back.
const undoLifetime = 30 * 24 * time.Hour

// GradebookImport is an uploaded file: previewed, perhaps written, perhaps
// taken back. It belongs to the person who uploaded it. Plan, Report and Undo
// are JSON.
type GradebookImport struct {
	ID        int64       `db:"id"`
	Year      school.Year `db:"school_year"`
	FileName  string      `db:"file_name"`
	Plan      []byte      `db:"plan"`
	Report    []byte      `db:"report"` // nil: not written yet
	Undo      []byte      `db:"undo"`   // nil: not taken back
	CreatedAt time.Time   `db:"created_at"`
	WrittenAt *time.Time  `db:"written_at"`
	UndoneAt  *time.Time  `db:"undone_at"`
	Cells     int         `db:"cells"` // of the gradebook that it changed
}

// ImportClasses lists the classes of a year in which the actor has a duty
// today, with their rolls.
func (t *Tx) ImportClasses(ctx context.Context, year school.Year) ([]gradesheet.Class, error) {
	taught, err := t.TeacherAssignments(ctx, t.Actor.AccountID, year)
	if err != nil {
		return nil, err
	}
	homes, err := t.HomeroomClasses(ctx, t.Actor.AccountID, year)
	if err != nil {
		return nil, err
	}
	var classes []gradesheet.Class
	at := func(id int64, name string) *gradesheet.Class {
		i := slices.IndexFunc(classes, func(c gradesheet.Class) bool { return c.ID == id })
		if i < 0 {
			i = len(classes)
			classes = append(classes, gradesheet.Class{ID: id, Name: name})
		}
		return &classes[i]
	}
	for _, a := range taught {
		c := at(a.ClassID, a.ClassName)
		c.Subjects = append(c.Subjects, a.Subject)
	}
	for _, h := range homes {
		at(h.ID, h.Name).Homeroom = true
	}
	return classes, t.seatPupils(ctx, classes)
}

// GradeBooks is what a table of results is compared with: the classes of
// ImportClasses, and the phrases the actor may call by a code.
func (t *Tx) GradeBooks(ctx context.Context, year school.Year) (books gradesheet.Books, err error) {
	if books.Classes, err = t.ImportClasses(ctx, year); err != nil {
		return books, err
	}
	kept, err := t.KeptPhrases(ctx, "")
	for _, k := range kept {
		books.Phrases = append(books.Phrases, k.Phrase)
	}
	books.Phrases = append(books.Phrases, remark.StarterBank()...)
	return books, err
}

// seatPupils fills the rolls of classes by one question.
func (t *Tx) seatPupils(ctx context.Context, classes []gradesheet.Class) error {
	var ids []int64
	for _, c := range classes {
		ids = append(ids, c.ID)
	}
	var rows []struct {
		ID      int64       `db:"id"`
		ClassID int64       `db:"class_id"`
		Grade   int         `db:"grade"`
		Code    string      `db:"code"`
		Number  string      `db:"personal_no"`
		Name    string      `db:"full_name"`
		Birth   school.Date `db:"birth_date"`
	}
	err := t.list(ctx, "list the rolls of an import", &rows, `SELECT e.id, e.class_id, e.grade, p.code, coalesce(p.personal_no, '') AS personal_no, p.full_name, p.birth_date
		FROM school.enrolment e JOIN school.pupil p ON p.id = e.pupil_id
		WHERE e.class_id = ANY($1) AND (e.to_date IS NULL OR e.to_date >= $2) AND e.from_date <= $2
		ORDER BY p.given_name, p.rest_name, p.code`, pq.Array(ids), school.DateOf(t.Now))
	for _, r := range rows {
		c := &classes[slices.Index(ids, r.ClassID)]
		c.Pupils = append(c.Pupils, spreadsheet.Known{ID: r.ID, Pupil: spreadsheet.Pupil{Code: r.Code, PersonalNo: r.Number,
			FullName: r.Name, BirthDate: r.Birth, ClassName: c.Name, Grade: r.Grade}})
	}
	return err
}

// JudgeImport lets the gradebook judge every cell of a draft, and gives its
// rows their verdicts.
func (t *Tx) JudgeImport(ctx context.Context, plan *gradesheet.Plan) error {
	cells := map[gradesheet.Place][]*gradesheet.Cell{}
	changes := map[gradesheet.Place][]CellChange{}
	plan.EachCell(func(at gradesheet.Place, enrolment int64, c *gradesheet.Cell) {
		cells[at] = append(cells[at], c)
		changes[at] = append(changes[at], CellChange{CellRef: CellRef{enrolment, c.Item, c.Field}, New: c.New})
	})
	for at, list := range changes {
		trials, err := t.TryCells(ctx, ClassPeriod{Year: plan.Year, ClassID: at.Class, Period: at.Period}, list)
		if err != nil {
			return err
		}
		for i, trial := range trials {
			judged := gradesheet.Trial{Old: trial.Old, New: trial.New}
			if trial.Fault != nil {
				judged.Code, judged.Args = trial.Fault.Code, trial.Fault.Args
			}
			cells[at][i].Take(judged)
		}
	}
	plan.Conclude()
	return nil
}

// KeepGradebookImport stores an uploaded file for its preview; Sweep removes it
// when it has expired.
func (t *Tx) KeepGradebookImport(ctx context.Context, b GradebookImport, plan any) (int64, error) {
	text, err := json.Marshal(plan)
	if err != nil {
		return 0, translate(err, "store an import's plan")
	}
	var id int64
	err = t.GetContext(ctx, &id, `INSERT INTO school.gradebook_import (school_id, school_year, account_id, file_name, plan,
		  created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`, t.Actor.SchoolID, b.Year,
		t.Actor.AccountID, b.FileName, string(text), t.Now, t.Now.Add(importLifetime))
	return id, translate(err, "store an import")
}

// GradebookImport returns an uploaded file of the actor. One of somebody else,
// of another school or year, or one that expired is NotFound, import.unknown.
func (t *Tx) GradebookImport(ctx context.Context, year school.Year, id int64) (GradebookImport, error) {
	return t.gradebookImport(ctx, year, id, "")
}

func (t *Tx) gradebookImport(ctx context.Context, year school.Year, id int64, lock string) (b GradebookImport, err error) {
	err = t.get(ctx, "import.unknown", &b, `SELECT b.id, b.school_year, b.file_name, b.plan, b.report, b.undo, b.created_at, b.written_at,
		  b.undone_at, (SELECT count(*) FROM school.gradebook_import_cell c WHERE c.import_id = b.id) AS cells
		FROM school.gradebook_import b
		WHERE b.id = $1 AND b.school_year = $2 AND b.account_id = $3 AND b.expires_at > $4`+lock, id, year, t.Actor.AccountID, t.Now)
	return b, err
}

// GradebookImports lists the actor's written imports of a year, the newest
// first, without their plans.
func (t *Tx) GradebookImports(ctx context.Context, year school.Year) ([]GradebookImport, error) {
	var out []GradebookImport
	err := t.list(ctx, "list imports", &out, `SELECT b.id, b.school_year, b.file_name, b.created_at, b.written_at, b.undone_at,
		  (SELECT count(*) FROM school.gradebook_import_cell c WHERE c.import_id = b.id) AS cells
		FROM school.gradebook_import b
		WHERE b.account_id = $1 AND b.school_year = $2 AND b.expires_at > $3 AND b.written_at IS NOT NULL AND b.school_id = $4
		ORDER BY b.id DESC LIMIT 50`, t.Actor.AccountID, year, t.Now, t.Actor.SchoolID)
	return out, err
}

// DropGradebookImport forgets a file that was not written.
func (t *Tx) DropGradebookImport(ctx context.Context, id int64) error {
	return t.exec(ctx, "drop an import", `DELETE FROM school.gradebook_import
		WHERE id = $1 AND account_id = $2 AND written_at IS NULL`, id, t.Actor.AccountID)
}

// closeImport keeps what became of a file, and the file for its undoing.
func (t *Tx) closeImport(ctx context.Context, id int64, report any) error {
	text, err := json.Marshal(report)
	if err != nil {
		return translate(err, "store an import's report")
	}
	return t.exec(ctx, "close an import", `UPDATE school.gradebook_import SET report = $2, written_at = $3, expires_at = $4 WHERE id = $1`,
		id, string(text), t.Now, t.Now.Add(undoLifetime))
}

// WriteGrades writes the chosen rows of a previewed file once, by SaveCells over
// the values its preview showed, and notes a verdict for every cell that was
// left; whatever can be written is. A second call waits for the first and
// returns the same report.
func (t *Tx) WriteGrades(ctx context.Context, year school.Year, id int64, choices gradesheet.Choices) (gradesheet.Report, error) {
	var report gradesheet.Report
	b, err := t.gradebookImport(ctx, year, id, ` FOR UPDATE OF b`)
	if err != nil {
		return report, err
	}
	if b.Report != nil {
		return report, translate(json.Unmarshal(b.Report, &report), "read an import's report")
	}
	var plan gradesheet.Plan
	if err := json.Unmarshal(b.Plan, &plan); err != nil {
		return report, translate(err, "read an import's plan")
	}
	report, tasks := plan.Decide(choices)
	for _, task := range tasks {
		if err := t.writeTask(ctx, year, id, task, &report); err != nil {
			return report, err
		}
	}
	report.Sum()
	if err := t.note(ctx, "gradebook_imported", importObject(id), "cells", strconv.Itoa(report.CellsWritten)); err != nil {
		return report, err
	}
	return report, t.closeImport(ctx, id, report)
}

// writeTask saves the cells of one class and period, and keeps those that
// changed for an undo. A class in which the duty ended since the preview leaves
// its cells.
func (t *Tx) writeTask(ctx context.Context, year school.Year, id int64, task gradesheet.Task, report *gradesheet.Report) error {
	at := ClassPeriod{Year: year, ClassID: task.Class, Period: task.Period}
	for part := range slices.Chunk(task.Cells, MaxCells) {
		changes := make([]CellChange, len(part))
		for i, c := range part {
			changes[i] = CellChange{CellRef{c.Enrolment, c.Item, c.Field}, c.Old, c.New}
		}
		t.Way = WayImport
		results, err := t.SaveCells(ctx, at, changes)
		t.Way = WayTyped
		if f := fault.As(err); f != nil && f.Kind == fault.NotFound {
			for _, c := range part {
				report.Left(c, gradesheet.CellResult{Code: "cell.not_yours", Args: map[string]string{"item": string(c.Item)}})
			}
			continue
		}
		if err != nil {
			return err
		}
		var saved []gradesheet.TaskCell
		for i, r := range results {
			if r.Fault != nil {
				why := gradesheet.CellResult{Code: r.Fault.Code, Args: r.Fault.Args, By: r.By, At: r.At}
				if why.Code == "cell.stale" {
					why.Code = gradesheet.CodeStale
				}
				report.Left(part[i], why)
				continue
			}
			report.Wrote(part[i])
			saved = append(saved, part[i])
		}
		if err := t.keepCells(ctx, id, at, saved); err != nil {
			return err
		}
	}
	return nil
}

// keepCells remembers what the import changed with the lines of history it
// wrote: of each cell the newest, under the lock that SaveCells took. A cell
// that held its value already by then was not changed and is not kept.
func (t *Tx) keepCells(ctx context.Context, id int64, at ClassPeriod, cells []gradesheet.TaskCell) error {
	var enrolments []int64
	var items, fields, olds, news []string
	for _, c := range cells {
		enrolments, items, fields = append(enrolments, c.Enrolment), append(items, string(c.Item)), append(fields, string(c.Field))
		olds, news = append(olds, c.Old), append(news, c.New)
	}
	return t.exec(ctx, "keep the cells of an import", `INSERT INTO school.gradebook_import_cell (import_id, school_id, class_id, period,
		  enrolment_id, item, field, old_value, new_value, history_id)
		SELECT $1, $2, $3, $4, k.e, k.i, k.f, h.old_value, h.new_value, h.id
		FROM unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[]) AS k(e, i, f, o, n)
		CROSS JOIN LATERAL (SELECT w.id, w.old_value, w.new_value, w.account_id, w.at FROM school.entry_history w
		  WHERE w.school_year = $5 AND w.enrolment_id = k.e AND w.period = $4 AND w.item = k.i AND w.field = k.f
		  ORDER BY w.id DESC LIMIT 1) h
		WHERE h.account_id = $11 AND h.at = $12 AND h.old_value = k.o AND h.new_value = k.n`, id, t.Actor.SchoolID, at.ClassID, at.Period, at.Year,
		pq.Array(enrolments), pq.Array(items), pq.Array(fields), pq.Array(olds), pq.Array(news), t.Actor.AccountID, t.Now)
}

// importCell is a cell that an import changed, with what happened to it since.
type importCell struct {
	ClassID   int64            `db:"class_id"`
	ClassName string           `db:"class_name"`
	Name      string           `db:"full_name"`
	Period    school.Period    `db:"period"`
	Enrolment int64            `db:"enrolment_id"`
	Item      evaluation.Item  `db:"item"`
	Field     evaluation.Field `db:"field"`
	Old       string           `db:"old_value"`
	New       string           `db:"new_value"`
	Touched   bool             `db:"touched"`
	By        string           `db:"by"`
	At        *time.Time       `db:"at"`
}
