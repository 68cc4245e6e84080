package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hocba/internal/school"
	"hocba/internal/workflow"
)

func TestMessage_FillsPlaceholders(t *testing.T) {
	cases := []struct {
		code string
		args map[string]string
		want string
	}{
		{"throttle.wait", map[string]string{"minutes": "15"}, "Đã thử quá nhiều lần. Đợi 15 phút rồi thử lại."},
		{"cell.level", map[string]string{"levels": "T, H hoặc C", "value": "{levels}"}, "Ghi T, H hoặc C, không nhận “{levels}”."},
		{"throttle.wait", nil, "Đã thử quá nhiều lần. Đợi phút rồi thử lại."},
	}
	for _, c := range cases {
		if got := Message(c.code, c.args); got != c.want {
			t.Errorf("%s: got %q, want %q", c.code, got, c.want)
		}
	}
}

func TestMessage_UnknownCodeStaysNeutral(t *testing.T) {
	got := Message("pq.23505", map[string]string{"table": "entry"})
	if got != neutral || strings.Contains(got, "pq") {
		t.Errorf("got %q", got)
	}
	if Known("pq.23505") || !Known("page.unknown") {
		t.Error("Known is wrong")
	}
}

// Every table of this package that ends in "Messages" must be in tables: a
// table nobody lists would leave its codes without words.
func TestTables_NoneIsForgotten(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	listed, found := map[string]bool{}, []string{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for _, name := range n.Names {
					if strings.HasSuffix(name.Name, "Messages") {
						found = append(found, name.Name)
					}
				}
			case *ast.CompositeLit: // var tables = []map[string]string{…}
				for _, el := range n.Elts {
					if id, ok := el.(*ast.Ident); ok {
						listed[id.Name] = true
					}
				}
			case *ast.CallExpr: // append(tables, …)
				for _, arg := range n.Args {
					if id, ok := arg.(*ast.Ident); ok {
						listed[id.Name] = true
					}
				}
			}
			return true
		})
	}
	for _, name := range found {
		if !listed[name] {
			t.Errorf("%s is not in tables (words.go)", name)
		}
	}
	if len(found) < 4 || !listed["messages"] {
		t.Errorf("found only %v, listed %v", found, listed)
	}
}

func TestTables_TellEachCodeOnceAndWell(t *testing.T) {
	code := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)
	braces := regexp.MustCompile(`\{[a-z_]+\}`)
	seen := map[string]bool{}
	for _, table := range tables {
		for key, text := range table {
			if seen[key] {
				t.Errorf("%s is told twice", key)
			}
			seen[key] = true
			if !code.MatchString(key) {
				t.Errorf("%q is no code", key)
			}
			if text == "" || !norm.NFC.IsNormalString(text) || strings.TrimSpace(text) != text {
				t.Errorf("%s: empty, not NFC or with blanks at the ends: %q", key, text)
			}
			if rest := braces.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
				t.Errorf("%s: braces that are no placeholder: %q", key, text)
			}
			for _, lazy := range []string{"Có lỗi xảy ra", "Vui lòng thử lại", "  "} {
				if strings.Contains(text, lazy) {
					t.Errorf("%s says %q", key, lazy)
				}
			}
		}
	}
}

func TestLabels_ExistForEveryCodeOfTheDomain(t *testing.T) {
	for _, r := range workflow.Roles {
		if Role(r) == "–" {
			t.Errorf("role %s has no label", r)
		}
	}
	for _, s := range workflow.Stages {
		if Stage(s) == "–" {
			t.Errorf("stage %s has no label", s)
		}
	}
	for _, d := range workflow.Duties {
		if Duty(d) == "–" {
			t.Errorf("duty %s has no label", d)
		}
	}
	for _, p := range append([]school.Period{school.Summer}, school.Periods...) {
		if Period(p) == "–" || PeriodShort(p) == "–" {
			t.Errorf("period %s has no label", p)
		}
	}
	for _, k := range []school.UnitKind{school.Ministry, school.Department, school.District, school.Commune, school.School} {
		if UnitKind(k) == "–" {
			t.Errorf("unit kind %s has no label", k)
		}
	}
	for _, b := range []school.BookKind{school.Digital, school.Paper} {
		if BookKind(b) == "–" {
			t.Errorf("book kind %s has no label", b)
		}
	}
	if Role("root") != "–" {
		t.Error("an unknown code must not reach a page")
	}
}

func TestLevels_DifferByScale(t *testing.T) {
	if SubjectLevel("C") != "Chưa hoàn thành" || TraitLevel("C") != "Cần cố gắng" || TraitLevel("Đ") != "Đạt" || SubjectLevel("Đ") != "–" {
		t.Error("the two scales are mixed up")
	}
}

func TestVerdict_NeverSaysValidByMistake(t *testing.T) {
	for v := range verdicts {
		if VerdictMeaning(v) == "" || Verdict(v, map[string]string{"date": "06/07/2026", "version": "3"}) == "" {
			t.Errorf("%s has no words", v)
		}
	}
	if got := Verdict("hacked", nil); got != verdicts["unchecked"] || VerdictMeaning("hacked") != meanings["unchecked"] {
		t.Errorf("unforeseen verdict: %q", got)
	}
	if got, want := Verdict("replaced", map[string]string{"date": "06/07/2026", "version": "3"}), "Đã thay thế bằng bản\u00a03 ngày\u00a006/07/2026"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
