package handlers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/views"
)

// listening is an open stream of a grid.
type listening struct {
	t      testing.TB
	events chan [][2]string
	ended  chan struct{}
}

// listen opens the stream of a period's cells.
func (b *browser) listen(path string) *listening {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		b.t.Fatalf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
	}
	l := &listening{t: b.t, events: make(chan [][2]string, 20), ended: make(chan struct{})}
	b.t.Cleanup(func() { _ = res.Body.Close() })
	go l.read(res.Body)
	return l
}

func (l *listening) read(body io.Reader) {
	defer close(l.ended)
	for lines := bufio.NewScanner(body); lines.Scan(); {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var cells [][2]string
		if err := json.Unmarshal([]byte(data), &cells); err != nil {
			l.t.Errorf("read an event: %v: %s", err, data)
			return
		}
		l.events <- cells
	}
}

// wantCell waits for an event that has the cell with the value.
func (l *listening) wantCell(cell, value string) {
	l.t.Helper()
	limit := time.After(5 * time.Second)
	for {
		select {
		case cells := <-l.events:
			if slices.Contains(cells, [2]string{cell, value}) {
				return
			}
		case <-limit:
			l.t.Fatalf("nobody told that %s is %q", cell, value)
		}
	}
}

func (s *site) events(p school.Period) string {
	return views.In(s.Class.Year, "classes", s.Class.ID, "gradebook", p, "events")
}

func TestStreamCells_TellsWhatOthersWrite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	first, second := s.as(huong), s.as(minh)
	here := first.listen(s.events(school.YearEnd) + "?tab=here")
	second.put(s.cells(school.YearEnd), s.cell(0, school.AmNhac, "level"), "", "T") // music, told to the homeroom teacher
	here.wantCell(s.cell(0, school.AmNhac, "level"), "T")
	s.as(huong).put(s.cells(school.YearEnd), s.cell(1, school.Toan, "remark"), "", "Tính nhanh\nvà đúng")
	here.wantCell(s.cell(1, school.Toan, "remark"), "Tính nhanh\nvà đúng")

	// Its own saves do not come back to a grid, those of another grid do.
	form := url.Values{"cell": {s.cell(2, school.Toan, "mark")}, "old": {""}, "new": {"7"}, "tab": {"here"}}
	if got, _ := first.putForm(s.cells(school.YearEnd), form); got.status != http.StatusOK {
		t.Fatalf("save: %d", got.status)
	}
	select {
	case cells := <-here.events:
		t.Errorf("told of its own: %v", cells)
	case <-time.After(1500 * time.Millisecond):
	}
}

func TestStreamCells_BeginsWithWhatWasMissed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	since := fmt.Sprint(s.db.Now().UnixMicro())
	b := s.as(huong)
	b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "mark"), "", "9")
	s.as(minh).put(s.cells(school.YearEnd), s.cell(0, school.MiThuat, "level"), "", "H")
	b.listen(s.events(school.YearEnd)+"?since="+since).wantCell(s.cell(0, school.Toan, "mark"), "9")

	// A subject teacher hears of the own subjects only.
	minh := s.as(minh).listen(s.events(school.YearEnd) + "?since=" + since)
	select {
	case cells := <-minh.events:
		if !slices.Contains(cells, [2]string{s.cell(0, school.MiThuat, "level"), "H"}) {
			t.Errorf("missed the own subject: %v", cells)
		}
		if slices.ContainsFunc(cells, func(c [2]string) bool { return strings.Contains(c[0], ".TOAN.") }) {
			t.Errorf("told of another teacher's subject: %v", cells)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("nothing came")
	}
}

func TestStreamCells_KeepsToScopeAndBounds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.events(school.YearEnd)
	for who, want := range map[string]int{otherTeacher: 404, authority: 404, clerk: 404} {
		if got := s.as(who).get(path); got.status != want {
			t.Errorf("%s: %d, want %d", who, got.status, want)
		}
	}
	if got := s.stranger().get(path, "Accept", "text/event-stream"); got.status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", got.status)
	}
	b := s.as(huong)
	for range 8 {
		b.listen(path)
	}
	if got := b.get(path); got.status != http.StatusTooManyRequests {
		t.Errorf("the ninth stream: %d", got.status)
	}
	s.as(minh).listen(path) // another account has streams of its own
}

func TestStreamCells_EndsWithTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	l := b.listen(s.events(school.YearEnd))
	b.do(http.MethodDelete, views.SessionURL, nil)
	s.as(huong).put(s.cells(school.YearEnd), s.cell(0, school.Toan, "mark"), "", "9")
	select {
	case <-l.ended:
	case cells := <-l.events:
		t.Errorf("told after signing out: %v", cells)
	case <-time.After(5 * time.Second):
		t.Error("the stream outlives its session")
	}
}

// TestStreamCells_OutlivesTheLimitsOfAnswersAndEndsWithTheProgram runs a server
// with short limits on reading and writing, and then tells it to stop.
func TestStreamCells_OutlivesTheLimitsOfAnswersAndEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p, err := New(ctx, Options{DB: d.DB, Log: slog.New(slog.DiscardHandler), BaseURL: "http://127.0.0.1", Secret: jobstest.Secret()})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Cast: dbtest.NewCast(t, d), t: t, db: d, portal: p, server: httptest.NewUnstartedServer(p)}
	s.server.Config.ReadTimeout, s.server.Config.WriteTimeout = 4*time.Second, 4*time.Second // a sign-in fits, on a busy machine too
	s.server.Start()
	t.Cleanup(func() {
		s.server.Close()
		p.Close()
	})
	s.openPeriod(school.YearEnd)
	l := s.as(huong).listen(s.events(school.YearEnd))
	time.Sleep(4500 * time.Millisecond)
	s.as(huong).put(s.cells(school.YearEnd), s.cell(0, school.Toan, "mark"), "", "9")
	l.wantCell(s.cell(0, school.Toan, "mark"), "9")

	stop()
	begin := time.Now()
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.server.Config.Shutdown(limit); err != nil {
		t.Fatalf("an open stream holds up the stop: %v", err)
	}
	<-l.ended
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}
}
