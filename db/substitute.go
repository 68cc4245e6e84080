package db

import (
	"context"
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Substitute gives subjects, or the homeroom, to a teacher from a day to a day,
// by a decision: in that time the substitute writes and signs, before and after
// it whoever has the assignment. Faults, all Invalid: those of TakeOver, and
// class.to (the last day before the first, or outside the year),
// class.decision, class.substitute_self (the teacher has it anyway),
// class.substitute_twice (Args teacher, from, to: somebody else stands in then).
func (t *Tx) Substitute(ctx context.Context, d Duty) error {
	if err := d.dated(); err != nil {
		return err
	}
	d.Decision = school.CleanLine(d.Decision)
	switch {
	case d.To.Before(d.From) || d.Class.Year.End().Before(d.To):
		return fault.New(fault.Invalid, "class.to", "last", d.Class.Year.End().Vietnamese())
	case d.Decision == "" || len([]rune(d.Decision)) > 100:
		return fault.New(fault.Invalid, "class.decision")
	}
	if err := t.mayTeach(ctx, d.AccountID); err != nil {
		return err
	}
	history, err := t.ClassHistory(ctx, d.Class.ID)
	if err != nil {
		return err
	}
	subjects := d.Subjects
	if len(subjects) == 0 {
		subjects = []school.Subject{""}
	}
	for _, s := range subjects {
		if err := d.free(s, history); err != nil {
			return err
		}
		if err := t.standIn(ctx, d, s); err != nil {
			return err
		}
	}
	return nil
}

// free refuses a stretch in which somebody stands in already, and a teacher who
// has the subject without it.
func (d Duty) free(s school.Subject, history []Assignment) error {
	for _, h := range history {
		switch {
		case h.Subject != s:
		case h.Decision == "" && h.To.IsZero() && h.AccountID == d.AccountID:
			return fault.New(fault.Invalid, "class.substitute_self", "teacher", h.TeacherName)
		case h.Decision != "" && !h.To.Before(d.From) && !d.To.Before(h.From):
			return fault.New(fault.Invalid, "class.substitute_twice", "teacher", h.TeacherName, "from", h.From.Vietnamese(), "to", h.To.Vietnamese())
		}
	}
	return nil
}

func (t *Tx) standIn(ctx context.Context, d Duty, s school.Subject) error {
	query := `INSERT INTO school.homeroom_assignment (school_id, class_id, account_id, from_date, to_date, decision) VALUES ($1, $2, $3, $4, $5, $6)`
	args := []any{t.Actor.SchoolID, d.Class.ID, d.AccountID, d.From, d.To, d.Decision}
	if s != "" {
		query = `INSERT INTO school.teaching_assignment (school_id, class_id, account_id, from_date, to_date, decision, subject)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`
		args = append(args, s)
	}
	err := t.exec(ctx, "let a substitute stand in", query, args...)
	if fault.Is(err, "db.duplicate") {
		return fault.New(fault.Invalid, "class.same_day")
	}
	if err != nil {
		return err
	}
	return t.note(ctx, "class_substitute", classObject(d.Class.ID), "subject", string(s), "account",
		strconv.FormatInt(d.AccountID, 10), "from", d.From.String(), "to", d.To.String())
}

// EndSubstitute ends a substitution of a subject, or with "" of the homeroom,
// today: yesterday was its last day, or it never began. NotFound page.unknown
// for one that is over or is none.
func (t *Tx) EndSubstitute(ctx context.Context, c Class, s school.Subject, id int64) error {
	history, err := t.ClassHistory(ctx, c.ID)
	if err != nil {
		return err
	}
	today := school.DateOf(t.Now)
	for _, h := range history {
		if h.ID != id || h.Subject != s || h.Decision == "" || h.To.Before(today) {
			continue
		}
		table := "homeroom_assignment"
		if s != "" {
			table = "teaching_assignment"
		}
		if err := t.exec(ctx, "end a substitution", `UPDATE school.`+table+` SET to_date = greatest(from_date, $2::date) - 1 WHERE id = $1`, id, today); err != nil {
			return err
		}
		return t.note(ctx, "class_substitute_ended", classObject(c.ID), "subject", string(s), "account", strconv.FormatInt(h.AccountID, 10))
	}
	return fault.New(fault.NotFound, "page.unknown")
}
