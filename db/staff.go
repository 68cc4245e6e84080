package db

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/staffsheet"
	"hocba/internal/workflow"
)

// SchoolRoles are the roles that a school's administrator gives.
var SchoolRoles = []workflow.Role{workflow.Teacher, workflow.Principal, workflow.Deputy, workflow.SchoolAdmin}

// StaffRole is a role somebody holds or held at the actor's unit.
type StaffRole struct {
	Role workflow.Role `db:"role"`
	From school.Date   `db:"valid_from"`
	To   school.Date   `db:"valid_to"`
}

// StaffFile is an account as the administration of its unit sees it.
type StaffFile struct {
	Account
	Roles     []StaffRole // at this unit, the newest first
	Elsewhere bool        // holds a role at another unit today
}

// StaffFile returns the account of somebody who holds or held a role at the
// actor's unit; NotFound, account.unknown, for any other.
func (t *Tx) StaffFile(ctx context.Context, accountID int64) (StaffFile, error) {
	var f StaffFile
	err := t.list(ctx, "list somebody's roles", &f.Roles, `SELECT role, valid_from, valid_to FROM core.account_role
		WHERE account_id = $1 AND unit_id = $2 ORDER BY valid_from DESC, id DESC`, accountID, t.Actor.UnitID)
	if err != nil {
		return f, err
	}
	if len(f.Roles) == 0 {
		return f, fault.New(fault.NotFound, "account.unknown")
	}
	err = t.get(ctx, "account.unknown", &f.Account, `SELECT `+accountColumns+` FROM core.account WHERE id = $1`, accountID)
	if err != nil {
		return f, err
	}
	err = t.GetContext(ctx, &f.Elsewhere, `SELECT EXISTS (SELECT 1 FROM core.account_role WHERE account_id = $1 AND unit_id <> $2
		AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3))`, accountID, t.Actor.UnitID, school.DateOf(t.Now))
	return f, translate(err, "look for roles elsewhere")
}

func accountObject(id int64) string { return "account:" + strconv.FormatInt(id, 10) }

func schoolRole(role workflow.Role) error {
	if !slices.Contains(SchoolRoles, role) {
		return fault.New(fault.Invalid, "account.role")
	}
	return nil
}

// HireNew creates an account with a role at the actor's unit from today on; its
// password is temporary.
// Faults: Invalid account.full_name, account.username, account.teacher_code,
// account.role; Conflict account.username_taken, account.teacher_code_taken.
func (t *Tx) HireNew(ctx context.Context, a NewAccount, role workflow.Role) (int64, error) {
	a.FullName, a.Username = school.CleanLine(a.FullName), strings.ToLower(school.CleanLine(a.Username))
	a.TeacherCode = strings.ToUpper(school.CleanLine(a.TeacherCode))
	if err := CheckAccount(a); err != nil {
		return 0, err
	}
	if err := schoolRole(role); err != nil {
		return 0, err
	}
	if a.TeacherCode == "" && role != workflow.SchoolAdmin {
		return 0, fault.New(fault.Invalid, "account.teacher_code_needed")
	}
	a.Temporary = true
	id, err := t.CreateAccount(ctx, a)
	if err != nil {
		return 0, err
	}
	if err := t.GrantRole(ctx, id, t.Actor.UnitID, role, school.DateOf(t.Now)); err != nil {
		return 0, err
	}
	return id, t.note(ctx, "account_created", accountObject(id), "role", string(role))
}

// CheckAccount refuses names and codes of a wrong form.
func CheckAccount(a NewAccount) error {
	switch n := len([]rune(a.FullName)); {
	case n < 2 || n > 100:
		return fault.New(fault.Invalid, "account.full_name")
	case !usernameForm(a.Username):
		return fault.New(fault.Invalid, "account.username")
	case a.TeacherCode != "" && !teacherCodeForm(a.TeacherCode):
		return fault.New(fault.Invalid, "account.teacher_code")
	}
	return nil
}

func usernameForm(s string) bool {
	if len(s) < 3 || len(s) > 40 || strings.ContainsRune("._-", rune(s[0])) {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

func teacherCodeForm(s string) bool {
	return len(s) >= 4 && len(s) <= 20 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// ProposeUsername makes a free username of a person's name, as
// staffsheet.UsernameStem does, with a number when that is taken.
func (t *Tx) ProposeUsername(ctx context.Context, fullName string) (string, error) {
	stem := staffsheet.UsernameStem(fullName)
	var taken []string
	err := t.list(ctx, "find similar usernames", &taken, `SELECT username FROM core.account WHERE username LIKE $1 || '%'`, stem)
	if err != nil {
		return "", err
	}
	return staffsheet.FreeUsername(stem, func(s string) bool { return slices.Contains(taken, s) }), nil
}

// Grant gives somebody of the unit one more role from today on.
func (t *Tx) Grant(ctx context.Context, f StaffFile, role workflow.Role) error {
	if err := schoolRole(role); err != nil {
		return err
	}
	for _, r := range f.Roles {
		if r.Role == role && r.To.IsZero() {
			return nil
		}
	}
	if f.TeacherCode == nil && role != workflow.SchoolAdmin {
		return fault.New(fault.Invalid, "account.teacher_code_needed")
	}
	err := t.exec(ctx, "take a role up again", `UPDATE core.account_role SET valid_to = NULL
		WHERE account_id = $1 AND unit_id = $2 AND role = $3 AND valid_from = $4`, f.ID, t.Actor.UnitID, role, school.DateOf(t.Now))
	if err != nil {
		return err
	}
	if err := t.GrantRole(ctx, f.ID, t.Actor.UnitID, role, school.DateOf(t.Now)); err != nil {
		return err
	}
	return t.note(ctx, "role_granted", accountObject(f.ID), "role", string(role))
}

// Dismiss ends a role with yesterday, so that it is worn no more from this
// moment; a role given today ends with the day. Who would
// end the own administration is refused (Conflict, account.own_role): somebody
// must remain who can give it back.
func (t *Tx) Dismiss(ctx context.Context, f StaffFile, role workflow.Role) error {
	if f.ID == t.Actor.AccountID && role == t.Actor.Role {
		return fault.New(fault.Conflict, "account.own_role")
	}
	if err := schoolRole(role); err != nil {
		return err
	}
	today := school.DateOf(t.Now)
	err := t.exec(ctx, "end a role", `UPDATE core.account_role SET valid_to = greatest(valid_from, $4::date - 1)
		WHERE account_id = $1 AND unit_id = $2 AND role = $3 AND valid_to IS NULL`, f.ID, t.Actor.UnitID, role, today)
	if err != nil {
		return err
	}
	return t.note(ctx, "role_ended", accountObject(f.ID), "role", string(role))
}

// othersAccount refuses the own account, whose password is changed with the old
// one, and that of a person who also works elsewhere, which is not this unit's
// alone: Conflict, account.own or account.elsewhere.
func (t *Tx) othersAccount(f StaffFile) error {
	switch {
	case f.ID == t.Actor.AccountID:
		return fault.New(fault.Conflict, "account.own")
	case f.Elsewhere:
		return fault.New(fault.Conflict, "account.elsewhere")
	}
	return nil
}

// ResetPassword replaces somebody's password by a temporary one, given as its
// hash, and ends that person's sessions. It fails as CloseAccount does.
func (t *Tx) ResetPassword(ctx context.Context, f StaffFile, hash string) error {
	if err := t.othersAccount(f); err != nil {
		return err
	}
	err := t.exec(ctx, "reset a password", `UPDATE core.account SET password_hash = $2, password_temporary = true WHERE id = $1`, f.ID, hash)
	if err != nil {
		return err
	}
	return t.note(ctx, "password_reset", accountObject(f.ID))
}

// CloseAccount ends somebody's signing in and the sessions that run. Roles, keys
// and what the person signed stay; ReopenAccount undoes it. Conflict,
// account.own or account.elsewhere: see othersAccount.
func (t *Tx) CloseAccount(ctx context.Context, f StaffFile) error {
	return t.setActive(ctx, f, false, "account_closed")
}

// ReopenAccount lets somebody sign in again, with the password of before.
func (t *Tx) ReopenAccount(ctx context.Context, f StaffFile) error {
	return t.setActive(ctx, f, true, "account_reopened")
}

func (t *Tx) setActive(ctx context.Context, f StaffFile, active bool, act string) error {
	if err := t.othersAccount(f); err != nil || f.Active == active {
		return err
	}
	if err := t.exec(ctx, "close or reopen an account", `UPDATE core.account SET active = $2 WHERE id = $1`, f.ID, active); err != nil {
		return err
	}
	return t.note(ctx, act, accountObject(f.ID))
}
