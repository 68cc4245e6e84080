package db_test

import (
	"log/slog"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func since(t *testing.T, d *dbtest.Database, actor workflow.Actor, at db.ClassPeriod, from time.Time) map[db.CellRef]string {
	t.Helper()
	out := map[db.CellRef]string{}
	err := d.As(t.Context(), actor, func(tx *db.Tx) error {
		cells, err := tx.CellsSince(t.Context(), at, from)
		for _, c := range cells {
			out[c.CellRef] = c.Value
		}
		return err
	})
	if err != nil {
		t.Fatalf("read changed cells: %v", err)
	}
	return out
}

func TestCellsSince_ReturnsWhatTheActorMaySee(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	at := table(c, school.YearEnd)
	save(t, d, c.Huong, at, cell(c.Roll[0], toan, "mark", "", "9"), cell(c.Roll[0], toan, "level", "", "T"))
	d.Clock.Advance(time.Minute)
	save(t, d, c.Minh, at, cell(c.Roll[1], music, "level", "", "H"))

	mark, level := cell(c.Roll[0], toan, "mark", "", "").CellRef, cell(c.Roll[1], music, "level", "", "").CellRef
	for who, actor := range map[string]workflow.Actor{"the homeroom teacher": c.Huong, "the principal": c.Principal} {
		if got := since(t, d, actor, at, dbtest.Start); got[mark] != "9" || got[level] != "H" {
			t.Errorf("%s sees %v", who, got)
		}
	}
	if got := since(t, d, c.Huong, at, dbtest.Start.Add(time.Second)); got[level] != "H" || got[mark] != "" {
		t.Errorf("since a later instant: %v", got)
	}
	if got := since(t, d, c.Minh, at, dbtest.Start); len(got) != 4 || got[level] != "H" {
		t.Errorf("the music teacher sees %v", got)
	}
	if got := since(t, d, c.Huong, table(c, school.EndFirst), dbtest.Start); len(got) != 0 {
		t.Errorf("another period shows %v", got)
	}
	err := d.As(t.Context(), c.OtherTeacher, func(tx *db.Tx) error {
		_, err := tx.CellsSince(t.Context(), at, dbtest.Start)
		return err
	})
	if !fault.Is(err, "class.unknown") {
		t.Errorf("another school: %v", err)
	}
}

// wakes reports whether a follower is woken soon.
func wakes(f *db.Follower) bool {
	select {
	case <-f.Wake():
		return true
	case <-time.After(2 * time.Second):
		return false
	}
}

func TestFeed_WakesTheFollowersOfTheClassAndPeriod(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	openWindow(d, c, school.YearEnd)
	at := table(c, school.YearEnd)
	feed := d.NewFeed(slog.New(slog.DiscardHandler))
	t.Cleanup(feed.Close)
	here, err := feed.Follow(at, c.Huong.AccountID, "here")
	if err != nil {
		t.Fatal(err)
	}
	if !wakes(here) { // the listening has begun
		t.Fatal("never began to listen")
	}
	here.Since()
	save(t, d, c.Huong, at, cell(c.Roll[0], toan, "mark", "", "9"), cell(c.Roll[0], toan, "level", "", "T"))
	if !wakes(here) || !here.Since().Equal(dbtest.Start) {
		t.Error("not told of a save")
	}
	var listeners int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'`).Scan(&listeners); err != nil || listeners != 1 {
		t.Errorf("%d connections listen: %v", listeners, err)
	}
	// A save that is rolled back, refused or already there tells nobody.
	err = d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		if _, err := tx.SaveCells(t.Context(), at, []db.CellChange{cell(c.Roll[1], toan, "mark", "", "9")}); err != nil {
			t.Error(err)
		}
		return fault.New(fault.Invalid, "request.invalid")
	})
	if err == nil {
		t.Fatal("not rolled back")
	}
	save(t, d, c.Huong, at, cell(c.Roll[0], toan, "mark", "", "8"), cell(c.Roll[0], toan, "level", "", "T"))
	if wakes(here) {
		t.Error("told of what was not written")
	}
	// The tab that saves is not told; one that follows something else neither.
	err = d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		tx.Origin = "here"
		_, err := tx.SaveCells(t.Context(), at, []db.CellChange{cell(c.Roll[2], toan, "mark", "", "9")})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if wakes(here) {
		t.Error("told of its own save")
	}
	// Another process over the same database is told too.
	other, err := db.Open(t.Context(), db.Options{PortalDSN: d.PortalDSN, RegistryDSN: d.RegistryDSN, Clock: d.Clock.Now, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	for i, name := range []string{"a server", "a command"} {
		feed := other.NewFeed(slog.New(slog.DiscardHandler))
		if name == "a command" {
			feed.Close()
		}
		err = other.As(t.Context(), c.Huong, func(tx *db.Tx) error {
			_, err := tx.SaveCells(t.Context(), at, []db.CellChange{cell(c.Roll[3+i], toan, "remark", "", name)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !wakes(here) || !here.Since().Equal(dbtest.Start) {
			t.Errorf("not told by %s", name)
		}
		feed.Close()
	}
	here.Close()
	here.Close() // closing twice gives back one place
	for range 8 {
		if _, err := feed.Follow(at, c.Huong.AccountID, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := feed.Follow(at, c.Huong.AccountID, ""); !fault.Is(err, "throttle.streams") {
		t.Errorf("a ninth stream of one account: %v", err)
	}
}
