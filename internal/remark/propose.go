package remark

import (
	"hash/fnv"
	"slices"
	"strconv"

	"hocba/internal/evaluation"
)

// Past is what stood in the same place in the period before; zero for nothing.
type Past struct {
	Level  evaluation.Level
	Mark   *int
	Remark string
}

// Seat is a pupil for whom a remark is proposed, in the order of the list.
type Seat struct {
	Pupil  int64
	Name   string // of the pupil, which the remarks may hold
	Grade  int
	Level  evaluation.Level // "": nothing is proposed
	Mark   *int
	Remark string // what stands there now; kept unless Again
	Again  bool   // propose another one in its place
	Before Past
	// Others are the pupil's remarks of the period about other items.
	Others []string
}

// Proposal is a phrase for a pupil; nil Phrase: nothing suits, or the remark
// that stands is kept.
type Proposal struct {
	Pupil  int64
	Phrase *Phrase
}

// Propose chooses a phrase for every seat that wants one: by level, mark and
// history, so that neighbours in the list differ, a pupil has no sentence twice
// among the subjects and none of the period before, as far as the bank has
// enough; and so that every phrase is used about equally often. The same seed
// chooses the same phrases.
func Propose(bank []Phrase, at Place, seats []Seat, seed uint64) []Proposal {
	out := make([]Proposal, len(seats))
	used := map[string]int{}
	for _, s := range seats {
		if s.kept() {
			count(used, unfill(s.Remark, s.Name))
		}
	}
	for i, s := range seats {
		out[i].Pupil = s.Pupil
		if s.kept() || s.Level == "" {
			continue
		}
		c := choice{seat: s, seed: seed, used: used, neighbours: map[string]bool{}, own: map[string]bool{}}
		if i > 0 {
			mark(c.neighbours, standing(seats[i-1], out[i-1]))
		}
		if i+1 < len(seats) && seats[i+1].kept() {
			mark(c.neighbours, unfill(seats[i+1].Remark, seats[i+1].Name))
		}
		for _, text := range append([]string{s.Remark, s.Before.Remark}, s.Others...) {
			mark(c.own, unfill(text, s.Name))
		}
		at.Grade, at.Level = s.Grade, s.Level
		if best := c.among(bank, at); best != nil {
			out[i].Phrase = best
			count(used, best.Text)
		}
	}
	return out
}

func (s Seat) kept() bool { return s.Remark != "" && !s.Again }

// standing is what a seat has or will have.
func standing(s Seat, p Proposal) string {
	if p.Phrase != nil {
		return p.Phrase.Text
	}
	return unfill(s.Remark, s.Name)
}

func mark(set map[string]bool, text string) {
	for _, s := range sentences(text) {
		set[s] = true
	}
}

func count(used map[string]int, text string) {
	for _, s := range sentences(text) {
		used[s]++
	}
}

// choice is one seat while phrases are weighed.
type choice struct {
	seat       Seat
	seed       uint64
	used       map[string]int
	neighbours map[string]bool
	own        map[string]bool
}

// weight orders phrases: what must not repeat, then how often it was used, then
// an order that the seed shuffles.
type weight struct {
	repeats int
	used    int
	fits    int // 0: meant for just this mark or progress
	shuffle uint64
}

func (w weight) before(v weight) bool {
	switch {
	case w.repeats != v.repeats:
		return w.repeats < v.repeats
	case w.used != v.used:
		return w.used < v.used
	case w.fits != v.fits:
		return w.fits < v.fits
	}
	return w.shuffle < v.shuffle
}

func (c choice) among(bank []Phrase, at Place) *Phrase {
	var best *Phrase
	var least weight
	for i := range bank {
		p := &bank[i]
		if p.Level == "" || !p.Suits(at) || !c.seat.Fits(p.When) {
			continue // a phrase for every level says nothing about this one
		}
		if w := c.weigh(p); best == nil || w.before(least) {
			best, least = p, w
		}
	}
	return best
}

func (c choice) weigh(p *Phrase) weight {
	w := weight{fits: 1, shuffle: shuffle(c.seed, c.seat.Pupil, p.ID)}
	if p.When != Always {
		w.fits = 0
	}
	for _, s := range sentences(p.Text) {
		w.used = max(w.used, c.used[s])
		if c.neighbours[s] {
			w.repeats++
		}
		if c.own[s] {
			w.repeats++
		}
	}
	return w
}

// Fits reports whether a phrase's moment is this seat's.
func (s Seat) Fits(m Moment) bool {
	switch m {
	case High:
		return s.Mark != nil && *s.Mark >= 9
	case Low:
		return s.Mark != nil && *s.Mark <= 6
	case Rising:
		return s.rose()
	}
	return true
}

// rose reports whether the level is better than in the period before, or the
// mark by two at least.
func (s Seat) rose() bool {
	if s.Before.Level != "" && s.Before.Level != s.Level {
		return rank(s.Level) > rank(s.Before.Level)
	}
	return s.Mark != nil && s.Before.Mark != nil && *s.Mark >= *s.Before.Mark+2
}

func rank(l evaluation.Level) int {
	switch l {
	case evaluation.T:
		return 3
	case evaluation.H, evaluation.D:
		return 2
	}
	return 1
}

func shuffle(seed uint64, pupil int64, id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatUint(seed, 36) + "." + strconv.FormatInt(pupil, 36) + "." + id))
	// FNV alone leaves the high bits of short keys alike.
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

// Written is a remark that stands with a pupil.
type Written struct{ Pupil, Text string }

// LeastUsed returns the phrases with those first that the fewest pupils of the
// class have already, each with the own name in it; among equals the order
// stays.
func LeastUsed(phrases []Phrase, class []Written) []Phrase {
	has := make([]map[string]bool, len(class))
	for i, w := range class {
		has[i] = map[string]bool{}
		mark(has[i], w.Text)
	}
	times := make(map[string]int, len(phrases))
	for _, p := range phrases {
		for i, w := range class {
			if slices.ContainsFunc(sentences(Fill(p.Text, w.Pupil, "")), func(s string) bool { return has[i][s] }) {
				times[p.ID]++
			}
		}
	}
	out := slices.Clone(phrases)
	slices.SortStableFunc(out, func(a, b Phrase) int { return times[a.ID] - times[b.ID] })
	return out
}
