package evaluation

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hocba/internal/fault"
	"hocba/internal/school"
)

func TestReadCell_BringsEverySpellingIntoOneForm(t *testing.T) {
	r := rules(t)
	tests := []struct {
		item  Item
		field Field
		raw   string
		want  string
	}{
		{"TOAN", FieldLevel, " t ", "T"},
		{"TOAN", FieldLevel, "Hoàn thành", "H"},
		{"TOAN", FieldLevel, "hoan thanh TOT", "T"},
		{"TOAN", FieldLevel, "", ""},
		{NhanAi, FieldLevel, "d", "Đ"},
		{NhanAi, FieldLevel, "đ", "Đ"},
		{NhanAi, FieldLevel, "Ð", "Đ"},
		{NhanAi, FieldLevel, "Cần cố gắng", "C"},
		{"TOAN", FieldMark, "9", "9"},
		{"TOAN", FieldMark, "09", "9"},
		{"TOAN", FieldMark, " 10,0 ", "10"},
		{"TOAN", FieldMark, "7.00", "7"},
		{"TOAN", FieldRemark, "  Em  ho\u0323c  to\u0302\u0301t\r\n", "Em học tốt"},
		{"TOAN", FieldExempt, "Miễn", "1"},
		{"TOAN", FieldExempt, "0", ""},
		{RemarkQualities, FieldRemark, "Ngoan", "Ngoan"},
	}
	for _, tt := range tests {
		got, err := r.ReadCell(4, school.YearEnd, tt.item, tt.field, tt.raw)
		if err != nil || got != tt.want {
			t.Errorf("%s.%s %q: got %q, %v; want %q", tt.item, tt.field, tt.raw, got, err, tt.want)
		}
	}
}

func TestReadCell_RefusesByName(t *testing.T) {
	r := rules(t)
	tests := []struct {
		name   string
		grade  int
		period school.Period
		item   Item
		field  Field
		raw    string
		code   string
	}{
		{"Đ is no level of a subject", 4, school.YearEnd, "TOAN", FieldLevel, "Đ", "cell.level"},
		{"H is no level of a trait", 4, school.YearEnd, NhanAi, FieldLevel, "H", "cell.level"},
		{"decimal", 4, school.YearEnd, "TOAN", FieldMark, "8,5", "cell.mark_decimal"},
		{"zero", 4, school.YearEnd, "TOAN", FieldMark, "0", "cell.mark"},
		{"eleven", 4, school.YearEnd, "TOAN", FieldMark, "11", "cell.mark"},
		{"sign", 4, school.YearEnd, "TOAN", FieldMark, "-3", "cell.mark"},
		{"formula", 4, school.YearEnd, "TOAN", FieldMark, "=1+1", "cell.mark"},
		{"huge", 4, school.YearEnd, "TOAN", FieldMark, strings.Repeat("9", 400), "cell.mark"},
		{"mark without test in the subject", 4, school.YearEnd, "DAO_DUC", FieldMark, "9", "cell.mark_not_allowed"},
		{"mark without test in the period", 3, school.MidFirst, "TOAN", FieldMark, "9", "cell.mark_not_allowed"},
		{"mark of a trait", 4, school.YearEnd, NhanAi, FieldMark, "9", "cell.mark_not_allowed"},
		{"remark of a trait", 4, school.YearEnd, NhanAi, FieldRemark, "x", "cell.field"},
		{"level of a remark group", 4, school.YearEnd, RemarkQualities, FieldLevel, "T", "cell.field"},
		{"no such field", 4, school.YearEnd, "TOAN", "colour", "x", "cell.field"},
		{"no such item", 4, school.YearEnd, "XYZ", FieldLevel, "T", "cell.item"},
		{"not taught", 1, school.YearEnd, "KHOA_HOC", FieldLevel, "T", "cell.not_taught"},
		{"not assessed", 2, school.YearEnd, NangLucTinHoc, FieldLevel, "T", "cell.not_assessed"},
		{"not a grade", 6, school.YearEnd, "TOAN", FieldLevel, "T", "cell.not_taught"},
		{"too long", 4, school.YearEnd, "TOAN", FieldRemark, strings.Repeat("ế", 1001), "cell.remark_too_long"},
		{"exempt", 4, school.YearEnd, "TOAN", FieldExempt, "maybe", "cell.exempt"},
	}
	for _, tt := range tests {
		_, err := r.ReadCell(tt.grade, tt.period, tt.item, tt.field, tt.raw)
		if fault.CodeOf(err) != tt.code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.code)
		}
		if f := fault.As(err); f != nil && f.Args["item"] != string(tt.item) {
			t.Errorf("%s: the refusal does not name the item: %v", tt.name, f.Args)
		}
	}
}

// TestReadCell_IsIdempotent: what is stored reads back as itself, so that old
// values compare equal whoever normalised them.
func TestReadCell_IsIdempotent(t *testing.T) {
	r := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		items := r.Items(5)
		it := rapid.SampledFrom(items).Draw(t, "item")
		field := rapid.SampledFrom([]Field{FieldLevel, FieldMark, FieldRemark, FieldExempt}).Draw(t, "field")
		raw := rapid.OneOf(rapid.String(), rapid.StringMatching(`[THCĐđtdhc]|[0-9]{1,3}([.,]0*)?|x|1`)).Draw(t, "raw")
		once, err := r.ReadCell(5, school.YearEnd, it, field, raw)
		if err != nil {
			return
		}
		twice, err := r.ReadCell(5, school.YearEnd, it, field, once)
		if err != nil || twice != once {
			t.Fatalf("%q became %q, %v", once, twice, err)
		}
		if got := (Entry{}).With(field, once).Value(field); got != once {
			t.Fatalf("an entry holds %q as %q", once, got)
		}
	})
}

func TestMarkAllowed_IsTheMatrixOfTheCircular(t *testing.T) {
	r := rules(t)
	// domain: periods with a test per subject, by grade 1 to 5.
	want := map[school.Subject][5]string{
		school.TiengViet:   {"ck1 cn", "ck1 cn", "ck1 cn", "gk1 ck1 gk2 cn", "gk1 ck1 gk2 cn"},
		school.Toan:        {"ck1 cn", "ck1 cn", "ck1 cn", "gk1 ck1 gk2 cn", "gk1 ck1 gk2 cn"},
		school.NgoaiNgu1:   {"", "", "ck1 cn", "ck1 cn", "ck1 cn"},
		school.TinHoc:      {"", "", "ck1 cn", "ck1 cn", "ck1 cn"},
		school.CongNghe:    {"", "", "ck1 cn", "ck1 cn", "ck1 cn"},
		school.LichSuDiaLi: {"", "", "", "ck1 cn", "ck1 cn"},
		school.KhoaHoc:     {"", "", "", "ck1 cn", "ck1 cn"},
	}
	for _, s := range school.Subjects {
		for g := 1; g <= 5; g++ {
			var got []string
			for _, p := range school.Periods {
				if r.MarkAllowed(g, s, p) {
					got = append(got, string(p))
				}
			}
			if strings.Join(got, " ") != want[s][g-1] {
				t.Errorf("%s grade %d: %v, want %q", s, g, got, want[s][g-1])
			}
			if r.MarkAllowed(g, s, school.Summer) != r.MarkAllowed(g, s, school.YearEnd) {
				t.Errorf("%s grade %d: the summer differs from the year end", s, g)
			}
		}
	}
}

func TestRuleSet_CoversTheProgrammePerGrade(t *testing.T) {
	r := rules(t)
	subjects := [5]int{8, 8, 11, 12, 12} // compulsory rows
	traits := [5]int{12, 12, 14, 15, 15} // required: 5 + 3 + 4/4/6/7/7
	for g := 1; g <= 5; g++ {
		s, tr := 0, 0
		for _, x := range r.Subjects(g) {
			if r.Subject(g, x) == Required {
				s++
			}
		}
		for _, x := range r.Traits(g) {
			if r.Trait(g, x) == Required {
				tr++
			}
		}
		if s != subjects[g-1] || tr != traits[g-1] {
			t.Errorf("grade %d: %d subjects and %d traits, want %d and %d", g, s, tr, subjects[g-1], traits[g-1])
		}
	}
	if r.Trait(3, NangLucKhoaHoc) != Optional || r.Subject(2, school.NgoaiNgu1) != Optional {
		t.Error("Khoa học to grade 3 and Ngoại ngữ 1 to grade 2 are optional")
	}
	for _, i := range r.Items(5) {
		if i.Name() == "" {
			t.Errorf("%s has no name", i)
		}
	}
}

func TestForYear_StartsWithTheCircular(t *testing.T) {
	if r := ForYear("2025-2026"); r == nil || r.ID() != "tt27-2020" {
		t.Error("2025-2026 is not covered")
	}
	if ForYear("2019-2020") != nil || ForYear("junk") != nil || ForYear("") != nil {
		t.Error("a year before the circular, or none, is covered")
	}
	if r := rules(t); r.Covers("2022-2023", 4) || !r.Covers("2023-2024", 4) {
		t.Error("grade 4 is covered from 2023-2024 on")
	}
}

func TestGaps_ListsWhatIsMissingInTheOrderOfTheBooklet(t *testing.T) {
	r := rules(t)
	entries := map[Item]Entry{}
	for _, i := range r.Items(2) {
		entries[i] = Entry{Level: T, Mark: mark(9), Remark: "x"}
	}
	if got := r.Gaps(2, school.YearEnd, entries, false); got != nil {
		t.Fatalf("complete, yet %v", got)
	}
	entries["TOAN"] = Entry{}
	entries["AM_NHAC"] = Entry{Exempt: true}
	entries["TIENG_DAN_TOC"] = Entry{}
	delete(entries, RemarkQualities)
	got := r.Gaps(2, school.YearEnd, entries, false)
	want := []Gap{{"TOAN", FieldLevel}, {"TOAN", FieldMark}, {RemarkQualities, FieldRemark}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := r.Gaps(2, school.MidFirst, entries, false); len(got) != 1 || got[0] != want[0] {
		t.Errorf("in the middle of a term: %v", got)
	}
	if got := r.Gaps(2, school.YearEnd, nil, true); got != nil {
		t.Errorf("a pupil not assessed misses %v", got)
	}
	if got := r.Gaps(2, school.Summer, map[Item]Entry{"TOAN": {Level: H}}, false); len(got) != 1 || got[0] != want[1] {
		t.Errorf("summer: %v", got)
	}
}

func TestWarnings_AreAboutMarkAgainstLevel(t *testing.T) {
	r := rules(t)
	tests := []struct {
		e    Entry
		code string
	}{
		{Entry{Level: T, Mark: mark(6)}, "warning.mark_low"},
		{Entry{Level: T, Mark: mark(7)}, ""},
		{Entry{Level: H, Mark: mark(4)}, "warning.mark_low"},
		{Entry{Level: H, Mark: mark(9)}, "warning.mark_high"},
		{Entry{Level: C, Mark: mark(5)}, "warning.mark_high"},
		{Entry{Level: C}, ""},
		{Entry{Mark: mark(5)}, ""},
	}
	for _, tt := range tests {
		code := ""
		if w := r.Warnings("TOAN", tt.e); len(w) > 0 {
			code = w[0].Code
		}
		if code != tt.code {
			t.Errorf("%v %v: %q, want %q", tt.e.Level, tt.e.Value(FieldMark), code, tt.code)
		}
	}
}

func TestPropose_GivesTheTitleOfTheLevel(t *testing.T) {
	r := rules(t)
	if p := r.Propose(HTXS); p.Title != Outstanding || p.NeedsRecognition {
		t.Errorf("HTXS: %+v", p)
	}
	if p := r.Propose(HTT); p.Title != Exemplary || !p.NeedsRecognition {
		t.Errorf("HTT: %+v", p)
	}
	if p := r.Propose(HT); p.Title != NoCommendation {
		t.Errorf("HT: %+v", p)
	}
	if r.MayAward(Outstanding, HTT) || !r.MayAward(Special, CHT) || !r.MayAward(NoCommendation, HTXS) {
		t.Error("MayAward")
	}
	for o, want := range map[Overall]bool{HTXS: true, HTT: true, HT: true, CHT: false, "": false} {
		if Completes(o) != want {
			t.Errorf("Completes(%q) = %v", o, !want)
		}
	}
}
