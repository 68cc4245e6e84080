package handlers

import (
	"net/http"
	"net/url"
	"testing"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
)

const trust = "/2025-2026/trust"

func TestTrust_IsKeptWithDatesAndGrounds(t *testing.T) {
	s := newSite(t)
	jobstest.New(t, s.db, s.Cast)
	so := s.as(authority)
	so.get(trust).wantStatus(http.StatusOK).wantText("CA trình diễn", "gốc, thử nghiệm", "Đang tin")
	other, err := demo.New(nil, s.db.Clock.Now().AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	so.upload(trust, "ca.pem", other.RootPEM()).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi tên tổ chức cấp")
	so.upload(trust, "ca.pem", []byte("x"), "provider", "CA khác", "decision", "12/QĐ").wantStatus(http.StatusUnprocessableEntity).wantText("Không đọc được chứng thư")
	leaf, err := jobstest.CA().Issue(demo.Request{Kind: demo.Seal, Name: "Trường", TaxCode: "0400111222", NotBefore: s.db.Clock.Now(), NotAfter: s.db.Clock.Now().AddDate(1, 0, 0),
		PublicKey: jobstest.CA().Issuing().PublicKey})
	if err != nil {
		t.Fatal(err)
	}
	so.upload(trust, "ca.pem", signing.EncodePEM(leaf.Leaf()), "provider", "CA khác", "decision", "12/QĐ").wantStatus(http.StatusUnprocessableEntity).wantText("không phải chứng thư của tổ chức cấp")
	so.upload(trust, "ca.pem", append(other.RootPEM(), signing.EncodePEM(other.Issuing())...), "provider", "CA khác", "decision", "12/QĐ-SGDĐT", "from", "01/01/2026").
		wantStatus(http.StatusSeeOther)
	so.upload(trust, "ca.pem", other.RootPEM(), "provider", "CA khác", "decision", "12/QĐ-SGDĐT").wantStatus(http.StatusConflict).wantText("đã có trong danh sách")
	so.get(trust).wantText("CA khác", "12/QĐ-SGDĐT", "trung gian", s.Authority.Name)
	key := signing.FingerprintOf(other.Anchor().Certificate)
	so.post(trust+"/"+key+"/end", url.Values{"decision": {""}}).wantStatus(http.StatusUnprocessableEntity)
	so.post(trust+"/"+key+"/end", url.Values{"decision": {"15/QĐ-SGDĐT"}}).wantStatus(http.StatusSeeOther)
	so.post(trust+"/"+key+"/end", url.Values{"decision": {"15/QĐ-SGDĐT"}}).wantStatus(http.StatusConflict)
	so.get(trust).wantText("Thôi tin từ", "15/QĐ-SGDĐT")
	if n := s.count(`SELECT count(*) FROM core.audit_event WHERE act IN ('trust.add', 'trust.end')`); n != 3 {
		t.Errorf("%d audit events", n)
	}
	list, err := s.db.TrustList(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mine, err := other.Issue(demo.Request{Kind: demo.Seal, Name: "Trường", TaxCode: "0400111222", NotBefore: s.db.Clock.Now().AddDate(-1, 0, 0), NotAfter: s.db.Clock.Now().AddDate(1, 0, 0),
		PublicKey: other.Issuing().PublicKey})
	if err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]bool{-1: true, 1: false, -300: false} {
		if _, err := list.Verify(mine, s.db.Clock.Now().AddDate(0, 0, days)); (err == nil) != want {
			t.Errorf("%d days from the end of trust: %v", days, err)
		}
	}
}

func TestTrust_PolicyEndsTheTrial(t *testing.T) {
	s := newRegistrySite(t)
	so := s.as(authority)
	so.post(trust+"/policy", url.Values{"mode": {"production"}, "on_device": {"1"}}).wantStatus(http.StatusUnprocessableEntity).wantText("ít nhất một mã chính sách")
	so.post(trust+"/policy", url.Values{"mode": {"production"}, "policies": {"không phải mã"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Mã chính sách viết dạng")
	so.post(trust+"/policy", url.Values{"mode": {"production"}, "deputies": {"1"}, "revocation": {"always"}, "policies": {"2.16.704.1.1\n2.16.704.1.2"}}).wantStatus(http.StatusSeeOther)
	so.get(trust).wantText("2.16.704.1.1")
	if got := s.text(`SELECT value FROM core.setting WHERE name = 'signature_policy'`); got != `{"production":true,"policies":["2.16.704.1.1","2.16.704.1.2"],"revocation":"always"}` {
		t.Error(got)
	}
	// What was accepted before stands.
	s.stranger().get(at(s.all[0].code)).wantStatus(http.StatusOK)
}

// TestTrust_TellsWhenTheRegistryHasNoCertificateToSignWith, before the schools
// notice that nobody answers them.
func TestTrust_TellsWhenTheRegistryHasNoCertificateToSignWith(t *testing.T) {
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	home := "/2025-2026"
	so := s.as(authority)
	so.get(trust).wantText("Kho chưa ký được biên nhận", "hocba registry-key")
	so.get(home).wantText("Chứng thư của kho học bạ: chưa có")
	chain.Registrar()
	so.get(trust).wantText("Kho học bạ số", "Mã SHA-256").wantNoText("hocba registry-key")
	so.get(home).wantNoText("Chứng thư của kho học bạ")
	list, err := s.db.ReceiptCertificates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	end := list[0].Certificate.NotAfter()
	s.db.Clock.Advance(end.AddDate(0, 0, -30).Sub(s.db.Clock.Now()))
	so = s.as(authority)
	so.get(trust).wantText("Sắp hết hiệu lực")
	so.get(home).wantText("Chứng thư của kho học bạ: sắp hết hiệu lực")
	s.as(principal).get(home).wantNoText("Chứng thư của kho học bạ")
	s.db.Clock.Advance(end.AddDate(0, 0, 1).Sub(s.db.Clock.Now()))
	s.as(authority).get(trust).wantText("Hết hiệu lực", "những gì đã gửi được giữ lại")
}
