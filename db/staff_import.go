package db

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/staffsheet"
	"hocba/internal/workflow"
)

// StaffImport is an uploaded file of accounts or assignments: previewed, perhaps
// written, perhaps taken back. It belongs to the person who uploaded it. Plan,
// Report and Undo are JSON.
type StaffImport struct {
	ID        int64           `db:"id"`
	Year      school.Year     `db:"school_year"`
	Kind      staffsheet.Kind `db:"kind"`
	FileName  string          `db:"file_name"`
	Plan      []byte          `db:"plan"`
	Report    []byte          `db:"report"` // nil: not written yet
	Undo      []byte          `db:"undo"`   // nil: not taken back
	WrittenAt *time.Time      `db:"written_at"`
	UndoneAt  *time.Time      `db:"undone_at"`
}

func staffImportObject(id int64) string { return "staff_import:" + strconv.FormatInt(id, 10) }

// PlanAccounts compares lists of accounts with the actor's school.
func (t *Tx) PlanAccounts(ctx context.Context, year school.Year, tables []*spreadsheet.ListTable) (*staffsheet.Plan, error) {
	usernames, codes, stems := staffsheet.Asked(tables)
	people := staffsheet.People{Usernames: map[string]bool{}, Codes: map[string]bool{}}
	var err error
	if people.Own, err = t.importPeople(ctx); err != nil {
		return nil, err
	}
	var taken []struct {
		Username string `db:"username"`
		Code     string `db:"code"`
	}
	err = t.list(ctx, "find taken usernames and codes", &taken, `SELECT username, upper(coalesce(teacher_code, '')) AS code FROM core.account
		WHERE username = ANY($1) OR upper(teacher_code) = ANY($2) OR rtrim(username, '0123456789') = ANY($3) OR username = ANY($3)`,
		pq.Array(usernames), pq.Array(codes), pq.Array(stems))
	for _, one := range taken {
		people.Usernames[one.Username], people.Codes[one.Code] = true, true
	}
	delete(people.Codes, "")
	plan := staffsheet.DraftAccounts(tables, people)
	plan.Year = year
	for i := range plan.Rows {
		checkFresh(&plan.Rows[i])
	}
	return plan, err
}

// checkFresh refuses a new account that HireNew would refuse.
func checkFresh(row *staffsheet.Row) {
	for _, o := range row.Options {
		if o.Account != 0 || row.Verdict == spreadsheet.Red {
			continue
		}
		err := CheckAccount(NewAccount{Username: o.Username, FullName: o.Name, TeacherCode: o.Code})
		needsCode := func(c staffsheet.Change) bool { return c.What == staffsheet.NewRole && c.Role != workflow.SchoolAdmin }
		if err == nil && o.Code == "" && slices.ContainsFunc(o.Changes, needsCode) {
			err = fault.New(fault.Invalid, "account.teacher_code_needed")
		}
		if f := fault.As(err); f != nil && len(row.Options) == 1 {
			row.Refuse(f.Code, f.Args)
		}
	}
}

// importPeople lists who holds a role at the actor's unit today, with the roles
// that no day ends.
func (t *Tx) importPeople(ctx context.Context) ([]staffsheet.Person, error) {
	var rows []struct {
		ID       int64  `db:"id"`
		Username string `db:"username"`
		Name     string `db:"full_name"`
		Code     string `db:"code"`
		Active   bool   `db:"active"`
		Roles    string `db:"roles"`
	}
	err := t.list(ctx, "list whom an import is compared with", &rows, `SELECT a.id, a.username, a.full_name, coalesce(a.teacher_code, '') AS code,
		  a.active, coalesce(string_agg(r.role, ',' ORDER BY r.role) FILTER (WHERE r.valid_to IS NULL), '') AS roles
		FROM core.account a JOIN core.account_role r ON r.account_id = a.id
		WHERE r.unit_id = $1 AND r.valid_from <= $2 AND (r.valid_to IS NULL OR r.valid_to >= $2)
		GROUP BY a.id ORDER BY a.full_name COLLATE core.vietnamese, a.id`, t.Actor.UnitID, school.DateOf(t.Now))
	people := make([]staffsheet.Person, 0, len(rows))
	for _, r := range rows {
		p := staffsheet.Person{ID: r.ID, Name: r.Name, Username: r.Username, Code: r.Code, Active: r.Active}
		for _, role := range strings.Split(r.Roles, ",") {
			if role != "" {
				p.Roles = append(p.Roles, workflow.Role(role))
			}
		}
		people = append(people, p)
	}
	return people, err
}

// PlanAssignments compares lists of assignments with the actor's school; from is
// the first day of rows that name none.
func (t *Tx) PlanAssignments(ctx context.Context, year school.Year, tables []*spreadsheet.ListTable, from school.Date) (*staffsheet.Plan, error) {
	books, err := t.dutyBooks(ctx, year, "")
	if err != nil {
		return nil, err
	}
	return staffsheet.DraftAssignments(tables, books, from), nil
}

// dutyBooks reads the classes of a year with the history of their duties, and
// who may be given one. lock is added to the question about the classes.
func (t *Tx) dutyBooks(ctx context.Context, year school.Year, lock string) (s staffsheet.School, err error) {
	s.Year = year
	var classes []struct {
		ID     int64         `db:"id"`
		Name   string        `db:"name"`
		Grades pq.Int64Array `db:"grades"`
	}
	err = t.list(ctx, "list the classes of an import", &classes, `SELECT id, name, grades FROM school.class
		WHERE school_id = $1 AND school_year = $2 ORDER BY id`+lock, t.Actor.SchoolID, year)
	if err != nil {
		return s, err
	}
	at := map[int64]int{}
	for i, c := range classes {
		known := staffsheet.Class{ID: c.ID, Name: c.Name}
		for _, g := range c.Grades {
			known.Grades = append(known.Grades, int(g))
		}
		at[c.ID], s.Classes = i, append(s.Classes, known)
	}
	var duties []Assignment
	err = t.list(ctx, "list the duties of a year", &duties, `SELECT x.id, x.class_id, x.subject, x.account_id, a.full_name AS teacher_name,
		  x.from_date, x.to_date, x.decision
		FROM (SELECT id, class_id, subject, account_id, from_date, to_date, decision FROM school.teaching_assignment
		  UNION ALL SELECT id, class_id, '', account_id, from_date, to_date, decision FROM school.homeroom_assignment) x
		JOIN school.class c ON c.id = x.class_id JOIN core.account a ON a.id = x.account_id
		WHERE c.school_id = $1 AND c.school_year = $2 AND (x.to_date IS NULL OR x.to_date >= x.from_date)
		ORDER BY x.class_id, x.from_date DESC, x.id DESC`, t.Actor.SchoolID, year)
	if err != nil {
		return s, err
	}
	for _, d := range duties {
		c := &s.Classes[at[d.ClassID]]
		c.Duties = append(c.Duties, staffsheet.Duty{ID: d.ID, Subject: d.Subject, Account: d.AccountID, Teacher: d.TeacherName, From: d.From, To: d.To,
			Decision: d.Decision})
	}
	teachers, err := t.Teachers(ctx)
	for _, p := range teachers {
		s.Teachers = append(s.Teachers, staffsheet.Person{ID: p.ID, Name: p.FullName, Username: p.Username, Code: p.TeacherCode, Active: p.Active})
	}
	return s, err
}

// KeepStaffImport stores an uploaded file for its preview; Sweep removes it when
// it has expired.
func (t *Tx) KeepStaffImport(ctx context.Context, plan *staffsheet.Plan, fileName string) (int64, error) {
	text, err := json.Marshal(plan)
	if err != nil {
		return 0, translate(err, "store an import's plan")
	}
	var id int64
	err = t.GetContext(ctx, &id, `INSERT INTO school.staff_import (school_id, school_year, account_id, kind, file_name, plan, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`, t.Actor.SchoolID, plan.Year, t.Actor.AccountID, plan.Kind, fileName,
		string(text), t.Now, t.Now.Add(importLifetime))
	return id, translate(err, "store an import")
}

// StaffImport returns an uploaded file of the actor. One of somebody else, of
// another school or year, or one that expired is NotFound, import.unknown.
func (t *Tx) StaffImport(ctx context.Context, year school.Year, id int64) (StaffImport, error) {
	return t.staffImport(ctx, year, id, "")
}

func (t *Tx) staffImport(ctx context.Context, year school.Year, id int64, lock string) (b StaffImport, err error) {
	err = t.get(ctx, "import.unknown", &b, `SELECT id, school_year, kind, file_name, plan, report, undo, written_at, undone_at
		FROM school.staff_import WHERE id = $1 AND school_year = $2 AND account_id = $3 AND school_id = $4 AND expires_at > $5`+lock,
		id, year, t.Actor.AccountID, t.Actor.SchoolID, t.Now)
	return b, err
}

// StaffImports lists the actor's written imports of a kind, the newest first,
// without their plans.
func (t *Tx) StaffImports(ctx context.Context, year school.Year, kind staffsheet.Kind) ([]StaffImport, error) {
	var out []StaffImport
	err := t.list(ctx, "list imports", &out, `SELECT id, school_year, kind, file_name, report, written_at, undone_at FROM school.staff_import
		WHERE account_id = $1 AND school_year = $2 AND kind = $3 AND school_id = $4 AND expires_at > $5 AND written_at IS NOT NULL
		ORDER BY id DESC LIMIT 50`, t.Actor.AccountID, year, kind, t.Actor.SchoolID, t.Now)
	return out, err
}

// DropStaffImport forgets a file that was not written.
func (t *Tx) DropStaffImport(ctx context.Context, id int64) error {
	return t.exec(ctx, "drop an import", `DELETE FROM school.staff_import
		WHERE id = $1 AND account_id = $2 AND written_at IS NULL`, id, t.Actor.AccountID)
}

// SetFreshPasswords gives the accounts that a written import made their
// temporary passwords, as hashes by account; only those whose holders
// have not set their own since. It returns the accounts that took theirs.
func (t *Tx) SetFreshPasswords(ctx context.Context, id int64, hashes map[int64]string) (map[int64]bool, error) {
	taken := map[int64]bool{}
	for account, hash := range hashes {
		var set []int64
		err := t.list(ctx, "set a temporary password", &set, `UPDATE core.account a SET password_hash = $2
			WHERE a.id = $1 AND a.password_temporary AND a.active AND NOT EXISTS (SELECT 1 FROM core.account_role r
			  WHERE r.account_id = a.id AND r.unit_id <> $3) RETURNING a.id`, account, hash, t.Actor.UnitID)
		if err != nil {
			return nil, err
		}
		if len(set) > 0 {
			taken[account] = true
		}
	}
	return taken, t.note(ctx, "passwords_handed_out", staffImportObject(id), "count", strconv.Itoa(len(taken)))
}
