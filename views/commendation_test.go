package views

import (
	"testing"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

func TestCommendationLine_SaysWhatForAndByWhichDecision(t *testing.T) {
	day, decided := school.Date{Year: 2026, Month: 3, Day: 12}, school.Date{Year: 2026, Month: 5, Day: 25}
	items := []evaluation.Item{evaluation.Item(school.Toan), evaluation.Item(school.KhoaHoc), evaluation.Qualities[2]}
	for _, c := range []struct {
		c                   evaluation.Citation
		undecided, decision string
	}{
		{evaluation.Citation{Kind: evaluation.Outstanding}, "", "Học sinh Xuất sắc (Quyết định số 45 ngày 25/05/2026)"},
		{evaluation.Citation{Kind: evaluation.Exemplary, Items: items, Reason: "giúp bạn học"},
			"nổi bật môn Toán, Khoa học – tiến bộ rõ rệt về Chăm chỉ – giúp bạn học",
			"nổi bật môn Toán, Khoa học – tiến bộ rõ rệt về Chăm chỉ – giúp bạn học (Quyết định số 45 ngày 25/05/2026)"},
		{evaluation.Citation{Kind: evaluation.Special, Reason: "Cứu bạn", Day: day}, "Cứu bạn, ngày 12/03/2026",
			"Cứu bạn, ngày 12/03/2026 (Quyết định số 45 ngày 25/05/2026)"},
		{evaluation.Citation{Kind: evaluation.Higher, Reason: "Giải Nhì vẽ tranh", Giver: "Sở GD&ĐT", Number: "9/QĐ", Day: day},
			"Giải Nhì vẽ tranh – Sở GD&ĐT (số 9/QĐ ngày 12/03/2026)", ""},
		{evaluation.Citation{Kind: evaluation.Letter, Reason: "Giúp cụ già", Day: day}, "Giúp cụ già, ngày 12/03/2026", ""},
		{evaluation.Citation{Kind: evaluation.OtherTitle, Reason: "Giấy khen Hội khỏe Phù Đổng"}, "Giấy khen Hội khỏe Phù Đổng", ""},
	} {
		if got := CommendationLine(c.c, "", school.Date{}); got != c.undecided {
			t.Errorf("%s undecided: %q, want %q", c.c.Kind, got, c.undecided)
		}
		if got := CommendationLine(c.c, "45", decided); c.decision != "" && got != c.decision {
			t.Errorf("%s decided: %q, want %q", c.c.Kind, got, c.decision)
		}
	}
}
