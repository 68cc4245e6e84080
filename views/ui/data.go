package ui

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"
)

// Column is a head of a table.
type Column struct {
	Label  string
	Num    bool // numbers, to the right
	Centre bool
	Fit    bool // as narrow as its content
	Hidden bool // the label is only read out: a column of links
}

func (c Column) class() string {
	switch {
	case c.Num:
		return "num"
	case c.Centre:
		return "centre"
	case c.Fit:
		return "fit"
	}
	return ""
}

// Grid describes a table; its rows are the children of Table. Rows are written
// by the page: <tr><th scope="row">…</th><td class="num">…</td></tr>.
type Grid struct {
	ID          string
	Caption     string // always there for screen readers
	ShowCaption bool
	Columns     []Column
	Folds       bool            // rows become cards on a phone; cells carry data-label
	Foot        templ.Component // the hint line at the foot: count, next page; may be nil
}

// Tab is a period or another view of the same thing.
type Tab struct {
	Label   string
	Short   string // below 900 px; empty: Label
	URL     string
	Current bool
	Locked  bool // closed: shows a lock and says so
}

// Meter is the progress of a long act.
type Meter struct {
	ID      string
	Done    int
	Failed  int
	Total   int
	Strong  string // "19/35 em đã xử lý"
	Text    string // "17 đã ký · 2 chưa ký được · còn khoảng 15 giây"
	Hint    string
	Actions []Action
	Attrs   templ.Attributes // htmx polling while it runs: {"hx-get": …, "hx-trigger": "every 2s", "hx-swap": "outerHTML"}
}

func (m Meter) label() string {
	s := fmt.Sprintf("%s xong, %s vướng, trong %s", number(m.Done), number(m.Failed), number(m.Total))
	return s
}

// Step is one of the numbered steps of a long act.
type Step struct {
	Status  Status
	More    string
	Current bool
}

// Filter narrows a table; Count stands behind its label.
type Filter struct {
	Label   string
	URL     string
	Count   int
	Tone    Tone // Neutral without icon: "Tất cả"
	Icon    Icon
	Current bool
}

// Tally is a count of one kind in a result that must be looked at.
type Tally struct {
	Count  int
	Status Status
	More   string
}

// Station is one stage of the chain with its count. Unknown means that nobody
// told us: it shows "–".
type Station struct {
	Label   string
	Count   int
	Unknown bool
}

// FunnelOf is a funnel: stations in the order of the chain against a total.
type FunnelOf struct {
	Caption  string
	Total    int
	Stations []Station
	Strong   string // bold words before the note: "Chỗ hẹp nhất:"
	Note     string // the narrowest place in words
}

// inside reports whether the bar is long enough to hold the share, on a phone too.
func (f FunnelOf) inside(s Station) bool { return percent(s.Count, f.Total) >= 30 }

func share(part, total int) string { return strconv.Itoa(percent(part, total)) + "\u00a0%" }

// Percent writes part of total as "92 %", with a no-break space. Never 100 for
// what is not complete, never 0 for what has begun.
func Percent(part, total int) string { return share(part, total) }

// Pages is where one stands in a list that goes on.
type Pages struct {
	Text     string // "TH Ánh Dương dùng phần mềm khác…", "Đang hiện 11 trong 35 em."
	Page     int
	Last     int
	Previous string // address; empty on the first page
	Next     string // address; empty on the last page
}

// Answer is the verdict of the public page: one sentence with its date, one
// sentence of meaning.
type Answer struct {
	Tone  Tone
	Icon  Icon
	Title string
	Text  string
}

func (a Answer) icon() Icon { return Status{Tone: a.Tone, Icon: a.Icon}.icon() }

// Check is a named check of a verdict, with what was looked at.
type Check struct {
	Status Status // Word is read before the name: "đạt", "không đạt"
	Name   string
	Result string
	More   string // opens below; empty: nothing to open
	// Reference is what people read out when they ask about it, shown below More.
	Reference string
}

// Blank is a page or sheet with nothing in it yet: why, what is ready, what is
// missing, the next step.
type Blank struct {
	Icon    Icon
	Tone    Tone
	Title   string
	Text    string
	Lines   []Line
	Actions []Action
}

// Modal is a dialog: a question that needs two answers. Alone on a page it is
// the same content in a sheet, for browsers without script.
type Modal struct {
	ID    string
	Title string
	Lead  string // the consequence, in one sentence
	Back  string // where "Thôi" and the cross lead
	Page  bool   // a page of its own: no dialog element
}

func (m Modal) titleID() string { return m.ID + "-title" }

// Panel is the panel beside a grid: one pupil.
type Panel struct {
	ID    string
	Title string
	Hint  string
	Close string // where the cross leads; empty: no cross
}

// funnelLabel is what a screen reader says of a bar.
func funnelLabel(f FunnelOf, s Station) string {
	if s.Unknown {
		return "chưa có số"
	}
	return share(s.Count, f.Total)
}
