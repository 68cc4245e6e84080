// Package bench measures what was asked of the program's speed and weight, each
// figure beside a bare baseline of the same work taken in turns with it in the
// same run, so that a busy machine hits both. `make bench` prints the table:
// "missed" is a word in it, never a failing test. Without BENCH=1 every
// measurement is only gone through once, on a small class, so that none rots.
//
// A new figure is one more line added by one of the scenarios, or a scenario of
// its own:
//
//	r.add(line{what: "…", got: ms(product.p50()), beside: "…", base: ms(bare.p50()), asked: []limit{atMost(3)}})
package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"hocba/db/dbtest"
)

// measuring tells a run for the table from one of the tests.
var measuring = os.Getenv("BENCH") != ""

func TestMain(m *testing.M) {
	if measuring {
		dbtest.MainDurable(m)
	}
	dbtest.Main(m)
}

// scenarios are measured in this order, each over a database of its own.
var scenarios = []struct {
	name    string
	measure func(r *run)
}{
	{"saving cells", measureSaves},
	{"pasting", measurePaste},
	{"autosaving", measureAutosave},
	{"pages", measurePages},
	{"imports", measureImports},
	{"a larger year", measureYear},
	{"a larger province", measureProvince},
	{"intake", measureIntake},
	{"signing", measureSigning},
	{"a principal's batch", measureBatch},
	{"paper", measurePaper},
}

// run is one scenario under way.
type run struct {
	*testing.T
	effort
	table *table
	class func() *sentClass // made at first need, for all scenarios
}

// add keeps a figure for the table, and says it at once: whoever stops a run has
// what was measured until then.
func (r *run) add(l line) {
	r.table.lines = append(r.table.lines, l)
	if measuring {
		fmt.Fprintln(os.Stderr, l)
	}
}

// usually is how long the whole takes on a quiet machine with two processors,
// and spare what is left undone at the end for the table to be printed in time.
const (
	usually = 3 * time.Minute
	spare   = 45 * time.Second
)

// chosen reports whether a scenario is to be measured: all of them, or those
// whose name holds ONLY.
func chosen(name string) bool { return strings.Contains(name, os.Getenv("ONLY")) }

// effort is how much is done for a figure.
type effort struct {
	pupils int           // of the class
	rounds int           // in which product and baseline take turns
	slice  time.Duration // of one turn, where a turn has no size of its own
}

func TestBench(t *testing.T) {
	e := effort{pupils: 8, rounds: 1, slice: 10 * time.Millisecond}
	if measuring {
		e = effort{pupils: 35, rounds: 12, slice: 400 * time.Millisecond}
	}
	var all table
	class := sync.OnceValue(func() *sentClass { return sendClass(t, e.pupils) })
	busy := load()
	if measuring {
		fmt.Fprintf(os.Stderr, "measuring, %v in all on a quiet machine; load now %s; each figure as soon as it is known\n", usually, busy)
	}
	end, bounded := t.Deadline()
	for _, s := range scenarios {
		if !chosen(s.name) {
			continue
		}
		if bounded && time.Until(end) < spare {
			all.lines = append(all.lines, line{what: s.name, why: "no time was left"})
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			begin := time.Now()
			s.measure(&run{T: t, effort: e, table: &all, class: class})
			if measuring {
				fmt.Fprintf(os.Stderr, "  (%s: %.0f s)\n", s.name, time.Since(begin).Seconds())
			}
		})
	}
	if measuring {
		fmt.Printf("\n%d processors for product, baseline, PostgreSQL (fsync on), Chromium and whoever calls; load before: %s\n\n%s\n",
			runtime.NumCPU(), busy, all.String())
	}
}

// load is how busy the machine was with other work, over the last minute: more
// than a little, and only the ratios mean anything.
func load() string {
	said, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(said), " ")
	return minute
}
