package handlers

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

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
