package e2e

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"hocba/db"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/agent"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/sandbox"
	"hocba/internal/workflow"
)

// plugged is an agent on this machine with the principal's token, and the hand
// that types at it.
type plugged struct {
	*sandbox.Token
	mu    sync.Mutex
	typed string // the PIN; "" presses "no"
	asked int
	right sandbox.Holder
}

// plug starts an agent that trusts the portal, and has the school open the way.
func (s *stage) plug() *plugged {
	s.t.Helper()
	fresh := func(user, name string) sandbox.Holder {
		h, err := sandbox.New(jobstest.CA(), signing.ECDSASHA256, user, demo.Request{Kind: demo.Person, Name: name, PersonalNumber: "048000000009"}, s.db.Clock.Now())
		if err != nil {
			s.t.Fatal(err)
		}
		return h
	}
	a := &plugged{typed: "246810", right: fresh("1", s.cast.Principal.Name)}
	err := s.db.As(s.t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		id, err := tx.KeepCertificate(s.t.Context(), db.PersonCertificate, s.cast.Principal.AccountID, a.right.Certificate, nil)
		for _, kind := range []string{"declared", "registered"} {
			if err == nil {
				err = tx.CertificateEvent(s.t.Context(), id, kind, 0, "", tx.Now)
			}
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.Get(s.server.URL + "/signing/agent-key")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != ed25519.PublicKeySize {
		s.t.Fatalf("the portal's key: %v", err)
	}
	a.Token = &sandbox.Token{Portals: map[string]ed25519.PublicKey{s.server.URL: key}, Holder: a.right, PIN: "246810",
		Ask: func(context.Context, string, []agent.Digest) (string, bool) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.asked++
			return a.typed, a.typed != ""
		}}
	listener := httptest.NewServer(a.Token)
	s.t.Cleanup(listener.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(listener.URL, "http://"), ":")
	err = s.db.As(s.t.Context(), s.cast.Admin, func(tx *db.Tx) error {
		_, err := tx.AddSigningWay(s.t.Context(), db.SigningWay{Kind: signing.Agent, Label: "Token thử", Params: db.JobArgs{"port": port}})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (a *plugged) types(pin string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.typed = pin
}

func (a *plugged) questions() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

// approved counts the principal's signatures, and the records they are on.
func (s *stage) approved() (signatures, records int) {
	s.t.Helper()
	err := s.db.Owner().QueryRow(`SELECT count(*), count(DISTINCT record_id) FROM school.record_signature WHERE slot = 'cbql'`).Scan(&signatures, &records)
	if err != nil {
		s.t.Fatal(err)
	}
	return signatures, records
}

// everywhere looks at a page with axe on a desk, a tablet and a phone.
func (b *tab) everywhere(path string) {
	b.t.Helper()
	for _, width := range []int{820, 360, 1366} {
		b.size(width, 768)
		b.visit(path)
		b.axe()
	}
}

// TestPrincipal_ApprovesWithATokenInTheOwnMachine tells how a principal signs a
// class with a USB token: binds it, types a wrong PIN, says no, plugs a wrong
// one in, pulls it out half-way, comes back and ends; and how a page of
// somebody else's, open beside, gets nothing.
func TestPrincipal_ApprovesWithATokenInTheOwnMachine(t *testing.T) {
	s := newStage(t)
	s.chain.Sign(t)
	a := s.plug()
	office := s.as(admin)
	office.everywhere("/2025-2026/signing-ways")
	office.everywhere("/2025-2026/signing-ways/1")
	office.everywhere("/2025-2026/seal-uses")
	head := s.as(principal)
	head.everywhere("/2025-2026/signing")
	head.click(`#person form[data-agent-bind] button`)
	head.waitText("Đã nhớ cách ký")
	head.waitText("Đang dùng")

	head.visit(fmt.Sprintf("/2025-2026/approval/%d", s.cast.Class.ID))
	head.waitText("Token thử")
	head.axe()
	head.press("Duyệt 8")
	head.waitText("Bắt đầu ký bằng token")
	job := head.path()
	head.everywhere(job)
	s.tokenGoesWrong(head, a)
	s.strangersGetNothing(head, a, job)

	a.Plug(3) // pulled out after three signatures
	head.visit(job)
	head.press("Bắt đầu ký bằng token")
	head.waitText("Chưa cắm token, hoặc token bị rút")
	if signatures, _ := s.approved(); signatures != 3 {
		t.Errorf("%d signatures are kept of the three that were made", signatures)
	}
	_ = head.Close() // the browser is closed; another one, of two tabs, goes on
	a.Plug(0)
	head, beside := s.as(principal), s.as(principal)
	for _, b := range []*tab{head, beside} {
		b.visit(job)
		b.waitText("Duyệt tiếp 5 em bằng token")
	}
	head.press("Duyệt tiếp 5 em bằng token")
	beside.press("Duyệt tiếp 5 em bằng token")
	head.waitText("Xong cả 8 em")
	beside.waitText("Xong cả 8 em")
	if signatures, records := s.approved(); signatures != 8 || records != 8 {
		t.Errorf("%d signatures on %d records, want one on each of 8", signatures, records)
	}
	head.everywhere(job)
}

// tokenGoesWrong tries what goes wrong at the agent before anything is signed.
func (s *stage) tokenGoesWrong(head *tab, a *plugged) {
	s.t.Helper()
	try := func(says string) {
		s.t.Helper()
		head.press("Bắt đầu ký bằng token")
		head.waitText(says)
		if signatures, _ := s.approved(); signatures != 0 {
			s.t.Fatalf("%q, and %d are signed", says, signatures)
		}
	}
	a.types("000000")
	try("PIN của token chưa đúng")
	a.types("")
	try("Thầy/cô đã từ chối ở chương trình ký")
	a.types("246810")
	other, err := sandbox.New(jobstest.CA(), signing.ECDSASHA256, "2", demo.Request{Kind: demo.Person, Name: s.cast.Huong.Name,
		PersonalNumber: "048000000001"}, s.db.Clock.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	a.Holder = other
	try("Token đang cắm không phải của chứng thư đã gắn")
	a.Holder = a.right
}

// strangersGetNothing opens a page of another origin in the principal's own
// browser, with the principal's cookies: neither the agent nor the portal
// answers it.
func (s *stage) strangersGetNothing(head *tab, a *plugged, job string) {
	s.t.Helper()
	hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>x</title><p>x</p>")
	}))
	defer hostile.Close()
	page, err := head.Browser().Page(proto.TargetCreateTarget{URL: hostile.URL})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = page.Close() }()
	if err := page.WaitLoad(); err != nil {
		s.t.Fatal(err)
	}
	before := a.questions()
	address, err := head.Eval(`() => document.querySelector("[data-agent]").dataset.agent`)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := page.Timeout(patience).Eval(`async (agent, portal) => {
		const socket = await new Promise((done) => {
			const s = new WebSocket(agent);
			s.onopen = () => s.send(JSON.stringify({ type: "certificate" }));
			s.onmessage = (e) => done("answered " + e.data);
			s.onerror = () => done("refused");
		});
		const json = await fetch(portal, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body: "{}" })
			.then((r) => "answered " + r.status, () => "refused");
		const plain = await fetch(portal, { method: "POST", credentials: "include", mode: "no-cors", body: '{"signatures":[]}' })
			.then((r) => r.type, () => "refused");
		return [socket, json, plain].join(" · ");
	}`, address.Value.Str(), s.server.URL+job+"/agent")
	if err != nil {
		s.t.Fatal(err)
	}
	if got := res.Value.Str(); got != "refused · refused · opaque" && got != "refused · refused · refused" {
		s.t.Errorf("a page of another origin got: %s", got)
	}
	if a.questions() != before {
		s.t.Error("the token's holder was asked for a page of another origin")
	}
	if signatures, _ := s.approved(); signatures != 0 {
		s.t.Errorf("%d signatures came of a page of another origin", signatures)
	}
}
