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
