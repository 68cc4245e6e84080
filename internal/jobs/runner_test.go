package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/workflow"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// desk is a database with the cast's keys, for runners.
type bench struct {
	t     *testing.T
	d     *dbtest.Database
	cast  *dbtest.Cast
	chain *jobstest.Chain
}

func newBench(t *testing.T) *bench {
	t.Helper()
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	return &bench{t: t, d: d, cast: cast, chain: jobstest.New(t, d, cast)}
}

// runner makes a runner that looks often; kinds nil means the real ones.
func (b *bench) runner(kinds map[string]jobs.Kind) *jobs.Runner {
	b.t.Helper()
	return jobs.NewRunner(jobs.Options{DB: b.d.DB, Log: slog.New(slog.DiscardHandler), Secret: b.chain.Secret(),
		Lease: time.Second, Poll: 20 * time.Millisecond, Kinds: kinds})
}

// started is a runner at work until the end of the test.
func (b *bench) started(kinds map[string]jobs.Kind) *jobs.Runner {
	r := b.runner(kinds)
	r.Start(b.t.Context())
	b.t.Cleanup(r.Stop)
	return r
}

// count makes a kind that needs no key and calls work for each item.
func counting(work func(ctx context.Context, it *jobs.Item) error) map[string]jobs.Kind {
	return map[string]jobs.Kind{"count": {Name: "count", Need: workflow.PermSignRecord, Work: work}}
}

func numbers(n int) []db.NewItem {
	var items []db.NewItem
	for i := range n {
		items = append(items, db.NewItem{Key: "n" + strconv.Itoa(i)})
	}
	return items
}

func (b *bench) order(kind, pin string) jobs.Order {
	o := jobs.Order{Kind: kind, Subject: "class:1", PIN: pin}
	for _, id := range b.chain.Records {
		o.Items = append(o.Items, db.NewItem{Key: jobs.RecordKey(id)})
	}
	return o
}

func (b *bench) ask(r *jobs.Runner, o jobs.Order) db.Job {
	b.t.Helper()
	job, err := r.Ask(b.t.Context(), b.cast.Huong, o)
	if err != nil {
		b.t.Fatalf("ask for a job: %v", err)
	}
	return job
}

// wait waits until the job is in one of the states.
func (b *bench) wait(id int64, states ...db.JobState) db.Job {
	b.t.Helper()
	return b.waitAs(b.cast.Huong, id, states...)
}

func (b *bench) waitAs(who workflow.Actor, id int64, states ...db.JobState) db.Job {
	b.t.Helper()
	var job db.Job
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		err := b.d.As(b.t.Context(), who, func(tx *db.Tx) (err error) {
			job, err = tx.Job(b.t.Context(), id)
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
		for _, s := range states {
			if job.State == s {
				return job
			}
		}
	}
	b.t.Fatalf("the job is %s (%s), %d of %d, want %v", job.State, job.Note, job.Done, job.Total, states)
	return job
}

func (b *bench) items(id int64) []db.JobItem {
	b.t.Helper()
	var items []db.JobItem
	err := b.d.As(b.t.Context(), b.cast.Huong, func(tx *db.Tx) (err error) {
		items, err = tx.JobItems(b.t.Context(), id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return items
}

func TestRunner_SignsAClassAndNamesWhatIsMissing(t *testing.T) {
	b := newBench(t)
	b.chain.Fill(t)
	b.d.Exec(`UPDATE school.entry SET level = '' WHERE enrolment_id = $1 AND item = 'AM_NHAC' OR enrolment_id = $1 AND item = 'TOAN'`,
		b.cast.Roll[2].EnrolmentID)
	r := b.started(nil)
	job := b.wait(b.ask(r, b.order(jobs.SignParts, jobstest.PersonPIN)).ID, db.JobDone)
	if job.Done != 7 || job.Refused != 1 {
		t.Fatalf("%d done, %d refused", job.Done, job.Refused)
	}
	for i, it := range b.items(job.ID) {
		want := db.ItemDone
		if i == 2 {
			want = db.ItemRefused
		}
		if it.State != want || it.At == nil || it.Pupil != b.cast.Roll[i].FullName {
			t.Fatalf("item %d: %+v", i, it)
		}
		if i == 2 && (it.Code != "record.part_incomplete" || it.Args["part"] != "mon-TOAN") {
			t.Fatalf("refused with %s %v", it.Code, it.Args)
		}
	}
	again := b.wait(b.ask(r, b.order(jobs.SignParts, jobstest.PersonPIN)).ID, db.JobDone)
	if again.ID == job.ID || b.items(again.ID)[0].State != db.ItemAlready {
		t.Fatalf("the second batch says %+v", b.items(again.ID)[0])
	}
	if _, open := r.KeyUntil(again.ID); open {
		t.Fatal("the key stayed open after the batch")
	}
}

func TestRunner_TwoRunnersDoEachItemOnce(t *testing.T) {
	b := newBench(t)
	var calls atomic.Int64
	kinds := counting(func(ctx context.Context, it *jobs.Item) error {
		calls.Add(1)
		return b.d.As(ctx, it.Actor, func(tx *db.Tx) error {
			if err := tx.Opened(ctx, b.chain.Records[0], calls.Load()); err != nil {
				return err
			}
			return it.Done(ctx, tx)
		})
	})
	one, two := b.started(kinds), b.started(kinds)
	var ids []int64
	for i := range 4 {
		r := []*jobs.Runner{one, two}[i%2]
		ids = append(ids, b.ask(r, jobs.Order{Kind: "count", Subject: strconv.Itoa(i), Items: numbers(25)}).ID)
	}
	for _, id := range ids {
		if job := b.wait(id, db.JobDone); job.Done != 25 {
			t.Fatalf("%d of 25 done", job.Done)
		}
	}
	if calls.Load() != 100 {
		t.Fatalf("%d calls for 100 items", calls.Load())
	}
}

// A worker that lost its lease in the middle of an item must not do it a
// second time, although it still believes the job to be its own.
func TestRunner_ALostLeaseUndoesTheLateAct(t *testing.T) {
	b := newBench(t)
	b.chain.Fill(t)
	hold, entered := make(chan struct{}), make(chan struct{}, 1)
	var late atomic.Bool
	slow := map[string]jobs.Kind{"sign": {Name: "sign", Need: workflow.PermSignRecord, Work: func(ctx context.Context, it *jobs.Item) error {
		if late.CompareAndSwap(false, true) {
			entered <- struct{}{}
			<-hold
		}
		id, _ := it.RecordID()
		return it.Desk.SignParts(ctx, it.Actor, id, b.chain.Pen(b.cast.Huong))
	}}}
	first := b.started(slow)
	job := b.ask(first, b.order("sign", ""))
	<-entered
	b.d.Exec(`UPDATE core.job SET worker = 'other', lease_until = clock_timestamp() - interval '1 second'`)
	b.started(slow) // takes it over
	b.wait(job.ID, db.JobDone)
	close(hold)
	first.Stop()
	var signed int
	if err := b.d.Owner().QueryRow(`SELECT count(*) FROM school.record_signature`).Scan(&signed); err != nil || signed != len(b.chain.Records) {
		t.Fatalf("%d signatures for %d records: %v", signed, len(b.chain.Records), err)
	}
}

func TestRunner_ADeadProcessLeavesTheRest(t *testing.T) {
	b := newBench(t)
	b.chain.Fill(t)
	r := b.runner(nil) // never started: as if killed right after the form was taken
	job := b.ask(r, b.order(jobs.SignParts, jobstest.PersonPIN))
	b.d.Exec(`UPDATE core.job SET lease_until = clock_timestamp() - interval '1 second'`)
	next := b.started(nil)
	if got := b.wait(job.ID, db.JobWaiting); got.Note != "key.locked" {
		t.Fatalf("waits for %q", got.Note)
	}
	if err := next.Continue(t.Context(), b.cast.Huong, job.ID, "000000"); !fault.Is(err, "key.pin") {
		t.Fatalf("a wrong PIN: %v", err)
	}
	if err := next.Continue(t.Context(), b.cast.Huong, job.ID, jobstest.PersonPIN); err != nil {
		t.Fatal(err)
	}
	if got := b.wait(job.ID, db.JobDone); got.Done != len(b.chain.Records) {
		t.Fatalf("%d done", got.Done)
	}
}

func TestRunner_StopsAfterTheItemAndGoesOn(t *testing.T) {
	b := newBench(t)
	entered, hold := make(chan struct{}, 1), make(chan struct{})
	var calls atomic.Int64
	r := b.started(counting(func(context.Context, *jobs.Item) error {
		if calls.Add(1) == 2 {
			entered <- struct{}{}
			<-hold
		}
		return nil
	}))
	job := b.ask(r, jobs.Order{Kind: "count", Subject: "s", Items: numbers(5)})
	<-entered
	if err := r.Halt(t.Context(), b.cast.Huong, job.ID); err != nil {
		t.Fatal(err)
	}
	close(hold)
	if got := b.wait(job.ID, db.JobStopped); got.Done != 2 || got.Left() != 3 {
		t.Fatalf("stopped with %d done, %d left", got.Done, got.Left())
	}
	if err := r.Continue(t.Context(), b.cast.Huong, job.ID, ""); err != nil {
		t.Fatal(err)
	}
	if got := b.wait(job.ID, db.JobDone); got.Done != 5 || calls.Load() != 5 {
		t.Fatalf("%d done after %d calls", got.Done, calls.Load())
	}
}

func TestRunner_GivesUpWhatIsLeft(t *testing.T) {
	b := newBench(t)
	r := b.runner(counting(func(context.Context, *jobs.Item) error { return nil }))
	job := b.ask(r, jobs.Order{Kind: "count", Subject: "s", Items: numbers(3)})
	for _, step := range []func() error{
		func() error { return r.Halt(t.Context(), b.cast.Huong, job.ID) },
		func() error { return r.End(t.Context(), b.cast.Huong, job.ID) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.wait(job.ID, db.JobDone); got.Left() != 3 || got.FinishedAt == nil {
		t.Fatalf("%+v", got)
	}
}

func TestRunner_ALostRoleEndsTheJob(t *testing.T) {
	b := newBench(t)
	entered, hold := make(chan struct{}, 1), make(chan struct{})
	var calls atomic.Int64
	r := b.started(counting(func(context.Context, *jobs.Item) error {
		if calls.Add(1) == 1 {
			entered <- struct{}{}
			<-hold
		}
		return nil
	}))
	job := b.ask(r, jobs.Order{Kind: "count", Subject: "s", Items: numbers(3)})
	<-entered
	b.d.Exec(`UPDATE core.account_role SET valid_to = $2 WHERE account_id = $1`, b.cast.Huong.AccountID,
		school.DateOf(b.d.Now()).AddDays(-1).String())
	close(hold)
	if got := b.wait(job.ID, db.JobFailed); got.Note != "job.role_lost" || calls.Load() != 1 {
		t.Fatalf("%s %q after %d calls", got.State, got.Note, calls.Load())
	}
}

func TestRunner_AnotherTeachersClassIsRefusedItemByItem(t *testing.T) {
	b := newBench(t)
	b.chain.Fill(t)
	r := b.started(nil)
	job, err := r.Ask(t.Context(), b.cast.Minh, b.order(jobs.SignHomeroom, jobstest.PersonPIN))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var refused int
		err := b.d.Owner().QueryRow(`SELECT count(*) FROM core.job_item WHERE job_id = $1 AND code = 'record.not_homeroom'`, job.ID).Scan(&refused)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d refused: %v", refused, err)
		}
		if refused == len(b.chain.Records) {
			return
		}
	}
}

func TestRunner_TheSameFormTwiceIsOneBatch(t *testing.T) {
	b := newBench(t)
	r := b.runner(nil)
	first := b.ask(r, b.order(jobs.SignParts, jobstest.PersonPIN))
	second := b.ask(r, b.order(jobs.SignParts, jobstest.PersonPIN))
	if first.ID != second.ID {
		t.Fatalf("two batches, %d and %d", first.ID, second.ID)
	}
}

func TestRunner_CountsWrongPINs(t *testing.T) {
	b := newBench(t)
	r := b.runner(nil)
	for i := range jobs.PINAttempts.Limit {
		if _, err := r.Ask(t.Context(), b.cast.Huong, b.order(jobs.SignParts, "111111")); !fault.Is(err, "key.pin") {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if _, err := r.Ask(t.Context(), b.cast.Huong, b.order(jobs.SignParts, jobstest.PersonPIN)); !fault.Is(err, "throttle.wait") {
		t.Fatalf("the attempt after the last: %v", err)
	}
}

func TestRunner_TriesAgainThenGivesTheItemUp(t *testing.T) {
	b := newBench(t)
	var calls atomic.Int64
	r := b.started(counting(func(_ context.Context, it *jobs.Item) error {
		calls.Add(1)
		if it.Key == "n0" {
			return errors.New("nobody foresaw this")
		}
		return nil
	}))
	job := b.wait(b.ask(r, jobs.Order{Kind: "count", Subject: "s", Items: numbers(2)}).ID, db.JobDone)
	if items := b.items(job.ID); items[0].Code != "internal" || items[1].State != db.ItemDone || calls.Load() != 4 {
		t.Fatalf("%+v after %d calls", items, calls.Load())
	}
}
