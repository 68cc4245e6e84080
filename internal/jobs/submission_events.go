package jobs

import (
	"context"
	"time"

	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/record"
	"hocba/internal/registry"
	"hocba/internal/school"
)

// SyncEvents applies what the registry tells about a school's versions and the
// school does not know yet: above all locks by the Sở or by date, and answers
// to requests for revocation. Each event is applied once, with the mark that it
// was, in one transaction. It stops before an acceptance, or an answer to a
// request, whose receipt has not come in; Resume fetches that.
func (s Submission) SyncEvents(ctx context.Context, schoolID int64) error {
	unit, err := s.DB.Unit(ctx, schoolID)
	if err != nil {
		return err
	}
	for {
		var since int64
		err := s.DB.As(ctx, ofSchool(schoolID), func(tx *db.Tx) error {
			since, err = tx.RegistryCursor(ctx)
			return err
		})
		if err != nil {
			return err
		}
		events, err := s.Registry.Events(ctx, unit.Code, since)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			wait, err := s.applyEvent(ctx, schoolID, e)
			if err != nil || wait {
				return err
			}
		}
	}
}

func (s Submission) applyEvent(ctx context.Context, schoolID int64, e registry.Event) (wait bool, err error) {
	err = s.DB.As(ctx, ofSchool(schoolID), func(tx *db.Tx) error {
		last, err := tx.RegistryCursor(ctx)
		if err != nil || last >= e.ID {
			return err
		}
		id, err := tx.RecordByUUID(ctx, e.Record)
		if fault.Is(err, "record.unknown") { // sent by other software, before this one
			return tx.MoveRegistryCursor(ctx, e.ID)
		}
		if err != nil {
			return err
		}
		r, err := tx.Record(ctx, id, true)
		if err != nil {
			return err
		}
		standing := standingOf(r, e.Version)
		switch {
		case e.Kind == registry.EventAccepted && standing == record.StandSubmitted:
			wait = true
			return nil
		case e.Kind == registry.EventLocked && (standing == record.StandAccepted || standing == record.StandReplacing):
			if err := applyLock(ctx, tx, r, e); err != nil {
				return err
			}
		case (e.Kind == registry.EventRevoked || e.Kind == registry.EventDeclined) && standing == record.StandLocked:
			if wait, err = applyDecision(ctx, tx, r, e); err != nil || wait {
				return err
			}
		}
		return tx.MoveRegistryCursor(ctx, e.ID)
	})
	return wait, err
}

func applyLock(ctx context.Context, tx *db.Tx, r *record.Record, e registry.Event) error {
	change, err := r.RecordLock(record.By{Actor: tx.Actor, At: tx.Now}, e.Version, string(e.By)+" "+e.At.In(school.Zone).Format(time.RFC3339))
	if err != nil {
		return err
	}
	return tx.ApplyRecord(ctx, change)
}

func standingOf(r *record.Record, version int) record.Standing {
	for _, v := range r.Versions {
		if v.Number == version {
			return v.Standing
		}
	}
	return ""
}
