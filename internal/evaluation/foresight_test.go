package evaluation

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"hocba/internal/school"
)

// allBest is a complete period of a grade in which everything is best.
func allBest(r *RuleSet, grade int, p school.Period) map[Item]Entry {
	out := map[Item]Entry{}
	for _, it := range r.Items(grade) {
		e := Entry{Level: T}
		s, isSubject := it.Subject()
		if it.Kind() == RemarkItem || r.use(grade, it) == Optional {
			continue
		}
		if isSubject && r.MarkAllowed(grade, s, p) {
			ten := 10
			e.Mark = &ten
		}
		out[it] = e
	}
	return out
}

func TestForesee_FromTheFirstPeriodOn(t *testing.T) {
	r := rules(t)
	toan, music := Item(school.Toan), Item(school.AmNhac)
	type periods = map[school.Period]map[Item]Entry
	// with returns a best period with some entries changed.
	with := func(p school.Period, changes map[Item]Entry) map[Item]Entry {
		out := allBest(r, 4, p)
		for it, e := range changes {
			out[it] = e
		}
		return out
	}
	for _, c := range []struct {
		name    string
		in      periods
		overall Overall
		next    Overall
		open    string // item.field=value@period of what stands before next
		unknown int
		until   school.Period
	}{
		{"nothing written", periods{}, "", "", "", 0, ""},
		{"only a remark", periods{school.MidFirst: {RemarkQualities: {Remark: "Em ngoan."}}}, "", "", "", 0, ""},
		{"all best at mid-term", periods{school.MidFirst: allBest(r, 4, school.MidFirst)}, HTXS, "", "", 5, school.MidFirst},
		{"a mark of 8", periods{school.MidFirst: with(school.MidFirst, map[Item]Entry{toan: {Level: T, Mark: mark(8)}})}, HTT, HTXS,
			"TOAN.mark=8@gk1", 5, school.MidFirst},
		{"a later mark takes its place", periods{school.MidFirst: with(school.MidFirst, map[Item]Entry{toan: {Level: T, Mark: mark(8)}}),
			school.EndFirst: with(school.EndFirst, map[Item]Entry{toan: {Level: T, Mark: mark(9)}})}, HTXS, "", "", 0, school.EndFirst},
		{"an earlier level stays where the later period has none", periods{school.MidFirst: with(school.MidFirst, map[Item]Entry{music: {Level: H}}),
			school.EndFirst: {toan: {Level: T, Mark: mark(10)}}}, HT, HTT, "AM_NHAC.level=H@gk1", 5, school.EndFirst},
		{"two things before the next level", periods{school.EndFirst: with(school.EndFirst, map[Item]Entry{toan: {Level: C, Mark: mark(4)}, ThamMi: {Level: D}})},
			CHT, HT, "TOAN.level=C@ck1 TOAN.mark=4@ck1", 0, school.EndFirst},
		{"exempt in the newest period", periods{school.MidFirst: with(school.MidFirst, map[Item]Entry{music: {Level: C}}),
			school.EndFirst: with(school.EndFirst, map[Item]Entry{music: {Exempt: true}})}, HTXS, "", "", 0, school.EndFirst},
		{"no longer exempt", periods{school.MidFirst: with(school.MidFirst, map[Item]Entry{music: {Exempt: true}}),
			school.EndFirst: with(school.EndFirst, map[Item]Entry{music: {Level: H}})}, HT, HTT, "AM_NHAC.level=H@ck1", 0, school.EndFirst},
		{"the summer counts last", periods{school.YearEnd: with(school.YearEnd, map[Item]Entry{toan: {Level: C, Mark: mark(3)}}),
			school.Summer: {toan: {Level: H, Mark: mark(6)}}}, HT, HTT, "TOAN.level=H@he TOAN.mark=6@he", 0, school.Summer},
	} {
		f := r.Foresee(4, c.in, false, nil)
		var open []string
		for _, o := range f.Open {
			open = append(open, string(o.Item)+"."+string(o.Field)+"="+o.Value+"@"+string(o.Period))
		}
		if f.Overall != c.overall || f.Next != c.next || strings.Join(open, " ") != c.open || len(f.Unknown) != c.unknown || f.Until != c.until {
			t.Errorf("%s: %s, next %s before %v, %d unknown, until %s", c.name, f.Overall, f.Next, open, len(f.Unknown), f.Until)
		}
	}
}

func TestForesee_NotAssessedHasNoLevel(t *testing.T) {
	r := rules(t)
	f := r.Foresee(4, map[school.Period]map[Item]Entry{school.MidFirst: allBest(r, 4, school.MidFirst)}, true, nil)
	if f.Overall != "" || f.Next != "" || len(f.Unknown) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestForesee_ValueThatTheGradeCannotHave(t *testing.T) {
	r := rules(t)
	f := r.Foresee(2, map[school.Period]map[Item]Entry{school.MidFirst: {Item(school.KhoaHoc): {Level: T}}}, false, nil)
	if f.Overall != "" || !slices.Contains(f.Errors, "KHOA_HOC.not_taught") {
		t.Errorf("%+v", f)
	}
}

func TestForesee_OptionalSubjectOfWhoTakesIt(t *testing.T) {
	r := rules(t)
	in := map[school.Period]map[Item]Entry{school.EndFirst: allBest(r, 4, school.EndFirst)}
	tongue := Item(school.TiengDanToc)
	takes := func(it Item) Use {
		if it == tongue {
			return Required
		}
		return r.use(4, it)
	}
	if f := r.Foresee(4, in, false, takes); len(f.Unknown) != 1 || f.Unknown[0] != (Gap{tongue, FieldLevel}) {
		t.Errorf("unknown: %v", f.Unknown)
	}
	if f := r.Foresee(4, in, false, nil); len(f.Unknown) != 0 {
		t.Errorf("asked of who does not take it: %v", f.Unknown)
	}
}

// TestForesee_AgreesWithTheYearsEnd: with the year-end's values written, what
// is foreseen is what Consolidate computes, for every complete vector.
func TestForesee_AgreesWithTheYearsEnd(t *testing.T) {
	r := rules(t)
	raw, err := os.ReadFile("testdata/consolidation.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		var c struct {
			ID       string `json:"id"`
			Grade    int    `json:"grade"`
			Subjects map[Item]struct {
				Level Level `json:"level"`
				Score *int  `json:"score"`
			} `json:"subjects"`
			Traits   map[Item]Level `json:"traits"`
			Exempt   []Item         `json:"exempt"`
			Expected struct {
				Overall *Overall `json:"overall"`
			} `json:"expected"`
		}
		if json.Unmarshal([]byte(line), &c) != nil || c.Expected.Overall == nil {
			continue
		}
		end := map[Item]Entry{}
		for it, e := range c.Subjects {
			end[it] = Entry{Level: e.Level, Mark: e.Score}
		}
		for it, l := range c.Traits {
			end[it] = Entry{Level: l}
		}
		for _, it := range c.Exempt {
			end[it] = Entry{Exempt: true}
		}
		f := r.Foresee(c.Grade, map[school.Period]map[Item]Entry{school.YearEnd: end}, false, nil)
		if f.Overall != *c.Expected.Overall || len(f.Unknown) != 0 {
			t.Errorf("%s: foreseen %s with %d unknown, want %s", c.ID, f.Overall, len(f.Unknown), *c.Expected.Overall)
		}
		compared++
	}
	if compared < 60 {
		t.Errorf("only %d vectors compared", compared)
	}
}
