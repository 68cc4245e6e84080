package remote_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/remote"
	"hocba/internal/signing/sandbox"
)

const clientSecret = "not to be seen"

var authority = sync.OnceValues(func() (*demo.CA, error) { return demo.New(nil, time.Now().AddDate(0, -1, 0)) })

// bench is a service with two people, and a client of it.
type bench struct {
	*testing.T
	far    *sandbox.Service
	near   *remote.Service
	access signing.Access
}

func newBench(t *testing.T, algorithm signing.Algorithm, script sandbox.Script) *bench {
	t.Helper()
	ca, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	var holders []sandbox.Holder
	for i, name := range []string{"Nguyễn Thị Hương", "Lê Quang Minh"} {
		one, err := sandbox.New(ca, algorithm, strconv.Itoa(i+1), demo.Request{Kind: demo.Person, Name: name, PersonalNumber: "048000000001"}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		holders = append(holders, one)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	t.Cleanup(server.Close)
	b := &bench{T: t, far: sandbox.NewService(server.URL, "school", clientSecret, holders, script)}
	server.Config.Handler = b.far
	b.near = remote.New(remote.Options{Loopback: true, Callback: "http://127.0.0.1/back", Poll: 5 * time.Millisecond, Patience: time.Second,
		Secret: func(name, address string) (string, error) {
			if name != "one" || address != server.URL+"/csc/v2" {
				return "", fault.New(fault.Invalid, "signer.config", "what", "secret")
			}
			return clientSecret, nil
		}})
	b.access = signing.Access{WayID: 7, Account: 1, Params: map[string]string{"url": server.URL + "/csc/v2", "client": "school", "secret": "one",
		"grant": "client", "user": "1"}}
	return b
}

func (b *bench) open() signing.Session {
	b.Helper()
	list, err := b.near.Credentials(b.Context(), b.access)
	if err != nil || len(list) != 1 || list[0].Certificate.Name() != "Nguyễn Thị Hương" {
		b.Fatalf("credentials: %v, %v", list, err)
	}
	s, err := b.near.Open(b.Context(), b.access, list[0], 10)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s
}

func digests(n int) []signing.Digest {
	out := make([]signing.Digest, n)
	for i := range out {
		out[i] = signing.Digest{Key: string(rune('a' + i)), Sum: sha256.Sum256(binary.BigEndian.AppendUint32(nil, uint32(i)))}
	}
	return out
}

// sign has digests signed and checks every answer against the certificate.
func (b *bench) sign(s signing.Session, in []signing.Digest) (answered map[string]bool, told []string, err error) {
	b.Helper()
	answered = map[string]bool{}
	algorithm, _ := signing.KeyAlgorithm(s.Public())
	err = s.SignAll(b.Context(), signing.Batch{Digests: in, Tell: func(code string) { told = append(told, code) }, Description: "Học bạ",
		Deliver: func(list []signing.Answer) error {
			for _, a := range list {
				for _, d := range in {
					if d.Key != a.Key {
						continue
					}
					if _, err := algorithm.Normalise(s.Public(), d.Sum, a.Value); err != nil || answered[a.Key] {
						b.Errorf("%s: %v, answered before %v", a.Key, err, answered[a.Key])
					}
					answered[a.Key] = true
				}
			}
			return nil
		}})
	return answered, told, err
}

func TestSession_SignsManyWithOneConfirmation(t *testing.T) {
	for name, c := range map[string]struct {
		algorithm signing.Algorithm
		script    sandbox.Script
	}{
		"P-256, on the telephone": {signing.ECDSASHA256, sandbox.Script{Delay: 30 * time.Millisecond}},
		"RSA":                     {signing.RSASHA256, sandbox.Script{}},
		"bound to the hashes":     {signing.ECDSASHA256, sandbox.Script{Bound: true}},
		"away for a moment":       {signing.ECDSASHA256, sandbox.Script{Fail: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.algorithm, c.script)
			answered, told, err := b.sign(b.open(), digests(230))
			if err != nil || len(answered) != 230 || b.far.Signings() != 230 {
				t.Fatalf("%d answers, %d signatures made, %v", len(answered), b.far.Signings(), err)
			}
			if len(told) != 2 || told[0] != "signer.approval" || told[1] != "" {
				t.Errorf("told %q", told)
			}
		})
	}
}

func TestSession_TellsWhatWentWrong(t *testing.T) {
	for name, c := range map[string]struct {
		script sandbox.Script
		code   string
		kind   fault.Kind
		done   int
	}{
		"refused on the telephone":              {sandbox.Script{Refuse: true}, "signer.refused", fault.Conflict, 0},
		"nobody confirms":                       {sandbox.Script{Delay: time.Hour}, "signer.expired", fault.Conflict, 0},
		"the authorisation is too short, twice": {sandbox.Script{SADLife: time.Nanosecond}, "signer.expired", fault.Conflict, 0},
		"away for long":                         {sandbox.Script{Fail: 99}, "signer.unavailable", fault.Unavailable, 0},
		"half answered":                         {sandbox.Script{Omit: 3}, "", 0, 8},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, signing.ECDSASHA256, c.script)
			answered, _, err := b.sign(b.open(), digests(12))
			if fault.CodeOf(err) != c.code || c.code != "" && fault.KindOf(err) != c.kind || len(answered) != c.done {
				t.Fatalf("%d answers, %v", len(answered), err)
			}
		})
	}
}

// An authorisation that runs out half-way asks once more and goes on where it
// stopped: no hash is signed twice.
func TestSession_GoesOnAfterTheAuthorisationRanOut(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{SADLife: 40 * time.Millisecond})
	s := b.open()
	in := digests(150)
	slow := true
	var n int
	err := s.SignAll(t.Context(), signing.Batch{Digests: in, Deliver: func(list []signing.Answer) error {
		n += len(list)
		if slow {
			slow = false
			time.Sleep(60 * time.Millisecond)
			b.far.SetScript(sandbox.Script{})
		}
		return nil
	}})
	if err != nil || n != 150 || b.far.Signings() != 150 {
		t.Fatalf("%d answers, %d signatures, %v", n, b.far.Signings(), err)
	}
}

func TestSession_PINOpensAnExplicitKey(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{PIN: "246810"})
	list, err := b.near.Credentials(t.Context(), b.access)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.near.Open(t.Context(), b.access, list[0], 1); !fault.Is(err, "key.pin_missing") {
		t.Errorf("without a PIN: %v", err)
	}
	b.access.PIN = "000000"
	if _, _, err := b.sign(b.open(), digests(2)); !fault.Is(err, "key.pin") {
		t.Errorf("with a wrong PIN: %v", err)
	}
	b.access.PIN = "246810"
	if answered, _, err := b.sign(b.open(), digests(2)); err != nil || len(answered) != 2 {
		t.Errorf("%d answers, %v", len(answered), err)
	}
}

func TestSession_CloseEndsTheWaiting(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{Delay: time.Hour})
	s := b.open()
	time.AfterFunc(30*time.Millisecond, s.Close)
	if _, _, err := b.sign(s, digests(1)); !fault.Is(err, "key.closed") {
		t.Fatal(err)
	}
}

func TestService_RefusesAnAddressThatIsNotSafe(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{})
	closed := remote.New(remote.Options{Secret: func(string, string) (string, error) { return "x", nil }})
	for _, c := range []struct {
		url  string
		open bool
	}{
		{"https://sign.example.vn/csc/v2", true}, {"http://127.0.0.1/csc/v2", false}, {"http://sign.example.vn/csc/v2", false},
		{"https://user:pw@sign.example.vn", false}, {"https://sign.example.vn/?a", false}, {"file:///etc/passwd", false}, {"", false},
	} {
		err := closed.Check(map[string]string{"url": c.url, "client": "c", "grant": "client"})
		if (err == nil) != c.open {
			t.Errorf("%q: %v", c.url, err)
		}
	}
	if err := b.near.Check(map[string]string{"url": "http://10.0.0.1/csc/v2", "client": "c", "grant": "client", "secret": "one"}); err == nil {
		t.Error("plain HTTP to another machine is taken")
	}
}

// A person signs in at the service, and only with the verifier of the session
// that began it.
func TestService_LoginWithProofOfTheBeginner(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{})
	b.access.Params["grant"] = "code"
	delete(b.access.Params, "user")
	if _, err := b.near.Credentials(t.Context(), b.access); !fault.Is(err, "signer.login") {
		t.Fatalf("without a login: %v", err)
	}
	verifier := remote.NewVerifier()
	code := func() string {
		page, err := b.near.LoginURL(t.Context(), b.access.Params, "state-1", verifier)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Get(page + "&user=2")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		back, err := url.Parse(res.Header.Get("Location"))
		if err != nil || back.Query().Get("state") != "state-1" {
			t.Fatalf("sent back to %q", res.Header.Get("Location"))
		}
		return back.Query().Get("code")
	}
	if err := b.near.Login(t.Context(), b.access, code(), remote.NewVerifier()); !fault.Is(err, "signer.login") {
		t.Fatalf("with another's verifier: %v", err)
	}
	if err := b.near.Login(t.Context(), b.access, code(), verifier); err != nil {
		t.Fatal(err)
	}
	list, err := b.near.Credentials(t.Context(), b.access)
	if err != nil || len(list) != 1 || list[0].Certificate.Name() != "Lê Quang Minh" {
		t.Fatalf("%v, %v", list, err)
	}
	other := b.access
	other.Account = 2
	if _, err := b.near.Credentials(t.Context(), other); !fault.Is(err, "signer.login") {
		t.Errorf("another account uses the login: %v", err)
	}
}

func TestService_KeepsTheSecretOutOfItsErrors(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{})
	b.access.Params["client"] = "unknown"
	_, err := b.near.Credentials(context.Background(), b.access)
	if !fault.Is(err, "signer.login") || strings.Contains(err.Error(), clientSecret) {
		t.Fatal(err)
	}
}

// Who sets a way up names the secret and chooses the address: a secret goes to
// the service it was made for, and nowhere else.
func TestService_SendsNoSecretToAnotherAddress(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{})
	var heard []string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard = append(heard, r.Header.Get("Authorization")) }))
	t.Cleanup(thief.Close)
	b.access.Params["url"] = thief.URL + "/csc/v2"
	if _, err := b.near.Credentials(t.Context(), b.access); !fault.Is(err, "signer.config") {
		t.Error(err)
	}
	if len(heard) != 0 {
		t.Errorf("the other service heard %q", heard)
	}
}
