package db

import (
	"context"
	"fmt"
	"slices"

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
	Windows  map[school.Period]EntryWindow
	Rows     []SummaryRow
}

// Missed reports whether the pupil came after values of the period could be
// written: nothing of it is asked for.
func (c ClassSummary) Missed(r SummaryRow, p school.Period) bool {
	w, set := c.Windows[p]
	return set && school.DateOf(w.Closes).Before(r.From)
}

// ReadsAll reports whether the reader sees the whole class: its homeroom
// teacher, the principal and deputies, the school's administrator. Others see
// the subjects they teach there.
func (c ClassSummary) ReadsAll(role workflow.Role) bool {
	return role != workflow.Teacher || c.Homeroom
}

// Reads reports whether the reader sees a subject of the class.
func (c ClassSummary) Reads(role workflow.Role, s school.Subject) bool {
	return c.ReadsAll(role) || slices.Contains(c.Subjects, s)
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
	// CameFrom is the class of the same year in which the pupil sat before.
	CameFrom string `db:"came_from"`
	// Entries is what was written, by period and item; Handed names the items
	// of a period whose values were written in another class.
	Entries map[school.Period]map[evaluation.Item]evaluation.Entry
	Handed  map[school.Period]map[evaluation.Item]bool
	// Commended are the commendations of the year, in the order of the booklet.
	Commended []evaluation.Citation
	// Promoted is the homeroom teacher's line; nil: it follows from the level.
	Promoted *bool `db:"promoted"`
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
	windows, err := t.ClassWindows(ctx, year, classID)
	if err != nil {
		return c, err
	}
	c.Windows = windows[classID]
	if err := t.list(ctx, "list who sits and sat in a class", &c.Rows, classSeatsSQL, classID, rollDay(t.Now, year), year); err != nil {
		return c, err
	}
	ids, at := make([]int64, len(c.Rows)), make(map[int64]*SummaryRow, len(c.Rows))
	for i := range c.Rows {
		row := &c.Rows[i]
		row.Entries, row.Handed = map[school.Period]map[evaluation.Item]evaluation.Entry{}, map[school.Period]map[evaluation.Item]bool{}
		ids[i], at[row.EnrolmentID] = row.EnrolmentID, row
	}
	if err := t.fillCommended(ctx, year, c.Rows); err != nil {
		return c, err
	}
	return c, t.fillSummary(ctx, year, ids, at, periods)
}

// classSeatsSQL lists the pupils of class $1 up to day $2 of year $3, those who
// left too, each once by the newest seat; a seat that ended before it began was
// never one.
const classSeatsSQL = `SELECT s.enrolment_id, s.pupil_id, p.code, p.full_name, p.birth_date, p.sex, s.grade, s.status, s.inclusive,
	  s.individual_plan, s.not_assessed, s.ethnic_language, s.first_language_optional, s.from_date, s.to_date, s.has_left, v.promoted,
	  coalesce((SELECT k.name FROM school.enrolment o JOIN school.class k ON k.id = o.class_id WHERE o.pupil_id = s.pupil_id
	    AND o.school_year = $3 AND o.class_id <> $1 AND o.to_date < s.from_date ORDER BY o.to_date DESC LIMIT 1), '') AS came_from
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
		Handed      bool             `db:"handed"`
	}
	if err := t.list(ctx, "read a class's entries", &list, query, pq.Array(ids), pq.Array(codes(periods))); err != nil {
		return err
	}
	for _, e := range list {
		row := at[e.EnrolmentID]
		if row.Entries[e.Period] == nil {
			row.Entries[e.Period], row.Handed[e.Period] = map[evaluation.Item]evaluation.Entry{}, map[evaluation.Item]bool{}
		}
		row.Handed[e.Period][e.Item] = e.Handed
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
	return fmt.Sprintf(`SELECT enrolment_id, period, item, level, mark, remark, exempt, origin IS NOT NULL AS handed FROM school.entry
		WHERE school_year = '%s' AND enrolment_id = ANY($1) AND period = ANY($2)`, y), nil
}

// NoteExport leaves a line in the audit trail that the actor took a class's
// table away: which one and for which period.
func (t *Tx) NoteExport(ctx context.Context, what string, classID int64, period school.Period) error {
	return t.note(ctx, what, classObject(classID), "period", string(period))
}
