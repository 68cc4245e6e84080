package bench

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
)

// figure is a measured value with its unit; the zero figure was not measured.
type figure struct {
	value float64
	unit  string
}

func ms(v float64) figure        { return figure{v, "ms"} }
func perSecond(v float64) figure { return figure{v, "/s"} }
func count(n int) figure         { return figure{float64(n), ""} }

// kilobytes has 1,000 bytes to the KB.
func kilobytes(n int) figure { return figure{float64(n) / 1000, "KB"} }

func (f figure) String() string {
	if f == (figure{}) {
		return "–"
	}
	return strings.TrimSpace(number(f.value) + " " + f.unit)
}

// number shows three digits, more only before the point.
func number(v float64) string {
	switch {
	case v == float64(int(v)), v >= 100:
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func thousands(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// limit is what was asked of a figure, or of its ratio to the baseline.
type limit struct {
	bound float64
	least bool
	ratio bool
}

func atMost(v float64) limit       { return limit{bound: v} }
func atLeast(v float64) limit      { return limit{bound: v, least: true} }
func ratioAtLeast(v float64) limit { return limit{bound: v, least: true, ratio: true} }
func ratioAtMost(v float64) limit  { return limit{bound: v, ratio: true} }

func (l limit) met(v float64) bool {
	if l.least {
		return v >= l.bound
	}
	return v <= l.bound
}

func (l limit) show(unit string) string {
	sign := "≤ "
	if l.least {
		sign = "≥ "
	}
	if l.ratio {
		return sign + number(l.bound) + " ×"
	}
	return sign + figure{l.bound, unit}.String()
}

// line is one row of the table.
type line struct {
	what   string
	got    figure
	beside string // what it is compared with
	base   figure // measured of that, in the same unit
	asked  []limit
	why    string // there is no figure
}

// ratio is the figure in times of the baseline's; 0 without both.
func (l line) ratio() float64 {
	if l.got.unit != l.base.unit || l.base.value == 0 {
		return 0
	}
	return l.got.value / l.base.value
}

// verdict is "met" when every limit is kept, and empty when nothing was asked.
func (l line) verdict() string {
	switch {
	case l.why != "":
		return "missed: " + l.why
	case len(l.asked) == 0:
		return ""
	}
	for _, a := range l.asked {
		v := l.got.value
		if a.ratio {
			v = l.ratio()
		}
		if !a.met(v) {
			return "missed"
		}
	}
	return "met"
}

// limits are what was asked, in words.
func (l line) limits() string {
	var out []string
	for _, a := range l.asked {
		out = append(out, a.show(l.got.unit))
	}
	return strings.Join(out, ", ")
}

// String is a line alone, as it is said when it has been measured.
func (l line) String() string {
	out := l.what + ": " + l.got.String()
	if r := l.ratio(); r > 0 {
		out += ", " + number(r) + " × of " + l.beside + " (" + l.base.String() + ")"
	}
	if asked := l.limits(); asked != "" {
		out += "; asked " + asked + ": " + l.verdict()
	}
	return out
}

// table is what `make bench` prints.
type table struct{ lines []line }

func (t table) String() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tmeasured\tbeside\tmeasured\tratio\tasked\t")
	met, asked := 0, 0
	for _, l := range t.lines {
		ratio := "–"
		if r := l.ratio(); r > 0 {
			ratio = number(r) + " ×"
		}
		verdict := l.verdict()
		if verdict != "" {
			asked++
		}
		if verdict == "met" {
			met++
		}
		fmt.Fprintln(w, strings.Join([]string{l.what, l.got.String(), l.beside, l.base.String(), ratio, l.limits(), verdict}, "\t"))
	}
	w.Flush()
	fmt.Fprintf(&out, "\n%d of %d met\n", met, asked)
	return out.String()
}

func TestTable_SaysWhatIsMetAndWhatMissed(t *testing.T) {
	t.Parallel()
	save := line{what: "save", got: perSecond(1234.4), beside: "bare", base: perSecond(5000), asked: []limit{atLeast(1000), ratioAtLeast(0.2)}}
	slow := line{what: "page", got: ms(5.01), beside: "sign-in", base: ms(0.5), asked: []limit{atMost(5)}}
	poor := line{what: "intake", got: perSecond(99), beside: "bare", base: perSecond(200), asked: []limit{ratioAtLeast(0.5)}}
	none := line{what: "paper", why: "no Chromium", asked: []limit{atMost(2000)}}
	plain := line{what: "raw", got: kilobytes(38_250)}
	got := table{[]line{save, slow, poor, none, plain}}.String()
	want := []string{
		"what measured beside measured ratio asked",
		"save 1,234 /s bare 5,000 /s 0.25 × ≥ 1,000 /s, ≥ 0.20 × met",
		"page 5.01 ms sign-in 0.50 ms 10.0 × ≤ 5 ms missed",
		"intake 99 /s bare 200 /s 0.49 × ≥ 0.50 × missed",
		"paper – – – ≤ 2,000 missed: no Chromium",
		"raw 38.2 KB – –",
		"", "1 of 4 met", "",
	}
	if alone := save.String(); alone != "save: 1,234 /s, 0.25 × of bare (5,000 /s); asked ≥ 1,000 /s, ≥ 0.20 ×: met" {
		t.Errorf("a line alone: %s", alone)
	}
	lines := strings.Split(got, "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("table\n%s", got)
	}
}
