package demo

import (
	"context"
	"fmt"
	"slices"

	"hocba/db"
	"hocba/internal/fault"
)

// each runs an act on the records of a class, a few at a time; only picks some.
func (b *builder) each(ctx context.Context, c *classroom, only func(pupil int) bool, act func(recordID int64) error) error {
	var ids []int64
	err := b.db.As(ctx, c.house.admin.Actor, func(tx *db.Tx) error {
		var err error
		ids, err = tx.ClassRecordIDs(ctx, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	if only != nil {
		all := ids
		ids = nil
		for i, id := range all {
			if only(i) {
				ids = append(ids, id)
			}
		}
	}
	return parallel(len(ids), func(i int) error { return act(ids[i]) })
}

// signParts signs the parts of every subject teacher of a class; who left a
// part undone signs nothing there.
func (b *builder) signParts(ctx context.Context, c *classroom, only func(int) bool) error {
	var teachers []*person
	for _, s := range c.subjects() {
		if t := c.teacher(s); !slices.Contains(teachers, t) {
			teachers = append(teachers, t)
		}
	}
	for _, t := range teachers {
		err := b.each(ctx, c, only, func(id int64) error {
			err := b.desk.SignParts(ctx, t.Actor, id, t.pen)
			switch fault.CodeOf(err) {
			case "record.part_incomplete", "record.nothing_to_sign", "record.already_signed":
				return nil
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%s signs in class %s of %s: %w", t.Name, c.Name, c.house.Code, err)
		}
	}
	return nil
}

func (b *builder) signHomeroom(ctx context.Context, c *classroom, only func(int) bool) error {
	return b.each(ctx, c, only, func(id int64) error {
		return b.desk.SignHomeroom(ctx, c.homeroom.Actor, id, "", c.homeroom.pen)
	})
}

// approve opens each record as the principal would, and signs it.
func (b *builder) approve(ctx context.Context, c *classroom, only func(int) bool) error {
	p := c.house.principal
	return b.each(ctx, c, only, func(id int64) error {
		err := b.db.As(ctx, p.Actor, func(tx *db.Tx) error { return tx.OpenedAsItIs(ctx, id) })
		if err != nil {
			return err
		}
		return b.desk.Approve(ctx, p.Actor, id, p.pen)
	})
}

func (b *builder) issue(ctx context.Context, c *classroom, only func(int) bool) error {
	return b.each(ctx, c, only, func(id int64) error {
		return b.desk.Issue(ctx, c.house.principal.Actor, id, c.house.place, c.house.seal)
	})
}
