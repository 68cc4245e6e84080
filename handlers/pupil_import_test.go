package handlers

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

const importPath = "/2025-2026/pupils/import"

func sampleList(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("../internal/spreadsheet/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// upload sends a file as the form of the page does.
func (b *browser) upload(path, name string, raw []byte, fields ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := part.Write(raw); err != nil {
		b.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.do(http.MethodPost, path, &body, "Content-Type", form.FormDataContentType())
}

// uploaded sends a list and returns the address of its preview.
func (b *browser) uploaded(path, name string, raw []byte) string {
	b.t.Helper()
	got := b.upload(path, name, raw, "from", "05/09/2025")
	if got.status != http.StatusSeeOther {
		b.t.Fatalf("upload %s: %d %s", name, got.status, got.text())
	}
	return got.header.Get("Location")
}

// makeList writes a list of pupils as a school's software would.
func makeList(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Headings: []string{"Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính",
		"Dân tộc", "Lớp học", "Khối học", "SĐT liên hệ"}, Rows: rows, Footer: "kiểm thử"})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPupilImport_SampleFromUploadToClasses(t *testing.T) {
	s := newSite(t)
	s.db.Clock.Set(time.Date(2026, time.September, 10, 8, 0, 0, 0, school.Zone))
	b := s.as(admin)
	got := b.upload("/2026-2027/pupils/import", "danh-sach-hoc-sinh.xlsx", sampleList(t, "danh-sach-hoc-sinh.xlsx"), "from", "05/09/2026")
	path := got.wantStatus(http.StatusSeeOther).header.Get("Location")
	page := b.get(path).wantStatus(http.StatusOK)
	page.wantText("324 dòng", "Ghi 324 học sinh", "Lớp chưa có, được tạo khi ghi", "1A (khối 1, ", "4A (khối 4, 33 em)", "Chưa có gì được ghi")
	b.post(path, nil).wantStatus(http.StatusSeeOther)
	b.get(path).wantStatus(http.StatusOK).wantText("Kết quả nhập danh sách", "324 em mới", "Đã tạo lớp 1A · ")
	b.get("/2026-2027/classes").wantStatus(http.StatusOK).wantText("10 lớp · 324 học sinh")
}

func TestPupilImport_NamesEveryFaultRedFirst(t *testing.T) {
	s := newSite(t)
	s.db.Clock.Set(time.Date(2026, time.September, 10, 8, 0, 0, 0, school.Zone))
	b := s.as(admin)
	path := b.upload("/2026-2027/pupils/import", "danh-sach-co-loi.xlsx", sampleList(t, "danh-sach-co-loi.xlsx"), "from", "05/09/2026").
		wantStatus(http.StatusSeeOther).header.Get("Location")
	page := b.get(path).wantStatus(http.StatusOK)
	page.wantText("dòng không ghi được", "Ô B29", "Ô F30", "Ô C31", "Ô T32", "Ô C33", "Ô D42", "Ô V9")
	text := page.text()
	if red, green := strings.Index(text, "dòng không ghi được"), strings.Index(text, "dòng ghi được –"); red < 0 || green > 0 && green < red {
		t.Errorf("refused rows do not come first")
	}
	refused := b.get(path + "/refused.xlsx").wantStatus(http.StatusOK)
	if refused.header.Get("Content-Type") != xlsxType {
		t.Errorf("refused list is %q", refused.header.Get("Content-Type"))
	}
	book, err := spreadsheet.Read(strings.NewReader(refused.body))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, row := range book.Sheets[0].Rows {
		for _, c := range row.Cells {
			all.WriteString(c.Text + "\n")
		}
	}
	if !strings.Contains(all.String(), "Vì sao chưa ghi") || !strings.Contains(all.String(), "Ô D42") {
		t.Errorf("the refused list does not say why: %s", all.String())
	}
}

func TestPupilImport_AsksAboutYellowRows(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	path := b.uploaded(importPath, "a.xlsx", makeList(t,
		[]any{"4900000004", "Nguyễn Khánh Chi", "14/03/2016", "Nữ", "Tày", "4A", "4", "0905111222"},
		[]any{"4933333333", "Lê Quỳnh Anh", "20/03/2016", "Nữ", "Kinh", "4A", "4", ""},
		[]any{"4944444444", "Em Hoàn Toàn Mới", "01/02/2016", "Nam", "Kinh", "4A", "4", ""}))
	page := b.get(path).wantStatus(http.StatusOK)
	page.wantText("2 dòng cần thầy/cô chọn", "Dân tộc: Kinh → Tày", "Là em này hay em mới?", "Ghi 1 học sinh và dòng đã chọn")
	chi := regexp.MustCompile(`same:\d+`).FindString(page.body)
	b.post(path, url.Values{"choice-2": {chi}, "choice-3": {"new"}}).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("3 Đã ghi", "2 em mới, 1 cập nhật")
	var ethnicity, phone, father string
	err := s.db.Owner().QueryRow(`SELECT ethnicity, phone, father_name FROM school.pupil WHERE code = '4900000004' AND school_id = $1`,
		s.School.ID).Scan(&ethnicity, &phone, &father)
	if err != nil || ethnicity != "Tày" || phone != "0905111222" || father != "Cha Của Em" {
		t.Errorf("%s %s %s: %v", ethnicity, phone, father, err)
	}
}

func TestPupilImport_WithoutAChoiceNothingYellowIsWritten(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	path := b.uploaded(importPath, "a.xlsx", makeList(t,
		[]any{"4900000004", "Nguyễn Khánh Chi", "14/03/2016", "Nữ", "Tày", "4A", "4", ""}))
	b.post(path, url.Values{"choice-2": {"same:999999"}}).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("0 Đã ghi", "Lựa chọn không còn hợp với dòng này")
	path = b.uploaded(importPath, "a.xlsx", makeList(t,
		[]any{"4900000004", "Nguyễn Khánh Chi", "14/03/2016", "Nữ", "Tày", "4A", "4", ""}))
	b.post(path, nil).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("1 Bỏ qua")
}

func TestPupilImport_DoubleClickWritesOnce(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	path := b.uploaded(importPath, "a.xlsx", makeList(t, []any{"4944444444", "Em Hoàn Toàn Mới", "01/02/2016", "Nam", "Kinh", "4B", "4", ""}))
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { b.post(path, nil).wantStatus(http.StatusSeeOther) })
	}
	wg.Wait()
	b.get(path).wantText("1 em mới, 0 cập nhật")
	var n int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM core.audit_event WHERE act = 'pupil_import'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d imports in the audit trail: %v", n, err)
	}
}

func TestPupilImport_RefusesWhatIsNoList(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	b.upload(importPath, "a.xlsx", []byte("PK\x03\x04 not a zip at all")).wantStatus(http.StatusUnprocessableEntity).wantText("Tệp hỏng")
	b.upload(importPath, "a.xlsx", []byte("%PDF-1.7")).wantStatus(http.StatusUnprocessableEntity).wantText("không phải bảng tính .xlsx")
	b.upload(importPath, "a.xlsx", nil).wantStatus(http.StatusUnprocessableEntity).wantText("Tệp rỗng")
	b.post(importPath, url.Values{"from": {"05/09/2025"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn một tệp")
	b.upload(importPath, "a.xlsx", sampleList(t, "danh-sach-hoc-sinh.xlsx"), "from", "05/09/2031").
		wantStatus(http.StatusUnprocessableEntity).wantText("Ngày vào lớp phải từ")
	b.upload(importPath, "a.xlsx", sampleList(t, "ket-qua-mon-toan-4A.xlsx")).wantStatus(http.StatusUnprocessableEntity)
	b.upload(importPath, "a.xlsx", makeList(t, []any{"4944444444", "=1+1", "01/02/2016", "Nam", "Kinh", "4B", "4", ""})).
		wantStatus(http.StatusSeeOther)
}

// A list of 50 MB is refused with a page in Vietnamese, and without reading it whole.
func TestPupilImport_RefusesFiftyMegabytes(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	huge := make([]byte, 50<<20)
	b.upload(importPath, "a.xlsx", huge, "from", "05/09/2025").wantStatus(http.StatusRequestEntityTooLarge).wantText("Tệp quá lớn", "Chưa có gì được ghi")
	b.upload(importPath, "a.xlsx", huge[:11<<20], "from", "05/09/2025").wantStatus(http.StatusUnprocessableEntity).wantText("Tệp lớn hơn 10 MB")
}

func TestPupilImport_BelongsToItsOwner(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	list := makeList(t, []any{"4944444444", "Em Hoàn Toàn Mới", "01/02/2016", "Nam", "Kinh", "4B", "4", ""})
	path := b.uploaded(importPath, "a.xlsx", list)
	s.db.Exec(`INSERT INTO core.account_role (account_id, unit_id, role, valid_from)
		SELECT id, $1, 'school_admin', '2025-07-01' FROM core.account WHERE username = $2`, s.OtherSchool.ID, otherTeacher)
	other := s.as(otherTeacher)
	roles := other.get("/session/role").body
	post := regexp.MustCompile(`name="post" value="(\d+)"`).FindStringSubmatch(roles)
	other.post("/session/role", url.Values{"post": {post[1]}}).wantStatus(http.StatusSeeOther)
	other.get(importPath).wantStatus(http.StatusOK)
	other.get(path).wantStatus(http.StatusNotFound)
	other.get(path + "/refused.xlsx").wantStatus(http.StatusNotFound)
	other.post(path, nil).wantStatus(http.StatusNotFound)
	if text := other.get("/2025-2026/classes").text(); !strings.Contains(text, "1 lớp · 8 học sinh") {
		t.Errorf("another school's classes: %s", text)
	}
	b.post(path, url.Values{"drop": {"1"}}).wantStatus(http.StatusSeeOther)
	b.get(path).wantStatus(http.StatusNotFound).wantText("Không còn bản xem trước này")
}

func TestPupilImport_TemplateCanBeFilledIn(t *testing.T) {
	s := newSite(t)
	got := s.as(admin).get(importPath + "/template.xlsx").wantStatus(http.StatusOK)
	_, err := spreadsheet.ReadPupils(strings.NewReader(got.body), spreadsheet.PupilOptions{Year: dbtest.Year})
	if err == nil || !strings.Contains(err.Error(), spreadsheet.CodeNoRows) {
		t.Errorf("the empty template reads as %v, want no rows", err)
	}
}

func TestPupilImport_ThousandPupils(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	var rows [][]any
	for i := range 1000 {
		d := school.Date{Year: 2019 - i%5, Month: 1, Day: 1}.AddDays(i % 300)
		rows = append(rows, []any{fmt.Sprintf("49%08d", 50000000+i), "Nguyễn Thị " + strings.Repeat("Mai ", i/300) + "Lan", d.Vietnamese(), "Nữ", "Kinh",
			fmt.Sprintf("%d%c", i%5+1, 'A'+i/5%6), fmt.Sprint(i%5 + 1), "0905111222"})
	}
	list := makeList(t, rows...)
	path := b.uploaded(importPath, "a.xlsx", list)
	b.get(path).wantStatus(http.StatusOK)
	b.post(path, nil).wantStatus(http.StatusSeeOther)
	if n := s.count(`SELECT count(*) FROM school.pupil WHERE code LIKE '495%'`); n != 1000 {
		t.Errorf("%d pupils written, want 1,000", n)
	}
}

// A workbook with one sheet a class goes in whole; doubtful rows of one number
// in two sheets are chosen apart.
func TestPupilImport_SeveralSheetsAreOneList(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	f := excelize.NewFile()
	defer f.Close()
	for i, class := range []string{"4A", "4B"} {
		name := []string{"Sheet1", "Lớp 4B"}[i]
		if i > 0 {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		for n, row := range [][]any{{"Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính", "Dân tộc", "Lớp học", "Khối học"},
			{fmt.Sprintf("490000000%d", 4+i), []string{"Nguyễn Khánh Chi", "Phan Hữu Đức"}[i], []string{"14/03/2016", "30/07/2016"}[i],
				[]string{"Nữ", "Nam"}[i], "Tày", "4A", "4"},
			{fmt.Sprintf("494444444%d", i), []string{"Đỗ Minh Quân", "Hồ Thu Thảo"}[i], "01/02/2016", "Nam", "Kinh", class, "4"}} {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", n+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		t.Fatal(err)
	}
	path := b.uploaded(importPath, "ca-truong.xlsx", raw.Bytes())
	page := b.get(path).wantStatus(http.StatusOK).wantText("trang “Sheet1, Lớp 4B”", "4 dòng", "Lớp 4B!2", "2 dòng cần thầy/cô chọn", "4B (khối 4, 1 em)")
	names := regexp.MustCompile(`name="(choice-\d+)"`).FindAllStringSubmatch(page.body, -1)
	same := regexp.MustCompile(`same:\d+`).FindAllString(page.body, -1)
	if len(names) != 2 || len(same) != 2 || names[0][1] == names[1][1] {
		t.Fatalf("choices %v, %v", names, same)
	}
	b.post(path, url.Values{names[1][1]: {same[1]}}).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("2 em mới, 1 cập nhật", "1 Bỏ qua")
	if n := s.count(`SELECT count(*) FROM school.pupil WHERE ethnicity = 'Tày' AND code = '4900000005' AND school_id = $1`, s.School.ID); n != 1 {
		t.Error("the choice of the second sheet was not written")
	}
}

func TestPupilImport_IsTakenBackOnce(t *testing.T) {
	s := newSite(t)
	b := s.as(admin)
	path := b.uploaded(importPath, "a.xlsx", makeList(t, []any{"4944444444", "Em Hoàn Toàn Mới", "01/02/2016", "Nam", "Kinh", "4B", "4", ""},
		[]any{"4944444445", "Em Đã Có Điểm", "01/03/2016", "Nữ", "Kinh", "4B", "4", ""}))
	b.do(http.MethodDelete, path, nil).wantStatus(http.StatusConflict).wantText("chưa ghi nên không có gì để hoàn lại")
	b.post(path, nil).wantStatus(http.StatusSeeOther)
	b.get(path).wantText("Hoàn lại 2 em đã nhập", "Hoàn lại được đến 08:00 19/06/2026")
	s.db.Clock.Advance(time.Minute)
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, account_id, updated_at)
		SELECT e.school_year, e.id, 'cn', 'TOAN', e.school_id, 'T', $1, $2 FROM school.enrolment e JOIN school.pupil p ON p.id = e.pupil_id
		WHERE p.code = '4944444445'`, s.Huong.AccountID, s.db.Clock.Now())
	for range 2 {
		b.do(http.MethodDelete, path, nil).wantStatus(http.StatusSeeOther)
	}
	b.get(path).wantStatus(http.StatusOK).wantText("Đã hoàn lại 1 mục", "1 em mới đã bỏ khỏi sổ", "2 mục không hoàn lại",
		"Em Đã Có Điểm, mã 4944444445", "ghi sau khi nhập nên giữ nguyên", "Lớp 4B", "hoàn lại lúc 08:01 20/05/2026")
	b.get(importPath).wantText("Các lần đã nhập", "Đã hoàn lại")
	if n := s.count(`SELECT count(*) FROM school.pupil WHERE code IN ('4944444444', '4944444445')`); n != 1 {
		t.Errorf("%d pupils of the list remain", n)
	}
}
