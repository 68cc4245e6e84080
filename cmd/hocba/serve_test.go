package main

import (
	"bufio"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hocba/db/cluster"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/words"
)

// dataFolder is a data folder that the account of PostgreSQL can reach.
func dataFolder(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("/usr/lib/postgresql/15/bin/postgres"); err != nil && os.Getenv("CI") == "" {
		if _, err := exec.LookPath("postgres"); err != nil {
			t.Skip("no PostgreSQL")
		}
	}
	dir, err := os.MkdirTemp("", "hocba-test-serve-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "var")
}

// running is a server under test: its address, and stop, which ends it by the
// signal's way and returns its exit status.
func running(t *testing.T, args ...string) (address string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	read, write := io.Pipe()
	status := make(chan int, 1)
	p := &program{stdout: write, stderr: io.Discard, env: func(string) string { return "" }}
	go func() {
		status <- p.run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...))
		_ = write.Close()
	}()
	out := bufio.NewScanner(read)
	if !out.Scan() {
		cancel()
		t.Fatalf("the server ended with status %d", <-status)
	}
	line := out.Text()
	go func() { _, _ = io.Copy(io.Discard, read) }()
	stop = func() int { cancel(); s := <-status; status <- s; return s }
	t.Cleanup(func() { stop() })
	_, address, found := strings.Cut(line, "http://")
	if !found {
		t.Fatalf("no address in %q", line)
	}
	return "http://" + address, stop
}

func TestServe_AnswersAndStopsInOrder(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	address, stop := running(t, "--data", dir)
	for _, path := range []string{"/healthz", "/readyz"} {
		answer, err := http.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || answer.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %s, request id %q", path, answer.Status, answer.Header.Get("X-Request-Id"))
		}
	}

	status, _, said := try(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	if status != exitFailed || !strings.Contains(said, dir) || strings.Contains(said, "in use") {
		t.Errorf("a second server: status %d, said %q", status, said)
	}
	if status, out, said := try(t, nil, "migrate", "--data", dir); status != exitOK || out == "" {
		t.Errorf("migrate beside the server: status %d, said %q", status, said)
	}
	// What opens the database of a running server joins it instead of being
	// refused: each gets as far as an empty registry lets it.
	for _, c := range []struct {
		args []string
		code string // of what it says; "" it is done
	}{
		{[]string{"trust", "list"}, ""}, {[]string{"trust-bundle", "--pem"}, ""}, {[]string{"trust-bundle"}, "registry.no_receipt_key"},
		{[]string{"transfer-file", "--pupil", "4800000001", "--to", "A", "--reason", "B", "--out", filepath.Join(t.TempDir(), "a.zip")}, "transfer.nothing"},
		{[]string{"transfer-file", "--pupil", "4800000001"}, "command.transfer_file"},
	} {
		status, _, said := try(t, nil, append(c.args, "--data", dir)...)
		if c.code == "" && status != exitOK || c.code != "" && (status != exitFailed || !strings.Contains(said, words.Message(c.code, nil))) {
			t.Errorf("%v beside the server: status %d, said %q", c.args, status, said)
		}
	}
	status, _, said = try(t, nil, "serve", "--data", dir+"2", "--listen", strings.TrimPrefix(address, "http://"))
	if want := words.Message("serve.listen_busy", map[string]string{"address": strings.TrimPrefix(address, "http://")}); status != exitFailed || strings.TrimSpace(said) != want {
		t.Errorf("a second server on the address: status %d, said %q", status, said)
	}

	if status := stop(); status != exitOK {
		t.Errorf("stopped with status %d", status)
	}
	if _, err := os.Stat(filepath.Join(dir, "cluster", "data", "postmaster.pid")); err == nil {
		t.Error("PostgreSQL still runs")
	}
}

func TestServe_AssumesADateInADemonstrationOnly(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	status, _, said := try(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--now", "2026-06-29")
	if status != exitFailed || !strings.HasSuffix(said, words.Message("serve.now_not_demo", nil)+"\n") {
		t.Fatalf("over real data: status %d, said %q", status, said)
	}
	markAsDemo(t, dir)
	_, stop := running(t, "--data", dir, "--now", "2026-06-29")
	if status := stop(); status != exitOK {
		t.Errorf("over a demonstration: status %d", status)
	}
}

func markAsDemo(t *testing.T, dir string) {
	t.Helper()
	c, err := cluster.Start(t.Context(), cluster.Options{Dir: dir, Shared: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Stop(context.Background()) }()
	conn, err := sql.Open("postgres", c.DSN(cluster.Superuser, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Exec(`INSERT INTO core.installation (demo, created_at) VALUES (true, '2026-01-01')`); err != nil {
		t.Fatal(err)
	}
}

func TestServe_ForeignDatabaseIsNeverMigrated(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	c, err := cluster.Start(t.Context(), cluster.Options{Dir: dir, FsyncOff: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.Background()) })
	if err := c.EnsureDatabase(t.Context(), databaseName); err != nil {
		t.Fatal(err)
	}
	owner := c.DSN(cluster.Superuser, databaseName)
	status, _, said := try(t, nil, "serve", "--listen", "127.0.0.1:0", "--database", owner, "--data", t.TempDir())
	if status != exitFailed || !strings.HasPrefix(said, words.Message("database.refused", nil)) {
		t.Errorf("an empty database: status %d, said %q", status, said)
	}
	if status, _, said := try(t, nil, "migrate", "--database", owner); status != exitOK {
		t.Fatalf("migrate: status %d, said %q", status, said)
	}
	_, stop := running(t, "--database", owner, "--data", t.TempDir())
	if status := stop(); status != exitOK {
		t.Errorf("after migrate: status %d", status)
	}
	conn, err := sql.Open("postgres", owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Exec(`INSERT INTO public.schema_version (version_id, is_applied) VALUES (99999, true)`); err != nil {
		t.Fatal(err)
	}
	status, _, said = try(t, nil, "serve", "--listen", "127.0.0.1:0", "--database", owner, "--data", t.TempDir())
	if status != exitFailed || !strings.Contains(said, "99999") {
		t.Errorf("a newer schema: status %d, said %q", status, said)
	}
}

func TestAnswer_LetsRequestsFinish(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, finish := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		_, _ = io.WriteString(w, "done")
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	p := &program{stdout: io.Discard}
	go func() { ended <- answer(ctx, p, l, &http.Server{Handler: slow}) }()
	got := make(chan string, 1)
	go func() {
		answer, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			got <- err.Error()
			return
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		got <- string(body)
	}()
	<-begun
	cancel()
	select {
	case err := <-ended:
		t.Fatalf("ended before the request: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	if body := <-got; body != "done" {
		t.Errorf("the request got %q", body)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAssumed_ReadsVietnamsTime(t *testing.T) {
	real := time.Date(2026, time.November, 21, 0, 0, 0, 0, time.UTC)
	for now, want := range map[string]time.Time{
		"2026-06-29":                time.Date(2026, time.June, 29, 0, 0, 0, 0, school.Zone),
		"2026-06-29T23:50":          time.Date(2026, time.June, 29, 23, 50, 0, 0, school.Zone),
		"2026-06-29T23:50:00+00:00": time.Date(2026, time.June, 29, 23, 50, 0, 0, time.UTC),
	} {
		offset, err := assumed(now, real)
		if err != nil || !real.Add(offset).Equal(want) {
			t.Errorf("%s: %v, %v; want %v", now, real.Add(offset), err, want)
		}
	}
	if _, err := assumed("30/6", real); !fault.Is(err, "serve.now_unreadable") {
		t.Errorf("got %v", err)
	}
}

func TestPublicAddress_IsWhatABrowserCanOpen(t *testing.T) {
	bound := &net.TCPAddr{IP: net.IPv4zero, Port: 8080}
	for _, test := range []struct{ base, want string }{
		{"", "http://localhost:8080"},
		{"https://hocba.example/", "https://hocba.example"},
		{"http://10.0.0.1:80", "http://10.0.0.1:80"},
	} {
		if got, err := publicAddress(test.base, bound); err != nil || got != test.want {
			t.Errorf("%q: %q, %v", test.base, got, err)
		}
	}
	for _, base := range []string{"hocba.example", "ftp://x", "https://x/path", "https://a:b@x"} {
		if _, err := publicAddress(base, bound); !fault.Is(err, "serve.base_url") {
			t.Errorf("%q was taken", base)
		}
	}
}

func TestAsRole_KeepsNoPasswordOfAnother(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://admin:secret@db/hocba?sslmode=verify-full": "postgres://hocba_portal@db/hocba?sslmode=verify-full",
		"postgres://db/hocba":  "postgres://hocba_portal@db/hocba",
		"host=db dbname=hocba": "host=db dbname=hocba user=hocba_portal",
	} {
		if got, err := asRole(dsn, portalRole); err != nil || got != want {
			t.Errorf("%s: %q, %v", dsn, got, err)
		}
	}
}

func TestNetworks_AreReadOrRefusedByName(t *testing.T) {
	got, err := networks("10.0.0.0/8, 127.0.0.1,fd00::/8")
	if err != nil || len(got) != 3 || got[1].String() != "127.0.0.1/32" {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := networks(""); err != nil || got != nil {
		t.Errorf("nothing: %v, %v", got, err)
	}
	for _, list := range []string{"10.0.0.0/33", "proxy.example", "10.1.2.3/8"} {
		if _, err := networks("127.0.0.1," + list); !fault.Is(err, "serve.trusted_proxies") || fault.As(err).Args["value"] != list {
			t.Errorf("%q: %v", list, err)
		}
	}
}
