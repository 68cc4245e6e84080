package views

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"hocba/internal/bundle/bundletest"
	"hocba/internal/verify"
)

func TestInitials_TellNoName(t *testing.T) {
	for name, want := range map[string]string{
		"Nguyễn Khánh Chi": "N. K. C.", "Bh'nướch Thị Lan": "B. T. L.", "Đặng  Ánh": "Đ. Á.", "ơi": "Ơ.", "": "",
	} {
		if got := strings.ReplaceAll(Initials(name), "\u00a0", " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestVerificationPage_SaysEachVerdictInOneHeading renders every verdict, with
// and without a record, and looks for what must never be told.
func TestVerificationPage_SaysEachVerdictInOneHeading(t *testing.T) {
	record := bundletest.Record()
	day := time.Date(2026, time.July, 6, 3, 0, 0, 0, time.UTC)
	standing := verify.Standing{Accepted: day, Locked: day, Replaced: day, Recalled: day, Revoked: day, ReplacedBy: 3, Current: 3, CurrentSince: day}
	for verdict, want := range map[verify.Verdict]string{
		verify.VerdictValid: "Hợp lệ, có hiệu lực từ\u00a006/07/2026", verify.VerdictUnlocked: "Hợp lệ, chưa chốt",
		verify.VerdictReplaced: "Đã thay thế bằng bản\u00a03 ngày\u00a006/07/2026", verify.VerdictRecalled: "Nhà trường đã rút lại ngày\u00a006/07/2026",
		verify.VerdictRevoked: "Đã thu hồi ngày\u00a006/07/2026", verify.VerdictUnknown: "Không tìm thấy mã này",
		verify.VerdictUnchecked: "Chưa kiểm tra được", "": "Chưa kiểm tra được",
	} {
		v := Verification{Code: "0123456789AB", CheckedAt: day, Answer: verify.Answer{Verdict: verdict, Standing: standing}}
		if verdict != verify.VerdictUnknown {
			v.Record = &record
		}
		var b bytes.Buffer
		if err := VerificationPage(v).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		if strings.Count(page, "<h1") != 1 || !strings.Contains(page, want+"</h1>") {
			t.Errorf("%s: the heading is not %q", verdict, want)
		}
		if strings.Contains(page, "Nguyệt") || strings.Contains(page, "048216001234") || strings.Contains(page, "4800123456") {
			t.Errorf("%s tells who the pupil is", verdict)
		}
		if told := strings.Contains(page, "H.\u00a0T."); told != verdict.Genuine() {
			t.Errorf("%s: initials told: %v", verdict, told)
		}
		if asks := strings.Contains(page, `name="birth"`); asks != verdict.Genuine() {
			t.Errorf("%s: asks for the second fact: %v", verdict, asks)
		}
	}
}
