package db_test

import (
	"slices"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/school"
)

// TestAssignments_AreInTheBookletsOrder holds for every list that shows
// subjects: people find them where the paper has them.
func TestAssignments_AreInTheBookletsOrder(t *testing.T) {
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	err := d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		taught, err := tx.TeacherAssignments(t.Context(), c.Huong.AccountID, dbtest.Year)
		if err != nil {
			return err
		}
		inBookletsOrder(t, "what a teacher teaches", taught, 10)
		all, err := tx.ClassAssignments(t.Context(), c.Class.ID)
		if err != nil {
			return err
		}
		inBookletsOrder(t, "a class's assignments", all, 12)
		history, err := tx.ClassHistory(t.Context(), c.Class.ID)
		if err != nil {
			return err
		}
		if history[0].Subject != "" {
			t.Errorf("a class's history begins with %q, want the homeroom", history[0].Subject)
		}
		inBookletsOrder(t, "a class's history", history, 13)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func inBookletsOrder(t *testing.T, what string, list []db.Assignment, atLeast int) {
	t.Helper()
	var order []school.Subject
	for _, a := range list {
		order = append(order, a.Subject)
	}
	if len(order) < atLeast || !slices.IsSortedFunc(order, func(a, b school.Subject) int { return a.Index() - b.Index() }) {
		t.Errorf("%s: %v", what, order)
	}
}
