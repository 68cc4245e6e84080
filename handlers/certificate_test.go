package handlers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/revocation"
)

// certSite is a portal whose authority answers about its certificates.
type certSite struct {
	*site
	responder *demo.Responder
	url       string
}

func newCertSite(t *testing.T) *certSite {
	t.Helper()
	s := &certSite{responder: demo.NewResponder(jobstest.CA(), time.Now)}
	server := httptest.NewServer(s.responder)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.site = newSiteWith(t, Options{Issuer: revocation.New(revocation.Options{Inside: []string{strings.TrimPrefix(server.URL, "http://")}, Keep: time.Nanosecond})})
	jobstest.New(t, s.db, s.Cast)
	return s
}

// issue makes a certificate of the school's seal, changed by change.
func (s *certSite) issue(change func(*demo.Request)) *signing.Certificate {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	now := s.db.Clock.Now()
	r := demo.Request{Kind: demo.Seal, Name: s.School.Name, TaxCode: "0400111222", NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(2, 0, 0),
		PublicKey: key.Public(), OCSP: []string{s.url + "/ocsp"}, Device: true}
	if change != nil {
		change(&r)
	}
	cert, err := jobstest.CA().Issue(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return cert
}

const certificates = "/2025-2026/certificates"

// declare declares the seal as the administrator and returns its address.
func (s *certSite) declare(cert *signing.Certificate) string {
	s.t.Helper()
	file := signing.EncodePEM(append([]*x509.Certificate{cert.Leaf()}, cert.Intermediates()...)...)
	s.as(admin).upload(certificates, "con-dau.pem", file, "account", "0", "typed", cert.TaxCode()).wantStatus(http.StatusSeeOther)
	var id int64
	if err := s.db.Owner().QueryRow(`SELECT id FROM core.certificate WHERE fingerprint = $1`, cert.Fingerprint()).Scan(&id); err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%s/%d", certificates, id)
}

func TestCertificate_ThreeActsOfThreePersons(t *testing.T) {
	s := newCertSite(t)
	office, head, so, commune := s.as(admin), s.as(principal), s.as(authority), s.as(clerk)
	cert := s.issue(nil)
	page := s.declare(cert)
	office.get(certificates).wantStatus(http.StatusOK).wantText(s.School.Name, "Chờ hiệu trưởng", "chữ ký thử nghiệm")
	head.get("/2025-2026").wantTask("certificates-register", "1 chứng thư")
	so.get(certificates + "?stage=registered").wantText("Không có chứng thư nào trong mục này")

	// Nobody jumps over an act.
	so.post(page+"/approval", nil).wantStatus(http.StatusConflict)
	office.post(page+"/registration", nil).wantStatus(http.StatusNotFound)
	head.get(page).wantText("Chuỗi tin cậy", "Mã số thuế", "Chưa bị thu hồi", "Đăng ký con dấu")
	head.post(page+"/registration", nil).wantStatus(http.StatusSeeOther)
	head.get(page).wantText("Chờ cấp trên duyệt", "Hiệu trưởng đăng ký")

	so.get("/2025-2026").wantTask("seals", "1 trường")
	so.get(certificates+"?stage=registered").wantText(s.School.Name, "Xem và duyệt")
	commune.get(page).wantStatus(http.StatusOK)
	commune.post(page+"/approval", url.Values{"looked": {"1"}}).wantStatus(http.StatusConflict).wantText("cấp khác")
	so.post(page+"/approval", nil).wantStatus(http.StatusUnprocessableEntity).wantText("đối chiếu")
	so.post(page+"/approval", url.Values{"looked": {"1"}}).wantStatus(http.StatusSeeOther)
	so.post(page+"/approval", url.Values{"looked": {"1"}}).wantStatus(http.StatusConflict)
	head.get(page).wantText("Đang dùng", "Cấp trên duyệt", s.Authority.Name)
	for _, act := range []string{"certificate.declared", "certificate.registered", "certificate.approved"} {
		if n := s.count(`SELECT count(*) FROM core.audit_event WHERE act = $1 AND object = 'certificate:' || $2`, act, page[strings.LastIndex(page, "/")+1:]); n != 1 {
			t.Errorf("%d audit events %s", n, act)
		}
	}
	if got := s.text(`SELECT code FROM core.tax_code WHERE unit_id = $1`, s.School.ID); got != "0400111222" {
		t.Errorf("tax code %q", got)
	}
	// Another school does not see it.
	s.as(otherTeacher).get(page).wantStatus(http.StatusNotFound)
}

func TestCertificate_IsRefusedAndDeclaredAgain(t *testing.T) {
	s := newCertSite(t)
	head, so := s.as(principal), s.as(authority)
	cert := s.issue(nil)
	page := s.declare(cert)
	head.post(page+"/registration", nil).wantStatus(http.StatusSeeOther)
	so.post(page+"/refusal", nil).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn một lí do")
	so.post(page+"/refusal", url.Values{"reason": {"other"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi rõ lí do")
	so.post(page+"/refusal", url.Values{"reason": {"file"}, "note": {"Thiếu giấy chứng nhận con dấu."}}).wantStatus(http.StatusSeeOther)
	head.get(page).wantText("Không chấp nhận", "Hồ sơ kèm theo thiếu", "Thiếu giấy chứng nhận con dấu.")
	if again := s.declare(cert); again != page {
		t.Errorf("declared again as %s, was %s", again, page)
	}
	s.as(admin).post(page+"/withdrawal", nil).wantStatus(http.StatusSeeOther)
	head.post(page+"/registration", nil).wantStatus(http.StatusConflict)
}

func TestCertificate_DeclarationNamesWhatIsWrong(t *testing.T) {
	s := newCertSite(t)
	office := s.as(admin)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	good := s.issue(nil)
	office.get(certificates+"/new").wantStatus(http.StatusOK).wantText("Con dấu của trường", "Không tải lên tệp .p12")
	office.upload(certificates, "con-dau.pem", nil, "account", "0", "typed", "0400111222").wantStatus(http.StatusUnprocessableEntity)
	office.upload(certificates, "con-dau.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "account", "0", "typed", "0400111222").
		wantStatus(http.StatusUnprocessableEntity).wantText("Tệp này có khóa bí mật")
	office.upload(certificates, "con-dau.pem", good.Leaf().Raw, "account", "0", "typed", "0400999999").wantStatus(http.StatusConflict).wantText("Mã số trong chứng thư khác mã số đã nhập")
	office.upload(certificates, "con-dau.pem", good.Leaf().Raw, "account", "0").wantStatus(http.StatusUnprocessableEntity).wantText("Nhập mã số")
	other := s.issue(func(r *demo.Request) { r.Name = "Trường Tiểu học Núi Voi" })
	office.upload(certificates, "con-dau.pem", other.Leaf().Raw, "account", "0", "typed", other.TaxCode()).wantStatus(http.StatusConflict).wantText("Núi Voi")
	revoked := s.issue(nil)
	s.responder.Withdraw(demo.Withdrawal{Serial: revoked.Leaf().SerialNumber, At: time.Now().Add(-time.Hour), Reason: 1})
	office.upload(certificates, "con-dau.pem", revoked.Leaf().Raw, "account", "0", "typed", revoked.TaxCode()).wantStatus(http.StatusConflict).wantText("Đã bị thu hồi")
	if n := s.count(`SELECT count(*) FROM core.certificate_event WHERE kind = 'declared' AND account_id IS NOT NULL`); n != 0 {
		t.Errorf("%d declarations were kept", n)
	}
}

func TestCertificate_WaitsForTheIssuersAnswer(t *testing.T) {
	s := newCertSite(t)
	head, so := s.as(principal), s.as(authority)
	page := s.declare(s.issue(nil))
	head.post(page+"/registration", nil).wantStatus(http.StatusSeeOther)
	if err := s.responder.Behave(demo.Later); err != nil {
		t.Fatal(err)
	}
	so.post(page+"/approval", url.Values{"looked": {"1"}}).wantStatus(http.StatusServiceUnavailable).wantText("chưa có kết quả")
	if err := s.responder.Behave(demo.Sound); err != nil {
		t.Fatal(err)
	}
	so.post(page+"/approval", url.Values{"looked": {"1"}}).wantStatus(http.StatusSeeOther)
}

func TestCertificate_SuspendedResumedEnded(t *testing.T) {
	s := newCertSite(t)
	head, so := s.as(principal), s.as(authority)
	page := s.declare(s.issue(nil))
	head.post(page+"/registration", nil).wantStatus(http.StatusSeeOther)
	so.post(page+"/approval", url.Values{"looked": {"1"}}).wantStatus(http.StatusSeeOther)
	s.db.Clock.Advance(48 * time.Hour)
	head.post(page+"/suspension", url.Values{"reason": {"lost"}, "day": {"31/02/2026"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi ngày dạng")
	head.post(page+"/suspension", url.Values{"reason": {"lost"}, "day": {"01/01/2026"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Thời điểm không được trước")
	head.post(page+"/suspension", url.Values{"reason": {"lost"}, "day": {"21/05/2026"}, "clock": {"10:00"}}).wantStatus(http.StatusSeeOther)
	head.get(page).wantText("Tạm dừng", "Thất lạc thiết bị", "có hiệu lực từ 10:00 21/05/2026")
	head.post(page+"/resumption", nil).wantStatus(http.StatusConflict).wantText("không thuộc vai")
	so.post(page+"/resumption", nil).wantStatus(http.StatusSeeOther)
	head.post(page+"/end", url.Values{"reason": {"replaced"}}).wantStatus(http.StatusSeeOther)
	head.get(page).wantText("Thôi dùng")
	so.post(page+"/resumption", nil).wantStatus(http.StatusConflict)
}

func TestCertificate_OfAPersonIsConfirmedByThePrincipal(t *testing.T) {
	s := newCertSite(t)
	cert := s.issue(func(r *demo.Request) {
		r.Kind, r.Name, r.TaxCode, r.PersonalNumber = demo.Person, s.Huong.Name, "", "048190000777"
	})
	s.as(admin).upload(certificates, "con-dau.pem", cert.Leaf().Raw, "account", itoa(s.Huong.AccountID), "typed", "048190000777").wantStatus(http.StatusSeeOther)
	page := certificates + "/" + s.text(`SELECT id::text FROM core.certificate WHERE fingerprint = $1`, cert.Fingerprint())
	head := s.as(principal)
	head.get(certificates + "?only=waiting").wantText(s.Huong.Name)
	head.get(page).wantText("Xác nhận chứng thư của " + s.Huong.Name)
	if got := head.get(page); strings.Contains(got.body, "048190000777") {
		t.Error("the page shows the personal number")
	}
	head.post(page+"/registration", nil).wantStatus(http.StatusSeeOther)
	head.get(page).wantText("Đang dùng", "Hiệu trưởng xác nhận")
	s.as(authority).get(page).wantStatus(http.StatusOK)
}

func (s *site) text(query string, args ...any) (text string) {
	s.t.Helper()
	if err := s.db.Owner().QueryRow(query, args...).Scan(&text); err != nil {
		s.t.Fatal(err)
	}
	return text
}
