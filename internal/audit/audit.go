// Package audit holds what happened and who looked: events and views, both
// append-only by type, since nothing here can be changed once made. It knows
// no storage. An event names objects by codes and numbers; a child's name,
// a remark or a reason in words never enters it (they stand in the rows the
// event points to, which have their own walls).
package audit

import (
	"maps"
	"regexp"
	"time"

	"hocba/internal/fault"
)

// Who stands behind an event or a view. AccountID and UnitID are 0 for the
// program itself and for strangers. Role is a role's code, or the kind of
// actor ("system", "public").
type Who struct {
	AccountID int64
	UnitID    int64
	Role      string
	RequestID string
}

// Event is one act that changed something. The zero value is no event.
type Event struct {
	who    Who
	at     time.Time
	act    string
	object string
	detail map[string]string
}

// codes are what an event may say: identifiers, codes, numbers, lists of them.
// No blanks, so that nobody's full name fits by accident.
var codes = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:,/+=#-]{0,199}$`)

// New makes an event. object is "kind:id", such as "record:0198…"; detail are
// name, value pairs of codes, pairs with an empty value are left out. It fails
// with Internal audit.event when the act, the time or the object is missing or
// a detail is not a code: the caller must not log words.
func New(who Who, at time.Time, act, object string, detail ...string) (Event, error) {
	e := Event{who: who, at: at, act: act, object: object}
	if !codes.MatchString(act) || !codes.MatchString(object) || at.IsZero() || who.Role == "" || len(detail)%2 != 0 {
		return Event{}, fault.New(fault.Internal, "audit.event", "act", act)
	}
	for i := 0; i < len(detail); i += 2 {
		name, value := detail[i], detail[i+1]
		if value == "" {
			continue
		}
		if !codes.MatchString(name) || !codes.MatchString(value) {
			return Event{}, fault.New(fault.Internal, "audit.event", "act", act, "detail", name)
		}
		if e.detail == nil {
			e.detail = map[string]string{}
		}
		e.detail[name] = value
	}
	return e, nil
}

// IsZero reports whether e is no event.
func (e Event) IsZero() bool { return e.act == "" }

// Who returns who acted.
func (e Event) Who() Who { return e.who }

// At returns when, in business time.
func (e Event) At() time.Time { return e.at }

// Act returns what was done, an action's code.
func (e Event) Act() string { return e.act }

// Object returns what it was done to, "kind:id".
func (e Event) Object() string { return e.object }

// Detail returns a copy of the details, never nil.
func (e Event) Detail() map[string]string {
	if e.detail == nil {
		return map[string]string{}
	}
	return maps.Clone(e.detail)
}

// View is one reading of a child's record or list, or a look-up by a stranger.
// The zero value is no view.
type View struct {
	who    Who
	at     time.Time
	what   string
	object string
}

// NewView makes a view. what is the kind of page, object "kind:id"; the same
// rules as for events.
func NewView(who Who, at time.Time, what, object string) (View, error) {
	if !codes.MatchString(what) || !codes.MatchString(object) || at.IsZero() || who.Role == "" {
		return View{}, fault.New(fault.Internal, "audit.view", "what", what)
	}
	return View{who: who, at: at, what: what, object: object}, nil
}

// IsZero reports whether v is no view.
func (v View) IsZero() bool { return v.what == "" }

// Who returns who looked.
func (v View) Who() Who { return v.who }

// At returns when.
func (v View) At() time.Time { return v.at }

// What returns the kind of page.
func (v View) What() string { return v.what }

// Object returns what was seen, "kind:id".
func (v View) Object() string { return v.object }
