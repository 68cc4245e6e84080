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
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.ProfileQueuePage(page))
}

// createConfirmations confirms the chosen changes, all or none.
func (p *Portal) createConfirmations(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	var ids []int64
	for _, text := range form["change"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if len(ids) == 0 {
			return fault.New(fault.Invalid, "profile.none_chosen")
		}
		for _, id := range ids {
			if _, err := tx.DecideChange(r.ctx(), id, true, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if f := decisionFault(err); f != nil {
		return p.answerProfileChanges(r, views.ProfileQueue{Error: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.ProfileChangesURL(year) + "?done=confirmed&n=" + strconv.Itoa(len(ids)))
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
