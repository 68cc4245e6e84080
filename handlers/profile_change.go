package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/views"
)

// queuePage is how many changes the queue shows at a time.
const queuePage = 100

func (p *Portal) showProfileChanges(r *request) error {
	count, _ := strconv.Atoi(r.QueryParam("n"))
	return p.answerProfileChanges(r, views.ProfileQueue{Done: r.QueryParam("done"), Count: count})
}

func (p *Portal) answerProfileChanges(r *request, page views.ProfileQueue) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page.Year = year
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, total, err := tx.WaitingChanges(r.ctx(), queuePage)
		page.Rows, page.Total = nil, total
		for _, c := range list {
			page.Rows = append(page.Rows, changeView(c, r.actor.AccountID))
		}
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("profile_changes", r.actor.SchoolID)
	code := http.StatusOK
	switch {
	case page.Error != nil:
		code = status(page.Error)
	case len(page.Failed) > 0:
		code = http.StatusConflict
	}
	return r.page(code, views.ProfileQueuePage(page))
}

// createConfirmations confirms the chosen changes, or all that the page showed,
// each by itself: one that cannot be confirmed any more hinders no other and is
// named with its reason.
func (p *Portal) createConfirmations(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	chosen := form["change"]
	if form.Get("all") != "" {
		chosen = form["shown"]
	}
	page := views.ProfileQueue{Done: "confirmed"}
	for _, text := range chosen {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		failed, err := p.confirmChange(r, id)
		switch {
		case err != nil:
			return err
		case failed != nil:
			page.Failed = append(page.Failed, *failed)
		default:
			page.Count++
		}
	}
	switch {
	case len(page.Failed) > 0:
		return p.answerProfileChanges(r, page)
	case page.Count == 0:
		return p.answerProfileChanges(r, views.ProfileQueue{Error: fault.New(fault.Invalid, "profile.none_chosen")})
	}
	return r.see(views.ProfileChangesURL(year) + "?done=confirmed&n=" + strconv.Itoa(page.Count))
}

// confirmChange confirms one change, in a transaction of its own; failed says
// which could not be, and why.
func (p *Portal) confirmChange(r *request, id int64) (failed *views.FailedChange, err error) {
	var c db.ProfileChange
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if c, err = tx.ProposedChange(r.ctx(), id); err != nil {
			return err
		}
		_, err := tx.DecideChange(r.ctx(), id, true, "")
		return err
	})
	if f := decisionFault(err); f != nil {
		return &views.FailedChange{Pupil: c.Pupil, Field: c.Field, Why: f}, nil
	}
	return nil, err
}

// decisionFault is formFault with the refusal of one's own proposal.
func decisionFault(err error) *fault.Error {
	if fault.KindOf(err) == fault.Forbidden {
		return fault.As(err)
	}
	return formFault(err)
}

func (p *Portal) showProfileChange(r *request) error {
	return p.answerProfileChange(r, views.ProfileDecision{})
}

func (p *Portal) answerProfileChange(r *request, page views.ProfileDecision) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("change")
	if err != nil {
		return err
	}
	page.Year = year
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err := tx.ProposedChange(r.ctx(), id)
		page.Change = changeView(c, r.actor.AccountID)
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("profile_change", id)
	code := http.StatusOK
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.ProfileDecisionPage(page))
}

// createProfileDecision confirms a proposed change, or refuses it with a reason.
func (p *Portal) createProfileDecision(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("change")
	if err != nil {
		return err
	}
	page := views.ProfileDecision{Reason: r.FormValue("reason")}
	confirm, done := r.FormValue("decision") == "confirm", "refused"
	if confirm {
		done = "confirmed"
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		_, err := tx.DecideChange(r.ctx(), id, confirm, page.Reason)
		return err
	})
	if page.Error = decisionFault(err); page.Error != nil {
		return p.answerProfileChange(r, page)
	}
	if err != nil {
		return err
	}
	return r.see(views.ProfileChangesURL(year) + "?n=1&done=" + done)
}

// destroyProfileChange takes a proposal of one's own back.
func (p *Portal) destroyProfileChange(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("change")
	if err != nil {
		return err
	}
	var c db.ProfileChange
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if c, err = tx.ProposedChange(r.ctx(), id); err != nil {
			return err
		}
		return tx.WithdrawChange(r.ctx(), id)
	})
	if err != nil {
		return err
	}
	return r.see(views.ProfileURL(year, c.ClassID, c.PupilID))
}
