package handlers

import (
	"context"
	"net/http"
	"time"

	"hocba/db"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// frame fills what surrounds a staff page. year is empty on pages that belong
// to no school year: session, roles, password.
func (p *Portal) frame(r *request, year school.Year) (views.Frame, error) {
	f := views.Frame{Demo: p.demoStrip(), Unit: r.post.UnitName, Place: r.post.Commune, Person: r.account.FullName,
		Role: words.Role(r.actor.Role), ManyRoles: len(r.posts) > 1}
	if r.actor.Role == "" || r.account.Temporary {
		return f, nil
	}
	if year == "" {
		year = school.YearOf(school.DateOf(r.now))
	}
	f.Year = views.YearLabel(year)
	for _, y := range openYears(school.DateOf(r.now)) {
		f.Years = append(f.Years, views.Link{Label: views.YearLabel(y), URL: views.YearURL(y), Current: y == year})
	}
	in := views.NavInput{Role: r.actor.Role, Year: year, Period: currentPeriod(year, r.now), Past: year < school.YearOf(school.DateOf(r.now)), Path: r.Request().URL.RequestURI()}
	if r.actor.Role == workflow.Teacher {
		if err := p.teacherNav(r, &in, &f); err != nil {
			return f, err
		}
	}
	f.Nav = views.Nav(in)
	return f, nil
}

// teacherNav adds what the person teaches this year.
func (p *Portal) teacherNav(r *request, in *views.NavInput, f *views.Frame) error {
	return p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		taught, err := tx.TeacherAssignments(r.ctx(), r.actor.AccountID, in.Year)
		if err != nil {
			return err
		}
		homes, err := tx.HomeroomClasses(r.ctx(), r.actor.AccountID, in.Year)
		if err != nil {
			return err
		}
		in.Taught, in.Homes = nil, nil
		for _, t := range taught {
			in.Taught = append(in.Taught, views.Taught{ClassID: t.ClassID, ClassName: t.ClassName, Subject: t.Subject})
		}
		for _, c := range homes {
			in.Homes = append(in.Homes, views.HomeClass{ID: c.ID, Name: c.Name})
		}
		if len(homes) > 0 {
			f.Role = views.HomeroomRole(f.Role, homes[0].Name)
		}
		return nil
	})
}

// openYears lists the school years one may turn to, the newest first. In June
// and July the next one is set up while the last is not yet closed.
func openYears(today school.Date) []school.Year {
	newest := school.YearOf(today).First()
	oldest := newest - 2
	if today.Month >= time.June && today.Month <= time.July {
		newest++
	}
	var out []school.Year
	for y := newest; y >= oldest && y >= firstYear; y-- {
		out = append(out, school.YearFrom(y))
	}
	return out
}

// firstYear is the first whose tables exist.
const firstYear = 2024

// currentPeriod is the period whose grid opens first: the one that is being
// written by the sector's calendar, the year's end in a year that is over.
func currentPeriod(y school.Year, now time.Time) school.Period {
	today := school.DateOf(now)
	day := func(years int, m time.Month, d int) school.Date {
		return school.Date{Year: y.First() + years, Month: m, Day: d}
	}
	switch {
	case today.Before(day(0, time.November, 25)):
		return school.MidFirst
	case today.Before(day(1, time.February, 1)):
		return school.EndFirst
	case today.Before(day(1, time.April, 15)):
		return school.MidSecond
	}
	return school.YearEnd
}

func (p *Portal) demoStrip() views.Demo {
	d := views.Demo{On: p.demo, Trial: p.trial.is(context.Background())}
	if p.demo && p.assumed {
		d.Date = school.DateOf(p.db.Now()).Vietnamese()
	}
	return d
}

func (p *Portal) publicFrame() views.Public {
	return views.Public{Demo: p.demoStrip(), Authority: p.authority}
}

// renderFault answers with the error page; htmx gets a banner for the place
// above the content. r is nil when the request did not come as far as a route.
func (p *Portal) renderFault(w http.ResponseWriter, req *http.Request, r *request, answer views.Fault) {
	answer.Public, answer.RequestID = p.publicFrame(), requestID(req.Context())
	answer.Time = views.Clock(p.db.Now())
	if req.Method == http.MethodGet {
		answer.Retry = req.URL.RequestURI()
	}
	if r != nil && r.actor.Kind == workflow.Person {
		if frame, err := p.frame(r, ""); err == nil {
			answer.Frame = &frame
		}
	}
	component := views.FaultPage(answer)
	if req.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Retarget", "#notice")
		w.Header().Set("HX-Reswap", "innerHTML")
		component = views.FaultBanner(answer)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(answer.Status)
	if err := component.Render(req.Context(), w); err != nil {
		p.log.Error("render the error page", "id", answer.RequestID, "error", err)
	}
}
