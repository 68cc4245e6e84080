package demo

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/signing/software"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestBuild_GoesThroughTheRealChain builds the smallest province and asks
// whether every state that people are to try is there.
func TestBuild_GoesThroughTheRealChain(t *testing.T) {
	d := dbtest.New(t)
	secret, err := software.LoadOrCreateSecret(filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	result, err := Build(t.Context(), Options{Seed: 1, Pupils: 4, Now: time.Now(), OwnerDSN: d.OwnerDSN,
		PortalDSN: d.PortalDSN, RegistryDSN: d.RegistryDSN, Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, verdict := range []string{"valid", "unlocked", "replaced", "recalled", "revoked", "unknown"} {
		if !slices.ContainsFunc(result.Codes, func(c Code) bool { return c.Verdict == verdict && !c.Birth.IsZero() }) {
			t.Errorf("no code answers %q", verdict)
		}
	}
	for _, role := range []string{"teacher", "principal", "deputy", "school_admin", "middle_authority", "authority", "inspector"} {
		if !slices.ContainsFunc(result.Accounts, func(a Account) bool { return a.Role == role && len(a.Password) >= 16 }) {
			t.Errorf("nobody is %s", role)
		}
	}
	for stage, least := range map[string]int{"locked": 30, "accepted": 3, "issued": 3, "approved": 3, "homeroom_signed": 3, "returned": 1,
		"part_signed": 3, "drafting": 3, "refused": 1} {
		var n int
		if err := d.Owner().QueryRow(`SELECT count(*) FROM school.record WHERE stage = $1`, stage).Scan(&n); err != nil || n < least {
			t.Errorf("%d records are %s, want at least %d (%v)", n, stage, least, err)
		}
	}
	var temporary int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM core.account WHERE password_temporary`).Scan(&temporary); err != nil || temporary != 0 {
		t.Errorf("%d accounts ask for another password before anything can be tried (%v)", temporary, err)
	}
	for what, query := range map[string]string{
		"a change that waits for a second person": `SELECT count(*) FROM school.pupil_change c WHERE c.second AND NOT EXISTS (
			SELECT 1 FROM school.pupil_change_decision d WHERE d.change_id = c.id)`,
		"an open note":          `SELECT count(*) FROM school.note WHERE state = 'open'`,
		"an answered note":      `SELECT count(*) FROM school.note WHERE state = 'answered'`,
		"a closed note":         `SELECT count(*) FROM school.note WHERE state = 'closed'`,
		"a plan for the summer": `SELECT count(*) FROM school.summer_plan WHERE school_year = '2026-2027'`,
		"a file to compare": `SELECT count(*) FROM school.enrolment e WHERE e.class_id IN (SELECT e.class_id FROM school.pupil_check k JOIN school.enrolment e USING (pupil_id, school_year))
			AND NOT EXISTS (SELECT 1 FROM school.pupil_check k WHERE k.pupil_id = e.pupil_id AND k.what = 'file')`,
	} {
		var n int
		if err := d.Owner().QueryRow(query).Scan(&n); err != nil || n == 0 {
			t.Errorf("the story lacks %s (%v)", what, err)
		}
	}
	var late int
	err = d.Owner().QueryRow(`SELECT count(*) FROM registry.version WHERE track = 2`).Scan(&late)
	if err != nil || late != 1 {
		t.Errorf("%d records came with the second batch, want 1 (%v)", late, err)
	}
}
