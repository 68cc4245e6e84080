package handlers

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// TestForesight_SaysWhatStandsBeforeTheNextLevel for the class's teachers and
// the principal, from values of a period before the year's end.
func TestForesight_SaysWhatStandsBeforeTheNextLevel(t *testing.T) {
	s, chain := filledSite(t)
	chain.Enter(s.Roll[1].EnrolmentID, evaluation.Item(school.AmNhac), evaluation.Entry{Level: "H"})
	s.db.Exec(`UPDATE school.entry SET period = 'ck1' WHERE period = 'cn'`)
	path := s.classPath() + "/foresight"
	for _, who := range []string{huong, minh, principal} {
		page := s.as(who).get(path).wantStatus(http.StatusOK).
			wantText("Theo thứ tự danh sách, không xếp hạng", "Hoàn thành xuất sắc", "Nghệ thuật (Âm nhạc): mức H (cuối kì I), cần T")
		var names []string
		for _, row := range findAll(page.parse(), func(n *html.Node) bool { return n.Data == "th" && attr(n, "scope") == "row" }) {
			names = append(names, textOf(row))
		}
		for i, r := range s.Roll {
			if i >= len(names) || names[i] != r.FullName {
				t.Fatalf("%s reads another order than the roll's: %v", who, names)
			}
		}
	}
	for _, who := range []string{admin, deputy, otherTeacher} {
		s.as(who).get(path).wantStatus(http.StatusNotFound)
	}
}

// TestForesight_OnePupilAsAFragment for the panel beside a grid.
func TestForesight_OnePupilAsAFragment(t *testing.T) {
	s, chain := filledSite(t)
	three := 3
	chain.Enter(s.Roll[1].EnrolmentID, evaluation.Item(school.Toan), evaluation.Entry{Level: "C", Mark: &three})
	path := s.classPath() + "/foresight?pupil=" + id(s.Roll[1].EnrolmentID)
	b := s.as(minh)
	b.get(path).wantStatus(http.StatusOK).wantText("Trần Bảo An", "Về cả lớp")
	part := b.get(path, "HX-Request", "true").wantStatus(http.StatusOK).
		wantText("cuối năm em được Chưa hoàn thành", "Vì sao chưa hoàn thành?", "Toán: điểm 3 (cuối năm)", "thầy/cô Nguyễn Thị Mai Hương")
	if strings.Contains(part.body, "<html") || !strings.Contains(part.body, `id="foresight-`+id(s.Roll[1].EnrolmentID)+`"`) ||
		strings.Contains(part.text(), s.Roll[0].FullName) {
		t.Errorf("not the one pupil's fragment: %s", part.body)
	}
	b.get(s.classPath() + "/foresight?pupil=999999").wantStatus(http.StatusNotFound)
	b.get(s.classPath() + "/foresight?pupil=x").wantStatus(http.StatusNotFound)
}

// TestForesight_FromTheFirstPeriodOn, with a handful of values only: what the
// year's end would be, what stands before the next level and what nobody has
// written yet. Who has nothing to do with the class, or no more, finds no page.
func TestForesight_FromTheFirstPeriodOn(t *testing.T) {
	s := newSite(t)
	s.openPeriod(school.MidFirst)
	path := s.classPath() + "/foresight"
	one := path + "?pupil=" + id(s.Roll[0].EnrolmentID)
	s.as(huong).get(one).wantStatus(http.StatusOK).wantText("Chưa")
	got, _ := s.as(huong).put(s.cells(school.MidFirst), s.cell(0, school.Toan, "level"), "", "T", s.cell(0, school.Toan, "mark"), "", "6",
		s.cell(0, school.DaoDuc, "level"), "", "T", s.cell(1, school.Toan, "level"), "", "C")
	got.wantStatus(http.StatusOK)
	s.as(minh).get(one).wantStatus(http.StatusOK).wantText("Giữ như đến giữa kì I, em còn có thể đạt Hoàn thành", "Toán: điểm 6 (giữa kì I)", "cần từ 7", "cần từ 9",
		"Còn 31 giá trị cuối năm chưa kì nào có", "phần của thầy/cô")
	s.as(principal).get(path).wantStatus(http.StatusOK).wantText("Nguyễn Hoài An", "Toán: điểm 6 (giữa kì I), cần từ 7",
		"Trần Bảo An", "Chưa hoàn thành", "Toán: mức C (giữa kì I)")
	for _, who := range []string{admin, deputy, otherTeacher, authority, clerk} {
		for _, at := range []string{path, one} {
			s.as(who).get(at).wantStatus(http.StatusNotFound)
		}
	}
	s.db.Exec(`UPDATE school.teaching_assignment SET to_date = '2026-05-01' WHERE account_id = $1`, s.Minh.AccountID)
	s.as(minh).get(path).wantStatus(http.StatusNotFound)
	s.as(minh).get(one, "HX-Request", "true").wantStatus(http.StatusNotFound)
}
