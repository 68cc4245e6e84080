package handlers

import (
	"net/http"
	"strings"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// The Sở says who stamps signatures, and sees how far the stamping has come.
var timeStampRoutes = []route{
	{get, "/:year/time-stamps", workflow.PermAuthority, (*Portal).showTimeStamps},
	{post, "/:year/time-stamps", workflow.PermAuthority, (*Portal).createTimeStamping},
	{post, "/:year/time-stamps/trial", workflow.PermAuthority, (*Portal).createTrialStamp},
}

func (p *Portal) showTimeStamps(r *request) error {
	return p.timeStampPage(r, http.StatusOK, views.TimeStamps{})
}

// timeStampPage shows the setting as it stands, or as it was typed when it was
// refused.
func (p *Portal) timeStampPage(r *request, status int, page views.TimeStamps) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	state, err := p.db.StampState(r.ctx())
	if err != nil {
		return err
	}
	page.Kept, page.Due, page.Most, page.DueFault = state.Kept, state.Due, db.MostStampsCounted, state.Fault
	if state.Oldest != nil {
		page.Oldest = *state.Oldest
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		setting, err := tx.TimeStamping(r.ctx())
		if page.On = setting.On(); page.Refusal == nil {
			page.Form = views.TimeStamping(setting)
		}
		if f := fault.As(tx.SoundClock(r.ctx())); fault.Is(f, "clock.set_back") {
			page.Clock = f
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.page(status, views.TimeStampPage(page))
}

func readTimeStamping(r *request) db.TimeStamping {
	return db.TimeStamping{URL: strings.TrimSpace(r.FormValue("url")), Policy: strings.TrimSpace(r.FormValue("policy")),
		GoOn: r.FormValue("outage") == "go_on"}
}

func (p *Portal) createTimeStamping(r *request) error {
	form := readTimeStamping(r)
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.SetTimeStamping(r.ctx(), form) })
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		return p.timeStampPage(r, http.StatusUnprocessableEntity, views.TimeStamps{Form: views.TimeStamping(form), Refusal: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.TimeStampsURL(school.Year(r.Param("year"))))
}

// createTrialStamp asks the authority for a time-stamp of nothing that is kept.
func (p *Portal) createTrialStamp(r *request) error {
	var setting db.TimeStamping
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		setting, err = tx.TimeStamping(r.ctx())
		return err
	})
	if err != nil {
		return err
	}
	page := views.TimeStamps{Tried: setting.On()}
	token, err := jobs.StampNow(r.ctx(), p.db, setting)
	if token != nil && err == nil {
		page.Trial = views.TrialStamp{Authority: token.Authority(), At: token.Time}
	}
	if page.TrialFault = fault.As(err); err != nil && page.TrialFault == nil {
		return err
	}
	return p.timeStampPage(r, http.StatusOK, page)
}
