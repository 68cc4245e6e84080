package demo

import (
	"context"

	"hocba/db"
	"hocba/internal/record"
)

// collectCodes picks a few look-up codes of each answer for people to try.
func (b *builder) collectCodes(ctx context.Context) error {
	first, second := b.schools[0], b.schools[1]
	for _, pick := range []struct {
		class   *classroom
		verdict string
		most    int
		wants   record.Standing
	}{
		{first.classes[pastYear][0], "valid", 2, record.StandLocked},
		{first.classes[pastYear][2], "valid", 2, record.StandLocked},
		{first.classes[pastYear][3], "replaced", 1, record.StandReplaced},
		{second.classes[pastYear][2], "recalled", 1, record.StandRecalled},
		{first.classes[pastYear][1], "revoked", 1, record.StandRevoked},
		{first.classes[currentYear][1], "unlocked", 2, record.StandAccepted},
		{b.refusing(), "unknown", 1, record.StandRefused},
	} {
		err := b.db.As(ctx, pick.class.house.principal.Actor, func(tx *db.Tx) error {
			ids, err := tx.ClassRecordIDs(ctx, pick.class.ID)
			if err != nil {
				return err
			}
			records, err := tx.Records(ctx, ids, false)
			if err != nil {
				return err
			}
			found := 0
			for _, r := range records {
				for _, v := range r.Versions {
					if found < pick.most && v.Standing == pick.wants {
						found++
						b.result.Codes = append(b.result.Codes, Code{Code: v.Code.String(), Birth: r.Pupil.Birth, Verdict: pick.verdict})
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
