package handlers

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/school"
	"hocba/internal/spreadsheet"
)

const resultsPath = "/2025-2026/import"

// makeResults writes results of Toán as a school's software would: level and
// mark of each pupil of the class.
func (s *site) makeResults(t testing.TB, values func(i int) (level string, mark any)) []byte {
	t.Helper()
	e := spreadsheet.Export{Title: []string{"KẾT QUẢ MÔN TOÁN – LỚP 4A – CUỐI NĂM"}, Footer: "kiểm thử",
		Headings: []string{"STT", "Mã học sinh", "Họ và tên", "Mức đạt được", "Điểm KTĐK"}}
	for i, p := range s.Roll {
		level, mark := values(i)
		e.Rows = append(e.Rows, []any{i + 1, p.Code, p.FullName, level, mark})
	}
	var b bytes.Buffer
	if err := spreadsheet.Write(&b, e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func allNines(int) (string, any) { return "T", 9 }

func TestGradebookImport_PreviewWriteUndo(t *testing.T) {
	s := newSite(t)
	s.openWindow(school.YearEnd)
	b := s.as(huong)
	b.get(resultsPath).wantStatus(http.StatusOK).wantText("Nhập từ Excel", "Theo tệp")
	raw := s.makeResults(t, func(i int) (string, any) {
		switch i {
		case 0:
			return "T", 8.5
		case 1:
			return "T", 5
		}
		return "T", 9
	})
	path := b.uploaded(resultsPath, "toan.xlsx", raw)
	b.get(path).wantStatus(http.StatusOK).wantText("Xem trước: Toán 4A, cuối năm", "1 dòng không ghi được", "Ô E4", "1 dòng cần thầy/cô chọn",
		"mức T nhưng điểm 5", "Chưa có gì được ghi", "Ghi 6 dòng đã chọn")
	// The rows shown lose their tick one by one; the doubtful one is chosen.
	form := url.Values{"shown": {"1", "2", "3", "4", "5", "6", "7"}, "row": {"1", "3", "4", "5", "6", "7"}}
	b.post(path, form).wantStatus(http.StatusSeeOther)
	b.post(path, form).wantStatus(http.StatusSeeOther) // a double click
	b.get(path).wantStatus(http.StatusOK).wantText("Kết quả nhập: Toán 4A", "12 ô mới", "Hoàn lại 12 ô đã nhập")
	s.as(huong).do(http.MethodDelete, path, nil).wantStatus(http.StatusSeeOther)
	b.get(path).wantStatus(http.StatusOK).wantText("Đã hoàn lại 12 ô")
	b.get(resultsPath).wantStatus(http.StatusOK).wantText("toan.xlsx", "Đã hoàn lại")
	rest := b.get(path + "/refused.xlsx").wantStatus(http.StatusOK)
	if tables, err := spreadsheet.ReadGrades(strings.NewReader(rest.body), resultTerms()); err != nil || len(tables[0].Rows) != 2 {
		t.Errorf("the rows left cannot be read again: %v", err)
	}
}

func resultTerms() *spreadsheet.Vocabulary {
	return spreadsheet.NewVocabulary(spreadsheet.Term{Item: "TOAN", Names: []string{"Toán"}})
}

func TestGradebookImport_FaultyFilesAndStrangers(t *testing.T) {
	s := newSite(t)
	s.openWindow(school.YearEnd)
	b := s.as(huong)
	b.upload(resultsPath, "hu.xlsx", []byte("không phải bảng tính")).wantStatus(http.StatusUnprocessableEntity).
		wantText("không phải bảng tính .xlsx", "Chưa có gì được ghi")
	b.post(resultsPath, nil).wantStatus(http.StatusUnprocessableEntity)
	path := b.uploaded(resultsPath, "toan.xlsx", s.makeResults(t, allNines))
	for _, other := range []string{minh, "gvkhac"} {
		s.as(other).get(path).wantStatus(http.StatusNotFound)
		s.as(other).post(path, url.Values{"row": {"0"}}).wantStatus(http.StatusNotFound)
		s.as(other).do(http.MethodDelete, path, nil).wantStatus(http.StatusNotFound)
	}
	b.do(http.MethodDelete, path, nil).wantStatus(http.StatusConflict).wantText("chưa ghi")
	// Another teacher of the class owns no Toán: every row is refused.
	theirs := s.as(minh).uploaded(resultsPath, "toan.xlsx", s.makeResults(t, allNines))
	s.as(minh).get(theirs).wantText(strconv.Itoa(len(s.Roll))+" dòng không ghi được", "giao cho giáo viên khác")
	b.post(path, url.Values{"drop": {"1"}}).wantStatus(http.StatusSeeOther)
	b.get(path).wantStatus(http.StatusNotFound).wantText("đã quá hạn")
	late := b.uploaded(resultsPath, "toan.xlsx", s.makeResults(t, allNines))
	s.db.Clock.Set(dbtest.Start.Add(25 * time.Hour))
	s.as(huong).post(late, nil).wantStatus(http.StatusNotFound)
}

// Two tabs write one file at once, and two files of the same cells: each cell is
// written once, the later file's cells are named.
func TestGradebookImport_TwoTabs(t *testing.T) {
	s := newSite(t)
	s.openWindow(school.YearEnd)
	b := s.as(huong)
	first := b.uploaded(resultsPath, "mot.xlsx", s.makeResults(t, allNines))
	second := b.uploaded(resultsPath, "hai.xlsx", s.makeResults(t, func(int) (string, any) { return "H", 7 }))
	var tabs sync.WaitGroup
	for range 2 {
		tab := s.as(huong)
		tabs.Go(func() { tab.post(first, nil).wantStatus(http.StatusSeeOther) })
	}
	tabs.Wait()
	b.get(first).wantText("16 ô mới")
	b.post(second, nil).wantStatus(http.StatusSeeOther)
	b.get(second).wantText("0 ô mới", "16 ô bị từ chối", "vừa ghi giá trị khác")
}

func TestGradebookImport_SampleOfTheIssue(t *testing.T) {
	s := newSite(t)
	b := s.as(huong)
	path := b.uploaded(resultsPath, "ket-qua-mon-toan-4A.xlsx", sampleList(t, "ket-qua-mon-toan-4A.xlsx"))
	b.get(path).wantStatus(http.StatusOK).wantText("tiêu đề ở dòng 3 · 33 dòng", "Không thấy em này trong các lớp của thầy/cô")
}

// A code calls the person's own phrase before the school's and the starter
// bank's; the remark itself, where the file has it, holds against its code.
func TestGradebookImport_CodesCallRemarks(t *testing.T) {
	s := newSite(t)
	s.openWindow(school.YearEnd)
	phrase := func(owner any, code, text string) {
		s.db.Exec(`INSERT INTO school.remark_phrase (school_id, account_id, code, item, from_grade, to_grade, level, periods, text, changed_by, changed_at)
			VALUES ($1, $2, $3, 'TOAN', 1, 5, '', '{}', $4, $5, now())`, s.School.ID, owner, code, text, s.Huong.AccountID)
	}
	phrase(s.Huong.AccountID, "K1", "{tên} tính nhanh.")
	phrase(nil, "K1", "Câu của trường.")
	phrase(nil, "K2", "Trình bày sạch.")
	e := spreadsheet.Export{Title: []string{"KẾT QUẢ MÔN TOÁN – LỚP 4A – CUỐI NĂM"}, Footer: "kiểm thử",
		Headings: []string{"STT", "Mã học sinh", "Họ và tên", "Mức đạt được", "Điểm KTĐK", "Mã nhận xét", "Nội dung nhận xét"}}
	for i, given := range [][2]string{{"k1; K2", ""}, {"K1", "Câu gõ tay."}, {"ZZ9", ""}, {"T1", ""}} {
		p := s.Roll[i]
		e.Rows = append(e.Rows, []any{i + 1, p.Code, p.FullName, "T", 9, given[0], given[1]})
	}
	var raw bytes.Buffer
	if err := spreadsheet.Write(&raw, e); err != nil {
		t.Fatal(err)
	}
	b := s.as(huong)
	path := b.uploaded(resultsPath, "toan.xlsx", raw.Bytes())
	_, given := school.SplitName(s.Roll[0].FullName)
	page := b.get(path).wantStatus(http.StatusOK).wantText("Mức", "Điểm", "Nhận xét", given+" tính nhanh. Trình bày sạch.", "mã k1; K2", "Câu gõ tay.",
		"Không có mã nhận xét “ZZ9” của Toán", "“T1” của Toán dành cho khối, mức hoặc kì khác", "2 dòng cần thầy/cô chọn", "2 dòng ghi được")
	if strings.Contains(page.text(), "Câu của trường") {
		t.Error("the school's phrase holds against the person's own")
	}
	b.post(path, url.Values{"shown": {"2"}, "row": {"2"}, "option-2": {"0"}}).wantStatus(http.StatusSeeOther)
	if n := s.count(`SELECT count(*) FROM school.entry WHERE item = 'TOAN' AND level = 'T' AND mark = 9`); n != 3 {
		t.Errorf("%d pupils have level and mark, want 3", n)
	}
	if n := s.count(`SELECT count(*) FROM school.entry WHERE item = 'TOAN' AND remark IN ($1, 'Câu gõ tay.')`, given+" tính nhanh. Trình bày sạch."); n != 2 {
		t.Errorf("%d remarks were written, want 2", n)
	}
}
