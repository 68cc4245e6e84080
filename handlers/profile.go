package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// Pupils' files: the homeroom teacher keeps those of the own class, the office
// reads them, a second person confirms who a child is, the family signs a
// printed sheet.
var profileRoutes = []route{
	{get, "/:year/classes/:class/profiles", workflow.PermProfile, (*Portal).showProfiles},
	{post, "/:year/classes/:class/profiles/sheets", workflow.PermKeepProfile, (*Portal).createSheetTicks},
	{get, "/:year/classes/:class/profiles/sheets.pdf", workflow.PermProfile, (*Portal).showProfileSheets},
	{get, "/:year/classes/:class/profiles/:pupil", workflow.PermProfile, (*Portal).showProfile},
	{put, "/:year/classes/:class/profiles/:pupil", workflow.PermKeepProfile, (*Portal).updateProfile},
	{post, "/:year/classes/:class/profiles/:pupil/sheet", workflow.PermKeepProfile, (*Portal).createSheetTick},
	{get, "/:year/classes/:class/profiles/:pupil/sheet.pdf", workflow.PermProfile, (*Portal).showProfileSheet},
	{get, "/:year/profile-changes", workflow.PermProfileConfirm, (*Portal).showProfileChanges},
	{post, "/:year/profile-changes/confirmations", workflow.PermProfileConfirm, (*Portal).createConfirmations},
	{get, "/:year/profile-changes/:change", workflow.PermProfileConfirm, (*Portal).showProfileChange},
	{post, "/:year/profile-changes/:change/decision", workflow.PermProfileConfirm, (*Portal).createProfileDecision},
	{del, "/:year/profile-changes/:change", workflow.PermKeepProfile, (*Portal).destroyProfileChange},
	{get, "/:year/pupils/:pupil/years", workflow.PermProfile, (*Portal).showPupilYears},
}

// profileKey reads year, class and pupil of the address.
func (r *request) profileKey() (year school.Year, at db.ProfileKey, err error) {
	if year, err = r.year(); err != nil {
		return year, at, err
	}
	if at.ClassID, err = r.id("class"); err != nil {
		return year, at, err
	}
	at.PupilID, err = r.id("pupil")
	return year, at, err
}

func profileRow(p db.ProfileRow) views.ProfileRow {
	row := views.ProfileRow{PupilID: p.ID, Name: p.FullName, Code: p.Code, Birth: p.BirthDate, Gaps: p.File().Gaps(), Waiting: p.Waiting,
		CheckedBy: p.CheckedBy, SheetOn: p.SheetOn}
	if p.CheckedAt != nil {
		row.CheckedAt = *p.CheckedAt
	}
	return row
}

func (p *Portal) showProfiles(r *request) error {
	return p.answerProfiles(r, views.Profiles{Done: r.QueryParam("sheets")})
}

// answerProfiles shows the round of a class; sheets that were not ticked off
// come back with what was chosen.
func (p *Portal) answerProfiles(r *request, page views.Profiles) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("class")
	if err != nil {
		return err
	}
	page.Year, page.ClassID, page.Today = year, id, school.DateOf(r.now)
	if _, err := strconv.Atoi(page.Done); err != nil {
		page.Done = ""
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err := tx.ClassProfiles(r.ctx(), year, id)
		page.Class, page.Rows, page.Keeps = c.Class.Name, nil, err == nil && tx.KeepsProfiles(c.Class)
		for _, row := range c.Rows {
			page.Rows = append(page.Rows, profileRow(row))
		}
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("profiles", id)
	code := http.StatusOK
	if page.Error != "" {
		code = http.StatusUnprocessableEntity
	}
	return r.page(code, views.ProfilesPage(page))
}

// createSheetTicks ticks the sheets of several pupils off that came back signed.
func (p *Portal) createSheetTicks(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	class, err := r.id("class")
	if err != nil {
		return err
	}
	form, err := r.FormParams()
	if err != nil {
		return err
	}
	page := views.Profiles{On: form.Get("on"), Chosen: map[int64]bool{}}
	var pupils []int64
	for _, text := range form["pupil"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && !page.Chosen[id] {
			pupils, page.Chosen[id] = append(pupils, id), true
		}
	}
	on, _ := school.ReadDate(page.On)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		if len(pupils) == 0 {
			return fault.New(fault.Invalid, "profile.none_chosen")
		}
		for _, id := range pupils {
			if err := tx.TickProfile(r.ctx(), year, db.ProfileKey{ClassID: class, PupilID: id}, db.CheckSheet, db.Tick{Done: true, On: on}); err != nil {
				return err
			}
		}
		return nil
	})
	if f := formFault(err); f != nil {
		page.Error = views.Sentence(f)
		return p.answerProfiles(r, page)
	}
	if err != nil {
		return err
	}
	return r.see(views.ProfilesURL(year, class) + "?sheets=" + strconv.Itoa(len(pupils)))
}

// createSheetTick ticks one pupil's sheet off, or takes the tick back.
func (p *Portal) createSheetTick(r *request) error {
	year, at, err := r.profileKey()
	if err != nil {
		return err
	}
	tick := db.Tick{Done: r.FormValue("undo") == "", On: school.DateOf(r.now)}
	if tick.Done {
		tick.On, _ = school.ReadDate(r.FormValue("on"))
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		return tx.TickProfile(r.ctx(), year, at, db.CheckSheet, tick)
	})
	if f := formFault(err); f != nil {
		return p.answerProfile(r, profileAnswer{sheet: f, on: r.FormValue("on")})
	}
	if err != nil {
		return err
	}
	return r.see(views.ProfileURL(year, at.ClassID, at.PupilID))
}
