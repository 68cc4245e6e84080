package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
	"hocba/views"
)

// What leaves the gradebook comes back without a difference, in every period
// and for traits, with a pupil who is exempt and one without any value.
func TestGradebookExport_ComesBackGreenWithoutDifference(t *testing.T) {
	s := newSite(t)
	for _, p := range []school.Period{school.MidFirst, school.EndFirst, school.YearEnd} {
		s.openWindow(p)
	}
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, remark, exempt, account_id, updated_at)
		SELECT '2025-2026', e, p, i, $1, CASE WHEN n = 1 THEN '' ELSE l END, CASE WHEN i = 'TOAN' AND n > 1 THEN 9 END,
		  CASE WHEN i = 'TOAN' THEN '=Tốt,' || chr(10) || 'cố gắng.' ELSE '' END, n = 1 AND i = 'TOAN', $2, now()
		FROM unnest($3::bigint[]) WITH ORDINALITY AS r(e, n), unnest(ARRAY['gk1', 'ck1', 'cn']) p,
		  unnest(ARRAY['TOAN', 'YEU_NUOC', 'NL_KHOA_HOC'], ARRAY['T', 'Đ', 'C']) AS v(i, l) WHERE n < 8 AND NOT (n = 1 AND i <> 'TOAN')`,
		s.School.ID, s.Huong.AccountID, enrolments(s))
	b := s.as(huong)
	for _, p := range []school.Period{school.MidFirst, school.EndFirst, school.YearEnd} {
		for _, url := range []string{views.GradebookFileURL("2025-2026", s.Class.ID, p, school.Toan), views.TraitsFileURL("2025-2026", s.Class.ID, p)} {
			file := b.get(url).wantStatus(http.StatusOK)
			path := b.uploaded(resultsPath, "lai.xlsx", []byte(file.body))
			page := b.get(path).wantStatus(http.StatusOK).wantText("Ghi " + strconv.Itoa(len(s.Roll)) + " dòng đã chọn")
			if strings.Contains(page.text(), "→") {
				t.Errorf("%s comes back with differences: %s", url, page.text())
			}
			b.post(path, nil).wantStatus(http.StatusSeeOther)
			b.get(path).wantText("0 ô mới", "8 dòng giữ nguyên")
		}
	}
}

func enrolments(s *site) string {
	var ids []string
	for _, p := range s.Roll {
		ids = append(ids, strconv.FormatInt(p.EnrolmentID, 10))
	}
	return "{" + strings.Join(ids, ",") + "}"
}

func TestGradebookExport_OwnerOnlyAndWatermarked(t *testing.T) {
	s := newSite(t)
	url := views.GradebookFileURL("2025-2026", s.Class.ID, school.YearEnd, school.Toan)
	s.as(minh).get(url).wantStatus(http.StatusNotFound)
	s.as("gvkhac").get(url).wantStatus(http.StatusNotFound)
	s.as(minh).get(views.TraitsFileURL("2025-2026", s.Class.ID, school.YearEnd)).wantStatus(http.StatusNotFound)
	for _, what := range []string{"pupils", "accounts", "assignments"} {
		s.as(huong).get(views.ExportURL("2025-2026", what)).wantStatus(http.StatusNotFound)
		got := s.as(admin).get(views.ExportURL("2025-2026", what)).wantStatus(http.StatusOK)
		book, err := spreadsheet.Read(strings.NewReader(got.body))
		if err != nil {
			t.Fatal(err)
		}
		rows := book.Sheets[0].Rows
		if foot := rows[len(rows)-1].Cell(0).Text; !strings.Contains(foot, "Võ Quản Trị") || !strings.Contains(foot, "20/05/2026") {
			t.Errorf("%s ends with %q", what, foot)
		}
	}
	var noted int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.audit_event WHERE act LIKE '%\_exported'`).Scan(&noted); err != nil {
		t.Fatal(err)
	}
	if noted != 3 {
		t.Errorf("%d exports in the audit trail, want 3", noted)
	}
}
