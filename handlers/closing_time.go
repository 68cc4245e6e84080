package handlers

import (
	"net/http"
	"regexp"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// The Sở's hand of the chốt: the time for it, and the lock of what is left.
var closingTimeRoutes = []route{
	{get, "/:year/closing-time", workflow.PermAuthority, (*Portal).showClosingTime},
	{post, "/:year/closing-time", workflow.PermAuthority, (*Portal).createClosingTime},
	{post, "/:year/closing-time/lock", workflow.PermAuthority, (*Portal).createLock},
}

// showClosingTime shows the times of both tracks, who is not ready, and what
// was locked.
func (p *Portal) showClosingTime(r *request) error {
	return p.closingTimePage(r, http.StatusOK, views.ClosingTime{})
}

func (p *Portal) closingTimePage(r *request, status int, page views.ClosingTime) error {
	var err error
	if page.Year, err = r.year(); err != nil {
		return err
	}
	page.Now = r.now
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	windows, err := p.closingWindows(r, page.Year)
	if err != nil {
		return err
	}
	names, err := p.schoolNames(r)
	if err != nil {
		return err
	}
	desk := db.NewRegistrar(p.db, nil) // reading needs no receipt key
	for _, track := range []school.Track{school.TrackJune, school.TrackAugust} {
		t := views.ClosingTrack{Track: track, ClosingWindow: windows[track],
			Deadline: school.RegulationDeadline(school.SchoolSubmit, page.Year, track)}
		left, err := desk.NotReady(r.ctx(), page.Year, track)
		if err != nil {
			return err
		}
		t.NotReady = lockedClasses(left, names)
		page.Tracks = append(page.Tracks, t)
	}
	acts, err := desk.LockActs(r.ctx(), page.Year)
	if err != nil {
		return err
	}
	for _, a := range acts {
		page.Acts = append(page.Acts, views.LockAct{Track: a.Track, ByDate: a.ByDate, At: a.At, Classes: lockedClasses(a.Classes, names)})
	}
	changes, err := desk.ClosingTimes(r.ctx(), page.Year)
	if err != nil {
		return err
	}
	for _, c := range changes {
		page.Changes = append(page.Changes, views.ClosingChange{Track: c.Track, Opens: c.Opens, Ends: c.Ends, DecisionNo: c.DecisionNo,
			DecisionDate: c.DecisionDate, At: c.At})
	}
	return r.page(status, views.ClosingTimePage(page))
}

// schoolNames names the schools of the area by code.
func (p *Portal) schoolNames(r *request) (map[string]string, error) {
	names := map[string]string{}
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		schools, err := tx.ScopeSchools(r.ctx(), r.actor.UnitID, school.DateOf(r.now))
		for _, s := range schools {
			names[s.Code] = s.Name
		}
		return err
	})
	return names, err
}

func lockedClasses(list []db.LockedClass, names map[string]string) []views.LockedClass {
	var out []views.LockedClass
	for _, c := range list {
		name := names[c.School]
		if name == "" {
			name = c.School
		}
		out = append(out, views.LockedClass{School: name, Class: c.Name, Locked: c.Locked, Refused: c.Refused})
	}
	return out
}

// createClosingTime opens, moves or ends the time for chốt of a track.
func (p *Portal) createClosingTime(r *request) error {
	form, change, err := readClosingTime(r)
	if err == nil {
		err = db.NewRegistrar(p.db, nil).SetClosingTime(r.ctx(), r.actor, change)
	}
	return p.closingTimeDone(r, form, err)
}

// closingTimeDone shows the page again with the reason, or leads back to it.
func (p *Portal) closingTimeDone(r *request, form views.ClosingTimeForm, err error) error {
	f := fault.As(err)
	if f != nil && f.Kind != fault.NotFound && f.Kind != fault.Internal {
		form.Refusal = f
		return p.closingTimePage(r, status(err), views.ClosingTime{Form: form})
	}
	if err != nil {
		return err
	}
	return r.see(views.ClosingTimeURL(school.Year(r.Param("year"))))
}

// readClosingTime reads the form; what cannot be read is Invalid
// closing_time.time or closing_time.number.
func readClosingTime(r *request) (form views.ClosingTimeForm, c db.ClosingTimeChange, err error) {
	form = views.ClosingTimeForm{Track: r.FormValue("track"), OpensDay: r.FormValue("opens_day"), OpensTime: r.FormValue("opens_time"),
		EndsDay: r.FormValue("ends_day"), EndsTime: r.FormValue("ends_time"), DecisionNo: school.CleanLine(r.FormValue("decision_no")),
		DecisionDay: r.FormValue("decision_day")}
	at, err := r.classTrackOnly()
	if err != nil {
		return form, c, err
	}
	c = db.ClosingTimeChange{Year: school.Year(r.Param("year")), Track: at, DecisionNo: form.DecisionNo}
	var ok1, ok2, ok3 bool
	c.Opens, ok1 = readMoment(form.OpensDay, form.OpensTime)
	c.Ends, ok2 = readMoment(form.EndsDay, form.EndsTime)
	c.DecisionDate, ok3 = school.ReadDate(form.DecisionDay)
	switch {
	case !ok1 || !ok2 || !ok3:
		return form, c, fault.New(fault.Invalid, "closing_time.time")
	case form.DecisionNo == "":
		return form, c, fault.New(fault.Invalid, "closing_time.number")
	}
	return form, c, nil
}

// classTrackOnly reads the track of a form.
func (r *request) classTrackOnly() (school.Track, error) {
	switch r.FormValue("track") {
	case "1":
		return school.TrackJune, nil
	case "2":
		return school.TrackAugust, nil
	}
	return 0, fault.New(fault.NotFound, "page.unknown")
}

var hourPattern = regexp.MustCompile(`^([01]?\d|2[0-4])[:hg.]([0-5]\d)$`)

// readMoment reads a day and an hour in Vietnam; "24:00" is the midnight in
// which the day ends.
func readMoment(day, hour string) (time.Time, bool) {
	d, ok := school.ReadDate(day)
	m := hourPattern.FindStringSubmatch(hour)
	if !ok || m == nil {
		return time.Time{}, false
	}
	h, errH := time.ParseDuration(m[1] + "h" + m[2] + "m")
	return d.Start().Add(h), errH == nil && h <= 24*time.Hour
}

// createLock locks now what is left of a track and ends its time.
func (p *Portal) createLock(r *request) error {
	track, err := r.classTrackOnly()
	if err != nil {
		return err
	}
	form := views.ClosingTimeForm{Track: r.FormValue("track"), Lock: true}
	if r.FormValue("sure") != "yes" {
		return p.closingTimeDone(r, form, fault.New(fault.Invalid, "closing_time.sure"))
	}
	registrar, err := p.courier.Registrar(r.ctx())
	if err == nil {
		_, err = registrar.LockLeft(r.ctx(), r.actor, school.Year(r.Param("year")), track)
	}
	return p.closingTimeDone(r, form, err)
}
