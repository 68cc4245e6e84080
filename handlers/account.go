package handlers

import (
	"net/http"
	"strings"

	"hocba/db"
	"hocba/internal/password"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Accounts of the school: people, roles, temporary passwords, closing.
var accountRoutes = []route{
	{get, "/:year/accounts", workflow.PermSchoolAdmin, (*Portal).showAccounts},
	{post, "/:year/accounts", workflow.PermSchoolAdmin, (*Portal).createAccount},
	{get, "/:year/accounts/new", workflow.PermSchoolAdmin, (*Portal).showNewAccount},
	{get, "/:year/accounts/:account", workflow.PermSchoolAdmin, (*Portal).showAccount},
	{post, "/:year/accounts/:account/roles", workflow.PermSchoolAdmin, (*Portal).createAccountRole},
	{del, "/:year/accounts/:account/roles", workflow.PermSchoolAdmin, (*Portal).destroyAccountRole},
	{post, "/:year/accounts/:account/password", workflow.PermSchoolAdmin, (*Portal).resetPassword},
	{post, "/:year/accounts/:account/closing", workflow.PermSchoolAdmin, (*Portal).closeAccount},
	{del, "/:year/accounts/:account/closing", workflow.PermSchoolAdmin, (*Portal).reopenAccount},
}

// giveable are the codes of the roles a school's administrator gives.
func giveable() []string {
	var codes []string
	for _, role := range db.SchoolRoles {
		codes = append(codes, string(role))
	}
	return codes
}

func (p *Portal) showAccounts(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Accounts{Year: year}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		staff, err := tx.Staff(r.ctx(), school.DateOf(r.now))
		page.Rows = nil
		for _, s := range staff {
			row := views.StaffRow{ID: s.ID, Name: s.FullName, Username: s.Username, TeacherCode: s.TeacherCode, Roles: strings.Split(s.Roles, ","), Closed: !s.Active}
			if s.KeyUntil != nil {
				row.KeyUntil = views.Day(*s.KeyUntil)
			}
			page.Rows = append(page.Rows, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.AccountsPage(page))
}

func (p *Portal) showNewAccount(r *request) error {
	return p.answerNewAccount(r, views.NewAccount{Role: string(workflow.Teacher)})
}

func (p *Portal) answerNewAccount(r *request, page views.NewAccount) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page.Year, page.Roles = year, giveable()
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	code := http.StatusOK
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.NewAccountPage(page))
}

// createAccount makes an account with a temporary password. The answer is the
// page that shows the password, and no redirect: it is stored nowhere.
func (p *Portal) createAccount(r *request) error {
	page := views.NewAccount{FullName: r.FormValue("name"), Username: r.FormValue("username"), TeacherCode: r.FormValue("teacher_code"),
		Role: r.FormValue("role")}
	secret, hash, err := temporary(r)
	if err != nil {
		return err
	}
	var id int64
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		account := db.NewAccount{FullName: page.FullName, Username: page.Username, TeacherCode: page.TeacherCode, PasswordHash: hash}
		var err error
		if strings.TrimSpace(account.Username) == "" {
			if account.Username, err = tx.ProposeUsername(r.ctx(), account.FullName); err != nil {
				return err
			}
		}
		id, err = tx.HireNew(r.ctx(), account, workflow.Role(page.Role))
		return err
	})
	if page.Error = formFault(err); page.Error != nil {
		return p.answerNewAccount(r, page)
	}
	if err != nil {
		return err
	}
	return p.answerAccount(r, id, views.AccountPage{Secret: secret, Fresh: true})
}

// temporary makes a password and its hash.
func temporary(r *request) (secret, hash string, err error) {
	if secret, err = password.Random(); err != nil {
		return "", "", err
	}
	hash, err = password.Hash(r.ctx(), secret)
	return secret, hash, err
}

func (p *Portal) showAccount(r *request) error {
	id, err := r.id("account")
	if err != nil {
		return err
	}
	return p.answerAccount(r, id, views.AccountPage{Done: r.QueryParam("done")})
}

func (p *Portal) answerAccount(r *request, id int64, page views.AccountPage) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	var f db.StaffFile
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		f, err = tx.StaffFile(r.ctx(), id)
		return err
	})
	if err != nil {
		return err
	}
	page.Year, page.ID, page.Name, page.Username, page.Elsewhere, page.Giveable = year, f.ID, f.FullName, f.Username, f.Elsewhere, giveable()
	page.Own, page.Closed, page.Temporary = f.ID == r.actor.AccountID, !f.Active, f.Temporary
	if f.TeacherCode != nil {
		page.TeacherCode = *f.TeacherCode
	}
	for _, role := range f.Roles {
		page.Roles = append(page.Roles, views.RoleStretch{Role: string(role.Role), From: role.From, To: role.To,
			Own: f.ID == r.actor.AccountID && role.Role == r.actor.Role})
	}
	code := http.StatusOK
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.AccountFilePage(page))
}

func (p *Portal) createAccountRole(r *request) error {
	return p.changeAccount(r, "granted", func(tx *db.Tx, f db.StaffFile) error {
		return tx.Grant(r.ctx(), f, workflow.Role(r.FormValue("role")))
	})
}

func (p *Portal) destroyAccountRole(r *request) error {
	return p.changeAccount(r, "ended", func(tx *db.Tx, f db.StaffFile) error {
		return tx.Dismiss(r.ctx(), f, workflow.Role(r.FormValue("role")))
	})
}

// changeAccount runs a change of somebody's account and answers with its page.
func (p *Portal) changeAccount(r *request, done string, change func(*db.Tx, db.StaffFile) error) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("account")
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		f, err := tx.StaffFile(r.ctx(), id)
		if err != nil {
			return err
		}
		return change(tx, f)
	})
	if refused := formFault(err); refused != nil {
		return p.answerAccount(r, id, views.AccountPage{Error: refused})
	}
	if err != nil {
		return err
	}
	return r.see(views.AccountURL(year, id) + "?done=" + done)
}

// closeAccount ends somebody's signing in, and what runs of it, at once.
func (p *Portal) closeAccount(r *request) error {
	return p.changeAccount(r, "closed", func(tx *db.Tx, f db.StaffFile) error {
		err := tx.CloseAccount(r.ctx(), f)
		if err == nil {
			p.leave(f.ID, "")
		}
		return err
	})
}

func (p *Portal) reopenAccount(r *request) error {
	return p.changeAccount(r, "reopened", func(tx *db.Tx, f db.StaffFile) error { return tx.ReopenAccount(r.ctx(), f) })
}

// resetPassword gives somebody a temporary password and shows it this once.
func (p *Portal) resetPassword(r *request) error {
	id, err := r.id("account")
	if err != nil {
		return err
	}
	secret, hash, err := temporary(r)
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		f, err := tx.StaffFile(r.ctx(), id)
		if err != nil {
			return err
		}
		p.leave(id, "")
		return tx.ResetPassword(r.ctx(), f, hash)
	})
	if refused := formFault(err); refused != nil {
		return p.answerAccount(r, id, views.AccountPage{Error: refused})
	}
	if err != nil {
		return err
	}
	return p.answerAccount(r, id, views.AccountPage{Secret: secret})
}
