package db

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/spreadsheet"
)

// seats gives known pupils their seats back.
func (u *pupilUndo) seats(ctx context.Context) error {
	var known []int64
	for _, r := range u.batch.made.Rows {
		created := slices.Contains(u.batch.made.Created, r.Pupil)
		if r.What == "seat" && !created && !slices.Contains(known, r.Pupil) {
			known = append(known, r.Pupil)
		}
		if r.What == "seat" {
			if err := u.markSeat(r); err != nil {
				return err
			}
		}
	}
	free := u.untouched(known, spreadsheet.LeftSeat)
	return u.each(ctx, free, spreadsheet.LeftSeat, func(ids []int64) error { return u.seatsBack(ctx, ids) })
}

// markSeat marks the classes between which a seat changed.
func (u *pupilUndo) markSeat(r madeRow) error {
	for _, row := range []json.RawMessage{r.Before, r.After} {
		var seat struct {
			Class int64 `json:"class_id"`
		}
		if row == nil {
			continue
		}
		if err := json.Unmarshal(row, &seat); err != nil {
			return translate(err, "read what an import made")
		}
		u.writer.dirty[seat.Class] = true
	}
	return nil
}

// pupils takes new pupils out of the books.
func (u *pupilUndo) pupils(ctx context.Context) error {
	free := u.untouched(u.batch.made.Created, spreadsheet.LeftPupil)
	return u.each(ctx, free, spreadsheet.LeftPupil, func(ids []int64) error {
		if err := u.seatsBack(ctx, ids); err != nil {
			return err
		}
		return u.removed(ctx, ids, `DELETE FROM school.pupil p WHERE p.id = ANY($1) RETURNING p.id`, pq.Array(ids))
	})
}

// untouched lists the pupils with whom nobody did anything since; the others
// are left.
func (u *pupilUndo) untouched(pupils []int64, what spreadsheet.Left) (free []int64) {
	for _, id := range pupils {
		f := u.files[id]
		if f == nil { // gone already
			continue
		}
		if reason := f.reason(what == spreadsheet.LeftPupil); reason != "" {
			u.leave(id, what, "", reason)
			continue
		}
		free = append(free, id)
	}
	return free
}

// each takes pupils back together, or one by one when something refers to one.
func (u *pupilUndo) each(ctx context.Context, ids []int64, what spreadsheet.Left, act func([]int64) error) error {
	if len(ids) == 0 {
		return nil
	}
	refused, err := u.tx.attempt(ctx, func() error { return act(ids) })
	if err != nil {
		return err
	}
	if refused != nil && len(ids) > 1 {
		for _, id := range ids {
			if err := u.each(ctx, []int64{id}, what, act); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case refused != nil:
		u.leave(ids[0], what, "", spreadsheet.CodeLeftUsed)
	case what == spreadsheet.LeftPupil:
		u.undo.Pupils += len(ids)
	default:
		u.undo.Seats += len(ids)
		u.moved = append(u.moved, ids...)
	}
	return nil
}

// seatRestored is a seat's row as it was; the class and the first day never change.
const seatRestored = `UPDATE school.enrolment e SET grade = (m.before->>'grade')::smallint, status = m.before->>'status',
	  to_date = (m.before->>'to_date')::date, inclusive = (m.before->>'inclusive')::boolean,
	  individual_plan = (m.before->>'individual_plan')::boolean, not_assessed = (m.before->>'not_assessed')::boolean,
	  ethnic_language = (m.before->>'ethnic_language')::boolean, first_language_optional = (m.before->>'first_language_optional')::boolean
	FROM ` + madeRecordset + ` WHERE m.what = 'seat' AND m.pupil = ANY($2) AND m.before IS NOT NULL AND e.id = m.id
	  AND (m.before->>'to_date' IS NULL) = $3`

// seatsBack puts the seats and records of pupils back as they were. A seat that
// took values along from the class before stays and was never valid: nothing
// with a value is deleted.
func (u *pupilUndo) seatsBack(ctx context.Context, ids []int64) error {
	pupils := pq.Array(ids)
	err := u.tx.exec(ctx, "give records their seats back", `UPDATE school.record r SET class_id = (m.before->>'class_id')::bigint,
		  enrolment_id = (m.before->>'enrolment_id')::bigint FROM `+madeRecordset+`
		WHERE m.what = 'record' AND m.pupil = ANY($2) AND m.before IS NOT NULL AND r.id = m.id`, u.rows, pupils)
	if err != nil {
		return err
	}
	var made []int64
	for _, r := range u.batch.made.Rows {
		if r.What == "record" && r.Before == nil && slices.Contains(ids, r.Pupil) {
			made = append(made, r.ID)
		}
	}
	if err := u.removed(ctx, made, `DELETE FROM school.record r WHERE r.id = ANY($1) RETURNING r.id`, pq.Array(made)); err != nil {
		return err
	}
	for _, query := range []string{`DELETE FROM school.enrolment e USING ` + madeRecordset + ` WHERE m.what = 'seat' AND m.pupil = ANY($2)
		  AND m.before IS NULL AND e.id = m.id`, `UPDATE school.enrolment e SET to_date = e.from_date - 1 FROM ` + madeRecordset + `
		WHERE m.what = 'seat' AND m.pupil = ANY($2) AND m.before IS NULL AND e.id = m.id`} {
		if err := u.tx.exec(ctx, "take seats back", query, u.rows, pupils); err != nil {
			return err
		}
	}
	for _, open := range []bool{false, true} { // one seat at a time: the later ends before the former goes on
		if err := u.tx.exec(ctx, "let seats go on", seatRestored, u.rows, pupils, open); err != nil {
			return err
		}
	}
	return nil
}

// leftUsed is the fault of what policies or foreign keys hold.
var leftUsed = fault.New(fault.Conflict, spreadsheet.CodeLeftUsed)

// removed runs a DELETE that must remove exactly the given rows.
func (u *pupilUndo) removed(ctx context.Context, ids []int64, query string, args ...any) error {
	if len(ids) == 0 {
		return nil
	}
	var gone []int64
	if err := u.tx.list(ctx, "remove what an import made", &gone, query, args...); err != nil {
		return err
	}
	if len(gone) != len(ids) {
		return leftUsed
	}
	return nil
}

// classes removes the new classes that nobody used.
func (u *pupilUndo) classes(ctx context.Context) error {
	for _, r := range u.batch.made.Rows {
		if r.What != "class" {
			continue
		}
		refused, err := u.tx.attempt(ctx, func() error {
			return u.removed(ctx, []int64{r.ID}, `DELETE FROM school.class c WHERE c.id = $1 AND to_jsonb(c) @> $2::jsonb RETURNING c.id`,
				r.ID, string(r.After))
		})
		if err != nil {
			return err
		}
		if refused == nil {
			u.undo.Classes++
			continue
		}
		var class struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(r.After, &class); err != nil {
			return translate(err, "read what an import made")
		}
		u.undo.Left = append(u.undo.Left, spreadsheet.LeftThing{What: spreadsheet.LeftClass, Name: class.Name, Reason: spreadsheet.CodeLeftClass})
	}
	return nil
}
