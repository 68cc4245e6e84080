package handlers

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

func (s *site) allSubjects(p school.Period) string {
	return views.AllSubjectsURL(dbtest.Year, s.Class.ID, p)
}

// column is the place of a cell's heading among the values, from 0.
func column(doc *html.Node, cell string) int {
	heads := findAll(doc, func(n *html.Node) bool { return n.Data == "th" && attr(n, "data-cell") != "" })
	for i, h := range heads {
		if attr(h, "data-cell") == cell {
			return i
		}
	}
	return -1
}

// TestAllSubjects_AreWrittenByWhoTeachesThem shows the homeroom teacher every
// subject with level and, where the period has a test, mark; saving there is the
// saving of each subject's own table.
func TestAllSubjects_AreWrittenByWhoTeachesThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	music := s.cell(1, school.AmNhac, "level")
	s.as(minh).put(s.cells(school.YearEnd), music, "", "H")
	b := s.as(huong)
	got, said := b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "level"), "", "t", s.cell(0, school.Toan, "mark"), "", "9",
		music, "H", "T")
	got.wantStatus(http.StatusConflict)
	if len(said.Saved) != 2 || len(said.Refused) != 1 || said.Refused[0].Code != "cell.not_yours" || said.Refused[0].Theirs != "H" {
		t.Errorf("answer %+v", said)
	}
	page := b.get(s.allSubjects(school.YearEnd)).wantStatus(http.StatusOK).
		wantText("Tất cả các môn · lớp 4A", "Thầy/cô ghi 10 môn mình dạy, mỗi ô tự lưu; 2 môn có khóa do giáo viên khác ghi.", "Lê Quỳnh Anh")
	doc := page.parse()
	levels, marks := 0, 0
	for _, th := range findAll(doc, func(n *html.Node) bool { return n.Data == "th" && attr(n, "data-cell") != "" }) {
		switch attr(th, "class") {
		case "level":
			levels++
		case "mark":
			marks++
		}
	}
	if levels != 12 || marks != 7 {
		t.Errorf("%d levels and %d marks of grade 4", levels, marks)
	}
	if cells := s.rowCells(page, 0); cells[1+column(doc, "TOAN.level")] != "T" || cells[1+column(doc, "TOAN.mark")] != "9" {
		t.Errorf("first row %q", cells)
	}
	if cells := s.rowCells(page, 1); cells[1+column(doc, "AM_NHAC.level")] != "H" {
		t.Errorf("second row %q", cells)
	}
	theirs := findAll(doc, func(n *html.Node) bool { return n.Data == "th" && has(n, "data-theirs") })
	if len(theirs) != 2 || attr(theirs[0], "data-cell") != "AM_NHAC.level" || attr(theirs[0], "abbr") != "Nghệ thuật (Âm nhạc) · mức" {
		t.Errorf("%d columns are another teacher's", len(theirs))
	}
	if has(find(doc, byAttr("data-cell", "TOAN.level")), "data-theirs") {
		t.Error("the own subject cannot be written")
	}
	// In the middle of the second term grade 4 has two tests.
	s.openPeriod(school.MidSecond)
	page = b.get(s.allSubjects(school.MidSecond)).wantStatus(http.StatusOK)
	if n := len(findAll(page.parse(), func(n *html.Node) bool { return n.Data == "th" && attr(n, "class") == "mark" })); n != 2 {
		t.Errorf("%d columns of marks", n)
	}
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func TestAllSubjects_AreForTheHomeroomTeacherAndLeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	path := s.allSubjects(school.YearEnd)
	for who, status := range map[string]int{huong: 200, principal: 200, deputy: 200, admin: 200, minh: 404, otherTeacher: 404, authority: 404} {
		if got := s.as(who).get(path); got.status != status {
			t.Errorf("%s: %d, want %d", who, got.status, status)
		}
	}
	page := s.as(principal).get(path).wantText("Chỉ đọc")
	if table := find(page.parse(), byAttr("id", "grid")); has(table, "data-account") || has(table, "data-open") {
		t.Error("the principal's table can be written")
	}
	for _, from := range []string{s.grid(school.YearEnd, school.Toan), s.traits(school.YearEnd), s.classPath() + "/review"} {
		if page := s.as(huong).get(from); find(page.parse(), byAttr("href", path)) == nil {
			t.Errorf("%s does not lead to all subjects", from)
		}
	}
	if find(s.as(minh).get(s.grid(school.YearEnd, school.AmNhac)).parse(), byAttr("href", path)) != nil {
		t.Error("a subject teacher is led to a table that is not there")
	}
}

// TestAllSubjects_WithoutScript writes the own subjects of one pupil in a form,
// reads the others, and goes on to the next pupil of the same table.
func TestAllSubjects_WithoutScript(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	s.as(minh).put(s.cells(school.YearEnd), s.cell(0, school.AmNhac, "level"), "", "H")
	b := s.as(huong)
	row := func(i int) string {
		return fmt.Sprintf("%s&row=%d", s.allSubjects(school.YearEnd), s.Roll[i].EnrolmentID)
	}
	form := b.get(row(0)).wantStatus(http.StatusOK).wantText("Nguyễn Hoài An", "Để đọc", "Âm nhạc · mức", "H – Hoàn thành")
	if find(form.parse(), byAttr("name", "AM_NHAC.level")) != nil {
		t.Error("the form has a control for another teacher's subject")
	}
	got := b.post(s.rowForm(school.YearEnd, 0), url.Values{"_method": {"PUT"}, "show": {"all"}, "subject": {""},
		"old.TOAN.level": {""}, "TOAN.level": {"T"}, "old.TOAN.mark": {""}, "TOAN.mark": {"10"}, "old.DAO_DUC.level": {""}, "DAO_DUC.level": {"H"}})
	got.wantStatus(http.StatusSeeOther)
	if to := got.header.Get("Location"); to != row(1)+fmt.Sprintf("&done=%d", s.Roll[0].EnrolmentID) {
		t.Errorf("went on to %q", to)
	}
	page := b.get(s.allSubjects(school.YearEnd))
	doc, cells := page.parse(), s.rowCells(page, 0)
	for cell, want := range map[string]string{"TOAN.level": "T", "TOAN.mark": "10", "DAO_DUC.level": "H", "KHOA_HOC.level": ""} {
		if got := cells[1+column(doc, cell)]; got != want {
			t.Errorf("%s shows %q, want %q", cell, got, want)
		}
	}
	bad := b.post(s.rowForm(school.YearEnd, 0), url.Values{"_method": {"PUT"}, "show": {"all"}, "subject": {""},
		"old.TOAN.mark": {"10"}, "TOAN.mark": {"8,5"}}).wantStatus(http.StatusUnprocessableEntity)
	if mark := find(bad.parse(), byAttr("name", "TOAN.mark")); attr(mark, "value") != "8,5" {
		t.Error("the field does not keep what was typed")
	}
}

// TestAllSubjects_ShowsExemptSignedAndUntaughtCells as elsewhere: none of them
// can be written.
func TestAllSubjects_ShowsExemptSignedAndUntaughtCells(t *testing.T) {
	t.Parallel()
	s, _ := filledSite(t)
	s.openPeriod(school.YearEnd)
	s.db.Exec(`UPDATE school.entry SET level = '', mark = NULL, exempt = true WHERE enrolment_id = $1 AND item = 'GIAO_DUC_THE_CHAT' AND period = 'cn'`, s.Roll[2].EnrolmentID)
	page := s.as(huong).get(s.allSubjects(school.YearEnd)).wantStatus(http.StatusOK)
	doc := page.parse()
	if cells := s.rowCells(page, 2); cells[1+column(doc, "GIAO_DUC_THE_CHAT.level")] != "Miễn" {
		t.Errorf("third row %q", cells)
	}
	if cells := s.rowCells(page, 0); cells[1+column(doc, "TOAN.level")] != "T" {
		t.Errorf("first row %q", cells)
	}
}

// TestAllSubjects_KeepTheirWeight at exactly 35 pupils × 25 columns: a class of
// several grades in which every subject is taught has 21, so four are doubled.
func TestAllSubjects_KeepTheirWeight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	s.fillClass(t, 35)
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, account_id, updated_at)
		SELECT $1, e.id, 'cn', i, $2, 'T', CASE WHEN i IN ('TOAN', 'TIENG_VIET', 'NGOAI_NGU_1', 'KHOA_HOC', 'LICH_SU_DIA_LI', 'TIN_HOC', 'CONG_NGHE') THEN 10 END, $3, $4
		FROM school.enrolment e, unnest($5::text[]) AS i WHERE e.class_id = $6`, string(dbtest.Year), s.School.ID, s.Huong.AccountID,
		dbtest.Start, "{"+strings.Join(subjectCodes(4), ",")+"}", s.Class.ID)
	q := tableRequest{ClassPeriod: db.ClassPeriod{Year: dbtest.Year, ClassID: s.Class.ID, Period: school.YearEnd}, rules: evaluation.ForYear(dbtest.Year), all: true}
	r := s.request(s.Huong, s.allSubjects(school.YearEnd))
	g, err := s.portal.readGradebook(r, &q)
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.portal.gradebookPage(r, q, g)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; len(page.Columns) < 25; n++ {
		page.Columns = append(page.Columns, page.Columns[n])
		for i := range page.Rows {
			page.Rows[i].Cells = append(page.Rows[i].Cells, page.Rows[i].Cells[n])
		}
	}
	var out bytes.Buffer
	if err := views.GradebookPage(page).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	doc := answer{t: t, body: out.String()}.parse()
	rows := findAll(doc, func(n *html.Node) bool { return has(n, "data-row") })
	if len(rows) != 35 || len(findAll(rows[34], byTag("td"))) != 26 || textOf(findAll(rows[34], byTag("td"))[25]) == "" {
		t.Fatalf("%d rows, the last of %d cells", len(rows), len(findAll(rows[34], byTag("td"))))
	}
	t.Logf("%d bytes", out.Len())
	if out.Len() > 40_000 {
		t.Errorf("the page of 35 × 25 weighs %d bytes, want at most 40 KB", out.Len())
	}
}

// request is what the portal hands to a page that a person asks for.
func (s *site) request(who workflow.Actor, path string) *request {
	s.t.Helper()
	account, err := s.db.AccountByID(s.t.Context(), who.AccountID)
	if err != nil {
		s.t.Fatal(err)
	}
	posts, err := s.db.Posts(s.t.Context(), who.AccountID, school.DateOf(dbtest.Start))
	if err != nil {
		s.t.Fatal(err)
	}
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, path, nil), httptest.NewRecorder())
	c.SetPath("/:year/classes/:class/gradebook/:period")
	return &request{Context: c, portal: s.portal, account: account, posts: posts, post: posts[0], actor: who, now: s.db.Now()}
}

func subjectCodes(grade int) []string {
	var out []string
	for _, s := range evaluation.ForYear(dbtest.Year).Subjects(grade) {
		out = append(out, string(s))
	}
	return out
}
