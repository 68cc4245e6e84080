package e2e

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
)

// TestRecord_FromAListToALockedPaper tells the whole main job in browsers:
// cells written by keyboard, a class reviewed, signed, one
// record returned and kept, approved, issued, sent, closed, printed, and looked
// up by the QR on the paper.
func TestRecord_FromAListToALockedPaper(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	class := fmt.Sprintf("/2025-2026/classes/%d", s.cast.Class.ID)

	s.chain.Fill(t)
	teacher := s.as(huong)
	s.writesByKeyboard(teacher, class)
	teacher.visit(class + "/review")
	teacher.waitText("Nguyễn Khánh Chi")
	teacher.axe()

	music := s.as(minh)
	music.signs(class, "sign_parts")
	teacher.signs(class, "sign_parts")
	teacher.signs(class, "sign_homeroom")

	head := s.as(principal)
	s.returnsAndKeeps(head, teacher, class)
	s.approvesIssuesSends(head)
	s.closes(head)
	s.looksThePaperUp(head)
}

// openYearEnd opens the year-end's entry.
func (s *stage) openYearEnd() { s.t.Helper(); s.openEntry(school.YearEnd) }

// openEntry opens a period's entry by the principal's order.
func (s *stage) openEntry(period school.Period) {
	s.t.Helper()
	var order int64
	err := s.db.As(s.t.Context(), s.cast.Principal, func(tx *db.Tx) (err error) {
		order, err = tx.OrderEntry(s.t.Context(), db.EntryOrder{Year: dbtest.Year, Period: period, Opens: tx.Now.AddDate(0, 0, -1),
			Closes: tx.Now.AddDate(0, 0, 30)})
		return err
	})
	if err == nil {
		err = s.db.As(s.t.Context(), s.cast.Admin, func(tx *db.Tx) error { return tx.CarryOutOrder(s.t.Context(), dbtest.Year, order) })
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestPupils_AreImportedFromAList brings a school's list into the new year: a
// preview first, then 324 pupils in their classes.
func TestPupils_AreImportedFromAList(t *testing.T) {
	s := newStage(t)
	s.db.Clock.Set(time.Date(2026, time.September, 7, 8, 0, 0, 0, school.Zone))
	b := s.as(admin)
	b.visit("/2026-2027/pupils/import")
	b.axe()
	list, err := filepath.Abs("../internal/spreadsheet/testdata/danh-sach-hoc-sinh.xlsx")
	if err != nil {
		s.t.Fatal(err)
	}
	if err := b.element(`input[type=file]`).SetFiles([]string{list}); err != nil {
		s.t.Fatal(err)
	}
	b.press("Xem trước")
	b.waitText("324")
	b.axe()
	b.press("Ghi 324")
	b.waitText("Xem các lớp")
	b.visit("/2026-2027/classes")
	b.waitText("5B")
}

// writesByKeyboard opens the first mark of mathematics and types another one.
func (s *stage) writesByKeyboard(b *tab, class string) {
	s.t.Helper()
	b.visit(class + "/gradebook/cn?subject=TOAN")
	b.axe()
	cell := b.element(`#grid tbody tr[data-row] td:nth-of-type(3)`)
	if err := cell.Click(proto.InputMouseButtonLeft, 1); err != nil {
		s.t.Fatal(err)
	}
	b.keys(input.Digit9, input.Enter)
	b.waitText("Đã lưu")
}

// signs unlocks the key on the signing page of a class and waits for the batch.
func (b *tab) signs(class, kind string) {
	b.t.Helper()
	b.visit(class + "/signatures")
	if err := b.element(`section#` + kind + ` input[name="pin"]`).Input(jobstest.PersonPIN); err != nil {
		b.t.Fatal(err)
	}
	b.click(`section#` + kind + ` form.signing-form button[type="submit"]`)
	b.waitText("8/8")
}

// returnsAndKeeps returns a part to its teacher, who keeps it with a reason.
func (s *stage) returnsAndKeeps(head, teacher *tab, class string) {
	s.t.Helper()
	var record int64
	err := s.db.As(s.t.Context(), s.cast.Principal, func(tx *db.Tx) error {
		ids, err := tx.ClassRecordIDs(s.t.Context(), s.cast.Class.ID)
		if err == nil {
			record = ids[0]
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	head.visit(fmt.Sprintf("/2025-2026/records/%d", record))
	head.waitText("Các môn học và hoạt động giáo dục")
	head.axe()
	head.visit(fmt.Sprintf("/2025-2026/records/%d/return", record))
	head.click(`input[value="mon-TOAN"]`)
	head.click(`input[name="reason"]`)
	if err := head.element(`textarea[name="note"]`).Input("Điểm chưa khớp với nhận xét, cô xem lại."); err != nil {
		s.t.Fatal(err)
	}
	head.press("Trả lại phần đã chọn")
	head.waitLeft("/return")
	teacher.visit(class + "/signatures")
	teacher.waitText("Điểm chưa khớp với nhận xét")
	teacher.click(`details:has(form[action$="/confirmation"]) summary`)
	if err := teacher.element(`form[action$="/confirmation"] textarea`).Input("Đã kiểm tra lại bài, điểm đúng."); err != nil {
		s.t.Fatal(err)
	}
	teacher.click(`form[action$="/confirmation"] button[type="submit"]`)
	teacher.waitGone("Điểm chưa khớp với nhận xét")
}

func (s *stage) approvesIssuesSends(head *tab) {
	s.t.Helper()
	head.visit(fmt.Sprintf("/2025-2026/approval/%d", s.cast.Class.ID))
	head.axe()
	head.fill("pin", jobstest.PersonPIN)
	head.press("Duyệt 8")
	head.waitText("8/8")
	head.visit("/2025-2026/issuance")
	head.axe()
	head.fill("pin", jobstest.SealPIN)
	head.press("Đóng dấu, phát hành các lớp đã chọn")
	head.waitText("8/8")
	head.visit(fmt.Sprintf("/2025-2026/submission/%d", s.cast.Class.ID))
	head.axe()
	head.fill("pin", jobstest.SealPIN)
	head.click(`main form:has(input[name="pin"]) button[type="submit"]`)
	head.waitText("Sở đã nhận cả 8 học bạ")
}

// closes lets the Sở open its time and the principal close the class.
func (s *stage) closes(head *tab) {
	s.t.Helper()
	s.chain.OpenClosing(s.t)
	head.visit(fmt.Sprintf("/2025-2026/closing/%d", s.cast.Class.ID))
	head.axe()
	head.fill("pin", jobstest.SealPIN)
	head.click(`main form:has(input[name="pin"]) button[type="submit"]`)
	head.waitText("Đã chốt")
}

// looksThePaperUp prints the first record, reads the QR off the paper and opens
// it as a stranger would.
func (s *stage) looksThePaperUp(head *tab) {
	s.t.Helper()
	var record int64
	if err := s.db.Owner().QueryRow(`SELECT id FROM school.record WHERE stage = 'locked' ORDER BY id LIMIT 1`).Scan(&record); err != nil {
		s.t.Fatal(err)
	}
	head.visit(fmt.Sprintf("/2025-2026/records/%d", record))
	res, err := head.Eval(`path => fetch(path).then(r => r.arrayBuffer()).then(b => {
		let s = ""; for (const c of new Uint8Array(b)) s += String.fromCharCode(c); return btoa(s) })`,
		fmt.Sprintf("/2025-2026/records/%d/paper.pdf", record))
	if err != nil {
		s.t.Fatal(err)
	}
	pdf, err := base64.StdEncoding.DecodeString(res.Value.Str())
	if err != nil {
		s.t.Fatal(err)
	}
	address := s.qrOf(pdf)
	if !strings.HasPrefix(address, s.server.URL+"/tra-cuu/") {
		s.t.Fatalf("the QR says %q", address)
	}
	parent := s.open(strings.TrimPrefix(address, s.server.URL))
	parent.size(360, 740)
	parent.waitText("Hợp lệ, có hiệu lực từ")
	parent.axe()
	parent.fill("birth", "05/01/2016")
	parent.press("Xem")
	parent.waitText("Nguyễn Hoài An")
	parent.axe()
}

// qrOf reads the code on the first page of a PDF with programs of others.
func (s *stage) qrOf(pdf []byte) string {
	s.t.Helper()
	dir := s.t.TempDir()
	file := filepath.Join(dir, "paper.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		s.t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		if _, err := exec.LookPath(name); err != nil {
			missing(s.t, name, err)
		}
		out, err := exec.Command(name, args...).Output()
		if err != nil {
			s.t.Fatalf("%s: %v", name, err)
		}
		return strings.TrimSpace(string(out))
	}
	run("pdftoppm", "-png", "-r", "200", "-f", "1", "-l", "1", file, filepath.Join(dir, "page"))
	pages, err := filepath.Glob(filepath.Join(dir, "page*.png"))
	if err != nil || len(pages) == 0 {
		s.t.Fatalf("no page drawn: %v", err)
	}
	return run("zbarimg", "-q", "--raw", pages[0])
}
