package registry

import (
	"maps"
	"slices"
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/verify"
)

// mostReasons bounds the reasons of one refusal; whoever mends fifty finds the
// rest next time.
const mostReasons = 50

// reason makes a reason without a number; number gives the numbers.
func reason(code string, action bundle.Action, args ...string) bundle.Reason {
	r := bundle.Reason{Code: code, Action: action}
	for i := 0; i+1 < len(args); i += 2 {
		r.Args = append(r.Args, bundle.Argument{Name: args[i], Value: argument(args[i+1])})
	}
	return r
}

// about says which record a reason is about.
func about(record string, r bundle.Reason) bundle.Reason {
	r.Record = record
	return r
}

// argument brings a value, which may come from a hostile file, into what a
// receipt may hold.
func argument(s string) string {
	s = school.Clean(s)
	if r := []rune(s); len(r) > 300 {
		s = strings.TrimSpace(string(r[:299])) + "…"
	}
	return s
}

// number numbers reasons from 1 and cuts a list that is too long.
func number(reasons []bundle.Reason) []bundle.Reason {
	if len(reasons) > mostReasons {
		reasons = reasons[:mostReasons]
	}
	out := slices.Clone(reasons)
	for i := range out {
		out[i].Number = i + 1
	}
	return out
}

// failures are the reasons that a verifier's report gives: one a check that
// failed or could not be decided. action is what mends a failed one.
func failures(report verify.Report, action bundle.Action) []bundle.Reason {
	var out []bundle.Reason
	for _, c := range report.Checks {
		if c.Status != verify.Failed && c.Status != verify.Unknown {
			continue
		}
		mend := action
		switch {
		case c.Code == "registry.seal_not_approved" || c.Code == "cert.untrusted":
			mend = bundle.AskAbove // the authority approves seals and keeps the list of roots
		case c.Status == verify.Unknown:
			mend = bundle.AskAbove
		}
		r := bundle.Reason{Code: c.Code, Action: mend}
		if c.Slot != "" && c.Args["slot"] == "" {
			r.Args = append(r.Args, bundle.Argument{Name: "slot", Value: c.Slot})
		}
		for _, name := range slices.Sorted(maps.Keys(c.Args)) {
			r.Args = append(r.Args, bundle.Argument{Name: name, Value: argument(c.Args[name])})
		}
		out = append(out, r)
	}
	return out
}

// Final reports whether sending the same bytes again can never be answered
// otherwise: accepted, or refused for reasons that lie in the bytes alone.
func Final(reasons []bundle.Reason) bool {
	for _, r := range reasons {
		if r.Action != bundle.Reissue {
			return false
		}
	}
	return true
}

func day(t time.Time) string { return school.DateOf(t).Vietnamese() }
