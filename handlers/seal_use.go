package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views"
)

// sealUseRoutes are the seal book: the school's own, and for an authority that
// of a school below, named by ?school=.
var sealUseRoutes = []route{
	{get, "/:year/seal-uses", workflow.PermCertificate, (*Portal).showSealBook},
	{get, "/:year/seal-uses/book.xlsx", workflow.PermCertificate, (*Portal).showSealBookFile},
}

// mostSealUses bounds the book that is taken away.
const mostSealUses = 5000

// sealBook reads limit acts after skip.
func (p *Portal) sealBook(r *request, skip, limit int) (page views.SealBook, err error) {
	if page.Year, err = r.year(); err != nil {
		return page, err
	}
	if r.actor.SchoolID == 0 {
		if page.ID, err = strconv.ParseInt(r.QueryParam("school"), 10, 64); err != nil {
			return page, fault.New(fault.NotFound, "certificate.unknown")
		}
	}
	reader, err := p.db.BookOf(r.ctx(), r.actor, page.ID)
	if err != nil {
		return page, err
	}
	if page.ID != 0 {
		unit, err := p.db.Unit(r.ctx(), page.ID)
		if err != nil {
			return page, err
		}
		page.School = unit.Name
	}
	err = p.db.As(r.ctx(), reader, func(tx *db.Tx) error {
		rows, err := tx.SealUses(r.ctx(), page.Year, skip, limit)
		page.Uses = nil
		for _, u := range rows {
			page.Uses = append(page.Uses, views.SealUse{Act: u.Act, By: u.By, Role: u.Role, Certificate: u.Certificate, KeyKept: u.KeyKept, ClassName: u.ClassName,
				Records: u.Records, First: u.First, Last: u.Last, StatementID: u.StatementID})
		}
		return err
	})
	return page, err
}

// showSealBook is a page of the book.
func (p *Portal) showSealBook(r *request) error {
	n, _ := strconv.Atoi(r.QueryParam("page"))
	n = min(max(n, 0), 1000)
	page, err := p.sealBook(r, n*db.SealUsesPage, db.SealUsesPage+1)
	if err != nil {
		return err
	}
	r.viewed("seal_book", max(page.ID, r.actor.SchoolID))
	page.Page = n
	if page.More = len(page.Uses) > db.SealUsesPage; page.More {
		page.Uses = page.Uses[:db.SealUsesPage]
	}
	if page.Frame, err = p.frame(r, page.Year); err != nil {
		return err
	}
	return r.page(http.StatusOK, views.SealBookPage(page))
}

// showSealBookFile is the book of the year to take away.
func (p *Portal) showSealBookFile(r *request) error {
	page, err := p.sealBook(r, 0, mostSealUses)
	if err != nil {
		return err
	}
	id := max(page.ID, r.actor.SchoolID)
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.NoteUnitExport(r.ctx(), "seal_book_exported", id) })
	if err != nil {
		return err
	}
	r.viewed("seal_book_export", id)
	unit := page.School
	if unit == "" {
		unit = r.post.UnitName
	}
	title, headings, rows := views.SealBookSheet(page, unit)
	return r.sheet("so-con-dau-"+string(page.Year)+".xlsx", spreadsheet.Export{Sheet: "So con dau", Title: title, Headings: headings, Rows: rows})
}
