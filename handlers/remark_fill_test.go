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

// levels writes a level for every pupil of the class.
func (s *site) levels(b *browser, p school.Period, it evaluation.Item, levels ...string) {
	s.t.Helper()
	var triples []string
	for i, level := range levels {
		triples = append(triples, fmt.Sprintf("%d.%s.level", s.Roll[i].EnrolmentID, it), "", level)
	}
	got, _ := b.put(s.cells(p), triples...)
	got.wantStatus(http.StatusOK)
}

// proposed reads the boxes of the page: what stands in each, by enrolment, and
// whether it is ticked.
func (s *site) proposed(a answer) (texts []string, ticked []bool) {
	s.t.Helper()
	doc := a.parse()
	for _, r := range s.Roll {
		area := find(doc, byAttr("name", fmt.Sprintf("new.%d", r.EnrolmentID)))
		box := find(doc, byAttr("name", fmt.Sprintf("tick.%d", r.EnrolmentID)))
		if area == nil || box == nil {
			s.t.Fatalf("no box for %s", r.FullName)
		}
		texts = append(texts, textOf(area))
		checked := false
		for _, at := range box.Attr {
			checked = checked || at.Key == "checked"
		}
		ticked = append(ticked, checked)
	}
	return texts, ticked
}

func (s *site) fillURL(p school.Period, it evaluation.Item) string {
	return views.RemarkFillURL(dbtest.Year, s.Class.ID, p, it)
}

const toan = evaluation.Item(school.Toan)

func TestRemarks_ProposeForTheClassAndWriteWhatIsTicked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	s.levels(b, school.YearEnd, toan, "T", "T", "T", "H", "H", "C", "C")
	b.put(s.cells(school.YearEnd), s.cell(1, school.Toan, "remark"), "", "Câu của cô.")
	page := b.get(s.fillURL(school.YearEnd, toan)).wantStatus(http.StatusOK).
		wantText("6 em có câu đề xuất, 1 em giữ câu đã ghi, 1 em chưa có mức", "Hoàn thành tốt")
	texts, ticked := s.proposed(page)
	for i, text := range texts {
		if want := i != 1 && i != 7; ticked[i] != want || want == (text == "") && i != 1 {
			t.Errorf("%s: %q, ticked %v", s.Roll[i].FullName, text, ticked[i])
		}
		if i > 0 && text != "" && text == texts[i-1] {
			t.Errorf("neighbours have %q", text)
		}
	}
	if again, _ := s.proposed(b.get(s.fillURL(school.YearEnd, toan))); strings.Join(again, "|") != strings.Join(texts, "|") {
		t.Error("the same page proposes other remarks")
	}
	if other, _ := s.proposed(b.get(s.fillURL(school.YearEnd, toan) + "&mix=1")); strings.Join(other, "|") == strings.Join(texts, "|") {
		t.Error("another proposal is the same")
	}
	if cells := s.rowCells(b.get(s.grid(school.YearEnd, school.Toan)), 0); cells[len(cells)-1] != "" {
		t.Errorf("looking at a proposal wrote %q", cells)
	}

	form := url.Values{"item": {string(toan)}}
	for i, r := range s.Roll {
		form.Set(fmt.Sprintf("old.%d", r.EnrolmentID), "")
		form.Set(fmt.Sprintf("new.%d", r.EnrolmentID), texts[i])
	}
	form.Set(fmt.Sprintf("new.%d", s.Roll[0].EnrolmentID), "Tính nhanh, sửa lại đôi chút.")
	form.Set(fmt.Sprintf("tick.%d", s.Roll[0].EnrolmentID), "1")
	form.Set(fmt.Sprintf("tick.%d", s.Roll[3].EnrolmentID), "1")
	got := b.post(s.fillURL(school.YearEnd, toan), form)
	if got.status != http.StatusSeeOther || !strings.HasSuffix(got.header.Get("Location"), "saved=2") {
		t.Fatalf("%d to %q: %s", got.status, got.header.Get("Location"), got.text())
	}
	b.get(got.header.Get("Location")).wantText("Đã lưu 2 nhận xét")
	table := b.get(s.grid(school.YearEnd, school.Toan))
	for row, want := range map[int]string{0: "Tính nhanh, sửa lại đôi chút.", 1: "Câu của cô.", 2: "", 3: texts[3]} {
		if cells := s.rowCells(table, row); cells[len(cells)-1] != want {
			t.Errorf("%s has %q, want %q", s.Roll[row].FullName, cells[len(cells)-1], want)
		}
	}
}

func TestRemarks_ShowWhatSomebodyElseWrote(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	s.levels(b, school.YearEnd, toan, "T", "T")
	b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "remark"), "", "Đã có câu này.")
	form := url.Values{"item": {string(toan)}}
	for i := range 2 {
		id := s.Roll[i].EnrolmentID
		form.Set(fmt.Sprintf("old.%d", id), "")
		form.Set(fmt.Sprintf("new.%d", id), fmt.Sprintf("Câu mới số %d của em.", i))
		form.Set(fmt.Sprintf("tick.%d", id), "1")
	}
	got := b.post(s.fillURL(school.YearEnd, toan), form).wantStatus(http.StatusConflict).
		wantText("1 nhận xét chưa lưu được", "Các nhận xét khác đã lưu: 1", "Đã có câu này.", "Lưu lần nữa")
	texts, ticked := s.proposed(got)
	if texts[0] != "Câu mới số 0 của em." || !ticked[0] || ticked[1] || texts[1] != "Câu mới số 1 của em." {
		t.Errorf("%q %v", texts[:2], ticked[:2])
	}
	old := find(got.parse(), byAttr("name", fmt.Sprintf("old.%d", s.Roll[0].EnrolmentID)))
	if attr(old, "value") != "Đã có câu này." {
		t.Errorf("the second save would stand on %q", attr(old, "value"))
	}
}

func TestRemarks_OfTheGroupsAreTheHomeroomTeachers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	for _, q := range evaluation.Qualities {
		s.levels(b, school.YearEnd, q, "T", "Đ", "C")
	}
	group := evaluation.RemarkQualities
	texts, ticked := s.proposed(b.get(s.fillURL(school.YearEnd, group)).wantText("Phẩm chất chủ yếu", "3 em có câu đề xuất"))
	if !ticked[0] || !ticked[2] || !strings.Contains(texts[2], "cần") {
		t.Errorf("%q", texts[:3])
	}
	id := s.Roll[2].EnrolmentID
	got := b.post(s.fillURL(school.YearEnd, group), url.Values{"item": {string(group)}, fmt.Sprintf("old.%d", id): {""},
		fmt.Sprintf("new.%d", id): {texts[2]}, fmt.Sprintf("tick.%d", id): {"1"}})
	got.wantStatus(http.StatusSeeOther)
	m := s.as(minh)
	m.get(s.fillURL(school.YearEnd, group)).wantStatus(http.StatusNotFound)
	m.get(s.fillURL(school.YearEnd, toan)).wantStatus(http.StatusNotFound)
	m.get(s.fillURL(school.YearEnd, evaluation.Item(school.AmNhac))).wantStatus(http.StatusOK)
	m.post(s.fillURL(school.YearEnd, toan), url.Values{"item": {string(toan)}}).wantStatus(http.StatusNotFound)
	s.as(otherTeacher).get(s.fillURL(school.YearEnd, toan)).wantStatus(http.StatusNotFound)
}

func TestRemarks_AreOnlySeenWhileThePeriodIsClosed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	page := s.as(huong).get(s.fillURL(school.YearEnd, toan)).wantStatus(http.StatusOK).wantText("Chỉ xem")
	if find(page.parse(), func(n *html.Node) bool { return strings.HasPrefix(attr(n, "name"), "new.") }) != nil {
		t.Error("a box is open")
	}
}

func TestRemarkChecks_LeadToEachCell(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	checks := views.RemarkChecksURL(dbtest.Year, s.Class.ID, school.YearEnd)
	b.get(checks).wantStatus(http.StatusOK).wantText("Không có gì cần xem lại")
	s.levels(b, school.YearEnd, toan, "C")
	b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "remark"), "", "Khánh Chi tính thành thạo.",
		s.cell(4, school.KhoaHoc, "remark"), "", "Cô bé {tên} ham khám phá.")
	m := s.as(minh)
	m.put(s.cells(school.YearEnd), s.cell(2, school.AmNhac, "remark"), "", "Em Đức hát hay.")
	page := b.get(checks).wantText("Có tên em khác trong lớp: Nguyễn Khánh Chi.", "“thành thạo” là lời khen không hợp với mức C.", "“cô bé” không hợp",
		"Còn chỗ chưa điền: {tên}", "Có tên em khác trong lớp: Phan Hữu Đức.", s.Minh.Name)
	open := views.RemarkCellURL(dbtest.Year, s.Class.ID, school.YearEnd, toan, s.Roll[0].EnrolmentID)
	if find(page.parse(), byAttr("href", open)) == nil {
		t.Errorf("no link to %s", open)
	}
	b.get(open).wantStatus(http.StatusOK)
	b.put(s.cells(school.YearEnd), s.cell(5, school.Toan, "level"), "", "C", s.cell(6, school.Toan, "level"), "", "C",
		s.cell(5, school.Toan, "mark"), "", "9", s.cell(6, school.Toan, "mark"), "", "3")
	marked := b.get(checks+"?code=remark.level_mark").wantText("Mức và điểm", "Mức C nhưng điểm 9: có đúng không?", s.Roll[5].FullName)
	if strings.Contains(marked.text(), s.Roll[6].FullName) {
		t.Error("a low mark beside C is called unusual")
	}
	only := b.get(checks + "?code=remark.pronoun").wantText("“cô bé” không hợp")
	if strings.Contains(only.text(), "Khánh Chi tính") {
		t.Error("the filter shows other kinds")
	}
	// A subject teacher reads of the own subjects alone, a stranger of nothing.
	if text := m.get(checks).wantText("Phan Hữu Đức").text(); strings.Contains(text, "Khánh Chi tính") {
		t.Error("Minh reads Hương's remarks")
	}
	s.as(principal).get(checks).wantText("Nguyễn Khánh Chi", "Phan Hữu Đức")
	s.as(otherTeacher).get(checks).wantStatus(http.StatusNotFound)
}

func TestSigning_ShowsFindingsAgainAndDoesNotMind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "remark"), "", "Em Khánh Chi tính nhanh.")
	signing := views.SigningURL(dbtest.Year, s.Class.ID)
	b.get(signing).wantStatus(http.StatusOK).wantText("1 nhận xét nên xem lại", "Có tên em khác trong lớp: Nguyễn Khánh Chi.", "Không chặn việc ký")
	if text := s.as(minh).get(signing).wantStatus(http.StatusOK).text(); strings.Contains(text, "nên xem lại") {
		t.Error("Minh is shown findings of Hương's subjects")
	}
}

func TestGrid_TellsFindingsOfItsTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "remark"), "", "Em Khánh Chi tính nhanh.", s.cell(1, school.KhoaHoc, "remark"), "", "{tên} học tốt.")
	found := views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", school.YearEnd, "found") + "?subject=TOAN"
	page := b.get(found, "HX-Request", "true").wantStatus(http.StatusOK).wantText("1 nhận xét nên xem lại", "Nguyễn Hoài An", "Nguyễn Khánh Chi")
	if find(page.parse(), byAttr("data-found", s.cell(0, school.Toan, "remark"))) == nil {
		t.Error("the cell is not named")
	}
	if text := s.as(minh).get(found).text(); text != "" {
		t.Errorf("Minh reads %q", text)
	}
	panel := fmt.Sprintf("%s/rows/%d?subject=TOAN&cell=TOAN.remark", strings.TrimSuffix(s.cells(school.YearEnd), "/cells"), s.Roll[0].EnrolmentID)
	got := b.get(panel, "HX-Request", "true").wantStatus(http.StatusOK).wantText("Có tên em khác trong lớp: Nguyễn Khánh Chi.")
	if find(got.parse(), func(n *html.Node) bool { return attr(n, "data-phrase") != "" }) == nil {
		t.Error("the panel offers no phrase")
	}
}
