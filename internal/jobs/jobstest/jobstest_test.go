package jobstest_test

import (
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestChain_IssuesClass4A(t *testing.T) {
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	chain.Issue(t)
	var issued int
	if err := d.Owner().QueryRow(`SELECT count(*) FROM school.version`).Scan(&issued); err != nil || issued != len(chain.Records) {
		t.Fatalf("%d versions of %d records: %v", issued, len(chain.Records), err)
	}
}

func TestChain_LocksClass4A(t *testing.T) {
	d := dbtest.New(t)
	chain := jobstest.New(t, d, dbtest.NewCast(t, d))
	chain.Close(t)
	var locked, known int
	row := d.Owner().QueryRow(`SELECT (SELECT count(*) FROM registry.live_version WHERE locked_at IS NOT NULL),
		(SELECT count(*) FROM school.record WHERE stage = 'locked' AND school_id = $1)`, chain.Cast.School.ID)
	if err := row.Scan(&locked, &known); err != nil || locked != len(chain.Records) || known != locked {
		t.Fatalf("%d locked in the registry, %d at the school, of %d: %v", locked, known, len(chain.Records), err)
	}
}
