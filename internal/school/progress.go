package school

import "time"

// Counts says how far the pupils on a roll are along the chain. Every station
// counts who has passed it, so no number is greater than the one before it
// (PartsSigned apart: teachers sign before the homeroom teacher has written
// everything). A pupil whose record is in force counts at each station, also while a
// replacement of it is being made.
type Counts struct {
	OnRoll      int `db:"on_roll"`      // pupils, also those without a record
	Entered     int `db:"entered"`      // year-end values complete by the rule set
	PartsSigned int `db:"parts_signed"` // every subject part signed by its teacher
	Signed      int `db:"signed"`       // by the homeroom teacher
	Approved    int `db:"approved"`
	Issued      int `db:"issued"`
	Accepted    int `db:"accepted"`
	Locked      int `db:"locked"`
	Returned    int `db:"returned"` // now with a teacher, sent back with a reason
	Refused     int `db:"refused"`  // now with the school, refused by the registry
	// August of OnRoll are of the second track, due by 15/8; AugustAccepted of
	// Accepted too.
	August         int `db:"august"`
	AugustAccepted int `db:"august_accepted"`
}

// Add returns the sum of both, field by field.
func (c Counts) Add(d Counts) Counts {
	return Counts{OnRoll: c.OnRoll + d.OnRoll, Entered: c.Entered + d.Entered, PartsSigned: c.PartsSigned + d.PartsSigned,
		Signed: c.Signed + d.Signed, Approved: c.Approved + d.Approved, Issued: c.Issued + d.Issued,
		Accepted: c.Accepted + d.Accepted, Locked: c.Locked + d.Locked, Returned: c.Returned + d.Returned,
		Refused: c.Refused + d.Refused, August: c.August + d.August, AugustAccepted: c.AugustAccepted + d.AugustAccepted}
}

// Step is a station of the chain as dashboards show it.
type Step string

// The steps, each named after what is done when a pupil has passed it.
const (
	StepEntered  Step = "entered"
	StepSigned   Step = "signed"
	StepApproved Step = "approved"
	StepIssued   Step = "issued"
	StepAccepted Step = "accepted"
	StepLocked   Step = "locked"
	StepMended   Step = "mended" // refused records that the school has to mend: no station, but a cause
)

// Steps lists the stations in the order of the chain.
var Steps = []Step{StepEntered, StepSigned, StepApproved, StepIssued, StepAccepted, StepLocked}

// At returns how many pupils have passed a station.
func (c Counts) At(s Step) int {
	switch s {
	case StepEntered:
		return c.Entered
	case StepSigned:
		return c.Signed
	case StepApproved:
		return c.Approved
	case StepIssued:
		return c.Issued
	case StepAccepted:
		return c.Accepted
	case StepLocked:
		return c.Locked
	}
	return c.OnRoll
}

// Narrowest returns the station, up to and with last, before which most pupils
// wait, and how many; of equals the earlier, because the later ones wait for
// it. Refused records are told from those that were never sent. ok is false
// when nobody waits.
func (c Counts) Narrowest(last Step) (at Step, waiting int, ok bool) {
	before := c.OnRoll
	for _, s := range Steps {
		gap := before - c.At(s)
		before = c.At(s)
		if s == StepAccepted {
			gap -= c.Refused
		}
		if gap > waiting {
			at, waiting = s, gap
		}
		if s == last {
			break
		}
	}
	if c.Refused > waiting {
		at, waiting = StepMended, c.Refused
	}
	return at, waiting, waiting > 0
}

// Due returns how many pupils must be accepted by the deadline of the track,
// and how many are: in June those of the first track, in August everybody.
func (c Counts) Due(t Track) (due, done int) {
	if t == TrackJune {
		return c.OnRoll - c.August, c.Accepted - c.AugustAccepted
	}
	return c.OnRoll, c.Accepted
}

// PaceDays is over how many working days the pace of a school is measured.
const PaceDays = 5

// Forecast returns the day on which left pupils will be done when gained were
// done in the last PaceDays working days; ok is false without a pace. Today
// counts as a day on which work can still be done.
func Forecast(today Date, left, gained int) (day Date, ok bool) {
	if left <= 0 {
		return today, true
	}
	if gained <= 0 {
		return Date{}, false
	}
	days := (left*PaceDays + gained - 1) / gained
	if days > 366 { // further away than any deadline of the year
		days = 366
	}
	return workingDays(today, days-1), true
}

// Outlook says whether a school will meet a deadline.
type Outlook string

// The outlooks.
const (
	InTime  Outlook = "in_time"
	Tight   Outlook = "tight"   // done on the last day or the working day before
	Still   Outlook = "still"   // nothing moved in the last PaceDays working days
	Late    Outlook = "late"    // at this pace done after the deadline
	Overdue Outlook = "overdue" // the deadline is past
)

// quietDays is how many days before a deadline a school that has not begun to
// send is not yet remarkable: sending is the work of the last weeks.
const quietDays = 20

// OutlookOf judges left records against a deadline, with gained accepted in the
// last PaceDays working days. day is when they will be done; zero when nobody
// can tell.
func OutlookOf(d Deadline, now time.Time, left, gained int) (o Outlook, day Date) {
	last := DateOf(d.Due.Add(-time.Nanosecond))
	day, moving := Forecast(DateOf(now), left, gained)
	switch {
	case left <= 0:
		return InTime, day
	case !now.Before(d.Due):
		return Overdue, day
	case !moving && d.DaysLeft(now) > quietDays:
		return InTime, Date{}
	case !moving:
		return Still, Date{}
	case last.Before(day):
		return Late, day
	case !day.Before(WorkingDaysBefore(last, 1)):
		return Tight, day
	}
	return InTime, day
}

// WorkingDaysBefore returns the day n working days before d, Monday to Friday.
func WorkingDaysBefore(d Date, n int) Date { return workingDays(d, -n) }

// workingDays moves n working days on, or back when n is negative. Holidays
// are not known here; a forecast need not be nearer.
func workingDays(d Date, n int) Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	t := d.Start()
	for !working(t) {
		t = t.AddDate(0, 0, step)
	}
	for n > 0 {
		t = t.AddDate(0, 0, step)
		if working(t) {
			n--
		}
	}
	return DateOf(t)
}

func working(t time.Time) bool {
	day := t.Weekday()
	return day != time.Saturday && day != time.Sunday
}
