package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hocba/internal/jobs/jobstest"
)

// TestPrincipal_ApprovesOnATablet is a principal's afternoon: the dry run says
// what to look at first, the sentence of the signature is read, one PIN signs
// for the class, the batch is stopped, goes on, and every record has its
// verdict; then the seal, with its checklist.
func TestPrincipal_ApprovesOnATablet(t *testing.T) {
	s := newStage(t)
	s.chain.Fill(t)
	s.db.Exec(`UPDATE school.enrolment SET inclusive = true WHERE id = $1`, s.cast.Roll[0].EnrolmentID)
	s.chain.Sign(t)
	s.db.Clock.Advance(time.Minute)

	head := s.as(principal)
	head.size(820, 1180)
	head.visit("/2025-2026/approval")
	head.waitText("1 em Có đánh dấu, chưa mở xem")
	head.waitText("hết mùa ký")
	head.looksRight()
	head.click("details > summary.dry-group")
	head.waitText("Lớp 4A 1 em.")
	class := fmt.Sprintf("/2025-2026/approval/%d", s.cast.Class.ID)
	head.visit(class)
	head.waitText("Mở được sau khi xem 1 em có đánh dấu")
	head.looksRight()
	head.press("Mở xem")
	head.waitText("Duyệt học bạ · Nguyễn Hoài An")
	head.axe()
	head.visit(class)
	head.waitText("8 em duyệt được")
	head.waitText("Tôi đã xét duyệt học bạ này")
	job := s.stopsAndGoesOn(head)
	head.waitText("Xong cả 8 em")
	head.waitText("Tất cả 8")
	head.looksRight()
	if signed := s.signatures("cbql"); signed != 8 {
		t.Errorf("%d approvals of 8 records", signed)
	}
	// The page of the batch belongs to who asked: another role finds nothing.
	other := s.as(huong)
	other.visit(job)
	other.waitText("Không có đợt việc này")

	head.visit("/2025-2026/issuance")
	head.waitText("Con dấu: Cấp trên đã duyệt")
	head.looksRight()
	head.visit(fmt.Sprintf("/2025-2026/issuance/%d", s.cast.Class.ID))
	head.waitText("8 em đóng dấu được")
	head.looksRight()
	head.fill("pin", jobstest.PersonPIN+"00")
	head.press("Đóng dấu, phát hành lớp 4A")
	head.waitText("PIN chưa đúng")
	head.fill("pin", jobstest.SealPIN)
	head.click("#issue-class")
	head.waitText("Xong cả 8 em")
	head.visit(fmt.Sprintf("/2025-2026/issuance/%d", s.cast.Class.ID))
	head.waitText("8 em đã phát hành")
	head.looksRight()
}

// stopsAndGoesOn authorises the batch of the class, stops it before its first
// signature and lets it go on with the key that is still open. It returns where
// the batch is shown.
func (s *stage) stopsAndGoesOn(head *tab) string {
	s.t.Helper()
	// Somebody else is at one of the records: the batch waits for it.
	held, err := s.db.Owner().Begin()
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = held.Rollback() }() // a second time it does nothing
	if _, err := held.Exec(`SELECT 1 FROM school.record WHERE id = $1 FOR UPDATE`, s.chain.Records[4]); err != nil {
		s.t.Fatal(err)
	}
	head.fill("pin", jobstest.PersonPIN)
	head.press("Duyệt 8 em còn lại")
	head.waitText("0/8 em đã xử lý")
	head.waitText("em đang làm được làm xong")
	job := head.path()
	if !strings.HasPrefix(job, "/jobs/") {
		s.t.Fatalf("the batch is shown on %s", job)
	}
	head.axe()
	// A second tab of the same person finds the batch, not another form.
	head.click("#job-stop")
	head.waitText("Đang dừng")
	if err := held.Rollback(); err != nil {
		s.t.Fatal(err)
	}
	head.waitText("Đã dừng")
	head.waitText("Duyệt tiếp 8 em")
	head.looksRight()
	head.visit(fmt.Sprintf("/2025-2026/approval/%d", s.cast.Class.ID))
	head.waitText("Đợt duyệt đang dừng: còn 8 em")
	head.visit(job)
	// Each record takes a while now, so that progress can be seen.
	s.db.Exec(`CREATE FUNCTION public.dally() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'`)
	s.db.Exec(`CREATE TRIGGER dally BEFORE INSERT ON school.record_signature FOR EACH ROW EXECUTE FUNCTION public.dally()`)
	head.click("#job-go-on")
	head.waitText("Đang duyệt")
	head.waitProgress(8)
	return job
}

// waitProgress waits until the page, which asks anew by itself, shows a number
// between none and all.
func (b *tab) waitProgress(all int) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		words := b.words()
		for n := 1; n < all; n++ {
			if strings.Contains(words, fmt.Sprintf("%d/%d em đã xử lý", n, all)) {
				return
			}
		}
	}
	b.t.Fatalf("no progress was seen: %s", b.words())
}

func (s *stage) signatures(slot string) (n int) {
	s.t.Helper()
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.record_signature WHERE slot = $1`, slot).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// looksRight asks axe on a tablet and on a phone, and that the phone need not
// scroll sideways.
func (b *tab) looksRight() {
	b.t.Helper()
	for _, width := range []int{360, 820} {
		b.size(width, 1180)
		b.axe()
		res, err := b.Eval(`() => document.documentElement.scrollWidth - document.documentElement.clientWidth`)
		if err != nil || res.Value.Int() > 0 {
			b.t.Errorf("%s is %d px too wide at %d px: %v", b.path(), res.Value.Int(), width, err)
		}
	}
}
