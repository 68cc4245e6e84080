package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hocba/internal/school"
)

// TestSpecial_HomeroomDeclaresAdministratorExempts through the pages.
func TestSpecial_HomeroomDeclaresAdministratorExempts(t *testing.T) {
	s := newSite(t)
	s.openPeriod(school.YearEnd)
	path := s.classPath() + "/special"
	an := id(s.Roll[0].EnrolmentID)
	home := s.as(huong)
	page := home.get(path).wantStatus(http.StatusOK).wantText("Diện riêng của học sinh", "Nguyễn Hoài An", "Không em nào được miễn", "Học tiếng dân tộc")
	if strings.Contains(page.text(), "Khai miễn học") || strings.Contains(page.text(), "Học Ngoại ngữ 1") {
		t.Error("the homeroom teacher of grade 4 is offered what is not there")
	}
	form := url.Values{"_method": {"PUT"}, "pupil": {an}, "now." + an: {"inclusive", "ethnic"}, "tongue": {"Cơ-tu"}}
	home.post(path, form).wantStatus(http.StatusSeeOther)
	home.get(path + "?done=special").wantText("Đã ghi diện riêng của lớp")
	home.post(path, url.Values{"_method": {"PUT"}, "pupil": {an}, "now." + an: {"plan"}}).wantStatus(http.StatusConflict).
		wantText("vừa được người khác đổi")
	home.post(path, url.Values{"_method": {"PUT"}, "pupil": {an}, "old." + an: {"inclusive", "ethnic"}, "now." + an: {"inclusive", "ethnic", "none"}}).
		wantStatus(http.StatusConflict).wantText("là quyết định của nhà trường")
	home.get(s.grid(school.YearEnd, school.Toan)).wantText("hòa nhập")
	home.get(s.classPath() + "/summary/cn").wantText("Tiếng dân tộc (Cơ-tu)")

	boss := s.as(admin)
	boss.get(path).wantStatus(http.StatusOK).wantText("Khai miễn học")
	exemption := url.Values{"pupil": {an}, "subject": {"GIAO_DUC_THE_CHAT"}, "period": {"cn"}, "reason": {"Sức khỏe"}, "decision": {""}}
	boss.post(s.classPath()+"/exemptions", exemption).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi số và ngày của quyết định")
	exemption.Set("decision", "12/QĐ ngày 10/05/2026")
	home.post(s.classPath()+"/exemptions", exemption).wantStatus(http.StatusConflict).wantText("quản trị của trường khai")
	boss.post(s.classPath()+"/exemptions", exemption).wantStatus(http.StatusSeeOther)
	boss.get(path).wantText("Sức khỏe · 12/QĐ ngày 10/05/2026", "Giáo dục thể chất", "Bỏ miễn")
	home.get(s.grid(school.YearEnd, school.GiaoDucTheChat)).wantText("Miễn")
	home.get(s.grid(school.YearEnd, school.GiaoDucTheChat)+"&row="+an).wantText("Chỉ đọc", "Miễn học là quyết định của nhà trường")
	end := url.Values{"_method": {"DELETE"}, "pupil": {id(s.Roll[0].PupilID)}, "subject": {"GIAO_DUC_THE_CHAT"}}
	home.post(s.classPath()+"/exemptions", end).wantStatus(http.StatusConflict)
	boss.post(s.classPath()+"/exemptions", end).wantStatus(http.StatusSeeOther)
	boss.get(path).wantText("Không em nào được miễn")
}

func TestSpecial_IsForTheClassOnly(t *testing.T) {
	s := newSite(t)
	path := s.classPath() + "/special"
	for _, who := range []string{minh, otherTeacher} {
		s.as(who).get(path).wantStatus(http.StatusNotFound)
	}
	s.as(minh).post(path, url.Values{"_method": {"PUT"}, "pupil": {id(s.Roll[0].EnrolmentID)}, "now." + id(s.Roll[0].EnrolmentID): {"plan"}}).
		wantStatus(http.StatusNotFound)
	page := s.as(principal).get(path).wantStatus(http.StatusOK)
	if strings.Contains(page.body, `type="checkbox"`) {
		t.Error("the principal is offered boxes that are not taken")
	}
}

// TestSpecial_WholeClassTakesALanguage: grades 1 and 2 by one button.
func TestSpecial_WholeClassTakesALanguage(t *testing.T) {
	s := newSite(t)
	s.db.Exec(`UPDATE school.class SET grades = '{2}' WHERE id = $1`, s.Class.ID)
	s.db.Exec(`UPDATE school.enrolment SET grade = 2 WHERE class_id = $1`, s.Class.ID)
	form := url.Values{"_method": {"PUT"}, "all": {"foreign"}}
	for _, r := range s.Roll {
		form.Add("pupil", id(r.EnrolmentID))
	}
	b := s.as(huong)
	b.get(s.classPath() + "/special").wantText("Ghi, cả lớp học Ngoại ngữ 1")
	b.post(s.classPath()+"/special", form).wantStatus(http.StatusSeeOther)
	b.get(s.classPath()+"/summary/ck1").wantText("Mẫu 2", "Ngoại ngữ 1 (Tiếng Anh)")
	var taking int
	if err := s.db.Owner().QueryRow(`SELECT count(*) FROM school.enrolment WHERE first_language_optional`).Scan(&taking); err != nil || taking != len(s.Roll) {
		t.Errorf("%d take the language, %v", taking, err)
	}
}
