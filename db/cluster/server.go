package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// patience is how long a server may take to come up or to go away. After a
	// crash it replays at most max_wal_size of log first.
	patience = 3 * time.Minute
	// silence is how long a living server may be without a socket before it is
	// taken for unusable: somebody removed the socket's file.
	silence = 5 * time.Second
	pause   = 25 * time.Millisecond
)

// server is a running postmaster: our child, or one adopted.
type server struct {
	home home
	pid  int
	gone chan struct{} // closed when our child has ended; nil when adopted
}

// bringUp returns a server of this cluster that accepts connections: the one
// that lives, or a new one. The caller holds the turn.
func (c *Cluster) bringUp(ctx context.Context) (_ *server, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("PostgreSQL did not come up in time"))
	defer cancel()
	var child *server
	defer func() {
		if err != nil && child != nil {
			err = errors.Join(err, child.stop(context.WithoutCancel(ctx), true))
		}
	}()
	var mute time.Time // since when a living server has had no socket
	for {
		pid := c.home.livingServer()
		switch {
		case pid != 0:
			if c.ping(ctx) == nil {
				return c.taken(pid, child), nil
			}
			// It starts, recovers, stops, or somebody removed its socket.
			if mute = c.muteSince(mute); !mute.IsZero() && time.Since(mute) > silence {
				c.log.Warn("PostgreSQL has lost its socket and is restarted", "pid", pid)
				_ = syscall.Kill(pid, syscall.SIGINT)
				mute = time.Time{}
			}
		case child != nil && !child.alive():
			return nil, fmt.Errorf("PostgreSQL does not start: %s", c.startLog())
		case child == nil && !c.home.hasRemains():
			if child, err = c.launch(); err != nil {
				return nil, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for PostgreSQL: %w: %s", context.Cause(ctx), c.startLog())
		case <-time.After(pause):
		}
	}
}

func (c *Cluster) taken(pid int, child *server) *server {
	if child != nil && child.pid == pid {
		c.log.Info("PostgreSQL started", "pid", pid, "folder", c.home.root)
		return child
	}
	c.log.Info("PostgreSQL was running and is adopted", "pid", pid, "folder", c.home.root)
	return &server{home: c.home, pid: pid}
}

// ping connects once.
func (c *Cluster) ping(ctx context.Context) error {
	conn, err := sql.Open("postgres", c.DSN(Superuser, "postgres")+" connect_timeout=5")
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.PingContext(ctx)
}

// muteSince is the moment since which the socket is missing: before, or now,
// or the zero time if it is there.
func (c *Cluster) muteSince(before time.Time) time.Time {
	_, err := os.Lstat(filepath.Join(c.home.socket, ".s.PGSQL."+socketPort))
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return time.Time{}
	case before.IsZero():
		return time.Now()
	}
	return before
}

// launch starts a postmaster as our child, in a session of its own: Ctrl-C at
// the terminal reaches the program, which finishes its requests first.
func (c *Cluster) launch() (*server, error) {
	if err := c.home.removeStalePID(); err != nil {
		return nil, err
	}
	said, err := os.OpenFile(c.home.path("start.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the server's log: %w", err)
	}
	defer said.Close()
	cmd := c.home.owner.command(context.Background(), filepath.Join(c.bin, "postgres"),
		"-D", c.home.data, "-c", "config_file="+c.home.path("postgresql.conf"), "-c", "cluster_name="+c.home.tag())
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr.Setsid = true
	if !c.shared {
		// The server goes with us (fast shutdown) however we end. A shared one
		// must not: others may be using it when the command that started it ends.
		cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
	}
	started := make(chan error, 1)
	s := &server{home: c.home, gone: make(chan struct{})}
	go func() {
		// The signal comes when the thread that forked ends, not the process.
		// This one is held until the server is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			s.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(s.gone)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s, nil
}

// alive reports whether the postmaster runs.
func (s *server) alive() bool {
	if s.gone == nil {
		return s.home.isServer(s.pid)
	}
	select {
	case <-s.gone:
		return false
	default:
		return true
	}
}

// stop ends the server: fast (SIGINT), or at once (SIGQUIT) when its data will
// be thrown away or ctx ends first.
func (s *server) stop(ctx context.Context, atOnce bool) error {
	first := syscall.SIGINT
	if atOnce {
		first = syscall.SIGQUIT
	}
	if err := s.signal(first); err != nil {
		return err
	}
	limit := time.Now().Add(patience)
	for s.alive() {
		select {
		case <-ctx.Done():
			ctx = context.Background()
			if err := s.signal(syscall.SIGQUIT); err != nil {
				return err
			}
		case <-time.After(pause):
		}
		if time.Now().After(limit) {
			return fmt.Errorf("PostgreSQL (process %d) does not stop", s.pid)
		}
	}
	return nil
}

func (s *server) signal(sig syscall.Signal) error {
	if !s.alive() {
		return nil
	}
	if err := syscall.Kill(s.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	return nil
}

// startLog is the end of what the server said before its own log began.
func (c *Cluster) startLog() string {
	file, err := os.Open(c.home.path("start.log"))
	if err != nil {
		return "no log"
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > 2000 {
		_, _ = file.Seek(-2000, io.SeekEnd)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return "no log"
	}
	return strings.TrimSpace(string(text))
}

// livingServer is the process id of the postmaster of this data directory, 0
// if there is none. The pid file alone proves nothing: after a crash its
// number may belong to anybody.
func (h home) livingServer() int {
	text, err := os.ReadFile(filepath.Join(h.data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !h.isServer(pid) {
		return 0
	}
	return pid
}

// removeStalePID removes the pid file of a server that crashed: PostgreSQL
// would refuse to start if that number belonged to any living process by now.
// It fails if the number belongs to a server that somebody else started on
// this data directory. The caller knows that it is not one of ours.
func (h home) removeStalePID() error {
	file := filepath.Join(h.data, "postmaster.pid")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the pid file: %w", err)
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	line, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(pid), "cmdline"))
	if err == nil && strings.Contains(string(line), h.data) {
		return fmt.Errorf("another PostgreSQL (process %s) runs on %s", pid, h.data)
	}
	return wrap(os.Remove(file), "remove a stale pid file")
}

// isServer reports whether the process is a postmaster of this data directory
// under the right account. The command line is the proof: a postmaster keeps
// the one it was started with, its children and the dead do not, and everybody
// may read it, which is not so for /proc/PID/cwd inside a container.
func (h home) isServer(pid int) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	info, err := os.Stat(proc)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != h.owner.uid {
		return false
	}
	line, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	if err != nil {
		return false
	}
	return strings.Contains(string(line), "\x00-D\x00"+h.data+"\x00") &&
		strings.Contains(string(line), "\x00cluster_name="+h.tag()+"\x00")
}

// hasRemains reports whether processes of a killed postmaster still live: they
// hold its shared memory, and a new one must wait until they have noticed.
func (h home) hasRemains() bool {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return false
	}
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err == nil && strings.HasPrefix(string(line), "postgres: "+h.tag()+": ") {
			return true
		}
	}
	return false
}
