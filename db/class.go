package db

import (
	"cmp"
	"context"

	"github.com/lib/pq"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// Class is a class of a school year with the people it depends on today.
type Class struct {
	ID            int64            `db:"id"`
	SchoolID      int64            `db:"school_id"`
	Year          school.Year      `db:"school_year"`
	Code          string           `db:"code"`
	Name          string           `db:"name"`
	Grades        pq.Int64Array    `db:"grades"`
	CampusID      *int64           `db:"campus_id"`
	Campus        string           `db:"campus"`
	BookKind      school.BookKind  `db:"book_kind"`
	PaperReason   string           `db:"paper_reason"`
	PaperDecision string           `db:"paper_decision"`
	PaperUntil    school.Date      `db:"paper_until"`
	Kind          school.ClassKind `db:"kind"`
	Language      string           `db:"language"`
	EthnicTongue  string           `db:"ethnic_tongue"` // which language Tiếng dân tộc is; "": not said
	HomeroomID    int64            `db:"homeroom_id"`
	HomeroomName  string           `db:"homeroom_name"`
	HomeroomCode  string           `db:"homeroom_code"`
	Pupils        int              `db:"pupils"`
}

// Grade returns the class's grade level; the lowest of a multi-grade class.
func (c Class) Grade() int {
	if len(c.Grades) == 0 {
		return 0
	}
	return int(c.Grades[0])
}

// MultiGrade reports whether pupils of several grade levels sit in the class.
func (c Class) MultiGrade() bool { return len(c.Grades) > 1 }

// Rules are those by which the pupils of the class are evaluated; nil for a
// year before TT 27/2020.
func (c Class) Rules() *evaluation.RuleSet { return evaluation.ForClass(c.Year, c.Kind) }

const classSelect = `SELECT c.id, c.school_id, c.school_year, c.code, c.name, c.grades, c.campus_id,
	  coalesce(ca.name, '') AS campus, c.book_kind, c.paper_reason, c.paper_decision, c.paper_until, c.kind, c.language, c.ethnic_tongue,
	  coalesce(h.account_id, 0) AS homeroom_id, coalesce(a.full_name, '') AS homeroom_name,
	  coalesce(a.teacher_code, '') AS homeroom_code,
	  (SELECT count(*) FROM school.enrolment e WHERE e.class_id = c.id AND (e.to_date IS NULL OR e.to_date >= $1)) AS pupils
	FROM school.class c
	LEFT JOIN school.campus ca ON ca.id = c.campus_id
	LEFT JOIN LATERAL (SELECT account_id FROM school.homeroom_assignment h WHERE h.class_id = c.id
	  AND h.from_date <= $1 AND (h.to_date IS NULL OR h.to_date >= $1) ORDER BY h.from_date DESC, h.id DESC LIMIT 1) h ON true
	LEFT JOIN core.account a ON a.id = h.account_id `

// Classes lists the classes of the actor's school in a year, by grade and name.
func (t *Tx) Classes(ctx context.Context, year school.Year) ([]Class, error) {
	var out []Class
	err := t.list(ctx, "list classes", &out, classSelect+`WHERE c.school_year = $2 AND c.school_id = $3
		ORDER BY c.grades[1], c.name COLLATE core.vietnamese`, school.DateOf(t.Now), year, t.Actor.SchoolID)
	return out, err
}

// Class returns one class of the actor's school; NotFound, class.unknown, for any other.
func (t *Tx) Class(ctx context.Context, year school.Year, id int64) (Class, error) {
	var c Class
	err := t.get(ctx, "class.unknown", &c, classSelect+`WHERE c.id = $2 AND c.school_year = $3`,
		school.DateOf(t.Now), id, year)
	return c, err
}

// ClassByName finds a class of the actor's school by the name that lists use.
func (t *Tx) ClassByName(ctx context.Context, year school.Year, name string) (Class, error) {
	var c Class
	err := t.get(ctx, "class.unknown", &c, classSelect+`WHERE c.name = $2 AND c.school_year = $3 AND c.school_id = $4`,
		school.DateOf(t.Now), name, year, t.Actor.SchoolID)
	return c, err
}

// CreateCampus adds a campus to the actor's school.
func (t *Tx) CreateCampus(ctx context.Context, code, name string) (int64, error) {
	var id int64
	err := t.GetContext(ctx, &id, `INSERT INTO school.campus (school_id, code, name) VALUES ($1, $2, $3) RETURNING id`,
		t.Actor.SchoolID, code, name)
	return id, translate(err, "create a campus")
}

// CreateClass adds a class to the actor's school; a taken name is a Conflict.
func (t *Tx) CreateClass(ctx context.Context, c Class) (int64, error) {
	var id int64
	err := t.GetContext(ctx, &id, `INSERT INTO school.class (school_id, school_year, code, name, grades, campus_id,
		  book_kind, paper_reason, paper_decision, paper_until, language, kind)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`, t.Actor.SchoolID, c.Year, c.Code, c.Name,
		c.Grades, c.CampusID, c.BookKind, c.PaperReason, c.PaperDecision, c.PaperUntil, c.Language, cmp.Or(c.Kind, school.RegularClass))
	if err = translate(err, "create a class"); fault.Is(err, "db.duplicate") {
		return 0, fault.New(fault.Conflict, "class.name_taken", "class", c.Name)
	}
	return id, err
}

// SetBookKind says in which form a class keeps its records from now on.
func (t *Tx) SetBookKind(ctx context.Context, c Class) error {
	return t.exec(ctx, "set a class's book kind", `UPDATE school.class SET book_kind = $2, paper_reason = $3,
		paper_decision = $4, paper_until = $5 WHERE id = $1`, c.ID, c.BookKind, c.PaperReason, c.PaperDecision, c.PaperUntil)
}

// Assignment is a teaching assignment: who teaches what to which class, from when to when.
type Assignment struct {
	ID          int64          `db:"id"`
	ClassID     int64          `db:"class_id"`
	ClassName   string         `db:"class_name"`
	Subject     school.Subject `db:"subject"`
	AccountID   int64          `db:"account_id"`
	TeacherName string         `db:"teacher_name"`
	TeacherCode string         `db:"teacher_code"`
	From        school.Date    `db:"from_date"`
	To          school.Date    `db:"to_date"`
	Decision    string         `db:"decision"` // of a substitution; "": the teacher's own
}

const assignmentSelect = `SELECT s.id, s.class_id, c.name AS class_name, s.subject, s.account_id, a.full_name AS teacher_name,
	  coalesce(a.teacher_code, '') AS teacher_code, s.from_date, s.to_date, s.decision
	FROM school.teaching_assignment s JOIN school.class c ON c.id = s.class_id JOIN core.account a ON a.id = s.account_id `

// booklet lists the subjects' codes in the order in which the booklet prints
// them (the form's part 1), by which every list of subjects is sorted.
func booklet() any { return pq.Array(school.Subjects) }

// ClassAssignments lists who teaches what to a class today, in the booklet's order.
func (t *Tx) ClassAssignments(ctx context.Context, classID int64) ([]Assignment, error) {
	var out []Assignment
	err := t.list(ctx, "list a class's assignments", &out, assignmentSelect+`WHERE s.class_id = $1
		AND s.from_date <= $2 AND (s.to_date IS NULL OR s.to_date >= $2) ORDER BY array_position($3::text[], s.subject), s.from_date DESC`,
		classID, school.DateOf(t.Now), booklet())
	return out, err
}

// TeacherAssignments lists what a person teaches today in a year's classes: by
// class, then in the booklet's order. While a substitute stands in, the subject
// is the substitute's.
func (t *Tx) TeacherAssignments(ctx context.Context, accountID int64, year school.Year) ([]Assignment, error) {
	var out []Assignment
	err := t.list(ctx, "list a teacher's assignments", &out, assignmentSelect+`WHERE s.account_id = $1 AND c.school_year = $2
		AND s.from_date <= $3 AND (s.to_date IS NULL OR s.to_date >= $3)
		AND NOT EXISTS (SELECT 1 FROM school.teaching_assignment n WHERE n.class_id = s.class_id AND n.subject = s.subject
		  AND n.from_date <= $3 AND (n.to_date IS NULL OR n.to_date >= $3) AND (n.from_date, n.id) > (s.from_date, s.id))
		ORDER BY c.grades[1], c.name COLLATE core.vietnamese, array_position($4::text[], s.subject)`,
		accountID, year, school.DateOf(t.Now), booklet())
	return out, err
}

// Assign gives a subject of a class to a teacher from a day on; whoever had it
// until now keeps it to the day before.
func (t *Tx) Assign(ctx context.Context, classID int64, subject school.Subject, accountID int64, from school.Date) error {
	err := t.exec(ctx, "end the former assignment", `UPDATE school.teaching_assignment SET to_date = greatest(from_date, $3::date - 1)
		WHERE class_id = $1 AND subject = $2 AND to_date IS NULL`, classID, subject, from)
	if err != nil {
		return err
	}
	return t.exec(ctx, "assign a subject", `INSERT INTO school.teaching_assignment (school_id, class_id, subject, account_id, from_date)
		VALUES ($1, $2, $3, $4, $5)`, t.Actor.SchoolID, classID, subject, accountID, from)
}

// AssignHomeroom makes a teacher the homeroom teacher of a class from a day on.
func (t *Tx) AssignHomeroom(ctx context.Context, classID, accountID int64, from school.Date) error {
	err := t.exec(ctx, "end the former homeroom", `UPDATE school.homeroom_assignment SET to_date = greatest(from_date, $2::date - 1)
		WHERE class_id = $1 AND to_date IS NULL`, classID, from)
	if err != nil {
		return err
	}
	return t.exec(ctx, "assign a homeroom", `INSERT INTO school.homeroom_assignment (school_id, class_id, account_id, from_date)
		VALUES ($1, $2, $3, $4)`, t.Actor.SchoolID, classID, accountID, from)
}

// HomeroomClasses lists the classes whose homeroom teacher a person is today.
func (t *Tx) HomeroomClasses(ctx context.Context, accountID int64, year school.Year) ([]Class, error) {
	var out []Class
	err := t.list(ctx, "list homeroom classes", &out, classSelect+`WHERE c.school_year = $2 AND h.account_id = $3
		ORDER BY c.grades[1], c.name`, school.DateOf(t.Now), year, accountID)
	return out, err
}
