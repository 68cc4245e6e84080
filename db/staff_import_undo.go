package db

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/staffsheet"
)

// UndoStaff takes a written import back: what nobody used or changed since. It
// says what it left. An account goes while its temporary password is unchanged
// and nothing refers to it; a role, while it stands as given; a duty, while it
// stands as begun and its teacher neither wrote in it nor signed. A second call returns
// what the first did; an import that was not written is Conflict,
// import.not_written.
func (t *Tx) UndoStaff(ctx context.Context, year school.Year, id int64) (staffsheet.Undo, error) {
	var undo staffsheet.Undo
	b, err := t.staffImport(ctx, year, id, ` FOR UPDATE`)
	switch {
	case err != nil:
		return undo, err
	case b.Report == nil:
		return undo, fault.New(fault.Conflict, "import.not_written")
	case b.Undo != nil:
		return undo, translate(json.Unmarshal(b.Undo, &undo), "read an undo")
	}
	var report staffsheet.Report
	if err := json.Unmarshal(b.Report, &report); err != nil {
		return undo, translate(err, "read an import's report")
	}
	for _, m := range slices.Backward(report.Made) {
		take := t.takeRoleBack
		switch m.What {
		case staffsheet.NewAccount:
			take = t.forgetAccount
		case staffsheet.NewDuty:
			take = t.takeDutyBack
		case staffsheet.NewCode: // what was signed since names the code
			undo.Left = append(undo.Left, staffsheet.LeftMade{Made: m, Reason: staffsheet.CodeTouched})
			continue
		}
		refused, err := t.attempt(ctx, func() error { return take(ctx, m, b) })
		if err != nil {
			return undo, err
		}
		if refused != nil {
			undo.Left = append(undo.Left, staffsheet.LeftMade{Made: m, Reason: staffsheet.CodeTouched})
			continue
		}
		undo.Back++
	}
	text, err := json.Marshal(undo)
	if err != nil {
		return undo, translate(err, "store an undo")
	}
	if err := t.note(ctx, "staff_import_undone", staffImportObject(id), "back", strconv.Itoa(undo.Back)); err != nil {
		return undo, err
	}
	return undo, t.exec(ctx, "keep an undo", `UPDATE school.staff_import SET undo = $2, undone_at = $3 WHERE id = $1`, id, string(text), t.Now)
}

// touched is the fault of what is left as it stands.
var touched = fault.New(fault.Conflict, staffsheet.CodeTouched)

// forgetAccount removes an account that nobody used. Whatever refers to it
// refuses by its foreign key.
func (t *Tx) forgetAccount(ctx context.Context, m staffsheet.Made, _ StaffImport) error {
	var gone []int64
	err := t.list(ctx, "forget an unused account", &gone, `DELETE FROM core.account a WHERE a.id = $1 AND a.password_temporary AND a.active
		AND NOT EXISTS (SELECT 1 FROM core.account_role r WHERE r.account_id = a.id AND (r.unit_id <> $2 OR r.valid_from <> $3 OR r.valid_to IS NOT NULL))
		RETURNING a.id`, m.Account, t.Actor.UnitID, m.From)
	if err != nil || len(gone) == 0 {
		return touchedUnless(err)
	}
	return t.note(ctx, "account_forgotten", accountObject(m.Account))
}

// touchedUnless is the refusal of a database that something refers to the row,
// or stands in its place; another failure stays itself.
func touchedUnless(err error) error {
	if err == nil || fault.Is(err, "db.duplicate") || fault.Is(err, "db.value") {
		return touched
	}
	return err
}

// takeRoleBack ends a role that stands as it was given.
func (t *Tx) takeRoleBack(ctx context.Context, m staffsheet.Made, _ StaffImport) error {
	f, err := t.StaffFile(ctx, m.Account)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(f.Roles, func(r StaffRole) bool { return r.Role == m.Role && r.From == m.From && r.To.IsZero() }) {
		return touched
	}
	return t.Dismiss(ctx, f, m.Role)
}

// takeDutyBack lets a duty never have begun, and the one before it go on.
func (t *Tx) takeDutyBack(ctx context.Context, m staffsheet.Made, b StaffImport) error {
	table, _ := dutyTable(m.Subject)
	wrote, err := t.workedSince(ctx, m, b)
	if err != nil {
		return err
	}
	var ended []int64
	err = t.list(ctx, "take a duty back", &ended, `UPDATE school.`+table+` SET to_date = from_date - 1
		WHERE id = $1 AND from_date = $2 AND to_date IS NOT DISTINCT FROM $3 AND NOT $4 RETURNING id`, m.ID, m.From, m.To, wrote)
	if err != nil || len(ended) == 0 {
		return touchedUnless(err)
	}
	if m.Former != 0 {
		var again []int64
		err := t.list(ctx, "let a duty go on", &again, `UPDATE school.`+table+` SET to_date = NULL WHERE id = $1 AND to_date = $2 RETURNING id`,
			m.Former, m.FormerTo)
		if err != nil || len(again) == 0 {
			return touchedUnless(err)
		}
	}
	return t.note(ctx, "class_assignment_undone", classObject(m.Class), "subject", string(m.Subject), "account", strconv.FormatInt(m.Account, 10))
}

// workedSince reports whether a teacher wrote into a duty, or signed in its
// class, since an import gave it: in the subject, or with the homeroom in what
// no subject is.
func (t *Tx) workedSince(ctx context.Context, m staffsheet.Made, b StaffImport) (worked bool, err error) {
	err = t.GetContext(ctx, &worked, `SELECT EXISTS (SELECT 1 FROM school.entry_history h JOIN school.enrolment e ON e.id = h.enrolment_id
		  WHERE h.school_year = $1 AND h.account_id = $2 AND h.at >= $4 AND e.class_id = $5 AND (h.item = $3 OR $3 = '' AND h.item <> ALL($6)))
		OR EXISTS (SELECT 1 FROM school.review_history h JOIN school.enrolment e ON e.id = h.enrolment_id
		  WHERE $3 = '' AND h.account_id = $2 AND h.at >= $4 AND e.class_id = $5)
		OR EXISTS (SELECT 1 FROM school.record_signature s JOIN school.record r ON r.id = s.record_id
		  WHERE s.account_id = $2 AND s.signed_at >= $4 AND r.class_id = $5)`,
		b.Year, m.Account, m.Subject, b.WrittenAt, m.Class, booklet())
	return worked, translate(err, "look for what a teacher did")
}
