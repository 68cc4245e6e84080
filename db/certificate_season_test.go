package db_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/workflow"
)

// province adds schools to the Sở of a cast, each with a principal, a teacher
// and certificates: of school n the seal ends n days from now, the principal's
// certificate an hour later, the teacher's long after.
func province(t *testing.T, d *dbtest.Database, c *dbtest.Cast, schools int) {
	t.Helper()
	d.Exec(`INSERT INTO core.unit (code, name, kind, parent_id, levels, valid_from)
		SELECT 'T' || lpad(i::text, 4, '0'), 'Trường Tiểu học số ' || i, 'truong', $1, 'TH', '2025-07-01' FROM generate_series(1, $2::int) AS i`, c.Department.ID, schools)
	d.Exec(`INSERT INTO core.account (username, full_name, password_hash, created_at)
		SELECT lower(u.code) || '.' || k, 'Lê Văn ' || k, '', $1 FROM core.unit u, generate_series(1, 2) AS k WHERE u.code ~ '^T[0-9]{4}$'`, dbtest.Start)
	d.Exec(`INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
		SELECT a.id, u.id, 'teacher', '2025-07-01' FROM core.account a JOIN core.unit u ON u.code = upper(split_part(a.username, '.', 1)) WHERE u.code ~ '^T[0-9]{4}$'`)
	d.Exec(`INSERT INTO core.certificate (fingerprint, unit_id, purpose, leaf, not_before, not_after, created_at)
		SELECT md5(u.code), u.id, 'seal', '', $1::timestamptz - interval '1 year', $1::timestamptz + right(u.code, 4)::int * interval '1 day', $1 FROM core.unit u WHERE u.code ~ '^T[0-9]{4}$'`, dbtest.Start)
	d.Exec(`INSERT INTO core.certificate (fingerprint, account_id, purpose, leaf, not_before, not_after, created_at)
		SELECT md5(a.username), a.id, 'person', '', $1::timestamptz - interval '1 year', CASE WHEN a.username LIKE '%.1'
		  THEN $1::timestamptz + substr(a.username, 2, 4)::int * interval '1 day' + interval '1 hour' ELSE $1::timestamptz + interval '9 years' END, $1
		FROM core.account a WHERE a.username ~ '^t[0-9]{4}[.]'`, dbtest.Start)
	d.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at)
		SELECT c.id, 'approved', c.not_before, c.not_before FROM core.certificate c WHERE c.purpose = 'seal' AND c.leaf = ''`)
	d.Exec(`ANALYZE`)
}

// TestExpiringBySchool_TurnsThePagesOfAProvince reads every page: each school
// once, in the order in which their certificates end, and none that renewed.
func TestExpiringBySchool_TurnsThePagesOfAProvince(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	const schools = 130
	province(t, d, c, schools)
	d.Exec(`INSERT INTO core.certificate (fingerprint, unit_id, purpose, leaf, not_before, not_after, created_at)
		SELECT md5('new'), id, 'seal', '', $1::timestamptz, $1::timestamptz + interval '9 years', $1 FROM core.unit WHERE code = 'T0003'`, dbtest.Start)
	d.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at)
		SELECT id, 'approved', not_before, not_before FROM core.certificate WHERE fingerprint = md5('new')`)
	before := dbtest.Start.AddDate(1, 0, 0)
	var got []string
	var after db.Ending
	for page := 1; ; page++ {
		list, next, err := d.ExpiringBySchool(t.Context(), c.Authority, before, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > db.ExpiringPage {
			t.Errorf("page %d has %d schools", page, len(list))
		}
		for _, e := range list {
			seals := 1
			if e.Code == "T0003" {
				seals = 0
			}
			if e.Seals != seals || e.People != 1 {
				t.Errorf("%s: %d seals and %d people end", e.Code, e.Seals, e.People)
			}
			got = append(got, e.Code)
		}
		if next == (db.Ending{}) {
			break
		}
		after = next
	}
	var want []string
	for i := range schools {
		want = append(want, fmt.Sprintf("T%04d", i+1))
	}
	if !slices.Equal(got, want) {
		t.Errorf("schools in the order of their ends: %v", got)
	}
	other := workflow.Actor{Kind: workflow.Person, AccountID: c.CommuneClerk.AccountID, UnitID: c.Commune.ID, Role: workflow.MiddleAuthority}
	if list, _, err := d.ExpiringBySchool(t.Context(), other, before, db.Ending{}); err != nil || len(list) != 0 {
		t.Errorf("a commune sees %d schools of others, %v", len(list), err)
	}
}

// TestStanding_IsWhatTheEventsSay writes histories at random, some announced
// for later, and asks at every moment.
func TestStanding_IsWhatTheEventsSay(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	province(t, d, c, 8)
	random := rand.New(rand.NewPCG(7, 7))
	kinds := []string{"declared", "registered", "approved", "suspended", "resumed", "ended", "refused", "withdrawn"}
	for step := range 60 {
		at := dbtest.Start.Add(time.Duration(step) * time.Hour)
		effective := at
		if random.IntN(3) == 0 {
			effective = at.Add(time.Duration(random.IntN(40)-10) * time.Hour)
		}
		d.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at)
			SELECT id, $1, $2, $3 FROM core.certificate ORDER BY id OFFSET $4 LIMIT 1`, kinds[random.IntN(len(kinds))], effective, at, random.IntN(24))
	}
	var differ int
	err := d.Owner().QueryRow(`SELECT count(*) FROM core.certificate_standing g, generate_series($1::timestamptz - interval '1 day', $1::timestamptz + interval '5 days', '30 minutes') AS at
		WHERE core.standing(g.certificate_id, g.last, g.since, g.turns_at, at) <> coalesce(core.certificate_stage(g.certificate_id, at), '')`, dbtest.Start).Scan(&differ)
	if err != nil || differ != 0 {
		t.Errorf("%d of the standings are not what the events say, %v", differ, err)
	}
	if _, err := d.AsPortal().Exec(`SET app.kind = 'system'; UPDATE core.certificate_standing SET last = 'approved'`); err != nil {
		t.Fatal(err)
	}
	var approved int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM core.certificate_standing WHERE last = 'approved'`).Scan(&approved); err != nil || approved == 24 {
		t.Errorf("the program moved %d certificates by hand, %v", approved, err)
	}
}

// TestSeals_CostDoesNotGrowWithHistories looks at the plans: no list of a
// province adds histories up, and none walks through everybody's certificates.
func TestSeals_CostDoesNotGrowWithHistories(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	province(t, d, c, 300)
	walked := regexp.MustCompile(`Seq Scan on (certificate|certificate_standing|account_role|account|record_signature|statement)\b`)
	look := func(tx *db.Tx, query string, args []any) error {
		// A small table is read whole however good its indexes are.
		if _, err := tx.ExecContext(t.Context(), `SELECT set_config('enable_seqscan', 'off', true)`); err != nil {
			return err
		}
		var lines []string
		err := tx.SelectContext(t.Context(), &lines, "EXPLAIN (COSTS OFF) "+query, args...)
		plan := strings.Join(lines, "\n")
		if walked.MatchString(plan) || strings.Contains(plan, "certificate_event") {
			t.Errorf("the plan reads what grows:\n%s", plan)
		}
		return err
	}
	now, before := d.Clock.Now(), dbtest.Start.AddDate(0, 3, 0)
	if err := d.As(t.Context(), c.Authority, func(tx *db.Tx) error { return lookAll(tx, db.SealQueries(c.Department.ID, now), look) }); err != nil {
		t.Error(err)
	}
	system := workflow.Actor{Kind: workflow.System}
	if err := d.As(t.Context(), system, func(tx *db.Tx) error {
		return lookAll(tx, db.SeasonQueries(c.Department.ID, now, before), look)
	}); err != nil {
		t.Error(err)
	}
}
