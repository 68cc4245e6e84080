package db_test

import (
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
)

// A clock that is set back while the program runs is noticed at once, although
// business time has not been written down since: the machine's monotonic clock
// was not moved with it. What keeps clocks right moves them by seconds.
func TestClock_SetBackInTheRunningProgramIsNoticed(t *testing.T) {
	d := dbtest.New(t)
	if err := d.ObserveClock(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	db.SetWallBack(d.DB, time.Minute)
	if err := d.ObserveClock(t.Context(), false); err != nil {
		t.Errorf("a minute is no fraud: %v", err)
	}
	db.SetWallBack(d.DB, time.Hour)
	if err := d.ObserveClock(t.Context(), false); !fault.Is(err, "clock.set_back") {
		t.Errorf("an hour: %v", err)
	}
	db.SetWallBack(d.DB, -2*time.Hour)
	if err := d.ObserveClock(t.Context(), false); err != nil {
		t.Errorf("a clock put forward proves nothing here: %v", err)
	}
}
