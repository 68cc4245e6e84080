package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/views"
)

// issuedSite is a site whose class 4A is issued, with a registry that answers.
func issuedSite(t *testing.T) (*site, *jobstest.Chain) {
	t.Helper()
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Issue(t)
	chain.Registrar()
	return s, chain
}

// ticked are the versions that the page's form has ticked.
func ticked(a answer) (out []string) {
	for _, n := range findAll(a.parse(), func(n *html.Node) bool { return attr(n, "name") == "version" }) {
		for _, at := range n.Attr {
			if at.Key == "checked" {
				out = append(out, attr(n, "value"))
			}
		}
	}
	return out
}

func (s *site) submissionPath() string {
	return fmt.Sprintf("/2025-2026/submission/%d", s.Class.ID)
}

func TestSubmission_AdminPreparesPrincipalSends(t *testing.T) {
	s, chain := issuedSite(t)
	path := s.submissionPath()
	a := s.as(admin)
	a.get("/2025-2026/submission").wantStatus(http.StatusOK).wantText("Chuẩn bị nộp Sở", "8 chờ nộp")
	boxes := ticked(a.get(path).wantStatus(http.StatusOK).wantText("8 em nộp được", "Giao hiệu trưởng nộp"))
	if len(boxes) != 8 {
		t.Fatalf("%d ticked, want 8", len(boxes))
	}
	a.post(path, url.Values{"pin": {jobstest.SealPIN}, "version": boxes}).wantStatus(http.StatusNotFound) // not the administrator's act
	a.post(path+"/preparation", url.Values{"version": boxes[:5]}).wantStatus(http.StatusSeeOther)

	b := s.as(principal)
	page := b.get(path).wantText("Đã chuẩn bị", s.Admin.Name+" chuẩn bị lúc", "Đóng dấu và nộp (5 em)")
	if got := ticked(page); len(got) != 5 {
		t.Errorf("%d ticked for the principal, want the 5 prepared", len(got))
	}
	wrong := b.post(path, url.Values{"pin": {"00000000"}, "version": boxes[:2]}).wantStatus(http.StatusConflict).wantText("PIN chưa đúng")
	if got := ticked(wrong); len(got) != 2 {
		t.Errorf("%d ticked after a wrong PIN, want the 2 chosen", len(got))
	}
	b.post(path, url.Values{"pin": {jobstest.SealPIN}}).wantStatus(http.StatusConflict).wantText("Chưa có học bạ nào nộp được")
	progress := s.send(b, boxes[:5]).wantText("Nộp Sở · lớp 4A", "Sở đã nhận cả 5 học bạ", "5/5", "Đóng dấu phiếu")
	for _, p := range s.Roll[:5] {
		if got := progress.row(p.FullName); !strings.Contains(got, "Sở đã nhận") || !strings.Contains(got, "Biên nhận") {
			t.Errorf("row of %s: %s", p.FullName, got)
		}
	}
	address := progress.statement()
	result := b.get(address).wantStatus(http.StatusOK)
	result.wantText("Phiếu nộp · lớp 4A, đợt 1", "Nhận cả 5", "Biên nhận của kho")
	if n := strings.Count(result.text(), "Sở đã nhận"); n != 5 {
		t.Errorf("%d accepted on the page: %s", n, result.text())
	}
	s.checkFiles(b, chain, result)
	b.get(path).wantText("3 em nộp được, 5 em chưa", "Kho đã nhận bản này")
	a.get(address).wantStatus(http.StatusOK).wantText("Nhận cả 5")
	s.as(otherTeacher).get(address).wantStatus(http.StatusNotFound)
}

// send posts the form of the class with a right PIN and waits for the end of
// the job.
func (s *site) send(b *browser, versions []string) answer {
	s.t.Helper()
	sent := b.post(s.submissionPath(), url.Values{"pin": {jobstest.SealPIN}, "version": versions}).wantStatus(http.StatusSeeOther)
	return b.waitJob(sent.header.Get("Location"))
}

// statement is where the page of a submission's job leads to.
func (a answer) statement() string {
	a.t.Helper()
	link := find(a.parse(), func(n *html.Node) bool { return strings.Contains(attr(n, "href"), "/statements/") })
	if link == nil {
		a.t.Fatalf("no link to the statement: %s", a.text())
	}
	return attr(link, "href")
}

// checkFiles takes the receipts and the statement away and verifies them as a
// stranger would.
func (s *site) checkFiles(b *browser, chain *jobstest.Chain, page answer) {
	s.t.Helper()
	n := 0
	for _, a := range findAll(page.parse(), func(n *html.Node) bool { return n.Data == "a" }) {
		href := attr(a, "href")
		if !strings.Contains(href, "/receipts/") && !strings.HasSuffix(href, "/file.xml") {
			continue
		}
		n++
		got := b.get(href).wantStatus(http.StatusOK)
		if report := verify.File([]byte(got.body), verify.Options{Trust: chain.Trust(), Now: s.db.Now()}); !report.Valid {
			s.t.Errorf("%s does not verify: %+v", href, report.Checks)
		}
	}
	if n != 7 { // the statement, its receipt, five of records
		s.t.Errorf("%d files to take away, want 7", n)
	}
}

func TestSubmission_ShowsTheReasonsOfARefusal(t *testing.T) {
	s, _ := issuedSite(t)
	// Another record of the same pupil and year is in the registry already.
	s.db.Exec(`INSERT INTO registry.binding (record_uuid, pupil_code, school_year, at) VALUES (gen_random_uuid(), $1, '2025-2026', now())`, s.Roll[2].Code)
	b := s.as(principal)
	boxes := ticked(b.get(s.submissionPath()))
	progress := s.send(b, boxes).wantText("8/8", "7 được Sở nhận · 1 bị từ chối")
	for _, page := range []answer{progress, b.get(progress.statement()).wantText("Nhận 7, từ chối 1")} {
		if got := page.row(s.Roll[2].FullName); !strings.Contains(got, "Bị từ chối") || !strings.Contains(got, "Học sinh đã có học bạ của năm học này") ||
			!strings.Contains(got, "Liên hệ cơ quan quản lý") || !strings.Contains(got, "Biên nhận") {
			t.Errorf("the refused one: %s", got)
		}
	}
	b.get("/2025-2026/submission").wantText("1 bị từ chối")
	b.get("/2025-2026").wantTask("refused", "1 học bạ")
}

// A second click and another tab find the job of the first, and later its
// receipts; a stopped one goes on by a plain form, without a PIN.
func TestSubmission_StopsGoesOnAndAnswersTheSameAgain(t *testing.T) {
	s, chain := issuedSite(t)
	b := s.as(principal)
	boxes := ticked(b.get(s.submissionPath()))
	form := url.Values{"pin": {jobstest.SealPIN}, "version": boxes}
	// The job is made by a runner that does no work, as by a program that was
	// killed right after the form was taken, and stopped.
	idle := jobs.NewRunner(jobs.Options{DB: s.db.DB, Log: slog.New(slog.DiscardHandler), Secret: jobstest.Secret(),
		Submission: s.portal.courier.Submission})
	s.portal.jobs.Stop()
	sent, err := idle.AskStatement(t.Context(), s.Principal, jobs.StatementOrder{Kind: bundle.Submission, At: chain.June()},
		jobs.Auth{PIN: jobstest.SealPIN, Way: jobs.ChosenWay})
	if err != nil {
		t.Fatal(err)
	}
	job := views.JobURL(sent.Job.ID)
	if body := b.get(job).wantText("Nộp Sở · lớp 4A", "Sắp bắt đầu", "0/8", "Dừng sau em này", "Xem tiến độ mới nhất").body; !strings.Contains(body, `hx-trigger="every`) {
		t.Error("the page does not ask for the progress")
	}
	for range 2 {
		if got := b.post(s.submissionPath(), form).wantStatus(http.StatusSeeOther).header.Get("Location"); got != job {
			t.Errorf("a second click leads to %s, want %s", got, job)
		}
	}
	b.get(s.submissionPath()).wantText("0 em nộp được", "Đã gửi, đang chờ kho trả lời")
	b.post(job+"/pause", nil).wantStatus(http.StatusSeeOther)
	stopped := b.get(job).wantText("Đã dừng", "Gửi tiếp 8 em", "gửi tiếp không cần PIN")
	if strings.Contains(stopped.text(), "Kết thúc ở đây") {
		t.Error("a submission may be given up half-way")
	}
	b.post(job, url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusConflict).wantText("phải gửi cho hết")
	statement := stopped.statement()
	b.get(statement).wantText("Đang chờ kho trả lời", "Mở để gửi tiếp")
	a := s.as(admin)
	a.get(job).wantStatus(http.StatusNotFound)
	a.get(statement).wantText("Đang chờ kho trả lời")
	a.post(statement+"/delivery", nil).wantStatus(http.StatusConflict).wantText("Hiệu trưởng đã dừng gửi")
	b.post(job+"/pause", url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	idle.Start(t.Context())
	t.Cleanup(idle.Stop)
	done := b.waitJob(job).wantText("Sở đã nhận cả 8 học bạ")
	if again := b.post(s.submissionPath(), form).wantStatus(http.StatusSeeOther).header.Get("Location"); again != job || done.statement() != statement {
		t.Errorf("afterwards the same form leads to %s, want %s", again, job)
	}
	a.get(statement).wantText("Nhận cả 8")
}

// away is a registry that nobody reaches.
type away struct{ registry.Client }

func (away) Submit(context.Context, registry.Submission) (registry.Answer, error) {
	return registry.Answer{}, fault.New(fault.Unavailable, "registry.away")
}

func TestSubmission_GoesOnWhenTheRegistryWasAway(t *testing.T) {
	s, chain := issuedSite(t)
	// The statement stands, its answer does not: as after a crash in between.
	_, err := (jobs.Submission{DB: s.db.DB, Registry: away{}}).Send(t.Context(), s.Principal, chain.June(), nil, chain.Seal())
	if fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("send to nobody: %v", err)
	}
	b := s.as(principal)
	page := b.get("/2025-2026/submission").wantText("Đang chờ kho trả lời")
	link := find(page.parse(), func(n *html.Node) bool { return strings.Contains(attr(n, "href"), "/statements/") })
	href := attr(link, "href")
	if body := b.get(href).wantText("không mất gì", "Hỏi lại kho").body; !strings.Contains(body, `hx-trigger="every 4s"`) {
		t.Error("the page does not ask for the answer")
	}
	b.post(href+"/delivery", nil).wantStatus(http.StatusSeeOther)
	if body := b.get(href, "HX-Request", "true").wantText("Nhận cả 8").body; strings.Contains(body, "hx-trigger") || strings.Contains(body, "<main") {
		t.Error("the fragment still asks, or is a page")
	}
}

func TestClosing_IsRefusedWhileARecordIsMissing(t *testing.T) {
	s, chain := issuedSite(t)
	b := s.as(principal)
	boxes := ticked(b.get(s.submissionPath()))
	s.send(b, boxes[:7])
	path := fmt.Sprintf("/2025-2026/closing/%d", s.Class.ID)
	b.get("/2025-2026/closing").wantText("Sở chưa mở", "1 em chưa được nhận")
	b.get(path).wantText("Chỉ chốt được trong thời gian Sở mở")
	chain.OpenClosing(t)
	last := s.Roll[7]
	b.get(path).wantText("7 em có học bạ được nhận, 0 em có lí do, 1 em còn thiếu", last.FullName)
	refused := b.post(path, url.Values{"pin": {jobstest.SealPIN}, "track": {"1"}}).wantStatus(http.StatusConflict)
	refused.wantText("Chưa chốt được: 1 em", last.FullName)
	wrong := b.post(path, url.Values{"pin": {"1"}, "track": {"1"}, "reason-" + last.Code: {"chuyen_di"}})
	if option := find(wrong.parse(), func(n *html.Node) bool { return attr(n, "value") == "chuyen_di" }); option == nil || !hasAttr(option, "selected") {
		t.Error("a wrong PIN loses the reason that was chosen")
	}
	done := b.post(path, url.Values{"pin": {jobstest.SealPIN}, "track": {"1"}, "reason-" + last.Code: {"chuyen_di"}}).wantStatus(http.StatusSeeOther)
	b.get(done.header.Get("Location")).wantText("Phiếu chốt · lớp 4A, đợt 1", "Kho đã nhận", "Đã chốt")
	b.get("/2025-2026/closing").wantText("Xem phiếu")
	b.post(path, url.Values{"pin": {jobstest.SealPIN}, "track": {"1"}}).wantStatus(http.StatusConflict)
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func TestRecall_TakesBackOrReplacesBeforeTheLock(t *testing.T) {
	s, chain := issuedSite(t)
	chain.Submit(t)
	b := s.as(principal)
	b.get("/2025-2026/recall").wantText("Lớp 4A", "8")
	b.get(fmt.Sprintf("/2025-2026/recall?class=%d", s.Class.ID)).wantText(s.Roll[0].FullName, "Rút, thay thế")
	path := func(i int) string { return fmt.Sprintf("/2025-2026/recall/%d", chain.Records[i]) }
	b.get(path(0)).wantText("Thay thế bằng bản mới", "Sở chưa mở")
	b.post(path(0), url.Values{"act": {"recall"}, "reason": {"Sai điểm Toán"}, "pin": {jobstest.SealPIN}}).wantStatus(http.StatusSeeOther)
	b.get("/2025-2026/recall").wantText("Phiếu rút đã gửi", "Bị từ chối") // the registry refuses outside the Sở's time
	chain.OpenClosing(t)
	b.post(path(0), url.Values{"act": {"recall"}, "reason": {""}, "pin": {jobstest.SealPIN}}).wantStatus(http.StatusUnprocessableEntity)
	b.post(path(0), url.Values{"reason": {"x"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn rút hoặc thay thế.")
	done := b.post(path(0), url.Values{"act": {"recall"}, "reason": {"Sai điểm Toán"}, "pin": {jobstest.SealPIN}}).wantStatus(http.StatusSeeOther)
	b.get(done.header.Get("Location")).wantText("Phiếu rút học bạ", "Trường đã rút")
	b.post(path(1), url.Values{"act": {"replace"}, "reason": {"Sai nhận xét"}}).wantStatus(http.StatusSeeOther)
	b.get(fmt.Sprintf("/2025-2026/recall?class=%d", s.Class.ID)).wantText("Đang làm bản thay thế")
	b.get(path(1)).wantText("Không rút được lúc này")
	s.as(deputy).get(path(2)).wantStatus(http.StatusNotFound)
}

func TestClosingTime_TheSoOpensEndsAndLocks(t *testing.T) {
	s, chain := issuedSite(t)
	chain.Submit(t)
	b := s.as(authority)
	path := "/2025-2026/closing-time"
	b.get(path).wantStatus(http.StatusOK).wantText("Thời gian chốt", "Chưa mở", "Chưa chốt đợt 1", "Trường Tiểu học Hoa Phượng")
	form := url.Values{"track": {"1"}, "opens_day": {"20/05/2026"}, "opens_time": {"07:00"}, "ends_day": {"29/06/2026"}, "ends_time": {"24:00"},
		"decision_no": {"123/QĐ-SGDĐT"}, "decision_day": {"18/05/2026"}}
	bad := url.Values{}
	for k, v := range form {
		bad[k] = v
	}
	bad.Set("ends_day", "mai")
	b.post(path, bad).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi ngày dạng")
	b.post(path, form).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("Đang mở", "123/QĐ-SGDĐT · 18/05/2026", "đến 24:00 29/06/2026")
	b.post(path+"/lock", url.Values{"track": {"1"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Đánh dấu xác nhận")
	s.db.Clock.Advance(time.Hour)
	b.post(path+"/lock", url.Values{"track": {"1"}, "sure": {"yes"}}).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("Đã hết, đã chốt", "Sở chốt đợt 1", "Trường Tiểu học Hoa Phượng")
	sub, err := s.portal.courier.Submission(t.Context())
	if err == nil {
		err = sub.Resume(t.Context(), s.School.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.as(principal).get("/2025-2026/closing").wantText("Đã chốt")
	s.as(clerk).get(path).wantStatus(http.StatusNotFound)
}

func TestReadMoment_TakesTheMidnightThatEndsADay(t *testing.T) {
	at, ok := readMoment("29/06/2026", "24:00")
	if due := school.RegulationDeadline(school.SchoolSubmit, "2025-2026", school.TrackJune).Due; !ok || !at.Equal(due) {
		t.Errorf("24:00 on 29/06 is %v, want %v", at, due)
	}
	for _, hour := range []string{"24:01", "7", "25:00", "", "7:60"} {
		if _, ok := readMoment("29/06/2026", hour); ok {
			t.Errorf("%q was taken for an hour", hour)
		}
	}
}
