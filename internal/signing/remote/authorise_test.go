package remote_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/signing/remote"
	"hocba/internal/signing/sandbox"
)

// code types the one-time code that the sandbox sent to the first person.
func (b *bench) code(s signing.Session) {
	b.Helper()
	taker, ok := s.(signing.CodeTaker)
	if !ok {
		b.Fatal("the session takes no code")
	}
	taker.TakeCode(b.far.Code("1"))
}

func TestSession_AOneTimeCodeIsSentAndTaken(t *testing.T) {
	for name, script := range map[string]sandbox.Script{
		"a challenge of version 2":   {OTP: true},
		"sendOTP, as in version 1":   {OTP: true, SendOTP: true},
		"PIN and code together":      {OTP: true, PIN: "246810"},
		"bound to the hashes":        {OTP: true, Bound: true},
		"a service that answers now": {OTP: true, Sync: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, signing.ECDSASHA256, script)
			b.access.PIN = script.PIN
			s := b.open()
			if _, _, err := b.sign(s, digests(3)); !fault.Is(err, "signer.otp") || b.far.Code("1") == "" {
				t.Fatalf("before the code: %v, sent %q", err, b.far.Code("1"))
			}
			b.code(s)
			// Prepared anew meanwhile: other digests than those the code was sent for.
			if answered, _, err := b.sign(s, digests(5)); err != nil || len(answered) != 5 || b.far.Signings() != 5 {
				t.Fatalf("%d answers, %d signatures, %v", len(answered), b.far.Signings(), err)
			}
			// A code is for one authorisation.
			if _, _, err := b.sign(s, digests(1)); !fault.Is(err, "signer.otp") {
				t.Fatalf("the next batch: %v", err)
			}
		})
	}
}

func TestSession_AWrongOrOldCodeSignsNothing(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{OTP: true})
	s := b.open()
	for range 3 {
		if _, _, err := b.sign(s, digests(1)); !fault.Is(err, "signer.otp") {
			t.Fatal(err)
		}
		s.(signing.CodeTaker).TakeCode("wrong")
		if _, _, err := b.sign(s, digests(1)); !fault.Is(err, "signer.otp_wrong") {
			t.Fatalf("a wrong code: %v", err)
		}
	}
	_, _, _ = b.sign(s, digests(1))
	b.code(s)
	if _, _, err := b.sign(s, digests(1)); !fault.Is(err, "signer.pin_locked") {
		t.Fatalf("after three wrong ones: %v", err)
	}
	b = newBench(t, signing.ECDSASHA256, sandbox.Script{OTP: true, OTPLife: time.Nanosecond})
	s = b.open()
	_, _, _ = b.sign(s, digests(1))
	b.code(s)
	if _, _, err := b.sign(s, digests(1)); !fault.Is(err, "signer.otp_wrong") || b.far.Signings() != 0 {
		t.Fatalf("a code that ran out: %v", err)
	}
	b = newBench(t, signing.ECDSASHA256, sandbox.Script{OTP: true, PIN: "246810"})
	b.access.PIN = "000000"
	s = b.open()
	_, _, _ = b.sign(s, digests(1))
	b.code(s)
	if _, _, err := b.sign(s, digests(1)); !fault.Is(err, "signer.factors") {
		t.Fatalf("a wrong PIN beside a right code: %v", err)
	}
}

// visit goes to the page of the service and comes back with what it says.
func (b *bench) visit(s signing.Session, state, verifier string) url.Values {
	b.Helper()
	address, err := s.(signing.Authoriser).AuthoriseURL(b.Context(), state, verifier)
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address + "&user=1")
	if err != nil {
		b.Fatal(err)
	}
	res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || back.Query().Get("state") != state {
		b.Fatalf("%d, sent back to %q", res.StatusCode, res.Header.Get("Location"))
	}
	return back.Query()
}

func TestSession_AuthorisedAtAPageOfTheService(t *testing.T) {
	for name, script := range map[string]sandbox.Script{"bound to the hashes": {Page: true, Bound: true}, "for a number": {Page: true}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, signing.ECDSASHA256, script)
			s := b.open()
			if script.Bound && s.Limit() > 60 {
				t.Errorf("%d hashes in one address", s.Limit())
			}
			a := s.(signing.Authoriser)
			if _, err := a.AuthoriseURL(t.Context(), "s", "v"); !fault.Is(err, "signer.nothing_asked") {
				t.Errorf("nothing was asked: %v", err)
			}
			if _, _, err := b.sign(s, digests(8)); !fault.Is(err, "signer.authorize") {
				t.Fatal(err)
			}
			verifier := remote.NewVerifier()
			code := b.visit(s, "state-1", verifier).Get("code")
			if err := a.Authorised(t.Context(), code, remote.NewVerifier()); !fault.Is(err, "signer.refused") {
				t.Fatalf("with another's verifier: %v", err)
			}
			code = b.visit(s, "state-2", verifier).Get("code")
			if err := a.Authorised(t.Context(), code, verifier); err != nil {
				t.Fatal(err)
			}
			if answered, _, err := b.sign(s, digests(8)); err != nil || len(answered) != 8 || b.far.Signings() != 8 {
				t.Fatalf("%d answers, %d signatures, %v", len(answered), b.far.Signings(), err)
			}
			// It is used up, and covers nothing else.
			if _, _, err := b.sign(s, digests(8)); !fault.Is(err, "signer.authorize") || b.far.Signings() != 8 {
				t.Fatalf("a second time: %v", err)
			}
		})
	}
}

func TestSession_AnAuthorisationCoversItsHashesAlone(t *testing.T) {
	b := newBench(t, signing.ECDSASHA256, sandbox.Script{Page: true, Bound: true})
	s := b.open()
	in := digests(6)
	_, _, _ = b.sign(s, in[:2])
	verifier := remote.NewVerifier()
	if err := s.(signing.Authoriser).Authorised(t.Context(), b.visit(s, "x", verifier).Get("code"), verifier); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.sign(s, in[2:4]); !fault.Is(err, "signer.authorize") || b.far.Signings() != 0 {
		t.Fatalf("other hashes: %v", err)
	}
	b.far.SetScript(sandbox.Script{Page: true, Bound: true, Refuse: true})
	if got := b.visit(s, "y", verifier); got.Get("error") != "access_denied" || got.Get("code") != "" {
		t.Fatalf("refused there: %v", got)
	}
	b.far.SetScript(sandbox.Script{Page: true, Bound: true, SADLife: time.Nanosecond})
	if err := s.(signing.Authoriser).Authorised(t.Context(), b.visit(s, "z", verifier).Get("code"), verifier); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	if _, _, err := b.sign(s, in[2:4]); !fault.Is(err, "signer.authorize") || b.far.Signings() != 0 {
		t.Fatalf("an authorisation that ran out: %v", err)
	}
}
