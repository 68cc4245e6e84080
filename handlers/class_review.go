package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// classReviewRoutes are the homeroom teacher's pages of a class: where it
// stands, one pupil, the numbers of all. Others read the record itself.
var classReviewRoutes = []route{
	{get, "/:year/classes/:class/review", workflow.PermClassReview, (*Portal).showClassReview},
	{post, "/:year/classes/:class/review/awards", workflow.PermClassReview, (*Portal).createAwards},
	{get, "/:year/classes/:class/review/measures", workflow.PermClassReview, (*Portal).showMeasures},
	{put, "/:year/classes/:class/review/measures", workflow.PermClassReview, (*Portal).updateMeasures},
	{get, "/:year/classes/:class/review/:enrolment", workflow.PermClassReview, (*Portal).showPupilReview},
	{put, "/:year/classes/:class/review/:enrolment", workflow.PermClassReview, (*Portal).updatePupilReview},
}

// reviewRequest is which review somebody asks for.
type reviewRequest struct {
	year    school.Year
	classID int64
	rules   *evaluation.RuleSet
}

func (r *request) review() (q reviewRequest, err error) {
	if q.year, err = r.year(); err != nil {
		return q, err
	}
	if q.classID, err = r.id("class"); err != nil {
		return q, err
	}
	if q.rules = evaluation.ForYear(q.year); q.rules == nil {
		return q, fault.New(fault.NotFound, "page.unknown")
	}
	return q, nil
}

func (p *Portal) readClassReview(r *request, q *reviewRequest) (c db.ClassReview, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		c, err = tx.ClassReview(r.ctx(), q.year, q.classID)
		return err
	})
	q.rules = c.Class.Rules()
	return c, err
}

// showClassReview shows the class at year end, what is missing on top.
func (p *Portal) showClassReview(r *request) error {
	q, err := r.review()
	if err != nil {
		return err
	}
	c, err := p.readClassReview(r, &q)
	if err != nil {
		return err
	}
	page := q.classPage(r, c)
	if page.Frame, err = p.frame(r, q.year); err != nil {
		return err
	}
	if n, err := strconv.Atoi(r.QueryParam("awarded")); err == nil {
		page.Done = views.ReviewAwardsGiven(n)
	}
	r.viewed("review", q.classID)
	return r.page(http.StatusOK, views.ClassReviewPage(page))
}

// createAwards gives Học sinh Xuất sắc to every pupil whose level says so and
// whose page has no title yet (TT 27/2020 Điều 13.1a).
func (p *Portal) createAwards(r *request) error {
	q, err := r.review()
	if err != nil {
		return err
	}
	given := 0
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		given, err = tx.AwardOutstanding(r.ctx(), q.year, q.classID)
		return err
	})
	if err != nil {
		return err
	}
	if r.FormValue("from") == views.FromCommendations {
		return r.see(views.CommendationsURL(q.year, q.classID) + "?awarded=" + strconv.Itoa(given))
	}
	return r.see(views.ReviewURL(q.year, q.classID) + "?awarded=" + strconv.Itoa(given))
}

func (p *Portal) saveReviews(r *request, q reviewRequest, changes []db.ReviewChange) (results []db.ReviewResult, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		results, err = tx.SaveReviews(r.ctx(), q.year, q.classID, changes)
		return err
	})
	return results, err
}

func savedReviews(results []db.ReviewResult) int {
	n := 0
	for _, res := range results {
		if res.Saved {
			n++
		}
	}
	return n
}

// reviewStatus is 200, or the status of the first refusal.
func reviewStatus(results []db.ReviewResult) int {
	for _, res := range results {
		if f := res.Fault(); f != nil {
			return status(f)
		}
	}
	return http.StatusOK
}
