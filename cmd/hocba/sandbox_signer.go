package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hocba/internal/demo"
	"hocba/internal/fault"
	"hocba/internal/signing/agent"
	"hocba/internal/signing/sandbox"
	"hocba/views/words"
)

// signersFile are the keys of the sandboxes, in the data folder of a
// demonstration.
const signersFile = "sandbox-signers.json"

// defineSandboxRemote serves a remote signing service (CSC API v2).
func defineSandboxRemote(f *flags) action {
	data, address, pin := f.text("data", "./var"), f.text("listen", demo.RemoteAddress), f.text("pin", "")
	delay, omit, fail, life := f.number("delay", 2000), f.number("omit", 0), f.number("fail", 0), f.number("sad-life", 300_000)
	phone, refuse, bound := f.toggle("phone"), f.toggle("refuse"), f.toggle("bound")
	otp, sendOTP, page := f.toggle("otp"), f.toggle("send-otp"), f.toggle("page")
	return func(ctx context.Context, p *program, _ []string) error {
		holders, err := sandboxHolders(*data)
		if err != nil {
			return err
		}
		secret, err := signerSecret(filepath.Join(*data, signerSecrets), p.env, demo.RemoteSecret)
		if err != nil {
			return err
		}
		listener, err := listen(*address)
		if err != nil {
			return err
		}
		base := "http://" + listener.Addr().String()
		script := sandbox.Script{Delay: milliseconds(*delay), Phone: *phone, Refuse: *refuse, SADLife: milliseconds(*life), Omit: *omit, Fail: *fail,
			PIN: *pin, Bound: *bound, OTP: *otp || *sendOTP, SendOTP: *sendOTP, Page: *page}
		p.say("sandbox.remote", "address", base+"/csc/v2", "phone", base+"/phone")
		for _, h := range holders {
			fmt.Fprintf(p.stdout, "  %s  %s\n", h.User, h.Name)
		}
		service := sandbox.NewService(base, demo.RemoteClient, secret[0], holders, script)
		return answer(ctx, p, listener, &http.Server{Handler: service, ReadHeaderTimeout: 10 * time.Second})
	}
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func sandboxHolders(folder string) ([]sandbox.Holder, error) {
	path := filepath.Join(folder, signersFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "command.file", "name", path)
	}
	return sandbox.Decode(raw)
}

// defineSandboxToken serves the agent of a USB token for pages on this machine.
func defineSandboxToken(f *flags) action {
	data, address, user, pin := f.text("data", "./var"), f.text("listen", demo.AgentAddress), f.text("user", "2"), f.text("pin", demo.PersonPIN)
	portals, typed, unplugged := f.text("portal", "http://127.0.0.1:8080"), f.text("answer", ""), f.toggle("unplugged")
	return func(ctx context.Context, p *program, _ []string) error {
		holders, err := sandboxHolders(*data)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(holders, func(h sandbox.Holder) bool { return h.User == *user })
		if at < 0 {
			return fault.New(fault.Invalid, "sandbox.user", "user", *user)
		}
		keys, err := portalKeys(ctx, strings.Split(*portals, ","))
		if err != nil {
			return err
		}
		listener, err := listen(*address)
		if err != nil {
			return err
		}
		token := &sandbox.Token{Portals: keys, Holder: holders[at], PIN: *pin, Ask: p.askPIN(*typed), Unplugged: func() bool { return *unplugged }}
		p.say("sandbox.token", "address", "ws://"+listener.Addr().String()+"/", "holder", holders[at].Name)
		return answer(ctx, p, listener, &http.Server{Handler: token, ReadHeaderTimeout: 10 * time.Second})
	}
}

// portalKeys asks each portal for the key under which it vouches for hashes.
func portalKeys(ctx context.Context, origins []string) (map[string]ed25519.PublicKey, error) {
	out := map[string]ed25519.PublicKey{}
	for _, origin := range origins {
		origin = strings.TrimRight(strings.TrimSpace(origin), "/")
		key, err := portalKey(ctx, origin)
		if err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "sandbox.portal", "origin", origin)
		}
		out[origin] = key
	}
	return out, nil
}

func portalKey(ctx context.Context, origin string) (ed25519.PublicKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/signing/agent-key", nil)
	if err != nil {
		return nil, err
	}
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 200))
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("no key of %s", strconv.Quote(origin))
	}
	return key, nil
}

// askPIN asks at the terminal, for each list of hashes, one question at a time;
// typed, if any, answers instead.
func (p *program) askPIN(typed string) func(context.Context, string, []agent.Digest) (string, bool) {
	var mu sync.Mutex
	in := bufio.NewReader(os.Stdin)
	return func(_ context.Context, origin string, digests []agent.Digest) (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(p.stdout, words.Message("sandbox.token_asks", map[string]string{"origin": origin, "count": strconv.Itoa(len(digests)), "first": digests[0].Title}))
		if typed != "" {
			return typed, true
		}
		line, err := in.ReadString('\n')
		line = strings.TrimSpace(line)
		return line, err == nil && line != ""
	}
}
