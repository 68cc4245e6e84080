package views

import (
	"strconv"

	"hocba/internal/evaluation"
	"hocba/internal/remark"
	"hocba/views/ui"
)

// PhrasePicker is what a cell is offered.
type PhrasePicker struct {
	Query   string // letters or code typed
	Phrases []PickedPhrase
}

// PickedPhrase is a phrase for one pupil, its placeholders filled.
type PickedPhrase struct {
	ID     string
	Code   string
	Source remark.Source
	Text   string
}

// RemarkPart is what the panel of a pupil says about a remark.
type RemarkPart struct {
	Enrolment int64
	Item      evaluation.Item
	Found     []string
	Phrases   []PickedPhrase
}

// foundURL is where the grid asks what the checks found in its table.
func (g Gradebook) foundURL() string {
	url := In(g.Year, "classes", g.ClassID, "gradebook", g.Period, "found")
	if g.Subject != "" {
		url += "?subject=" + string(g.Subject)
	}
	return url
}

// cell names the remark's cell in the grid.
func (f RemarkFound) cell() string {
	return strconv.FormatInt(f.Enrolment, 10) + "." + string(f.Item) + ".remark"
}

// about is whose the phrase is, and its code.
func (p PickedPhrase) about() string {
	if p.Source == remark.Starter {
		return p.Code
	}
	return joined(p.Code, lower(sourceNames[p.Source]))
}

// phrasesURL is where the grid's script asks for phrases.
func (g Gradebook) phrasesURL() string { return PhrasePickerURL(g.Year, g.ClassID, g.Period) }

// picks reports whether the table has remarks that the reader may write now.
func (g Gradebook) picks() bool {
	return g.Writer != 0 && g.State == nil && (g.Subject != "" || g.Remarks)
}

// fillURL leads from the table to the proposal for the class.
func (g Gradebook) fillURL() string {
	it := evaluation.Item(g.Subject)
	if g.Subject == "" {
		it = evaluation.RemarkQualities
	}
	return RemarkFillURL(g.Year, g.ClassID, g.Period, it)
}

// doneNotice says what to look at again in the remarks just saved.
func (f GradebookForm) doneNotice() ui.Notice {
	n := ui.Notice{Tone: ui.Wait, Title: "Đã lưu " + f.Done + ". Có nhận xét nên xem lại", Action: &ui.Action{Label: "Mở lại em này", URL: f.DoneFound[0].URL}}
	for _, found := range f.DoneFound {
		for _, told := range found.Told {
			if n.Text != "" {
				n.Text += " "
			}
			n.Text += told
		}
	}
	return n
}
