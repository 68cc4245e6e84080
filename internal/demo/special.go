package demo

import (
	"context"

	"hocba/db"
	"hocba/internal/school"
)

// special declares, in the mountain school's year under way, what differs for
// single pupils: the multi-grade class takes Tiếng dân tộc, in grade 3 one pupil
// is exempt from a subject, in grade 4 one is evaluated by the own plan.
func (b *builder) special(ctx context.Context, tx *db.Tx, c *classroom, from school.Date) error {
	if !c.house.hills || c.Year != currentYear || len(c.roll) < 2 {
		return nil
	}
	switch {
	case c.MultiGrade():
		var changes []db.SpecialChange
		for _, p := range c.roll {
			changes = append(changes, db.SpecialChange{Enrolment: p.EnrolmentID, Old: p.Special(), New: db.Special{EthnicTongue: true}})
		}
		if _, err := tx.DeclareSpecial(ctx, c.Year, c.ID, changes); err != nil {
			return err
		}
		if err := tx.NameTongue(ctx, c.Year, c.ID, "Cơ-tu"); err != nil {
			return err
		}
		return tx.Assign(ctx, c.ID, school.TiengDanToc, c.homeroom.AccountID, from)
	case c.Grade() == 3:
		c.exempt = school.GiaoDucTheChat
		return tx.Exempt(ctx, c.Year, c.ID, db.NewExemption{Enrolment: c.roll[0].EnrolmentID, Subject: c.exempt, From: school.MidFirst,
			Reason: "Bệnh tim bẩm sinh, có hồ sơ y tế", Decision: "08/QĐ-NV ngày 12/09/2026"})
	case c.Grade() == 4:
		p := c.roll[1]
		_, err := tx.DeclareSpecial(ctx, c.Year, c.ID, []db.SpecialChange{{Enrolment: p.EnrolmentID, Old: p.Special(),
			New: db.Special{Inclusive: true, Plan: true}}})
		return err
	}
	return nil
}
