package evaluation

import (
	"strings"
	"testing"

	"hocba/internal/fault"
	"hocba/internal/school"
)

func TestReadReview_TakesWhatTeachersType(t *testing.T) {
	for _, c := range []struct {
		field      ReviewField
		raw, want  string
		refusedFor string
	}{
		{ReviewHeight, "132,5", "1325", ""}, {ReviewHeight, " 132.50 ", "1325", ""}, {ReviewHeight, "132", "1320", ""},
		{ReviewHeight, "abc", "", "review.height"}, {ReviewHeight, "132,55", "", "review.height"}, {ReviewHeight, "1,32", "", "review.height"},
		{ReviewHeight, "132,", "", "review.height"}, {ReviewHeight, "99999999999", "", "review.height"}, {ReviewHeight, "", "", ""},
		{ReviewWeight, "28,5", "28500", ""}, {ReviewWeight, "28,125", "28125", ""}, {ReviewWeight, "3", "", "review.weight"},
		{ReviewWeight, "-28", "", "review.weight"},
		{ReviewExcused, "0", "0", ""}, {ReviewExcused, "007", "7", ""}, {ReviewUnexcused, "2,0", "2", ""},
		{ReviewUnexcused, "1,5", "", "review.days"}, {ReviewUnexcused, "400", "", "review.days"},
		{ReviewPromoted, "0", "0", ""}, {ReviewPromoted, "x", "", "review.choice"},
		{ReviewTrack, "2", "2", ""}, {ReviewTrack, "3", "", "review.choice"},
		{ReviewReassessedOn, "5/8/2026", "2026-08-05", ""}, {ReviewReassessedOn, "31/2/2026", "", "review.date"},
		{ReviewReassessNote, strings.Repeat("đ", 301), "", "review.text_too_long"},
		{"pupil", "1", "", "review.field"},
	} {
		got, err := ReadReview(c.field, c.raw)
		if got != c.want || (err != nil) != (c.refusedFor != "") || err != nil && !fault.Is(err, c.refusedFor) {
			t.Errorf("%s %q: got %q, %v, want %q %s", c.field, c.raw, got, err, c.want, c.refusedFor)
		}
	}
}

func TestCheckReview_KeepsToTheCircular(t *testing.T) {
	r := ForYear("2025-2026")
	day := school.Date{Year: 2026, Month: 8, Day: 10}
	at := func(o Overall) Standing { return Standing{Year: "2025-2026", Today: day, Overall: o} }
	for _, c := range []struct {
		name  string
		v     Review
		s     Standing
		field ReviewField
		code  string
	}{
		{"promotion decided where the level decides", Review{ReviewPromoted: "0"}, at(HT), ReviewPromoted, "review.decision_computed"},
		{"promotion of a pupil not complete", Review{ReviewPromoted: "0"}, at(CHT), ReviewPromoted, "review.by_decision"},
		{"completion of a pupil not complete", Review{ReviewCompleted: "1"}, at(CHT), ReviewCompleted, "review.by_decision"},
		{"completion after the summer", Review{ReviewTrack: "2", ReviewCompleted: "1"}, at(HT), ReviewCompleted, "review.by_decision"},
		{"not assessed, completed by the school's word", Review{ReviewTrack: "1", ReviewCompleted: "1", ReviewPromoted: "1"}, Standing{NotAssessed: true}, "", ""},
		{"not assessed, after the summer", Review{ReviewTrack: "2", ReviewPromoted: "1"}, Standing{NotAssessed: true}, ReviewPromoted, "review.by_decision"},
		{"day of the summer's decision", Review{ReviewReassessedOn: "2026-08-05"}, at(HT), ReviewReassessedOn, "review.by_decision"},
		{"note of the summer's decision", Review{ReviewTrack: "2", ReviewReassessNote: "Đạt"}, at(HT), ReviewReassessNote, "review.by_decision"},
		{"decided upon, taken off the track", Review{ReviewTrack: "1", ReviewReassessedOn: "2026-08-05"}, at(HT), ReviewTrack, "review.decided"},
		{"put on the summer's track", Review{ReviewTrack: "2"}, at(CHT), "", ""},
	} {
		changed := map[ReviewField]bool{}
		for f := range c.v {
			changed[f] = true
		}
		got := r.CheckReview(c.v, changed, c.s)
		switch {
		case c.code == "" && len(got) > 0:
			t.Errorf("%s: refused: %v", c.name, got)
		case c.code != "" && (got[c.field] == nil || got[c.field].Code != c.code):
			t.Errorf("%s: got %v, want %s at %s", c.name, got, c.code, c.field)
		}
		if got := r.CheckReview(c.v, nil, c.s); len(got) > 0 {
			t.Errorf("%s: judged although nothing changed: %v", c.name, got)
		}
	}
}
