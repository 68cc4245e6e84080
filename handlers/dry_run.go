package handlers

import (
	"hocba/db"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// dryRun is what stands before an authorisation of many signatures, records
// and certificates aside: who signs today, and until when.
func dryRun(r *request, tx *db.Tx, year school.Year) (views.DryRun, error) {
	d := views.DryRun{Year: year, Who: r.actor.Name, Role: r.actor.Role, Allowed: true, Now: r.now}
	var err error
	if d.Due, err = tx.Deadline(r.ctx(), r.actor.UnitID, school.SchoolSubmit, year, school.CurrentTrack(year, r.now)); err != nil {
		return d, err
	}
	if d.August, err = tx.Deadline(r.ctx(), r.actor.UnitID, school.SchoolSubmit, year, school.TrackAugust); err != nil {
		return d, err
	}
	if r.actor.Role != workflow.Deputy {
		return d, nil
	}
	if d.Allowed, err = tx.Delegated(r.ctx(), r.actor.AccountID); err != nil || !d.Allowed {
		return d, err
	}
	today := school.DateOf(r.now)
	decided, err := tx.Delegations(r.ctx())
	for _, one := range decided {
		if one.AccountID == r.actor.AccountID && !today.Before(one.From) && !one.To.Before(today) && d.Until.Before(one.To) {
			d.Decision, d.Until = one.DecisionNo, one.To
		}
	}
	return d, err
}

// openJob is the person's batch of a kind about a subject that is not over; nil
// when there is none.
func openJob(r *request, tx *db.Tx, kind, subject string) (*views.SigningJob, error) {
	job, ok, err := tx.OpenJob(r.ctx(), kind, subject)
	if err != nil || !ok {
		return nil, err
	}
	return &views.SigningJob{ID: job.ID, State: string(job.State), Done: job.Done + job.Refused, Of: job.Total, Left: job.Left()}, nil
}

// tryApproval says of each pupil of a class what stands in the way of the
// approval, and who has to sign first.
func tryApproval(r *request, tx *db.Tx, l *views.ApprovalList) error {
	by, err := jobs.Desk{}.By(r.ctx(), tx)
	if err != nil {
		return err
	}
	byID := map[int64]*views.ApprovalPupil{}
	var ids []int64
	for _, list := range [][]views.ApprovalPupil{l.Waiting, l.Others} {
		for i := range list {
			if list[i].Stage.BeforeApproval() {
				byID[list[i].RecordID] = &list[i]
				ids = append(ids, list[i].RecordID)
			}
		}
	}
	records, err := tx.Records(r.ctx(), ids, false)
	for _, rec := range records {
		pupil := byID[rec.ID]
		pupil.Code, pupil.Args, pupil.Unsigned = standsInTheWay(rec, by, rec.MayApprove(by, pupil.Opened))
	}
	return err
}

// standsInTheWay takes a refusal apart for the page; of missing signatures it
// names every teacher.
func standsInTheWay(rec *record.Record, by record.By, err error) (code string, args map[string]string, wait []views.SigningWait) {
	f := fault.As(err)
	if f == nil {
		return "", nil, nil
	}
	if f.Code == "record.missing_part_signature" {
		wait = unsigned(rec, by)
	}
	return f.Code, f.Args, wait
}
