package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/audit"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views"
)

// showDelegations lists who may sign for the principal, and until when.
func (p *Portal) showDelegations(r *request) error {
	return p.delegationsPage(r, http.StatusOK, views.DelegationForm{}, nil)
}

func (p *Portal) delegationsPage(r *request, code int, typed views.DelegationForm, refused *fault.Error) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Delegations{Year: year, Typed: typed, Fault: refused, Today: school.DateOf(r.now)}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		deputies, err := tx.Deputies(r.ctx())
		if err != nil {
			return err
		}
		for _, d := range deputies {
			page.Deputies = append(page.Deputies, views.Person{ID: d.ID, Name: d.FullName})
		}
		rows, err := tx.Delegations(r.ctx())
		for _, d := range rows {
			page.Rows = append(page.Rows, views.DelegationRow{Name: d.Name, DecisionNo: d.DecisionNo, From: d.From, To: d.To, CreatedAt: d.CreatedAt})
		}
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	return r.page(code, views.DelegationsPage(page))
}

// createDelegation lets a deputy sign for the principal from a day to a day.
func (p *Portal) createDelegation(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	typed := views.DelegationForm{Deputy: r.FormValue("deputy"), Decision: r.FormValue("decision"), From: r.FormValue("from"), To: r.FormValue("to")}
	d := db.Delegation{DecisionNo: typed.Decision}
	d.AccountID, _ = strconv.ParseInt(typed.Deputy, 10, 64) // 0 is nobody's: refused below
	d.From, _ = school.ReadDate(typed.From)                 // zero is refused below
	d.To, _ = school.ReadDate(typed.To)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if err := tx.CreateDelegation(r.ctx(), d); err != nil {
			return err
		}
		who := audit.Who{AccountID: r.actor.AccountID, UnitID: r.actor.UnitID, Role: string(r.actor.Role), RequestID: r.actor.RequestID}
		e, err := audit.New(who, tx.Now, "delegate", "account:"+typed.Deputy, "from", d.From.String(), "to", d.To.String())
		if err != nil {
			return err
		}
		return tx.Audit(r.ctx(), e)
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid && !r.hx() {
		return p.delegationsPage(r, http.StatusUnprocessableEntity, typed, f)
	}
	if err != nil {
		return err
	}
	return r.see(views.DelegationsURL(year))
}
