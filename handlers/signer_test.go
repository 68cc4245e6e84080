package handlers

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/agent"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/remote"
	"hocba/internal/signing/sandbox"
	"hocba/internal/signing/xades"
	"hocba/internal/workflow"
)

// elsewhere is a site whose school has a remote service and token agents.
type elsewhere struct {
	*site
	chain  *jobstest.Chain
	far    *sandbox.Service
	holder sandbox.Holder
}

func newElsewhere(t *testing.T, script sandbox.Script) *elsewhere {
	t.Helper()
	service := httptest.NewServer(nil)
	t.Cleanup(service.Close)
	e := &elsewhere{site: newSiteWith(t, Options{Remote: remote.New(remote.Options{Loopback: true, Callback: "http://127.0.0.1/signing/back",
		Poll: 10 * time.Millisecond, Patience: 2 * time.Second, Secret: func(string, string) (string, error) { return "s3cret", nil }})})}
	e.chain = jobstest.New(t, e.db, e.Cast)
	e.chain.Fill(t)
	var holders []sandbox.Holder
	for i, name := range []string{e.Huong.Name, e.Minh.Name, e.Huong.Name} {
		one, err := sandbox.New(jobstest.CA(), signing.ECDSASHA256, fmt.Sprint(i+1), demo.Request{Kind: demo.Person, Name: name,
			PersonalNumber: "048000000001"}, e.db.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		holders = append(holders, one)
	}
	e.holder = holders[0]
	// Declared by the administrator, confirmed by the principal.
	err := e.db.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		for i, who := range []workflow.Actor{e.Huong, e.Minh} {
			id, err := tx.KeepCertificate(t.Context(), db.PersonCertificate, who.AccountID, holders[i].Certificate, nil)
			if err != nil {
				return err
			}
			for _, kind := range []string{"declared", "registered"} {
				if err := tx.CertificateEvent(t.Context(), id, kind, 0, "", tx.Now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e.far = sandbox.NewService(service.URL, "school", "s3cret", holders, script)
	service.Config.Handler = e.far
	e.set(url.Values{"kind": {"remote"}, "label": {"Dịch vụ thử"}, "url": {service.URL + "/csc/v2"}, "client": {"school"}, "secret": {"one"}, "grant": {"client"}})
	e.set(url.Values{"kind": {"agent"}, "label": {"Token thử"}, "port": {"18987"}})
	return e
}

// set has the administrator set a way up.
func (e *elsewhere) set(form url.Values) {
	e.t.Helper()
	e.as(admin).post("/"+string(dbtest.Year)+"/signing-ways", form).wantStatus(http.StatusSeeOther)
}

func (e *elsewhere) way(label string) string {
	e.t.Helper()
	var id int64
	err := e.db.Owner().QueryRow(`SELECT id FROM core.signing_way WHERE label = $1 AND ended_at IS NULL`, label).Scan(&id)
	if err != nil {
		e.t.Fatal(err)
	}
	return fmt.Sprint(id)
}

const signers = "/2025-2026/signing"

// bind binds the remote key of the person to the account.
func (e *elsewhere) bind(b *browser, user string) answer {
	e.t.Helper()
	return b.post(signers+"/keys", url.Values{"purpose": {"person"}, "way": {e.way("Dịch vụ thử")}, "user": {user}})
}

// begin posts the signing form with a way and returns the job's address.
func (e *elsewhere) begin(b *browser, way, pin string) string {
	e.t.Helper()
	form := b.get(e.signing()).wantStatus(http.StatusOK).formOf(jobs.SignParts)
	form.Set("way", way)
	form.Set("pin", pin)
	return b.post(e.signing(), form).wantStatus(http.StatusSeeOther).header.Get("Location")
}

func TestSigners_OneConfirmationSignsAClassRemotely(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{Delay: 50 * time.Millisecond, Bound: true})
	b := e.as(huong)
	e.bind(b, "1").wantStatus(http.StatusSeeOther)
	b.get(signers).wantStatus(http.StatusOK).wantText("Dịch vụ thử", "Đang dùng", e.Huong.Name)
	page := b.waitJob(e.begin(b, e.way("Dịch vụ thử"), ""))
	page.wantText("8/8", "Xong cả 8 em")
	if e.far.Signings() != 8 {
		t.Errorf("%d signatures were made for 8 records", e.far.Signings())
	}
	// The choice is remembered: the page offers it first next time.
	if got := b.get(e.signing()).body; !regexp.MustCompile(`value="`+e.way("Dịch vụ thử")+`"[^>]*checked`).MatchString(got) && strings.Contains(got, `name="way"`) {
		t.Error("the way is not offered first")
	}
	e.wantMeaning()
}

// wantMeaning checks that a kept signature says what the teacher read.
func (e *elsewhere) wantMeaning() {
	e.t.Helper()
	var raw []byte
	if err := e.db.Owner().QueryRow(`SELECT signature FROM school.record_signature ORDER BY id DESC LIMIT 1`).Scan(&raw); err != nil {
		e.t.Fatal(err)
	}
	m, _ := bundle.MeaningOf(bundle.SubjectTeacher)
	if !bytes.Contains(raw, []byte(m.URN())) || !bytes.Contains(raw, []byte(m.Text)) {
		e.t.Errorf("the signature does not carry %q", m.Text)
	}
	if _, err := xades.Parse(raw); err != nil {
		e.t.Error(err)
	}
}

func TestSigners_ARefusalOnTheTelephoneKeepsTheJob(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{Refuse: true})
	b := e.as(huong)
	e.bind(b, "1").wantStatus(http.StatusSeeOther)
	address := e.begin(b, e.way("Dịch vụ thử"), "")
	b.waitJob(address).wantText("bị từ chối trên điện thoại", "Ký tiếp 8 em")
	e.far.SetScript(sandbox.Script{})
	b.do(http.MethodPost, address+"/pause", strings.NewReader("_method=DELETE")).wantStatus(http.StatusSeeOther)
	b.waitJob(address).wantText("Xong cả 8 em")
}

// A service that leaves signatures out: what came is kept, what did not is
// asked for again, and named when it never comes.
func TestSigners_HalfAnsweredIsNamedPupilByPupil(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{Omit: 4})
	b := e.as(huong)
	e.bind(b, "1").wantStatus(http.StatusSeeOther)
	page := b.waitJob(e.begin(b, e.way("Dịch vụ thử"), ""))
	// 8 → 6 + 2 left out; the two are asked for again, alone, and answered.
	page.wantText("8/8", "Xong cả 8 em")
	var twice int
	err := e.db.Owner().QueryRow(`SELECT count(*) FROM (SELECT record_id, slot FROM school.record_signature GROUP BY 1, 2 HAVING count(*) > 1) x`).Scan(&twice)
	if err != nil || twice != 0 {
		t.Fatalf("%d slots were signed twice, %v", twice, err)
	}
}

func TestSigners_AnotherPersonsKeyIsNotBound(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	e.bind(e.as(huong), "2").wantStatus(http.StatusUnprocessableEntity).wantText("không phải của thầy/cô")
	e.bind(e.as(huong), "3").wantStatus(http.StatusUnprocessableEntity).wantText("quản trị khai báo", "BEGIN CERTIFICATE")
	e.bind(e.as(huong), "9").wantStatus(http.StatusUnprocessableEntity).wantText("không có chứng thư nào")
}

func TestSigningWays_RefusesWhatCannotBeReachedSafely(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(admin)
	for _, form := range []url.Values{
		{"kind": {"remote"}, "label": {"A"}, "url": {"http://10.1.2.3/csc/v2"}, "client": {"c"}, "secret": {"one"}, "grant": {"client"}},
		{"kind": {"agent"}, "label": {"B"}, "port": {"80"}}, {"kind": {"pkcs11"}, "label": {"C"}}, {"kind": {"other"}, "label": {"D"}},
		{"kind": {"agent"}, "label": {""}, "port": {"8987"}},
	} {
		b.post("/2025-2026/signing-ways", form).wantStatus(http.StatusUnprocessableEntity)
	}
	b.do(http.MethodPost, "/2025-2026/signing-ways/"+e.way("Token thử"), strings.NewReader("_method=DELETE")).wantStatus(http.StatusSeeOther)
	if body := e.as(huong).get(signers).body; strings.Contains(body, "Token thử") {
		t.Error("a way that was ended is still offered")
	}
}

// token is the agent in the teacher's machine, with its answers by HTTP as the
// page would carry them.
func (e *elsewhere) bindToken(b *browser) {
	e.t.Helper()
	chain := base64.StdEncoding.EncodeToString(e.holder.Certificate.Leaf().Raw)
	for _, c := range e.holder.Certificate.Intermediates() {
		chain += " " + base64.StdEncoding.EncodeToString(c.Raw)
	}
	b.post(signers+"/keys", url.Values{"purpose": {"person"}, "way": {e.way("Token thử")}, "chain": {chain}}).wantStatus(http.StatusSeeOther)
}

func (b *browser) postAgent(address string, signed []agent.Signature, header ...string) (answer, agentOut) {
	b.t.Helper()
	body, _ := json.Marshal(agentIn{Signatures: signed})
	got := b.do(http.MethodPost, address+"/agent", bytes.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
	var out agentOut
	if got.status == http.StatusOK {
		if err := json.Unmarshal([]byte(got.body), &out); err != nil {
			b.t.Fatal(err)
		}
	}
	return got, out
}

// byToken lets the token sign what the portal vouched for.
func (e *elsewhere) byToken(out agentOut) []agent.Signature {
	e.t.Helper()
	public, _ := e.portal.agentKey.Public().(ed25519.PublicKey)
	if err := out.Challenge.Check(public, "http://127.0.0.1", out.Digests, time.Now()); err != nil {
		e.t.Fatal(err)
	}
	if out.Challenge.Certificate != e.holder.Certificate.Fingerprint() {
		e.t.Fatal("asked for another certificate")
	}
	var signed []agent.Signature
	for _, d := range out.Digests {
		value, err := e.holder.Key.Sign(rand.Reader, d.Sum, crypto.SHA256)
		if err != nil {
			e.t.Fatal(err)
		}
		signed = append(signed, agent.Signature{ID: d.ID, Value: value})
	}
	return signed
}

func TestAgent_ATokenInThePersonsMachineSigns(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(huong)
	e.bindToken(b)
	address := e.begin(b, e.way("Token thử"), "")
	page := b.get(address).wantText("Ký 8 em bằng token ở máy này")
	if csp := page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' ws://127.0.0.1:18987") {
		t.Errorf("the page may not reach the agent: %s", csp)
	}
	if csp := b.get(e.signing()).header.Get("Content-Security-Policy"); strings.Contains(csp, "ws:") {
		t.Error("other pages may reach the agent, too")
	}
	_, out := b.postAgent(address, nil)
	if len(out.Digests) != 8 {
		t.Fatalf("%d digests", len(out.Digests))
	}
	signed := e.byToken(out)
	signed[2].Value = append([]byte(nil), signed[3].Value...) // a value that is not of this record
	_, out = b.postAgent(address, signed)
	if len(out.Digests) != 0 || out.Challenge != nil || !strings.Contains(out.Said, "7/8") {
		t.Fatalf("after all were sent: %+v", out)
	}
	b.get(address).wantText("8/8 em đã xử lý · 7 đã ký · 1 chưa ký được", "Chữ ký không phải do chứng thư này tạo ra")
	if _, again := b.postAgent(address, signed); len(again.Digests) != 0 {
		t.Error("a job that is over gives more to sign")
	}
	e.wantMeaning()
}

func TestAgent_StopsAndGoesOn(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(huong)
	e.bindToken(b)
	address := e.begin(b, e.way("Token thử"), "")
	_, out := b.postAgent(address, nil)
	signed := e.byToken(out)
	_, _ = b.postAgent(address, signed[:3])
	b.post(address+"/pause", nil).wantStatus(http.StatusSeeOther)
	if _, out = b.postAgent(address, signed[3:5]); len(out.Digests) != 0 || !strings.Contains(out.Said, "3/8") {
		t.Fatalf("a stopped job: %+v", out)
	}
	b.do(http.MethodPost, address+"/pause", strings.NewReader("_method=DELETE")).wantStatus(http.StatusSeeOther)
	if _, out = b.postAgent(address, nil); len(out.Digests) != 5 {
		t.Fatalf("%d digests are left of 5", len(out.Digests))
	}
	_, out = b.postAgent(address, e.byToken(out))
	if !strings.Contains(out.Said, "8/8") {
		t.Fatal(out.Said)
	}
}

// The page's endpoint serves the job's owner on a page of our own, and nobody
// else.
func TestAgent_NobodyElseGetsTheHashes(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(huong)
	e.bindToken(b)
	address := e.begin(b, e.way("Token thử"), "")
	for name, header := range map[string][]string{"a foreign origin": {"Origin", "https://evil.example"},
		"another site": {"Sec-Fetch-Site", "cross-site"}, "a neighbour": {"Sec-Fetch-Site", "same-site"}} {
		if got, _ := b.postAgent(address, nil, header...); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if got, _ := e.as(minh).postAgent(address, nil); got.status != http.StatusNotFound {
		t.Errorf("a colleague: %d", got.status)
	}
	if got := b.do(http.MethodPost, address+"/agent", strings.NewReader("signatures=")); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a form instead of JSON: %d", got.status)
	}
	// Values over an intent of somebody else's are not taken.
	_, out := b.postAgent(address, nil)
	m := e.as(minh)
	got, _ := m.postAgent(address, e.byToken(out))
	if got.status != http.StatusNotFound {
		t.Errorf("a colleague brings signatures: %d", got.status)
	}
}

// A cell that changes between the hash and the signature: the value that comes
// back is not kept, and the item says so.
func TestAgent_SignsNothingThatChangedMeanwhile(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(huong)
	e.bindToken(b)
	address := e.begin(b, e.way("Token thử"), "")
	_, out := b.postAgent(address, nil)
	signed := e.byToken(out)
	e.db.Exec(`UPDATE school.entry SET remark = 'Khác hẳn.' WHERE enrolment_id = $1 AND item = 'TOAN' AND period = 'cn'`, e.Roll[0].EnrolmentID)
	_, next := b.postAgent(address, signed)
	if len(next.Digests) != 1 {
		t.Fatalf("%d are asked for again, want the one that changed", len(next.Digests))
	}
	if bytes.Equal(next.Digests[0].Sum, out.Digests[0].Sum) {
		t.Error("the old hash is asked for again")
	}
	if _, done := b.postAgent(address, e.byToken(next)); !strings.Contains(done.Said, "8/8") {
		t.Error(done.Said)
	}
	var stale int
	err := e.db.Owner().QueryRow(`SELECT count(*) FROM school.record_signature s JOIN school.record r ON r.id = s.record_id
		WHERE r.id = $1 AND position('Khác hẳn.' in convert_from(s.content, 'UTF8')) = 0`, e.chain.Records[0]).Scan(&stale)
	if err != nil || stale != 0 {
		t.Fatalf("%d signatures are over what stood before, %v", stale, err)
	}
}

// Two tabs of one person in one queue: both get hashes, both send signatures;
// each record is signed once.
func TestAgent_TwoTabsSignEachRecordOnce(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(huong)
	e.bindToken(b)
	address := e.begin(b, e.way("Token thử"), "")
	_, one := b.postAgent(address, nil)
	_, two := b.postAgent(address, nil)
	first, second := e.byToken(one), e.byToken(two)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.postAgent(address, first)
	}()
	_, out := b.postAgent(address, second)
	<-done
	if _, out = b.postAgent(address, nil); len(out.Digests) != 0 || !strings.Contains(out.Said, "8/8") {
		t.Fatalf("%+v", out)
	}
	var slots, signatures int
	err := e.db.Owner().QueryRow(`SELECT count(*), count(DISTINCT record_id) FROM school.record_signature`).Scan(&signatures, &slots)
	if err != nil || signatures != 8 || slots != 8 {
		t.Fatalf("%d signatures on %d records, %v", signatures, slots, err)
	}
	page := b.get(address).wantText("8/8")
	if strings.Contains(page.text(), "Chưa ký được") {
		t.Error("the second tab made failures of what the first had done")
	}
}

// The window of entry closes while a class is being signed: what was complete
// is signed all the same, nothing else was asked of it.
func TestAgent_TheWindowClosesWhileSigning(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(huong)
	e.bindToken(b)
	address := e.begin(b, e.way("Token thử"), "")
	_, out := b.postAgent(address, nil)
	e.db.Exec(`UPDATE school.entry_window SET closes_at = $1`, e.db.Clock.Now().Add(-time.Second))
	if _, out = b.postAgent(address, e.byToken(out)); !strings.Contains(out.Said, "8/8") {
		t.Fatal(out.Said)
	}
}

// What a person prepared is worth nothing once it is too old.
func TestAgent_AnOldHashIsPreparedAnew(t *testing.T) {
	e := newElsewhere(t, sandbox.Script{})
	b := e.as(huong)
	e.bindToken(b)
	address := e.begin(b, e.way("Token thử"), "")
	_, out := b.postAgent(address, nil)
	e.db.Clock.Advance(20 * time.Minute)
	_, next := b.postAgent(address, e.byToken(out))
	if len(next.Digests) != 8 || bytes.Equal(next.Digests[0].Sum, out.Digests[0].Sum) {
		t.Fatalf("%d are prepared anew, want 8: %s", len(next.Digests), next.Said)
	}
	if _, done := b.postAgent(address, e.byToken(next)); !strings.Contains(done.Said, "8/8") {
		t.Fatal(done.Said)
	}
}
