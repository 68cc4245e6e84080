// Package handlers is HTTP in, HTML out: parse, load in the actor's scope, ask
// the domain, apply, render. routes.go is the map of the site. Handlers hold
// no rule, no SQL and no word for people.
package handlers

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"hocba/db"
	"hocba/internal/jobs"
	"hocba/internal/paper"
	"hocba/internal/registry"
	"hocba/internal/signing"
	"hocba/internal/signing/remote"
	"hocba/internal/signing/revocation"
	"hocba/internal/signing/software"
	"hocba/static"
)

// Options is what a portal is made from.
type Options struct {
	DB      *db.DB
	Log     *slog.Logger
	BaseURL string // public address, printed in QR codes and used for cookies
	// AssumedDate tells that business time was set by hand (demonstrations only).
	AssumedDate bool
	// TrustedProxies are the networks whose X-Forwarded-For is believed; none by default.
	TrustedProxies []netip.Prefix
	// Secret is the server's half of the trial key store; nil: nobody can sign.
	Secret *software.Secret
	// Issuer asks authorities about their certificates; nil: nobody is asked.
	Issuer *revocation.Checker
	// Remote opens keys at remote signing services; nil: there are none.
	Remote *remote.Service
	// RegistryDevice opens the registry's own key, when it lives in a device at
	// this server; nil: there is none.
	RegistryDevice *registry.DeviceDoor
	// Token opens keys in devices at this server; nil: there are none.
	Token signing.Opener
	// Printer makes papers; nil on a machine without Chromium.
	Printer *paper.Printer
}

// Portal answers every request of the site.
type Portal struct {
	db           *db.DB
	log          *slog.Logger
	baseURL      string
	proxies      []netip.Prefix
	assumed      bool
	demo         bool
	sessions     *scs.SessionManager
	views        *db.ViewLog
	counter      *db.Counter
	feed         *db.Feed
	stopping     <-chan struct{} // closed when the program is told to stop
	courier      *jobs.Courier
	jobs         *jobs.Runner
	remote       *remote.Service
	agentKey     ed25519.PrivateKey // under which agents in people's machines know this portal
	sweeper      *jobs.Sweeper
	stamper      *jobs.Stamper
	archivist    *jobs.Archivist
	certificates jobs.CertificateDesk
	watch        *jobs.Watch
	authority    string // name of the province's department, for public pages
	examiner     *examiner
	press        *press
	trial        *trial // whether signatures have no legal value
	handler      http.Handler
}

// New wires the portal. Answers that would go on for ever end with ctx. Close
// must be called when it no longer serves.
func New(ctx context.Context, o Options) (*Portal, error) {
	inst, _, err := o.DB.Installation(ctx)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, err
	}
	p := &Portal{db: o.DB, log: o.Log, baseURL: strings.TrimSuffix(o.BaseURL, "/"), assumed: o.AssumedDate, demo: inst.Demo, proxies: o.TrustedProxies,
		sessions: newSessions(o.DB.Sessions(), base.Scheme == "https"), views: o.DB.NewViewLog(o.Log), feed: o.DB.NewFeed(o.Log),
		stopping: ctx.Done()}
	if p.authority, err = o.DB.DepartmentName(ctx); err != nil {
		return nil, err
	}
	p.examiner = newExaminer(o.DB)
	p.press = &press{db: o.DB, printer: o.Printer, baseURL: p.baseURL, demo: p.demo}
	p.trial = &trial{db: o.DB}
	p.handler = p.chain(p.router())
	p.counter = o.DB.NewCounter(o.Log)
	p.courier = jobs.NewCourier(o.DB, o.Log, o.Secret)
	p.press.seal = p.courier.SealPaper
	p.courier.Ask(o.Issuer)
	p.courier.Reach(o.RegistryDevice)
	p.courier.Start(ctx)
	openers := map[signing.Provider]signing.Opener{}
	if p.remote = o.Remote; o.Remote != nil {
		openers[signing.Remote] = o.Remote
	}
	if o.Token != nil {
		openers[signing.PKCS11] = o.Token
	}
	if o.Secret != nil {
		p.agentKey = o.Secret.AgentKey()
	}
	p.jobs = jobs.NewRunner(jobs.Options{DB: o.DB, Log: o.Log, Secret: o.Secret, Submission: p.courier.Submission, Openers: openers})
	p.jobs.Start(ctx)
	p.sweeper = jobs.NewSweeper(o.DB, o.Log, jobs.SweepEvery)
	p.sweeper.Start(ctx)
	p.stamper = jobs.NewStamper(o.DB, o.Log, jobs.StampEvery)
	p.stamper.Start(ctx)
	p.archivist = jobs.NewArchivist(o.DB, o.Log, jobs.ArchiveEvery)
	p.archivist.Ask(o.Issuer)
	p.archivist.Start(ctx)
	p.certificates = jobs.CertificateDesk{DB: o.DB, Issuer: o.Issuer}
	p.watch = &jobs.Watch{Desk: p.certificates, Log: o.Log}
	if o.Issuer != nil {
		p.watch.Start(ctx)
	}
	return p, nil
}

// Close ends what works in the background and writes what is still buffered.
func (p *Portal) Close() {
	p.archivist.Stop()
	p.stamper.Stop()
	p.watch.Stop()
	p.sweeper.Stop()
	p.jobs.Stop()
	p.courier.Stop()
	p.feed.Close()
	p.counter.Close()
	p.views.Close()
}

// ServeHTTP answers one request.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

func newSessions(store scs.Store, secure bool) *scs.SessionManager {
	s := scs.New()
	s.Store = store
	s.HashTokenInStore = true
	s.Lifetime = 12 * time.Hour // no idle timeout: it would rewrite the session on every request
	s.Cookie.Name = "hocba"
	if secure {
		s.Cookie.Name = "__Host-hocba"
	}
	s.Cookie.Secure = secure
	s.Cookie.HttpOnly = true
	s.Cookie.SameSite = http.SameSiteLaxMode
	s.Cookie.Persist = false
	return s
}

// chain wraps the router: the outermost comes first in the list.
func (p *Portal) chain(h http.Handler) http.Handler {
	layers := []func(http.Handler) http.Handler{
		p.identify, headAsGet, p.recover, p.secureHeaders, limitBody, p.sameOrigin, p.withSession, p.overrideMethod,
	}
	for i := len(layers) - 1; i >= 0; i-- {
		h = layers[i](h)
	}
	return h
}

func (p *Portal) router() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = p.answerError
	e.Use(middleware.GzipWithConfig(middleware.GzipConfig{Level: 5, MinLength: 1024, Skipper: alreadyPacked}))
	e.GET(static.Prefix+"*", echo.WrapHandler(static.Handler()))
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", p.showReadiness)
	for _, r := range routes {
		e.Add(r.method, r.path, p.serve(r))
	}
	return e
}

// alreadyPacked leaves out what is compressed ahead of time or not text, what
// is sent bit by bit, and the short answers a script asks for: to make a compressor ready, even one
// that is not used, costs a sixth of saving a cell.
func alreadyPacked(c echo.Context) bool {
	path := c.Request().URL.Path
	return c.Request().Header.Get("Accept") == "application/json" ||
		strings.HasPrefix(path, static.Prefix) || strings.HasSuffix(path, "/events") || strings.HasSuffix(path, "pdf") || strings.HasSuffix(path, ".xlsx") ||
		strings.HasSuffix(path, ".zip")
}

func (p *Portal) showReadiness(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	if err := p.db.Ping(ctx); err != nil {
		p.log.Error("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "database\n")
	}
	if err := p.db.CheckSchema(ctx); err != nil {
		p.log.Error("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "schema\n")
	}
	if p.press.printer == nil {
		return c.String(http.StatusOK, "ok\ndegraded: no printer\n") // everything but papers works
	}
	return c.String(http.StatusOK, "ok\n")
}
