package demo

import (
	"context"
	"time"

	"hocba/db"
	"hocba/internal/school"
)

// buildPastYear tells the school year that is over: four rounds of assessment,
// signatures, issue, submission, closing.
func (b *builder) buildPastYear(ctx context.Context) error {
	day := func(y int, m time.Month, d int) school.Date { return school.Date{Year: y, Month: m, Day: d} }
	b.clock.at(day(2025, time.September, 5), 7, 30)
	for _, h := range b.schools {
		if err := b.openYear(ctx, h, pastYear); err != nil {
			return err
		}
	}
	classes := b.digital(pastYear)
	b.lateChild(pastYear).level[lateSeat] = struggling
	for _, round := range []struct {
		period school.Period
		day    school.Date
	}{
		{school.MidFirst, day(2025, time.November, 6)}, {school.EndFirst, day(2026, time.January, 9)},
		{school.MidSecond, day(2026, time.March, 20)}, {school.YearEnd, day(2026, time.May, 21)},
	} {
		b.clock.at(round.day, 9, 15)
		if err := b.openEntry(ctx, pastYear, round.period, 14, ""); err != nil {
			return err
		}
		writing := classes
		if round.period == school.MidFirst || round.period == school.MidSecond {
			writing = b.schools[0].classes[pastYear] // the others' would tell nothing new
		}
		err := parallel(len(writing), func(i int) error { return b.assess(ctx, writing[i], round.period, nil) })
		if err != nil {
			return err
		}
	}
	b.clock.at(day(2026, time.May, 25), 14, 0)
	if err := b.openClosing(ctx, pastYear, school.TrackJune, day(2026, time.May, 25), day(2026, time.June, 30)); err != nil {
		return err
	}
	for _, c := range classes {
		if err := b.review(ctx, c); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		day school.Date
		do  func(context.Context, *classroom, func(int) bool) error
	}{
		{day(2026, time.May, 27), b.signParts}, {day(2026, time.May, 28), b.signHomeroom},
		{day(2026, time.June, 2), b.approve}, {day(2026, time.June, 5), b.issuePast},
	} {
		b.clock.at(step.day, 8, 40)
		for _, c := range classes {
			if err := step.do(ctx, c, b.inJune(c)); err != nil {
				return err
			}
		}
	}
	return b.submitPastYear(ctx, classes)
}

// lateChild is the class with the pupil who completes the grade in summer.
func (b *builder) lateChild(y school.Year) *classroom { return b.schools[0].classes[y][2] }

// inJune picks the pupils who are confirmed complete at the year's end.
func (b *builder) inJune(c *classroom) func(int) bool {
	return func(i int) bool { return c.level[i] != struggling }
}

// digital lists the classes of a year that keep digital books.
func (b *builder) digital(y school.Year) []*classroom {
	var out []*classroom
	for _, h := range b.schools {
		for _, c := range h.classes[y] {
			if c.BookKind == school.Digital {
				out = append(out, c)
			}
		}
	}
	return out
}

// openEntry opens a period in every school, as its principal orders, from
// yesterday for some days; the reason is of a reopening.
func (b *builder) openEntry(ctx context.Context, y school.Year, period school.Period, days int, reason string) error {
	for _, h := range b.schools {
		var order int64
		err := b.db.As(ctx, h.principal.Actor, func(tx *db.Tx) (err error) {
			order, err = tx.OrderEntry(ctx, db.EntryOrder{Year: y, Period: period, Opens: tx.Now.AddDate(0, 0, -1),
				Closes: tx.Now.AddDate(0, 0, days), Reason: reason})
			return err
		})
		if err != nil {
			return err
		}
		err = b.db.As(ctx, h.admin.Actor, func(tx *db.Tx) error { return tx.CarryOutOrder(ctx, y, order) })
		if err != nil {
			return err
		}
	}
	return nil
}
