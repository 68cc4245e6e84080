package db

import (
	"context"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// ClassStage counts the records of a digital class that stand at a stage.
type ClassStage struct {
	ClassID   int64          `db:"class_id"`
	ClassName string         `db:"class_name"`
	Stage     workflow.Stage `db:"stage"`
	Track     school.Track   `db:"track"`
	Records   int            `db:"records"`
}

// ClassStages counts where the records of the actor's school stand this
// moment, by class, stage and track.
func (t *Tx) ClassStages(ctx context.Context, year school.Year) ([]ClassStage, error) {
	var out []ClassStage
	err := t.list(ctx, "count stages", &out, `SELECT c.id AS class_id, c.name AS class_name, r.stage,
		  coalesce(v.track, 1) AS track, count(*) AS records
		FROM school.class c JOIN school.record r ON r.class_id = c.id
		LEFT JOIN school.review v ON v.school_year = r.school_year AND v.enrolment_id = r.enrolment_id
		WHERE c.school_id = $1 AND c.school_year = $2 AND c.book_kind = 'digital'
		GROUP BY c.id, c.name, c.grades, r.stage, coalesce(v.track, 1)
		ORDER BY c.grades[1], c.name COLLATE core.vietnamese, c.id, r.stage`, t.Actor.SchoolID, year)
	return out, err
}

// FlaggedForApproval counts the records that wait for approval and have to be
// opened first.
func (t *Tx) FlaggedForApproval(ctx context.Context, year school.Year) (int, error) {
	var ids []int64
	err := t.list(ctx, "list what waits for approval", &ids, `SELECT r.id FROM school.record r JOIN school.class c ON c.id = r.class_id
		WHERE c.school_id = $1 AND c.school_year = $2 AND r.stage = 'homeroom_signed'`, t.Actor.SchoolID, year)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	flags, err := t.guardFlags(ctx, ids)
	n := 0
	for _, f := range flags {
		if f.MustOpen() {
			n++
		}
	}
	return n, err
}

// Unassigned is a subject of a class that nobody teaches today.
type Unassigned struct {
	ClassID   int64          `db:"class_id"`
	ClassName string         `db:"class_name"`
	Subject   school.Subject `db:"subject"`
}

// UnassignedSubjects lists the required subjects of the school's digital classes
// that nobody is assigned to today.
func (t *Tx) UnassignedSubjects(ctx context.Context, year school.Year) ([]Unassigned, error) {
	var out []Unassigned
	err := t.list(ctx, "list unassigned subjects", &out, `SELECT c.id AS class_id, c.name AS class_name, n.subject
		FROM school.class c CROSS JOIN LATERAL (SELECT DISTINCT s.subject FROM unnest(c.grades) g
		  CROSS JOIN unnest($5::text[]) AS s(subject) WHERE g || ':' || c.kind || ':' || s.subject = ANY($4)) n
		WHERE c.school_id = $1 AND c.school_year = $2 AND c.book_kind = 'digital' AND NOT EXISTS (
		  SELECT 1 FROM school.teaching_assignment s WHERE s.class_id = c.id AND s.subject = n.subject
		    AND s.from_date <= $3 AND (s.to_date IS NULL OR s.to_date >= $3))
		GROUP BY c.id, c.name, c.grades, n.subject ORDER BY c.grades[1], c.name COLLATE core.vietnamese,
		  array_position($5::text[], n.subject)`, t.Actor.SchoolID, year, rollDay(t.Now, year), pq.Array(requiredSubjects(year)), booklet())
	return out, err
}

// PupilsWithoutClass counts the pupils who belong to the school and sit in no
// class of the year: new files, and those who were there at the end of the year
// before and have not left the primary level.
func (t *Tx) PupilsWithoutClass(ctx context.Context, year school.Year) (int, error) {
	var n int
	before := school.YearFrom(year.First() - 1)
	err := t.GetContext(ctx, &n, `SELECT count(*) FROM school.pupil p
		WHERE p.school_id = $1 AND NOT EXISTS (SELECT 1 FROM school.enrolment e WHERE e.pupil_id = p.id AND e.school_year = $2)
		  AND (NOT EXISTS (SELECT 1 FROM school.enrolment e WHERE e.pupil_id = p.id)
		    OR EXISTS (SELECT 1 FROM school.enrolment e WHERE e.pupil_id = p.id AND e.school_year = $3 AND e.to_date IS NULL AND e.grade < $4))`,
		t.Actor.SchoolID, year, before, evaluation.LastGrade)
	return n, translate(err, "count pupils without a class")
}

// Colleague is somebody with an account.
type Colleague struct {
	ID   int64  `db:"id"`
	Name string `db:"full_name"`
}

// Uncertified lists the people who teach in the school's classes of the year,
// and its principal, as far as they have no certificate to sign with now.
func (t *Tx) Uncertified(ctx context.Context, year school.Year) ([]Colleague, error) {
	var out []Colleague
	err := t.list(ctx, "list teachers without a certificate", &out, `SELECT a.id, a.full_name FROM core.account a
		WHERE a.active AND a.id IN (SELECT s.account_id FROM school.teaching_assignment s JOIN school.class c ON c.id = s.class_id
		    WHERE c.school_id = $1 AND c.school_year = $2 AND (s.to_date IS NULL OR s.to_date >= $3)
		  UNION ALL SELECT h.account_id FROM school.homeroom_assignment h JOIN school.class c ON c.id = h.class_id
		    WHERE c.school_id = $1 AND c.school_year = $2 AND (h.to_date IS NULL OR h.to_date >= $3)
		  UNION ALL SELECT r.account_id FROM core.account_role r WHERE r.unit_id = $1 AND r.role = 'principal'
		    AND r.valid_from <= $3 AND (r.valid_to IS NULL OR r.valid_to >= $3))
		  AND NOT EXISTS (SELECT 1 FROM core.certificate c WHERE c.account_id = a.id AND c.purpose = 'person'
		    AND c.not_before <= $4 AND c.not_after > $4 AND core.certificate_in_use(c.id, c.purpose, $4))
		ORDER BY a.full_name COLLATE core.vietnamese`, t.Actor.SchoolID, year, school.DateOf(t.Now), t.Now)
	return out, err
}
