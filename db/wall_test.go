package db_test

import (
	"strings"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/workflow"
)

// Whoever got past the checks of the program as one person does not become
// another: each statement is refused by the database itself.
func TestWall_HoldsAgainstStatementsOfAPerson(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := dbtest.NewCast(t, d)
	jobstest.New(t, d, c)
	const certificate = `INSERT INTO core.certificate (fingerprint, account_id, unit_id, purpose, leaf, chain, key_blob, not_before, not_after, created_at)
		SELECT repeat('0', 64), %s, '', '', %s, now(), now(), now()`
	way := `INSERT INTO core.signing_way (unit_id, kind, label, created_by, created_at) VALUES (core.actor_unit(), 'agent', 'x', core.actor_account(), now())`
	for name, x := range map[string]struct {
		who        workflow.Actor
		statements []string
	}{
		"a teacher makes a principal of themselves": {c.Huong, []string{`INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
			VALUES (core.actor_account(), core.actor_unit(), 'principal', '2020-01-01')`}},
		"an administrator gives a role in another school": {c.Admin, []string{`INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
			SELECT core.actor_account(), id, 'school_admin', '2020-01-01' FROM core.unit WHERE kind = 'truong' AND id <> core.actor_unit() LIMIT 1`}},
		"a teacher declares an own certificate": {c.Huong, []string{strings.NewReplacer("%s, '', ''", "core.actor_account(), NULL, 'person', '', ''", "%s, now", "NULL, now").Replace(certificate)}},
		"an administrator plants a wrapped key": {c.Admin, []string{strings.NewReplacer("%s, '', ''", "core.actor_account(), NULL, 'person', '', ''", "%s, now", "'x', now").Replace(certificate)}},
		"a principal trusts a root":             {c.Principal, []string{`INSERT INTO core.trust_root (fingerprint, pem, account_id, valid_from) VALUES ('x', 'x', core.actor_account(), now())`}},
		"a principal confirms the own tax code": {c.Principal, []string{`INSERT INTO core.tax_code (unit_id, code, account_id, at) VALUES (core.actor_unit(), '0400000001', core.actor_account(), now())`}},
		"a teacher binds the key of a colleague": {c.Huong, []string{way, `INSERT INTO core.certificate_key (certificate_id, way_id, key_ref, bound_by, at)
			SELECT c.id, w.id, 'x', core.actor_account(), now() FROM core.certificate c, core.signing_way w WHERE c.account_id <> core.actor_account() AND c.purpose = 'person' LIMIT 1`}},
		"a teacher of another school changes an approval": {c.OtherTeacher, []string{`INSERT INTO core.certificate_event (certificate_id, kind, account_id, note, effective_at, at)
			SELECT id, 'ended', core.actor_account(), '', now(), now() FROM core.certificate WHERE purpose = 'seal' LIMIT 1`}},
		"a principal approves the own seal": {c.Principal, []string{`INSERT INTO core.certificate_event (certificate_id, kind, account_id, note, effective_at, at)
			SELECT id, 'approved', core.actor_account(), '', now(), now() FROM core.certificate WHERE purpose = 'seal' AND unit_id = core.actor_unit() LIMIT 1`}},
		"anybody says what an issuer answered": {c.Authority, []string{`INSERT INTO core.certificate_status (fingerprint, status, asked_at) VALUES ('x', 'good', now())`}},
		"a teacher rewrites a certificate":     {c.Huong, []string{`UPDATE core.certificate SET leaf = leaf`}},
		"a teacher rewrites a fact":            {c.Huong, []string{`DELETE FROM core.certificate_event`}},
		"a teacher rewrites a signature":       {c.Huong, []string{`UPDATE school.record_signature SET signature = signature`}},
		"a teacher takes a signature away":     {c.Huong, []string{`DELETE FROM school.record_signature`}},
		"a teacher rewrites a version":         {c.Huong, []string{`UPDATE school.version_content SET xml = xml`}},
		"a teacher rewrites the audit":         {c.Huong, []string{`DELETE FROM core.audit_event`}},
	} {
		err := d.As(t.Context(), x.who, func(tx *db.Tx) error {
			for _, s := range x.statements {
				if _, err := tx.ExecContext(t.Context(), s); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") && !strings.Contains(err.Error(), "row-level security") &&
			!strings.Contains(err.Error(), "may not be") && !strings.Contains(err.Error(), "out of reach") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var ended int64
	err := d.As(t.Context(), c.Huong, func(tx *db.Tx) error {
		res, err := tx.ExecContext(t.Context(), `UPDATE core.account_role SET valid_to = valid_from WHERE unit_id = core.actor_unit()`)
		if err == nil {
			ended, err = res.RowsAffected()
		}
		return err
	})
	if err != nil || ended != 0 {
		t.Errorf("a teacher ends %d roles: %v", ended, err)
	}
}
