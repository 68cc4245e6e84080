package handlers

import (
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/views"
)

// fillRequest is a proposal of remarks about one item for a class.
type fillRequest struct {
	remarkRequest
	item evaluation.Item
	// mix is which proposal of many; again asks for one beside remarks that stand.
	mix   int
	again bool
}

// filling reads what is asked for: an item that the person writes, the first
// of them when none is named.
func (r *request) filling(q remarkRequest, c db.ClassRemarks) (f fillRequest, err error) {
	f = fillRequest{remarkRequest: q, item: evaluation.Item(r.FormValue("item")), again: r.FormValue("again") == "1"}
	f.mix, _ = strconv.Atoi(r.FormValue("mix")) // no number is the first proposal
	own := written(c)
	if f.item == "" && len(own) > 0 {
		f.item = own[0]
	}
	if !slices.Contains(own, f.item) {
		return f, fault.New(fault.NotFound, "page.unknown")
	}
	return f, nil
}

// showRemarks proposes a remark for every pupil of the class. Nothing is
// written before the person says so.
func (p *Portal) showRemarks(r *request) error {
	q, err := r.remarks()
	if err != nil {
		return err
	}
	c, err := p.readRemarks(r, q.ClassPeriod)
	if err != nil {
		return err
	}
	q.rules = c.Class.Rules()
	f, err := r.filling(q, c)
	if err != nil {
		return err
	}
	return p.answerRemarks(r, f, c, nil)
}

// answerRemarks shows the proposal; after a save, with what was refused.
func (p *Portal) answerRemarks(r *request, f fillRequest, c db.ClassRemarks, results []db.CellResult) error {
	bank, err := p.phrases(r, f.item)
	if err != nil {
		return err
	}
	page := views.RemarkFill{Year: f.Year, ClassID: f.ClassID, Class: c.Class.Name, Period: f.Period, Periods: remarkPeriods(c, f.Period),
		Item: f.item, Items: written(c), Mix: f.mix, Again: f.again, Saved: r.QueryParam("saved")}
	if page.Frame, err = p.frame(r, f.Year); err != nil {
		return err
	}
	page.State = tableState(r, c.Windows[f.Period], true)
	seats, rows := f.seats(c)
	proposals := remark.Propose(bank, remark.Place{Item: f.item, Period: f.Period}, seats, f.seed())
	for i, row := range rows {
		page.Rows = append(page.Rows, f.fillRow(c, row, seats[i], proposals[i]))
	}
	r.typedRemarks(page.Rows, results)
	f.judge(c, page.Rows)
	r.viewed("remarks", f.ClassID)
	return r.page(savedStatus(results), views.RemarkFillPage(page))
}

func (p *Portal) phrases(r *request, it evaluation.Item) (bank []remark.Phrase, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		bank, err = tx.Phrases(r.ctx(), it)
		return err
	})
	return bank, err
}

// seed makes the same proposal for the same class, item and period until
// another one is asked for.
func (f fillRequest) seed() uint64 {
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatInt(f.ClassID, 10) + "." + string(f.Period) + "." + string(f.item) + "." + strconv.Itoa(f.mix)))
	return h.Sum64()
}

// seats are the pupils who have a remark on the item, with what it rests on.
func (f fillRequest) seats(c db.ClassRemarks) ([]remark.Seat, []db.GradebookRow) {
	var seats []remark.Seat
	var rows []db.GradebookRow
	for _, row := range c.Rows {
		e := row.Entries[f.item]
		if row.Studies(f.rules, f.item) == evaluation.None || e.Exempt {
			continue
		}
		s := remark.Seat{Pupil: row.EnrolmentID, Name: row.FullName, Grade: row.Grade, Level: row.Level(f.item), Mark: e.Mark, Remark: e.Remark,
			Again: f.again && row.Closed[f.item] == nil, Before: c.Past(row.EnrolmentID, f.item)}
		for it, other := range row.Entries {
			if it != f.item && other.Remark != "" {
				s.Others = append(s.Others, other.Remark)
			}
		}
		seats, rows = append(seats, s), append(rows, row)
	}
	return seats, rows
}

func (f fillRequest) fillRow(c db.ClassRemarks, row db.GradebookRow, s remark.Seat, p remark.Proposal) views.RemarkFillRow {
	out := views.RemarkFillRow{Enrolment: row.EnrolmentID, Name: row.FullName, Level: s.Level, Mark: row.Entries[f.item].Value(evaluation.FieldMark),
		Old: s.Remark, Text: s.Remark, Locked: row.Closed[f.item], Before: s.Before.Remark}
	if c.Class.MultiGrade() {
		out.Grade = row.Grade
	}
	if p.Phrase != nil && out.Locked == nil {
		out.Text, out.Ticked = remark.Fill(p.Phrase.Text, row.FullName, c.Class.Name), true
	}
	return out
}

// typedRemarks puts back what was typed, where it was not taken, and says why.
func (r *request) typedRemarks(rows []views.RemarkFillRow, results []db.CellResult) {
	byPupil := map[int64]db.CellResult{}
	for _, res := range results {
		byPupil[res.Enrolment] = res
	}
	for i := range rows {
		res, sent := byPupil[rows[i].Enrolment]
		switch {
		case len(results) == 0:
		case !sent:
			rows[i].Ticked = false
		case res.Fault == nil:
			rows[i].Ticked, rows[i].Done = false, true
		default:
			refusal := views.Refusal(cellName(res.CellRef), res.Fault, views.Standing{Value: res.Value, By: res.By, At: res.At}, r.now)
			rows[i].Refused, rows[i].Ticked = &refusal, true
			rows[i].Text = r.FormValue("new." + strconv.FormatInt(rows[i].Enrolment, 10))
			if res.Fault.Code == "cell.stale" {
				rows[i].Old = res.Value
			}
		}
	}
}

// judge says what the checks find in the remarks as they would stand.
func (f fillRequest) judge(c db.ClassRemarks, rows []views.RemarkFillRow) {
	changed := map[db.CellRef]string{}
	for _, row := range rows {
		if row.Ticked {
			changed[db.CellRef{Enrolment: row.Enrolment, Item: f.item, Field: evaluation.FieldRemark}] = row.Text
		}
	}
	findings := c.Check(printed(f.Period), changed)
	for i := range rows {
		rows[i].Found = toldOf(findings, rows[i].Enrolment, f.item)
	}
}

// createRemarks writes the ticked remarks over the values that the page showed.
// What is refused comes back with its reason, the others are written.
func (p *Portal) createRemarks(r *request) error {
	q, err := r.remarks()
	if err != nil {
		return err
	}
	if err := r.Request().ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	c, err := p.readRemarks(r, q.ClassPeriod)
	if err != nil {
		return err
	}
	q.rules = c.Class.Rules()
	f, err := r.filling(q, c)
	if err != nil {
		return err
	}
	changes := tickedRemarks(r.Request().PostForm, f.item)
	if len(changes) == 0 {
		return p.answerRemarks(r, f, c, nil)
	}
	results, err := p.saveCells(r, q.ClassPeriod, changes)
	if err != nil {
		return err
	}
	if savedStatus(results) == http.StatusOK {
		return r.see(views.RemarkFillURL(q.Year, q.ClassID, q.Period, f.item) + "&saved=" + strconv.Itoa(len(results)))
	}
	if c, err = p.readRemarks(r, q.ClassPeriod); err != nil {
		return err
	}
	return p.answerRemarks(r, f, c, results)
}

// tickedRemarks are the rows of the form that are to be written: tick.N, old.N
// and new.N of the enrolment N.
func tickedRemarks(form url.Values, it evaluation.Item) []db.CellChange {
	var out []db.CellChange
	for name := range form {
		pupil, ok := strings.CutPrefix(name, "tick.")
		enrolment, err := strconv.ParseInt(pupil, 10, 64)
		if !ok || err != nil || school.Clean(form.Get("old."+pupil)) == school.Clean(form.Get("new."+pupil)) {
			continue
		}
		out = append(out, db.CellChange{CellRef: db.CellRef{Enrolment: enrolment, Item: it, Field: evaluation.FieldRemark},
			Old: form.Get("old." + pupil), New: form.Get("new." + pupil)})
	}
	slices.SortFunc(out, func(a, b db.CellChange) int { return int(a.Enrolment - b.Enrolment) })
	return out
}
