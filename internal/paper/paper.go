// Package paper turns finished HTML documents into PDF files through a
// Chromium that it starts, watches and restarts itself. It knows neither
// pupils nor forms: the markup comes from views/paper, the typeface from
// paper/fonts, and who may have which file is decided elsewhere.
//
// The browser is driven over a pipe, not over a TCP port that other users of
// the machine could reach; it runs unprivileged and sandboxed where the machine
// allows it, has no network, and executes no script of a document.
package paper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"hocba/internal/fault"
)

const (
	// recycleAfter is the number of documents after which a tab is replaced: a
	// tab's memory grows with every document, a new one costs about 70 ms.
	recycleAfter = 50
	// publicRunning and publicWaiting bound what strangers can make us do.
	publicRunning = 2
	publicWaiting = 20

	defaultTabs    = 2
	defaultTimeout = 20 * time.Second
)

// programs are the names under which Chromium may be on PATH, best first: the
// headless shell starts six times faster and takes half the memory.
var programs = []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome"}

// Options of a Printer; the zero value is usable.
type Options struct {
	Bin     string        // the browser; empty: looked for on PATH, never downloaded
	Tabs    int           // documents printed at the same time; 0: two. More than cores only costs memory
	Timeout time.Duration // for one attempt at one document; 0: 20 s
	Log     *slog.Logger  // nil: the default logger
}

// Printer prints documents, several at a time. It is safe for concurrent use.
type Printer struct {
	bin     string
	timeout time.Duration
	log     *slog.Logger
	slots   chan *slot
	public  *gate

	mu      sync.Mutex // guards what follows
	current *browser
	mode    int // index of the first launch mode that has not failed
	closed  bool
}

// slot is the right to print one document at a time; its tab is reused.
type slot struct{ tab *tab }

// New returns a printer. The browser is started by the first document.
// Fails with Unavailable `paper.no_browser` when there is no Chromium.
func New(o Options) (*Printer, error) {
	if o.Bin == "" {
		o.Bin = FindBrowser()
	}
	if _, err := exec.LookPath(o.Bin); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "paper.no_browser")
	}
	if o.Tabs <= 0 {
		o.Tabs = defaultTabs
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	p := &Printer{bin: o.Bin, timeout: o.Timeout, log: o.Log, slots: make(chan *slot, o.Tabs),
		public: newGate(publicRunning, publicWaiting)}
	for range o.Tabs {
		p.slots <- &slot{}
	}
	return p, nil
}

// FindBrowser returns the path of the Chromium on PATH, or "".
func FindBrowser() string {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// PDF prints one document. at becomes the file's creation date, so that a
// record printed again differs by nothing that the reader could see.
//
// A document whose browser dies or hangs is tried once more in a new one.
// Fails with Invalid `paper.overflow` {cell} when a cell (an element with
// data-cell) cannot show all its text, with Unavailable `paper.failed` when the
// second attempt fails too, `paper.timeout` when ctx ends before.
func (p *Printer) PDF(ctx context.Context, html []byte, at time.Time) ([]byte, error) {
	var s *slot
	select {
	case s = <-p.slots:
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "paper.timeout")
	}
	defer func() { p.slots <- s }()

	var err error
	for attempt := 1; attempt <= 2; attempt++ {
		var pdf []byte
		if pdf, err = p.attempt(ctx, s, html); err == nil {
			return setDates(pdf, at)
		}
		if fault.KindOf(err) == fault.Invalid {
			return nil, err // the document's own fault; the tab is sound
		}
		p.discard(s)
		if ctx.Err() != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "paper.timeout")
		}
		p.log.Warn("print document", "attempt", attempt, "error", err)
		if errors.Is(err, errClosed) {
			break
		}
	}
	return nil, fault.Wrap(err, fault.Unavailable, "paper.failed")
}

// PublicPDF is PDF for people who are not signed in: two at a time, twenty
// waiting, so that strangers cannot take the printer from the schools. Beyond
// that it fails at once with Unavailable `paper.busy`.
func (p *Printer) PublicPDF(ctx context.Context, html []byte, at time.Time) ([]byte, error) {
	leave, err := p.public.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return p.PDF(ctx, html, at)
}

// Close ends the browser. Documents in work fail with `paper.failed`.
func (p *Printer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.current != nil {
		p.current.quit()
	}
}

func (p *Printer) attempt(ctx context.Context, s *slot, html []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	if s.tab != nil && (s.tab.printed >= recycleAfter || !s.tab.browser.alive()) {
		p.discard(s)
	}
	if s.tab == nil {
		b, err := p.browser(ctx)
		if err != nil {
			return nil, err
		}
		if s.tab, err = openTab(ctx, b); err != nil {
			return nil, err
		}
	}
	return s.tab.print(ctx, html)
}

// discard gives up a slot's tab. A tab that cannot even be closed takes the
// whole browser with it: what hangs there would hang again.
func (p *Printer) discard(s *slot) {
	t := s.tab
	s.tab = nil
	if t == nil || !t.browser.alive() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := t.close(ctx); err != nil {
		p.log.Warn("close tab", "error", err)
		t.browser.stop()
	}
}

var errClosed = errors.New("printer is closed")

// browser returns the living browser, or starts one.
func (p *Printer) browser(ctx context.Context) (*browser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if p.current != nil && p.current.alive() {
		return p.current, nil
	}
	var failed error
	modes := launchModes()
	for ; p.mode < len(modes); p.mode++ {
		b, err := launch(ctx, p.bin, modes[p.mode])
		if err == nil {
			p.current = b
			return b, nil
		}
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			return nil, failed // says nothing about the mode
		}
		p.log.Warn("start browser", "mode", modes[p.mode].name, "error", err)
	}
	p.mode = 0
	return nil, fmt.Errorf("start browser: %w", failed)
}
