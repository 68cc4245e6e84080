package bench

import (
	"slices"
	"testing"
	"time"
)

// samples are repetitions of one act.
type samples struct {
	took []time.Duration
	span time.Duration // in which they were done, by however many at once
}

func (s *samples) join(o samples) {
	s.took = append(s.took, o.took...)
	s.span += o.span
}

// timed does an act once.
func (s *samples) timed(act func()) {
	begin := time.Now()
	act()
	took := time.Since(begin)
	s.took = append(s.took, took)
	s.span += took
}

// percentile is in milliseconds: that many percent took at most so long.
func (s *samples) percentile(p int) float64 {
	if len(s.took) == 0 {
		return 0
	}
	all := slices.Sorted(slices.Values(s.took))
	return milliseconds(all[max(0, (len(all)*p+99)/100-1)])
}

func (s *samples) p50() float64 { return s.percentile(50) }
func (s *samples) p95() float64 { return s.percentile(95) }

// rate is acts a second.
func (s *samples) rate() float64 {
	if s.span == 0 {
		return 0
	}
	return float64(len(s.took)) / s.span.Seconds()
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// inTurns does acts one after another, round by round: what disturbs the
// machine for a while disturbs all of them. A round before the first warms up
// and is told by round -1.
func inTurns(rounds int, acts ...func(round int)) {
	for round := -1; round < rounds; round++ {
		for _, act := range acts {
			act(round)
		}
	}
}

func TestSamples_CountAsTheyShould(t *testing.T) {
	t.Parallel()
	var s samples
	for n := range 100 {
		s.took = append(s.took, time.Duration(100-n)*time.Millisecond)
	}
	s.span = 4 * time.Second
	if s.p50() != 50 || s.p95() != 95 || s.percentile(100) != 100 || s.rate() != 25 {
		t.Errorf("p50 %v, p95 %v, most %v, %v a second", s.p50(), s.p95(), s.percentile(100), s.rate())
	}
}
