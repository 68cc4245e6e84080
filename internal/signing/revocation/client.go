package revocation

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// maxGET is the length up to which a question travels in the address, where
// caches on the way can answer (RFC 6960, appendix A.1.1).
const maxGET = 255

// addresses are those of a certificate that can be asked at all, few enough
// that a hostile certificate costs seconds, not minutes.
func addresses(list []string) []string {
	var out []string
	for _, text := range list {
		if u, err := url.Parse(text); err == nil && sound(u) && !slices.Contains(out, text) {
			out = append(out, text)
		}
		if len(out) == perKind {
			break
		}
	}
	return out
}

func sound(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// permitted says whether the configuration lets us ask this host.
func (o Options) permitted(u *url.URL) bool {
	if slices.Contains(o.Inside, hostPort(u)) || len(o.Hosts) == 0 {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return slices.ContainsFunc(o.Hosts, func(h string) bool {
		h = strings.ToLower(h)
		return host == h || strings.HasPrefix(h, ".") && strings.HasSuffix(host, h)
	})
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

var errHost = errors.New("a host that may not be asked")

// newClient makes a client that follows no address into the house. The address
// is looked at when the connection is made, after the name was resolved: a name
// may point anywhere, and elsewhere the second time. There is no proxy: it
// would connect for us, unseen.
func newClient(o Options) *http.Client {
	dial := func(inside bool) func(ctx context.Context, network, addr string) (net.Conn, error) {
		d := net.Dialer{Timeout: o.Timeout}
		if !inside {
			d.Control = func(_, address string, _ syscall.RawConn) error {
				if a, err := netip.ParseAddrPort(address); err != nil || !public(a.Addr()) {
					return errHost
				}
				return nil
			}
		}
		return d.DialContext
	}
	outside, inside := dial(false), dial(true)
	return &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if slices.Contains(o.Inside, strings.ToLower(addr)) {
					return inside(ctx, network, addr)
				}
				return outside(ctx, network, addr)
			},
			MaxIdleConnsPerHost: 1, ResponseHeaderTimeout: o.Timeout, MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 2 || !sound(r.URL) || !o.permitted(r.URL) {
				return errHost
			}
			return nil
		},
	}
}

// reserved are the address ranges that are nobody's public host, beside those
// that package netip names.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("::/96"), netip.MustParsePrefix("fec0::/10"), // each may carry an address of the house
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() &&
		!slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(a) })
}

// ask puts a question to an OCSP responder.
func (c *Checker) ask(ctx context.Context, address string, question []byte) (raw []byte, why string) {
	get := strings.TrimSuffix(address, "/") + "/" + url.PathEscape(base64.StdEncoding.EncodeToString(question))
	if len(get) > maxGET || strings.Contains(address, "?") {
		return c.do(ctx, http.MethodPost, address, question, maxOCSP)
	}
	return c.do(ctx, http.MethodGet, get, nil, maxOCSP)
}

// fetch takes a list.
func (c *Checker) fetch(ctx context.Context, address string) (raw []byte, why string) {
	return c.do(ctx, http.MethodGet, address, nil, maxCRL)
}

func (c *Checker) do(ctx context.Context, method, address string, body []byte, most int64) (raw []byte, why string) {
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, address, bytes.NewReader(body))
	if err != nil || !c.o.permitted(r.URL) {
		return nil, Forbidden
	}
	if c.o.Offline {
		return nil, Unreachable
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/ocsp-request")
	}
	r.Header.Set("User-Agent", "hocba")
	res, err := c.client.Do(r)
	if err != nil {
		if errors.Is(err, errHost) {
			return nil, Forbidden
		}
		return nil, Unreachable
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, Unreachable
	}
	raw, err = io.ReadAll(io.LimitReader(res.Body, most+1))
	if err != nil {
		return nil, Unreachable
	}
	if int64(len(raw)) > most || len(raw) == 0 {
		return nil, BadAnswer
	}
	return raw, ""
}
