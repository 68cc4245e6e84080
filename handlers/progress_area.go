package handlers

import (
	"cmp"
	"slices"

	"hocba/db"
	"hocba/internal/school"
	"hocba/views"
)

// schoolsProgress is an area with its schools: what each school counts itself
// on the left, what the registry counts on the right. A school on other
// software has only the right half.
func (p *Portal) schoolsProgress(r *request, year school.Year, unit school.Unit, base string) (views.Progress, error) {
	page, err := p.progressFrame(r, year, unit)
	if err != nil {
		return page, err
	}
	page.Of, page.UnitID = views.OfSchools, unit.ID
	var a area
	if err := p.loadArea(r, year, unit, &a); err != nil {
		return page, err
	}
	page.Deadline = a.deadline
	for _, s := range a.schools {
		addSchool(&page, a, s, r)
	}
	byName := r.QueryParam("sort") == views.SortByName
	if !byName {
		slices.SortStableFunc(page.Rows, slowerFirst(a.deadline.Track))
	}
	page.Sort = views.ProgressSorts(base, r.QueryParam("sort"))
	finishProgress(&page, r.now)
	if exporting := r.Path() == "/:year/area/export.xlsx" || r.Path() == "/:year/area/:unit/export.xlsx"; !exporting {
		pageOf(r, &page, base)
		if r.QueryParam("risks") != "all" && len(page.Risks) > progressRisks {
			page.Risks, page.RiskURL = page.Risks[:progressRisks], base+"?risks=all"
		}
	}
	return page, nil
}

// area is what is known of the schools below a unit.
type area struct {
	schools  []db.ScopeSchool
	left     map[int64]db.SchoolCounts
	before   map[int64]int
	right    map[string]db.RegistryClass
	deadline school.Deadline
}

func (p *Portal) loadArea(r *request, year school.Year, unit school.Unit, a *area) error {
	today := school.DateOf(r.now)
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		var err error
		if a.schools, err = tx.ScopeSchools(r.ctx(), unit.ID, today); err != nil {
			return err
		}
		counts, err := tx.AreaProgress(r.ctx(), year, unit.ID)
		if err != nil {
			return err
		}
		a.left = make(map[int64]db.SchoolCounts, len(counts))
		for _, c := range counts {
			a.left[c.SchoolID] = c
		}
		a.before, err = tx.AcceptedBefore(r.ctx(), year, unit.ID, school.WorkingDaysBefore(today, school.PaceDays))
		if err != nil {
			return err
		}
		a.deadline, err = tx.Deadline(r.ctx(), unit.ID, school.SchoolSubmit, year, school.CurrentTrack(year, r.now))
		return err
	})
	if err != nil {
		return err
	}
	return p.db.Registry(r.ctx(), r.actor, func(tx *db.Tx) error {
		var err error
		a.right, err = tx.RegistryProgress(r.ctx(), year)
		return err
	})
}

func addSchool(page *views.Progress, a area, s db.ScopeSchool, r *request) {
	left, hasLeft := a.left[s.ID]
	right, hasRight := a.right[s.Code]
	row := views.ProgressRow{Name: views.ShortSchool(s.Name), Place: s.Commune, URL: views.AreaUnitURL(school.Year(r.Param("year")), s.ID),
		Counts: left.Counts, Left: hasLeft, Right: hasLeft || hasRight,
		Paper: views.PaperCounts{Classes: left.PaperClasses, Pupils: left.PaperPupils}}
	if s.ParentID != nil && *s.ParentID != page.UnitID {
		row.PlaceURL = views.AreaUnitURL(school.Year(r.Param("year")), *s.ParentID)
	}
	row.Counts.Accepted, row.Counts.Locked = right.Accepted, right.Locked
	switch {
	case hasLeft:
		due, done := left.Due(a.deadline.Track)
		outlook, day := school.OutlookOf(a.deadline, r.now, due-done, left.Accepted-a.before[s.ID])
		addRisk(page, row, outlook, day)
	case hasRight:
		page.Foreign = append(page.Foreign, row.Name)
	default:
		page.Idle = append(page.Idle, row.Name)
	}
	page.Rows = append(page.Rows, row)
	addTotals(page, row)
}

// slowerFirst orders schools by the share that is accepted, then by the share
// that is signed; those of whom nothing is known come last.
func slowerFirst(t school.Track) func(a, b views.ProgressRow) int {
	share := func(part, whole int) float64 {
		if whole <= 0 {
			return 1
		}
		return float64(part) / float64(whole)
	}
	return func(a, b views.ProgressRow) int {
		if a.Left != b.Left {
			if a.Left {
				return -1
			}
			return 1
		}
		dueA, doneA := a.Counts.Due(t)
		dueB, doneB := b.Counts.Due(t)
		return cmp.Or(cmp.Compare(share(doneA, dueA), share(doneB, dueB)),
			cmp.Compare(share(a.Counts.Signed, dueA), share(b.Counts.Signed, dueB)))
	}
}
