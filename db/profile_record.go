package db

import (
	"context"

	"github.com/lib/pq"

	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// pupilRecords lets the records of changed pupils follow: read and locked
// before the change, compared after it.
type pupilRecords struct {
	tx   *Tx
	rows []recordStage
	held []*record.Record // signed and not issued, as they were before
}

type recordStage struct {
	ID      int64          `db:"id"`
	PupilID int64          `db:"pupil_id"`
	Year    school.Year    `db:"school_year"`
	Stage   workflow.Stage `db:"stage"`
}

func (f pupilRecords) stage(pupilID int64, year school.Year) workflow.Stage {
	for _, r := range f.rows {
		if r.PupilID == pupilID && r.Year == year {
			return r.Stage
		}
	}
	return ""
}

// holdRecords locks the records of pupils that are past drafting, of every
// year, and loads those that are signed but not issued.
func (t *Tx) holdRecords(ctx context.Context, pupils []int64) (pupilRecords, error) {
	f := pupilRecords{tx: t}
	err := t.list(ctx, "lock the records of pupils", &f.rows, `SELECT id, pupil_id, school_year, stage FROM school.record
		WHERE pupil_id = ANY($1) AND stage <> 'drafting' ORDER BY id FOR NO KEY UPDATE`, pq.Array(pupils))
	if err != nil {
		return f, err
	}
	var signed []int64
	for _, r := range f.rows {
		if r.Stage.BeforeIssue() {
			signed = append(signed, r.ID)
		}
	}
	if len(signed) > 0 {
		f.held, err = t.Records(ctx, signed, true)
	}
	return f, err
}

// decideFollow says what a record's new facts end.
type decideFollow func(by record.By, before, after *record.Record) (record.Change, error)

// personal is for changes of who pupils are.
func personal(by record.By, before, after *record.Record) (record.Change, error) {
	return before.PersonalChanged(by, after.Pupil, after.History)
}

// seated is for changes of pupils' classes, too.
func seated(by record.By, before, after *record.Record) (record.Change, error) {
	return before.FactsChanged(by, record.Facts{Pupil: after.Pupil, Class: after.Class, History: after.History})
}

// follow applies the new facts to the records that say them: signatures that
// cover them end, voided counts them. Other records that are not issued get a
// new revision, so that a signature prepared over the former facts is not
// completed. What is issued stays.
func (f pupilRecords) follow(ctx context.Context, pupils []int64, decide decideFollow) (voided int, err error) {
	if len(pupils) == 0 {
		return 0, nil
	}
	changed := map[int64]bool{}
	for _, id := range pupils {
		changed[id] = true
	}
	var ids []int64
	for _, r := range f.held {
		ids = append(ids, r.ID)
	}
	after, err := f.tx.Records(ctx, ids, false)
	if err != nil {
		return 0, err
	}
	followed := []int64{}
	for i, r := range f.held {
		if i >= len(after) || !f.concerns(r.ID, changed) {
			continue
		}
		c, err := decide(record.By{Actor: f.tx.Actor, At: f.tx.Now}, r, after[i])
		if err != nil {
			return 0, err
		}
		if c.Empty() {
			continue
		}
		if err := f.tx.ApplyRecord(ctx, c); err != nil {
			return 0, err
		}
		voided += len(c.Voids())
		followed = append(followed, r.ID)
	}
	return voided, f.tx.exec(ctx, "raise the records' revision", `UPDATE school.record SET revision = revision + 1, changed_at = $3
		WHERE pupil_id = ANY($1) AND id <> ALL($2) AND stage IN ('drafting', 'part_signed', 'homeroom_signed', 'returned', 'approved')`,
		pq.Array(pupils), pq.Array(followed), f.tx.Now)
}

func (f pupilRecords) concerns(recordID int64, pupils map[int64]bool) bool {
	for _, r := range f.rows {
		if r.ID == recordID {
			return pupils[r.PupilID]
		}
	}
	return false
}
