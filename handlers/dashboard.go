package handlers

import (
	"net/http"
	"slices"

	"hocba/db"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// showHome leads to what waits in the school year that runs today.
func (p *Portal) showHome(r *request) error {
	if r.actor.Role == "" {
		return r.see(views.RoleURL)
	}
	return r.see(views.YearURL(school.YearOf(school.DateOf(r.now))))
}

// showDashboard shows what waits for the person in a school year: what is
// urgent on top, one primary button.
func (p *Portal) showDashboard(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	frame, err := p.frame(r, year)
	if err != nil {
		return err
	}
	d := views.Dashboard{Frame: frame}
	if err := p.fillDashboard(r, year, &d); err != nil {
		return err
	}
	if len(d.Tasks) > 0 {
		d.Tasks[0].Primary = true
		d.Nav[0].Items[0].Count = len(d.Tasks)
	}
	return r.page(http.StatusOK, views.DashboardPage(d))
}

// fillDashboard asks for the work of the role that is worn.
func (p *Portal) fillDashboard(r *request, year school.Year, d *views.Dashboard) error {
	h := home{Portal: p, r: r, year: year, d: d}
	var err error
	if d.Crumbs, err = p.homeCrumbs(r); err != nil {
		return err
	}
	switch r.actor.Role {
	case workflow.Teacher:
		return h.inSchool(h.teacher)
	case workflow.Principal, workflow.Deputy:
		return h.inSchool(h.principal)
	case workflow.SchoolAdmin:
		return h.inSchool(h.admin)
	case workflow.Authority, workflow.MiddleAuthority, workflow.Inspector:
		return h.authority()
	}
	return nil
}

// homeCrumbs says where one works: from the widest unit down to the own.
func (p *Portal) homeCrumbs(r *request) ([]views.Link, error) {
	if r.actor.UnitID == 0 {
		return nil, nil
	}
	path, err := p.db.UnitPath(r.ctx(), r.actor.UnitID)
	if err != nil || len(path) < 2 {
		return nil, err
	}
	var out []views.Link
	for _, u := range path {
		if u.Kind == school.Ministry {
			continue
		}
		out = append(out, views.Link{Label: u.Name})
	}
	return out, nil
}

// home gathers the tasks of one person.
type home struct {
	*Portal
	r    *request
	year school.Year
	d    *views.Dashboard
	by   views.By
	soon []views.ClosingSoon // what is left in periods that close soon
}

// inSchool reads what every page of a school shows, then the role's own.
func (h *home) inSchool(fill func(tx *db.Tx) error) error {
	ctx := h.r.ctx()
	closing, err := h.closingTimes()
	if err != nil {
		return err
	}
	return h.db.As(ctx, h.r.actor, func(tx *db.Tx) error {
		h.d.Tasks, h.d.Deadlines, h.d.Progress = nil, nil, nil // the transaction may be tried again
		now := school.CurrentTrack(h.year, h.r.now)
		for track := now; track <= school.TrackAugust; track++ {
			due, err := tx.Deadline(ctx, h.r.actor.SchoolID, school.SchoolSubmit, h.year, track)
			if err != nil {
				return err
			}
			if track == now {
				h.by = views.By{Year: h.year, Deadline: due, Now: h.r.now}
			}
			h.d.Deadlines = append(h.d.Deadlines, views.SubmitDeadline(due, h.r.now))
		}
		if err := h.windows(tx); err != nil {
			return err
		}
		h.closings(closing)
		if err := fill(tx); err != nil {
			return err
		}
		return h.notes(tx)
	})
}

// notes asks to answer what colleagues wrote, class by class.
func (h *home) notes(tx *db.Tx) error {
	if !workflow.Can(h.r.actor.Role, workflow.PermNote) {
		return nil
	}
	waiting, err := tx.WaitingNotes(h.r.ctx(), h.year)
	if err != nil {
		return err
	}
	count := map[int64]int{}
	for _, n := range waiting {
		count[n.ClassID]++
	}
	for _, n := range waiting { // the oldest first
		if count[n.ClassID] > 0 {
			h.add(views.NotesTask(n.ClassID, n.ClassName, count[n.ClassID], noteOf(n).Title(), h.by))
			count[n.ClassID] = 0
		}
	}
	return nil
}

// windows puts the entry windows that are open on the side.
func (h *home) windows(tx *db.Tx) error {
	windows, err := tx.EntryWindows(h.r.ctx(), h.year)
	if err != nil {
		return err
	}
	for _, p := range slices.Concat([]school.Period{school.Summer}, school.Periods) {
		if w, ok := windows[p]; ok && w.Open(h.r.now) {
			h.d.Deadlines = slices.Insert(h.d.Deadlines, 0, views.WindowDeadline(p, w.Closes, h.r.now))
		}
	}
	return nil
}
