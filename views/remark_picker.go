package views

import (
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
