package dbtest_test

import (
	"database/sql"
	"testing"
	"time"

	"hocba/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestNew_GivesEveryTestItsOwnDatabase(t *testing.T) {
	for _, name := range []string{"one", "another"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			d.Exec(`CREATE TABLE public.own (n int)`) // would exist if shared
			if err := d.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			if err := d.CheckSchema(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNew_ConnectsAsTheProgramsRoles(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for want, conn := range map[string]*sql.DB{
		"hocba_portal": d.AsPortal(), "hocba_registry": d.AsRegistry(), "hocba": d.Owner(),
	} {
		var who string
		if err := conn.QueryRow(`SELECT current_user`).Scan(&who); err != nil || who != want {
			t.Errorf("connected as %q, want %q: %v", who, want, err)
		}
	}
	if _, err := d.AsPortal().Exec(`CREATE TABLE public.mine (n int)`); err == nil {
		t.Error("the portal's role may create tables")
	}
}

func TestClock_MovesTheBusinessTimeOfTheDatabase(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if !d.Now().Equal(dbtest.Start) {
		t.Errorf("starts at %v", d.Now())
	}
	d.Clock.Advance(48 * time.Hour)
	if want := dbtest.Start.Add(48 * time.Hour); !d.Now().Equal(want) {
		t.Errorf("shows %v, want %v", d.Now(), want)
	}
}

func BenchmarkNew(b *testing.B) {
	dbtest.New(b) // starts the cluster
	for b.Loop() {
		d := dbtest.New(b)
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
