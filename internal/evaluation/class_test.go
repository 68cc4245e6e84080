package evaluation

import (
	"reflect"
	"slices"
	"testing"

	"hocba/internal/school"
)

// disability returns the rules of classes for pupils with disabilities.
func disability(t *testing.T) *RuleSet {
	t.Helper()
	r := ForClass("2025-2026", school.DisabilityClass)
	if r == nil || r == ForYear("2025-2026") {
		t.Fatal("no rules of their own")
	}
	return r
}

// TestForClass_AssessesTwoSubjectsPeriodically walks every grade, subject and
// period: tests and demands stand in Toán and Tiếng Việt alone (Điều 8.3), where
// they are those of the grade.
func TestForClass_AssessesTwoSubjectsPeriodically(t *testing.T) {
	regular, special := ForClass("2025-2026", school.RegularClass), disability(t)
	if regular != ForYear("2025-2026") {
		t.Error("regular classes have other rules than the year's")
	}
	for g := FirstGrade; g <= LastGrade; g++ {
		for _, s := range school.Subjects {
			periodic := s == school.Toan || s == school.TiengViet
			want := regular.Subject(g, s)
			if want == Required && !periodic {
				want = Continuous
			}
			if got := special.Subject(g, s); got != want {
				t.Errorf("grade %d %s: use %d, want %d", g, s, got, want)
			}
			for _, p := range append(slices.Clone(school.Periods), school.Summer) {
				if got, want := special.MarkAllowed(g, s, p), periodic && regular.MarkAllowed(g, s, p); got != want {
					t.Errorf("grade %d %s %s: mark %v, want %v", g, s, p, got, want)
				}
			}
		}
		if !reflect.DeepEqual(special.Traits(g), regular.Traits(g)) {
			t.Errorf("grade %d has other traits", g)
		}
	}
	if found, ok := Find(special.ID()); !ok || found != special || special.ID() == regular.ID() {
		t.Errorf("rules %q cannot be found by their id", special.ID())
	}
	if !special.Covers("2025-2026", 4) || special.Covers("2022-2023", 4) {
		t.Error("the rules cover other years than the circular")
	}
	if ForClass("2019-2020", school.DisabilityClass) != nil {
		t.Error("rules for a year before the circular")
	}
}

// TestConsolidate_OfAClassForPupilsWithDisabilities: what is evaluated in
// lessons alone is never missing, counts where it is given, and has no test.
func TestConsolidate_OfAClassForPupilsWithDisabilities(t *testing.T) {
	r := disability(t)
	year := func() YearEnd {
		y := best(r, 4)
		for s := range y.Subjects {
			if s != school.Toan && s != school.TiengViet {
				delete(y.Subjects, s)
			}
		}
		return y
	}
	if out := r.Consolidate(year()); out.Overall != HTXS || len(out.Missing)+len(out.Errors) > 0 {
		t.Errorf("two subjects and the traits: %+v", out)
	}
	y := year()
	y.Subjects[school.KhoaHoc] = Entry{Level: H, Remark: "Em quan sát tốt."}
	if out := r.Consolidate(y); out.Overall != HT {
		t.Errorf("a level given in lessons does not count: %+v", out)
	}
	y = year()
	y.Subjects[school.KhoaHoc] = Entry{Level: T, Mark: mark(9)}
	if out := r.Consolidate(y); !slices.Equal(out.Errors, []string{"KHOA_HOC.score_not_allowed"}) {
		t.Errorf("a test where there is none: %+v", out)
	}
	y = year()
	y.Subjects[school.Toan] = Entry{Level: T}
	if out := r.Consolidate(y); !slices.Equal(out.Missing, []string{"TOAN.score"}) {
		t.Errorf("the test of Toán is not asked for: %+v", out)
	}
}

func TestGaps_OfAClassForPupilsWithDisabilities(t *testing.T) {
	r := disability(t)
	var subjects []Gap
	for _, g := range r.Gaps(4, school.MidFirst, nil, false) {
		if g.Item.Kind() == SubjectItem {
			subjects = append(subjects, g)
		}
	}
	want := []Gap{{Item(school.TiengViet), FieldLevel}, {Item(school.TiengViet), FieldMark}, {Item(school.Toan), FieldLevel}, {Item(school.Toan), FieldMark}}
	if !reflect.DeepEqual(subjects, want) {
		t.Errorf("asked for %v, want %v", subjects, want)
	}
	if gaps := r.ItemGaps(4, school.YearEnd, Item(school.KhoaHoc), Entry{Remark: "Em chăm."}); !reflect.DeepEqual(gaps, []Gap{{Item(school.KhoaHoc), FieldLevel}}) {
		t.Errorf("a subject with a remark lacks %v, want its level", gaps)
	}
	form, ok := r.Summary(4, school.YearEnd)
	if !ok || form.Form != 9 {
		t.Fatalf("form %d", form.Form)
	}
	var tested []Item
	for _, c := range form.Columns {
		if c.Field == FieldMark {
			tested = append(tested, c.Item)
		}
	}
	if !slices.Equal(tested, []Item{Item(school.TiengViet), Item(school.Toan)}) {
		t.Errorf("columns of tests for %v", tested)
	}
}
