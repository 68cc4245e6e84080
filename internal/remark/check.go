package remark

import (
	"regexp"
	"slices"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// Codes of what a check may find; views/words holds their sentences. None of
// them keeps anybody from writing or signing.
const (
	OtherPupil  = "remark.other_pupil" // {name}
	Pronoun     = "remark.pronoun"     // {word}
	Repeated    = "remark.repeated"    // {count} {sentence}
	Praise      = "remark.praise"      // {word} {level}
	Blame       = "remark.blame"       // {word} {level}
	PraiseMark  = "remark.praise_mark" // {word} {mark}
	BlameMark   = "remark.blame_mark"  // {word} {mark}
	Wording     = "remark.wording"     // {word}: ranking, label or diagnosis (TT 27/2020 Điều 4)
	LevelMark   = "remark.level_mark"  // {level} {mark}: the mark is not usual beside the level
	Placeholder = "remark.placeholder" // {word}
	TooLong     = "remark.too_long"    // {lines} {room}
)

// Pupil is somebody of the class.
type Pupil struct {
	ID   int64
	Name string
	Sex  school.Sex
}

// Cell is a remark with what stands beside it.
type Cell struct {
	Pupil int64
	Item  evaluation.Item
	Level evaluation.Level // of a remark group: GroupLevel
	Mark  *int
	Text  string
}

// Finding is something to look at again in a cell.
type Finding struct {
	Pupil int64
	Item  evaluation.Item
	Code  string
	Args  map[string]string
}

// Class is what is checked together: the remarks of a class in one period.
type Class struct {
	Pupils []Pupil
	Cells  []Cell
	// Printed says that the remarks go to paper: those of the year's end.
	Printed bool
	// Rules say which marks are usual beside a level; nil: nothing is said of it.
	Rules *evaluation.RuleSet
	// Same is how many pupils may have the same sentence about an item; 0: three,
	// in a large class one in six.
	Same int
}

// The usual limit of the same sentence about an item.
const (
	sameAtLeast = 3
	sameOneIn   = 6
)

// repeatedWords is the length from which a sentence counts as one: two words
// such as "Chăm ngoan" may well stand with many.
const repeatedWords = 4

// Check looks at every remark of the class, and at the level beside its mark, and returns what is found, by the
// order of the pupils, then of the booklet.
func (c Class) Check() []Finding {
	names := newNames(c.Pupils)
	repeated := c.repeated()
	full := c.fullPages()
	cells := make(map[at]Cell, len(c.Cells))
	for _, cell := range c.Cells {
		cells[at{cell.Pupil, cell.Item}] = cell
	}
	var out []Finding
	for _, p := range c.Pupils {
		for _, it := range Items() {
			key := at{p.ID, it}
			cell := cells[key]
			found := c.checkMark(cell)
			if cell.Text != "" {
				padded := " " + Key(cell.Text) + " "
				found = append(found, names.check(p, cell.Text, padded)...)
				found = append(found, checkPronoun(p.Sex, cell.Text, padded)...)
				found = append(found, checkTone(cell, padded)...)
				found = append(found, checkWording(padded)...)
				found = append(found, checkPlaceholder(cell.Text)...)
				found = append(found, repeated[key]...)
				if c.Printed {
					found = append(found, checkLength(cell, full[p.ID])...)
				}
			}
			for _, f := range found {
				f.Pupil, f.Item = p.ID, it
				out = append(out, f)
			}
		}
	}
	return out
}

// checkMark finds a level that does not go with its mark, with or without a
// remark. No article sets which do: it is what teachers usually give.
func (c Class) checkMark(cell Cell) []Finding {
	if c.Rules == nil || cell.Mark == nil {
		return nil
	}
	if len(c.Rules.Warnings(cell.Item, evaluation.Entry{Level: cell.Level, Mark: cell.Mark})) == 0 {
		return nil
	}
	return []Finding{finding(LevelMark, "level", string(cell.Level), "mark", itoa(*cell.Mark))}
}

type at struct {
	pupil int64
	item  evaluation.Item
}

func finding(code string, args ...string) Finding {
	f := Finding{Code: code, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i]] = args[i+1]
	}
	return f
}

// repeated finds the sentences that too many pupils have about the same item.
func (c Class) repeated() map[at][]Finding {
	limit := c.Same
	if limit == 0 {
		limit = max(sameAtLeast, (len(c.Pupils)+sameOneIn-1)/sameOneIn)
	}
	type place struct {
		item     evaluation.Item
		sentence string
	}
	name := map[int64]string{}
	for _, p := range c.Pupils {
		name[p.ID] = p.Name
	}
	pupils := map[place][]int64{}
	for _, cell := range c.Cells {
		for _, s := range sentences(unfill(cell.Text, name[cell.Pupil])) {
			if at := (place{cell.Item, s}); len(strings.Fields(s)) >= repeatedWords && !slices.Contains(pupils[at], cell.Pupil) {
				pupils[at] = append(pupils[at], cell.Pupil)
			}
		}
	}
	out := map[at][]Finding{}
	most := 0
	for _, who := range pupils {
		most = max(most, len(who))
	}
	if most <= limit {
		return out
	}
	for _, cell := range c.Cells {
		for _, raw := range split(cell.Text) {
			if n := len(pupils[place{cell.Item, Key(unfill(raw, name[cell.Pupil]))}]); n > limit {
				key := at{cell.Pupil, cell.Item}
				out[key] = append(out[key], finding(Repeated, "count", itoa(n), "sentence", strings.TrimSpace(raw)))
			}
		}
	}
	return out
}

// fullPages are the pupils whose subjects' remarks do not leave the year on its
// two pages.
func (c Class) fullPages() map[int64]bool {
	if !c.Printed {
		return nil
	}
	texts := map[int64]map[evaluation.Item]string{}
	for _, cell := range c.Cells {
		if texts[cell.Pupil] == nil {
			texts[cell.Pupil] = map[evaluation.Item]string{}
		}
		texts[cell.Pupil][cell.Item] = cell.Text
	}
	out := map[int64]bool{}
	for pupil, remarks := range texts {
		out[pupil] = !PageHolds(remarks)
	}
	return out
}

// checkLength finds remarks that make the printed year flow on: a group's that
// is higher than its rows, a subject's of more lines than each may have on a
// page that is full.
func checkLength(c Cell, full bool) []Finding {
	lines := Lines(c.Item, c.Text)
	if lines <= Room(c.Item) || c.Item.Kind() == evaluation.SubjectItem && !full {
		return nil
	}
	return []Finding{finding(TooLong, "lines", itoa(lines), "room", itoa(Room(c.Item)))}
}

// left is a slot that nobody filled, or dots and dashes that wait for a word.
var left = regexp.MustCompile(`\{[^{}\n]{0,40}\}|\[[^\[\]\n]{0,40}\]|<\p{L}[^<>\n]{0,40}>|_{2,}|\.{4,}|…{2,}|[xX]{3,}`)

func checkPlaceholder(text string) []Finding {
	if !strings.ContainsAny(text, "{[<_…") && !strings.Contains(text, "....") && !strings.Contains(strings.ToLower(text), "xxx") {
		return nil // most remarks; the pattern is slow
	}
	if word := left.FindString(text); word != "" {
		return []Finding{finding(Placeholder, "word", word)}
	}
	return nil
}
