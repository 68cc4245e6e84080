package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/views"

	"golang.org/x/net/html"
)

// signingSite is a site with keys for everybody and a filled class 4A.
func signingSite(t *testing.T) (*site, *jobstest.Chain) {
	t.Helper()
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Fill(t)
	return s, chain
}

func (s *site) signing() string {
	return fmt.Sprintf("/%s/classes/%d/signatures", dbtest.Year, s.Class.ID)
}

func (s *site) ofRecord(id int64, what string) string {
	return fmt.Sprintf("/%s/records/%d/%s", dbtest.Year, id, what)
}

// formOf collects the hidden fields and the button's form of a section.
func (a answer) formOf(kind string) url.Values {
	a.t.Helper()
	section := find(a.parse(), func(n *html.Node) bool { return attr(n, "id") == kind })
	if section == nil {
		a.t.Fatalf("no section %s: %s", kind, a.text())
	}
	form := find(section, func(n *html.Node) bool { return n.Data == "form" && strings.Contains(attr(n, "class"), "signing-form") })
	if form == nil {
		a.t.Fatalf("section %s has no form: %s", kind, textOf(section))
	}
	out := url.Values{}
	for _, n := range findAll(form, func(n *html.Node) bool { return n.Data == "input" && attr(n, "type") == "hidden" }) {
		out.Add(attr(n, "name"), attr(n, "value"))
	}
	return out
}

// sign fills the PIN in, posts the form and waits for the end of the batch.
func (s *site) sign(b *browser, kind string) answer {
	s.t.Helper()
	form := b.get(s.signing()).wantStatus(http.StatusOK).formOf(kind)
	form.Set("pin", jobstest.PersonPIN)
	got := b.post(s.signing(), form).wantStatus(http.StatusSeeOther)
	return b.waitJob(got.header.Get("Location"))
}

var stillMoves = regexp.MustCompile(`hx-trigger="every`)

// waitJob reads the page of a job until it polls no more.
func (b *browser) waitJob(address string) answer {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(30 * time.Millisecond) {
		page := b.get(address).wantStatus(http.StatusOK)
		if !stillMoves.MatchString(page.body) {
			return page
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("the job does not end: %s", page.text())
		}
	}
}

func TestSignatures_ShowTheDryRunOfBothCapacities(t *testing.T) {
	s, chain := signingSite(t)
	s.db.Exec(`UPDATE school.entry SET level = '' WHERE enrolment_id = $1 AND item = 'TOAN'`, s.Roll[2].EnrolmentID)
	page := s.as(huong).get(s.signing()).wantStatus(http.StatusOK)
	page.wantText("Giáo viên bộ môn: 10 môn", "Tiếng Việt, Toán", "7 em ký được · 1 em báo vướng", "Toán: còn trống mức.", "Thầy/cô điền rồi ký",
		"Ký 7 học sinh", "Giáo viên chủ nhiệm: cả học bạ năm học", "8 em báo vướng", "Chưa có chữ ký",
		"Thầy/cô ký phần bộ môn của mình trước; Đoàn Nhật Minh (Âm nhạc, Mĩ thuật)")
	if got := len(page.formOf(jobs.SignParts)["pupil"]); got != len(chain.Records)-1 {
		t.Fatalf("%d pupils in the form", got)
	}
	music := s.as(minh).get(s.signing()).wantStatus(http.StatusOK).wantText("Âm nhạc, Mĩ thuật", "Ký 8 học sinh")
	if strings.Contains(music.text(), "Giáo viên chủ nhiệm: cả học bạ") {
		t.Error("the music teacher is offered the homeroom teacher's signature")
	}
	s.as(otherTeacher).get(s.signing()).wantStatus(http.StatusNotFound)
}

func TestSignatures_SignAClassInBothCapacities(t *testing.T) {
	s, _ := signingSite(t)
	home, music := s.as(huong), s.as(minh)
	s.sign(music, jobs.SignParts).wantText("8/8 em đã xử lý", "8 đã ký", "Xong cả 8 em")
	s.sign(home, jobs.SignParts).wantText("Xong cả 8 em")
	home.get(s.signing()).wantText("Đã ký cả 8 em.", "8 em ký được", "Hoàn thành xuất sắc")
	s.sign(home, jobs.SignHomeroom).wantText("Ký phần chủ nhiệm · lớp 4A", "Xong cả 8 em")
	home.get(s.signing()).wantText("8 em đã ký", "Rút chữ ký của 8 em")
}

func TestSignatures_WrongPINKeepsThePage(t *testing.T) {
	s, _ := signingSite(t)
	b := s.as(minh)
	form := b.get(s.signing()).formOf(jobs.SignParts)
	form.Set("pin", "999999")
	b.post(s.signing(), form).wantStatus(http.StatusConflict).wantText("PIN chưa đúng", "Ký 8 học sinh")
	form.Del("pin")
	b.post(s.signing(), form).wantStatus(http.StatusUnprocessableEntity).wantText("Nhập PIN")
	for range jobs.PINAttempts.Limit {
		form.Set("pin", "999999")
		b.post(s.signing(), form)
	}
	b.post(s.signing(), form).wantStatus(http.StatusTooManyRequests).wantText("Đợi 15 phút")
}

func TestSignatures_TheSameFormTwiceIsOneBatch(t *testing.T) {
	s, _ := signingSite(t)
	s.portal.jobs.Stop() // nothing runs, so that the first batch is still under way
	b := s.as(minh)
	form := b.get(s.signing()).formOf(jobs.SignParts)
	form.Set("pin", jobstest.PersonPIN)
	first, second := b.post(s.signing(), form), b.post(s.signing(), form)
	if first.header.Get("Location") != second.header.Get("Location") || first.header.Get("Location") == "" {
		t.Fatalf("two batches: %q and %q", first.header.Get("Location"), second.header.Get("Location"))
	}
	b.get(s.signing()).wantText("Đợt ký đang chạy: 0/8 em")
}

func TestSignatures_AChangedResultIsNotSignedUnseen(t *testing.T) {
	s, chain := signingSite(t)
	chain.SignParts(t)
	b := s.as(huong)
	form := b.get(s.signing()).formOf(jobs.SignHomeroom)
	form.Set("pin", jobstest.PersonPIN)
	pupil := form["pupil"][0]
	form["pupil"][0] = strings.Replace(pupil, ":HTXS", ":HT", 1)
	got := b.post(s.signing(), form).wantStatus(http.StatusSeeOther)
	b.waitJob(got.header.Get("Location")).wantText("1 chưa ký được", "Kết quả nay là Hoàn thành xuất sắc, lúc xem là Hoàn thành.")
}

func TestSignatures_WithdrawOneAndAll(t *testing.T) {
	s, chain := signingSite(t)
	chain.SignParts(t)
	b := s.as(minh)
	b.post(s.ofRecord(chain.Records[0], "signature"), url.Values{"_method": {"DELETE"}, "kind": {jobs.WithdrawParts}}).
		wantStatus(http.StatusSeeOther)
	b.get(s.signing()).wantText("1 em ký được · 7 em đã ký")
	got := b.post(fmt.Sprintf("/%s/classes/%d/withdrawals", dbtest.Year, s.Class.ID), url.Values{"kind": {jobs.WithdrawParts}}).
		wantStatus(http.StatusSeeOther)
	b.waitJob(got.header.Get("Location")).wantText("Rút chữ ký giáo viên bộ môn · lớp 4A", "Xong cả 7 em")
	b.get(s.signing()).wantText("8 em ký được")
}

func TestSignatures_ASignedPartBelowTheHomeroomStays(t *testing.T) {
	s, chain := signingSite(t)
	chain.Sign(t)
	b := s.as(minh)
	b.post(s.ofRecord(chain.Records[0], "signature"), url.Values{"_method": {"DELETE"}, "kind": {jobs.WithdrawParts}}).
		wantStatus(http.StatusConflict)
	b.get(s.signing()).wantText("8 em đã ký")
}

func TestReturn_HomeroomSendsAPartBackAndItsOwnerAnswers(t *testing.T) {
	s, chain := signingSite(t)
	chain.SignParts(t)
	home, music := s.as(huong), s.as(minh)
	address := s.ofRecord(chain.Records[1], "part-return")
	home.get(address).wantStatus(http.StatusOK).wantText("Trả lại – "+s.Roll[1].FullName, "Âm nhạc", "Đoàn Nhật Minh")
	if dialog := home.get(address, "HX-Request", "true").wantStatus(http.StatusOK); strings.Contains(dialog.body, "<main") {
		t.Error("the dialog is a whole page")
	}
	home.post(address, url.Values{"part": {"mon-AM_NHAC"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do")
	home.post(address, url.Values{"reason": {"Xem lại"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn ít nhất một phần")
	music.get(address).wantStatus(http.StatusNotFound)
	back := home.post(address, url.Values{"part": {"mon-AM_NHAC"}, "reason": {"Nhận xét chưa khớp với mức"}}).wantStatus(http.StatusSeeOther)
	if back.header.Get("Location") != s.signing() {
		t.Errorf("back to %q", back.header.Get("Location"))
	}
	music.get(s.signing()).wantText("Bị trả lại, chờ thầy/cô", "Nhận xét chưa khớp với mức", "Giáo viên trả lại", "Giữ nguyên")
	home.get(s.signing()).wantText("Âm nhạc đang bị trả lại, chưa có trả lời.")
	answer := s.ofRecord(chain.Records[1], "confirmation")
	music.post(answer, url.Values{"note": {" "}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do")
	music.post(answer, url.Values{"note": {"Đã nghe em hát lại, giữ nguyên"}}).wantStatus(http.StatusSeeOther)
	if text := music.get(s.signing()).text(); strings.Contains(text, "Bị trả lại") {
		t.Errorf("still returned: %s", text)
	}
	home.get(s.signing()).wantText("8 em ký được")
}

func TestSignatures_ThePrincipalsReturnStandsOnTop(t *testing.T) {
	s, chain := signingSite(t)
	chain.Sign(t)
	err := chain.Desk.Act(t.Context(), s.Principal, chain.Records[0], func(r *record.Record, by record.By) (record.Change, error) {
		return r.Return(by, []string{"thongtinhocba"}, "Thiếu nhận xét")
	})
	if err != nil {
		t.Fatal(err)
	}
	s.as(huong).get(s.signing()).wantText("Bị trả lại, chờ thầy/cô", "Phần chủ nhiệm", "Hiệu trưởng trả lại", "Thiếu nhận xét")
}

func TestJob_BelongsToWhoAskedAndStops(t *testing.T) {
	s, _ := signingSite(t)
	s.portal.jobs.Stop()
	b := s.as(minh)
	form := b.get(s.signing()).formOf(jobs.SignParts)
	form.Set("pin", jobstest.PersonPIN)
	address := b.post(s.signing(), form).wantStatus(http.StatusSeeOther).header.Get("Location")
	page := b.get(address).wantStatus(http.StatusOK).wantText("0/8 em đã xử lý", "Dừng sau em này", "Đang chờ", s.Roll[0].FullName)
	if !stillMoves.MatchString(page.body) {
		t.Error("a moving job does not poll")
	}
	if fragment := b.get(address, "HX-Request", "true"); strings.Contains(fragment.body, "<main") || !strings.Contains(fragment.body, "8 em") {
		t.Error("htmx did not get the fragment")
	}
	s.as(huong).get(address).wantStatus(http.StatusNotFound)
	s.as(principal).post(address+"/pause", nil).wantStatus(http.StatusNotFound)
	b.post(address+"/pause", nil).wantStatus(http.StatusSeeOther)
	stopped := b.get(address).wantText("Đã dừng", "Ký tiếp 8 em", "Kết thúc ở đây", "Chưa đến lượt")
	if stillMoves.MatchString(stopped.body) {
		t.Error("a stopped job polls")
	}
	b.get(s.signing()).wantText("Đợt ký đang dừng: còn 8 em")
	goOn := url.Values{"_method": {"DELETE"}} // the key is still open
	b.post(address+"/pause", goOn).wantStatus(http.StatusSeeOther)
	b.get(address).wantText("Sắp bắt đầu")
	b.post(address+"/pause", nil).wantStatus(http.StatusSeeOther)
	s.portal.jobs.Stop() // closes every key, as a restart does
	b.post(address+"/pause", goOn).wantStatus(http.StatusUnprocessableEntity).wantText("Nhập PIN")
	goOn.Set("pin", "999999")
	b.post(address+"/pause", goOn).wantStatus(http.StatusConflict).wantText("PIN chưa đúng")
	b.post(address, url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	b.get(address).wantText("Đã kết thúc, 8 em chưa đến lượt")
}

func TestJob_LeadsBackFromEveryKind(t *testing.T) {
	s, chain := signingSite(t)
	chain.Sign(t)
	s.portal.jobs.Stop()
	for kind, back := range map[string]string{jobs.Approve: "/2025-2026/approval", jobs.Issue: "/2025-2026/issuance"} {
		pin := jobstest.PersonPIN
		if kind == jobs.Issue {
			pin = jobstest.SealPIN
		}
		job, err := s.portal.jobs.Ask(t.Context(), s.Principal, jobs.Order{Kind: kind, Subject: jobs.ClassSubject(s.Class.ID), PIN: pin,
			Items: []db.NewItem{{Key: jobs.RecordKey(chain.Records[0])}}})
		if err != nil {
			t.Fatal(err)
		}
		s.as(principal).post(views.JobURL(job.ID)+"/pause", nil).wantStatus(http.StatusSeeOther)
		page := s.as(principal).get(views.JobURL(job.ID)).wantStatus(http.StatusOK).wantText("lớp 4A", s.Roll[0].FullName, "Đã dừng")
		if !strings.Contains(page.body, `href="`+back+`"`) {
			t.Errorf("%s does not lead back to %s", kind, back)
		}
	}
}

func TestJob_ALostRoleIsToldOnThePage(t *testing.T) {
	s, _ := signingSite(t)
	s.portal.jobs.Stop()
	b := s.as(minh)
	form := b.get(s.signing()).formOf(jobs.SignParts)
	form.Set("pin", jobstest.PersonPIN)
	address := b.post(s.signing(), form).wantStatus(http.StatusSeeOther).header.Get("Location")
	s.db.Exec(`UPDATE core.job SET state = 'failed', note = 'job.role_lost'`)
	b.get(address).wantText("Phần còn lại không làm được", "Vai dùng để bắt đầu đợt này không còn")
}
