package sandbox

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"hocba/internal/signing/agent"
)

// Token is an agent with one USB token; it is an http.Handler for the
// WebSocket that pages open.
type Token struct {
	// Portals are the origins that may use the token, with the key under which
	// each vouches for what it asks.
	Portals map[string]ed25519.PublicKey
	Holder  Holder
	// PIN is the token's; Ask asks the person for it, once for each request, and
	// says what is to be signed. Asking is at the agent, never in the page.
	PIN string
	Ask func(ctx context.Context, origin string, digests []agent.Digest) (pin string, ok bool)
	// Unplugged, if any, reports that there is no token now.
	Unplugged func() bool
	// Breaks pulls the token out after so many signatures; 0: never. Plug puts it
	// back.
	Breaks int

	mu   sync.Mutex
	used map[string]time.Time // nonces, until they expire
	made int                  // signatures since the token was plugged in
}

// Plug puts the token back into the machine, to be pulled out after so many
// signatures; 0: never.
func (t *Token) Plug(breaks int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Breaks, t.made = breaks, 0
}

// pulled reports whether the token is out, and counts a signature when not.
func (t *Token) pulled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Breaks > 0 && t.made >= t.Breaks {
		return true
	}
	t.made++
	return false
}

// maxMessage bounds what a page may send.
const maxMessage = 256 << 10

// ServeHTTP implements http.Handler. A page of an origin that is not trusted
// gets 403 before anything is read; programs that are no browser have no origin
// and are refused, too.
func (t *Token) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	key, trusted := t.Portals[origin]
	if !trusted || r.Host == "" || !loopbackHost(r.Host) {
		http.Error(w, "this origin may not use the token", http.StatusForbidden)
		return
	}
	// The origin was compared exactly, which is more than the library does.
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // it has answered
	}
	defer c.CloseNow()
	c.SetReadLimit(maxMessage)
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Minute)
	defer cancel()
	for {
		var in agent.Request
		if err := wsjson.Read(ctx, c, &in); err != nil {
			return
		}
		if err := wsjson.Write(ctx, c, t.answer(ctx, origin, key, in)); err != nil {
			return
		}
	}
}

// loopbackHost refuses names that somebody else's DNS points at this machine.
func loopbackHost(host string) bool {
	for _, name := range []string{"127.0.0.1", "localhost", "[::1]"} {
		if host == name || len(host) > len(name) && host[:len(name)+1] == name+":" {
			return true
		}
	}
	return false
}

func (t *Token) answer(ctx context.Context, origin string, key ed25519.PublicKey, in agent.Request) agent.Reply {
	if t.Unplugged != nil && t.Unplugged() {
		return agent.Reply{Error: agent.Unplugged}
	}
	if in.Type == agent.TypeCertificate {
		chain := [][]byte{t.Holder.Certificate.Leaf().Raw}
		for _, c := range t.Holder.Certificate.Intermediates() {
			chain = append(chain, c.Raw)
		}
		return agent.Reply{Chain: chain}
	}
	if in.Type != agent.TypeSign || in.Challenge.Check(key, origin, in.Digests, time.Now()) != nil || !t.first(in.Challenge) {
		return agent.Reply{Error: agent.BadRequest}
	}
	if in.Challenge.Certificate != t.Holder.Certificate.Fingerprint() {
		return agent.Reply{Error: agent.WrongToken}
	}
	pin, ok := t.Ask(ctx, origin, in.Digests)
	switch {
	case !ok:
		return agent.Reply{Error: agent.Refused}
	case !bytes.Equal([]byte(pin), []byte(t.PIN)):
		return agent.Reply{Error: agent.WrongPIN}
	}
	var out agent.Reply
	for _, d := range in.Digests {
		if t.pulled() {
			out.Error = agent.Unplugged
			break
		}
		value, err := t.Holder.Key.Sign(rand.Reader, d.Sum, crypto.SHA256)
		if err != nil {
			out.Error = agent.Unplugged
			break
		}
		out.Signatures = append(out.Signatures, agent.Signature{ID: d.ID, Value: value})
	}
	return out
}

// first reports whether a challenge is used for the first time.
func (t *Token) first(c agent.Challenge) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.used == nil {
		t.used = map[string]time.Time{}
	}
	now := time.Now()
	for nonce, until := range t.used {
		if now.After(until) {
			delete(t.used, nonce)
		}
	}
	if _, again := t.used[c.Nonce]; again {
		return false
	}
	t.used[c.Nonce] = c.Expires
	return true
}
