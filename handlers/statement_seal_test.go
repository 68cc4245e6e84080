package handlers

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/agent"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/sandbox"
	"hocba/internal/workflow"
)

// sealer is a way in which the school's seal is set elsewhere.
type sealer struct {
	*elsewhere
	way  string
	seal sandbox.Holder
	// finish has the job's signer say yes and returns the job's page.
	finish func(b *browser, address string) answer
}

// newSealer issues the class, has an authority approve a further seal of the
// school, and binds it to a way.
func newSealer(t *testing.T, label string, script sandbox.Script) *sealer {
	t.Helper()
	s := &sealer{elsewhere: newElsewhere(t, script)}
	s.chain.Issue(t)
	s.chain.Registrar()
	s.db.Clock.Advance(time.Minute)
	var err error
	s.seal, err = sandbox.New(jobstest.CA(), signing.ECDSASHA256, "seal", demo.Request{Kind: demo.Seal, Name: s.School.Name, Organization: s.School.Name,
		TaxCode: "4000077777"}, s.db.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	err = s.db.As(t.Context(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		id, err := tx.KeepCertificate(t.Context(), db.SealCertificate, s.School.ID, s.seal.Certificate, nil)
		for _, kind := range []string{"declared", "registered", "approved"} {
			if err == nil {
				err = tx.CertificateEvent(t.Context(), id, kind, 0, "", tx.Now.Add(-time.Second))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.way = s.elsewhere.way(label)
	chain := base64.StdEncoding.EncodeToString(s.seal.Certificate.Leaf().Raw)
	for _, c := range s.seal.Certificate.Intermediates() {
		chain += " " + base64.StdEncoding.EncodeToString(c.Raw)
	}
	s.far.Add(s.seal)
	form := url.Values{"purpose": {"seal"}, "way": {s.way}, "user": {"seal"}, "chain": {chain}}
	s.as(principal).post(signers+"/keys", form).wantStatus(http.StatusSeeOther)
	return s
}

// byToken has the token in the principal's machine sign what a job asks for.
func (s *sealer) byToken(b *browser, address string) answer {
	s.t.Helper()
	b.get(address).wantText("bằng token ở máy này")
	got, out := b.postAgent(address, nil)
	if got.status != http.StatusOK || len(out.Digests) != 1 {
		s.t.Fatalf("%d: %+v", got.status, out)
	}
	value, err := s.seal.Key.Sign(rand.Reader, out.Digests[0].Sum, crypto.SHA256)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, out = b.postAgent(address, []agent.Signature{{ID: out.Digests[0].ID, Value: value}}); out.Said != "Đã đóng dấu 1/1 phiếu." || out.Challenge != nil {
		s.t.Fatalf("after the seal: %+v", out)
	}
	return b.get(address)
}

// statement posts a form twice, as two clicks do, lets the seal be set and
// returns the page of the statement.
func (s *sealer) statement(path string, form url.Values) answer {
	s.t.Helper()
	b := s.as(principal)
	form.Set("way", s.way)
	first := b.post(path, form).wantStatus(http.StatusSeeOther).header.Get("Location")
	if again := b.post(path, form).wantStatus(http.StatusSeeOther).header.Get("Location"); again != first {
		s.t.Errorf("two clicks begin %s and %s", first, again)
	}
	if !strings.HasPrefix(first, "/jobs/") {
		s.t.Fatalf("sent to %s", first)
	}
	page := s.finish(b, first).wantText("Xem phiếu và trả lời của Sở", "1/1 phiếu đã xử lý")
	link := find(page.parse(), func(n *html.Node) bool { return strings.Contains(attr(n, "href"), "/statements/") })
	if link == nil {
		s.t.Fatal("no way to the statement")
	}
	return b.get(attr(link, "href")).wantStatus(http.StatusOK)
}

// want checks that exactly so many statements of a kind stand, each with the
// sentence that was read.
func (s *sealer) want(kind bundle.StatementKind, n int) {
	s.t.Helper()
	rows, err := s.db.Owner().Query(`SELECT xml FROM school.statement WHERE kind = $1`, kind)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	got := 0
	m, _ := bundle.MeaningOfStatement(kind)
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			s.t.Fatal(err)
		}
		got++
		if !bytes.Contains(raw, []byte(m.URN())) || !bytes.Contains(raw, []byte(m.Text)) ||
			!bytes.Contains(raw, []byte(base64.StdEncoding.EncodeToString(s.seal.Certificate.Leaf().Raw))) {
			s.t.Errorf("%s: not the words that were read, or not this seal", kind)
		}
	}
	if got != n {
		s.t.Errorf("%d statements %s, want %d", got, kind, n)
	}
}

// Every statement of a school, in the order of a school year.
func (s *sealer) wholeYear() {
	s.t.Helper()
	b := s.as(principal)
	sends := url.Values{"track": {"1"}, "version": ticked(b.get(s.submissionPath()).wantText("Nhà trường nộp các học bạ số"))}
	s.statement(s.submissionPath(), sends).wantText("Phiếu nộp")
	s.want(bundle.Submission, 1)
	s.chain.OpenClosing(s.t)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var accepted int
		if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.receipt WHERE result = 'accepted' AND version_id IS NULL`).Scan(&accepted); err != nil || accepted == 1 {
			break
		}
		if time.Now().After(deadline) {
			s.t.Fatal("the manifest is not carried")
		}
	}
	recall := fmt.Sprintf("/2025-2026/recall/%d", s.chain.Records[0])
	b.get(recall).wantText("Nhà trường rút lại bản học bạ số")
	s.statement(recall, url.Values{"act": {"recall"}, "reason": {"Sai điểm Toán"}}).wantText("Phiếu rút học bạ", "Trường đã rút")
	s.want(bundle.Recall, 1)
	closing := fmt.Sprintf("/2025-2026/closing/%d", s.Class.ID)
	b.get(closing).wantText("Nhà trường chốt học bạ số")
	s.statement(closing, url.Values{"track": {"1"}, "reason-" + s.Roll[0].Code: {"chuyen_di"}}).wantText("Phiếu chốt", "Kho đã nhận")
	s.want(bundle.Closing, 1)
	ask := fmt.Sprintf("/2025-2026/revocation/%d", s.chain.Records[1])
	b.get(ask).wantText("Nhà trường đề nghị thu hồi")
	s.statement(ask, url.Values{"reason": {"Nhập nhầm điểm Toán của em khác"}, "evidence": {"Biên bản 12/BB-HP ngày 19/05/2026"}}).wantText("Kho đã nhận")
	s.want(bundle.Request, 1)
}

func TestStatements_ATokenInThePrincipalsMachineSealsEveryOne(t *testing.T) {
	s := newSealer(t, "Token thử", sandbox.Script{})
	s.finish = s.byToken
	s.wholeYear()
}

func TestStatements_AServiceSealsEveryOneAfterTheTelephone(t *testing.T) {
	s := newSealer(t, "Dịch vụ thử", sandbox.Script{Delay: 30 * time.Millisecond, Bound: true})
	s.finish = func(b *browser, address string) answer { return b.waitJob(address) }
	s.wholeYear()
}

// The principal says no on the telephone, closes the browser, comes back the
// next morning, changes the reason: one statement, with the last words.
func TestStatements_ARefusedSealIsAskedForAgain(t *testing.T) {
	s := newSealer(t, "Dịch vụ thử", sandbox.Script{Refuse: true})
	s.finish = func(b *browser, address string) answer { return b.waitJob(address) }
	s.chain.Submit(t)
	s.chain.OpenClosing(t)
	path := fmt.Sprintf("/2025-2026/recall/%d", s.chain.Records[0])
	form := url.Values{"act": {"recall"}, "reason": {"Sai điểm"}, "way": {s.way}}
	job := s.as(principal).post(path, form).wantStatus(http.StatusSeeOther).header.Get("Location")
	s.as(principal).waitJob(job).wantText("bị từ chối trên điện thoại", "Đóng dấu tiếp 1 phiếu")
	s.want(bundle.Recall, 0)
	s.far.SetScript(sandbox.Script{})
	s.statement(path, url.Values{"act": {"recall"}, "reason": {"Sai điểm Toán cuối năm"}}).wantText("Trường đã rút")
	s.want(bundle.Recall, 1)
	var said bool
	err := s.db.Owner().QueryRow(`SELECT bool_and(position('Sai điểm Toán cuối năm' in convert_from(xml, 'UTF8')) > 0) FROM school.statement
		WHERE kind = 'THU_HOI'`).Scan(&said)
	if err != nil || !said {
		t.Errorf("the statement does not say the last words: %v", err)
	}
	s.as(principal).get(job).wantText("Đã kết thúc")
}

// What a token signed for another job, another statement or the words of
// yesterday becomes no statement.
func TestStatements_ASealOverOtherBytesIsNotTaken(t *testing.T) {
	s := newSealer(t, "Token thử", sandbox.Script{})
	s.chain.Submit(t)
	s.chain.OpenClosing(t)
	b := s.as(principal)
	begin := func(i int) (string, agentOut) {
		form := url.Values{"act": {"recall"}, "reason": {"Sai điểm"}, "way": {s.way}}
		address := b.post(fmt.Sprintf("/2025-2026/recall/%d", s.chain.Records[i]), form).wantStatus(http.StatusSeeOther).header.Get("Location")
		_, out := b.postAgent(address, nil)
		if len(out.Digests) != 1 {
			t.Fatalf("%+v", out)
		}
		return address, out
	}
	seal := func(d agent.Digest) []byte {
		value, err := s.seal.Key.Sign(rand.Reader, d.Sum, crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	one, first := begin(0)
	_, second := begin(1)
	// The value of the second under the name of the second, sent to the first.
	b.postAgent(one, []agent.Signature{{ID: second.Digests[0].ID, Value: seal(second.Digests[0])}})
	s.want(bundle.Recall, 0)
	// Prepared, then the time ran out: prepared anew, not taken.
	s.db.Clock.Advance(20 * time.Minute)
	_, next := b.postAgent(one, []agent.Signature{{ID: first.Digests[0].ID, Value: seal(first.Digests[0])}})
	s.want(bundle.Recall, 0)
	if len(next.Digests) != 1 || bytes.Equal(next.Digests[0].Sum, first.Digests[0].Sum) {
		t.Fatalf("%+v", next)
	}
	// A value of another key refuses the statement and says so.
	value, err := s.holder.Key.Sign(rand.Reader, next.Digests[0].Sum, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	b.postAgent(one, []agent.Signature{{ID: next.Digests[0].ID, Value: value}})
	s.want(bundle.Recall, 0)
	b.get(one).wantText("Chữ ký không phải do chứng thư này tạo ra")
}
