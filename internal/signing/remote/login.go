package remote

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// The grants of OAuth 2 a way may use.
const (
	grantClient = "client"
	grantCode   = "code"
)

// loginLife is the longest a person's login is remembered: one sitting.
const loginLife = 30 * time.Minute

// connect reaches a service as the person, or as this program.
func (s *Service) connect(ctx context.Context, a signing.Access) (*connection, error) {
	if err := s.Check(a.Params); err != nil {
		return nil, err
	}
	config, info, err := s.configure(ctx, a.Params)
	if err != nil {
		return nil, err
	}
	c := &connection{service: s, base: s.address(a.Params["url"]), offers: info, forget: func() {}}
	work := s.context(context.WithoutCancel(ctx))
	if a.Params["grant"] == grantClient {
		cc := clientcredentials.Config{ClientID: config.ClientID, ClientSecret: config.ClientSecret, TokenURL: config.Endpoint.TokenURL,
			Scopes: config.Scopes}
		c.tokens = cc.TokenSource(work)
		return c, nil
	}
	key := s.loginOf(a.WayID, a.Account, a.Params)
	s.mu.Lock()
	token := s.logins[key]
	s.mu.Unlock()
	if token == nil || !token.Valid() {
		return nil, fault.New(fault.Locked, "signer.login")
	}
	c.tokens = oauth2.StaticTokenSource(token)
	c.forget = func() { s.keep(key, nil) }
	return c, nil
}

// context carries our client to the OAuth library.
func (s *Service) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, s.http)
}

// configure asks the service what it offers and where its authorization server
// is.
func (s *Service) configure(ctx context.Context, params map[string]string) (*oauth2.Config, serviceInfo, error) {
	secret, err := s.o.Secret(params["secret"], s.address(params["url"]))
	if err != nil {
		return nil, serviceInfo{}, err
	}
	var info serviceInfo
	if err := s.describe(ctx, s.address(params["url"]), &info); err != nil {
		return nil, info, err
	}
	base := s.address(info.OAuth2)
	if base == "" {
		return nil, info, fault.New(fault.Invalid, "signer.config", "what", "oauth2")
	}
	return &oauth2.Config{ClientID: params["client"], ClientSecret: secret, RedirectURL: s.o.Callback, Scopes: []string{"service"},
		Endpoint: oauth2.Endpoint{AuthURL: base + "/oauth2/authorize", TokenURL: base + "/oauth2/token", AuthStyle: oauth2.AuthStyleInHeader}}, info, nil
}

// config is configure without what the service offers.
func (s *Service) config(ctx context.Context, params map[string]string) (*oauth2.Config, error) {
	config, _, err := s.configure(ctx, params)
	return config, err
}

// describe calls the method info, which needs no token.
func (s *Service) describe(ctx context.Context, base string, out *serviceInfo) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/info", strings.NewReader("{}"))
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "signer.config", "what", "url")
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.http.Do(req)
	if err != nil {
		return reached(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "signer.unavailable", "status", res.Status)
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, res.Body, 1<<16)).Decode(out); err != nil || !strings.HasPrefix(out.Specs, "2.") {
		return fault.New(fault.Invalid, "signer.config", "what", "specs")
	}
	return nil
}

// LoginURL returns where a person signs in at the service. state comes back
// with the person; verifier is a fresh PKCE verifier (NewVerifier) that the
// session keeps until then.
func (s *Service) LoginURL(ctx context.Context, params map[string]string, state, verifier string) (string, error) {
	if err := s.Check(params); err != nil {
		return "", err
	}
	if params["grant"] != grantCode || s.o.Callback == "" {
		return "", fault.New(fault.Invalid, "signer.config", "what", "grant")
	}
	config, err := s.config(ctx, params)
	if err != nil {
		return "", err
	}
	return config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), nil
}

// NewVerifier makes a PKCE verifier.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// Login exchanges the code a person came back with for a token, and keeps it
// in this process for one sitting.
func (s *Service) Login(ctx context.Context, a signing.Access, code, verifier string) error {
	config, err := s.config(ctx, a.Params)
	if err != nil {
		return err
	}
	token, err := config.Exchange(s.context(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return loginFailed(err)
	}
	s.keep(s.loginOf(a.WayID, a.Account, a.Params), token)
	return nil
}

// LoggedIn reports whether a person's login still holds.
func (s *Service) LoggedIn(way, account int64, params map[string]string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := s.logins[s.loginOf(way, account, params)]
	return token != nil && token.Valid()
}

// Forget ends the logins of a person who goes away.
func (s *Service) Forget(account int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.logins, func(key login, _ *oauth2.Token) bool { return key.account == account })
}

func (s *Service) keep(key login, token *oauth2.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if token == nil {
		delete(s.logins, key)
		return
	}
	if end := time.Now().Add(loginLife); token.Expiry.IsZero() || token.Expiry.After(end) {
		token.Expiry = end
	}
	token.RefreshToken = "" // one sitting, no more
	s.logins[key] = token
	time.AfterFunc(time.Until(token.Expiry), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.logins[key] == token {
			delete(s.logins, key)
		}
	})
}

// loginFailed tells a service that is away from one that does not take us. The
// library's error quotes the answer, which is kept out of ours.
func loginFailed(err error) error {
	var r *oauth2.RetrieveError
	if errors.As(err, &r) && r.Response != nil && r.Response.StatusCode < 500 {
		return fault.New(fault.Locked, "signer.login", "error", clip(r.ErrorCode))
	}
	return fault.New(fault.Unavailable, "signer.unavailable")
}
