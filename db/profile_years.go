package db

import (
	"context"
	"time"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// PupilVersion is an issued version of a pupil's year, as the school keeps it.
type PupilVersion struct {
	RecordID int64           `db:"record_id"`
	Year     school.Year     `db:"school_year"`
	Number   int             `db:"phien_ban"`
	IssuedAt time.Time       `db:"issued_at"`
	Standing record.Standing `db:"standing"`
	Stage    workflow.Stage  `db:"stage"` // of the record
	Class    string          `db:"class_name"`
}

// Live reports whether the version is the one that stands for its year.
func (v PupilVersion) Live() bool {
	switch v.Standing {
	case record.StandWithdrawn, record.StandRecalled, record.StandReplaced, record.StandRevoked:
		return false
	}
	return true
}

// PupilVersions lists what the school issued for a pupil: the newest year
// first, in a year the newest version first.
func (t *Tx) PupilVersions(ctx context.Context, pupilID int64) ([]PupilVersion, error) {
	var out []PupilVersion
	err := t.list(ctx, "list a pupil's versions", &out, `SELECT r.id AS record_id, r.school_year, r.stage, c.name AS class_name, v.phien_ban, v.issued_at,
		  coalesce((SELECT e.kind FROM school.version_event e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1), 'issued') AS standing
		FROM school.version v JOIN school.record r ON r.id = v.record_id JOIN school.class c ON c.id = r.class_id
		WHERE r.pupil_id = $1 ORDER BY r.school_year DESC, v.phien_ban DESC`, pupilID)
	return out, err
}

// PupilSeat is a pupil in a class of a year, for who may look at the pupil's years.
type PupilSeat struct {
	Pupil
	ClassID   int64  `db:"class_id"`
	ClassName string `db:"class_name"`
	Grade     int    `db:"grade"`
	RecordID  int64  `db:"record_id"`
}

// PupilOfMine finds a pupil in a year: for the teachers of the pupil's class of
// today (subject and homeroom), and the school's principal, deputies and
// administrator. For everybody else it is NotFound, pupil.unknown.
func (t *Tx) PupilOfMine(ctx context.Context, year school.Year, pupilID int64) (PupilSeat, error) {
	var s PupilSeat
	err := t.get(ctx, "pupil.unknown", &s, `SELECT `+pupilColumns+`, c.id AS class_id, c.name AS class_name, e.grade, coalesce(r.id, 0) AS record_id
		FROM school.pupil p JOIN school.enrolment e ON e.pupil_id = p.id AND e.school_year = $2 JOIN school.class c ON c.id = e.class_id
		LEFT JOIN school.record r ON r.pupil_id = p.id AND r.school_year = e.school_year
		WHERE p.id = $1 AND p.school_id = $3 AND (e.to_date IS NULL OR e.to_date >= e.from_date)
		ORDER BY e.from_date DESC, e.id DESC LIMIT 1`, pupilID, year, t.Actor.SchoolID)
	if err != nil || t.Actor.Role != workflow.Teacher {
		if err == nil && !workflow.Can(t.Actor.Role, workflow.PermSchoolDashboard) {
			err = fault.New(fault.NotFound, "pupil.unknown")
		}
		return s, err
	}
	var mine bool
	err = t.get(ctx, "pupil.unknown", &mine, `SELECT EXISTS (SELECT 1 FROM school.teaching_assignment a WHERE a.class_id = $1 AND a.account_id = $2
		    AND a.from_date <= $3 AND (a.to_date IS NULL OR a.to_date >= $3))
		  OR EXISTS (SELECT 1 FROM school.homeroom_assignment h WHERE h.class_id = $1 AND h.account_id = $2
		    AND h.from_date <= $3 AND (h.to_date IS NULL OR h.to_date >= $3))`, s.ClassID, t.Actor.AccountID, school.DateOf(t.Now))
	if err == nil && !mine {
		err = fault.New(fault.NotFound, "pupil.unknown")
	}
	return s, err
}

// PeriodValue is what stands for an item in a period of a pupil's year.
type PeriodValue struct {
	Period school.Period    `db:"period"`
	Item   evaluation.Item  `db:"item"`
	Level  evaluation.Level `db:"level"`
	Mark   *int             `db:"mark"`
	Remark string           `db:"remark"`
	Exempt bool             `db:"exempt"`
}

// PupilPeriods lists what was written for a pupil in every period of a year. A
// pupil who moved within the year keeps what the former class wrote where the
// new one wrote nothing.
func (t *Tx) PupilPeriods(ctx context.Context, year school.Year, pupilID int64) ([]PeriodValue, error) {
	var out []PeriodValue
	err := t.list(ctx, "read a pupil's periods", &out, `SELECT DISTINCT ON (v.period, v.item) v.period, v.item, v.level, v.mark, v.remark, v.exempt
		FROM school.enrolment e JOIN school.entry v ON v.school_year = e.school_year AND v.enrolment_id = e.id
		WHERE e.pupil_id = $1 AND e.school_year = $2 AND (v.level <> '' OR v.mark IS NOT NULL OR v.remark <> '' OR v.exempt)
		ORDER BY v.period, v.item, e.from_date DESC, e.id DESC`, pupilID, year)
	return out, err
}
