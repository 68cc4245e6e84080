package handlers

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hocba/internal/evaluation"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/paper"
	"hocba/internal/school"
)

// filledSite has a class with complete year-end values.
func filledSite(t *testing.T) (*site, *jobstest.Chain) {
	t.Helper()
	s := newSite(t)
	chain := jobstest.New(t, s.db, s.Cast)
	chain.Fill(t)
	return s, chain
}

func TestSummary_WholeClassForHomeroomAndLeaders(t *testing.T) {
	s, _ := filledSite(t)
	path := s.classPath() + "/summary"
	for _, who := range []string{huong, principal, deputy, admin} {
		b := s.as(who)
		to := b.get(path).wantStatus(http.StatusSeeOther).header.Get("Location")
		if to != path+"/cn" {
			t.Fatalf("%s is led to %s", who, to)
		}
		b.get(to).wantStatus(http.StatusOK).wantText("Mẫu 9", "8 học sinh · đã đủ", "Năng lực cốt lõi", "Hoàn thành xuất sắc",
			"Ngoại ngữ 1 (Tiếng Anh)", "Zơrâm Nhiên")
		b.get(path+"/gk1").wantStatus(http.StatusOK).wantText("Mẫu 7", "còn trống")
	}
	s.as(otherTeacher).get(path + "/cn").wantStatus(http.StatusNotFound)
	s.as(huong).get(path + "/mua-he").wantStatus(http.StatusNotFound)
}

// TestSummary_SubjectTeacherSeesOwnColumns: the music teacher reads music and
// arts of the class, no other mark, no trait, no level of the year.
func TestSummary_SubjectTeacherSeesOwnColumns(t *testing.T) {
	s, _ := filledSite(t)
	b := s.as(minh)
	path := s.classPath() + "/summary/cn"
	page := b.get(path).wantStatus(http.StatusOK).wantText("Nghệ thuật (Âm nhạc)", "Nghệ thuật (Mĩ thuật)")
	for _, hidden := range []string{"Tiếng Việt", "Yêu nước", "Đánh giá KQGD", "Khen thưởng"} {
		if strings.Contains(page.text(), hidden) {
			t.Errorf("the subject teacher reads %q", hidden)
		}
	}
	b.get(path + "/table.pdf").wantStatus(http.StatusNotFound)
	rows := sheetRows(t, b.get(path+"/table.xlsx").wantStatus(http.StatusOK))
	if got := strings.Join(rows[6], "|"); !strings.HasSuffix(got, "Nghệ thuật (Âm nhạc)|Nghệ thuật (Mĩ thuật)") || strings.Contains(got, "Toán") {
		t.Errorf("the file's subjects: %s", got)
	}
}

func sheetRows(t *testing.T, a answer) [][]string {
	t.Helper()
	book, err := excelize.OpenReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestSummary_FileSaysWhoTookItAndIsLogged: the foot names person and time, the
// audit trail and the view log keep the act.
func TestSummary_FileSaysWhoTookItAndIsLogged(t *testing.T) {
	s, _ := filledSite(t)
	got := s.as(principal).get(s.classPath() + "/summary/cn/table.xlsx?grade=4").wantStatus(http.StatusOK)
	rows := sheetRows(t, got)
	if foot := strings.Join(rows[len(rows)-1], ""); !strings.Contains(foot, "Hoàng Văn Thuận") || !strings.Contains(foot, "20/05/2026") {
		t.Errorf("the foot says %q", foot)
	}
	if len(rows) != 8+8+2 || rows[8][2] != "Nguyễn Hoài An" || rows[8][6] != "T" || rows[8][7] != "10" {
		t.Errorf("%d rows, the first pupil: %v", len(rows), rows[8])
	}
	s.as(principal).get(s.classPath() + "/summary/cn/table.xlsx?grade=3").wantStatus(http.StatusNotFound)
	s.portal.Close() // writes the view log
	for what, query := range map[string]string{
		"audit": `SELECT count(*) FROM core.audit_event WHERE act = 'class_summary_exported' AND account_id = $1`,
		"views": `SELECT count(*) FROM core.view_log WHERE what = 'class_summary_exported' AND account_id = $1`,
	} {
		var n int
		if err := s.db.Owner().QueryRow(query, s.Principal.AccountID).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d lines, %v", what, n, err)
		}
	}
}

func TestSummary_PrintsOnePageAcross(t *testing.T) {
	s, _ := filledSite(t)
	printer, err := paper.New(paper.Options{Tabs: 1})
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(printer.Close)
	s.portal.press.printer = printer
	got := s.as(huong).get(s.classPath() + "/summary/cn/table.pdf").wantStatus(http.StatusOK)
	if !bytes.HasPrefix([]byte(got.body), []byte("%PDF")) || strings.Count(got.body, "/Type /Page\n") != 1 {
		t.Errorf("not one page of PDF: %d bytes", len(got.body))
	}
	if !strings.Contains(got.body, "1190.") && !strings.Contains(got.body, "1191") { // 420 mm
		t.Errorf("the year-end's form is not on A3")
	}
}

// TestSummary_MultiGradeClassHasATableAGrade: each pupil by the own grade.
func TestSummary_MultiGradeClassHasATableAGrade(t *testing.T) {
	s, chain := filledSite(t)
	s.db.Exec(`UPDATE school.class SET grades = '{3,4}' WHERE id = $1`, s.Class.ID)
	s.db.Exec(`UPDATE school.enrolment SET grade = 3 WHERE id = $1`, s.Roll[1].EnrolmentID)
	chain.Enter(s.Roll[1].EnrolmentID, evaluation.Item(school.TuNhienXaHoi), evaluation.Entry{Level: "H"})
	page := s.as(huong).get(s.classPath()+"/summary/cn").wantStatus(http.StatusOK).
		wantText("Mẫu 6 · học sinh lớp 3", "1 học sinh", "Mẫu 9 · học sinh lớp 4", "7 học sinh")
	if n := strings.Count(page.body, "<table"); n != 2 {
		t.Errorf("%d tables", n)
	}
	if strings.Count(page.text(), "Tự nhiên và Xã hội") != 1 || strings.Count(page.text(), "Lịch sử và Địa lí") != 1 {
		t.Error("a table has columns of the other grade")
	}
}

// TestSummary_WhoLeftIsGreyAndNotAskedFor, and keeps what was written.
func TestSummary_WhoLeftIsGreyAndNotAskedFor(t *testing.T) {
	s, _ := filledSite(t)
	s.db.Exec(`DELETE FROM school.entry WHERE enrolment_id = $1 AND item = 'TOAN'`, s.Roll[3].EnrolmentID)
	s.as(huong).get(s.classPath() + "/summary/cn").wantText("còn trống 2 ô")
	s.db.Exec(`UPDATE school.enrolment SET to_date = '2026-03-02', status = '08' WHERE id = $1`, s.Roll[3].EnrolmentID)
	page := s.as(huong).get(s.classPath()+"/summary/cn").wantStatus(http.StatusOK).
		wantText("7 học sinh · 1 em đã rời lớp · đã đủ", "rời lớp sau ngày 02/03/2026")
	if n := strings.Count(page.body, `class="left"`); n != 1 {
		t.Errorf("%d grey rows", n)
	}
}
