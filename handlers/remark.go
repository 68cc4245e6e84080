package handlers

import (
	"net/http"
	"slices"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
	"hocba/views/words"
)

// remarkRoutes are the bank of phrases, the phrases of a cell, the proposal for
// a class and what the checks found.
var remarkRoutes = []route{
	{get, "/:year/phrases", workflow.PermReadRecord, (*Portal).showPhrases},
	{post, "/:year/phrases", workflow.PermPhraseBank, (*Portal).createPhrase},
	{get, "/:year/phrases/:phrase", workflow.PermPhraseBank, (*Portal).showPhrase},
	{put, "/:year/phrases/:phrase", workflow.PermPhraseBank, (*Portal).updatePhrase},
	{del, "/:year/phrases/:phrase", workflow.PermPhraseBank, (*Portal).destroyPhrase},
	{get, "/:year/classes/:class/gradebook/:period/phrases", workflow.PermGradebook, (*Portal).showPicker},
	{get, "/:year/classes/:class/gradebook/:period/found", workflow.PermReadRecord, (*Portal).showFound},
	{get, "/:year/classes/:class/remarks/:period", workflow.PermGradebook, (*Portal).showRemarks},
	{post, "/:year/classes/:class/remarks/:period", workflow.PermGradebook, (*Portal).createRemarks},
	{get, "/:year/classes/:class/remark-checks/:period", workflow.PermReadRecord, (*Portal).showRemarkChecks},
}

// remarkRequest is the remarks of a class in a period, as somebody asks for them.
type remarkRequest struct {
	db.ClassPeriod
	rules *evaluation.RuleSet
}

func (r *request) remarks() (q remarkRequest, err error) {
	if q.ClassPeriod, err = r.classPeriod(); err != nil {
		return q, err
	}
	if q.rules = evaluation.ForYear(q.Year); q.rules == nil {
		return q, fault.New(fault.NotFound, "page.unknown")
	}
	return q, nil
}

func (p *Portal) readRemarks(r *request, at db.ClassPeriod) (c db.ClassRemarks, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		c, err = tx.ClassRemarks(r.ctx(), at)
		return err
	})
	return c, err
}

// written are the items whose remarks the person writes in the class today.
func written(c db.ClassRemarks) []evaluation.Item {
	var out []evaluation.Item
	for _, s := range c.Subjects {
		out = append(out, evaluation.Item(s))
	}
	if c.Homeroom {
		out = append(out, evaluation.RemarkGroups...)
	}
	return out
}

// printed reports whether the remarks of a period go to paper.
func printed(p school.Period) bool { return p == school.YearEnd || p == school.Summer }

// found puts what the checks found into words, for those who may read it: a
// subject teacher reads of the own subjects, the homeroom teacher and the
// school's leaders of all.
func (r *request) found(c db.ClassRemarks, at db.ClassPeriod, findings []remark.Finding) []views.RemarkFound {
	own := written(c)
	everything := c.Homeroom || r.actor.Role != workflow.Teacher
	rows := map[int64]db.GradebookRow{}
	for _, row := range c.Rows {
		rows[row.EnrolmentID] = row
	}
	var out []views.RemarkFound
	for _, f := range findings {
		mine := slices.Contains(own, f.Item)
		if !mine && !everything {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Enrolment == f.Pupil && out[n-1].Item == f.Item {
			out[n-1].Add(f.Code, f.Args)
			continue
		}
		row := rows[f.Pupil]
		one := views.RemarkFound{Enrolment: f.Pupil, Name: row.FullName, Item: f.Item, Text: row.Entries[f.Item].Remark}
		if mine || r.actor.Role != workflow.Teacher {
			one.URL = views.RemarkCellURL(at.Year, at.ClassID, at.Period, f.Item, f.Pupil)
		}
		if s, ok := f.Item.Subject(); ok && !mine {
			one.Teacher = c.Teachers[s]
		}
		one.Add(f.Code, f.Args)
		out = append(out, one)
	}
	return out
}

// foundBeforeSigning puts into the signing page what the checks find in the
// remarks that the signature would cover. It keeps nobody from signing.
func (p *Portal) foundBeforeSigning(r *request, c db.ClassSigning, page *views.Signing) error {
	at := db.ClassPeriod{Year: c.Class.Year, ClassID: c.Class.ID, Period: school.YearEnd}
	page.FoundURL = views.RemarkChecksURL(at.Year, at.ClassID, at.Period)
	remarks, err := p.readRemarks(r, at)
	if err != nil {
		return err
	}
	page.Found = r.found(remarks, at, remarks.Check(true, nil))
	if _, used := remarks.Windows[school.Summer]; !used {
		return nil
	}
	at.Period = school.Summer // its values take the place of the year-end's
	if remarks, err = p.readRemarks(r, at); err != nil {
		return err
	}
	page.Found = append(page.Found, r.found(remarks, at, remarks.Check(true, nil))...)
	return nil
}

// toldOf are the sentences of findings about one cell.
func toldOf(findings []remark.Finding, enrolment int64, it evaluation.Item) []string {
	var out []string
	for _, f := range findings {
		if f.Pupil == enrolment && f.Item == it {
			out = append(out, words.Message(f.Code, f.Args))
		}
	}
	return out
}

// showRemarkChecks lists what the checks found in the class's remarks, one
// click from each cell.
func (p *Portal) showRemarkChecks(r *request) error {
	q, err := r.remarks()
	if err != nil {
		return err
	}
	c, err := p.readRemarks(r, q.ClassPeriod)
	if err != nil {
		return err
	}
	page := views.RemarkChecks{Year: q.Year, ClassID: q.ClassID, Class: c.Class.Name, Period: q.Period, Code: r.QueryParam("code")}
	if page.Frame, err = p.frame(r, q.Year); err != nil {
		return err
	}
	page.Periods = remarkPeriods(c, q.Period)
	page.Found = r.found(c, q.ClassPeriod, c.Check(printed(q.Period), nil))
	r.viewed("remarks", q.ClassID)
	return r.page(http.StatusOK, views.RemarkChecksPage(page))
}

// remarkPeriods are the tabs: the regular periods, the summer's where it is used.
func remarkPeriods(c db.ClassRemarks, shown school.Period) []school.Period {
	out := slices.Clone(school.Periods)
	if _, set := c.Windows[school.Summer]; set || shown == school.Summer {
		out = append(out, school.Summer)
	}
	return out
}
