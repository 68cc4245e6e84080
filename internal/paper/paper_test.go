package paper

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/paper/fonts"
)

// day is the record's date in these tests.
var day = time.Date(2026, 6, 20, 2, 12, 0, 0, time.UTC)

// newPrinter returns a printer over a real browser; without one the test fails
// in CI and is skipped on a laptop.
func newPrinter(t testing.TB, o Options) *Printer {
	t.Helper()
	p, err := New(o)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(p.Close)
	return p
}

func document(body string) []byte {
	return []byte(`<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Thử</title><style>` + fonts.CSS() +
		`@page{size:A4;margin:15mm} body{margin:0;font:12pt Tinos}</style></head><body>` + body + `</body></html>`)
}

func mustPrint(t testing.TB, p *Printer, html []byte) []byte {
	t.Helper()
	pdf, err := p.PDF(context.Background(), html, day)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("not a PDF: %.20q", pdf)
	}
	return pdf
}

func TestPDF_CarriesTheRecordsDateAndIsRepeatable(t *testing.T) {
	html := document("<h1>Học bạ</h1><p>Zơrâm Nhiên</p>")
	first := mustPrint(t, newPrinter(t, Options{}), html)
	for _, key := range []string{"/CreationDate (D:20260620021200+00'00')", "/ModDate (D:20260620021200+00'00')"} {
		if !bytes.Contains(first, []byte(key)) {
			t.Errorf("no %s", key)
		}
	}
	if second := mustPrint(t, newPrinter(t, Options{}), html); !bytes.Equal(first, second) {
		t.Error("two fresh tabs printed different bytes")
	}
}

func TestSetDates_RefusesAFileWithoutDates(t *testing.T) {
	if _, err := setDates([]byte("%PDF-1.4 /CreationDate (D:2026"), day); err == nil {
		t.Error("accepted")
	}
}

func TestPDF_NamesTheCellThatCutsItsText(t *testing.T) {
	p := newPrinter(t, Options{})
	html := document(`<div data-cell="Toán · nhận xét" style="width:20mm;height:5mm;overflow:hidden">` +
		strings.Repeat("nhận xét ", 30) + `</div>`)
	_, err := p.PDF(context.Background(), html, day)
	if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Code != "paper.overflow" || f.Args["cell"] != "Toán · nhận xét" {
		t.Fatalf("got %v", err)
	}
	mustPrint(t, p, document("vẫn in được"))
}

func TestPDF_ReachesNoNetworkAndRunsNoScript(t *testing.T) {
	var hits atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) })}
	go server.Serve(l)
	defer server.Close()
	u := "http://" + l.Addr().String()
	secret := t.TempDir() + "/secret.txt"
	if err := os.WriteFile(secret, []byte("BIMAT"), 0o644); err != nil {
		t.Fatal(err)
	}
	pdf := mustPrint(t, newPrinter(t, Options{}), document(fmt.Sprintf(
		`<link rel="stylesheet" href="%[1]s/a.css"><img src="%[1]s/b.png"><iframe src="%[1]s/c"></iframe>
		<iframe src="file://%[2]s"></iframe><object data="%[1]s/d"></object><p id="p">nguyên</p>
		<script>document.getElementById("p").textContent = "HONG"; fetch("%[1]s/e")</script>`, u, secret)))
	text := pdfText(t, pdf)
	if strings.Contains(text, "HONG") || strings.Contains(text, "BIMAT") || !strings.Contains(text, "nguyên") {
		t.Errorf("page shows %q", text)
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d requests left the browser", n)
	}
}

func TestPDF_SurvivesAKilledBrowser(t *testing.T) {
	p := newPrinter(t, Options{Tabs: 2})
	html := document(strings.Repeat("<p>Công Tằng Tôn Nữ Uyên Nhi</p>", 800))
	mustPrint(t, p, html)
	var printed atomic.Int32
	done := make(chan struct{})
	go func() { // at different moments of the work, each time after it got going again
		defer close(done)
		for i := range 4 {
			for before := printed.Load(); printed.Load() < before+2; {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Duration(i*40) * time.Millisecond)
			p.mu.Lock()
			b := p.current
			p.mu.Unlock()
			syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
		}
	}()
	for stop := false; !stop; {
		select {
		case <-done:
			stop = true
		default:
		}
		if pdf := mustPrint(t, p, html); bytes.Count(pdf, []byte("/Type /Page\n")) < 10 {
			t.Fatal("pages are missing")
		}
		printed.Add(1)
	}
}

func TestPDF_GivesUpAHangingDocumentAndGoesOn(t *testing.T) {
	p := newPrinter(t, Options{Tabs: 1, Timeout: 700 * time.Millisecond})
	mustPrint(t, p, document("trước"))
	endless := document(strings.Repeat("<table><tr><td>", 700) + strings.Repeat("<p>Nhận xét rất dài</p>", 60000))
	if _, err := p.PDF(context.Background(), endless, day); !fault.Is(err, "paper.failed") {
		t.Fatalf("got %v", err)
	}
	p.timeout = 20 * time.Second
	mustPrint(t, p, document("sau"))
}

func TestPDF_EndsWithItsContext(t *testing.T) {
	p := newPrinter(t, Options{Tabs: 1})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.PDF(ctx, document("x"), day); !fault.Is(err, "paper.timeout") {
		t.Errorf("got %v", err)
	}
	p.Close()
	if _, err := p.PDF(context.Background(), document("x"), day); !fault.Is(err, "paper.failed") {
		t.Errorf("after Close: %v", err)
	}
}

func TestPDF_RecyclesItsTab(t *testing.T) {
	p := newPrinter(t, Options{Tabs: 1})
	html := document("lặp")
	mustPrint(t, p, html)
	s := <-p.slots
	first := s.tab.target
	p.slots <- s
	for range recycleAfter {
		mustPrint(t, p, html)
	}
	s = <-p.slots
	if s.tab.target == first || s.tab.printed != 1 {
		t.Errorf("tab %s has printed %d documents", s.tab.target, s.tab.printed)
	}
	p.slots <- s
}

func TestNew_SaysWhenThereIsNoBrowser(t *testing.T) {
	if _, err := New(Options{Bin: "/nowhere/chromium"}); !fault.Is(err, "paper.no_browser") {
		t.Errorf("got %v", err)
	}
}

func TestGate_SendsTheTwentyThirdAway(t *testing.T) {
	g := newGate(publicRunning, publicWaiting)
	ctx, cancel := context.WithCancel(context.Background())
	var waiting sync.WaitGroup
	var leaves []func()
	for range publicRunning {
		leave, err := g.enter(ctx)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	for range publicWaiting {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			if _, err := g.enter(ctx); !fault.Is(err, "paper.timeout") {
				t.Errorf("got %v", err)
			}
		}()
	}
	for g.present.Load() < publicRunning+publicWaiting {
		time.Sleep(time.Millisecond)
	}
	if _, err := g.enter(ctx); !fault.Is(err, "paper.busy") {
		t.Errorf("got %v", err)
	}
	cancel()
	waiting.Wait()
	for _, leave := range leaves {
		leave()
	}
	leave, err := g.enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	leave()
}

// TestBrowser_DiesWithItsProgram kills a program that owns a browser.
func TestBrowser_DiesWithItsProgram(t *testing.T) {
	if os.Getenv("HOCBA_TEST_PRINT_CHILD") != "" {
		p := newPrinter(t, Options{})
		mustPrint(t, p, document("con"))
		fmt.Printf("browser %d\n", p.current.cmd.Process.Pid)
		time.Sleep(time.Minute)
		return
	}
	newPrinter(t, Options{}) // skip without a browser
	cmd := exec.Command(os.Args[0], "-test.run=^TestBrowser_DiesWithItsProgram$")
	cmd.Env = append(os.Environ(), "HOCBA_TEST_PRINT_CHILD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var group int
	if _, err := fmt.Fscanf(out, "browser %d\n", &group); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	for range 100 {
		sweep()
		left, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("%s%d-*", folderPrefix, cmd.Process.Pid)))
		if len(left) == 0 && !groupRuns(group) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the browser, or its folder, outlived its program")
}

// groupRuns reports whether a process of the group still runs; one that ended
// and waits for its parent does not count.
func groupRuns(group int) bool {
	out, _ := exec.Command("ps", "-o", "stat=", "--no-headers", "-g", fmt.Sprint(group)).Output()
	for _, state := range strings.Fields(string(out)) {
		if !strings.HasPrefix(state, "Z") {
			return true
		}
	}
	return false
}

// pdfText returns the text layer as poppler reads it.
func pdfText(t testing.TB, pdf []byte) string {
	t.Helper()
	return tool(t, pdf, "pdftotext", "-layout", "-", "-")
}

// tool runs an outside program on input; without it the test fails in CI.
func tool(t testing.TB, input []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.Bytes())
	}
	return string(out)
}
