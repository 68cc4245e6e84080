package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/certificate"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

// released are the versions of the schema that were given away: whoever runs one
// of them goes on with this program.
var released = []int64{36, 85}

// formerYear is a school's year in the shape of the released schema: people with
// certificates, a class with values, records with signatures.
const formerYear = `
	INSERT INTO core.unit (code, name, kind, parent_id, levels, valid_from) VALUES
	  ('48', 'Sở', 'so', NULL, '', '2025-07-01'), ('48001', 'Xã', 'xa', 1, '', '2025-07-01'), ('48001TH01', 'Trường', 'truong', 2, 'TH', '2025-07-01');
	INSERT INTO core.account (username, full_name, teacher_code, password_hash, created_at)
	  SELECT 'giaovien' || i, 'Giáo viên ' || i, '480000' || i, '', '2025-08-01' FROM generate_series(1, 40) AS i;
	INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
	  SELECT id, 3, CASE id WHEN 1 THEN 'principal' WHEN 2 THEN 'school_admin' ELSE 'teacher' END, '2025-08-01' FROM core.account WHERE id < 40;
	INSERT INTO core.account_role (account_id, unit_id, role, valid_from) VALUES (40, 1, 'authority', '2025-08-01');
	INSERT INTO core.certificate (fingerprint, account_id, purpose, leaf, not_before, not_after, created_at)
	  SELECT md5('p' || id), id, 'person', '', '2025-08-01', '2028-08-01', '2025-08-01' FROM core.account;
	INSERT INTO core.certificate (fingerprint, unit_id, purpose, leaf, not_before, not_after, created_at)
	  SELECT md5('s' || i), 3, 'seal', '', '2025-08-01', '2028-08-01', '2025-08-01' FROM generate_series(1, 4) AS i;
	INSERT INTO core.certificate (fingerprint, unit_id, purpose, leaf, not_before, not_after, created_at)
	  VALUES (md5('r'), 1, 'receipt', '', '2025-08-01', '2028-08-01', '2025-08-01');
	INSERT INTO core.certificate_event (certificate_id, kind, account_id, effective_at, at)
	  SELECT c.id, k.kind, k.by, c.not_before + k.days * interval '1 day', c.not_before + k.days * interval '1 day' FROM core.certificate c,
	  (VALUES ('declared', 2, 1), ('registered', 1, 2), ('approved', 40, 3)) AS k(kind, by, days) WHERE c.purpose = 'seal' AND k.days < 5 - (c.id - 41);
	INSERT INTO core.certificate_event (certificate_id, kind, account_id, effective_at, at)
	  SELECT id, 'ended', 40, '2099-01-01', '2025-09-01' FROM core.certificate WHERE fingerprint = md5('s1');
	INSERT INTO school.class (school_id, school_year, code, name, grades) VALUES (3, '2025-2026', '4A', '4A', '{4}');
	INSERT INTO school.pupil (school_id, code, book_uuid, full_name, given_name, rest_name, folded_name, birth_date, sex, created_at, updated_at)
	  SELECT 3, '49' || lpad(i::text, 8, '0'), gen_random_uuid(), 'Em ' || i, 'Em', '', 'em', '2016-03-01', 'nam', '2025-08-01', '2025-08-01' FROM generate_series(1, 30) AS i;
	INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, from_date) SELECT 3, '2025-2026', 1, id, 4, '2025-09-05' FROM school.pupil;
	INSERT INTO school.record (school_id, school_year, pupil_id, class_id, enrolment_id, record_uuid, created_at, changed_at)
	  SELECT 3, '2025-2026', pupil_id, class_id, id, gen_random_uuid(), '2025-09-05', '2025-09-05' FROM school.enrolment;
	INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, account_id, updated_at)
	  SELECT '2025-2026', e.id, p, 'TOAN', 3, 'T', 9, 3, '2026-05-20' FROM school.enrolment e, unnest('{gk1,ck1,gk2,cn}'::text[]) AS p;
	INSERT INTO school.record_signature (school_id, record_id, slot, generation, signer_code, signer_name, account_id, certificate, content_hash, content, signature, signed_at)
	  SELECT 3, id, 'gvbm-4800003', 1, '4800003', 'Giáo viên 3', 3, md5('p3'), repeat('a', 64), 'bytes', 'signature', '2026-05-25' FROM school.record`

// TestMigrate_CarriesAReleaseOn fills a database as a release left it, brings it
// up, and asks whether everything is there, unmoved, and usable.
func TestMigrate_CarriesAReleaseOn(t *testing.T) {
	t.Parallel()
	for _, version := range released {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			owner, portal, registry := dbtest.NewEmpty(t)
			conn := former(t, owner, version)
			rows, files := contents(t, conn), tables(t, conn)
			if err := db.Migrate(t.Context(), owner); err != nil {
				t.Fatal(err)
			}
			now := contents(t, conn)
			for table, was := range rows {
				if now[table] != was {
					t.Errorf("%s was %s, is %s", table, was, now[table])
				}
			}
			after := tables(t, conn)
			for table, file := range files {
				if after[table] != file {
					t.Errorf("%s was written anew: a school waits while it is", table)
				}
			}
			d, err := db.Open(t.Context(), db.Options{PortalDSN: portal, RegistryDSN: registry, Clock: func() time.Time { return dbtest.Start }})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			askFormer(t, d)
		})
	}
}

// askFormer works on what the release left.
func askFormer(t *testing.T, d *db.DB) {
	t.Helper()
	if err := d.CheckSchema(t.Context()); err != nil {
		t.Fatal(err)
	}
	principal := workflow.Actor{Kind: workflow.Person, AccountID: 1, Role: workflow.Principal, UnitID: 3, SchoolID: 3}
	err := d.As(t.Context(), principal, func(tx *db.Tx) error {
		list, err := tx.Certificates(t.Context(), 3)
		if err != nil || len(list) != 43 {
			t.Errorf("the school has %d certificates, %v", len(list), err)
		}
		records, err := tx.Records(t.Context(), []int64{1, 2, 3}, true)
		if err != nil || len(records) != 3 {
			t.Errorf("%d records are read, %v", len(records), err)
		}
		_, err = tx.SealCertificate(t.Context(), 3)
		return err
	})
	if err != nil {
		t.Errorf("work on: %v", err)
	}
	authority := workflow.Actor{Kind: workflow.Person, AccountID: 40, Role: workflow.Authority, UnitID: 1}
	err = d.As(t.Context(), authority, func(tx *db.Tx) error {
		counts, err := tx.CountSeals(t.Context())
		want := map[certificate.Stage]int{certificate.StageInUse: 2, certificate.StageRegistered: 1, certificate.StageDeclared: 1}
		if !maps.Equal(counts, want) {
			t.Errorf("seals by stage: %v, want %v", counts, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := d.RecountClasses(t.Context()); err != nil {
		t.Errorf("count: %v", err)
	}
	if err := d.As(t.Context(), authority, func(tx *db.Tx) error {
		list, err := tx.AreaProgress(t.Context(), school.Year("2025-2026"), 1)
		if err == nil && (len(list) != 1 || list[0].OnRoll != 30) {
			t.Errorf("the area's progress: %v", list)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// TestMigrate_GivesUpRatherThanStopEverybody keeps a table busy: the migration
// fails in its time, leaves the schema as it was, and goes through afterwards.
func TestMigrate_GivesUpRatherThanStopEverybody(t *testing.T) {
	t.Parallel()
	owner, _, _ := dbtest.NewEmpty(t)
	conn := former(t, owner, 85)
	busy, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := busy.QueryRow(`SELECT count(*) FROM core.certificate`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	before := tables(t, conn)
	err = db.Migrate(t.Context(), db.WithSetting(owner, "lock_timeout", "50ms"))
	if err == nil || !strings.Contains(err.Error(), "lock timeout") {
		t.Errorf("migrating a busy database: %v", err)
	}
	if err := busy.Rollback(); err != nil {
		t.Fatal(err)
	}
	for table, file := range before {
		if tables(t, conn)[table] != file {
			t.Errorf("%s was changed by half", table)
		}
	}
	if err := db.Migrate(t.Context(), owner); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestWithSetting(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"host=/run user=hocba":             "host=/run user=hocba lock_timeout='20s'",
		"postgres://h/d":                   "postgres://h/d?lock_timeout=20s",
		"postgres://h/d?sslmode=require":   "postgres://h/d?sslmode=require&lock_timeout=20s",
		"postgres://h/d?lock_timeout=50ms": "postgres://h/d?lock_timeout=50ms",
	} {
		if got := db.WithSetting(dsn, "lock_timeout", "20s"); got != want {
			t.Errorf("%s became %s", dsn, got)
		}
	}
}

// former is a database as a release left it, with its owner's connection.
func former(t *testing.T, owner string, version int64) *sql.DB {
	t.Helper()
	if err := db.MigrateTo(t.Context(), owner, version); err != nil {
		t.Fatal(err)
	}
	conn, err := sql.Open("postgres", owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.ExecContext(t.Context(), formerYear); err != nil {
		t.Fatalf("fill a database of version %d: %v", version, err)
	}
	return conn
}

// contents says of each table with rows how many there are, and of those that
// never change what they hold.
func contents(t *testing.T, conn *sql.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for table := range tables(t, conn) {
		if table == "school.class_dirty" {
			continue // marks of what is to be counted come and go
		}
		var n int
		if err := conn.QueryRowContext(context.WithoutCancel(t.Context()), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			out[table] = fmt.Sprint(n, " rows")
		}
	}
	var sum string
	err := conn.QueryRow(`SELECT md5(string_agg(id || certificate || content_hash || encode(signature, 'hex') || signed_at, ',' ORDER BY id)) FROM school.record_signature`).Scan(&sum)
	if err != nil {
		t.Fatal(err)
	}
	out["the signatures"] = sum
	return out
}

// tables are the files of every table: a table that is written anew gets another.
func tables(t *testing.T, conn *sql.DB) map[string]string {
	t.Helper()
	rows, err := conn.Query(`SELECT n.nspname || '.' || c.relname, pg_relation_filenode(c.oid)::text FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('core', 'school', 'registry') AND c.relkind = 'r'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, file string
		if err := rows.Scan(&name, &file); err != nil {
			t.Fatal(err)
		}
		out[name] = file
	}
	return out
}
