package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/remark"
	"hocba/views"
)

// offered is how many phrases a cell is offered at once: as many as have a key.
const offered = 9

// showPicker gives the phrases for a cell of the gradebook as a fragment: those
// of the level that stands there, narrowed by what was typed.
func (p *Portal) showPicker(r *request) error {
	q, err := r.remarks()
	if err != nil {
		return err
	}
	it := evaluation.Item(r.QueryParam("item"))
	enrolment, err := strconv.ParseInt(r.QueryParam("pupil"), 10, 64)
	if err != nil || !slices.Contains(remark.Items(), it) {
		return fault.New(fault.NotFound, "page.unknown")
	}
	c, err := p.readItem(r, q.ClassPeriod, it)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(c.Rows, func(row db.GradebookRow) bool { return row.EnrolmentID == enrolment })
	if at < 0 || !slices.Contains(written(c), it) {
		return fault.New(fault.NotFound, "page.unknown")
	}
	bank, err := p.phrases(r, it)
	if err != nil {
		return err
	}
	picker := views.PhrasePicker{Query: strings.TrimSpace(r.QueryParam("q")), Phrases: q.offer(c, bank, at, it, r.QueryParam("q"))}
	return r.page(http.StatusOK, views.PhrasePickerPart(picker))
}

// readItem reads a class with what stands about one item, its traits included.
func (p *Portal) readItem(r *request, at db.ClassPeriod, it evaluation.Item) (c db.ClassRemarks, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		c.Gradebook, err = tx.Gradebook(r.ctx(), at, append([]evaluation.Item{it}, it.Members()...))
		return err
	})
	return c, err
}

// offer are the phrases for a pupil's cell, filled in: what the class uses
// least first, unless letters say what is wanted.
func (q remarkRequest) offer(c db.ClassRemarks, bank []remark.Phrase, at int, it evaluation.Item, typed string) []views.PickedPhrase {
	row := c.Rows[at]
	suiting := remark.Suiting(bank, remark.Place{Item: it, Grade: row.Grade, Level: row.Level(it), Period: q.Period})
	if strings.TrimSpace(typed) == "" {
		var class []remark.Written
		for _, other := range c.Rows {
			class = append(class, remark.Written{Pupil: other.FullName, Text: other.Entries[it].Remark})
		}
		suiting = remark.LeastUsed(suiting, class)
		// What is meant for another mark, or for progress, comes last.
		seat := remark.Seat{Level: row.Level(it), Mark: row.Entries[it].Mark, Before: c.Past(row.EnrolmentID, it)}
		slices.SortStableFunc(suiting, func(a, b remark.Phrase) int {
			switch fits, fitsToo := seat.Fits(a.When), seat.Fits(b.When); {
			case fits == fitsToo:
				return 0
			case fits:
				return -1
			}
			return 1
		})
	}
	var out []views.PickedPhrase
	for _, phrase := range remark.Find(suiting, typed) {
		if len(out) == offered {
			break
		}
		out = append(out, views.PickedPhrase{ID: phrase.ID, Code: phrase.Code, Source: phrase.Source,
			Text: remark.Fill(phrase.Text, row.FullName, c.Class.Name)})
	}
	return out
}

// showFound is what the checks found in one table, as a fragment under it.
func (p *Portal) showFound(r *request) error {
	q, err := r.namedTable()
	if err != nil {
		return err
	}
	c, err := p.readRemarks(r, q.ClassPeriod)
	if err != nil {
		return err
	}
	var found []views.RemarkFound
	for _, f := range r.found(c, q.ClassPeriod, c.Check(printed(q.Period), nil)) {
		if slices.Contains(q.items(), f.Item) {
			found = append(found, f)
		}
	}
	r.viewed("remarks", q.ClassID)
	return r.page(http.StatusOK, views.GridFound(found))
}

// remarkPart is what the panel of a pupil says about the remark of the open
// cell: what the checks found, and phrases to choose from.
func (p *Portal) remarkPart(r *request, q tableRequest, pupil db.GradebookRow) (templ.Component, error) {
	it := evaluation.Item(q.subject)
	if q.subject == "" {
		item, _, _ := strings.Cut(r.FormValue("cell"), ".")
		if it = evaluation.Item(item); it.Kind() == evaluation.TraitItem {
			it = it.Group()
		}
	}
	if !slices.Contains(remark.Items(), it) {
		return nil, nil
	}
	c, err := p.readRemarks(r, q.ClassPeriod)
	if err != nil {
		return nil, err
	}
	part := views.RemarkPart{Enrolment: pupil.EnrolmentID, Item: it, Found: toldOf(c.Check(printed(q.Period), nil), pupil.EnrolmentID, it)}
	at := slices.IndexFunc(c.Rows, func(row db.GradebookRow) bool { return row.EnrolmentID == pupil.EnrolmentID })
	if at >= 0 && !q.all && slices.Contains(written(c), it) && tableState(r, c.Windows[q.Period], true) == nil && c.Rows[at].Closed[it] == nil {
		bank, err := p.phrases(r, it)
		if err != nil {
			return nil, err
		}
		part.Phrases = remarkRequest{q.ClassPeriod, q.rules}.offer(c, bank, at, it, "")
	}
	if len(part.Found)+len(part.Phrases) == 0 {
		return nil, nil
	}
	return views.RemarkPanelPart(part), nil
}

// rowPhrases are the phrases for each remark of a pupil's form, and what the
// checks find in the remarks that stand there.
func (p *Portal) rowPhrases(r *request, q tableRequest, page *views.Gradebook) error {
	c, err := p.readRemarks(r, q.ClassPeriod)
	if err != nil {
		return err
	}
	form := page.Form
	form.Phrases, form.Found = map[string][]views.PickedPhrase{}, map[string][]string{}
	findings := c.Check(printed(q.Period), nil)
	at := slices.IndexFunc(c.Rows, func(row db.GradebookRow) bool { return row.EnrolmentID == q.row })
	if done := doneID(r); done != 0 {
		for _, f := range r.found(c, q.ClassPeriod, findings) {
			if f.Enrolment == done && slices.Contains(q.items(), f.Item) {
				form.DoneFound = append(form.DoneFound, f)
			}
		}
	}
	for _, column := range page.Columns {
		if column.Field != evaluation.FieldRemark || at < 0 {
			continue
		}
		form.Found[column.CellID()] = toldOf(findings, q.row, column.Item)
		if !slices.Contains(written(c), column.Item) {
			continue
		}
		bank, err := p.phrases(r, column.Item)
		if err != nil {
			return err
		}
		form.Phrases[column.CellID()] = remarkRequest{q.ClassPeriod, q.rules}.offer(c, bank, at, column.Item, "")
	}
	return nil
}

// pickedForm puts a phrase that was chosen without script behind what stands in
// its box, and keeps everything else that was typed. Nothing is saved.
func (p *Portal) pickedForm(r *request, q tableRequest, g db.Gradebook, choice string) (*views.GradebookForm, error) {
	cell, id, _ := strings.Cut(choice, ":")
	item, field, _ := strings.Cut(cell, ".")
	if evaluation.Field(field) != evaluation.FieldRemark || !slices.Contains(q.items(), evaluation.Item(item)) {
		return nil, fault.New(fault.Invalid, "request.invalid")
	}
	bank, err := p.phrases(r, evaluation.Item(item))
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(g.Rows, func(row db.GradebookRow) bool { return row.EnrolmentID == q.row })
	chosen := slices.IndexFunc(bank, func(p remark.Phrase) bool { return p.ID == id })
	if at < 0 || chosen < 0 {
		return nil, fault.New(fault.NotFound, "phrase.unknown")
	}
	form := &views.GradebookForm{Typed: map[string]string{}, Refused: map[string]views.GradebookRefuse{}}
	for _, c := range q.columns(g) {
		if posted := r.Request().PostForm; posted.Has(c.CellID()) {
			form.Typed[c.CellID()] = posted.Get(c.CellID())
		}
	}
	text := remark.Fill(bank[chosen].Text, g.Rows[at].FullName, g.Class.Name)
	form.Typed[cell] = strings.TrimSpace(form.Typed[cell] + " " + text)
	return form, nil
}
