package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/remark"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// bankSources are the banks that a role sees, its own first.
func bankSources(role workflow.Role) []remark.Source {
	if role == workflow.Teacher {
		return []remark.Source{remark.Own, remark.Shared, remark.Starter}
	}
	return []remark.Source{remark.Shared, remark.Starter}
}

// keeps reports whether the person adds to and changes a bank.
func (r *request) keeps(s remark.Source) bool {
	return s == remark.Own && r.actor.Role == workflow.Teacher || s == remark.Shared && db.KeepsSchoolBank(r.actor.Role)
}

// phraseFilter reads what of which bank is asked for; what makes no sense is
// left out.
func (r *request) phraseFilter() views.PhraseFilter {
	sources := bankSources(r.actor.Role)
	f := views.PhraseFilter{Source: remark.Source(r.QueryParam("source")), Query: r.QueryParam("q")}
	if !slices.Contains(sources, f.Source) {
		f.Source = sources[0]
	}
	if it := evaluation.Item(r.QueryParam("item")); slices.Contains(remark.Items(), it) {
		f.Item = it
	}
	if g, err := strconv.Atoi(r.QueryParam("grade")); err == nil && evaluation.ValidGrade(g) {
		f.Grade = g
	}
	switch l := evaluation.Level(r.QueryParam("level")); l {
	case evaluation.T, evaluation.H, evaluation.D, evaluation.C:
		f.Level = l
	}
	return f
}

func (p *Portal) showPhrases(r *request) error {
	f := r.phraseFilter()
	form := views.PhraseForm{Item: string(f.Item), Level: string(f.Level), From: "1", To: "5"}
	if f.Grade > 0 {
		form.From, form.To = strconv.Itoa(f.Grade), strconv.Itoa(f.Grade)
	}
	return p.answerPhrases(r, f, form)
}

// answerPhrases shows a bank with the form as it was typed.
func (p *Portal) answerPhrases(r *request, f views.PhraseFilter, form views.PhraseForm) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.PhraseBank{Year: year, Filter: f, Sources: bankSources(r.actor.Role), Items: remark.Items(), Keeps: r.keeps(f.Source),
		Form: form, Done: r.QueryParam("done")}
	page.Copies = r.keeps(page.Sources[0])
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	kept, err := p.keptPhrases(r)
	if err != nil {
		return err
	}
	if from := r.QueryParam("copy"); from != "" && form.ID == "" && form.Error == nil {
		page.Form = copied(kept, from, form)
	}
	page.Rows = bankRows(kept, f)
	code := http.StatusOK
	if form.Error != nil {
		code = status(form.Error)
	}
	return r.page(code, views.PhraseBankPage(page))
}

func (p *Portal) keptPhrases(r *request) (kept []db.KeptPhrase, err error) {
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		kept, err = tx.KeptPhrases(r.ctx(), "")
		return err
	})
	return kept, err
}

// copied is a new phrase with the words of one of another bank.
func copied(kept []db.KeptPhrase, id string, form views.PhraseForm) views.PhraseForm {
	for _, k := range kept {
		if k.Source == remark.Shared && k.ID == id {
			form = views.FormOf(k.Phrase)
		}
	}
	for _, s := range remark.StarterBank() {
		if s.ID == id {
			form = views.FormOf(s)
		}
	}
	form.ID, form.Code = "", ""
	return form
}

// bankRows are the phrases of the bank asked for.
func bankRows(kept []db.KeptPhrase, f views.PhraseFilter) []views.PhraseRow {
	var bank []remark.Phrase
	changed := map[string]db.KeptPhrase{}
	if f.Source == remark.Starter {
		bank = remark.StarterBank()
	}
	for _, k := range kept {
		if k.Source == f.Source {
			bank = append(bank, k.Phrase)
			changed[k.ID] = k
		}
	}
	var rows []views.PhraseRow
	for _, p := range remark.Find(bank, f.Query) {
		if f.Item != "" && p.Item != f.Item || f.Level != "" && p.Level != f.Level || f.Grade > 0 && (f.Grade < p.From || f.Grade > p.To) {
			continue
		}
		row := views.PhraseRow{Phrase: p}
		if k, ok := changed[p.ID]; ok {
			row.By, row.At = k.By, views.Clock(k.At)
		}
		rows = append(rows, row)
	}
	return rows
}

// typedPhrase reads the form.
func (r *request) typedPhrase() (views.PhraseForm, remark.Phrase, error) {
	form, err := r.FormParams()
	if err != nil {
		return views.PhraseForm{}, remark.Phrase{}, fault.Wrap(err, fault.Invalid, "request.invalid")
	}
	f := views.PhraseForm{Item: form.Get("item"), From: form.Get("from"), To: form.Get("to"), Level: form.Get("level"), Periods: form["periods"],
		Code: form.Get("code"), Text: form.Get("text")}
	p := remark.Phrase{Item: evaluation.Item(f.Item), Level: evaluation.Level(f.Level), Code: f.Code, Text: f.Text}
	p.From, _ = strconv.Atoi(f.From) // what is no number is no grade
	p.To, _ = strconv.Atoi(f.To)
	for _, period := range f.Periods {
		p.Periods = append(p.Periods, school.Period(period))
	}
	return f, p, nil
}

func (p *Portal) createPhrase(r *request) error {
	form, typed, err := r.typedPhrase()
	if err != nil {
		return err
	}
	read, err := remark.Read(typed)
	if err == nil {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
			_, err := tx.CreatePhrase(r.ctx(), read)
			return err
		})
	}
	filter := views.PhraseFilter{Source: bankSources(r.actor.Role)[0]}
	if form.Error = formFault(err); form.Error != nil {
		return p.answerPhrases(r, filter, form)
	}
	if err != nil {
		return err
	}
	return p.seeBank(r, "added")
}

// seeBank leads back to the person's own bank.
func (p *Portal) seeBank(r *request, done string) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	return r.see(views.PhrasesURL(year) + "?done=" + done)
}

func (p *Portal) showPhrase(r *request) error {
	id, err := r.id("phrase")
	if err != nil {
		return err
	}
	var kept db.KeptPhrase
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) (err error) {
		kept, err = tx.Phrase(r.ctx(), id)
		return err
	})
	if err != nil {
		return err
	}
	form := views.FormOf(kept.Phrase)
	form.Revision = kept.Revision
	return p.answerPhrases(r, views.PhraseFilter{Source: kept.Source}, form)
}

func (p *Portal) updatePhrase(r *request) error {
	id, err := r.id("phrase")
	if err != nil {
		return err
	}
	form, typed, err := r.typedPhrase()
	if err != nil {
		return err
	}
	form.ID = r.Param("phrase")
	form.Revision, _ = strconv.Atoi(r.FormValue("revision")) // no number is no revision of ours: a conflict
	read, err := remark.Read(typed)
	if err == nil {
		err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.UpdatePhrase(r.ctx(), id, form.Revision, read) })
	}
	if form.Error = formFault(err); form.Error != nil {
		return p.answerPhrases(r, views.PhraseFilter{Source: bankSources(r.actor.Role)[0]}, form)
	}
	if err != nil {
		return err
	}
	return p.seeBank(r, "changed")
}

func (p *Portal) destroyPhrase(r *request) error {
	id, err := r.id("phrase")
	if err != nil {
		return err
	}
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.EndPhrase(r.ctx(), id) })
	if err != nil {
		return err
	}
	return p.seeBank(r, "ended")
}
