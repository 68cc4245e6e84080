package handlers

import (
	"net/http"

	"hocba/internal/school"
	"hocba/views"
)

// showHome leads to what waits in the school year that runs today.
func (p *Portal) showHome(r *request) error {
	if r.actor.Role == "" {
		return r.see(views.RoleURL)
	}
	return r.see(views.YearURL(school.YearOf(school.DateOf(r.now))))
}

// showDashboard shows what waits for the person in a school year.
func (p *Portal) showDashboard(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	frame, err := p.frame(r, year)
	if err != nil {
		return err
	}
	return r.page(http.StatusOK, views.DashboardPage(views.Dashboard{Frame: frame}))
}
