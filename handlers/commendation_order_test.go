package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/views"
	form "hocba/views/paper"
)

// TestCommendations_DecidedBeforeSigning: where the school wants it, a page with
// an undecided title cannot be signed; with the decision it can, and the signed
// XML and the paper say number and day.
func TestCommendations_DecidedBeforeSigning(t *testing.T) {
	s, chain := reviewed(t)
	chain.SignParts(t)
	order := views.CommendationOrderURL(dbtest.Year)
	for _, who := range []string{deputy, huong} {
		s.as(who).post(order, url.Values{"_method": {"PUT"}, "first": {"1"}}).wantStatus(http.StatusNotFound)
	}
	boss := s.as(principal)
	boss.get(views.SchoolCommendationsURL(dbtest.Year, 0)).wantText("Trình tự khen thưởng của trường", "Học bạ không phải chờ quyết định mới ký được")
	if page := s.as(deputy).get(views.SchoolCommendationsURL(dbtest.Year, 0)); strings.Contains(page.text(), "Trình tự khen thưởng") {
		t.Error("the deputy is offered the school's order")
	}
	s.as(admin).post(order, url.Values{"_method": {"PUT"}, "first": {"1"}}).wantStatus(http.StatusSeeOther)
	boss.get(views.SchoolCommendationsURL(dbtest.Year, 0)+"?done=order").wantText("Đã ghi trình tự khen thưởng", "chưa ký được trang của em")
	s.as(huong).get(s.commendationsURL()).wantText("có quyết định khen thưởng rồi giáo viên chủ nhiệm mới ký")
	s.as(huong).get(s.reviewURL()).wantText("Khen thưởng chờ hiệu trưởng quyết định")

	sign := func() error {
		return chain.Desk.SignHomeroom(t.Context(), s.Huong, chain.Records[0], "", chain.Pen(s.Huong))
	}
	if err := sign(); fault.CodeOf(err) != "record.commendation_undecided" {
		t.Fatalf("signed before the decision: %v", err)
	}
	picks := boss.get(views.SchoolCommendationsURL(dbtest.Year, s.Class.ID)).picks()
	boss.post(views.In(dbtest.Year, "commendation-decisions"), s.decision(picks...)).wantStatus(http.StatusSeeOther)
	if err := sign(); err != nil {
		t.Fatal(err)
	}
	var model *bundle.Record
	err := s.db.As(t.Context(), s.Principal, func(tx *db.Tx) error {
		r, err := tx.Record(t.Context(), chain.Records[0], false)
		if err == nil {
			model = r.Model()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const line = "Học sinh Xuất sắc (Quyết định số 45/QĐ-THHP ngày 20/05/2026)"
	if got := model.Content.Commended; len(got) != 1 || got[0].Text != line {
		t.Errorf("the XML says %+v", got)
	}
	if got := form.YearOf(model, form.Context{}).Awarded.Text; got != line {
		t.Errorf("the paper says %q", got)
	}
}

// TestCommendations_ShowWhatIsAllowed: behind a signature there is no button
// but the reason, and an issued record keeps what it says.
func TestCommendations_ShowWhatIsAllowed(t *testing.T) {
	s, chain := reviewed(t)
	home, boss := s.as(huong), s.as(principal)
	open := home.get(s.commendationsURL())
	if n := strings.Count(open.body, `action="`+s.commendationsURL()+"/"); n != len(s.Roll) {
		t.Fatalf("%d can be withdrawn before signing, want %d", n, len(s.Roll))
	}
	chain.Sign(t)
	page := home.get(s.commendationsURL()).wantText("đã ký phần này nên chỉ đọc", "8 em có trang đã ký hoặc đã phát hành")
	for _, offered := range []string{`action="` + s.commendationsURL() + "/", "?edit=", "Đề nghị Học sinh Xuất sắc cho"} {
		if strings.Contains(page.body, offered) {
			t.Errorf("behind the signature the page offers %s", offered)
		}
	}
	list := views.SchoolCommendationsURL(dbtest.Year, 0)
	if n := strings.Count(boss.get(list).body, "?strike="); n != len(s.Roll) {
		t.Errorf("%d can be taken off the list before the issue", n)
	}
	chain.Issue(t)
	if page := boss.get(list).wantText("Học bạ đã phát hành"); strings.Contains(page.body, "?strike=") {
		t.Error("an issued commendation can be taken off the list")
	}
	home.get(s.commendationsURL()).wantText("Học bạ đã phát hành nên chỉ đọc")
}

// TestCommendationFile_GroupsTheSchoolByClass with how many pupils each has.
func TestCommendationFile_GroupsTheSchoolByClass(t *testing.T) {
	s, _ := reviewed(t)
	s.as(huong).post(s.commendationsURL(), s.deedForm(0)).wantStatus(http.StatusSeeOther)
	rows := sheetRows(t, s.as(principal).get(views.In(dbtest.Year, "commendations", "list.xlsx")).wantStatus(http.StatusOK))
	if len(rows) < 16 || strings.Join(rows[5], "") != "Lớp 4A – 8 em" || rows[6][0] != "1" {
		t.Errorf("the school's list is %q", rows)
	}
	for _, row := range sheetRows(t, s.as(huong).get(s.commendationsURL()+"/list.xlsx").wantStatus(http.StatusOK)) {
		if strings.HasPrefix(strings.Join(row, ""), "Lớp 4A – 8") {
			t.Error("the class's own list is grouped")
		}
	}
}
