package handlers

import (
	"bytes"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/workflow"
	"hocba/views"
	form "hocba/views/paper"
	"hocba/views/words"
)

// commendationFileRoutes are the lists to take away: of a class for its
// homeroom teacher, of the school for its leaders.
var commendationFileRoutes = []route{
	{get, "/:year/classes/:class/commendations/list.xlsx", workflow.PermReadRecord, (*Portal).showCommendationFile},
	{get, "/:year/classes/:class/commendations/list.pdf", workflow.PermReadRecord, (*Portal).showCommendationPaper},
	{get, "/:year/commendations/list.xlsx", workflow.PermSchoolDashboard, (*Portal).showCommendationFile},
	{get, "/:year/commendations/list.pdf", workflow.PermSchoolDashboard, (*Portal).showCommendationPaper},
}

// commendationList reads the list that an address names, and notes that it
// leaves the portal.
func (p *Portal) commendationList(r *request, what string) (list views.CommendationList, err error) {
	year, err := r.year()
	if err != nil {
		return list, err
	}
	class := r.classOnly()
	if r.Param("class") != "" {
		if class, err = r.id("class"); err != nil {
			return list, err
		}
	}
	list.Year = year
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		var rows []db.Commendation
		if r.Param("class") != "" {
			c, err := tx.ClassCommendations(r.ctx(), year, class)
			if err != nil {
				return err
			}
			list.Class, list.Homeroom = c.Class.Name, c.Class.HomeroomName
			for _, row := range c.Rows {
				rows = append(rows, row.List...)
			}
		} else if rows, err = tx.Commendations(r.ctx(), year, class); err != nil {
			return err
		}
		list.Rows = nil // the transaction may be tried again
		for _, x := range rows {
			list.Rows = append(list.Rows, commendationRow(evaluation.ForYear(year), x))
		}
		path, err := tx.UnitPath(r.ctx(), r.actor.SchoolID)
		if err != nil {
			return err
		}
		if len(path) > 0 {
			list.School, list.Commune = path[len(path)-1].Name, path[len(path)-1].Commune
		}
		return tx.NoteExport(r.ctx(), what, class, "")
	})
	if err == nil {
		r.viewed(what, class)
	}
	return list, err
}

func (p *Portal) showCommendationFile(r *request) error {
	list, err := p.commendationList(r, "commendations_exported")
	if err != nil {
		return err
	}
	return r.sheet("khen-thuong-"+string(list.Year)+".xlsx", list.File())
}

func (p *Portal) showCommendationPaper(r *request) error {
	list, err := p.commendationList(r, "commendations_printed")
	if err != nil {
		return err
	}
	doc := form.ClassTables{Title: views.CommendationName + " – " + string(list.Year), Demo: p.demo, Tables: []form.ClassTable{list.Paper()},
		Foot: words.ImportLine("footer", "who", r.account.FullName, "unit", r.post.UnitName, "when", views.Clock(r.now))}
	var html bytes.Buffer
	if err := form.ClassDocument(doc).Render(r.ctx(), &html); err != nil {
		return err
	}
	pdf, err := p.press.sheets(r.ctx(), html.Bytes(), r.now)
	if err != nil {
		return err
	}
	return r.pdf(pdf, "khen-thuong-"+string(list.Year)+".pdf", false)
}
