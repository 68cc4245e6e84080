package demo

import (
	"context"
	"time"

	"hocba/db"
	"hocba/internal/evaluation"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/school"
)

// ask has the principal ask for the revocation of one record in force.
func (b *builder) ask(ctx context.Context, c *classroom, n int, why jobs.Grounds) error {
	return b.each(ctx, c, only(n), func(id int64) error {
		_, err := b.office.AskRevocation(ctx, c.house.principal.Actor, id, why, c.house.seal)
		return err
	})
}

// revokeOne tells the way after the lock: asked, granted by the Sở, mended, and
// the next version in force.
func (b *builder) revokeOne(ctx context.Context, c *classroom) error {
	const pupil = 1
	b.clock.at(date(2026, time.July, 6), 9, 0)
	err := b.ask(ctx, c, pupil, jobs.Grounds{Reason: "Nhận xét môn Tiếng Việt là của một em khác cùng tên đệm.",
		Evidence: "Biên bản số 07/BB-TH ngày 03/07/2026 của hội đồng trường."})
	if err != nil {
		return err
	}
	b.clock.at(date(2026, time.July, 8), 14, 30)
	var waits []int64
	err = b.db.Registry(ctx, b.clerk.Actor, func(tx *db.Tx) error {
		list, err := tx.RevocationRequests(ctx, pastYear)
		waits = nil
		for _, q := range list {
			if q.Decision == "" {
				waits = append(waits, q.ID)
			}
		}
		return err
	})
	for _, id := range waits {
		if err == nil {
			_, err = b.registrar.DecideRevocation(ctx, b.clerk.Actor, id, registry.Granted, "Đồng ý theo biên bản số 07/BB-TH.")
		}
	}
	if err == nil {
		err = b.listen(ctx)
	}
	if err != nil {
		return err
	}
	b.clock.at(date(2026, time.July, 9), 8, 0)
	if err := b.openEntry(ctx, pastYear, school.YearEnd, 5, "Sửa học bạ đã được thu hồi"); err != nil {
		return err
	}
	return b.mend(ctx, c, pupil, remark{school.TiengViet, "Đọc to, rõ; viết đoạn văn đủ ý, đúng chính tả."})
}

// remark is what a subject's remark is to become.
type remark struct {
	subject school.Subject
	text    string
}

// mend returns a subject of an opened record to its teacher, who writes the
// remark anew, and brings the record to the registry again.
func (b *builder) mend(ctx context.Context, c *classroom, n int, to remark) error {
	err := b.each(ctx, c, only(n), func(id int64) error {
		return b.desk.Act(ctx, c.house.principal.Actor, id, func(r *record.Record, by record.By) (record.Change, error) {
			return r.Return(by, []string{"mon-" + string(to.subject)}, "Sửa nhận xét môn "+to.subject.Name()+" cho đúng với em.")
		})
	})
	if err != nil {
		return err
	}
	if err := b.rewrite(ctx, c, c.roll[n].EnrolmentID, evaluation.Item(to.subject), to.text); err != nil {
		return err
	}
	for _, do := range []func(context.Context, *classroom, func(int) bool) error{b.signParts, b.signHomeroom, b.approve, b.issue} {
		if err := do(ctx, c, only(n)); err != nil {
			return err
		}
	}
	return b.send(ctx, c, school.TrackJune)
}
