package handlers

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Times of entry: the administrator sets them, the principal reads them.
var entryWindowRoutes = []route{
	{get, "/:year/entry-windows", workflow.PermSchoolDashboard, (*Portal).showEntryWindows},
	{post, "/:year/entry-windows", workflow.PermSchoolAdmin, (*Portal).createEntryWindow},
}

// entryPeriods are the periods that have a time of entry.
var entryPeriods = append(slices.Clone(school.Periods), school.Summer)

func (p *Portal) showEntryWindows(r *request) error {
	return p.answerEntryWindows(r, views.EntryWindows{Done: r.QueryParam("done") != ""})
}

func (p *Portal) answerEntryWindows(r *request, page views.EntryWindows) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page.Year, page.CanEdit = year, r.administers()
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		history, err := tx.WindowHistory(r.ctx(), year)
		page.Periods = nil
		for _, period := range entryPeriods {
			page.Periods = append(page.Periods, windowPeriod(period, history[period], r.now))
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
	return r.page(code, views.EntryWindowsPage(page))
}

func windowPeriod(period school.Period, history []db.WindowChange, now time.Time) views.WindowPeriod {
	out := views.WindowPeriod{Period: period, State: views.WindowNever}
	for i, w := range history {
		out.History = append(out.History, views.WindowRow{Opens: views.Clock(w.Opens), Closes: views.Clock(w.Closes), Reason: w.Reason,
			By: w.By, At: views.Clock(w.At)})
		switch {
		case i > 0:
		case w.Open(now):
			out.State = views.WindowOpen
		case now.Before(w.Opens):
			out.State = views.WindowAhead
		default:
			out.State = views.WindowClosed
		}
	}
	return out
}

func (p *Portal) createEntryWindow(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.EntryWindows{Period: r.FormValue("period"), Opens: r.FormValue("opens"), Closes: r.FormValue("closes"), Reason: r.FormValue("reason")}
	err = p.setEntryWindow(r, year, page)
	if page.Error = formFault(err); page.Error != nil {
		return p.answerEntryWindows(r, page)
	}
	if err != nil {
		return err
	}
	return r.see(views.EntryWindowsURL(year) + "?done=1")
}

func (p *Portal) setEntryWindow(r *request, year school.Year, form views.EntryWindows) error {
	period := school.Period(form.Period)
	if !slices.Contains(entryPeriods, period) {
		return fault.New(fault.Invalid, "window.period")
	}
	opens, ok := readWindowTime(form.Opens)
	if !ok {
		return fault.New(fault.Invalid, "window.instant", "field", "opens")
	}
	closes, ok := readWindowTime(form.Closes)
	if !ok {
		return fault.New(fault.Invalid, "window.instant", "field", "closes")
	}
	reason := school.CleanLine(form.Reason)
	if n := len([]rune(reason)); n == 0 || n > 300 {
		return fault.New(fault.Invalid, "window.reason")
	}
	return p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		return tx.SetEntryWindow(r.ctx(), year, period, opens, closes, reason)
	})
}

// readWindowTime reads an instant in Vietnam as people write it: the time before
// or after the day, "08:00 15/05/2026", "15/5/2026 8:00"; a day alone is its
// first instant.
func readWindowTime(s string) (time.Time, bool) {
	words := strings.Fields(school.CleanLine(s))
	if len(words) == 2 && !strings.Contains(words[0], ":") {
		words[0], words[1] = words[1], words[0]
	}
	clock := "0:00"
	switch len(words) {
	case 1:
	case 2:
		clock = words[0]
	default:
		return time.Time{}, false
	}
	day, ok := school.ReadDate(words[len(words)-1])
	at, err := time.Parse("15:04", clock)
	if !ok || err != nil {
		return time.Time{}, false
	}
	return time.Date(day.Year, day.Month, day.Day, at.Hour(), at.Minute(), 0, 0, school.Zone), true
}
