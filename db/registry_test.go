package db_test

import (
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// accepted is the cast's class with every record in the registry.
func accepted(t *testing.T) *jobstest.Chain {
	t.Helper()
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	c.Submit(t)
	return c
}

func TestRegistry_NothingKeptIsEverChanged(t *testing.T) {
	t.Parallel()
	c := accepted(t)
	conn := c.D.AsRegistry()
	conn.SetMaxOpenConns(1)
	if _, err := conn.Exec(`SELECT set_config('app.kind', 'system', false)`); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"attempt", "answer", "binding", "version", "version_content", "version_event", "receipt", "closing",
		"closing_time", "lock_act", "lock_act_class", "paper", "receipt_key", "revocation_request", "revocation_decision"} {
		var column string
		err := c.D.Owner().QueryRow(`SELECT column_name FROM information_schema.columns WHERE table_schema = 'registry' AND table_name = $1
			AND is_identity = 'NO' ORDER BY ordinal_position LIMIT 1`, table).Scan(&column)
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		var any bool
		err = c.D.Owner().QueryRow(`SELECT has_any_column_privilege('hocba_registry', 'registry.' || $1, 'UPDATE')`, table).Scan(&any)
		if err != nil || any {
			t.Errorf("%s: some column may be updated (%v)", table, err)
		}
		for _, statement := range []string{`UPDATE registry.` + table + ` SET ` + column + ` = ` + column, `DELETE FROM registry.` + table,
			`TRUNCATE registry.` + table} {
			if _, err := conn.Exec(statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	}
	// What may change are pointers and counts, never a fact.
	for _, statement := range []string{`UPDATE registry.live_version SET record_uuid = record_uuid`, `DELETE FROM registry.class_progress`,
		`UPDATE registry.refused_record SET record_uuid = record_uuid`} {
		if _, err := conn.Exec(statement); err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
	for _, statement := range []string{`SELECT 1 FROM school.record`, `SELECT key_blob FROM core.certificate`, `SELECT 1 FROM core.account`} {
		if _, err := conn.Exec(statement); err == nil {
			t.Errorf("the registry's role may %s", statement)
		}
	}
	if _, err := c.D.AsPortal().Exec(`SELECT 1 FROM registry.version`); err == nil {
		t.Error("the portal's role reads the registry")
	}
}

func TestRegistry_IsSeenWithinScopeAlone(t *testing.T) {
	t.Parallel()
	c := accepted(t)
	for name, want := range map[string]struct {
		actor workflow.Actor
		rows  int
	}{
		"the Sở":                           {c.Cast.Authority, 8},
		"the commune":                      {c.Cast.CommuneClerk, 8},
		"the school":                       {c.Cast.Principal, 8},
		"another school":                   {c.Cast.OtherPrincipal, 0},
		"a stranger, who must know a code": {workflow.Actor{Kind: workflow.Public}, 8},
	} {
		err := c.D.Registry(t.Context(), want.actor, func(tx *db.Tx) error {
			for _, table := range []string{"version", "version_content", "receipt", "live_version"} {
				var n int
				if err := tx.GetContext(t.Context(), &n, `SELECT count(*) FROM registry.`+table); err != nil {
					return err
				}
				if n != want.rows {
					t.Errorf("%s sees %d rows of %s, want %d", name, n, table, want.rows)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want.actor.Kind == workflow.Person {
			err = c.D.Registry(t.Context(), want.actor, func(tx *db.Tx) error {
				_, err := tx.ExecContext(t.Context(), `INSERT INTO registry.binding (record_uuid, pupil_code, school_year, at)
					VALUES (gen_random_uuid(), 'x', '2025-2026', now())`)
				return err
			})
			if err == nil {
				t.Errorf("%s added a row of the registry", name)
			}
		}
	}
}

func TestSetClosingTime_ByTheSoAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	g, now := c.Registrar(), d.Clock.Now()
	change := db.ClosingTimeChange{Year: dbtest.Year, Track: school.TrackAugust, Opens: now, Ends: now.Add(time.Hour)}
	for _, actor := range []workflow.Actor{c.Cast.Principal, c.Cast.CommuneClerk, {Kind: workflow.System}} {
		if err := g.SetClosingTime(t.Context(), actor, change); !fault.Is(err, "closing.role") {
			t.Errorf("%s: %v", actor.Role, err)
		}
	}
	for code, edit := range map[string]func(*db.ClosingTimeChange){
		"closing.order":   func(c *db.ClosingTimeChange) { c.Ends = c.Opens },
		"closing.in_past": func(c *db.ClosingTimeChange) { c.Opens, c.Ends = now.AddDate(0, 0, -2), now.AddDate(0, 0, -1) },
	} {
		wrong := change
		edit(&wrong)
		if err := g.SetClosingTime(t.Context(), c.Cast.Authority, wrong); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	if err := g.SetClosingTime(t.Context(), c.Cast.Authority, change); err != nil {
		t.Fatal(err)
	}
	change.Ends = change.Ends.Add(time.Hour) // moved while it is open: a new row
	if err := g.SetClosingTime(t.Context(), c.Cast.Authority, change); err != nil {
		t.Fatal(err)
	}
	list, err := g.ClosingTimes(t.Context(), dbtest.Year)
	if err != nil || len(list) != 2 || !list[0].Ends.Equal(change.Ends) {
		t.Errorf("times %+v: %v", list, err)
	}
	if w, err := g.ClosingTime(t.Context(), dbtest.Year, school.TrackAugust); err != nil || w.State(now.Add(90*time.Minute)) != registry.Open {
		t.Errorf("window %+v: %v", w, err)
	}
	if w, err := g.ClosingTime(t.Context(), dbtest.Year, school.TrackJune); err != nil || w.State(now) != registry.NotOpen {
		t.Errorf("the other track: %+v: %v", w, err)
	}
}

func TestKeepReceiptKey_NeedsTheNameOfTheSo(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := jobstest.New(t, d, dbtest.NewCast(t, d))
	if err := d.KeepReceiptKey(t.Context(), c.Seal().Certificate, []byte("x")); !fault.Is(err, "registry.receipt_certificate") {
		t.Errorf("a school's seal became the receipt key: %v", err)
	}
	if _, err := d.ReceiptKey(t.Context(), registry.Keys{Secret: c.Secret()}); !fault.Is(err, "registry.no_receipt_key") {
		t.Errorf("a key where there is none: %v", err)
	}
}
