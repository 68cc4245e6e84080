package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"hocba/db"
	"hocba/handlers"
	"hocba/internal/fault"
	"hocba/internal/paper"
	"hocba/internal/school"
	"hocba/internal/signing/revocation"
)

// finishing is how long requests may take to end after the signal to stop.
const finishing = 10 * time.Second

// serveOptions are the flags of serve.
type serveOptions struct {
	place
	listen, baseURL, proxies, now, log, signer *string
	issuers                                    issuerOptions
}

// issuerOptions are whom serve may ask about certificates.
type issuerOptions struct {
	hosts, inside *string
	offline       *bool
}

func defineIssuers(f *flags) issuerOptions {
	return issuerOptions{hosts: f.text("revocation-hosts", ""), inside: f.text("revocation-inside", ""), offline: f.toggle("revocation-offline")}
}

// checker asks issuers as the flags allow.
func (o issuerOptions) checker() *revocation.Checker {
	split := func(list string) []string {
		return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return revocation.New(revocation.Options{Hosts: split(*o.hosts), Inside: split(*o.inside), Offline: *o.offline})
}

func defineServe(f *flags) action {
	o := serveOptions{place: definePlace(f), listen: f.text("listen", "127.0.0.1:8080"),
		baseURL: f.text("base-url", ""), proxies: f.text("trusted-proxies", ""), now: f.text("now", ""), log: f.text("log", "text"),
		issuers: defineIssuers(f), signer: f.text("signer-socket", "")}
	return func(ctx context.Context, p *program, _ []string) error { return serve(ctx, p, o) }
}

// serve runs the portal until ctx ends: it opens the database, wires the
// portal over it and answers requests. Things are closed in the reverse order
// of their opening: requests end first, PostgreSQL last.
func serve(ctx context.Context, p *program, o serveOptions) error {
	log, err := newLog(p.stderr, *o.log)
	if err != nil {
		return err
	}
	offset, err := assumed(*o.now, time.Now())
	if err != nil {
		return err
	}
	proxies, err := networks(*o.proxies)
	if err != nil {
		return err
	}
	listener, err := listen(*o.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	base, err := publicAddress(*o.baseURL, listener.Addr())
	if err != nil {
		return err
	}
	s, err := openStore(ctx, o.place, false, log)
	if err != nil {
		return err
	}
	defer s.close()
	database, err := s.open(ctx, func() time.Time { return time.Now().Add(offset) })
	if err != nil {
		return err
	}
	defer database.Close()
	if offset, err = demoClock(ctx, database, *o.now != "", offset); err != nil {
		return err
	}
	if err := database.ObserveClock(ctx, *o.now != ""); fault.Is(err, "clock.set_back") {
		p.explain(err, exitFailed) // what reads goes on; what signs refuses
	} else if err != nil {
		return err
	}
	printer, err := openPrinter(log)
	if err != nil {
		return err
	}
	if printer != nil {
		defer printer.Close()
	}
	secret, err := serverSecret(*o.data)
	if err != nil {
		return err
	}
	installation, _, err := database.Installation(ctx)
	if err != nil {
		return err
	}
	portal, err := handlers.New(ctx, handlers.Options{DB: database, Log: log, BaseURL: base, TrustedProxies: proxies, AssumedDate: offset != 0,
		Secret: secret, Printer: printer, Remote: remoteSigners(*o.data, base, p.env, installation.Demo), Issuer: o.issuers.checker(),
		Token: tokenSigners(*o.signer), RegistryDevice: registryDevice(*o.data, *o.signer, p.env)})
	if err != nil {
		return err
	}
	defer portal.Close()
	p.say("serve.address", "address", base)
	return answer(ctx, p, listener, newServer(portal, log))
}

// openPrinter finds Chromium; without one the portal serves everything but papers.
func openPrinter(log *slog.Logger) (*paper.Printer, error) {
	printer, err := paper.New(paper.Options{Log: log})
	if fault.Is(err, "paper.no_browser") {
		log.Warn("no Chromium on this machine: papers cannot be made")
		return nil, nil
	}
	return printer, err
}

// newServer bounds what a client may make the portal wait for: the slowest
// honest one sends a spreadsheet of some megabytes over a poor line.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       3 * time.Minute,
		WriteTimeout:      3 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// answer serves until ctx ends, then accepts nothing new and lets the requests
// under way finish.
func answer(ctx context.Context, p *program, l net.Listener, server *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	p.say("serve.stopping")
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishing)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Unavailable, "serve.listen_busy", "address", address)
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "serve.listen_refused", "address", address)
	}
	return l, nil
}

// publicAddress is --base-url without a slash at its end, or else the address
// we listen on as a browser on this machine would write it.
func publicAddress(base string, bound net.Addr) (string, error) {
	if base == "" {
		host, port, err := net.SplitHostPort(bound.String())
		if err != nil {
			return "", err
		}
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return "http://" + net.JoinHostPort(host, port), nil
	}
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		(u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fault.New(fault.Invalid, "serve.base_url", "value", base)
	}
	return u.Scheme + "://" + u.Host, nil
}

// networks reads --trusted-proxies: networks (10.0.0.0/8) or single addresses,
// between commas.
func networks(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, one := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(one)
		if at, alone := netip.ParseAddr(one); alone == nil {
			network, err = at.Unmap().Prefix(at.Unmap().BitLen())
		}
		if err != nil || network.Masked() != network {
			return nil, fault.New(fault.Invalid, "serve.trusted_proxies", "value", one)
		}
		out = append(out, network)
	}
	return out, nil
}

// assumed is how far business time is moved by --now, read as Vietnam's time.
func assumed(now string, real time.Time) (time.Duration, error) {
	if now == "" {
		return 0, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, now, school.Zone); err == nil {
			return t.Sub(real), nil
		}
	}
	return 0, fault.New(fault.Invalid, "serve.now_unreadable", "value", now)
}

// demoClock returns how far business time runs ahead. In a demonstration its
// story goes on where the seed left it, unless --now says otherwise; over data
// that are not a demonstration's a moved clock is refused.
func demoClock(ctx context.Context, d *db.DB, asked bool, offset time.Duration) (time.Duration, error) {
	installation, _, err := d.Installation(ctx)
	if err != nil {
		return 0, err
	}
	switch {
	case asked && !installation.Demo:
		return 0, fault.New(fault.Forbidden, "serve.now_not_demo")
	case asked:
		return offset, nil
	}
	return installation.ClockOffset(), nil
}
