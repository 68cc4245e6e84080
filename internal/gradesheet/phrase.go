package gradesheet

import (
	"slices"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/remark"
	"hocba/internal/spreadsheet"
)

// Codes of remarks that a file names by the code of a phrase.
const (
	CodePhraseUnknown = "gradesheet.phrase_unknown" // {value}, {item}: in none of the banks
	CodePhraseElse    = "gradesheet.phrase_else"    // {value}, {item}: of another grade, level or period
)

// phrasebook finds phrases by item and code in capitals.
type phrasebook map[evaluation.Item]map[string]remark.Phrase

// newPhrasebook reads banks; of two phrases with one code the earlier holds.
func newPhrasebook(bank []remark.Phrase) phrasebook {
	book := phrasebook{}
	for _, p := range bank {
		code := strings.ToUpper(p.Code)
		if code == "" {
			continue
		}
		if book[p.Item] == nil {
			book[p.Item] = map[string]remark.Phrase{}
		}
		if _, taken := book[p.Item][code]; !taken {
			book[p.Item][code] = p
		}
	}
	return book
}

// phrases turns the codes of a cell, "T1; T4", into the remark of a pupil.
// unknown is the first code that no bank has, elsewhere the first that is meant
// for another grade, level or period.
func (b phrasebook) phrases(codes string, at remark.Place, pupil, class string) (text, unknown, elsewhere string) {
	var parts []string
	for _, code := range strings.FieldsFunc(codes, func(r rune) bool { return strings.ContainsRune(" ,;+/\n", r) }) {
		p, ok := b[at.Item][strings.ToUpper(code)]
		if !ok {
			return "", code, ""
		}
		if elsewhere == "" && !p.Suits(at) {
			elsewhere = code
		}
		parts = append(parts, remark.Fill(p.Text, pupil, class))
	}
	return strings.Join(parts, " "), "", elsewhere
}

// doubt is what makes a row doubtful that a code calls no remark, or another's.
type doubt struct {
	code, value string
	item        evaluation.Item
}

// resolve fills the cell of a code with the remark it calls. beside are the
// row's values about the same item and period. ok is false where nothing is to
// be written: the row has the remark itself, or nobody knows the code, which
// makes the row doubtful and hinders no other cell of it.
func (b phrasebook) resolve(c *Cell, o *Option, grade int, beside []spreadsheet.GradeValue) (ok bool) {
	at := remark.Place{Item: c.Item, Grade: grade, Period: c.Period}
	for _, v := range beside {
		switch v.Field {
		case spreadsheet.FieldRemark:
			return false
		case spreadsheet.FieldLevel:
			if level := evaluation.Level(strings.ToUpper(v.Text)); slices.Contains(remark.Levels(c.Item), level) {
				at.Level = level
			}
		}
	}
	text, unknown, elsewhere := b.phrases(c.Text, at, o.Name, o.ClassName)
	switch {
	case unknown != "":
		o.doubts = append(o.doubts, doubt{CodePhraseUnknown, unknown, c.Item})
		return false
	case elsewhere != "":
		o.doubts = append(o.doubts, doubt{CodePhraseElse, elsewhere, c.Item})
	}
	c.Phrase, c.New, c.Field = c.Text, text, evaluation.FieldRemark
	return true
}
