package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dataFolder is a data folder that the account postgres can reach, which
// t.TempDir is not under root.
func dataFolder(t *testing.T) string {
	t.Helper()
	if _, err := findBinaries(home{}); errors.Is(err, ErrNoPostgres) {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "hocba-test-cluster-")
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	o.FsyncOff = true
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, c *Cluster) *sql.DB {
	t.Helper()
	conn, err := sql.Open("postgres", c.DSN(Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func query(t *testing.T, c *Cluster, q string) string {
	t.Helper()
	var answer string
	if err := open(t, c).QueryRow(q).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return answer
}

// eventually waits up to ten seconds until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within ten seconds: %s", what)
}

func exists(pid int) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && len(line) > 0 // a zombie has none
}

func TestStart_MakesAClusterThatOnlyItsOwnerReaches(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})

	if got := query(t, c, `SHOW listen_addresses`); got != "" {
		t.Errorf("listens on %q, want no TCP", got)
	}
	if got := query(t, c, `SELECT string_agg(w, ' ' ORDER BY w) FROM unnest('{Y,Uyên,Đào,Ăn,An,Ân,bình,Ước}'::text[]) w`); got != "An Ăn Ân bình Đào Uyên Ước Y" {
		t.Errorf("sorts %q, want the Vietnamese order", got)
	}
	if got := query(t, c, `SHOW data_checksums`); got != "on" {
		t.Errorf("data_checksums is %q", got)
	}
	for _, dir := range []string{c.home.socket, c.home.data, c.home.logs} {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 || int(info.Sys().(*syscall.Stat_t).Uid) != c.home.owner.uid {
			t.Errorf("%s is %v, want 0700 and the owner's", dir, info.Mode())
		}
	}
	socket, err := os.Stat(filepath.Join(c.home.socket, ".s.PGSQL."+socketPort))
	if err != nil {
		t.Fatal(err)
	}
	if socket.Mode().Perm() != 0o700 {
		t.Errorf("the socket is %v, want 0700", socket.Mode())
	}
}

func TestStart_KeepsDataOverAStop(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})
	if err := c.EnsureDatabase(t.Context(), "hocba"); err != nil {
		t.Fatal(err)
	}
	if err := c.EnsureDatabase(t.Context(), "hocba"); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	pid := c.PID()
	stop(t, c)
	if exists(pid) {
		t.Errorf("process %d is still there after Stop", pid)
	}
	again := start(t, Options{Dir: dir})
	if got := query(t, again, `SELECT count(*) FROM pg_database WHERE datname = 'hocba'`); got != "1" {
		t.Errorf("the database is gone")
	}
}

func TestStart_RefusesASecondServer(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})

	_, err := Start(t.Context(), Options{Dir: dir, FsyncOff: true})
	var inUse *InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("got %v, want InUseError", err)
	}
	if inUse.PID != os.Getpid() || inUse.Dir != dir {
		t.Errorf("got %+v", inUse)
	}
	if got := query(t, c, `SELECT 1`); got != "1" {
		t.Error("the first server was disturbed")
	}
}

func TestStart_SharedCommandJoinsAndLeavesTheServerRunning(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	server := start(t, Options{Dir: dir})
	command := start(t, Options{Dir: dir, Shared: true})
	if server.PID() != command.PID() {
		t.Errorf("the command started a second PostgreSQL")
	}
	stop(t, command)
	query(t, server, `SELECT 1`)
}

func TestStart_AloneSharedCommandStopsWhatItStarted(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	first := start(t, Options{Dir: dir, Shared: true})
	second := start(t, Options{Dir: dir, Shared: true})
	pid := first.PID()
	stop(t, first)
	query(t, second, `SELECT 1`)
	stop(t, second)
	if exists(pid) {
		t.Errorf("process %d is still there after the last user left", pid)
	}
}

func TestStart_SocketPathStaysShort(t *testing.T) {
	t.Parallel()
	deep := filepath.Join(dataFolder(t), strings.Repeat("a-long-name/", 12), "thư mục, 'lạ'")
	c := start(t, Options{Dir: deep})
	if path := filepath.Join(c.home.socket, ".s.PGSQL."+socketPort); len(path) > maxSocketPath {
		t.Errorf("%s has %d bytes", path, len(path))
	}
	query(t, c, `SELECT 1`)
	stop(t, c)
	if err := c.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.home.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket directory is left: %v", err)
	}
}

func TestStart_UnreachableFolderGetsAClusterElsewhere(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the account that runs PostgreSQL is our own and reaches everything")
	}
	dir := dataFolder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "var")
	c := start(t, Options{Dir: dir})
	if filepath.Dir(c.Dir()) != farHomes {
		t.Errorf("the cluster is in %s", c.Dir())
	}
	stop(t, c)
	again := start(t, Options{Dir: dir})
	if again.Dir() != c.Dir() {
		t.Errorf("the second start went to %s", again.Dir())
	}
	stop(t, again)
	if err := c.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left", c.Dir())
	}
}

func TestStart_RefusesAFolderLaidByAnother(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs two accounts")
	}
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})
	stop(t, c)
	if err := os.RemoveAll(c.home.data); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", c.home.data); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{Dir: dir, FsyncOff: true}); err == nil {
		t.Fatal("a link in the place of the data was followed")
	}
	info, err := os.Stat("/etc")
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("/etc changed hands: %v", err)
	}
}

func TestStart_HalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})
	stop(t, c)
	if err := os.Rename(c.home.data, c.home.path("data.new")); err != nil {
		t.Fatal(err)
	}
	query(t, start(t, Options{Dir: dir}), `SELECT 1`)
}

func TestStart_SaysWhatPostgresSaid(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c := start(t, Options{Dir: dir})
	stop(t, c)
	auto := filepath.Join(c.home.data, "postgresql.auto.conf")
	if err := os.WriteFile(auto, []byte("no_such_setting = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: dir, FsyncOff: true})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v", err)
	}
}

func TestStop_IsPromptWithOpenConnections(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Dir: dataFolder(t)})
	tx, err := open(t, c).Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	began := time.Now()
	stop(t, c)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestSettings_FollowTheMachine(t *testing.T) {
	t.Parallel()
	c := &Cluster{home: home{root: "/x", socket: "/x/run"}}
	for _, test := range []struct {
		memory int
		want   string
	}{
		{256, "shared_buffers = 32MB"},
		{2048, "shared_buffers = 256MB"},
		{64000, "shared_buffers = 1024MB"},
	} {
		if got := c.settings(test.memory); !strings.Contains(got, test.want+"\n") {
			t.Errorf("%d MB: no %q in\n%s", test.memory, test.want, got)
		}
	}
	if strings.Contains(c.settings(1024), "fsync") {
		t.Error("a cluster that serves must keep fsync as it is: on")
	}
}

func TestChoose_TakesTheVersionThatMadeTheData(t *testing.T) {
	t.Parallel()
	h := home{root: "/x", data: t.TempDir()}
	both := []installation{{"/usr/lib/postgresql/17/bin", 17}, {"/usr/lib/postgresql/15/bin", 15}}
	if bin, err := choose(h, both); err != nil || bin != both[0].bin {
		t.Errorf("no data yet: %q, %v; want the newest", bin, err)
	}
	if err := os.WriteFile(filepath.Join(h.data, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if bin, err := choose(h, both); err != nil || bin != both[1].bin {
		t.Errorf("data of 15: %q, %v", bin, err)
	}
	var version *VersionError
	if _, err := choose(h, both[:1]); !errors.As(err, &version) || version.Made != "15" {
		t.Errorf("15 not installed: %v", err)
	}
	if _, err := choose(h, nil); !errors.Is(err, ErrNoPostgres) {
		t.Errorf("nothing installed: %v", err)
	}
}

func TestSweep_RemovesOldFoldersThatNobodyUses(t *testing.T) {
	t.Parallel()
	used, left, young := dataFolder(t), dataFolder(t), dataFolder(t)
	start(t, Options{Dir: used})
	stop(t, start(t, Options{Dir: left}))
	old := time.Now().Add(-time.Hour)
	for _, dir := range []string{used, left} {
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{used, left, young} {
		Sweep(dir)
	}
	for dir, want := range map[string]bool{used: true, left: false, young: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: kept %v, want %v", dir, err == nil, want)
		}
	}
}
