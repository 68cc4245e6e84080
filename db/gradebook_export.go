package db

import (
	"context"
	"strconv"

	"hocba/internal/school"
)

// NoteSchoolExport leaves a line in the audit trail that the actor took a table
// of the whole school away.
func (t *Tx) NoteSchoolExport(ctx context.Context, what string) error {
	return t.note(ctx, what, "school:"+strconv.FormatInt(t.Actor.SchoolID, 10))
}

// NoteUnitExport leaves a line in the audit trail that the actor took a table
// about a unit away.
func (t *Tx) NoteUnitExport(ctx context.Context, what string, unitID int64) error {
	return t.note(ctx, what, "unit:"+strconv.FormatInt(unitID, 10))
}

// NoteImportExport leaves a line in the audit trail that the actor took the rows
// of an import away that were not written.
func (t *Tx) NoteImportExport(ctx context.Context, kind string, id int64) error {
	return t.note(ctx, "import_rest_exported", kind+":"+strconv.FormatInt(id, 10))
}

// YearAssignments lists who teaches what today in the classes of the actor's
// school in a year: by class, the homeroom with an empty Subject first, then in
// the booklet's order.
func (t *Tx) YearAssignments(ctx context.Context, year school.Year) ([]Assignment, error) {
	var out []Assignment
	err := t.list(ctx, "list a year's assignments", &out, `SELECT x.id, x.class_id, c.name AS class_name, x.subject, x.account_id,
		  a.full_name AS teacher_name, coalesce(a.teacher_code, '') AS teacher_code, x.from_date, x.to_date, x.decision
		FROM (SELECT id, class_id, subject, account_id, from_date, to_date, decision FROM school.teaching_assignment
		  UNION ALL SELECT id, class_id, '', account_id, from_date, to_date, decision FROM school.homeroom_assignment) x
		JOIN school.class c ON c.id = x.class_id JOIN core.account a ON a.id = x.account_id
		WHERE c.school_id = $1 AND c.school_year = $2 AND x.from_date <= $3 AND (x.to_date IS NULL OR x.to_date >= $3)
		ORDER BY c.grades[1], c.name COLLATE core.vietnamese, array_position($4::text[], x.subject) NULLS FIRST, x.from_date DESC`,
		t.Actor.SchoolID, year, school.DateOf(t.Now), booklet())
	return out, err
}
