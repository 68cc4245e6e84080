package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/school"
	"hocba/views"
)

// readUnclosed loads who has no closed record; take notes that the list leaves
// the portal.
func (p *Portal) readUnclosed(r *request, take bool) (views.Unclosed, error) {
	year, err := r.year()
	page := views.Unclosed{Year: year, Place: r.post.UnitName}
	if err != nil {
		return page, err
	}
	for _, reason := range db.UnclosedReasons {
		page.Reasons = append(page.Reasons, string(reason))
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		list, err := tx.Unclosed(r.ctx(), year)
		if err != nil {
			return err
		}
		page.Pupils = nil
		for _, u := range list {
			page.Pupils = append(page.Pupils, views.UnclosedPupil{ClassID: u.ClassID, RecordID: u.RecordID, Class: u.ClassName, Name: u.Name, Code: u.Code,
				Grade: u.Grade, Track: u.Track, Reason: string(u.Reason), Who: u.Who})
		}
		if take {
			return tx.NoteUnclosedExport(r.ctx(), year)
		}
		page.Due, err = tx.Deadline(r.ctx(), r.actor.SchoolID, school.SchoolSubmit, year, school.TrackAugust)
		return err
	})
	return page, err
}

func (p *Portal) showUnclosed(r *request) error {
	page, err := p.readUnclosed(r, false)
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(r.QueryParam("track")); err == nil && (n == int(school.TrackJune) || n == int(school.TrackAugust)) {
		page.Track = school.Track(n)
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	r.viewed("unclosed", r.actor.SchoolID)
	return r.page(http.StatusOK, views.UnclosedPage(page))
}

// showUnclosedFile is the list as .xlsx.
func (p *Portal) showUnclosedFile(r *request) error {
	page, err := p.readUnclosed(r, true)
	if err != nil {
		return err
	}
	r.viewed("unclosed_exported", r.actor.SchoolID)
	return r.sheet("chua-co-hoc-ba-chot-"+string(page.Year)+".xlsx", page.File())
}
