package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/jobs/jobstest"
	"hocba/views"
)

// reviewed is the cast's class with complete year-end values and open windows.
func reviewed(t *testing.T) (*site, *jobstest.Chain) {
	t.Helper()
	s := newSite(t)
	s.db.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		VALUES ($1, $2, 'cn', '2026-05-01', '2026-06-22', '2026-05-01')`, s.School.ID, string(dbtest.Year))
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Fill(t)
	return s, chain
}

func (s *site) reviewURL() string { return views.ReviewURL(dbtest.Year, s.Class.ID) }

func (s *site) pupilURL(n int) string {
	return views.ReviewPupilURL(dbtest.Year, s.Class.ID, s.Roll[n].EnrolmentID)
}

func (s *site) measuresURL() string { return views.ReviewMeasuresURL(dbtest.Year, s.Class.ID) }

// reviewForm reads the form of a page as a browser would send it untouched.
func (a answer) reviewForm() url.Values {
	a.t.Helper()
	form := url.Values{}
	main := find(a.parse(), func(n *html.Node) bool { return n.Data == "form" && attr(n, "hx-post") != "" })
	if main == nil {
		a.t.Fatalf("the page has no form: %s", a.text())
	}
	for _, n := range findAll(main, func(n *html.Node) bool { return n.Data == "input" || n.Data == "textarea" }) {
		kind, name := attr(n, "type"), attr(n, "name")
		_, checked := attribute(n, "checked")
		if (kind == "radio" || kind == "checkbox") && !checked {
			continue
		}
		value := attr(n, "value")
		if n.Data == "textarea" {
			value = textOf(n)
		}
		form.Set(name, value)
	}
	return form
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func TestClassReview_ComputesTheLevelAndNamesWhatIsMissingByTeacher(t *testing.T) {
	s, chain := reviewed(t)
	eight := 8
	chain.Enter(s.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "T", Mark: &eight})
	chain.Enter(s.Roll[1].EnrolmentID, "AM_NHAC", evaluation.Entry{})
	chain.Enter(s.Roll[2].EnrolmentID, "YEU_NUOC", evaluation.Entry{})
	got := s.as(huong).get(s.reviewURL()).wantStatus(http.StatusOK)
	got.wantText("Bảng tổng hợp · lớp 4A", "Hoàn thành xuất sắc 5", "Hoàn thành tốt 1", "Chưa đủ dữ liệu 2",
		"Nghệ thuật (Âm nhạc) thầy/cô Đoàn Nhật Minh 1 em chưa ghi đủ, 7 em đã ghi, chưa ký", "Phẩm chất và năng lực phần của thầy/cô 1 em chưa ghi đủ",
		"Chữ ký các môn của thầy/cô phần của thầy/cô 8 em đã ghi, chưa ký Ký", "132", "28,5", "Khen thưởng không đi với mức hiện có")
	only := s.as(huong).get(s.reviewURL() + "?only=traits").wantStatus(http.StatusOK)
	only.wantText("Đang hiện 1 em còn thiếu: Phẩm chất và năng lực", s.Roll[2].FullName)
	if table := find(only.parse(), func(n *html.Node) bool { return attr(n, "id") == "pupils" }); len(findAll(table, isBodyRow)) != 1 {
		t.Error("the table shows more than the pupils asked for")
	}
}

func isBodyRow(n *html.Node) bool {
	return n.Data == "tr" && n.Parent != nil && n.Parent.Data == "tbody"
}

func TestClassReview_IsForTheHomeroomTeacherOnly(t *testing.T) {
	s, _ := reviewed(t)
	for _, name := range []string{minh, principal, admin, otherTeacher, authority} {
		b := s.as(name)
		for _, path := range []string{s.reviewURL(), s.pupilURL(0), s.measuresURL()} {
			b.get(path).wantStatus(http.StatusNotFound)
		}
		b.do(put, s.pupilURL(0), strings.NewReader("absent_excused=1&old.absent_excused=")).wantStatus(http.StatusNotFound)
		b.do(put, s.measuresURL(), strings.NewReader(views.MeasureName(s.Roll[0].EnrolmentID, "height_mm")+"=140")).wantStatus(http.StatusNotFound)
		b.post(views.ReviewAwardsURL(dbtest.Year, s.Class.ID), nil).wantStatus(http.StatusNotFound)
	}
	s.as(huong).get(views.ReviewPupilURL(dbtest.Year, s.Class.ID, 999999)).wantStatus(http.StatusNotFound)
}

func TestPupilReview_SaysWhyTheLevelIsNotBetter(t *testing.T) {
	s, chain := reviewed(t)
	six := 6
	chain.Enter(s.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "H", Mark: &six})
	chain.Enter(s.Roll[0].EnrolmentID, "NL_TIN_HOC", evaluation.Entry{Level: "Đ"})
	got := s.as(huong).get(s.pupilURL(0)).wantStatus(http.StatusOK)
	got.wantText("Nguyễn Hoài An", "1 / 8", "Bảo An", "Hiện là Hoàn thành.", "Vì sao chưa tốt?", "Còn 3 điều kiện chưa đạt",
		"Toán: điểm 6 , cần từ 7", "Toán: mức H , cần mức T (Hoàn thành tốt)", "phần của thầy/cô",
		"Tin học: mức Đ , cần mức T (Tốt)", "Vì sao chưa xuất sắc?", "11/12 môn và hoạt động mức T", "14/15 phẩm chất, năng lực mức T (Tốt)")
	s.as(huong).get(s.pupilURL(1)).wantText("Hiện là Hoàn thành xuất sắc, mức cao nhất")
}

func TestUpdatePupilReview_SavesTheWholePageAndGoesOn(t *testing.T) {
	s, _ := reviewed(t)
	b := s.as(huong)
	form := b.get(s.pupilURL(0)).reviewForm()
	form.Set("height_mm", "132,5")
	form.Set("absent_excused", "4")
	form.Set("NX_PHAM_CHAT.remark", "Em thật thà,  biết giúp bạn.")
	form.Set("then", "next")
	got := b.post(s.pupilURL(0), form).wantStatus(http.StatusSeeOther)
	if want := s.pupilURL(1) + "?done=" + strconv.FormatInt(s.Roll[0].EnrolmentID, 10); got.header.Get("Location") != want {
		t.Errorf("goes to %s, want %s", got.header.Get("Location"), want)
	}
	b.get(got.header.Get("Location")).wantText("Đã lưu Nguyễn Hoài An lúc")
	again := b.get(s.pupilURL(0)).reviewForm()
	for name, want := range map[string]string{"height_mm": "132,5", "absent_excused": "4", "NX_PHAM_CHAT.remark": "Em thật thà, biết giúp bạn."} {
		if again.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, again.Get(name), want)
		}
	}
}

func TestUpdatePupilReview_RefusesAtTheFieldAndKeepsTheTyping(t *testing.T) {
	s, _ := reviewed(t)
	b := s.as(huong)
	form := b.get(s.pupilURL(0)).reviewForm()
	form.Set("height_mm", "abc")
	form.Set("weight_g", "31,2")
	for _, header := range [][]string{nil, {"HX-Request", "true"}} {
		got := b.post(s.pupilURL(0), form, header...).wantStatus(http.StatusUnprocessableEntity)
		got.wantText("Chưa lưu: có ô cần sửa", "Chiều cao: Ghi chiều cao bằng xăng-ti-mét")
		back := got.reviewForm()
		if back.Get("height_mm") != "abc" || back.Get("weight_g") != "31,2" || back.Get("old.height_mm") != "132" {
			t.Errorf("the typing is lost: %v", back)
		}
		if whole := strings.Contains(got.body, "<html"); whole == (header != nil) {
			t.Errorf("htmx got a page, or a form got a fragment (%v)", header)
		}
	}
	if kept := b.get(s.pupilURL(0)).reviewForm(); kept.Get("weight_g") != "28,5" {
		t.Errorf("a refused page was saved in part: %s", kept.Get("weight_g"))
	}
}

func TestUpdatePupilReview_ShowsBothValuesWhenStale(t *testing.T) {
	s, _ := reviewed(t)
	b := s.as(huong)
	mine := b.get(s.pupilURL(0)).reviewForm()
	theirs := b.get(s.pupilURL(0)).reviewForm()
	theirs.Set("height_mm", "140")
	theirs.Set("absent_excused", "9")
	b.post(s.pupilURL(0), theirs).wantStatus(http.StatusSeeOther)
	mine.Set("height_mm", "133")
	got := b.post(s.pupilURL(0), mine).wantStatus(http.StatusConflict)
	got.wantText("Nguyễn Thị Mai Hương đã ghi “140”", "Lưu lần nữa để giữ giá trị dưới đây")
	back := got.reviewForm()
	if back.Get("height_mm") != "133" || back.Get("old.height_mm") != "140" {
		t.Errorf("mine or theirs is lost: %v", back)
	}
	b.post(s.pupilURL(0), back).wantStatus(http.StatusSeeOther)
	if now := b.get(s.pupilURL(0)).reviewForm(); now.Get("height_mm") != "133" || now.Get("absent_excused") != "9" {
		t.Errorf("after saving again: %s cm, %s days", now.Get("height_mm"), now.Get("absent_excused"))
	}
}

func TestUpdatePupilReview_IsLockedBySignatures(t *testing.T) {
	s, chain := reviewed(t)
	chain.SignParts(t)
	b := s.as(huong)
	form := b.get(s.pupilURL(0)).reviewForm() // subject teachers' signatures close nothing here
	chain.Sign(t)
	b.get(s.reviewURL()).wantText("Chờ duyệt", "Không phần nào còn thiếu")
	page := b.get(s.pupilURL(0)).wantStatus(http.StatusOK)
	page.wantText("Chỉ đọc", "Nguyễn Thị Mai Hương đã ký phần này", "132 cm")
	form.Set("height_mm", "140")
	got := b.post(s.pupilURL(0), form).wantStatus(http.StatusLocked)
	got.wantText("Chưa lưu. Nguyễn Thị Mai Hương đã ký phần này", "rút chữ ký trước", "Vừa nhập, chưa lưu", "140")
}

func TestMeasures_SavesRowByRowAndNamesTheRefused(t *testing.T) {
	s, _ := reviewed(t)
	b := s.as(huong)
	form := b.get(s.measuresURL()).wantStatus(http.StatusOK).reviewForm()
	set := func(n int, f evaluation.ReviewField, value string) {
		form.Set(views.MeasureName(s.Roll[n].EnrolmentID, f), value)
	}
	set(0, "height_mm", "132,5")
	set(1, "height_mm", "abc")
	set(1, "absent_excused", "3")
	set(2, "weight_g", "30.25")
	got := b.post(s.measuresURL(), form).wantStatus(http.StatusUnprocessableEntity)
	got.wantText("Đã lưu 2 em, 1 em chưa lưu", "Trần Bảo An, cao (cm): Ghi chiều cao bằng xăng-ti-mét")
	back := got.reviewForm()
	if back.Get(views.MeasureName(s.Roll[1].EnrolmentID, "height_mm")) != "abc" || back.Get(views.MeasureName(s.Roll[1].EnrolmentID, "absent_excused")) != "3" {
		t.Error("the typing of the refused row is lost")
	}
	back.Set(views.MeasureName(s.Roll[1].EnrolmentID, "height_mm"), "129")
	b.post(s.measuresURL(), back).wantStatus(http.StatusSeeOther)
	now := b.get(s.measuresURL() + "?saved=1").wantText("Đã lưu 1 em").reviewForm()
	for n, want := range map[int][2]string{0: {"132,5", "28,5"}, 1: {"129", "28,5"}, 2: {"132", "30,25"}} {
		id := s.Roll[n].EnrolmentID
		if h, w := now.Get(views.MeasureName(id, "height_mm")), now.Get(views.MeasureName(id, "weight_g")); h != want[0] || w != want[1] {
			t.Errorf("pupil %d: %s cm, %s kg, want %v", n, h, w, want)
		}
	}
}

func TestCreateAwards_GivesWhatFollowsFromTheLevel(t *testing.T) {
	s, chain := reviewed(t)
	s.db.Exec(`DELETE FROM school.commendation`)
	seven := 7
	chain.Enter(s.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "T", Mark: &seven}) // HTT: not by itself
	b := s.as(huong)
	b.get(s.reviewURL()).wantText("Ghi Học sinh Xuất sắc cho 7 em")
	got := b.post(views.ReviewAwardsURL(dbtest.Year, s.Class.ID), nil).wantStatus(http.StatusSeeOther)
	b.get(got.header.Get("Location")).wantText("Đã ghi danh hiệu Học sinh Xuất sắc cho 7 em")
	var given int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.commendation WHERE kind = 'HOC_SINH_XUAT_SAC'`).Scan(&given); err != nil || given != 7 {
		t.Errorf("%d titles: %v", given, err)
	}
	b.get(s.pupilURL(1)).wantText("Khen thưởng Học sinh Xuất sắc", "Đề nghị, sửa khen thưởng")
}

func TestPupilReview_LeavesTheDecisionWhereTheLawDoes(t *testing.T) {
	s, chain := reviewed(t)
	two := 2
	chain.Enter(s.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "C", Mark: &two})
	s.db.Exec(`DELETE FROM school.commendation WHERE pupil_id = $1`, s.Roll[0].PupilID)
	b := s.as(huong)
	if form := b.get(s.pupilURL(1)).reviewForm(); form.Has("old.promoted") {
		t.Error("promotion is asked for although the level decides")
	}
	page := b.get(s.pupilURL(0)).wantText("Chưa hoàn thành", "Em chưa hoàn thành: chọn đợt 2", "hiệu trưởng chưa quyết định", "Kế hoạch rèn luyện trong hè")
	form := page.reviewForm()
	form.Set("track", "2")
	b.post(s.pupilURL(0), form).wantStatus(http.StatusSeeOther)
	b.get(s.reviewURL()).wantText("Đợt 2: chờ hiệu trưởng quyết định")
	form = b.get(s.pupilURL(0)).reviewForm()
	if form.Has("old.promoted") || form.Has("reassessed_on") {
		t.Error("the homeroom teacher is asked for what the principal decides")
	}
	for _, f := range []string{"reassessed_on", "promoted", "completed"} {
		typed := b.get(s.pupilURL(0)).reviewForm()
		typed.Set("old."+f, "")
		typed.Set(f, map[string]string{"reassessed_on": "05/05/2026"}[f])
		if f != "reassessed_on" {
			typed.Set(f, "1")
		}
		b.post(s.pupilURL(0), typed).wantStatus(http.StatusUnprocessableEntity)
	}
	var track int
	err := s.db.Owner().QueryRow(`SELECT r.track FROM school.record r WHERE enrolment_id = $1`, s.Roll[0].EnrolmentID).Scan(&track)
	if err != nil || track != 2 {
		t.Errorf("the record is on track %d: %v", track, err)
	}
}

func BenchmarkClassReview(b *testing.B) {
	s := newSite(b)
	chain := jobstest.New(b, s.db, s.Cast)
	chain.Fill(b)
	chain.SignParts(b)
	who := s.as(huong)
	for b.Loop() {
		who.get(s.reviewURL()).wantStatus(http.StatusOK)
	}
}
