package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// The crash test kills a server and its PostgreSQL (kill -9 of the postmaster,
// which is then started again as in production) while a class is being
// submitted. TestCrashChild, run by the test in a process of its own, is the
// server: it says on its output where it is, so that every kill falls into a
// submission under way, however slow the machine.

// said begins each line by which a server tells where it is.
const said = "crash: "

// TestCrashChild is a server whose principal submits class 4A, clicking twice,
// from whatever state it finds. It ends when the submission has.
func TestCrashChild(t *testing.T) {
	if os.Getenv("HOCBA_CRASH_PORTAL") == "" {
		t.Skip("played only by TestSubmission_SurvivesKills")
	}
	s := newServer(t)
	for patience := time.Now().Add(45 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		over, err := s.submit(t.Context())
		if over {
			break
		}
		// An act may fail in any way in the moment in which its database dies;
		// the principal tries again.
		if errors.Is(err, errTwoJobs) || time.Now().After(patience) {
			t.Fatalf("the submission does not end: %v", err)
		}
	}
	fmt.Println(said + "over")
}

// server is what the portal has of a submission: a courier and a runner.
type server struct {
	d         *db.DB
	run       *jobs.Runner
	principal workflow.Actor
	at        jobs.ClassTrack
}

func newServer(t *testing.T) *server {
	t.Helper()
	at, err := time.Parse(time.RFC3339, os.Getenv("HOCBA_CRASH_NOW"))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := software.LoadSecret(os.Getenv("HOCBA_CRASH_SECRET"))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{}
	for { // the database may be recovering
		if err = s.open(t.Context(), at); err == nil {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	log := slog.New(slog.DiscardHandler)
	courier := jobs.NewCourier(s.d, log, secret)
	courier.Start(t.Context())
	s.run = jobs.NewRunner(jobs.Options{DB: s.d, Log: log, Secret: secret, Lease: 100 * time.Millisecond, Poll: 10 * time.Millisecond,
		Retry: 20 * time.Millisecond, Submission: func(ctx context.Context) (jobs.Submission, error) {
			office, err := courier.Submission(ctx)
			office.Registry = talking{office.Registry}
			return office, err
		}})
	s.run.Start(t.Context())
	return s
}

// talking is a registry whose school says when it calls and when it is answered.
type talking struct{ registry.Client }

func (c talking) Submit(ctx context.Context, m registry.Submission) (registry.Answer, error) {
	fmt.Println(said + "sends")
	answer, err := c.Client.Submit(ctx, m)
	fmt.Println(said + "is answered")
	return answer, err
}

// open connects, and finds the principal as the session would, and the class.
func (s *server) open(ctx context.Context, at time.Time) (err error) {
	if s.d == nil {
		s.d, err = db.Open(ctx, db.Options{PortalDSN: os.Getenv("HOCBA_CRASH_PORTAL"), RegistryDSN: os.Getenv("HOCBA_CRASH_REGISTRY"),
			Clock: func() time.Time { return at }, MaxConns: 4})
		if err != nil {
			return err
		}
	}
	account, ok, err := s.d.FindAccount(ctx, "thuan")
	if err != nil || !ok {
		return errors.Join(err, errors.New("no principal"))
	}
	posts, err := s.d.Posts(ctx, account.ID, school.DateOf(s.d.Now()))
	if err != nil || len(posts) != 1 {
		return errors.Join(err, errors.New("no post"))
	}
	s.principal = workflow.Actor{Kind: workflow.Person, AccountID: account.ID, TeacherCode: *account.TeacherCode, Name: account.FullName,
		Role: posts[0].Role, UnitID: posts[0].UnitID, UnitCode: posts[0].UnitCode, SchoolID: posts[0].UnitID}
	return s.d.As(ctx, s.principal, func(tx *db.Tx) error {
		class, err := tx.ClassByName(ctx, dbtest.Year, "4A")
		s.at = jobs.ClassTrack{Year: dbtest.Year, ClassID: class.ID, Track: school.TrackJune}
		return err
	})
}

// submit asks for what can go, twice at once, and reports whether all that was
// ever sent is answered and every job is over.
func (s *server) submit(ctx context.Context) (over bool, err error) {
	plan, err := jobs.Submission{DB: s.d}.Preflight(ctx, s.principal, s.at)
	if err != nil {
		return false, err
	}
	if len(plan.Ready) > 0 {
		return false, s.clickTwice(ctx, plan)
	}
	err = s.d.As(ctx, s.principal, func(tx *db.Tx) error {
		open, err := tx.OpenJobs(ctx)
		if err != nil || len(open) > 0 {
			return err
		}
		unanswered, err := tx.OpenStatements(ctx)
		over = err == nil && len(unanswered) == 0
		return err
	})
	return over, err
}

var errTwoJobs = errors.New("two clicks started two jobs")

func (s *server) clickTwice(ctx context.Context, plan jobs.Preflight) error {
	fmt.Println(said + "asks")
	var versions []int64
	for _, v := range plan.Ready {
		versions = append(versions, v.VersionID)
	}
	var clicks sync.WaitGroup
	var sent [2]jobs.AskedStatement
	var errs [2]error
	for i := range sent {
		clicks.Go(func() {
			sent[i], errs[i] = submit(ctx, s.run, s.principal, jobs.StatementOrder{At: s.at, Versions: versions}, jobstest.SealPIN)
		})
	}
	clicks.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	if sent[0].Job.ID == 0 || sent[0].Job.ID != sent[1].Job.ID {
		return fmt.Errorf("%w: %d and %d", errTwoJobs, sent[0].Job.ID, sent[1].Job.ID)
	}
	return nil
}

// killer runs servers and ends them, and what they talk to.
type killer struct {
	t      *testing.T
	chain  *jobstest.Chain
	secret string
	random *rand.Rand

	server   *exec.Cmd
	lines    chan string // what it says; closed at its end
	servers  int         // killed
	postgres int         // killed
	killed   int         // the last postmaster
}

func (k *killer) start() {
	k.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), "HOCBA_CRASH_PORTAL="+k.chain.D.PortalDSN, "HOCBA_CRASH_REGISTRY="+k.chain.D.RegistryDSN,
		"HOCBA_CRASH_SECRET="+k.secret, "HOCBA_CRASH_NOW="+k.chain.D.Clock.Now().Format(time.RFC3339))
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	k.server, k.lines = cmd, lines
}

// follow lets the server come a random way, and on for a moment more. It
// reports false when the submission ended before.
func (k *killer) follow() (working bool) {
	k.t.Helper()
	further := time.Duration(k.random.Int64N(int64(12 * time.Millisecond)))
	for left := 1 + k.random.IntN(5); left > 0; {
		switch line, open := k.next(); {
		case !open || line == "over":
			return k.ended()
		case line == "asks" && left == 1: // the seal is opened now, and the manifest sealed and stored
			further = time.Duration(k.random.Int64N(int64(120 * time.Millisecond)))
			left--
		case line != "":
			left--
		}
	}
	time.Sleep(further)
	return true
}

// next is where the server says it is; "" for what is no word of it.
func (k *killer) next() (line string, open bool) {
	line, open = <-k.lines
	line, _ = strings.CutPrefix(line, said)
	switch line {
	case "asks", "sends", "is answered", "over":
		return line, open
	}
	if strings.Contains(line, "crash_test.go") {
		k.t.Log(line)
	}
	return "", open
}

// ended waits for a server that nobody killed, which must have done its work.
func (k *killer) ended() (working bool) {
	k.t.Helper()
	for range k.lines {
	}
	if err := k.server.Wait(); err != nil {
		k.t.Fatalf("a server that nobody killed: %v", err)
	}
	k.server = nil
	return false
}

// killServer ends the server; false: it was just done.
func (k *killer) killServer() bool {
	k.t.Helper()
	if err := k.server.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		k.t.Fatal(err)
	}
	for range k.lines {
	}
	err := k.server.Wait()
	k.server = nil
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		k.t.Fatalf("the server failed before it was killed: %v", err)
	}
	k.servers++
	return true
}

// killPostgres ends the postmaster; the server lives on and finds it again.
func (k *killer) killPostgres() {
	k.t.Helper()
	for attempt := 0; ; attempt++ {
		var pid int
		err := k.chain.D.Owner().QueryRow(`SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`).Scan(&pid)
		if err == nil && pid != k.killed { // a backend may outlive its postmaster for a moment
			err = syscall.Kill(pid, syscall.SIGKILL)
			if err == nil {
				k.killed = pid
				break
			}
		}
		if attempt == 3000 {
			k.t.Fatalf("the database does not come back: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	k.postgres++
}

// settle waits until the database answers again through every pool, and takes
// away what killed PIN entries left: they count as wrong ones.
func (k *killer) settle() {
	k.t.Helper()
	for attempt := 0; attempt < 3000; attempt++ {
		if k.chain.D.Ping(k.t.Context()) == nil {
			if _, err := k.chain.D.Owner().Exec(`DELETE FROM core.throttle`); err == nil {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	k.t.Fatal("the database does not come back")
}

func (k *killer) kills() int { return k.servers + k.postgres }

// round submits the class once, from the principal's clicks to the last
// receipt, with a kill wherever one is due.
func (k *killer) round(kills int) {
	k.t.Helper()
	k.start()
	for k.kills() < kills && k.follow() {
		switch {
		case k.kills()%5 == 4:
			k.killPostgres()
		case k.killServer():
			k.settle()
			k.start()
		default: // it had come to its end
			return
		}
	}
	if k.server != nil {
		k.ended()
	}
}

func TestSubmission_SurvivesKills(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 10
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := newChain(t)
	c.Issue(t)
	c.OpenClosing(t)
	c.D.Clock.Advance(time.Minute)
	k := &killer{t: t, chain: c, secret: secretFile(t, c), random: rand.New(rand.NewPCG(seed, 1))}
	rounds, until := 0, time.Now().Add(longest)
	for k.kills() < kills && time.Now().Before(until) {
		if rounds > 0 {
			k.nextVersions()
		}
		k.round(kills)
		rounds++
		k.settle()
		k.check(rounds)
	}
	t.Logf("%d kills, %d of the server and %d of PostgreSQL, over %d submissions of %d records", k.kills(), k.servers, k.postgres, rounds, len(c.Records))
	if k.kills() != kills {
		t.Errorf("%d kills within %v, want %d", k.kills(), longest, kills)
	}
}

// longest bounds the killing; a machine that cannot kill fifty times in it says
// nothing about crashes.
const longest = 4 * time.Minute

// secretFile writes the chain's server secret where a server looks for it.
func secretFile(t *testing.T, c *jobstest.Chain) string {
	t.Helper()
	path := t.TempDir() + "/secret"
	if err := os.WriteFile(path, make([]byte, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	secret, err := software.LoadSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.D.ReceiptKey(t.Context(), registry.Keys{Secret: secret}); err != nil {
		t.Fatal(err)
	}
	return path
}

// nextVersions has the principal replace every record, so that there is work.
func (k *killer) nextVersions() {
	k.t.Helper()
	for _, id := range k.chain.Records {
		if err := k.chain.Submission().Replace(k.t.Context(), k.chain.Cast.Principal, id, "Phát hành lại."); err != nil {
			k.t.Fatal(err)
		}
		k.chain.Reissue(k.t, id)
	}
	k.chain.D.Clock.Advance(time.Minute)
}

// check demands that after n submissions nothing is lost and nothing is twice.
func (k *killer) check(n int) {
	k.t.Helper()
	records := len(k.chain.Records)
	for question, want := range map[string]int{
		`SELECT count(*) FROM registry.version`:                                          n * records,
		`SELECT count(*) FROM registry.version_content`:                                  n * records,
		`SELECT count(*) FROM registry.version_event WHERE kind = 'accepted'`:            n * records,
		`SELECT count(*) FROM registry.version_event WHERE kind = 'replaced'`:            (n - 1) * records,
		`SELECT count(*) FROM registry.receipt WHERE result = 'accepted'`:                n * records,
		`SELECT count(*) FROM registry.receipt WHERE result <> 'accepted'`:               0,
		`SELECT count(*) FROM registry.attempt`:                                          n,
		`SELECT count(*) FROM registry.answer`:                                           n,
		`SELECT accepted FROM registry.class_progress`:                                   records,
		`SELECT refused FROM registry.class_progress`:                                    0,
		`SELECT count(*) FROM registry.live_version`:                                     records,
		`SELECT count(*) FROM school.record WHERE stage = 'accepted'`:                    records,
		`SELECT count(*) FROM school.statement`:                                          n,
		`SELECT count(*) FROM school.receipt WHERE version_id IS NULL`:                   n,
		`SELECT count(*) FROM school.version_event WHERE kind = 'submitted'`:             n * records,
		`SELECT count(*) FROM school.version_event WHERE kind = 'accepted'`:              n * records,
		`SELECT count(*) FROM core.job WHERE kind = 'submit' AND state = 'done'`:         n,
		`SELECT count(*) FROM core.job`:                                                  n,
		`SELECT count(*) FROM core.job_item WHERE state = 'done'`:                        n * records,
		`SELECT count(*) FROM core.job_item`:                                             n * records,
		`SELECT count(*) FROM school.receipt s JOIN registry.receipt r ON r.xml = s.xml`: n * records,
		`SELECT count(*) FROM school.receipt s JOIN registry.answer r ON r.xml = s.xml`:  n,
		`SELECT count(*) FROM registry.live_version l JOIN registry.version v ON v.id = l.version_id
		  WHERE v.phien_ban = (SELECT max(o.phien_ban) FROM registry.version o WHERE o.record_uuid = v.record_uuid)`: records,
	} {
		var got int
		if err := k.chain.D.Owner().QueryRow(question).Scan(&got); err != nil || got != want {
			k.t.Errorf("after %d submissions: %s is %d, want %d (%v)", n, question, got, want, err)
		}
	}
}
