package db

import (
	"context"
	"strings"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// classKinds returns the kind of class in which each enrolment is.
func (t *Tx) classKinds(ctx context.Context, enrolments []int64) (map[int64]school.ClassKind, error) {
	var rows []struct {
		ID   int64            `db:"id"`
		Kind school.ClassKind `db:"kind"`
	}
	err := t.list(ctx, "read the kinds of classes", &rows, `SELECT e.id, c.kind FROM school.enrolment e JOIN school.class c ON c.id = e.class_id
		WHERE e.id = ANY($1)`, pq.Array(enrolments))
	out := make(map[int64]school.ClassKind, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Kind
	}
	return out, err
}

// ChangeKind says by which rules the pupils of a class are evaluated (TT 27/2020
// Điều 8.3). It decides what every record of the class must hold, so it stays
// once one is signed: Conflict class.kind_signed. Conflict class.kind_marks,
// Args parts: tests were marked that the rules of the kind do not know; who
// wrote them takes them out first. Invalid class.kind.
func (t *Tx) ChangeKind(ctx context.Context, c Class, kind school.ClassKind) error {
	rules := evaluation.ForClass(c.Year, kind)
	switch {
	case kind != school.RegularClass && kind != school.DisabilityClass || rules == nil:
		return fault.New(fault.Invalid, "class.kind")
	case kind == c.Kind:
		return nil
	}
	var signed []bool
	if err := t.list(ctx, "hold the records of a class", &signed, `SELECT stage <> 'drafting' FROM school.record
		WHERE class_id = $1 ORDER BY id FOR UPDATE`, c.ID); err != nil {
		return err
	}
	for _, s := range signed {
		if s {
			return fault.New(fault.Conflict, "class.kind_signed")
		}
	}
	var subjects []string
	err := t.list(ctx, "look for marks of a class", &subjects, `SELECT DISTINCT n.item FROM school.enrolment e
		JOIN school.entry n ON n.school_year = $2 AND n.enrolment_id = e.id
		WHERE e.class_id = $1 AND e.school_year = $2 AND n.mark IS NOT NULL
		  AND NOT e.grade || ':' || n.period || ':' || n.item = ANY($3) ORDER BY n.item`, c.ID, c.Year, pq.Array(tests(rules)))
	if err != nil {
		return err
	}
	if len(subjects) > 0 {
		for i, s := range subjects {
			subjects[i] = bundle.SubjectID(school.Subject(s))
		}
		return fault.New(fault.Conflict, "class.kind_marks", "parts", strings.Join(subjects, ","))
	}
	if err := t.exec(ctx, "change the kind of a class", `UPDATE school.class SET kind = $2 WHERE id = $1`, c.ID, kind); err != nil {
		return err
	}
	if err := t.specialChanged(ctx, c.ID); err != nil {
		return err
	}
	return t.note(ctx, "class_kind", classObject(c.ID), "kind", string(kind))
}

// tests lists "grade:period:subject" of every test that rules know.
func tests(rules *evaluation.RuleSet) []string {
	var out []string
	for g := evaluation.FirstGrade; g <= evaluation.LastGrade; g++ {
		for _, s := range school.Subjects {
			for _, p := range periodsFrom(school.Periods[0]) {
				if rules.MarkAllowed(g, s, p) {
					out = append(out, string(rune('0'+g))+":"+string(p)+":"+string(s))
				}
			}
		}
	}
	return out
}
