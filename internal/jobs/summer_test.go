package jobs_test

import (
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// TestSummer_EveryDecisionGoesToAcceptance: completed, moved up, kept down; the
// record goes with the second batch whatever the principal decided.
func TestSummer_EveryDecisionGoesToAcceptance(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	toan := evaluation.Item(school.Toan)
	outcomes := []struct {
		outcome             evaluation.SummerOutcome
		level               evaluation.Level
		mark                int
		completed, promoted bool
	}{
		{evaluation.SummerCompleted, "H", 6, true, true},
		{evaluation.SummerMovedUp, "C", 4, false, true},
		{evaluation.SummerKeptDown, "C", 3, false, false},
	}
	var choices []db.SummerChoice
	for i, o := range outcomes {
		pupil := c.Roll[i].EnrolmentID
		two := 2
		chain.Enter(pupil, toan, evaluation.Entry{Level: "C", Mark: &two, Remark: "Em còn lúng túng."})
		d.Exec(`DELETE FROM school.commendation WHERE pupil_id = $1`, c.Roll[i].PupilID)
		err := d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
			wrong, err := tx.PlanSummer(t.Context(), dbtest.Year, c.Class.ID, db.SummerPlanChange{Enrolment: pupil, Plan: evaluation.SummerPlan{
				Items: []evaluation.Item{toan}, Content: "Ôn phép chia", Guide: "Cô Hương", From: school.Date{Year: 2026, Month: 5, Day: 18},
				To: school.Date{Year: 2026, Month: 7, Day: 31}}})
			if len(wrong) > 0 {
				t.Errorf("plan: %v", wrong)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, account_id, updated_at)
			VALUES ($1, $2, 'he', 'TOAN', $3, $4, $5, $6, $7)`, string(dbtest.Year), pupil, c.School.ID, string(o.level), o.mark, c.Huong.AccountID, d.Clock.Now())
		choices = append(choices, db.SummerChoice{Enrolment: pupil, Text: "Đã rèn luyện trong hè.", SummerDecision: evaluation.SummerDecision{
			Outcome: o.outcome, Number: "27/QĐ-TH", Date: school.DateOf(d.Clock.Now())}})
	}
	err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
		refused, err := tx.DecideSummer(t.Context(), dbtest.Year, choices)
		if len(refused) > 0 {
			t.Errorf("decide: %+v", refused)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	chain.Sign(t)
	for _, id := range chain.Records[:len(outcomes)] { // what is marked must be opened first
		err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
			r, err := tx.Record(t.Context(), id, false)
			if err != nil {
				return err
			}
			return tx.Opened(t.Context(), r.ID, r.Revision)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	chain.Issue(t)
	at := jobs.ClassTrack{Year: dbtest.Year, ClassID: c.Class.ID, Track: school.TrackAugust}
	if _, err := chain.Submission().Send(t.Context(), c.Principal, at, nil, chain.Seal()); err != nil {
		t.Fatalf("send the second batch: %v", err)
	}
	for i, o := range outcomes {
		var stage workflow.Stage
		var model *bundle.Record
		err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
			r, err := tx.Record(t.Context(), chain.Records[i], false)
			if err == nil {
				stage, model = r.Stage, r.Model()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got := model.Content
		if stage != workflow.Accepted || got.Completed != o.completed || got.Promoted != o.promoted || got.Reassessment == nil || model.General.Track != school.TrackAugust {
			t.Errorf("%s: %s, completed %v, promoted %v, re-assessment %v, track %d", o.outcome, stage, got.Completed, got.Promoted, got.Reassessment, model.General.Track)
		}
	}
}
