package evaluation

import (
	"slices"
	"strings"
	"testing"

	"hocba/internal/school"
)

func TestCheckCitation_KeepsToTheCircular(t *testing.T) {
	r := ForYear("2025-2026")
	day := school.Date{Year: 2026, Month: 5, Day: 20}
	deed := school.Date{Year: 2026, Month: 3, Day: 12}
	toan := []Item{Item(school.Toan)}
	for _, c := range []struct {
		name  string
		c     Citation
		level Overall
		code  string
	}{
		{"no kind", Citation{}, HTXS, "commendation.kind"},
		{"xuất sắc for HTXS", Citation{Kind: Outstanding}, HTXS, ""},
		{"xuất sắc for HTT", Citation{Kind: Outstanding}, HTT, "commendation.level"},
		{"xuất sắc before the level is known", Citation{Kind: Outstanding}, "", "commendation.level"},
		{"tiêu biểu in nothing named", Citation{Kind: Exemplary, Agreed: true, Reason: "Giỏi Toán"}, HTT, "commendation.items"},
		{"tiêu biểu in a subject of another grade", Citation{Kind: Exemplary, Agreed: true, Items: []Item{Item(school.TuNhienXaHoi)}}, HTT, "commendation.items"},
		{"tiêu biểu without the class", Citation{Kind: Exemplary, Items: toan}, HTT, "commendation.agreed"},
		{"tiêu biểu for HTXS", Citation{Kind: Exemplary, Agreed: true, Items: toan}, HTXS, "commendation.level"},
		{"tiêu biểu", Citation{Kind: Exemplary, Agreed: true, Items: append(toan, Qualities[0])}, HTT, ""},
		{"đột xuất for CHT", Citation{Kind: Special, Reason: "Cứu bạn", Day: deed}, CHT, ""},
		{"đột xuất before the year's end", Citation{Kind: Special, Reason: "Cứu bạn", Day: deed}, "", ""},
		{"đột xuất for nothing", Citation{Kind: Special, Day: deed}, HT, "commendation.reason"},
		{"đột xuất without a day", Citation{Kind: Special, Reason: "Cứu bạn"}, HT, "commendation.day"},
		{"đột xuất tomorrow", Citation{Kind: Special, Reason: "Cứu bạn", Day: school.Date{Year: 2026, Month: 5, Day: 21}}, HT, "commendation.day"},
		{"đột xuất of last year", Citation{Kind: Special, Reason: "Cứu bạn", Day: school.Date{Year: 2025, Month: 7, Day: 31}}, HT, "commendation.day"},
		{"told at too great length", Citation{Kind: Letter, Reason: strings.Repeat("đ", 161), Day: deed}, HT, "commendation.reason"},
		{"cấp trên by nobody", Citation{Kind: Higher, Reason: "Giải Nhì", Day: deed, Number: "1"}, HT, "commendation.giver"},
		{"cấp trên without number", Citation{Kind: Higher, Reason: "Giải Nhì", Day: deed, Giver: "Sở"}, HT, "commendation.number"},
		{"cấp trên", Citation{Kind: Higher, Reason: "Giải Nhì", Day: deed, Giver: "Sở", Number: "1"}, HT, ""},
	} {
		got := r.CheckCitation(c.c.Tidy(), 4, Standing{Year: "2025-2026", Today: day, Overall: c.level})
		if (got == nil) != (c.code == "") || got != nil && got.Code != c.code {
			t.Errorf("%s: got %v, want %q", c.name, got, c.code)
		}
	}
}

func TestTidy_LeavesWhatTheKindHas(t *testing.T) {
	day := school.Date{Year: 2026, Month: 3, Day: 12}
	all := Citation{Items: []Item{Qualities[1], Item(school.Toan), Item(school.Toan), "X"}, Agreed: true, Reason: " Giỏi\n Toán ", Day: day, Giver: " Sở ", Number: "1"}
	for kind, want := range map[Commendation]Citation{
		Outstanding: {Kind: Outstanding, Reason: "Giỏi Toán"},
		Exemplary:   {Kind: Exemplary, Items: []Item{Item(school.Toan), Qualities[1]}, Agreed: true, Reason: "Giỏi Toán"},
		Special:     {Kind: Special, Reason: "Giỏi Toán", Day: day},
		Higher:      {Kind: Higher, Reason: "Giỏi Toán", Day: day, Giver: "Sở", Number: "1"},
		Letter:      {Kind: Letter, Reason: "Giỏi Toán", Day: day, Giver: "Sở"},
	} {
		all.Kind = kind
		got := all.Tidy()
		if !slices.Equal(got.Items, want.Items) {
			t.Errorf("%s: items %v, want %v", kind, got.Items, want.Items)
		}
		got.Items, want.Items = nil, nil
		if got.Agreed != want.Agreed || got.Reason != want.Reason || got.Day != want.Day || got.Giver != want.Giver || got.Number != want.Number {
			t.Errorf("%s: %+v, want %+v", kind, got, want)
		}
	}
}

func TestCheckLine_LeavesRoomForTheDecision(t *testing.T) {
	if (Citation{Kind: Special}).CheckLine(strings.Repeat("đ", 211)) == nil || (Citation{Kind: Special}).CheckLine(strings.Repeat("đ", 210)) != nil {
		t.Error("a line to be decided has not 210 characters")
	}
	if (Citation{Kind: Letter}).CheckLine(strings.Repeat("đ", LongestLine)) != nil {
		t.Error("a letter's line is refused at the length of the XML")
	}
}
