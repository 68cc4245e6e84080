package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// commendationDecisionRoutes: the principal decides what the classes propose;
// deputies and the administrator read.
var commendationDecisionRoutes = []route{
	{get, "/:year/commendations", workflow.PermSchoolDashboard, (*Portal).showSchoolCommendations},
	{post, "/:year/commendation-decisions", workflow.PermCommend, (*Portal).createCommendationDecision},
	{post, "/:year/commendations/:commendation/removal", workflow.PermCommend, (*Portal).createCommendationRemoval},
	{put, "/:year/commendation-order", workflow.PermCommendOrder, (*Portal).updateCommendationOrder},
}

// classOnly is the class that a list is narrowed to; 0: none.
func (r *request) classOnly() int64 {
	id, err := strconv.ParseInt(r.FormValue("class"), 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

func (p *Portal) showSchoolCommendations(r *request) error {
	page := views.SchoolCommendations{Done: r.QueryParam("done")}
	page.Pupils, _ = strconv.Atoi(r.QueryParam("pupils"))
	page.Without, _ = strconv.Atoi(r.QueryParam("without"))
	page.Form.Strike, _ = strconv.ParseInt(r.QueryParam("strike"), 10, 64)
	return p.answerSchoolCommendations(r, page)
}

// answerSchoolCommendations shows the page; a form that was refused keeps what
// was typed and ticked.
func (p *Portal) answerSchoolCommendations(r *request, page views.SchoolCommendations) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page.Year, page.Class, page.Decides = year, r.classOnly(), workflow.Can(r.actor.Role, workflow.PermCommend)
	page.Orders = workflow.Can(r.actor.Role, workflow.PermCommendOrder)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		classes, err := tx.Classes(r.ctx(), year)
		if err != nil {
			return err
		}
		page.Classes, page.Rows = nil, nil // the transaction may be tried again
		for _, c := range classes {
			page.Classes = append(page.Classes, views.HomeClass{ID: c.ID, Name: c.Name})
		}
		if page.First, err = tx.DecideFirst(r.ctx()); err != nil {
			return err
		}
		list, err := tx.Commendations(r.ctx(), year, page.Class)
		for _, x := range list {
			page.Rows = append(page.Rows, commendationRow(evaluation.ForYear(year), x))
		}
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("commendations", page.Class)
	code := http.StatusOK
	if page.Form.Error != nil {
		code = status(page.Form.Error)
	}
	return r.page(code, views.SchoolCommendationsPage(page))
}

// updateCommendationOrder says whether decisions come before signatures.
func (p *Portal) updateCommendationOrder(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	on := r.FormValue("first") == "1"
	if err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.SetDecideFirst(r.ctx(), on) }); err != nil {
		return err
	}
	return r.see(views.SchoolCommendationsURL(year, 0) + "?done=order")
}

// createCommendationDecision writes number and day for the ticked pupils.
func (p *Portal) createCommendationDecision(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	values, err := r.FormParams()
	if err != nil {
		return err
	}
	form := views.DecisionForm{Number: values.Get("number"), Day: values.Get("day"), Resign: values.Get("resign") == "1",
		Picks: append([]string{}, values["pick"]...)}
	act := db.Deciding{Number: school.CleanLine(form.Number), Resign: form.Resign, Word: views.CommendationLine}
	act.Day, _ = school.ReadDate(form.Day)
	for _, text := range form.Picks {
		pick, err := readPick(text)
		if err != nil {
			return err
		}
		act.Picks = append(act.Picks, pick)
	}
	var out db.Decided
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		out, err = tx.DecideCommendations(r.ctx(), year, act)
		return err
	})
	if form.Error = shownFault(err); form.Error != nil {
		return p.answerSchoolCommendations(r, views.SchoolCommendations{Form: form})
	}
	if err != nil {
		return err
	}
	return r.see(withQuery(views.SchoolCommendationsURL(year, r.classOnly()),
		"done=decided&pupils="+strconv.Itoa(out.Pupils)+"&without="+strconv.Itoa(out.Without)))
}

// readPick reads a ticked box, "id.revision".
func readPick(text string) (db.PickedCommendation, error) {
	id, revision, _ := strings.Cut(text, ".")
	var pick db.PickedCommendation
	var err error
	if pick.ID, err = strconv.ParseInt(id, 10, 64); err == nil {
		pick.Revision, err = strconv.Atoi(revision)
	}
	if err != nil {
		return pick, fault.New(fault.Invalid, "request.invalid")
	}
	return pick, nil
}

// withQuery adds to an address that may have a query already.
func withQuery(url, query string) string {
	if strings.Contains(url, "?") {
		return url + "&" + query
	}
	return url + "?" + query
}

// createCommendationRemoval takes a commendation off the list with a reason.
func (p *Portal) createCommendationRemoval(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("commendation")
	if err != nil {
		return err
	}
	form := views.DecisionForm{Strike: id, Reason: r.FormValue("reason")}
	form.Revision, _ = strconv.Atoi(r.FormValue("revision"))
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		return tx.StrikeCommendation(r.ctx(), year, db.PickedCommendation{ID: id, Revision: form.Revision}, form.Reason)
	})
	if form.Error = shownFault(err); form.Error != nil {
		return p.answerSchoolCommendations(r, views.SchoolCommendations{Form: form})
	}
	if err != nil {
		return err
	}
	return r.see(withQuery(views.SchoolCommendationsURL(year, r.classOnly()), "done=struck"))
}
