package db

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// text returns where a field stands that is stored as text; nil for the others.
func (p *Pupil) text(f profile.Field) *string {
	switch f {
	case profile.FullName:
		return &p.FullName
	case profile.PersonalNo:
		return &p.PersonalNo
	case profile.Ethnicity:
		return &p.Ethnicity
	case profile.Nationality:
		return &p.Nationality
	case profile.Birthplace:
		return &p.Birthplace
	case profile.Hometown:
		return &p.Hometown
	case profile.Residence:
		return &p.Residence
	case profile.Village:
		return &p.Village
	case profile.Phone:
		return &p.Phone
	case profile.FatherName:
		return &p.FatherName
	case profile.FatherJob:
		return &p.FatherJob
	case profile.FatherBirth:
		return &p.FatherBirth
	case profile.MotherName:
		return &p.MotherName
	case profile.MotherJob:
		return &p.MotherJob
	case profile.MotherBirth:
		return &p.MotherBirth
	case profile.GuardianName:
		return &p.GuardianName
	case profile.GuardianJob:
		return &p.GuardianJob
	case profile.GuardianBirth:
		return &p.GuardianBirth
	case profile.RegisterNo:
		return &p.RegisterNo
	}
	return nil
}

// File is the pupil's file by field, in stored form.
func (p Pupil) File() profile.File {
	file := profile.File{profile.BirthDate: p.BirthDate.String(), profile.Sex: string(p.Sex)}
	for _, f := range profile.Fields {
		if at := p.text(f); at != nil {
			file[f] = *at
		}
	}
	return file
}

// put writes a value in stored form into the file.
func (p *Pupil) put(f profile.Field, value string) {
	switch at := p.text(f); {
	case at != nil:
		*at = value
	case f == profile.Sex:
		p.Sex = school.Sex(value)
	case f == profile.BirthDate:
		if day, err := school.ParseDate(value); err == nil {
			p.BirthDate = day
		}
	}
}

// ProfileRow is a pupil's file in the round of a year.
type ProfileRow struct {
	Pupil
	EnrolmentID int64          `db:"enrolment_id"`
	RecordID    int64          `db:"record_id"` // 0: none was begun
	Stage       workflow.Stage `db:"stage"`
	CheckedAt   *time.Time     `db:"checked_at"` // nil: not checked this year
	CheckedBy   string         `db:"checked_by"`
	SheetOn     school.Date    `db:"sheet_on"` // when the family signed; zero: not yet
	Waiting     int            `db:"waiting"`  // changes that nobody has decided
}

// ClassProfiles is the round of a class: its pupils' files in the order of the roll.
type ClassProfiles struct {
	Class Class
	Rows  []ProfileRow
}

// Place returns where a pupil stands on the roll; -1 for none.
func (c ClassProfiles) Place(pupilID int64) int {
	return slices.IndexFunc(c.Rows, func(r ProfileRow) bool { return r.ID == pupilID })
}

// ClassProfiles reads the files of a class: for who keeps them (KeepsProfiles)
// and the school's office; for everybody else it is NotFound, class.unknown.
func (t *Tx) ClassProfiles(ctx context.Context, year school.Year, classID int64) (ClassProfiles, error) {
	c := ClassProfiles{}
	var err error
	if c.Class, err = t.Class(ctx, year, classID); err != nil {
		return c, err
	}
	switch {
	case t.Actor.Role == workflow.Teacher && t.KeepsProfiles(c.Class):
	case t.Actor.SchoolID == c.Class.SchoolID && workflow.Can(t.Actor.Role, workflow.PermSchoolDashboard):
	default:
		return ClassProfiles{}, fault.New(fault.NotFound, "class.unknown")
	}
	err = t.list(ctx, "read the files of a class", &c.Rows, `SELECT `+pupilColumns+`, e.id AS enrolment_id, coalesce(r.id, 0) AS record_id,
		  coalesce(r.stage, '') AS stage, k.at AS checked_at, coalesce(k.full_name, '') AS checked_by, s.on_date AS sheet_on,
		  (SELECT count(*) FROM school.pupil_change w WHERE w.pupil_id = p.id AND w.second
		    AND NOT EXISTS (SELECT 1 FROM school.pupil_change_decision d WHERE d.change_id = w.id)) AS waiting
		FROM school.enrolment e JOIN school.pupil p ON p.id = e.pupil_id
		LEFT JOIN school.record r ON r.pupil_id = p.id AND r.school_year = e.school_year
		LEFT JOIN LATERAL (SELECT c.done, c.at, a.full_name FROM school.pupil_check c JOIN core.account a ON a.id = c.account_id
		  WHERE c.pupil_id = p.id AND c.school_year = $3 AND c.what = 'file' ORDER BY c.id DESC LIMIT 1) k ON k.done
		LEFT JOIN LATERAL (SELECT c.done, c.on_date FROM school.pupil_check c
		  WHERE c.pupil_id = p.id AND c.school_year = $3 AND c.what = 'sheet' ORDER BY c.id DESC LIMIT 1) s ON s.done
		WHERE e.class_id = $1 AND (e.to_date IS NULL OR e.to_date >= $2) AND e.from_date <= $2
		ORDER BY p.given_name, p.rest_name, p.code`, classID, school.DateOf(t.Now), year)
	return c, err
}

// KeepsProfiles reports whether the actor may change files of this class: its
// homeroom teacher of today, as long as its year runs, and the administrator.
func (t *Tx) KeepsProfiles(c Class) bool {
	runs := c.Year >= school.YearOf(school.DateOf(t.Now))
	return t.Actor.Role == workflow.SchoolAdmin ||
		runs && t.Actor.Role == workflow.Teacher && t.Actor.AccountID != 0 && c.HomeroomID == t.Actor.AccountID
}

// keptProfile reads a pupil of a class whose file the actor keeps, and locks it.
func (t *Tx) keptProfile(ctx context.Context, year school.Year, classID, pupilID int64) (Pupil, error) {
	class, err := t.Class(ctx, year, classID)
	if err != nil {
		return Pupil{}, err
	}
	if !t.KeepsProfiles(class) {
		return Pupil{}, fault.New(fault.NotFound, "class.unknown")
	}
	var p Pupil
	err = t.get(ctx, "pupil.unknown", &p, `SELECT `+pupilColumns+` FROM school.pupil p WHERE p.id = $1 AND EXISTS (SELECT 1
		  FROM school.enrolment e WHERE e.pupil_id = p.id AND e.class_id = $2 AND e.from_date <= $3 AND (e.to_date IS NULL OR e.to_date >= $3))
		FOR NO KEY UPDATE OF p`, pupilID, classID, school.DateOf(t.Now))
	return p, err
}

// Round is how far the files of a class are checked in a year.
type Round struct {
	ClassID   int64  `db:"class_id"`
	ClassName string `db:"class_name"`
	Pupils    int    `db:"pupils"`
	Checked   int    `db:"checked"`
	Sheets    int    `db:"sheets"` // signed by the family
}

// ProfileRounds counts the rounds of classes, in the order asked for.
func (t *Tx) ProfileRounds(ctx context.Context, year school.Year, classIDs []int64) ([]Round, error) {
	var out []Round
	err := t.list(ctx, "count rounds", &out, `SELECT c.id AS class_id, c.name AS class_name, count(*) AS pupils,
		  count(*) FILTER (WHERE k.done) AS checked, count(*) FILTER (WHERE s.done) AS sheets
		FROM school.class c JOIN school.enrolment e ON e.class_id = c.id
		LEFT JOIN LATERAL (SELECT done FROM school.pupil_check k WHERE k.pupil_id = e.pupil_id AND k.school_year = $3 AND k.what = 'file'
		  ORDER BY k.id DESC LIMIT 1) k ON true
		LEFT JOIN LATERAL (SELECT done FROM school.pupil_check k WHERE k.pupil_id = e.pupil_id AND k.school_year = $3 AND k.what = 'sheet'
		  ORDER BY k.id DESC LIMIT 1) s ON true
		WHERE c.id = ANY($1) AND (e.to_date IS NULL OR e.to_date >= $2) AND e.from_date <= $2
		GROUP BY c.id, c.name ORDER BY array_position($1::bigint[], c.id)`, pq.Array(classIDs), school.DateOf(t.Now), year)
	return out, err
}

// What a homeroom teacher ticks off.
const (
	CheckFile  = "file"  // the file was compared with the papers
	CheckSheet = "sheet" // the family signed the printed file
)

// TickProfile notes that a pupil's file was checked, or that the family signed
// it, on a day; done false takes the tick back. It fails with class.unknown or
// pupil.unknown (NotFound) and profile.sheet_date (Invalid).
func (t *Tx) TickProfile(ctx context.Context, year school.Year, at ProfileKey, what string, tick Tick) error {
	p, err := t.keptProfile(ctx, year, at.ClassID, at.PupilID)
	if err != nil {
		return err
	}
	today := school.DateOf(t.Now)
	begins := school.Date{Year: year.First(), Month: time.July, Day: 1}
	if today.Before(tick.On) || tick.On.Before(begins) {
		return fault.New(fault.Invalid, "profile.sheet_date")
	}
	return t.tick(ctx, year, p.ID, what, tick)
}

// ProfileKey is a pupil in a class.
type ProfileKey struct{ ClassID, PupilID int64 }

// Tick is a tick on a day, or that it is taken back.
type Tick struct {
	Done bool
	On   school.Date
}

// tick adds the row; a tick that is there already is not set again, a new day
// of a signed sheet is.
func (t *Tx) tick(ctx context.Context, year school.Year, pupilID int64, what string, tick Tick) error {
	return t.exec(ctx, "tick a file off", `INSERT INTO school.pupil_check (school_id, school_year, pupil_id, what, done, on_date, account_id, at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE $4 = 'sheet' AND $5 OR $5 <> coalesce((SELECT k.done FROM school.pupil_check k
		  WHERE k.pupil_id = $3 AND k.school_year = $2 AND k.what = $4 ORDER BY k.id DESC LIMIT 1), false)`,
		t.Actor.SchoolID, year, pupilID, what, tick.Done, tick.On, t.Actor.AccountID, t.Now)
}
