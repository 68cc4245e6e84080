package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

// written puts a table into a file as other software does.
func (s *stage) written(name, title string, headings []string, rows ...[]any) string {
	s.t.Helper()
	var b bytes.Buffer
	err := spreadsheet.Write(&b, spreadsheet.Export{Title: []string{title}, Headings: headings, Rows: rows, Footer: "kiểm thử"})
	if err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// sends uploads a file by the page's form.
func (b *tab) sends(path, file string) {
	b.t.Helper()
	b.visit(path)
	b.clean()
	if err := b.element("input[type=file]").SetFiles([]string{file}); err != nil {
		b.t.Fatal(err)
	}
	b.press("Xem trước")
	b.waitText("Chưa có gì được ghi")
}

// clean asks axe about the page as it stands, at the widths of a desk, a tablet
// and a phone.
func (b *tab) clean() {
	b.t.Helper()
	for _, width := range []int{360, 820, 1366} {
		b.size(width, 900)
		b.axe()
	}
}

// TestImport_ResultsComeFromExcelAndGoBack brings a file of results with rows of
// every colour, chooses a doubtful one, writes, and takes it back: but not the
// cell that was written since.
func TestImport_ResultsComeFromExcelAndGoBack(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	s.db.Exec(`INSERT INTO school.entry (school_year, enrolment_id, period, item, school_id, level, mark, remark, account_id, updated_at)
		VALUES ('2025-2026', $1, 'cn', 'TOAN', $2, 'T', 9, '', $3, now())`, s.cast.Roll[6].EnrolmentID, s.cast.School.ID, s.cast.Huong.AccountID)
	var rows [][]any
	for i, p := range s.cast.Roll {
		row := []any{i + 1, "4A", p.Code, p.FullName, p.BirthDate, "T", 9, "T26", nil}
		switch i {
		case 1:
			row[6] = 8.5
		case 2:
			row[2], row[3] = "", "Le Quynh Anh"
		case 5:
			row[7] = "KHONG"
		case 6:
			row[6] = 10
		}
		rows = append(rows, row)
	}
	rows = append(rows, []any{9, "4A", "4999999999", "Người Ngoài Lớp", nil, "T", 9, nil, nil})
	file := s.written("toan.xlsx", "KẾT QUẢ MÔN TOÁN – LỚP 4A – CUỐI NĂM", []string{"STT", "Lớp", "Mã học sinh", "Họ và tên", "Ngày sinh",
		"Mức đạt được", "Điểm KTĐK", "Mã nhận xét", "Nội dung nhận xét"}, rows...)
	b := s.as(huong)
	b.sends("/2025-2026/import", file)
	b.clean()
	b.waitText("2 dòng không ghi được")
	b.waitText("3 dòng cần thầy/cô chọn")
	b.waitText("Ghi 4 dòng đã chọn")
	b.click(`input[name=row][value="6"]`)
	b.waitText("Ghi 5 dòng đã chọn")
	b.press("Ghi 5 dòng đã chọn")
	b.waitText("Kết quả nhập: Toán 4A")
	b.clean()
	s.wantStored(school.Toan, 6, marks, "10")
	s.wantStored(school.Toan, 0, levels, "T")

	grid := s.as(huong)
	grid.visit(s.grid(school.Toan))
	grid.point(0, marks)
	grid.types("8")
	grid.keys(input.Enter)
	grid.waitLine("Đã lưu")
	b.press("Hoàn lại")
	b.waitText("1 ô không hoàn lại")
	b.clean()
	s.wantStored(school.Toan, 0, marks, "8")
	s.wantStored(school.Toan, 0, levels, "")
	s.wantStored(school.Toan, 6, marks, "9")
	b.visit("/2025-2026/import")
	b.waitText("Đã hoàn lại")
	b.clean()
}

// TestImport_PeopleAndDutiesComeFromExcel brings accounts, hands their passwords
// out, gives them duties, and takes both back.
func TestImport_PeopleAndDutiesComeFromExcel(t *testing.T) {
	s := newStage(t)
	b := s.as(admin)
	accounts := s.written("can-bo.xlsx", "DANH SÁCH CÁN BỘ, GIÁO VIÊN", []string{"TT", "Họ và tên", "Mã GV", "Chức vụ"},
		[]any{1, "Alăng Thị Hiền", "GV4800031", "Giáo viên"}, []any{2, "Doan Nhat Minh", "GV4800002", "Giáo viên"},
		[]any{3, "Trần Văn Không", "", "Giáo viên"}, []any{4, "Lê Thị Hà", "GV4800004", "PHT, GV"})
	b.sends("/2025-2026/accounts/import", accounts)
	b.clean()
	b.press("Ghi 2 dòng đã chọn")
	b.waitText("Kết quả nhập: tài khoản")
	b.clean()
	b.press("Hiện mật khẩu tạm của 1 tài khoản mới")
	b.waitText("chỉ hiện lần này")
	b.waitText("hienat")
	b.clean()

	duties := s.written("phan-cong.xlsx", "PHÂN CÔNG GIẢNG DẠY", []string{"STT", "Lớp", "Môn học", "Giáo viên", "Từ ngày", "Đến ngày", "Quyết định"},
		[]any{1, "4A", "Âm nhạc", "Alăng Thị Hiền", "18/05/2026"}, []any{2, "4A", "Toán, Chủ nhiệm", "Nguyễn Thị Mai Hương"},
		[]any{3, "4A", "Khoa học", "Alăng Thị Hiền", "18/05/2026", "22/05/2026", "QĐ 12/QĐ-TH"}, []any{4, "5X", "Toán", "Alăng Thị Hiền"})
	b.sends("/2025-2026/assignments/import", duties)
	b.clean()
	b.click(`input[name=row][value="0"]`)
	b.press("Ghi 3 dòng đã chọn")
	b.waitText("Kết quả nhập: phân công giảng dạy")
	b.clean()
	b.press("Hoàn lại 2 mục đã nhập")
	b.waitText("Đã hoàn lại 2 mục")
	b.clean()
	b.visit("/2025-2026/accounts/import")
	b.waitText("can-bo.xlsx")
	b.clean()
	b.visit(fmt.Sprintf("/2025-2026/classes/%d/edit", s.cast.Class.ID))
	b.waitGone("QĐ 12/QĐ-TH")
}

// TestImport_PupilsOfEveryColour looks at the list of pupils before and after.
func TestImport_PupilsOfEveryColour(t *testing.T) {
	s := newStage(t)
	b := s.as(admin)
	list := s.written("hoc-sinh.xlsx", "DANH SÁCH HỌC SINH", []string{"Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính", "Dân tộc", "Lớp học", "Khối học"},
		[]any{"4900000004", "Nguyễn Khánh Chi", "14/03/2016", "Nữ", "Tày", "4A", "4"}, []any{"4944444444", "Em Hoàn Toàn Mới", "01/02/2016", "Nam", "Kinh", "4B", "4"},
		[]any{"12", "Em Sai Mã", "01/02/2016", "Nam", "Kinh", "4A", "4"}, []any{"4900000005", "Phan Hữu Đức", "30/07/2016", "Nam", "Kinh", "4A", "4"})
	b.sends("/2025-2026/pupils/import", list)
	b.clean()
	b.press("Ghi")
	b.waitText("Kết quả nhập danh sách")
	b.clean()
	s.db.Exec(`UPDATE school.pupil SET revision = revision + 1 WHERE code = '4944444444'`)
	b.press("Hoàn lại 1 em đã nhập")
	b.waitText("2 mục không hoàn lại")
	b.clean()
	b.visit("/2025-2026/pupils/import")
	b.waitText("Các lần đã nhập")
	b.clean()
}
