package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hocba/internal/record"
)

// TestSignatureMap_TellsWhoSignedWhatWithWhatAndWhatEndedIt: the principal
// returns a part, its owner changes one cell, and everybody whose signature
// ended finds the record in the own queue with the cell, both values, by whom
// and when; whoever is not concerned finds nothing.
func TestSignatureMap_TellsWhoSignedWhatWithWhatAndWhatEndedIt(t *testing.T) {
	s, chain := approvalSite(t)
	id, pupil := chain.Records[4], s.Roll[4].FullName
	leader := s.as(principal)
	leader.get(recordPath(id, "")).wantText("Giáo viên bộ môn", "Bao: mức, điểm, nhận xét cuối năm của Âm nhạc, Mĩ thuật.",
		"Bao: cả trang của năm học, với phần các môn.", "Còn hiệu lực", "Chứng thư của Đoàn Nhật Minh", "cấp, số ",
		"Ký bằng kho khóa phần mềm.", "Chữ ký thử nghiệm, không có giá trị pháp lý").wantNoText("đã hết hiệu lực", "chưa ký:")
	leader.post(recordPath(id, "/return"), url.Values{"reason": {"mismatch"}, "part": {"mon-AM_NHAC"}}).wantStatus(http.StatusSeeOther)
	s.db.Clock.Advance(time.Minute)
	s.as(minh).get(s.signing()).wantNoText("Nội dung đổi sau khi ký")
	s.editMusic(4)

	music := s.as(minh).get(s.signing()).wantText("Nội dung đổi sau khi ký, cần ký lại", "1 em", pupil,
		"Chữ ký của thầy/cô trên phần bộ môn, 20/05", "hết hiệu lực 20/05", "Âm nhạc, mức:", "T → H", "Đoàn Nhật Minh, ", "Nội dung đổi sau khi ký: 1 chỗ")
	if strings.Contains(music.text(), "phần chủ nhiệm") {
		t.Error("the music teacher is asked for the homeroom teacher's signature")
	}
	s.as(minh).get("/2025-2026").wantText("1 em đổi nội dung sau khi ký: xem chỗ đổi rồi ký lại")
	s.as(huong).get(s.signing()).wantText("Nội dung đổi sau khi ký, cần ký lại", "Chữ ký của thầy/cô trên phần chủ nhiệm", "Âm nhạc, mức:", "T → H",
		"Kết quả giáo dục:", "Hoàn thành xuất sắc → Hoàn thành", "Đoàn Nhật Minh, ").
		wantNoText("Chữ ký của thầy/cô trên phần bộ môn")
	for _, who := range []string{principal, minh, huong, admin, deputy} {
		s.as(who).get(recordPath(id, "")).wantText("2 chữ ký đã hết hiệu lực", "Hết hiệu lực vì nội dung đổi 20/05", "Âm nhạc, mức:", "T → H",
			"Đoàn Nhật Minh chưa ký: Âm nhạc, Mĩ thuật", "Nguyễn Thị Mai Hương chưa ký: Phần chủ nhiệm")
	}

	// Given again, the queue is empty; the map remembers.
	if err := chain.Desk.SignParts(t.Context(), s.Minh, id, chain.Pen(s.Minh)); err != nil {
		t.Fatal(err)
	}
	s.as(minh).get(s.signing()).wantNoText("Nội dung đổi sau khi ký")
	s.as(huong).get(s.signing()).wantText("Nội dung đổi sau khi ký, cần ký lại")
	s.as(minh).get(recordPath(id, "")).wantText("2 chữ ký đã hết hiệu lực", "T → H")
}

// A predecessor's signature that ended is the successor's to give, and says
// whose it was.
func TestSignatureMap_ShowsASuccessorWhatThePredecessorSigned(t *testing.T) {
	s, chain := approvalSite(t)
	id := chain.Records[2]
	err := chain.Desk.Act(t.Context(), s.Principal, id, func(r *record.Record, by record.By) (record.Change, error) {
		return r.Return(by, []string{"mon-AM_NHAC"}, "Xem lại")
	})
	if err != nil {
		t.Fatal(err)
	}
	s.db.Clock.Advance(time.Minute)
	s.editMusic(2)
	s.db.Exec(`UPDATE school.teaching_assignment SET account_id = $1 WHERE account_id = $2 AND class_id = $3`, s.Huong.AccountID, s.Minh.AccountID, s.Class.ID)
	s.as(huong).get(s.signing()).wantText("Chữ ký của Đoàn Nhật Minh trên phần bộ môn", "Âm nhạc, mức:", "T → H")
	// She has signed her own ten subjects already, and signs the two more with them.
	if err := chain.Desk.SignParts(t.Context(), s.Huong, id, chain.Pen(s.Huong)); err != nil {
		t.Fatal(err)
	}
	s.as(huong).get(s.signing()).wantNoText("Chữ ký của Đoàn Nhật Minh trên phần bộ môn")
	s.as(principal).get(recordPath(id, "")).wantText("Bao: mức, điểm, nhận xét cuối năm của Tiếng Việt, Toán, Ngoại ngữ 1, LS-ĐL, Khoa học, Tin học, Công nghệ, "+
		"Đạo đức, GDTC, Âm nhạc, Mĩ thuật, HĐTN.", "3 chữ ký đã hết hiệu lực", "Đoàn Nhật Minh Giáo viên bộ môn Hết hiệu lực vì nội dung đổi")
}
