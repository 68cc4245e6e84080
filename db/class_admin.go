package db

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/audit"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// Campus is a place of a school.
type Campus struct {
	ID   int64  `db:"id"`
	Code string `db:"code"`
	Name string `db:"name"`
}

// Campuses lists the campuses of the actor's school.
func (t *Tx) Campuses(ctx context.Context) ([]Campus, error) {
	var out []Campus
	err := t.list(ctx, "list campuses", &out, `SELECT id, code, name FROM school.campus WHERE school_id = $1 ORDER BY code`,
		t.Actor.SchoolID)
	return out, err
}

// note leaves a line in the audit trail about an act of the actor's school.
func (t *Tx) note(ctx context.Context, act, object string, detail ...string) error {
	role := string(t.Actor.Role)
	if role == "" {
		role = string(t.Actor.Kind)
	}
	e, err := audit.New(audit.Who{AccountID: t.Actor.AccountID, UnitID: t.Actor.UnitID, Role: role, RequestID: t.Actor.RequestID},
		t.Now, act, object, detail...)
	if err != nil {
		return err
	}
	return t.Audit(ctx, e)
}

func classObject(id int64) string { return "class:" + strconv.FormatInt(id, 10) }

// AddClass creates a class of the year for the school's administration, in
// digital form. Faults: Invalid class.name, class.grades, class.kind; Conflict class.name_taken.
func (t *Tx) AddClass(ctx context.Context, c Class) (int64, error) {
	c.Name = strings.ToUpper(school.CleanLine(c.Name))
	if n := len([]rune(c.Name)); n == 0 || n > 20 {
		return 0, fault.New(fault.Invalid, "class.name")
	}
	slices.Sort(c.Grades)
	c.Grades = slices.Compact(c.Grades)
	if len(c.Grades) == 0 || len(c.Grades) > 3 || c.Grades[0] < 1 || c.Grades[len(c.Grades)-1] > 5 {
		return 0, fault.New(fault.Invalid, "class.grades")
	}
	if c.Kind != school.RegularClass && c.Kind != school.DisabilityClass && c.Kind != "" {
		return 0, fault.New(fault.Invalid, "class.kind")
	}
	if c.CampusID != nil {
		own, err := t.Campuses(ctx)
		if err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(own, func(ca Campus) bool { return ca.ID == *c.CampusID }) {
			return 0, fault.New(fault.NotFound, "page.unknown")
		}
	}
	if c.Language = school.CleanLine(c.Language); c.Language == "" {
		c.Language = "Tiếng Anh"
	}
	c.Code, c.BookKind = c.Name, school.Digital
	id, err := t.CreateClass(ctx, c)
	if err != nil {
		return 0, err
	}
	return id, t.note(ctx, "class_created", classObject(id), "year", string(c.Year))
}

// ClassHistory lists every assignment of a class, the newest first: those of the
// homeroom with an empty Subject, then those of subjects in the booklet's order.
func (t *Tx) ClassHistory(ctx context.Context, classID int64) ([]Assignment, error) {
	var out []Assignment
	err := t.list(ctx, "list the history of a class's assignments", &out, `SELECT * FROM (
		  SELECT s.id, s.class_id, c.name AS class_name, s.subject, s.account_id, a.full_name AS teacher_name,
		    coalesce(a.teacher_code, '') AS teacher_code, s.from_date, s.to_date, s.decision
		  FROM school.teaching_assignment s JOIN school.class c ON c.id = s.class_id JOIN core.account a ON a.id = s.account_id
		  WHERE s.class_id = $1 AND (s.to_date IS NULL OR s.to_date >= s.from_date)
		  UNION ALL
		  SELECT h.id, h.class_id, c.name, '', h.account_id, a.full_name, coalesce(a.teacher_code, ''), h.from_date, h.to_date, h.decision
		  FROM school.homeroom_assignment h JOIN school.class c ON c.id = h.class_id JOIN core.account a ON a.id = h.account_id
		  WHERE h.class_id = $1 AND (h.to_date IS NULL OR h.to_date >= h.from_date)) history
		ORDER BY array_position($2::text[], subject) NULLS FIRST, from_date DESC, id DESC`, classID, booklet())
	return out, err
}

// Duty is who takes what over in a class, from a day on.
type Duty struct {
	Class     Class
	Subjects  []school.Subject // empty: the homeroom
	AccountID int64
	From      school.Date
	To        school.Date // of a substitution; else zero
	Decision  string      // of a substitution
}

// dated refuses a first day outside the class's year.
func (d Duty) dated() error {
	first := school.Date{Year: d.Class.Year.First(), Month: 7, Day: 1}
	if d.From.IsZero() || d.From.Before(first) || d.Class.Year.End().Before(d.From) {
		return fault.New(fault.Invalid, "class.from", "first", first.Vietnamese(), "last", d.Class.Year.End().Vietnamese())
	}
	return nil
}

// TakeOver assigns subjects, or the homeroom, to a teacher of the school; what
// the teacher has already stays as it is. Faults, all Invalid: class.from (a
// day outside the year), class.teacher (nobody who teaches at the school today),
// class.teacher_code (who signs needs a teacher code), class.from_before (the
// former assignment begins later), class.same_day.
func (t *Tx) TakeOver(ctx context.Context, d Duty) error {
	if err := d.dated(); err != nil {
		return err
	}
	if err := t.mayTeach(ctx, d.AccountID); err != nil {
		return err
	}
	history, err := t.ClassHistory(ctx, d.Class.ID)
	if err != nil {
		return err
	}
	subjects := d.Subjects
	if len(subjects) == 0 {
		subjects = []school.Subject{""}
	}
	for _, s := range subjects {
		if err := t.takeOverOne(ctx, d, s, history); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) takeOverOne(ctx context.Context, d Duty, s school.Subject, history []Assignment) error {
	for _, h := range history {
		if h.Subject != s || !h.To.IsZero() {
			continue
		}
		if h.AccountID == d.AccountID {
			return nil
		}
		if d.From.Before(h.From) {
			return fault.New(fault.Invalid, "class.from_before", "teacher", h.TeacherName, "from", h.From.Vietnamese())
		}
	}
	var err error
	if s == "" {
		err = t.AssignHomeroom(ctx, d.Class.ID, d.AccountID, d.From)
	} else {
		err = t.Assign(ctx, d.Class.ID, s, d.AccountID, d.From)
	}
	if fault.Is(err, "db.duplicate") {
		return fault.New(fault.Invalid, "class.same_day")
	}
	if err != nil {
		return err
	}
	return t.note(ctx, "class_assigned", classObject(d.Class.ID), "subject", string(s), "account",
		strconv.FormatInt(d.AccountID, 10), "from", d.From.String())
}

// mayTeach refuses who holds no role at the school today in which one teaches,
// and who has no teacher code to sign with.
func (t *Tx) mayTeach(ctx context.Context, accountID int64) error {
	var codes []string
	err := t.list(ctx, "find a teacher", &codes, `SELECT coalesce(a.teacher_code, '') FROM core.account a
		JOIN core.account_role r ON r.account_id = a.id
		WHERE a.id = $1 AND a.active AND r.unit_id = $2 AND r.role IN ('teacher', 'principal', 'deputy')
		  AND r.valid_from <= $3 AND (r.valid_to IS NULL OR r.valid_to >= $3) LIMIT 1`, accountID, t.Actor.SchoolID,
		school.DateOf(t.Now))
	switch {
	case err != nil:
		return err
	case len(codes) == 0:
		return fault.New(fault.Invalid, "class.teacher")
	case codes[0] == "":
		return fault.New(fault.Invalid, "class.teacher_code")
	}
	return nil
}

// ChangeBook sets the form in which a class keeps its records. On paper it
// needs reason, decision and planned end (CV 613 mục 2): Invalid class.paper_reason,
// class.paper_decision, class.paper_until. Once a record of the class is
// signed the form stays: Conflict, class.book_signed.
func (t *Tx) ChangeBook(ctx context.Context, c Class) error {
	if c.BookKind == school.Digital {
		c.PaperReason, c.PaperDecision, c.PaperUntil = "", "", school.Date{}
	} else {
		c.BookKind = school.Paper
		c.PaperReason, c.PaperDecision = school.CleanLine(c.PaperReason), school.CleanLine(c.PaperDecision)
		switch {
		case c.PaperReason == "" || len([]rune(c.PaperReason)) > 300:
			return fault.New(fault.Invalid, "class.paper_reason")
		case c.PaperDecision == "" || len([]rune(c.PaperDecision)) > 100:
			return fault.New(fault.Invalid, "class.paper_decision")
		case c.PaperUntil.IsZero() || c.PaperUntil.Before(school.DateOf(t.Now)):
			return fault.New(fault.Invalid, "class.paper_until")
		}
	}
	var signed bool
	err := t.GetContext(ctx, &signed, `SELECT EXISTS (SELECT 1 FROM school.record WHERE class_id = $1 AND stage <> 'drafting')`, c.ID)
	if err != nil {
		return translate(err, "look for signed records of a class")
	}
	if signed {
		return fault.New(fault.Conflict, "class.book_signed")
	}
	if err := t.SetBookKind(ctx, c); err != nil {
		return err
	}
	err = t.exec(ctx, "mark a class dirty", `INSERT INTO school.class_dirty (class_id, school_id, since) VALUES ($1, $2, $3)
		ON CONFLICT (class_id, connection) DO UPDATE SET since = class_dirty.since`, c.ID, t.Actor.SchoolID, t.Now)
	if err != nil {
		return err
	}
	return t.note(ctx, "class_book", classObject(c.ID), "kind", string(c.BookKind), "until", c.PaperUntil.String())
}

// Teachers lists the people of the actor's school who may be given subjects
// today: who hold a role in which one teaches, and a teacher code.
func (t *Tx) Teachers(ctx context.Context) ([]StaffMember, error) {
	staff, err := t.Staff(ctx, school.DateOf(t.Now))
	return slices.DeleteFunc(staff, func(s StaffMember) bool {
		roles := strings.Split(s.Roles, ",")
		return !s.Active || s.TeacherCode == "" || !slices.ContainsFunc(roles, func(r string) bool {
			return r == "teacher" || r == "principal" || r == "deputy"
		})
	}), err
}
