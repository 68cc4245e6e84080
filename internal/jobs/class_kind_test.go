package jobs_test

import (
	"slices"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/paper"
)

// TestDisabilityClass_IsAcceptedByItsOwnRules: a record of a class for pupils
// with disabilities names its rules, holds what was evaluated and no more, and
// the registry, which reads nothing but the bytes, accepts it.
func TestDisabilityClass_IsAcceptedByItsOwnRules(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	err := d.As(t.Context(), c.Admin, func(tx *db.Tx) error { return tx.ChangeKind(t.Context(), c.Class, school.DisabilityClass) })
	if err != nil {
		t.Fatal(err)
	}
	c.Class.Kind = school.DisabilityClass
	chain := jobstest.New(t, d, c)
	chain.Fill(t)
	for _, pupil := range c.Roll {
		chain.Enter(pupil.EnrolmentID, evaluation.Item(school.AmNhac), evaluation.Entry{Level: "T", Remark: "Em hát hay."})
	}
	chain.Submit(t)
	for _, id := range chain.Records {
		var model *bundle.Record
		var stage workflow.Stage
		err := d.As(t.Context(), c.Principal, func(tx *db.Tx) error {
			r, err := tx.Record(t.Context(), id, false)
			if err == nil {
				stage, model = r.Stage, r.Model()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var written []school.Subject
		for _, s := range model.Content.Subjects {
			written = append(written, s.Subject)
			if (s.Mark != nil) != (s.Subject == school.Toan || s.Subject == school.TiengViet) {
				t.Errorf("%s has mark %v", s.Subject, s.Mark)
			}
		}
		for _, row := range paper.YearOf(model, paper.Context{}).Subjects {
			tested := row.ID == string(school.Toan) || row.ID == string(school.TiengViet)
			if (row.Level.Text != "") != slices.Contains(written, school.Subject(row.ID)) || (row.Mark.Text != "") != tested {
				t.Errorf("the paper's row of %s says %q %q", row.Name, row.Level.Text, row.Mark.Text)
			}
		}
		if stage != workflow.Accepted || model.General.RuleSet != "tt27-2020-kt" || len(written) != 3 || model.Content.Overall != "HTXS" {
			t.Errorf("record %d: %s by %s with %v: %q", id, stage, model.General.RuleSet, written, model.Content.Overall)
		}
	}
}
