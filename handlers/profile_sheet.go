package handlers

import (
	"bytes"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views"
	form "hocba/views/paper"
)

// showProfileSheets prints the files of a class, one page a pupil.
func (p *Portal) showProfileSheets(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	class, err := r.id("class")
	if err != nil {
		return err
	}
	r.viewed("profile_sheets", class)
	return p.printProfiles(r, year, db.ProfileKey{ClassID: class}, "phieu-thong-tin-lop-"+strconv.FormatInt(class, 10)+".pdf")
}

// showProfileSheet prints one pupil's file for the family.
func (p *Portal) showProfileSheet(r *request) error {
	year, at, err := r.profileKey()
	if err != nil {
		return err
	}
	r.viewed("profile_sheet", at.PupilID)
	return p.printProfiles(r, year, at, "phieu-thong-tin-"+strconv.FormatInt(at.PupilID, 10)+".pdf")
}

// printProfiles prints one pupil's sheet, or all of a class without a pupil's number.
func (p *Portal) printProfiles(r *request, year school.Year, at db.ProfileKey, name string) error {
	if p.press.printer == nil {
		return fault.New(fault.Unavailable, "paper.no_browser")
	}
	sheets, err := p.profileSheets(r, year, at)
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := form.ProfileSheetsDocument(sheets).Render(r.ctx(), &html); err != nil {
		return err
	}
	pdf, err := p.press.printer.PDF(r.ctx(), html.Bytes(), r.now)
	if err != nil {
		return err
	}
	return r.pdf(pdf, name, false)
}

func (p *Portal) profileSheets(r *request, year school.Year, at db.ProfileKey) (out form.ProfileSheets, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err := tx.ClassProfiles(r.ctx(), year, at.ClassID)
		if err != nil {
			return err
		}
		path, err := tx.UnitPath(r.ctx(), r.actor.SchoolID)
		if err != nil || len(path) == 0 {
			return err
		}
		out = views.ProfileSheetsHead(path[len(path)-1], year, c.Class.Name, r.now)
		out.Homeroom, out.Demo, out.By = c.Class.HomeroomName, p.demo, "In "+views.Clock(r.now)+" · "+r.account.FullName
		for _, row := range c.Rows {
			if at.PupilID != 0 && at.PupilID != row.ID {
				continue
			}
			history, err := tx.ProfileHistory(r.ctx(), row.ID)
			if err != nil {
				return err
			}
			var waiting []views.ProfileChange
			for _, h := range history {
				if h.Waiting() {
					waiting = append(waiting, changeView(h, 0))
				}
			}
			out.Sheets = append(out.Sheets, views.ProfileSheet(row.FullName, row.File(), waiting))
		}
		switch {
		case len(out.Sheets) > 0:
		case at.PupilID != 0:
			return fault.New(fault.NotFound, "pupil.unknown")
		default:
			return fault.New(fault.Conflict, "profile.empty_class")
		}
		return nil
	})
	return out, err
}
