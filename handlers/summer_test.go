package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/school"
	"hocba/views"
)

// lateSite is a class at the year's end, the first pupil with a C in Toán.
func lateSite(t *testing.T) (*site, *jobstest.Chain) {
	t.Helper()
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Fill(t)
	three := 3
	chain.Enter(s.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "C", Mark: &three})
	return s, chain
}

func (s *site) planForm() url.Values {
	return url.Values{"_method": {"PUT"}, "seen": {"0"}, "items": {"TOAN"}, "content": {"Ôn phép chia"}, "guide": {"Cô Hương"},
		"from": {"18/05/2026"}, "to": {"31/07/2026"}, "family": {"Nhắc em học bài"}}
}

func TestSummer_PlanReassessDecide(t *testing.T) {
	s, _ := lateSite(t)
	year, class, an := dbtest.Year, s.Class.ID, s.Roll[0].EnrolmentID
	list, plan, decide := views.SummerURL(year, class), views.SummerPupilURL(year, class, an), views.SummerDecisionsURL(year)
	home, boss := s.as(huong), s.as(principal)

	home.get("/"+string(year)).wantText("Lập kế hoạch hè cho lớp 4A", "trước ngày 15/8")
	home.get(list).wantStatus(http.StatusOK).wantText("Nguyễn Hoài An", "Cuối năm chưa đạt: Toán", "Chưa có kế hoạch", "Lập kế hoạch")
	home.get(plan).wantStatus(http.StatusOK).wantText("Cuối năm chưa đạt", "Gia đình phối hợp")
	bad := s.planForm()
	bad.Set("content", " ")
	home.post(plan, bad).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi nội dung em cần rèn luyện", "Nhắc em học bài")
	home.post(plan, s.planForm()).wantStatus(http.StatusSeeOther)
	home.post(plan, s.planForm()).wantStatus(http.StatusConflict).wantText("vừa ghi kế hoạch của em")
	for who, b := range map[string]*browser{"minh": s.as(minh), "a stranger to the school": s.as(otherTeacher)} {
		if got := b.get(list); got.status != http.StatusNotFound {
			t.Errorf("%s reads the list: %d", who, got.status)
		}
		if got := b.post(plan, s.planForm()); got.status != http.StatusNotFound {
			t.Errorf("%s writes a plan: %d", who, got.status)
		}
	}
	if page := s.as(deputy).get(plan).wantStatus(http.StatusOK).wantText("Ôn phép chia"); strings.Contains(page.body, "Lưu kế hoạch") {
		t.Error("a deputy is offered to write a plan")
	}
	grid := "/" + string(year) + "/classes/" + id(class) + "/gradebook/he"
	home.get(grid + "?subject=KHOA_HOC").wantStatus(http.StatusOK).wantNoText("Nguyễn Hoài An")
	s.openPeriod(school.Summer)
	home.get(grid + "?subject=TOAN").wantStatus(http.StatusOK).wantText("Nguyễn Hoài An")

	boss.get("/" + string(year)).wantText("Chờ quyết định sau rèn luyện trong hè")
	boss.get(decide).wantStatus(http.StatusOK).wantText("Nguyễn Hoài An", "chưa đánh giá bổ sung Toán", "Chưa hoàn thành, được lên lớp")
	form := url.Values{"number": {"27/QĐ-TH"}, "date": {"20/05/2026"}, "outcome-" + id(an): {"moved_up"}, "seen-" + id(an): {"0"}}
	s.as(deputy).post(decide, form).wantStatus(http.StatusNotFound)
	home.post(decide, form).wantStatus(http.StatusNotFound)
	boss.post(decide, form).wantStatus(http.StatusUnprocessableEntity).wantText("Em chưa được đánh giá bổ sung đủ")
	form.Set("note-"+id(an), "Em nghỉ ốm")
	form.Set("date", "21/12/2026")
	boss.post(decide, form).wantStatus(http.StatusUnprocessableEntity).wantText("không sau hôm nay")
	form.Set("date", "20/05/2026")
	boss.post(decide, form).wantStatus(http.StatusSeeOther)
	boss.post(decide, form).wantStatus(http.StatusConflict).wantText("vừa quyết định cho em này")
	boss.get(decide).wantText("Không em nào chờ quyết định", "QĐ 27/QĐ-TH", "Quyết định lại")
	boss.get(decide + "?again=" + id(an)).wantText("Quyết định mới thay quyết định này")
	home.get(plan).wantText("Hiệu trưởng quyết định", "Em nghỉ ốm").wantNoText("Lưu kế hoạch")
	home.get(s.pupilURL(0)).wantText("Quyết định sau hè", "theo Quyết định số 27/QĐ-TH")
}

func TestSummer_GridIsClosedWithItsWindow(t *testing.T) {
	s, _ := lateSite(t)
	an := s.Roll[0].EnrolmentID
	b := s.as(huong)
	b.post(views.SummerPupilURL(dbtest.Year, s.Class.ID, an), s.planForm()).wantStatus(http.StatusSeeOther)
	cell := id(an) + ".TOAN.level"
	put := url.Values{"cell": {cell}, "old": {""}, "new": {"H"}}
	path := "/" + string(dbtest.Year) + "/classes/" + id(s.Class.ID) + "/gradebook/he/cells"
	got := b.do(http.MethodPut, path, strings.NewReader(put.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	if got.status != http.StatusLocked {
		t.Errorf("a value of the summer without an order: %d", got.status)
	}
}

func TestUnclosed_SaysWhyForEveryPupil(t *testing.T) {
	s, chain := lateSite(t)
	s.as(huong).post(views.SummerPupilURL(dbtest.Year, s.Class.ID, s.Roll[0].EnrolmentID), s.planForm()).wantStatus(http.StatusSeeOther)
	s.db.Exec(`DELETE FROM school.entry WHERE enrolment_id = $1 AND item = 'AM_NHAC'`, s.Roll[1].EnrolmentID)
	if err := chain.Desk.SignParts(t.Context(), s.Huong, chain.Records[2], chain.Pen(s.Huong)); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{principal, deputy, admin} {
		s.as(who).get(views.UnclosedURL(dbtest.Year)).wantStatus(http.StatusOK).
			wantText("8 em của trường", "Chưa đánh giá bổ sung đủ", "Chưa đủ kết quả", "Đoàn Nhật Minh", "Giáo viên bộ môn chưa ký", "Nguyễn Hoài An")
	}
	s.as(principal).get(views.UnclosedURL(dbtest.Year) + "?track=2").wantText("Nguyễn Hoài An").wantNoText("Trần Bảo An")
	s.as(huong).get(views.UnclosedURL(dbtest.Year)).wantStatus(http.StatusNotFound)
	file := s.as(principal).get(views.UnclosedURL(dbtest.Year) + "/list.xlsx").wantStatus(http.StatusOK)
	if kind := file.header.Get("Content-Type"); kind != xlsxType {
		t.Errorf("the file is %s", kind)
	}
	var noted int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.audit_event WHERE act = 'unclosed_exported'`).Scan(&noted); err != nil || noted != 1 {
		t.Errorf("%d exports in the audit trail, %v", noted, err)
	}
}

// TestSummer_FlagsTheLastGrade: the second batch is named for grades 1 to 4, so
// a pupil of grade 5 in it is flagged wherever somebody decides about it.
func TestSummer_FlagsTheLastGrade(t *testing.T) {
	s, _ := lateSite(t)
	s.as(huong).post(views.SummerPupilURL(dbtest.Year, s.Class.ID, s.Roll[0].EnrolmentID), s.planForm()).wantStatus(http.StatusSeeOther)
	const flag = "Lớp 5, nộp đợt 2"
	pages := map[string]string{huong: views.SummerURL(dbtest.Year, s.Class.ID), principal: views.SummerDecisionsURL(dbtest.Year),
		deputy: views.UnclosedURL(dbtest.Year)}
	for who, path := range pages {
		s.as(who).get(path).wantStatus(http.StatusOK).wantText("Nguyễn Hoài An").wantNoText(flag)
	}
	s.db.Exec(`UPDATE school.class SET grades = '{4,5}' WHERE id = $1`, s.Class.ID)
	s.db.Exec(`UPDATE school.enrolment SET grade = 5 WHERE id = $1`, s.Roll[0].EnrolmentID)
	for who, path := range pages {
		if n := strings.Count(s.as(who).get(path).wantText(flag).text(), flag); n != 1 {
			t.Errorf("%s: %d flags", path, n)
		}
	}
	rows := sheetRows(t, s.as(principal).get(views.UnclosedURL(dbtest.Year)+"/list.xlsx").wantStatus(http.StatusOK))
	flagged := 0
	for _, row := range rows {
		if strings.Contains(strings.Join(row, "|"), flag) {
			flagged++
		}
	}
	if flagged != 1 {
		t.Errorf("%d rows of the file are flagged", flagged)
	}
}
