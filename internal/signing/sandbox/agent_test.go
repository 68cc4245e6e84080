package sandbox

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"hocba/internal/signing"
	"hocba/internal/signing/agent"
	"hocba/internal/signing/demo"
)

const portal = "https://hocba.example.vn"

// plugged is an agent with a token, and the key of the portal it trusts.
func plugged(t *testing.T) (*Token, *httptest.Server, ed25519.PrivateKey) {
	t.Helper()
	ca, err := demo.New(nil, time.Now().AddDate(0, -1, 0))
	if err != nil {
		t.Fatal(err)
	}
	holder, err := New(ca, signing.ECDSASHA256, "1", demo.Request{Kind: demo.Person, Name: "Nguyễn Thị Hương", PersonalNumber: "048000000001"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	token := &Token{Portals: map[string]ed25519.PublicKey{portal: public}, Holder: holder, PIN: "246810",
		Ask: func(context.Context, string, []agent.Digest) (string, bool) { return "246810", true }}
	server := httptest.NewServer(token)
	t.Cleanup(server.Close)
	return token, server, private
}

func page(t *testing.T, server *httptest.Server, origin string) (*websocket.Conn, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	c, res, err := websocket.Dial(ctx, strings.Replace(server.URL, "http", "ws", 1), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	if err != nil {
		return nil, res.StatusCode
	}
	t.Cleanup(func() { c.CloseNow() })
	return c, http.StatusSwitchingProtocols
}

func ask(t *testing.T, c *websocket.Conn, in agent.Request) agent.Reply {
	t.Helper()
	var out agent.Reply
	if err := wsjson.Write(t.Context(), c, in); err != nil {
		t.Fatal(err)
	}
	if err := wsjson.Read(t.Context(), c, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestToken_AForeignPageIsNotEvenHeard(t *testing.T) {
	_, server, _ := plugged(t)
	for _, origin := range []string{"https://evil.example", "https://hocba.example.vn.evil.example", "http://hocba.example.vn", "null", ""} {
		if _, status := page(t, server, origin); status != http.StatusForbidden {
			t.Errorf("origin %q: %d", origin, status)
		}
	}
	if !loopbackHost("127.0.0.1:8987") || loopbackHost("127.0.0.1.evil.example:8987") || loopbackHost("evil.example") {
		t.Error("a name that somebody else points at this machine is taken")
	}
}

func TestToken_SignsOnlyWhatThePortalVouchesFor(t *testing.T) {
	token, server, key := plugged(t)
	c, _ := page(t, server, portal)
	one, two := sha256.Sum256([]byte("1")), sha256.Sum256([]byte("2"))
	list := []agent.Digest{{ID: "1", Sum: one[:], Title: "Nguyễn Hoài An"}}
	fresh := func() agent.Challenge {
		return agent.Challenge{Origin: portal, Job: "7", Certificate: token.Holder.Certificate.Fingerprint()}.Sign(key, list, time.Now())
	}
	good := agent.Request{Type: agent.TypeSign, Challenge: fresh(), Digests: list}
	reply := ask(t, c, good)
	if reply.Error != "" || len(reply.Signatures) != 1 {
		t.Fatalf("%+v", reply)
	}
	algorithm, _ := signing.KeyAlgorithm(token.Holder.Key.Public())
	if _, err := algorithm.Normalise(token.Holder.Key.Public(), one, reply.Signatures[0].Value); err != nil {
		t.Fatal(err)
	}
	if reply = ask(t, c, good); reply.Error != agent.BadRequest {
		t.Errorf("a challenge was used twice: %+v", reply)
	}
	_, stranger, _ := ed25519.GenerateKey(nil)
	for name, in := range map[string]agent.Request{
		"other hashes":        {Type: agent.TypeSign, Challenge: fresh(), Digests: []agent.Digest{{ID: "1", Sum: two[:]}}},
		"more hashes":         {Type: agent.TypeSign, Challenge: fresh(), Digests: append(list[:1:1], agent.Digest{ID: "2", Sum: two[:]})},
		"another's word":      {Type: agent.TypeSign, Digests: list, Challenge: agent.Challenge{Origin: portal, Certificate: token.Holder.Certificate.Fingerprint()}.Sign(stranger, list, time.Now())},
		"another origin's":    {Type: agent.TypeSign, Digests: list, Challenge: agent.Challenge{Origin: "https://evil.example", Certificate: token.Holder.Certificate.Fingerprint()}.Sign(key, list, time.Now())},
		"a word of yesterday": {Type: agent.TypeSign, Digests: list, Challenge: agent.Challenge{Origin: portal, Certificate: token.Holder.Certificate.Fingerprint()}.Sign(key, list, time.Now().AddDate(0, 0, -1))},
		"nothing":             {Type: agent.TypeSign, Challenge: fresh()},
		"an unknown act":      {Type: "export", Challenge: fresh(), Digests: list},
	} {
		if reply := ask(t, c, in); reply.Error != agent.BadRequest || reply.Signatures != nil {
			t.Errorf("%s: %+v", name, reply)
		}
	}
}

func TestToken_TellsWhatItsHolderMustDo(t *testing.T) {
	token, server, key := plugged(t)
	c, _ := page(t, server, portal)
	sum := sha256.Sum256(nil)
	list := []agent.Digest{{ID: "1", Sum: sum[:]}}
	request := func(certificate string) agent.Request {
		return agent.Request{Type: agent.TypeSign, Digests: list, Challenge: agent.Challenge{Origin: portal, Certificate: certificate}.Sign(key, list, time.Now())}
	}
	own := token.Holder.Certificate.Fingerprint()
	if reply := ask(t, c, request("00")); reply.Error != agent.WrongToken {
		t.Errorf("another token: %+v", reply)
	}
	token.Ask = func(context.Context, string, []agent.Digest) (string, bool) { return "000000", true }
	if reply := ask(t, c, request(own)); reply.Error != agent.WrongPIN {
		t.Errorf("a wrong PIN: %+v", reply)
	}
	token.Ask = func(context.Context, string, []agent.Digest) (string, bool) { return "", false }
	if reply := ask(t, c, request(own)); reply.Error != agent.Refused {
		t.Errorf("no: %+v", reply)
	}
	token.Unplugged = func() bool { return true }
	if reply := ask(t, c, request(own)); reply.Error != agent.Unplugged {
		t.Errorf("unplugged: %+v", reply)
	}
}
