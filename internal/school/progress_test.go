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
		at, waiting, ok := c.counts.Narrowest(StepLocked)
		if at != c.at || waiting != c.waiting || ok != c.ok {
			t.Errorf("%s: %q %d %v", c.name, at, waiting, ok)
		}
	}
}

func TestNarrowest_StopsAtTheStationAsked(t *testing.T) {
	c := Counts{OnRoll: 30, Entered: 30, Signed: 30, Approved: 28, Issued: 28, Accepted: 28}
	if at, waiting, _ := c.Narrowest(StepLocked); at != StepLocked || waiting != 28 {
		t.Errorf("to the lock: %s %d", at, waiting)
	}
	if at, waiting, _ := c.Narrowest(StepAccepted); at != StepApproved || waiting != 2 {
		t.Errorf("to acceptance: %s %d", at, waiting)
	}
}

func TestOutlook_NamesWhoWillMissTheDeadline(t *testing.T) {
	d := RegulationDeadline(SchoolSubmit, "2025-2026", TrackJune) // the last day is Monday 29/06
	at := func(day int) time.Time { return Date{2026, time.June, day}.Start().Add(8 * time.Hour) }
	for _, c := range []struct {
		name         string
		now          time.Time
		left, gained int
		want         Outlook
		day          Date
	}{
		{"done", at(29), 0, 0, InTime, Date{2026, time.June, 29}},
		{"weeks before, not begun", Date{2026, time.May, 20}.Start(), 400, 0, InTime, Date{}},
		{"near, nothing moves", at(19), 400, 0, Still, Date{}},
		{"enough pace", at(19), 100, 100, InTime, Date{2026, time.June, 25}},
		{"on the last day", at(19), 140, 100, Tight, Date{2026, time.June, 29}},
		{"a day too late", at(19), 160, 100, Late, Date{2026, time.June, 30}},
		{"in the last minute", d.LastInstant(), 1, 1, Late, Date{2026, time.July, 3}},
		{"midnight has struck", d.Due, 1, 50, Overdue, Date{2026, time.June, 30}},
	} {
		if o, day := OutlookOf(d, c.now, c.left, c.gained); o != c.want || day != c.day {
			t.Errorf("%s: %s %v, want %s %v", c.name, o, day, c.want, c.day)
		}
	}
}

func TestCurrentTrack_ChangesWithTheReport(t *testing.T) {
	y := Year("2025-2026")
	due := RegulationDeadline(DepartmentReport, y, TrackJune).Due
	if CurrentTrack(y, due.Add(-time.Second)) != TrackJune || CurrentTrack(y, due) != TrackAugust {
		t.Error("the track does not change at the report's deadline")
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
