package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hocba/db"
	"hocba/db/dbtest"
	"hocba/internal/evaluation"
	"hocba/internal/school"
	"hocba/views"
)

// openPeriod opens a period of the first school for a day around the clock.
func (s *site) openPeriod(p school.Period) {
	s.t.Helper()
	s.db.Exec(`INSERT INTO school.entry_window (school_id, school_year, period, opens_at, closes_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $4)`, s.School.ID, string(dbtest.Year), string(p), dbtest.Start.Add(-time.Hour), dbtest.Start.Add(24*time.Hour))
}

func (s *site) grid(p school.Period, subject school.Subject) string {
	return views.GradebookURL(dbtest.Year, s.Class.ID, p, subject)
}

func (s *site) traits(p school.Period) string { return views.TraitsURL(dbtest.Year, s.Class.ID, p) }

func (s *site) cells(p school.Period) string {
	return views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", p, "cells")
}

func (s *site) rowForm(p school.Period, row int) string {
	return views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", p, "rows", s.Roll[row].EnrolmentID)
}

func (s *site) cell(row int, item school.Subject, field string) string {
	return fmt.Sprintf("%d.%s.%s", s.Roll[row].EnrolmentID, item, field)
}

// put saves triples of cell, old and new as the grid's script does.
func (b *browser) put(path string, triples ...string) (answer, views.GradebookAnswer) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+2 < len(triples); i += 3 {
		form.Add("cell", triples[i])
		form.Add("old", triples[i+1])
		form.Add("new", triples[i+2])
	}
	return b.putForm(path, form)
}

func (b *browser) putForm(path string, form url.Values) (answer, views.GradebookAnswer) {
	b.t.Helper()
	got := b.do(http.MethodPut, path, strings.NewReader(form.Encode()), "Accept", "application/json", "Sec-Fetch-Site", "same-origin")
	var said views.GradebookAnswer
	if strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal([]byte(got.body), &said); err != nil {
			b.t.Fatalf("read the answer: %v: %s", err, got.body)
		}
	}
	return got, said
}

func byAttr(name, value string) func(*html.Node) bool {
	return func(n *html.Node) bool { return attr(n, name) == value }
}

func byTag(tag string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == tag }
}

// rowCells returns the text of a pupil's cells.
func (s *site) rowCells(a answer, row int) []string {
	s.t.Helper()
	tr := find(a.parse(), byAttr("data-row", fmt.Sprint(s.Roll[row].EnrolmentID)))
	if tr == nil {
		s.t.Fatalf("no row of %s", s.Roll[row].FullName)
	}
	var out []string
	for _, td := range findAll(tr, byTag("td")) {
		out = append(out, textOf(td))
	}
	return out
}

func TestGradebook_ShowsOneSubjectOfTheClass(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	got, said := b.put(s.cells(school.YearEnd), s.cell(0, school.Toan, "level"), "", "t", s.cell(0, school.Toan, "mark"), "", "9",
		s.cell(0, school.Toan, "remark"), "", "Tính đúng & nhanh")
	got.wantStatus(http.StatusOK)
	if len(said.Saved) != 3 || said.Saved[0].Value != "T" || said.At != "08:00" {
		t.Errorf("answer %+v", said)
	}
	page := b.get(s.grid(school.YearEnd, school.Toan)).wantStatus(http.StatusOK).
		wantText("Toán · lớp 4A", "Cuối năm học", "Nguyễn Hoài An", "Zơrâm Nhiên", "Còn trống 14 ô")
	if cells := s.rowCells(page, 0); strings.Join(cells, "|") != "1|T|9|Tính đúng & nhanh" {
		t.Errorf("first row %q", cells)
	}
	doc := page.parse()
	table := find(doc, byAttr("id", "grid"))
	if table == nil || attr(table, "data-url")+"cells" != s.cells(school.YearEnd) || attr(table, "data-account") != fmt.Sprint(s.Huong.AccountID) {
		t.Fatalf("the table does not tell where to save")
	}
	if names := findAll(table, byAttr("data-name", "Toán · điểm KTĐK")); len(names) != 1 || attr(names[0], "data-cell") != "TOAN.mark" {
		t.Error("the editor of marks has no name")
	}
	if strings.Contains(attr(table, "data-store"), "An") || find(doc, byAttr("data-live", "")) == nil {
		t.Error("no live region, or a name in the key of what is stored")
	}
	// Đạo đức has no test: its marks are impossible, not empty.
	page = b.get(s.grid(school.YearEnd, school.DaoDuc)).wantStatus(http.StatusOK)
	if n := findAll(page.parse(), byAttr("class", "no")); len(n) != len(s.Roll) {
		t.Errorf("%d impossible cells", len(n))
	}
}

func TestGradebook_IsSeenByWhoHasToDoWithIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	toan, music, traits := s.grid(school.YearEnd, school.Toan), s.grid(school.YearEnd, school.AmNhac), s.traits(school.YearEnd)
	for _, c := range []struct {
		who    string
		url    string
		status int
	}{
		{huong, toan, 200}, {huong, traits, 200}, {huong, music, 404}, {huong, s.grid(school.YearEnd, school.TuNhienXaHoi), 404},
		{huong, s.grid(school.YearEnd, "KHAC"), 404}, {huong, s.grid("xx", school.Toan), 404},
		{minh, music, 200}, {minh, toan, 404}, {minh, traits, 404},
		{principal, toan, 200}, {deputy, traits, 200}, {admin, music, 200},
		{otherTeacher, toan, 404}, {authority, toan, 404},
	} {
		if got := s.as(c.who).get(c.url); got.status != c.status {
			t.Errorf("%s at %s: %d, want %d", c.who, c.url, got.status, c.status)
		}
	}
	page := s.as(principal).get(toan).wantText("Chỉ đọc")
	if table := find(page.parse(), byAttr("id", "grid")); attr(table, "data-account") != "" || attr(table, "data-since") == "" {
		t.Error("the principal's table can be written, or is told nothing of what others write")
	}
	first := s.as(minh).get(views.In(dbtest.Year, "classes", s.Class.ID, "gradebook", "cn"))
	if first.status != http.StatusSeeOther || first.header.Get("Location") != music {
		t.Errorf("without a subject: %d to %q", first.status, first.header.Get("Location"))
	}
	time.Sleep(1200 * time.Millisecond) // the view log is written in batches
	var views int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.view_log WHERE what = 'gradebook'`).Scan(&views); err != nil || views < 6 {
		t.Errorf("%d readings were logged: %v", views, err)
	}
}

func TestGradebook_ShowsTraitsByEachPupilsGrade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	s.db.Exec(`UPDATE school.class SET grades = '{1,4}' WHERE id = $1`, s.Class.ID)
	s.db.Exec(`UPDATE school.enrolment SET grade = 1 WHERE id = $1`, s.Roll[1].EnrolmentID)
	s.db.Exec(`UPDATE school.enrolment SET not_assessed = true WHERE id = $1`, s.Roll[2].EnrolmentID)
	page := s.as(huong).get(s.traits(school.YearEnd)).wantStatus(http.StatusOK).
		wantText("Phẩm chất chủ yếu", "Năng lực đặc thù", "Giải quyết vấn đề và sáng tạo", "lớp 1", "không đánh giá")
	doc := page.parse()
	if n := len(findAll(doc, func(n *html.Node) bool { return attr(n, "data-cell") != "" })); n != 15 {
		t.Errorf("%d columns", n)
	}
	none := func(row int) int {
		tr := find(doc, byAttr("data-row", fmt.Sprint(s.Roll[row].EnrolmentID)))
		return len(findAll(tr, byAttr("class", "no")))
	}
	if none(0) != 0 || none(1) != 2 || none(2) != 15 {
		t.Errorf("impossible cells: %d, %d, %d", none(0), none(1), none(2))
	}
	s.as(huong).get(s.traits(school.YearEnd) + "?show=remarks").wantStatus(http.StatusOK).wantText("Ghi mức")
}

func TestUpdateCells_AnswersCellByCell(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	at := s.cells(school.YearEnd)
	b.put(at, s.cell(0, school.Toan, "mark"), "", "9")
	for _, c := range []struct {
		name    string
		triples []string
		status  int
		code    string
		says    string
	}{
		{"a bad mark", []string{s.cell(1, school.Toan, "mark"), "", "8,5"}, 422, "cell.mark_decimal", "số nguyên từ 1 đến 10"},
		{"a level of another scale", []string{fmt.Sprintf("%d.YEU_NUOC.level", s.Roll[1].EnrolmentID), "", "H"}, 422, "cell.level", "T Đ C"},
		{"a stale value", []string{s.cell(0, school.Toan, "mark"), "", "8"}, 409, "cell.stale", "Nguyễn Thị Mai Hương đã ghi “9” lúc 08:00"},
		{"another teacher's part", []string{s.cell(0, school.AmNhac, "level"), "", "T"}, 409, "cell.not_yours", "giáo viên khác"},
	} {
		// The cell beside it is saved all the same.
		beside := []string{s.cell(2, school.Toan, "level"), "", "T"}
		got, said := b.put(at, append(c.triples, beside...)...)
		if got.status != c.status || len(said.Refused) != 1 || len(said.Saved) != 1 {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
			continue
		}
		if r := said.Refused[0]; r.Cell != c.triples[0] || r.Code != c.code || !strings.Contains(r.Message, c.says) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	s.db.Clock.Advance(48 * time.Hour)
	got, said := b.put(at, s.cell(4, school.Toan, "mark"), "", "8")
	if got.status != http.StatusLocked || said.Refused[0].Code != "cell.window_closed" {
		t.Errorf("a closed window: %d %s", got.status, got.body)
	}
	b.get(s.grid(school.YearEnd, school.Toan)).wantText("Đã khóa nhập lúc")
}

func TestUpdateCells_RefusesWhatIsNoSave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b, at := s.as(huong), s.cells(school.YearEnd)
	for name, form := range map[string]url.Values{
		"nothing":         {},
		"uneven":          {"cell": {s.cell(0, school.Toan, "mark")}, "old": {""}},
		"no cell":         {"cell": {"mot.TOAN.mark"}, "old": {""}, "new": {"9"}},
		"no item":         {"cell": {"1.KHAC.mark"}, "old": {""}, "new": {"9"}},
		"no field":        {"cell": {"1.TOAN.diem"}, "old": {""}, "new": {"9"}},
		"too many values": {"cell": make([]string, db.MaxCells+1), "old": make([]string, db.MaxCells+1), "new": make([]string, db.MaxCells+1)},
	} {
		if got, _ := b.putForm(at, form); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	form := url.Values{"cell": {s.cell(0, school.Toan, "mark")}, "old": {""}, "new": {"9"}}
	for who, want := range map[string]int{principal: 404, otherTeacher: 404, authority: 404} {
		if got, _ := s.as(who).putForm(at, form); got.status != want {
			t.Errorf("%s: %d, want %d", who, got.status, want)
		}
	}
	if got, _ := s.stranger().putForm(at, form); got.status != http.StatusUnauthorized {
		t.Errorf("an expired session: %d", got.status)
	}
	// Typed under Hương's account, sent after Minh has signed in in her place.
	form.Set("account", fmt.Sprint(s.Huong.AccountID))
	if got, _ := s.as(minh).putForm(at, form); got.status != http.StatusUnauthorized {
		t.Errorf("another account's typing: %d", got.status)
	}
}

func TestUpdateRow_SavesWithoutScriptAndGoesOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	formURL := func(row int) string {
		return s.grid(school.YearEnd, school.Toan) + fmt.Sprintf("&row=%d", s.Roll[row].EnrolmentID)
	}
	page := b.get(formURL(3)).wantStatus(http.StatusOK).
		wantText("Nguyễn Khánh Chi", "4 / 8", "Quỳnh Anh", "Hữu Đức", "Hoàn thành tốt", "Lưu, sang em tiếp theo")
	form := find(page.parse(), func(n *html.Node) bool { return n.Data == "form" && strings.Contains(attr(n, "action"), "/rows/") })
	if form == nil || attr(form, "action") != s.rowForm(school.YearEnd, 3) {
		t.Fatal("no form of the row")
	}
	values := url.Values{"_method": {"PUT"}, "subject": {"TOAN"}, "old.TOAN.level": {""}, "TOAN.level": {"T"}, "old.TOAN.mark": {""},
		"TOAN.mark": {"8"}, "old.TOAN.remark": {""}, "TOAN.remark": {"Làm tốt các bài hình học"}}
	got := b.post(s.rowForm(school.YearEnd, 3), values).wantStatus(http.StatusSeeOther)
	want := formURL(4) + fmt.Sprintf("&done=%d", s.Roll[3].EnrolmentID)
	if got.header.Get("Location") != want {
		t.Errorf("goes on to %q, want %q", got.header.Get("Location"), want)
	}
	b.get(want).wantText("Phan Hữu Đức", "Đã lưu Nguyễn Khánh Chi lúc 08:00")
	if cells := s.rowCells(b.get(s.grid(school.YearEnd, school.Toan)), 3); strings.Join(cells[1:], "|") != "T|8|Làm tốt các bài hình học" {
		t.Errorf("saved %q", cells)
	}

	// The level was changed elsewhere, the mark is wrong: both come back as typed.
	values.Set("TOAN.level", "H")
	values.Set("TOAN.mark", "8,5")
	bad := b.post(s.rowForm(school.YearEnd, 3), values).wantStatus(http.StatusConflict).
		wantText("Có ô chưa lưu được", "đã ghi “T”", "Lưu lần nữa", "không có phần thập phân")
	if mark := find(bad.parse(), byAttr("name", "TOAN.mark")); attr(mark, "value") != "8,5" || attr(mark, "aria-invalid") != "true" {
		t.Error("the field does not keep what was typed")
	}
	if old := find(bad.parse(), byAttr("name", "old.TOAN.level")); attr(old, "value") != "T" {
		t.Errorf("a second save would be refused again over %q", attr(old, "value"))
	}
}

func TestUpdateRow_SavesTheHomeroomTeachersPart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	b := s.as(huong)
	last := len(s.Roll) - 1
	b.get(s.traits(school.YearEnd)+fmt.Sprintf("?row=%d", s.Roll[last].EnrolmentID)).wantStatus(http.StatusOK).
		wantText("Zơrâm Nhiên", "Cần cố gắng", "Nhận xét: phẩm chất chủ yếu")
	got := b.post(s.rowForm(school.YearEnd, last), url.Values{"_method": {"PUT"}, "subject": {""}, "old.YEU_NUOC.level": {""},
		"YEU_NUOC.level": {"Đ"}, "old.NX_PHAM_CHAT.remark": {""}, "NX_PHAM_CHAT.remark": {"Biết giúp bạn"}}).wantStatus(http.StatusSeeOther)
	if got.header.Get("Location") != s.traits(school.YearEnd) {
		t.Errorf("after the last pupil: %q", got.header.Get("Location"))
	}
	if cells := s.rowCells(b.get(s.traits(school.YearEnd)), last); cells[1] != "Đ" || cells[len(cells)-1] != "1/3" {
		t.Errorf("shows %q", cells)
	}
}

func TestGradebook_KeepsItsWeight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	s.fillClass(t, 35)
	page := s.as(huong).get(s.traits(school.YearEnd)).wantStatus(http.StatusOK)
	if n := len(findAll(page.parse(), func(n *html.Node) bool { return attr(n, "data-row") != "" })); n != 35 {
		t.Fatalf("%d rows", n)
	}
	if len(page.body) > 40<<10 {
		t.Errorf("the page of 35 pupils weighs %d bytes, want at most 40 KB", len(page.body))
	}
	t.Logf("%d bytes", len(page.body))
}

// fillClass brings 4A to n pupils, and writes everything of the homeroom teacher.
func (s *site) fillClass(t testing.TB, n int) {
	t.Helper()
	system := s.Admin
	err := s.db.As(t.Context(), system, func(tx *db.Tx) error {
		for i := len(s.Roll); i < n; i++ {
			id, err := tx.CreatePupil(t.Context(), db.Pupil{Code: fmt.Sprintf("77%08d", i), FullName: fmt.Sprintf("Nguyễn Thị Ngọc %c%c", 'A'+i/26, 'a'+i%26),
				BirthDate: school.Date{Year: 2016, Month: 3, Day: 1}, Sex: school.Female})
			if err != nil {
				return err
			}
			if _, err = tx.Enrol(t.Context(), db.NewEnrolment{Year: dbtest.Year, ClassID: s.Class.ID, PupilID: id, Grade: 4, Status: "01",
				From: school.Date{Year: 2025, Month: 9, Day: 5}}); err != nil {
				return err
			}
		}
		var err error
		s.Roll, err = tx.Roll(t.Context(), s.Class.ID)
		return err
	})
	if err != nil {
		t.Fatalf("fill the class: %v", err)
	}
	var changes []db.CellChange
	for _, r := range s.Roll {
		for _, it := range evaluation.Traits() {
			changes = append(changes, db.CellChange{CellRef: db.CellRef{Enrolment: r.EnrolmentID, Item: it, Field: "level"}, New: "T"})
		}
	}
	err = s.db.As(t.Context(), s.Huong, func(tx *db.Tx) error {
		_, err := tx.SaveCells(t.Context(), db.ClassPeriod{Year: dbtest.Year, ClassID: s.Class.ID, Period: school.YearEnd}, changes)
		return err
	})
	if err != nil {
		t.Fatalf("write the class: %v", err)
	}
}

// TestShowGradebook_WhoLeftStandsBelowAndIsNotAskedFor, with what was written.
func TestShowGradebook_WhoLeftStandsBelowAndIsNotAskedFor(t *testing.T) {
	t.Parallel()
	s, _ := filledSite(t)
	s.openPeriod(school.YearEnd)
	s.db.Exec(`UPDATE school.enrolment SET to_date = '2026-03-02', status = '08' WHERE id = $1`, s.Roll[3].EnrolmentID)
	for _, path := range []string{s.grid(school.YearEnd, school.Toan), s.classPath() + "/traits/cn"} {
		page := s.as(huong).get(path).wantStatus(http.StatusOK).wantText("Nguyễn Khánh Chi rời lớp sau ngày 02/03/2026")
		gone := find(page.parse(), func(n *html.Node) bool { return n.Data == "tbody" && attr(n, "class") == "gone" })
		if gone == nil || !strings.Contains(textOf(gone), " T") || find(gone, func(n *html.Node) bool { return attr(n, "data-row") != "" }) != nil {
			t.Errorf("%s: the row can be written or lost its values", path)
		}
	}
}
