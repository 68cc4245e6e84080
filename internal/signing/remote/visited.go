package remote

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

// visited is a key whose holder authorises each batch at a page of the service
// (CSC API v2, 8.4.2): the holder goes there with the hashes and comes back
// with a code, which is exchanged for a token of the scope "credential". That
// token stands where others have the SAD.
type visited struct {
	*session
	config *oauth2.Config

	asked []signing.Digest // of the last batch; what the holder authorises
	about string
	grant *grant
}

// grant is one authorisation: for so many signatures, over these hashes when
// it is bound to them, until then.
type grant struct {
	token string
	over  map[[32]byte]bool // nil: not bound
	left  int
	until time.Time
}

// mostInAddress is how many hashes go into one address: browsers and services
// take some 8 KB.
const mostInAddress = 60

// grantLife is the longest an authorisation is used when the service does not
// say for how long it gave it.
const grantLife = 5 * time.Minute

// Limit implements signing.Session.
func (v *visited) Limit() int {
	if v.info.SCAL == "2" {
		return min(v.session.Limit(), mostInAddress)
	}
	return v.session.Limit()
}

// TakeCode hides that of the session: codes are typed at the service.
func (v *visited) TakeCode(string) {}

// SignAll implements signing.Session. Digests that the holder has not
// authorised are remembered: signer.authorize.
func (v *visited) SignAll(ctx context.Context, b signing.Batch) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(v.closed, cancel)()
	token, ok := v.use(b)
	if !ok {
		return v.failed(fault.New(fault.Locked, "signer.authorize"))
	}
	left, err := v.signAll(ctx, b.Digests, token, b.Deliver)
	if errors.Is(err, sadExpired) {
		v.mu.Lock()
		v.asked, v.grant = left, nil
		v.mu.Unlock()
		err = fault.New(fault.Locked, "signer.authorize")
	}
	return v.failed(err)
}

// use takes so many signatures from the grant, or remembers what to ask for.
func (v *visited) use(b signing.Batch) (token string, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	g := v.grant
	ok = g != nil && g.left >= len(b.Digests) && time.Now().Before(g.until)
	for _, d := range b.Digests {
		ok = ok && (g.over == nil || g.over[d.Sum])
	}
	if !ok {
		v.asked, v.about, v.grant = b.Digests, b.Description, nil
		return "", false
	}
	g.left -= len(b.Digests)
	return g.token, true
}

// AuthoriseURL implements signing.Authoriser.
func (v *visited) AuthoriseURL(_ context.Context, state, verifier string) (string, error) {
	v.mu.Lock()
	asked, about := v.asked, v.about
	v.mu.Unlock()
	if len(asked) == 0 {
		return "", fault.New(fault.Conflict, "signer.nothing_asked")
	}
	with := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("credentialID", v.id),
		oauth2.SetAuthURLParam("numSignatures", strconv.Itoa(len(asked))), oauth2.SetAuthURLParam("lang", "vi-VN")}
	if about != "" {
		with = append(with, oauth2.SetAuthURLParam("description", about))
	}
	if v.info.SCAL == "2" {
		list := make([]string, len(asked))
		for i, d := range asked {
			list[i] = base64.RawURLEncoding.EncodeToString(d.Sum[:])
		}
		with = append(with, oauth2.SetAuthURLParam("hashes", strings.Join(list, ",")), oauth2.SetAuthURLParam("hashAlgorithmOID", sha256OID))
	}
	return v.config.AuthCodeURL(state, with...), nil
}

// Authorised implements signing.Authoriser.
func (v *visited) Authorised(ctx context.Context, code, verifier string) error {
	v.mu.Lock()
	asked := v.asked
	v.mu.Unlock()
	if len(asked) == 0 {
		return fault.New(fault.Conflict, "signer.nothing_asked")
	}
	token, err := v.config.Exchange(v.service.context(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		if err = loginFailed(err); fault.Is(err, "signer.login") {
			err = fault.New(fault.Conflict, "signer.refused")
		}
		return err
	}
	g := &grant{token: token.AccessToken, left: len(asked), until: time.Now().Add(grantLife)}
	if !token.Expiry.IsZero() {
		g.until = token.Expiry
	}
	if v.info.SCAL == "2" {
		g.over = map[[32]byte]bool{}
		for _, d := range asked {
			g.over[d.Sum] = true
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.grant, v.asked = g, nil
	return nil
}
