package static

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

var tokenPattern = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{6})`)

// tokens reads the colours out of base.css.
func tokens(t *testing.T) map[string]string {
	t.Helper()
	body, err := files.ReadFile("css/base.css")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"white": "#ffffff"}
	for _, m := range tokenPattern.FindAllStringSubmatch(string(body), -1) {
		out[m[1]] = m[2]
	}
	return out
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	channel := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestContrast_OfEveryPairInUse(t *testing.T) {
	colour := tokens(t)
	text := map[string][]string{ // words need 4.5
		"ink":   {"surface", "page", "sunken", "nav", "act-tint", "ok-tint", "wait-tint", "stop-tint", "past-tint"},
		"ink-2": {"surface", "page", "sunken", "nav", "act-tint"},
		"ink-3": {"surface", "page", "sunken"},
		"act":   {"surface", "page", "nav"},
		"act-2": {"surface", "page", "act-tint", "ok-tint", "wait-tint", "stop-tint", "past-tint"},
		"ok":    {"surface", "page", "ok-tint"},
		"wait":  {"surface", "page", "wait-tint", "act-tint"},
		"stop":  {"surface", "page", "stop-tint"},
		"past":  {"surface", "page", "past-tint", "act-tint"},
		"white": {"act", "act-2", "strip", "data"},
	}
	for ink, grounds := range text {
		for _, ground := range grounds {
			if got := contrast(t, colour[ink], colour[ground]); got < 4.5 {
				t.Errorf("%s on %s: %.2f, need 4.5", ink, ground, got)
			}
		}
	}
	shapes := map[string][]string{ // borders of controls and the focus ring need 3
		"control": {"surface", "page"}, "act": {"surface", "page", "sunken", "act-tint"}, "data": {"surface", "track"},
		"ok": {"track"}, "stop": {"track"},
	}
	for shape, grounds := range shapes {
		for _, ground := range grounds {
			if got := contrast(t, colour[shape], colour[ground]); got < 3 {
				t.Errorf("%s on %s: %.2f, need 3", shape, ground, got)
			}
		}
	}
}

var (
	fontSize   = regexp.MustCompile(`font(?:-size)?:[^;{}]*?(\d+)px`)
	rawColour  = regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b`)
	unitlessLH = regexp.MustCompile(`font(?:-size)?:[^;{}]*?(\d+)px/(\d+)px`)
)

func TestSheets_KeepTheHouseRules(t *testing.T) {
	names, err := fs.Glob(files, "css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		body, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sheet := string(body)
		for _, word := range []string{"url(", "@import", "@layer", "letter-spacing: -", "text-transform"} {
			if strings.Contains(sheet, word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
		for _, m := range fontSize.FindAllStringSubmatch(sheet, -1) {
			if n, _ := strconv.Atoi(m[1]); n < 13 {
				t.Errorf("%s: type of %d px; 13 is the smallest", name, n)
			}
		}
		for _, m := range unitlessLH.FindAllStringSubmatch(sheet, -1) {
			size, _ := strconv.ParseFloat(m[1], 64)
			height, _ := strconv.ParseFloat(m[2], 64)
			if height/size < 1.3 {
				t.Errorf("%s: %s; lines under 1.3 cut the marks of Ậ Ễ Ỗ", name, m[0])
			}
		}
		if name == "css/base.css" {
			continue
		}
		for _, c := range rawColour.FindAllString(regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(sheet, ""), -1) {
			if c != "#fff" && c != "#000" && !strings.Contains(c, "notice") {
				t.Errorf("%s: colour %s is no token of base.css", name, c)
			}
		}
		if strings.Count(sheet, "{") != strings.Count(sheet, "}") {
			t.Errorf("%s: braces do not pair", name)
		}
	}
}

func TestBundle_PutsEverySheetInItsLayer(t *testing.T) {
	got, err := bundle(fstest.MapFS{
		"css/zebra.css": {Data: []byte("d { e: f }")}, "css/ui_form.css": {Data: []byte("b { c: d }")}, "css/base.css": {Data: []byte("a { b: c }")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "@layer base,ui,pages;@layer base{a{b:c}}@layer ui{b{c:d}}@layer pages{d{e:f}}"
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSqueeze_LeavesMeaningAlone(t *testing.T) {
	cases := map[string]string{
		"a { b: c; }": "a{b:c}",
		"a  b,\n c > d { width: calc(1px + 2px) }":           "a b,c > d{width:calc(1px + 2px)}",
		"/* x */ a { content: \"  ; } /* y */ \" }":          "a{content:\"  ; } /* y */ \"}",
		"@media (min-width: 9px) and (print) { a { b: c } }": "@media (min-width:9px) and (print){a{b:c}}",
		"a :is(b) { c: d }":                                  "a :is(b){c:d}",
		"a { b: 'it\\'s  x' }":                               "a{b:'it\\'s  x'}",
		"a{b:c}/* open":                                      "a{b:c}",
	}
	for in, want := range cases {
		if got := string(squeeze([]byte(in))); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
}

func ExampleURL() {
	fmt.Println(strings.HasPrefix(URL(Sheet), "/static/app."))
	// Output: true
}
