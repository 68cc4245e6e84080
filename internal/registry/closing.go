package registry

import (
	"time"

	"hocba/internal/bundle"
)

// Live is a version in the registry's hands.
type Live struct {
	Record string
	Pupil  string
	Number int
	SHA256 string
	Class  string
	School string
	Locked bool
	Key    int64 // of the row, for whoever stores
}

// ClassFacts is what the registry holds about a class and track when a CHOT
// arrives.
type ClassFacts struct {
	Window Window
	Closed bool   // another CHOT was accepted
	Live   []Live // the live versions of class and track
}

// DecideClosing judges a CHOT (seed Điều 8.6): accepted, every version it
// lists is locked. It is refused outside the Sở's time, while a listed version
// is not the one in the registry's hands, and while the registry holds a
// record of class and track that the statement does not name: pupils without a
// record are named with a reason in the statement itself.
func DecideClosing(p *Paper, f ClassFacts, now time.Time) []bundle.Reason {
	if p.Refused() {
		return p.Reasons
	}
	var reasons []bundle.Reason
	if f.Closed {
		reasons = append(reasons, reason("registry.class_closed", bundle.AskAbove, "class", p.Statement.Class.Name))
		return number(reasons)
	}
	reasons = append(reasons, f.Window.reason(now)...)
	live := make(map[string]Live, len(f.Live))
	for _, l := range f.Live {
		live[l.Record] = l
	}
	listed := make(map[string]bool, len(p.Statement.Records))
	for _, l := range p.Statement.Records {
		listed[l.Record] = true
		held, ok := live[l.Record]
		switch {
		case !ok:
			reasons = append(reasons, about(l.Record, reason("registry.not_accepted", bundle.Resubmit, "pupil", l.Pupil)))
		case held.SHA256 != l.SHA256 || held.Number != l.Version || held.Pupil != l.Pupil:
			reasons = append(reasons, about(l.Record, reason("registry.other_version_live", bundle.Resubmit, "pupil", l.Pupil)))
		}
	}
	for _, l := range f.Live {
		if !listed[l.Record] {
			reasons = append(reasons, about(l.Record, reason("registry.not_in_closing", bundle.Resubmit, "pupil", l.Pupil)))
		}
	}
	return number(reasons)
}

// DecideRecall judges a THU_HOI: before the lock and in the Sở's time, the
// school that submitted a version takes it back. live is the record's live
// version, nil when there is none.
func DecideRecall(p *Paper, live *Live, w Window, now time.Time) []bundle.Reason {
	if p.Refused() {
		return p.Reasons
	}
	want := p.Statement.About
	switch {
	case live == nil, live.School != p.School:
		return number([]bundle.Reason{about(want.Record, reason("registry.not_accepted", bundle.Resubmit, "pupil", want.Pupil))})
	case live.SHA256 != want.SHA256 || live.Number != want.Version:
		return number([]bundle.Reason{about(want.Record, reason("registry.other_version_live", bundle.Resubmit, "pupil", want.Pupil))})
	case live.Locked:
		return number([]bundle.Reason{about(want.Record, reason("registry.locked", bundle.AskAbove))})
	}
	reasons := w.reason(now)
	for i := range reasons {
		reasons[i].Record = want.Record
	}
	return number(reasons)
}
