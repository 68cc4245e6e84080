package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// Account is a person who may sign in.
type Account struct {
	ID           int64   `db:"id"`
	Username     string  `db:"username"`
	FullName     string  `db:"full_name"`
	TeacherCode  *string `db:"teacher_code"`
	PasswordHash string  `db:"password_hash"`
	Active       bool    `db:"active"`
	// Temporary tells that somebody else set the password: it must be changed
	// before anything else is done.
	Temporary bool `db:"password_temporary"`
	// Generation counts the passwords and closings of the account: a session that
	// began under an earlier one is over.
	Generation int `db:"session_generation"`
}

const accountColumns = `id, username, full_name, teacher_code, password_hash, active, password_temporary, session_generation`

// Post is a role that an account holds at a unit today.
type Post struct {
	ID       int64           `db:"id"`
	Role     workflow.Role   `db:"role"`
	UnitID   int64           `db:"unit_id"`
	UnitCode string          `db:"unit_code"`
	UnitName string          `db:"unit_name"`
	UnitKind school.UnitKind `db:"unit_kind"`
	Commune  string          `db:"commune"`
}

// FindAccount returns the account of a username; ok is false when there is none.
func (d *DB) FindAccount(ctx context.Context, username string) (a Account, ok bool, err error) {
	err = d.portal.GetContext(ctx, &a, `SELECT `+accountColumns+` FROM core.account WHERE username = $1`, username)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, false, nil
	}
	return a, err == nil, translate(err, "find an account")
}

// AccountByID returns an account that may still sign in.
func (d *DB) AccountByID(ctx context.Context, id int64) (Account, error) {
	stmt, err := d.alone(ctx, `SELECT `+accountColumns+` FROM core.account WHERE id = $1 AND active`)
	if err != nil {
		return Account{}, err
	}
	var a Account
	err = stmt.GetContext(ctx, &a, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, fault.New(fault.NotFound, "account.unknown")
	}
	return a, translate(err, "read an account")
}

// Posts returns the roles an account holds on a day, in the order in which
// people choose among them.
func (d *DB) Posts(ctx context.Context, accountID int64, day school.Date) ([]Post, error) {
	stmt, err := d.alone(ctx, `SELECT r.id, r.role, u.id AS unit_id, u.code AS unit_code,
		  u.name AS unit_name, u.kind AS unit_kind, u.commune
		FROM core.account_role r JOIN core.unit u ON u.id = r.unit_id
		WHERE r.account_id = $1 AND r.valid_from <= $2 AND (r.valid_to IS NULL OR r.valid_to >= $2)
		ORDER BY array_position(ARRAY['teacher','principal','deputy','school_admin','middle_authority',
		  'authority','inspector','ministry'], r.role), u.code`)
	if err != nil {
		return nil, err
	}
	var posts []Post
	err = stmt.SelectContext(ctx, &posts, accountID, day)
	return posts, translate(err, "list roles")
}

// NewAccount is what an account is made from.
type NewAccount struct {
	Username, FullName, TeacherCode, PasswordHash string
	Temporary                                     bool // the password must be changed at the first sign-in
}

// CreateAccount adds an account; a taken username or teacher code is a Conflict.
func (t *Tx) CreateAccount(ctx context.Context, a NewAccount) (int64, error) {
	var id int64
	err := t.GetContext(ctx, &id, `INSERT INTO core.account (username, full_name, teacher_code, password_hash, password_temporary, created_at)
		VALUES ($1, $2, nullif($3, ''), $4, $5, $6) RETURNING id`, a.Username, a.FullName, a.TeacherCode, a.PasswordHash, a.Temporary, t.Now)
	err = translate(err, "create an account")
	switch {
	case violates(err, "account_username_key"):
		return 0, fault.New(fault.Conflict, "account.username_taken", "username", a.Username)
	case violates(err, "account_teacher_code_key"):
		return 0, fault.New(fault.Conflict, "account.teacher_code_taken", "code", a.TeacherCode)
	}
	return id, err
}

// GrantRole gives an account a role at a unit from a day on.
func (t *Tx) GrantRole(ctx context.Context, accountID, unitID int64, role workflow.Role, from school.Date) error {
	return t.exec(ctx, "grant a role", `INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, accountID, unitID, role, from)
}

// EndRole ends a role of an account at a unit with a day.
func (t *Tx) EndRole(ctx context.Context, accountID, unitID int64, role workflow.Role, last school.Date) error {
	return t.exec(ctx, "end a role", `UPDATE core.account_role SET valid_to = $4
		WHERE account_id = $1 AND unit_id = $2 AND role = $3 AND valid_to IS NULL`, accountID, unitID, role, last)
}

// ChangePassword stores the hash of a password that the actor chose for the own
// account. It ends every session of the account; the one that goes on takes the
// generation returned.
func (t *Tx) ChangePassword(ctx context.Context, hash string) (generation int, err error) {
	err = t.get(ctx, "account.unknown", &generation, `UPDATE core.account SET password_hash = $2, password_temporary = false
		WHERE id = $1 RETURNING session_generation`, t.Actor.AccountID, hash)
	if err != nil {
		return 0, err
	}
	return generation, t.note(ctx, "password_changed", accountObject(t.Actor.AccountID))
}

// StaffMember is one line of a school's list of people.
type StaffMember struct {
	ID          int64      `db:"id"`
	Username    string     `db:"username"`
	FullName    string     `db:"full_name"`
	TeacherCode string     `db:"teacher_code"`
	Roles       string     `db:"roles"`
	Active      bool       `db:"active"`
	KeyUntil    *time.Time `db:"key_until"`
}

// Staff lists the people who hold a role at the actor's unit on a day.
func (t *Tx) Staff(ctx context.Context, day school.Date) ([]StaffMember, error) {
	var out []StaffMember
	err := t.list(ctx, "list staff", &out, `SELECT a.id, a.username, a.full_name, coalesce(a.teacher_code, '') AS teacher_code,
		  string_agg(r.role, ',' ORDER BY r.role) AS roles, a.active,
		  (SELECT max(c.not_after) FROM core.certificate c WHERE c.account_id = a.id) AS key_until
		FROM core.account a JOIN core.account_role r ON r.account_id = a.id
		WHERE r.unit_id = $1 AND r.valid_from <= $2 AND (r.valid_to IS NULL OR r.valid_to >= $2)
		GROUP BY a.id ORDER BY a.full_name COLLATE core.vietnamese`, t.Actor.UnitID, day)
	return out, err
}
