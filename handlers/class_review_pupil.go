package handlers

import (
	"net/http"
	"strconv"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/views"
)

// asFault is the fault inside an error; nil for none.
func asFault(err error) *fault.Error {
	if err == nil {
		return nil
	}
	return fault.As(err)
}

// showPupilReview is one pupil's page.
func (p *Portal) showPupilReview(r *request) error {
	q, err := r.review()
	if err != nil {
		return err
	}
	enrolment, err := r.id("enrolment")
	if err != nil {
		return err
	}
	return p.renderPupilReview(r, q, enrolment, http.StatusOK, nil)
}

// renderPupilReview answers with the page, or for htmx with the form and its
// panel. refused is what came back from a save; nil when nothing was refused.
func (p *Portal) renderPupilReview(r *request, q reviewRequest, enrolment int64, code int, refused *db.ReviewResult) error {
	var c db.ClassReview
	var at int
	err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		c, at, err = tx.PupilReview(r.ctx(), q.year, q.classID, enrolment)
		return err
	})
	if err != nil {
		return err
	}
	q.rules = c.Class.Rules()
	page := q.pupilPage(r, c, at)
	if refused != nil {
		page.Form = reviewFormOf(r, *refused)
	}
	r.viewed("record_page", enrolment)
	if r.hx() {
		return r.page(code, views.ReviewPupilPart(page))
	}
	if page.Frame, err = p.frame(r, q.year); err != nil {
		return err
	}
	return r.page(code, views.ReviewPupilPage(page))
}

// pupilPage lays one pupil's page out.
func (q reviewRequest) pupilPage(r *request, c db.ClassReview, at int) views.ReviewPupil {
	row := c.Rows[at]
	page := views.ReviewPupil{Year: q.year, ClassID: q.classID, PupilID: row.PupilID, Files: q.year >= school.YearOf(school.DateOf(r.now)), Class: c.Class.Name, At: at + 1, Of: len(c.Rows), Birth: row.BirthDate,
		Row: q.reviewRow(r, c, row, gapsOf(row)), Why: q.why(r, row), RemarkMax: q.rules.RemarkMax(), Closed: c.Closed(row, r.now)}
	if at > 0 {
		page.Previous = q.neighbour(c.Rows[at-1])
	}
	if at < len(c.Rows)-1 {
		page.Next = q.neighbour(c.Rows[at+1])
	}
	if row.Record != nil {
		page.Remarks = row.Record.Page.Remarks
		page.Return = returnReason(row.Record)
	}
	if !c.Windows[school.YearEnd].Open(r.now) {
		page.RemarksClosed = fault.New(fault.Locked, "review.window_closed")
	}
	if id, err := strconv.ParseInt(r.QueryParam("done"), 10, 64); err == nil {
		for _, other := range c.Rows {
			if other.EnrolmentID == id {
				page.Done, page.DoneAt = other.FullName, r.now
			}
		}
	}
	return page
}

func (q reviewRequest) neighbour(row db.ReviewRow) *views.Link {
	return &views.Link{Label: views.ShortName(row.FullName), URL: views.ReviewPupilURL(q.year, q.classID, row.EnrolmentID)}
}

// returnReason is why the page was sent back and not yet answered.
func returnReason(rec *record.Record) string {
	reason := ""
	for _, part := range rec.OpenParts() {
		if part != bundle.ContentID {
			continue
		}
		for _, ret := range rec.Returns {
			for _, named := range ret.Parts {
				if named == bundle.ContentID {
					reason = ret.Reason
				}
			}
		}
	}
	return reason
}

// updatePupilReview saves one pupil's page whole and goes on to the next; what
// was refused comes back at its field with what was typed.
func (p *Portal) updatePupilReview(r *request) error {
	q, err := r.review()
	if err != nil {
		return err
	}
	enrolment, err := r.id("enrolment")
	if err != nil {
		return err
	}
	change, err := r.reviewChange(enrolment)
	if err != nil {
		return err
	}
	results, err := p.saveReviews(r, q, []db.ReviewChange{change})
	if err != nil {
		return err
	}
	if f := results[0].Fault(); f != nil {
		if f.Kind == fault.NotFound {
			return f
		}
		return p.renderPupilReview(r, q, enrolment, reviewStatus(results), &results[0])
	}
	return p.afterPupilReview(r, q, enrolment)
}

// afterPupilReview leads on to the next pupil, or back to the same one.
func (p *Portal) afterPupilReview(r *request, q reviewRequest, enrolment int64) error {
	to := enrolment
	if r.FormValue("then") == "next" {
		var roll []db.RollRow
		err := p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
			roll, err = tx.Roll(r.ctx(), q.classID)
			return err
		})
		if err != nil {
			return err
		}
		for i, row := range roll {
			if row.EnrolmentID == enrolment && i+1 < len(roll) {
				to = roll[i+1].EnrolmentID
			}
		}
	}
	return r.see(views.ReviewPupilURL(q.year, q.classID, to) + "?done=" + strconv.FormatInt(enrolment, 10))
}

// reviewChange reads the form: each field with the value it stood on.
func (r *request) reviewChange(enrolment int64) (db.ReviewChange, error) {
	c := db.ReviewChange{Enrolment: enrolment, Old: map[evaluation.ReviewField]string{}, New: map[evaluation.ReviewField]string{}}
	if err := r.Request().ParseForm(); err != nil {
		return c, fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	form := r.Request().PostForm
	for _, f := range evaluation.ReviewFields {
		if form.Has("old." + string(f)) { // a box that is not ticked is not sent itself
			c.Old[f], c.New[f] = form.Get("old."+string(f)), form.Get(string(f))
		}
	}
	for _, g := range evaluation.RemarkGroups {
		name := views.ReviewRemarkName(g)
		if form.Has("old." + name) {
			c.Remarks = append(c.Remarks, db.CellChange{CellRef: db.CellRef{Enrolment: enrolment, Item: g, Field: evaluation.FieldRemark},
				Old: form.Get("old." + name), New: form.Get(name)})
		}
	}
	if len(c.New) == 0 && len(c.Remarks) == 0 {
		return c, fault.New(fault.Invalid, "request.invalid")
	}
	return c, nil
}

// reviewFormOf keeps what was typed, and says at each field why it was not taken.
func reviewFormOf(r *request, res db.ReviewResult) views.ReviewForm {
	form := views.NewReviewForm(res.Fault())
	for name, values := range r.Request().PostForm {
		if len(values) > 0 && name != "_method" {
			form.Typed[name] = values[0]
		}
	}
	for _, f := range evaluation.ReviewFields {
		if _, sent := form.Typed["old."+string(f)]; sent {
			if _, ticked := form.Typed[string(f)]; !ticked {
				form.Typed[string(f)] = ""
			}
		}
	}
	for f, why := range res.Fields {
		form.Refuse(string(f), why, views.ReviewText(f, res.Theirs[f]), res.By, views.Moment(res.At, r.now))
	}
	for _, cell := range res.Remarks {
		if cell.Fault != nil {
			form.Refuse(views.ReviewRemarkName(cell.Item), cell.Fault, cell.Value, cell.By, views.Moment(cell.At, r.now))
		}
	}
	return form
}
