package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/db/dbtest"
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, one := range list {
		out = append(out, netip.MustParsePrefix(one))
	}
	return out
}

func TestAddress_BelievesTrustedProxiesOnly(t *testing.T) {
	proxies := prefixes("10.0.0.0/8", "127.0.0.1/32", "fd00::/8")
	for _, test := range []struct {
		trusted []netip.Prefix
		peer    string
		header  []string
		want    string
	}{
		{nil, "127.0.0.1:4000", []string{"203.0.113.7"}, "127.0.0.1"},
		{proxies, "127.0.0.1:4000", nil, "127.0.0.1"},
		{proxies, "127.0.0.1:4000", []string{"203.0.113.7"}, "203.0.113.7"},
		{proxies, "198.51.100.1:4000", []string{"203.0.113.7"}, "198.51.100.1"},                 // the peer itself is a stranger
		{proxies, "10.1.1.1:4000", []string{"1.2.3.4, 203.0.113.7"}, "203.0.113.7"},             // the client wrote 1.2.3.4 itself
		{proxies, "10.1.1.1:4000", []string{"1.2.3.4", "203.0.113.7, 10.2.2.2"}, "203.0.113.7"}, // two headers, two proxies
		{proxies, "10.1.1.1:4000", []string{"127.0.0.1, 203.0.113.7"}, "203.0.113.7"},           // a trusted name in a stranger's mouth
		{proxies, "10.1.1.1:4000", []string{"10.3.3.3, 10.2.2.2"}, "10.3.3.3"},                  // asked from within
		{proxies, "10.1.1.1:4000", []string{"203.0.113.7, unknown"}, "10.1.1.1"},
		{proxies, "10.1.1.1:4000", []string{"203.0.113.7:55000"}, "203.0.113.7"},
		{proxies, "[fd00::1]:4000", []string{"[2001:db8::7]:55000"}, "2001:db8::7"},
		{proxies, "[::ffff:10.1.1.1]:4000", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = test.peer
		r.Header["X-Forwarded-For"] = test.header
		p := &Portal{proxies: test.trusted}
		if got := p.address(r); got != test.want {
			t.Errorf("%s %q: %s, want %s", test.peer, test.header, got, test.want)
		}
	}
}

// lookUps asks about n codes nobody has, each from another address as the
// header says, and returns how many were held up.
func lookUps(s *site, n int, forwarded func(i int) string) (refused int) {
	for i := range n {
		got := s.stranger().get("/tra-cuu/000000000000", "X-Forwarded-For", forwarded(i))
		if got.status == http.StatusTooManyRequests {
			refused++
		}
	}
	return refused
}

func TestThrottle_ASpoofedAddressDoesNotEscape(t *testing.T) {
	spoofed := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	s := newSite(t)
	if refused := lookUps(s, lookupByAddress.Limit+2, spoofed); refused != 2 {
		t.Errorf("no proxy is trusted: %d held up, want 2", refused)
	}
	s = newSiteWith(t, Options{TrustedProxies: prefixes("127.0.0.0/8")})
	if refused := lookUps(s, lookupByAddress.Limit+2, func(i int) string { return spoofed(i) + ", 198.51.100.9" }); refused != 2 {
		t.Errorf("one client behind the proxy under many names: %d held up, want 2", refused)
	}
	if refused := lookUps(s, 2, spoofed); refused != 0 {
		t.Errorf("others behind the same proxy: %d held up, want none", refused)
	}
}

func TestViewLog_NamesTheClientsAddress(t *testing.T) {
	var log lockedBuffer
	s := newSiteWith(t, Options{TrustedProxies: prefixes("127.0.0.0/8"), Log: slog.New(slog.NewTextHandler(&log, nil))})
	b := s.stranger()
	b.post("/dang-nhap", url.Values{"username": {huong}, "password": {dbtest.Password}}).wantStatus(http.StatusSeeOther)
	b.get("/2025-2026/classes/"+id(s.Class.ID)+"/review", "X-Forwarded-For", "203.0.113.7").wantStatus(http.StatusOK)
	if !strings.Contains(log.String(), "from=203.0.113.7") {
		t.Errorf("the log does not name the client: %s", log.String())
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var n int
		if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.view_log WHERE address = '203.0.113.7'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the view log does not name the client")
		}
	}
}

func TestCookies_AreSecureBehindHTTPS(t *testing.T) {
	for base, want := range map[string]bool{"https://hocba.example": true, "http://hocba.example": false} {
		s := newSiteWith(t, Options{BaseURL: base})
		got := s.stranger().post("/dang-nhap", url.Values{"username": {huong}, "password": {dbtest.Password}}).wantStatus(http.StatusSeeOther)
		cookie := got.header.Get("Set-Cookie")
		if strings.Contains(cookie, "; Secure") != want || strings.HasPrefix(cookie, "__Host-") != want || !strings.Contains(cookie, "; HttpOnly") {
			t.Errorf("%s: cookie %q", base, cookie)
		}
		if (got.header.Get("Strict-Transport-Security") != "") != want {
			t.Errorf("%s: Strict-Transport-Security %q", base, got.header.Get("Strict-Transport-Security"))
		}
	}
}
