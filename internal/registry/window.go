package registry

import (
	"time"

	"hocba/internal/bundle"
)

// Window is the time the Sở opened for a year and track, in which schools may
// recall, replace and close (seed Điều 4.3, Điều 6.2). The zero value: never
// opened.
type Window struct {
	Opens time.Time
	Ends  time.Time // first instant that is too late
}

// WindowState says how an instant lies to a Window.
type WindowState string

// The states.
const (
	NotOpen WindowState = "not_open" // never opened, or not yet
	Open    WindowState = "open"
	Over    WindowState = "over" // what was accepted is locked by date
)

// State tells the state at an instant. The end itself is over: "trước ngày
// 30/6" ends with the last instant of 29/6.
func (w Window) State(now time.Time) WindowState {
	switch {
	case w.Ends.IsZero() || now.Before(w.Opens):
		return NotOpen
	case now.Before(w.Ends):
		return Open
	}
	return Over
}

// reason refuses what needs an open window; nil while it is open.
func (w Window) reason(now time.Time) []bundle.Reason {
	switch w.State(now) {
	case NotOpen:
		return []bundle.Reason{reason("registry.time_not_open", bundle.AskAbove)}
	case Over:
		return []bundle.Reason{reason("registry.time_over", bundle.AskAbove, "date", day(w.Ends))}
	}
	return nil
}
