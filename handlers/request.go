package handlers

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// request is one request of somebody: the echo context, and who asks.
type request struct {
	echo.Context
	portal  *Portal
	account db.Account
	posts   []db.Post
	post    db.Post
	actor   workflow.Actor
	now     time.Time
}

// Keys of the session.
const (
	keyAccount = "account"
	keyWorth   = "generation" // of the account when the session began
	keyPost    = "post"
	keyYear    = "year"
)

// requestKey is where the error adapter finds the request.
const requestKey = "request"

// serve turns a line of the routes table into an echo handler: it finds out
// who asks, refuses those without the permission as if the page did not exist,
// and passes on.
func (p *Portal) serve(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := &request{Context: c, portal: p, now: p.db.Now()}
		c.Set(requestKey, req)
		if r.need == workflow.PermNone {
			req.actor = workflow.Actor{Kind: workflow.Public, RequestID: requestID(c.Request().Context())}
			return r.handle(p, req)
		}
		// The router gives the last parameter all that is left of the address,
		// so what is no school year is no page, whoever asks.
		if year := c.Param("year"); year != "" {
			if _, ok := school.ParseYear(year); !ok {
				return fault.New(fault.NotFound, "page.unknown")
			}
		}
		if err := req.signIn(req.ctx()); err != nil {
			return err
		}
		if req.account.Temporary && !r.whileTemporary() {
			return errTemporary
		}
		if r.need != workflow.PermSignedIn && !workflow.Can(req.actor.Role, r.need) {
			return fault.New(fault.NotFound, "page.unknown")
		}
		return r.handle(p, req)
	}
}

// errSignIn asks for a sign-in: pages are sent there, fetch and htmx get 401.
var errSignIn = fault.New(fault.Forbidden, "session.none")

// errTemporary sends somebody with a temporary password to change it first.
var errTemporary = fault.New(fault.Forbidden, "password.temporary")

// whileTemporary tells which pages open before a temporary password is changed:
// the change itself, and the way out.
func (r route) whileTemporary() bool {
	return r.path == views.PasswordURL || r.path == views.SessionURL
}

func (r *request) ctx() context.Context { return r.Request().Context() }

// signIn loads the person behind the session that ctx carries, and the role
// worn. Roles and the account are read anew each time: who lost a role loses
// the page at once.
func (r *request) signIn(ctx context.Context) error {
	id := r.portal.sessions.GetInt64(ctx, keyAccount)
	if id == 0 {
		return errSignIn
	}
	account, err := r.portal.db.AccountByID(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return errSignIn
	}
	if err != nil {
		return err
	}
	if account.Generation != r.portal.sessions.GetInt(ctx, keyWorth) {
		return errSignIn // the password was changed or the account closed since
	}
	posts, err := r.portal.db.Posts(ctx, id, school.DateOf(r.now))
	if err != nil {
		return err
	}
	r.account, r.posts = account, posts
	r.wear(r.portal.sessions.GetInt64(ctx, keyPost))
	return nil
}

// again returns who asks as of now, for an answer that outlives the moment it
// began: the session is read anew, and errSignIn tells that it ended or belongs
// to somebody else.
func (r *request) again(ctx context.Context) (*request, error) {
	cookie, err := r.Cookie(r.portal.sessions.Cookie.Name)
	if err != nil {
		return nil, errSignIn
	}
	if ctx, err = r.portal.sessions.Load(ctx, cookie.Value); err != nil {
		return nil, err
	}
	fresh := &request{Context: r.Context, portal: r.portal, now: r.portal.db.Now()}
	if err := fresh.signIn(ctx); err != nil {
		return nil, err
	}
	if fresh.account.ID != r.account.ID || fresh.post.ID != r.post.ID {
		return nil, errSignIn
	}
	return fresh, nil
}

// wear takes the post with this number, or the first one.
func (r *request) wear(postID int64) {
	r.actor = workflow.Actor{Kind: workflow.Person, AccountID: r.account.ID, Name: r.account.FullName,
		RequestID: requestID(r.ctx())}
	if r.account.TeacherCode != nil {
		r.actor.TeacherCode = *r.account.TeacherCode
	}
	if len(r.posts) == 0 {
		return
	}
	i := max(0, slices.IndexFunc(r.posts, func(p db.Post) bool { return p.ID == postID }))
	r.post = r.posts[i]
	r.actor.Role, r.actor.UnitID, r.actor.UnitCode = r.post.Role, r.post.UnitID, r.post.UnitCode
	if r.post.UnitKind == school.School {
		r.actor.SchoolID = r.post.UnitID
	}
}

// viewed logs that the person read a pupil's record or list.
func (r *request) viewed(what string, id int64) {
	r.portal.views.Add(r.actor, clientAddress(r.ctx()), what, what+":"+strconv.FormatInt(id, 10))
}

// hx reports whether htmx asks for a fragment.
func (r *request) hx() bool { return r.Request().Header.Get("HX-Request") == "true" }

// wantsData reports whether a script asks, which cannot follow a redirect to a page.
func (r *request) wantsData() bool {
	accept := r.Request().Header.Get("Accept")
	return r.hx() || accept == "application/json" || accept == "text/event-stream"
}

// id reads a number of the address; anything else is no page of ours.
func (r *request) id(name string) (int64, error) {
	n, err := strconv.ParseInt(r.Param(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "page.unknown")
	}
	return n, nil
}

// formID reads a number of the form.
func (r *request) formID(name string) (int64, error) {
	n, err := strconv.ParseInt(r.FormValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "page.unknown")
	}
	return n, nil
}

// year reads the school year of the address.
func (r *request) year() (school.Year, error) {
	y, ok := school.ParseYear(r.Param("year"))
	if !ok {
		return "", fault.New(fault.NotFound, "page.unknown")
	}
	return y, nil
}

// period reads the period of the address.
func (r *request) period() (school.Period, error) {
	p, ok := school.ParsePeriod(r.Param("period"))
	if !ok {
		return "", fault.New(fault.NotFound, "page.unknown")
	}
	return p, nil
}

// page renders to a buffer first, so that an error never leaves half a page.
func (r *request) page(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.ctx(), &b); err != nil {
		return err
	}
	return r.HTMLBlob(status, b.Bytes())
}

// see answers a finished act: htmx is told where to go, a form is redirected.
func (r *request) see(url string) error {
	if r.hx() {
		r.Response().Header().Set("HX-Redirect", url)
		return r.NoContent(http.StatusOK)
	}
	return r.Redirect(http.StatusSeeOther, url)
}

// status returns the HTTP status that belongs to a failure.
func status(err error) int {
	f := fault.As(err)
	if f == nil {
		return http.StatusInternalServerError
	}
	if strings.HasPrefix(f.Code, "throttle.") {
		return http.StatusTooManyRequests
	}
	switch f.Kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Forbidden, fault.Conflict:
		return http.StatusConflict
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Locked:
		return http.StatusLocked
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// answerError is the one place that turns an error into an answer.
func (p *Portal) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	r := &request{Context: c, portal: p}
	switch {
	case fault.Is(err, errSignIn.Code):
		p.askSignIn(r)
		return
	case fault.Is(err, errTemporary.Code) && (r.hx() || !r.wantsData()):
		_ = r.see(views.PasswordURL)
		return
	}
	code := status(err)
	var httpErr *echo.HTTPError
	switch {
	case tooLarge(err):
		code, err = unreadable(err)
	case errors.As(err, &httpErr) && httpErr.Code == http.StatusMethodNotAllowed:
		code, err = httpErr.Code, fault.New(fault.NotFound, "request.method")
	case errors.As(err, &httpErr) && httpErr.Code < 500:
		code, err = httpErr.Code, fault.New(fault.NotFound, "page.unknown")
	}
	if code >= 500 {
		p.log.Error("answer with an error", "id", requestID(r.ctx()), "status", code, "error", err)
	}
	f := fault.As(err)
	if f == nil {
		f = fault.New(fault.Internal, "internal")
	}
	known, _ := c.Get(requestKey).(*request)
	p.renderFault(c.Response(), c.Request(), known, views.Fault{Status: code, Code: f.Code, Args: f.Args})
}

// tooLarge reports whether a request ended at the bound of its body.
func tooLarge(err error) bool {
	var large *http.MaxBytesError
	return errors.As(err, &large)
}

// unreadable is the answer to a form or an upload that cannot be read to its end.
func unreadable(err error) (code int, f *fault.Error) {
	if tooLarge(err) {
		return http.StatusRequestEntityTooLarge, fault.Wrap(err, fault.Invalid, "upload.too_large", "limit", "10 MB")
	}
	return http.StatusBadRequest, fault.Wrap(err, fault.Invalid, "request.unreadable")
}

func (p *Portal) askSignIn(r *request) {
	if r.wantsData() {
		_ = r.NoContent(http.StatusUnauthorized)
		return
	}
	if kept, ok := r.kept(); ok {
		kept.Public = p.publicFrame()
		_ = r.page(http.StatusUnauthorized, views.KeptFormPage(kept))
		return
	}
	next := views.SignInURL
	if r.Request().Method == http.MethodGet && r.Request().URL.Path != views.HomeURL {
		next += "?next=" + url.QueryEscape(r.Request().URL.RequestURI())
	}
	_ = r.Redirect(http.StatusSeeOther, next)
}

// kept is a form that came after its session had ended, to be sent again: what
// was typed stays on the page, in this browser alone. Passwords and PINs do
// not; ok is false when nothing was typed.
func (r *request) kept() (kept views.KeptForm, ok bool) {
	if r.Request().Method == http.MethodGet || r.Request().ParseForm() != nil {
		return kept, false
	}
	kept.Action = r.Request().URL.RequestURI()
	names := slices.Sorted(maps.Keys(r.Request().PostForm))
	for _, name := range names {
		if secret := strings.Contains(name, "password") || strings.Contains(name, "pin"); secret {
			kept.Secret = true
			continue
		}
		for _, value := range r.Request().PostForm[name] {
			kept.Fields = append(kept.Fields, views.KeptField{Name: name, Value: value})
			ok = ok || name != "_method" && value != ""
		}
	}
	return kept, ok
}
