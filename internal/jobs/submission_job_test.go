package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/workflow"
)

// desk is a registry that a test disturbs: before is asked ahead of each
// message with its number, beginning with 1.
type desk struct {
	registry.Client
	before func(n int, s registry.Submission) error

	mu    sync.Mutex
	calls int
	sent  []int // records of each message that arrived
}

func (d *desk) Submit(ctx context.Context, s registry.Submission) (registry.Answer, error) {
	d.mu.Lock()
	d.calls++
	n := d.calls
	d.mu.Unlock()
	if d.before != nil {
		if err := d.before(n, s); err != nil {
			return registry.Answer{}, err
		}
	}
	d.mu.Lock()
	d.sent = append(d.sent, len(s.Records))
	d.mu.Unlock()
	return d.Client.Submit(ctx, s)
}

// submitter is an issued class 4A with a registry and a runner that is not
// started.
type submitter struct {
	*bench
	desk *desk
	run  *jobs.Runner
}

func newSubmitter(t *testing.T, before func(n int, s registry.Submission) error) *submitter {
	t.Helper()
	b := newBench(t)
	b.chain.Issue(t)
	b.d.Clock.Advance(time.Minute)
	s := &submitter{bench: b, desk: &desk{Client: b.chain.Registrar(), before: before}}
	s.run = s.another()
	return s
}

// another is a runner of another process.
func (s *submitter) another() *jobs.Runner {
	return jobs.NewRunner(jobs.Options{DB: s.d.DB, Log: slog.New(slog.DiscardHandler), Secret: s.chain.Secret(), Lease: time.Second,
		Poll: 20 * time.Millisecond, Retry: 50 * time.Millisecond, Submission: func(context.Context) (jobs.Submission, error) {
			return jobs.Submission{DB: s.d.DB, Registry: s.desk}, nil
		}})
}

func (s *submitter) start(r *jobs.Runner) {
	r.Start(s.t.Context())
	s.t.Cleanup(r.Stop)
}

// versions are what can go of the class.
func (s *submitter) versions() (ids []int64) {
	s.t.Helper()
	p, err := jobs.Submission{DB: s.d.DB}.Preflight(s.t.Context(), s.cast.Principal, s.chain.June())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, v := range p.Ready {
		ids = append(ids, v.VersionID)
	}
	return ids
}

// submit asks a runner for a submission with the seal of the trial store.
func submit(ctx context.Context, run *jobs.Runner, actor workflow.Actor, d jobs.StatementOrder, pin string) (jobs.AskedStatement, error) {
	d.Kind = bundle.Submission
	return run.AskStatement(ctx, actor, d, jobs.Auth{PIN: pin, Way: jobs.ChosenWay})
}

func (s *submitter) submit(versions []int64) jobs.AskedStatement {
	s.t.Helper()
	sent, err := submit(s.t.Context(), s.run, s.cast.Principal, jobs.StatementOrder{At: s.chain.June(), Versions: versions}, jobstest.SealPIN)
	if err != nil || sent.Job.ID == 0 || sent.StatementID == 0 {
		s.t.Fatalf("ask for a submission: %+v, %v", sent, err)
	}
	return sent
}

// until waits until the principal's job is as asked for.
func (s *submitter) until(id int64, what string, ok func(db.Job) bool) db.Job {
	s.t.Helper()
	var job db.Job
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		err := s.d.As(s.t.Context(), s.cast.Principal, func(tx *db.Tx) (err error) {
			job, err = tx.Job(s.t.Context(), id)
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
		if ok(job) {
			return job
		}
	}
	s.t.Fatalf("the job is %s (%s), %d of %d, never %s", job.State, job.Note, job.Done, job.Total, what)
	return job
}

func in(states ...db.JobState) func(db.Job) bool {
	return func(j db.Job) bool { return slices.Contains(states, j.State) }
}

func (s *submitter) statement(id int64) (st db.KeptStatement) {
	s.t.Helper()
	as(s.t, s.chain, s.cast.Principal, func(tx *db.Tx) (err error) {
		st, err = tx.Statement(s.t.Context(), id)
		return err
	})
	return st
}

// count asks the owner, whom no policy binds.
func (s *submitter) count(question string, want int) {
	s.t.Helper()
	var got int
	if err := s.d.Owner().QueryRow(question).Scan(&got); err != nil || got != want {
		s.t.Errorf("%s is %d, want %d: %v", question, got, want, err)
	}
}

func TestSubmit_AReceiptPerRecordAndTheSameAgain(t *testing.T) {
	t.Parallel()
	s := newSubmitter(t, nil)
	s.start(s.run)
	versions := s.versions()
	sent := s.submit(versions)
	if got := s.results(s.cast.Principal, sent.Job.ID); got["done"] != 8 {
		t.Fatalf("items %v", got)
	}
	if st := s.statement(sent.StatementID); st.Result != bundle.Accepted || st.Accepted != 8 {
		t.Errorf("statement %+v", st)
	}
	if want := []int{1, 1, 1, 1, 1, 1, 1, 1, 0}; !slices.Equal(s.desk.sent, want) {
		t.Errorf("messages with %v records, want %v", s.desk.sent, want)
	}
	for name, again := range map[string][]int64{"the same form": versions, "a part of it": versions[2:4]} {
		got, err := submit(t.Context(), s.run, s.cast.Principal, jobs.StatementOrder{At: s.chain.June(), Versions: again}, "")
		if err != nil || got.StatementID != sent.StatementID || got.Job.ID != sent.Job.ID {
			t.Errorf("%s again: %+v, %v; want statement %d of job %d", name, got, err, sent.StatementID, sent.Job.ID)
		}
	}
	s.count(`SELECT count(*) FROM school.receipt s JOIN registry.receipt r ON r.xml = s.xml`, 8)
	s.count(`SELECT count(*) FROM registry.attempt`, 1)
	s.count(`SELECT count(*) FROM registry.version_event`, 8)
}

func TestSubmit_TwoTabsAndADoubleClickStartOneJob(t *testing.T) {
	t.Parallel()
	s := newSubmitter(t, nil)
	versions := s.versions()
	var wait sync.WaitGroup
	sent, errs := make([]jobs.AskedStatement, 4), make([]error, 4)
	for i := range sent {
		wait.Go(func() {
			sent[i], errs[i] = submit(t.Context(), s.run, s.cast.Principal, jobs.StatementOrder{At: s.chain.June(), Versions: versions}, jobstest.SealPIN)
		})
	}
	wait.Wait()
	for i := range sent {
		if errs[i] != nil || sent[i].Job.ID != sent[0].Job.ID || sent[i].StatementID != sent[0].StatementID {
			t.Errorf("click %d: %+v, %v", i, sent[i], errs[i])
		}
	}
	s.count(`SELECT count(*) FROM core.job`, 1)
	s.count(`SELECT count(*) FROM school.statement`, 1)
	s.start(s.run)
	if got := s.results(s.cast.Principal, sent[0].Job.ID); got["done"] != 8 {
		t.Errorf("items %v", got)
	}
}

func TestSubmit_StopsAndGoesOnWithoutThePIN(t *testing.T) {
	t.Parallel()
	entered, hold := make(chan struct{}), make(chan struct{})
	s := newSubmitter(t, func(n int, _ registry.Submission) error {
		if n == 3 {
			close(entered)
			<-hold
		}
		return nil
	})
	s.start(s.run)
	sent := s.submit(nil)
	<-entered
	if err := s.run.Halt(t.Context(), s.cast.Principal, sent.Job.ID); err != nil {
		t.Fatal(err)
	}
	close(hold)
	if job := s.until(sent.Job.ID, "stopped", in(db.JobStopped)); job.Done != 3 {
		t.Fatalf("stopped after %d", job.Done)
	}
	if got := stages(t, s.chain); got[workflow.Accepted] != 3 || got[workflow.Submitted] != 5 {
		t.Errorf("stages %v", got)
	}
	// What the principal stopped the courier does not carry on behind the back,
	// and nobody gives up: the records are on their way.
	if err := s.chain.Submission().Resume(t.Context(), s.cast.School.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.run.End(t.Context(), s.cast.Principal, sent.Job.ID); !fault.Is(err, "job.whole") {
		t.Errorf("given up half-way: %v", err)
	}
	if got := stages(t, s.chain); got[workflow.Submitted] != 5 {
		t.Errorf("stages %v", got)
	}
	if err := s.another().Continue(t.Context(), s.cast.Principal, sent.Job.ID, ""); err != nil {
		t.Fatal(err)
	}
	if got := s.results(s.cast.Principal, sent.Job.ID); got["done"] != 8 || s.desk.calls != 9 {
		t.Errorf("items %v after %d messages", got, s.desk.calls)
	}
}

func TestSubmit_GoesOnByItselfAfterTheProcessDied(t *testing.T) {
	t.Parallel()
	s := newSubmitter(t, nil)
	sent := s.submit(nil) // by a runner that never starts: killed right after the form was taken
	s.start(s.another())
	if got := s.results(s.cast.Principal, sent.Job.ID); got["done"] != 8 {
		t.Errorf("items %v", got)
	}
}

func TestSubmit_WaitsWhileTheRegistryIsAway(t *testing.T) {
	t.Parallel()
	back := make(chan struct{})
	s := newSubmitter(t, func(n int, _ registry.Submission) error {
		select {
		case <-back:
			return nil
		default:
		}
		if n <= 2 {
			return nil
		}
		return fault.New(fault.Unavailable, "registry.away")
	})
	s.start(s.run)
	sent := s.submit(nil)
	s.until(sent.Job.ID, "postponed", func(j db.Job) bool { return j.State == db.JobQueued && j.Note == "job.postponed" && j.Done == 2 })
	close(back)
	if got := s.results(s.cast.Principal, sent.Job.ID); got["done"] != 8 {
		t.Errorf("items %v", got)
	}
}

func TestSubmit_ARefusedManifestIsSentOnce(t *testing.T) {
	t.Parallel()
	s := newSubmitter(t, nil)
	sent := s.submit(nil)
	s.d.Exec(`INSERT INTO core.certificate_event (certificate_id, kind, effective_at, at)
		SELECT id, 'ended', $2, $2 FROM core.certificate WHERE unit_id = $1 AND purpose = 'seal'`, s.cast.School.ID,
		s.d.Clock.Now().Add(-time.Hour))
	s.start(s.run)
	if got := s.results(s.cast.Principal, sent.Job.ID); got["refused submission.refused"] != 8 {
		t.Errorf("items %v", got)
	}
	if st := s.statement(sent.StatementID); st.Result != bundle.Refused {
		t.Errorf("statement %+v", st.Result)
	}
	if got := stages(t, s.chain); got[workflow.Refused] != 8 {
		t.Errorf("stages %v", got)
	}
	if s.desk.calls != 1 {
		t.Errorf("sent %d times", s.desk.calls)
	}
}

func TestSubmit_NamesARecordThatNeverArrived(t *testing.T) {
	t.Parallel()
	var once sync.Once
	var lost string
	s := newSubmitter(t, func(_ int, m registry.Submission) error {
		for _, raw := range m.Records {
			d, err := bundle.Open(raw)
			if err != nil {
				return err
			}
			once.Do(func() { lost = d.Record.General.Record })
			if d.Record.General.Record == lost {
				return errors.New("nobody foresaw this")
			}
		}
		return nil
	})
	s.start(s.run)
	sent := s.submit(nil)
	if got := s.results(s.cast.Principal, sent.Job.ID); got["done"] != 7 || got["refused internal"] != 1 {
		t.Errorf("items %v", got)
	}
	as(t, s.chain, s.cast.Principal, func(tx *db.Tx) error {
		reasons, err := tx.StatementReasons(t.Context(), sent.StatementID)
		if len(reasons) != 1 || reasons[0].Code != "registry.missing" || reasons[0].Record != lost || reasons[0].Action != bundle.Resubmit {
			t.Errorf("reasons %+v", reasons)
		}
		return err
	})
	if got := stages(t, s.chain); got[workflow.Accepted] != 7 || got[workflow.Refused] != 1 {
		t.Errorf("stages %v", got)
	}
	if n := len(s.versions()); n != 1 { // and it may be sent again
		t.Errorf("%d versions can go", n)
	}
}

func TestSubmit_OnlyByWhomItIsFor(t *testing.T) {
	t.Parallel()
	s := newSubmitter(t, nil)
	for name, actor := range map[string]workflow.Actor{"administrator": s.cast.Admin, "teacher": s.cast.Huong,
		"deputy without delegation": s.cast.Deputy, "another school's principal": s.cast.OtherPrincipal} {
		if _, err := submit(t.Context(), s.run, actor, jobs.StatementOrder{At: s.chain.June(), Versions: nil}, jobstest.SealPIN); err == nil {
			t.Errorf("%s sends the class", name)
		}
	}
	if _, err := submit(t.Context(), s.run, s.cast.Principal, jobs.StatementOrder{At: s.chain.June(), Versions: nil}, "00000000"); !fault.Is(err, "key.pin") {
		t.Errorf("a wrong PIN: %v", err)
	}
	if _, err := submit(t.Context(), s.run, s.cast.Principal, jobs.StatementOrder{At: s.chain.June(), Versions: []int64{}}, jobstest.SealPIN); !fault.Is(err, "submission.nothing") {
		t.Errorf("nothing ticked: %v", err)
	}
	s.count(`SELECT count(*) FROM school.statement`, 0)
	s.count(`SELECT count(*) FROM school.version_event WHERE kind = 'submitted'`, 0)
}

// A manifest may come in as many messages as there are records: what is
// answered is what one message would have been answered.
func TestSubmit_InManyMessagesIsAnsweredAsInOne(t *testing.T) {
	t.Parallel()
	c := newChain(t)
	c.Issue(t)
	cut := jobs.Submission{DB: c.D.DB, Registry: &interrupted{Client: c.Registrar()}}
	if _, err := cut.Send(t.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); !fault.Is(err, "test.cut") {
		t.Fatal(err)
	}
	m, _ := message(t, c)
	send := func(more bool, records ...[]byte) registry.Answer {
		t.Helper()
		answer, err := c.Registrar().Submit(t.Context(), registry.Submission{School: m.School, Statement: m.Statement, Records: records, More: more})
		if err != nil || len(answer.Records) != len(records) || (answer.Receipt == nil) != more {
			t.Fatalf("%d receipts for %d records, manifest's %v: %v", len(answer.Records), len(records), answer.Receipt != nil, err)
		}
		return answer
	}
	first := send(true, m.Records[0])
	send(true, m.Records[1], m.Records[2])
	if again := send(true, m.Records[0]); !bytes.Equal(again.Records[0], first.Records[0]) {
		t.Error("the same record was answered otherwise")
	}
	part := send(false)
	if r := receipt(t, c, part.Receipt); results(r)[bundle.Accepted] != 3 || results(r)[bundle.Missing] != 5 {
		t.Errorf("after three: %v", results(r))
	}
	if again := send(false); !bytes.Equal(again.Receipt, part.Receipt) {
		t.Error("asking again is answered otherwise")
	}
	for _, raw := range m.Records[3:] {
		send(true, raw)
	}
	whole := send(false)
	if r := receipt(t, c, whole.Receipt); results(r)[bundle.Accepted] != 8 || len(r.Reasons) != 0 {
		t.Errorf("after all: %v, %v", results(r), r.Reasons)
	}
	if all := send(false, m.Records...); !bytes.Equal(all.Receipt, whole.Receipt) || !bytes.Equal(all.Records[0], first.Records[0]) {
		t.Error("all in one message is answered otherwise")
	}
}

func results(r *bundle.Receipt) map[bundle.Result]int {
	out := map[bundle.Result]int{}
	for _, item := range r.Items {
		out[item.Result]++
	}
	return out
}
