package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/password"
	"hocba/internal/school"
	"hocba/views"
)

// Guessing is slowed down by name and by address.
var (
	signInByName    = db.Throttle{Kind: "sign-in.name", Limit: 8, Window: 15 * time.Minute}
	signInByAddress = db.Throttle{Kind: "sign-in.address", Limit: 100, Window: 15 * time.Minute}
	ownPassword     = db.Throttle{Kind: "password.own", Limit: 8, Window: 15 * time.Minute}
)

func (p *Portal) showSignIn(r *request) error {
	return r.page(http.StatusOK, views.SignInPage(views.SignIn{Public: p.publicFrame(), Next: localAddress(r.QueryParam("next"))}))
}

// createSession signs in. An unknown name, a wrong password and a closed
// account get the same answer after the same time.
func (p *Portal) createSession(r *request) error {
	form := views.SignIn{Public: p.publicFrame(), Username: strings.ToLower(school.CleanLine(r.FormValue("username"))),
		Next: localAddress(r.FormValue("next"))}
	refuse := func(err error) error {
		form.Error = fault.As(err)
		if form.Error == nil {
			return err
		}
		return r.page(status(err), views.SignInPage(form))
	}
	if err := p.db.Attempt(r.ctx(), signInByAddress, clientAddress(r.ctx())); err != nil {
		return refuse(err)
	}
	if err := p.db.Attempt(r.ctx(), signInByName, form.Username); err != nil {
		return refuse(err)
	}
	account, known, err := p.db.FindAccount(r.ctx(), form.Username)
	if err != nil {
		return err
	}
	match, err := password.Matches(r.ctx(), account.PasswordHash, r.FormValue("password"))
	if err != nil {
		return refuse(err)
	}
	if !match || !known || !account.Active {
		return refuse(fault.New(fault.Invalid, "session.refused"))
	}
	if err := p.db.Forgive(r.ctx(), signInByName, form.Username); err != nil {
		return err
	}
	if err := p.sessions.RenewToken(r.ctx()); err != nil {
		return err
	}
	p.sessions.Put(r.ctx(), keyAccount, account.ID)
	p.sessions.Put(r.ctx(), keyWorth, account.Generation)
	if form.Next == "" {
		form.Next = views.HomeURL
	}
	return r.see(form.Next)
}

// localAddress returns an address of this site as it is, "" for any other:
// nobody is led elsewhere by a link to our sign-in.
func localAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") ||
		strings.ContainsAny(s, "\\\r\n\t") {
		return ""
	}
	return s
}

// destroySession signs out, and closes what the person opened to sign with.
func (p *Portal) destroySession(r *request) error {
	p.leave(r.account.ID, p.sitting(r))
	if err := p.sessions.Destroy(r.ctx()); err != nil {
		return err
	}
	return r.see(views.SignInURL)
}

// leave closes what somebody who goes away, or is shut out, opened here.
func (p *Portal) leave(account int64, sitting string) {
	p.jobs.Leave(account, sitting)
	if p.remote != nil {
		p.remote.Forget(account)
	}
}

func (p *Portal) showRoles(r *request) error {
	frame, err := p.frame(r, "")
	if err != nil {
		return err
	}
	page := views.Roles{Frame: frame}
	for _, post := range r.posts {
		page.Posts = append(page.Posts, views.Post{ID: post.ID, Role: string(post.Role), Unit: post.UnitName,
			Place: post.Commune, Current: post.ID == r.post.ID})
	}
	return r.page(http.StatusOK, views.RolesPage(page))
}

// createRole puts another of the person's roles on. The session's token is
// renewed, because what it may do changes.
func (p *Portal) createRole(r *request) error {
	id, err := r.formID("post")
	if err != nil {
		return err
	}
	for _, post := range r.posts {
		if post.ID != id {
			continue
		}
		if err := p.sessions.RenewToken(r.ctx()); err != nil {
			return err
		}
		p.sessions.Put(r.ctx(), keyPost, id)
		return r.see(views.HomeURL)
	}
	return fault.New(fault.NotFound, "page.unknown")
}

func (p *Portal) showPassword(r *request) error {
	return p.answerPassword(r, views.Password{Changed: r.QueryParam("done") == "changed"})
}

func (p *Portal) answerPassword(r *request, page views.Password) error {
	frame, err := p.frame(r, "")
	if err != nil {
		return err
	}
	page.Frame, page.Temporary = frame, r.account.Temporary
	code := http.StatusOK
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.PasswordPage(page))
}

// createPassword changes the person's own password and ends the person's other
// sessions.
func (p *Portal) createPassword(r *request) error {
	err := p.changePassword(r)
	if f := fault.As(err); f != nil && f.Kind != fault.Internal {
		return p.answerPassword(r, views.Password{Error: f})
	}
	if err != nil {
		return err
	}
	if r.account.Temporary {
		return r.see(views.HomeURL)
	}
	return r.see(views.PasswordURL + "?done=changed")
}

// changePassword asks for the old password, as often as ownPassword allows:
// whoever sits down at an open session must not find it out here.
func (p *Portal) changePassword(r *request) error {
	if err := p.db.Attempt(r.ctx(), ownPassword, r.account.Username); err != nil {
		return err
	}
	old, fresh := r.FormValue("old"), r.FormValue("new")
	match, err := password.Matches(r.ctx(), r.account.PasswordHash, old)
	if err != nil {
		return err
	}
	if !match {
		return fault.New(fault.Invalid, "password.old_wrong")
	}
	if err := p.db.Forgive(r.ctx(), ownPassword, r.account.Username); err != nil {
		return err
	}
	if err := password.Check(fresh, old, r.account.Username); err != nil {
		return err
	}
	if fresh != r.FormValue("again") {
		return fault.New(fault.Invalid, "password.differ")
	}
	hash, err := password.Hash(r.ctx(), fresh)
	if err != nil {
		return err
	}
	var generation int
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		generation, err = tx.ChangePassword(r.ctx(), hash)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.sessions.RenewToken(r.ctx()); err != nil {
		return err
	}
	p.sessions.Put(r.ctx(), keyWorth, generation)
	return nil
}
