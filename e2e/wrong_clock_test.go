package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/proto"

	"hocba/internal/jobs/jobstest"
)

// setWrong gives the browser a clock that is off and another time zone, for
// every document from now on.
func (b *tab) setWrong(off time.Duration, zone string) {
	b.t.Helper()
	_, err := b.EvalOnNewDocument(fmt.Sprintf(`(() => {
		const Real = Date, off = %d;
		class Wrong extends Real {
			constructor(...args) { args.length ? super(...args) : super(Real.now() + off) }
			static now() { return Real.now() + off }
		}
		window.Date = Wrong;
	})()`, off.Milliseconds()))
	if err == nil {
		err = proto.EmulationSetTimezoneOverride{TimezoneID: zone}.Call(b)
	}
	if err != nil {
		b.t.Fatalf("set the browser's clock: %v", err)
	}
}

// wrong opens a browser of the principal whose clock is off.
func (s *stage) wrong(off time.Duration, zone string) *tab {
	s.t.Helper()
	b := s.open("/healthz")
	b.setWrong(off, zone)
	b.visit("/dang-nhap")
	b.signIn(principal)
	res, err := b.Eval(`() => Date.now()`)
	if err != nil {
		s.t.Fatal(err)
	}
	if have := time.Until(time.UnixMilli(int64(res.Value.Num()))) - off; have.Abs() > time.Minute {
		s.t.Fatalf("the browser's clock is off by %v more than wanted", have)
	}
	return b
}

// says returns the words of an element.
func (b *tab) says(selector string) string {
	b.t.Helper()
	text, err := b.element(selector).Text()
	if err != nil {
		b.t.Fatalf("read %s: %v", selector, err)
	}
	return strings.Join(strings.Fields(text), " ")
}

// atMidnight brings the class to acceptance and the Sở's clock to half a minute
// before the end of 29/6, with the time for chốt open until then.
func atMidnight(t *testing.T) (s *stage, closing string) {
	t.Helper()
	s = newStage(t)
	s.chain.Submit(t)
	s.chain.OpenClosing(t)
	s.db.Clock.Set(jobstest.Deadline.Add(-30 * time.Second))
	return s, fmt.Sprintf("/2025-2026/closing/%d", s.cast.Class.ID)
}

// TestWrongClock_ShowsAndAcceptsByTheServersCalendar: before midnight every
// browser shows the same dates, and one that believes it is July closes.
func TestWrongClock_ShowsAndAcceptsByTheServersCalendar(t *testing.T) {
	s, closing := atMidnight(t)
	browsers := map[string]*tab{
		"right":                   s.as(principal),
		"a fortnight fast":        s.wrong(14*24*time.Hour, "Asia/Ho_Chi_Minh"),
		"six years slow, Hawaii":  s.wrong(-6*365*24*time.Hour, "Pacific/Honolulu"),
		"two minutes fast, Tonga": s.wrong(2*time.Minute, "Pacific/Tongatapu"),
	}
	for _, part := range []struct{ path, selector, says string }{
		{"/2025-2026", ".deadlines", "muộn nhất 23:59 ngày 29/06"},
		{"/2025-2026", "#task-close", "Trước 23:59 ngày 29/06 · hôm nay"},
		{"/2025-2026/closing", "main", "Trước 23:59 ngày 29/06 · hôm nay"},
		{closing, "main", "Trước 23:59 ngày 29/06 · hôm nay"},
	} {
		want := ""
		for _, name := range []string{"right", "a fortnight fast", "six years slow, Hawaii", "two minutes fast, Tonga"} {
			b := browsers[name]
			b.visit(part.path)
			got := b.says(part.selector)
			if want == "" {
				want = got
			}
			if got != want || !strings.Contains(got, part.says) {
				t.Errorf("%s, %s of %s: %q, want %q with %q", name, part.selector, part.path, got, want, part.says)
			}
		}
	}
	fast := browsers["a fortnight fast"]
	fast.visit(closing)
	fast.fill("pin", jobstest.SealPIN)
	fast.press("Đóng dấu và chốt")
	fast.waitText("Đã chốt")
	if n := s.closings(); n != 1 {
		t.Errorf("%d accepted closings, want 1", n)
	}
}

// TestWrongClock_DoesNotHoldTheDeadlineOpen: a page opened before midnight is
// sent after it from a browser that believes there is a day left.
func TestWrongClock_DoesNotHoldTheDeadlineOpen(t *testing.T) {
	s, closing := atMidnight(t)
	slow := s.wrong(-24*time.Hour, "Pacific/Honolulu")
	slow.visit(closing)
	slow.fill("pin", jobstest.SealPIN)
	s.db.Clock.Set(jobstest.Deadline)
	slow.press("Đóng dấu và chốt")
	slow.waitText("Thời gian chốt, rút và thay học bạ đã hết")
	if n := s.closings(); n != 0 {
		t.Errorf("%d closings were accepted after midnight", n)
	}
	slow.visit(closing)
	slow.waitText("Đã hết lúc 00:00 30/06/2026")
	slow.visit("/2025-2026")
	if text := slow.says("main"); strings.Contains(text, "hôm nay") || strings.Contains(text, "Chốt lớp") {
		t.Errorf("the first page still speaks of the day before: %s", text)
	}
}

// closings counts the closings that the registry accepted of the class.
func (s *stage) closings() int {
	s.t.Helper()
	var n int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM registry.closing`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}
