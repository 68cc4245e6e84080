package demo

import (
	"context"
	"fmt"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// review writes the homeroom teacher's lines of a class: absences, height and
// weight, and the title that follows from the computed level.
func (b *builder) review(ctx context.Context, c *classroom) error {
	return b.db.As(ctx, c.homeroom.Actor, func(tx *db.Tx) error {
		page, err := tx.ClassReview(ctx, c.Year, c.ID)
		if err != nil {
			return err
		}
		var changes []db.ReviewChange
		for i, row := range page.Rows {
			r := b.random("review", row.EnrolmentID)
			fresh := map[evaluation.ReviewField]string{
				evaluation.ReviewExcused: fmt.Sprint(r.IntN(4)), evaluation.ReviewUnexcused: "0",
				evaluation.ReviewHeight: fmt.Sprintf("%d,%d", 108+row.Grade*5+r.IntN(12), r.IntN(10)),
				evaluation.ReviewWeight: fmt.Sprintf("%d,%d", 15+row.Grade*3+r.IntN(6), r.IntN(10)),
			}
			if c.level[i] == struggling {
				fresh[evaluation.ReviewTrack] = fmt.Sprint(int(school.TrackAugust))
			}
			old := map[evaluation.ReviewField]string{}
			for f := range fresh {
				old[f] = row.Review[f]
			}
			changes = append(changes, db.ReviewChange{Enrolment: row.EnrolmentID, Old: old, New: fresh})
		}
		results, err := tx.SaveReviews(ctx, c.Year, c.ID, changes)
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Row != nil {
				return r.Row
			}
			for f, refused := range r.Fields {
				return fmt.Errorf("review %s of enrolment %d: %w", f, r.Enrolment, refused)
			}
		}
		_, err = tx.AwardOutstanding(ctx, c.Year, c.ID)
		return err
	})
}
