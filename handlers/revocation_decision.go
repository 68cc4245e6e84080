package handlers

import (
	"net/http"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// The authority's answer to requests for revocation.
var revocationDecisionRoutes = []route{
	{get, "/:year/revocations", workflow.PermRevocation, (*Portal).showRevocationRequests},
	{get, "/:year/revocations/:request", workflow.PermRevocation, (*Portal).showRevocationRequest},
	{post, "/:year/revocations/:request", workflow.PermRevocation, (*Portal).createRevocationDecision},
}

// showRevocationRequests lists what waits for an answer and what was answered.
func (p *Portal) showRevocationRequests(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.RevocationRequests{Year: year, Now: r.now}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	names, err := p.schoolNames(r)
	if err != nil {
		return err
	}
	err = p.db.Registry(r.ctx(), r.actor, func(tx *db.Tx) error {
		page.Waiting, page.Decided = nil, nil
		list, err := tx.RevocationRequests(r.ctx(), year)
		if err != nil {
			return err
		}
		for _, q := range list {
			if q.Decision == "" {
				page.Waiting = append(page.Waiting, revocationRequest(q, names))
			} else {
				page.Decided = append(page.Decided, revocationRequest(q, names))
			}
		}
		page.Decides, page.Tier, err = decides(r, tx)
		return err
	})
	if err != nil {
		return err
	}
	r.viewed("revocation_requests", r.actor.UnitID)
	return r.page(http.StatusOK, views.RevocationRequestsPage(page))
}

// decides reports whether the person is of the tier that decides, and which
// tier that is.
func decides(r *request, tx *db.Tx) (bool, registry.Hand, error) {
	tier, err := tx.DecidingTier(r.ctx())
	if err != nil {
		return false, tier, err
	}
	err = tx.MayDecideRevocation(r.ctx())
	if fault.KindOf(err) == fault.Forbidden {
		return false, tier, nil
	}
	return err == nil, tier, err
}

func revocationRequest(q db.RevocationRequest, names map[string]string) views.RevocationRequest {
	name := names[q.School]
	if name == "" {
		name = q.School
	}
	return views.RevocationRequest{Request: q.Request, School: name, Year: q.Year, ClassName: q.ClassName, Pupil: q.Pupil, Locked: q.Locked, DecidedBy: q.DecidedBy}
}

// showRevocationRequest shows who asks for what and why.
func (p *Portal) showRevocationRequest(r *request) error {
	return p.revocationDecisionPage(r, http.StatusOK, views.RevocationDecision{})
}

// revocationDecisionPage reads the pupil's name from the version's own bytes:
// the registry keeps no other copy of it.
func (p *Portal) revocationDecisionPage(r *request, status int, page views.RevocationDecision) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("request")
	if err != nil {
		return err
	}
	names, err := p.schoolNames(r)
	if err != nil {
		return err
	}
	var q db.RevocationRequest
	err = p.db.Registry(r.ctx(), r.actor, func(tx *db.Tx) error {
		if q, err = tx.RevocationRequest(r.ctx(), id); err != nil {
			return err
		}
		page.Decides, page.Tier, err = decides(r, tx)
		return err
	})
	if err == nil && q.Year != year {
		err = fault.New(fault.NotFound, "revocation.unknown")
	}
	if err != nil {
		return err
	}
	raw, _, err := p.db.VersionFiles(r.ctx(), r.actor, q.VersionID)
	if err != nil {
		return err
	}
	doc, err := bundle.Open(raw)
	if err != nil {
		return err
	}
	page.Year, page.Request = year, revocationRequest(q, names)
	page.Request.Name, page.Request.Birth = doc.Record.Content.Pupil.Name, doc.Record.Content.Pupil.Birth
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("revocation_request", id)
	return r.page(status, views.RevocationDecisionPage(page))
}

// createRevocationDecision answers a request. The school hears of it through
// the registry's events.
func (p *Portal) createRevocationDecision(r *request) error {
	id, err := r.id("request")
	if err != nil {
		return err
	}
	form := views.RevocationDecision{Choice: r.FormValue("decision"), Note: r.FormValue("note")}
	_, err = db.NewRegistrar(p.db, nil).DecideRevocation(r.ctx(), r.actor, id, registry.Decision(form.Choice), form.Note)
	f := fault.As(err)
	if f != nil && f.Kind != fault.NotFound && f.Kind != fault.Internal {
		form.Refusal = f
		return p.revocationDecisionPage(r, status(err), form)
	}
	if err != nil {
		return err
	}
	return r.see(views.RevocationRequestURL(school.Year(r.Param("year")), id))
}
