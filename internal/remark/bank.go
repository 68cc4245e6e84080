package remark

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// starterFiles hold the starter bank, one file an item: code, grades, level,
// periods, moment, text; "*" for every period, "-" for every moment.
//
//go:embed bank/*.tsv
var starterFiles embed.FS

// StarterBank returns the sentences that come with the program, in the order
// of the booklet, of each item by code. Nobody may change the list.
func StarterBank() []Phrase { return starterBank() }

var starterBank = sync.OnceValue(func() []Phrase {
	var all []Phrase
	for _, it := range Items() {
		raw, err := starterFiles.ReadFile("bank/" + string(it) + ".tsv")
		if err != nil {
			panic(err) // embedded at build time
		}
		phrases, err := parse(it, string(raw))
		if err != nil {
			panic(fmt.Sprintf("read the starter bank of %s: %v", it, err)) // a test reads them all
		}
		all = append(all, phrases...)
	}
	return all
})

// Items are what has remarks: the subjects and the three groups, in the order
// of the booklet.
func Items() []evaluation.Item {
	var out []evaluation.Item
	for _, s := range school.Subjects {
		out = append(out, evaluation.Item(s))
	}
	return append(out, evaluation.RemarkGroups...)
}

func parse(it evaluation.Item, raw string) ([]Phrase, error) {
	lines := strings.Split(strings.TrimSpace(raw), "\n")
	var out []Phrase
	for n, line := range lines[1:] { // the first one names the columns
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			return nil, fmt.Errorf("line %d has %d columns", n+2, len(f))
		}
		p := Phrase{ID: string(it) + "." + f[0], Source: Starter, Code: f[0], Item: it, Level: evaluation.Level(f[2]), Text: f[5]}
		from, to, several := strings.Cut(f[1], "-")
		if !several {
			to = from
		}
		var err error
		if p.From, err = strconv.Atoi(from); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+2, err)
		}
		if p.To, err = strconv.Atoi(to); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+2, err)
		}
		if f[3] != "*" {
			for _, period := range strings.Split(f[3], ",") {
				p.Periods = append(p.Periods, school.Period(period))
			}
		}
		if f[4] != "-" {
			p.When = Moment(f[4])
		}
		out = append(out, p)
	}
	return out, nil
}
