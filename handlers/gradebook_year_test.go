package handlers

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hocba/internal/school"
	"hocba/views"
)

// TestSubjectYear_AllPeriodsReadOnly: the subject's teacher and the leaders are
// led to each period's table, the homeroom teacher reads others' subjects.
func TestSubjectYear_AllPeriodsReadOnly(t *testing.T) {
	s, _ := filledSite(t)
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, remark, account_id, updated_at)
		VALUES ('2025-2026', $1, 'gk1', 'AM_NHAC', $2, 'H', 'Hát đúng nhạc.', $3, now())`, s.Roll[0].EnrolmentID, s.School.ID, s.Minh.AccountID)
	path := views.SubjectYearURL("2025-2026", s.Class.ID, school.AmNhac)
	for who, leads := range map[string]bool{minh: true, principal: true, admin: true, huong: false} {
		page := s.as(who).get(path).wantStatus(http.StatusOK).
			wantText("Nghệ thuật (Âm nhạc) · lớp 4A", "Giữa học kì I", "Cuối năm học", "Hát đúng nhạc.", "Em nắm vững bài Nghệ thuật (Âm nhạc).")
		links := findAll(page.parse(), func(n *html.Node) bool {
			return n.Data == "a" && strings.Contains(attr(n, "href"), "/gradebook/gk1?subject=AM_NHAC")
		})
		if (len(links) > 0) != leads {
			t.Errorf("%s: %d ways to the table", who, len(links))
		}
		if table := find(page.parse(), func(n *html.Node) bool { return n.Data == "table" }); find(table, func(n *html.Node) bool { return n.Data == "input" }) != nil {
			t.Errorf("%s can type", who)
		}
	}
	s.as(minh).get(views.SubjectYearURL("2025-2026", s.Class.ID, school.Toan)).wantStatus(http.StatusNotFound)
	s.as(otherTeacher).get(path).wantStatus(http.StatusNotFound)
	s.as(huong).get(views.SubjectYearURL("2025-2026", s.Class.ID, school.TuNhienXaHoi)).wantStatus(http.StatusNotFound)
	s.as(huong).get(s.classPath() + "/subjects/X").wantStatus(http.StatusNotFound)
}

// TestSubjectYear_SaysWhereAValueCameFrom, and asks nothing of periods before
// the pupil came.
func TestSubjectYear_SaysWhereAValueCameFrom(t *testing.T) {
	s := newSite(t)
	s.db.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		SELECT $1, '2025-2026', p, '2025-10-20', '2025-11-10', '2025-10-01' FROM unnest(ARRAY['gk1']) p`, s.School.ID)
	s.db.Exec(`INSERT INTO school.class (school_id, school_year, code, name, grades) VALUES ($1, '2025-2026', '4C', '4C', '{4}')`, s.School.ID)
	an := s.Roll[0]
	s.db.Exec(`INSERT INTO school.enrolment (school_id, school_year, class_id, pupil_id, grade, from_date, to_date)
		SELECT school_id, school_year, id, $1, 4, '2025-09-05', '2026-01-04' FROM school.class WHERE code = '4C'`, an.PupilID)
	s.db.Exec(`UPDATE school.enrolment SET from_date = '2026-01-05' WHERE id = $1`, an.EnrolmentID)
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, account_id, updated_at, origin)
		SELECT '2025-2026', $1, 'ck1', 'TOAN', $2, 'T', 9, $3, now(), e.id FROM school.enrolment e JOIN school.class c ON c.id = e.class_id WHERE c.code = '4C'`,
		an.EnrolmentID, s.School.ID, s.Huong.AccountID)
	page := s.as(huong).get(views.SubjectYearURL("2025-2026", s.Class.ID, school.Toan)).wantStatus(http.StatusOK).
		wantText("vào lớp ngày 05/01/2026, từ lớp 4C", "T lớp 4C")
	row := find(page.parse(), func(n *html.Node) bool { return n.Data == "tr" && strings.Contains(textOf(n), an.FullName) })
	wanted := findAll(row, func(n *html.Node) bool { return attr(n, "class") == "want" })
	if len(wanted) != 4 { // gk2 and the year's end, not gk1
		t.Errorf("%d cells asked for", len(wanted))
	}
	s.as(huong).get(s.classPath() + "/summary/ck1").wantText("từ lớp 4C")
}
