package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/evaluation"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/record"
	"hocba/internal/school"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
)

func chainSite(t *testing.T) (*site, *jobstest.Chain) {
	t.Helper()
	s := newSite(t)
	return s, jobstest.New(t, s.db, s.Cast)
}

// approvalSite is a portal over a class that everybody signed: the first pupil
// is inclusive, so that one is marked.
func approvalSite(t *testing.T) (*site, *jobstest.Chain) {
	t.Helper()
	s, chain := chainSite(t)
	chain.Fill(t)
	s.db.Exec(`UPDATE school.enrolment SET inclusive = true WHERE id = $1`, s.Roll[0].EnrolmentID)
	s.db.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		VALUES ($1, $2, 'cn', $3, $4, $3)`, s.School.ID, string(dbtest.Year), s.db.Clock.Now().Add(-time.Hour), s.db.Clock.Now().AddDate(0, 1, 0))
	chain.Sign(t)
	s.db.Clock.Advance(time.Minute)
	return s, chain
}

func recordPath(id int64, rest string) string { return views.RecordURL(dbtest.Year, id) + rest }

// stage reads a record's stage.
func (s *site) stage(id int64) workflow.Stage {
	s.t.Helper()
	return s.record(id).Stage
}

func (s *site) record(id int64) *record.Record {
	s.t.Helper()
	var rec *record.Record
	err := s.db.As(s.t.Context(), s.Principal, func(tx *db.Tx) (err error) {
		rec, err = tx.Record(s.t.Context(), id, false)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return rec
}

// revisionOf reads the hidden field of the approval's form.
func revisionOf(page answer) string {
	field := find(page.parse(), func(n *html.Node) bool { return attr(n, "name") == "revision" })
	if field == nil {
		page.t.Fatalf("no approval form: %s", page.text())
	}
	return attr(field, "value")
}

// approve opens a record and approves it as the form does.
func (b *browser) approve(id int64, pin string) answer {
	b.t.Helper()
	page := b.get(recordPath(id, "")).wantStatus(http.StatusOK)
	return b.post(recordPath(id, "/approval"), url.Values{"revision": {revisionOf(page)}, "pin": {pin}})
}

// finished waits for the job of an address.
func (s *site) finished(who workflow.Actor, address string) db.Job {
	s.t.Helper()
	id, err := strconv.ParseInt(address[strings.LastIndex(address, "/")+1:], 10, 64)
	if err != nil {
		s.t.Fatalf("%q leads to no job", address)
	}
	var job db.Job
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		err := s.db.As(s.t.Context(), who, func(tx *db.Tx) (err error) {
			job, err = tx.Job(s.t.Context(), id)
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
		if job.State == db.JobDone {
			return job
		}
	}
	s.t.Fatalf("the job is %s (%s)", job.State, job.Note)
	return job
}

func TestApprovalQueue_TellsWhereEachClassIs(t *testing.T) {
	s, chain := chainSite(t)
	chain.Fill(t)
	if err := chain.Desk.SignParts(t.Context(), s.Huong, chain.Records[0], chain.Pen(s.Huong)); err != nil {
		t.Fatal(err)
	}
	b := s.as(principal)
	b.get("/2025-2026/approval").wantStatus(200).wantText("Lớp 4A", "0/8", "Chờ giáo viên bộ môn ký", "Đoàn Nhật Minh chưa ký Âm nhạc, Mĩ thuật: 8 em")
	s.as(deputy).get("/2025-2026/approval").wantStatus(200)
}

func TestApprovalClass_ListsWhoWaits(t *testing.T) {
	s, chain := approvalSite(t)
	b := s.as(principal)
	b.get("/2025-2026/approval").wantText("8 em chờ duyệt", "1 em, chưa mở 1", "1 hòa nhập")
	b.get(views.ApprovalClassURL(dbtest.Year, s.Class.ID)).wantStatus(200).wantText("Duyệt 8 em còn lại", "Không đánh dấu", "Hòa nhập")
	b.get(recordPath(chain.Records[0], ""))
	b.get("/2025-2026/approval").wantText("1 em, chưa mở 0")
}

func TestApproval_GoesFromPupilToPupilWithOnePIN(t *testing.T) {
	s, chain := approvalSite(t)
	b := s.as(principal)
	first := b.get(recordPath(chain.Records[0], "")).wantStatus(200).
		wantText("Duyệt học bạ · Nguyễn Hoài An", "Hòa nhập", "Duyệt, sang em tiếp theo", "Đủ chữ ký: 2 giáo viên bộ môn", "Mã PIN")
	// Without and with a wrong PIN the page comes back, and nothing is signed.
	form := url.Values{"revision": {revisionOf(first)}}
	b.post(recordPath(chain.Records[0], "/approval"), form).wantStatus(http.StatusUnprocessableEntity).wantText("Nhập PIN")
	form.Set("pin", "000000")
	b.post(recordPath(chain.Records[0], "/approval"), form).wantText("PIN chưa đúng")
	if got := s.stage(chain.Records[0]); got != workflow.HomeroomSigned {
		t.Fatalf("stage %s after a wrong PIN", got)
	}
	got := b.approve(chain.Records[0], jobstest.PersonPIN).wantStatus(http.StatusSeeOther)
	next := got.header.Get("Location")
	if want := recordPath(chain.Records[1], "?done="+strconv.FormatInt(chain.Records[0], 10)); next != want {
		t.Fatalf("goes on at %s, want %s", next, want)
	}
	page := b.get(next).wantStatus(200).wantText("Đã duyệt Nguyễn Hoài An", "Khóa ký đang mở đến")
	if find(page.parse(), func(n *html.Node) bool { return attr(n, "name") == "pin" }) != nil {
		t.Error("the PIN is asked again in one sitting")
	}
	b.approve(chain.Records[1], "").wantStatus(http.StatusSeeOther)
	// A second click finds it done.
	b.post(recordPath(chain.Records[1], "/approval"), form).wantStatus(http.StatusSeeOther)
	if s.stage(chain.Records[1]) != workflow.Approved {
		t.Error("not approved")
	}
	b.get(recordPath(chain.Records[1], "")).wantText("Đã mở xem học bạ này trước khi ký")
	// Another session of the same person has no open key.
	s.as(principal).get(recordPath(chain.Records[2], "")).wantText("Mã PIN")
	s.db.Clock.Advance(16 * time.Minute)
	b.get(recordPath(chain.Records[2], "")).wantText("Mã PIN")
}

func TestApproval_RefusesWhatChangedAfterItWasShown(t *testing.T) {
	s, chain := approvalSite(t)
	b := s.as(principal)
	page := b.get(recordPath(chain.Records[1], ""))
	s.db.Exec(`UPDATE school.record SET revision = revision + 1 WHERE id = $1`, chain.Records[1])
	b.post(recordPath(chain.Records[1], "/approval"), url.Values{"revision": {revisionOf(page)}, "pin": {jobstest.PersonPIN}}).
		wantStatus(http.StatusConflict).wantText("Học bạ vừa thay đổi")
}

func TestApprovalBatch_WaitsForTheMarkedOnes(t *testing.T) {
	s, chain := approvalSite(t)
	b := s.as(principal)
	class := views.ApprovalClassURL(dbtest.Year, s.Class.ID)
	form := url.Values{"pin": {jobstest.PersonPIN}}
	b.get(class).wantText("Mở được sau khi xem 1 em có đánh dấu")
	b.post(class, form).wantStatus(http.StatusConflict).wantText("Còn 1 em có đánh dấu chưa mở: Nguyễn Hoài An")
	b.get(recordPath(chain.Records[0], "")).wantStatus(200)
	b.post(class, url.Values{"pin": {"000000"}}).wantText("PIN chưa đúng")
	got := b.post(class, form).wantStatus(http.StatusSeeOther)
	job := s.finished(s.Principal, got.header.Get("Location"))
	if job.Done != 8 || job.Refused != 0 {
		t.Errorf("%d done, %d refused of %d", job.Done, job.Refused, job.Total)
	}
	b.get(class).wantText("Đã duyệt cả lớp")
	b.get(recordPath(chain.Records[3], "")).wantText("Ký cùng đợt, không mở riêng học bạ này")
	b.post(class, form).wantStatus(http.StatusConflict).wantText("không còn em nào chờ duyệt")
}

func TestApprovalDryRun_SaysWhatWhyAndWho(t *testing.T) {
	s, chain := approvalSite(t)
	back, behind := chain.Records[5], chain.Records[6]
	err := chain.Desk.Act(t.Context(), s.Principal, back, func(rec *record.Record, by record.By) (record.Change, error) {
		return rec.Return(by, []string{"mon-AM_NHAC"}, "Xem lại.")
	})
	if err == nil {
		err = chain.Desk.Act(t.Context(), s.Huong, behind, func(rec *record.Record, by record.By) (record.Change, error) {
			return rec.WithdrawHomeroom(by)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	b := s.as(principal)
	b.get(views.ApprovalURL(dbtest.Year)).wantStatus(200).wantText("Kiểm tra trước khi duyệt", "Hoàng Văn Thuận, hiệu trưởng",
		"dùng được đến 01/01/2030, hết mùa ký", "trước ngày 30/6", "1 em Có đánh dấu, chưa mở xem", "1 em Đang trả lại", "1 em Chưa có chữ ký chủ nhiệm")
	class := views.ApprovalClassURL(dbtest.Year, s.Class.ID)
	b.get(class).wantStatus(200).wantText("5 em duyệt được · 1 em cần mở xem · 2 em báo vướng", "6 em đã đủ chữ ký bộ môn và chủ nhiệm",
		"Âm nhạc đang bị trả lại, chưa có trả lời", "Người phụ trách: Đoàn Nhật Minh", "Giáo viên chủ nhiệm: Nguyễn Thị Mai Hương", "Mở xem")
	b.get(recordPath(chain.Records[0], ""))
	b.get(class).wantText("6 em duyệt được · 2 em báo vướng", "Hòa nhập · đã mở", "1 em, đã mở xem cả")
	b.get("/2025-2026/issuance").wantText("0 em đã đủ chữ ký và đã được duyệt", "6 em Chờ duyệt", "Chưa có gì để phát hành")
	s.db.Exec(`UPDATE core.certificate SET not_after = '2026-06-10' WHERE account_id = $1`, s.Principal.AccountID)
	s.db.Clock.Set(time.Date(2026, time.June, 25, 8, 0, 0, 0, school.Zone))
	b.get(class).wantText("chưa có chứng thư dùng được", "còn 4 ngày")
}

func TestSchoolApproval_IsOneAuthorisationOfSeveralClasses(t *testing.T) {
	s, chain := approvalSite(t)
	b := s.as(principal)
	queue, form := views.ApprovalURL(dbtest.Year), url.Values{"pin": {jobstest.PersonPIN}, "class": {strconv.FormatInt(s.Class.ID, 10)}}
	b.post(queue, form).wantStatus(http.StatusConflict).wantText("Còn 1 em có đánh dấu chưa mở ở lớp 4A")
	b.get(recordPath(chain.Records[0], "")).wantStatus(200)
	b.get(queue).wantText("Duyệt các lớp đã chọn", "chọn sẵn 1 lớp, 8 em")
	b.post(queue, url.Values{"pin": {jobstest.PersonPIN}}).wantStatus(http.StatusConflict).wantText("Chưa chọn lớp nào")
	b.post(queue, url.Values{"pin": {"000000"}, "class": form["class"]}).wantStatus(http.StatusUnprocessableEntity).wantText("PIN chưa đúng")
	form.Add("class", strconv.FormatInt(s.OtherClass.ID, 10)) // of another school: nothing of it is taken
	first := b.post(queue, form).wantStatus(http.StatusSeeOther)
	job := s.finished(s.Principal, first.header.Get("Location"))
	if job.Done != 8 || job.Total != 8 {
		t.Errorf("%d done of %d", job.Done, job.Total)
	}
	b.get("/2025-2026/issuance").wantText("Đóng dấu các lớp đã chọn", "chọn sẵn 1 lớp, 8 em")
	seal := url.Values{"pin": {jobstest.SealPIN}, "place": {"Hải Sơn"}, "class": {strconv.FormatInt(s.Class.ID, 10)}}
	job = s.finished(s.Principal, b.post("/2025-2026/issuance", seal).wantStatus(http.StatusSeeOther).header.Get("Location"))
	if job.Done != 8 || s.stage(chain.Records[7]) != workflow.Issued {
		t.Errorf("%d issued, stage %s", job.Done, s.stage(chain.Records[7]))
	}
	b.post("/2025-2026/issuance", seal).wantStatus(http.StatusUnprocessableEntity)
	s.as(huong).post(queue, form).wantStatus(http.StatusNotFound)
	s.as(deputy).post(queue, form).wantStatus(http.StatusConflict).wantText("ủy quyền")
}

func TestApproval_ADeputyNeedsADelegation(t *testing.T) {
	s, chain := approvalSite(t)
	b := s.as(deputy)
	id := chain.Records[3]
	b.get(recordPath(id, "")).wantStatus(200).wantText("Chưa có quyết định ủy quyền")
	refused := b.post(recordPath(id, "/approval"), url.Values{"pin": {jobstest.PersonPIN}, "revision": {strconv.FormatInt(s.record(id).Revision, 10)}})
	refused.wantStatus(http.StatusConflict).wantText("ủy quyền")
	b.post(recordPath(id, "/return"), url.Values{"part": {bundle.ContentID}, "reason": {"spelling"}}).wantStatus(http.StatusConflict)
	b.get("/2025-2026/delegations").wantStatus(http.StatusNotFound)
	boss := s.as(principal)
	form := url.Values{"deputy": {strconv.FormatInt(s.Deputy.AccountID, 10)}, "decision": {"12/QĐ-THHP"}, "from": {"20/05/2026"}, "to": {"x"}}
	boss.post("/2025-2026/delegations", form).wantStatus(http.StatusUnprocessableEntity).wantText("Ngày cuối")
	form.Set("to", "30/06/2026")
	boss.post("/2025-2026/delegations", form).wantStatus(http.StatusSeeOther)
	boss.get("/2025-2026/delegations").wantText("12/QĐ-THHP", "Đang hiệu lực")
	b.approve(id, jobstest.PersonPIN).wantStatus(http.StatusSeeOther)
	rec := s.record(id)
	if rec.Stage != workflow.Approved || !strings.Contains(string(rec.LiveSignatures()[len(rec.LiveSignatures())-1].Content), string(bundle.DeputyForHead)) {
		t.Errorf("stage %s: the deputy did not sign for the principal", rec.Stage)
	}
}

// TestApproval_Story: return, a changed cell, signatures that end, approval,
// withdrawal, issue, reopening.
func TestApproval_Story(t *testing.T) {
	s, chain := approvalSite(t)
	b, id := s.as(principal), chain.Records[4]
	b.get(recordPath(id, "/return")).wantStatus(200).wantText("Trả lại · Phan Hữu Đức", "Âm nhạc · Đoàn Nhật Minh",
		"Sửa thì Đoàn Nhật Minh ký lại Âm nhạc, Mĩ thuật", "Chỉ chữ ký của phần bị sửa mới phải ký lại")
	if dialog := b.get(recordPath(id, "/return"), "HX-Request", "true"); find(dialog.parse(), func(n *html.Node) bool { return n.Data == "dialog" }) == nil {
		t.Error("htmx gets no dialog")
	}
	b.post(recordPath(id, "/return"), url.Values{"reason": {"other"}, "part": {"mon-AM_NHAC"}}).
		wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do")
	b.post(recordPath(id, "/return"), url.Values{"reason": {"clone"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn ít nhất một phần")
	b.post(recordPath(id, "/return"), url.Values{"reason": {"mismatch"}, "note": {"Xem lại mức."}, "part": {"mon-AM_NHAC"}}).wantStatus(http.StatusSeeOther)
	b.get(recordPath(id, "/return")).wantStatus(http.StatusConflict)
	s.as(minh).get(recordPath(id, "")).wantStatus(200).wantText("Bị trả lại", "Điểm và nhận xét chưa khớp. Xem lại mức.", "Âm nhạc chưa trả lời")

	s.db.Clock.Advance(time.Minute)
	s.editMusic(4)
	if got := s.stage(id); got != workflow.PartSigned {
		t.Fatalf("stage %s after the change", got)
	}
	s.as(minh).get(recordPath(id, "")).wantText("Hết hiệu lực vì nội dung đổi", "đã sửa")
	if err := chain.Desk.SignParts(t.Context(), s.Minh, id, chain.Pen(s.Minh)); err != nil {
		t.Fatal(err)
	}
	s.db.Exec(`DELETE FROM school.commendation WHERE pupil_id = $1`, s.Roll[4].PupilID) // no longer earned
	if err := chain.Desk.SignHomeroom(t.Context(), s.Huong, id, "", chain.Pen(s.Huong)); err != nil {
		t.Fatal(err)
	}
	page := b.get(recordPath(id, "")).wantText("Đã sửa sau trả lại", "mức T → H, 20/05, Đoàn Nhật Minh")
	if find(page.parse(), func(n *html.Node) bool { return strings.Contains(attr(n, "class"), "paper-changed") }) == nil {
		t.Error("the changed cell is not marked")
	}
	b.approve(id, jobstest.PersonPIN).wantStatus(http.StatusSeeOther)
	b.do(http.MethodDelete, recordPath(id, "/approval"), nil).wantStatus(http.StatusSeeOther)
	b.post(recordPath(id, "/approval"), url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusConflict)
	s.db.Clock.Advance(time.Minute)
	b.approve(id, "").wantStatus(http.StatusSeeOther)
	s.issueAndReopen(b, id)
}

// editMusic changes a pupil's music level to H through the gradebook.
func (s *site) editMusic(pupil int) {
	s.t.Helper()
	cell := strconv.FormatInt(s.Roll[pupil].EnrolmentID, 10) + "." + string(evaluation.Item(school.AmNhac)) + "."
	form := url.Values{"cell": {cell + "level"}, "old": {"T"}, "new": {"H"}}
	path := views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", "cn", "cells")
	s.as(minh).do(http.MethodPut, path, strings.NewReader(form.Encode()), "Accept", "application/json").wantStatus(200)
}

func (s *site) issueAndReopen(b *browser, id int64) {
	s.t.Helper()
	class := views.ClassIssuanceURL(dbtest.Year, s.Class.ID)
	b.get("/2025-2026/issuance").wantStatus(200).wantText("Cấp trên đã duyệt, dùng được đến", "1 em đã duyệt", "Đóng dấu được", "Lớp 4A")
	b.get(class).wantStatus(200).wantText("Phan Hữu Đức", "1 em đóng dấu được · 7 em báo vướng", "Chưa có chữ ký duyệt", "Hiệu trưởng")
	form := url.Values{"record": {strconv.FormatInt(id, 10)}, "place": {"Hải Sơn"}, "pin": {"000000000"}}
	b.post(class, form).wantStatus(http.StatusUnprocessableEntity).wantText("PIN chưa đúng")
	form.Set("pin", jobstest.SealPIN)
	first := b.post(class, form).wantStatus(http.StatusSeeOther)
	second := b.post(class, form).wantStatus(http.StatusSeeOther)
	s.finished(s.Principal, first.header.Get("Location"))
	s.finished(s.Principal, second.header.Get("Location"))
	rec := s.record(id)
	if len(rec.Versions) != 1 || rec.Stage != workflow.Issued {
		s.t.Fatalf("two clicks made %d versions, stage %s", len(rec.Versions), rec.Stage)
	}
	code := rec.Versions[0].Code.String()
	b.get(recordPath(id, "")).wantText("Bản 1", "Đã phát hành", code, "Tải XML đã ký")
	if strings.Contains(b.get(recordPath(id, "")).text(), "Nội dung đã khác lúc ký") {
		s.t.Error("a signature in the issued version is told to be overtaken")
	}
	xml := b.get(recordPath(id, "/versions/1.xml")).wantStatus(200)
	if !strings.HasPrefix(xml.header.Get("Content-Disposition"), "attachment") || verify.File([]byte(xml.body), verify.Options{}).Record == nil {
		s.t.Error("the download is no attachment of the version")
	}
	b.get(recordPath(id, "/versions/2.xml")).wantStatus(http.StatusNotFound)
	for _, other := range []string{huong, deputy} {
		page := s.as(other)
		page.get(recordPath(id, "/versions/1.xml")).wantStatus(http.StatusNotFound)
		if strings.Contains(page.get(recordPath(id, "")).wantStatus(200).text(), code) {
			s.t.Errorf("%s sees the look-up code", other)
		}
	}
	s.as(admin).get(recordPath(id, "/versions/1.xml")).wantStatus(200)
	b.get(recordPath(id, "/reopening")).wantStatus(200).wantText("Mở lại để sửa")
	b.post(recordPath(id, "/reopening"), url.Values{}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do")
	b.post(recordPath(id, "/reopening"), url.Values{"reason": {"Sai ngày sinh"}}).wantStatus(http.StatusSeeOther)
	b.get(recordPath(id, "")).wantText("Đã mở lại trước khi Sở nhận", "Sai ngày sinh", "Duyệt, sang em tiếp theo")
}

func TestRecord_IsOfTheOwnSchoolAndClassesOnly(t *testing.T) {
	s, chain := approvalSite(t)
	id := chain.Records[0]
	var foreign int64
	if err := s.db.Owner().QueryRow(`SELECT id FROM school.record WHERE class_id = $1 LIMIT 1`, s.OtherClass.ID).Scan(&foreign); err != nil {
		t.Fatal(err)
	}
	s.as(otherTeacher).get(recordPath(id, "")).wantStatus(http.StatusNotFound)
	b := s.as(principal)
	for _, path := range []string{"", "/return", "/reopening", "/versions/1.xml"} {
		b.get(recordPath(foreign, path)).wantStatus(http.StatusNotFound)
	}
	for _, path := range []string{"/approval", "/return", "/reopening"} {
		b.post(recordPath(foreign, path), url.Values{"reason": {"x"}, "part": {"mon-TOAN"}}).wantStatus(http.StatusNotFound)
	}
	b.get(views.RecordURL("2024-2025", id)).wantStatus(http.StatusNotFound)
	b.get(views.ApprovalClassURL(dbtest.Year, s.OtherClass.ID)).wantStatus(http.StatusNotFound)
	s.as(huong).get(recordPath(id, "")).wantStatus(200).wantText("Chờ hiệu trưởng duyệt")
	s.as(admin).get(recordPath(id, "")).wantStatus(200)
	// Who teaches the class no longer is as a stranger to it.
	s.db.Exec(`UPDATE school.teaching_assignment SET to_date = from_date WHERE account_id = $1`, s.Minh.AccountID)
	s.as(minh).get(recordPath(id, "")).wantStatus(http.StatusNotFound)
}
