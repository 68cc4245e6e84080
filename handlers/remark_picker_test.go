package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views"
)

// picks are the phrases offered for a cell.
func (s *site) picks(b *browser, p school.Period, it evaluation.Item, row int, typed string) (out []string) {
	s.t.Helper()
	q := url.Values{"item": {string(it)}, "pupil": {fmt.Sprint(s.Roll[row].EnrolmentID)}, "q": {typed}}
	got := b.get(views.PhrasePickerURL(dbtest.Year, s.Class.ID, p)+"?"+q.Encode(), "HX-Request", "true").wantStatus(http.StatusOK)
	for _, n := range findAll(got.parse(), func(n *html.Node) bool { return attr(n, "data-phrase") != "" }) {
		out = append(out, attr(n, "data-phrase"))
	}
	return out
}

func TestPicker_OffersWhatSuitsTheCell(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	s.levels(b, school.YearEnd, toan, "T", "C", "T")
	b.post(views.PhrasesURL(dbtest.Year), phraseForm("{tên} tính nhẩm nhanh.", "code", "NN")).wantStatus(http.StatusSeeOther)
	first := s.picks(b, school.YearEnd, toan, 0, "")
	if len(first) != offered || first[0] != "An tính nhẩm nhanh." {
		t.Errorf("%q", first)
	}
	for _, text := range s.picks(b, school.YearEnd, toan, 1, "") {
		if !strings.Contains(text, "cần") {
			t.Errorf("beside C: %q", text)
		}
	}
	for typed, want := range map[string]string{"nn": "An tính nhẩm nhanh.", "t20": "Thực hiện thành thạo các phép tính, trình bày rõ ràng, khoa học.", "vh": "Vẽ hình chính xác, vận dụng tốt công thức tính chu vi, diện tích."} {
		if got := s.picks(b, school.YearEnd, toan, 0, typed); len(got) == 0 || got[0] != want {
			t.Errorf("%q calls %q", typed, got)
		}
	}
	b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "remark"), "", first[0])
	if next := s.picks(b, school.YearEnd, toan, 2, ""); next[0] == "Anh tính nhẩm nhanh." {
		t.Error("what the class has already comes first")
	}
	// Another person's cell is nobody's to pick for.
	m := s.as(minh)
	url := fmt.Sprintf("%s?item=TOAN&pupil=%d", views.PhrasePickerURL(dbtest.Year, s.Class.ID, school.YearEnd), s.Roll[0].EnrolmentID)
	m.get(url).wantStatus(http.StatusNotFound)
	m.get(strings.Replace(url, "TOAN", "NX_PHAM_CHAT", 1)).wantStatus(http.StatusNotFound)
	m.get(strings.Replace(url, "TOAN", "AM_NHAC", 1)).wantStatus(http.StatusOK)
	b.get(strings.Replace(url, "TOAN", "YEU_NUOC", 1)).wantStatus(http.StatusNotFound)
}

func TestRowForm_PicksAPhraseWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	s.levels(b, school.YearEnd, toan, "T")
	page := b.get(s.grid(school.YearEnd, school.Toan) + fmt.Sprintf("&row=%d", s.Roll[0].EnrolmentID)).wantText("Chọn câu từ kho")
	button := find(page.parse(), byAttr("name", "phrase"))
	if button == nil {
		t.Fatal("no phrase to choose")
	}
	form := url.Values{"_method": {"PUT"}, "subject": {"TOAN"}, "old.TOAN.level": {"T"}, "TOAN.level": {"H"}, "old.TOAN.mark": {""}, "TOAN.mark": {"8"},
		"old.TOAN.remark": {""}, "TOAN.remark": {"Chăm chỉ."}, "phrase": {attr(button, "value")}}
	got := b.do(http.MethodPut, s.rowForm(school.YearEnd, 0), strings.NewReader(form.Encode())).wantStatus(http.StatusOK)
	area := find(got.parse(), byAttr("name", "TOAN.remark"))
	if want := "Chăm chỉ. " + attr(button, "data-phrase"); textOf(area) != want {
		t.Errorf("the box holds %q, want %q", textOf(area), want)
	}
	if mark := find(got.parse(), byAttr("name", "TOAN.mark")); attr(mark, "value") != "8" {
		t.Error("what was typed beside it is lost")
	}
	if cells := s.rowCells(b.get(s.grid(school.YearEnd, school.Toan)), 0); strings.Join(cells[1:], "|") != "T||" {
		t.Errorf("choosing a phrase saved %q", cells)
	}
	form.Set("phrase", "TOAN.level:TOAN.T20")
	b.do(http.MethodPut, s.rowForm(school.YearEnd, 0), strings.NewReader(form.Encode())).wantStatus(http.StatusUnprocessableEntity)
}

func TestRowForm_SaysWhatWasFoundAfterSaving(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	form := url.Values{"subject": {"TOAN"}, "old.TOAN.remark": {""}, "TOAN.remark": {"Em Khánh Chi tính nhanh."}}
	got := b.do(http.MethodPut, s.rowForm(school.YearEnd, 0), strings.NewReader(form.Encode())).wantStatus(http.StatusSeeOther)
	next := b.get(got.header.Get("Location")).wantText("Đã lưu Nguyễn Hoài An. Có nhận xét nên xem lại", "Có tên em khác trong lớp: Nguyễn Khánh Chi.")
	own := views.RemarkCellURL(dbtest.Year, s.Class.ID, school.YearEnd, toan, s.Roll[0].EnrolmentID)
	if find(next.parse(), byAttr("href", own)) == nil {
		t.Error("no way back to the pupil")
	}
	b.get(own).wantText("Xem lại: Có tên em khác trong lớp: Nguyễn Khánh Chi.")
}
