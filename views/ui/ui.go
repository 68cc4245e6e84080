// Package ui holds the components pages are made of: buttons, badges, banners,
// fields, tables, tabs, progress, verdicts, dialogs. Each is a small struct and
// a templ component over it. The package knows nothing of schools: labels,
// addresses and tones come from the caller. No component writes a style or an
// event attribute; widths of bars are SVG attributes, so the strict content
// security policy holds.
package ui

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"hocba/static"
)

// Tone is one of the status colours. It never stands alone: a Status adds an
// icon and a word.
type Tone string

// The tones.
const (
	Neutral Tone = "neutral" // not begun, not found, cannot be checked: no verdict
	OK      Tone = "ok"      // done, accepted, valid
	Wait    Tone = "wait"    // waits for somebody, look again, not yet locked
	Stop    Tone = "stop"    // refused, late, altered, revoked
	Past    Tone = "past"    // version or history: returned, replaced, recalled, changed
	Busy    Tone = "busy"    // is being worked on now
)

// class returns the class that sets the tone's colours.
func (t Tone) class() string {
	switch t {
	case OK, Wait, Stop, Past, Busy:
		return "is-" + string(t)
	}
	return "is-neutral"
}

// icon returns the icon that belongs to the tone when none is named.
func (t Tone) icon() Icon {
	switch t {
	case OK:
		return IconTick
	case Wait:
		return IconWarn
	case Stop:
		return IconStop
	case Past:
		return IconHistory
	case Busy:
		return IconRing
	}
	return IconDot
}

// Icon names a drawing in static/img/icons.svg.
type Icon string

// The icons. A test compares the list with the sprite.
const (
	IconTick     Icon = "tick"    // done, valid
	IconCheck    Icon = "check"   // a bare tick
	IconWarn     Icon = "warn"    // look again
	IconStop     Icon = "stop"    // refused
	IconClock    Icon = "clock"   // a date, waiting
	IconHistory  Icon = "history" // another version, changed
	IconBack     Icon = "back"    // returned, recalled
	IconLock     Icon = "lock"
	IconPen      Icon = "pen" // signing
	IconPaper    Icon = "paper"
	IconFile     Icon = "file"
	IconDot      Icon = "dot"
	IconRing     Icon = "ring" // a running job; turns
	IconPause    Icon = "pause"
	IconPlay     Icon = "play"
	IconHome     Icon = "home"
	IconGrid     Icon = "grid"
	IconHeart    Icon = "heart"
	IconStar     Icon = "star" // commendation
	IconChart    Icon = "chart"
	IconUpload   Icon = "upload"
	IconDownload Icon = "download"
	IconCalendar Icon = "calendar"
	IconPeople   Icon = "people"
	IconPerson   Icon = "person"
	IconShield   Icon = "shield" // certificates
	IconKey      Icon = "key"
	IconBuilding Icon = "building"
	IconBook     Icon = "book"
	IconStamp    Icon = "stamp" // the school's seal
	IconSend     Icon = "send"
	IconBell     Icon = "bell"
	IconSearch   Icon = "search"
	IconMenu     Icon = "menu"
	IconClose    Icon = "close"
	IconDown     Icon = "down"
	IconSwap     Icon = "swap"
	IconExit     Icon = "exit"
	IconQR       Icon = "qr"
	IconSettings Icon = "settings"
	IconEye      Icon = "eye"
)

// href returns the address of the drawing inside the sprite.
func (i Icon) href() string { return static.URL("img/icons.svg") + "#" + string(i) }

// Status is a word with its tone and icon: what a badge or an inline status says.
type Status struct {
	Tone Tone
	Word string
	Icon Icon // empty: the tone's own
}

func (s Status) icon() Icon {
	if s.Icon != "" {
		return s.Icon
	}
	return s.Tone.icon()
}

// Kind is the weight of a button.
type Kind string

// The kinds of button. A page has at most one primary.
const (
	Plain   Kind = ""
	Primary Kind = "primary"
	Grave   Kind = "grave" // cannot be taken back easily; its label names whom it concerns
	Quiet   Kind = "quiet"
)

// Action is something a person can do: a link, a button inside a form, or a
// form of its own. With URL and no Method it is a link; with Method (POST,
// PUT, DELETE) it becomes a form of one button; without URL it is a submit
// button of the form around it.
type Action struct {
	Label    string
	URL      string
	Method   string // "" (link), http.MethodPost, http.MethodPut, http.MethodDelete
	Kind     Kind
	Icon     Icon
	Small    bool   // 30 px, inside a row
	Full     bool   // as wide as its place
	Disabled bool   // grey; Reason must say why
	Reason   string // stands in words under a disabled button
	ID       string
	Name     string // of a submit button
	Value    string
	Fields   []Hidden         // hidden fields of a form of one button
	Hint     string           // more of the name for people who do not see the row: "Mở ô – Lê Khánh Duy"
	NewTab   bool             // a link that opens beside the page and says so
	Dialog   bool             // a link whose page opens as a dialog when there is script
	Attrs    templ.Attributes // htmx attributes; never style or on…
}

// Hidden is a hidden field.
type Hidden struct{ Name, Value string }

func (a Action) class() string {
	c := []string{"button"}
	if a.Kind != Plain {
		c = append(c, string(a.Kind))
	}
	if a.Small {
		c = append(c, "small")
	}
	if a.Full {
		c = append(c, "full")
	}
	return strings.Join(c, " ")
}

func (a Action) reasonID() string {
	if a.ID == "" || a.Reason == "" {
		return ""
	}
	return a.ID + "-reason"
}

// form reports whether the action needs a form of its own, and the value of the
// _method field for methods a browser's form does not know.
func (a Action) form() (needed bool, method string) {
	switch a.Method {
	case "", http.MethodGet:
		return false, ""
	case http.MethodPost:
		return true, ""
	}
	return true, a.Method
}

// dialogAttrs loads the link's page into the dialog place of the frame.
func (a Action) dialogAttrs() templ.Attributes {
	if !a.Dialog {
		return nil
	}
	return templ.Attributes{"hx-get": a.URL, "hx-target": "#dialog", "hx-swap": "innerHTML"}
}

// Notice is a banner: what happened, then what is kept and where to go.
type Notice struct {
	Tone   Tone
	Icon   Icon // empty: the tone's own
	Title  string
	Text   string
	ID     string
	Alert  bool    // read out at once: something the person must mend
	Action *Action // at the right end; may be nil
}

func (n Notice) icon() Icon { return Status{Tone: n.Tone, Icon: n.Icon}.icon() }

// Fact is a name and a value.
type Fact struct {
	Name  string
	Value string
	Code  bool // a look-up code: fixed width, never broken
	Soft  bool // not bold
}

// Line is one line of a list of conditions: status, words, a second line.
type Line struct {
	Status Status // Word is read before the text by screen readers
	Text   string
	Strong string // bold words before the text
	More   string // second line: the owner, the date
	Link   *Link
}

// Link is a name and where it leads.
type Link struct{ Label, URL string }

// number writes an integer the Vietnamese way: 61.870.
func number(n int) string {
	s := fmt.Sprint(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	if neg {
		return "–" + s
	}
	return s
}

// Number writes an integer with dots between the thousands, as in 61.870.
func Number(n int) string { return number(n) }

// percent returns part of total as a whole percentage. It never rounds up to
// 100 what is not complete, nor down to 0 what has begun.
func percent(part, total int) int {
	if total <= 0 || part <= 0 {
		return 0
	}
	if part >= total {
		return 100
	}
	p := (part*200 + total) / (2 * total)
	return min(max(p, 1), 99)
}

// width writes part of total as an SVG length in per cent.
func width(part, total int) string {
	if total <= 0 || part <= 0 {
		return "0"
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", 100*float64(min(part, total))/float64(total)), "0"), ".") + "%"
}

// rest is what follows the strong words: after a blank, unless it begins with a
// comma or full stop.
func (l Line) rest() string {
	if l.Text == "" || strings.HasPrefix(l.Text, ",") || strings.HasPrefix(l.Text, ".") {
		return l.Text
	}
	return " " + l.Text
}
