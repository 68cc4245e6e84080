// Package remote signs with a key at a remote signing service through the API
// of the Cloud Signature Consortium, version 2 (ETSI TS 119 432): the hashes go
// there, the person authorises, the signatures come back. One authorisation
// serves a whole batch. The key says how it is given: on the telephone, with a
// PIN, with a one-time code that is sent, with several of these, or at a page
// of the service (OAuth 2, scope "credential").
//
// A service is described by the parameters of the way a school has set up:
//
//	url      base address of the API, "https://host/csc/v2"
//	client   OAuth 2 client identifier
//	secret   name of the client's secret; the secret itself is read by
//	         Options.Secret, which gives it for its own service's address
//	         alone, and is kept in no table and no log
//	grant    "client" (the program signs in, credentials are found by the
//	         user's name at the service) or "code" (the person signs in there)
//	user     of the grant "client": filled in by whoever binds a key
//
// The package knows no records and no database, and it trusts nothing it gets:
// callers verify each signature against the certificate.
package remote

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Options is what a Service is made from.
type Options struct {
	// Secret reads a client's secret by its name, for the service at a base
	// address; it fails with signer.config for one that it is not meant for: who
	// sets a way up chooses the address, and must not be sent others' secrets.
	Secret func(name, address string) (string, error)
	// Loopback allows plain HTTP on this machine: demonstrations and tests only.
	Loopback bool
	// Callback is the portal's address that a service sends a person back to.
	Callback string
	// Timeout bounds one request; 0 is 20 s.
	Timeout time.Duration
	// Patience bounds one authorisation on the telephone; 0 is 110 s.
	Patience time.Duration
	// Poll is how often it is asked whether the person has confirmed; 0 is 1.5 s.
	Poll time.Duration
}

// Service opens keys at remote signing services; it implements signing.Opener.
// The logins of persons lie in this process only.
type Service struct {
	o    Options
	http *http.Client

	mu     sync.Mutex
	logins map[login]*oauth2.Token
}

// login names whose token it is and where it is for: a way that is led to
// another address or client afterwards has none there.
type login struct {
	way, account int64
	base, client string
}

func (s *Service) loginOf(way, account int64, params map[string]string) login {
	return login{way, account, s.address(params["url"]), params["client"]}
}

// New makes a Service.
func New(o Options) *Service {
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 110 * time.Second
	}
	if o.Poll == 0 {
		o.Poll = 1500 * time.Millisecond
	}
	s := &Service{o: o, logins: map[login]*oauth2.Token{}}
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: s.guard}
	transport := &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 4,
		IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true} // through no proxy: the place that is checked is the one that is reached
	s.http = &http.Client{Timeout: o.Timeout, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a service that sends us elsewhere is not the one that was set up
	}}
	return s
}

// Check reports what is wrong with the parameters of a way: Invalid
// signer.config, Args what (url, client, secret, grant).
func (s *Service) Check(params map[string]string) error {
	refuse := func(what string) error { return fault.New(fault.Invalid, "signer.config", "what", what) }
	switch {
	case s.address(params["url"]) == "":
		return refuse("url")
	case params["client"] == "":
		return refuse("client")
	case params["grant"] != grantClient && params["grant"] != grantCode:
		return refuse("grant")
	}
	_, err := s.o.Secret(params["secret"], s.address(params["url"]))
	return err
}

// address returns a base address without a slash at its end, "" when it is not
// one we talk to: https, or http to this very machine where that is allowed.
func (s *Service) address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || len(text) > 300 {
		return ""
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && s.o.Loopback && isLoopback(u.Hostname())) {
		return ""
	}
	return strings.TrimRight(u.String(), "/")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Credentials implements signing.Opener: the keys of the person who signed in,
// or of the user named by the parameter user.
func (s *Service) Credentials(ctx context.Context, a signing.Access) ([]signing.Credential, error) {
	c, err := s.connect(ctx, a)
	if err != nil {
		return nil, err
	}
	var list listAnswer
	if err := c.call(ctx, "credentials/list", listRequest{UserID: a.Params["user"]}, &list); err != nil {
		return nil, err
	}
	if len(list.CredentialIDs) > maxCredentials {
		list.CredentialIDs = list.CredentialIDs[:maxCredentials]
	}
	var out []signing.Credential
	for _, id := range list.CredentialIDs {
		info, err := c.info(ctx, id)
		if err != nil {
			return nil, err
		}
		if certificate, err := info.certificate(); err == nil && info.usable() {
			out = append(out, signing.Credential{Ref: id, Certificate: certificate})
		}
	}
	return out, nil
}

// maxCredentials bounds how many keys of one user are looked at.
const maxCredentials = 20

// Open implements signing.Opener. It fails with Conflict certificate.changed
// when the service holds another certificate for the key than we do, and with
// Invalid key.pin_missing when the key wants a PIN and there is none.
func (s *Service) Open(ctx context.Context, a signing.Access, want signing.Credential, total int) (signing.Session, error) {
	c, err := s.connect(ctx, a)
	if err != nil {
		return nil, err
	}
	info, err := c.info(ctx, want.Ref)
	if err != nil {
		return nil, err
	}
	certificate, err := info.certificate()
	switch {
	case err != nil:
		return nil, err
	case certificate.Fingerprint() != want.Certificate.Fingerprint():
		return nil, fault.New(fault.Conflict, "certificate.changed")
	case !info.usable():
		return nil, fault.New(fault.Unavailable, "signer.device")
	}
	f, _ := info.factors()
	if f.pin != "" && a.PIN == "" {
		return nil, fault.New(fault.Invalid, "key.pin_missing")
	}
	closed, cancel := context.WithCancel(context.WithoutCancel(ctx))
	out := &session{service: s, connection: c, id: want.Ref, info: info, factors: f, certificate: certificate, pin: []byte(a.PIN),
		closed: closed, close: cancel}
	if info.Auth.Mode != modeOAuth {
		return out, nil
	}
	config, err := s.config(ctx, a.Params)
	if err != nil {
		cancel()
		return nil, err
	}
	config.Scopes = []string{"credential"}
	return &visited{session: out, config: config}, nil
}
