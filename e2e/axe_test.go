package e2e

import (
	"fmt"
	"testing"

	"hocba/db/dbtest"
)

// TestPages_HaveNoAccessibilityFault asks axe about the kinds of page that the
// stories do not come by, on a wide screen and on a phone.
func TestPages_HaveNoAccessibilityFault(t *testing.T) {
	s := newStage(t)
	s.openYearEnd()
	s.chain.Submit(t)
	class := fmt.Sprintf("/2025-2026/classes/%d", s.cast.Class.ID)
	pupil := fmt.Sprint(s.cast.Roll[0].PupilID)
	s.db.Exec(`INSERT INTO school.pupil_change (school_id, pupil_id, field, old_value, new_value, second, kind, from_date, paper, account_id, at)
		SELECT school_id, id, 'full_name', full_name, 'Nguyễn Hoài Ân', true, 'correction', '2026-05-20', 'birth_certificate', $2, now()
		FROM school.pupil WHERE id = $1`, s.cast.Roll[0].PupilID, s.cast.Huong.AccountID)
	for username, paths := range map[string][]string{
		huong: {"/2025-2026", class + "/traits/cn", class + "/traits/cn?show=remarks", class + "/review/measures", class + "/signatures",
			class + "/gradebook/cn?subject=TOAN&row=" + fmt.Sprint(s.cast.Roll[0].EnrolmentID),
			class + "/review/" + fmt.Sprint(s.cast.Roll[0].EnrolmentID), class + "/summary/cn", class + "/subjects/TOAN", class + "/foresight",
			class + "/foresight?pupil=" + fmt.Sprint(s.cast.Roll[0].EnrolmentID), class + "/special",
			class + "/profiles", class + "/profiles/" + pupil, "/2025-2026/pupils/" + pupil + "/years"},
		principal: {"/2025-2026", "/2025-2026/approval", "/2025-2026/delegations", "/2025-2026/submission", "/2025-2026/closing",
			"/2025-2026/recall", "/2025-2026/revocation", "/2025-2026/school", "/2025-2026/classes", "/2025-2026/profile-changes", "/2025-2026/profile-changes/1",
			class + "/profiles/" + pupil, "/session/password", "/session/role"},
		admin: {"/2025-2026", "/2025-2026/accounts", "/2025-2026/accounts/new",
			"/2025-2026/accounts/" + fmt.Sprint(s.cast.Minh.AccountID), "/2025-2026/entry-windows", "/2025-2026/classes/new", class + "/edit", class + "/special"},
		authority: {"/2025-2026", "/2025-2026/area", "/2025-2026/closing-time", "/2025-2026/time-stamps", "/2025-2026/revocations", "/khong/co"},
	} {
		b := s.as(username)
		for _, path := range paths {
			for _, width := range []int{1366, 360} {
				b.size(width, 768)
				b.visit(path)
				b.axe()
			}
		}
	}
	s.db.Exec(`UPDATE core.account SET password_temporary = true WHERE username = $1`, minh)
	b := s.open("/dang-nhap")
	b.fill("username", minh)
	b.fill("password", dbtest.Password)
	b.press("Đăng nhập")
	b.waitText("Đặt mật khẩu riêng")
	b.axe()
	b.visit("/tra-cuu")
	b.axe()
	b.visit("/xac-thuc")
	b.axe()
	b.visit("/quyen-rieng-tu")
	b.axe()
}
