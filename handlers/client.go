package handlers

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const clientKey contextKey = requestIDKey + 1

// clientAddress is the address of the machine that asks, without the port: what
// throttles count, what the log and the view log name.
func clientAddress(ctx context.Context) string {
	address, _ := ctx.Value(clientKey).(string)
	return address
}

// address returns the client's address of a request. Anybody can write an
// X-Forwarded-For, so it counts only as far as it was written by a proxy we
// trust: the chain is walked from the peer backwards, and the first hop that is
// no trusted proxy is the client. A hop that is no address ends the walk at the
// proxy that passed it on.
func (p *Portal) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	at, ok := parseHop(host)
	if !ok {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !p.trusts(at) {
			break
		}
		before, ok := parseHop(hop)
		if !ok {
			break
		}
		at = before
	}
	return at.String()
}

func (p *Portal) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(p.proxies, func(n netip.Prefix) bool { return n.Contains(at) })
}

// parseHop reads an address as proxies write it: alone, in brackets, or with a
// port.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if with, err := netip.ParseAddrPort(s); err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	at, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return at.Unmap().WithZone(""), err == nil
}
