package cluster

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// actAs names the environment variable that turns the test binary into a
// program that serves from the data folder it names, until it is killed.
const actAs = "HOCBA_TEST_SERVE_FROM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(actAs); dir != "" {
		serveUntilKilled(dir)
	}
	os.Exit(m.Run())
}

func serveUntilKilled(dir string) {
	c, err := Start(context.Background(), Options{Dir: dir, FsyncOff: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(c.PID())
	select {}
}

// child runs the test binary as a program that serves from dir.
func child(t *testing.T, dir string) (program *exec.Cmd, postgres int) {
	t.Helper()
	program = exec.Command(os.Args[0])
	program.Env = append(os.Environ(), actAs+"="+dir)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Process.Kill(); _ = program.Wait() })
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	postgres, err = strconv.Atoi(strings.TrimSpace(string(line[:n])))
	if err != nil {
		t.Fatalf("the program said %q", line[:n])
	}
	return program, postgres
}

func TestStart_ComesUpAfterTheProgramWasKilled(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	for range 5 {
		program, _ := child(t, dir)
		if err := program.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = program.Wait()
		// At once, while the orphan may be stopping or still be up.
		c := start(t, Options{Dir: dir})
		eventually(t, "a query is answered", func() bool { return open(t, c).Ping() == nil })
		stop(t, c)
	}
}

func TestKilledProgram_TakesItsPostgresWithIt(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	program, postgres := child(t, dir)
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait()
	eventually(t, "PostgreSQL has ended", func() bool { return !exists(postgres) })
}

func TestStart_AdoptsALivingServer(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	// A shared command that dies leaves its server running.
	c := start(t, Options{Dir: dir, Shared: true})
	c.endKeeper()
	<-c.keeper
	c.release()
	c.ended.Do(func() {})

	heir := start(t, Options{Dir: dir})
	if heir.PID() != c.PID() || heir.server.gone != nil {
		t.Fatalf("process %d was not adopted but %d started", c.PID(), heir.PID())
	}
	query(t, heir, `SELECT 1`)
	stop(t, heir)
	eventually(t, "the adopted server has ended", func() bool { return !exists(heir.PID()) })
}

func TestStart_IsNotFooledByAStalePIDFile(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})
	stop(t, c)
	// The number now belongs to a process that is no PostgreSQL: this test.
	stale := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n  1234  5678\nready\n", os.Getpid(), c.home.data, c.home.socket)
	if err := os.WriteFile(filepath.Join(c.home.data, "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	again := start(t, Options{Dir: dir})
	query(t, again, `SELECT 1`)
}

func TestStart_RefusesAForeignServerOnItsData(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})
	stop(t, c)
	foreign := c.home.owner.command(t.Context(), filepath.Join(c.bin, "postgres"),
		"-D", c.home.data, "-k", c.home.socket, "-c", "listen_addresses=")
	if err := foreign.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = foreign.Process.Signal(syscall.SIGQUIT); _ = foreign.Wait() }()
	eventually(t, "it is up", func() bool { return open(t, c).Ping() == nil })

	_, err := Start(t.Context(), Options{Dir: dir, FsyncOff: true})
	if err == nil || !strings.Contains(err.Error(), "another PostgreSQL") {
		t.Errorf("got %v", err)
	}
}

func TestKeeper_RestartsAKilledPostgres(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := start(t, Options{Dir: dataFolder(t), Log: slog.New(slog.NewTextHandler(&log, nil))})
	conn := open(t, c)
	if _, err := conn.Exec(`CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)`); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		killed := c.PID()
		if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a new server answers", func() bool {
			var n int
			return c.PID() != killed && conn.QueryRow(`SELECT n FROM kept`).Scan(&n) == nil && n == 7
		})
	}
	stop(t, c) // nobody writes to the log any more
	if !strings.Contains(log.String(), "PostgreSQL has died") {
		t.Errorf("the log does not say so: %s", log.String())
	}
}
