package db_test

import (
	"slices"
	"strings"
	"testing"

	"hocba/db/dbtest"
)

// catalogue runs a query that names what breaks a rule, and fails on each row.
func catalogue(t *testing.T, d *dbtest.Database, rule, query string, but ...string) {
	t.Helper()
	rows, err := d.Owner().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", rule, err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(but, name) {
			t.Errorf("%s: %s", rule, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

const ours = ` n.nspname IN ('core', 'school', 'registry') AND c.relkind IN ('r', 'p') `

// TestCatalogue_EveryTableIsFenced holds for tables that are yet to come, too.
func TestCatalogue_EveryTableIsFenced(t *testing.T) {
	d := dbtest.New(t)
	catalogue(t, d, "a table without row-level security", `SELECT n.nspname || '.' || c.relname FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE`+ours+`AND NOT c.relrowsecurity`)
	catalogue(t, d, "a table whose policies do not bind every role", `SELECT n.nspname || '.' || c.relname FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE`+ours+`AND NOT c.relforcerowsecurity`,
		"core.unit_scope",                           // filled by a trigger of its owner
		"core.audit_event_all", "core.view_log_all") // partitions, reached through their parents alone
	catalogue(t, d, "a table without a policy", `SELECT n.nspname || '.' || c.relname FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE`+ours+`AND NOT c.relispartition
		AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)`)
	catalogue(t, d, "a table or function that a role of the program owns", `SELECT n.nspname || '.' || c.relname FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
		WHERE r.rolname LIKE 'hocba\_%'`)
}

// TestCatalogue_TheTwoSidesShareNoTable proves the wall between school and province.
func TestCatalogue_TheTwoSidesShareNoTable(t *testing.T) {
	d := dbtest.New(t)
	for role, foreign := range map[string]string{"hocba_portal": "registry", "hocba_registry": "school"} {
		catalogue(t, d, role+" reaches a table of the other side", `SELECT n.nspname || '.' || c.relname FROM pg_class c
			JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = '`+foreign+`' AND c.relkind IN ('r', 'p')
			  AND has_any_column_privilege('`+role+`', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')`)
	}
	catalogue(t, d, "the registry writes into core", `SELECT n.nspname || '.' || c.relname FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'core' AND c.relkind IN ('r', 'p')
		AND (has_any_column_privilege('hocba_registry', c.oid, 'INSERT, UPDATE') OR has_table_privilege('hocba_registry', c.oid, 'DELETE'))`)
}

// immutable are the tables whose rows are only ever added.
var immutable = []string{
	"school.record_signature", "school.record_signature_part", "school.record_void", "school.version", "school.version_content",
	"school.version_event", "school.signature_stamp", "school.statement", "school.statement_version", "school.receipt", "school.entry_history",
	"school.review_history", "school.record_return", "school.record_return_part", "school.record_return_answer",
	"school.revocation", "school.revocation_decision", "school.pupil_change", "school.pupil_change_decision", "school.pupil_check",
	"core.audit_event", "core.view_log", "core.certificate", "core.certificate_event", "core.installation", "core.trust_root",
	"registry.attempt", "registry.binding", "registry.version", "registry.version_content", "registry.version_event",
	"registry.receipt", "registry.evidence", "registry.evidence_part", "registry.version_answer", "registry.transfer_file", "registry.closing", "registry.closing_time", "registry.paper", "registry.receipt_key",
	"registry.revocation_request", "registry.revocation_decision",
}

// TestCatalogue_WhatIsIssuedCannotBeChanged asks for the right and then tries it.
func TestCatalogue_WhatIsIssuedCannotBeChanged(t *testing.T) {
	d := dbtest.New(t)
	for _, table := range immutable {
		for _, role := range []string{"hocba_portal", "hocba_registry"} {
			var changes, deletes, truncates bool
			err := d.Owner().QueryRow(`SELECT has_any_column_privilege($1, $2, 'UPDATE'), has_table_privilege($1, $2, 'DELETE'),
				has_table_privilege($1, $2, 'TRUNCATE')`, role, table).Scan(&changes, &deletes, &truncates)
			if err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			if changes || deletes || truncates {
				t.Errorf("%s may change %s: update %v, delete %v, truncate %v", role, table, changes, deletes, truncates)
			}
		}
		conn := d.AsPortal()
		if strings.HasPrefix(table, "registry.") {
			conn = d.AsRegistry()
		}
		if _, err := conn.Exec("DELETE FROM " + table); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("DELETE FROM %s: %v, want permission denied", table, err)
		}
	}
}
