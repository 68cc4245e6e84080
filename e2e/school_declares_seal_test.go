package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
)

// TestSeal_ThreePersonsBringItIntoUse follows a seal's certificate from the
// administrator's upload to the Sở's approval, and looks at every page of it
// with axe, wide and narrow.
func TestSeal_ThreePersonsBringItIntoUse(t *testing.T) {
	s := newStage(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := s.db.Clock.Now()
	cert, err := jobstest.CA().Issue(demo.Request{Kind: demo.Seal, Name: s.cast.School.Name, TaxCode: "0400111222", NotBefore: now.AddDate(0, 0, -1),
		NotAfter: now.AddDate(2, 0, 0), PublicKey: key.Public(), Device: true})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "con-dau.pem")
	if err := os.WriteFile(file, signing.EncodePEM(cert.Leaf(), jobstest.CA().Issuing()), 0o600); err != nil {
		t.Fatal(err)
	}
	look := func(b *tab) {
		t.Helper()
		for _, width := range []int{360, 1366} {
			b.size(width, 768)
			b.axe()
		}
	}
	office := s.as(admin)
	office.visit("/2025-2026/certificates/new")
	look(office)
	office.fill("typed", "0400111222")
	if err := office.element("input[type=file]").SetFiles([]string{file}); err != nil {
		t.Fatal(err)
	}
	office.press("Kiểm tra và khai báo")
	office.waitText("Đã khai báo")
	look(office)

	head := s.as(principal)
	head.visit("/2025-2026")
	head.click("#task-certificates-register a")
	head.waitText("Chờ hiệu trưởng")
	head.click("#seals tbody tr:first-child a")
	head.waitText("Các mục kiểm tra")
	look(head)
	head.press("Đăng ký con dấu")
	head.waitText("Chờ cấp trên duyệt")

	so := s.as(authority)
	so.visit("/2025-2026")
	so.click("#task-seals a")
	so.waitText("Xem và duyệt")
	look(so)
	so.click("#seals tbody tr:first-child a")
	so.waitText("Duyệt con dấu")
	look(so)
	so.click("#looked")
	so.press("Duyệt con dấu")
	so.waitText("Cấp trên duyệt")
	so.visit("/2025-2026/trust")
	look(so)
	head.visit("/2025-2026/certificates")
	head.waitText("Đang dùng")
}
