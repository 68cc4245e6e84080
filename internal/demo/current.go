package demo

import (
	"context"
	"time"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/record"
	"hocba/internal/school"
)

// today is where the story stops: a June morning with work for everybody.
var today = school.Date{Year: 2027, Month: time.June, Day: 10}

// buildCurrentYear tells the year under way up to today. The classes of the
// first school stand one step apart from each other, so that every role finds
// work; the second school is behind; the mountain school has just begun.
func (b *builder) buildCurrentYear(ctx context.Context) error {
	day := func(y int, m time.Month, d int) school.Date { return school.Date{Year: y, Month: m, Day: d} }
	b.clock.at(day(2026, time.September, 5), 7, 30)
	for _, h := range b.schools {
		if err := b.openYear(ctx, h, currentYear); err != nil {
			return err
		}
	}
	classes := b.digital(currentYear)
	for _, seat := range storyLate(b.storyClass()) {
		b.storyClass().level[seat] = struggling
	}
	if err := b.keepFiles(ctx, b.storyClass()); err != nil {
		return err
	}
	b.clock.at(day(2027, time.January, 11), 9, 0)
	if err := b.openEntry(ctx, currentYear, school.EndFirst, 10, ""); err != nil {
		return err
	}
	err := parallel(len(classes), func(i int) error { return b.assess(ctx, classes[i], school.EndFirst, nil) })
	if err != nil {
		return err
	}
	b.clock.at(day(2027, time.May, 24), 9, 0)
	if err := b.openEntry(ctx, currentYear, school.YearEnd, 35, ""); err != nil {
		return err
	}
	err = parallel(len(classes), func(i int) error { return b.assess(ctx, classes[i], school.YearEnd, b.undone(classes[i])) })
	if err != nil {
		return err
	}
	b.clock.at(day(2027, time.May, 27), 15, 0)
	for _, c := range classes {
		if err := b.review(ctx, c); err != nil {
			return err
		}
	}
	if err := b.signCurrentYear(ctx, day); err != nil {
		return err
	}
	if err := b.leaveWork(ctx, b.storyClass()); err != nil {
		return err
	}
	b.clock.at(today, 8, 0)
	return db.KeepClock(ctx, b.OwnerDSN, b.clock.Now().Sub(b.Now))
}

// undone leaves cells out where the story needs work to do.
func (b *builder) undone(c *classroom) func(int, evaluation.Item) bool {
	switch {
	case c.house == b.schools[0] && c.plan.name == "4A": // mathematics of three, a competency of five
		return func(i int, it evaluation.Item) bool {
			return withoutMathematics(i) && it == evaluation.Item(school.Toan) || withoutTechnology(i) && it == "NL_CONG_NGHE"
		}
	case c.house.hills: // the mountain school has written half
		return func(i int, it evaluation.Item) bool {
			_, subject := school.ParseSubject(string(it))
			return !subject || i%2 == 1
		}
	}
	return nil
}

// signCurrentYear moves the classes of the year under way to where they stand.
func (b *builder) signCurrentYear(ctx context.Context, day func(int, time.Month, int) school.Date) error {
	type act func(context.Context, *classroom, func(int) bool) error
	first, second := b.schools[0].classes[currentYear], b.schools[1].classes[currentYear]
	var all []*classroom
	all = append(append(all, first...), second...)
	steps := []struct {
		day     school.Date
		do      act
		classes []*classroom
	}{
		{day(2027, time.May, 31), b.signParts, all},
		{day(2027, time.June, 1), b.signHomeroom, without(all, first[3])}, // 4A waits for its three
		{day(2027, time.June, 3), b.approve, []*classroom{first[0], first[1], first[2], first[5], second[0]}},
		{day(2027, time.June, 4), b.issue, []*classroom{first[0], first[1], first[2]}},
	}
	for _, s := range steps {
		b.clock.at(s.day, 8, 30)
		for _, c := range s.classes {
			if err := s.do(ctx, c, nil); err != nil {
				return err
			}
		}
	}
	b.clock.at(day(2027, time.June, 9), 16, 20)
	if err := b.returnOne(ctx, first[4]); err != nil {
		return err
	}
	return b.submitCurrentYear(ctx, first)
}

func without(all []*classroom, c *classroom) []*classroom {
	var out []*classroom
	for _, o := range all {
		if o != c {
			out = append(out, o)
		}
	}
	return out
}

// returnOne returns a part of the third pupil of a class to its teacher.
func (b *builder) returnOne(ctx context.Context, c *classroom) error {
	return b.each(ctx, c, func(i int) bool { return i == 2 }, func(id int64) error {
		return b.desk.Act(ctx, c.house.principal.Actor, id, func(r *record.Record, by record.By) (record.Change, error) {
			return r.Return(by, []string{"mon-" + string(school.Toan)}, "Nhận xét chưa khớp với điểm, đề nghị cô xem lại.")
		})
	})
}

// count makes the progress counts, as the portal's own job does.
func (b *builder) count(ctx context.Context) error {
	_, err := b.db.RecountClasses(ctx)
	return err
}
