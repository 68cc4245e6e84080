package school

import "time"

// DeadlineKind says whose duty ends at a deadline.
type DeadlineKind string

// The deadlines of a year and track (seed Điều 4.3).
const (
	SchoolSubmit     DeadlineKind = "school_submit"     // school → Sở: trước ngày 30/6, 15/8
	DepartmentReport DeadlineKind = "department_report" // Sở → Bộ: trước ngày 10/7, 25/8
)

// Deadline is an instant by which a duty must be done. Something done at Due
// or later is late.
type Deadline struct {
	Kind       DeadlineKind
	Year       Year
	Track      Track
	Due        time.Time // first instant that is too late
	DecisionNo string    // of the Sở that moved it; empty for the regulation's own day
}

// Words returns the day of the regulation's wording, "trước ngày 30/6": the
// day that begins at Due when Due is midnight, else the day of Due itself.
func (d Deadline) Words() (before Date, wholeDay bool) {
	due := d.Due.In(Zone)
	return DateOf(d.Due), due.Hour() == 0 && due.Minute() == 0 && due.Second() == 0
}

// LastInstant returns the last minute that is still in time, for display.
func (d Deadline) LastInstant() time.Time { return d.Due.Add(-time.Minute) }

// DaysLeft returns how many whole civil days lie between now and the last day
// that is in time: 0 on that day, negative afterwards.
func (d Deadline) DaysLeft(now time.Time) int {
	last := DateOf(d.Due.Add(-time.Nanosecond))
	from, to := DateOf(now).Start(), last.Start()
	return int(to.Sub(from).Hours() / 24)
}

// RegulationDeadline returns the deadline of the regulation: "trước ngày D" is
// everything before the first instant of day D in Vietnam, that is, the end of
// the day before (decision in the domain notes).
func RegulationDeadline(kind DeadlineKind, y Year, t Track) Deadline {
	day := Date{Year: y.First() + 1}
	switch {
	case kind == SchoolSubmit && t == TrackJune:
		day.Month, day.Day = time.June, 30
	case kind == SchoolSubmit:
		day.Month, day.Day = time.August, 15
	case t == TrackJune:
		day.Month, day.Day = time.July, 10
	default:
		day.Month, day.Day = time.August, 25
	}
	return Deadline{Kind: kind, Year: y, Track: t, Due: day.Start()}
}

// CurrentTrack returns the track that schools work for: the first until the
// Sở's own deadline for it, 10/7, then the second.
func CurrentTrack(y Year, now time.Time) Track {
	if now.Before(RegulationDeadline(DepartmentReport, y, TrackJune).Due) {
		return TrackJune
	}
	return TrackAugust
}
