package db

import (
	"context"
	"time"

	"github.com/google/uuid"

	"hocba/internal/fault"
	"hocba/internal/school"
)

// Pupil is a pupil's file as the school keeps it.
type Pupil struct {
	ID            int64       `db:"id"`
	SchoolID      int64       `db:"school_id"`
	Code          string      `db:"code"`
	PersonalNo    string      `db:"personal_no"`
	BookUUID      uuid.UUID   `db:"book_uuid"`
	FullName      string      `db:"full_name"`
	BirthDate     school.Date `db:"birth_date"`
	Sex           school.Sex  `db:"sex"`
	Ethnicity     string      `db:"ethnicity"`
	Nationality   string      `db:"nationality"`
	Birthplace    string      `db:"birthplace"`
	Hometown      string      `db:"hometown"`
	Residence     string      `db:"residence"`
	Phone         string      `db:"phone"`
	FatherName    string      `db:"father_name"`
	FatherJob     string      `db:"father_job"`
	FatherBirth   string      `db:"father_birth"`
	MotherName    string      `db:"mother_name"`
	MotherJob     string      `db:"mother_job"`
	MotherBirth   string      `db:"mother_birth"`
	GuardianName  string      `db:"guardian_name"`
	GuardianJob   string      `db:"guardian_job"`
	GuardianBirth string      `db:"guardian_birth"`
	Village       string      `db:"village"`
	RegisterNo    string      `db:"register_no"`
	Revision      int         `db:"revision"`
	CreatedAt     time.Time   `db:"created_at"`
}

const pupilColumns = `p.id, p.school_id, p.code, coalesce(p.personal_no, '') AS personal_no, p.book_uuid, p.full_name,
	p.birth_date, p.sex, p.ethnicity, p.nationality, p.birthplace, p.hometown, p.residence, p.phone, p.father_name,
	p.father_job, p.father_birth, p.mother_name, p.mother_job, p.mother_birth, p.guardian_name,
	p.guardian_job, p.guardian_birth, p.village, p.register_no, p.revision, p.created_at`

// Pupil returns one pupil's file; NotFound, pupil.unknown, outside the actor's school.
func (t *Tx) Pupil(ctx context.Context, id int64) (Pupil, error) {
	var p Pupil
	err := t.get(ctx, "pupil.unknown", &p, `SELECT `+pupilColumns+` FROM school.pupil p WHERE p.id = $1`, id)
	return p, err
}

// Pupils lists all pupils' files of the actor's school, by code: the known side
// of an import.
func (t *Tx) Pupils(ctx context.Context) ([]Pupil, error) {
	var out []Pupil
	err := t.list(ctx, "list pupils", &out, `SELECT `+pupilColumns+` FROM school.pupil p WHERE p.school_id = $1
		ORDER BY p.code`, t.Actor.SchoolID)
	return out, err
}

// CreatePupil adds a pupil's file; a taken code or personal number is a Conflict.
func (t *Tx) CreatePupil(ctx context.Context, p Pupil) (int64, error) {
	book, err := uuid.NewV7()
	if err != nil {
		return 0, translate(err, "make a book number")
	}
	rest, given := school.SplitName(p.FullName)
	var id int64
	err = t.get(ctx, "add a pupil", &id, `INSERT INTO school.pupil (school_id, code, personal_no, book_uuid, full_name, given_name,
		  rest_name, folded_name, birth_date, sex, ethnicity, nationality, birthplace, hometown, residence, phone, father_name,
		  father_job, father_birth, mother_name, mother_job, mother_birth, guardian_name, register_no, created_at, updated_at)
		VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
		  $22, $23, $24, $25, $25) RETURNING id`,
		t.Actor.SchoolID, p.Code, p.PersonalNo, book, p.FullName, given, rest, school.Fold(p.FullName), p.BirthDate, p.Sex,
		p.Ethnicity, nationality(p), p.Birthplace, p.Hometown, p.Residence, p.Phone, p.FatherName, p.FatherJob, p.FatherBirth,
		p.MotherName, p.MotherJob, p.MotherBirth, p.GuardianName, p.RegisterNo, t.Now)
	switch {
	case violates(err, "pupil_school_id_code_key"):
		return 0, fault.New(fault.Conflict, "pupil.code_taken", "code", p.Code)
	case violates(err, "pupil_personal_no"):
		return 0, fault.New(fault.Conflict, "pupil.personal_no_taken", "code", p.Code)
	}
	return id, err
}

func nationality(p Pupil) string {
	if p.Nationality == "" {
		return "Việt Nam"
	}
	return p.Nationality
}

// updatePupil writes a pupil's file over the revision that was read; a changed
// revision is a Conflict, pupil.changed, and another's personal number one, too.
func (t *Tx) updatePupil(ctx context.Context, p Pupil) error {
	rest, given := school.SplitName(p.FullName)
	res, err := t.ExecContext(ctx, `UPDATE school.pupil SET personal_no = nullif($3, ''), full_name = $4, given_name = $5,
		  rest_name = $6, folded_name = $7, birth_date = $8, sex = $9, ethnicity = $10, nationality = $11, birthplace = $12,
		  hometown = $13, residence = $14, phone = $15, father_name = $16, father_job = $17, father_birth = $18,
		  mother_name = $19, mother_job = $20, mother_birth = $21, guardian_name = $22, register_no = $23,
		  guardian_job = $25, guardian_birth = $26, village = $27, revision = revision + 1, updated_at = $24
		WHERE id = $1 AND revision = $2`, p.ID, p.Revision, p.PersonalNo, p.FullName, given, rest, school.Fold(p.FullName),
		p.BirthDate, p.Sex, p.Ethnicity, nationality(p), p.Birthplace, p.Hometown, p.Residence, p.Phone, p.FatherName,
		p.FatherJob, p.FatherBirth, p.MotherName, p.MotherJob, p.MotherBirth, p.GuardianName, p.RegisterNo, t.Now,
		p.GuardianJob, p.GuardianBirth, p.Village)
	if err = translate(err, "update a pupil"); err != nil {
		if violates(err, "pupil_personal_no") {
			return fault.New(fault.Conflict, "pupil.personal_no_taken", "code", p.Code)
		}
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Conflict, "pupil.changed", "code", p.Code)
	}
	return nil
}

// RollRow is a pupil on the roll of a class.
type RollRow struct {
	EnrolmentID   int64       `db:"enrolment_id"`
	PupilID       int64       `db:"pupil_id"`
	Code          string      `db:"code"`
	FullName      string      `db:"full_name"`
	BirthDate     school.Date `db:"birth_date"`
	Sex           school.Sex  `db:"sex"`
	Grade         int         `db:"grade"`
	Status        string      `db:"status"`
	Inclusive     bool        `db:"inclusive"`
	Plan          bool        `db:"individual_plan"` // evaluated by the own plan (KHGDCN)
	NotAssessed   bool        `db:"not_assessed"`
	EthnicTongue  bool        `db:"ethnic_language"`
	FirstLanguage bool        `db:"first_language_optional"`
}

// Roll lists the pupils on the roll of a class today, in the order of
// Vietnamese lists: by given name, then by the rest of the name.
func (t *Tx) Roll(ctx context.Context, classID int64) ([]RollRow, error) {
	stmt, err := t.hot(ctx, `SELECT e.id AS enrolment_id, p.id AS pupil_id, p.code, p.full_name, p.birth_date, p.sex,
		  e.grade, e.status, e.inclusive, e.individual_plan, e.not_assessed, e.ethnic_language, e.first_language_optional
		FROM school.enrolment e JOIN school.pupil p ON p.id = e.pupil_id
		WHERE e.class_id = $1 AND (e.to_date IS NULL OR e.to_date >= $2) AND e.from_date <= $2
		ORDER BY p.given_name, p.rest_name, p.code`)
	if err != nil {
		return nil, err
	}
	var out []RollRow
	return out, translate(stmt.SelectContext(ctx, &out, classID, school.DateOf(t.Now)), "list a roll")
}

// NewEnrolment is what puts a pupil into a class.
type NewEnrolment struct {
	Year             school.Year
	ClassID, PupilID int64
	Grade            int
	Status           string
	From             school.Date
	Inclusive        bool
	NotAssessed      bool
	EthnicTongue     bool
	FirstLanguage    bool
}

// Enrol puts a pupil into a class; a pupil who sits in a class of that year
// already is a Conflict, pupil.enrolled. The record of the pupil's year begins
// here, with its own number (MA_HOC_BA), unless it exists: a pupil who moves
// within the year has several enrolments and one record.
func (t *Tx) Enrol(ctx context.Context, e NewEnrolment) (int64, error) {
	var id int64
	err := t.get(ctx, "enrol a pupil", &id, `INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, status,
		  from_date, inclusive, not_assessed, ethnic_language, first_language_optional)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`, t.Actor.SchoolID, e.Year, e.ClassID, e.PupilID,
		e.Grade, e.Status, e.From, e.Inclusive, e.NotAssessed, e.EthnicTongue, e.FirstLanguage)
	if fault.Is(err, "db.duplicate") {
		return 0, fault.New(fault.Conflict, "pupil.enrolled")
	}
	if err != nil {
		return 0, err
	}
	if err := t.handOver(ctx, e.Year, []int64{e.PupilID}); err != nil {
		return 0, err
	}
	number, err := uuid.NewV7()
	if err != nil {
		return 0, translate(err, "make a record number")
	}
	return id, t.exec(ctx, "begin a record", `INSERT INTO school.record (school_id, school_year, pupil_id, class_id,
		  enrolment_id, record_uuid, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
		ON CONFLICT (pupil_id, school_year) DO UPDATE SET class_id = excluded.class_id, enrolment_id = excluded.enrolment_id`,
		t.Actor.SchoolID, e.Year, e.PupilID, e.ClassID, id, number, t.Now)
}
