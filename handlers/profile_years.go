package handlers

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/paper"
)

// showPupilYears is a pupil over the years for the teachers of the class and
// the school's office: read from what the school issued, and logged.
func (p *Portal) showPupilYears(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	id, err := r.id("pupil")
	if err != nil {
		return err
	}
	page := views.PupilYears{Year: year, PupilID: id}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		seat, err := tx.PupilOfMine(r.ctx(), year, id)
		if err != nil {
			return err
		}
		class, err := tx.Class(r.ctx(), year, seat.ClassID)
		if err != nil {
			return err
		}
		page.Name, page.Birth, page.Class = seat.FullName, seat.BirthDate, seat.ClassName
		if tx.KeepsProfiles(class) || workflow.Can(r.actor.Role, workflow.PermSchoolDashboard) {
			page.Profile = views.ProfileURL(year, seat.ClassID, id)
		}
		if workflow.Can(r.actor.Role, workflow.PermTransfer) {
			page.Transfer = views.TransferURL(year, id)
		}
		values, err := tx.PupilPeriods(r.ctx(), year, id)
		if err != nil {
			return err
		}
		page.Periods, page.Groups = yearPeriods(values)
		return fillIssuedYears(r, tx, &page)
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("pupil_years", id)
	return r.page(http.StatusOK, views.PupilYearsPage(page))
}

// yearsPart leads from the panel beside a table to the pupil's years.
func (p *Portal) yearsPart(_ *request, q tableRequest, pupil db.GradebookRow) (templ.Component, error) {
	return views.PupilYearsLink(views.PupilYearsURL(q.Year, pupil.PupilID)), nil
}

// fillIssuedYears reads of every year up to the page's the version that stands:
// who taught the pupil once learns nothing of later years. A year whose versions
// were all taken back is named.
func fillIssuedYears(r *request, tx *db.Tx, page *views.PupilYears) error {
	versions, err := tx.PupilVersions(r.ctx(), page.PupilID)
	if err != nil {
		return err
	}
	page.Issued, page.Withheld = nil, nil
	versions = slices.DeleteFunc(versions, func(v db.PupilVersion) bool { return v.Year > page.Year })
	stands := map[school.Year]bool{}
	for _, v := range versions {
		if stands[v.Year] || !v.Live() {
			continue
		}
		stands[v.Year] = true
		xml, err := tx.VersionBytes(r.ctx(), v.RecordID, v.Number)
		if err != nil {
			return err
		}
		seen := examined{record: verify.File(xml, verify.Options{})}
		if seen.model() == nil {
			page.Withheld = append(page.Withheld, "Năm học "+views.YearLabel(v.Year)+": bản đã phát hành không đọc được")
			continue
		}
		page.Issued = append(page.Issued, views.IssuedYear{Year: v.Year, RecordID: v.RecordID, Version: v.Number, Issued: views.Day(v.IssuedAt),
			Status: views.StageStatus(v.Stage), Paper: paper.YearOf(seen.model(), paper.Context{})})
	}
	for _, v := range versions {
		if !stands[v.Year] {
			stands[v.Year] = true
			page.Withheld = append(page.Withheld, "Năm học "+views.YearLabel(v.Year)+": không có bản đang dùng")
		}
	}
	return nil
}

// yearPeriods lays this year's values out by group of items and period.
func yearPeriods(values []db.PeriodValue) ([]school.Period, []views.YearGroup) {
	found := map[evaluation.Item]map[school.Period]views.YearValue{}
	summer := false
	for _, v := range values {
		if found[v.Item] == nil {
			found[v.Item] = map[school.Period]views.YearValue{}
		}
		found[v.Item][v.Period] = views.YearValue{Level: v.Level, Mark: v.Mark, Remark: v.Remark, Exempt: v.Exempt}
		summer = summer || v.Period == school.Summer
	}
	periods := slices.Clone(school.Periods)
	if summer {
		periods = append(periods, school.Summer)
	}
	var groups []views.YearGroup
	add := func(title string, items []evaluation.Item) {
		g := views.YearGroup{Title: title}
		for _, i := range items {
			if found[i] != nil {
				g.Rows = append(g.Rows, views.YearItem{Item: i, Values: found[i]})
			}
		}
		if len(g.Rows) > 0 {
			groups = append(groups, g)
		}
	}
	var subjects []evaluation.Item
	for _, s := range school.Subjects {
		subjects = append(subjects, evaluation.Item(s))
	}
	add(views.SubjectsTitle, subjects)
	for _, group := range evaluation.RemarkGroups {
		add(group.Name(), append(slices.Clone(group.Members()), group))
	}
	return periods, groups
}
