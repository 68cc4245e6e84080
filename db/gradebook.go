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

// ClassPeriod names one table of the gradebook: a class in a period of its year.
type ClassPeriod struct {
	Year    school.Year
	ClassID int64
	Period  school.Period
}

// Gradebook is what a page of the gradebook shows: a class, what the actor has
// to do with it today, and one row a pupil.
type Gradebook struct {
	Class    Class
	Subjects []school.Subject // that the actor teaches in the class today
	Homeroom bool             // the actor is its homeroom teacher today
	Windows  map[school.Period]EntryWindow
	Rows     []GradebookRow
	// Left are the pupils who sat in the class and left it, with what they have:
	// to be read, never asked for.
	Left []LeftRow
}

// LeftRow is a pupil who left the class, with the last day there.
type LeftRow struct {
	RollRow
	Until   school.Date `db:"to_date"`
	Entries map[evaluation.Item]evaluation.Entry
}

// GradebookRow is a pupil with what was written in the period.
type GradebookRow struct {
	RollRow
	Entries map[evaluation.Item]evaluation.Entry
	// Closed holds, by item, why year-end or summer values cannot be changed.
	Closed map[evaluation.Item]*fault.Error
	// Planned are the items that the summer plan asks for; nil in the other
	// periods, where everything is asked.
	Planned map[evaluation.Item]bool
}

// Studies says how an item is used for the pupil: None too for an optional
// subject that this pupil does not take, and for a pupil who is not assessed.
func (r RollRow) Studies(rules *evaluation.RuleSet, it evaluation.Item) evaluation.Use {
	seat := seat{Grade: r.Grade, NotAssessed: r.NotAssessed, EthnicTongue: r.EthnicTongue, FirstLanguage: r.FirstLanguage}
	if seat.NotAssessed || seat.declines(rules, it) {
		return evaluation.None
	}
	if s, ok := it.Subject(); ok {
		if use := rules.Subject(r.Grade, s); use != evaluation.Optional {
			return use
		}
		return evaluation.Required // taken: asked for like any other
	}
	if it.Kind() == evaluation.TraitItem {
		return rules.Trait(r.Grade, it)
	}
	return evaluation.Optional // a remark group: asked for by evaluation.ItemGaps
}

// Gradebook reads the table of a class and period with the given items. A
// teacher who has nothing to do with the class today gets NotFound,
// class.unknown, as does everybody for a class of another school.
func (t *Tx) Gradebook(ctx context.Context, at ClassPeriod, items []evaluation.Item) (Gradebook, error) {
	var g Gradebook
	var err error
	if g.Class, err = t.Class(ctx, at.Year, at.ClassID); err != nil {
		return g, err
	}
	if g.Subjects, g.Homeroom, err = t.ownDuties(ctx, at.ClassID); err != nil {
		return g, err
	}
	if t.Actor.Role == workflow.Teacher && !g.Homeroom && len(g.Subjects) == 0 {
		return Gradebook{}, fault.New(fault.NotFound, "class.unknown")
	}
	windows, err := t.ClassWindows(ctx, at.Year, at.ClassID)
	if err != nil {
		return g, err
	}
	g.Windows = windows[at.ClassID]
	if g.Rows, err = t.gradebookRows(ctx, at, items); err != nil {
		return g, err
	}
	g.Left, err = t.leftRows(ctx, at, items)
	return g, err
}

// leftRows reads who sat in the class and sits in it no more.
func (t *Tx) leftRows(ctx context.Context, at ClassPeriod, items []evaluation.Item) ([]LeftRow, error) {
	var left []LeftRow
	err := t.list(ctx, "list who left a class", &left, leftSQL, at.ClassID, rollDay(t.Now, at.Year))
	if err != nil || len(left) == 0 {
		return nil, err
	}
	ids := make([]int64, len(left))
	for i, r := range left {
		ids[i] = r.EnrolmentID
	}
	entries, err := t.entries(ctx, at, ids, items)
	for i, r := range left {
		left[i].Entries = entries[r.EnrolmentID]
	}
	return left, err
}

// leftSQL lists who left class $1 before day $2 and did not come back, each
// once by the newest seat; a seat that ended before it began was never one.
const leftSQL = `SELECT s.id AS enrolment_id, s.pupil_id, p.full_name, s.grade, s.to_date
	FROM (SELECT DISTINCT ON (e.pupil_id) e.id, e.pupil_id, e.grade, e.to_date FROM school.enrolment e
	  WHERE e.class_id = $1 AND e.from_date <= $2 AND (e.to_date IS NULL OR e.to_date >= e.from_date)
	  ORDER BY e.pupil_id, e.from_date DESC) s
	JOIN school.pupil p ON p.id = s.pupil_id
	WHERE s.to_date < $2 ORDER BY p.given_name, p.rest_name, p.code`

// newestTeaching is who teaches each subject of class $1 on day $2: of several
// assignments valid on the day of a change, the newest.
const newestTeaching = `(SELECT DISTINCT ON (s.subject) s.subject, s.account_id FROM school.teaching_assignment s
	WHERE s.class_id = $1 AND s.from_date <= $2 AND (s.to_date IS NULL OR s.to_date >= $2)
	ORDER BY s.subject, s.from_date DESC, s.id DESC)`

// newestHomeroom is the homeroom teacher of class $1 on day $2.
const newestHomeroom = `(SELECT h.account_id FROM school.homeroom_assignment h
	WHERE h.class_id = $1 AND h.from_date <= $2 AND (h.to_date IS NULL OR h.to_date >= $2)
	ORDER BY h.from_date DESC, h.id DESC LIMIT 1)`

// ownDuties tells what the actor is to the class today.
func (t *Tx) ownDuties(ctx context.Context, classID int64) ([]school.Subject, bool, error) {
	stmt, err := t.hot(ctx, `SELECT ARRAY(SELECT x.subject FROM `+newestTeaching+` x WHERE x.account_id = $3) AS subjects,
		coalesce(`+newestHomeroom+` = $3, false) AS homeroom`)
	if err != nil {
		return nil, false, err
	}
	var row struct {
		Subjects pq.StringArray `db:"subjects"`
		Homeroom bool           `db:"homeroom"`
	}
	if err := stmt.GetContext(ctx, &row, classID, school.DateOf(t.Now), t.Actor.AccountID); err != nil {
		return nil, false, translate(err, "read the actor's duties")
	}
	var subjects []school.Subject
	for _, s := range school.Subjects { // in the booklet's order
		if slices.Contains(row.Subjects, string(s)) {
			subjects = append(subjects, s)
		}
	}
	return subjects, row.Homeroom, nil
}

func (t *Tx) gradebookRows(ctx context.Context, at ClassPeriod, items []evaluation.Item) ([]GradebookRow, error) {
	roll, err := t.Roll(ctx, at.ClassID)
	if err != nil || len(roll) == 0 {
		return nil, err
	}
	ids := make([]int64, len(roll))
	pupils := make([]int64, len(roll))
	for i, r := range roll {
		ids[i], pupils[i] = r.EnrolmentID, r.PupilID
	}
	entries, err := t.entries(ctx, at, ids, items)
	if err != nil {
		return nil, err
	}
	guard, err := t.guardCells(ctx, at, pupils, false)
	if err != nil {
		return nil, err
	}
	again, err := t.reassessed(ctx, at, ids)
	if err != nil {
		return nil, err
	}
	var rows []GradebookRow
	for _, r := range roll {
		row := GradebookRow{RollRow: r, Entries: entries[r.EnrolmentID], Closed: map[evaluation.Item]*fault.Error{}, Planned: again[r.EnrolmentID]}
		if again != nil && len(row.Entries) == 0 && !slices.ContainsFunc(items, func(it evaluation.Item) bool { return row.Planned[it] }) {
			continue
		}
		for _, it := range items {
			if why := guard.closed(r.PupilID, it); why != nil {
				row.Closed[it] = why
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// entries reads what is written in a period, by enrolment and item.
func (t *Tx) entries(ctx context.Context, at ClassPeriod, enrolments []int64, items []evaluation.Item) (map[int64]map[evaluation.Item]evaluation.Entry, error) {
	// The year stands in the text, not in a parameter: only so PostgreSQL plans
	// for one partition, once. ParseYear leaves nothing but digits and a dash.
	year, ok := school.ParseYear(string(at.Year))
	if !ok {
		return nil, fault.New(fault.NotFound, "page.unknown")
	}
	stmt, err := t.hot(ctx, fmt.Sprintf(`SELECT enrolment_id, item, level, mark, remark, exempt FROM school.entry
		WHERE school_year = '%s' AND enrolment_id = ANY($1) AND period = $2 AND item = ANY($3)`, year))
	if err != nil {
		return nil, err
	}
	var list []struct {
		EnrolmentID int64            `db:"enrolment_id"`
		Item        evaluation.Item  `db:"item"`
		Level       evaluation.Level `db:"level"`
		Mark        *int             `db:"mark"`
		Remark      string           `db:"remark"`
		Exempt      bool             `db:"exempt"`
	}
	if err := stmt.SelectContext(ctx, &list, pq.Array(enrolments), at.Period, pq.Array(codes(items))); err != nil {
		return nil, translate(err, "read entries")
	}
	out := make(map[int64]map[evaluation.Item]evaluation.Entry, len(enrolments))
	for _, e := range list {
		if out[e.EnrolmentID] == nil {
			out[e.EnrolmentID] = map[evaluation.Item]evaluation.Entry{}
		}
		out[e.EnrolmentID][e.Item] = evaluation.Entry{Level: e.Level, Mark: e.Mark, Remark: e.Remark, Exempt: e.Exempt}
	}
	return out, nil
}

// reassessed returns, for the pupils on the summer track (TT 27/2020 Điều
// 11.2), the items that their plan opens: none before there is a plan. It is
// nil in the other periods, where everybody is assessed.
func (t *Tx) reassessed(ctx context.Context, at ClassPeriod, enrolments []int64) (map[int64]map[evaluation.Item]bool, error) {
	if at.Period != school.Summer {
		return nil, nil
	}
	var rows []struct {
		Enrolment int64          `db:"enrolment_id"`
		Items     pq.StringArray `db:"items"`
	}
	err := t.list(ctx, "list the summer track", &rows, `SELECT v.enrolment_id, coalesce((SELECT p.items FROM school.summer_plan p
		  WHERE p.enrolment_id = v.enrolment_id ORDER BY p.id DESC LIMIT 1), '{}') AS items
		FROM school.review v WHERE v.school_year = $1 AND v.enrolment_id = ANY($2) AND v.track = $3`,
		at.Year, pq.Array(enrolments), school.TrackAugust)
	out := make(map[int64]map[evaluation.Item]bool, len(rows))
	for _, r := range rows {
		var items []evaluation.Item
		for _, it := range r.Items {
			items = append(items, evaluation.Item(it))
		}
		out[r.Enrolment] = evaluation.PlannedItems(items)
	}
	return out, err
}

func codes[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = string(c)
	}
	return out
}
