package db

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ClassReview is a class at the end of its year as its homeroom teacher sees
// it: one row a pupil, in the order of the roll.
type ClassReview struct {
	Class   Class
	Windows map[school.Period]EntryWindow
	Rows    []ReviewRow
}

// ReviewRow is a pupil with the homeroom teacher's lines and the record.
type ReviewRow struct {
	RollRow
	Review  evaluation.Review
	Struck  bool      // the principal took a title of the year's end off the list
	SavedBy string    // who wrote the review last; "" when nobody did
	SavedAt time.Time // and when
	// Record is the pupil's record of the year with everything the teachers
	// wrote; nil when none was begun.
	Record *record.Record
}

// Standing is what the pupil's review is judged by today.
func (r ReviewRow) Standing(year school.Year, today school.Date) evaluation.Standing {
	s := evaluation.Standing{Year: year, Today: today, NotAssessed: r.NotAssessed}
	if r.Record != nil {
		s.Overall = r.Record.Outcome().Overall
	}
	return s
}

// Closed says why the homeroom teacher's lines of the pupil cannot be changed
// at an instant: record.issued, record.part_signed (Args signer, mend) or
// review.window_closed; nil when they can. The lines are of no period, so they
// may be written while the year-end's or the summer's values may, and whenever
// a return asks for them.
func (c ClassReview) Closed(r ReviewRow, at time.Time) *fault.Error {
	if r.Record == nil {
		return fault.New(fault.Locked, "review.no_record")
	}
	if err := r.Record.PartOpen(record.PartOf(evaluation.RemarkQualities)); err != nil {
		return fault.As(err)
	}
	if c.Windows[school.YearEnd].Open(at) || c.Windows[school.Summer].Open(at) {
		return nil
	}
	for _, part := range r.Record.OpenParts() {
		if part == record.PartOf(evaluation.RemarkQualities) {
			return nil
		}
	}
	return fault.New(fault.Locked, "review.window_closed")
}

// ClassReview reads the class of which the actor is the homeroom teacher today;
// for everybody else it is NotFound, class.unknown. The number of queries does
// not depend on the number of pupils.
func (t *Tx) ClassReview(ctx context.Context, year school.Year, classID int64) (ClassReview, error) {
	c, err := t.reviewedClass(ctx, year, classID)
	if err != nil {
		return c, err
	}
	roll, err := t.Roll(ctx, classID)
	if err != nil || len(roll) == 0 {
		return c, err
	}
	ids := make([]int64, len(roll))
	for i, r := range roll {
		ids[i] = r.EnrolmentID
		c.Rows = append(c.Rows, ReviewRow{RollRow: r})
	}
	return c, t.fillReviews(ctx, c, ids, false)
}

// PupilReview is ClassReview with the lines and the record of one pupil only;
// the other rows have names. A pupil who is not on the roll is NotFound,
// page.unknown.
func (t *Tx) PupilReview(ctx context.Context, year school.Year, classID, enrolment int64) (ClassReview, int, error) {
	c, err := t.reviewedClass(ctx, year, classID)
	if err != nil {
		return c, 0, err
	}
	roll, err := t.Roll(ctx, classID)
	if err != nil {
		return c, 0, err
	}
	at := -1
	for i, r := range roll {
		c.Rows = append(c.Rows, ReviewRow{RollRow: r})
		if r.EnrolmentID == enrolment {
			at = i
		}
	}
	if at < 0 {
		return c, 0, fault.New(fault.NotFound, "page.unknown")
	}
	return c, at, t.fillReviews(ctx, c, []int64{enrolment}, false)
}

func (t *Tx) reviewedClass(ctx context.Context, year school.Year, classID int64) (c ClassReview, err error) {
	if c.Class, err = t.Class(ctx, year, classID); err != nil {
		return c, err
	}
	if t.Actor.Role != workflow.Teacher || t.Actor.AccountID == 0 || c.Class.HomeroomID != t.Actor.AccountID {
		return ClassReview{}, fault.New(fault.NotFound, "class.unknown")
	}
	windows, err := t.ClassWindows(ctx, year, classID)
	c.Windows = windows[classID]
	return c, err
}

// fillReviews puts records and lines into the rows of the given enrolments.
func (t *Tx) fillReviews(ctx context.Context, c ClassReview, enrolments []int64, hold bool) error {
	var heads []struct {
		ID        int64 `db:"id"`
		Enrolment int64 `db:"enrolment_id"`
	}
	err := t.list(ctx, "find the pupils' records", &heads, `SELECT id, enrolment_id FROM school.record
		WHERE class_id = $1 AND enrolment_id = ANY($2)`, c.Class.ID, pq.Array(enrolments))
	if err != nil {
		return err
	}
	ids, owner := make([]int64, len(heads)), map[int64]int64{}
	for i, h := range heads {
		ids[i], owner[h.ID] = h.ID, h.Enrolment
	}
	records, err := t.Records(ctx, ids, hold)
	if err != nil {
		return err
	}
	rows := make(map[int64]*ReviewRow, len(c.Rows))
	for i := range c.Rows {
		rows[c.Rows[i].EnrolmentID] = &c.Rows[i]
	}
	for _, r := range records {
		rows[owner[r.ID]].Record = r
	}
	pupils := make([]int64, len(c.Rows))
	for i, r := range c.Rows {
		pupils[i] = r.PupilID
	}
	struck, err := t.struckTitles(ctx, c.Class.Year, pupils)
	if err != nil {
		return err
	}
	for i := range c.Rows {
		c.Rows[i].Struck = struck[c.Rows[i].PupilID]
	}
	return t.fillLines(ctx, c.Class.Year, enrolments, rows)
}

// fillLines reads the reviews as text, each value in its stored form.
func (t *Tx) fillLines(ctx context.Context, year school.Year, enrolments []int64, rows map[int64]*ReviewRow) error {
	var list []struct {
		Enrolment int64          `db:"enrolment_id"`
		Values    pq.StringArray `db:"lines"`
		By        string         `db:"saved_by"`
		At        time.Time      `db:"updated_at"`
	}
	err := t.list(ctx, "read reviews", &list, `SELECT v.enrolment_id, coalesce(a.full_name, '') AS saved_by, v.updated_at,
		  ARRAY[coalesce(v.absent_excused::text, ''), coalesce(v.absent_unexcused::text, ''), coalesce(v.height_mm::text, ''),
		    coalesce(v.weight_g::text, ''), coalesce(v.completed::int::text, ''), coalesce(v.promoted::int::text, ''), v.track::text,
		    coalesce(to_char(v.reassessed_on, 'YYYY-MM-DD'), ''), v.reassess_note] AS lines
		FROM school.review v LEFT JOIN core.account a ON a.id = v.account_id
		WHERE v.school_year = $1 AND v.enrolment_id = ANY($2)`, year, pq.Array(enrolments))
	if err != nil {
		return err
	}
	for _, e := range enrolments {
		if row := rows[e]; row != nil {
			row.Review = evaluation.Review{evaluation.ReviewTrack: strconv.Itoa(int(school.TrackJune))}
		}
	}
	for _, v := range list {
		row := rows[v.Enrolment]
		if row == nil || len(v.Values) != len(evaluation.ReviewFields) {
			continue
		}
		row.SavedBy, row.SavedAt = v.By, v.At
		for i, f := range evaluation.ReviewFields {
			row.Review[f] = v.Values[i]
		}
	}
	return nil
}
