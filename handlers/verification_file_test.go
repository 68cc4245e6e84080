package handlers

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"hocba/internal/signing/pades/padestest"
	"hocba/views"
)

// Anybody checks a file: what the registry holds, what was changed on its way,
// what nobody can read.
func TestFileCheck_AnswersAboutXMLAndPDF(t *testing.T) {
	s := newRegistrySite(t)
	b := s.stranger()
	b.get(views.VerifyURL).wantStatus(http.StatusOK).wantText("Tệp cần kiểm tra")
	xml := s.versionBytes(s.all[3])
	b.upload(views.VerifyURL, "hocba.xml", xml).wantStatus(http.StatusOK).wantText("Hợp lệ", "Chứng minh được đến",
		"Ai đã ký", "Giáo viên chủ nhiệm: ", "Con dấu nhà trường: ", "Chữ ký thử nghiệm, không có giá trị pháp lý", "Người ký khai giờ ký",
		"Đã cam kết khi ký: “Tôi đã kiểm tra và chịu trách nhiệm về kết quả đánh giá", "câu bản 1, theo Quy chế Điều 5.3")
	b.get(at(s.all[3].code)).wantStatus(http.StatusOK).wantText("Chứng minh được đến")
	forged := bytes.Replace(xml, []byte("<MUC_DAT_DUOC>T"), []byte("<MUC_DAT_DUOC>H"), 1)
	b.upload(views.VerifyURL, "hocba.xml", forged).wantStatus(http.StatusOK).wantText("Không hợp lệ", "đã bị sửa sau khi ký", "Xin lại tệp gốc")
	b.upload(views.VerifyURL, "giay.pdf", padestest.Plain("Học bạ")).wantText("Không hợp lệ", "không có con dấu của Sở")
	b.upload(views.VerifyURL, "anh.png", []byte("\x89PNG")).wantText("Không hợp lệ")
	b.post(views.VerifyURL, nil).wantStatus(http.StatusUnprocessableEntity)
	if got := b.upload(views.VerifyURL, "to.xml", bytes.Repeat([]byte("a"), 13<<20)); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge file: %d", got.status)
	}
	for range filesByAddress.Limit {
		if got := b.upload(views.VerifyURL, "x.xml", []byte("x")); got.status == http.StatusTooManyRequests || strings.Contains(got.body, "thử lại sau") {
			return
		}
	}
	b.upload(views.VerifyURL, "x.xml", []byte("x")).wantStatus(http.StatusServiceUnavailable)
}

// The page of this Sở calls nothing sound that any organisation could have
// made, or that is known to be revoked.
func TestFileCheck_DoesNotTakeASealForTheSchools(t *testing.T) {
	s := newRegistrySite(t)
	b := s.stranger()
	xml := s.versionBytes(s.all[3])
	// A statement under a seal that was approved, then under one that is not.
	var statement []byte
	if err := s.db.Owner().QueryRow(`SELECT xml FROM school.statement LIMIT 1`).Scan(&statement); err != nil {
		t.Fatal(err)
	}
	b.upload(views.VerifyURL, "phieu.xml", statement).wantStatus(http.StatusOK).wantText("Nguyên vẹn")
	s.db.Exec(`UPDATE core.certificate_event SET effective_at = effective_at + interval '30 years' WHERE kind = 'approved'`)
	b.upload(views.VerifyURL, "phieu.xml", statement).wantText("Chưa kết luận được", "Sở chưa duyệt con dấu này")
	// What the registry took in it has judged then.
	b.upload(views.VerifyURL, "hocba.xml", xml).wantText("Hợp lệ")
	s.db.Exec(`INSERT INTO core.certificate_status (fingerprint, status, kind, reason, revoked_at, asked_at)
		SELECT fingerprint, 'revoked', 'ocsp', 1, $1, $1 FROM core.certificate WHERE purpose = 'seal'`, s.db.Clock.Now().AddDate(-1, 0, 0))
	b.upload(views.VerifyURL, "hocba.xml", xml).wantText("Không hợp lệ", "đã bị thu hồi")
}

// Somebody's slow line takes nobody's place.
func TestFileCheck_WaitsForNoSlowLine(t *testing.T) {
	s := newRegistrySite(t)
	for range cap(filesAtOnce) + 1 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n", views.VerifyURL)
	}
	time.Sleep(200 * time.Millisecond)
	begin := time.Now()
	s.stranger().upload(views.VerifyURL, "hocba.xml", s.versionBytes(s.all[3])).wantStatus(http.StatusOK).wantText("Hợp lệ")
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("waited %s", took)
	}
}
