package db

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// importLifetime is how long an uploaded list waits to be written; once written
// it can be read and taken back for undoLifetime.
const importLifetime = 24 * time.Hour

// ImportBatch is an uploaded list of pupils: previewed, perhaps written. It
// belongs to the person who uploaded it.
type ImportBatch struct {
	ID        int64
	Year      school.Year
	FileName  string
	From      school.Date // day from which new pupils sit in their class
	Plan      spreadsheet.PupilPlan
	Report    *spreadsheet.Report // nil: not written yet
	CreatedAt time.Time
	WrittenAt time.Time
	Undo      *spreadsheet.Undo // nil: not taken back
	UndoneAt  time.Time
	ExpiresAt time.Time
	made      *importMade // nil: not written, or before imports could be taken back
}

// Undoable reports whether the list was written and may be taken back.
func (b ImportBatch) Undoable() bool { return b.made != nil && b.Undo == nil }

// ImportBooks reads what an import of pupils into a year is compared with: all
// pupils of the actor's school, with their class of that year, and its classes.
func (t *Tx) ImportBooks(ctx context.Context, year school.Year) (spreadsheet.Books, error) {
	var books spreadsheet.Books
	var rows []struct {
		Pupil
		ClassName string `db:"class_name"`
		Grade     int    `db:"grade"`
		Status    string `db:"status"`
	}
	err := t.list(ctx, "list what an import is compared with", &rows, `SELECT `+pupilColumns+`, coalesce(c.name, '') AS class_name,
		  coalesce(e.grade, 0) AS grade, coalesce(e.status, '') AS status
		FROM school.pupil p
		LEFT JOIN school.enrolment e ON e.pupil_id = p.id AND e.school_year = $2 AND e.to_date IS NULL
		LEFT JOIN school.class c ON c.id = e.class_id
		WHERE p.school_id = $1 ORDER BY p.code`, t.Actor.SchoolID, year)
	if err != nil {
		return books, err
	}
	for _, r := range rows {
		k := spreadsheet.Known{ID: r.ID, Revision: r.Revision, Pupil: listed(r.Pupil)}
		k.ClassName, k.Grade, k.Status = r.ClassName, r.Grade, r.Status
		books.Known = append(books.Known, k)
	}
	var classes []struct {
		Name   string        `db:"name"`
		Grades pq.Int64Array `db:"grades"`
	}
	err = t.list(ctx, "list the classes of an import", &classes, `SELECT name, grades FROM school.class
		WHERE school_id = $1 AND school_year = $2 ORDER BY name`, t.Actor.SchoolID, year)
	for _, c := range classes {
		known := spreadsheet.KnownClass{Name: c.Name}
		for _, g := range c.Grades {
			known.Grades = append(known.Grades, int(g))
		}
		books.Classes = append(books.Classes, known)
	}
	return books, err
}

// listed is a pupil's file in the form of a list of pupils.
func listed(p Pupil) spreadsheet.Pupil {
	return spreadsheet.Pupil{
		Code: p.Code, PersonalNo: p.PersonalNo, FullName: p.FullName, BirthDate: p.BirthDate, Sex: p.Sex, Ethnicity: p.Ethnicity,
		Phone: p.Phone, Birthplace: p.Birthplace, Village: p.Village, HometownProvince: p.Hometown, Residence: p.Residence,
		Father:   spreadsheet.Relative{Name: p.FatherName, Occupation: p.FatherJob, BirthYear: yearNumber(p.FatherBirth)},
		Mother:   spreadsheet.Relative{Name: p.MotherName, Occupation: p.MotherJob, BirthYear: yearNumber(p.MotherBirth)},
		Guardian: spreadsheet.Relative{Name: p.GuardianName, Occupation: p.GuardianJob, BirthYear: yearNumber(p.GuardianBirth)},
	}
}

// fillFrom puts what a list says into the pupil's file; what the list leaves
// empty stays. The code is the file's identity and stays too.
func (p *Pupil) fillFrom(l spreadsheet.Pupil) {
	l = l.Kept()
	for _, f := range []struct {
		into *string
		from string
	}{
		{&p.PersonalNo, l.PersonalNo}, {&p.FullName, l.FullName}, {&p.Ethnicity, l.Ethnicity}, {&p.Phone, l.Phone},
		{&p.Birthplace, l.Birthplace}, {&p.Village, l.Village}, {&p.Hometown, l.HometownProvince}, {&p.Residence, l.Residence},
		{&p.FatherName, l.Father.Name}, {&p.FatherJob, l.Father.Occupation}, {&p.FatherBirth, yearText(l.Father.BirthYear)},
		{&p.MotherName, l.Mother.Name}, {&p.MotherJob, l.Mother.Occupation}, {&p.MotherBirth, yearText(l.Mother.BirthYear)},
		{&p.GuardianName, l.Guardian.Name}, {&p.GuardianJob, l.Guardian.Occupation},
		{&p.GuardianBirth, yearText(l.Guardian.BirthYear)},
	} {
		if f.from != "" {
			*f.into = f.from
		}
	}
	if !l.BirthDate.IsZero() {
		p.BirthDate = l.BirthDate
	}
	if l.Sex != "" {
		p.Sex = l.Sex
	}
}

func yearNumber(s string) int { n, _ := strconv.Atoi(s); return n }

func yearText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// KeepImport stores an uploaded list for its preview; Sweep removes it when it
// has expired.
func (t *Tx) KeepImport(ctx context.Context, b ImportBatch) (int64, error) {
	plan, err := json.Marshal(b.Plan)
	if err != nil {
		return 0, translate(err, "store an import's plan")
	}
	var id int64
	err = t.GetContext(ctx, &id, `INSERT INTO school.import_batch (school_id, school_year, account_id, file_name, from_date, plan,
		  created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`, t.Actor.SchoolID, b.Year,
		t.Actor.AccountID, b.FileName, b.From, string(plan), t.Now, t.Now.Add(importLifetime))
	return id, translate(err, "store an import")
}

// Import returns an uploaded list of the actor. One of somebody else, of
// another school or year, or one that expired is NotFound, import.unknown.
func (t *Tx) Import(ctx context.Context, year school.Year, id int64) (ImportBatch, error) {
	return t.importBatch(ctx, year, id, "")
}

func (t *Tx) importBatch(ctx context.Context, year school.Year, id int64, lock string) (ImportBatch, error) {
	var row struct {
		FileName  string      `db:"file_name"`
		From      school.Date `db:"from_date"`
		Plan      []byte      `db:"plan"`
		Report    []byte      `db:"report"`
		CreatedAt time.Time   `db:"created_at"`
		WrittenAt *time.Time  `db:"written_at"`
		Made      []byte      `db:"made"`
		Undo      []byte      `db:"undo"`
		UndoneAt  *time.Time  `db:"undone_at"`
		ExpiresAt time.Time   `db:"expires_at"`
	}
	err := t.get(ctx, "import.unknown", &row, `SELECT file_name, from_date, plan, report, created_at, written_at, made, undo, undone_at, expires_at
		FROM school.import_batch WHERE id = $1 AND school_year = $2 AND account_id = $3 AND expires_at > $4`+lock,
		id, year, t.Actor.AccountID, t.Now)
	if err != nil {
		return ImportBatch{}, err
	}
	b := ImportBatch{ID: id, Year: year, FileName: row.FileName, From: row.From, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt}
	if err := json.Unmarshal(row.Plan, &b.Plan); err != nil {
		return b, translate(err, "read an import's plan")
	}
	if row.WrittenAt != nil {
		b.WrittenAt, b.Report = *row.WrittenAt, &spreadsheet.Report{}
		if err := json.Unmarshal(row.Report, b.Report); err != nil {
			return b, translate(err, "read an import's report")
		}
	}
	if row.Made != nil {
		b.made = &importMade{}
		if err := json.Unmarshal(row.Made, b.made); err != nil {
			return b, translate(err, "read what an import made")
		}
	}
	if row.UndoneAt != nil {
		b.UndoneAt, b.Undo = *row.UndoneAt, &spreadsheet.Undo{}
		if err := json.Unmarshal(row.Undo, b.Undo); err != nil {
			return b, translate(err, "read an undo")
		}
	}
	return b, nil
}

// DropImport forgets a list that was not written.
func (t *Tx) DropImport(ctx context.Context, id int64) error {
	return t.exec(ctx, "drop an import", `DELETE FROM school.import_batch
		WHERE id = $1 AND account_id = $2 AND written_at IS NULL`, id, t.Actor.AccountID)
}

// WriteImport writes a previewed list once, all of it or nothing: a second call
// waits for the first and returns the same report.
func (t *Tx) WriteImport(ctx context.Context, year school.Year, id int64,
	choices map[int]spreadsheet.Choice) (spreadsheet.Report, error) {
	b, err := t.importBatch(ctx, year, id, ` FOR UPDATE`)
	if err != nil {
		return spreadsheet.Report{}, err
	}
	if b.Report != nil {
		return *b.Report, nil
	}
	report, made, err := t.writePupils(ctx, PupilList{Year: b.Year, From: b.From, Decisions: b.Plan.Decide(choices),
		Object: pupilImportObject(id)})
	if err != nil {
		return report, err
	}
	text, err := json.Marshal(report)
	if err != nil {
		return report, translate(err, "store an import's report")
	}
	makes, err := json.Marshal(made)
	if err != nil {
		return report, translate(err, "store what an import made")
	}
	return report, t.exec(ctx, "close an import", `UPDATE school.import_batch SET report = $2, written_at = $3, made = $4, expires_at = $5
		WHERE id = $1`, id, string(text), t.Now, string(makes), t.Now.Add(undoLifetime))
}

func pupilImportObject(id int64) string { return "import:" + strconv.FormatInt(id, 10) }

// ImportStart is the day from which a year's new pupils sit in their class when
// nobody names one: 5 September, the opening day, or today before it.
func ImportStart(year school.Year, today school.Date) school.Date {
	opening := school.Date{Year: year.First(), Month: time.September, Day: 5}
	if today.Before(opening) {
		return today
	}
	return opening
}

// CheckImportStart refuses a day outside the school year or in the future:
// Invalid, import.from.
func CheckImportStart(year school.Year, from, today school.Date) error {
	earliest := school.Date{Year: year.First(), Month: time.June, Day: 1}
	if from.IsZero() || from.Before(earliest) || year.End().Before(from) || today.Before(from) {
		return fault.New(fault.Invalid, "import.from", "first", earliest.Vietnamese(), "last", today.Vietnamese())
	}
	return nil
}
