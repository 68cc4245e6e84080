package remote

import (
	"context"
	"errors"
	"net"
	"slices"
	"syscall"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// Report is what a service says of itself, and what came of trying it.
type Report struct {
	Name, Specs string
	Methods     []string // as the service lists them
	Logins      []string // authType: oauth2code, oauth2client, …
	Async       bool
	// Missing are methods that signing needs and the service does not list.
	Missing []string
	// LoginOffered says whether the service offers the grant of the way. A way of
	// the program's own login was tried: LoginTried, and LoginFault is nil when
	// the service took client and secret.
	LoginOffered, LoginTried bool
	LoginFault               error
}

// needed are the methods without which nothing is signed.
var needed = []string{"credentials/list", "credentials/info", "signatures/signHash"}

// longest bounds what a service may say of itself.
const longest = 60

// Probe asks the service of a way what it is and, where the program itself
// signs in, whether it takes client and secret. Nothing is signed, nobody is
// asked. It fails as Check does, with Invalid signer.config (Args what: specs,
// oauth2), and Unavailable signer.unavailable.
func (s *Service) Probe(ctx context.Context, params map[string]string) (out Report, err error) {
	if err := s.Check(params); err != nil {
		return out, err
	}
	_, info, err := s.configure(ctx, params)
	if err != nil {
		return out, err
	}
	out = Report{Name: clip(info.Name), Specs: clip(info.Specs), Async: info.Async, LoginTried: params["grant"] == grantClient}
	for _, m := range info.Methods[:min(len(info.Methods), longest)] {
		out.Methods = append(out.Methods, clip(m))
	}
	for _, a := range info.Auth[:min(len(info.Auth), longest)] {
		out.Logins = append(out.Logins, clip(a))
	}
	for _, m := range needed {
		if !slices.Contains(info.Methods, m) {
			out.Missing = append(out.Missing, m)
		}
	}
	out.LoginOffered = slices.Contains(info.Auth, map[string]string{grantClient: "oauth2client", grantCode: "oauth2code"}[params["grant"]])
	if out.LoginTried {
		out.LoginFault = s.tryLogin(ctx, params)
	}
	return out, nil
}

// tryLogin asks for a token as the program.
func (s *Service) tryLogin(ctx context.Context, params map[string]string) error {
	c, err := s.connect(ctx, signing.Access{Params: params})
	if err != nil {
		return err
	}
	if _, err := c.tokens.Token(); err != nil {
		return loginFailed(err)
	}
	return nil
}

// errPlace is a connection to a place no service is at.
var errPlace = errors.New("not an address of a service")

// guard refuses, once a name is resolved, the addresses that are no service's
// but this machine's surroundings: the link (where clouds keep their
// machines' passwords), everybody, nobody, and this machine itself unless it
// may be spoken to.
func (s *Service) guard(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return errPlace
	}
	ip := net.ParseIP(host)
	switch {
	case ip == nil, ip.IsUnspecified(), ip.IsMulticast(), ip.IsLinkLocalUnicast(), ip.Equal(net.IPv4bcast):
		return errPlace
	case ip.IsLoopback() && !s.o.Loopback:
		return errPlace
	}
	return nil
}

// reached tells a place that is refused from a service that is away.
func reached(err error) error {
	if errors.Is(err, errPlace) {
		return fault.Wrap(err, fault.Invalid, "signer.config", "what", "place")
	}
	return fault.Wrap(err, fault.Unavailable, "signer.unavailable")
}
