package paper

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-rod/rod/lib/cdp"
)

// nobody is the user under which a browser of a root process runs.
const nobody = 65534

// mode is a way to start the browser.
type mode struct {
	name    string
	drop    bool // leave root for nobody
	sandbox bool
}

// launchModes lists the ways to try, safest first. As root Chromium refuses its
// sandbox, so the user is given up first; some containers allow neither.
func launchModes() []mode {
	if os.Getuid() == 0 {
		return []mode{{"nobody, sandboxed", true, true}, {"nobody, no sandbox", true, false}, {"root, no sandbox", false, false}}
	}
	return []mode{{"sandboxed", false, true}, {"no sandbox", false, false}}
}

// flags start a browser that prints and does nothing else. Names resolve to
// nothing and the proxy is a dead address: no document reaches any network.
var flags = []string{
	"--headless", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check",
	"--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
	"--font-render-hinting=none", "--force-color-profile=srgb", "--lang=vi",
	"--disable-extensions", "--disable-default-apps", "--disable-sync", "--disable-component-update",
	"--disable-background-networking", "--disable-client-side-phishing-detection", "--disable-domain-reliability",
	"--disable-breakpad", "--disable-crash-reporter", "--metrics-recording-only", "--no-pings",
	"--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
	"--password-store=basic", "--use-mock-keychain",
	"--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication",
	"--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
}

// browser is one running Chromium.
type browser struct {
	client *cdp.Client
	cmd    *exec.Cmd
	dead   chan struct{} // closed when the process has ended
	gone   chan struct{} // closed when its children and its folder are gone, too
}

// launch starts a browser and waits until it answers. The process group ends
// with stop, and by itself when the pipe breaks because we died.
func launch(ctx context.Context, bin string, m mode) (*browser, error) {
	sweep()
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("make browser folder: %w", err)
	}
	theirs, ours, err := newPipe()
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	args := append([]string{"--user-data-dir=" + dir}, flags...)
	if !m.sandbox {
		args = append(args, "--no-sandbox")
	}
	cmd := exec.Command(bin, args...) // no URL: tabs are opened over the pipe
	cmd.ExtraFiles = theirs           // become descriptors 3 and 4
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "TZ=UTC", "LANG=C.UTF-8"}
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if m.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			os.RemoveAll(dir)
			return nil, fmt.Errorf("hand over browser folder: %w", err)
		}
	}
	said := &tail{}
	cmd.Stderr = said
	err = cmd.Start()
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		ours.close()
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start %s: %w", bin, err)
	}
	b := &browser{client: cdp.New().Start(ours), cmd: cmd, dead: make(chan struct{}), gone: make(chan struct{})}
	go b.drain()
	go func() {
		cmd.Wait() // how it ended says the failing call
		close(b.dead)
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind
		ours.close()
		os.RemoveAll(dir)
		close(b.gone)
	}()
	if err := b.hello(ctx); err != nil {
		b.stop()
		return nil, fmt.Errorf("browser does not answer: %w; it said: %s", err, said)
	}
	return b, nil
}

// folderPrefix begins the name of a browser's folder; our process number follows.
const folderPrefix = "hocba-print-"

// sweep removes the folders of programs that were killed before they could.
func sweep() {
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, f := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(f), folderPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.RemoveAll(f) // not ours to remove under another user: the next one will
		}
	}
}

// hello waits for the first answer.
func (b *browser) hello(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	return b.call(ctx, "", "Browser.getVersion", nil, nil)
}

// drain throws events away; unread ones would stop the answers.
func (b *browser) drain() {
	for range b.client.Event() {
	}
}

// alive reports whether the process runs.
func (b *browser) alive() bool {
	select {
	case <-b.dead:
		return false
	default:
		return true
	}
}

// quit asks the browser to end, which reaps its own children, and kills it when
// it does not.
func (b *browser) quit() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if b.call(ctx, "", "Browser.close", nil, nil) == nil {
		select {
		case <-b.dead:
		case <-ctx.Done():
		}
	}
	b.stop()
}

// stop kills the browser with all its processes and waits for the end.
func (b *browser) stop() {
	if b.alive() {
		syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
	}
	<-b.gone
}

// call sends one command, to a tab's session or, with session "", to the
// browser, and decodes the answer into result unless that is nil.
func (b *browser) call(ctx context.Context, session, method string, params, result any) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		raw []byte
		err error
	}
	done := make(chan answer, 1)
	go func() {
		raw, err := b.client.Call(ctx, session, method, params)
		done <- answer{raw, err}
	}()
	select {
	case <-b.dead: // a command sent while the pipe broke is never answered
		return fmt.Errorf("%s: browser died", method)
	case a := <-done:
		if a.err != nil {
			return fmt.Errorf("%s: %w", method, a.err)
		}
		if result == nil {
			return nil
		}
		if err := json.Unmarshal(a.raw, result); err != nil {
			return fmt.Errorf("%s: read answer: %w", method, err)
		}
		return nil
	}
}

// pipe carries protocol messages, each ended by a zero byte, over two files.
type pipe struct {
	mu  sync.Mutex
	out *os.File
	in  *os.File
	buf *bufio.Reader
}

// newPipe returns the browser's two ends and ours.
func newPipe() (theirs []*os.File, ours *pipe, err error) {
	commands, out, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make command pipe: %w", err)
	}
	in, answers, err := os.Pipe()
	if err != nil {
		commands.Close()
		out.Close()
		return nil, nil, fmt.Errorf("make answer pipe: %w", err)
	}
	return []*os.File{commands, answers}, &pipe{out: out, in: in, buf: bufio.NewReaderSize(in, 64<<10)}, nil
}

// Send implements cdp.WebSocketable. A browser that does not read for ten
// seconds is as good as dead.
func (p *pipe) Send(data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_, err := p.out.Write(append(data, 0))
	return err
}

// Read implements cdp.WebSocketable.
func (p *pipe) Read() ([]byte, error) {
	data, err := p.buf.ReadBytes(0)
	if err != nil {
		return nil, err
	}
	return data[:len(data)-1], nil
}

func (p *pipe) close() {
	p.out.Close()
	p.in.Close()
}

// tail keeps the last words of a process.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p...)
	if n := len(t.bytes) - 2048; n > 0 {
		t.bytes = t.bytes[n:]
	}
	return len(p), nil
}

// String returns what was kept, on one line.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.Join(bytes.Fields(t.bytes), []byte(" ")))
}
