// Package e2e tells whole stories in a real browser against the whole program:
// PostgreSQL, the portal, Chromium for pages and for paper. Few and long; what
// a handler alone can show is tested in package handlers.
package e2e

import (
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"

	"hocba/db/dbtest"
	"hocba/handlers"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/paper"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// usernames of the cast.
const (
	huong, minh, principal, admin, authority = "huong", "minh", "thuan", "quantri", "sogd"
)

// stage is the whole program over a fresh database with the cast.
type stage struct {
	t      *testing.T
	cast   *dbtest.Cast
	db     *dbtest.Database
	chain  *jobstest.Chain
	server *httptest.Server
}

func newStage(t *testing.T) *stage {
	t.Helper()
	d := dbtest.New(t)
	cast := dbtest.NewCast(t, d)
	chain := jobstest.New(t, d, cast)
	chain.Registrar() // a registry without a certificate answers nobody
	printer, err := paper.New(paper.Options{Tabs: 1})
	if err != nil {
		missing(t, "Chromium for paper", err)
	}
	// The address must be known before the portal is made: it stands in QR codes.
	server := httptest.NewUnstartedServer(nil)
	portal, err := handlers.New(t.Context(), handlers.Options{DB: d.DB, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		BaseURL: "http://" + server.Listener.Addr().String(), Secret: chain.Secret(), Printer: printer})
	if err != nil {
		t.Fatalf("wire the portal: %v", err)
	}
	server.Config.Handler = portal
	server.Start()
	t.Cleanup(func() {
		server.Close()
		portal.Close()
		printer.Close()
	})
	return &stage{t: t, cast: cast, db: d, chain: chain, server: server}
}

// missing skips on a laptop and fails where CI is set.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: %v", what, err)
	}
	t.Skipf("%s is missing: %v", what, err)
}

var chromium = sync.OnceValues(func() (*rod.Browser, error) {
	bin := paper.FindBrowser()
	if bin == "" {
		return nil, errors.New("not on the PATH")
	}
	address, err := launcher.New().Bin(bin).Headless(true).NoSandbox(os.Getuid() == 0).Leakless(true).
		Set("disable-gpu").Set("disable-background-networking").Set("disable-component-update").Launch()
	if err != nil {
		return nil, err
	}
	browser := rod.New().ControlURL(address)
	return browser, browser.Connect()
})

// tab is one person's browser with one page open.
type tab struct {
	*rod.Page
	t    *testing.T
	base string
}

// patience bounds every wait of a story.
const patience = 20 * time.Second

// open opens a browser of its own (its own cookies) at a path.
func (s *stage) open(path string) *tab {
	s.t.Helper()
	browser, err := chromium()
	if err != nil {
		missing(s.t, "Chromium", err)
	}
	own, err := browser.Incognito()
	if err != nil {
		s.t.Fatalf("open a browser: %v", err)
	}
	page, err := own.Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		s.t.Fatalf("open a page: %v", err)
	}
	s.t.Cleanup(func() { _ = page.Close() })
	b := &tab{Page: page.Timeout(2 * time.Minute), t: s.t, base: s.server.URL}
	b.size(1366, 768)
	b.visit(path)
	return b
}

// as signs a person of the cast in.
func (s *stage) as(username string) *tab {
	s.t.Helper()
	b := s.open("/dang-nhap")
	b.signIn(username)
	return b
}

func (b *tab) signIn(username string) {
	b.t.Helper()
	b.fill("username", username)
	b.fill("password", dbtest.Password)
	b.press("Đăng nhập")
	b.waitText("Việc")
}

func (b *tab) size(width, height int) {
	b.t.Helper()
	err := b.SetViewport(&proto.EmulationSetDeviceMetricsOverride{Width: width, Height: height, DeviceScaleFactor: 1})
	if err != nil {
		b.t.Fatalf("size the window: %v", err)
	}
}

func (b *tab) visit(path string) {
	b.t.Helper()
	if err := b.Navigate(b.base + path); err != nil {
		b.t.Fatalf("open %s: %v", path, err)
	}
	if err := b.WaitLoad(); err != nil {
		b.t.Fatalf("load %s: %v", path, err)
	}
}

// fill types a value into the field of a name.
func (b *tab) fill(name, value string) {
	b.t.Helper()
	el := b.element(`[name="` + name + `"]`)
	if err := el.SelectAllText(); err != nil {
		b.t.Fatalf("select %s: %v", name, err)
	}
	if err := b.InsertText(value); err != nil {
		b.t.Fatalf("type into %s: %v", name, err)
	}
}

func (b *tab) element(selector string) *rod.Element {
	b.t.Helper()
	el, err := b.Timeout(patience).Element(selector)
	if err != nil {
		b.t.Fatalf("find %s on %s: %v\n%s", selector, b.path(), err, b.words())
	}
	return el.CancelTimeout()
}

// press clicks the button or link whose words begin as told.
func (b *tab) press(label string) {
	b.t.Helper()
	el, err := b.Timeout(patience).ElementR("main button, main a, #dialog button, .page-actions a", "^\\s*"+label)
	if err != nil {
		b.t.Fatalf("find the button %q on %s: %v\n%s", label, b.path(), err, b.words())
	}
	if _, err := el.Eval(`() => this.click()`); err != nil {
		b.t.Fatalf("press %q: %v", label, err)
	}
}

// click clicks an element from within the page, wherever it is scrolled to.
func (b *tab) click(selector string) {
	b.t.Helper()
	if _, err := b.element(selector).Eval(`() => this.click()`); err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
}

// waitText waits until the page says something.
func (b *tab) waitText(text string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if strings.Contains(b.words(), text) {
			return
		}
	}
	b.t.Fatalf("%s never said %q: %s", b.path(), text, b.words())
}

// waitGone waits until the page no longer says something.
func (b *tab) waitGone(text string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if words := b.words(); words != "" && !strings.Contains(words, text) {
			return
		}
	}
	b.t.Fatalf("%s still says %q: %s", b.path(), text, b.words())
}

// waitLeft waits until the page's address no longer ends as told.
func (b *tab) waitLeft(suffix string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if !strings.HasSuffix(b.path(), suffix) {
			return
		}
	}
	b.t.Fatalf("still on %s: %s", b.path(), b.words())
}

func (b *tab) words() string {
	res, err := b.Timeout(patience).Eval(`() => document.body ? document.body.innerText : ""`)
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(res.Value.Str()), " ")
}

func (b *tab) path() string {
	info, err := b.Info()
	if err != nil {
		return "?"
	}
	return strings.TrimPrefix(info.URL, b.base)
}

// keys presses keys one after another.
func (b *tab) keys(keys ...input.Key) {
	b.t.Helper()
	for _, k := range keys {
		if err := b.Keyboard.Type(k); err != nil {
			b.t.Fatalf("press a key: %v", err)
		}
	}
}

// axe fails when the page has an accessibility fault (WCAG 2.2 A and AA).
func (b *tab) axe() {
	b.t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", "axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Eval("() => {" + string(source) + "\n}"); err != nil {
		b.t.Fatalf("load axe: %v", err)
	}
	res, err := b.Eval(`() => axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]})
		.then(r => r.violations.map(v => v.id + ": " + v.help + " – " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(" | ")))`)
	if err != nil {
		b.t.Fatalf("run axe on %s: %v", b.path(), err)
	}
	for _, v := range res.Value.Arr() {
		b.t.Errorf("axe on %s: %s", b.path(), v.Str())
	}
}
