package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/views"
)

// showMeasures is the form with the numbers of the whole class.
func (p *Portal) showMeasures(r *request) error {
	q, err := r.review()
	if err != nil {
		return err
	}
	return p.renderMeasures(r, q, http.StatusOK, nil)
}

// renderMeasures answers with the page, or for htmx with the form alone.
func (p *Portal) renderMeasures(r *request, q reviewRequest, code int, results []db.ReviewResult) error {
	c, err := p.readClassReview(r, &q)
	if err != nil {
		return err
	}
	refused := map[int64]db.ReviewResult{}
	page := views.ReviewMeasures{Year: q.year, ClassID: q.classID, Class: c.Class.Name, Saved: savedReviews(results)}
	for _, res := range results {
		if res.Refused() {
			refused[res.Enrolment] = res
		}
	}
	for _, row := range c.Rows {
		m := views.ReviewMeasureRow{Enrolment: row.EnrolmentID, Name: row.FullName, Review: row.Review, Closed: c.Closed(row, r.now)}
		if res, ok := refused[row.EnrolmentID]; ok {
			m.Form = measureForm(r, res)
		}
		page.Rows = append(page.Rows, m)
	}
	if n, err := strconv.Atoi(r.QueryParam("saved")); err == nil {
		page.Done = views.ReviewRowsSaved(n, views.HourMinute(r.now))
	}
	r.viewed("review", q.classID)
	if r.hx() {
		return r.page(code, views.ReviewMeasuresPart(page))
	}
	if page.Frame, err = p.frame(r, q.year); err != nil {
		return err
	}
	return r.page(code, views.ReviewMeasuresPage(page))
}

// updateMeasures saves pupil by pupil: whoever is refused keeps what was
// typed, and is named; the others are saved.
func (p *Portal) updateMeasures(r *request) error {
	q, err := r.review()
	if err != nil {
		return err
	}
	changes, err := r.measureChanges()
	if err != nil {
		return err
	}
	var results []db.ReviewResult
	if len(changes) > 0 {
		if results, err = p.saveReviews(r, q, changes); err != nil {
			return err
		}
	}
	if code := reviewStatus(results); code != http.StatusOK {
		return p.renderMeasures(r, q, code, results)
	}
	return r.see(views.ReviewMeasuresURL(q.year, q.classID) + "?saved=" + strconv.Itoa(savedReviews(results)))
}

// measureChanges reads the pupils whose numbers differ from what they stood on.
func (r *request) measureChanges() ([]db.ReviewChange, error) {
	if err := r.Request().ParseForm(); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	form := r.Request().PostForm
	at := map[int64]int{}
	var out []db.ReviewChange
	for name := range form {
		if strings.HasPrefix(name, "old.") {
			continue
		}
		pupil, field, ok := strings.Cut(name, ".")
		enrolment, err := strconv.ParseInt(pupil, 10, 64)
		if !ok || err != nil || !measured(evaluation.ReviewField(field)) || form.Get(name) == form.Get("old."+name) {
			continue
		}
		i, known := at[enrolment]
		if !known {
			i = len(out)
			at[enrolment] = i
			out = append(out, db.ReviewChange{Enrolment: enrolment, Old: map[evaluation.ReviewField]string{}, New: map[evaluation.ReviewField]string{}})
		}
		out[i].Old[evaluation.ReviewField(field)], out[i].New[evaluation.ReviewField(field)] = form.Get("old."+name), form.Get(name)
	}
	return out, nil
}

func measured(f evaluation.ReviewField) bool {
	for _, m := range views.MeasureFields {
		if m == f {
			return true
		}
	}
	return false
}

// measureForm keeps what was typed about one pupil.
func measureForm(r *request, res db.ReviewResult) views.ReviewForm {
	form := views.NewReviewForm(res.Row)
	sent := r.Request().PostForm
	for _, f := range views.MeasureFields {
		name := views.MeasureName(res.Enrolment, f)
		if sent.Has(name) {
			form.Typed[string(f)], form.Typed["old."+string(f)] = sent.Get(name), sent.Get("old."+name)
		}
	}
	for f, why := range res.Fields {
		form.Refuse(string(f), why, views.ReviewText(f, res.Theirs[f]), res.By, views.Moment(res.At, r.now))
	}
	return form
}
