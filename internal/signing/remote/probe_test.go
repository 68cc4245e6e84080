package remote

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"hocba/internal/fault"
)

func TestGuard_ReachesNoPlaceThatIsNoService(t *testing.T) {
	t.Parallel()
	open, closed := New(Options{Loopback: true}), New(Options{})
	for _, c := range []struct {
		address      string
		open, closed bool
	}{
		{"203.0.113.7:443", true, true}, {"[2001:db8::1]:443", true, true}, {"10.1.2.3:443", true, true},
		{"127.0.0.1:443", true, false}, {"[::1]:443", true, false}, {"[::ffff:127.0.0.1]:443", true, false},
		{"169.254.169.254:80", false, false}, {"[fe80::1]:80", false, false}, {"[::ffff:169.254.169.254]:80", false, false},
		{"0.0.0.0:80", false, false}, {"[::]:80", false, false}, {"224.0.0.1:80", false, false}, {"255.255.255.255:80", false, false},
		{"[fe80::1%eth0]:80", false, false}, {"nonsense", false, false},
	} {
		if err := open.guard("tcp", c.address, nil); (err == nil) != c.open {
			t.Errorf("%s in a demonstration: %v", c.address, err)
		}
		if err := closed.guard("tcp", c.address, nil); (err == nil) != c.closed {
			t.Errorf("%s: %v", c.address, err)
		}
	}
}

func params(address string) map[string]string {
	return map[string]string{"url": address, "client": "c", "grant": grantClient, "secret": "one"}
}

// An address of the cloud's own keeper of passwords, and a service that sends
// us to another place: neither is asked anything.
func TestProbe_GoesNowhereElse(t *testing.T) {
	t.Parallel()
	heard := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	t.Cleanup(other.Close)
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(away.Close)
	s := New(Options{Loopback: true, Secret: func(string, string) (string, error) { return "x", nil }})
	if _, err := s.Probe(t.Context(), params(away.URL)); !fault.Is(err, "signer.unavailable") || heard != 0 {
		t.Errorf("a redirect: %v, heard %d times", err, heard)
	}
	if _, err := s.Probe(context.Background(), params("https://169.254.169.254/csc/v2")); !fault.Is(err, "signer.config") {
		t.Errorf("the link: %v", err)
	}
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"specs":"1.0.4.0"}`)) }))
	t.Cleanup(odd.Close)
	if _, err := s.Probe(t.Context(), params(odd.URL)); !fault.Is(err, "signer.config") || fault.As(err).Args["what"] != "specs" {
		t.Errorf("version 1: %v", err)
	}
}
