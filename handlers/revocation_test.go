package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/internal/jobs/jobstest"
)

// lockedSite is a portal whose class 4A is closed: every record is in force.
func lockedSite(t *testing.T) *registrySite {
	t.Helper()
	s := newRegistrySite(t)
	s.chain.Close(t)
	return s
}

// sync lets the school hear what the registry tells, as the courier does.
func (s *registrySite) sync() {
	s.t.Helper()
	sub, err := s.portal.courier.Submission(s.t.Context())
	if err == nil {
		err = sub.Resume(s.t.Context(), s.School.ID)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func asking(reason, evidence string) url.Values {
	return url.Values{"reason": {reason}, "evidence": {evidence}, "pin": {jobstest.SealPIN}}
}

func TestRevocation_AskedGrantedMendedAndLookedUp(t *testing.T) {
	s := lockedSite(t)
	head, so := s.as(principal), s.as(authority)
	record, pupil := s.all[0].record, s.Roll[0].FullName
	ask := fmt.Sprintf("/2025-2026/revocation/%d", record)
	head.get("/2025-2026/revocation").wantText("Lớp có học bạ đã chốt", "Lớp 4A")
	head.get(fmt.Sprintf("/2025-2026/revocation?class=%d", s.Class.ID)).wantText(pupil, "Đề nghị thu hồi")
	head.get(fmt.Sprintf("/2025-2026/records/%d", record)).wantText("Đề nghị thu hồi…")
	head.get(fmt.Sprintf("/2025-2026/recall/%d", record)).wantText("trường đề nghị thu hồi")
	head.post(ask, asking("", "Biên bản 12")).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi lý do", "Biên bản 12")
	head.post(ask, asking("Sai điểm", " ")).wantStatus(http.StatusUnprocessableEntity).wantText("Sai điểm")
	wrong := asking("Sai điểm", "Biên bản 12")
	wrong.Set("pin", "00000000")
	head.post(ask, wrong).wantStatus(http.StatusConflict).wantText("Sai điểm", "Biên bản 12")
	so.get("/2025-2026/revocations").wantText("Không có đề nghị nào đang chờ")

	done := head.post(ask, asking("Điểm Toán ghi 10, bài kiểm tra là 9.", "Biên bản số 12/BB-TH ngày 20/05/2026")).wantStatus(http.StatusSeeOther)
	head.get(done.header.Get("Location")).wantText("Đề nghị đang chờ trả lời", "Biên bản số 12/BB-TH")
	head.get("/2025-2026/revocation").wantText(pupil, "Chờ trả lời")
	head.post(ask, asking("x", "y")).wantStatus(http.StatusConflict).wantText("Đã có một đề nghị thu hồi đang chờ trả lời")
	s.stranger().get(at(s.all[0].code)).wantText("Hợp lệ, có hiệu lực từ")

	so.get("/2025-2026").wantTask("revocations", "1 đề nghị", "chờ trả lời", "Sớm nhất gửi hôm nay")
	so.get("/2025-2026/revocations").wantText("Chờ trả lời", "Trường Tiểu học Hoa Phượng", "Điểm Toán ghi 10", "Xem và trả lời")
	decide := "/2025-2026/revocations/1"
	so.get(decide).wantText(pupil, "Điểm Toán ghi 10, bài kiểm tra là 9.", "Biên bản số 12/BB-TH", "1, có hiệu lực từ 20/05/2026", "Hoàng Văn Thuận")
	so.post(decide, url.Values{"note": {"Đồng ý"}}).wantStatus(http.StatusUnprocessableEntity).wantText("Chọn đồng ý hoặc không đồng ý")
	so.post(decide, url.Values{"decision": {"granted"}, "note": {" "}}).wantStatus(http.StatusUnprocessableEntity).wantText("Ghi căn cứ")
	s.db.Clock.Advance(24 * time.Hour)
	form := url.Values{"decision": {"granted"}, "note": {"Đồng ý theo biên bản."}}
	so.post(decide, form).wantStatus(http.StatusSeeOther)
	so.post(decide, form).wantStatus(http.StatusSeeOther) // a double click
	so.get(decide).wantText("Đã đồng ý thu hồi", "Đồng ý theo biên bản.")
	so.post(decide, url.Values{"decision": {"declined"}, "note": {"Nghĩ lại"}}).wantStatus(http.StatusConflict).wantText("đã được trả lời ngày 21/05/2026: Đồng ý thu hồi")
	s.stranger().get(at(s.all[0].code)).wantText("Đã thu hồi ngày 21/05/2026", "Hỏi trường đã phát hành")

	s.sync()
	head.get("/2025-2026").wantTask("revoked", "1 học bạ", pupil+" 4A, 2025–2026", "chờ sửa và phát hành bản mới")
	head.get(fmt.Sprintf("/2025-2026/records/%d", record)).wantText("Bản 1 đã bị thu hồi", "Đồng ý theo biên bản.", "Đã thu hồi")
	head.get("/2025-2026/revocation").wantText("Đã thu hồi, chờ bản mới")
	s.db.Clock.Advance(24 * time.Hour)
	s.chain.Reissue(t, record)
	if _, err := s.chain.Submission().Send(t.Context(), s.Principal, s.chain.June(), nil, s.chain.Seal()); err != nil {
		t.Fatal(err)
	}
	s.stranger().get(at(s.all[0].code)).wantText("Đã thu hồi ngày 21/05/2026", "Bản 2 đã thay thế, từ 22/05/2026", "Bản hiện hành 2, từ 22/05/2026",
		"Có hiệu lực từ ngày này tới khi bị thu hồi")
	s.stranger().get(at(s.newest(record).code)).wantText("Hợp lệ, có hiệu lực từ 22/05/2026")
	head.get("/2025-2026/revocation").wantText("Bản 2 đã thay")
	if got := head.get("/2025-2026"); strings.Contains(got.body, "task-revoked") {
		t.Error("the home page still asks to mend what is in force again")
	}
}

func TestRevocation_DeclinedWithAReason(t *testing.T) {
	s := lockedSite(t)
	head, so := s.as(principal), s.as(authority)
	ask := fmt.Sprintf("/2025-2026/revocation/%d", s.all[1].record)
	head.post(ask, asking("Sai nhận xét", "Biên bản 13")).wantStatus(http.StatusSeeOther)
	clerkOf := s.as(clerk)
	clerkOf.get("/2025-2026/revocations").wantText("Sở quyết định", "Sai nhận xét")
	clerkOf.get("/2025-2026/revocations/1").wantText("Đang chờ trả lời", "Sở quyết định")
	form := url.Values{"decision": {"declined"}, "note": {"Biên bản chưa có chữ ký."}}
	clerkOf.post("/2025-2026/revocations/1", form).wantStatus(http.StatusConflict).wantText("không được giao duyệt thu hồi")
	so.post("/2025-2026/revocations/1", form).wantStatus(http.StatusSeeOther)
	s.sync()
	head.get("/2025-2026").wantTask("revocation-declined", "1 đề nghị", "Biên bản chưa có chữ ký")
	head.get(ask).wantText("Không được đồng ý", "Biên bản chưa có chữ ký.", "Đóng dấu và gửi đề nghị")
	head.get(fmt.Sprintf("/2025-2026/records/%d", s.all[1].record)).wantText("Không đồng ý", "Biên bản chưa có chữ ký.")
	s.stranger().get(at(s.all[1].code)).wantText("Hợp lệ, có hiệu lực từ")
	head.post(ask, asking("Sai nhận xét", "Biên bản 13 đã kí")).wantStatus(http.StatusSeeOther)
	so.get("/2025-2026/revocations").wantText("Chờ trả lời", "Đã trả lời")
}

func TestRevocation_OnlyOfWhatIsInForceAndOnesOwn(t *testing.T) {
	s := newRegistrySite(t)
	head := s.as(principal)
	record := s.all[0].record
	path := fmt.Sprintf("/2025-2026/revocation/%d", record)
	head.get(path).wantText("Không đề nghị thu hồi được lúc này", "Rút, thay thế")
	head.post(path, asking("Sai", "Biên bản")).wantStatus(http.StatusConflict).wantText("đang ở bước")
	head.get("/2025-2026/revocation").wantText("Chưa có học bạ nào đã chốt")
	head.get("/2024-2025/revocation/" + fmt.Sprint(record)).wantStatus(http.StatusNotFound)
	s.as("khac").get(path).wantStatus(http.StatusNotFound)
	s.as("khac").post(path, asking("Sai", "Biên bản")).wantStatus(http.StatusNotFound)
	s.as(authority).get("/2025-2026/revocations/999").wantStatus(http.StatusNotFound)
	s.as(deputy).get("/2025-2026/revocation").wantStatus(http.StatusNotFound)
}
