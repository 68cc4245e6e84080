package handlers

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
	form "hocba/views/paper"
)

// Times of entry: the principal orders them, the administrator carries the
// orders out, the school's office reads them.
var entryWindowRoutes = []route{
	{get, "/:year/entry-windows", workflow.PermSchoolDashboard, (*Portal).showEntryWindows},
	{post, "/:year/entry-orders", workflow.PermOrderEntry, (*Portal).createEntryOrder},
	{del, "/:year/entry-orders/:order", workflow.PermOrderEntry, (*Portal).destroyEntryOrder},
	{post, "/:year/entry-orders/:order/execution", workflow.PermSchoolAdmin, (*Portal).createEntryExecution},
	{get, "/:year/entry-orders/:order/order.pdf", workflow.PermSchoolDashboard, (*Portal).showEntryOrderPDF},
}

// entryPeriods are the periods that have a time of entry.
var entryPeriods = append(slices.Clone(school.Periods), school.Summer)

func (p *Portal) showEntryWindows(r *request) error {
	return p.answerEntryWindows(r, views.EntryWindows{Done: r.QueryParam("done")})
}

func (p *Portal) answerEntryWindows(r *request, page views.EntryWindows) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page.Year, page.Now = year, r.now
	page.Orders, page.CarriesOut = workflow.Can(r.actor.Role, workflow.PermOrderEntry), r.administers()
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		history, err := tx.WindowHistory(r.ctx(), year)
		if err != nil {
			return err
		}
		page.Periods, page.Rows, page.Classes = nil, nil, nil // the transaction may be tried again
		for _, period := range entryPeriods {
			page.Periods = append(page.Periods, windowPeriod(period, history[period], r.now))
		}
		orders, err := tx.EntryOrders(r.ctx(), year)
		for _, o := range orders {
			page.Rows = append(page.Rows, orderRow(o))
		}
		if err != nil || !page.Orders {
			return err
		}
		classes, err := tx.Classes(r.ctx(), year)
		for _, c := range classes {
			page.Classes = append(page.Classes, views.HomeClass{ID: c.ID, Name: c.Name})
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

func orderRow(o db.EntryOrder) views.EntryOrder {
	row := views.EntryOrder{ID: o.ID, Year: o.Year, Period: o.Period, Grade: o.Grade, Class: o.ClassName, Opens: o.Opens, Closes: o.Closes,
		Number: o.Number, Reason: o.Reason, By: o.By, At: o.At, State: string(o.State), EndBy: o.EndBy}
	if o.EndAt != nil {
		row.EndAt = *o.EndAt
	}
	return row
}

func windowPeriod(period school.Period, history []db.WindowChange, now time.Time) views.WindowPeriod {
	out := views.WindowPeriod{Period: period, State: views.WindowNever}
	for i, w := range history {
		out.History = append(out.History, views.WindowRow{Opens: views.Clock(w.Opens), Closes: views.Clock(w.Closes), Reason: w.Reason,
			Grade: w.Grade, Class: w.ClassName, By: w.By, At: views.Clock(w.At)})
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

func (p *Portal) createEntryOrder(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.EntryWindows{Period: r.FormValue("period"), Scope: r.FormValue("scope"), Opens: r.FormValue("opens"),
		Closes: r.FormValue("closes"), Number: r.FormValue("number"), Reason: r.FormValue("reason")}
	o, err := readOrder(year, page)
	if err == nil {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
			_, err := tx.OrderEntry(r.ctx(), o)
			return err
		})
	}
	if page.Error = formFault(err); page.Error != nil {
		return p.answerEntryWindows(r, page)
	}
	if err != nil {
		return err
	}
	return r.see(views.EntryWindowsURL(year) + "?done=ordered")
}

// readOrder reads the form of an order. The scope is "", "khoi-4" or "lop-17".
func readOrder(year school.Year, typed views.EntryWindows) (o db.EntryOrder, err error) {
	o = db.EntryOrder{Year: year, Period: school.Period(typed.Period), Number: school.CleanLine(typed.Number), Reason: school.CleanLine(typed.Reason)}
	if !slices.Contains(entryPeriods, o.Period) {
		return o, fault.New(fault.Invalid, "window.period")
	}
	if typed.Scope != "" {
		kind, id, _ := strings.Cut(typed.Scope, "-")
		n, err := strconv.ParseInt(id, 10, 64)
		switch {
		case err == nil && kind == "khoi" && n >= 1 && n <= 5:
			o.Grade = int(n)
		case err == nil && kind == "lop" && n > 0:
			o.ClassID = n
		default:
			return o, fault.New(fault.Invalid, "window.scope")
		}
	}
	var ok bool
	if o.Opens, ok = readWindowTime(typed.Opens); !ok {
		return o, fault.New(fault.Invalid, "window.instant", "field", "opens")
	}
	if o.Closes, ok = readWindowTime(typed.Closes); !ok {
		return o, fault.New(fault.Invalid, "window.instant", "field", "closes")
	}
	if utf8.RuneCountInString(o.Number) > 50 {
		return o, fault.New(fault.Invalid, "window.number")
	}
	if utf8.RuneCountInString(o.Reason) > 300 {
		return o, fault.New(fault.Invalid, "window.reason_long")
	}
	return o, nil
}

// createEntryExecution opens what the principal ordered.
func (p *Portal) createEntryExecution(r *request) error {
	return p.endOrder(r, "opened", (*db.Tx).CarryOutOrder)
}

// destroyEntryOrder takes back what nobody has carried out.
func (p *Portal) destroyEntryOrder(r *request) error {
	return p.endOrder(r, "withdrawn", (*db.Tx).WithdrawOrder)
}

func (p *Portal) endOrder(r *request, done string, act func(*db.Tx, context.Context, school.Year, int64) error) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("order")
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return act(tx, r.ctx(), year, id) })
	if f := formFault(err); f != nil {
		return p.answerEntryWindows(r, views.EntryWindows{Error: f})
	}
	if err != nil {
		return err
	}
	return r.see(views.EntryWindowsURL(year) + "?done=" + done)
}

// showEntryOrderPDF is the order as one page for the school's files.
func (p *Portal) showEntryOrderPDF(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("order")
	if err != nil {
		return err
	}
	if p.press.printer == nil {
		return fault.New(fault.Unavailable, "paper.no_browser")
	}
	var o db.EntryOrder
	var place school.Unit
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if o, err = tx.EntryOrder(r.ctx(), year, id); err != nil {
			return err
		}
		path, err := tx.UnitPath(r.ctx(), r.actor.SchoolID)
		if len(path) > 0 {
			place = path[len(path)-1]
		}
		return err
	})
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := form.EntryOrderDocument(orderRow(o).Printed(place, p.demo)).Render(r.ctx(), &html); err != nil {
		return err
	}
	pdf, err := p.press.printer.PDF(r.ctx(), html.Bytes(), o.At)
	if err != nil {
		return err
	}
	return r.pdf(pdf, "lenh-mo-nhap-"+strconv.FormatInt(id, 10)+".pdf", false)
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
