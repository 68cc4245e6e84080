package handlers

import (
	"strings"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/internal/workflow"
	"hocba/views"
)

// Tables to take away. Each leaves a line in the audit trail and in the log of
// readings, and says at its foot who took it and when.
var gradebookExportRoutes = []route{
	{get, "/:year/classes/:class/gradebook/:period/table.xlsx", workflow.PermReadRecord, (*Portal).showGradebookFile},
	{get, "/:year/classes/:class/traits/:period/table.xlsx", workflow.PermReadRecord, (*Portal).showTraitsFile},
	{get, "/:year/export/pupils.xlsx", workflow.PermSchoolAdmin, (*Portal).showPupilsFile},
	{get, "/:year/export/accounts.xlsx", workflow.PermSchoolAdmin, (*Portal).showAccountsFile},
	{get, "/:year/export/assignments.xlsx", workflow.PermSchoolAdmin, (*Portal).showAssignmentsFile},
}

// How taking a table away is called in the audit trail.
const (
	gradebookExported   = "gradebook_exported"
	pupilsExported      = "pupils_exported"
	accountsExported    = "accounts_exported"
	assignmentsExported = "assignments_exported"
)

func (p *Portal) showGradebookFile(r *request) error {
	q, err := r.table(false)
	if err == nil && q.subject == "" {
		err = fault.New(fault.NotFound, "page.unknown")
	}
	if err != nil {
		return err
	}
	return p.answerGradebookFile(r, q, "ket-qua-"+strings.ToLower(strings.ReplaceAll(string(q.subject), "_", "-")))
}

func (p *Portal) showTraitsFile(r *request) error {
	q, err := r.table(true)
	if err != nil {
		return err
	}
	return p.answerGradebookFile(r, q, "pham-chat-nang-luc")
}

func (p *Portal) answerGradebookFile(r *request, q tableRequest, name string) error {
	g, err := p.readGradebook(r, &q)
	if err != nil {
		return err
	}
	out := views.GradeExport{School: r.post.UnitName, Class: g.Class.Name, Year: q.Year, Period: q.Period, Subject: q.subject, Rules: q.rules}
	for _, row := range g.Rows {
		out.Rows = append(out.Rows, views.GradeExportRow{Code: row.Code, Name: row.FullName, Birth: row.BirthDate, Grade: row.Grade, Entries: row.Entries})
	}
	if err := p.taken(r, gradebookExported, q.ClassPeriod); err != nil {
		return err
	}
	return r.sheet(name+"-"+g.Class.Name+"-"+string(q.Period)+".xlsx", out.Sheet())
}

// takenWhole notes that a table of the whole school leaves the portal.
func (p *Portal) takenWhole(r *request, tx *db.Tx, what string) error {
	r.viewed(what, r.actor.SchoolID)
	return tx.NoteSchoolExport(r.ctx(), what)
}

func (p *Portal) showPupilsFile(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	var pupils []spreadsheet.Pupil
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		books, err := tx.ImportBooks(r.ctx(), year)
		if err != nil {
			return err
		}
		pupils = nil
		for _, k := range books.Known {
			if k.ClassName != "" {
				pupils = append(pupils, k.Pupil)
			}
		}
		return p.takenWhole(r, tx, pupilsExported)
	})
	if err != nil {
		return err
	}
	return r.sheet("hoc-sinh-"+string(year)+".xlsx", views.PupilSheet(r.post.UnitName, year, pupils))
}

func (p *Portal) showAccountsFile(r *request) error {
	var rows []views.StaffRow
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		staff, err := tx.Staff(r.ctx(), school.DateOf(r.now))
		if err != nil {
			return err
		}
		rows = nil
		for _, s := range staff {
			rows = append(rows, views.StaffRow{Name: s.FullName, Username: s.Username, TeacherCode: s.TeacherCode,
				Roles: strings.Split(s.Roles, ","), Closed: !s.Active})
		}
		return p.takenWhole(r, tx, accountsExported)
	})
	if err != nil {
		return err
	}
	return r.sheet("tai-khoan.xlsx", views.AccountSheet(r.post.UnitName, rows))
}

func (p *Portal) showAssignmentsFile(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	var list []views.AssignmentExport
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		all, err := tx.YearAssignments(r.ctx(), year)
		if err != nil {
			return err
		}
		list = nil
		for _, a := range all {
			list = append(list, views.AssignmentExport{Class: a.ClassName, Subject: a.Subject, Teacher: a.TeacherName, Code: a.TeacherCode, From: a.From,
				To: a.To, Decision: a.Decision})
		}
		return p.takenWhole(r, tx, assignmentsExported)
	})
	if err != nil {
		return err
	}
	return r.sheet("phan-cong-"+string(year)+".xlsx", views.AssignmentSheet(r.post.UnitName, year, list))
}
