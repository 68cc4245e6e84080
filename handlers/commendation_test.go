package handlers

import (
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/paper"
	"hocba/views"
)

func (s *site) commendationsURL() string { return views.CommendationsURL(dbtest.Year, s.Class.ID) }

// deedForm is what a homeroom teacher sends about a deed of pupil n.
func (s *site) deedForm(n int) url.Values {
	return url.Values{"kind": {"DOT_XUAT"}, "pupil": {id(s.Roll[n].EnrolmentID)}, "reason": {"Cứu bạn bị đuối nước"}, "day": {"12/03/2026"}}
}

// picks are the boxes of the page of the school that can be ticked.
func (a answer) picks() []string {
	a.t.Helper()
	var out []string
	for _, part := range strings.Split(a.body, `name="pick" value="`)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		out = append(out, value)
	}
	return out
}

func (s *site) decision(picks ...string) url.Values {
	return url.Values{"number": {"45/QĐ-THHP"}, "day": {"20/05/2026"}, "pick": picks}
}

func TestCommendations_HomeroomProposesPrincipalDecides(t *testing.T) {
	s, chain := reviewed(t)
	seven := 7
	chain.Enter(s.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "T", Mark: &seven}) // HTT
	s.db.Exec(`DELETE FROM school.commendation`)
	home, path := s.as(huong), s.commendationsURL()
	home.get(path).wantStatus(http.StatusOK).wantText("Đề nghị Học sinh Xuất sắc cho 7 em", "Đề nghị Tiêu biểu")
	got := home.post(views.ReviewAwardsURL(dbtest.Year, s.Class.ID), url.Values{"from": {views.FromCommendations}}).wantStatus(http.StatusSeeOther)
	home.get(got.header.Get("Location")).wantText("Đã ghi danh hiệu Học sinh Xuất sắc cho 7 em")

	an := id(s.Roll[0].EnrolmentID)
	home.get(path+"?kind=HOC_SINH_TIEU_BIEU&pupil="+an).wantStatus(http.StatusOK).wantText("Môn học, hoạt động có thành tích nổi bật", "Tập thể lớp đã công nhận")
	form := url.Values{"kind": {"HOC_SINH_TIEU_BIEU"}, "pupil": {an}, "reason": {"Giỏi nhất lớp"}}
	home.post(path, form).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn ít nhất một môn em có thành tích nổi bật")
	form["items"] = []string{"KHOA_HOC", "CHAM_CHI"}
	home.post(path, form).wantStatus(http.StatusUnprocessableEntity).wantText("Đánh dấu khi tập thể lớp đã công nhận")
	form.Set("agreed", "1")
	form.Del("reason")
	home.post(path, form).wantStatus(http.StatusSeeOther)
	home.post(path, s.deedForm(0)).wantStatus(http.StatusSeeOther)
	home.get(path+"?done=written").wantText("Đã ghi khen thưởng",
		"Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện: nổi bật môn Khoa học – tiến bộ rõ rệt về Chăm chỉ",
		"Khen thưởng đột xuất: Cứu bạn bị đuối nước, ngày 12/03/2026", "Chờ hiệu trưởng quyết định")
	home.get(s.pupilURL(0)).wantText("Cứu bạn bị đuối nước, ngày 12/03/2026")

	boss := s.as(principal)
	boss.get(views.YearURL(dbtest.Year)).wantText("Đề nghị khen thưởng chờ quyết định", "9")
	list := views.SchoolCommendationsURL(dbtest.Year, 0)
	page := boss.get(list).wantStatus(http.StatusOK).wantText("9 đề nghị", "Nguyễn Hoài An", "Hoàn thành tốt")
	picks := page.picks()
	decide := views.In(dbtest.Year, "commendation-decisions")
	empty := s.decision(picks[:2]...)
	empty.Set("number", "")
	boss.post(decide, empty).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi số quyết định")
	boss.post(decide, s.decision()).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn ít nhất một em")
	done := boss.post(decide, s.decision(picks[:2]...)).wantStatus(http.StatusSeeOther)
	boss.get(done.header.Get("Location")).wantText("Đã quyết định cho 1 em", "Quyết định số 45/QĐ-THHP ngày 20/05/2026", "7 đề nghị")
	boss.post(decide, s.decision(picks[:2]...)).wantStatus(http.StatusConflict).wantText("đã có quyết định số 45/QĐ-THHP")
	home.get(s.pupilURL(0)).wantText("ngày 12/03/2026 (Quyết định số 45/QĐ-THHP ngày 20/05/2026)")
	if body := home.get(path).body; strings.Count(body, ">Sửa") != 7 {
		t.Errorf("%d commendations can be changed after the decision, want the seven undecided", strings.Count(body, ">Sửa"))
	}
}

func TestCommendations_LevelChangedAfterTheProposal(t *testing.T) {
	s, chain := reviewed(t)
	boss, list := s.as(principal), views.SchoolCommendationsURL(dbtest.Year, s.Class.ID)
	picks := boss.get(list).wantText("8 đề nghị").picks()
	eight := 8
	chain.Enter(s.Roll[0].EnrolmentID, "TOAN", evaluation.Entry{Level: "T", Mark: &eight})
	s.as(huong).get(s.commendationsURL()).wantText("Không còn đi với mức hiện có")
	if page := boss.get(list).wantText("Không còn đi với mức hiện có", "Hoàn thành tốt"); strings.Count(page.body, "checked") != 7 {
		t.Errorf("%d boxes are ticked beforehand, want the seven that fit", strings.Count(page.body, "checked"))
	}
	boss.post(views.In(dbtest.Year, "commendation-decisions"), s.decision(picks...)).wantStatus(http.StatusConflict).
		wantText("Danh hiệu của Nguyễn Hoài An không còn đi với mức hiện có")
	first, revision, _ := strings.Cut(picks[0], ".")
	boss.get(list + "&strike=" + first).wantText("Đưa ra khỏi danh sách – Nguyễn Hoài An")
	removal := views.In(dbtest.Year, "commendations", first, "removal")
	boss.post(removal, url.Values{"revision": {revision}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do")
	boss.post(removal, url.Values{"revision": {revision}, "reason": {"Điểm đã thay đổi"}}).wantStatus(http.StatusSeeOther)
	s.as(huong).get(s.commendationsURL()).wantText("Hiệu trưởng đưa ra khỏi danh sách", "Điểm đã thay đổi")
	boss.post(views.In(dbtest.Year, "commendation-decisions"), s.decision(picks[1:]...)).wantStatus(http.StatusSeeOther)
}

func TestCommendations_EachToTheOwnActs(t *testing.T) {
	s, _ := reviewed(t)
	path, list := s.commendationsURL(), views.SchoolCommendationsURL(dbtest.Year, 0)
	for _, who := range []string{minh, otherTeacher} {
		s.as(who).get(path).wantStatus(http.StatusNotFound)
		s.as(who).post(path, s.deedForm(0)).wantStatus(http.StatusNotFound)
		s.as(who).get(list).wantStatus(http.StatusNotFound)
	}
	for _, who := range []string{deputy, admin} {
		page := s.as(who).get(list).wantStatus(http.StatusOK).wantText("8 đề nghị")
		if len(page.picks()) != 0 || strings.Contains(page.body, "commendation-decisions") {
			t.Errorf("%s is offered the principal's decision", who)
		}
		if page := s.as(who).get(path).wantStatus(http.StatusOK); strings.Contains(page.text(), "Ghi khen thưởng") {
			t.Errorf("%s is offered the homeroom teacher's form", who)
		}
	}
	s.as(deputy).post(views.In(dbtest.Year, "commendation-decisions"), s.decision("1.1")).wantStatus(http.StatusNotFound)
	home := s.as(huong)
	home.post(path, s.deedForm(1)).wantStatus(http.StatusSeeOther)
	var deed string
	if err := s.db.Owner().QueryRow(`SELECT id FROM school.commendation WHERE kind = 'DOT_XUAT'`).Scan(&deed); err != nil {
		t.Fatal(err)
	}
	home.get(path + "?edit=" + deed).wantText("Khen thưởng đột xuất – Trần Bảo An").wantText("Thành tích đột xuất")
	reworded := s.deedForm(1)
	reworded.Set("_method", "PUT")
	reworded.Set("revision", "1")
	reworded.Set("reason", "Nhặt được của rơi")
	home.post(path+"/"+deed, reworded).wantStatus(http.StatusSeeOther)
	home.post(path+"/"+deed, reworded).wantStatus(http.StatusConflict).wantText("vừa được sửa")
	home.get(path).wantText("Nhặt được của rơi, ngày 12/03/2026")
	home.post(path+"/"+deed, url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusSeeOther)
	home.post(path+"/"+deed, url.Values{"_method": {"DELETE"}}).wantStatus(http.StatusConflict)
	if strings.Contains(home.get(path).text(), "Nhặt được của rơi") {
		t.Error("what was withdrawn is still shown")
	}
}

func TestCommendationFile_SaysWhoTookItAndIsLogged(t *testing.T) {
	s, _ := reviewed(t)
	for who, path := range map[string]string{huong: s.commendationsURL() + "/list.xlsx", deputy: views.In(dbtest.Year, "commendations", "list.xlsx")} {
		got := s.as(who).get(path).wantStatus(http.StatusOK)
		book, err := excelize.OpenReader(strings.NewReader(got.body))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(book.GetSheetName(0))
		if err != nil || len(rows) < 14 || !strings.Contains(strings.Join(append(rows[5], rows[6]...), "|"), "Học sinh Xuất sắc|Chưa quyết định") {
			t.Errorf("%s takes %v, %v", who, rows, err)
		}
	}
	for _, who := range []string{minh, otherTeacher} {
		s.as(who).get(s.commendationsURL() + "/list.xlsx").wantStatus(http.StatusNotFound)
		s.as(who).get(s.commendationsURL() + "/list.pdf").wantStatus(http.StatusNotFound)
	}
	var noted int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.audit_event WHERE act = 'commendations_exported'`).Scan(&noted); err != nil || noted != 2 {
		t.Errorf("%d lines in the audit trail: %v", noted, err)
	}
}

func TestCommendationPaper_PrintsUndecidedAsSuch(t *testing.T) {
	s, _ := reviewed(t)
	printer, err := paper.New(paper.Options{Tabs: 1})
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(printer.Close)
	s.portal.press.printer = printer
	s.as(huong).post(s.commendationsURL(), s.deedForm(0)).wantStatus(http.StatusSeeOther)
	got := s.as(huong).get(s.commendationsURL() + "/list.pdf").wantStatus(http.StatusOK)
	read := exec.Command("pdftotext", "-layout", "-", "-")
	read.Stdin = strings.NewReader(got.body)
	text, err := read.Output()
	if err != nil {
		t.Skip(err)
	}
	for _, want := range []string{"DANH SÁCH HỌC SINH ĐƯỢC ĐỀ NGHỊ KHEN THƯỞNG", "Cứu bạn bị đuối nước, ngày 12/03/2026", "Chưa quyết định", "Nguyễn Thị Mai Hương ·"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the paper does not say %q", want)
		}
	}
	if strings.Contains(string(text), "Quyết định số") {
		t.Error("the paper speaks of a decision that nobody took")
	}
}
