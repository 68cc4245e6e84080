package db

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ClassSummary is a class with what was written about its pupils in some
// periods, and what the actor is to the class today.
type ClassSummary struct {
	Class    Class
	Subjects []school.Subject // that the actor teaches in the class today
	Homeroom bool             // the actor is its homeroom teacher today
	Rows     []SummaryRow
}

// ReadsAll reports whether the reader sees the whole class: its homeroom
// teacher, the principal and deputies, the school's administrator. Others see
// the subjects they teach there.
func (c ClassSummary) ReadsAll(role workflow.Role) bool {
	return role != workflow.Teacher || c.Homeroom
}

// Begin is the day on which the class began: the first on which a pupil sat in it.
func (c ClassSummary) Begin() school.Date {
	var first school.Date
	for _, r := range c.Rows {
		if first.IsZero() || r.From.Before(first) {
			first = r.From
		}
	}
	return first
}

// SummaryRow is a pupil who sits or sat in the class.
type SummaryRow struct {
	RollRow
	From school.Date `db:"from_date"`
	To   school.Date `db:"to_date"` // zero: to the end of the year
	Left bool        `db:"has_left"`
	// Entries is what was written, by period and item.
	Entries map[school.Period]map[evaluation.Item]evaluation.Entry
	// Award, Commendation, Promoted and Completed are the homeroom teacher's
	// lines; nil: they follow from the level.
	Award        evaluation.Commendation `db:"award"`
	Commendation string                  `db:"commendation"`
	Promoted     *bool                   `db:"promoted"`
}

// Values is what stands in a period: in the summer the year-end's values with
// the re-assessed ones in their place (TT 27/2020 Điều 11).
func (r SummaryRow) Values(p school.Period) map[evaluation.Item]evaluation.Entry {
	if p != school.Summer {
		return r.Entries[p]
	}
	out := map[evaluation.Item]evaluation.Entry{}
	for it, e := range r.Entries[school.YearEnd] {
		out[it] = e
	}
	for it, e := range r.Entries[school.Summer] {
		out[it] = out[it].Replaced(e)
	}
	return out
}

// YearEnd is what the pupil's consolidation rests on, as it stands in a period.
func (r SummaryRow) YearEnd(p school.Period) evaluation.YearEnd {
	y := evaluation.YearEndOf(r.Grade, r.Values(p))
	y.NotAssessed = r.NotAssessed
	return y
}

// ClassSummary reads what was written in a class in the periods. Who has
// nothing to do with the class today gets NotFound, class.unknown, as does
// everybody for a class of another school. The number of queries depends
// neither on pupils nor on periods.
func (t *Tx) ClassSummary(ctx context.Context, year school.Year, classID int64, periods ...school.Period) (c ClassSummary, err error) {
	if c.Class, err = t.Class(ctx, year, classID); err != nil {
		return c, err
	}
	if c.Subjects, c.Homeroom, err = t.ownDuties(ctx, classID); err != nil {
		return c, err
	}
	if !c.ReadsAll(t.Actor.Role) && len(c.Subjects) == 0 {
		return ClassSummary{}, fault.New(fault.NotFound, "class.unknown")
	}
	if err := t.list(ctx, "list who sits and sat in a class", &c.Rows, classSeatsSQL, classID, rollDay(t.Now, year), year); err != nil {
		return c, err
	}
	ids, at := make([]int64, len(c.Rows)), make(map[int64]*SummaryRow, len(c.Rows))
	for i := range c.Rows {
		row := &c.Rows[i]
		row.Entries = map[school.Period]map[evaluation.Item]evaluation.Entry{}
		ids[i], at[row.EnrolmentID] = row.EnrolmentID, row
	}
	return c, t.fillSummary(ctx, year, ids, at, periods)
}

// classSeatsSQL lists the pupils of class $1 up to day $2 of year $3, those who
// left too, each once by the newest seat; a seat that ended before it began was
// never one.
const classSeatsSQL = `SELECT s.enrolment_id, s.pupil_id, p.code, p.full_name, p.birth_date, p.sex, s.grade, s.status, s.inclusive,
	  s.individual_plan, s.not_assessed, s.ethnic_language, s.first_language_optional, s.from_date, s.to_date, s.has_left,
	  coalesce(v.award, '') AS award, coalesce(v.commendation, '') AS commendation, v.promoted
	FROM (SELECT DISTINCT ON (e.pupil_id) e.id AS enrolment_id, e.pupil_id, e.grade, e.status, e.inclusive, e.individual_plan, e.not_assessed,
	    e.ethnic_language, e.first_language_optional, e.from_date, e.to_date, coalesce(e.to_date < $2, false) AS has_left
	  FROM school.enrolment e
	  WHERE e.class_id = $1 AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= e.from_date)
	  ORDER BY e.pupil_id, e.from_date DESC) s
	JOIN school.pupil p ON p.id = s.pupil_id
	LEFT JOIN school.review v ON v.school_year = $3 AND v.enrolment_id = s.enrolment_id
	ORDER BY p.given_name, p.rest_name, p.code`

// fillSummary puts what was written into the rows.
func (t *Tx) fillSummary(ctx context.Context, year school.Year, ids []int64, at map[int64]*SummaryRow, periods []school.Period) error {
	query, err := summaryEntriesSQL(year)
	if err != nil || len(ids) == 0 {
		return err
	}
	var list []struct {
		EnrolmentID int64            `db:"enrolment_id"`
		Period      school.Period    `db:"period"`
		Item        evaluation.Item  `db:"item"`
		Level       evaluation.Level `db:"level"`
		Mark        *int             `db:"mark"`
		Remark      string           `db:"remark"`
		Exempt      bool             `db:"exempt"`
	}
	if err := t.list(ctx, "read a class's entries", &list, query, pq.Array(ids), pq.Array(codes(periods))); err != nil {
		return err
	}
	for _, e := range list {
		row := at[e.EnrolmentID]
		if row.Entries[e.Period] == nil {
			row.Entries[e.Period] = map[evaluation.Item]evaluation.Entry{}
		}
		row.Entries[e.Period][e.Item] = evaluation.Entry{Level: e.Level, Mark: e.Mark, Remark: e.Remark, Exempt: e.Exempt}
	}
	return nil
}

// summaryEntriesSQL reads the entries of enrolments $1 in periods $2. The year
// stands in the text, so that one partition is planned for.
func summaryEntriesSQL(year school.Year) (string, error) {
	y, ok := school.ParseYear(string(year))
	if !ok {
		return "", fault.New(fault.NotFound, "page.unknown")
	}
	return fmt.Sprintf(`SELECT enrolment_id, period, item, level, mark, remark, exempt FROM school.entry
		WHERE school_year = '%s' AND enrolment_id = ANY($1) AND period = ANY($2)`, y), nil
}

// NoteExport leaves a line in the audit trail that the actor took a class's
// table away: which one and for which period.
func (t *Tx) NoteExport(ctx context.Context, what string, classID int64, period school.Period) error {
	return t.note(ctx, what, classObject(classID), "period", string(period))
}
