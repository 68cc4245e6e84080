package db_test

import (
	"sync"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/workflow"
)

// A job in the way of a new one may end between the two looks of CreateJob: the
// person then gets the new one, never a job that is not there.
func TestCreateJob_WhenTheOneInItsWayEnds(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	create := func() (job db.Job, err error) {
		err = d.As(t.Context(), cast.Principal, func(tx *db.Tx) (err error) {
			job, _, err = tx.CreateJob(t.Context(), db.NewJob{Kind: "approve", Subject: "class:1", Items: []db.NewItem{{Key: "1"}}})
			return err
		})
		return job, err
	}
	first, err := create()
	if err != nil {
		t.Fatal(err)
	}
	// Between the insertion that meets the first job and the look at it, the first job ends.
	d.Exec(`CREATE FUNCTION public.dally() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END'`)
	d.Exec(`CREATE TRIGGER dally AFTER INSERT ON core.job FOR EACH STATEMENT EXECUTE FUNCTION public.dally()`)
	var ending sync.WaitGroup
	ending.Go(func() {
		time.Sleep(250 * time.Millisecond)
		d.Exec(`UPDATE core.job SET state = 'done', finished_at = created_at WHERE id = $1`, first.ID)
	})
	job, err := create()
	ending.Wait()
	if err != nil || job.ID == 0 || job.ID == first.ID {
		t.Errorf("asked while job %d ended: job %d, %v", first.ID, job.ID, err)
	}
}

// One person may hold two roles in a school: a job asked for in one of them is
// not shown in the other, and it is told that it is in the way.
func TestCreateJob_BesideOneOfAnotherRole(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	other := cast.Principal
	other.Role = workflow.Deputy
	n := db.NewJob{Kind: "approve", Subject: "class:1", Items: []db.NewItem{{Key: "1"}}}
	for i, who := range []workflow.Actor{cast.Principal, other} {
		err := d.As(t.Context(), who, func(tx *db.Tx) error {
			_, _, err := tx.CreateJob(t.Context(), n)
			return err
		})
		if i == 0 && err != nil || i == 1 && !fault.Is(err, "job.other_open") {
			t.Errorf("as %s: %v", who.Role, err)
		}
	}
}
