package evaluation

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hocba/internal/school"
)

func rules(t interface{ Fatal(...any) }) *RuleSet {
	r, ok := Find("tt27-2020")
	if !ok {
		t.Fatal("rule set tt27-2020 is missing")
	}
	return r
}

func TestEvaluate_AgreesWithEveryVector(t *testing.T) {
	raw, err := os.ReadFile("testdata/consolidation.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Evaluate(bytes.NewReader(raw), &out); err != nil {
		t.Fatal(err)
	}
	type result struct {
		ID      string              `json:"id"`
		Overall *string             `json:"overall"`
		Errors  []string            `json:"errors"`
		Missing []string            `json:"missing"`
		Why     map[string][]string `json:"why"`
	}
	answers := bufio.NewScanner(&out)
	cases := 0
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		cases++
		var c struct {
			ID       string `json:"id"`
			Expected result `json:"expected"`
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		if !answers.Scan() {
			t.Fatalf("%s: no answer", c.ID)
		}
		var got result
		if err := json.Unmarshal(answers.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		c.Expected.ID = c.ID
		if !reflect.DeepEqual(got, c.Expected) {
			t.Errorf("%s: got %s, want %+v", c.ID, answers.Text(), c.Expected)
		}
	}
	if cases != 120 {
		t.Errorf("%d cases, want 120", cases)
	}
}

func mark(n int) *int { return &n }

// best returns a grade's year in which everything is best.
func best(r *RuleSet, grade int) YearEnd {
	y := YearEnd{Grade: grade, Subjects: map[school.Subject]Entry{}, Traits: map[Item]Level{}}
	for _, s := range r.Subjects(grade) {
		if r.Subject(grade, s) == Optional {
			continue
		}
		e := Entry{Level: T}
		if r.MarkAllowed(grade, s, school.YearEnd) {
			e.Mark = mark(10)
		}
		y.Subjects[s] = e
	}
	for _, tr := range r.Traits(grade) {
		if r.Trait(grade, tr) == Required {
			y.Traits[tr] = T
		}
	}
	return y
}

func TestConsolidate_NamesEachError(t *testing.T) {
	r := rules(t)
	tests := []struct {
		name string
		edit func(YearEnd)
		want string
	}{
		{"subject of another grade", func(y YearEnd) { y.Subjects[school.KhoaHoc] = Entry{Level: T} }, "KHOA_HOC.not_taught"},
		{"no subject at all", func(y YearEnd) { y.Subjects["XYZ"] = Entry{} }, "XYZ.not_taught"},
		{"exemption beside a result", func(y YearEnd) { y.Subjects[school.Toan] = Entry{Mark: mark(9), Exempt: true} }, "TOAN.exempt_has_result"},
		{"level of the other scale", func(y YearEnd) { y.Subjects[school.DaoDuc] = Entry{Level: D} }, "DAO_DUC.level"},
		{"mark where no test is", func(y YearEnd) { y.Subjects[school.AmNhac] = Entry{Level: T, Mark: mark(9)} }, "AM_NHAC.score_not_allowed"},
		{"zero", func(y YearEnd) { y.Subjects[school.Toan] = Entry{Level: T, Mark: mark(0)} }, "TOAN.score"},
		{"eleven", func(y YearEnd) { y.Subjects[school.Toan] = Entry{Level: T, Mark: mark(11)} }, "TOAN.score"},
		{"trait not assessed", func(y YearEnd) { y.Traits[NangLucTinHoc] = T }, "NL_TIN_HOC.not_assessed"},
		{"trait level of the other scale", func(y YearEnd) { y.Traits[NhanAi] = H }, "NHAN_AI.level"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			y := best(r, 2)
			tt.edit(y)
			got := r.Consolidate(y)
			want := Outcome{Errors: []string{tt.want}}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestConsolidate_OptionalCountsOnlyWhenGiven(t *testing.T) {
	r := rules(t)
	y := best(r, 1)
	if got := r.Consolidate(y).Overall; got != HTXS {
		t.Fatalf("without optional items: %q", got)
	}
	y.Traits[NangLucKhoaHoc] = D
	y.Subjects[school.TiengDanToc] = Entry{Level: H}
	got := r.Consolidate(y)
	if got.Overall != HT || !reflect.DeepEqual(got.Why[HTT], []string{"NL_KHOA_HOC.level", "TIENG_DAN_TOC.level"}) {
		t.Errorf("with them: %+v", got)
	}
	y.Subjects[school.TiengDanToc] = Entry{Remark: "chăm học"}
	if got := r.Consolidate(y); !reflect.DeepEqual(got.Missing, []string{"TIENG_DAN_TOC.level"}) {
		t.Errorf("studied but without level: %+v", got)
	}
}

func TestConsolidate_PupilNotAssessedMissesNothing(t *testing.T) {
	r := rules(t)
	y := YearEnd{Grade: 4, NotAssessed: true}
	if got := r.Consolidate(y); !got.Complete() || got.Overall != "" {
		t.Errorf("got %+v", got)
	}
	y.Traits = map[Item]Level{NhanAi: "X"}
	if got := r.Consolidate(y); got.Complete() {
		t.Error("a wrong value passed")
	}
}

func TestOutlook_TellsWhatStandsInTheWayOfAnUnfinishedYear(t *testing.T) {
	r := rules(t)
	y := YearEnd{Grade: 4, Subjects: map[school.Subject]Entry{school.Toan: {Level: H, Mark: mark(8)}}}
	got := r.Outlook(y)
	want := map[Overall][]string{HTXS: {"TOAN.level", "TOAN.score"}, HTT: {"TOAN.level"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReplaced_TakesOnlyWhatWasAssessedAgain(t *testing.T) {
	r := rules(t)
	y := best(r, 3)
	y.Subjects[school.Toan] = Entry{Level: C, Mark: mark(3), Remark: "cần cố gắng"}
	if got := r.Consolidate(y).Overall; got != CHT {
		t.Fatalf("before the summer: %q", got)
	}
	after := y.Replaced(YearEnd{Grade: 3, Subjects: map[school.Subject]Entry{school.Toan: {Level: H, Mark: mark(6)}}})
	if got := r.Consolidate(after).Overall; got != HT {
		t.Errorf("after: %q", got)
	}
	if e := after.Subjects[school.Toan]; e.Remark != "cần cố gắng" || *y.Subjects[school.Toan].Mark != 3 {
		t.Errorf("remark or original lost: %+v", e)
	}
}

// TestConsolidate_BetterValuesNeverLowerTheLevel is a law of Điều 9: raising a
// level or a mark cannot worsen the year.
func TestConsolidate_BetterValuesNeverLowerTheLevel(t *testing.T) {
	r := rules(t)
	rank := map[Overall]int{HTXS: 3, HTT: 2, HT: 1, CHT: 0}
	rapid.Check(t, func(t *rapid.T) {
		y := best(r, rapid.IntRange(1, 5).Draw(t, "grade"))
		for s, e := range y.Subjects {
			e.Level = rapid.SampledFrom(Item(s).Scale()).Draw(t, "level")
			if e.Mark != nil {
				e.Mark = mark(rapid.IntRange(1, 10).Draw(t, "mark"))
			}
			y.Subjects[s] = e
		}
		before := r.Consolidate(y)
		s := rapid.SampledFrom(r.Subjects(y.Grade)).Draw(t, "subject")
		e, ok := y.Subjects[s]
		if !ok {
			return
		}
		e.Level = T
		if e.Mark != nil {
			e.Mark = mark(10)
		}
		y.Subjects[s] = e
		after := r.Consolidate(y)
		if rank[after.Overall] < rank[before.Overall] {
			t.Fatalf("%s fell to %s", before.Overall, after.Overall)
		}
	})
}

func TestEvaluate_ReportsBadLinesAndAnswersTheOthers(t *testing.T) {
	in := strings.Join([]string{
		`{"id": "a", "grade": 9}`, ``, `nonsense`, `{"id": 2, "grade": 1} {}`, `[1]`,
		`{"id": "ok", "grade": 1, "subjects": {"TOAN": {"level": 4, "score": 8.5}, "AM_NHAC": {"level": null}}, "traits": {"YEU_NUOC": ["T"]}, "extra": {}}`,
		`{"id": "` + strings.Repeat("x", longestLine) + `"}`,
		"\x00\xff", `{"id": "last", "grade": 2}`,
	}, "\n")
	var out bytes.Buffer
	err := Evaluate(strings.NewReader(in), &out)
	if err == nil {
		t.Fatal("no error")
	}
	for _, n := range []string{"line 1:", "line 3:", "line 4:", "line 5:", "line 7:", "line 8:"} {
		if !strings.Contains(err.Error(), n) {
			t.Errorf("error does not name %s %v", n, err)
		}
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := `{"id":"ok","overall":null,"errors":["TOAN.level","TOAN.score","YEU_NUOC.level"],"missing":[],"why":{}}`
	if len(lines) != 2 || lines[0] != want {
		t.Errorf("answers:\n%s", out.String())
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add([]byte(`{"id":"a","grade":1,"subjects":{"TOAN":{"level":"T","score":9}},"traits":{"YEU_NUOC":"T"},"exempt":["TOAN","?"]}`))
	f.Add([]byte("{\"grade\":1e400}\n\n{{{{\n\"\""))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		_ = Evaluate(bytes.NewReader(in), &out) // must not panic; what it writes is JSON
		for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
			if len(line) > 0 && !json.Valid(line) {
				t.Fatalf("answer is no JSON: %q", line)
			}
		}
	})
}
