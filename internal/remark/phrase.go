package remark

import (
	"slices"
	"strings"
	"unicode/utf8"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// Source says whose a phrase is.
type Source string

// The sources: the teacher's own bank, the school's, and the one that comes
// with the program.
const (
	Own     Source = "own"
	Shared  Source = "school"
	Starter Source = "starter"
)

// Moment narrows when a starter phrase is proposed; a teacher may pick it at
// any time.
type Moment string

// The moments.
const (
	Always Moment = ""
	High   Moment = "top" // the mark is 9 or 10
	Low    Moment = "low" // the mark is 6 or less
	Rising Moment = "up"  // level or mark rose since the period before
)

// Phrase is one sentence of a bank.
type Phrase struct {
	ID     string // number of a kept phrase; of a starter phrase item and code
	Source Source
	Code   string // short name by which it is called; "" for none
	Item   evaluation.Item
	From   int // grades, both included
	To     int
	Level  evaluation.Level // "" suits every level
	// Periods are when it suits; none means always.
	Periods []school.Period
	When    Moment
	Text    string
}

// Place is where a remark is written. Level is what stands beside it: "" while
// none was given, which suits phrases of every level.
type Place struct {
	Item   evaluation.Item
	Grade  int
	Level  evaluation.Level
	Period school.Period
}

// Suits reports whether the phrase may be offered in a place.
func (p Phrase) Suits(at Place) bool {
	return p.Item == at.Item && p.From <= at.Grade && at.Grade <= p.To &&
		(p.Level == "" || at.Level == "" || p.Level == at.Level) &&
		(len(p.Periods) == 0 || slices.Contains(p.Periods, at.Period))
}

// Suiting returns the phrases that suit a place, in their order.
func Suiting(bank []Phrase, at Place) []Phrase {
	var out []Phrase
	for _, p := range bank {
		if p.Suits(at) {
			out = append(out, p)
		}
	}
	return out
}

// GroupLevel is the level of a remark group: the lowest of its traits as far
// as they were given, so that one C asks for encouragement; "" while none was.
func GroupLevel(levels []evaluation.Level) evaluation.Level {
	lowest := evaluation.Level("")
	for _, l := range []evaluation.Level{evaluation.T, evaluation.D, evaluation.C} {
		if slices.Contains(levels, l) {
			lowest = l
		}
	}
	return lowest
}

// Levels returns the levels for which phrases of an item are kept: the item's
// own scale, for a remark group that of its traits.
func Levels(it evaluation.Item) []evaluation.Level {
	if members := it.Members(); len(members) > 0 {
		return members[0].Scale()
	}
	return it.Scale()
}

// Limits of what a person keeps in a bank, in characters.
const (
	MaxText = 400
	MaxCode = 8
)

// Read brings a phrase as typed into the form in which it is kept and refuses
// what cannot stand in a bank: Invalid with phrase.item, phrase.grades,
// phrase.level, phrase.period, phrase.text, phrase.text_too_long {max},
// phrase.code {max}.
func Read(p Phrase) (Phrase, error) {
	p.Text, p.Code = school.CleanLine(p.Text), strings.ToUpper(school.CleanLine(p.Code))
	refuse := func(code string, args ...string) (Phrase, error) { return p, fault.New(fault.Invalid, code, args...) }
	switch kind := p.Item.Kind(); {
	case kind != evaluation.SubjectItem && kind != evaluation.RemarkItem:
		return refuse("phrase.item")
	case !evaluation.ValidGrade(p.From) || !evaluation.ValidGrade(p.To) || p.From > p.To:
		return refuse("phrase.grades")
	case p.Level != "" && !slices.Contains(Levels(p.Item), p.Level):
		return refuse("phrase.level")
	case p.Text == "":
		return refuse("phrase.text")
	case len([]rune(p.Text)) > MaxText:
		return refuse("phrase.text_too_long", "max", itoa(MaxText))
	case len([]rune(p.Code)) > MaxCode || strings.ContainsRune(p.Code, ' '):
		return refuse("phrase.code", "max", itoa(MaxCode))
	}
	for _, period := range p.Periods {
		if _, ok := school.ParsePeriod(string(period)); !ok {
			return refuse("phrase.period")
		}
	}
	return p, nil
}

// Find returns the phrases that what was typed may mean, the nearest first: the
// code itself, codes that begin so, sentences whose words begin with these
// letters ("dt" for "Đọc trơn …"), sentences in which each typed word begins a
// word. Diacritics do not count. Nothing typed returns all.
func Find(bank []Phrase, typed string) []Phrase {
	q := school.Fold(typed)
	if q == "" {
		return bank
	}
	var ranks [4][]Phrase
	for _, p := range bank {
		if n := nearness(p, q); n >= 0 {
			ranks[n] = append(ranks[n], p)
		}
	}
	return slices.Concat(ranks[:]...)
}

// nearness is 0 for the nearest phrases, -1 for one that is not meant.
func nearness(p Phrase, q string) int {
	code := school.Fold(p.Code)
	if code != "" && code == q {
		return 0
	}
	if code != "" && strings.HasPrefix(code, q) {
		return 1
	}
	words := strings.Fields(school.Fold(letters(p.Text)))
	if strings.HasPrefix(initials(words), q) {
		return 2
	}
	for _, part := range strings.Fields(q) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, part) }) {
			return -1
		}
	}
	return 3
}

func initials(words []string) string {
	var b strings.Builder
	for _, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		b.WriteRune(first)
	}
	return b.String()
}
