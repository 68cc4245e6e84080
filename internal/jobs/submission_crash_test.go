package jobs_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// The crash test plays a server that is killed at random points of a class's
// submission, and a PostgreSQL whose backends are: TestCrashChild, run by the
// test in a process of its own, is the server.

// TestCrashChild submits class 4A once, from whatever state it finds: first
// what was begun, then what is ready.
func TestCrashChild(t *testing.T) {
	if os.Getenv("HOCBA_CRASH_PORTAL") == "" {
		t.Skip("played only by TestSubmission_SurvivesKills")
	}
	at, err := time.Parse(time.RFC3339, os.Getenv("HOCBA_CRASH_NOW"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	d, err := db.Open(ctx, db.Options{PortalDSN: os.Getenv("HOCBA_CRASH_PORTAL"), RegistryDSN: os.Getenv("HOCBA_CRASH_REGISTRY"),
		Clock: func() time.Time { return at }, MaxConns: 3})
	if err != nil {
		t.Fatal(err)
	}
	secret, err := software.LoadSecret(os.Getenv("HOCBA_CRASH_SECRET"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := d.ReceiptKey(ctx, secret)
	if err != nil {
		t.Fatal(err)
	}
	principal, err := childPrincipal(t, d)
	if err != nil {
		t.Fatal(err)
	}
	s := jobs.Submission{DB: d, Registry: db.NewRegistrar(d, key)}
	if err := s.Resume(ctx, principal.SchoolID); err != nil {
		t.Fatal(err)
	}
	var seal jobs.Pen
	var class db.Class
	err = d.As(ctx, principal, func(tx *db.Tx) error {
		kept, err := tx.SealCertificate(ctx, principal.SchoolID)
		if err != nil {
			return err
		}
		if seal.Certificate, err = kept.Certificate(); err != nil {
			return err
		}
		if seal.Key, err = software.Open([]byte(jobstest.SealPIN), secret, kept.KeyBlob); err != nil {
			return err
		}
		class, err = tx.ClassByName(ctx, dbtest.Year, "4A")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Send(ctx, principal, jobs.ClassTrack{Year: dbtest.Year, ClassID: class.ID, Track: school.TrackJune}, nil, seal)
	if err != nil && !fault.Is(err, "submission.nothing") {
		t.Fatal(err)
	}
}

// childPrincipal signs the principal in, as the session would.
func childPrincipal(t *testing.T, d *db.DB) (workflow.Actor, error) {
	account, ok, err := d.FindAccount(t.Context(), "thuan")
	if err != nil || !ok {
		return workflow.Actor{}, errors.Join(err, errors.New("no principal"))
	}
	posts, err := d.Posts(t.Context(), account.ID, school.DateOf(d.Now()))
	if err != nil || len(posts) != 1 {
		return workflow.Actor{}, errors.Join(err, errors.New("no post"))
	}
	return workflow.Actor{Kind: workflow.Person, AccountID: account.ID, TeacherCode: *account.TeacherCode, Name: account.FullName,
		Role: posts[0].Role, UnitID: posts[0].UnitID, UnitCode: posts[0].UnitCode, SchoolID: posts[0].UnitID}, nil
}

// killer runs servers and ends them.
type killer struct {
	t      *testing.T
	chain  *jobstest.Chain
	secret string
	full   time.Duration // of a run nobody disturbs
	random *rand.Rand
}

func (k *killer) start() *exec.Cmd {
	k.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), "HOCBA_CRASH_PORTAL="+k.chain.D.PortalDSN, "HOCBA_CRASH_REGISTRY="+k.chain.D.RegistryDSN,
		"HOCBA_CRASH_SECRET="+k.secret, "HOCBA_CRASH_NOW="+k.chain.D.Clock.Now().Format(time.RFC3339))
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	return cmd
}

// finish lets a server run to its end; a database that is still recovering is
// given time.
func (k *killer) finish() {
	k.t.Helper()
	for attempt := 0; ; attempt++ {
		err := k.start().Wait()
		if err == nil {
			return
		}
		if attempt == 20 {
			k.t.Fatalf("a server nobody kills does not finish: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// kill starts a server and ends it, or its database connections, at a random
// point. It reports whether the server was still at work.
func (k *killer) kill(backends bool, how syscall.Signal) bool {
	cmd := k.start()
	time.Sleep(time.Duration(k.random.Int64N(int64(k.full))))
	if backends {
		k.killBackends(how)
	} else if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		k.t.Fatal(err)
	}
	return cmd.Wait() != nil
}

// killBackends ends the backends of the program's two roles: in order, or like
// kill -9, after which PostgreSQL recovers.
func (k *killer) killBackends(how syscall.Signal) {
	var pids []int
	for attempt := 0; attempt < 50; attempt++ {
		rows, err := k.chain.D.Owner().Query(`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'hocba_%'`)
		if err != nil { // still recovering from the last time
			time.Sleep(50 * time.Millisecond)
			continue
		}
		for rows.Next() {
			var pid int
			if rows.Scan(&pid) == nil {
				pids = append(pids, pid)
			}
		}
		_ = rows.Close()
		break
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, how)
		if how == syscall.SIGKILL {
			return
		}
	}
}

// settle waits until the database answers again through every pool.
func (k *killer) settle() {
	k.t.Helper()
	for attempt := 0; attempt < 100; attempt++ {
		if k.chain.D.Ping(k.t.Context()) == nil && k.chain.D.Owner().Ping() == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	k.t.Fatal("the database does not come back")
}

func TestSubmission_SurvivesKills(t *testing.T) {
	kills, rounds := 50, 0
	if testing.Short() {
		kills = 12
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := newChain(t)
	c.Issue(t)
	c.OpenClosing(t)
	c.D.Clock.Advance(time.Minute)
	k := &killer{t: t, chain: c, secret: secretFile(t, c), random: rand.New(rand.NewPCG(seed, 1))}
	began := time.Now()
	k.finish()
	k.full = time.Since(began)
	rounds++
	k.check(rounds)
	done, until := 0, time.Now().Add(longest)
	for done < kills && time.Now().Before(until) {
		k.nextVersions()
		rounds++
		for n := 0; n < 12 && done < kills && k.strike(done); n++ {
			done++
		}
		k.settle()
		k.finish()
		k.check(rounds)
	}
	t.Logf("%d kills over %d submissions of %d records, one of them undisturbed in %v", done, rounds, len(c.Records), k.full)
	if done < kills/4 {
		t.Errorf("only %d of %d kills hit a server at work within %v", done, kills, longest)
	}
}

// longest bounds the killing on a machine that is busy with something else.
const longest = 45 * time.Second

// strike kills one server, or what it talks to; false means that it was done
// before, and that there is nothing left to disturb.
func (k *killer) strike(n int) bool {
	began := time.Now()
	var hit bool
	switch n % 10 {
	case 3, 7:
		hit = k.kill(true, syscall.SIGTERM)
	case 9:
		hit = k.kill(true, syscall.SIGKILL)
	default:
		hit = k.kill(false, syscall.SIGKILL)
	}
	if !hit { // the machine has become faster
		k.full = min(k.full, time.Since(began))
	}
	return hit
}

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
	if _, err := c.D.ReceiptKey(t.Context(), secret); err != nil {
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
