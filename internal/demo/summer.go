package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// lateSeat is the place on the roll of the late child's class.
const lateSeat = 2

// summer tells the second track of a pupil who had not completed the grade: the
// homeroom teacher's plan, the re-assessment of what it names, the principal's
// decision, the record sent with the second batch.
func (b *builder) summer(ctx context.Context, c *classroom, seat int) error {
	b.clock.at(date(2026, time.July, 1), 8, 30)
	plan, err := b.planSummer(ctx, c, c.roll[seat].EnrolmentID, "Ôn lại phần kiến thức và kĩ năng chưa đạt của từng môn trong kế hoạch, mỗi tuần ba buổi tại trường; "+
		"làm bài luyện thêm ở nhà vào các ngày còn lại.")
	if err != nil {
		return err
	}
	b.clock.at(date(2026, time.July, 24), 9, 0)
	if err := b.openClosing(ctx, pastYear, school.TrackAugust, date(2026, time.July, 15), date(2026, time.August, 15)); err != nil {
		return err
	}
	if err := b.openEntry(ctx, pastYear, school.Summer, 20, ""); err != nil {
		return err
	}
	c.level[seat] = average
	roll, level := c.roll, c.level
	c.roll, c.level = roll[seat:seat+1], level[seat:seat+1]
	planned := evaluation.PlannedItems(plan)
	err = b.assess(ctx, c, school.Summer, func(_ int, it evaluation.Item) bool { return !planned[it] })
	c.roll, c.level = roll, level
	if err != nil {
		return err
	}
	b.clock.at(date(2026, time.July, 30), 15, 0)
	if err := b.decideSummer(ctx, c, c.roll[seat].EnrolmentID); err != nil {
		return err
	}
	b.clock.at(date(2026, time.August, 3), 9, 0)
	for _, do := range []func(context.Context, *classroom, func(int) bool) error{b.signParts, b.signHomeroom, b.approve, b.issue} {
		if err := do(ctx, c, only(seat)); err != nil {
			return err
		}
	}
	if err := b.send(ctx, c, school.TrackAugust); err != nil {
		return err
	}
	b.clock.at(date(2026, time.August, 10), 9, 0)
	return b.close(ctx, c, school.TrackAugust)
}

// planSummer writes the homeroom teacher's plan for a pupil: everything that
// kept the pupil from completing the grade is assessed again.
func (b *builder) planSummer(ctx context.Context, c *classroom, enrolment int64, content string) ([]evaluation.Item, error) {
	var items []evaluation.Item
	err := b.db.As(ctx, c.homeroom.Actor, func(tx *db.Tx) error {
		p, err := tx.SummerPupil(ctx, c.Year, c.ID, enrolment)
		if err != nil {
			return err
		}
		today := school.DateOf(tx.Now)
		items = p.Pupils[0].Items
		wrong, err := tx.PlanSummer(ctx, c.Year, c.ID, db.SummerPlanChange{Enrolment: enrolment, Plan: evaluation.SummerPlan{Items: items,
			Content: content, Guide: c.homeroom.Name + " và giáo viên bộ môn", From: today, To: today.AddDays(21),
			Family: "Nhắc em học đúng giờ, ngồi đọc cùng em mỗi tối 20 phút, báo cho cô khi em nghỉ."}})
		return firstRefusal(wrong, err)
	})
	return items, err
}

// decideSummer is the principal's decision: the grade is completed after all.
func (b *builder) decideSummer(ctx context.Context, c *classroom, enrolment int64) error {
	return b.db.As(ctx, c.house.principal.Actor, func(tx *db.Tx) error {
		refused, err := tx.DecideSummer(ctx, c.Year, []db.SummerChoice{{Enrolment: enrolment,
			Text:           "Rèn luyện trong hè các môn chưa hoàn thành; đã đạt yêu cầu.",
			SummerDecision: evaluation.SummerDecision{Outcome: evaluation.SummerCompleted, Number: "27/QĐ-TH", Date: school.DateOf(tx.Now)}}})
		for _, r := range refused {
			if r.Whole != nil {
				return r.Whole
			}
			return firstRefusal(r.Fields, err)
		}
		return err
	})
}

func firstRefusal(wrong map[evaluation.SummerField]*fault.Error, err error) error {
	for _, f := range slices.Sorted(maps.Keys(wrong)) {
		return fmt.Errorf("summer %s: %w", f, wrong[f])
	}
	return err
}
