package handlers

import (
	"net/http"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Who has still what to write: the own class of a homeroom teacher, the whole
// school of its leaders, and a word to those who are late.
var nudgeRoutes = []route{
	{get, "/:year/people", workflow.PermNudge, (*Portal).showPeople},
	{post, "/:year/nudges", workflow.PermNudge, (*Portal).createNudge},
}

func (p *Portal) showPeople(r *request) error {
	period, ok := school.ParsePeriod(r.QueryParam("period"))
	if !ok {
		period = ""
	}
	return p.answerPeople(r, views.People{Period: period, Done: r.QueryParam("done") != ""})
}

// answerPeople shows who has what to write in the period of the page, else in
// the one that is open for the whole school, else at the year's end.
func (p *Portal) answerPeople(r *request, page views.People) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	page.Now, page.Self = r.now, r.account.ID
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		classes, err := r.overseen(tx, page.Year)
		if err != nil {
			return err
		}
		if page.Period == "" {
			windows, err := tx.EntryWindows(r.ctx(), page.Year)
			if err != nil {
				return err
			}
			page.Period = school.YearEnd
			for _, one := range school.Periods {
				if windows[one].Open(r.now) {
					page.Period = one
				}
			}
		}
		open, err := tx.OpenWork(r.ctx(), page.Year, page.Period, classes)
		page.Rows = nil
		for _, w := range open {
			row := views.PersonWork{AccountID: w.AccountID, Name: w.Name, ClassID: w.ClassID, Class: w.ClassName, Nudged: w.Nudged}
			for _, i := range w.Items {
				row.Items = append(row.Items, views.Empty{Item: i.Item, Cells: i.Cells, Pupils: i.Pupils})
			}
			page.Rows = append(page.Rows, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	code := http.StatusOK
	if page.Error != nil {
		code = status(page.Error)
	}
	return r.page(code, views.PeoplePage(page))
}

// overseen lists the classes of which the person may see who is late: a
// homeroom teacher's own, all of the school for its leaders. Classes that keep
// their books on paper write nothing here.
func (r *request) overseen(tx *db.Tx, year school.Year) (out []db.Class, err error) {
	var all []db.Class
	if r.actor.Role == workflow.Teacher {
		all, err = tx.HomeroomClasses(r.ctx(), r.actor.AccountID, year)
	} else {
		all, err = tx.Classes(r.ctx(), year)
	}
	for _, c := range all {
		if c.BookKind == school.Digital {
			out = append(out, c)
		}
	}
	if err == nil && r.actor.Role == workflow.Teacher && len(out) == 0 {
		err = fault.New(fault.NotFound, "page.unknown")
	}
	return out, err
}

func (p *Portal) createNudge(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	class, err := r.formID("class")
	if err != nil {
		return err
	}
	to, err := r.formID("account")
	if err != nil {
		return err
	}
	period, ok := school.ParsePeriod(r.FormValue("period"))
	if !ok {
		return fault.New(fault.NotFound, "page.unknown")
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		classes, err := r.overseen(tx, year)
		if err != nil {
			return err
		}
		for _, c := range classes {
			if c.ID == class {
				return tx.Nudge(r.ctx(), period, c, to)
			}
		}
		return fault.New(fault.NotFound, "page.unknown")
	})
	if f := formFault(err); f != nil {
		return p.answerPeople(r, views.People{Period: period, Error: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.PeopleURL(year, period) + "&done=1")
}
