package school

import (
	"testing"
	"time"
)

func TestNarrowest_NamesTheStationMostWaitFor(t *testing.T) {
	for _, c := range []struct {
		name    string
		counts  Counts
		at      Step
		waiting int
		ok      bool
	}{
		{"nobody on the roll", Counts{}, "", 0, false},
		{"nothing entered", Counts{OnRoll: 35}, StepEntered, 35, true},
		{"waits for approval", Counts{OnRoll: 35, Entered: 35, Signed: 30, Approved: 9, Issued: 9}, StepApproved, 21, true},
		{"the earlier of equals", Counts{OnRoll: 30, Entered: 20, Signed: 10}, StepEntered, 10, true},
		{"refused ones are another cause", Counts{OnRoll: 40, Entered: 40, Signed: 40, Approved: 40, Issued: 40, Accepted: 3, Locked: 3,
			Refused: 37}, StepMended, 37, true},
		{"all locked", Counts{OnRoll: 8, Entered: 8, Signed: 8, Approved: 8, Issued: 8, Accepted: 8, Locked: 8}, "", 0, false},
	} {
		at, waiting, ok := c.counts.Narrowest()
		if at != c.at || waiting != c.waiting || ok != c.ok {
			t.Errorf("%s: %q %d %v", c.name, at, waiting, ok)
		}
	}
}

func TestDue_LeavesTheSecondTrackOutInJune(t *testing.T) {
	c := Counts{OnRoll: 35, August: 3, Accepted: 30, AugustAccepted: 1}
	if due, done := c.Due(TrackJune); due != 32 || done != 29 {
		t.Errorf("June: %d of %d", done, due)
	}
	if due, done := c.Due(TrackAugust); due != 35 || done != 30 {
		t.Errorf("August: %d of %d", done, due)
	}
}

func TestForecast_CountsWorkingDays(t *testing.T) {
	friday := Date{2026, time.June, 19}
	for _, c := range []struct {
		left, gained int
		want         Date
		ok           bool
	}{
		{0, 0, friday, true},
		{10, 0, Date{}, false},
		{10, 50, friday, true},                      // one day's work: today
		{11, 50, Date{2026, time.June, 22}, true},   // over the week-end
		{100, 100, Date{2026, time.June, 25}, true}, // five working days
	} {
		got, ok := Forecast(friday, c.left, c.gained)
		if got != c.want || ok != c.ok {
			t.Errorf("%d left at %d: %v %v, want %v", c.left, c.gained, got, ok, c.want)
		}
	}
	if got := WorkingDaysBefore(friday, 5); got != (Date{2026, time.June, 12}) {
		t.Errorf("five working days before: %v", got)
	}
	if got := WorkingDaysBefore(Date{2026, time.June, 21}, 1); got != (Date{2026, time.June, 18}) {
		t.Errorf("from a Sunday: %v", got)
	}
}
