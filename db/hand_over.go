package db

import (
	"context"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// movedSeats are, for pupils $1 in year $2, the seat each has now and the one
// before it, the newest of those that ended.
const movedSeats = `WITH moved AS (SELECT n.id, o.id AS old, n.grade, k.kind, o.grade = n.grade AS same FROM school.enrolment n
	  JOIN school.class k ON k.id = n.class_id
	  CROSS JOIN LATERAL (SELECT e.id, e.grade FROM school.enrolment e WHERE e.pupil_id = n.pupil_id AND e.school_year = n.school_year
	    AND e.id <> n.id AND e.to_date < n.from_date ORDER BY e.to_date DESC, e.id DESC LIMIT 1) o
	  WHERE n.pupil_id = ANY($1) AND n.school_year = $2 AND n.to_date IS NULL) `

const handDeclarations = movedSeats + `UPDATE school.enrolment e SET inclusive = o.inclusive, individual_plan = o.individual_plan,
	  not_assessed = o.not_assessed, ethnic_language = o.ethnic_language, first_language_optional = o.first_language_optional
	FROM moved JOIN school.enrolment o ON o.id = moved.old WHERE e.id = moved.id`

// A seat that is taken up again on the day it ended holds values of its own:
// the newer of both stands, and the cell's history says what it took the place
// of. A test that the new class's kind does not know stays behind ($3).
const handEntries = movedSeats + `, over AS (SELECT moved.id, v.school_year, v.period, v.item, v.school_id, v.level, v.remark, v.exempt, v.account_id,
	    v.updated_at, coalesce(v.origin, v.enrolment_id) AS origin,
	    CASE WHEN moved.kind || ':' || moved.grade || ':' || v.period || ':' || v.item = ANY($3) THEN v.mark END AS mark
	  FROM moved JOIN school.entry v ON v.school_year = $2 AND v.enrolment_id = moved.old WHERE moved.same),
	replaced AS (INSERT INTO school.entry_history (school_year, school_id, enrolment_id, period, item, field, old_value, new_value, account_id, at, way)
	  SELECT o.school_year, o.school_id, o.id, o.period, o.item, f.field, f.was, f.becomes, o.account_id, o.updated_at, 'hand_over'
	  FROM over o JOIN school.entry n ON n.school_year = $2 AND n.enrolment_id = o.id AND n.period = o.period AND n.item = o.item
	  CROSS JOIN LATERAL (VALUES ('level', n.level, o.level), ('mark', coalesce(n.mark::text, ''), coalesce(o.mark::text, '')),
	    ('remark', n.remark, o.remark), ('exempt', CASE WHEN n.exempt THEN '1' ELSE '' END, CASE WHEN o.exempt THEN '1' ELSE '' END)) f(field, was, becomes)
	  WHERE o.updated_at > n.updated_at AND f.was <> f.becomes)
	INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, remark, exempt, account_id, updated_at, origin)
	SELECT school_year, id, period, item, school_id, level, mark, remark, exempt, account_id, updated_at, origin FROM over
	ON CONFLICT (school_year, enrolment_id, period, item) DO UPDATE SET level = excluded.level, mark = excluded.mark, remark = excluded.remark,
	  exempt = excluded.exempt, account_id = excluded.account_id, updated_at = excluded.updated_at, origin = excluded.origin
	WHERE excluded.updated_at > entry.updated_at`

const handReviews = movedSeats + `INSERT INTO school.review (school_year, enrolment_id, school_id, absent_excused, absent_unexcused, height_mm, weight_g,
	  account_id, updated_at)
	SELECT v.school_year, moved.id, v.school_id, v.absent_excused, v.absent_unexcused, v.height_mm, v.weight_g, v.account_id, v.updated_at
	FROM moved JOIN school.review v ON v.school_year = $2 AND v.enrolment_id = moved.old WHERE moved.same
	ON CONFLICT (school_year, enrolment_id) DO UPDATE SET absent_excused = excluded.absent_excused, absent_unexcused = excluded.absent_unexcused,
	  height_mm = excluded.height_mm, weight_g = excluded.weight_g, account_id = excluded.account_id, updated_at = excluded.updated_at
	WHERE excluded.updated_at > review.updated_at`

// handOver gives the newest enrolments of pupils what was declared and written
// in the enrolment before, of the same year and grade: whoever moves within the
// year keeps the values, and each says in which enrolment it was written. The
// former enrolment keeps its own rows.
func (t *Tx) handOver(ctx context.Context, year school.Year, pupils []int64) error {
	if _, ok := school.ParseYear(string(year)); !ok {
		return fault.New(fault.NotFound, "page.unknown")
	}
	if len(pupils) == 0 {
		return nil
	}
	var known []string
	for _, kind := range classKinds {
		if rules := evaluation.ForClass(year, kind); rules != nil {
			for _, test := range tests(rules) {
				known = append(known, string(kind)+":"+test)
			}
		}
	}
	if err := t.exec(ctx, "hand declarations over", handDeclarations, pq.Array(pupils), year); err != nil {
		return err
	}
	if err := t.exec(ctx, "hand values over", handEntries, pq.Array(pupils), year, pq.Array(known)); err != nil {
		return err
	}
	return t.exec(ctx, "hand lines over", handReviews, pq.Array(pupils), year)
}
