package db

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"hocba/internal/fault"
	"hocba/internal/gradesheet"
	"hocba/internal/school"
)

// UndoGrades gives the cells of a written import their former values back:
// those that nobody wrote since, not even with the same value, and that
// SaveCells takes today. It says which it left, and why. A second call returns
// what the first did; an import that was not written is Conflict,
// import.not_written.
func (t *Tx) UndoGrades(ctx context.Context, year school.Year, id int64) (gradesheet.Undo, error) {
	var undo gradesheet.Undo
	b, err := t.gradebookImport(ctx, year, id, ` FOR UPDATE OF b`)
	switch {
	case err != nil:
		return undo, err
	case b.Report == nil:
		return undo, fault.New(fault.Conflict, "import.not_written")
	case b.Undo != nil:
		return undo, translate(json.Unmarshal(b.Undo, &undo), "read an undo")
	}
	// The pupils are locked before anybody asks who wrote their cells last: what
	// is untouched now stays so until this transaction ends.
	var locked []int64
	err = t.list(ctx, "lock the pupils of an import", &locked, `SELECT e.id FROM school.enrolment e
		WHERE e.id IN (SELECT c.enrolment_id FROM school.gradebook_import_cell c WHERE c.import_id = $1) ORDER BY e.id FOR NO KEY UPDATE OF e`, id)
	if err != nil {
		return undo, err
	}
	var cells []importCell
	err = t.list(ctx, "list the cells of an import", &cells, `SELECT c.class_id, k.name AS class_name, p.full_name, c.period, c.enrolment_id,
		  c.item, c.field, c.old_value, c.new_value, h.id <> c.history_id AS touched, a.full_name AS by, h.at
		FROM school.gradebook_import_cell c JOIN school.class k ON k.id = c.class_id
		JOIN school.enrolment e ON e.id = c.enrolment_id JOIN school.pupil p ON p.id = e.pupil_id
		CROSS JOIN LATERAL (SELECT w.id, w.account_id, w.at FROM school.entry_history w
		  WHERE w.school_year = $2 AND w.enrolment_id = c.enrolment_id AND w.period = c.period AND w.item = c.item AND w.field = c.field
		  ORDER BY w.id DESC LIMIT 1) h
		JOIN core.account a ON a.id = h.account_id
		WHERE c.import_id = $1 ORDER BY c.class_id, c.period, p.given_name, p.rest_name, p.code, c.item, c.field`, id, year)
	if err != nil {
		return undo, err
	}
	places := map[gradesheet.Place][]importCell{}
	var order []gradesheet.Place
	for _, c := range cells {
		if c.Touched {
			undo.Left = append(undo.Left, c.left(gradesheet.CodeTouched, map[string]string{"by": c.By, "at": clock(c.At)}))
			continue
		}
		at := gradesheet.Place{Class: c.ClassID, Period: c.Period}
		if places[at] == nil {
			order = append(order, at)
		}
		places[at] = append(places[at], c)
	}
	for _, at := range order {
		if err := t.takeBack(ctx, ClassPeriod{Year: year, ClassID: at.Class, Period: at.Period}, places[at], &undo); err != nil {
			return undo, err
		}
	}
	text, err := json.Marshal(undo)
	if err != nil {
		return undo, translate(err, "store an undo")
	}
	if err := t.note(ctx, "gradebook_import_undone", importObject(id), "cells", strconv.Itoa(undo.Back)); err != nil {
		return undo, err
	}
	return undo, t.exec(ctx, "keep an undo", `UPDATE school.gradebook_import SET undo = $2, undone_at = $3 WHERE id = $1`, id, string(text), t.Now)
}

// takeBack writes the former values of a class and period.
func (t *Tx) takeBack(ctx context.Context, at ClassPeriod, cells []importCell, undo *gradesheet.Undo) error {
	changes := make([]CellChange, len(cells))
	for i, c := range cells {
		changes[i] = CellChange{CellRef{c.Enrolment, c.Item, c.Field}, c.New, c.Old}
	}
	done := 0
	for _, part := range chunks(changes) {
		t.Way = WayUndo
		results, err := t.SaveCells(ctx, at, part)
		t.Way = WayTyped
		gone := fault.As(err)
		if gone != nil && gone.Kind != fault.NotFound || gone == nil && err != nil {
			return err
		}
		for i := range part {
			c := cells[done+i]
			switch {
			case gone != nil: // the duty in the class ended
				undo.Left = append(undo.Left, c.left("cell.not_yours", map[string]string{"item": string(c.Item)}))
			case results[i].Fault != nil:
				undo.Left = append(undo.Left, c.left(results[i].Fault.Code, results[i].Fault.Args))
			default:
				undo.Back++
			}
		}
		done += len(part)
	}
	return nil
}

func (c importCell) left(code string, args map[string]string) gradesheet.LeftCell {
	return gradesheet.LeftCell{Name: c.Name, ClassName: c.ClassName, Period: c.Period, Item: c.Item, Field: c.Field, Code: code, Args: args}
}

// clock is an instant as a sentence's argument.
func clock(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.In(school.Zone).Format("15:04 02/01/2006")
}

func importObject(id int64) string { return "gradebook_import:" + strconv.FormatInt(id, 10) }
