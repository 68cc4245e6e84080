package db_test

import (
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// TestGiveBack_LeavesWrongAttemptsCounted: a right answer costs nothing and
// forgives nothing.
func TestGiveBack_LeavesWrongAttemptsCounted(t *testing.T) {
	d := dbtest.New(t)
	limit := db.Throttle{Kind: "test", Limit: 3, Window: time.Hour}
	try := func() error { return d.Attempt(t.Context(), limit, "one") }
	for range 10 {
		if err := try(); err != nil {
			t.Fatal(err)
		}
		if err := d.GiveBack(t.Context(), limit, "one"); err != nil {
			t.Fatal(err)
		}
	}
	for range limit.Limit {
		if err := try(); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(); !fault.Is(err, "throttle.wait") {
		t.Errorf("after %d wrong attempts: %v", limit.Limit, err)
	}
	if err := d.GiveBack(t.Context(), limit, "nobody"); err != nil {
		t.Error(err)
	}
}

// TestLookUp_TellsNothingOfWhatIsNotHeld: unknown codes and records are no error.
func TestLookUp_TellsNothingOfWhatIsNotHeld(t *testing.T) {
	d := dbtest.New(t)
	stranger := workflow.Actor{Kind: workflow.Public}
	if _, found, err := d.LookUp(t.Context(), stranger, "0123456789AB"); found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
	if _, found, err := d.LiveVersion(t.Context(), stranger, "0190c5a8-7c1e-7b3a-9d2f-3b6a5c4d7e8f"); found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
	if _, _, err := d.VersionFiles(t.Context(), stranger, 1); !fault.Is(err, "record.unknown") {
		t.Error(err)
	}
	if _, _, err := d.LookUp(t.Context(), workflow.Actor{}, "0123456789AB"); !fault.Is(err, "actor.nobody") {
		t.Errorf("nobody may look up: %v", err)
	}
}
