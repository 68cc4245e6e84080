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
