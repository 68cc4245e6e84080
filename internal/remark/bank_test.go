package remark

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

const year = school.Year("2025-2026")

// variants is how many sentences a teacher can choose from anywhere.
const variants = 5

func TestStarterBank_IsLargeAndHasNothingTwice(t *testing.T) {
	bank := StarterBank()
	if len(bank) < 400 {
		t.Errorf("%d sentences", len(bank))
	}
	texts, codes := map[string]string{}, map[string]bool{}
	for _, p := range bank {
		if other, twice := texts[Key(p.Text)]; twice {
			t.Errorf("%s and %s are the same: %q", other, p.ID, p.Text)
		}
		texts[Key(p.Text)] = p.ID
		if codes[p.ID] {
			t.Errorf("code %s stands twice", p.ID)
		}
		codes[p.ID] = true
	}
}

// TestStarterBank_VariesItsWords finds templates with a slot exchanged: no two
// sentences begin with the same six words.
func TestStarterBank_VariesItsWords(t *testing.T) {
	begins := map[string]string{}
	for _, p := range StarterBank() {
		w := strings.Fields(Key(p.Text))
		if len(w) < 6 {
			continue
		}
		key := strings.Join(w[:6], " ")
		if other := begins[key]; other != "" {
			t.Errorf("%s and %s begin alike: %q", other, p.ID, key)
		}
		begins[key] = p.ID
	}
}

var (
	sound = regexp.MustCompile(`^[\p{Lu}][\p{L}\d ,;:()-]*[\p{L})]\.$`)
	// strange are spellings and letters that no Vietnamese syllable has.
	strange = regexp.MustCompile(`[wfjz]|  |( [,.;])|[,;]\P{Zs}|(hoà|hoá|hoạ|khoá|khoẻ)(\P{L}|$)|[òóỏõọ][ae]\p{L}`)
)

func TestStarterBank_IsCleanVietnamese(t *testing.T) {
	for _, p := range StarterBank() {
		if !norm.NFC.IsNormalString(p.Text) || !sound.MatchString(p.Text) || strange.MatchString(strings.ToLower(p.Text)) {
			t.Errorf("%s is no clean sentence: %q", p.ID, p.Text)
		}
		if got, err := Read(p); err != nil || got.Text != p.Text {
			t.Errorf("%s could not be kept in a bank: %v", p.ID, err)
		}
	}
}

func TestStarterBank_FitsThePaper(t *testing.T) {
	for _, p := range StarterBank() {
		if lines := Lines(p.Item, p.Text); lines > Room(p.Item) {
			t.Errorf("%s takes %d lines of %d: %q", p.ID, lines, Room(p.Item), p.Text)
		}
	}
}

// TestStarterBank_PassesItsOwnChecks puts every sentence beside its level, for
// a boy and a girl in a class with names that are words, too.
func TestStarterBank_PassesItsOwnChecks(t *testing.T) {
	pupils := []Pupil{{1, "Nguyễn Văn Bình", school.Male}, {2, "Lê Thị Hoa", school.Female}, {3, "Trần Hoài An", school.Female},
		{4, "Phạm Quốc Việt", school.Male}, {5, "Hoàng Minh Tiến", school.Male}, {6, "Đỗ Thị Hiền", school.Female}, {7, "Vũ Quỳnh Anh", school.Female}}
	for _, p := range StarterBank() {
		for _, pupil := range pupils[:2] {
			c := Class{Pupils: pupils, Printed: true, Cells: []Cell{{Pupil: pupil.ID, Item: p.Item, Level: p.Level, Text: p.Text}}}
			for _, f := range c.Check() {
				t.Errorf("%s: %s %v in %q", p.ID, f.Code, f.Args, p.Text)
			}
		}
		if strings.Contains(p.Text, "{") {
			t.Errorf("%s has a placeholder", p.ID)
		}
	}
}

// TestStarterBank_HasAChoiceEverywhere asks for every item, grade, level and period.
func TestStarterBank_HasAChoiceEverywhere(t *testing.T) {
	rules := evaluation.ForYear(year)
	bank := StarterBank()
	for grade := evaluation.FirstGrade; grade <= evaluation.LastGrade; grade++ {
		for _, it := range Items() {
			s, subject := it.Subject()
			if subject && rules.Subject(grade, s) == evaluation.None {
				if found := Suiting(bank, Place{Item: it, Grade: grade, Period: school.YearEnd}); len(found) > 0 {
					t.Errorf("%s is not taught in grade %d and has %q", it, grade, found[0].Text)
				}
				continue
			}
			for _, level := range Levels(it) {
				for _, period := range append([]school.Period{school.Summer}, school.Periods...) {
					n := 0
					for _, p := range Suiting(bank, Place{it, grade, level, period}) {
						if p.When == Always {
							n++
						}
					}
					if n < variants {
						t.Errorf("%s, grade %d, level %s, period %s: %d sentences", it, grade, level, period, n)
					}
				}
			}
		}
	}
}
