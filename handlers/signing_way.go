package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/workflow"
	"hocba/views"
)

// signingWayRoutes are the ways to sign that a school has set up.
var signingWayRoutes = []route{
	{get, "/:year/signing-ways", workflow.PermSchoolAdmin, (*Portal).showSigningWays},
	{post, "/:year/signing-ways", workflow.PermSchoolAdmin, (*Portal).createSigningWay},
	{get, "/:year/signing-ways/:way", workflow.PermSchoolAdmin, (*Portal).showSigningWay},
	{put, "/:year/signing-ways/:way", workflow.PermSchoolAdmin, (*Portal).updateSigningWay},
	{del, "/:year/signing-ways/:way", workflow.PermSchoolAdmin, (*Portal).destroySigningWay},
	{post, "/:year/signing-ways/:way/trial", workflow.PermSchoolAdmin, (*Portal).createSigningTrial},
}

// showSigningWays lists the school's ways for its administrator.
func (p *Portal) showSigningWays(r *request) error {
	return p.signingWaysPage(r, http.StatusOK, views.SigningWays{Ended: r.QueryParam("ended") != ""})
}

func (p *Portal) signingWaysPage(r *request, code int, page views.SigningWays) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		ways, err := tx.SigningWays(r.ctx())
		for _, w := range ways {
			page.Rows = append(page.Rows, views.SigningWayRow{ID: w.ID, Kind: w.Kind, Label: w.Label, Since: w.CreatedAt, Bound: w.Bound,
				Where: firstText(w.Params["url"], w.Params["token"], "127.0.0.1:"+w.Params["port"])})
		}
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	return r.page(code, views.SigningWaysPage(page))
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// agentPort is where agents listen when nothing else is said.
const agentPort = "8987"

// formWay reads a form of a way; way has its ID, kind and what it was before.
func (p *Portal) formWay(r *request, way *db.SigningWay) (views.SigningWayForm, error) {
	value := func(name string) string { return strings.TrimSpace(r.FormValue(name)) }
	form := views.SigningWayForm{Kind: string(way.Kind), Label: school.CleanLine(r.FormValue("label")), URL: value("url"), Client: value("client"),
		Secret: value("secret"), Grant: value("grant"), Token: value("token"), Port: value("port")}
	kept := way.Params["secret"]
	way.Label, way.Params = form.Label, db.JobArgs{}
	if form.Secret == "" && way.Kind == signing.Remote {
		form.Secret = kept
	}
	err := p.checkWay(form, way)
	form.Secret = "" // shown to nobody, not even whoever wrote it
	return form, err
}

// createSigningWay sets a way up.
func (p *Portal) createSigningWay(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	way := db.SigningWay{Kind: signing.Provider(strings.TrimSpace(r.FormValue("kind")))}
	form, err := p.formWay(r, &way)
	var id int64
	if err == nil {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
			id, err = tx.AddSigningWay(r.ctx(), way)
			return err
		})
	}
	if f := wayFault(err); f != nil {
		return p.signingWaysPage(r, http.StatusUnprocessableEntity, views.SigningWays{Form: views.SigningWayFields{Typed: form, Code: f.Code, Args: f.Args}})
	}
	if err != nil {
		return err
	}
	return r.see(views.SigningWayURL(year, id) + "?saved=1")
}

// wayFault returns what the form of a way can mend; nil for other failures.
func wayFault(err error) *fault.Error {
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Code == "signing.way_label") {
		return f
	}
	return nil
}

// showSigningWay shows a way as it was set up, to be mended, tried or ended.
func (p *Portal) showSigningWay(r *request) error {
	way, err := p.signingWay(r)
	if err != nil {
		return err
	}
	return p.signingWayPage(r, http.StatusOK, way, views.SigningWayView{Saved: r.QueryParam("saved") != ""})
}

// signingWay loads the way of the address.
func (p *Portal) signingWay(r *request) (way db.SigningWay, err error) {
	id, err := r.id("way")
	if err != nil {
		return way, err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		way, err = tx.SigningWay(r.ctx(), id)
		return err
	})
	return way, err
}

func (p *Portal) signingWayPage(r *request, code int, way db.SigningWay, page views.SigningWayView) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	page.ID, page.Kind, page.Label, page.Since, page.Bound = way.ID, way.Kind, way.Label, way.CreatedAt, way.Bound
	if page.Form.Code == "" {
		page.Form.Typed = views.SigningWayForm{Kind: string(way.Kind), Label: way.Label, URL: way.Params["url"], Client: way.Params["client"],
			Grant: way.Params["grant"], Token: way.Params["token"], Port: way.Params["port"]}
	}
	page.Form.KeepsSecret = way.Params["secret"] != ""
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	return r.page(code, views.SigningWayPage(page))
}

// updateSigningWay mends a way: name and parameters. A secret that is not
// written anew stays.
func (p *Portal) updateSigningWay(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	before, err := p.signingWay(r)
	if err != nil {
		return err
	}
	way := before
	form, err := p.formWay(r, &way)
	if err == nil {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.ChangeSigningWay(r.ctx(), way) })
	}
	if f := wayFault(err); f != nil {
		page := views.SigningWayView{Form: views.SigningWayFields{Typed: form, Code: f.Code, Args: f.Args}}
		return p.signingWayPage(r, http.StatusUnprocessableEntity, before, page)
	}
	if err != nil {
		return err
	}
	return r.see(views.SigningWayURL(year, way.ID) + "?saved=1")
}

// createSigningTrial asks a way whether it is there, as it stands saved.
func (p *Portal) createSigningTrial(r *request) error {
	way, err := p.signingWay(r)
	if err != nil {
		return err
	}
	trial := views.SigningTrial{At: r.now}
	switch {
	case way.Kind == signing.Remote && p.remote != nil:
		report, err := p.remote.Probe(r.ctx(), way.Params)
		trial.Name, trial.Specs, trial.Methods, trial.Logins = report.Name, report.Specs, report.Methods, report.Logins
		trial.Async, trial.Missing = report.Async, report.Missing
		trial.LoginOffered, trial.LoginTried, trial.Failure = report.LoginOffered, report.LoginTried, fault.As(err)
		trial.LoginFailure = fault.As(report.LoginFault)
	case way.Kind == signing.PKCS11:
		trial.Failure = fault.As(p.jobs.Reach(r.ctx(), way))
	default:
		trial.Failure = fault.New(fault.Unavailable, "signer.none")
	}
	return p.signingWayPage(r, http.StatusOK, way, views.SigningWayView{Trial: &trial})
}

func (p *Portal) checkWay(form views.SigningWayForm, way *db.SigningWay) error {
	refuse := func(what string) error { return fault.New(fault.Invalid, "signer.config", "what", what) }
	if form.Label == "" || len([]rune(form.Label)) > 80 {
		return refuse("label")
	}
	switch way.Kind {
	case signing.Remote:
		if p.remote == nil {
			return refuse("url")
		}
		way.Params["url"], way.Params["client"], way.Params["secret"], way.Params["grant"] = form.URL, form.Client, form.Secret, form.Grant
		return p.remote.Check(way.Params)
	case signing.PKCS11:
		if way.Params["token"] = form.Token; form.Token == "" || len(form.Token) > 32 {
			return refuse("token")
		}
		return nil
	case signing.Agent:
		way.Params["port"] = firstText(form.Port, agentPort)
		if n, err := strconv.Atoi(way.Params["port"]); err != nil || n < 1024 || n > 65535 {
			return refuse("port")
		}
		return nil
	}
	return refuse("kind")
}

// destroySigningWay takes a way out of use.
func (p *Portal) destroySigningWay(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("way")
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if _, err := tx.SigningWay(r.ctx(), id); err != nil {
			return err
		}
		return tx.EndSigningWay(r.ctx(), id)
	})
	if err != nil {
		return err
	}
	return r.see(views.SigningWaysURL(year) + "?ended=1")
}
